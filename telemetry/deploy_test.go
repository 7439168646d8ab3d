package telemetry_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"domainprovisioning/activities"
	"domainprovisioning/telemetry"
)

// These are what people deploy beside the product.
var (
	alertsFile    = filepath.Join("..", "deploy", "prometheus", "alerts.yaml")
	testsFile     = filepath.Join("..", "deploy", "prometheus", "alerts_test.yaml")
	dashboardFile = filepath.Join("..", "deploy", "grafana", "domainprovisioning.json")
	runbook       = filepath.Join("..", "docs", "operating.md")
)

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// alert is a rule of alerts.yaml.
type alert struct {
	Alert, Expr         string
	Labels, Annotations map[string]string
}

func alerts(t *testing.T) []alert {
	t.Helper()
	var file struct {
		Groups []struct {
			Name  string
			Rules []alert
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, alertsFile)), &file); err != nil {
		t.Fatal(err)
	}
	var all []alert
	for _, group := range file.Groups {
		all = append(all, group.Rules...)
	}
	if len(all) < 15 {
		t.Fatalf("only %d alerts", len(all))
	}
	return all
}

// promtool runs Prometheus's own checker, which Debian's package prometheus has.
func promtool(t *testing.T, arguments ...string) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("TEST_PROMTOOL_REQUIRED") != "" {
			t.Fatal("promtool is required here")
		}
		t.Skip("skipped without promtool")
	}
	if output, err := exec.CommandContext(t.Context(), path, arguments...).CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
}

func TestTheAlertsAreThoseOfPrometheus(t *testing.T) {
	promtool(t, "check", "rules", "--lint=all", "--lint-fatal", alertsFile)
}

func TestTheAlertsFireWhenTheyShould(t *testing.T) { promtool(t, "test", "rules", testsFile) }

func TestTheConfigurationIsThatOfPrometheus(t *testing.T) {
	promtool(t, "check", "config", "--syntax-only", filepath.Join("..", "deploy", "prometheus", "prometheus.yaml"))
}

