package activities_test

import (
	"context"
	"testing"

	"domainprovisioning/activities"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
)

// telling is a scripted registrar that tells what a restore includes.
type telling struct {
	scripted

	includes *bool
	err      error
	asked    string // the registry suffix that it was asked about
}

func (r *telling) Phases(_ context.Context, tld string) (registrars.Phases, error) {
	r.asked = tld
	return registrars.Phases{RestoreIncludesRenewal: r.includes}, r.err
}

func TestWhatARestoreIncludesIsReadWithTheDomain(t *testing.T) {
	for name, c := range map[string]struct {
		registrar *telling
		under     string
		asked     bool
		class     registrars.Class
	}{
		"not asked":                {&telling{includes: new(true)}, "", false, ""},
		"a renewal":                {&telling{includes: new(true)}, "example", true, ""},
		"none":                     {&telling{includes: new(false)}, "example", true, ""},
		"not known":                {&telling{}, "example", true, ""},
		"the registrar is away":    {&telling{err: ofClass(registrars.ClassTemporary)}, "example", true, registrars.ClassTemporary},
		"away, and nobody asks it": {&telling{err: ofClass(registrars.ClassTemporary)}, "", false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := outside.New(t, outside.Options{}).RegistrarActivities(c.registrar, nil)
			got, err := r.ReadDomain(t.Context(), activities.ReadDomainInput{RestoreUnder: c.under})
			if c.class != "" {
				wantClass(t, err, c.class)
				return
			}
			want := c.registrar.includes
			if !c.asked {
				want = nil
			}
			if err != nil || got.RestoreIncludesRenewal != want || c.registrar.asked != c.under {
				t.Errorf("got %+v, %v, asked about %q", got, err, c.registrar.asked)
			}
		})
	}
	// One that tells no phases is not asked.
	r := outside.New(t, outside.Options{}).RegistrarActivities(&scripted{}, nil)
	if got, err := r.ReadDomain(t.Context(), activities.ReadDomainInput{RestoreUnder: "example"}); err != nil || got.RestoreIncludesRenewal != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

// A restored domain may have expired; one that is still in redemption was not restored.
func TestARestoredDomainMayHaveExpiredAndNoMore(t *testing.T) {
	for _, c := range []struct {
		phase       registrars.Phase
		restored    bool
		differences int
	}{
		{registrars.PhaseRenewGrace, true, 0}, {registrars.PhaseRenewGrace, false, 1}, {registrars.PhaseRedemption, true, 1}, {registrars.PhaseUnknown, true, 1},
	} {
		r := outside.New(t, outside.Options{}).RegistrarActivities(&scripted{domain: registrars.Domain{Word: "EXPIRED", Phase: c.phase}}, nil)
		got, err := r.VerifyDomain(t.Context(), activities.VerifyDomainInput{Restored: c.restored})
		if err != nil || len(got.Differences) != c.differences {
			t.Errorf("%q, restored %t: %q, %v", c.phase, c.restored, got.Differences, err)
		}
	}
}
