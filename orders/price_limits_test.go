package orders

import (
	"strings"
	"testing"
)

func TestPriceLimitsOfAPlan(t *testing.T) {
	amount := func(f Fee) *Fee { return &f }
	for name, c := range map[string]struct {
		limits *PriceLimits
		want   []string
	}{
		"none":            {nil, nil},
		"one":             {&PriceLimits{Renewal: amount(0)}, nil},
		"of a restore":    {&PriceLimits{Restore: amount(-1)}, []string{"the restore -0.01 is not an amount"}},
		"with a currency": {&PriceLimits{Currency: "EUR", OwnerChange: amount(maxFee)}, nil},
		"nothing limited": {&PriceLimits{Currency: "EUR"}, []string{"no amount is given"}},
		"all wrong": {&PriceLimits{Currency: "eur", Registration: amount(-1), Transfer: amount(maxFee + 1)},
			[]string{`currency "eur" is not a code such as EUR`, "the registration -0.01 is not an amount", "the transfer 1000000000.01 is not an amount"}},
	} {
		plan := comPlan()
		plan.PriceLimits = c.limits
		_, err := NewCatalog(plan)
		if c.want == nil && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v lacks %q", name, err, want)
			}
		}
	}
}
