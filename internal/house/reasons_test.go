package house

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// The reasons why an order needs a person in docs/operating.md are the same as in the
// code.
func TestEveryReasonIsExplained(t *testing.T) {
	documented := documentedReasons(t)
	for _, reason := range messages.Reasons() {
		if !slices.Contains(documented, reason) {
			t.Errorf("docs/operating.md does not say what to do about %s", reason)
		}
	}
	made := madeReasons()
	for _, reason := range documented {
		if !slices.Contains(messages.Reasons(), reason) && !slices.Contains(made, reason) {
			t.Errorf("docs/operating.md explains %s, which no order has", reason)
		}
	}
	for _, class := range registrars.Classes() {
		if activities.BehaviourOf(class).Retry && !slices.Contains(documented, messages.Trying(string(class))) {
			t.Errorf("docs/operating.md does not say what to do about %s", messages.Trying(string(class)))
		}
	}
}

// Whoever sees a reason on the desk page is told what to do first.
func TestEveryReasonHasAdvice(t *testing.T) {
	for _, reason := range slices.Concat(messages.Reasons(), madeReasons()) {
		if advice := reason.Advice(); advice == "" || strings.ContainsAny(advice, "`\n") {
			t.Errorf("the advice about %s is %q", reason, advice)
		}
	}
	if advice := messages.Reason("nonsense").Advice(); advice != "" {
		t.Errorf("nonsense is answered by %q", advice)
	}
}

// A class of error that no retry fixes is a reason to park, and so is an outcome that
// stays unknown.
func TestEveryPermanentClassIsAReason(t *testing.T) {
	var want []messages.Reason
	for _, class := range registrars.Classes() {
		if !activities.BehaviourOf(class).Retry || class == registrars.ClassOutcomeUnknown {
			want = append(want, messages.Reason(class))
		}
	}
	got := messages.ParkingReasons()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the reasons are %v, the classes %v", got, want)
	}
}

// Each state of a stopped workflow is a reason with the same name.
func TestEveryStoppedRunIsAReason(t *testing.T) {
	var want []messages.Reason
	for _, state := range store.StoppedStates() {
		want = append(want, messages.Reason(state))
	}
	if got := messages.StoppedReasons(); !slices.Equal(got, want) {
		t.Errorf("the reasons are %v, the states of runs %v", got, want)
	}
}

// madeReasons returns the reasons that are composed of kinds and classes.
func madeReasons() []messages.Reason {
	var made []messages.Reason
	for _, class := range registrars.Classes() {
		made = append(made, messages.Trying(string(class)))
	}
	for _, kind := range registrars.Kinds() {
		for _, how := range []registrars.Status{registrars.StatusFailed, registrars.StatusCancelled} {
			made = append(made, messages.RequestEnded(string(kind), string(how)))
		}
	}
	return made
}

var code = regexp.MustCompile("`([^`]+)`")

// documentedReasons returns the codes in the table's first column.
func documentedReasons(t *testing.T) []messages.Reason {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "docs", "operating.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(content), "\n| reason |")
	table, _, ended := strings.Cut(table, "\n\n")
	if !found || !ended {
		t.Fatal("docs/operating.md has no table of reasons")
	}
	var reasons []messages.Reason
	for row := range strings.SplitSeq(table, "\n") {
		cells := strings.Split(row, "|")
		if len(cells) < 2 {
			continue
		}
		for _, match := range code.FindAllStringSubmatch(cells[1], -1) {
			reasons = append(reasons, messages.Reason(match[1]))
		}
	}
	return reasons
}
