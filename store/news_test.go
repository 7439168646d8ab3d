package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/store"
	"domainprovisioning/vault"
)

func addHook(t *testing.T, s *store.Store, client string, events ...string) store.Hook {
	t.Helper()
	hook, _, err := s.AddHook(t.Context(), store.NewHook{Client: client, URL: "https://orders.example/news", Events: events, By: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return hook
}

// told returns the types of the news for an endpoint, oldest first, each with what it says.
func told(t *testing.T, s *store.Store, hook store.Hook) []string {
	t.Helper()
	rows, err := s.Deliveries(t.Context(), store.DeliveryFilter{Hook: hook.ID, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(rows, func(a, b store.Delivery) int { return a.Ordinal - b.Ordinal })
	all := []string{}
	for _, row := range rows {
		var news messages.News
		if err := json.Unmarshal([]byte(row.Body), &news); err != nil || news.Type != row.Type {
			t.Fatalf("%s: %v", row.Body, err)
		}
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %d %s", news.Type, news.Data.State, news.Data.Step, news.Data.Reason)))
	}
	return all
}

func wantTold(t *testing.T, s *store.Store, hook store.Hook, want ...string) {
	t.Helper()
	if got := told(t, s, hook); !slices.Equal(got, want) {
		t.Errorf("told:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestNewsIsWhatChangesForAnOrderSystem(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		hook := addHook(t, s, "", "*")
		place(t, s, "SO-1", "shop.example")
		if err := s.MarkStarted(t.Context(), "SO-1", 0); err != nil {
			t.Fatal(err)
		}
		at := c.now()
		next := func() time.Time { at = at.Add(time.Minute); return at }
		tell(t, s, "SO-1", next(), messages.Running, 2, "") // a step is no news
		tell(t, s, "SO-1", next(), messages.Waiting, 10, "")
		late := at
		tell(t, s, "SO-1", at, messages.Waiting, 10, "") // the same activity again
		tell(t, s, "SO-1", next(), messages.NeedsAttention, 10, "deadline-passed")
		tell(t, s, "SO-1", late, messages.Waiting, 10, "") // an activity that ran late
		tell(t, s, "SO-1", next(), messages.NeedsAttention, 11, "conflict")
		tell(t, s, "SO-1", next(), messages.Running, 11, "")
		run := func(state store.RunState) {
			t.Helper()
			if _, err := s.RecordRun(t.Context(), "SO-1", 0, state); err != nil {
				t.Fatal(err)
			}
		}
		run(store.RunTerminated)
		run(store.RunTerminated)
		tell(t, s, "SO-1", next(), messages.Waiting, 10, "") // what a terminated run told late
		if err := s.MarkStarted(t.Context(), "SO-1", 0); err != nil {
			t.Fatal(err)
		}
		run(store.RunStuck)
		run(store.RunsWell)
		tell(t, s, "SO-1", next(), messages.Undoing, 13, "")
		for range 2 {
			if err := s.CloseUnit(t.Context(), "SO-1", 0, store.UnitCancelled, ""); err != nil {
				t.Fatal(err)
			}
		}
		tell(t, s, "SO-1", next(), messages.Running, 1, "") // it has ended
		wantTold(t, s, hook, "order.accepted running 1", "order.waiting waiting 10", "order.attention attention 10 deadline-passed",
			"order.attention attention 11 conflict", "order.resumed running 11", "order.attention attention 11 terminated",
			"order.resumed waiting 10", "order.attention attention 10 stuck", "order.resumed waiting 10", "order.undoing undoing 13", "order.cancelled cancelled 13")
		place(t, s, "SO-2", "done.example")
		if err := s.CloseUnit(t.Context(), "SO-2", 0, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		place(t, s, "SO-3", "failed.example")
		if err := s.CloseUnit(t.Context(), "SO-3", 0, store.UnitFailed, ""); err != nil {
			t.Fatal(err)
		}
		rows, err := s.Deliveries(t.Context(), store.DeliveryFilter{Hook: hook.ID})
		if err != nil || len(rows) != 15 {
			t.Errorf("%d deliveries, %v; want 15", len(rows), err)
		}
	})
}

func TestAnEndpointIsToldWhatItWantsOfItsClient(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		all, kind, ends := addHook(t, s, "", "*"), addHook(t, s, "shop", "order.*"), addHook(t, s, "shop", "order.done", "order.failed")
		other, local := addHook(t, s, "other", "*"), addHook(t, s, store.LocalClient, "*")
		mine := acceptance("SO-1", "shop.example", "one")
		mine.Client = "shop"
		if _, err := s.AcceptOrder(t.Context(), mine); err != nil {
			t.Fatal(err)
		}
		place(t, s, "SO-2", "local.example")
		if err := s.CloseUnit(t.Context(), store.OrderKey("shop", "SO-1"), 0, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		const accepted, done = "order.accepted running 1", "order.done done 1"
		wantTold(t, s, kind, accepted, done)
		wantTold(t, s, ends, done)
		wantTold(t, s, other)
		wantTold(t, s, local, accepted)
		if got := told(t, s, all); len(got) != 3 {
			t.Errorf("the one for all is told %q", got)
		}
	})
}

func TestNothingIsToldOfWhatIsNotStored(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		hook := addHook(t, s, "", "*")
		place(t, s, "SO-1", "shop.example")
		if _, err := s.AcceptOrder(t.Context(), acceptance("SO-1", "shop.example", "SO-1")); err != nil {
			t.Fatal(err)
		}
		if _, err := s.AcceptOrder(t.Context(), acceptance("SO-2", "shop.example", "two")); err == nil {
			t.Fatal("a second open order for a domain")
		}
		wantTold(t, s, hook, "order.accepted running 1")
	})
}

// claim takes what is due for an endpoint and returns it by order and type.
func claim(t *testing.T, s *store.Store, hook store.Hook) (events []store.Delivery, named []string) {
	t.Helper()
	events, err := s.ClaimNews(t.Context(), hook.ID, time.Minute, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range events {
		named = append(named, event.OrderNumber+" "+string(event.Type))
	}
	slices.Sort(named)
	return events, named
}

func delivered(t *testing.T, s *store.Store, event store.Delivery) {
	t.Helper()
	if err := s.Delivered(t.Context(), event.Hook, event.EventID, 204); err != nil {
		t.Fatal(err)
	}
}

func TestTheEventsOfAnOrderGoOneAfterAnother(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		hook := addHook(t, s, "", "*")
		for n := range 2 {
			number := fmt.Sprintf("SO-%d", n+1)
			place(t, s, number, fmt.Sprintf("shop%d.example", n))
			tell(t, s, number, c.now(), messages.Waiting, 10, "")
		}
		first, named := claim(t, s, hook)
		if want := []string{"SO-1 order.accepted", "SO-2 order.accepted"}; !slices.Equal(named, want) {
			t.Fatalf("claimed %q, want %q", named, want)
		}
		if _, named := claim(t, s, hook); len(named) > 0 {
			t.Errorf("claimed %q while the events before are held", named)
		}
		delivered(t, s, first[0])
		_, named = claim(t, s, hook)
		if want := []string{first[0].OrderNumber + " order.waiting"}; !slices.Equal(named, want) {
			t.Errorf("claimed %q, want %q", named, want)
		}
		c.advance(2 * time.Minute) // the process that held them is gone
		again, named := claim(t, s, hook)
		if len(named) != 2 || again[0].EventID == again[1].EventID {
			t.Errorf("claimed %q", named)
		}
		for _, event := range again {
			if event.OrderNumber == first[1].OrderNumber && (event.EventID != first[1].EventID || event.Attempts != 2) {
				t.Errorf("%+v is not the event that was held, %+v", event, first[1])
			}
		}
	})
}

func TestTwoProcessesNeverHoldOneEvent(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		hook := addHook(t, s, "", "*")
		for n := range 20 {
			place(t, s, fmt.Sprintf("SO-%d", n), fmt.Sprintf("shop%d.example", n))
		}
		var mu sync.Mutex
		seen := map[string]int{}
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				for {
					events, err := s.ClaimNews(t.Context(), hook.ID, time.Minute, 3)
					if err != nil {
						t.Error(err)
					}
					if len(events) == 0 {
						return
					}
					mu.Lock()
					for _, event := range events {
						seen[event.EventID]++
					}
					mu.Unlock()
				}
			})
		}
		group.Wait()
		for event, times := range seen {
			if times != 1 {
				t.Errorf("%s was held %d times", event, times)
			}
		}
		if len(seen) != 20 {
			t.Errorf("%d events were held, want 20", len(seen))
		}
	})
}

