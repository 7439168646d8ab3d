package names4ever

import (
	"errors"
	"strconv"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/names4ever/internal"
)

// failure turns an error of an exchange into one of the contract. Every call changes
// something, so what may have been sent has an unknown outcome.
func failure(call string, err error) error {
	transport, broke := errors.AsType[*internal.TransportError](err)
	e := errs.NoAnswer(call, !broke || transport.Sent, err)
	if status, ok := errors.AsType[*internal.StatusError](err); ok {
		e.Code, e.After = "HTTP "+strconv.Itoa(status.Status), status.RetryAfter
	}
	return e
}

// refusal is a result code other than 0: nothing was done, as far as its class says.
func (n *Names4Ever) refusal(call string, status internal.Status) error {
	class, known := n.codeClasses[status.Code]
	if !known {
		class = registrars.ClassRejected
	}
	return &registrars.Error{
		Registrar: pluginName, Call: call, Class: class, Code: strconv.Itoa(status.Code), Detail: status.Description,
	}
}

func broken(call string, b *internal.Broken) error {
	if b == nil {
		return nil
	}
	return errs.Invalid(call, b.Field, b.Rule)
}

// notReached says that a look from outside gave no answer. Looks change nothing.
func notReached(call string, err error) error {
	return errs.NoAnswer(call, false, err)
}
