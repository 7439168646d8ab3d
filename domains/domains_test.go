package domains_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/domains"
)

func TestParseNameNormalisesOnce(t *testing.T) {
	for in, want := range map[string]string{
		"shop.example":                       "shop.example",
		"SHOP.Example.":                      "shop.example",
		" shop.example ":                     "shop.example", //nolint:gocritic // blanks are cut off
		"bücher.example":                     "xn--bcher-kva.example",
		"XN--BCHER-KVA.example":              "xn--bcher-kva.example",
		"BÜCHER.EXAMPLE":                     "xn--bcher-kva.example",
		"straße.example":                     "xn--strae-oqa.example",
		"пример.рф":                          "xn--e1afmkfd.xn--p1ai",
		"a.b.c.example":                      "a.b.c.example",
		"1shop.example":                      "1shop.example",
		"shop。example":                       "shop.example",
		strings.Repeat("a", 63) + ".example": strings.Repeat("a", 63) + ".example",
	} {
		name, err := domains.ParseName(in)
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		if name.String() != want {
			t.Errorf("%q gives %q, want %q", in, name, want)
		}
		again, err := domains.ParseName(name.String())
		if err != nil || again != name {
			t.Errorf("%q does not parse to itself: %v %v", name, again, err)
		}
	}
}

func TestParseNameRefuses(t *testing.T) {
	for _, in := range []string{
		"", ".", "shop", "shop..example", "-shop.example", "shop-.example", "sh_op.example", "shop.example..",
		"192.0.2.1", "shop example", "shop.example/path", strings.Repeat("a", 64) + ".example",
		strings.Repeat("a.", 130) + "example", strings.Repeat("ü", 2000), "shop.\x00example",
	} {
		if name, err := domains.ParseName(in); err == nil {
			t.Errorf("%q was taken as %q", in, name)
		}
	}
}

func TestJoinMakesTheNameOfALabelUnderATopLevelDomain(t *testing.T) {
	name, err := domains.Join("Shop", ".com.au")
	if err != nil || name.String() != "shop.com.au" {
		t.Errorf("got %q, %v", name, err)
	}
	for _, label := range []string{"", "shop.example", " ", "-"} {
		if name, err := domains.Join(label, "example"); err == nil {
			t.Errorf("label %q was taken as %q", label, name)
		}
	}
}

func TestNameForPeopleAndParts(t *testing.T) {
	name := domains.MustParseName("bücher.example")
	if name.Unicode() != "bücher.example" || name.TLD() != "example" || name.IsZero() || !(domains.Name{}).IsZero() {
		t.Errorf("unicode %q, tld %q", name.Unicode(), name.TLD())
	}
	if tld, err := domains.ParseTLD(".РФ"); err != nil || tld != "xn--p1ai" {
		t.Errorf("got %q, %v", tld, err)
	}
}

func TestNameTravelsAsText(t *testing.T) {
	type document struct{ Name domains.Name }
	encoded, err := json.Marshal(document{domains.MustParseName("Shop.Example")})
	if err != nil || string(encoded) != `{"Name":"shop.example"}` {
		t.Fatalf("got %s, %v", encoded, err)
	}
	var decoded document
	if err := json.Unmarshal(encoded, &decoded); err != nil || decoded.Name.String() != "shop.example" {
		t.Errorf("got %v, %v", decoded, err)
	}
	if err := json.Unmarshal([]byte(`{"Name":"no dot"}`), &decoded); err == nil {
		t.Error("a bad name was taken")
	}
	if err := json.Unmarshal([]byte(`{"Name":""}`), &decoded); err != nil || !decoded.Name.IsZero() {
		t.Errorf("empty text gives %v, %v", decoded, err)
	}
}

func TestNameServers(t *testing.T) {
	servers, err := domains.ParseNameServers([]string{" NS1.dns.example.", "ns2.dns.example"})
	if err != nil || fmt.Sprint(servers) != "[ns1.dns.example ns2.dns.example]" {
		t.Fatalf("got %v, %v", servers, err)
	}
	if !servers.Contains("NS2.DNS.EXAMPLE") || servers.Contains("ns3.dns.example") {
		t.Error("Contains does not compare without regard to case")
	}
	if !servers.Same(domains.NameServers{"ns2.dns.example", "ns1.dns.example"}) ||
		servers.Same(domains.NameServers{"ns1.dns.example"}) ||
		servers.Same(domains.NameServers{"ns1.dns.example", "ns3.dns.example"}) {
		t.Error("Same does not compare as sets")
	}
	if none, err := domains.ParseNameServers(nil); err != nil || none != nil {
		t.Errorf("no servers give %v, %v", none, err)
	}
	for _, bad := range [][]string{
		{"ns1.dns.example", "NS1.dns.example."}, {"ns_1.dns.example"}, {"localhost"}, {"192.0.2.1"}, {""},
		{"-ns.dns.example"}, {strings.Repeat("a", 64) + ".example"}, {strings.Repeat("a.", 130) + "example"},
	} {
		if servers, err := domains.ParseNameServers(bad); err == nil {
			t.Errorf("%v was taken as %v", bad, servers)
		}
	}
}

