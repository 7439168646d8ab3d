package intake_test

import (
	"testing"
	"time"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// stored returns the shop's newest unit as the store has it.
func stored(t *testing.T, w *outside.World) store.Unit {
	t.Helper()
	rows, err := w.Store.Units(t.Context(), store.UnitFilter{Domain: "shop.example", Limit: 1})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%+v, %v", rows, err)
	}
	return rows[0]
}

// A workflow of an older release tells the store nothing until its state changes, so lists
// would not know an order that has been waiting for a person all along.
func TestTheComparisonLearnsTheStatesThatNoWorkflowTold(t *testing.T) {
	w, relay, clock := relayWorld(t)
	w.Place(t, outside.NewCustomer)
	compare := func() store.Unit {
		t.Helper()
		clock.Advance(time.Hour)
		if err := relay.Compare(t.Context()); err != nil {
			t.Fatal(err)
		}
		return stored(t, w)
	}
	if unit := compare(); unit.Shown != messages.Running || unit.Step != 1 {
		t.Errorf("a new order is %s at %d", unit.Shown, unit.Step)
	}
	w.Temporal.Show(shopWorkflow, messages.Progress{
		OrderNumber: "DP00000001", State: messages.NeedsAttention, Step: 11, Attention: &messages.Attention{Reason: "conflict"},
	})
	if unit := compare(); unit.Shown != messages.NeedsAttention || unit.Step != 11 || unit.Reason != "conflict" {
		t.Errorf("a parked order is %s at %d, reason %q", unit.Shown, unit.Step, unit.Reason)
	}
	err := w.Store.RecordState(t.Context(), store.StateChange{
		OrderNumber: "DP00000001", Item: 1, At: clock.Now(), State: messages.Undoing, Step: 11,
	})
	if err != nil {
		t.Fatal(err)
	}
	if unit := compare(); unit.Shown != messages.Undoing || unit.Reason != "" {
		t.Errorf("what the workflow told was replaced by %s", unit.Shown)
	}
}

// The new run of an order that is placed again tells nothing while it only runs.
func TestAnOrderThatIsPlacedAgainNoLongerShowsItsOldRun(t *testing.T) {
	w, _, clock := relayWorld(t)
	w.Place(t, outside.NewCustomer)
	err := w.Store.RecordState(t.Context(), store.StateChange{
		OrderNumber: "DP00000001", Item: 1, At: clock.Now(), State: messages.NeedsAttention, Step: 6, Reason: "balance",
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Place(t, outside.NewCustomer)
	if unit := stored(t, w); unit.Shown != messages.NeedsAttention {
		t.Errorf("its run goes on, and shows as %s", unit.Shown)
	}
	w.Temporal.Terminate(shopWorkflow)
	w.Place(t, outside.NewCustomer)
	if unit := stored(t, w); unit.Shown != messages.Running || unit.Step != 1 || unit.Reason != "" {
		t.Errorf("its new run shows as %s at %d, reason %q", unit.Shown, unit.Step, unit.Reason)
	}
}
