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

// logsIn reports whether the registry takes a password: it has no such domain, or refuses the login.
func (w *world) logsIn(password string) bool {
	w.t.Helper()
	before := w.config.Password
	defer func() { w.config.Password = before }()
	w.config.Password = domains.NewSecret(password)
	plugin := w.another()
	_, err := plugin.ReadDomain(w.t.Context(), domains.MustParseName("a.registry"))
	switch class := registrars.ClassOf(err); class {
	case registrars.ClassNotFound:
		return true
	case registrars.ClassAuth:
		return false
	default:
		w.t.Fatalf("the login with a password ends as %s: %v", class, err)
		return false
	}
}

// TestANewPasswordMayBeValidAfterAFailure: 2400 and a lost answer may follow the effect, so either
// password may be valid; what the caller does then, by both passwords, tells which.
func TestANewPasswordMayBeValidAfterAFailure(t *testing.T) {
	t.Parallel()
	for kind, changed := range map[faults.Kind]bool{
		faults.RaiseFault: true, faults.CutAfter: true, faults.Malformed: true,
		faults.HTTPError: false, faults.CutBefore: false, // nothing tells them from the others
	} {
		const next = "next-password-1"
		w := newWorld(t, "registry", func(*standin.Options, *epp.Config) {})
		w.standin.Faults.Add(faults.Fault{Method: "login", Kind: kind})
		failed := wantClass(t, w.plugin.ChangePassword(t.Context(), domains.NewSecret(next)), registrars.ClassOutcomeUnknown)
		if w.standin.Calls("login") != 1 {
			t.Errorf("%s: %d logins for one change", kind, w.standin.Calls("login"))
		}
		if text := failed.Error() + failed.Detail; strings.Contains(text, next) || strings.Contains(text, worldPassword) {
			t.Errorf("%s: the error has a password: %s", kind, text)
		}
		if w.logsIn(next) != changed || w.logsIn(worldPassword) == changed {
			t.Errorf("%s: changed is not %t", kind, changed)
		}
		// The same new password again: it is changed, or the old one is refused.
		err := w.another().ChangePassword(t.Context(), domains.NewSecret(next))
		if changed {
			wantClass(t, err, registrars.ClassAuth)
		} else if err != nil {
			t.Errorf("%s: again: %v", kind, err)
		}
		if !w.logsIn(next) {
			t.Errorf("%s: the new password is not valid in the end", kind)
		}
	}
}

// TestAPasswordThatTheRegistryDoesNotLike is not a matter of the account's rights: another one is
// taken, and the old one is valid until then.
func TestAPasswordThatTheRegistryDoesNotLike(t *testing.T) {
	t.Parallel()
	const short, next = "short-1", "next-password-1"
	w := newWorld(t, "registry", func(o *standin.Options, _ *epp.Config) { o.ShortestPassword = len(next) })
	err := w.plugin.ChangePassword(t.Context(), domains.NewSecret(short))
	failed, ok := registrars.AsError(err)
	if !ok || failed.Code != "2306" || failed.Class != registrars.ClassRejected {
		t.Errorf("got %v", err)
	}
	if ok && strings.Contains(failed.Error()+failed.Detail, short) {
		t.Errorf("the error has the password: %v, %s", failed, failed.Detail)
	}
	// The registry may say why, beside its results.
	w.standin.WarnAtLogin(
		standin.Warning{Type: "newPW", Level: "error", Text: "Not " + short + ", instead of " + worldPassword + ": it was used before."},
		standin.Warning{Type: "newPW", Level: "error", Text: strings.Repeat("é", 2000)},
	)
	failed, ok = registrars.AsError(w.another().ChangePassword(t.Context(), domains.NewSecret(short)))
	w.standin.WarnAtLogin()
	if !ok || !strings.Contains(failed.Detail, "needs at least 15 characters") || !strings.Contains(failed.Detail, ": it was used before.; é") ||
		strings.Contains(failed.Detail, short) || strings.Contains(failed.Detail, worldPassword) || len(failed.Detail) > 1200 || strings.Contains(failed.Error(), "used before") {
		t.Errorf("the error says %q", failed.Detail)
	}
	if w.logsIn(short) || !w.logsIn(worldPassword) {
		t.Error("the password was changed")
	}
	if err := w.plugin.ChangePassword(t.Context(), domains.NewSecret(next)); err != nil || !w.logsIn(next) || w.logsIn(worldPassword) {
		t.Errorf("another one: %v", err)
	}
}
