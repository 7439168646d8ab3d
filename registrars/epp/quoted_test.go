package epp_test

import (
	"strings"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp"
	standin "domainprovisioning/sandbox/standin/epp"
	"domainprovisioning/sandbox/standin/faults"
)

// TestARefusedLoginQuotesNoPassword, neither the one of the account nor the one that replaces it,
// whatever the registry says of the command that it refuses.
func TestARefusedLoginQuotesNoPassword(t *testing.T) {
	t.Parallel()
	const next = "next-password-1"
	w := newWorld(t, "registry", func(*standin.Options, *epp.Config) {})
	name, err := domains.ParseName("shop.registry")
	if err != nil {
		t.Fatal(err)
	}
	for call, do := range map[string]func(*epp.EPP) error{
		"a command":  func(e *epp.EPP) error { _, err := e.ReadDomain(t.Context(), name); return err },
		"the queue":  func(e *epp.EPP) error { _, _, err := e.NextNotice(t.Context()); return err },
		"a password": func(e *epp.EPP) error { return e.ChangePassword(t.Context(), domains.NewSecret(next)) },
	} {
		w.standin.Faults.Add(faults.Fault{Method: "login", Kind: faults.Quote})
		failed, ok := registrars.AsError(do(w.another()))
		switch {
		case !ok || failed.Call != "login" || failed.Detail == "":
			t.Errorf("%s: %+v", call, failed)
		case strings.Contains(failed.Detail, worldPassword) || strings.Contains(failed.Detail, next):
			t.Errorf("%s: the registry's text has a password: %s", call, failed.Detail)
		}
	}
}

// TestAPasswordThatTheLoginCannotCarryIsInvalid: nothing is sent, and the caller is told the rule.
func TestAPasswordThatTheLoginCannotCarryIsInvalid(t *testing.T) {
	t.Parallel()
	const long = "seventeen-letters"
	w := newWorld(t, "registry", func(o *standin.Options, _ *epp.Config) {
		o.Without = []string{"urn:ietf:params:xml:ns:epp:loginSec-1.0"}
	})
	failed, ok := registrars.AsError(w.plugin.ChangePassword(t.Context(), domains.NewSecret(long)))
	if !ok || failed.Class != registrars.ClassInvalid || failed.Field != "password" || strings.Contains(failed.Error(), long) || w.standin.Calls("login") != 0 {
		t.Errorf("%+v after %d logins", failed, w.standin.Calls("login"))
	}
}
