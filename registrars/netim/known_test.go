package netim

import (
	"fmt"
	"testing"
	"time"
)

func TestWhatIsKnownIsBelievedForAnHourAndBounded(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	k := newKnown[string](func() time.Time { return now })
	if _, ok := k.get("a"); ok {
		t.Error("something is known at first")
	}
	k.put("a", "1")
	now = now.Add(lifetime - time.Second)
	if value, ok := k.get("a"); !ok || value != "1" {
		t.Errorf("got %q, %v", value, ok)
	}
	now = now.Add(time.Second)
	if _, ok := k.get("a"); ok {
		t.Error("believed after an hour")
	}
	for n := range 3 * mostKnown {
		k.put(fmt.Sprint(n), "x")
		if len(k.entries) > mostKnown {
			t.Fatalf("%d entries", len(k.entries))
		}
	}
	if _, ok := k.get(fmt.Sprint(3*mostKnown - 1)); !ok {
		t.Error("the newest is not known")
	}
}
