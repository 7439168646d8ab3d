package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/assembly"
	"domainprovisioning/domains"
	"domainprovisioning/internal/exampleconfig"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// changer is a registrar account whose password can be changed.
type changer struct {
	registrars.Registrar

	class    registrars.Class
	says     string   // the registrar's text of a refusal; "": it quotes the password
	password []string // what it was changed to, each time
}

func (c *changer) ChangePassword(_ context.Context, password domains.Secret) error {
	if c.class != "" && c.class != registrars.ClassOutcomeUnknown {
		return &registrars.Error{Registrar: "registry", Call: "login", Class: c.class, Rule: "too short", Detail: cmp.Or(c.says, "not "+password.Reveal())}
	}
	c.password = append(c.password, password.Reveal())
	if c.class != "" {
		return &registrars.Error{Registrar: "registry", Call: "login", Class: c.class, Detail: c.says}
	}
	return nil
}

// changes gives the command about an account that is the registrar's, with or without --yes. It
// prints JSON for input that ends with a line.
func (h *house) changes(t *testing.T, account *changer, input string, yes bool) result {
	t.Helper()
	return h.changesBy(t, account, strings.NewReader(input), yes, strings.HasSuffix(input, "\n"))
}

func (h *house) changesBy(t *testing.T, account *changer, input io.Reader, yes, json bool) result {
	t.Helper()
	plain := h.assembly.Accounts["netim-main"]
	account.Registrar = plain
	h.assembly.Accounts["netim-main"] = account
	defer func() { h.assembly.Accounts["netim-main"] = plain }()
	var out, errOut strings.Builder
	s := &starter{in: input, out: &out, errOut: &errOut, json: json}
	err := s.changePassword(asOperator(t.Context()), h.assembly, "netim-main", currentUser(), "yearly change", yes)
	return result{out: out.String(), errOut: errOut.String(), err: err}
}

