package epp_test

import (
	"slices"
	"strings"
	"testing"

	"domainprovisioning/sandbox/standin/epp"
)

func restoreFrame(name, content string, more ...string) string {
	return updateFrame(name, "<domain:chg/>", append([]string{`<rgp:update xmlns:rgp="` + nsRGP + `">` + content + "</rgp:update>"}, more...)...)
}

const (
	request = `<rgp:restore op="request"/>`
	report  = `<rgp:restore op="report"><rgp:report><rgp:preData>a</rgp:preData><rgp:postData>b</rgp:postData><rgp:delTime>2026-03-01T12:00:00.0Z</rgp:delTime>` +
		`<rgp:resTime>2026-03-02T12:00:00.0Z</rgp:resTime><rgp:resReason>error</rgp:resReason><rgp:statement>one</rgp:statement></rgp:report></rgp:restore>`
)

func TestADeletionOfAYoungDomainIsFinal(t *testing.T) {
	s := start(t, epp.Options{})
	c := s.enter()
	c.want(1000, createFrame("shop.registry"))
	s.pass(5*day - 1)
	c.want(1000, named("delete", "shop.registry"))
	if _, there := s.Domain("shop.registry"); there || s.Balance() != 10_000_00 || s.Count("delete", "shop.registry") != 1 {
		t.Errorf("balance %d, domains %v", s.Balance(), s.Domains())
	}
	c.want(2303, named("info", "shop.registry"))
	c.want(1000, createFrame("shop.registry"))
}

func TestADeletedDomainIsInRedemption(t *testing.T) {
	s := start(t, epp.Options{})
	s.AddDomain(epp.Domain{Name: "shop.registry"})
	c := s.enter()
	c.want(2304, restoreFrame("shop.registry", request), "not in redemption")
	c.want(1001, named("delete", "shop.registry"))
	c.want(1000, named("info", "shop.registry"), `<domain:status s="pendingDelete"/>`, `<rgp:rgpStatus s="redemptionPeriod"/>`)
	for _, refused := range []string{
		named("delete", "shop.registry"), renewFrame("shop.registry", "2027-03-01", "1"), updateFrame("shop.registry", `<domain:add><domain:status s="clientHold"/></domain:add>`),
	} {
		c.want(2304, refused, "pendingDelete")
	}
	c.want(2302, createFrame("shop.registry"))
	s.pass(30 * day)
	c.want(1000, named("info", "shop.registry"), `<rgp:rgpStatus s="pendingDelete"/>`)
	c.want(2304, restoreFrame("shop.registry", request))
	s.pass(5 * day)
	c.want(2303, named("info", "shop.registry"))
	if s.Count("restore", "shop.registry") != 0 || s.Balance() != 10_000_00 {
		t.Errorf("balance %d", s.Balance())
	}
}

func TestARestoreWithoutAReport(t *testing.T) {
	s := start(t, epp.Options{})
	s.AddDomain(epp.Domain{Name: "shop.registry", NameServers: []string{"ns1.elsewhere.example"}})
	c := s.enter()
	c.want(1001, named("delete", "shop.registry"))
	c.want(2304, restoreFrame("shop.registry", report), "no report is due")
	c.want(2001, restoreFrame("shop.registry", `<rgp:restore op="undo"/>`))
	c.want(2306, restoreFrame("shop.registry", strings.Replace(report, `"report"`, `"request"`, 1)))
	c.want(2306, updateFrame("shop.registry", `<domain:add><domain:status s="clientHold"/></domain:add>`, `<rgp:update xmlns:rgp="`+nsRGP+`">`+request+`</rgp:update>`), "changes nothing else")
	fee := `<fee:update xmlns:fee="` + nsFee + `"><fee:currency>EUR</fee:currency><fee:fee>40.00</fee:fee></fee:update>`
	c.want(2004, restoreFrame("shop.registry", request, strings.Replace(fee, "40", "39", 1)))
	c.want(1000, restoreFrame("shop.registry", request, fee), "<fee:updData", "<fee:balance>9960.00</fee:balance>")
	if d, _ := s.Domain("shop.registry"); s.Count("restore", "shop.registry") != 1 || s.Balance() != 9_960_00 || !slices.Equal(d.Statuses, []string{"ok"}) || d.Fee != "40.00" {
		t.Errorf("balance %d, %+v", s.Balance(), d)
	}
	c.want(2304, restoreFrame("shop.registry", request))
	if s.Calls("domain.restore") != 6 || s.Calls("domain.restore.report") != 1 || s.Calls("domain.update") != 0 {
		t.Errorf("calls %+v", s.Log())
	}
}

