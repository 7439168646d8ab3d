package epp_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/sandbox/standin/epp"
)

const pollFrame = `<poll op="req"/>`

// Every change of a domain waits, says so by its status, and has its effect when it is completed.
func TestEveryChangeCanWait(t *testing.T) {
	const name = "shop.registry"
	holder := "<domain:chg><domain:registrant>HOLDER</domain:registrant></domain:chg>"
	for title, c := range map[string]struct {
		phase         epp.Phase
		frame, status string
		label         string
		price         int64
		before, after func(epp.Domain) bool
	}{
		"renew": {
			frame: renewFrame(name, "2027-03-01", "2"), status: "pendingRenew", label: "renew", price: 20_00,
			before: func(d epp.Domain) bool { return d.Expires.Year() == 2027 }, after: func(d epp.Domain) bool { return d.Expires.Year() == 2029 },
		},
		"update": {
			frame: updateFrame(name, holder), status: "pendingUpdate", label: "update:registrant",
			before: func(d epp.Domain) bool { return d.Registrant == "" }, after: func(d epp.Domain) bool { return d.Registrant == "HOLDER" },
		},
		"delete": {
			frame: named("delete", name), status: "pendingDelete", label: "delete",
			before: func(d epp.Domain) bool { return len(d.RGP) == 0 }, after: func(d epp.Domain) bool { return slices.Equal(d.RGP, []string{"redemptionPeriod"}) },
		},
		"restore": {
			phase: epp.Redemption, frame: restoreFrame(name, request), status: "pendingUpdate", label: "restore", price: 40_00,
			before: func(d epp.Domain) bool { return d.RGP[0] == "redemptionPeriod" }, after: func(d epp.Domain) bool { return len(d.RGP) == 0 },
		},
	} {
		t.Run(title, func(t *testing.T) {
			s := start(t, epp.Options{})
			s.AddContact("HOLDER")
			k := s.enter()
			for _, end := range []string{"fail", "cancel", "complete"} {
				s.AddDomain(epp.Domain{Name: name})
				s.SetPhase(name, c.phase)
				s.SetBehaviour(name, epp.Behaviour{Manual: true})
				balance, count := s.Balance(), s.Count(c.label, name)
				k.want(1001, c.frame)
				k.want(1000, named("info", name), `<domain:status s="`+c.status+`"/>`)
				k.want(2304, c.frame)
				if d, _ := s.Domain(name); !slices.Contains(d.Statuses, c.status) || !c.before(d) || s.Balance() != balance-c.price || s.Count(c.label, name) != count+1 {
					t.Errorf("while it waits: %+v, balance %d", d, s.Balance())
				}
				var err error
				said := "is done"
				switch end {
				case "fail":
					err, said = s.Fail(name, "refused by policy"), "refused by policy"
				case "cancel":
					err, said = s.Cancel(name), "was cancelled"
				default:
					err = s.Complete(name)
				}
				if err != nil {
					t.Fatal(err)
				}
				d, _ := s.Domain(name)
				result := map[bool]string{true: `paResult="1"`, false: `paResult="0"`}[end == "complete"]
				if end == "complete" && !c.after(d) || end != "complete" && !c.before(d) {
					t.Errorf("after %s: %+v", end, d)
				}
				if end != "complete" && s.Balance() != balance {
					t.Errorf("balance %d after %s", s.Balance(), end)
				}
				reply := k.want(1301, command(pollFrame, ""), said, result, "<domain:paTRID><clTRID>CL-12345</clTRID><svTRID>STANDIN-", "<domain:paDate>")
				k.want(1000, command(`<poll op="ack" msgID="`+messageID(t, reply)+`"/>`, ""))
			}
		})
	}
}

func messageID(t *testing.T, reply string) string {
	t.Helper()
	_, after, found := strings.Cut(reply, `id="`)
	id, _, _ := strings.Cut(after, `"`)
	if !found {
		t.Fatalf("no message: %s", reply)
	}
	return id
}

func TestACreationThatWaits(t *testing.T) {
	s := start(t, epp.Options{})
	c := s.enter()
	for _, name := range []string{"done.later", "failed.registry"} {
		s.SetBehaviour(name, epp.Behaviour{Manual: true})
		c.want(1001, createFrame(name))
		c.want(1000, named("info", name), `<domain:status s="pendingCreate"/>`)
		c.want(1000, named("check", name), `avail="0"`)
		c.want(2302, createFrame(name))
		c.want(2304, named("delete", name))
	}
	if err := s.Complete("done.later"); err != nil {
		t.Fatal(err)
	}
	if err := s.Fail("failed.registry", "the name is reserved"); err != nil {
		t.Fatal(err)
	}
	if got := s.Domains(); !slices.Equal(got, []string{"done.later"}) || s.Balance() != 10_000_00-10_00 || s.QueueLength() != 2 {
		t.Errorf("domains %v, balance %d, %d messages", got, s.Balance(), s.QueueLength())
	}
	c.want(1000, named("check", "failed.registry"), `avail="1"`)
	if s.Complete("done.later") == nil || s.Cancel("nothing.registry") == nil {
		t.Error("what does not wait was ended")
	}
}

func TestWhatEndsByItself(t *testing.T) {
	s := start(t, epp.Options{Behaviour: epp.Behaviour{PendingFor: time.Hour}})
	s.SetBehaviour("refused.later", epp.Behaviour{PendingFor: time.Minute, FailWith: "not today"})
	s.SetBehaviour("refused.registry", epp.Behaviour{FailWith: "never"})
	c := s.enter()
	c.want(1001, createFrame("shop.later"))
	c.want(1000, createFrame("shop.registry")) // PendingFor is that of zones that let wait
	c.want(1001, createFrame("refused.later"))
	c.want(2308, createFrame("refused.registry"), "<reason>never</reason>")
	s.pass(time.Minute)
	c.want(1301, command(pollFrame, ""), "not today", `paResult="0">refused.later`)
	s.pass(time.Hour)
	if got := s.Domains(); !slices.Equal(got, []string{"shop.later", "shop.registry"}) || s.QueueLength() != 2 || s.Balance() != 10_000_00-20_00 {
		t.Errorf("domains %v, %d messages, balance %d", got, s.QueueLength(), s.Balance())
	}
	if d, _ := s.Domain("shop.later"); slices.Contains(d.Statuses, "pendingCreate") {
		t.Errorf("%+v", d)
	}
	if s.Count("create", "refused.registry") != 0 || s.Count("create", "refused.later") != 1 {
		t.Error("effects were counted wrongly")
	}
}

func TestADomainThatIsTakenAwayLeavesNothingPending(t *testing.T) {
	s := start(t, epp.Options{})
	s.AddDomain(epp.Domain{Name: "shop.registry"})
	s.SetBehaviour("shop.registry", epp.Behaviour{PendingFor: time.Hour})
	c := s.enter()
	c.want(1001, renewFrame("shop.registry", "2027-03-01", "1"))
	s.RemoveDomain("shop.registry")
	s.pass(time.Hour)
	if s.QueueLength() != 0 || len(s.Domains()) != 0 {
		t.Errorf("%d messages, domains %v", s.QueueLength(), s.Domains())
	}
	c.want(2303, named("info", "shop.registry"))
}
