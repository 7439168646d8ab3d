package store_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/store"
)

// The diagram in docs/architecture.md shows exactly the changes that the ledger allows.
func TestTheDiagramIsThatOfTheLedger(t *testing.T) {
	want := map[string]bool{}
	for from, states := range store.Transitions() {
		for _, to := range states {
			if from != to {
				want[string(from)+" --> "+string(to)] = true
			}
		}
	}
	for _, from := range []store.LedgerState{store.Intended, store.Unknown, store.Refused, store.Failed, store.Cancelled} {
		want[string(from)+" --> intended"] = true // BeginAgain
	}
	want["refused --> cancelled"] = true // Withdraw
	got := drawn(t)
	for edge := range want {
		if !got[edge] {
			t.Errorf("the diagram lacks %s", edge)
		}
	}
	for edge := range got {
		if !want[edge] {
			t.Errorf("the diagram has %s, which the ledger does not allow", edge)
		}
	}
}

// drawn returns the changes in the diagram, with those of its group written out.
func drawn(t *testing.T) map[string]bool {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, diagram, found := strings.Cut(string(content), "stateDiagram-v2\n")
	diagram, _, _ = strings.Cut(diagram, "```")
	group := regexp.MustCompile(`(?s)state (\w+) \{(.*?)\}`).FindStringSubmatch(diagram)
	if !found || group == nil {
		t.Fatal("docs/architecture.md has no diagram of the ledger")
	}
	members := strings.Fields(group[2])
	all := func(name string) []string {
		if name == group[1] {
			return members
		}
		return []string{name}
	}
	edges := map[string]bool{}
	for _, edge := range regexp.MustCompile(`(?m)^ +(\w+) --> (\w+)`).FindAllStringSubmatch(diagram, -1) {
		for _, from := range all(edge[1]) {
			for _, to := range all(edge[2]) {
				edges[from+" --> "+to] = true
			}
		}
	}
	for _, from := range members {
		for _, to := range members {
			if from != to && from != string(store.Done) {
				edges[from+" --> "+to] = true
			}
		}
	}
	if len(edges) < 10 {
		t.Fatalf("only %v is drawn", slices.Sorted(maps.Keys(edges)))
	}
	return edges
}
