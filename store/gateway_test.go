package store_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/store"
)

func TestAPIKeys(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		record, key, err := s.CreateAPIKey(t.Context(), "shop", "", []store.Scope{store.ScopePlace, store.ScopeRead}, "test")
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Authenticate(t.Context(), key)
		if err != nil || got.Name != "shop" || got.ID != record.ID || !got.May(store.ScopePlace) || got.May(store.ScopeOperate) {
			t.Errorf("got %+v, %v", got, err)
		}
		text := key.Reveal()
		for name, wrong := range map[string]string{
			"none":            "",
			"no key":          "hunter2",
			"another's":       "dpk_aaaaaaaaaa" + text[len("dpk_aaaaaaaaaa"):],
			"one other sign":  text[:len(text)-1] + string('A'+('B'-text[len(text)-1]+26)%26),
			"cut short":       text[:len(text)-1],
			"in lower case":   strings.ToLower(text),
			"with a line end": text + "\n",
		} {
			if wrong == text {
				continue
			}
			if _, err := s.Authenticate(t.Context(), domains.NewSecret(wrong)); !errors.Is(err, store.ErrKeyRefused) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, _, err := s.CreateAPIKey(t.Context(), "shop", "", store.Scopes(), "test"); err == nil || !strings.Contains(err.Error(), "shop already") {
			t.Errorf("the same name again: %v", err)
		}
		for range 2 {
			if err := s.RevokeAPIKey(t.Context(), "shop", "test"); err != nil {
				t.Error(err)
			}
		}
		if _, err := s.Authenticate(t.Context(), key); !errors.Is(err, store.ErrKeyRefused) {
			t.Errorf("a revoked key: %v", err)
		}
		if err := s.RevokeAPIKey(t.Context(), "nobody", "test"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a key that never was: %v", err)
		}
		keys, err := s.APIKeys(t.Context())
		if err != nil || len(keys) != 1 || keys[0].RevokedAt == nil || len(keys[0].Scopes) != 2 {
			t.Errorf("listed %+v, %v", keys, err)
		}
	})
}

func TestAPIKeyBadInput(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		for name, c := range map[string]struct {
			key    string
			scopes []store.Scope
			want   string
		}{
			"no name":   {"", store.Scopes(), "API key name"},
			"odd name":  {"a b", store.Scopes(), "API key name"},
			"no scope":  {"a", nil, "at least one scope"},
			"odd scope": {"a", []store.Scope{"root"}, `scope "root"`},
		} {
			if _, _, err := s.CreateAPIKey(t.Context(), c.key, "", c.scopes, "test"); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestAnIdempotencyKeyStandsForItsOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		with := func(client, key, request, document string) store.Acceptance {
			a := acceptance("", document+".example", document)
			a.Idempotency = &store.Idempotency{Client: client, Key: key, Request: request}
			return a
		}
		first, err := s.AcceptOrder(t.Context(), with("shop", "k1", "r1", "one"))
		if err != nil || first.Existing || first.ID == 0 {
			t.Fatalf("%+v, %v", first, err)
		}
		if err := s.RecordAnswer(t.Context(), store.Idempotency{Client: "shop", Key: "k1", Request: "r1"}, first.Number, 201, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.RecordAnswer(t.Context(), store.Idempotency{Client: "shop", Key: "k1", Request: "r1"}, first.Number, 200, nil); err != nil {
			t.Fatal(err)
		}
		// Not even the end of the order makes it a new order.
		if err := s.CloseUnit(t.Context(), first.Number, 0, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		again, err := s.AcceptOrder(t.Context(), with("shop", "k1", "r1", "one"))
		if err != nil || !again.Existing || again.Number != first.Number || again.Answered != 201 || again.ID != first.ID || !again.AcceptedAt.Equal(first.AcceptedAt) {
			t.Errorf("%+v, %v", again, err)
		}
		_, err = s.AcceptOrder(t.Context(), with("shop", "k1", "r2", "two"))
		if reused, ok := errors.AsType[*store.IdempotencyError](err); !ok || reused.OrderNumber != first.Number {
			t.Errorf("another body: %v", err)
		}
		other, err := s.AcceptOrder(t.Context(), with("store", "k1", "r2", "two"))
		if err != nil || other.Existing {
			t.Errorf("the same key of another client: %+v, %v", other, err)
		}
	})
}

func TestOneIdempotencyKeyAtOnceIsOneOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		const many = 10
		numbers := make([]string, many)
		var group sync.WaitGroup
		for n := range many {
			group.Go(func() {
				a := acceptance("", "shop.example", "one")
				a.Idempotency = &store.Idempotency{Client: "shop", Key: "k", Request: "r"}
				accepted, err := s.AcceptOrder(t.Context(), a)
				if err != nil {
					t.Error(err)
				}
				numbers[n] = accepted.Number
			})
		}
		group.Wait()
		for _, number := range numbers {
			if number != numbers[0] {
				t.Errorf("two orders: %v", numbers)
			}
		}
	})
}

