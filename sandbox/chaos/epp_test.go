//go:build unix

package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	eppplugin "domainprovisioning/registrars/epp"
	"domainprovisioning/sandbox/standin/epp"
)

// ordersInCI is how many orders the run has that CI makes (.ci/run).
const ordersInCI = 40

func TestCIHasOrdersOfEveryKind(t *testing.T) {
	_, orders := planned(t, 1, ordersInCI)
	for _, kind := range kinds("") {
		find(t, orders, kind.what)
	}
}

func TestKindsThatNobodyHasAreRefused(t *testing.T) {
	if _, err := parse([]string{"-kinds", "nowhere"}); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("got %v", err)
	}
	for _, one := range kinds(eppAccount) {
		if !strings.Contains(one.what, eppAccount) {
			t.Errorf("%s", one.what)
		}
	}
	if len(kinds(eppAccount)) != len(eppKinds()) {
		t.Errorf("%d kinds", len(kinds(eppAccount)))
	}
}

// atTheRegistry is the plug-in with the account of the configuration, through a wire.
func atTheRegistry(t *testing.T, w *world, changes ...func(*eppplugin.Settings)) (*eppplugin.EPP, *wire) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	between, err := newWire(ctx, "tcp", strings.TrimPrefix(w.urls["epp"], eppScheme))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(between.close)
	account := w.configuration().Registrars[eppAccount]
	settings := account.Settings.(*eppplugin.Settings)
	for _, change := range changes {
		change(settings)
	}
	registry, err := settings.Open(registrars.Account{
		URL: eppScheme + between.address(), Login: account.Login, Password: domains.NewSecret(w.secrets.epp),
		Timeout: account.Timeout, CallsPerSecond: account.CallsPerSecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return registry.(*eppplugin.EPP), between
}

// TestASessionWithTheRegistryIsCut: the account works with the certificate of the run, a cut ends the
// session, and the next command opens another one.
func TestASessionWithTheRegistryIsCut(t *testing.T) {
	w, orders := planned(t, 7, len(kinds("")))
	registry, between := atTheRegistry(t, w)
	name := domains.MustParseName(find(t, orders, "renewal at "+eppAccount).domain)
	read := func() error { _, err := registry.ReadDomain(t.Context(), name); return err }
	if err := read(); err != nil || w.epp.Sessions() != 1 {
		t.Fatalf("%d sessions, %v", w.epp.Sessions(), err)
	}
	between.cut(time.Hour)
	if err := read(); registrars.ClassOf(err) != registrars.ClassTemporary {
		t.Errorf("through a wire that is cut: %v", err)
	}
	between.mend()
	if err := read(); err != nil || w.epp.Calls("login") != 2 {
		t.Errorf("%d logins, %v", w.epp.Calls("login"), err)
	}
}

// TestEffectsAtTheRegistryAreSeen: the audit must find what it is for.
func TestEffectsAtTheRegistryAreSeen(t *testing.T) {
	w, orders := planned(t, 7, len(kinds("")))
	registry, _ := atTheRegistry(t, w)
	renewal, owner := find(t, orders, "renewal at "+eppAccount), find(t, orders, "owner change at "+eppAccount)
	before := lookOutside(w, orders)
	if lines := before.of[renewal].difference(renewal.want, false); len(before.strays) > 0 || len(lines) != 2 ||
		lines[0] != eppAccount+" renew: 0, want 1" || lines[1] != "years: 1, want 2" {
		t.Errorf("before anything was done: %q, strays %q", lines, before.strays)
	}
	renew := func() {
		t.Helper()
		domain, _ := w.epp.Domain(renewal.domain)
		request := registrars.Request{Kind: registrars.Renewal, Domain: domains.MustParseName(renewal.domain), Years: 1, Expires: domain.Expires, Key: "k"}
		if _, err := registry.Submit(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
	w.epp.SetBehaviour(renewal.domain, epp.Behaviour{Manual: true})
	renew()
	const pending = "change that is pending at " + eppAccount + ": 1, want 0"
	if lines := lookOutside(w, orders).of[renewal].difference(renewal.want, true); !slices.Equal(lines, []string{pending}) {
		t.Errorf("of a renewal that is pending: %q", lines)
	}
	if err := w.epp.Complete(renewal.domain); err != nil {
		t.Fatal(err)
	}
	if lines := lookOutside(w, orders).of[renewal].difference(renewal.want, false); len(lines) > 0 {
		t.Errorf("of a renewal that was made: %q", lines)
	}
	renew()
	if err := w.epp.Complete(renewal.domain); err != nil {
		t.Fatal(err)
	}
	// Under another prefix the same person gets another handle.
	other, _ := atTheRegistry(t, w, func(settings *eppplugin.Settings) { settings.HandlePrefix = "XX" })
	contact := registrars.Contact{Role: registrars.Owner, Details: domains.Contact{
		FirstName: "Jane", LastName: "Example", Address1: "1 Main Street", City: "Sampleton", PostalCode: "10001", Country: "US", State: "NY",
		Email: owner.email, Phone: domains.Phone{CountryCode: "1", AreaCode: "212", Number: "5550100"},
	}}
	for _, keeper := range []registrars.ContactKeeper{registry, registry, other} {
		if _, err := keeper.CreateContact(t.Context(), contact); err != nil {
			t.Fatal(err)
		}
	}
	for _, host := range []string{"ns1.nobodys.example", ownServers()[0]} {
		if _, err := registry.CreateHost(t.Context(), domains.Host{Name: host}); err != nil {
			t.Fatal(err)
		}
	}
	w.epp.AddDomain(epp.Domain{Name: "stray." + eppAtOnceTLD, Registrant: oldContact})
	after := lookOutside(w, orders)
	if lines := after.of[renewal].difference(renewal.want, true); !slices.Equal(lines, []string{eppAccount + " renew: 2, want 1", "years: 3, want 2"}) {
		t.Errorf("of a renewal that was made twice: %q", lines)
	}
	if n := after.of[owner]["contact"]; n != 2 {
		t.Errorf("%d contacts of a new owner with two handles", n)
	}
	for _, want := range []string{
		"a registration of stray." + eppAtOnceTLD + " belongs to no order", eppAccount + " host:create of ns1.nobodys.example belongs to no order",
	} {
		if !slices.Contains(after.strays, want) {
			t.Errorf("%q is not among %q", want, after.strays)
		}
	}
	if same := slices.ContainsFunc(after.strays, func(line string) bool { return strings.HasSuffix(line, "are the same person") }); !same || len(after.strays) != 3 {
		t.Errorf("strays %q", after.strays)
	}
}
