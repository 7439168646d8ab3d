package desk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// commands gives each command that a person can give to an order whose workflow does not run.
func commands() map[messages.Action]func(*counter, desk.Unit) error {
	return map[messages.Action]func(*counter, desk.Unit) error{
		messages.ActionResume: func(c *counter, unit desk.Unit) error {
			return give(c.Retry(operator(c.t), unit, "", messages.Retry{Actor: "a", Reason: "b"}))
		},
		messages.ActionNothingThere: func(c *counter, unit desk.Unit) error {
			return give(c.Retry(operator(c.t), unit, "", messages.Retry{Actor: "a", Reason: "b", NothingThere: true}))
		},
		messages.ActionCancel: func(c *counter, unit desk.Unit) error {
			return give(c.Cancel(operator(c.t), unit, "", messages.Cancel{Actor: "a", Reason: "b"}))
		},
		messages.ActionExtend: func(c *counter, unit desk.Unit) error {
			return give(c.Extend(operator(c.t), unit, "", messages.Extend{Actor: "a", Reason: "b", Until: time.Now().Add(time.Hour)}))
		},
		messages.ActionSkip: func(c *counter, unit desk.Unit) error {
			return give(c.Skip(operator(c.t), unit, "", messages.Skip{Actor: "a", Reason: "b", Step: 6}))
		},
		messages.ActionConfirmByHand: func(c *counter, unit desk.Unit) error {
			return give(c.ConfirmByHand(operator(c.t), unit, "", messages.ConfirmByHand{Actor: "a", Reason: "b", Outcome: messages.OutcomeDone}))
		},
		messages.ActionClose: func(c *counter, unit desk.Unit) error { return give(c.Desk.Close(operator(c.t), unit, "a", "b")) },
	}
}

// What is listed is accepted, and what is not is refused with what is allowed; nothing reaches
// the workflow of another order.
func TestWhatIsAllowedOfAnOrderWhoseWorkflowDoesNotRun(t *testing.T) {
	ended := func(status enumspb.WorkflowExecutionStatus) func(*counter) {
		return func(c *counter) { c.temporal.statuses[shopWorkflow] = status }
	}
	for name, stop := range map[string]func(*counter){
		"terminated": ended(enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED),
		"failed":     ended(enumspb.WORKFLOW_EXECUTION_STATUS_FAILED),
		"timed out":  ended(enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT),
		"ended":      ended(enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED),
		"foreign": func(c *counter) {
			c.World.Temporal.Belong(shopWorkflow, "DP00000009")
			other := checklist(messages.NeedsAttention, 6)
			other.OrderNumber = "DP00000009"
			c.World.Temporal.Show(shopWorkflow, other)
		},
	} {
		for action, command := range commands() {
			t.Run(name+" "+string(action), func(t *testing.T) {
				c := begin(t)
				c.temporal.update = func(client.UpdateWorkflowOptions) (messages.Answer, error) { return messages.Answer{Step: 1}, nil }
				c.order(outside.NewCustomer)
				stop(c)
				unit := c.unit("shop.example")
				allowed := c.stands(unit).Attention.Actions
				if !slices.Contains(allowed, messages.ActionClose) {
					t.Fatalf("allowed: %v", allowed)
				}
				err := command(c, unit)
				if listed := slices.Contains(allowed, action); listed && err != nil {
					t.Errorf("it is listed: %v", err)
				} else if !listed && (!refusedWith(err, "") || !strings.Contains(err.Error(), "close") && !strings.Contains(err.Error(), "retry")) {
					t.Errorf("it is not listed: %v", err)
				}
				for _, update := range c.temporal.updates {
					if name == "foreign" || update.UpdateName != string(messages.ActionCancel) {
						t.Errorf("the workflow was sent %s", update.UpdateName)
					}
				}
				if starts := len(c.World.Temporal.Starts()); err != nil && starts != 1 {
					t.Errorf("%d starts", starts)
				}
			})
		}
	}
}

// A workflow whose tasks fail would carry a command out some day, so it is not sent.
func TestAStuckWorkflowIsSentNothing(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	if _, err := c.World.Store.RecordRun(operator(t), "DP00000001", 1, store.RunStuck); err != nil {
		t.Fatal(err)
	}
	unit := c.unit("shop.example")
	err := give(c.Retry(operator(t), unit, "", messages.Retry{Actor: "a", Reason: "b"}))
	if !refusedWith(err, "") || !strings.Contains(err.Error(), "deploy a worker whose version and keys fit") || len(c.temporal.updates) != 0 {
		t.Errorf("%v, %d updates", err, len(c.temporal.updates))
	}
}

// A command needs somebody who gives it and a reason, whatever it is and whether or not the
// workflow runs.
func TestACommandWithoutActorOrReasonIsRefused(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	unit := c.unit("shop.example")
	c.temporal.statuses[shopWorkflow] = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
	for name, err := range map[string]error{
		"retry":           give(c.Retry(operator(t), unit, "", messages.Retry{Actor: "a"})),
		"cancel":          give(c.Cancel(operator(t), unit, "", messages.Cancel{Reason: "b", Keep: true})),
		"extend":          give(c.Extend(operator(t), unit, "", messages.Extend{Actor: "a", Reason: " "})),
		"skip":            give(c.Skip(operator(t), unit, "", messages.Skip{Step: 6})),
		"confirm by hand": give(c.ConfirmByHand(operator(t), unit, "", messages.ConfirmByHand{Actor: "a"})),
		"close":           give(c.Desk.Close(operator(t), unit, "a", "")),
	} {
		if !refusedWith(err, "actor is missing: say who gives the command") && !refusedWith(err, "reason is missing: say why, for the record") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := c.stored(); got.State != store.UnitOpen || len(c.World.Temporal.Starts()) != 1 || len(c.temporal.updates) != 0 {
		t.Errorf("it is %s, %d starts, %d updates", got.State, len(c.World.Temporal.Starts()), len(c.temporal.updates))
	}
}
