package portfolio_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	standnetim "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
)

// unlisted is an account without a list.
type unlisted struct{ registrars.Registrar }

// Without a list the domains have their turns: each is read once in the days, and those that differ
// in each round.
func TestWithoutAListDomainsHaveTheirTurns(t *testing.T) {
	names := make([]string, 60)
	for i := range names {
		names[i] = fmt.Sprintf("d%02d.example", i)
	}
	w := walkNetim(t, names...)
	w.Walk.Registrar, w.ReadDays = unlisted{w.World.Registrar}, 3
	w.atNetim("d00.example", func(r *standnetim.Registration) { r.NameServers = []string{"ns1.other.example", "ns2.other.example"} })
	if err := w.Netim.TransferOut("d01.example", "key"); err != nil {
		t.Fatal(err)
	}
	before, read := w.Netim.Calls("domainInfo"), 0
	for range 3 {
		counts := w.round()
		read += counts.Calls
	}
	w.want("after three days", "d00.example name-servers "+otherServers+"; d01.example missing-domain active|", 2)
	if n := w.Netim.Calls("domainInfo") - before; n < read || n > read+3 || read < 60 || read > 80 {
		t.Errorf("%d reads, counted %d", n, read)
	}
	w.atNetim("d00.example", func(*standnetim.Registration) {})
	w.round()
	w.want("put back", "d01.example missing-domain active|", 2)
}

// odd is an account that cannot read some of its domains, or none.
type odd struct {
	registrars.Registrar

	class      registrars.Class
	unreadable map[string]bool // nil: all
	asked      *[]string
}

func (o odd) ReadDomain(ctx context.Context, name domains.Name) (registrars.Domain, error) {
	if o.asked != nil {
		*o.asked = append(*o.asked, name.String())
	}
	if o.unreadable == nil || o.unreadable[name.String()] {
		return registrars.Domain{}, &registrars.Error{Registrar: "odd", Call: "read", Class: o.class}
	}
	return o.Registrar.ReadDomain(ctx, name)
}

