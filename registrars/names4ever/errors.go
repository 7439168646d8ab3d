package names4ever

import (
	"errors"
	"strconv"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/names4ever/internal"
)

// failure converts an error of an exchange to an error of the contract. Every call
// changes something, so a request that may have been sent has an unknown outcome.
func failure(call string, err error) error {
	transport, broke := errors.AsType[*internal.TransportError](err)
	e := errs.NoAnswer(call, !broke || transport.Sent, err)
	if status, ok := errors.AsType[*internal.StatusError](err); ok {
		e.Code, e.After = "HTTP "+strconv.Itoa(status.Status), status.RetryAfter
	}
	return e
}

// refusal is the error for a result code other than 0; whether nothing was done
// depends on its class.
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

// notReached says that RDAP or the DNS gave no answer. Reading them changes nothing.
func notReached(call string, err error) error {
	return errs.NoAnswer(call, false, err)
}
