package epp_test

import (
	"strings"
	"testing"
	"time"

	"domainprovisioning/sandbox/standin/epp"
)

func TestTheQueue(t *testing.T) {
	s := start(t, epp.Options{})
	s.AddDomain(epp.Domain{Name: "shop.registry"})
	c := s.enter()
	c.want(1300, command(pollFrame, ""))
	s.AnnounceText("Your credit is low.")
	s.AnnounceChange("shop.registry", "update", "Registry support", "court order")
	s.AnnounceRGP("shop.registry", "redemptionPeriod")
	s.AnnounceMaintenance("M-1", s.clock().Add(time.Hour), s.clock().Add(2*time.Hour))
	// While there are messages, every response says so.
	c.want(1000, named("check", "shop.registry"), `<msgQ count="4" id="1001"/><resData>`)
	if reply := c.want(1301, command(pollFrame, ""), `<msgQ count="4" id="1001"><qDate>2026-03-01T12:00:00.0Z</qDate><msg>Your credit is low.<n:notice`); strings.Contains(reply, "resData") {
		t.Errorf("data: %s", reply)
	}
	ack := func(id string) string { return command(`<poll op="ack" msgID="`+id+`"/>`, "") }
	c.want(2303, ack("1002"))
	c.want(2003, command(`<poll op="ack"/>`, ""))
	c.want(1000, ack("1001"), `<msgQ count="3" id="1002"/>`)
	c.want(2303, ack("1001"))
	c.want(1301, command(pollFrame, ""), "<domain:infData", `<changePoll:changeData xmlns:changePoll="`+nsChangePoll+`" state="after">`, "<changePoll:who>Registry support</changePoll:who>")
	c.want(1301, command(pollFrame, ""), `id="1002"`) // it comes again until it is acknowledged
	c.want(1000, ack("1002"))
	c.want(1301, command(pollFrame, ""), "<domain:infData", `<rgp:rgpStatus s="redemptionPeriod"/>`)
	c.want(1000, ack("1003"))
	c.want(1301, command(pollFrame, ""), "<maint:infData", "<maint:start>2026-03-01T13:00:00.0Z</maint:start>", "<maint:tld>registry</maint:tld>")
	if reply := c.want(1000, ack("1004")); strings.Contains(reply, "msgQ") {
		t.Errorf("an empty queue: %s", reply)
	}
	if s.QueueLength() != 0 || s.Calls("poll.req") != 6 || s.Calls("poll.ack") != 7 {
		t.Errorf("%d messages, calls %+v", s.QueueLength(), s.Log())
	}
}

func TestAMessageWithoutTheServiceItNeeds(t *testing.T) {
	s := start(t, epp.Options{})
	s.AnnounceMaintenance("M-1", s.clock(), s.clock().Add(time.Hour))
	c := s.dial()
	c.want(1000, loginWith("registrar1", "epp-password", "", []string{nsDomain}, nil, ""))
	if reply := c.want(1301, command(pollFrame, ""), "Maintenance is planned."); strings.Contains(reply, "maint:") {
		t.Errorf("what the client does not know: %s", reply)
	}
}

// A login is warned only if it uses the extension; also one that is refused.
func TestWarningsAtLogin(t *testing.T) {
	s := start(t, epp.Options{})
	s.WarnAtLogin(
		epp.Warning{Type: "password", Level: "warning", Name: "pw", ExDate: "2027-01-31T12:00:00.0Z", Text: "soon & again"},
		epp.Warning{Type: "stat", Level: "error", Name: "failedLogins", Value: "100", Duration: "P1D"},
	)
	objects, extensions := []string{nsDomain}, []string{nsLoginSec}
	long := func(password string) string {
		return loginWith("registrar1", "[LOGIN-SECURITY]", "", objects, extensions, `<l:loginSec xmlns:l="`+nsLoginSec+`"><l:pw>`+password+`</l:pw></l:loginSec>`)
	}
	data := `<extension><loginSec:loginSecData xmlns:loginSec="` + nsLoginSec + `">` +
		`<loginSec:event type="password" level="warning" name="pw" exDate="2027-01-31T12:00:00.0Z">soon &amp; again</loginSec:event>` +
		`<loginSec:event type="stat" level="error" name="failedLogins" value="100" duration="P1D"/></loginSec:loginSecData></extension>`
	s.dial().want(1000, long("epp-password"), data)
	s.dial().want(2200, long("epp-passwort"), data)
	for code, frame := range map[int]string{1000: loginWith("registrar1", "epp-password", "", objects, extensions, ""), 2200: loginFrame("registrar1", "epp-passwort")} {
		if reply := s.dial().want(code, frame); strings.Contains(reply, "loginSecData") {
			t.Errorf("without the extension: %s", reply)
		}
	}
	s.WarnAtLogin()
	if reply := s.dial().want(1000, long("epp-password")); strings.Contains(reply, "loginSecData") {
		t.Errorf("without warnings: %s", reply)
	}
}
