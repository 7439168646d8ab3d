package intake_test

import (
	"testing"
	"time"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// TestTheLedgersOwnNewsReachesItsOrder: two submissions of a request have reached the
// registrar, and a person settles that later. Both reach the order even if the process
// that got the answer has died.
func TestTheLedgersOwnNewsReachesItsOrder(t *testing.T) {
	w, relay, clock := relayWorld(t)
	w.Place(t, outside.NewCustomer)
	const key = "DP00000001/1/registration"
	row, _, err := w.Store.Intend(t.Context(), store.Intention{
		Key: key, Account: outside.Account, Kind: "registration", Domain: "shop.example", WorkflowID: shopWorkflow,
	})
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Hour)
	if _, err := w.Store.BeginAgain(t.Context(), row, store.Again{Settle: time.Minute}); err != nil {
		t.Fatal(err)
	}
	if err := w.Store.Claim(t.Context(), key, 2, time.Minute); err != nil {
		t.Fatal(err)
	}
	for _, change := range []store.LedgerChange{
		{State: store.Pending, Reference: "102", Submission: 2, Answer: true}, {State: store.Done, Reference: "101", Submission: 1, Answer: true},
	} {
		if _, err := w.Store.Learn(t.Context(), key, change); err != nil {
			t.Fatal(err)
		}
	}
	round(t, relay)
	ends, err := w.Store.LooseEnds(t.Context(), store.LooseEndFilter{})
	if err != nil || len(ends) != 1 {
		t.Fatalf("%+v, %v", ends, err)
	}
	if _, err := w.Store.SettleLooseEnd(t.Context(), ends[0].ID, "jane", "refunded"); err != nil {
		t.Fatal(err)
	}
	round(t, relay)
	signals := w.Temporal.Signals()
	if len(signals) != 2 {
		t.Fatalf("%d signals: %+v", len(signals), signals)
	}
	for n, want := range []messages.Confirmation{
		{EventID: "ledger/" + key + "/1", Source: messages.FromLedger, Claim: messages.PerhapsPaidTwice, Reference: "101 and 102"},
		{EventID: "settled/ledger/" + key + "/1", Source: messages.FromLedger, Claim: messages.Settled, Reference: "101"},
	} {
		if signals[n].WorkflowID != shopWorkflow || signals[n].Confirmation != want {
			t.Errorf("signal %d is %+v, want %+v", n, signals[n], want)
		}
	}
}
