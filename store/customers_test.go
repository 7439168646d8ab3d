package store_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"domainprovisioning/store"
)

// ordered is an order of a new customer whose account is 7.
func ordered(number, domain, login string) store.Acceptance {
	order := acceptance(number, domain, number)
	order.Customer = login
	for n := range order.Units {
		order.Units[n].Start = func(string, map[store.IDRequest]int) (string, []byte, error) {
			plan, err := json.Marshal(map[string]any{"accountId": 7})
			return "domain-provisioning/" + domain, plan, err
		}
	}
	return order
}

// Two orders of one new customer would make two accounts, of which one cannot have the
// login. The second is refused as long as the first is not given up.
func TestACustomerIsKnownByTheLogin(t *testing.T) {
	for name, c := range map[string]struct {
		state store.UnitState
		login string // of the second order
		known bool
	}{
		"open":               {store.UnitOpen, "jane@shop.example", true},
		"done":               {store.UnitDone, "jane@shop.example", true},
		"in other letters":   {store.UnitOpen, " Jane@Shop.example ", true},
		"cancelled":          {store.UnitCancelled, "jane@shop.example", false},
		"failed":             {store.UnitFailed, "jane@shop.example", false},
		"somebody else":      {store.UnitOpen, "john@shop.example", false},
		"of an old customer": {store.UnitOpen, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
				if _, err := s.AcceptOrder(t.Context(), ordered("A-1", "shop.example", "jane@shop.example")); err != nil {
					t.Fatal(err)
				}
				if c.state != store.UnitOpen {
					if err := s.CloseUnit(t.Context(), "A-1", 0, c.state, ""); err != nil {
						t.Fatal(err)
					}
				}
				found := s.FindCustomer(t.Context(), c.login)
				_, accepted := s.AcceptOrder(t.Context(), ordered("A-2", "store.example", c.login))
				for what, err := range map[string]error{"found": found, "accepted": accepted} {
					known, ok := errors.AsType[*store.CustomerKnownError](err)
					if ok != c.known || !ok && err != nil || ok && (known.OrderNumber != "A-1" || known.AccountID != 7) {
						t.Errorf("%s: %v", what, err)
					}
					if err != nil && strings.Contains(err.Error(), "@") {
						t.Errorf("%s: the login is quoted: %v", what, err)
					}
				}
			})
		})
	}
}

func TestTheLatestRenewal(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, clock *clock) {
		if _, err := s.LastRenewal(t.Context(), "domain-provisioning/shop.example"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("nothing is done: %v", err)
		}
		for _, number := range []string{"A-1", "A-2", "A-3"} {
			if _, err := s.AcceptOrder(t.Context(), ordered(number, "shop.example", "")); err != nil {
				t.Fatal(err)
			}
			state := store.UnitDone
			if number == "A-3" {
				state = store.UnitCancelled
			}
			clock.advance(time.Hour)
			if err := s.CloseUnit(t.Context(), number, 0, state, ""); err != nil {
				t.Fatal(err)
			}
		}
		clock.advance(time.Hour)
		last, err := s.LastRenewal(t.Context(), "domain-provisioning/shop.example")
		if err != nil || last.OrderNumber != "A-2" || last.Plan != `{"accountId":7}` || last.Age != 2*time.Hour {
			t.Errorf("got %+v, %v", last, err)
		}
	})
}

// A renewal that was planned before another one was carried out is not accepted as planned.
func TestARenewalIsPlannedAfterTheLatest(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, clock *clock) {
		renewal := func(number, after string) store.Acceptance {
			order := ordered(number, "shop.example", "")
			order.Units[0].Renews = &after
			return order
		}
		if _, err := s.AcceptOrder(t.Context(), renewal("A-1", "")); err != nil {
			t.Fatal(err)
		}
		clock.advance(time.Minute)
		if err := s.CloseUnit(t.Context(), "A-1", 0, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := s.AcceptOrder(t.Context(), renewal("A-2", "")); !errors.Is(err, store.ErrPlanStale) {
			t.Errorf("planned before A-1: %v", err)
		}
		if accepted, err := s.AcceptOrder(t.Context(), renewal("A-2", "A-1")); err != nil || accepted.Number != "A-2" {
			t.Errorf("planned after A-1: %+v, %v", accepted, err)
		}
		// It is given up, and the registrar carries it out all the same.
		if err := s.CloseUnit(t.Context(), "A-2", 0, store.UnitCancelled, ""); err != nil {
			t.Fatal(err)
		}
		clock.advance(time.Minute)
		done := store.LedgerRow{
			Key: "A-2/0/renewal", Account: "netim-main", Kind: "renewal", Domain: "shop.example", WorkflowID: "domain-provisioning/shop.example",
			State: store.Done, Reference: "77", Submissions: 1,
		}
		if err := s.SeedRow(t.Context(), done); err != nil {
			t.Fatal(err)
		}
		if last, err := s.LastRenewal(t.Context(), "domain-provisioning/shop.example"); err != nil || last.OrderNumber != "A-2" {
			t.Errorf("got %+v, %v", last, err)
		}
	})
}
