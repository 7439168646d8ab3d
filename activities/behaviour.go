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
)

// Behaviour is what Temporal does with an error of a class.
type Behaviour struct {
	// Retry: the activity's retry policy goes on without limit. Otherwise the
	// error is permanent and the workflow parks the order for a person.
	Retry bool
	// Delay overrides the policy's backoff before the next try; zero leaves it.
	Delay time.Duration
	// Benign marks expected noise, which neither metrics nor logs raise.
	Benign bool
}

// BehaviourOf is the one table from error class to Temporal behaviour.
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

// Trouble is what travels with a failed activity, for the person who repairs the
// order. Detail quotes the outside system and may hold personal data, so it stays
// out of the message, which is logged.
type Trouble struct {
	Class  registrars.Class `json:"class"`
	Detail string           `json:"detail,omitempty"`
	// Unreadable: it is not known how to read what came, or how to build what is to be sent.
	// That seldom passes by itself.
	Unreadable bool `json:"unreadable,omitempty"`
}

// fail turns an error into the one that Temporal acts on: type is the class,
// message is free of personal data, Trouble is attached.
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

// refuse makes a permanent error of our own.
func refuse(class registrars.Class, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	return temporal.NewApplicationErrorWithOptions(text, string(class), temporal.ApplicationErrorOptions{
		NonRetryable: true,
		Details:      []any{Trouble{Class: class, Detail: text}},
	})
}

// again makes an error that is retried after a while.
func again(class registrars.Class, after time.Duration, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	return later(after, text, Trouble{Class: class, Detail: text})
}

// postpone makes an error be retried after a while.
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

// unreadable reports an error of what we cannot read or build.
func unreadable(err error) bool {
	marked, ok := errors.AsType[interface {
		error
		Unreadable() bool
	}](err)
	return ok && marked.Unreadable()
}

// classify maps every error of ours to a class, a text for a person, and a wait.
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
		// It was not built, let alone sent. The next try would not build it either.
		return registrars.ClassInvalid, "", 0
	case errors.Is(err, store.ErrNotFound):
		return registrars.ClassNotFound, "", 0
	case errors.Is(err, store.ErrTransition):
		return registrars.ClassConflict, "", 0
	case errors.Is(err, store.ErrUnreadable):
		return registrars.ClassInvalid, "", 0
	}
	// What is left passes: a peer that was not reached, a reading that failed, the store,
	// and the context. A step that was cut short is repeated, and every step looks before
	// it repeats.
	return registrars.ClassTemporary, "", 0
}