func TestARestoreWithAReport(t *testing.T) {
	s := start(t, epp.Options{Zones: map[string]epp.Zone{"registry": {RestoreReport: true}}})
	s.AddDomain(epp.Domain{Name: "shop.registry"})
	s.SetPhase("shop.registry", epp.Redemption)
	c := s.enter()
	c.want(1000, restoreFrame("shop.registry", request), `<rgp:upData xmlns:rgp="`+nsRGP+`"><rgp:rgpStatus s="pendingRestore"/></rgp:upData>`)
	c.want(1000, named("info", "shop.registry"), "pendingRestore")
	c.want(2304, restoreFrame("shop.registry", request))
	c.want(2003, restoreFrame("shop.registry", `<rgp:restore op="report"/>`))
	c.want(2004, restoreFrame("shop.registry", strings.Replace(report, "2026-03-02", "2026-02-02", 1)))
	s.pass(60 * day) // it does not vanish while its report is due
	c.want(1000, restoreFrame("shop.registry", report))
	if d, ok := s.Domain("shop.registry"); !ok || slices.Contains(d.Statuses, "pendingDelete") || len(d.RGP) != 0 || s.Balance() != 9_960_00 || s.Count("restore", "shop.registry") != 1 {
		t.Errorf("balance %d, %+v", s.Balance(), d)
	}
}

func TestPhases(t *testing.T) {
	s := start(t, epp.Options{})
	s.AddDomain(epp.Domain{Name: "shop.registry"})
	c := s.enter()
	for phase, status := range map[epp.Phase]string{epp.AutoRenew: "autoRenewPeriod", epp.Redemption: "redemptionPeriod", epp.PendingDelete: "pendingDelete"} {
		s.SetPhase("shop.registry", phase)
		c.want(1000, named("info", "shop.registry"), `<rgp:rgpStatus s="`+status+`"/>`)
	}
	s.SetPhase("shop.registry", epp.Active)
	if reply := c.want(1000, named("info", "shop.registry")); strings.Contains(reply, "rgpStatus") {
		t.Errorf("a phase: %s", reply)
	}
}

func TestADomainRenewsItselfByTheCalendar(t *testing.T) {
	s := start(t, epp.Options{Zones: map[string]epp.Zone{"registry": {AutoRenew: true}, "other": {}}})
	s.AddDomain(epp.Domain{Name: "shop.registry"})
	s.AddDomain(epp.Domain{Name: "shop.other"})
	c := s.enter()
	s.pass(366 * day)
	c.want(1000, named("info", "shop.registry"), "<domain:exDate>2028-03-01", "autoRenewPeriod")
	c.want(1000, named("info", "shop.other"), "<domain:exDate>2027-03-01")
	if s.Balance() != 10_000_00-10_00 {
		t.Errorf("balance %d", s.Balance())
	}
	c.want(1001, named("delete", "shop.registry"))
	if s.Balance() != 10_000_00 {
		t.Errorf("balance %d after the deletion", s.Balance())
	}
}

func TestEveryStatusOfRFC3915(t *testing.T) {
	s := start(t, epp.Options{ManyRGP: true, Frame: func(string, []byte) {}})
	c := s.enter()
	c.want(1000, createFrame("shop.registry"))
	c.want(1000, renewFrame("shop.registry", "2027-03-01", "1"))
	if d, _ := s.Domain("shop.registry"); !slices.Equal(d.RGP, []string{"renewPeriod", "addPeriod"}) {
		t.Errorf("%+v", d)
	}
}

func TestDatesMayBeLeftOut(t *testing.T) {
	s := start(t, epp.Options{OmitDates: true})
	s.AddElsewhere("away.registry", "code", false)
	c := s.enter()
	for _, reply := range []string{
		c.want(1000, createFrame("shop.registry")), c.want(1000, renewFrame("shop.registry", "2027-03-01", "1")), c.want(1000, transferFrame("request", "away.registry", "code")),
	} {
		if strings.Contains(reply, "exDate") {
			t.Errorf("a date: %s", reply)
		}
	}
	c.want(1000, named("info", "shop.registry"), "<domain:exDate>2028-03-01")
}
