package store_test

import (
	"testing"

	"domainprovisioning/store"
)

func TestUnitsByOrderAndWorkflow(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		place := func(number, domain string) {
			t.Helper()
			if _, err := s.AcceptOrder(t.Context(), acceptance(number, domain, number)); err != nil {
				t.Fatal(err)
			}
		}
		// Two successive orders for one domain have the same workflow id.
		place("SO-1", "shop.example")
		if err := s.CloseUnit(t.Context(), "SO-1", 0, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		place("SO-2", "shop.example")
		place("SO-3", "other.example")
		rows, err := s.UnitsOf(t.Context(), []string{"SO-2", "SO-3", "SO-9"}, []string{"domain-provisioning/shop.example"})
		if err != nil || len(rows) != 1 || rows[0].OrderNumber != "SO-2" || rows[0].CreatedAt.Location().String() != "UTC" {
			t.Errorf("%+v, %v", rows, err)
		}
		for _, none := range [][2][]string{{nil, {"domain-provisioning/shop.example"}}, {{"SO-2"}, nil}, {nil, nil}} {
			if rows, err := s.UnitsOf(t.Context(), none[0], none[1]); err != nil || len(rows) != 0 {
				t.Errorf("%v: %+v, %v", none, rows, err)
			}
		}
	})
}
