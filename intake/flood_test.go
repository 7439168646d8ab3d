package intake_test

import (
	"fmt"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/intake/inbox"
	"domainprovisioning/internal/outside"
	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// TestAFloodLeavesOthersTheirTurn: thousands of signed callbacks that match nothing came
// first. A confirmation that matches an operation of the same account is delivered before
// them, and another account does not wait for them at all.
func TestAFloodLeavesOthersTheirTurn(t *testing.T) {
	const flood = 2000
	w, relay, clock := relayWorld(t)
	w.Place(t, outside.NewCustomer)
	if _, _, err := w.Store.Intend(t.Context(), store.Intention{
		Key: "DP00000001/1/registration", Account: outside.Account, Kind: "registration", Domain: "shop.example", WorkflowID: shopWorkflow,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Store.Learn(t.Context(), "DP00000001/1/registration", store.LedgerChange{State: store.Pending, Reference: "101", Submission: 1}); err != nil {
		t.Fatal(err)
	}
	take := func(account string, notice registrars.Notice) {
		t.Helper()
		if fresh, err := w.Intake.Inbox().Take(t.Context(), inbox.Noticed(account, messages.FromCallback, notice)); err != nil || !fresh {
			t.Fatalf("%v, %v", fresh, err)
		}
	}
	for n := range flood {
		take(outside.Account, registrars.Notice{ID: fmt.Sprint("noise-", n), Domain: domains.MustParseName("nobody.example"), Reference: fmt.Sprint(n + 1000)})
	}
	clock.Advance(time.Minute)
	take(outside.Account, registrars.Notice{ID: "real", Reference: "101", Claim: "done"})
	take("another-account", registrars.Notice{ID: "other", Domain: domains.MustParseName("other.example")})
	round(t, relay)
	for id, want := range map[string]store.ConfirmationState{outside.Account + "/real": store.Delivered, "another-account/other": store.Unmatched} {
		if got, err := w.Store.Confirmation(t.Context(), id); err != nil || got.State != want {
			t.Errorf("after one round %s is %s, %v", id, got.State, err)
		}
	}
	if signals := w.Temporal.Signals(); len(signals) != 1 || signals[0].Confirmation.Reference != "101" {
		t.Errorf("signals %+v", signals)
	}
	for range flood/10 + 1 {
		round(t, relay)
	}
	if backlog, err := w.Store.Backlog(t.Context(), time.Hour); err != nil || backlog.Undelivered != 0 || backlog.Unmatched != flood+1 {
		t.Errorf("%+v, %v", backlog, err)
	}
}

// BenchmarkRematch measures one round of the relay over 50,000 confirmations that match
// nothing, with 2,000 open orders, on each database.
func BenchmarkRematch(b *testing.B) {
	for name, url := range map[string]func() string{
		"sqlite": func() string { return "" }, "postgres": func() string { return postgrestest.URL(b) },
	} {
		b.Run(name, func(b *testing.B) {
			w := outside.New(b, outside.Options{Database: url()})
			for n := range 2000 {
				w.Place(b, outside.Alter(b, outside.DomainOnly, `"shop"`, fmt.Sprintf(`"shop%d"`, n)))
			}
			for n := range 50_000 {
				id := fmt.Sprint("noise-", n)
				if _, err := w.Store.Receive(b.Context(), store.Confirmation{
					EventID: id, Source: "callback", Account: outside.Account, Domain: fmt.Sprintf("nobody%d.example", n), Reference: id,
				}, 0); err != nil {
					b.Fatal(err)
				}
				if err := w.Store.Handle(b.Context(), id, store.Unmatched, ""); err != nil {
					b.Fatal(err)
				}
			}
			for name, of := range map[string]time.Duration{"first": 0, "later": 5 * time.Minute} {
				b.Run(name, func(b *testing.B) {
					for b.Loop() {
						if matched, err := w.Store.Rematch(b.Context(), time.Hour, of); err != nil || matched != 0 {
							b.Fatal(matched, err)
						}
					}
				})
			}
		})
	}
}
