package intake_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/intake"
	"domainprovisioning/intake/inbox"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

func relayWorld(t *testing.T) (*outside.World, *intake.Relay, *outside.Clock) {
	t.Helper()
	clock := outside.NewClock()
	w := outside.New(t, outside.Options{Now: clock.Now})
	return w, intake.NewRelay(w.Intake, slog.New(slog.DiscardHandler)), clock
}

func round(t *testing.T, relay *intake.Relay) {
	t.Helper()
	if _, err := relay.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestTheRelayStartsWhatWasAcceptedWhileTemporalWasAway(t *testing.T) {
	w, relay, _ := relayWorld(t)
	w.Temporal.SetDown(true)
	placed := w.Place(t, twoDomains(t, "store"))
	if !placed.Waiting() {
		t.Fatalf("got %+v", placed)
	}
	for range 3 {
		if _, err := relay.Round(t.Context()); !errors.Is(err, outside.ErrTemporalDown) {
			t.Errorf("a round while Temporal is away: %v", err)
		}
	}
	w.Temporal.SetDown(false)
	for range 3 {
		round(t, relay)
	}
	if starts := len(w.Temporal.Starts()); starts != 2 {
		t.Errorf("%d starts", starts)
	}
	if backlog, err := w.Store.Backlog(t.Context(), time.Hour); err != nil || backlog != (store.Backlog{}) {
		t.Errorf("backlog %+v, %v", backlog, err)
	}
}

// The process that accepted the order died between its answer and the start.
func TestTheRelayStartsWhatItsAcceptorDidNot(t *testing.T) {
	w, relay, clock := relayWorld(t)
	order, source, err := w.Intake.Read([]byte(outside.NewCustomer))
	if err != nil {
		t.Fatal(err)
	}
	// This is the moment of its death: the store has the order, and Temporal knows
	// nothing.
	if _, err := w.Intake.AcceptOnly(t.Context(), order, source); err != nil {
		t.Fatal(err)
	}
	round(t, relay)
	if starts := len(w.Temporal.Starts()); starts != 0 {
		t.Fatalf("%d starts while the acceptor holds the order", starts)
	}
	clock.Advance(store.StartHold)
	var group sync.WaitGroup
	for range 4 { // four relays at once
		group.Go(func() {
			_, _ = intake.NewRelay(w.Intake, slog.New(slog.DiscardHandler)).Round(context.WithoutCancel(t.Context()))
		})
	}
	group.Wait()
	if starts := w.Temporal.Starts(); len(starts) != 1 || starts[0].Options.ID != shopWorkflow {
		t.Errorf("got %d starts", len(starts))
	}
}

func TestAConfirmationIsDeliveredWhenTemporalReturns(t *testing.T) {
	w, relay, clock := relayWorld(t)
	w.Place(t, outside.NewCustomer)
	w.Temporal.SetDown(true)
	if state, err := w.Intake.Inbox().TakeAndDeliver(t.Context(), outside.Confirmation("event-1", "shop.example")); err != nil || state != store.Received {
		t.Errorf("got %s, %v", state, err)
	}
	row, err := w.Store.Confirmation(t.Context(), "event-1")
	if err != nil || row.Trouble == "" || row.HandledAt != nil {
		t.Errorf("the inbox has %+v, %v", row, err)
	}
	clock.Advance(2 * time.Second)
	if _, err := relay.Round(t.Context()); !errors.Is(err, outside.ErrTemporalDown) {
		t.Errorf("a round while Temporal is away: %v", err)
	}
	w.Temporal.SetDown(false)
	round(t, relay)
	round(t, relay)
	if got := w.Confirmations(t, "shop.example")["event-1"]; got != "delivered "+shopWorkflow || len(w.Temporal.Signals()) != 1 {
		t.Errorf("the inbox says %q, %d signals", got, len(w.Temporal.Signals()))
	}
}

// A process that cannot reach Temporal leaves starts and deliveries to those that can.
func TestARelayWithoutTemporalHoldsUpNoOther(t *testing.T) {
	w, sick, clock := relayWorld(t)
	w.Place(t, outside.NewCustomer)
	w.Temporal.SetDown(true)
	waiting := w.Place(t, outside.Alter(t, outside.NewCustomer, `"shop"`, `"store"`, `"login": "jane@shop.example"`, `"login": "jane@store.example"`))
	for n := range 12 {
		if fresh, err := w.Intake.Inbox().Take(t.Context(), outside.Confirmation(fmt.Sprint("event-", n), "shop.example")); err != nil || !fresh {
			t.Fatal(err)
		}
	}
	clock.Advance(time.Second)
	for range 5 {
		if _, err := sick.Round(t.Context()); !errors.Is(err, outside.ErrTemporalDown) {
			t.Errorf("a round while Temporal is away: %v", err)
		}
		if err := sick.Compare(t.Context()); !errors.Is(err, outside.ErrTemporalDown) {
			t.Errorf("a comparison while Temporal is away: %v", err)
		}
	}
	reaching := *w.Intake
	reached := &outside.Temporal{}
	reaching.Temporal = reached
	well := intake.NewRelay(&reaching, slog.New(slog.DiscardHandler))
	for range 2 {
		round(t, well)
	}
	if signals := reached.Signals(); len(signals) != 12 {
		t.Errorf("%d of 12 confirmations are delivered", len(signals))
	}
	if starts := reached.Starts(); len(starts) != 1 || starts[0].Input.OrderNumber != waiting.Number {
		t.Errorf("%d starts", len(starts))
	}
	w.Temporal.SetDown(false)
	round(t, sick) // and it goes on when Temporal is back
}

// A workflow that is too busy to take a signal does not hold up others of its account.
func TestABusyWorkflowHoldsUpNoOther(t *testing.T) {
	w, relay, clock := relayWorld(t)
	w.Place(t, outside.NewCustomer)
	w.Place(t, outside.Alter(t, outside.NewCustomer, `"shop"`, `"store"`, `"login": "jane@shop.example"`, `"login": "jane@store.example"`))
	w.Temporal.SetDown(true)
	for _, confirmation := range []store.Confirmation{outside.Confirmation("event-1", "shop.example"), outside.Confirmation("event-2", "store.example")} {
		if _, err := w.Intake.Inbox().TakeAndDeliver(t.Context(), confirmation); err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Second) // the busy one comes first
	}
	clock.Advance(time.Minute)
	w.Temporal.SetDown(false)
	w.Temporal.SetBusy(shopWorkflow)
	round(t, relay)
	if got := w.Confirmations(t, "store.example")["event-2"]; !strings.HasPrefix(got, "delivered ") {
		t.Errorf("the other one is %q", got)
	}
	w.Temporal.SetBusy("")
	clock.Advance(time.Minute)
	round(t, relay)
	if got := w.Confirmations(t, "shop.example")["event-1"]; got != "delivered "+shopWorkflow {
		t.Errorf("the busy one is %q", got)
	}
}

