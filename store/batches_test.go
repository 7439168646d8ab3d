package store_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// batchOf stores a batch of lines of the given accounts, one each, and starts it. Line 1 is the first.
func batchOf(t *testing.T, s *store.Store, accounts ...string) store.Batch {
	t.Helper()
	batch, existing, err := s.BeginBatch(t.Context(), store.NewBatch{Client: "shop", Label: "move", Mode: "good", Lines: len(accounts), CreatedBy: "test"})
	if err != nil || existing {
		t.Fatalf("existing %t, %v", existing, err)
	}
	for n, account := range accounts {
		line := store.NewLine{
			Line: n + 1, Account: account, Domain: fmt.Sprintf("d%d.example", n+1), Document: fmt.Appendf(nil, `{"secret":"hunter%d"}`, n+1),
			Cost: store.Money{Cents: 1000, Currency: "EUR"}, Bounds: "[]",
		}
		if err := s.StoreLines(t.Context(), batch.ID, []store.NewLine{line}); err != nil {
			t.Fatal(err)
		}
	}
	started, err := s.StartBatch(t.Context(), batch.ID)
	if err != nil || started.State != store.BatchRunning || started.StartedAt == nil {
		t.Fatalf("got %+v, %v", started, err)
	}
	return started
}

// claimLine takes the next line of an account, which must be this one; 0 is none.
func claimLine(t *testing.T, s *store.Store, account string, want int) *store.ClaimedLine {
	t.Helper()
	line, wait, err := s.ClaimLine(t.Context(), account, time.Second)
	switch {
	case err != nil:
		t.Fatal(err)
	case want == 0 && line != nil:
		t.Fatalf("claimed line %d", line.Line)
	case want != 0 && (line == nil || line.Line != want):
		t.Fatalf("claimed %+v, wait %s; want line %d", line, wait, want)
	}
	return line
}

