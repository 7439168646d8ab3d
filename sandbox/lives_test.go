package main

import (
	"context"
	"testing"
	"time"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/worker"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/sandbox/standin/realtimeregister"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// yearTakes is how long a year of years.example lasts in these tests.
const yearTakes = 4 * time.Second

// ofYears is a product whose domains go by a fast calendar, and a relay that tells their lives.
type ofYears struct {
	*fixture

	expires time.Time // of years.example, at first
}

func lives(t *testing.T) *ofYears {
	t.Helper()
	options := worldOptions{pace: &workflows.Pace{Origin: time.Now().UTC(), Factor: int(year / yearTakes)}}
	f := seeded(t, options, func(cfg *config.Config) {
		cfg.Lifecycle.RenewBefore, cfg.Lifecycle.AttentionBefore = 60*24*time.Hour, 7*24*time.Hour
	})
	running, stop := context.WithCancel(t.Context())
	relay := intake.NewRelay(f.intake, f.Log)
	relay.Every = 20 * time.Millisecond
	done := make(chan struct{})
	go func() { relay.Run(running); close(done) }()
	t.Cleanup(func() { stop(); <-done })
	return &ofYears{fixture: f}
}

// hold makes registrar and product hold the domain.
func (l *ofYears) hold(renewal messages.RenewalMode) {
	l.t.Helper()
	l.expires = l.world.pace.At(time.Now()).AddDate(0, 0, 120).Truncate(24 * time.Hour)
	netimRegistry{l.world.netim}.put(years, l.expires, false)
	_, err := l.Store.Import(l.t.Context(), []store.NewDomain{{Name: years, Registrar: netimAccount, Sells: store.Sells{
		TLD: defaultNamesTLD, Vendor: 1, Plan: domainPlan, Period: orders.NoPeriod, Account: seededAccount, Renewal: renewal,
	}}})
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *ofYears) row() store.Domain {
	l.t.Helper()
	row, err := l.Store.Domain(l.t.Context(), years)
	if err != nil {
		l.t.Fatal(err)
	}
	return row
}

// renewed waits until the domain was renewed so often.
func (l *ofYears) renewed(times int) {
	l.t.Helper()
	l.eventually("the domain is renewed", func() bool { return expiresBy(l.expires.AddDate(times, 0, 0))(l.row()) })
}

// The life of a domain can be replayed, and goes on after it was terminated: the next thing that
// happens to the domain begins it again, and nothing is renewed twice.
func TestALifeIsReplayedAndBegunAgain(t *testing.T) {
	t.Parallel()
	l := lives(t)
	l.hold(messages.RenewalByUs)
	l.renewed(1)
	codec, err := assembly.NewCodec(l.Config.Histories)
	if err != nil {
		t.Fatal(err)
	}
	converters := codec.ForWorkers()
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{DataConverter: converters.Data, FailureConverter: converters.Failure})
	if err != nil {
		t.Fatal(err)
	}
	workflows.Register(replayer)
	if err := replayer.ReplayWorkflowHistory(nil, &historypb.History{Events: l.events(workflows.LifeID(years))}); err != nil {
		t.Error(err)
	}
	if err := l.temporal.TerminateWorkflow(t.Context(), workflows.LifeID(years), "", "for a test"); err != nil {
		t.Fatal(err)
	}
	if err := l.Store.LookAt(t.Context(), years); err != nil {
		t.Fatal(err)
	}
	l.renewed(2)
	// Each date was ordered once and renewed once, while the years go on.
	l.eventually("there are as many renewals as orders, and the domain has been renewed by each", func() bool {
		units, err := l.Store.Units(t.Context(), store.UnitFilter{Domain: years})
		if err != nil {
			t.Fatal(err)
		}
		renewals, _ := netimRegistry{l.world.netim}.paid(years)
		held, _, _ := netimRegistry{l.world.netim}.stands(years)
		return renewals >= 2 && len(units) == renewals && held.Equal(l.expires.AddDate(renewals, 0, 0))
	})
}

// What years do to a domain of which nobody takes care: it expires, is deleted, and released; one that
// is renewed automatically goes on; one that is restored and not renewed has its grace period once more.
func TestWhatTheYearsDoToADomain(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	now := began
	calendar := func() time.Time { return now }
	for name, r := range map[string]registry{
		"example": netimRegistry{netim.New(netim.Options{Calendar: calendar})},
		"sync":    realtimeRegistry{realtimeregister.New(realtimeregister.Options{Calendar: calendar})},
	} {
		now = began
		left, renewed, restored := "left."+name, "renewed."+name, "restored."+name
		expires := began.AddDate(0, 0, 10)
		for _, domain := range []string{left, renewed, restored} {
			r.put(domain, expires, domain == renewed)
		}
		since := map[string]time.Time{}
		days := map[string]int{} // on which each is first seen in redemption, or gone
		for day := range 400 {
			now = began.AddDate(0, 0, day)
			for _, domain := range []string{left, renewed, restored} {
				pass(r, domain, now, since)
				_, _, held := r.stands(domain)
				switch {
				case !held && days["gone "+domain] == 0:
					days["gone "+domain] = day
				case held && r.redeemed(domain) && days[domain] == 0:
					if days[domain] = day; domain == restored {
						r.put(restored, expires, false) // out of redemption, and expired as before
					}
				}
			}
		}
		if days[left] != 10+graceDays || days["gone "+left] != 10+graceDays+redemptionDays+pendingDays {
			t.Errorf("%s: %v", name, days)
		}
		if got, _, held := r.stands(renewed); !held || !got.Equal(expires.AddDate(2, 0, 0)) || days[renewed] != 0 {
			t.Errorf("%s: %v, held: %t, expires on %s", name, days, held, got)
		}
		if days[restored] != 10+graceDays || days["gone "+restored] <= days["gone "+left]+graceDays/2 {
			t.Errorf("%s: %v", name, days)
		}
	}
}