func TestAnEarlyConfirmationIsKeptUntilItsOrderAppears(t *testing.T) {
	w, relay, clock := relayWorld(t)
	for _, take := range []struct {
		account string
		id      string
	}{{outside.Account, "early"}, {"another-account", "stranger"}} {
		notice := registrars.Notice{ID: take.id, Domain: domains.MustParseName("shop.example"), Reference: "77", Claim: "done"}
		if fresh, err := w.Intake.Inbox().Take(t.Context(), inbox.Noticed(take.account, messages.FromCallback, notice)); err != nil || !fresh {
			t.Fatalf("%v, %v", fresh, err)
		}
	}
	round(t, relay)
	if got := w.Confirmations(t, "shop.example"); got[outside.Account+"/early"] != "unmatched " || got["another-account/stranger"] != "unmatched " {
		t.Fatalf("the inbox says %q", got)
	}
	if matched, err := w.Store.Rematch(t.Context(), time.Hour, time.Hour); err != nil || matched != 0 {
		t.Errorf("%d matched without an order, %v", matched, err)
	}
	clock.Advance(time.Minute)
	w.Place(t, outside.NewCustomer)
	if matched, err := w.Store.Rematch(t.Context(), time.Hour, time.Hour); err != nil || matched != 1 {
		t.Errorf("%d matched, %v", matched, err)
	}
	round(t, relay)
	if got := w.Confirmations(t, "shop.example"); got[outside.Account+"/early"] != "delivered "+shopWorkflow || got["another-account/stranger"] != "unmatched " {
		t.Errorf("the inbox says %q", got)
	}
	if signals := w.Temporal.Signals(); len(signals) != 1 || signals[0].Confirmation.EventID != outside.Account+"/early" {
		t.Errorf("signals %+v", signals)
	}
}

func TestAnOldUnmatchedConfirmationStaysUnmatched(t *testing.T) {
	w, relay, clock := relayWorld(t)
	if _, err := w.Intake.Inbox().Take(t.Context(), outside.Confirmation("old", "shop.example")); err != nil {
		t.Fatal(err)
	}
	round(t, relay)
	clock.Advance(2 * time.Hour)
	w.Place(t, outside.NewCustomer)
	if matched, err := w.Store.Rematch(t.Context(), time.Hour, time.Hour); err != nil || matched != 0 {
		t.Errorf("%d matched, %v", matched, err)
	}
}

