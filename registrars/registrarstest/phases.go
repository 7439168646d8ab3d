package registrarstest

import (
	"reflect"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// PhasedWorld is the World of a plug-in that tells the phase of a domain.
type PhasedWorld interface {
	World
	// SetPhase puts a domain of the account into a phase; PhaseUnknown stands for a status in a
	// word that nobody knows. It reports false if the registrar has no such phase.
	SetPhase(name domains.Name, phase registrars.Phase) bool
}

func allPhases() []registrars.Phase {
	return []registrars.Phase{
		registrars.PhaseActive, registrars.PhaseRenewGrace, registrars.PhaseRedemption, registrars.PhasePendingDelete, registrars.PhaseUnknown,
	}
}

// eachPhase examines a request of a kind about a domain in each phase that the world knows, each
// in a fresh world.
func (e *examination) eachPhase(kind registrars.Kind, examine func(registrars.Registrar, World, registrars.Request, registrars.Phase)) {
	for _, phase := range allPhases() {
		r, w := e.subject.New(e.t)
		phased, ok := w.(PhasedWorld)
		if !ok || !r.Describe().Serves(kind) {
			return
		}
		if request := w.Request(kind, 1); phased.SetPhase(request.Domain, phase) {
			examine(r, w, request, phase)
		}
	}
}

// tellsPhases examines Domain.Phase: the phase of the registrar's status, or unknown.
func tellsPhases(e *examination) {
	told := map[registrars.Phase]bool{}
	e.eachPhase(registrars.NameServerChange, func(r registrars.Registrar, _ World, request registrars.Request, phase registrars.Phase) {
		told[phase] = true
		domain, err := r.ReadDomain(e.t.Context(), request.Domain)
		if err != nil || domain.Phase != phase {
			e.find("%q: read as %q (%s), %v", phase, domain.Phase, domain.Word, err)
		}
	})
	r, w := e.subject.New(e.t)
	e.tellsDurations(r, w)
	if _, phased := w.(PhasedWorld); !phased {
		if domain, err := r.ReadDomain(e.t.Context(), w.Request(r.Describe().Kinds[0], 1).Domain); err == nil && domain.Phase != registrars.PhaseUnknown {
			e.find("it tells the phase %q, and its World sets none", domain.Phase)
		}
		if r.Describe().Serves(registrars.Restore) {
			e.find("it restores domains, and its World sets no phase")
		}
		return
	}
	for _, phase := range []registrars.Phase{registrars.PhaseActive, registrars.PhaseUnknown} {
		if !told[phase] {
			e.find("its World does not set the phase %q", phase)
		}
	}
}

// tellsDurations examines a PhaseTeller: no phase lasts less than nothing, and asking again
// changes nothing.
func (e *examination) tellsDurations(r registrars.Registrar, w World) {
	teller, ok := r.(registrars.PhaseTeller)
	if !ok {
		return
	}
	tld := w.Request(r.Describe().Kinds[0], 2).TLD
	phases, err := teller.Phases(e.t.Context(), tld)
	again, errAgain := teller.Phases(e.t.Context(), tld)
	if err != nil || errAgain != nil || !reflect.DeepEqual(phases, again) {
		e.find("Phases: %+v, %v, and again %+v, %v", phases, err, again, errAgain)
	}
	for name, lasts := range map[string]*time.Duration{
		"AddGrace": phases.AddGrace, "RenewGrace": phases.RenewGrace, "Redemption": phases.Redemption, "PendingDelete": phases.PendingDelete,
		"EarliestRenewal": phases.EarliestRenewal,
	} {
		if lasts != nil && *lasts < 0 {
			e.find("Phases: %s lasts %s", name, lasts)
		}
	}
}

// restoresRedeemed examines that only a domain in redemption is restored, and that its phase tells
// what became of a restore.
func restoresRedeemed(e *examination) {
	r, _ := e.subject.New(e.t)
	if d := r.Describe(); d.Serves(registrars.Restore) && !d.Prices {
		e.find("it restores domains, and tells no price at which")
	}
	e.eachPhase(registrars.Restore, func(r registrars.Registrar, w World, request registrars.Request, phase registrars.Phase) {
		finding, err := r.Find(e.t.Context(), request)
		if want := registrars.FoundRestored(phase); err != nil || finding.State != want {
			e.find("%q: Find says %s, %v, want %s", phase, finding.State, err, want)
		}
		if phase == registrars.PhaseRedemption {
			return
		}
		for _, ordered := range []bool{false, true} {
			request.Ordered = ordered
			err := r.Check(e.t.Context(), request)
			class := e.trouble(r, string(phase)+": Check", err)
			if refusal, ok := registrars.AsError(err); class != registrars.ClassInvalid || !ok || refusal.Field != "domain" || refusal.Rule == "" {
				e.find("%q: Check does not refuse the domain: %v", phase, err)
			}
		}
		request.Ordered = false
		_, err = r.Submit(e.t.Context(), request)
		e.trouble(r, string(phase)+": Submit", err)
		if n := w.Effects(request.Kind, request.Domain); n != 0 {
			e.find("%q: %d effects", phase, n)
		}
	})
}
