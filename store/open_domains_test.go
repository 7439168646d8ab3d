package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"domainprovisioning/store"
)

// change is an order that does something to shop.example.
func change(number, program string, bears store.Bears) store.Acceptance {
	order := acceptance(number, "shop.example", number)
	order.Units[0].Bears = bears
	start := order.Units[0].Start
	order.Units[0].Start = func(key string, ids map[store.IDRequest]int) (string, []byte, error) {
		_, plan, err := start(key, ids)
		return program + "/shop.example", plan, err
	}
	return order
}

func renewal(number string) store.Acceptance {
	return change(number, "domain-renewal", store.BearsChange)
}

func nameServers(number string) store.Acceptance {
	return change(number, "name-server-change", store.BearsRenewal)
}

func transfer(number string) store.Acceptance {
	return change(number, "domain-provisioning", store.BearsNone)
}

// A renewal goes on beside a change that keeps the domain, whichever comes first, and nothing else
// does beside anything.
func TestWhichOrdersOfADomainAreOpenAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		for n, c := range []struct {
			what          string
			first, second func(string) store.Acceptance
			together      bool
		}{
			{"a renewal, then name servers", renewal, nameServers, true},
			{"name servers, then a renewal", nameServers, renewal, true},
			{"two renewals", renewal, renewal, false},
			{"two changes", nameServers, nameServers, false},
			{"a renewal, then a transfer", renewal, transfer, false},
			{"a transfer, then a renewal", transfer, renewal, false},
			{"a transfer, then name servers", transfer, nameServers, false},
		} {
			numbers := []string{fmt.Sprintf("F%d", n), fmt.Sprintf("S%d", n)}
			if _, err := s.AcceptOrder(t.Context(), c.first(numbers[0])); err != nil {
				t.Fatalf("%s: %v", c.what, err)
			}
			_, err := s.AcceptOrder(t.Context(), c.second(numbers[1]))
			open, isOpen := errors.AsType[*store.DomainOpenError](err)
			if c.together && err != nil || !c.together && (!isOpen || open.OrderNumber != numbers[0]) {
				t.Errorf("%s: %v", c.what, err)
			}
			if c.together { // and no third one
				for _, third := range []func(string) store.Acceptance{renewal, nameServers, transfer} {
					if _, err := s.AcceptOrder(t.Context(), third("third")); !isDomainOpen(err) {
						t.Errorf("%s, and a third: %v", c.what, err)
					}
				}
			}
			rows, err := s.OpenOf(t.Context(), "shop.example")
			if err != nil || len(rows) != map[bool]int{false: 1, true: 2}[c.together] {
				t.Errorf("%s: open %+v, %v", c.what, rows, err)
			}
			for _, row := range rows {
				if err := s.CloseUnit(t.Context(), row.OrderNumber, 0, store.UnitCancelled, ""); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func isDomainOpen(err error) bool {
	_, open := errors.AsType[*store.DomainOpenError](err)
	return open
}

// Of orders that come at once, one renewal and one change are accepted, or one that bears none.
func TestOrdersOfADomainMeet(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		for round := range 5 {
			var mu sync.Mutex
			accepted := map[string]int{}
			var group sync.WaitGroup
			for n := range 3 {
				for kind, order := range map[string]func(string) store.Acceptance{"renewal": renewal, "change": nameServers, "transfer": transfer} {
					group.Go(func() {
						_, err := s.AcceptOrder(t.Context(), order(fmt.Sprintf("%s-%d-%d", kind, round, n)))
						switch {
						case err == nil:
							mu.Lock()
							defer mu.Unlock()
							accepted[kind]++
						case !isDomainOpen(err):
							t.Error(err)
						}
					})
				}
			}
			group.Wait()
			rows, err := s.OpenOf(t.Context(), "shop.example")
			if err != nil {
				t.Fatal(err)
			}
			alone := accepted["transfer"] == 1 && len(accepted) == 1
			beside := accepted["transfer"] == 0 && accepted["renewal"] <= 1 && accepted["change"] <= 1 && len(accepted) >= 1
			if !alone && !beside || len(rows) != accepted["transfer"]+accepted["renewal"]+accepted["change"] {
				t.Errorf("accepted %v, open %+v", accepted, rows)
			}
			for _, row := range rows {
				if err := s.CloseUnit(t.Context(), row.OrderNumber, 0, store.UnitCancelled, ""); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
