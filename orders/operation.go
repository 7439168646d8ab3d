package orders

import (
	"fmt"
	"strconv"
)

// Type is what is ordered for a domain.
type Type int

// The operation types of the order system. Zero is "no domain item".
const (
	Registration Type = 10
	Renewal      Type = 20
	Transfer     Type = 90
)

// Our own operation types, which the order system does not have. They can be
// ordered only in the JSON form.
const (
	OwnerChange      Type = 1001
	ContactChange    Type = 1002
	NameServerChange Type = 1003
	SettingsChange   Type = 1004
	Adoption         Type = 1005
	Restore          Type = 1006 // out of redemption
)

// typeWords are the words of the JSON form.
var typeWords = []struct {
	operation Type
	word      string
}{
	{Registration, "registration"},
	{Renewal, "renewal"},
	{Transfer, "transfer"},
	{OwnerChange, "owner-change"},
	{ContactChange, "contact-change"},
	{NameServerChange, "name-server-change"},
	{SettingsChange, "settings-change"},
	{Adoption, "adoption"},
	{Restore, "restore"},
}

// Types lists the operation types.
func Types() []Type {
	types := make([]Type, 0, len(typeWords))
	for _, known := range typeWords {
		types = append(types, known.operation)
	}
	return types
}

// Ours reports whether the order system lacks the operation type.
func (t Type) Ours() bool { return t >= OwnerChange }

// Provisions reports whether the operation sets up a domain with everything
// around it: account, subscriptions, zone. The other operations change a domain
// that has all this. An adoption buys nothing: the registrar account has the domain.
func (t Type) Provisions() bool { return t == Registration || t == Transfer || t == Adoption }

// Keeps reports whether the operation leaves the domain where it is and whose it is, so that a
// renewal may go on beside it.
func (t Type) Keeps() bool {
	return t == ContactChange || t == NameServerChange || t == SettingsChange
}

// String returns the word of the JSON form, or the number.
func (t Type) String() string {
	for _, known := range typeWords {
		if known.operation == t {
			return known.word
		}
	}
	return strconv.Itoa(int(t))
}

// MarshalText returns the word; for zero, the empty text.
func (t Type) MarshalText() ([]byte, error) {
	if t == 0 {
		return nil, nil
	}
	if parseType(strconv.Itoa(int(t))) == 0 {
		return nil, fmt.Errorf("orders: %d is not an operation type", int(t))
	}
	return []byte(t.String()), nil
}

// UnmarshalText reads the word.
func (t *Type) UnmarshalText(text []byte) error {
	for _, known := range typeWords {
		if string(text) == known.word {
			*t = known.operation
			return nil
		}
	}
	if len(text) == 0 {
		*t = 0
		return nil
	}
	return fmt.Errorf("orders: %q is not an operation type", shown(string(text)))
}

// parseType reads a code; it returns 0 for an unknown one.
func parseType(code string) Type {
	for _, known := range typeWords {
		if code == strconv.Itoa(int(known.operation)) {
			return known.operation
		}
	}
	return 0
}
