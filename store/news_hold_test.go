package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/store"
)

func failOne(t *testing.T, s *store.Store, hook store.Hook, again time.Duration) (disabled, expired bool) {
	t.Helper()
	events, err := s.ClaimNews(t.Context(), hook.ID, time.Minute, 1)
	if err != nil || len(events) != 1 {
		t.Fatalf("%+v, %v", events, err)
	}
	disabled, expired, err = s.DeliveryFailed(t.Context(), store.FailedDelivery{Hook: hook.ID, EventID: events[0].EventID, Status: 503, Again: again})
	if err != nil {
		t.Fatal(err)
	}
	return disabled, expired
}

// What another process is sending is not given out again when the endpoint comes back.
func TestAHeldEventIsGivenToNobodyElse(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		hook := addHook(t, s, "", "*")
		place(t, s, "SO-1", "shop1.example")
		place(t, s, "SO-2", "shop2.example")
		for range 5 {
			failOne(t, s, hook, 0)
			c.advance(time.Second)
		}
		events, _ := claim(t, s, hook)
		if len(events) != 2 {
			t.Fatalf("claimed %+v", events)
		}
		delivered(t, s, events[0])
		if _, named := claim(t, s, hook); len(named) > 0 {
			t.Errorf("claimed %q, which is held", named)
		}
	})
}

// TestAnEventExpiresOrIsTriedAgain, whichever it is at the moment of its failure. Each reading of
// the clock is a millisecond after the one before.
func TestAnEventExpiresOrIsTriedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		hook := addHook(t, s, "", "*")
		outcomes := map[bool]int{}
		for readings := range 12 {
			place(t, s, fmt.Sprintf("SO-%d", readings), fmt.Sprintf("shop%d.example", readings))
			events, _ := claim(t, s, hook)
			c.advance(store.NewsFor - time.Duration(readings)*time.Millisecond)
			c.step = time.Millisecond
			_, expired, err := s.DeliveryFailed(t.Context(), store.FailedDelivery{Hook: hook.ID, EventID: events[0].EventID, Status: 503, Again: time.Hour})
			c.step = 0
			if err != nil {
				t.Fatal(err)
			}
			news, err := s.Deliveries(t.Context(), store.DeliveryFilter{EventID: events[0].EventID, Limit: 1})
			if err != nil || len(news) != 1 || (news[0].State == store.NewsExpired) != expired || (news[0].HandledAt != nil) != expired {
				t.Errorf("after %d readings: expired %v, %+v, %v", readings, expired, news, err)
			}
			outcomes[expired]++
			delivered(t, s, events[0])
		}
		if outcomes[true] == 0 || outcomes[false] == 0 {
			t.Errorf("no event expired while it was looked at: %v", outcomes)
		}
	})
}

// Time in which there was nothing to send does not count as failure.
func TestAnEndpointIsNotDisabledByItsFirstFailureAfterAQuietTime(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		hook := addHook(t, s, "", "*")
		place(t, s, "SO-1", "shop1.example")
		for {
			disabled, expired := failOne(t, s, hook, 6*time.Hour)
			if disabled {
				t.Fatal("disabled within three days")
			}
			if expired {
				break
			}
			c.advance(6 * time.Hour)
		}
		c.advance(5 * 24 * time.Hour)
		place(t, s, "SO-2", "shop2.example")
		if disabled, _ := failOne(t, s, hook, time.Second); disabled {
			t.Error("disabled by one failure")
		}
	})
}

// A terminal that was away for too long is told so, because events were not kept for it.
func TestATerminalThatWasAwayIsToldSo(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		hook, _, err := s.Listen(t.Context(), store.NewHook{Events: []string{"*"}}, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		c.advance(2 * time.Minute)
		place(t, s, "SO-1", "shop1.example")
		if going, err := s.KeepListening(t.Context(), hook.ID, time.Minute); going || err != nil {
			t.Errorf("it goes on: %v, %v", going, err)
		}
	})
}

// Two processes record the first successes of an endpoint that comes back.
func TestSuccessesAtTheSameTimeAreAllRecorded(t *testing.T) {
	s := open(t, postgrestest.URL(t), nil)
	hook := addHook(t, s, "", "*")
	for n := range 20 {
		place(t, s, fmt.Sprintf("SO-%d", n), fmt.Sprintf("shop%d.example", n))
	}
	for range 8 {
		for range 5 {
			failOne(t, s, hook, 0)
		}
		events, err := s.ClaimNews(t.Context(), hook.ID, time.Minute, 2)
		if err != nil || len(events) != 2 {
			t.Fatalf("%+v, %v", events, err)
		}
		var group sync.WaitGroup
		for _, event := range events {
			group.Go(func() {
				if err := s.Delivered(t.Context(), hook.ID, event.EventID, 200); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
}

// A claim reads what waits for the endpoint once, also where PostgreSQL believes that next to
// nothing waits.
func BenchmarkClaimNews(b *testing.B) {
	s := open(b, postgrestest.URL(b), nil)
	hook, _, err := s.AddHook(b.Context(), store.NewHook{URL: "https://orders.example/", Events: []string{"*"}})
	if err != nil {
		b.Fatal(err)
	}
	rows := func(state string, count int) string {
		return fmt.Sprintf(`INSERT INTO news (hook, event_id, type, order_number, item, ordinal, body, state, created_at, next_at, expires_at)
			SELECT '%s', '%s' || n, 'order.done', 'SO-' || n / 3, 0, n %% 3, '{}', '%s', now(), now() - interval '1 day', now() + interval '1 day' FROM generate_series(1, %d) n`,
			hook.ID, state, state, count)
	}
	for _, statement := range []string{rows("delivered", 150000), "ANALYZE news", rows("waiting", 14000)} {
		if err := s.Raw(statement); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if events, err := s.ClaimNews(b.Context(), hook.ID, 0, 8); err != nil || len(events) != 8 {
			b.Fatalf("%d events, %v", len(events), err)
		}
	}
}

// TestAFailureIsAsLateAsItsRecord: the time of a wait for another process counts, for the endpoint and
// for the event.
func TestAFailureIsAsLateAsItsRecord(t *testing.T) {
	for _, held := range []string{"hooks", "news"} {
		c := newClock()
		s := open(t, postgrestest.URL(t), c)
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		hook := addHook(t, s, "", "*")
		place(t, s, "SO-1", "shop1.example")
		events, _ := claim(t, s, hook)
		c.advance(store.NewsFor - time.Second)
		release, err := s.Hold(t.Context(), `SELECT 1 FROM `+held+` FOR UPDATE`)
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		expired := false
		go func() {
			var err error
			_, expired, err = s.DeliveryFailed(t.Context(), store.FailedDelivery{Hook: hook.ID, EventID: events[0].EventID, Status: 503, Again: time.Hour})
			ended <- err
		}()
		waitForLocks(t, s, 1)
		before := c.now()
		c.advance(time.Minute)
		err = release()
		if failed := <-ended; err != nil || failed != nil || !expired {
			t.Errorf("%s are held: expired %v, %v, %v", held, expired, err, failed)
		}
		hooks, err := s.Hooks(t.Context(), "")
		if err != nil || len(hooks) != 1 || hooks[0].FailingSince == nil || hooks[0].FailingSince.After(before) != (held == "hooks") {
			t.Errorf("%s are held: %+v, %v", held, hooks, err)
		}
	}
}
