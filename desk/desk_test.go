package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	querypb "go.temporal.io/api/query/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"domainprovisioning/desk"
	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

const shopWorkflow = "domain-provisioning/shop.example"

// counter is a desk in a world of stand-ins.
type counter struct {
	*outside.World
	*desk.Desk

	t        *testing.T
	clock    *outside.Clock
	temporal *recorded
}

func begin(t *testing.T) *counter {
	t.Helper()
	clock := outside.NewClock()
	w := outside.New(t, outside.Options{Now: clock.Now})
	temporal := &recorded{Temporal: w.Temporal, statuses: map[string]enumspb.WorkflowExecutionStatus{}}
	w.Intake.Temporal = temporal
	return &counter{World: w, t: t, clock: clock, temporal: temporal, Desk: &desk.Desk{
		Store: w.Store, Temporal: temporal, Intake: w.Intake, WebUI: "https://ui.example/namespaces/default/",
	}}
}

// order places an order and returns its number.
func (c *counter) order(document string) string {
	c.t.Helper()
	placed, err := c.Desk.Place(operator(c.t), []byte(document))
	if err != nil {
		c.t.Fatal(err)
	}
	return placed.Number
}

// unit returns the only unit that an argument names.
func (c *counter) unit(argument string) desk.Unit {
	c.t.Helper()
	found, err := c.Find(operator(c.t), argument)
	if err != nil || len(found) != 1 {
		c.t.Fatalf("%s: %+v, %v", argument, found, err)
	}
	return found[0]
}

// stored returns the shop's unit as the store has it.
func (c *counter) stored() store.Unit {
	c.t.Helper()
	rows, err := c.World.Store.Units(operator(c.t), store.UnitFilter{Domain: "shop.example", Limit: 1})
	if err != nil || len(rows) != 1 {
		c.t.Fatalf("%+v, %v", rows, err)
	}
	return rows[0]
}

// recorded is the recording Temporal client, extended by what a desk needs: updates, and
// other ways for a workflow to end than completion.
type recorded struct {
	*outside.Temporal

	statuses map[string]enumspb.WorkflowExecutionStatus

	mu      sync.Mutex
	updates []client.UpdateWorkflowOptions
	// update answers an update.
	update func(client.UpdateWorkflowOptions) (messages.Answer, error)
}

func (c *recorded) UpdateWorkflow(_ context.Context, options client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.updates = append(c.updates, options)
	result, err := c.update(options)
	return handle{result: result, err: err}, nil
}

// DescribeWorkflowExecution tells the statuses as well.
func (c *recorded) DescribeWorkflowExecution(ctx context.Context, workflowID, runID string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	answer, err := c.Temporal.DescribeWorkflowExecution(ctx, workflowID, runID)
	if status, ok := c.statuses[workflowID]; ok && err == nil {
		answer.WorkflowExecutionInfo.Status = status
	}
	return answer, err
}

// ExecuteWorkflow makes an ended workflow run again.
func (c *recorded) ExecuteWorkflow(ctx context.Context, options client.StartWorkflowOptions, program any, args ...any) (client.WorkflowRun, error) {
	run, err := c.Temporal.ExecuteWorkflow(ctx, options, program, args...)
	if err == nil {
		delete(c.statuses, options.ID)
	}
	return run, err
}

// handle is an update whose outcome is known.
type handle struct {
	client.WorkflowUpdateHandle

	result messages.Answer
	err    error
}

func (h handle) Get(_ context.Context, into any) error {
	if h.err == nil {
		*into.(*messages.Answer) = h.result
	}
	return h.err
}

func (c *recorded) QueryWorkflowWithOptions(
	ctx context.Context, request *client.QueryWorkflowWithOptionsRequest,
) (*client.QueryWorkflowWithOptionsResponse, error) {
	status, ok := c.statuses[request.WorkflowID]
	// Temporal 1.32.1 rejects every query of a paused workflow, whatever the condition.
	paused := status == enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED
	if paused || ok && request.QueryRejectCondition == enumspb.QUERY_REJECT_CONDITION_NOT_OPEN {
		return &client.QueryWorkflowWithOptionsResponse{QueryRejected: &querypb.QueryRejected{Status: status}}, nil
	}
	return c.Temporal.QueryWorkflowWithOptions(ctx, request)
}

// twoDomains is hosting with two domains.
func twoDomains(t *testing.T) string {
	t.Helper()
	return outside.Alter(t, outside.NewCustomer, `"transferKey": ""}`, `"transferKey": ""},
    {"id": 2, "planId": 6, "periodId": 1, "parentId": 0, "operation": "registration", "domain": "store", "transferKey": ""}`)
}

func TestWhatAPlacedOrderIsAnsweredWith(t *testing.T) {
	c := begin(t)
	c.World.Temporal.SetDown(true)
	waiting, err := c.Desk.Place(operator(t), []byte(twoDomains(t)))
	if err != nil || waiting.Number != "DP00000001" || waiting.Existing || !waiting.Waiting || len(waiting.Units) != 2 || waiting.Units[1].Started {
		t.Fatalf("while Temporal is away: %+v, %v", waiting, err)
	}
	c.World.Temporal.SetDown(false)
	again, err := c.Desk.Place(operator(t), []byte(twoDomains(t)))
	if err != nil || !again.Existing || again.Waiting || again.Number != waiting.Number || len(c.World.Temporal.Starts()) != 2 {
		t.Errorf("the same order again: %+v, %v, %d starts", again, err, len(c.World.Temporal.Starts()))
	}
	second := again.Units[1]
	if second.Item != 2 || second.Domain != "store.example" || second.Operation != "registration" || second.Registrar != outside.Account ||
		second.State != "running" || !second.Started || second.WebUI != "https://ui.example/namespaces/default/workflows/domain-provisioning%2Fstore.example" {
		t.Errorf("the second unit is %+v", second)
	}
	_, err = c.Desk.Place(operator(t), []byte(outside.Alter(t, outside.NewCustomer, "jane@", "john@")))
	if refusal, ok := errors.AsType[*intake.Refusal](err); !ok || len(refusal.Reasons) != 1 {
		t.Errorf("another order for the same domain: %v", err)
	}
}

