package domains

import (
	"errors"
	"fmt"
	"log/slog"
)

// Redacted is the text that a Secret prints as.
const Redacted = "[redacted]"

// Secret is a value that must not be seen, such as a password or a transfer key.
// Every way of printing it shows Redacted. Marshalling a non-empty secret is an
// error, so that none enters a workflow's history, a log or an answer by
// accident. Reveal is the only way to the value.
type Secret struct{ value string }

// NewSecret wraps a value.
func NewSecret(value string) Secret { return Secret{value: value} }

// Reveal returns the value, for the call that needs it.
func (s Secret) Reveal() string { return s.value }

// IsZero reports whether there is no value.
func (s Secret) IsZero() bool { return s.value == "" }

// String implements fmt.Stringer.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return Redacted
}

// Format hides the secret from every verb: a wrong verb, such as %d, would print
// the field.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns an error, unless the secret is empty: a secret is stored
// sealed and passed by reference.
func (s Secret) MarshalText() ([]byte, error) {
	if s.value == "" {
		return nil, nil
	}
	return nil, errors.New("domains: a secret must not be marshalled; seal it and pass a reference")
}

// UnmarshalText sets the value, for secrets that arrive in a document.
func (s *Secret) UnmarshalText(text []byte) error {
	s.value = string(text)
	return nil
}
