package rehearsal_test

import (
	"fmt"
	"strings"
	"testing"

	"domainprovisioning/internal/outside"
)

// TestTheRehearsalKnowsThePrice: it refuses what intake refuses, and shows the steps of what
// may be bought.
func TestTheRehearsalKnowsThePrice(t *testing.T) {
	limited := outside.Alter(t, outside.NewCustomer, `"planId": 5`, `"planId": 8`)
	w, r := begin(t)
	w.Netim.SetPremium("shop.example", 250_00)
	plan := rehearse(t, r, limited)
	refusals := fmt.Sprintf("%+v", plan.Refusals)
	if plan.Accepted || !strings.Contains(refusals, "250.00 EUR") || !strings.Contains(refusals, "12.00 EUR") {
		t.Errorf("accepted %t, %s", plan.Accepted, refusals)
	}
	w.Netim.SetPremium("shop.example", 11_00)
	if plan := rehearse(t, r, limited); !plan.Accepted || !strings.Contains(names(plan), "registration") {
		t.Errorf("accepted %t, %+v: %s", plan.Accepted, plan.Refusals, names(plan))
	}
	if n := len(w.Netim.Operations()); n != 0 {
		t.Errorf("%d operations", n)
	}
}
