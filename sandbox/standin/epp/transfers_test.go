package epp_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"domainprovisioning/sandbox/standin/epp"
)

func transferFrame(op, name, password string, more ...string) string {
	content := "<domain:name>" + name + "</domain:name>"
	if password != "" {
		content += "<domain:authInfo><domain:pw>" + password + "</domain:pw></domain:authInfo>"
	}
	return object("domain", `transfer op="`+op+`"`, content, more...)
}

func TestWhoMayTakeADomain(t *testing.T) {
	s := start(t, epp.Options{})
	s.AddElsewhere("away.registry", "code", false)
	s.AddElsewhere("locked.registry", "code", true)
	s.AddDomain(epp.Domain{Name: "mine.registry", AuthInfo: "code"})
	c := s.enter()
	c.want(2303, transferFrame("request", "none.registry", "code"))
	c.want(2106, transferFrame("request", "mine.registry", "code"))
	c.want(2003, transferFrame("request", "away.registry", ""))
	c.want(2202, transferFrame("request", "away.registry", "guessed"))
	c.want(2304, transferFrame("request", "locked.registry", "code"), "clientTransferProhibited")
	c.want(2306, strings.Replace(transferFrame("request", "away.registry", "code"), "</domain:name>", `</domain:name><domain:period unit="y">2</domain:period>`, 1))
	c.want(2201, transferFrame("query", "away.registry", ""))
	c.want(2301, transferFrame("query", "mine.registry", ""))
	c.want(2301, transferFrame("cancel", "away.registry", ""))
	if s.Count("transfer", "away.registry") != 0 || s.Balance() != 10_000_00 {
		t.Errorf("balance %d", s.Balance())
	}
	c.want(1000, transferFrame("request", "away.registry", "code"), "<domain:trStatus>serverApproved</domain:trStatus>", "<domain:reID>registrar1</domain:reID>",
		"<domain:acID>registrar2</domain:acID>", "<domain:exDate>2027-06-01")
	c.want(1000, transferFrame("query", "away.registry", ""), "serverApproved")
	if d, ok := s.Domain("away.registry"); !ok || d.Expires.Year() != 2027 || d.RGP[0] != "transferPeriod" || s.Count("transfer", "away.registry") != 1 || s.Balance() != 10_000_00-10_00 {
		t.Errorf("%+v, balance %d", d, s.Balance())
	}
	// The contacts are still the other registrar's.
	holder := texts(t, c.want(1000, named("info", "away.registry")), "registrant")
	c.want(2201, contactFrame("info", holder[0], ""))
	c.want(2201, contactFrame("update", holder[0], `<contact:chg><contact:voice/></contact:chg>`))
	c.want(1000, contactFrame("info", holder[0], "<contact:authInfo><contact:pw>auth-"+holder[0]+"</contact:pw></contact:authInfo>"))
	if len(s.Contacts()) != 0 {
		t.Errorf("contacts %+v", s.Contacts())
	}
	if s.Calls("domain.transfer") != 7 || s.Calls("domain.transfer.query") != 3 || s.Calls("domain.transfer.cancel") != 1 {
		t.Errorf("calls %+v", s.Log())
	}
}

func TestHowATransferEnds(t *testing.T) {
	const name = "away.registry"
	for title, c := range map[string]struct {
		end    func(*system, *client) error
		status string
		ours   bool
		told   int // messages
	}{
		"approved":  {func(s *system, _ *client) error { return s.Complete(name) }, "clientApproved", true, 1},
		"rejected":  {func(s *system, _ *client) error { return s.Fail(name, "no") }, "clientRejected", false, 1},
		"cancelled": {func(s *system, _ *client) error { return s.Cancel(name) }, "serverCancelled", false, 1},
		"by us": {func(_ *system, c *client) error {
			c.want(1000, transferFrame("cancel", name, ""), "clientCancelled")
			return nil
		}, "clientCancelled", false, 0},
	} {
		t.Run(title, func(t *testing.T) {
			s := start(t, epp.Options{Behaviour: epp.Behaviour{Manual: true}})
			s.AddElsewhere(name, "code", false)
			k := s.enter()
			k.want(1001, transferFrame("request", name, "code"), "<domain:trStatus>pending</domain:trStatus>")
			k.want(2300, transferFrame("request", name, "code"))
			k.want(1000, transferFrame("query", name, ""), "pending")
			if s.Balance() != 10_000_00-10_00 {
				t.Errorf("balance %d", s.Balance())
			}
			if err := c.end(s, k); err != nil {
				t.Fatal(err)
			}
			k.want(1000, transferFrame("query", name, ""), "<domain:trStatus>"+c.status+"</domain:trStatus>")
			if s.QueueLength() != c.told {
				t.Errorf("%d messages", s.QueueLength())
			}
			if c.told > 0 {
				k.want(1301, command(`<poll op="req"/>`, ""), "<domain:trnData", c.status)
			}
			if _, ours := s.Domain(name); ours != c.ours || (s.Balance() == 10_000_00) == c.ours || s.Count("transfer", name) != 1 {
				t.Errorf("ours %v, balance %d", ours, s.Balance())
			}
			k.want(2301, transferFrame("cancel", name, ""))
			if s.Complete(name) == nil {
				t.Error("it was completed twice")
			}
		})
	}
}

func TestATransferThatCannotBeCancelled(t *testing.T) {
	s := start(t, epp.Options{})
	s.AddElsewhere("away.registry", "code", false)
	s.SetBehaviour("away.registry", epp.Behaviour{PendingFor: time.Hour, NoCancel: true})
	c := s.enter()
	c.want(1001, transferFrame("request", "away.registry", "code"))
	c.want(2304, transferFrame("cancel", "away.registry", ""))
	s.pass(time.Hour)
	c.want(1301, command(`<poll op="req"/>`, ""), "serverApproved")
	if _, ours := s.Domain("away.registry"); !ours {
		t.Error("it did not arrive")
	}
}

func TestTransfersAway(t *testing.T) {
	for op, want := range map[string]struct {
		status string
		ours   bool
	}{"approve": {"clientApproved", false}, "reject": {"clientRejected", true}} {
		t.Run(op, func(t *testing.T) {
			s := start(t, epp.Options{})
			s.AddDomain(epp.Domain{Name: "shop.registry", AuthInfo: "code"})
			s.AddHost("ns1.shop.registry", netip.MustParseAddr("192.0.2.1"))
			if s.RequestAway("shop.registry", "guessed") == nil {
				t.Error("a guess was good enough")
			}
			if err := s.RequestAway("shop.registry", "code"); err != nil {
				t.Fatal(err)
			}
			c := s.enter()
			c.want(1301, command(`<poll op="req"/>`, ""), "<domain:trStatus>pending</domain:trStatus>", "<domain:reID>registrar2</domain:reID>")
			c.want(1000, named("info", "shop.registry"), `s="pendingTransfer"`)
			c.want(2304, renewFrame("shop.registry", "2027-03-01", "1"))
			c.want(2201, transferFrame("cancel", "shop.registry", ""))
			c.want(1000, transferFrame(op, "shop.registry", ""), want.status)
			host := map[bool]int{true: 1000, false: 2201}[want.ours] // it goes where its domain goes
			c.want(host, object("host", "delete", "<host:name>ns1.shop.registry</host:name>"))
			if _, ours := s.Domain("shop.registry"); ours != want.ours || s.Balance() != 10_000_00 {
				t.Errorf("ours %v, balance %d", ours, s.Balance())
			}
		})
	}
}
