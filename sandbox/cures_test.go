package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/messages"
)

var (
	codeSpan = regexp.MustCompile("`([^`]+)`")
	aFlag    = regexp.MustCompile(`--[a-z-]+`)
	proof    = regexp.MustCompile("^(?:`-scenario ([a-z0-9-]+)`|`(Test[A-Za-z0-9]+)` in \\[[^]]+\\]\\(\\.\\./([^)]+)\\))$")
)

// cure is a row of the table in docs/operating.md.
type cure struct {
	reasons        []messages.Reason
	command, proof string
}

func cures(t *testing.T) []cure {
	t.Helper()
	_, table, found := strings.Cut(read(t, "docs", "operating.md"), "\n| reason |")
	table, _, ended := strings.Cut(table, "\n\n")
	if !found || !ended {
		t.Fatal("docs/operating.md has no table of reasons")
	}
	var rows []cure
	for _, line := range strings.Split(table, "\n")[2:] {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 5 {
			t.Fatalf("%d cells: %s", len(cells), line)
		}
		row := cure{command: strings.TrimSpace(cells[3]), proof: strings.TrimSpace(cells[4])}
		for _, match := range codeSpan.FindAllStringSubmatch(cells[0], -1) {
			row.reasons = append(row.reasons, messages.Reason(match[1]))
		}
		rows = append(rows, row)
	}
	return rows
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(append([]string{".."}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestEveryReasonHasACureOfOneCommand: the command is one that the starter has with these flags,
// and what proves it exists.
func TestEveryReasonHasACureOfOneCommand(t *testing.T) {
	t.Parallel()
	rows := cures(t)
	for _, reason := range messages.Reasons() {
		if !slices.ContainsFunc(rows, func(row cure) bool { return slices.Contains(row.reasons, reason) }) {
			t.Errorf("%s has no row", reason)
		}
	}
	for _, row := range rows {
		if len(row.reasons) == 0 {
			t.Errorf("%q is for no reason", row.command)
		}
		if !strings.HasPrefix(row.command, "none: ") {
			checkCommand(t, row.command)
		} else if codeSpan.MatchString(row.command) {
			t.Errorf("%v: no command and yet one: %s", row.reasons, row.command)
		}
		checkProof(t, row)
	}
}

// checkCommand checks that a cell is one command, which the starter's help knows.
func checkCommand(t *testing.T, cell string) {
	t.Helper()
	spans := codeSpan.FindAllStringSubmatch(cell, -1)
	if len(spans) != 1 || spans[0][0] != cell {
		t.Errorf("not one command: %s", cell)
		return
	}
	words := strings.Fields(spans[0][1])
	if words[0] != "starter" || len(words) < 3 {
		t.Errorf("no command of the starter: %s", cell)
		return
	}
	name := words[1]
	if name == "operations" {
		name += "-" + words[2]
	}
	help := read(t, "starter", "testdata", "help-"+name+".golden")
	for _, flag := range aFlag.FindAllString(cell, -1) {
		if !regexp.MustCompile(regexp.QuoteMeta(flag) + `\b`).MatchString(help) {
			t.Errorf("starter %s has no flag %s: %s", name, flag, cell)
		}
	}
	if !strings.Contains(cell, `--reason "..."`) {
		t.Errorf("without a reason it is refused: %s", cell)
	}
}

// checkProof checks that the scenario or the test of a row exists.
func checkProof(t *testing.T, row cure) {
	t.Helper()
	found := proof.FindStringSubmatch(row.proof)
	switch {
	case found == nil:
		t.Errorf("%v: neither a scenario nor a test: %s", row.reasons, row.proof)
	case found[1] != "":
		if !slices.ContainsFunc(scenarios(), func(s scenario) bool { return s.name == found[1] && s.story != nil }) {
			t.Errorf("%v: there is no scenario %s with orders of its own", row.reasons, found[1])
		}
	case !strings.Contains(read(t, found[3]), "func "+found[2]+"("):
		t.Errorf("%v: there is no %s in %s", row.reasons, found[2], found[3])
	}
}

// TestTheTableHasTheCommandsThatOrdersName: an order names messages.CommandLine; a person who
// looks it up finds the same line, apart from the values that are the person's own.
func TestTheTableHasTheCommandsThatOrdersName(t *testing.T) {
	t.Parallel()
	var commands []string
	for _, row := range cures(t) {
		commands = append(commands, strings.Trim(row.command, "`"))
	}
	own := strings.NewReplacer("0.00EUR", "250.00EUR")
	for _, action := range messages.Actions() {
		if action == messages.ActionConfirm || action == messages.ActionSkip {
			continue // one is a hint that cures nothing; the table's other one needs the id in Billing
		}
		if line := own.Replace(messages.CommandLine(action, "ORDER")); !slices.Contains(commands, line) {
			t.Errorf("%s is not in the table: %s", action, line)
		}
	}
}
