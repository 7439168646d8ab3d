package intake_test

import (
	"errors"
	"strings"
	"testing"

	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
)

// TestAnOrderAboveItsPriceLimitIsRefusedWhenItComes, with both amounts, and nothing is made.
func TestAnOrderAboveItsPriceLimitIsRefusedWhenItComes(t *testing.T) {
	limited := outside.Alter(t, outside.NewCustomer, `"planId": 5`, `"planId": 8`)
	for name, c := range map[string]struct {
		order string
		price func(*outside.World)
		want  []string
	}{
		"above the limit":           {limited, func(w *outside.World) { w.Netim.SetPrice("shop.example", 12_01) }, []string{"items[1].domain", "12.01 EUR", "12.00 EUR"}},
		"premium above the limit":   {limited, func(w *outside.World) { w.Netim.SetPremium("shop.example", 250_00) }, []string{"250.00 EUR", "12.00 EUR"}},
		"premium without any limit": {outside.NewCustomer, func(w *outside.World) { w.Netim.SetPremium("shop.example", 9_00) }, []string{"premium", "9.00 EUR"}},
		"at the limit":              {limited, func(w *outside.World) { w.Netim.SetPrice("shop.example", 12_00) }, nil},
		"premium within the limit":  {limited, func(w *outside.World) { w.Netim.SetPremium("shop.example", 12_00) }, nil},
		"dear without any limit":    {outside.NewCustomer, func(w *outside.World) { w.Netim.SetPrice("shop.example", 999_00) }, nil},
	} {
		w := outside.New(t, outside.Options{})
		c.price(w)
		_, err := w.Intake.Place(t.Context(), []byte(c.order))
		if c.want == nil {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		refusal, ok := errors.AsType[*intake.Refusal](err)
		if !ok {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(refusal.Error(), want) {
				t.Errorf("%s: %q lacks %q", name, refusal, want)
			}
		}
		if len(refusal.Pointers) != 1 || refusal.Pointers[0] != "/items/1/domain" || len(w.Temporal.Starts()) != 0 || len(w.Netim.Operations()) != 0 {
			t.Errorf("%s: pointers %v, %d starts", name, refusal.Pointers, len(w.Temporal.Starts()))
		}
	}
}

// TestAPriceThatCannotBeReadRefusesNoOrder: the workflow waits for it.
func TestAPriceThatCannotBeReadRefusesNoOrder(t *testing.T) {
	w := outside.New(t, outside.Options{})
	w.Fault(t, "netim:queryDomainPrice:malformed")
	if placed := w.Place(t, outside.Alter(t, outside.NewCustomer, `"planId": 5`, `"planId": 8`)); !placed.Units[0].Started {
		t.Errorf("got %+v", placed)
	}
	limits := w.Temporal.Starts()[0].Input.Unit.Domain.PriceLimits
	if limits == nil || *limits.Registration != outside.PriceLimit {
		t.Errorf("the workflow gets the limits %+v", limits)
	}
}
