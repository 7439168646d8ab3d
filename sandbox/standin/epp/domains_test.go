package epp_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/sandbox/standin/epp"
)

const day = 24 * time.Hour

func renewFrame(name, current, years string, more ...string) string {
	return object("domain", "renew", "<domain:name>"+name+"</domain:name><domain:curExpDate>"+current+"</domain:curExpDate>"+
		`<domain:period unit="y">`+years+"</domain:period>", more...)
}

func updateFrame(name, content string, more ...string) string {
	return object("domain", "update", "<domain:name>"+name+"</domain:name>"+content, more...)
}

func TestNamesOfDomains(t *testing.T) {
	c := start(t, epp.Options{Zones: map[string]epp.Zone{"registry": {}, "co.registry": {}}}).enter()
	for name, code := range map[string]int{
		"shop.registry": 1000, "SHOP2.registry": 1000, "xn--bcher-kva.registry": 1000, "1.registry": 1000, "shop.co.registry": 1000,
		"bücher.registry": 2005, "xn--99999999.registry": 2005, "ab--cd.registry": 2005, "-a.registry": 2005, "a-.registry": 2005, "a_b.registry": 2005,
		"a..registry": 2005, "registry": 2005, "shop.registry.": 2005, strings.Repeat("a", 64) + ".registry": 2005, strings.Repeat("a", 63) + ".registry": 1000,
		strings.Repeat("aaaaaaaa.", 27) + "aa.registry": 2005,
		"a.b.registry": 2306, "shop.elsewhere": 2306,
	} {
		c.want(code, createFrame(name))
	}
	c.want(1000, object("domain", "check", "<domain:name>shop2.registry</domain:name><domain:name>new.registry</domain:name><domain:name>a.b.registry</domain:name><domain:name>x.elsewhere</domain:name>"),
		`<domain:name avail="0">shop2.registry</domain:name><domain:reason>In use</domain:reason>`, `<domain:name avail="1">new.registry`,
		`<domain:name avail="0">a.b.registry`, `<domain:name avail="0">x.elsewhere`)
	c.want(2005, named("check", "bücher.registry"))
}

func TestCreateTakesWhatItIsGiven(t *testing.T) {
	s := start(t, epp.Options{})
	for _, id := range []string{"HOLDER", "ADMIN"} {
		s.AddContact(id)
	}
	s.AddHost("ns1.elsewhere.example")
	s.AddHost("ns2.elsewhere.example")
	c := s.enter()
	create := func(content string) string {
		return object("domain", "create", "<domain:name>shop.registry</domain:name>"+content+"<domain:authInfo><domain:pw>a &amp; b</domain:pw></domain:authInfo>",
			`<launch:create xmlns:launch="`+nsLaunch+`" type="registration"><launch:phase name="x">open</launch:phase></launch:create>`)
	}
	const period = `<domain:period unit="m">24</domain:period>`
	const ns = "<domain:ns><domain:hostObj>ns2.elsewhere.example</domain:hostObj><domain:hostObj>ns1.elsewhere.example</domain:hostObj></domain:ns>"
	for content, code := range map[string]int{
		`<domain:period unit="m">13</domain:period>`: 2004, `<domain:period unit="y">11</domain:period>`: 2004, `<domain:period unit="y">100</domain:period>`: 2001,
		"<domain:registrant>NOBODY</domain:registrant>":                                                                      2303,
		`<domain:contact type="tech">NOBODY</domain:contact>`:                                                                2303,
		`<domain:contact>ADMIN</domain:contact>`:                                                                             2003,
		`<domain:contact type="tech">ADMIN</domain:contact><domain:contact type="tech">ADMIN</domain:contact>`:               2306,
		"<domain:ns><domain:hostObj>ns3.elsewhere.example</domain:hostObj></domain:ns>":                                      2303,
		"<domain:ns><domain:hostObj>ns_1.example</domain:hostObj></domain:ns>":                                               2005,
		"<domain:ns><domain:hostAttr><domain:hostName>ns1.elsewhere.example</domain:hostName></domain:hostAttr></domain:ns>": 2306,
		strings.Replace(ns, "ns2", "ns1", 1):                                                                                 2306,
	} {
		c.want(code, create(content))
	}
	if len(s.Domains()) != 0 || s.Balance() != 10_000_00 {
		t.Fatalf("a refused creation has left %v, balance %d", s.Domains(), s.Balance())
	}
	c.want(1000, create(period+ns+`<domain:registrant>HOLDER</domain:registrant><domain:contact type="admin">ADMIN</domain:contact>`))
	d, ok := s.Domain("shop.registry")
	if !ok || d.Registrant != "HOLDER" || d.Contacts["admin"] != "ADMIN" || d.Period != 2 || d.AuthInfo != "a & b" || d.Launch != "open" ||
		!slices.Equal(d.NameServers, []string{"ns2.elsewhere.example", "ns1.elsewhere.example"}) || !slices.Equal(d.Statuses, []string{"ok"}) ||
		!slices.Equal(d.RGP, []string{"addPeriod"}) || d.Expires.Year() != 2028 || s.Count("create", "shop.registry") != 1 || s.Balance() != 10_000_00-20_00 {
		t.Errorf("%+v, balance %d", d, s.Balance())
	}
	reply := c.want(1000, named("info", "shop.registry"), `<domain:status s="ok"/>`, "<domain:registrant>HOLDER</domain:registrant>",
		"<domain:pw>a &amp; b</domain:pw>", `<rgp:rgpStatus s="addPeriod"/>`)
	if hosts := texts(t, reply, "hostObj"); !slices.Equal(hosts, d.NameServers) {
		t.Errorf("hosts %v", hosts)
	}
	if reply := c.want(1000, object("domain", "info", `<domain:name hosts="none">shop.registry</domain:name>`)); strings.Contains(reply, "hostObj") {
		t.Errorf("hosts that nobody asked for: %s", reply)
	}
	c.want(2305, object("contact", "delete", "<contact:id>HOLDER</contact:id>"))
	c.want(2305, object("host", "delete", "<host:name>ns1.elsewhere.example</host:name>"))
}

