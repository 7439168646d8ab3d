package inbox_test

import (
	"errors"
	"testing"

	"domainprovisioning/intake/inbox"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

const shopWorkflow = "domain-provisioning/shop.example"

func TestWhatBecomesOfAConfirmation(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(t *testing.T, w *outside.World)
		domain  string
		state   store.ConfirmationState
		signals int
	}{
		"for an open order": {func(*testing.T, *outside.World) {}, "shop.example", store.Delivered, 1},
		"for an order that the store knows as ended": {func(t *testing.T, w *outside.World) {
			if err := w.Store.CloseUnit(t.Context(), "DP00000001", 1, store.UnitDone, ""); err != nil {
				t.Fatal(err)
			}
		}, "shop.example", store.Late, 0},
		"for an order whose workflow was terminated": {func(_ *testing.T, w *outside.World) { w.Temporal.Terminate(shopWorkflow) }, "shop.example", store.Received, 0},
		"for a domain that nobody ordered":           {func(*testing.T, *outside.World) {}, "other.example", store.Unmatched, 0},
		"for no domain at all":                       {func(*testing.T, *outside.World) {}, "", store.Unmatched, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := outside.New(t, outside.Options{})
			w.Place(t, outside.NewCustomer)
			c.prepare(t, w)
			starts := len(w.Temporal.Starts())
			state, err := w.Intake.Inbox().TakeAndDeliver(t.Context(), outside.Confirmation("event-1", c.domain))
			if err != nil || state != c.state || len(w.Temporal.Signals()) != c.signals {
				t.Errorf("got %s, %v with %d signals", state, err, len(w.Temporal.Signals()))
			}
			want := string(c.state) + " "
			if c.state == store.Delivered || c.state == store.Late {
				want += shopWorkflow
			}
			if got := w.Confirmations(t, c.domain)["event-1"]; got != want {
				t.Errorf("the inbox says %q, want %q", got, want)
			}
			if len(w.Temporal.Starts()) != starts {
				t.Error("a confirmation started a workflow")
			}
		})
	}
}

func TestASignalCarriesTheConfirmation(t *testing.T) {
	w := outside.New(t, outside.Options{})
	w.Place(t, outside.NewCustomer)
	if _, err := w.Intake.Inbox().TakeAndDeliver(t.Context(), outside.Confirmation("event-1", "shop.example")); err != nil {
		t.Fatal(err)
	}
	want := outside.Signal{
		WorkflowID: shopWorkflow, Name: messages.Confirmed().Name,
		Confirmation: messages.Confirmation{EventID: "event-1", Source: "callback", Claim: "done"},
	}
	if got := w.Temporal.Signals()[0]; got != want {
		t.Errorf("got %+v", got)
	}
}

func TestADoubledConfirmationLeavesTheInboxAsItIs(t *testing.T) {
	w := outside.New(t, outside.Options{})
	w.Place(t, outside.NewCustomer)
	for range 2 {
		if state, err := w.Intake.Inbox().TakeAndDeliver(t.Context(), outside.Confirmation("event-1", "shop.example")); err != nil || state != store.Delivered {
			t.Errorf("got %s, %v", state, err)
		}
	}
	w.Temporal.End(shopWorkflow)
	if state, err := w.Intake.Inbox().TakeAndDeliver(t.Context(), outside.Confirmation("event-1", "shop.example")); err != nil || state != store.Delivered {
		t.Errorf("after the end: %s, %v", state, err)
	}
	if got := w.Confirmations(t, "shop.example"); len(got) != 1 || got["event-1"] != "delivered "+shopWorkflow {
		t.Errorf("the inbox has %q", got)
	}
}

func TestTheNewestOrderOfADomainIsTold(t *testing.T) {
	w := outside.New(t, outside.Options{})
	first := w.Place(t, outside.NewCustomer)
	if err := w.Store.CloseUnit(t.Context(), first.Number, 1, store.UnitCancelled, ""); err != nil {
		t.Fatal(err)
	}
	w.Place(t, outside.Alter(t, outside.NewCustomer, "jane@", "john@"))
	if state, err := w.Intake.Inbox().TakeAndDeliver(t.Context(), outside.Confirmation("event-1", "shop.example")); err != nil || state != store.Delivered {
		t.Errorf("got %s, %v", state, err)
	}
}

func TestTheWatchTellsAndAnEndedWorkflowNeedsNone(t *testing.T) {
	w := outside.New(t, outside.Options{})
	notifier := inbox.Notifier{Temporal: w.Temporal}
	confirmation := messages.Confirmation{EventID: "watch/1", Source: "watch"}
	if ended, err := notifier.Notify(t.Context(), shopWorkflow, confirmation); err != nil || ended || w.Temporal.Signals()[0].Confirmation != confirmation {
		t.Errorf("got %v, %v", ended, err)
	}
	w.Temporal.End(shopWorkflow)
	if ended, err := notifier.Notify(t.Context(), shopWorkflow, confirmation); err != nil || !ended {
		t.Errorf("an ended workflow: %v, %v", ended, err)
	}
	w.Temporal.SetDown(true)
	if _, err := notifier.Notify(t.Context(), shopWorkflow, confirmation); !errors.Is(err, outside.ErrTemporalDown) {
		t.Errorf("while Temporal is away: %v", err)
	}
}