// acts returns what the record has, and fails if a password is in it.
func (h *house) acts(t *testing.T, passwords ...string) []store.Act {
	t.Helper()
	all, err := h.store.Acts(t.Context(), store.ActFilter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range all {
		for _, password := range passwords {
			if strings.Contains(act.Reason+act.Detail, password) {
				t.Errorf("the record has a password: %+v", act)
			}
		}
	}
	return all
}

// TestAPasswordIsChangedOnceAndRecorded: the operator is told which keys need it, those of another
// account with the same login too.
func TestAPasswordIsChangedOnceAndRecorded(t *testing.T) {
	h := settled(t)
	h.assembly.Config.Registrars["netim-second"] = h.assembly.Config.Registrars["netim-main"]
	h.assembly.Accounts["netim-second"] = h.assembly.Accounts["netim-main"]
	other := h.assembly.Config.Registrars["netim-main"]
	other.Login = "somebody-else"
	h.assembly.Config.Registrars["netim-third"] = other
	h.assembly.Accounts["netim-third"] = h.assembly.Accounts["netim-main"]
	account := &changer{}
	got := h.changes(t, account, "another-password", true)
	want := "the password of netim-main was changed. Now put it into registrars.netim-main.password and registrars.netim-second.password of the configuration, " +
		"or into DP_REGISTRARS_NETIM_MAIN_PASSWORD and DP_REGISTRARS_NETIM_SECOND_PASSWORD or the file that it names with _FILE, and restart every worker and gateway\n"
	if got.err != nil || got.out != want || !strings.Contains(got.errOut, "run with the old one are refused") {
		t.Errorf("%v\n%s\n%s", got.err, got.out, got.errOut)
	}
	if !slices.Equal(account.password, []string{"another-password"}) {
		t.Errorf("changed to %q", account.password)
	}
	acts := h.acts(t, "another-password")
	if len(acts) != 1 || acts[0].Command != "registrar-password" || acts[0].Outcome != store.ActAccepted || acts[0].Reason != "netim-main: yearly change" ||
		acts[0].Actor != currentUser() || acts[0].Via != "starter" {
		t.Errorf("recorded %+v", acts)
	}
	// With --json one document, and the warning beside it.
	got = h.changes(t, account, "a third password\n", true)
	document := decoded[changedPassword](t, got.out)
	if got.err != nil || document.Registrar != "netim-main" || len(document.Keys) != 2 || account.password[1] != "a third password" {
		t.Errorf("%v, %+v, changed to %q", got.err, document, account.password)
	}
}

// TestNoPasswordIsChanged where nobody has agreed, or there is none that can be taken.
func TestNoPasswordIsChanged(t *testing.T) {
	h := settled(t)
	for name, c := range map[string]struct {
		input string
		yes   bool
		class registrars.Class
		code  assembly.ExitCode
		want  string
	}{
		"nobody has agreed": {"another-password", false, "", assembly.ExitUsage, "nothing was changed; give the command with --yes"},
		"empty":             {"", true, "", assembly.ExitUsage, "the standard input has no password"},
		"a blank line":      {"  \n", true, "", assembly.ExitUsage, "the standard input has no password"},
		"two lines":         {"one\ntwo\n", true, "", assembly.ExitUsage, "more than one line"},
		"too long":          {strings.Repeat("x", 1025), true, "", assembly.ExitUsage, "longer than 1024 bytes"},
		"a blank first":     {" another-password", true, "", assembly.ExitUsage, "has a blank at an end"},
		"a blank at last":   {"another-password \n", true, "", assembly.ExitUsage, "has a blank at an end"},
		"two blanks":        {"another  password", true, "", assembly.ExitUsage, "two in a row"},
		"a tab":             {"another\tpassword", true, "", assembly.ExitUsage, "a tab"},
		"a control":         {"another\x7fpassword", true, "", assembly.ExitUsage, "control character"},
		"the old one":       {exampleconfig.Password, true, "", assembly.ExitRefused, "not changed: the new password is the one that the configuration has"},
		"it is refused":     {"new-one", true, registrars.ClassInvalid, assembly.ExitRefused, "not changed: registry: login"},
		"it is away":        {"new-one", true, registrars.ClassTemporary, assembly.ExitUnreachable, "not changed: the registrar does not answer"},
	} {
		account := &changer{class: c.class}
		got := h.changes(t, account, c.input, c.yes)
		if got.err == nil || assembly.ExitCodeOf(got.err) != c.code || !strings.Contains(got.err.Error(), c.want) || got.out != "" || len(account.password) != 0 {
			t.Errorf("%s: %v (%d), printed %q, changed to %q", name, got.err, assembly.ExitCodeOf(got.err), got.out, account.password)
		}
		if strings.Contains(got.err.Error()+got.errOut, "new-one") {
			t.Errorf("%s: the password is shown: %v\n%s", name, got.err, got.errOut)
		}
	}
	outcomes := map[store.ActOutcome]int{}
	for _, act := range h.acts(t, "new-one", exampleconfig.Password) {
		outcomes[act.Outcome]++
	}
	if len(outcomes) != 2 || outcomes[store.ActRefused] != 2 || outcomes[store.ActFailed] != 1 {
		t.Errorf("recorded %v", outcomes)
	}
}

// TestThePersonIsToldWhyAPasswordIsNotTaken, in the registrar's words, which neither control the
// terminal nor are recorded.
func TestThePersonIsToldWhyAPasswordIsNotTaken(t *testing.T) {
	h := settled(t)
	for class, code := range map[registrars.Class]assembly.ExitCode{
		registrars.ClassInvalid: assembly.ExitRefused, registrars.ClassTemporary: assembly.ExitUnreachable, registrars.ClassOutcomeUnknown: assembly.ExitUnreachable,
	} {
		got := h.changes(t, &changer{class: class, says: "It was used before.\u009b2J"}, "new-one\n", true)
		if got.err == nil || assembly.ExitCodeOf(got.err) != code || !strings.HasSuffix(got.errOut, `the registrar says: "It was used before.\u009b2J"`+"\n") || strings.Contains(got.err.Error(), "used before") {
			t.Errorf("%s: %v (%d), printed %q", class, got.err, assembly.ExitCodeOf(got.err), got.errOut)
		}
	}
	acts := h.acts(t, "new-one", "used before")
	if len(acts) != 3 {
		t.Errorf("recorded %+v", acts)
	}
}

// TestALostAnswerLeavesEitherPassword: the command says how to find out, and so does the record.
func TestALostAnswerLeavesEitherPassword(t *testing.T) {
	h := settled(t)
	account := &changer{class: registrars.ClassOutcomeUnknown}
	got := h.changes(t, account, "new-one", true)
	if got.err == nil || assembly.ExitCodeOf(got.err) != assembly.ExitUnreachable || len(account.password) != 1 ||
		!strings.Contains(got.err.Error(), "may be valid") || !strings.Contains(got.err.Error(), "with the same new password") || strings.Contains(got.err.Error(), "was not changed") {
		t.Errorf("%v, changed to %q", got.err, account.password)
	}
	if acts := h.acts(t, "new-one"); len(acts) != 1 || acts[0].Outcome != store.ActFailed || !strings.Contains(acts[0].Detail, "may be valid") {
		t.Errorf("recorded %+v", acts)
	}
}

// TestAnAccountThatCannotChangeItsPasswordIsRefused, before it is agreed to and after.
func TestAnAccountThatCannotChangeItsPasswordIsRefused(t *testing.T) {
	h := settled(t)
	for command, want := range map[string]string{
		"registrar-password netim-main --reason x":       "netim-main cannot change its password by a command; change it at Netim",
		"registrar-password netim-main --reason x --yes": "netim-main cannot change its password by a command; change it at Netim",
		"registrar-password nobody --reason x --yes":     `registrar account "nobody" is not configured`,
	} {
		if got := h.fails("another-password", command, want); assembly.ExitCodeOf(got.err) != assembly.ExitRefused || got.errOut != "" {
			t.Errorf("%s: %d, %s", command, assembly.ExitCodeOf(got.err), got.errOut)
		}
	}
	h.fails("another-password", "registrar-password netim-main --yes", "--reason must say")
}

// TestAPasswordIsNotTyped where it would be seen.
func TestAPasswordIsNotTyped(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		t.Skip("there are no pseudo-terminals here")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = terminal.Close() }()
	account := &changer{}
	if got := settled(t).changesBy(t, account, terminal, true, false); got.err == nil || !strings.Contains(got.err.Error(), "it would be seen") || len(account.password) != 0 {
		t.Errorf("%v, changed to %q", got.err, account.password)
	}
}