func TestAnEndpointThatFailsIsDisabledAfterAWeek(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		hook := addHook(t, s, "", "*")
		fail := func(event store.Delivery) (disabled, expired bool) {
			t.Helper()
			disabled, expired, err := s.DeliveryFailed(t.Context(), store.FailedDelivery{
				Hook: event.Hook, EventID: event.EventID, Status: 500, Trouble: "answered 500", Again: time.Hour, Pause: time.Minute,
			})
			if err != nil {
				t.Fatal(err)
			}
			return disabled, expired
		}
		due := func() int {
			t.Helper()
			hooks, err := s.DueHooks(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return len(hooks)
		}
		place(t, s, "SO-1", "shop.example")
		began := c.now().UTC()
		for try := 1; ; try++ {
			events, _ := claim(t, s, hook)
			if len(events) != 1 || events[0].Attempts != try {
				t.Fatalf("try %d: %+v", try, events)
			}
			disabled, expired := fail(events[0])
			if due() != 0 {
				t.Fatal("the endpoint is not left alone after a failure")
			}
			if disabled {
				t.Fatalf("disabled after %s", c.now().Sub(began))
			}
			if expired {
				break
			}
			c.advance(time.Hour)
			if due() != 1 {
				t.Fatal("it is not tried again")
			}
		}
		if tried := c.now().Sub(began); tried != store.NewsFor {
			t.Errorf("given up after %s, want %s", tried, store.NewsFor)
		}
		// It goes on failing with later events, until a week has passed.
		disabled, days := false, 0
		for ; !disabled && days < 20; days++ {
			place(t, s, fmt.Sprintf("D-%d", days), fmt.Sprintf("d%d.example", days))
			for range 4 {
				events, _ := claim(t, s, hook)
				for _, event := range events {
					now, _ := fail(event)
					disabled = disabled || now
				}
				c.advance(6 * time.Hour)
			}
		}
		if days != 5 { // the first three have passed above
			t.Errorf("disabled %v, after %d more days", disabled, days)
		}
		now, err := s.Hook(t.Context(), hook.ID)
		if err != nil || now.DisabledFor != "failing" || !now.FailingSince.Equal(began) || due() != 0 {
			t.Errorf("got %+v, %v", now, err)
		}
		place(t, s, "SO-3", "third.example") // nobody is told
		c.advance(store.NewsFor)
		if _, err := s.EnableHook(t.Context(), hook.ID); err != nil {
			t.Fatal(err)
		}
		if _, named := claim(t, s, hook); len(named) > 0 {
			t.Errorf("claimed %q, which is old", named)
		}
		if count, err := s.Resend(t.Context(), hook.ID, "", "SO-1"); count != 1 || err != nil {
			t.Errorf("resent %d, %v", count, err)
		}
		if resent, _ := claim(t, s, hook); len(resent) != 1 || resent[0].Attempts != 1 {
			t.Errorf("claimed %+v", resent)
		}
	})
}

func TestASingleRefusedEventDisablesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		hook := addHook(t, s, "", "*")
		place(t, s, "SO-1", "shop.example")
		refused, _ := claim(t, s, hook)
		for day := range 20 {
			disabled, _, err := s.DeliveryFailed(t.Context(), store.FailedDelivery{Hook: hook.ID, EventID: refused[0].EventID, Status: 400, Again: time.Hour, Pause: time.Second})
			if err != nil || disabled {
				t.Fatalf("day %d: disabled %v, %v", day, disabled, err)
			}
			c.advance(24 * time.Hour)
			number := fmt.Sprintf("OK-%d", day)
			place(t, s, number, fmt.Sprintf("ok%d.example", day))
			events, _ := claim(t, s, hook)
			for _, event := range events {
				if event.OrderNumber == number {
					delivered(t, s, event)
				}
			}
		}
		gone, _, err := s.DeliveryFailed(t.Context(), store.FailedDelivery{Hook: hook.ID, EventID: refused[0].EventID, Status: 410, Gone: true})
		if err != nil || !gone {
			t.Errorf("410 does not disable: %v, %v", gone, err)
		}
	})
}

func TestAnEndpointThatComesBackGetsAllAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		hook := addHook(t, s, "", "*")
		for n := range 6 {
			place(t, s, fmt.Sprintf("SO-%d", n), fmt.Sprintf("shop%d.example", n))
		}
		events, _ := claim(t, s, hook)
		for _, event := range events {
			if _, _, err := s.DeliveryFailed(t.Context(), store.FailedDelivery{Hook: hook.ID, EventID: event.EventID, Again: 6 * time.Hour, Pause: time.Second}); err != nil {
				t.Fatal(err)
			}
		}
		c.advance(time.Minute)
		if _, named := claim(t, s, hook); len(named) > 0 {
			t.Fatalf("claimed %q", named)
		}
		delivered(t, s, events[0])
		if _, named := claim(t, s, hook); len(named) != 5 {
			t.Errorf("claimed %q, want the 5 that waited", named)
		}
	})
}

