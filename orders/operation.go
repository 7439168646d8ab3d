package orders

import (
	"fmt"
	"strconv"
)

// OperationType is what is ordered for a domain.
type OperationType int

// The operation types of the order system. Zero is "no domain item".
const (
	Registration OperationType = 10
	Renewal      OperationType = 20
	Transfer     OperationType = 90
)

// The operation types that are ours: the order system has none for them. They are
// ordered in the JSON form only.
const (
	OwnerChange      OperationType = 1001
	ContactChange    OperationType = 1002
	NameServerChange OperationType = 1003
	SettingsChange   OperationType = 1004
)

// operationWords are the words of the JSON form.
var operationWords = []struct {
	operation OperationType
	word      string
}{
	{Registration, "registration"},
	{Renewal, "renewal"},
	{Transfer, "transfer"},
	{OwnerChange, "owner-change"},
	{ContactChange, "contact-change"},
	{NameServerChange, "name-server-change"},
	{SettingsChange, "settings-change"},
}

// Ours reports an operation type that the order system does not have.
func (t OperationType) Ours() bool { return t >= OwnerChange }

// Provisions reports an operation that makes a domain with everything around it:
// account, subscriptions, zone. The others change a domain that is there.
func (t OperationType) Provisions() bool { return t == Registration || t == Transfer }

// String returns the word of the JSON form, or the number.
func (t OperationType) String() string {
	for _, known := range operationWords {
		if known.operation == t {
			return known.word
		}
	}
	return strconv.Itoa(int(t))
}

// MarshalText writes the word; zero is empty.
func (t OperationType) MarshalText() ([]byte, error) {
	if t == 0 {
		return nil, nil
	}
	if parseOperation(strconv.Itoa(int(t))) == 0 {
		return nil, fmt.Errorf("orders: %d is not an operation type", int(t))
	}
	return []byte(t.String()), nil
}

// UnmarshalText reads the word.
func (t *OperationType) UnmarshalText(text []byte) error {
	for _, known := range operationWords {
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

// parseOperation reads a code; 0 means that it is none.
func parseOperation(code string) OperationType {
	for _, known := range operationWords {
		if code == strconv.Itoa(int(known.operation)) {
			return known.operation
		}
	}
	return 0
}
