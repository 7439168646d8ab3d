package intake_test

import (
	"errors"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

func event(id, domain string) store.Confirmation {
	return store.Confirmation{EventID: id, Source: "callback", Account: outside.Account, Domain: domain, Claim: "done"}
}

// close1 ends the first order as the store knows it.
func close1(t *testing.T, w *outside.World) {
	t.Helper()
	if err := w.Store.CloseProvisioning(t.Context(), "DP00000001", 1, store.ProvisioningDone, ""); err != nil {
		t.Fatal(err)
	}
}

// inbox is what the inbox has of a domain: event, state and workflow.
func inbox(t *testing.T, w *outside.World, domain string) map[string]string {
	t.Helper()
	rows, err := w.Store.Confirmations(t.Context(), store.ConfirmationFilter{Domain: domain})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, row := range rows {
		found[row.EventID] = string(row.State) + " " + row.WorkflowID
		if (row.State == store.Received) != (row.HandledAt == nil) {
			t.Errorf("%s is %s, handled at %v", row.EventID, row.State, row.HandledAt)
		}
	}
	return found
}

func TestWhatBecomesOfAConfirmation(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(t *testing.T, w *outside.World)
		domain  string
		state   store.ConfirmationState
		signals int
	}{
		"for an open order": {func(*testing.T, *outside.World) {}, "shop.example", store.Delivered, 1},
		"for an order that the store knows as ended": {func(t *testing.T, w *outside.World) {
			close1(t, w)
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
			state, err := w.Intake.Confirm(t.Context(), event("event-1", c.domain))
			if err != nil || state != c.state || len(w.Temporal.Signals()) != c.signals {
				t.Errorf("got %s, %v with %d signals", state, err, len(w.Temporal.Signals()))
			}
			want := string(c.state) + " "
			if c.state == store.Delivered || c.state == store.Late {
				want += shopWorkflow
			}
			if got := inbox(t, w, c.domain)["event-1"]; got != want {
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
	if _, err := w.Intake.Confirm(t.Context(), event("event-1", "shop.example")); err != nil {
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
		if state, err := w.Intake.Confirm(t.Context(), event("event-1", "shop.example")); err != nil || state != store.Delivered {
			t.Errorf("got %s, %v", state, err)
		}
	}
	w.Temporal.End(shopWorkflow)
	if state, err := w.Intake.Confirm(t.Context(), event("event-1", "shop.example")); err != nil || state != store.Delivered {
		t.Errorf("after the end: %s, %v", state, err)
	}
	if got := inbox(t, w, "shop.example"); len(got) != 1 || got["event-1"] != "delivered "+shopWorkflow {
		t.Errorf("the inbox has %q", got)
	}
}

func TestTheNewestOrderOfADomainIsTold(t *testing.T) {
	w := outside.New(t, outside.Options{})
	first := w.Place(t, outside.NewCustomer)
	if err := w.Store.CloseProvisioning(t.Context(), first.Number, 1, store.ProvisioningCancelled, ""); err != nil {
		t.Fatal(err)
	}
	w.Place(t, outside.Alter(t, outside.NewCustomer, "jane@", "john@"))
	if state, err := w.Intake.Confirm(t.Context(), event("event-1", "shop.example")); err != nil || state != store.Delivered {
		t.Errorf("got %s, %v", state, err)
	}
}

func TestTheWatchTellsAndAnEndedWorkflowNeedsNone(t *testing.T) {
	w := outside.New(t, outside.Options{})
	notifier := intake.Notifier{Temporal: w.Temporal}
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

// TestNewsOutOfAQueueIsOneEventHoweverOftenItComes.
func TestNewsOutOfAQueueIsOneEventHoweverOftenItComes(t *testing.T) {
	w, relay, clock := relayWorld(t)
	w.Place(t, outside.NewCustomer)
	in := intake.Inbox{Intake: w.Intake}
	notice := registrars.Notice{ID: "5001", Reference: "101", Domain: domains.MustParseName("shop.example"), Claim: "COMPLETED"}
	w.Temporal.SetDown(true)
	for range 2 { // it is stored, and may be acknowledged
		if err := in.Take(t.Context(), outside.Account, notice); err != nil {
			t.Fatal(err)
		}
	}
	w.Temporal.SetDown(false)
	clock.Advance(time.Minute)
	round(t, relay)
	event := outside.Account + "/5001"
	if got := inbox(t, w, "shop.example"); len(got) != 1 || got[event] != "delivered "+shopWorkflow {
		t.Errorf("the inbox has %q", got)
	}
	want := messages.Confirmation{EventID: event, Source: intake.Queue, Reference: "101", Claim: "COMPLETED"}
	if got := w.Temporal.Signals()[0]; got.WorkflowID != shopWorkflow || got.Confirmation != want {
		t.Errorf("got %+v", got)
	}
	// What is about nothing of ours is kept as well, and holds nothing up.
	if err := in.Take(t.Context(), outside.Account, registrars.Notice{ID: "5002"}); err != nil {
		t.Error(err)
	}
	if got := inbox(t, w, "")[outside.Account+"/5002"]; got != "unmatched " {
		t.Errorf("the inbox says %q", got)
	}
}
