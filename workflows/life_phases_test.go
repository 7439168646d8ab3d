package workflows_test

import (
	"slices"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
)

// A renewal that is blocked or refused is asked for daily; two weeks before the expiry a person is
// needed. When it becomes possible, it is carried out, in the grace period as well.
func TestARefusedRenewalIsAskedForAgain(t *testing.T) {
	for outcome, attention := range map[activities.RenewalOutcome]messages.LifeReason{
		activities.RenewalBlocked: messages.RenewalBlocked, activities.RenewalRefused: messages.RenewalRefused,
	} {
		t.Run(string(outcome), func(t *testing.T) {
			l := bear(t, &registry{phases: registrars.Phases{RenewGrace: new(40 * day)}}, messages.RenewalByUs)
			until := l.expires.Add(3 * day)
			l.refuses = func() activities.PlaceRenewalResult {
				if l.Now().Before(until) {
					return activities.PlaceRenewalResult{Outcome: outcome, Detail: "for a test"}
				}
				return activities.PlaceRenewalResult{}
			}
			var early, late messages.LifeReason
			l.in(340*day, func() { early = l.row().Attention })
			l.in(352*day, func() { late = l.row().Attention })
			l.live(l.Now().AddDate(1, 1, 0))
			if early != "" || late != attention {
				t.Errorf("attention %q, then %q", early, late)
			}
			if l.renewed != 1 || len(l.asked) < 33 || len(l.asked) > 35 {
				t.Errorf("%d renewals, asked %d times", l.renewed, len(l.asked))
			}
			row := l.row()
			if row.State != messages.LifeActive || row.Attention != "" {
				t.Errorf("got %+v", row)
			}
			if told := l.news(); !slices.Contains(told, "domain.expired expired") || told[len(told)-1] != "domain.renewed" {
				t.Errorf("told %q", told)
			}
		})
	}
}

// The phases after the expiry are those that the registrar tells; where it tells none they are
// counted by the periods that are known; and what nobody knows is unknown.
func TestThePhasesAfterTheExpiry(t *testing.T) {
	type sight struct {
		after time.Duration // the expiry
		state messages.LifeState
	}
	for name, c := range map[string]struct {
		policy activities.LifePhases
		tells  registrars.Phases
		words  map[time.Duration]registrars.Phase
		want   []sight
	}{
		"by the registrar's periods": {
			tells: registrars.Phases{RenewGrace: new(30 * day), Redemption: new(30 * day), PendingDelete: new(5 * day)},
			want:  []sight{{2 * day, messages.LifeRenewGrace}, {32 * day, messages.LifeRedemption}, {62 * day, messages.LifePendingDelete}, {72 * day, messages.LifeUnknown}},
		},
		"by the configuration": {
			policy: activities.LifePhases{RenewGrace: new(10 * day), Redemption: new(20 * day)},
			want:   []sight{{2 * day, messages.LifeRenewGrace}, {12 * day, messages.LifeRedemption}, {40 * day, messages.LifeUnknown}},
		},
		"known by nobody": {want: []sight{{2 * day, messages.LifeUnknown}, {60 * day, messages.LifeUnknown}}},
		"by the registrar's word": {
			policy: activities.LifePhases{RenewGrace: new(10 * day)},
			words:  map[time.Duration]registrars.Phase{0: registrars.PhaseRenewGrace, 20 * day: registrars.PhaseRedemption, 50 * day: registrars.PhasePendingDelete},
			want:   []sight{{12 * day, messages.LifeRenewGrace}, {30 * day, messages.LifeRedemption}, {60 * day, messages.LifePendingDelete}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := bear(t, &registry{phases: c.tells}, messages.RenewalByNobody)
			l.policy.Phases = c.policy
			expires := l.expires.Sub(l.Now())
			for after, word := range c.words {
				l.in(expires+after, func() { l.word = word })
			}
			for _, s := range c.want {
				l.in(expires+s.after, func() {
					if got := l.row().State; got != s.state {
						t.Errorf("after %d days: %s, want %s", s.after/day, got, s.state)
					}
				})
			}
			l.live(l.expires.Add(75 * day))
			if told := l.news(); !slices.Contains(told, "domain.expired") && !slices.Contains(told, "domain.redemption") {
				t.Errorf("told %q", told)
			}
		})
	}
}
