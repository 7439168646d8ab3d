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

func TestTheLatestUnitThatIsDone(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, clock *clock) {
		if _, err := s.LastDone(t.Context(), "domain-provisioning/shop.example"); !errors.Is(err, store.ErrNotFound) {
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
		last, err := s.LastDone(t.Context(), "domain-provisioning/shop.example")
		if err != nil || last.OrderNumber != "A-2" || last.Plan != `{"accountId":7}` || last.Age != 2*time.Hour {
			t.Errorf("got %+v, %v", last, err)
		}
	})
}
