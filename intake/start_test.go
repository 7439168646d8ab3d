package intake_test

import (
	"log/slog"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"domainprovisioning/desk"
	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/store"
)

// An order was terminated by hand. Placing it again resumes it, even if Temporal is away
// at that moment.
func TestATerminatedOrderGoesOnWhenItIsPlacedAgain(t *testing.T) {
	for name, away := range map[string]bool{"at once": false, "when Temporal returns": true} {
		t.Run(name, func(t *testing.T) {
			w, relay, _ := relayWorld(t)
			w.Place(t, outside.NewCustomer)
			w.Temporal.Terminate(shopWorkflow)
			round(t, relay)
			if starts := len(w.Temporal.Starts()); starts != 1 {
				t.Fatalf("the relay has started a terminated order: %d starts", starts)
			}
			w.Temporal.SetDown(away)
			again := w.Place(t, outside.NewCustomer)
			if !again.Existing || again.Waiting() != away || again.Units[0].Started == away {
				t.Errorf("got %+v", again)
			}
			w.Temporal.SetDown(false)
			for range 3 {
				round(t, relay)
			}
			if starts := len(w.Temporal.Starts()); starts != 2 {
				t.Errorf("%d starts", starts)
			}
		})
	}
}

// The workflow has ended by itself, and its row is read before that is recorded.
func TestAnOrderThatHasEndedIsNotStartedAgain(t *testing.T) {
	w, relay, clock := relayWorld(t)
	w.Place(t, outside.NewCustomer)
	w.Temporal.End(shopWorkflow)
	if again := w.Place(t, outside.NewCustomer); !again.Existing || again.Waiting() {
		t.Errorf("got %+v", again)
	}
	// A relay claims it because its start was never recorded.
	if err := w.Store.Restart(t.Context(), "DP00000001", 1); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Second)
	round(t, relay)
	if starts := len(w.Temporal.Starts()); starts != 1 {
		t.Errorf("%d starts", starts)
	}
	if backlog, err := w.Store.Backlog(t.Context(), time.Hour); err != nil || backlog.Unstarted != 0 {
		t.Errorf("%+v, %v", backlog, err)
	}
}

// A cancelled order is not started by a process that read it before.
func TestAnOrderThatWasGivenUpIsNotStarted(t *testing.T) {
	w, relay, clock := relayWorld(t)
	d := &desk.Desk{Store: w.Store, Temporal: w.Temporal, Intake: w.Intake}
	operator := desk.WithBy(t.Context(), desk.By{Operator: true})
	order, source, err := w.Intake.Read([]byte(outside.NewCustomer))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Intake.AcceptOnly(t.Context(), order, source); err != nil {
		t.Fatal(err)
	}
	found, err := d.Find(operator, "DP00000001")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Close(operator, found[0], "a", "b"); err == nil {
		t.Error("an order is closed while somebody is starting it")
	}
	clock.Advance(store.StartHold)
	if _, err := d.Close(operator, found[0], "a", "b"); err != nil {
		t.Fatal(err)
	}
	clock.Advance(store.StartHold)
	round(t, relay)
	round(t, intake.NewRelay(w.Intake, slog.New(slog.DiscardHandler)))
	if starts := len(w.Temporal.Starts()); starts != 0 {
		t.Errorf("%d starts of a cancelled order", starts)
	}
}

// An order without number and key is repeated after it has ended. Within the window it is
// the same order; later it is another one.
func TestALateRepeatIsTheSameOrderForAWhile(t *testing.T) {
	w, _, clock := relayWorld(t)
	w.Intake.RepeatWindow = time.Hour
	first := w.Place(t, outside.HostingOnly)
	if err := w.Store.CloseUnit(t.Context(), first.Number, 0, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	clock.Advance(59 * time.Minute)
	if again := w.Place(t, outside.HostingOnly); !again.Existing || again.Number != first.Number {
		t.Errorf("a repeat within the window: %+v", again)
	}
	clock.Advance(2 * time.Minute)
	if later := w.Place(t, outside.HostingOnly); later.Existing || later.Number == first.Number {
		t.Errorf("an equal order later on: %+v", later)
	}
}

// Two requests with different keys are two orders, however alike they are.
func TestTwoKeysAreTwoOrders(t *testing.T) {
	w := outside.New(t, outside.Options{})
	w.Intake.RepeatWindow = time.Hour
	numbers := map[string]bool{}
	for _, key := range []string{"k1", "k2", "k1"} {
		placed, err := w.Intake.PlaceJSON(t.Context(), []byte(outside.HostingOnly), &store.Idempotency{Client: "shop", Key: key, Request: "r"})
		if err != nil {
			t.Fatal(err)
		}
		numbers[placed.Number] = true
	}
	if len(numbers) != 2 || len(w.Temporal.Starts()) < 2 {
		t.Errorf("orders %v", numbers)
	}
}

// TestAnOrderThatGetsNoTurnIsLeftToTheRelay: it is accepted all the same, and started once.
func TestAnOrderThatGetsNoTurnIsLeftToTheRelay(t *testing.T) {
	w, relay, _ := relayWorld(t)
	w.Intake.Starts = semaphore.NewWeighted(1)
	if !w.Intake.Starts.TryAcquire(1) {
		t.Fatal("the only slot is taken")
	}
	placed := w.Place(t, outside.NewCustomer)
	if !placed.Waiting() || len(w.Temporal.Starts()) != 0 {
		t.Errorf("%+v, %d starts", placed, len(w.Temporal.Starts()))
	}
	round(t, relay) // it needs no slot: it starts one at a time
	if starts := len(w.Temporal.Starts()); starts != 1 {
		t.Errorf("%d starts", starts)
	}
	w.Intake.Starts.Release(1)
	if again := w.Place(t, outside.NewCustomer); again.Waiting() || len(w.Temporal.Starts()) != 1 {
		t.Errorf("%+v, %d starts", again, len(w.Temporal.Starts()))
	}
}

func TestAStartGivesItsTurnBack(t *testing.T) {
	for name, away := range map[string]bool{"when it has started": false, "when it could not start": true} {
		t.Run(name, func(t *testing.T) {
			w, _, _ := relayWorld(t)
			w.Intake.Starts = semaphore.NewWeighted(1)
			w.Temporal.SetDown(away)
			if placed := w.Place(t, outside.NewCustomer); placed.Waiting() != away {
				t.Errorf("%+v", placed)
			}
			if !w.Intake.Starts.TryAcquire(1) {
				t.Error("the turn was kept")
			}
		})
	}
}
