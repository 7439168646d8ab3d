package assembly_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestOrdersThatLookOddAreTaken: what is refused must not be refused because everything is.
func TestOrdersThatLookOddAreTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, calls := w.effects(t), len(w.calls())
	abroad := func(country, state, zip, code, area, number string) change {
		return both(customer("CountryID", country), customer("StateID", state), customer("ZipID", zip),
			customer("PhoneCountryID", code), customer("PhoneAreaID", area), customer("PhoneNumberID", number))
	}
	host := map[string]any{"host": "NS1.shop.example.", "addresses": []any{"192.0.2.1", "2001:db8::1"}}
	for name, c := range map[string]struct {
		change change
		domain string
		only   string
		// shown is in the parameters of the planned calls.
		shown string
	}{
		"as it is":                          {change: both()},
		"final full stop":                   {change: label("shop.")},
		"whole name, final full stop":       {change: label(" Shop.EXAMPLE. ")},
		"wide letters":                      {change: label("ＳＨＯＰ")},
		"capital sharp s":                   {change: label("STRAẞE"), domain: "xn--strae-oqa.example"},
		"letter and mark apart":             {change: label("büro"), domain: "xn--bro-hoa.example"},
		"coded form in capitals":            {change: label("XN--BRO-HOA"), domain: "xn--bro-hoa.example"},
		"middle dot in its place":           {change: label("col·lecció"), domain: "xn--collecci-ioa91d.example"},
		"only digits":                       {change: label("4711"), domain: "4711.example"},
		"longest label":                     {change: label(strings.Repeat("a", 63)), domain: strings.Repeat("a", 63) + ".example"},
		"two years":                         {change: period(2), shown: "years=2"},
		"at the price limit":                {change: both(plan(planLimited), label("cheap")), domain: "cheap.example"},
		"language where one is needed":      {change: both(plan(planLanguage), label("büro"), param(1, "DomainLanguage", "DE")), domain: "xn--bro-hoa.lang", shown: "language=DE"},
		"what a registry asks for":          {change: both(plan(planProperty), param(1, "taxNumber", "123"), param(1, "founded", "2001-01-31"), param(1, "legalForm", "LTD")), domain: "shop.props"},
		"what the plan requires":            {change: both(plan(planFields), param(1, "R_ID", "123")), domain: "shop.au"},
		"Names4Ever":                        {change: plan(planClassic), domain: "shop.classic"},
		"trunk zero":                        {change: abroad("de", "", "80331", "+49", "(0)89", "123-456")},
		"country with its prefix":           {change: abroad("de", "", "80331", "0049", "089", "123 456")},
		"Italian zero":                      {change: abroad("it", "MI", "20121", "39", "02", "12345678")},
		"country without postal codes":      {change: abroad("ae", "Dubai", "", "971", "4", "1234567")},
		"country without states":            {change: abroad("nl", "", "1234 ab", "31", "20", "1234567")},
		"state by its name":                 {change: customer("StateID", "new york")},
		"province in French":                {change: abroad("ca", "Québec", "H2X 1Y4", "1", "514", "5550100")},
		"codes of a fax that nobody has":    {change: both(customer("FaxCountryID", "999"), customer("FaxAreaID", "x"))},
		"address of several lines":          {change: customer("PostAddressID", "1 Main Street\nSampleton")},
		"currency in small letters":         {change: customer("CurrencyID", "eur")},
		"name server in Unicode":            {change: servers("NS1.büro.example.", "ns2.a.example"), shown: "nameServers=ns1.xn--bro-hoa.example ns2.a.example"},
		"empty name servers":                {change: servers("ns1.a.example", "ns2.a.example", "", " "), shown: "nameServers=ns1.a.example ns2.a.example"},
		"host with addresses":               {change: func(o *order) { o.items[1].hosts = []any{host, "ns2.a.example"} }, only: onlyJSON, shown: "host=ns1.shop.example"},
		"digest as dig prints it":           {change: param(1, "DomainSettings", strings.Replace(records(1, 13), "abababab", "ABab abab", 1)), shown: "by the order's 1 DS records"},
		"new user without a password":       {change: user("TechContactID", 7, noSlot("PasswordID"))},
		"odd customer at another registrar": {change: both(existing("500200"), plan(planRealtime)), domain: "shop.sync"},
		"known user in a role":              {change: both(existing("500100"), plan(planRealtime), param(1, "TechContactID", "700")), domain: "shop.sync"},
		"transfer":                          {change: of("90", "taken", planNetim, param(0, "TransferKey", "KEY-9")), domain: "taken.example"},
		"transfer without a key":            {change: of("90", "taken", planKeyless), domain: "taken.keyless"},
		"renewal":                           {change: of("20", "mine", planNetim), domain: "mine.example"},
		"renewal from a day off":            {change: of("20", "mine", planRealtime, param(0, "ExpectedExpiry", "2027-05-02")), domain: "mine.sync"},
		"settings":                          {change: of("settings-change", "mine", planNetim, noParam(0, "TransferKey"), param(0, "DomainSettings", `{"lock": true}`)), only: onlyJSON, domain: "mine.example"},
		"name servers of mine":              {change: of("name-server-change", "mine", planRealtime, noParam(0, "TransferKey"), servers("ns1.a.example", "ns2.a.example")), only: onlyJSON, domain: "mine.sync"},
		"restore":                           {change: of("restore", "gone", planNetim, noParam(0, "TransferKey")), only: onlyJSON, domain: "gone.example"},
		"restore at Realtime Register":      {change: of("restore", "gone", planRealtime, noParam(0, "TransferKey")), only: onlyJSON, domain: "gone.sync"},
		"adoption":                          {change: of("adoption", "mine", planNetim, noParam(0, "TransferKey"), param(0, "ExpectedExpiry", expires)), only: onlyJSON, domain: "mine.example"},
	} {
		forms, _ := wrong{change: c.change, only: c.only}.forms(t)
		for _, form := range slices.Sorted(maps.Keys(forms)) {
			plan, err := w.rehearsal.Rehearse(t.Context(), []byte(forms[form]))
			if err != nil {
				t.Fatal(err)
			}
			domain := c.domain
			if domain == "" {
				domain = "shop.example"
			}
			if !plan.Accepted || len(plan.Units) != 1 || plan.Units[0].Domain != domain {
				t.Errorf("%s (%s): refused for %+v, %d units", name, form, plan.Refusals, len(plan.Units))
				continue
			}
			var shown []string
			for _, step := range plan.Units[0].Steps {
				for _, call := range step.Calls {
					if call.Trouble != "" {
						t.Errorf("%s (%s): %s would not be sent: %s", name, form, call.Name, call.Trouble)
					}
					for _, parameter := range call.Parameters {
						shown = append(shown, parameter.Name+"="+parameter.Value)
					}
				}
			}
			if !strings.Contains(strings.Join(shown, "\n"), c.shown) {
				t.Errorf("%s (%s): the calls lack %q:\n%s", name, form, c.shown, strings.Join(shown, "\n"))
			}
		}
	}
	if after := w.effects(t); after != before {
		t.Errorf("rehearsals left something:\n%s\nbefore:\n%s", after, before)
	}
	w.wasOnlyAsked(t, calls)
}
