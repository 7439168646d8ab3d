package telemetry_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"domainprovisioning/telemetry"
)

var update = flag.Bool("update", false, "write docs/metrics.md")

const documentIntroduction = `# Metrics

Worker and gateway serve metrics for Prometheus at ` + "`/metrics`" + `; [operating.md](operating.md#metrics-and-alerts) says how to collect them and what to do when an alert fires. This page is written from the code by ` + "`make docs`" + `.

What comes *of the store* is read from the database by every process, at most every ten seconds: all processes tell the same, so take ` + "`max by (...)`" + ` over them. Everything else is what one process has seen itself: add it up.

No label holds a domain, an order number or anything of a customer. ` + "`registrar`" + ` is the name of an account in the configuration, except in ` + "`domainprovisioning_calls_total`" + `, where ` + "`system`" + ` is the plug-in.

## Ours

`

const sdkIntroduction = `
## Of the Temporal SDK

Counters end in ` + "`_total`" + ` and times in ` + "`_seconds`" + `, as Prometheus demands; without that, the names are those of Temporal's documentation. A metric appears when something of its kind has happened for the first time, so a counter of failures that is absent stands for 0. Labels are ` + "`namespace`, `task_queue`, `worker_type`, `poller_type`, `workflow_type`, `activity_type`, `operation`, `status_code`, `cause` and `failure_reason`" + `, where they have a value.

`

const restIntroduction = `
## Others

` + "`go_...` and `process_...`" + ` are those of the Go runtime and of the process: memory, processor time, open files, start time.
`

func document() string {
	var page strings.Builder
	page.WriteString(documentIntroduction + "| metric | kind | labels | of | what it is |\n|---|---|---|---|---|\n")
	for _, m := range telemetry.Definitions() {
		fmt.Fprintf(&page, "| `%s` | %s | %s | %s | %s |\n", m.Name, m.Kind, strings.Join(m.Labels, ", "), m.Origin, m.Help)
	}
	page.WriteString(sdkIntroduction + "| metric | kind | what it is |\n|---|---|---|\n")
	for _, m := range telemetry.SDKDefinitions() {
		fmt.Fprintf(&page, "| `%s` | %s | %s |\n", m.Name, m.Kind, m.Help)
	}
	page.WriteString(restIntroduction)
	return page.String()
}

func TestTheMetricsAreDocumented(t *testing.T) {
	name := filepath.Join("..", "docs", "metrics.md")
	want := document()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil || string(got) != want {
		t.Errorf("docs/metrics.md is not that of the code; run `make docs`: %v", err)
	}
}
