package objects

import (
	"errors"
	"strconv"
)

// MalformedError says what is wrong with what a registry has sent. It quotes nothing of it.
type MalformedError struct{ Why string }

func (e *MalformedError) Error() string { return "the answer cannot be read: " + e.Why }

// LoginError says that a registry has not taken the login, or has refused the connection in the place
// of the greeting: then nothing was sent.
type LoginError struct {
	Answer   Answer
	Greeting bool
}

func (e *LoginError) Error() string {
	return "login is refused with code " + strconv.Itoa(int(e.Answer.Code()))
}

// UnofferedError says that a registry does not offer what the configuration needs.
type UnofferedError struct{ URI string }

func (e *UnofferedError) Error() string { return "the registry does not offer " + e.URI }

// CertificateError says that a registry does not take the certificate by which it is to know us, or
// that it demands one and is shown none. Alert is what TLS has for the reason.
type CertificateError struct{ Alert string }

func (e *CertificateError) Error() string {
	return "the TLS alert is \"" + e.Alert + "\""
}

// ErrPassword says that a password cannot be sent at a login.
var ErrPassword = errors.New("the password must have 6 to 16 characters, because the registry does not offer login security (RFC 8807)")