func TestPasswordsOfDomains(t *testing.T) {
	s := start(t, epp.Options{})
	c := s.enter()
	create := func(auth string) string {
		return object("domain", "create", "<domain:name>shop.registry</domain:name><domain:authInfo>"+auth+"</domain:authInfo>")
	}
	c.want(2306, create("<domain:pw/>"))
	c.want(2102, create(`<domain:ext><x:x xmlns:x="urn:x"/></domain:ext>`))
	c.want(1000, create("<domain:pw>mine</domain:pw>"))
	s.AddElsewhere("away.registry", "theirs", false)
	info := func(name, password string) string {
		return object("domain", "info", "<domain:name>"+name+"</domain:name><domain:authInfo><domain:pw>"+password+"</domain:pw></domain:authInfo>")
	}
	if reply := c.want(1000, named("info", "away.registry"), "<domain:clID>registrar2</domain:clID>"); strings.Contains(reply, "theirs") || strings.Contains(reply, "exDate") {
		t.Errorf("too much is told to a stranger: %s", reply)
	}
	c.want(1000, info("away.registry", "theirs"), "<domain:exDate>2026-06-01")
	c.want(2202, info("away.registry", "guessed"))
	c.want(2202, info("shop.registry", "guessed"))
	c.want(2303, info("none.registry", "guessed"))
	for _, refused := range []string{named("delete", "away.registry"), renewFrame("away.registry", "2026-06-01", "1"), updateFrame("away.registry", "<domain:chg><domain:registrant>X-1</domain:registrant></domain:chg>")} {
		c.want(2201, refused)
	}
	if got := s.Domains(); !slices.Equal(got, []string{"shop.registry"}) {
		t.Errorf("domains %v", got)
	}
}

func TestRenewals(t *testing.T) {
	s := start(t, epp.Options{})
	s.AddDomain(epp.Domain{Name: "shop.registry", Expires: time.Date(2027, 2, 28, 23, 30, 0, 0, time.FixedZone("", -3600))})
	c := s.enter()
	c.want(2306, renewFrame("shop.registry", "2027-02-28", "1"), "not the date on which")
	c.want(2001, renewFrame("shop.registry", "2027-03-01T00:30:00Z", "1"), "must be a date without a time")
	c.want(2001, renewFrame("shop.registry", "2027-02-30", "1"))
	c.want(2105, renewFrame("shop.registry", "2027-03-01", "10"))
	c.want(1000, renewFrame("shop.registry", "2027-03-01", "2"), "<domain:exDate>2029-03-01T00:30:00.0Z</domain:exDate>")
	c.want(2306, renewFrame("shop.registry", "2027-03-01", "2"))
	s.SetStatuses("shop.registry", "clientRenewProhibited")
	c.want(2304, renewFrame("shop.registry", "2029-03-01", "1"), "clientRenewProhibited")
	if d, _ := s.Domain("shop.registry"); s.Count("renew", "shop.registry") != 1 || d.Period != 2 || s.Balance() != 10_000_00-20_00 || !slices.Contains(d.RGP, "renewPeriod") {
		t.Errorf("%d renewals, balance %d, %+v", s.Count("renew", "shop.registry"), s.Balance(), d)
	}
}