func (w *walked) good() (good, round int64) {
	w.t.Helper()
	walks, err := w.World.Store.Walks(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return walks[0].GoodRound, walks[0].Round
}

// Domains that cannot be read are passed over, be they neighbours or not, and hold up no other.
func TestADomainThatCannotBeReadHoldsUpNoOther(t *testing.T) {
	for name, c := range map[string]struct {
		class      registrars.Class
		unreadable []string
		differs    string // is found in the first walk
	}{
		"some that pass":         {registrars.ClassTemporary, []string{"a.example", "c.example"}, "e.example"},
		"neighbours":             {registrars.ClassRejected, []string{"a.example", "b.example", "c.example", "d.example"}, "e.example"},
		"replies we cannot read": {registrars.ClassInvalid, []string{"a.example", "b.example", "d.example", "e.example"}, "c.example"},
		"the last":               {registrars.ClassOutcomeUnknown, []string{"d.example", "e.example"}, "a.example"},
	} {
		t.Run(name, func(t *testing.T) {
			w := walkNetim(t, "a.example", "b.example", "c.example", "d.example", "e.example")
			w.atNetim(c.differs, func(r *standnetim.Registration) { r.NameServers = []string{"ns1.other.example", "ns2.other.example"} })
			unreadable := map[string]bool{}
			for _, one := range c.unreadable {
				unreadable[one] = true
			}
			w.Walk.Registrar = odd{Registrar: unlisted{w.World.Registrar}, class: c.class, unreadable: unreadable}
			for range 2 {
				if counts := w.round(); counts.Passed != len(c.unreadable) {
					t.Errorf("got %+v", counts)
				}
				w.want("passed over", c.differs+" name-servers "+otherServers, 1)
			}
			if good, round := w.good(); good != round {
				t.Errorf("the last good walk is %d of %d", good, round)
			}
		})
	}
}

// One that differs, and that alone is to be compared again, does not end the walk either.
func TestADifferingDomainThatCannotBeReadEndsNoWalk(t *testing.T) {
	for _, class := range []registrars.Class{registrars.ClassRejected, registrars.ClassTemporary, registrars.ClassRateLimited} {
		w := walkNetim(t, "a.example", "b.example", "c.example")
		round, err := w.World.Store.BeginWalk(t.Context(), outside.Account)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = w.World.Store.RecordDrift(t.Context(), store.Judged{
			Account: outside.Account, Round: round.Round, Domains: []string{"b.example"}, Kinds: messages.BillingDifferences(),
			Facts: []store.Fact{{Domain: "b.example", Kind: messages.DiffersBillingMissing}},
		})
		if err != nil {
			t.Fatal(err)
		}
		var asked []string
		w.Walk.Registrar = odd{Registrar: w.World.Registrar, class: class, unreadable: map[string]bool{"b.example": true}, asked: &asked}
		w.round()
		if good, latest := w.good(); good != latest || strings.Join(asked, " ") != "b.example a.example c.example" {
			t.Errorf("%s: read %v; the last good walk is %d of %d", class, asked, good, latest)
		}
	}
}

// A registrar that is away ends the walk, which is not a good one; the next one begins behind the
// domains that were tried. So does an account whose key is no longer good.
func TestARegistrarThatIsAwayEndsTheWalk(t *testing.T) {
	for _, class := range []registrars.Class{registrars.ClassTemporary, registrars.ClassAuth} {
		names := make([]string, 10)
		for i := range names {
			names[i] = fmt.Sprintf("d%d.example", i)
		}
		w := walkNetim(t, names...)
		var asked []string
		w.Walk.Registrar = odd{Registrar: unlisted{w.World.Registrar}, class: class, asked: &asked}
		for range 2 {
			w.clock.Advance(24 * time.Hour)
			if _, err := w.try(); err == nil || !strings.Contains(err.Error(), "3 domains of "+outside.Account+" in a row could not be read") {
				t.Errorf("%s: it ends with %v", class, err)
			}
		}
		if got := strings.Join(asked, " "); got != strings.Join(names[:6], " ") {
			t.Errorf("%s: two walks have read %s", class, got)
		}
		asked = nil
		w.Walk.Registrar = odd{Registrar: unlisted{w.World.Registrar}, unreadable: map[string]bool{}, asked: &asked}
		w.round()
		if got := strings.Join(asked, " "); got != strings.Join(append(names[6:], names[:6]...), " ") {
			t.Errorf("%s: when it is back, a walk reads %s", class, got)
		}
		if good, round := w.good(); good != 3 || round != 3 {
			t.Errorf("%s: the last good walk is %d of %d", class, good, round)
		}
	}
}

// What is interrupted says nothing about the domain: it keeps its turn.
func TestAnInterruptedPartPassesOverNothing(t *testing.T) {
	w := walkNetim(t, "a.example")
	ctx, cancel := context.WithCancel(t.Context())
	w.Walk.Registrar = interrupted{w.World.Registrar, cancel}
	plan, err := w.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if result, err := w.Part(ctx, activities.WalkPartInput{Round: plan.Round}); err == nil || result.Passed != 0 {
		t.Errorf("got %+v, %v", result, err)
	}
	w.Walk.Registrar = w.World.Registrar
	if result, err := w.Part(t.Context(), activities.WalkPartInput{Round: plan.Round}); err != nil || result.Domains != 1 {
		t.Errorf("the next try: %+v, %v", result, err)
	}
}

// interrupted is an account at which a worker stops.
type interrupted struct {
	registrars.Registrar

	stop func()
}

func (i interrupted) ReadDomain(ctx context.Context, name domains.Name) (registrars.Domain, error) {
	i.stop()
	return i.Registrar.ReadDomain(ctx, name)
}

// Many domains that something is under way for keep no other from its turn.
func TestDomainsUnderWayHoldUpNoOther(t *testing.T) {
	names := make([]string, 4*25+1)
	for i := range names {
		names[i] = fmt.Sprintf("d%03d.example", i)
	}
	w := walkNetim(t, names...)
	w.atNetim("z.example", func(*standnetim.Registration) {})
	w.hold("z.example")
	w.ReadDays = 30
	for _, name := range names {
		if err := w.World.Store.LookAt(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	before := w.Netim.Calls("domainInfo")
	w.round()
	if n := w.Netim.Calls("domainInfo") - before; n != 1 {
		t.Errorf("%d domains were read, want z.example", n)
	}
	w.live()
	w.round()
	if n := w.Netim.Calls("domainInfo") - before; n != 1+101+25 {
		t.Errorf("%d reads after the others were looked at, want 101 of their lives and 25 more", n)
	}
}

// A list that lacks much is believed though some of what it lacks cannot be read.
func TestWhatAListLacksNeedNotAllBeReadable(t *testing.T) {
	names := make([]string, 30)
	unreadable := map[string]bool{}
	for i := range names {
		names[i] = fmt.Sprintf("d%02d.example", i)
		unreadable[names[i]] = i < 5
	}
	w := walkNetim(t, names...)
	for _, name := range names {
		if err := w.Netim.TransferOut(name, "key"); err != nil {
			t.Fatal(err)
		}
	}
	w.Walk.Registrar = emptied{odd{Registrar: w.World.Registrar, class: registrars.ClassRejected}}
	w.clock.Advance(24 * time.Hour)
	if _, err := w.try(); err == nil {
		t.Error("it is believed though nothing of what it lacks could be read")
	}
	w.Walk.Registrar = emptied{odd{Registrar: w.World.Registrar, class: registrars.ClassRejected, unreadable: unreadable}}
	w.round()
	if n := strings.Count(w.facts(), "missing-domain"); n != 30 {
		t.Errorf("%d of 30 are missing", n)
	}
}

// emptied is an account whose list is empty.
type emptied struct{ odd }

func (emptied) ListDomains(context.Context, string) (registrars.DomainPage, error) {
	return registrars.DomainPage{}, nil
}