// Each alert has a case in which it fires and one in which it does not, a severity, and words
// that say what to do.
func TestEachAlertIsTestedBothWaysAndLeadsSomewhere(t *testing.T) {
	var tests struct {
		Tests []struct {
			Cases []struct {
				Alert string           `yaml:"alertname"`
				Want  []map[string]any `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, testsFile)), &tests); err != nil {
		t.Fatal(err)
	}
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, test := range tests.Tests {
		for _, c := range test.Cases {
			if len(c.Want) > 0 {
				fires[c.Alert] = true
			} else {
				silent[c.Alert] = true
			}
		}
	}
	headings := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^#{2,4} (.+)$`).FindAllStringSubmatch(read(t, runbook), -1) {
		// As GitHub makes an anchor of a heading.
		headings[strings.ReplaceAll(regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-")] = true
	}
	for _, a := range alerts(t) {
		if !fires[a.Alert] || !silent[a.Alert] {
			t.Errorf("%s is tested to fire %t, to be silent %t", a.Alert, fires[a.Alert], silent[a.Alert])
		}
		if !slices.Contains([]string{"page", "ticket"}, a.Labels["severity"]) {
			t.Errorf("%s has the severity %q", a.Alert, a.Labels["severity"])
		}
		if got := slices.Sorted(maps.Keys(a.Annotations)); !slices.Equal(got, []string{"description", "runbook", "summary"}) {
			t.Errorf("%s has the annotations %v", a.Alert, got)
		}
		anchor, found := strings.CutPrefix(a.Annotations["runbook"], "docs/operating.md#")
		if !found || !headings[anchor] {
			t.Errorf("%s: the runbook %q leads nowhere", a.Alert, a.Annotations["runbook"])
		}
	}
}

// dashboardExpressions are what the dashboard asks Prometheus.
func dashboardExpressions(t *testing.T) []string {
	t.Helper()
	var dashboard struct {
		UID        string
		Templating struct{ List []struct{ Query string } }
		Panels     []struct {
			ID      int
			Type    string
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, dashboardFile)), &dashboard); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, variable := range dashboard.Templating.List {
		all = append(all, variable.Query)
	}
	ids := map[int]bool{}
	for _, panel := range dashboard.Panels {
		if ids[panel.ID] || panel.Title == "" || panel.Type != "row" && len(panel.Targets) == 0 {
			t.Errorf("panel %d, %q, is not unique or shows nothing", panel.ID, panel.Title)
		}
		ids[panel.ID] = true
		for _, target := range panel.Targets {
			all = append(all, target.Expr)
		}
	}
	if len(all) < 20 || dashboard.UID == "" {
		t.Fatalf("the dashboard asks only %d questions", len(all))
	}
	return all
}

// Whatever alerts, their tests and the dashboard name exists, with its labels, and the dashboard
// shows every metric of ours.
func TestAlertsAndDashboardNameMetricsThatExist(t *testing.T) {
	known := map[string]telemetry.Metric{}
	for _, m := range slices.Concat(telemetry.Definitions(), telemetry.SDKDefinitions()) {
		known[m.Name] = m
		if m.Kind == telemetry.Histogram {
			for _, part := range []string{"_bucket", "_sum", "_count"} {
				known[m.Name+part] = m
			}
		}
	}
	mention := regexp.MustCompile(`\b((?:domainprovisioning|temporal)_[a-z_]+)(\{[^}]*\})?`)
	label := regexp.MustCompile(`([a-z_]+)(?:=~|!~|!=|=)"`)
	added := []string{"job", "instance", "le"} // by Prometheus
	sdkLabels := []string{"namespace", "task_queue", "worker_type", "poller_type", "workflow_type", "activity_type", "operation", "status_code", "cause", "failure_reason"}
	check := func(where, text string) map[string]bool {
		t.Helper()
		named := map[string]bool{}
		for _, match := range mention.FindAllStringSubmatch(text, -1) {
			metric, exists := known[match[1]]
			if !exists {
				t.Errorf("%s names %s, which does not exist", where, match[1])
				continue
			}
			named[metric.Name] = true
			labels := slices.Concat(metric.Labels, added)
			if strings.HasPrefix(metric.Name, "temporal_") {
				labels = append(labels, sdkLabels...)
			}
			for _, used := range label.FindAllStringSubmatch(match[2], -1) {
				if !slices.Contains(labels, used[1]) {
					t.Errorf("%s asks %s for the label %s, which it has not", where, metric.Name, used[1])
				}
			}
		}
		return named
	}
	for _, a := range alerts(t) {
		if len(check(a.Alert, a.Expr)) == 0 && !strings.Contains(a.Expr, "up{") {
			t.Errorf("%s asks for nothing of ours", a.Alert)
		}
	}
	if named := check("alerts_test.yaml", read(t, testsFile)); len(named) < 10 {
		t.Errorf("the tests of the alerts name %d metrics", len(named))
	}
	shown := check("the dashboard", strings.Join(dashboardExpressions(t), "\n"))
	for _, m := range telemetry.Definitions() {
		if !shown[m.Name] && m.Name != "domainprovisioning_sdk_series_refused_total" {
			t.Errorf("the dashboard does not show %s", m.Name)
		}
	}
}

// The outcomes of calls that alerts and dashboard look for are those that calls can have.
func TestTheOutcomesInAlertsAreThoseOfTheCode(t *testing.T) {
	asked := dashboardExpressions(t)
	for _, a := range alerts(t) {
		asked = append(asked, a.Expr)
	}
	matcher := regexp.MustCompile(`domainprovisioning_calls_total\{[^}]*outcome(?:=|=~|!~|!=)"([^"]+)"`)
	checked := 0
	for _, match := range matcher.FindAllStringSubmatch(strings.Join(asked, "\n"), -1) {
		for word := range strings.SplitSeq(match[1], "|") {
			checked++
			if !slices.Contains(activities.Outcomes(), word) {
				t.Errorf("no call has the outcome %q", word)
			}
		}
	}
	if checked < 5 {
		t.Errorf("only %d outcomes found", checked)
	}
}

// The alerts look for the words that the code uses.
func TestTheReasonsInAlertsAreThoseOfTheCode(t *testing.T) {
	reasons := telemetry.Reasons()
	matcher := regexp.MustCompile(`reason(?:=|=~|!~|!=)"([^"]+)"`)
	checked := 0
	for _, a := range alerts(t) {
		if !strings.Contains(a.Expr, "open_orders") {
			continue
		}
		for _, match := range matcher.FindAllStringSubmatch(a.Expr, -1) {
			for alternative := range strings.SplitSeq(match[1], "|") {
				checked++
				pattern := regexp.MustCompile("^(?:" + alternative + ")$")
				if !slices.ContainsFunc(reasons, pattern.MatchString) {
					t.Errorf("%s: no order has the reason %q", a.Alert, alternative)
				}
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d reasons found in the alerts", checked)
	}
}
