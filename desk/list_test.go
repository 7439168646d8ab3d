package desk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/store"
)

// names returns the domains of a page in order.
func names(page desk.Page) string {
	var all []string
	for _, unit := range page.Orders {
		all = append(all, strings.TrimSuffix(unit.Domain, ".example"))
	}
	return strings.Join(all, " ")
}

func (c *counter) list(filter desk.Filter) desk.Page {
	c.t.Helper()
	page, err := c.List(c.t.Context(), filter)
	if err != nil {
		c.t.Fatalf("%+v: %v", filter, err)
	}
	return page
}

// shops places an order for each of n domains, shop0 first.
func (c *counter) shops(n int) {
	c.t.Helper()
	for i := range n {
		c.order(outside.Alter(c.t, outside.DomainOnly, `"shop"`, fmt.Sprintf(`"shop%d"`, i)))
		c.clock.Advance(1e9)
	}
}

// Orders come and go while a reader turns the pages. No order that existed all the time
// is left out, and none is shown twice.
func TestPagesGoOnWhereTheOneBeforeEnded(t *testing.T) {
	c := begin(t)
	c.shops(4)
	first := c.list(desk.Filter{Limit: 2})
	c.order(twoDomains(t))
	if err := c.World.Store.CloseUnit(t.Context(), "DP00000002", 0, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	second := c.list(desk.Filter{Limit: 2, Cursor: first.Next})
	if names(first) != "shop3 shop2" || first.Next == "" || names(second) != "shop1 shop0" || second.Next != "" {
		t.Errorf("%s, then %s and %q", names(first), names(second), second.Next)
	}
	// Units of one order were accepted at the same time.
	one := c.list(desk.Filter{Limit: 1})
	if two := c.list(desk.Filter{Limit: 1, Cursor: one.Next}); names(one) != "shop" || names(two) != "store" {
		t.Errorf("%s, then %s", names(one), names(two))
	}
}

func TestAListIsNarrowed(t *testing.T) {
	c := begin(t)
	c.shops(3)
	c.order(outside.HostingOnly)
	if err := c.World.Store.CloseUnit(t.Context(), "DP00000001", 0, store.UnitFailed, ""); err != nil {
		t.Fatal(err)
	}
	for number, run := range map[string]store.RunState{"DP00000002": store.RunPaused, "DP00000001": store.RunTerminated} {
		if _, err := c.World.Store.RecordRun(t.Context(), number, 0, run); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range []struct {
		filter desk.Filter
		want   string
	}{
		{desk.Filter{State: "failed"}, "shop0"},
		{desk.Filter{State: "open", Registrar: outside.Account}, "shop2 shop1"},
		{desk.Filter{State: "stopped"}, "shop1"}, // an order that has ended is not stopped
		{desk.Filter{Domain: "SHOP2.example."}, "shop2"},
		{desk.Filter{Domain: "shop2.example", State: "done"}, ""},
		{desk.Filter{Registrar: "two words"}, ""}, {desk.Filter{Registrar: "nowhere"}, ""},
	} {
		page := c.list(k.filter)
		if names(page) != k.want || page.Orders == nil || page.Next != "" {
			t.Errorf("%+v: %q", k.filter, names(page))
		}
	}
}

func TestAFilterThatIsWrongNamesItsField(t *testing.T) {
	c := begin(t)
	c.shops(3)
	c.temporal.list = func(*workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
		return &workflowservice.ListWorkflowExecutionsResponse{NextPageToken: []byte("token")}, nil
	}
	ofStore, ofTemporal := c.list(desk.Filter{Limit: 1}).Next, c.list(desk.Filter{State: "running", Limit: 1}).Next
	asked := len(c.temporal.lists)
	const ofAnother = "cursor must come from the previous page"
	for _, k := range []struct {
		filter desk.Filter
		want   string
	}{
		{desk.Filter{Limit: -1}, "limit must be 1 to 1000"}, {desk.Filter{Limit: 1001}, "limit must be 1 to 1000"},
		{desk.Filter{Domain: "a..b"}, "domain must be a domain name"},
		{desk.Filter{State: "lost"}, "state must be one of open, done, failed, cancelled, stopped, running, waiting, attention"},
		{desk.Filter{Cursor: "!"}, ofAnother}, {desk.Filter{Cursor: "e30"}, ofAnother}, // {}: not a position
		{desk.Filter{Cursor: ofTemporal}, ofAnother}, {desk.Filter{Cursor: ofStore, State: "waiting"}, ofAnother},
	} {
		_, err := c.List(t.Context(), k.filter)
		if wrong, ok := errors.AsType[*desk.FilterError](err); !ok || wrong.Error() != k.want {
			t.Errorf("%+v: %v", k.filter, err)
		}
	}
	if len(c.temporal.lists) != asked {
		t.Error("Temporal was asked anyway")
	}
}

// execution is a workflow as a list from Temporal shows it.
func execution(t *testing.T, number, workflowID string) *workflowpb.WorkflowExecutionInfo {
	t.Helper()
	payload, err := converter.GetDefaultDataConverter().ToPayload(number)
	if err != nil {
		t.Fatal(err)
	}
	return &workflowpb.WorkflowExecutionInfo{
		Execution:        &commonpb.WorkflowExecution{WorkflowId: workflowID},
		SearchAttributes: &commonpb.SearchAttributes{IndexedFields: map[string]*commonpb.Payload{"OrderNumber": payload}},
	}
}

// Only its workflow knows whether an open order waits or needs a person, so Temporal
// lists these states.
func TestStatesThatOnlyTemporalKnowsAreListedByIt(t *testing.T) {
	c := begin(t)
	c.shops(3)
	const of = "domain-provisioning/shop"
	pages := map[string]*workflowservice.ListWorkflowExecutionsResponse{
		"": {NextPageToken: []byte("more"), Executions: []*workflowpb.WorkflowExecutionInfo{
			execution(t, "DP00000001", of+"0.example"), execution(t, "DP00000099", of+"9.example"), // unknown to the store
			{Execution: &commonpb.WorkflowExecution{WorkflowId: "somebody-else's"}},
		}},
		"more": {Executions: []*workflowpb.WorkflowExecutionInfo{execution(t, "DP00000003", of+"2.example"), execution(t, "DP00000002", of+"1.example")}},
	}
	c.temporal.list = func(request *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
		return pages[string(request.GetNextPageToken())], nil
	}
	first := c.list(desk.Filter{State: "attention", Registrar: outside.Account, Domain: "Shop.example", Limit: 3})
	second := c.list(desk.Filter{State: "attention", Cursor: first.Next})
	if names(first) != "shop0" || names(second) != "shop2 shop1" || second.Next != "" {
		t.Errorf("%q, then %q", names(first), names(second))
	}
	want := "ExecutionStatus = 'Running' AND ProvisioningState = 'attention' AND DomainName = 'shop.example' AND Registrar = 'netim-1'"
	if asked := c.temporal.lists[0]; asked.GetQuery() != want || asked.GetPageSize() != 3 {
		t.Errorf("asked for %d of %s", asked.GetPageSize(), asked.GetQuery())
	}
	// A value that would break out of the query's quotes is never sent.
	before := len(c.temporal.lists)
	for _, registrar := range []string{`x' OR 'a'='a`, `x\`, `"x"`} {
		if page := c.list(desk.Filter{State: "waiting", Registrar: registrar}); len(page.Orders) != 0 || page.Orders == nil {
			t.Errorf("%s: %+v", registrar, page)
		}
	}
	if len(c.temporal.lists) != before {
		t.Error("Temporal was asked for a name that nobody has")
	}
}

func TestAListWhileSomethingIsAway(t *testing.T) {
	c := begin(t)
	c.shops(1)
	c.temporal.list = func(*workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
		return nil, serviceerror.NewUnavailable("no server")
	}
	if _, err := c.List(t.Context(), desk.Filter{State: "waiting"}); !errors.Is(err, desk.ErrUnavailable) {
		t.Errorf("Temporal is away: %v", err)
	}
	if page := c.list(desk.Filter{State: "open"}); names(page) != "shop0" {
		t.Errorf("what the store knows was not listed: %q", names(page))
	}
	if err := c.World.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.List(t.Context(), desk.Filter{}); err == nil || errors.Is(err, desk.ErrUnavailable) {
		t.Errorf("the store is away: %v", err)
	}
	if _, err := c.Find(t.Context(), "DP00000001"); err == nil || errors.Is(err, desk.ErrNotFound) {
		t.Errorf("the store is away: %v", err)
	}
}
