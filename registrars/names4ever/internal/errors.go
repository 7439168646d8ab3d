package internal

import "domainprovisioning/wire/exchange"

// TransportError is the one that all clients share.
type TransportError = exchange.TransportError

// StatusError is the one that all clients share.
type StatusError = exchange.StatusError

// MalformedError says that the reply is unusable: the server has probably acted,
// but it is unknown how.
type MalformedError struct{ Why string }

func (e *MalformedError) Error() string { return "unusable reply: " + e.Why }

// Unreadable says that the same call would most likely get the same reply.
func (e *MalformedError) Unreadable() bool { return true }
