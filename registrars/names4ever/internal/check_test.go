package internal

import (
	"slices"
	"testing"
)

// whole returns an operation that breaks no rule.
func whole(name string) Operation {
	o := NewOperation(name, "shop.example")
	o.Password, o.Organization, o.Years = "p", "Example Wings", 1
	o.NameServers = []NameServer{{1, "ns1.dns.example", "192.0.2.53"}, {2, "ns2.dns.example", ""}}
	o.Contacts = []Contact{{Type: TypeAdmin}, {Type: TypeTech}, {Type: TypeBilling}}
	return o
}

func TestCheckWording(t *testing.T) {
	for _, c := range []struct {
		rule   string
		change func(*Operation)
	}{
		{"fqdn is required", func(o *Operation) { o.FQDN = "" }},
		{"organization is required", func(o *Operation) { o.Organization = "" }},
		{"domain password is required; later changes need it", func(o *Operation) { o.Password = "" }},
		{"1 to 4 name servers are required, got 0", func(o *Operation) { o.NameServers = nil }},
		{"1 to 4 name servers are required, got 6", func(o *Operation) {
			o.NameServers = slices.Concat(o.NameServers, o.NameServers, o.NameServers)
		}},
		{"name server priorities must be sequential from 1", func(o *Operation) { o.NameServers[1].Priority = 3 }},
		{"name server priorities must be sequential from 1", func(o *Operation) { o.NameServers[0].Priority = 0 }},
		{"an admin contact is required", func(o *Operation) { o.Contacts = o.Contacts[1:] }},
		{"contact type owner is not one of admin, tech, billing", func(o *Operation) { o.Contacts[1].Type = "owner" }},
		{"contact type tech is given twice", func(o *Operation) { o.Contacts[2].Type = TypeTech }},
		{"registration-period is counted in years and must be at least 1", func(o *Operation) { o.Years = 0 }},
		{"ip of ns1.dns.example is not an IP address", func(o *Operation) { o.NameServers[0].IP = "192.0.2" }},
	} {
		o := whole(AddDomain)
		c.change(&o)
		if broken := o.Check(true); broken == nil || broken.Rule != c.rule || broken.Field == "" {
			t.Errorf("%+v, want %q", broken, c.rule)
		}
	}
	for _, name := range []string{AddDomain, ModifyDomain, DeleteDomain} {
		if broken := whole(name).Check(true); broken != nil {
			t.Errorf("%s: %+v", name, broken)
		}
	}
	o := whole(ModifyDomain)
	o.NameServers, o.Contacts = nil, nil
	if broken := o.Check(true); broken == nil || broken.Rule != "modify-domain changes nothing" {
		t.Errorf("%+v", broken)
	}
}

func TestVoice(t *testing.T) {
	for want, parts := range map[string][3]string{
		"+1 (555) 555-0100": {"1", "555", "5550100"},
		"":                  {"1", "55", "5550100"},
		"+49 (30) 123456":   {"49", "30", "123456"},
		"+45 12345678":      {"45", "", "12345678"},
	} {
		if got := Voice(parts[0], parts[1], parts[2]); got != want {
			t.Errorf("%v: %q, want %q", parts, got, want)
		}
	}
	if got := Voice("1", "", "5555550100"); got != "+1 (555) 555-0100" {
		t.Errorf("without an area code: %q", got)
	}
}

func TestWordsOfRDAP(t *testing.T) {
	for word, leaving := range map[string]bool{
		"pending delete": true, "pendingDelete": true, "redemption period": true, "active": false, "client hold": false,
	} {
		if Leaving(word) != leaving {
			t.Errorf("Leaving(%q)", word)
		}
	}
	if !Coming("pending create") || Coming("active") {
		t.Error("Coming")
	}
}
