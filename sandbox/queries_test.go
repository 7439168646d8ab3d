package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"go.temporal.io/api/workflowservice/v1"

	"domainprovisioning/messages"
)

// savedQuery is a row of the table of saved queries.
var savedQuery = regexp.MustCompile("(?m)^\\| ([^|`]+) \\| `([^`]+)` \\|$")

// TestTheSavedQueriesFindWhatTheySay runs each query of docs/operating.md. An order whose workflow
// was terminated while it needed a person is in no list but that of its domain.
func TestTheSavedQueriesFindWhatTheySay(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	waits := alter(t, shop(t), "DomainID=shop", "DomainID=waits", "jane@", "john@")
	f.place(waits)
	f.until("domain-provisioning/waits.example", messages.Waiting)
	f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	if err := f.world.netim.Fail("shop.example", "not eligible"); err != nil {
		t.Fatal(err)
	}
	f.watch()
	f.until(shopWorkflow, messages.NeedsAttention)
	content, err := os.ReadFile("../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(content), "## Saved queries for the Web UI")
	section, _, _ := strings.Cut(rest, "\n## ")
	queries := map[string]string{}
	for _, row := range savedQuery.FindAllStringSubmatch(section, -1) {
		queries[row[1]] = row[2]
	}
	if len(queries) < 9 {
		t.Fatalf("only %d queries found; has the form of the table changed?", len(queries))
	}
	count := func(query string) int64 {
		t.Helper()
		answer, err := f.temporal.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: query})
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return answer.GetCount()
	}
	for what, query := range queries {
		if answer, err := f.temporal.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: query}); err != nil {
			t.Errorf("%s: %s: %v", what, query, err)
		} else if what == "needs a person" && len(answer.GetExecutions()) > 1 {
			t.Errorf("%s finds %d", query, len(answer.GetExecutions()))
		}
	}
	f.eventually("the list shows who needs a person and who waits", func() bool {
		return count(queries["needs a person"]) == 1 && count(queries["waiting at the registrar"]) == 1
	})
	if err := f.temporal.TerminateWorkflow(t.Context(), shopWorkflow, "", "for a test"); err != nil {
		t.Fatal(err)
	}
	f.eventually("the terminated order is in no list of open ones", func() bool { return count(queries["needs a person"]) == 0 })
	if got := count(queries["one domain, also of old"]); got != 1 {
		t.Errorf("the domain has %d runs", got)
	}
}
