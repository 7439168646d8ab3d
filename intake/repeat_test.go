package intake_test

import (
	"strings"
	"testing"

	"domainprovisioning/internal/outside"
	"domainprovisioning/orders"
	"domainprovisioning/store"
)

// Scenario repeat-after-plan-left: an order was accepted, and its plan has left the
// configuration since. A repeat gets the state of the order, by number, by key and by
// contents; another order of that plan is refused.
func TestARepeatIsFoundBeforeAnythingIsJudged(t *testing.T) {
	numbered := outside.Alter(t, outside.DomainOnly, `"vendorAccountId"`, `"number": "A-1", "vendorAccountId"`)
	click := &store.Idempotency{Client: "shop", Key: "click", Request: "body"}
	for name, c := range map[string]struct {
		order string
		key   *store.Idempotency
	}{
		"by number": {numbered, nil}, "by key": {outside.DomainOnly, click}, "by contents": {outside.DomainOnly, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := outside.New(t, outside.Options{})
			first, err := w.Intake.PlaceJSON(t.Context(), []byte(c.order), c.key)
			if err != nil {
				t.Fatal(err)
			}
			if w.Intake.Catalog, err = orders.NewCatalog(orders.HostingPlan{PlanID: outside.HostingPlan, Template: outside.HostingTemplate}); err != nil {
				t.Fatal(err)
			}
			again, err := w.Intake.PlaceJSON(t.Context(), []byte(c.order), c.key)
			if err != nil || !again.Existing || again.Number != first.Number || again.Units[0].State != store.UnitOpen {
				t.Errorf("got %+v, %v", again, err)
			}
			other := outside.Alter(t, outside.DomainOnly, `"shop"`, `"other"`)
			if _, err := w.Intake.PlaceJSON(t.Context(), []byte(other), nil); err == nil || !strings.Contains(err.Error(), "plan") {
				t.Errorf("another order of the plan: %v", err)
			}
			if starts := len(w.Temporal.Starts()); starts != 1 {
				t.Errorf("%d starts", starts)
			}
		})
	}
}

// An order that is known by its key is ours even if its document could no longer be read.
func TestAKeyedRepeatNeedsNoReading(t *testing.T) {
	w := outside.New(t, outside.Options{})
	click := &store.Idempotency{Client: "shop", Key: "click", Request: "body"}
	first, err := w.Intake.PlaceJSON(t.Context(), []byte(outside.DomainOnly), click)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.Intake.PlaceJSON(t.Context(), []byte(`{"no": "order"}`), click)
	if err != nil || !again.Existing || !again.Keyed || again.Number != first.Number {
		t.Errorf("got %+v, %v", again, err)
	}
}

// Scenario equal-order-after-cancel: an equal order after a cancelled one is a new order.
func TestAnEqualOrderAfterOneThatWasGivenUpIsNew(t *testing.T) {
	w := outside.New(t, outside.Options{})
	first := w.Place(t, outside.DomainOnly)
	if err := w.Store.CloseUnit(t.Context(), first.Number, first.Units[0].Item, store.UnitCancelled, ""); err != nil {
		t.Fatal(err)
	}
	w.Temporal.End(first.Units[0].WorkflowID)
	second := w.Place(t, outside.DomainOnly)
	if second.Existing || second.Number == first.Number || second.Waiting() {
		t.Errorf("got %+v", second)
	}
	if starts := len(w.Temporal.Starts()); starts != 2 {
		t.Errorf("%d starts", starts)
	}
}
