package epp_test

import (
	"strings"
	"testing"

	"domainprovisioning/sandbox/standin/epp"
)

func TestASessionBeginsAndEnds(t *testing.T) {
	s := start(t, epp.Options{})
	c := s.dial()
	for _, part := range []string{"<svID>", "<version>1.0</version>", nsDomain, nsHost, nsContact, nsRGP, nsSecDNS, nsFee, nsLoginSec} {
		if !strings.Contains(c.greeting, part) {
			t.Errorf("the greeting lacks %s: %s", part, c.greeting)
		}
	}
	if again := c.send(frame("<hello/>")); again != c.greeting {
		t.Errorf("hello: %s", again)
	}
	c.want(2002, command("<logout/>", ""))
	c.want(2002, named("info", "shop.registry"))
	c.want(2002, command(`<poll op="req"/>`, ""))
	c.want(1000, loginFrame("registrar1", "epp-password"), "<clTRID>CL-12345</clTRID>", "<svTRID>")
	c.want(2002, loginFrame("registrar1", "epp-password"))
	if s.Sessions() != 1 {
		t.Errorf("%d sessions", s.Sessions())
	}
	c.want(1500, command("<logout/>", ""))
	c.closed()
	if s.Sessions() != 0 || s.Calls("logout") != 2 || s.Calls("hello") != 1 || s.Calls("") != 7 {
		t.Errorf("%d sessions, calls %+v", s.Sessions(), s.Log())
	}
}

func TestTheFirstVersion(t *testing.T) {
	s := start(t, epp.Options{})
	c := s.enter()
	c.want(1000, named("check", "shop.registry"), `avail="1"`)
	c.want(1000, createFrame("shop.registry"), "<domain:crDate>2026-03-01T12:00:00.0Z</domain:crDate>", "<domain:exDate>2027-03-01T12:00:00.0Z</domain:exDate>")
	c.want(2302, createFrame("shop.registry"))
	c.want(1000, named("check", "shop.registry"), `avail="0"`)
	c.want(1000, named("info", "shop.registry"), `s="inactive"`, "<domain:clID>registrar1</domain:clID>", "addPeriod")
	c.want(1000, object("domain", "renew", "<domain:name>shop.registry</domain:name><domain:curExpDate>2027-03-01</domain:curExpDate>"), "2028-03-01")
	c.want(2306, object("domain", "renew", "<domain:name>shop.registry</domain:name><domain:curExpDate>2027-03-01</domain:curExpDate>"))
	c.want(1300, command(`<poll op="req"/>`, ""))
	if s.Count("create", "shop.registry") != 1 || s.Count("renew", "shop.registry") != 1 || s.Balance() != 10_000_00-20_00 {
		t.Errorf("balance %d", s.Balance())
	}
}