const password = "correct-horse"

func TestSecretShowsItsValueToRevealOnly(t *testing.T) {
	secret := domains.NewSecret(password)
	if secret.Reveal() != password || secret.IsZero() {
		t.Error("the value is lost")
	}
	holder := struct{ S domains.Secret }{secret}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "secret", secret, "holder", holder)
	for _, shown := range []string{
		fmt.Sprintf("%v %+v %#v %s %d %x %q", secret, secret, secret, secret, secret, secret, secret),
		fmt.Sprintf("%v %+v %#v", holder, holder, &holder), log.String(),
	} {
		if strings.Contains(shown, password) || strings.Contains(shown, fmt.Sprintf("%x", password)) {
			t.Errorf("shown in %s", shown)
		}
	}
	if encoded, err := json.Marshal(holder); err == nil {
		t.Errorf("marshalled as %s", encoded)
	}
	if _, err := json.Marshal(struct{ S domains.Secret }{}); err != nil {
		t.Errorf("no secret must marshal: %v", err)
	}
	var decoded struct{ S domains.Secret }
	if err := json.Unmarshal([]byte(`{"S":"x"}`), &decoded); err != nil || decoded.S.Reveal() != "x" {
		t.Errorf("got %v", err)
	}
}

func person() domains.Contact {
	return domains.Contact{
		FirstName: " Jane ", LastName: "Example", Address1: "1 Main St", PostalCode: "10001", City: "Sampleton",
		Country: "us", State: "NY", Email: "jane@shop.example",
		Phone: domains.Phone{CountryCode: "+1", AreaCode: "(212)", Number: "555-0100"},
	}
}

func TestContactIsHiddenFromEveryPrint(t *testing.T) {
	contact := person()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "contact", contact)
	for _, shown := range []string{
		fmt.Sprintf("%v %+v %#v %s %d", contact, contact, contact, contact, contact),
		fmt.Sprintf("%+v", &struct{ C domains.Contact }{contact}), log.String(),
	} {
		if strings.Contains(shown, "Jane") || strings.Contains(shown, "Sampleton") {
			t.Errorf("shown in %s", shown)
		}
	}
}

func TestContactIsNormalised(t *testing.T) {
	contact := person().Normalised()
	if contact.FirstName != "Jane" || contact.Country != "US" || contact.Phone.E164() != "+12125550100" {
		t.Errorf("got %q %q %q", contact.FirstName, contact.Country, contact.Phone.E164())
	}
	if contact.IsOrganisation() || (domains.Contact{Organisation: "Example Ltd"}).IsOrganisation() == false {
		t.Error("a person is no organisation")
	}
	if (domains.Phone{}).E164() != "" {
		t.Error("no number must give no text")
	}
}

func TestContactNamesTheFieldThatIsMissing(t *testing.T) {
	if fields := person().MissingFields(); fields != nil {
		t.Fatalf("%s is missing from a whole contact", fields)
	}
	for want, drop := range map[string]func(*domains.Contact){
		"firstName":         func(c *domains.Contact) { c.FirstName = " " },
		"lastName":          func(c *domains.Contact) { c.LastName = "" },
		"address1":          func(c *domains.Contact) { c.Address1 = "" },
		"postalCode":        func(c *domains.Contact) { c.PostalCode = "" },
		"city":              func(c *domains.Contact) { c.City = "" },
		"country":           func(c *domains.Contact) { c.Country = "" },
		"phone.countryCode": func(c *domains.Contact) { c.Phone.CountryCode = "" },
		"phone.number":      func(c *domains.Contact) { c.Phone.Number = "" },
		"email":             func(c *domains.Contact) { c.Email = "" },
	} {
		contact := person()
		drop(&contact)
		if got := contact.MissingFields(); !slices.Equal(got, []string{want}) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	qatar := person()
	qatar.Country, qatar.PostalCode = "QA", ""
	if got := qatar.MissingFields(); got != nil {
		t.Errorf("a country without postal codes: %q", got)
	}
}
