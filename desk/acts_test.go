package desk_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// anna gives the commands of a test.
func anna(t *testing.T) context.Context {
	return desk.WithBy(t.Context(), desk.By{Actor: "api/desk-2026", Client: "desk", Key: "desk-2026", Via: "api", Operator: true})
}

// operator is somebody at the command line, who reaches the orders of all clients.
func operator(t testing.TB) context.Context {
	return desk.WithBy(t.Context(), desk.By{Operator: true})
}

// Without this, a caller that forgets to say who asks would show the orders of all clients.
func TestWhoIsNotKnownSeesNoOrder(t *testing.T) {
	c := begin(t)
	number := c.order(outside.NewCustomer)
	for name, ctx := range map[string]context.Context{"no one": t.Context(), "no client": desk.WithBy(t.Context(), desk.By{Actor: "api/x", Via: "api"})} {
		if found, err := c.Find(ctx, number); !errors.Is(err, desk.ErrNotFound) {
			t.Errorf("%s finds %v, %v", name, found, err)
		}
		if list, err := c.List(ctx, desk.Filter{}); err != nil || len(list.Orders) > 0 {
			t.Errorf("%s lists %v, %v", name, list.Orders, err)
		}
	}
	if _, err := c.Find(operator(t), number); err != nil {
		t.Error(err)
	}
}

// acts returns the record, which must be whole.
func (c *counter) acts() []store.Act {
	c.t.Helper()
	if found, err := c.World.Store.VerifyActs(operator(c.t), nil); err != nil || found.Broken != 0 {
		c.t.Errorf("%+v, %v", found, err)
	}
	page, err := c.Acts(operator(c.t), "", store.ActFilter{})
	if err != nil {
		c.t.Fatal(err)
	}
	return page.Acts
}

func parked(reason messages.Reason) messages.Progress {
	return messages.Progress{OrderNumber: "DP00000001", State: messages.NeedsAttention, Step: 6, Attention: &messages.Attention{Reason: reason}}
}

func TestEveryCommandIsRecordedWithItsActorAndOutcome(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	c.World.Temporal.Show(shopWorkflow, parked("balance"))
	unit := c.unit("shop.example")
	retry := func(answer error, command messages.Retry) {
		t.Helper()
		c.temporal.update = func(client.UpdateWorkflowOptions) (messages.Answer, error) {
			if answer == nil {
				c.World.Temporal.Show(shopWorkflow, messages.Progress{OrderNumber: "DP00000001", State: messages.Running, Step: 6})
			}
			return messages.Answer{Step: 6}, answer
		}
		if _, err := c.Retry(anna(t), unit, "", command); (err == nil) != (answer == nil) {
			t.Errorf("%v: %v", answer, err)
		}
	}
	retry(temporal.NewApplicationError("the order needs a price", "NotAllowed"), messages.Retry{Actor: "api/desk-2026", Reason: "try"})
	retry(nil, messages.Retry{Actor: "api/desk-2026", Reason: "paid in"})
	retry(context.DeadlineExceeded, messages.Retry{Actor: "jane", Reason: "again"})
	if _, err := c.Confirm(anna(t), unit, desk.Confirmation{Claim: "done"}); err != nil {
		t.Fatal(err)
	}
	c.World.Temporal.Terminate(shopWorkflow)
	if err := give(c.Desk.Close(operator(t), unit, "a", "b")); err != nil {
		t.Fatal(err)
	}
	acts := c.acts()
	if len(acts) != 5 {
		t.Fatalf("%d acts: %+v", len(acts), acts)
	}
	for n, want := range []store.Act{
		{Command: "retry", Outcome: store.ActRefused, Reason: "try", Detail: "the order needs a price"},
		{Command: "retry", Outcome: store.ActAccepted, Reason: "paid in"},
		{Command: "retry", Outcome: store.ActFailed, Reason: "jane: again", Detail: "not known yet: nobody has answered, and the command may still be carried out"},
		{Command: "confirm", Outcome: store.ActAccepted, Reason: "done"},
		{Command: "close", Outcome: store.ActAccepted, Reason: "a: b"},
	} {
		got := acts[n]
		if got.Command != want.Command || got.Outcome != want.Outcome || got.Reason != want.Reason || !strings.HasPrefix(got.Detail, want.Detail) || (got.Detail == "") != (want.Detail == "") ||
			got.OrderNumber != "DP00000001" || got.Item != 1 {
			t.Errorf("act %d is %+v", n+1, got)
		}
		by := [4]string{got.Actor, got.Client, got.Key, got.Via}
		if n < 4 && by != [4]string{"api/desk-2026", "desk", "desk-2026", "api"} || n == 4 && by != [4]string{"unknown", "", "", ""} {
			t.Errorf("act %d is by %v", n+1, by)
		}
	}
	// A refused command leaves the state as it is; one that nobody answered leaves nobody knows
	// what.
	if a := acts[0]; len(a.Before) != 64 || a.After != a.Before {
		t.Errorf("refused: %q, %q", a.Before, a.After)
	}
	if a := acts[1]; a.Before != acts[0].After || len(a.After) != 64 || a.After == a.Before {
		t.Errorf("accepted: %q, %q", a.Before, a.After)
	}
	if a := acts[2]; a.Before != acts[1].After || a.After != "" {
		t.Errorf("failed: %q, %q", a.Before, a.After)
	}
	if a := acts[4]; a.After == a.Before || a.After == "" {
		t.Errorf("closed: %q, %q", a.Before, a.After)
	}
}