// linesOf tells how the lines of a batch stand.
func linesOf(t *testing.T, s *store.Store, batch string) string {
	t.Helper()
	lines, err := s.BatchLines(t.Context(), batch, "", 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, line := range lines {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%d %s %s", line.Line, line.State, line.OrderNumber)))
	}
	return strings.Join(all, ", ")
}

func TestABatchThatIsHalfStoredIsNeverPlaced(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		wanted := store.NewBatch{Client: "shop", Mode: "all", Lines: 2, Idempotency: &store.Idempotency{Client: "shop", Key: "k-1", Request: "body"}}
		first, existing, err := s.BeginBatch(t.Context(), wanted)
		if err != nil || existing {
			t.Fatal(existing, err)
		}
		line := func(n int) []store.NewLine {
			return []store.NewLine{{Line: n, Account: "a", Domain: "shop.example", Document: []byte(`{"name":"Jane"}`)}}
		}
		if err := s.StoreLines(t.Context(), first.ID, line(1)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.StartBatch(t.Context(), first.ID); !errors.Is(err, store.ErrBatchLost) {
			t.Errorf("half a batch was started: %v", err)
		}
		claimLine(t, s, "a", 0)
		if listed, err := s.Batches(t.Context(), store.BatchFilter{}); err != nil || len(listed) != 0 {
			t.Errorf("listed %+v, %v", listed, err)
		}
		// The same request at the same time, with another body, and after the process has died.
		if _, _, err := s.BeginBatch(t.Context(), wanted); !errors.Is(err, store.ErrBatchUnderWay) {
			t.Errorf("got %v", err)
		}
		other := wanted
		other.Idempotency = &store.Idempotency{Client: "shop", Key: "k-1", Request: "another"}
		if _, _, err := s.BeginBatch(t.Context(), other); !isA[*store.IdempotencyError](err) {
			t.Errorf("got %v", err)
		}
		c.advance(store.BatchHold + time.Second)
		if _, found, err := s.FindBatch(t.Context(), wanted.Idempotency); err != nil || found {
			t.Errorf("found half a batch: %v", err)
		}
		second, existing, err := s.BeginBatch(t.Context(), wanted)
		if err != nil || existing || second.ID == first.ID {
			t.Fatalf("got %+v, %t, %v", second, existing, err)
		}
		// The first process wakes up.
		if err := s.StoreLines(t.Context(), first.ID, line(2)); !errors.Is(err, store.ErrBatchLost) {
			t.Errorf("got %v", err)
		}
		for n := 1; n <= 2; n++ {
			if err := s.StoreLines(t.Context(), second.ID, line(n)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.StartBatch(t.Context(), second.ID); err != nil {
			t.Fatal(err)
		}
		if again, existing, err := s.BeginBatch(t.Context(), wanted); err != nil || !existing || again.ID != second.ID {
			t.Errorf("got %+v, %t, %v", again, existing, err)
		}
		if kept := must[[]string](t)(s.Column(`SELECT DISTINCT batch FROM batch_lines`)); len(kept) != 1 || kept[0] != second.ID {
			t.Errorf("lines of %v are kept", kept)
		}
		// What nobody takes up again goes, with its key.
		wanted.Idempotency = nil
		third, _, err := s.BeginBatch(t.Context(), wanted)
		if err != nil {
			t.Fatal(err)
		}
		c.advance(time.Hour)
		if n, err := s.DropUnfinishedBatches(t.Context(), time.Hour); err != nil || n != 0 {
			t.Errorf("removed %d, %v", n, err)
		}
		c.advance(2 * time.Minute)
		if n, err := s.DropUnfinishedBatches(t.Context(), time.Hour); err != nil || n != 1 {
			t.Errorf("removed %d, %v", n, err)
		}
		if keys := must[[]string](t)(s.Column(`SELECT reference FROM data_keys WHERE reference LIKE 'batch/%'`)); len(keys) != 1 || strings.HasSuffix(keys[0], third.ID) {
			t.Errorf("keys %v are kept", keys)
		}
	})
}

func TestALineIsClaimedOnceAndAtTheRateOfItsAccount(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		batch := batchOf(t, s, "a", "b", "a", "a")
		if due, err := s.DueAccounts(t.Context()); err != nil || strings.Join(due, ",") != "a,b" {
			t.Errorf("due %v, %v", due, err)
		}
		first := claimLine(t, s, "a", 1)
		if string(first.Document) != `{"secret":"hunter1"}` || first.Client != "shop" || first.Batch != batch.ID || first.Attempts != 1 || first.Bounds != "[]" {
			t.Errorf("got %+v", first)
		}
		if _, wait, err := s.ClaimLine(t.Context(), "a", time.Second); err != nil || wait != time.Second {
			t.Errorf("wait %s, %v", wait, err)
		}
		claimLine(t, s, "b", 2) // an account has a rate of its own
		c.advance(time.Second)
		claimLine(t, s, "a", 3)
		c.advance(time.Second)
		third := claimLine(t, s, "a", 4)
		c.advance(time.Second)
		claimLine(t, s, "a", 0) // each is held
		if err := s.LineTroubled(t.Context(), *third, "the store was away", 10*time.Second); err != nil {
			t.Fatal(err)
		}
		if counts, err := s.CountBatch(t.Context(), batch.ID); err != nil || counts.Troubled != 1 || counts.Lines[store.LineWaiting] != 4 {
			t.Errorf("counted %+v, %v", counts, err)
		}
		c.advance(11 * time.Second)
		if again := claimLine(t, s, "a", 4); again.Attempts != 2 {
			t.Errorf("got %+v", again)
		}
		// A process that was overtaken does not change the hold of the other one.
		if err := s.LineTroubled(t.Context(), *third, "late", -time.Hour); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Second)
		claimLine(t, s, "a", 0)
		c.advance(store.LineHold) // and one that died loses it
		if again := claimLine(t, s, "a", 1); again.Attempts != 2 {
			t.Errorf("got %+v", again)
		}
	})
}

