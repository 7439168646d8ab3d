package registrars

import (
	"errors"
	"fmt"
	"time"
)

// Class says what kind of trouble an error is. The registrars own the classes; Operations
// and Billing errors are mapped to the same set. One table, activities.BehaviourOf, decides
// what happens for each class.
//
//	class             what it means                                  what follows
//	invalid           the request breaks a rule: field and rule      a person corrects it
//	unavailable       the name cannot be had                         a person decides
//	rejected          refused by policy of registrar or registry     a person decides
//	conflict          it exists and belongs to somebody else         a person decides
//	auth              our credentials or rights are refused          configuration is corrected
//	balance           the account lacks funds                        a person pays in
//	price             it costs more than it may                      a person accepts the price
//	not found         the object that was asked for does not exist   a person decides
//	rate limited      too fast; After says how long to wait          retried after that
//	temporary         not reached, or refused for now                retried with backoff
//	outcome unknown   it may or may not have happened                looked for, never repeated blindly
type Class string

// The classes.
const (
	ClassInvalid        Class = "invalid"
	ClassUnavailable    Class = "unavailable"
	ClassRejected       Class = "rejected"
	ClassConflict       Class = "conflict"
	ClassAuth           Class = "auth"
	ClassBalance        Class = "balance"
	ClassPrice          Class = "price"
	ClassNotFound       Class = "not-found"
	ClassRateLimited    Class = "rate-limited"
	ClassTemporary      Class = "temporary"
	ClassOutcomeUnknown Class = "outcome-unknown"
)

// Classes lists every class, in the order of the table.
func Classes() []Class {
	return []Class{
		ClassInvalid, ClassUnavailable, ClassRejected, ClassConflict, ClassAuth, ClassBalance, ClassPrice,
		ClassNotFound, ClassRateLimited, ClassTemporary, ClassOutcomeUnknown,
	}
}

// Error is the error of a call to a registrar.
type Error struct {
	// Registrar is the plug-in's name, and Call the call that failed, as the registrar names
	// it.
	Registrar, Call string
	Class           Class
	// Code is the registrar's own code, if any.
	Code string
	// Refused says that the registrar has looked at the request and refuses it for a reason
	// that should pass, such as a zone that is not served yet or a change in progress. Rule
	// names the reason. Refused goes with ClassTemporary and ClassRateLimited. Such a request
	// is given up if the reason does not pass for a long time; for a registrar that cannot be
	// reached or cannot tell, the wait has no limit.
	Refused bool
	// Field names what broke the rule that Rule describes, for ClassInvalid.
	Field, Rule string
	// Detail is the registrar's text, for the person who repairs the order. It may quote what
	// we sent, so the method Error leaves it out.
	Detail string
	// After is how long to wait, for ClassRateLimited and ClassTemporary; zero
	// leaves it to the caller.
	After time.Duration
	Err   error
}

// Error returns plug-in, call, class, code, field, rule and cause, never the registrar's
// free text.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %s: %s", e.Registrar, e.Call, e.Class)
	if e.Code != "" {
		text += " " + e.Code
	}
	if e.Field != "" {
		text += ": " + e.Field
	}
	if e.Rule != "" {
		text += ": " + e.Rule
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns Err, the cause.
func (e *Error) Unwrap() error { return e.Err }

// ClassOf returns the class of an error, or ClassOutcomeUnknown for an error
// without one: what cannot be classified must not be repeated blindly.
func ClassOf(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return ClassOutcomeUnknown
}