func TestSecretsOfEndpointsAreSealedAndRotated(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		hook, secret, err := s.AddHook(t.Context(), store.NewHook{URL: "https://orders.example/", Events: []string{"*"}})
		if err != nil {
			t.Fatal(err)
		}
		signing := func() []domains.Secret {
			t.Helper()
			if _, err := s.TestHook(t.Context(), hook.ID); err != nil {
				t.Fatal(err)
			}
			due, err := s.DueHooks(t.Context())
			if err != nil || len(due) != 1 {
				t.Fatalf("%+v, %v", due, err)
			}
			return due[0].Secrets
		}
		if got := signing(); len(got) != 1 || got[0].Reveal() != secret.Reveal() || !strings.HasPrefix(secret.Reveal(), "whsec_") {
			t.Error("the secret does not sign")
		}
		_, next, err := s.RotateHook(t.Context(), hook.ID, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if got := signing(); len(got) != 2 || got[0].Reveal() != next.Reveal() || got[1].Reveal() != secret.Reveal() {
			t.Error("both secrets must sign, the new one first")
		}
		c.advance(2 * time.Hour)
		if got := signing(); len(got) != 1 || got[0].Reveal() != next.Reveal() {
			t.Error("the old secret signs for too long")
		}
		if err := s.Raw(`UPDATE hooks SET secret = 'k9:AAAA'`); err != nil {
			t.Fatal(err)
		}
		if _, err := s.DueHooks(t.Context()); !errors.Is(err, vault.ErrUnreadable) {
			t.Errorf("a secret that cannot be opened: %v", err)
		}
	})
}

func TestEndpointsAreCountedAndForgotten(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		for range store.MostHooks {
			addHook(t, s, "shop", "*")
		}
		_, _, err := s.AddHook(t.Context(), store.NewHook{Client: "shop", URL: "https://orders.example/", Events: []string{"*"}})
		if !errors.Is(err, store.ErrManyHooks) {
			t.Errorf("one too many: %v", err)
		}
		terminal, _, err := s.Listen(t.Context(), store.NewHook{Events: []string{"*"}}, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		place(t, s, "SO-1", "shop.example")
		if due, err := s.DueHooks(t.Context()); err != nil || len(due) > 0 {
			t.Errorf("a terminal is sent to: %+v, %v", due, err)
		}
		events, _ := claim(t, s, terminal)
		if len(events) != 1 {
			t.Fatalf("the terminal gets %+v", events)
		}
		delivered(t, s, events[0])
		if going, err := s.KeepListening(t.Context(), terminal.ID, time.Minute); !going || err != nil {
			t.Errorf("it goes on: %v, %v", going, err)
		}
		c.advance(2 * time.Minute)
		place(t, s, "SO-2", "later.example")
		if _, named := claim(t, s, terminal); len(named) > 0 {
			t.Errorf("a terminal that has vanished is told %q", named)
		}
		c.advance(2 * time.Hour)
		if more, err := s.DropNews(t.Context(), 100); more || err != nil {
			t.Errorf("more %v, %v", more, err)
		}
		if _, err := s.Hook(t.Context(), terminal.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the terminal: %v", err)
		}
		keeps := addHook(t, s, "", "*")
		place(t, s, "SO-3", "kept.example")
		place(t, s, "SO-4", "waits.example")
		events, _ = claim(t, s, keeps)
		delivered(t, s, events[0])
		c.advance(store.NewsKept - time.Hour)
		if _, err := s.DropNews(t.Context(), 100); err != nil || len(told(t, s, keeps)) != 2 {
			t.Errorf("dropped too early: %v", err)
		}
		c.advance(2 * time.Hour)
		if _, err := s.DropNews(t.Context(), 100); err != nil || len(told(t, s, keeps)) != 1 {
			t.Errorf("only what waits is kept: %v", err)
		}
	})
}
