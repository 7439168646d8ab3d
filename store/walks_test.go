package store_test

import (
	"slices"
	"testing"
	"time"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// toCompare lists the domains whose turn it is, at most limit.
func toCompare(t *testing.T, s *store.Store, c *clock, limit int) []string {
	t.Helper()
	rows, err := s.ToCompare(t.Context(), driftAccount, beginWalk(t, s).Round, c.now(), false, limit)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = row.Name
	}
	return names
}

// What something is under way for keeps its turn, and takes none from the others.
func TestWhatIsUnderWayKeepsNoOtherFromItsTurn(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		holdRead(t, s, c, "a.example", "b.example", "c.example", "d.example")
		order := must[store.Accepted](t)(s.AcceptOrder(t.Context(), acceptance("", "a.example", "{}")))
		if err := s.LookAt(t.Context(), "b.example"); err != nil {
			t.Fatal(err)
		}
		err := s.RecordLife(t.Context(), store.LifeChange{
			Name: "c.example", Registrar: driftAccount, Round: must[store.Domain](t)(s.Domain(t.Context(), "c.example")).HeldRound,
			State: messages.LifeActive, Since: c.now(), Read: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := toCompare(t, s, c, 1); !slices.Equal(got, []string{"d.example"}) {
			t.Errorf("while all others are under way, it is the turn of %v", got)
		}
		if err := s.CloseUnit(t.Context(), order.Number, 0, store.UnitFailed, ""); err != nil {
			t.Fatal(err)
		}
		looks := must[[]store.Domain](t)(s.ClaimLooks(t.Context(), 10))
		for _, look := range looks {
			if err := s.Told(t.Context(), look); err != nil {
				t.Fatal(err)
			}
		}
		if got := toCompare(t, s, c, 10); !slices.Equal(got, []string{"b.example", "d.example"}) {
			t.Errorf("an order and a reading have just ended: %v", got)
		}
		c.advance(time.Second)
		if got := toCompare(t, s, c, 10); !slices.Equal(got, []string{"a.example", "b.example", "c.example", "d.example"}) {
			t.Errorf("after everything: %v", got)
		}
	})
}

// A domain that its life never reads, as the registrar does not tell, is compared after a day all the
// same, and can be missing.
func TestADomainThatIsNeverReadIsJudged(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		if _, err := s.Import(t.Context(), []store.NewDomain{{Name: "a.example", Registrar: driftAccount}}); err != nil {
			t.Fatal(err)
		}
		for _, look := range must[[]store.Domain](t)(s.ClaimLooks(t.Context(), 10)) {
			if err := s.Told(t.Context(), look); err != nil {
				t.Fatal(err)
			}
		}
		judged := func() (turn, missing, under bool) {
			t.Helper()
			walk := beginWalk(t, s)
			unseen, err := s.Unseen(t.Context(), driftAccount, walk.Round, *walk.BeganAt, "", 10)
			if err != nil {
				t.Fatal(err)
			}
			waits := must[map[string]bool](t)(s.Unjudged(t.Context(), []string{"a.example"}, c.now()))
			return len(toCompare(t, s, c, 10)) == 1, len(unseen) == 1, waits["a.example"]
		}
		c.advance(23 * time.Hour)
		if turn, missing, under := judged(); turn || missing || !under {
			t.Errorf("within the day: turn %t, missing %t, under way %t", turn, missing, under)
		}
		c.advance(2 * time.Hour)
		if turn, missing, under := judged(); !turn || !missing || under {
			t.Errorf("after the day: turn %t, missing %t, under way %t", turn, missing, under)
		}
	})
}
