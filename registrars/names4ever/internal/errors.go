package internal

import "domainprovisioning/wire/exchange"

// hidden stands for a secret in dumps and texts.
const hidden = "[redacted]"

// TransportError is that of every client.
type TransportError = exchange.TransportError

// StatusError is that of every client.
type StatusError = exchange.StatusError

// MalformedError says that a reply came and cannot be used: the server has probably
// acted, and how is unknown.
type MalformedError struct{ Why string }

func (e *MalformedError) Error() string { return "unusable reply: " + e.Why }

// Unreadable says that the same call would meet the same again, most likely.
func (e *MalformedError) Unreadable() bool { return true }
