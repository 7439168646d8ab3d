package workflows_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with a file in testdata. Times depend on the wall-clock time that
// activities take, so they are masked.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`).ReplaceAllString(got, "TIME") + "\n"
	got = regexp.MustCompile(`q-[0-9a-f]{20}`).ReplaceAllString(got, "REFERENCE")
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; -update rewrites it\n got\n%s\nwant\n%s", name, got, want)
	}
}

func TestTheChecklistInTheWebUI(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.after(day, func() { golden(t, "checklist-waiting.md", r.details()) })
	r.after(6*day, func() { golden(t, "checklist-deadline-passed.md", r.details()) })
	r.after(7*day, func() {
		if err := r.Netim.Fail(shop, "registrant\nis not eligible"); err != nil {
			t.Error(err)
		}
		r.confirm("event-1")
	})
	r.after(8*day, func() {
		golden(t, "checklist-failed.md", r.details())
		r.retry(messages.Retry{Actor: "ann"})
	})
	r.after(9*day, func() { r.complete(); r.confirm("event-2") })
	r.finish()
	golden(t, "checklist-done.md", r.details())
	for _, personal := range []string{"Jane", "jane@", "Main Street", "pass-phrase"} {
		if strings.Contains(r.details(), personal) {
			t.Errorf("%q is in the checklist", personal)
		}
	}
}

func TestALongMessageIsCutBetweenCharacters(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.after(day, func() {
		if err := r.Netim.Fail(shop, "x"+strings.Repeat("é", 30_000)); err != nil {
			t.Error(err)
		}
		r.confirm("event-1")
	})
	r.after(2*day, func() {
		details := r.details()
		if !utf8.ValidString(details) || len(details) > 20<<10 || !strings.Contains(details, "14 ") && !strings.Contains(details, "Verify") {
			t.Errorf("%d bytes of details, valid: %t", len(details), utf8.ValidString(details))
		}
		r.complete()
		r.confirm("event-2")
	})
	r.finish()
}

func TestProgressTellsOrderDomainAndSteps(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.after(day, func() {
		progress := r.progress()
		if progress.OrderNumber != r.input.OrderNumber || progress.Domain != shop || progress.Registrar != outside.Account ||
			len(progress.Steps) != 14 || progress.Attention != nil {
			t.Errorf("got %+v", progress)
		}
		for _, line := range progress.Steps {
			want := messages.StepDone
			switch {
			case line.Number == 10:
				want = messages.StepWaiting
			case line.Number > 10:
				want = messages.StepOpen
			}
			if line.State != want || line.FinishedAt.IsZero() == (want == messages.StepDone) || line.StartedAt.IsZero() != (want == messages.StepOpen) {
				t.Errorf("step %d is %+v", line.Number, line)
			}
		}
		r.complete()
		r.confirm("event-1")
	})
	r.finish()
}

func TestSearchAttributesSayWhereTheOrderStands(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	said := func(step int64, state messages.State, reason ...messages.Reason) {
		t.Helper()
		want := map[string]any{"ProvisioningStep": step, "ProvisioningState": string(state)}
		for _, why := range reason {
			want["ProvisioningReason"] = string(why)
		}
		if !maps.Equal(r.seen.latest, want) {
			t.Errorf("search attributes are %v, want %v", r.seen.latest, want)
		}
	}
	r.after(day, func() { said(10, messages.Waiting) })
	r.after(6*day, func() {
		said(10, messages.NeedsAttention, messages.ReasonDeadlinePassed)
		r.complete()
		r.confirm("event-1")
	})
	r.finish()
	said(14, messages.Done)
	if n := len(r.seen.attributes); n > 8 {
		t.Errorf("%d upserts; each costs an event", n)
	}
}

func TestEverySearchAttributeIsListedWithItsType(t *testing.T) {
	unit := orders.Unit{Item: 1, Domain: &orders.DomainOrder{Name: domains.MustParseName(shop), TLD: "example", Registrar: "a"}}
	names := workflows.SearchAttributeNames()
	attributes := workflows.InitialSearchAttributes("SO-1", unit).GetUntypedValues()
	for key, value := range attributes {
		if names[key.GetName()] != key.GetValueType().String() {
			t.Errorf("%s is listed as %q and set as %s", key.GetName(), names[key.GetName()], key.GetValueType())
		}
		if fmt.Sprint(value) == "" {
			t.Errorf("%s is empty", key.GetName())
		}
	}
	// An order that begins needs no person, so it has no reason yet.
	if len(attributes) != len(names)-1 || names[workflows.ProvisioningReasonKey.GetName()] != "Keyword" {
		t.Errorf("%d attributes are set, %d listed", len(attributes), len(names))
	}
	if n := workflows.InitialSearchAttributes("SO-1", orders.Unit{Hosting: &orders.HostingOrder{}}).Size(); n != 3 {
		t.Errorf("hosting without a domain has %d attributes", n)
	}
}

