package domains_test

import (
	"testing"

	"domainprovisioning/domains"
)

func TestSettingsAreTheSameByTheirValues(t *testing.T) {
	on, alsoOn, off, one, alsoOne := true, true, false, 1, 1
	signed := func(tag int) domains.Settings {
		return domains.Settings{DNSSEC: &domains.DNSSEC{Sign: true, DS: []domains.DS{{KeyTag: tag}}}}
	}
	for name, c := range map[string]struct {
		a, b domains.Settings
		same bool
	}{
		"none":             {domains.Settings{}, domains.Settings{}, true},
		"the same value":   {domains.Settings{Lock: &on}, domains.Settings{Lock: &alsoOn}, true},
		"one is missing":   {domains.Settings{Lock: &on}, domains.Settings{}, false},
		"another value":    {domains.Settings{Lock: &on}, domains.Settings{Lock: &off}, false},
		"another setting":  {domains.Settings{Lock: &on}, domains.Settings{Privacy: &on}, false},
		"a template":       {domains.Settings{ZoneTemplate: &one}, domains.Settings{ZoneTemplate: &alsoOne}, true},
		"the same records": {signed(7), signed(7), true},
		"other records":    {signed(7), signed(8), false},
		"unsigned":         {signed(7), domains.Settings{DNSSEC: &domains.DNSSEC{}}, false},
	} {
		if c.a.Same(c.b) != c.same || c.b.Same(c.a) != c.same {
			t.Errorf("%s: same %t", name, !c.same)
		}
	}
}

func TestSettingsLieOverOthers(t *testing.T) {
	on, off, one, two := true, false, 1, 2
	below := domains.Settings{Lock: &on, Privacy: &on, ZoneTemplate: &one, DNSSEC: &domains.DNSSEC{Sign: true}}
	above := domains.Settings{Lock: &off, AutoRenewal: &on, ZoneTemplate: &two}
	want := domains.Settings{Lock: &off, Privacy: &on, AutoRenewal: &on, ZoneTemplate: &two, DNSSEC: &domains.DNSSEC{Sign: true}}
	if got := above.Over(below); !got.Same(want) {
		t.Errorf("got %+v", got)
	}
}