func TestUpdates(t *testing.T) {
	s := start(t, epp.Options{})
	s.AddDomain(epp.Domain{Name: "shop.registry", Registrant: "HOLDER", Contacts: map[string]string{"tech": "TECH-1"}, NameServers: []string{"ns1.elsewhere.example", "ns2.elsewhere.example"}})
	s.AddContact("TECH-2")
	s.AddHost("ns3.elsewhere.example")
	c := s.enter()
	ns := func(name string) string {
		return "<domain:ns><domain:hostObj>" + name + "</domain:hostObj></domain:ns>"
	}
	for content, code := range map[string]int{
		"": 2003, "<domain:add/>": 2003, "<domain:chg/>": 2003,
		"<domain:chg><domain:registrant/></domain:chg>":                                                                     2306,
		"<domain:chg><domain:registrant>NOBODY</domain:registrant></domain:chg>":                                            2303,
		"<domain:add>" + ns("ns1.elsewhere.example") + "</domain:add>":                                                      2306,
		"<domain:add>" + ns("ns9.elsewhere.example") + "</domain:add>":                                                      2303,
		"<domain:rem>" + ns("ns3.elsewhere.example") + "</domain:rem>":                                                      2306,
		`<domain:rem><domain:contact type="tech">TECH-2</domain:contact></domain:rem>`:                                      2306,
		`<domain:rem><domain:status s="clientHold"/></domain:rem>`:                                                          2306,
		`<domain:add><domain:status s="serverHold"/></domain:add>`:                                                          2306,
		`<domain:add><domain:status s="ok"/></domain:add>`:                                                                  2306,
		`<domain:add><domain:status s="onHold"/></domain:add>`:                                                              2001,
		"<domain:rem/><domain:add/>":                                                                                        2001,
		"<domain:add><domain:contact type=\"tech\">TECH-2</domain:contact>" + ns("ns3.elsewhere.example") + "</domain:add>": 2001,
	} {
		c.want(code, updateFrame("shop.registry", content))
	}
	c.want(1000, updateFrame("shop.registry", "<domain:add>"+ns("ns3.elsewhere.example")+`<domain:contact type="tech">TECH-2</domain:contact><domain:status s="clientTransferProhibited"/></domain:add>`+
		"<domain:rem>"+ns("ns1.elsewhere.example")+`<domain:contact type="tech">TECH-1</domain:contact></domain:rem>`+
		"<domain:chg><domain:registrant>TECH-2</domain:registrant><domain:authInfo><domain:pw>new</domain:pw></domain:authInfo></domain:chg>"))
	d, _ := s.Domain("shop.registry")
	if d.Registrant != "TECH-2" || d.Contacts["tech"] != "TECH-2" || d.AuthInfo != "new" || !slices.Equal(d.Statuses, []string{"clientTransferProhibited"}) ||
		!slices.Equal(d.NameServers, []string{"ns2.elsewhere.example", "ns3.elsewhere.example"}) {
		t.Errorf("%+v", d)
	}
	for _, label := range []string{"registrant", "contact", "ns", "authInfo", "status"} {
		if n := s.Count("update:"+label, "shop.registry"); n != 1 {
			t.Errorf("update:%s: %d", label, n)
		}
	}
	if s.Count("update:secDNS", "shop.registry") != 0 {
		t.Error("DNSSEC was changed")
	}
	c.want(1000, updateFrame("shop.registry", "<domain:chg><domain:authInfo><domain:null/></domain:authInfo></domain:chg>"))
	if reply := c.want(1000, named("info", "shop.registry"), "<domain:upDate>"); strings.Contains(reply, "authInfo") {
		t.Errorf("a code that was taken away: %s", reply)
	}
}

func TestAtMostThirteenNameServers(t *testing.T) {
	s := start(t, epp.Options{})
	var servers []string
	for i := range 13 {
		servers = append(servers, fmt.Sprintf("ns%d.elsewhere.example", i))
	}
	s.AddDomain(epp.Domain{Name: "shop.registry", NameServers: servers})
	s.AddHost("ns99.elsewhere.example")
	s.enter().want(2306, updateFrame("shop.registry", "<domain:add><domain:ns><domain:hostObj>ns99.elsewhere.example</domain:hostObj></domain:ns></domain:add>"))
}