func TestResultsAreFinalAndTheDocumentGoes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		batch := batchOf(t, s, "a", "a", "a")
		order := must[store.Accepted](t)(s.AcceptOrder(t.Context(), acceptance("", "d1.example", "{}")))
		if err := s.LinePlaced(t.Context(), batch.ID, 1, order.Number); err != nil {
			t.Fatal(err)
		}
		reasons := []store.LineReason{{Pointer: "/items/0/domain", Message: "is taken"}}
		for _, line := range []int{1, 2} { // the result of line 1 stays
			if err := s.LineRefused(t.Context(), batch.ID, line, reasons); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := linesOf(t, s, batch.ID), "1 placed "+order.Number+", 2 refused, 3 waiting"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if ended, err := s.FinishBatches(t.Context()); err != nil || len(ended) != 0 {
			t.Errorf("ended %v, %v", ended, err)
		}
		if kept := must[[]string](t)(s.Column(`SELECT CAST(line AS text) FROM batch_lines WHERE document <> ''`)); len(kept) != 1 || kept[0] != "3" {
			t.Errorf("documents of %v are kept", kept)
		}
		lines, err := s.BatchLines(t.Context(), batch.ID, store.LineRefused, 0, 10)
		if err != nil || len(lines) != 1 || len(lines[0].Reasons) != 1 || lines[0].Reasons[0] != reasons[0] || lines[0].SettledAt == nil {
			t.Errorf("got %+v, %v", lines, err)
		}
		if placed, err := s.BatchLines(t.Context(), batch.ID, "", 0, 1); err != nil || placed[0].Label != order.Number || placed[0].Shown != messages.Running {
			t.Errorf("got %+v, %v", placed, err)
		}
		if err := s.CloseUnit(t.Context(), order.Number, 0, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		if err := s.LinePlaced(t.Context(), batch.ID, 3, ""); err != nil {
			t.Fatal(err)
		}
		counts, err := s.CountBatch(t.Context(), batch.ID)
		if err != nil || !maps.Equal(counts.Lines, map[store.LineState]int{store.LinePlaced: 2, store.LineRefused: 1}) || counts.Orders[messages.Done] != 1 {
			t.Errorf("counted %+v, %v", counts, err)
		}
		if ended, err := s.FinishBatches(t.Context()); err != nil || len(ended) != 1 {
			t.Errorf("ended %v, %v", ended, err)
		}
		if keys := must[[]string](t)(s.Column(`SELECT reference FROM data_keys WHERE reference LIKE 'batch/%'`)); len(keys) != 0 {
			t.Errorf("keys %v are kept", keys)
		}
		if n, err := s.DropBatches(t.Context(), time.Hour, 10); err != nil || n != 0 {
			t.Errorf("removed %d, %v", n, err)
		}
		c.advance(2 * time.Hour)
		if n, err := s.DropBatches(t.Context(), time.Hour, 10); err != nil || n != 1 || linesOf(t, s, batch.ID) != "" {
			t.Errorf("removed %d, %v", n, err)
		}
	})
}

func TestAPausedBatchWaitsAndACancelledOneEnds(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		batch := batchOf(t, s, "a", "a", "a", "a")
		move := func(f func() (bool, error), want bool) {
			t.Helper()
			if moved, err := f(); err != nil || moved != want {
				t.Errorf("moved %t, %v", moved, err)
			}
		}
		pause := func() (bool, error) { return s.PauseBatch(t.Context(), batch.ID) }
		resume := func() (bool, error) { return s.ResumeBatch(t.Context(), batch.ID) }
		cancel := func() (bool, error) { return s.CancelBatch(t.Context(), batch.ID) }
		move(resume, false)
		move(pause, true)
		move(pause, false)
		claimLine(t, s, "a", 0)
		move(resume, true)
		for _, n := range []int{1, 2} {
			claimLine(t, s, "a", n)
			c.advance(time.Second)
		}
		// Line 1 has become an order, whose process died at that moment; that of line 2 stands still,
		// and places it later.
		keyed := func(line int) store.Acceptance {
			order := acceptance("", fmt.Sprintf("d%d.example", line), "{}")
			order.Client = "shop"
			order.Idempotency = &store.Idempotency{Client: "shop", Key: store.LineKey(batch.ID, line), Request: "digest", Line: &store.LineRef{Batch: batch.ID, Line: line}}
			return order
		}
		order := must[store.Accepted](t)(s.AcceptOrder(t.Context(), keyed(1)))
		again := must[store.Accepted](t)(s.AcceptOrder(t.Context(), keyed(1)))
		if !again.Existing || again.Number != order.Number {
			t.Errorf("placed again: %+v", again)
		}
		move(cancel, true)
		move(cancel, false)
		move(resume, false)
		if got, want := linesOf(t, s, batch.ID), "1 placed "+order.Number+", 2 cancelled, 3 cancelled, 4 cancelled"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if accepted, err := s.AcceptOrder(t.Context(), keyed(2)); !errors.Is(err, store.ErrLineSettled) {
			t.Errorf("a cancelled line became order %s, %v", accepted.Number, err)
		}
		if units, err := s.Units(t.Context(), store.UnitFilter{}); err != nil || len(units) != 1 {
			t.Errorf("%d units, %v", len(units), err)
		}
		if kept := must[[]string](t)(s.Column(`SELECT document FROM batch_lines WHERE document <> ''`)); len(kept) != 0 {
			t.Errorf("%d documents are kept", len(kept))
		}
	})
}

