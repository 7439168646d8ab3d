package activities

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"

	"domainprovisioning/billing"
	"domainprovisioning/operations"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/vault"
)

// Behaviour is what Temporal does with an error of a class.
type Behaviour struct {
	// Retry says that the activity is retried without limit. Otherwise the error is
	// permanent and the workflow parks the order for a person.
	Retry bool
	// Delay overrides the policy's backoff before the next try; zero leaves it.
	Delay time.Duration
	// Benign marks expected noise: the SDK neither counts it as a failure nor logs it as one.
	Benign bool
}

// BehaviourOf is the table that maps error classes to Temporal's behaviour.
func BehaviourOf(class registrars.Class) Behaviour {
	switch class {
	case registrars.ClassTemporary:
		return Behaviour{Retry: true}
	case registrars.ClassRateLimited:
		return Behaviour{Retry: true, Delay: time.Minute, Benign: true}
	case registrars.ClassOutcomeUnknown:
		// The next try looks before it does anything.
		return Behaviour{Retry: true}
	default:
		return Behaviour{}
	}
}

// Trouble travels with the error of an activity, for the person who repairs the order.
// Detail quotes the outside system and may hold personal data, so it is kept out of the
// message, which is logged.
type Trouble struct {
	Class registrars.Class `json:"class"`
	// Detail reaches no history: Quotes replaces it by Reference. Histories of older releases
	// have it.
	Detail    string `json:"detail,omitempty"`
	Reference string `json:"reference,omitempty"`
	// Said is the beginning of Detail, where histories are sealed: it is for the Web UI, and no part
	// of what programs and people without the scope operate are told.
	Said string `json:"said,omitempty"`
	// Message is the error's own message, where Temporal would show it in plain text; see FastLane.
	Message string `json:"message,omitempty"`
	// Unreadable says that we could not read the reply or build the request, which seldom
	// passes by itself.
	Unreadable bool `json:"unreadable,omitempty"`
}

// fail turns an error into one that Temporal acts on. Its type is the class, its message
// is free of personal data, and a Trouble is attached.
func fail(err error) error {
	if err == nil {
		return nil
	}
	if _, done := errors.AsType[*temporal.ApplicationError](err); done {
		return err
	}
	class, detail, after := classify(err)
	behaviour := BehaviourOf(class)
	if after == 0 {
		after = behaviour.Delay
	}
	options := temporal.ApplicationErrorOptions{
		NonRetryable:   !behaviour.Retry,
		NextRetryDelay: after,
		Details:        []any{Trouble{Class: class, Detail: detail, Unreadable: unreadable(err)}},
	}
	if behaviour.Benign {
		options.Category = temporal.ApplicationErrorCategoryBenign
	}
	return temporal.NewApplicationErrorWithOptions(err.Error(), string(class), options)
}

// refuse makes a permanent error with our own text.
func refuse(class registrars.Class, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	return temporal.NewApplicationErrorWithOptions(text, string(class), temporal.ApplicationErrorOptions{
		NonRetryable: true,
		Details:      []any{Trouble{Class: class, Detail: text}},
	})
}

// again makes an error with our own text that is retried after a while.
func again(class registrars.Class, after time.Duration, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	return later(after, text, Trouble{Class: class, Detail: text})
}

// postpone turns an error into one that is retried after a while.
func postpone(cause error, after time.Duration) error {
	class, detail, _ := classify(cause)
	return later(after, cause.Error(), Trouble{Class: class, Detail: detail, Unreadable: unreadable(cause)})
}

func later(after time.Duration, text string, trouble Trouble) error {
	return temporal.NewApplicationErrorWithOptions(text, string(trouble.Class), temporal.ApplicationErrorOptions{
		NextRetryDelay: after,
		Category:       temporal.ApplicationErrorCategoryBenign,
		Details:        []any{trouble},
	})
}

// unreadable reports whether the error says that we could not read a reply or build a
// request.
func unreadable(err error) bool {
	marked, ok := errors.AsType[interface {
		error
		Unreadable() bool
	}](err)
	return ok && marked.Unreadable()
}

// isErased reports whether an error says that the order was erased.
func isErased(err error) bool {
	_, erased := errors.AsType[*store.ErasedError](err)
	return erased
}

// classify maps every error to its class, a text for a person, and the time to wait.
func classify(err error) (class registrars.Class, detail string, after time.Duration) {
	if e, ok := errors.AsType[*registrars.Error](err); ok {
		return e.Class, e.Detail, e.After
	}
	if class, detail, ok := classifyOperations(err); ok {
		return class, detail, 0
	}
	if class, detail, ok := classifyBilling(err); ok {
		return class, detail, 0
	}
	switch {
	case operations.OutcomeUnknown(err), billing.OutcomeUnknown(err):
		return registrars.ClassOutcomeUnknown, "", 0
	case operations.NotSent(err) && unreadable(err):
		// The request could not be built, so it was not sent, and a retry would fail too.
		return registrars.ClassInvalid, "", 0
	case errors.Is(err, store.ErrNotFound):
		return registrars.ClassNotFound, "", 0
	case errors.Is(err, store.ErrTransition):
		return registrars.ClassConflict, "", 0
	case errors.Is(err, vault.ErrUnreadable), isErased(err):
		return registrars.ClassInvalid, "", 0
	}
	// All other errors pass: a peer that was not reached, a failed read, the store, the
	// context. An interrupted step is repeated, and every step looks before it repeats.
	return registrars.ClassTemporary, "", 0
}
