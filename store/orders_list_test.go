package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"domainprovisioning/messages"
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

func TestListsAreNarrowedByWhatTheyShow(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		for _, number := range []string{"SO-1", "SO-2", "SO-3", "SO-4", "so-1"} {
			place(t, s, number, number+".shop_1.example")
			c.advance(time.Second)
		}
		tell(t, s, "SO-1", c.now(), messages.NeedsAttention, 6, "balance")
		tell(t, s, "SO-2", c.now(), messages.Waiting, 10, "")
		if _, err := s.RecordRun(t.Context(), "SO-2", 0, store.RunPaused); err != nil {
			t.Fatal(err)
		}
		tell(t, s, "SO-3", c.now(), messages.NeedsAttention, 6, "balance")
		if err := s.CloseUnit(t.Context(), "SO-3", 0, store.UnitFailed, ""); err != nil {
			t.Fatal(err)
		}
		if err := s.Raw(`UPDATE provisionings SET shown = '', since = NULL WHERE order_number = 'SO-4'`); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Minute)
		for _, k := range []struct {
			filter store.UnitFilter
			want   string
		}{
			{store.UnitFilter{Shown: messages.NeedsAttention}, "SO-2 SO-1"}, {store.UnitFilter{Shown: messages.Waiting}, ""},
			{store.UnitFilter{Shown: messages.Running}, "so-1 SO-4"}, {store.UnitFilter{Shown: messages.Failed}, "SO-3"},
			{store.UnitFilter{Step: 6}, "SO-3 SO-1"}, {store.UnitFilter{Step: 6, State: store.UnitOpen}, "SO-1"}, {store.UnitFilter{Step: 7}, ""},
			{store.UnitFilter{Reason: "balance"}, "SO-1"}, {store.UnitFilter{Reason: "paused", Shown: messages.NeedsAttention}, "SO-2"},
			{store.UnitFilter{Text: "SO-1"}, "so-1 SO-1"}, // one by its number, the other by its domain
			{store.UnitFilter{Text: "SHOP_1.ex"}, "so-1 SO-4 SO-3 SO-2 SO-1"}, {store.UnitFilter{Text: "shop%"}, ""}, {store.UnitFilter{Text: "shopx1"}, ""},
			{store.UnitFilter{OlderThan: time.Minute}, "so-1 SO-4 SO-3 SO-2 SO-1"},
			{store.UnitFilter{OlderThan: time.Minute + 2*time.Second - time.Millisecond}, "SO-4"}, // counted from its acceptance
		} {
			rows, err := s.Units(t.Context(), k.filter)
			if err != nil {
				t.Fatal(err)
			}
			var numbers []string
			for n, row := range rows {
				numbers = append(numbers, row.OrderNumber)
				// Each page begins where the one before has ended.
				next := k.filter
				next.After = new(row.Cursor())
				if rest, err := s.Units(t.Context(), next); err != nil || len(rest) != len(rows)-n-1 {
					t.Errorf("%+v: %d rows after %s, %v", k.filter, len(rest), row.OrderNumber, err)
				}
			}
			if got := strings.Join(numbers, " "); !strings.EqualFold(got, k.want) || len(numbers) > 0 && got != k.want {
				t.Errorf("%+v: %s, want %s", k.filter, got, k.want)
			}
		}
	})
}

// Who needs a person is found without reading all orders, however many are open.
func TestListsByStateAndReasonUseAnIndex(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		for n := range 20 {
			place(t, s, fmt.Sprintf("SO-%d", n), fmt.Sprintf("shop%d.example", n))
		}
		tell(t, s, "SO-3", time.Now(), messages.NeedsAttention, 6, "balance")
		for _, statement := range many(t) {
			if err := s.Raw(statement); err != nil {
				t.Fatal(err)
			}
		}
		for index, filter := range map[string]store.UnitFilter{
			"provisionings_shown": {Shown: messages.NeedsAttention, Limit: 101}, "provisionings_reason": {Reason: "balance", Limit: 101},
		} {
			plan, err := s.Plan(filter)
			if err != nil || !strings.Contains(plan, index) {
				t.Errorf("%+v does not use %s, %v:\n%s", filter, index, err, plan)
			}
		}
	})
}

// many are statements that make 128 units of each order, and let the database
// count them.
func many(t *testing.T) []string {
	t.Helper()
	columns := `workflow_id, domain, registrar, plan, state, created_at, shown, step, since`
	statements := make([]string, 0, 10)
	for n := range 7 { // 20 orders, doubled seven times
		statements = append(statements, fmt.Sprintf(`INSERT INTO provisionings (order_number, item, `+columns+`)
			SELECT order_number, item + %d, workflow_id, '', registrar, plan, state, created_at, 'waiting', 10, since FROM provisionings`, 1<<n))
	}
	return append(statements, `ANALYZE`)
}