func TestUnitsAreStartedByOne(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		if _, err := s.AcceptOrder(t.Context(), acceptance("A-1", "shop.example", "one")); err != nil {
			t.Fatal(err)
		}
		claimed := func() int {
			rows, err := s.ClaimUnstarted(t.Context(), 10)
			if err != nil {
				t.Fatal(err)
			}
			return len(rows)
		}
		if claimed() != 0 {
			t.Error("the acceptor holds it")
		}
		c.advance(store.StartHold)
		if first, second := claimed(), claimed(); first != 1 || second != 0 {
			t.Errorf("claimed %d, then %d", first, second)
		}
		if mine, err := s.ClaimStart(t.Context(), "A-1", 0); err != nil || mine {
			t.Errorf("held by another: %v, %v", mine, err)
		}
		if err := s.ReleaseStart(t.Context(), "A-1", 0, time.Second); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Second)
		if mine, err := s.ClaimStart(t.Context(), "A-1", 0); err != nil || !mine {
			t.Errorf("released: %v, %v", mine, err)
		}
		if backlog, err := s.Backlog(t.Context(), time.Hour); err != nil || backlog.Unstarted != 1 {
			t.Errorf("%+v, %v", backlog, err)
		}
		if err := s.MarkStarted(t.Context(), "A-1", 0); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Hour)
		if claimed() != 0 {
			t.Error("it was started")
		}
	})
}

func TestConfirmationsAreClaimedByOne(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		for _, id := range []string{"a", "b", "c"} {
			if _, err := s.Receive(t.Context(), store.Confirmation{EventID: id, Source: "test", Domain: "x.example"}, 0); err != nil {
				t.Fatal(err)
			}
		}
		first, err := s.ClaimConfirmations(t.Context(), "", 2)
		if err != nil || len(first) != 2 || first[0].Attempts != 1 {
			t.Fatalf("%+v, %v", first, err)
		}
		second, err := s.ClaimConfirmations(t.Context(), "", 10)
		if err != nil || len(second) != 1 {
			t.Fatalf("%+v, %v", second, err)
		}
		if err := s.Postpone(t.Context(), "c", "why", time.Second); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Second)
		third, err := s.ClaimConfirmations(t.Context(), "", 10)
		if err != nil || len(third) != 1 || third[0].EventID != "c" || third[0].Attempts != 2 || third[0].Trouble != "why" {
			t.Errorf("%+v, %v", third, err)
		}
		if err := s.Handle(t.Context(), "c", store.Late, "w"); err != nil {
			t.Fatal(err)
		}
		got, err := s.Confirmation(t.Context(), "c")
		if err != nil || got.State != store.Late || got.Trouble != "" || got.HandledAt == nil {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := s.Confirmation(t.Context(), "nothing"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%v", err)
		}
		rows, err := s.Confirmations(t.Context(), store.ConfirmationFilter{State: store.Received, Limit: 1})
		if err != nil || len(rows) != 1 || rows[0].EventID != "a" {
			t.Errorf("%+v, %v", rows, err)
		}
	})
}

func TestPagesOfTheListMeetNoUnitTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		for n := range 7 {
			letter := string(rune('a' + n))
			if _, err := s.AcceptOrder(t.Context(), acceptance("", letter+".example", letter)); err != nil {
				t.Fatal(err)
			}
			if n%3 == 0 {
				c.advance(time.Second) // some of them at the same time
			}
		}
		var seen []string
		filter := store.UnitFilter{Limit: 2, State: store.UnitOpen}
		for {
			rows, err := s.Units(t.Context(), filter)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				seen = append(seen, row.Domain)
			}
			if len(rows) < 2 {
				break
			}
			cursor := rows[1].Cursor()
			filter.After = &cursor
		}
		if got := strings.Join(seen, " "); got != "g.example f.example e.example d.example c.example b.example a.example" {
			t.Errorf("got %s", got)
		}
	})
}

// Callers may use numbers that look like ours; those are passed over.
func TestNumbersThatCallersHaveTakenArePassedOver(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		for _, number := range []string{"DP00000005", "DP00000006", "DP00000007"} {
			if _, err := s.AcceptOrder(t.Context(), acceptance(number, number+".example", number)); err != nil {
				t.Fatal(err)
			}
		}
		seen := map[string]bool{}
		for n := range 6 {
			domain := string(rune('a'+n)) + ".example"
			accepted, err := s.AcceptOrder(t.Context(), acceptance("", domain, domain))
			if err != nil || accepted.Existing || seen[accepted.Number] {
				t.Fatalf("%+v, %v", accepted, err)
			}
			seen[accepted.Number] = true
		}
	})
}

// One key with two bodies at the same moment: one order, and the other is refused.
func TestOneKeyWithTwoBodiesAtOnceIsOneOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		for n := range 5 {
			key := string(rune('a' + n))
			errs := make([]error, 2)
			var group sync.WaitGroup
			for i := range 2 {
				group.Go(func() {
					number := key + "-" + string(rune('0'+i))
					a := acceptance(number, number+".example", number)
					a.Idempotency = &store.Idempotency{Client: "shop", Key: key, Request: number}
					_, errs[i] = s.AcceptOrder(t.Context(), a)
				})
			}
			group.Wait()
			refused := 0
			for _, err := range errs {
				if _, ok := errors.AsType[*store.IdempotencyError](err); ok {
					refused++
				} else if err != nil {
					t.Error(err)
				}
			}
			if refused != 1 {
				t.Errorf("round %d: %v", n, errs)
			}
		}
	})
}

func TestARequestIsKeptUnderItsKey(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		if _, err := s.AcceptOrder(t.Context(), acceptance("A-1", "shop.example", "one")); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if answer, err := s.KeepRequest(t.Context(), store.Idempotency{Client: "shop", Key: "k", Request: "r1"}, "A-1"); err != nil || answer != nil {
				t.Fatal(err)
			}
		}
		once := store.Idempotency{Client: "shop", Key: "k", Request: "r1"}
		for _, answer := range []string{"first", "second"} {
			if err := s.RecordAnswer(t.Context(), once, "A-1", 200, []byte(answer)); err != nil {
				t.Fatal(err)
			}
		}
		if answer, err := s.KeepRequest(t.Context(), once, "A-1"); err != nil || string(answer) != "first" {
			t.Errorf("once it was carried out: %q, %v", answer, err)
		}
		_, err := s.KeepRequest(t.Context(), store.Idempotency{Client: "shop", Key: "k", Request: "r2"}, "A-1")
		if _, reused := errors.AsType[*store.IdempotencyError](err); !reused {
			t.Errorf("got %v", err)
		}
	})
}

// A key's client outlives the key.
func TestAClientMayHaveSeveralKeys(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		for _, name := range []string{"shop-2025", "shop-2026"} {
			_, key, err := s.CreateAPIKey(t.Context(), name, "shop", store.Scopes(), "test")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := s.Authenticate(t.Context(), key); err != nil || got.Client != "shop" || got.Name != name {
				t.Errorf("%+v, %v", got, err)
			}
		}
		if _, _, err := s.CreateAPIKey(t.Context(), "x", "a b", store.Scopes(), "test"); err == nil || !strings.Contains(err.Error(), "client") {
			t.Errorf("got %v", err)
		}
	})
}
