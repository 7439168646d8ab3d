package main

import (
	"strings"
	"testing"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// taker is a registrar account that takes auth codes from us.
type taker struct{ registrars.Registrar }

func (t taker) Describe() registrars.Descriptor {
	d := t.Registrar.Describe()
	d.TakesAuthCodes = true
	return d
}

// codeOf gives the command about a domain of an account that takes auth codes.
func (h *house) codeOf(name string, json bool) result {
	h.t.Helper()
	plain := h.assembly.Accounts["netim-main"]
	h.assembly.Accounts["netim-main"] = taker{plain}
	defer func() { h.assembly.Accounts["netim-main"] = plain }()
	var out, errOut strings.Builder
	s := &starter{out: &out, errOut: &errOut, json: json}
	err := s.showAuthCode(asOperator(h.t.Context()), h.assembly, name, currentUser(), "the customer leaves")
	return result{out: out.String(), errOut: errOut.String(), err: err}
}

// gives records a request that gives kept.example an auth code.
func (h *house) gives(key string, state store.LedgerState, code string) {
	h.t.Helper()
	kind := key[strings.LastIndex(key, "/")+1:]
	_, _, err := h.store.Intend(h.t.Context(), store.Intention{Key: key, Account: "netim-main", Kind: kind, Domain: "kept.example", WorkflowID: "w"})
	if err == nil {
		_, err = h.store.Learn(h.t.Context(), key, store.LedgerChange{State: state, Note: store.AnswerNote})
	}
	if err == nil {
		_, err = h.store.KeepSecret(h.t.Context(), store.AuthCodeReference("netim-main", "kept.example", key), domains.NewSecret(code))
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// TestTheAuthCodeIsShownToWhoHandsItOut: alone on its line if it is certain, and all that it may be
// otherwise; and the record says who has asked.
func TestTheAuthCodeIsShownToWhoHandsItOut(t *testing.T) {
	h := settled(t)
	h.portfolio()
	h.gives("DP01/0/registration", store.Done, "Code-of-the-first-1")
	if got := h.codeOf("Kept.example", false); got.err != nil || got.out != "Code-of-the-first-1\n" || got.errOut != "" {
		t.Errorf("%v\n%s\n%s", got.err, got.out, got.errOut)
	}
	h.gives("DP02/0/auth-code-change", store.Unknown, "Code-of-the-other-2")
	got := h.codeOf("kept.example", false)
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	if assembly.ExitCodeOf(got.err) != assembly.ExitUnreachable || !strings.Contains(got.err.Error(), "not known whether netim-main has carried out") || len(lines) != 2 ||
		!strings.HasPrefix(lines[0], "Code-of-the-other-2  auth-code-change of order DP02 on ") || !strings.HasPrefix(lines[1], "Code-of-the-first-1  registration of order DP01 on ") {
		t.Errorf("%v\n%s", got.err, got.out)
	}
	got = h.codeOf("kept.example", true)
	document := decoded[desk.AuthCodes](t, got.out)
	if assembly.ExitCodeOf(got.err) != assembly.ExitUnreachable || document.Certain || len(document.Codes) != 2 || document.Codes[0].State != "unknown" || document.Codes[1].State != "done" || document.Domain != "kept.example" {
		t.Errorf("got %+v", document)
	}
	acts := h.acts(t, "Code-of-the-first-1", "Code-of-the-other-2")
	if len(acts) != 3 || acts[0].Command != "auth-code" || acts[0].OrderNumber != store.DomainSubject+"kept.example" || acts[0].Reason != "the customer leaves" || acts[0].Via != "starter" {
		t.Errorf("recorded %+v", acts)
	}
}

// TestAnAuthCodeThatIsNotOursIsNotShown, and the code of the program says why.
func TestAnAuthCodeThatIsNotOursIsNotShown(t *testing.T) {
	h := settled(t)
	h.portfolio()
	for command, c := range map[string]struct {
		code assembly.ExitCode
		want string
	}{
		"auth-code kept.example --reason x":   {assembly.ExitRefused, "registrar account netim-main makes the auth codes of its domains itself"},
		"auth-code nobody.example --reason x": {assembly.ExitNotFound, "no domain nobody.example is or was held"},
		"auth-code kept.example":              {assembly.ExitUsage, "--reason must say"},
		"auth-code":                           {assembly.ExitUsage, "accepts 1 arg"},
		"--gateway https://gateway.example auth-code kept.example --reason why": {assembly.ExitUsage, "without --gateway"},
	} {
		got := h.fails("", command, c.want)
		if code := assembly.ExitCodeOf(got.err); code != c.code || got.out != "" {
			t.Errorf("%s: exit code %d, want %d; printed %q", command, code, c.code, got.out)
		}
	}
	if got := h.codeOf("redeemed.example", false); got.err == nil || !strings.Contains(got.err.Error(), "no auth code of ours is known for redeemed.example") || assembly.ExitCodeOf(got.err) != assembly.ExitRefused {
		t.Errorf("imported: %v", got.err)
	}
}
