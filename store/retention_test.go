package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

func TestOneProcessHoldsAJob(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		claim := func(name string) *store.Job {
			t.Helper()
			return must[*store.Job](t)(s.ClaimJob(t.Context(), name, time.Minute))
		}
		first := claim("retention")
		if first == nil || claim("retention") != nil || claim("another") == nil {
			t.Fatal("one process holds each job")
		}
		for range 3 { // for longer than a claim lasts
			c.advance(50 * time.Second)
			if ours, err := first.Renew(t.Context(), time.Minute); err != nil || !ours || claim("retention") != nil {
				t.Errorf("renewed: %t, %v", ours, err)
			}
		}
		c.advance(time.Minute + time.Second)
		if ours, err := first.Renew(t.Context(), time.Minute); err != nil || !ours {
			t.Errorf("late, and nobody has claimed it: %t, %v", ours, err)
		}
		c.advance(time.Minute + time.Second)
		second := claim("retention")
		if second == nil {
			t.Fatal("it is free")
		}
		if ours, err := first.Renew(t.Context(), time.Minute); err != nil || ours {
			t.Errorf("taken over: %t, %v", ours, err)
		}
		if ours, err := second.Renew(t.Context(), time.Minute); err != nil || !ours {
			t.Errorf("the second: %t, %v", ours, err)
		}
	})
}

// What is old is removed, in steps, and what is young or still needed stays.
func TestWhatIsOldIsRemoved(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		ctx := t.Context()
		add := func(age string) {
			t.Helper()
			order := acceptance("SO-"+age, age+".example", age)
			order.Idempotency = &store.Idempotency{Client: "shop", Key: age, Request: age}
			must[store.Accepted](t)(s.AcceptOrder(ctx, order))
			if err := s.RecordRefusal(ctx, "json", []string{age}); err != nil {
				t.Fatal(err)
			}
			for _, state := range []store.ConfirmationState{store.Received, store.Late} {
				event := fmt.Sprint(age, "-", state)
				must[bool](t)(s.Receive(ctx, store.Confirmation{EventID: event, Source: messages.FromCallback, Account: "a", Domain: "nowhere.example"}, 0))
				if state != store.Received {
					if err := s.Handle(ctx, event, state, ""); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		add("open")
		add("closed")
		add("closed2")
		for _, number := range []string{"SO-closed", "SO-closed2"} {
			if err := s.CloseUnit(ctx, number, 0, store.UnitDone, ""); err != nil {
				t.Fatal(err)
			}
		}
		renewal := acceptance("SO-renewal", "renewed.example", "renewal")
		renewal.Idempotency = &store.Idempotency{Client: store.RenewalKeys, Key: "renewal/renewed.example/2027-03-02", Request: "renewal"}
		must[store.Accepted](t)(s.AcceptOrder(ctx, renewal))
		if err := s.CloseUnit(ctx, "SO-renewal", 0, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		c.advance(10 * 24 * time.Hour)
		add("young")
		const kept = 9 * 24 * time.Hour
		type drop = func(context.Context, time.Duration, int) (int, error)
		for _, step := range []struct {
			what, left string
			drop       drop
			removed    []int
		}{
			{"refusals", `SELECT reasons FROM refusals ORDER BY 1`, s.DropRefusals, []int{2, 1, 0}},
			{"confirmations", `SELECT event_id FROM confirmations ORDER BY 1`, s.DropConfirmations, []int{2, 1, 0}},
			{"requests", `SELECT key FROM idempotency_keys ORDER BY 1`, s.DropRequests, []int{2, 0}},
		} {
			for n, want := range step.removed {
				if got, err := step.drop(ctx, kept, 2); err != nil || got != want {
					t.Errorf("%s, step %d: %d, %v", step.what, n, got, err)
				}
			}
			left := fmt.Sprint(must[[]string](t)(s.Column(step.left)))
			if want := map[string]string{
				"refusals": "[young]", "confirmations": "[closed-received closed2-received open-received young-late young-received]", "requests": "[open renewal/renewed.example/2027-03-02 young]",
			}[step.what]; left != want {
				t.Errorf("%s: left %s", step.what, left)
			}
		}
		if numbers, err := s.ErasableOrders(ctx, kept, 1); err != nil || fmt.Sprint(numbers) != "[SO-closed]" {
			t.Errorf("to erase: %v, %v", numbers, err)
		}
		must[time.Time](t)(s.Erase(ctx, store.Erasing{Number: "SO-closed"}))
		if numbers, err := s.ErasableOrders(ctx, kept, 10); err != nil || fmt.Sprint(numbers) != "[SO-closed2 SO-renewal]" {
			t.Errorf("to erase next: %v, %v", numbers, err)
		}
	})
}

// The record of acts stays verifiable after its beginning is removed.
func TestTheRecordGoesOnAfterOldActs(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		ctx := t.Context()
		var acts []store.Act
		for n := range 6 {
			acts = append(acts, must[store.Act](t)(s.RecordAct(ctx, store.Act{Actor: "erna", Via: "starter", Command: "retry", Item: n, Outcome: store.ActAccepted})))
			c.advance(24 * time.Hour)
		}
		const kept = 60 * time.Hour // acts 1 to 4 are older
		for n, want := range []int{3, 1, 0} {
			count, last, err := s.DropActs(ctx, kept, 3)
			if err != nil || count != want || want > 0 && last.Hash != acts[last.Number-1].Hash {
				t.Errorf("step %d: %d, %+v, %v", n, count, last, err)
			}
		}
		whole := must[store.ActsVerified](t)(s.VerifyActs(ctx, nil))
		if whole.Broken != 0 || whole.Checked != 2 || whole.Head.Number != 6 || whole.Removed == nil || whole.Removed.Number != 4 {
			t.Errorf("got %+v", whole)
		}
		// The newest act stays however old it is, and the record goes on from it.
		c.advance(365 * 24 * time.Hour)
		if count, _, err := s.DropActs(ctx, kept, 100); err != nil || count != 1 {
			t.Errorf("removed %d, %v", count, err)
		}
		must[store.Act](t)(s.RecordAct(ctx, store.Act{Actor: "erna", Via: "starter", Command: "retry", Outcome: store.ActAccepted}))
		for head, broken := range map[store.ActHead]int64{
			{Number: 7, Hash: "another"}: 7, {Number: 6, Hash: acts[5].Hash}: 0, {Number: 5, Hash: acts[4].Hash}: 0, {Number: 5, Hash: "another"}: 5,
		} {
			if found := must[store.ActsVerified](t)(s.VerifyActs(ctx, &head)); found.Broken != broken {
				t.Errorf("%+v: %+v", head, found)
			}
		}
		// Acts that somebody has taken out are missed still, at the beginning too.
		if err := s.Raw(`DELETE FROM acts WHERE number = 6`); err != nil {
			t.Fatal(err)
		}
		if found := must[store.ActsVerified](t)(s.VerifyActs(ctx, nil)); found.Broken != 6 {
			t.Errorf("taken out: %+v", found)
		}
	})
}
