package session

import (
	"errors"

	"domainprovisioning/registrars/epp/internal/objects"
	"domainprovisioning/wire/exchange"
)

// unsent is the error of a session that was not opened: whatever broke, the command was not sent.
func unsent(err error) error {
	if broken, ok := errors.AsType[*exchange.TransportError](err); ok {
		return &exchange.TransportError{Sent: false, Err: broken.Err}
	}
	if malformed, ok := errors.AsType[*objects.MalformedError](err); ok {
		return &exchange.TransportError{Sent: false, Err: malformed}
	}
	return err
}
