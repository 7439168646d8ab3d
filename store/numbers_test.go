package store_test

import (
	"errors"
	"fmt"
	"maps"
	"testing"

	"domainprovisioning/store"
)

func TestOnlyKeysOfTheCounterHaveADrawnNumber(t *testing.T) {
	for key, want := range map[string]int64{
		"DP00000077": 77, "DP00000001": 1, "DP123456789": 123456789, "DP00000000": 0, "DP77": 0, "DP0000000077": 0, "DP-0000077": 0, "DP+0000077": 0,
		"dp00000077": 0, "00000077": 0, "SO-1001": 0, "shop:DP00000077": 0, "DP99999999999999999999": 0, "DP": 0, "": 0,
	} {
		if got, ok := store.DrawnNumber(key); ok != (want > 0) || ok && got != want {
			t.Errorf("%q: %d, %t, want %d", key, got, ok, want)
		}
	}
}

// A lost order has its key, and its integer id unless another order has that by now. The counter
// gives neither again.
func TestALostOrderKeepsItsKeyAndItsID(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		lost := func(number, key string, drawn int64) store.Accepted {
			t.Helper()
			a := acceptance(number, "of-"+number+".example", key)
			a.Client, a.Lost = "shop", &store.Lost{Key: key, Drawn: drawn}
			accepted, err := s.AcceptOrder(t.Context(), a)
			if err != nil {
				t.Fatalf("%s: %v", key, err)
			}
			if accepted.Number != key || accepted.Label != number || accepted.Client != "shop" || accepted.Existing || accepted.Units[0].OrderNumber != key {
				t.Errorf("%s is %+v", key, accepted)
			}
			return accepted
		}
		fresh := func(domain string) store.Accepted {
			t.Helper()
			accepted, err := s.AcceptOrder(t.Context(), acceptance("", domain, domain))
			if err != nil {
				t.Fatal(err)
			}
			return accepted
		}
		if got := lost("DP00000077", "DP00000077", 77); got.ID != 77 {
			t.Errorf("its id is %d", got.ID)
		}
		if got := fresh("first.example"); got.Number != "DP00000078" || got.ID != 78 {
			t.Errorf("the next order is %s with the id %d", got.Number, got.ID)
		}
		if got := lost("DP00000003", "DP00000003", 3); got.ID != 3 {
			t.Errorf("its id is %d", got.ID)
		}
		numbered := lost("SO-1", "shop:SO-1", 0)
		if got := lost(fmt.Sprintf("DP%08d", numbered.ID), fmt.Sprintf("DP%08d", numbered.ID), numbered.ID); got.ID <= numbered.ID {
			t.Errorf("its id is %d, which another order has", got.ID)
		}
		if got := fresh("second.example"); got.ID <= numbered.ID+1 {
			t.Errorf("the id %d was given again", got.ID)
		}
		// A key of another client's order is taken, whatever the number is called there.
		taken := acceptance("SO-1", "taken.example", "{}")
		taken.Client, taken.Lost = "till", &store.Lost{Key: "shop:SO-1"}
		if _, err := s.AcceptOrder(t.Context(), taken); !isTaken(err) {
			t.Errorf("got %v", err)
		}
		got, err := s.Addresses(t.Context(), []string{"DP00000077", "DP00000078", "shop:SO-1", "none"})
		if want := map[string]string{"DP00000077": "shop:DP00000077", "DP00000078": "local:DP00000078", "shop:SO-1": "shop:SO-1"}; err != nil || !maps.Equal(got, want) {
			t.Errorf("addresses %v, %v", got, err)
		}
	})
}

func isTaken(err error) bool {
	_, taken := errors.AsType[*store.NumberTakenError](err)
	return taken
}
