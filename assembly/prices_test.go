package assembly

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"domainprovisioning/config"
	"domainprovisioning/internal/exampleconfig"
	"domainprovisioning/registrars/names4ever"
)

func TestPriceLimitsComeFromTheConfiguration(t *testing.T) {
	limits, err := priceLimits(config.PriceLimit{Currency: "EUR", Registration: "12.00", OwnerChange: "0"})
	if err != nil || limits.Currency != "EUR" || *limits.Registration != 12_00 || *limits.OwnerChange != 0 || limits.Renewal != nil || limits.Transfer != nil {
		t.Errorf("got %+v, %v", limits, err)
	}
	if limits, err := priceLimits(config.PriceLimit{}); limits != nil || err != nil {
		t.Errorf("none: %+v, %v", limits, err)
	}
}

// TestALimitNeedsARegistrarThatTellsPrices: the mistake names the plan and the field, in one
// run for all of them.
func TestALimitNeedsARegistrarThatTellsPrices(t *testing.T) {
	cfg := exampleConfig(t)
	account := cfg.Registrars["netim-main"]
	account.Plugin, account.Settings = "names4ever", &names4ever.Settings{PlanID: "7"}
	cfg.Registrars["names4ever-main"] = account
	cfg.Plans.Domains[0].PriceLimit = config.PriceLimit{Registration: "12.00"} // at Netim
	second := cfg.Plans.Domains[0]
	second.Plan, second.TLD, second.Registrar = 8, "classic", "names4ever-main"
	second.PriceLimit = config.PriceLimit{Registration: "12.00", Transfer: "9.00"}
	cfg.Plans.Domains = append(cfg.Plans.Domains, second)
	_, err := New(t.Context(), cfg, quiet())
	if err == nil {
		t.Fatal("taken")
	}
	for _, want := range []string{
		`config: plans.domains[1].price_limit.registration: plan 8 is sold by registrar account "names4ever-main", and Names4Ever tells no price before a request`,
		"config: plans.domains[1].price_limit.transfer: plan 8",
	} {
		if strings.Count(err.Error(), want) != 1 {
			t.Errorf("%q is not named once in\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "domains[0]") || strings.Contains(err.Error(), "renewal") {
		t.Errorf("too much is named:\n%v", err)
	}
}

// TestAmountsAreWrittenAsNumbersOrTexts, with two decimals either way.
func TestAmountsAreWrittenAsNumbersOrTexts(t *testing.T) {
	content, err := os.ReadFile("../config/example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`{registration: 12.00, renewal: "12.50"}`: "",
		`{registration: twelve}`:                  "config: plans.domains[0].price_limit.registration: ",
		`{renewal: -1.00}`:                        "config: plans.domains[0].price_limit.renewal: ",
		`{restore: 60.0.0}`:                       "config: plans.domains[0].price_limit.restore: ",
		`{transfer: 1.234}`:                       "config: plans.domains[0].price_limit.transfer: ",
		`{registration: 12.00, currency: euro}`:   `plan 5: price limit: currency "euro"`,
		`{currency: EUR}`:                         "plan 5: price limit: no amount is given",
		`{deletion: 1.00}`:                        "deletion",
	} {
		file := filepath.Join(t.TempDir(), "x.yaml")
		written := strings.Replace(exampleconfig.Fill(string(content)), "      years: 1\n", "      years: 1\n      price_limit: "+text+"\n", 1)
		if err := os.WriteFile(file, []byte(written), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := Load(file, nil)
		switch {
		case want == "" && (err != nil || cfg.Plans.Domains[0].PriceLimit.Registration != "12.00" || cfg.Plans.Domains[0].PriceLimit.Renewal != "12.50"):
			t.Errorf("%s: %+v, %v", text, cfg.Plans.Domains[0].PriceLimit, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