func TestOrdersAreFoundByNumberAndByDomain(t *testing.T) {
	c := begin(t)
	first := c.order(twoDomains(t))
	for argument, want := range map[string]string{
		first: "shop.example store.example", "shop.example": "shop.example", "SHOP.Example.": "shop.example", "store.example": "store.example",
	} {
		found, err := c.Find(operator(t), argument)
		var names []string
		for _, unit := range found {
			names = append(names, unit.Domain)
		}
		if got := strings.Join(names, " "); err != nil || got != want {
			t.Errorf("%s: %s, %v", argument, got, err)
		}
	}
	for _, argument := range []string{"", "DP00000009", "nobody.example", "DP00000001 ", "x' OR 1=1", strings.Repeat("9", 11)} {
		if found, err := c.Find(operator(t), argument); !errors.Is(err, desk.ErrNotFound) || found != nil {
			t.Errorf("%q: %+v, %v", argument, found, err)
		}
	}
	// Order numbers may contain dots, even if they then look like a name.
	for _, number := range []string{"2026.11_1", "a.b"} {
		domain := strings.NewReplacer(".", "-", "_", "-").Replace(number)
		c.order(outside.Alter(t, outside.DomainOnly, `"vendorAccountId"`, `"number": "`+number+`", "vendorAccountId"`, `"shop"`, `"`+domain+`"`))
		if found, err := c.Find(operator(t), number); err != nil || len(found) != 1 || found[0].Order != number {
			t.Errorf("%s: %+v, %v", number, found, err)
		}
	}
	_, err := c.Find(operator(t), "a b.example")
	if name, ok := errors.AsType[*desk.NameError](err); !ok || name.Error() == "" || errors.Is(err, desk.ErrNotFound) {
		t.Errorf("no domain name: %v", err)
	}
}

// If a domain is ordered again after its order has ended, its name means the newest
// order.
func TestADomainMeansItsNewestOrder(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	if err := c.World.Store.CloseUnit(operator(t), "DP00000001", 1, store.UnitFailed, ""); err != nil {
		t.Fatal(err)
	}
	c.clock.Advance(1)
	second := c.order(outside.Alter(t, outside.NewCustomer, "jane@", "john@"))
	if unit := c.unit("shop.example"); unit.Order != second || unit.State != "running" || unit.ClosedAt != nil {
		t.Errorf("got %+v", unit)
	}
	if unit := c.unit("DP00000001"); unit.State != "failed" || unit.ClosedAt == nil {
		t.Errorf("the first is %+v", unit)
	}
}

func TestOneUnitOfSeveralIsNamed(t *testing.T) {
	c := begin(t)
	found, err := c.Find(operator(t), c.order(twoDomains(t)))
	if err != nil {
		t.Fatal(err)
	}
	item := func(n int) *int { return &n }
	for name, one := range map[string]struct {
		which desk.Which
		want  string
		err   error
	}{
		"nothing is named":    {desk.Which{}, "", desk.ErrSeveral},
		"by domain":           {desk.Which{Domain: "STORE.example."}, "store.example", nil},
		"by item":             {desk.Which{Item: item(1)}, "shop.example", nil},
		"both":                {desk.Which{Domain: "shop.example", Item: item(1)}, "shop.example", nil},
		"both, disagreeing":   {desk.Which{Domain: "shop.example", Item: item(2)}, "", desk.ErrNotFound},
		"item of nothing":     {desk.Which{Item: item(0)}, "", desk.ErrNotFound}, // the hosting, which the first domain's unit carries
		"domain of another":   {desk.Which{Domain: "other.example"}, "", desk.ErrNotFound},
		"not a domain at all": {desk.Which{Domain: "a..b"}, "", desk.ErrNotFound},
	} {
		if unit, err := desk.One(found, one.which); !errors.Is(err, one.err) || unit.Domain != one.want {
			t.Errorf("%s: %q, %v", name, unit.Domain, err)
		}
	}
}

// Answers end up on pages, in callers' logs and in tickets.
func TestAnswersHoldNoPersonalData(t *testing.T) {
	c := begin(t)
	placed, err := c.Desk.Place(operator(t), []byte(outside.NewCustomer))
	if err != nil {
		t.Fatal(err)
	}
	page, err := c.List(operator(t), desk.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	c.World.Temporal.Terminate(shopWorkflow)
	progress, err := c.Progress(operator(t), c.unit("shop.example"))
	if err != nil {
		t.Fatal(err)
	}
	answers, err := json.Marshal([]any{placed, page, progress})
	if err != nil {
		t.Fatal(err)
	}
	for _, personal := range []string{"Jane", "jane@", "Main Street", "5550100", "pass-phrase", "10001"} {
		if strings.Contains(string(answers), personal) {
			t.Errorf("%q is in %s", personal, answers)
		}
	}
}
