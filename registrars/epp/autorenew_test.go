package epp_test

import (
	"testing"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp"
	standin "domainprovisioning/sandbox/standin/epp"
)

// A domain that the registry has renewed by itself is registered, although its renewal can be given
// back; one that is in redemption is not.
func TestADomainThatWasRenewedAutomaticallyIsRegistered(t *testing.T) {
	w := newWorld(t, "registry", func(*standin.Options, *epp.Config) {})
	request := w.Request(registrars.NameServerChange, 1)
	for phase, want := range map[standin.Phase]bool{standin.Active: true, standin.AutoRenew: true, standin.Redemption: false, standin.PendingDelete: false} {
		w.standin.SetPhase(request.Domain.String(), phase)
		domain, err := w.plugin.ReadDomain(t.Context(), request.Domain)
		if err != nil || domain.Active != want {
			t.Errorf("phase %d: active %t (%s, %s), %v", phase, domain.Active, domain.Phase, domain.Word, err)
		}
	}
}
