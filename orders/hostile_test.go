package orders

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestHostileInputIsFast: input as large as the limits allow, shaped to be
// slow. The bound is generous, for a loaded machine with the race detector; it
// must catch quadratic work, which takes minutes.
func TestHostileInputIsFast(t *testing.T) {
	repeat := func(n int, values ...any) []any {
		list := []any{1, 1, "20=36=0=-1", 9000}
		for len(list)+len(values) <= n {
			list = append(list, values...)
		}
		return list
	}
	lists := map[string][]any{
		"empty groups":       repeat(MaxValues, 0, 0),
		"contacts or groups": repeat(MaxValues, 0, 0, 4000, 0),
		"large counters":     repeat(MaxValues, 1<<30, 1<<30),
		"pairs":              repeat(MaxValues, "a=b"),
		"faulty groups":      repeat(MaxValues, 0, 2, "=", "TransferKey"),
	}
	for name, list := range lists {
		t.Run("list, "+name, func(t *testing.T) {
			hurry(t, func() error { _, err := ReadList(list); return err })
		})
	}

	var names, params strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&names, `,"p%d"`, i)
		fmt.Fprintf(&params, `,"p%d":""`, i)
	}
	ordered := `,"parameters":{` + params.String()[1:] + `},"parameterOrder":[` + names.String()[1:] + `]`
	documents := map[string]string{
		"many parameters in order": itemDocument(ordered),
		"many unknown fields":      document(params.String()),
		"long group order":         document(`,"groupOrder":[` + strings.Repeat("0,", 300_000) + `0]`),
		"long resource":            itemDocument(`,"apsDefaults":{"x":{"a":[` + strings.Repeat("{},", 300_000) + `{}]}}`),
	}
	for name, text := range documents {
		t.Run("JSON, "+name, func(t *testing.T) {
			hurry(t, func() error { _, err := ReadJSON(strings.NewReader(text)); return err })
		})
	}
}

// hurry runs a read that must be refused soon, with a short answer.
func hurry(t *testing.T, read func() error) {
	t.Helper()
	start := time.Now()
	err := read()
	if err == nil {
		t.Fatal("accepted")
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
	if faults, ok := errors.AsType[Faults](err); ok && len(faults) > MaxFaults {
		t.Errorf("%d faults", len(faults))
	}
	if len(err.Error()) > 300_000 {
		t.Errorf("the text has %d bytes", len(err.Error()))
	}
}