func TestTitleDetailsAndIdOfAUnit(t *testing.T) {
	long := domains.MustParseName(strings.Repeat("a", 63) + "." + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63) + ".example")
	domain := &orders.DomainOrder{Name: domains.MustParseName(shop), Years: 2, Registrar: "netim-1"}
	own := &orders.DomainOrder{Name: domain.Name, Years: 1, Registrar: "netim-1", NameServers: domains.NameServers{"a.example", "b.example"}}
	hosting := &orders.HostingOrder{Template: 20}
	for name, c := range map[string]struct {
		unit                 orders.Unit
		id, summary, details string
	}{
		"domain with hosting": {
			orders.Unit{Item: 1, Type: orders.Registration, Domain: domain, Hosting: hosting},
			"domain-provisioning/shop.example", "shop.example with hosting, order SO-1",
			"Order **SO-1**, item 1\n\n- registration of domain `shop.example` for 2 years at registrar account `netim-1`\n- hosting from service template 20\n",
		},
		"domain alone, own name servers": {
			orders.Unit{Item: 3, Type: orders.Registration, Domain: own},
			"domain-provisioning/shop.example", "shop.example, order SO-1",
			"Order **SO-1**, item 3\n\n- registration of domain `shop.example` for 1 year at registrar account `netim-1`\n- the customer's own name servers: a.example, b.example\n",
		},
		"a change": {
			orders.Unit{Item: 2, Type: orders.OwnerChange, Domain: domain},
			"owner-change/shop.example", "Owner change of shop.example, order SO-1",
			"Order **SO-1**, item 2\n\n- owner change of domain `shop.example` at registrar account `netim-1`\n",
		},
		"a renewal": {
			orders.Unit{Item: 2, Type: orders.Renewal, Domain: domain},
			"domain-renewal/shop.example", "Renewal of shop.example, order SO-1",
			"Order **SO-1**, item 2\n\n- renewal of domain `shop.example` for 2 years at registrar account `netim-1`\n",
		},
		"hosting alone": {
			orders.Unit{Item: 4, Hosting: hosting},
			"hosting-provisioning/SO-1/4", "Hosting, order SO-1",
			"Order **SO-1**, item 4\n\n- hosting from service template 20\n",
		},
		"a long name": {
			orders.Unit{Type: orders.Registration, Domain: &orders.DomainOrder{Name: long}, Hosting: hosting},
			"domain-provisioning/" + long.String(), (long.String() + " with hosting, order SO-1")[:200], "",
		},
	} {
		if got := workflows.WorkflowID("SO-1", c.unit); got != c.id {
			t.Errorf("%s: id %q", name, got)
		}
		if got := workflows.StaticSummary("SO-1", c.unit); got != c.summary || len(got) > 200 {
			t.Errorf("%s: summary %q", name, got)
		}
		if got := workflows.StaticDetails("SO-1", c.unit); c.details != "" && got != c.details {
			t.Errorf("%s: details %q", name, got)
		}
	}
	if workflows.RegistrarTaskQueue("netim-1") != "registrar-netim-1" || workflows.WatchID("netim-1") != "pending-operations/netim-1" {
		t.Error("queue or schedule of an account has another name")
	}
}

// One round of the watch makes one call for all pending operations, and one call for each
// operation that has left the list.
func ExamplePendingOperationsWatch() {
	dir, err := os.MkdirTemp("", "watch")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()
	world, err := outside.Open(ctx, dir, outside.Options{})
	if err != nil {
		panic(err)
	}
	defer world.Close()
	_, _, _ = world.Store.Intend(ctx, store.Intention{
		Key: "SO-1/0/registration", Account: outside.Account, Kind: "registration",
		Domain: shop, WorkflowID: "domain-provisioning/shop.example",
	})

	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterWorkflow(workflows.PendingOperationsWatch)
	env.RegisterActivity(world.RegistrarActivities(world.Registrar, nil))
	env.ExecuteWorkflow(workflows.PendingOperationsWatch, workflows.WatchInput{Registrar: outside.Account})

	var swept activities.SweepPendingOperationsResult
	fmt.Println(env.GetWorkflowResult(&swept))
	fmt.Printf("%+v\n", swept)
	// Output:
	// <nil>
	// {Open:1 Calls:1 Finished:0 Adopted:0 Failed:0 Restarted:0 Abandoned:0 Unreadable:0 Notices:0 QueueFailed:false}
}

func TestARoundOfTheWatchThatFailsIsLeftToTheNext(t *testing.T) {
	world := outside.New(t, outside.Options{})
	if _, _, err := world.Store.Intend(t.Context(), store.Intention{
		Key: "SO-1/0/registration", Account: outside.Account, Kind: "registration", Domain: shop,
	}); err != nil {
		t.Fatal(err)
	}
	world.Fault(t, "netim:queryOpePending:http-error=503*always")
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterWorkflow(workflows.PendingOperationsWatch)
	env.RegisterActivity(world.RegistrarActivities(world.Registrar, nil))
	env.ExecuteWorkflow(workflows.PendingOperationsWatch, workflows.WatchInput{Registrar: outside.Account})
	if err := env.GetWorkflowError(); err == nil || world.Netim.Calls("queryOpePending") != 1 {
		t.Errorf("got %v after %d calls", err, world.Netim.Calls("queryOpePending"))
	}
}

// The type of an order is told from the id of its workflow, for every type.
func TestTheTypeOfAnOrderIsInTheIDOfItsWorkflow(t *testing.T) {
	for _, kind := range orders.Types() {
		id := workflows.WorkflowID("SO-1", orders.Unit{Type: kind, Domain: &orders.DomainOrder{Name: domains.MustParseName("shop.example")}})
		prefix, _, _ := strings.Cut(id, "/")
		if got := workflows.TypeOfProgram(prefix); got != kind.String() {
			t.Errorf("%s is of the type %q, want %s", id, got, kind)
		}
	}
	prefix, _, _ := strings.Cut(workflows.WorkflowID("SO-1", orders.Unit{Item: 2}), "/")
	if got := workflows.TypeOfProgram(prefix); got != "hosting" {
		t.Errorf("hosting is of the type %q", got)
	}
	if got := workflows.TypeOfProgram("made-up"); got != "" {
		t.Errorf("nothing is of the type %q", got)
	}
}
