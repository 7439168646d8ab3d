package realtimeregister_test

import (
	"reflect"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	standin "domainprovisioning/sandbox/standin/realtimeregister"
)

const day = 24 * time.Hour

// The unit of the periods is in conflict: days are small numbers, seconds large ones, and what
// is neither is not known.
func TestPeriodsAreInDays(t *testing.T) {
	for period, want := range map[int64]*time.Duration{
		5: new(5 * day), 60: new(60 * day), 61: nil, 999: nil, 1000: new(time.Duration(0)), 5 * 86400: new(5 * day),
		5*86400 + 3600: new(5 * day), 60 * 86400: new(60 * day), 61 * 86400: nil, -1: nil, 1 << 62: nil,
	} {
		w := newWorld(t, "sync", func(o *standin.Options) {
			o.TLDs["sync"] = standin.TLD{AddGrace: period, Periods: map[string]any{"redemptionPeriod": nil}}
		})
		if phases, err := w.plugin.Phases(t.Context(), ".SYNC"); err != nil || !reflect.DeepEqual(phases.AddGrace, want) || phases.Redemption != nil {
			t.Errorf("%d: %+v, %v", period, phases, err)
		}
	}
	w := newWorld(t, "sync")
	_, err := w.plugin.Phases(t.Context(), "unsold")
	wantClass(t, err, registrars.ClassRejected)
}

// What the TLD data say of the life of a domain, and what they do not.
func TestThePhasesOfATopLevelDomain(t *testing.T) {
	w := newWorld(t, "sync", func(o *standin.Options) {
		o.TLDs["sync"] = standin.TLD{RestoreIncludesRenew: true, Periods: map[string]any{
			"redemptionPeriod": 30, "pendingDeletePeriod": 5 * 86400, "autoRenewGracePeriod": 42, "renewGracePeriod": 7,
		}}
		o.TLDs["odd"] = standin.TLD{Periods: map[string]any{
			"redemptionPeriod": "30", "pendingDeletePeriod": 0, "autoRenewGracePeriod": 367, "restoreIncludesRenew": "no",
		}}
	})
	want := registrars.Phases{
		Redemption: new(30 * day), PendingDelete: new(5 * day), RenewGrace: new(42 * day), RestoreIncludesRenewal: new(true),
	}
	if got, err := w.plugin.Phases(t.Context(), "sync"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	want = registrars.Phases{PendingDelete: new(time.Duration(0))}
	if got, err := w.plugin.Phases(t.Context(), "odd"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

// The statuses tell a phase, and one that is not known tells nothing beside any other.
func TestThePhaseOfStatuses(t *testing.T) {
	for _, c := range []struct {
		statuses []string
		want     registrars.Phase
	}{
		{[]string{"OK"}, registrars.PhaseActive}, {[]string{"CLIENT_TRANSFER_PROHIBITED", "ADD_PERIOD"}, registrars.PhaseActive},
		{[]string{"PENDING_UPDATE"}, registrars.PhaseActive}, {[]string{"OK", "AUTO_RENEW_PERIOD"}, registrars.PhaseRenewGrace},
		{[]string{"EXPIRED"}, registrars.PhaseRenewGrace}, {[]string{"EXPIRED", "SERVER_HOLD"}, registrars.PhaseRenewGrace},
		{[]string{"REDEMPTION_PERIOD"}, registrars.PhaseRedemption}, {[]string{"PENDING_DELETE", "REDEMPTION_PERIOD", "SERVER_HOLD"}, registrars.PhaseRedemption},
		{[]string{"PENDING_DELETE", "REDEMPTION_PERIOD", "PENDING_RESTORE"}, registrars.PhaseRedemption},
		{[]string{"PENDING_DELETE"}, registrars.PhasePendingDelete}, {[]string{"PENDING_DELETE", "EXPIRED"}, registrars.PhasePendingDelete},
		{[]string{"PENDING_RESTORE"}, registrars.PhaseUnknown}, {[]string{"DELETE_REQUESTED"}, registrars.PhaseUnknown},
		{[]string{"REDEMPTION_PERIOD", "DREAMING"}, registrars.PhaseUnknown}, {[]string{"PENDING_VALIDATION"}, registrars.PhaseUnknown},
		{[]string{}, registrars.PhaseUnknown},
	} {
		s := newServer(t)
		s.on("GET domains/shop.example", text(200, object(map[string]any{"domainName": "shop.example", "status": c.statuses})))
		if got, err := s.plugin().ReadDomain(t.Context(), domains.MustParseName("shop.example")); err != nil || got.Phase != c.want {
			t.Errorf("%v: %q, %v", c.statuses, got.Phase, err)
		}
	}
	s := newServer(t)
	s.on("GET domains/shop.example", text(200, `{"domainName": "shop.example", "status": "REDEMPTION_PERIOD"}`))
	if got, err := s.plugin().ReadDomain(t.Context(), domains.MustParseName("shop.example")); err != nil || got.Phase != registrars.PhaseUnknown {
		t.Errorf("status of another type: %q, %v", got.Phase, err)
	}
}

// A domain that somebody else is restoring is not in anybody's way: the request waits.
func TestARestoreThatIsUnderWay(t *testing.T) {
	w := newWorld(t, "async")
	request := w.Request(registrars.Restore, 1)
	w.Hold(request.Domain)
	if _, err := w.plugin.Submit(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if e := wantClass(t, w.plugin.Check(t.Context(), request), registrars.ClassTemporary); !e.Refused || e.After <= 0 {
		t.Errorf("%v", e)
	}
	// It is over at the registrar, and the registry still shows the domain in redemption.
	if err := w.Finish(request.Domain); err != nil {
		t.Fatal(err)
	}
	w.standin.SetPhase(request.Domain.String(), standin.Redemption)
	if finding, err := w.plugin.Find(t.Context(), request); err != nil || finding.State != registrars.Unclear {
		t.Errorf("%+v, %v", finding, err)
	}
	w.standin.SetPhase(request.Domain.String(), standin.Expired)
	if finding, err := w.plugin.Find(t.Context(), request); err != nil || finding.State != registrars.FoundObject {
		t.Errorf("%+v, %v", finding, err)
	}
}
