package telemetry_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/telemetry"
)

// forbidden are labels that would hold what identifies an order, or have values without end.
var forbidden = []string{"domain", "order", "order_number", "number", "customer", "workflow_id", "account_id", "client", "key", "path", "tld"}

func TestDefinitionsAreWellFormed(t *testing.T) {
	ending := map[telemetry.Kind]*regexp.Regexp{
		telemetry.Counter: regexp.MustCompile(`_total$`), telemetry.Histogram: regexp.MustCompile(`_seconds$`),
		telemetry.Gauge: regexp.MustCompile(`[^l]$`),
	}
	seen := map[string]bool{}
	for _, m := range slices.Concat(telemetry.Definitions(), telemetry.SDKDefinitions()) {
		if seen[m.Name] {
			t.Errorf("%s is defined twice", m.Name)
		}
		seen[m.Name] = true
		if !ending[m.Kind].MatchString(m.Name) || !strings.HasSuffix(m.Help, ".") || m.Origin == "" {
			t.Errorf("%s is a %s from %q: %s", m.Name, m.Kind, m.Origin, m.Help)
		}
		if (m.Kind == telemetry.Histogram) != (m.Buckets != nil) && strings.HasPrefix(m.Name, "domainprovisioning_") {
			t.Errorf("%s is a %s with buckets %v", m.Name, m.Kind, m.Buckets)
		}
		for _, label := range m.Labels {
			if slices.Contains(forbidden, label) {
				t.Errorf("%s must not have the label %s", m.Name, label)
			}
		}
	}
}

// attemptSuffix is what the SDK adds to the names of its requests for each try of one; it stands in
// internal/grpc_dialer.go.
const attemptSuffix = "_attempt"

// The names of the SDK are constants that it does not export. Its source has each of ours, and we
// have each of its.
func TestTheTableOfTheSDKIsThatOfTheSDK(t *testing.T) {
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "go.temporal.io/sdk").Output()
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "internal", "common", "metrics", "constants.go"))
	if err != nil {
		t.Fatal(err)
	}
	theirs := map[string]bool{}
	for _, match := range regexp.MustCompile(`= (TemporalMetricsPrefix|TemporalRequest|TemporalLongRequest)(?: \+ "([a-z_]+)")?`).FindAllStringSubmatch(string(source), -1) {
		prefix := map[string]string{"TemporalMetricsPrefix": "", "TemporalRequest": "request", "TemporalLongRequest": "long_request"}[match[1]]
		theirs["temporal_"+prefix+match[2]] = true
		if strings.Contains(match[1], "Request") || strings.HasSuffix(match[2], "request") {
			theirs["temporal_"+prefix+match[2]+attemptSuffix] = true
		}
	}
	if len(theirs) < 40 {
		t.Fatalf("only %d metrics found in the SDK's source", len(theirs))
	}
	for _, m := range telemetry.SDKDefinitions() {
		name := m.Name
		switch m.Kind {
		case telemetry.Counter:
			name = strings.TrimSuffix(name, "_total")
		case telemetry.Histogram:
			name = strings.TrimSuffix(name, "_seconds")
		default: // as the SDK has it
		}
		if !theirs[name] {
			t.Errorf("the SDK has no metric %s", name)
		}
		delete(theirs, name)
	}
	for name := range theirs {
		t.Errorf("the table lacks %s of the SDK", name)
	}
}
