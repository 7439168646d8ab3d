package desk_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"domainprovisioning/desk"
	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

func TestARetryReachesTheWorkflow(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	c.temporal.update = func(client.UpdateWorkflowOptions) (messages.Answer, error) {
		return messages.Answer{Step: 6}, nil
	}
	command := messages.Retry{Actor: "api/desk", Reason: "balance paid in", NothingThere: true}
	for _, id := range []string{"api/desk/k1", "api/desk/k1", "", ""} {
		if got, err := c.Retry(operator(t), c.unit("shop.example"), id, command); err != nil || got.Step != 6 {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	command.Sent = messages.Sent{Recorded: true} // by the desk
	ids := map[string]bool{}
	for _, update := range c.temporal.updates {
		if update.WorkflowID != shopWorkflow || update.UpdateName != "retry" || len(update.Args) != 1 || outside.Timed(t, update.Args[0]) != any(command) ||
			update.WaitForStage != client.WorkflowUpdateStageCompleted || update.UpdateID == "" {
			t.Errorf("sent %+v", update)
		}
		ids[update.UpdateID] = true
	}
	// Temporal runs an update once per id.
	if len(ids) != 3 {
		t.Errorf("ids %v", ids)
	}
}

func TestARetryThatIsNotAllowedSaysWhy(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	unit := c.unit("shop.example")
	for want, answer := range map[string]error{
		"the order is at work on step 6 and needs nobody": temporal.NewApplicationError("the order is at work on step 6 and needs nobody", "NotParked"),
		"its workflow, or the call that is under way, was paused in Temporal: unpause it there": serviceerror.NewFailedPrecondition(
			"Workflow is paused. Cannot update the workflow."),
	} {
		c.temporal.update = func(client.UpdateWorkflowOptions) (messages.Answer, error) {
			return messages.Answer{}, answer
		}
		_, err := c.Retry(operator(t), unit, "", messages.Retry{Actor: "a", Reason: "b"})
		if refused, ok := errors.AsType[*desk.NotAllowedError](err); !ok || refused.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestARetryThatNobodyAnswersIsToBeAskedAgain(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	unit := c.unit("shop.example")
	// This is what a task queue without workers leads to.
	c.temporal.update = func(client.UpdateWorkflowOptions) (messages.Answer, error) {
		return messages.Answer{}, context.DeadlineExceeded
	}
	_, err := c.Retry(operator(t), unit, "k1", messages.Retry{Actor: "a", Reason: "b"})
	unanswered, ok := errors.AsType[*desk.UnansweredError](err)
	if !ok || !errors.Is(err, desk.ErrUnavailable) || unanswered.Command != "k1" || time.Until(unanswered.Until) < messages.CommandLasts-time.Minute {
		t.Errorf("got %v", err)
	}
	// Temporal has refused to take this one.
	c.temporal.update = func(client.UpdateWorkflowOptions) (messages.Answer, error) {
		return messages.Answer{}, serviceerror.NewResourceExhausted(enumspb.RESOURCE_EXHAUSTED_CAUSE_CONCURRENT_LIMIT, "too many")
	}
	_, err = c.Retry(operator(t), unit, "k1", messages.Retry{Actor: "a", Reason: "b"})
	if _, given := errors.AsType[*desk.UnansweredError](err); given || !errors.Is(err, desk.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	ctx, leave := context.WithCancel(operator(t))
	c.temporal.update = func(client.UpdateWorkflowOptions) (messages.Answer, error) {
		leave()
		return messages.Answer{}, context.Canceled
	}
	if _, err := c.Retry(ctx, unit, "", messages.Retry{Actor: "a", Reason: "b"}); !errors.Is(err, context.Canceled) || errors.Is(err, desk.ErrUnavailable) {
		t.Errorf("a caller that has gone away gets %v", err)
	}
}

func (c *counter) confirm(unit desk.Unit, told desk.Confirmation) desk.Confirmed {
	c.t.Helper()
	confirmed, err := c.Confirm(operator(c.t), unit, told)
	if err != nil {
		c.t.Fatal(err)
	}
	return confirmed
}

func TestAPersonsConfirmationIsStoredAndToldOnce(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	unit := c.unit("shop.example")
	for range 2 {
		if got := c.confirm(unit, desk.Confirmation{EventID: "e1", Reference: "R-7", Claim: "done"}); got != (desk.Confirmed{EventID: "e1", State: "delivered"}) {
			t.Errorf("got %+v", got)
		}
	}
	signals := c.World.Temporal.Signals()
	want := messages.Confirmation{EventID: "operator/DP00000001/1/e1", Source: messages.FromOperator, Reference: "R-7", Claim: "done"}
	if len(signals) != 1 || signals[0].WorkflowID != shopWorkflow || signals[0].Name != "registrar-confirmation" || signals[0].Confirmation != want {
		t.Errorf("signals %+v", signals)
	}
	if got := c.World.Confirmations(t, "shop.example"); len(got) != 1 || got["operator/DP00000001/1/e1"] != "delivered "+shopWorkflow {
		t.Errorf("the inbox has %v", got)
	}
	first, second := c.confirm(unit, desk.Confirmation{}), c.confirm(unit, desk.Confirmation{})
	if first.EventID == "" || first.EventID == second.EventID || len(c.World.Temporal.Signals()) != 3 {
		t.Errorf("without an id each is an event of its own: %+v, %+v", first, second)
	}
}

func TestAConfirmationForWhomNobodyListensNow(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	unit := c.unit("shop.example")
	c.World.Temporal.SetDown(true)
	if got := c.confirm(unit, desk.Confirmation{EventID: "away"}); got.State != "received" {
		t.Errorf("while Temporal is away: %+v", got)
	}
	c.World.Temporal.SetDown(false)
	c.clock.Advance(60e9)
	if _, err := intake.NewRelay(c.World.Intake, slog.New(slog.DiscardHandler)).Round(operator(t)); err != nil {
		t.Fatal(err)
	}
	if got := c.confirm(unit, desk.Confirmation{EventID: "away"}); got.State != "delivered" || len(c.World.Temporal.Signals()) != 1 {
		t.Errorf("later: %+v, %d signals", got, len(c.World.Temporal.Signals()))
	}
	c.World.Temporal.End(shopWorkflow)
	if err := c.World.Store.CloseUnit(operator(t), "DP00000001", 1, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	if got := c.confirm(unit, desk.Confirmation{EventID: "after"}); got.State != "late" {
		t.Errorf("after the order has ended: %+v", got)
	}
	if got := c.confirm(unit, desk.Confirmation{EventID: "whose", Reference: "R-9"}); got.State != "unmatched" {
		t.Errorf("of an operation that nobody knows: %+v", got)
	}
}

func TestHostingAloneHasNothingToConfirm(t *testing.T) {
	c := begin(t)
	_, err := c.Confirm(operator(t), c.unit(c.order(outside.HostingOnly)), desk.Confirmation{})
	if refused, ok := errors.AsType[*desk.NotAllowedError](err); !ok || refused.Reason != "the order has no domain to confirm" {
		t.Errorf("got %v", err)
	}
	if rows, err := c.World.Store.Confirmations(operator(t), store.ConfirmationFilter{}); err != nil || len(rows) != 0 {
		t.Errorf("the inbox has %+v, %v", rows, err)
	}
}

func TestATerminatedOrderIsGivenUp(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	unit := c.unit("shop.example")
	if err := give(c.Desk.Close(operator(t), unit, "a", "b")); !refusedWith(err, "the workflow of order DP00000001 runs; use `starter cancel` instead") {
		t.Errorf("while it runs: %v", err)
	}
	c.World.Temporal.SetDown(true)
	if err := give(c.Desk.Close(operator(t), unit, "a", "b")); err == nil || refusedWith(err, "") {
		t.Errorf("while nobody can say whether it runs: %v", err)
	}
	if got := c.stored(); got.State != store.UnitOpen {
		t.Fatalf("it is %s", got.State)
	}
	c.World.Temporal.SetDown(false)
	c.World.Temporal.Terminate(shopWorkflow)
	if err := give(c.Desk.Close(operator(t), unit, "a", "b")); err != nil {
		t.Fatal(err)
	}
	if got := c.stored(); got.State != store.UnitCancelled || got.ClosedAt == nil {
		t.Errorf("it is %+v", got)
	}
	// A person has to clean up what it had created.
	ends, err := c.World.Store.LooseEnds(operator(t), store.LooseEndFilter{})
	if err != nil || len(ends) != 1 || ends[0].Kind != store.Left || ends[0].OrderNumber != "DP00000001" || ends[0].Domain != "shop.example" ||
		!strings.Contains(ends[0].Detail, "left behind what it had created") {
		t.Errorf("loose ends %+v, %v", ends, err)
	}
	if err := give(c.Desk.Close(operator(t), c.unit("shop.example"), "a", "b")); !refusedWith(err, "order DP00000001 is cancelled already") {
		t.Errorf("again: %v", err)
	}
	// The domain can be ordered again.
	if number := c.order(outside.Alter(t, outside.NewCustomer, "jane@", "john@")); number != "DP00000002" {
		t.Errorf("order %s", number)
	}
}

// An order that was never started has created nothing, so nothing is left behind.
func TestAnOrderThatWasNeverStartedIsGivenUp(t *testing.T) {
	c := begin(t)
	c.World.Temporal.SetDown(true)
	c.order(outside.NewCustomer)
	c.World.Temporal.SetDown(false)
	unit := c.unit("shop.example")
	c.clock.Advance(store.StartHold) // the hold of the process that accepted it
	if mine, err := c.World.Store.ClaimStart(operator(t), unit.Order, unit.Item); err != nil || !mine {
		t.Fatalf("%t, %v", mine, err)
	}
	if err := give(c.Desk.Close(operator(t), unit, "a", "b")); !refusedWith(err, "order DP00000001 is just being started; try again in a minute") {
		t.Errorf("while somebody starts it: %v", err)
	}
	c.clock.Advance(store.StartHold)
	if err := give(c.Desk.Close(operator(t), unit, "a", "b")); err != nil {
		t.Fatal(err)
	}
	if ends, err := c.World.Store.LooseEnds(operator(t), store.LooseEndFilter{}); c.stored().State != store.UnitCancelled || err != nil || len(ends) != 0 {
		t.Errorf("%s, %+v, %v", c.stored().State, ends, err)
	}
	c.clock.Advance(store.StartHold)
	if _, err := intake.NewRelay(c.World.Intake, slog.New(slog.DiscardHandler)).Round(operator(t)); err != nil || len(c.World.Temporal.Starts()) != 0 {
		t.Errorf("%d starts, %v", len(c.World.Temporal.Starts()), err)
	}
}

// give is the error of a command.
func give[T any](_ T, err error) error { return err }

// refusedWith reports whether the command is not allowed for this reason; "" matches any.
func refusedWith(err error, reason string) bool {
	refused, ok := errors.AsType[*desk.NotAllowedError](err)
	return ok && (reason == "" || refused.Reason == reason)
}
