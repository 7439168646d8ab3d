package desk_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"domainprovisioning/desk"
	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

const (
	correction = `{"contacts": {"owner": {"city": "Newtown"}}, "planId": 6}`
	actor      = "api/desk-2026"
)

// amendable shows the shop's workflow as one that can be amended, and returns its unit.
func (c *counter) amendable(revision int, actions ...messages.Action) desk.Unit {
	c.t.Helper()
	progress := parked("invalid")
	progress.Revision, progress.Actions, progress.Amendable = revision, actions, messages.Changes()
	c.World.Temporal.Show(shopWorkflow, progress)
	c.temporal.update = func(client.UpdateWorkflowOptions) (messages.Answer, error) {
		return messages.Answer{Step: 6, Next: "step 6 is tried again"}, nil
	}
	return c.unit("shop.example")
}

// revisions counts the stored revisions of the shop's order.
func (c *counter) revisions() int {
	c.t.Helper()
	for n := 0; ; n++ {
		if _, err := c.World.Store.RevisedDocument(operator(c.t), "DP00000001", n+1); errors.Is(err, store.ErrNotFound) {
			return n
		} else if err != nil {
			c.t.Fatal(err)
		}
	}
}

func TestAnAmendmentIsStoredOnceAndItsNumberIsSent(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	unit := c.amendable(0, messages.ActionRetry, messages.ActionAmend)
	want := []messages.Change{messages.ChangeContacts, messages.ChangeYears}
	dry, err := c.CheckAmendment(operator(t), unit, []byte(correction))
	if err != nil || dry.Revision != 0 || !slices.Equal(dry.Changes, want) || c.revisions() != 0 || len(c.temporal.updates) != 0 || len(c.acts()) != 0 {
		t.Fatalf("a check: %+v, %v", dry, err)
	}
	for try := range 3 {
		got, err := c.Amend(anna(t), unit, "api/desk/k1", []byte(correction), actor, "the city was wrong")
		if err != nil || got.Revision != 1 || got.Step != 6 || got.Next != "step 6 is tried again" || !slices.Equal(got.Changes, want) {
			t.Errorf("try %d: %+v, %v", try, got, err)
		}
		if try == 1 {
			// The workflow goes by it, and can no longer be amended.
			if err := c.World.Store.TakeRevision(operator(t), "DP00000001", 1, 1); err != nil {
				t.Fatal(err)
			}
			c.amendable(1, messages.ActionCancel)
		}
	}
	if got := c.revisions(); got != 1 {
		t.Errorf("%d revisions", got)
	}
	for _, update := range c.temporal.updates {
		text, err := json.Marshal([]any{outside.Timed(t, update.Args[0])})
		if err != nil || update.UpdateID != "api/desk/k1" || update.UpdateName != "amend" || update.WorkflowID != shopWorkflow ||
			string(text) != `[{"actor":"api/desk-2026","reason":"the city was wrong","revision":1,"changes":["contacts","years"],"recorded":true}]` {
			t.Errorf("sent %+v: %s, %v", update, text, err)
		}
	}
	document, err := c.World.Store.RevisedDocument(operator(t), "DP00000001", 1)
	if err != nil || !strings.Contains(string(document), "Newtown") {
		t.Errorf("the revision lacks what was amended: %v", err)
	}
	acts := c.acts()
	if len(acts) != 3 || len(c.temporal.updates) != 3 {
		t.Fatalf("%d acts, %d updates", len(acts), len(c.temporal.updates))
	}
	if act := acts[0]; act.Command != "amend" || act.Outcome != store.ActAccepted || act.Reason != "the city was wrong" || act.Actor != actor {
		t.Errorf("recorded %+v", act)
	}
}