func TestProhibitions(t *testing.T) {
	s := start(t, epp.Options{})
	s.AddContact("HOLDER")
	c := s.enter()
	s.AddDomain(epp.Domain{Name: "shop.registry"})
	holder := "<domain:chg><domain:registrant>HOLDER</domain:registrant></domain:chg>"
	for status, refused := range map[string]string{
		"clientDeleteProhibited": named("delete", "shop.registry"), "serverDeleteProhibited": named("delete", "shop.registry"),
		"serverRenewProhibited": renewFrame("shop.registry", "2027-03-01", "1"), "serverUpdateProhibited": updateFrame("shop.registry", holder),
		"clientUpdateProhibited": updateFrame("shop.registry", holder+""),
	} {
		s.AddDomain(epp.Domain{Name: "shop.registry", Statuses: []string{status}})
		c.want(2304, refused, status)
	}
	s.AddDomain(epp.Domain{Name: "shop.registry", Statuses: []string{"clientUpdateProhibited"}})
	unlock := `<domain:rem><domain:status s="clientUpdateProhibited"/></domain:rem>`
	c.want(2304, updateFrame("shop.registry", unlock+holder))
	c.want(1000, updateFrame("shop.registry", unlock))
	c.want(1000, updateFrame("shop.registry", holder))
	if s.Count("update:registrant", "shop.registry") != 1 {
		t.Error("the holder was not changed once")
	}
}

func TestNameServersAsAttributes(t *testing.T) {
	s := start(t, epp.Options{HostAttributes: true})
	c := s.dial()
	c.want(1000, loginWith("registrar1", "epp-password", "", []string{nsDomain}, nil, ""))
	create := func(name, ns string) string {
		return object("domain", "create", "<domain:name>"+name+"</domain:name><domain:ns>"+ns+"</domain:ns><domain:authInfo><domain:pw>code</domain:pw></domain:authInfo>")
	}
	attribute := func(name, addresses string) string {
		return "<domain:hostAttr><domain:hostName>" + name + "</domain:hostName>" + addresses + "</domain:hostAttr>"
	}
	const four, six = `<domain:hostAddr ip="v4">192.0.2.1</domain:hostAddr>`, `<domain:hostAddr ip="v6">2001:db8::1</domain:hostAddr>`
	for ns, code := range map[string]int{
		"<domain:hostObj>ns1.elsewhere.example</domain:hostObj>":                                          2306,
		attribute("ns1.shop.registry", ""):                                                                2003,
		attribute("ns1.elsewhere.example", four):                                                          2306,
		attribute("ns1.shop.registry", `<domain:hostAddr ip="v6">192.0.2.1</domain:hostAddr>`):            2005,
		attribute("ns1.shop.registry", `<domain:hostAddr>2001:db8::1</domain:hostAddr>`):                  2005,
		attribute("ns1.shop.registry", `<domain:hostAddr>127.0.0.1</domain:hostAddr>`):                    2306,
		attribute("ns1.shop.registry", four+four):                                                         2306,
		attribute("ns1.shop.registry", `<domain:hostAddr>192.0.2.256</domain:hostAddr>`):                  2005,
		attribute("ns1.elsewhere.example", "") + "<domain:hostObj>ns1.elsewhere.example</domain:hostObj>": 2001,
	} {
		c.want(code, create("shop.registry", ns))
	}
	c.want(1000, create("shop.registry", attribute("ns1.shop.registry", four+six)+attribute("ns2.elsewhere.example", "")))
	d, _ := s.Domain("shop.registry")
	want := []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}
	if !slices.Equal(d.HostAddresses["ns1.shop.registry"], want) || len(d.NameServers) != 2 || len(d.HostAddresses) != 1 {
		t.Errorf("%+v", d)
	}
	c.want(1000, named("info", "shop.registry"), `<domain:hostAddr ip="v6">2001:db8::1</domain:hostAddr>`)
	c.want(1000, updateFrame("shop.registry", "<domain:rem><domain:ns>"+attribute("ns2.elsewhere.example", "")+"</domain:ns></domain:rem>"))
	if d, _ := s.Domain("shop.registry"); len(d.NameServers) != 1 {
		t.Errorf("%+v", d)
	}
}
