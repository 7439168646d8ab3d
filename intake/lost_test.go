package intake_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/internal/postgrestest"
)

// restored is a world whose database knows nothing of what Temporal runs.
func restored(t *testing.T, before *outside.World, database string) *outside.World {
	t.Helper()
	after := outside.New(t, outside.Options{Database: database})
	after.Intake.Temporal = before.Temporal
	return after
}

func as(t *testing.T, client string) context.Context {
	t.Helper()
	return intake.WithCaller(t.Context(), intake.Caller{Client: client})
}

func placeAs(t *testing.T, w *outside.World, client, order string) intake.Placed {
	t.Helper()
	placed, err := w.Intake.PlaceJSON(as(t, client), []byte(order), nil)
	if err != nil {
		t.Fatal(err)
	}
	return placed
}

// An order that a client has placed over the gateway keeps its key when it is placed again after a
// restore, so its workflow finds it, and nothing is started.
func TestALostOrderIsPlacedAgainUnderItsKey(t *testing.T) {
	numbered := outside.Alter(t, outside.DomainOnly, `"vendorAccountId"`, `"number": "SO-1001", "vendorAccountId"`)
	unnumbered := outside.Alter(t, outside.DomainOnly, `"shop"`, `"store"`)
	for name, url := range map[string]func() string{"sqlite": func() string { return "" }, "postgres": func() string { return postgrestest.URL(t) }} {
		t.Run(name, func(t *testing.T) {
			before := outside.New(t, outside.Options{})
			first, second := placeAs(t, before, "shop", numbered), placeAs(t, before, "shop", unnumbered)
			if first.Number != "shop:SO-1001" || second.Number != "DP00000002" {
				t.Fatalf("placed %s and %s", first.Number, second.Number)
			}
			starts := len(before.Temporal.Starts())
			w := restored(t, before, url())
			for _, c := range []struct {
				order, key, client string
				want               intake.Placed
			}{
				{unnumbered, second.Number, "shop", second},
				{numbered, first.Number, "", first},
			} {
				for _, existing := range []bool{false, true} {
					got, err := w.Intake.PlaceLost(t.Context(), []byte(c.order), c.key, c.client)
					if err != nil {
						t.Fatalf("%s: %v", c.key, err)
					}
					if got.Number != c.key || got.Label != c.want.Label || got.Client != "shop" || got.Existing != existing || got.Waiting() || got.Units[0].WorkflowID != c.want.Units[0].WorkflowID {
						t.Errorf("%s: placed again as %+v", c.key, got)
					}
				}
				if got := placeAs(t, w, "shop", c.order); got.Number != c.key || !got.Existing {
					t.Errorf("the client's repeat of %s is %s, existing %t", c.key, got.Number, got.Existing)
				}
				if document, err := w.Store.OrderDocument(t.Context(), c.key); err != nil || len(document) == 0 {
					t.Errorf("%s: %v", c.key, err)
				}
			}
			if got := len(before.Temporal.Starts()); got != starts {
				t.Errorf("%d workflows were started again", got-starts)
			}
			// Both the number and the integer id are those of the first time, and not given again.
			again, err := w.Intake.PlaceLost(t.Context(), []byte(unnumbered), second.Number, "shop")
			if err != nil || again.ID != second.ID {
				t.Errorf("its id is %d, %v; it was %d", again.ID, err, second.ID)
			}
			fresh := placeAs(t, w, "shop", outside.Alter(t, outside.DomainOnly, `"shop"`, `"fresh"`))
			if fresh.Number <= second.Number || fresh.ID == second.ID {
				t.Errorf("a new order is %s with the id %d", fresh.Number, fresh.ID)
			}
		})
	}
}

// What is not an order that runs under the key is refused, and neither stored nor started.
func TestOnlyALostOrderIsPlacedUnderAKey(t *testing.T) {
	numbered := outside.Alter(t, outside.DomainOnly, `"vendorAccountId"`, `"number": "SO-1001", "vendorAccountId"`)
	other := outside.Alter(t, numbered, `"shop"`, `"ended"`, "SO-1001", "SO-1002")
	before := outside.New(t, outside.Options{})
	placeAs(t, before, "shop", numbered)
	placeAs(t, before, "shop", other)
	before.Temporal.End("domain-provisioning/ended.example")
	starts := len(before.Temporal.Starts())
	w := restored(t, before, "")
	for name, c := range map[string]struct{ order, key, client, want string }{
		"the number of another":         {numbered, "shop:SO-1002", "", "the document is that of order SO-1001"},
		"another client's key":          {numbered, "till:SO-1001", "", "Temporal has no workflow domain-provisioning/shop.example of order till:SO-1001"},
		"a key of two clients":          {numbered, "shop:SO-1001", "till", "an order of shop, and not of till"},
		"the command line's":            {numbered, "SO-1001", "", "Temporal has no workflow"},
		"a document without number":     {outside.DomainOnly, "shop:SO-1001", "", "the document has no number"},
		"a number that we do not give":  {outside.DomainOnly, "SO-1001", "shop", "the document has no number"},
		"a number that nothing runs by": {outside.DomainOnly, "DP00000077", "shop", "Temporal has no workflow"},
		"no key":                        {numbered, "shop:", "", "is not the key of an order"},
		"one that has ended":            {other, "shop:SO-1002", "", "has ended in Temporal"},
		"one that is not valid":         {outside.Alter(t, numbered, `"shop"`, `"-"`), "shop:SO-1001", "", "domain"},
	} {
		_, err := w.Intake.PlaceLost(t.Context(), []byte(c.order), c.key, c.client)
		if _, refused := errors.AsType[*intake.Refusal](err); !refused || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if counters, err := w.Store.Counters(t.Context()); err != nil || counters["order-number"] != 0 {
		t.Errorf("the counters are %v, %v", counters, err)
	}
	if got := len(before.Temporal.Starts()); got != starts {
		t.Errorf("%d workflows were started", got-starts)
	}
	// The key of another order is taken, even if its client has not given this number.
	placeAs(t, w, "local", outside.Alter(t, outside.DomainOnly, `"shop"`, `"mine"`, `"vendorAccountId"`, `"number": "SO-1001", "vendorAccountId"`))
	before.Temporal.Belong("domain-provisioning/shop.example", "SO-1001")
	if _, err := w.Intake.PlaceLost(t.Context(), []byte(numbered), "SO-1001", "shop"); err == nil || !strings.Contains(err.Error(), "order number SO-1001 belongs to an order with other contents") {
		t.Errorf("a key that is taken: %v", err)
	}
}
