package orders

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func domainDocument(fields string) string {
	return itemDocument(`,"parentId":-1,"domain":"shop",` + fields)
}

// TestOurOperationsAreOrderedInJSONOnly, because the order system does not have
// them.
func TestOurOperationsAreOrderedInJSONOnly(t *testing.T) {
	for _, c := range []struct {
		fields string
		want   Type
	}{
		{`"operation":"owner-change","contacts":{"owner":7}`, OwnerChange},
		{`"operation":"contact-change","contacts":{"tech":7}`, ContactChange},
		{`"operation":"name-server-change","nameServers":["a.example","b.example"]`, NameServerChange},
		{`"operation":"settings-change","settings":{"lock":true}`, SettingsChange},
		{`"operation":"adoption"`, Adoption},
		{`"operation":"adoption","transferKey":"","expires":"2027-03-01","contacts":{"owner":7},"settings":{"lock":true}`, Adoption},
		{`"operation":"restore"`, Restore},
		{`"operation":"restore","transferKey":"","settings":{"autoRenewal":true}`, Restore},
		{`"operation":"renewal","transferKey":"","expires":"2027-03-01"`, Renewal},
		{`"operation":"transfer","transferKey":"k","settings":{"zoneTemplate":3,"dnssec":{"sign":true}}`, Transfer},
	} {
		o := mustReadJSON(t, domainDocument(c.fields))
		if got := o.Items[0].Type(); got != c.want {
			t.Errorf("%s: got %s", c.fields, got)
		}
		roundTripJSON(t, o)
	}
	for _, code := range []string{"1001", "1004", "1005", "1006"} {
		_, err := ReadList(sections{items: []string{"3=5=0=-1"}, groups: []group{{0, op(code, "shop")}}}.list())
		var faults Faults
		if !errors.As(err, &faults) || !strings.Contains(err.Error(), "is not one of 10 (registration), 20 (renewal), 90 (transfer)") {
			t.Errorf("code %s in a list: %v", code, err)
		}
	}
}

func roundTripJSON(t *testing.T, o *Order) {
	t.Helper()
	text := mustWriteJSON(t, o)
	if again := mustWriteJSON(t, mustReadJSON(t, text)); again != text {
		t.Errorf("written and read: %s\nthen: %s", text, again)
	}
}

func TestAnOperationNeedsWhatItIsAbout(t *testing.T) {
	for fields, want := range map[string]string{
		`"operation":"owner-change"`:                                                                "items[0].contacts.owner is missing",
		`"operation":"contact-change","contacts":{"owner":7}`:                                       "items[0].contacts.admin is missing, and so are tech and billing",
		`"operation":"name-server-change"`:                                                          "items[0].nameServers[0] is missing",
		`"operation":"settings-change"`:                                                             "items[0].settings is missing",
		`"operation":"settings-change","settings":{}`:                                               "settings changes nothing",
		`"operation":"settings-change","settings":{"lok":true}`:                                     "items[0].settings has the unknown field \"lok\"",
		`"operation":"settings-change","settings":{"lock":"yes"}`:                                   "settings.lock has the wrong type",
		`"operation":"settings-change","settings":{"zoneTemplate":0}`:                               "settings.zoneTemplate must be a number above 0",
		`"operation":"settings-change","settings":7`:                                                "/items/0/settings",
		`"operation":"settings-change","settings":{"dnssec":{"sign":false,"ds":[{"keyTag":1}]}}`:    "settings.dnssec.sign must be true",
		`"operation":"settings-change","settings":{"dnssec":{"sign":true,"ds":[{"keyTag":70000}]}}`: "settings.dnssec.ds[0].keyTag must be 0 to 65535",
		`"operation":"settings-change","settings":{"dnssec":{"sign":true,"key":{"flags":1}}}`:       "settings.dnssec.key.flags must be 256 or 257",
		`"operation":"renewal","transferKey":"","expires":"March"`:                                  "items[0].expires must be a date",
		`"operation":"registration","transferKey":"","expires":"2027-01-01"`:                        "items[0].expires is for a renewal or an adoption only",
		`"operation":"owner-change","contacts":{"owner":7},"transferKey":"k"`:                       "items[0].transferKey is for a transfer only",
		`"operation":"restore","expires":"2027-01-01"`:                                              "items[0].expires is for a renewal or an adoption only",
		`"operation":"restore","language":"GER"`:                                                    "items[0].language is for a registration only",
		`"operation":"restore","nameServers":["a.example","b.example"]`:                             "items[0].nameServers[0] can be set only with",
		`"operation":"adoption","transferKey":"k"`:                                                  "items[0].transferKey is for a transfer only",
		`"operation":"adoption","nameServers":["a.example","b.example"]`:                            "items[0].nameServers[0] can be set only with",
		`"operation":"owner-change","contacts":{"owner":7},"nameServers":["a.example","b.example"]`: "items[0].nameServers[0] can be set only with",
	} {
		_, err := ReadJSON(strings.NewReader(domainDocument(fields)))
		if err == nil || !strings.Contains(err.Error(), want) {
			// The path is in the fault, not in its text.
			var faults Faults
			if errors.As(err, &faults) && len(faults) > 0 && faults[0].Path == want {
				continue
			}
			t.Errorf("%s: got %v, want %q", fields, err, want)
		}
	}
}

func TestResolvedChangesKnowSettingsAndExpiry(t *testing.T) {
	catalog, err := NewCatalog(DomainPlan{
		PlanID: 20, TLD: "example", Registrar: "netim-1", Years: 1, Periods: map[int]int{36: 1}, Template: 10,
		Billing: BillingPlan{PlanID: 3, PeriodType: PeriodYears, Period: 1, RegistrarID: 7},
	})
	if err != nil {
		t.Fatal(err)
	}
	in, err := Rules{}.ReadJSON(strings.NewReader(domainDocument(
		`"operation":"renewal","transferKey":"","expires":"2027-03-01","settings":{"lock":false}`)))
	if err != nil {
		t.Fatal(err)
	}
	units := catalog.Resolve(in)
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	d := units[0].Domain
	if units[0].Type != Renewal || d.Settings.Lock == nil || *d.Settings.Lock || d.Settings.Privacy != nil ||
		!d.Expires.Equal(time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("got %+v", d)
	}
}