// Nothing is done that cannot be recorded.
func TestACommandThatCannotBeRecordedIsNotGiven(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	c.temporal.update = func(client.UpdateWorkflowOptions) (messages.Answer, error) { return messages.Answer{}, nil }
	unit := c.unit("shop.example")
	if err := c.World.Store.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := c.Retry(anna(t), unit, "", messages.Retry{Actor: "a", Reason: "b"})
	if err == nil || !strings.Contains(err.Error(), "the command was not given, because it cannot be recorded") || len(c.temporal.updates) != 0 {
		t.Errorf("%v, %d updates", err, len(c.temporal.updates))
	}
	if _, err := c.Confirm(anna(t), unit, desk.Confirmation{}); err == nil || len(c.World.Temporal.Signals()) != 0 {
		t.Errorf("%v, %d signals", err, len(c.World.Temporal.Signals()))
	}
}

// What was carried out is not reported as a failure, because it would be repeated.
func TestACommandWhoseRecordIsLostStandsAndIsLogged(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	var log bytes.Buffer
	c.Desk.Intake.Log = slog.New(slog.NewTextHandler(&log, nil))
	unit := c.unit("shop.example")
	c.temporal.update = func(client.UpdateWorkflowOptions) (messages.Answer, error) {
		return messages.Answer{Step: 6}, c.World.Store.Close() // the database goes away just then
	}
	result, err := c.Retry(anna(t), unit, "", messages.Retry{Actor: "api/desk-2026", Reason: "paid in"})
	if err != nil || result.Step != 6 {
		t.Errorf("%+v, %v", result, err)
	}
	for _, want := range []string{"level=ERROR", "could not be recorded", "actor=api/desk-2026", "command=retry", "order=DP00000001", `reason="paid in"`, "outcome=accepted"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s: %s", want, log.String())
		}
	}
}

// The caller may leave while its command is carried out.
func TestACommandIsRecordedWhenItsCallerHasLeft(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	ctx, leave := context.WithCancel(anna(t))
	c.temporal.update = func(client.UpdateWorkflowOptions) (messages.Answer, error) {
		leave()
		return messages.Answer{}, context.Canceled
	}
	if _, err := c.Retry(ctx, c.unit("shop.example"), "", messages.Retry{Actor: "a", Reason: "b"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if acts := c.acts(); len(acts) != 1 || acts[0].Outcome != store.ActFailed || acts[0].Detail != "the caller left before there was an answer" {
		t.Errorf("got %+v", acts)
	}
}

func TestWhatIsSettledIsRecorded(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	if err := c.World.Store.CloseUnit(operator(t), "DP00000001", 1, store.UnitCancelled, "left behind: an account"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Settle(anna(t), "left/nowhere/1", "jane", "x"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if end, err := c.Settle(anna(t), "left/DP00000001/1", "jane", "removed"); err != nil || end.SettledBy != "jane" {
		t.Errorf("%+v, %v", end, err)
	}
	acts := c.acts()
	if len(acts) != 2 || acts[0].Outcome != store.ActRefused || acts[0].OrderNumber != "" || acts[1].Outcome != store.ActAccepted ||
		acts[1].OrderNumber != "DP00000001" || acts[1].Command != "settle" || acts[1].Reason != "jane: removed" || acts[1].Item != store.NoItem {
		t.Errorf("got %+v", acts)
	}
}

func TestTheRecordIsReadInPages(t *testing.T) {
	c := begin(t)
	for range 3 {
		c.Refused(anna(t), "DP00000001", "retry", "it lacks the scope operate")
	}
	first, err := c.Acts(operator(t), "DP00000001", store.ActFilter{Limit: 2})
	if err != nil || len(first.Acts) != 2 || first.Next != 2 {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := c.Acts(operator(t), "DP00000001", store.ActFilter{Limit: 2, After: first.Next})
	if err != nil || len(second.Acts) != 1 || second.Next != 0 || second.Acts[0].Number != 3 {
		t.Errorf("%+v, %v", second, err)
	}
	for want, filter := range map[string]store.ActFilter{
		"limit must be 1 to 1000": {Limit: 1001}, "after must be the number of an act": {After: -1},
	} {
		if _, err := c.Acts(operator(t), "", filter); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