func TestAnAmendmentThatIsRefusedStoresNothing(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	unit := c.amendable(0, messages.ActionAmend)
	refuse := func(amendment, actor, reason, want string) {
		t.Helper()
		_, err := c.Amend(anna(t), unit, "k", []byte(amendment), actor, reason)
		refusal, refused := errors.AsType[*intake.Refusal](err)
		if !refusedWith(err, want) && (!refused || strings.Join(refusal.Reasons, "; ") != want || len(refusal.Pointers) != len(refusal.Reasons)) {
			t.Errorf("got %v, want %q", err, want)
		}
		acts := c.acts()
		if act := acts[len(acts)-1]; act.Command != "amend" || act.Outcome != store.ActRefused || act.Detail != want {
			t.Errorf("recorded %+v", act)
		}
	}
	refuse(correction, "", "because", "actor is missing: say who gives the command")
	refuse(correction, actor, " ", "reason is missing: say why, for the record")
	refuse(correction, actor, strings.Repeat("x", messages.MostReason+1), "actor takes at most 100 bytes and reason at most 1000")
	refuse(`{"planId": 5}`, actor, "because", "the amendment says the same as the order")
	refuse(`{"domain": "other", "contacts": {"owner": {"email": "jane at home"}}}`, actor, "because",
		"domain cannot be amended: cancel the order and place another; contacts.owner.email must be an e-mail address such as name@example.com")
	c.amendable(0, messages.ActionRetry, messages.ActionCancel)
	refuse(correction, actor, "because", "amend is not allowed now: the order needs attention because of invalid. Allowed: retry, cancel")
	late := parked("conflict")
	late.Actions, late.Amendable = []messages.Action{messages.ActionAmend}, []messages.Change{messages.ChangeYears, messages.ChangeBilling}
	c.World.Temporal.Show(shopWorkflow, late)
	refuse(correction, actor, "because", "contacts cannot be amended any more: it has been used already, or the registrar may have it")
	c.World.Temporal.Show(shopWorkflow, messages.Progress{OrderNumber: "DP00000001", State: messages.Running, Step: 3, Actions: []messages.Action{messages.ActionCancel}})
	refuse(correction, actor, "because", "amend is not allowed now: the order is running at step 3. Allowed: cancel")
	c.amendable(0, messages.ActionAmend) // what it told last
	c.World.Temporal.Terminate(shopWorkflow)
	refuse(correction, actor, "because", "amend is not allowed now: the order needs attention because of terminated. Allowed: resume, cancel, close")
	if err := c.World.Store.CloseUnit(operator(t), "DP00000001", 1, store.UnitCancelled, ""); err != nil {
		t.Fatal(err)
	}
	unit = c.unit("shop.example")
	refuse(correction, actor, "because", "order DP00000001 is cancelled, and takes no command")
	if len(c.temporal.updates) != 0 || c.revisions() != 0 {
		t.Errorf("%d updates, %d revisions", len(c.temporal.updates), c.revisions())
	}
}

func TestACommandIsOneAmendment(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	unit := c.amendable(0, messages.ActionAmend)
	amend := func(id, amendment string) error {
		_, err := c.Amend(anna(t), unit, id, []byte(amendment), actor, "because")
		return err
	}
	// The workflow refuses the first: it is just acting on another command.
	c.temporal.update = func(client.UpdateWorkflowOptions) (messages.Answer, error) {
		return messages.Answer{}, temporal.NewApplicationError("amend is not allowed now: a command is under way", "NotAllowed")
	}
	if err := amend("k1", correction); !refusedWith(err, "amend is not allowed now: a command is under way") {
		t.Errorf("got %v", err)
	}
	c.amendable(0, messages.ActionAmend)
	if err := amend("k1", `{"planId": 8}`); !refusedWith(err, "the same id has been used for another amendment: give this one an id of its own") {
		t.Errorf("another amendment: %v", err)
	}
	// Another command is quicker, and the first is given once more.
	if err := amend("k2", `{"parameters": {"taxId": "1"}}`); err != nil {
		t.Fatal(err)
	}
	if err := c.World.Store.TakeRevision(operator(t), "DP00000001", 1, 2); err != nil {
		t.Fatal(err)
	}
	c.amendable(0, messages.ActionAmend) // it has not told yet
	stale := "the order has been amended by another command meanwhile: look at it, and give the amendment again with a new id"
	if err := amend("k1", correction); !refusedWith(err, stale) {
		t.Errorf("what lacks the other amendment: %v", err)
	}
	c.amendable(2, messages.ActionAmend)
	if err := amend("k3", correction); err != nil || c.revisions() != 3 {
		t.Errorf("with a new id: %v, %d revisions", err, c.revisions())
	}
	// Without an id each is a command of its own.
	for range 2 {
		if err := amend("", correction); err != nil {
			t.Error(err)
		}
	}
	if c.revisions() != 5 {
		t.Errorf("%d revisions", c.revisions())
	}
}

func TestWhileNobodyAnswersNothingIsAmended(t *testing.T) {
	c := begin(t)
	c.order(outside.NewCustomer)
	unit := c.amendable(0, messages.ActionAmend)
	c.World.Temporal.SetDown(true)
	if _, err := c.Amend(anna(t), unit, "k", []byte(correction), actor, "because"); !errors.Is(err, desk.ErrUnavailable) || c.revisions() != 0 {
		t.Errorf("got %v", err)
	}
	c.World.Temporal.SetDown(false)
	c.clock.Advance(time.Minute)
	if got, err := c.Amend(anna(t), unit, "k", []byte(correction), actor, "because"); err != nil || got.Revision != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
}