// The order is accepted, but its workflow does not exist yet: the confirmation waits for
// it.
func TestAConfirmationWaitsForTheStartOfItsOrder(t *testing.T) {
	w, relay, clock := relayWorld(t)
	w.Temporal.SetDown(true)
	w.Place(t, outside.NewCustomer)
	w.Temporal.SetDown(false)
	if state, err := w.Intake.Inbox().TakeAndDeliver(t.Context(), outside.Confirmation("event-1", "shop.example")); err != nil || state != store.Received {
		t.Errorf("got %s, %v", state, err)
	}
	clock.Advance(time.Minute)
	round(t, relay)
	if got := w.Confirmations(t, "shop.example")["event-1"]; got != "delivered "+shopWorkflow || len(w.Temporal.Starts()) != 1 || len(w.Temporal.Signals()) != 1 {
		t.Errorf("the inbox says %q", got)
	}
}

// The ledger knows the operation, so the domain is not needed.
func TestAReferenceFindsTheOrderByTheLedger(t *testing.T) {
	w, relay, _ := relayWorld(t)
	w.Place(t, outside.NewCustomer)
	if _, _, err := w.Store.Intend(t.Context(), store.Intention{
		Key: "k", Account: outside.Account, Kind: "registration", Domain: "shop.example", WorkflowID: shopWorkflow,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Store.Learn(t.Context(), "k", store.LedgerChange{State: store.Pending, Reference: "101", Submission: 1}); err != nil {
		t.Fatal(err)
	}
	for id, notice := range map[string]registrars.Notice{
		"ours":    {ID: "ours", Reference: "101", Claim: "COMPLETED"},
		"unknown": {ID: "unknown", Reference: "999"},
	} {
		if _, err := w.Intake.Inbox().Take(t.Context(), inbox.Noticed(outside.Account, messages.FromQueue, notice)); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
	}
	round(t, relay)
	if signals := w.Temporal.Signals(); len(signals) != 1 || signals[0].WorkflowID != shopWorkflow || signals[0].Confirmation.Source != "queue" {
		t.Errorf("signals %+v", signals)
	}
}

// Run works until it is stopped, and looks at once when nudged.
func TestTheRelayRunsUntilItIsStopped(t *testing.T) {
	w, relay, _ := relayWorld(t)
	relay.Every = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() { relay.Run(ctx); close(stopped) }()
	w.Place(t, outside.NewCustomer)
	if _, err := w.Intake.Inbox().Take(t.Context(), outside.Confirmation("event-1", "shop.example")); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for len(w.Temporal.Signals()) == 0 && time.Now().Before(deadline) {
		relay.Nudge()
		time.Sleep(time.Millisecond) // between two looks, not instead of one
	}
	if len(w.Temporal.Signals()) != 1 {
		t.Error("nothing was delivered")
	}
	cancel()
	<-stopped
}

func TestNewsOutOfAQueueIsOneEventHoweverOftenItComes(t *testing.T) {
	w, relay, clock := relayWorld(t)
	w.Place(t, outside.NewCustomer)
	in := inbox.Queued{Inbox: w.Intake.Inbox()}
	notice := registrars.Notice{ID: "5001", Reference: "101", Domain: domains.MustParseName("shop.example"), Claim: "COMPLETED"}
	w.Temporal.SetDown(true)
	for range 2 { // once it is stored, it may be acknowledged
		if err := in.Take(t.Context(), outside.Account, notice); err != nil {
			t.Fatal(err)
		}
	}
	w.Temporal.SetDown(false)
	clock.Advance(time.Minute)
	round(t, relay)
	id := outside.Account + "/5001"
	if got := w.Confirmations(t, "shop.example"); len(got) != 1 || got[id] != "delivered "+shopWorkflow {
		t.Errorf("the inbox has %q", got)
	}
	want := messages.Confirmation{EventID: id, Source: messages.FromQueue, Reference: "101", Claim: "COMPLETED"}
	if got := w.Temporal.Signals()[0]; got.WorkflowID != shopWorkflow || got.Confirmation != want {
		t.Errorf("got %+v", got)
	}
	// A notice about nothing of ours is kept as well, and holds nothing up.
	if err := in.Take(t.Context(), outside.Account, registrars.Notice{ID: "5002"}); err != nil {
		t.Error(err)
	}
	if got := w.Confirmations(t, "")[outside.Account+"/5002"]; got != "unmatched " {
		t.Errorf("the inbox says %q", got)
	}
}
