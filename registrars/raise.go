package registrars

import "errors"

// Errors makes the errors of a plug-in; its value is the plug-in's name. Whatever needs more
// than these is an Error written out.
type Errors string

// Invalid says that a request breaks a rule of the registrar, or our own.
func (e Errors) Invalid(call, field, rule string) error {
	return &Error{Registrar: string(e), Call: call, Class: ClassInvalid, Field: field, Rule: rule}
}

// Unserved says that requests of the kind are not served.
func (e Errors) Unserved(call string) error { return e.Invalid(call, "kind", "is not served") }

// NoAnswer says that a call has no answer that can be read. changed says that it may have
// changed something all the same: then its outcome is unknown, else it may be made again.
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

// AsError is the *Error in an error's chain.
func AsError(err error) (*Error, bool) { return errors.AsType[*Error](err) }
