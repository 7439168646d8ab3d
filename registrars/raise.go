package registrars

import (
	"errors"
	"strings"
)

// Errors makes the errors of a plug-in; its value is the plug-in's name. For anything more,
// a plug-in fills in an Error itself.
type Errors string

// Invalid says that a request breaks a rule, either the registrar's or our own.
func (e Errors) Invalid(call, field, rule string) error {
	return &Error{Registrar: string(e), Call: call, Class: ClassInvalid, Field: field, Rule: rule}
}

// Unserved says that the plug-in does not serve requests of this kind.
func (e Errors) Unserved(call string) error { return e.Invalid(call, "kind", "is not served") }

// NoAnswer says that a call got no readable answer. changed says that the call may have
// changed something nevertheless: its outcome is then unknown; otherwise it may be repeated.
func (e Errors) NoAnswer(call string, changed bool, err error) *Error {
	class := ClassTemporary
	if changed {
		class = ClassOutcomeUnknown
	}
	return &Error{Registrar: string(e), Call: call, Class: class, Err: err}
}

// UnknownOutcome says why an answer does not tell whether the request was carried out.
func (e Errors) UnknownOutcome(call, why string) error {
	return e.NoAnswer(call, true, errors.New(why))
}

// AsError returns the *Error in an error's chain, if there is one.
func AsError(err error) (*Error, bool) { return errors.AsType[*Error](err) }

// Join returns one error for several, of which some may be nil; nil if all are. Check joins
// the rules that one request breaks, so that a caller learns all of them at once. Its class
// is that of the first.
func Join(all ...error) error {
	var together joined
	for _, err := range all {
		if more, ok := err.(joined); ok { //nolint:errorlint // made here
			together = append(together, more...)
		} else if err != nil {
			together = append(together, err)
		}
	}
	switch len(together) {
	case 0:
		return nil
	case 1:
		return together[0]
	}
	return together
}

type joined []error

// Error returns the texts in one line.
func (j joined) Error() string {
	texts := make([]string, len(j))
	for n, err := range j {
		texts[n] = err.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns all errors.
func (j joined) Unwrap() []error { return j }

// Reasons returns every *Error that an error is, wraps or joins.
func Reasons(err error) []*Error {
	switch e := err.(type) { //nolint:errorlint // goes through the tree itself
	case nil:
		return nil
	case *Error:
		return []*Error{e}
	case interface{ Unwrap() []error }:
		var all []*Error
		for _, one := range e.Unwrap() {
			all = append(all, Reasons(one)...)
		}
		return all
	case interface{ Unwrap() error }:
		return Reasons(e.Unwrap())
	}
	return nil
}
