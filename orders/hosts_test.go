package orders

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func hostCatalog(t *testing.T) *Catalog {
	t.Helper()
	catalog, err := NewCatalog(DomainPlan{
		PlanID: 20, TLD: "example", Registrar: "netim-1", Years: 1, Periods: map[int]int{36: 1}, Template: 10,
		Billing: BillingPlan{PlanID: 3, PeriodType: PeriodYears, Period: 1, RegistrarID: 7},
	})
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// resolved reads and resolves an order, and returns its first unit.
func resolved(t *testing.T, document string) (*Incoming, []Unit) {
	t.Helper()
	in, err := Rules{}.ReadJSON(strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	return in, hostCatalog(t).Resolve(in)
}

const newShop = `"operation":"registration","transferKey":""`

func TestHostsBelowTheOrderedNameBringTheirAddresses(t *testing.T) {
	for _, fields := range []string{newShop, `"operation":"transfer","transferKey":"k"`, `"operation":"name-server-change"`} {
		in, units := resolved(t, domainDocument(fields+
			`,"nameServers":[{"host":"NS1.shop.example.","addresses":["192.0.2.1","2001:DB8::1"]},"ns2.dns.example"]`))
		if err := in.Err(); err != nil {
			t.Fatal(err)
		}
		d := units[0].Domain
		if len(d.Hosts) != 1 || d.Hosts[0].Name != "ns1.shop.example" || fmt.Sprint(d.Hosts[0].Addresses) != "[192.0.2.1 2001:db8::1]" ||
			!reflect.DeepEqual([]string(d.NameServers), []string{"ns1.shop.example", "ns2.dns.example"}) {
			t.Errorf("%s: got %+v", fields, d)
		}
		roundTripJSON(t, in.Order)
	}
}

func TestRulesOfHosts(t *testing.T) {
	many := make([]string, 14)
	for n := range many {
		many[n] = fmt.Sprintf(`"192.0.2.%d"`, n+1)
	}
	const ns = "/items/0/nameServers/"
	for servers, want := range map[string]said{
		`"ns1.shop.example","ns2.dns.example"`: {ns + "0", RuleHostBelow,
			`ns1.shop.example is below the ordered name and needs its addresses, as {"host": "...", "addresses": ["..."]}`},
		`"ns2.dns.example","shop.example"`:                             {ns + "1", RuleHostBelow, "shop.example is below the ordered name and needs its addresses"},
		`{"host":"ns1.shop.example","addresses":[]},"ns2.dns.example"`: {ns + "0", RuleHostBelow, "needs its addresses"},
		`"ns2.dns.example",{"host":"ns1.myshop.example","addresses":["192.0.2.1"]}`: {ns + "1/addresses", RuleHostBelow,
			"are given for ns1.myshop.example, which is not below the ordered name shop.example"},
		`{"host":"ns1.shop.example","addresses":["127.0.0.1"]},"ns2.dns.example"`:                   {ns + "0/addresses/0", RuleHostAddress, "must not be a loopback address"},
		`{"host":"ns1.shop.example","addresses":["192.0.2.1","fe80::1%e"]},"ns2.dns.example"`:       {ns + "0/addresses/1", RuleHostAddress, "must be an address without a zone"},
		`{"host":"ns1.shop.example","addresses":["2001:db8::1","2001:DB8:0::1"]},"ns2.dns.example"`: {ns + "0/addresses/1", RuleHostAddress, "is given twice"},
		`{"host":"ns1.shop.example","addresses":[` + strings.Join(many, ",") + `]},"ns2.dns.example"`: {ns + "0/addresses", RuleHostAddress,
			"holds 14 addresses, and at most 13 are possible"},
		`"ns1.dns.example","ns2.dns.example",{"host":"","addresses":["192.0.2.1"]}`:       {ns + "2/host", RuleHostAddress, "is missing"},
		`"ns1.dns.example","ns2.dns.example",{"addresses":["192.0.2.1"]}`:                 {ns + "2/host", RuleJSONMissing, "is missing"},
		`"ns1.dns.example","ns2.dns.example",{"host":"ns3.shop.example","addresses":[7]}`: {ns + "2/addresses/0", RuleJSONType, "must be a string"},
	} {
		in, _ := resolved(t, domainDocument(newShop+`,"nameServers":[`+servers+`]`))
		faults := faultsOf(t, in.Err())
		if len(faults) != 1 || faults[0].Path != want.path || faults[0].Rule != want.rule || !strings.Contains(faults[0].Message, want.problem) {
			t.Errorf("%s: got %+v, want %+v", servers, faults, want)
		}
	}
}

// An operation that takes no name servers says only that.
func TestHostsAreNotAskedForInVain(t *testing.T) {
	in, _ := resolved(t, domainDocument(`"operation":"settings-change","settings":{"lock":true},"nameServers":["ns1.dns.example","ns1.shop.example"]`))
	if faults := faultsOf(t, in.Err()); len(faults) != 1 || faults[0].Rule != RuleNameServersUnwanted {
		t.Errorf("got %+v", faults)
	}
}

// An internationalised host is compared in the form that registries keep.
func TestHostsBelowAnInternationalisedName(t *testing.T) {
	in, units := resolved(t, strings.Replace(domainDocument(newShop+
		`,"nameServers":[{"host":"NS1.Bücher.example","addresses":["192.0.2.1"]},"ns2.dns.example"]`), `"shop"`, `"bücher"`, 1))
	if err := in.Err(); err != nil || units[0].Domain.Hosts[0].Name != "ns1.xn--bcher-kva.example" {
		t.Errorf("got %+v, %v", units, err)
	}
}

// The order system's list has no place for addresses, and the refusal says so.
func TestTheListHasNoPlaceForAddresses(t *testing.T) {
	s := oneDomain(registration("PrimaryNSID=ns1.shop.example", "SecondaryNSID=ns2.dns.example")...)
	s.items = []string{"20=36=0=-1"}
	in, err := Rules{}.ReadList(s.list())
	if err != nil {
		t.Fatal(err)
	}
	hostCatalog(t).Resolve(in)
	wantMessages(t, in.Err(), "item 0: PrimaryNSID ns1.shop.example is below the ordered name and needs its addresses, "+
		"and PlaceOrderAndAuthorize_API has no place for addresses: order it in the JSON form")
}

func TestTheLanguageOfANameReachesItsUnit(t *testing.T) {
	in, units := resolved(t, domainDocument(newShop+`,"language":"FRE"`))
	if err := in.Err(); err != nil || units[0].Domain.Language != "FRE" {
		t.Errorf("got %+v, %v", units, err)
	}
	roundTripJSON(t, in.Order)
	s := oneDomain(registration("DomainLanguage=FRE")...)
	if order := mustRead(t, s.list()); order.Items[0].Language() != "FRE" || strings.Contains(mustWriteJSON(t, order), `"parameters"`) {
		t.Errorf("in a list: %s", mustWriteJSON(t, order))
	}
}
