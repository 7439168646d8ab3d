package epp_test

import (
	"net/netip"
	"slices"
	"testing"

	"domainprovisioning/sandbox/standin/epp"
)

func TestHosts(t *testing.T) {
	s := start(t, epp.Options{})
	s.AddDomain(epp.Domain{Name: "shop.registry"})
	s.AddElsewhere("away.registry", "code", false)
	c := s.enter()
	create := func(name, addresses string) string {
		return object("host", "create", "<host:name>"+name+"</host:name>"+addresses)
	}
	named := func(verb, name, more string) string {
		return object("host", verb, "<host:name>"+name+"</host:name>"+more)
	}
	const four, six = `<host:addr ip="v4">192.0.2.1</host:addr>`, `<host:addr ip="v6">2001:db8::1</host:addr>`
	c.want(2003, create("ns1.shop.registry", ""), "needs an address")
	c.want(2306, create("ns1.elsewhere.example", four), "takes no address")
	c.want(2303, create("ns1.none.registry", four), "there is no domain none.registry")
	c.want(2201, create("ns1.away.registry", four))
	c.want(2005, create("ns1.shop.registry", `<host:addr ip="v6">192.0.2.1</host:addr>`))
	c.want(2005, create("ns1_.elsewhere.example", ""))
	c.want(2001, create("ns1.shop.registry", `<host:addr ip="v5">192.0.2.1</host:addr>`))
	c.want(1000, create("ns1.shop.registry", four+six), "<host:crDate>")
	c.want(1000, create("deep.ns2.shop.registry", four))
	c.want(1000, create("ns1.elsewhere.example", ""))
	c.want(2302, create("ns1.elsewhere.example", ""))
	c.want(1000, object("host", "check", "<host:name>ns1.shop.registry</host:name><host:name>ns9.shop.registry</host:name>"), `avail="0">ns1.shop`, `avail="1">ns9.shop`)
	c.want(1000, named("info", "ns1.shop.registry", ""), `<host:addr ip="v6">2001:db8::1</host:addr>`, `<host:status s="ok"/>`)
	c.want(2303, named("info", "ns9.shop.registry", ""))
	if addresses, ok := s.Host("ns1.shop.registry"); !ok || !slices.Equal(addresses, []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}) {
		t.Errorf("addresses %v", addresses)
	}
	if s.Count("host:create", "ns1.shop.registry") != 1 || s.Count("host:create", "ns1.none.registry") != 0 {
		t.Error("hosts were counted wrongly")
	}

	ns := func(name string) string {
		return "<domain:ns><domain:hostObj>" + name + "</domain:hostObj></domain:ns>"
	}
	c.want(1000, updateFrame("shop.registry", "<domain:add>"+ns("ns1.shop.registry")+"</domain:add>"))
	c.want(1000, named("info", "ns1.shop.registry", ""), `<host:status s="linked"/>`)
	c.want(2305, named("delete", "ns1.shop.registry", ""))
	c.want(2003, named("update", "ns1.shop.registry", ""))
	c.want(2306, named("update", "ns1.shop.registry", `<host:rem><host:addr>192.0.2.9</host:addr></host:rem>`))
	c.want(2306, named("update", "ns1.shop.registry", `<host:add>`+four+`</host:add>`))
	c.want(2003, named("update", "ns1.shop.registry", `<host:rem>`+four+six+`</host:rem>`))
	c.want(2302, named("update", "ns1.shop.registry", `<host:chg><host:name>ns1.elsewhere.example</host:name></host:chg>`))
	c.want(2306, named("update", "ns1.shop.registry", `<host:chg><host:name>ns7.elsewhere.example</host:name></host:chg>`))
	c.want(2306, named("update", "ns1.shop.registry", `<host:add><host:status s="serverUpdateProhibited"/></host:add>`))
	c.want(1000, named("update", "ns1.shop.registry", `<host:add><host:addr>192.0.2.9</host:addr><host:status s="clientUpdateProhibited"/></host:add><host:rem>`+four+`</host:rem><host:chg><host:name>ns7.shop.registry</host:name></host:chg>`))
	c.want(2304, named("update", "ns7.shop.registry", `<host:add>`+four+`</host:add>`))
	d, _ := s.Domain("shop.registry")
	if addresses, _ := s.Host("ns7.shop.registry"); len(addresses) != 2 || !slices.Equal(d.NameServers, []string{"ns7.shop.registry"}) {
		t.Errorf("addresses %v, servers %v", addresses, d.NameServers)
	}
	s.AddDomain(epp.Domain{Name: "other.registry", NameServers: []string{"ns7.shop.registry"}})
	c.want(2305, object("domain", "delete", "<domain:name>shop.registry</domain:name>"), "serves another domain")
	c.want(1000, named("delete", "ns1.elsewhere.example", ""))
	if _, there := s.Host("ns1.elsewhere.example"); there || s.Count("host:delete", "ns1.elsewhere.example") != 1 {
		t.Error("the host is there")
	}
}
