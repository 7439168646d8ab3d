package main

import (
	"strings"
	"testing"

	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/store"
)

const (
	pavilion         = "pavilion.boutique"
	pavilionWorkflow = "domain-provisioning/" + pavilion
	pavilionKey      = "SO-1030/0/registration"
)

// TestTheExampleRegistersOnce: whatever happens to the answer, it registers once, with
// what its registry requires, and under the channel of its settings.
func TestTheExampleRegistersOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults []string
		calls  int
	}{
		"answered":            {nil, 1},
		"answer-lost":         {[]string{"example:orders.create:cut-after"}, 1},
		"answer-malformed":    {[]string{"example:orders.create:malformed"}, 1},
		"never-arrived":       {[]string{"example:orders.create:cut-before"}, 2},
		"registrar-down":      {[]string{"example:orders.create:http-error=503*2"}, 3},
		"too-fast":            {[]string{"example:orders.create:rate-limit"}, 2},
		"in-words-not-known":  {[]string{"example:orders.create:unknown-status"}, 1},
		"down-when-looked-at": {[]string{"example:orders.create:cut-after", "example:orders.list:http-error=503*2"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := begin(t, worldOptions{manual: true, faults: faultsOf(t, c.faults...)})
			f.place(example(t, "example-1-registration.json"))
			f.until(pavilionWorkflow, messages.Waiting)
			if err := f.world.sample.Complete(pavilion); err != nil {
				t.Fatal(err)
			}
			f.watchAt(exampleAccount)
			if result := f.finish(pavilionWorkflow); len(result.Differences) > 0 {
				t.Errorf("differences %v", result.Differences)
			}
			orders := f.world.sample.Orders()
			if n := f.world.sample.Calls("orders.create"); len(orders) != 1 || n != c.calls {
				t.Fatalf("%d orders after %d calls, want 1 after %d", len(orders), n, c.calls)
			}
			if placed := orders[0]; placed.Token != pavilionKey || placed.Channel != "sandbox" || placed.Extra["taxId"] != "123456789" {
				t.Errorf("placed %+v", placed)
			}
			if row := f.ledger(pavilionKey); row.State != store.Done {
				t.Errorf("the ledger has %+v", row)
			}
		})
	}
}

// TestTheExampleIsRefusedBeforeAnythingIsSpent: the name is taken when the order comes.
func TestTheExampleIsRefusedBeforeAnythingIsSpent(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{})
	f.world.sample.AddName(pavilion, "taken")
	_, err := f.intake.Place(t.Context(), example(t, "example-1-registration.json"))
	if err == nil || !strings.Contains(err.Error(), "is already used") {
		t.Errorf("got %v", err)
	}
	if len(f.world.operations.Accounts()) != 0 || len(f.world.sample.Orders()) != 0 {
		t.Error("something was made")
	}
}

// TestTheExampleFailsAfterItWasTaken: the order is parked with the registrar's reason,
// and a retry places another one.
func TestTheExampleFailsAfterItWasTaken(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true, faults: []faults.Fault{}})
	f.place(example(t, "example-1-registration.json"))
	f.until(pavilionWorkflow, messages.Waiting)
	if err := f.world.sample.Refuse(pavilion, "the registry has closed"); err != nil {
		t.Fatal(err)
	}
	f.watchAt(exampleAccount)
	attention := f.until(pavilionWorkflow, messages.NeedsAttention).Attention
	if said, err := f.Store.Quote(t.Context(), attention.Reference, ""); err != nil || said != "the registry has closed" {
		t.Errorf("attention %+v, for %q: %v", attention, said, err)
	}
	f.retry(pavilionWorkflow, messages.Retry{Actor: "tester"})
	f.until(pavilionWorkflow, messages.Waiting)
	if err := f.world.sample.Complete(pavilion); err != nil {
		t.Fatal(err)
	}
	f.watchAt(exampleAccount)
	f.finish(pavilionWorkflow)
	if n := f.world.sample.Count("register", pavilion); n != 2 {
		t.Errorf("%d orders, want the refused one and another", n)
	}
}
