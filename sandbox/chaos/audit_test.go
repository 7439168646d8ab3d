//go:build unix

package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/sandbox/standin/billing"
	"domainprovisioning/sandbox/standin/netim"
)

func planned(t *testing.T, seed uint64, count int) (*world, []*order) {
	t.Helper()
	w, err := newWorld(t.Context(), "chaos-secret")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.close() })
	p := &planner{random: rand.New(rand.NewPCG(seed, 0)), world: w, mark: "chaos-secret", during: time.Minute}
	orders, err := p.plan(kinds(""), count)
	if err != nil {
		t.Fatal(err)
	}
	return w, orders
}

func TestASeedMakesTheSameOrders(t *testing.T) {
	_, first := planned(t, 7, 3*len(kinds("")))
	_, second := planned(t, 7, 3*len(kinds("")))
	_, other := planned(t, 8, 3*len(kinds("")))
	same := 0
	for n := range first {
		if !bytes.Equal(first[n].document, second[n].document) || first[n].begins != second[n].begins {
			t.Errorf("order %d is another one", n)
		}
		if first[n].begins == other[n].begins {
			same++
		}
	}
	if same == len(first) {
		t.Error("another seed makes the same orders")
	}
	xml := slices.ContainsFunc(first, func(o *order) bool { return o.xml })
	numbered := slices.ContainsFunc(first, func(o *order) bool { return o.number != "" })
	if !xml || !numbered {
		t.Errorf("by XML-RPC: %v, with a number: %v", xml, numbered)
	}
}

// find returns the first order whose kind begins with a text.
func find(t *testing.T, orders []*order, what string) *order {
	t.Helper()
	at := slices.IndexFunc(orders, func(o *order) bool { return o.what == what })
	if at < 0 {
		t.Fatalf("no %s", what)
	}
	return orders[at]
}

// TestDoubledMissingAndStrayEffectsAreSeen: the audit must find what it is for.
func TestDoubledMissingAndStrayEffectsAreSeen(t *testing.T) {
	w, orders := planned(t, 7, len(kinds("")))
	renewal := find(t, orders, "renewal at "+netimAccount)
	before := lookOutside(w, orders)
	if len(before.strays) > 0 {
		t.Fatalf("strays before anything was done: %v", before.strays)
	}
	missing := before.of[renewal].difference(renewal.want, false)
	if len(missing) != 2 || !strings.Contains(missing[0], netimAccount+" domainRenew Done: 0, want 1") || !strings.Contains(missing[1], "years: 1, want 2") {
		t.Errorf("of a renewal that was not made: %v", missing)
	}
	if less := before.of[renewal].difference(renewal.want, true); len(less) > 0 {
		t.Errorf("of one that waits for a person: %v", less)
	}
	// A registration that existed already is renewed twice.
	registration, _ := w.netim.Registration(renewal.domain)
	w.netim.AddRegistration(netim.Registration{
		Domain: renewal.domain, Created: registration.Created, Expires: registration.Created.AddDate(3, 0, 0),
	})
	hosted := find(t, orders, "registration at "+netimAccount)
	for range 2 {
		w.billing.AddExisting(billing.Row{FullDomainName: hosted.domain})
	}
	w.billing.AddExisting(billing.Row{FullDomainName: "nobodys.example"})
	w.netim.AddRegistration(netim.Registration{Domain: "stray.example"})
	w.operations.AddExistingAccount(7)
	w.operations.AddExistingDomain(hosted.domain, 7)
	after := lookOutside(w, orders)
	for _, want := range []string{
		"Billing row of nobodys.example belongs to no order", "a registration of stray.example belongs to no order",
		"account of number 7 belongs to no order", "the domain " + hosted.domain + " is in another's account",
	} {
		if !slices.Contains(after.strays, want) {
			t.Errorf("%q is not among %q", want, after.strays)
		}
	}
	for o, want := range map[*order]string{renewal: "years: 3, want 2", hosted: "Billing row: 2, want 1"} {
		// The same holds if less would be fine.
		if lines := after.of[o].difference(o.want, true); !slices.Contains(lines, want) {
			t.Errorf("%q is not among %q", want, lines)
		}
	}
}

func TestSecretsAreFoundWhereverTheyStand(t *testing.T) {
	f := finder{}
	if err := f.add("secret-one", "secret-two", "another-secret"); err != nil {
		t.Fatal(err)
	}
	if err := f.add("short"); err == nil {
		t.Error("a secret that is too short was taken")
	}
	got := f.find([]byte("secret-twosecret-on\x00another-secret"))
	if !slices.Equal(got, []string{"another-secret", "secret-two"}) {
		t.Errorf("found %q", got)
	}
	dir := t.TempDir()
	for name, content := range map[string]string{
		"worker-1.log": "all is well", "gateway-1.log": "key secret-one, person1@chaos.example", ownLog: "secret-two",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := inLogs(dir, f)
	want := []string{`the log gateway-1.log holds "@chaos.example"`, `the log gateway-1.log holds "secret-one"`}
	if err != nil || !slices.Equal(found, want) {
		t.Errorf("found %q, %v", found, err)
	}
}
