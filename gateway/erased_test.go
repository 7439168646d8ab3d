package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
	"domainprovisioning/store"
)

// An order that was erased is shown without its data, and its repeats get a plain answer.
func TestAnErasedOrderIsAnsweredPlainly(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		numbered := outside.Alter(t, outside.HostingOnly, `"vendorAccountId"`, `"number": "A-1", "vendorAccountId"`)
		if got := f.order(numbered, "Idempotency-Key", "click-1"); got.status != http.StatusCreated {
			t.Fatalf("%d %s", got.status, got.body)
		}
		units, err := f.Store.Units(t.Context(), store.UnitFilter{OrderNumber: "shop:A-1"})
		if err != nil {
			t.Fatal(err)
		}
		for _, unit := range units {
			if err := f.Store.CloseUnit(t.Context(), "shop:A-1", unit.Item, store.UnitDone, ""); err != nil {
				t.Fatal(err)
			}
		}
		at, err := f.Store.Erase(t.Context(), store.Erasing{Number: "shop:A-1"})
		if err != nil {
			t.Fatal(err)
		}
		var stands gateway.Order
		f.get("/v1/orders/A-1").decode(t, &stands)
		if len(stands.Units) != 1 || stands.Units[0].ErasedAt == nil || !stands.Units[0].ErasedAt.Equal(at) {
			t.Errorf("it is shown as %+v", stands)
		}
		for what, headers := range map[string][]string{"by its number": nil, "by its key": {"Idempotency-Key", "click-1"}} {
			got := f.order(numbered, headers...)
			if got.status != http.StatusGone || !strings.Contains(got.body, "problem:order-erased") || !strings.Contains(got.body, "erased on "+at.Format("2006-01-02")) {
				t.Errorf("a repeat %s: %d %s", what, got.status, got.body)
			}
		}
	})
}