func TestBatchesAreListedByClientAndPage(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		var ids []string
		for range 3 {
			ids = append(ids, batchOf(t, s, "a").ID)
			c.advance(time.Minute)
		}
		page := must[[]store.Batch](t)(s.Batches(t.Context(), store.BatchFilter{Client: "shop", Limit: 2}))
		if len(page) != 2 || page[0].ID != ids[2] || page[1].ID != ids[1] {
			t.Fatalf("got %+v", page)
		}
		last := page[1]
		rest := must[[]store.Batch](t)(s.Batches(t.Context(), store.BatchFilter{After: &store.BatchCursor{CreatedAt: last.CreatedAt, ID: last.ID}}))
		if len(rest) != 1 || rest[0].ID != ids[0] {
			t.Errorf("got %+v", rest)
		}
		for _, filter := range []store.BatchFilter{{Client: "another"}, {ID: ids[0], Client: "another"}, {State: store.BatchPaused}} {
			if found := must[[]store.Batch](t)(s.Batches(t.Context(), filter)); len(found) != 0 {
				t.Errorf("%+v: got %+v", filter, found)
			}
		}
		if counts, err := s.CountBatchLines(t.Context()); err != nil || counts[store.LineWaiting] != 3 || counts[store.LinePlaced] != 0 {
			t.Errorf("counted %v, %v", counts, err)
		}
	})
}

// The lines that wait are sealed under a key that Reseal wraps anew, and can be opened after it.
func TestResealReachesTheLinesOfABatch(t *testing.T) {
	onBothURLs(t, func(t *testing.T, open func(ids ...string) *store.Store) {
		batchOf(t, open("k1"), "a")
		both := open("k2", "k1")
		if err := both.Reseal(t.Context(), func(store.Resealed) {}); err != nil {
			t.Fatal(err)
		}
		if line := claimLine(t, open("k2"), "a", 1); string(line.Document) != `{"secret":"hunter1"}` {
			t.Errorf("got %s", line.Document)
		}
	})
}

func TestTheNamesOfABatchAreLookedUpTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		order := acceptance("SO-1", "shop.example", "{}")
		order.Client = "shop"
		must[store.Accepted](t)(s.AcceptOrder(t.Context(), order))
		domains, numbers := []string{"shop.example"}, []string{"SO-1"}
		for n := range 700 {
			domains, numbers = append(domains, fmt.Sprintf("d%d.example", n)), append(numbers, fmt.Sprintf("N-%d", n))
		}
		for client, known := range map[string]int{"shop": 1, "another": 0} {
			open, taken, err := s.KnownNames(t.Context(), client, domains, numbers)
			if err != nil || len(open) != 1 || !open["shop.example"] || len(taken) != known {
				t.Errorf("%s: got %v, %v, %v", client, open, taken, err)
			}
		}
	})
}
