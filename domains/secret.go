package domains

import (
	"errors"
	"fmt"
	"log/slog"
)

// Redacted is what a Secret shows wherever it is printed.
const Redacted = "[redacted]"

// Secret is a value that must not be seen: a password, a transfer key. Every
// way of printing it shows Redacted; marshalling a non-empty one is an error, so
// that no secret enters a workflow's history, a log or an answer by accident.
// Reveal is the only way to the value.
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

// Format hides the secret from every verb: a wrong one, such as %d, would print
// the field.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText refuses: a secret is stored sealed and travels by reference.
func (s Secret) MarshalText() ([]byte, error) {
	if s.value == "" {
		return nil, nil
	}
	return nil, errors.New("domains: a secret must not be marshalled; seal it and pass a reference")
}

// UnmarshalText takes the value, for secrets that arrive in a document.
func (s *Secret) UnmarshalText(text []byte) error {
	s.value = string(text)
	return nil
}
