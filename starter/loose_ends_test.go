package main

import (
	"path/filepath"
	"strings"
	"testing"

	"domainprovisioning/assembly"
	"domainprovisioning/internal/exampleconfig"
	"domainprovisioning/store"
)

// opened is the migrated database of the command line in a test. Temporal is away.
func opened(t *testing.T) *store.Store {
	t.Helper()
	database := configured(t)
	cfg, err := assembly.Load(filepath.Join("..", "config", "example.yaml"), append(exampleconfig.Environment(), "DP_DATABASE_URL=sqlite:"+database))
	if err != nil {
		t.Fatal(err)
	}
	s, err := assembly.OpenStore(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestWhatNoOrderLooksAfterIsListedAndSettled: an order was cancelled after it had
// registered its domain.
func TestWhatNoOrderLooksAfterIsListedAndSettled(t *testing.T) {
	s := opened(t)
	accepted, err := s.AcceptOrder(t.Context(), store.Acceptance{
		Fingerprint: "f", Source: "json", Document: []byte("{}"),
		Units: []store.NewUnit{{
			Domain: "shop.example", Registrar: "netim-main",
			Start: func(string, map[store.IDRequest]int) (string, []byte, error) {
				return "domain-provisioning/shop.example", []byte("{}"), nil
			},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := start(t, "", "operations", "--state", "loose"); got.err != nil || !strings.Contains(got.out, "nothing needs to be settled") {
		t.Errorf("%v %s", got.err, got.out)
	}
	if err := s.CloseUnit(t.Context(), accepted.Number, 0, store.UnitCancelled, "left behind: Submit registration (operation 101)"); err != nil {
		t.Fatal(err)
	}
	id := "left/" + accepted.Number + "/0"
	if got := start(t, "", "operations", "--state", "left"); got.err != nil || !strings.Contains(got.out, id) || !strings.Contains(got.out, "operation 101") {
		t.Errorf("%v %s", got.err, got.out)
	}
	for want, args := range map[string][]string{
		"--state must be one of":  {"operations", "--state", "strange"},
		"--reason must say":       {"operations", "settle", id},
		"nothing has the id left": {"operations", "settle", "left/nowhere/0", "--reason", "x"},
	} {
		if got := start(t, "", args...); got.err == nil || !strings.Contains(got.err.Error(), want) {
			t.Errorf("%v: %v", args, got.err)
		}
	}
	if got := start(t, "", "operations", "settle", id, "--actor", "jane", "--reason", "given back"); got.err != nil || !strings.Contains(got.out, "is settled, by jane: given back") {
		t.Errorf("%v %s", got.err, got.out)
	}
	if got := start(t, "", "operations", "--state", "loose", "--json"); got.err != nil || strings.TrimSpace(got.out) != "[]" {
		t.Errorf("%v %s", got.err, got.out)
	}
	if got := start(t, "", "operations", "--state", "loose", "--settled", "--json"); got.err != nil || !strings.Contains(got.out, `"settledBy": "jane"`) {
		t.Errorf("%v %s", got.err, got.out)
	}
}

func TestTheWatchesAreShown(t *testing.T) {
	s := opened(t)
	if got := start(t, "", "watch-status"); got.err != nil || !strings.Contains(got.out, "never") || !strings.Contains(got.out, "late") {
		t.Errorf("%v %s", got.err, got.out)
	}
	for _, account := range []string{"netim-main", "names4ever-main", "realtime-main"} {
		if err := s.RecordRound(t.Context(), account); err != nil {
			t.Fatal(err)
		}
	}
	if got := start(t, "", "watch-status"); got.err != nil || strings.Contains(got.out, "late") || !strings.Contains(got.out, "0m ago") {
		t.Errorf("%v %s", got.err, got.out)
	}
}
