package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"domainprovisioning/store"
)

func TestEndedOperationsAreKeptInView(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		ended := func(since time.Time) []store.LedgerRow {
			rows, err := s.EndedRows(t.Context(), "netim-main", c.now().Sub(since))
			if err != nil {
				t.Fatal(err)
			}
			return rows
		}
		began := c.now()
		intend(t, s, key)
		learn(t, s, store.LedgerChange{State: store.Pending, Reference: "77"})
		if len(ended(began)) != 0 {
			t.Error("a pending one has ended")
		}
		learn(t, s, store.LedgerChange{State: store.Failed})
		if len(ended(began)) != 0 {
			t.Error("its order does not know yet, so it is among the open ones")
		}
		if err := s.MarkTold(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Hour)
		if rows := ended(began); len(rows) != 1 || rows[0].CheckedAt != nil {
			t.Fatalf("got %+v", rows)
		}
		if err := s.MarkChecked(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		if rows := ended(began); len(rows) != 1 || rows[0].CheckedAt == nil || !rows[0].CheckedAt.Equal(c.now()) {
			t.Errorf("got %+v", rows)
		}
		if len(ended(c.now())) != 0 {
			t.Error("one that ended before is listed")
		}
		// The registrar's support has restarted it: it is open again.
		if row := learn(t, s, store.LedgerChange{State: store.Pending}); row.FinishedAt != nil || row.ToldAt != nil {
			t.Errorf("got %+v", row)
		}
		if rows, err := s.OpenRows(t.Context(), "netim-main"); err != nil || len(rows) != 1 || len(ended(began)) != 0 {
			t.Errorf("got %+v, %v", rows, err)
		}
	})
}

func TestTheFirstGuardStays(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		for _, guard := range []string{"2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"} {
			with := intention(key)
			with.Guard = guard
			if row, _, err := s.Intend(t.Context(), with); err != nil || row.Guard != "2027-01-01T00:00:00Z" {
				t.Errorf("got %q, %v", row.Guard, err)
			}
		}
	})
}

func TestOperationsAreListedByWhatIsAskedFor(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		intend(t, s, key)
		learn(t, s, store.LedgerChange{State: store.Pending, Reference: "77"})
		c.advance(time.Minute)
		other := intention("B/0/renewal")
		other.Account, other.Kind, other.Domain = "another", "renewal", "other.example"
		if _, _, err := s.Intend(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Learn(t.Context(), other.Key, store.LedgerChange{State: store.Done, Reference: "78"}); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			filter store.LedgerFilter
			want   string
		}{
			"all":          {store.LedgerFilter{}, key + " " + other.Key},
			"open":         {store.LedgerFilter{Open: true}, key},
			"an account":   {store.LedgerFilter{Account: "another"}, other.Key},
			"a domain":     {store.LedgerFilter{Domain: "other.example"}, other.Key},
			"a reference":  {store.LedgerFilter{Reference: "77"}, key},
			"a key":        {store.LedgerFilter{Key: other.Key}, other.Key},
			"one":          {store.LedgerFilter{Limit: 1}, key},
			"nothing fits": {store.LedgerFilter{Account: "another", Reference: "77"}, ""},
		} {
			rows, err := s.LedgerRows(t.Context(), c.filter)
			got := ""
			for i, row := range rows {
				if i > 0 {
					got += " "
				}
				got += row.Key
			}
			if err != nil || got != c.want {
				t.Errorf("%s: got %q, %v, want %q", name, got, err, c.want)
			}
		}
	})
}

// TestOpenRowsComeInPages: all of them, the oldest first, and none that has changed since the
// first page was read.
func TestOpenRowsComeInPages(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		const rows = 2*store.OpenPage + 7
		intend := func(n int) {
			t.Helper()
			if _, _, err := s.Intend(t.Context(), store.Intention{Key: fmt.Sprint("k/", n), Account: "netim-main", Kind: "registration", Domain: "shop.example", WorkflowID: "w"}); err != nil {
				t.Fatal(err)
			}
		}
		intend(0)
		// Many were begun in the same moment.
		if err := s.Raw(fmt.Sprintf(`INSERT INTO registrar_operations (key, account, kind, domain, workflow_id, state, intended_at, updated_at)
			WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d)
			SELECT 'k/' || n, account, kind, domain, workflow_id, state, intended_at, updated_at FROM numbers, registrar_operations WHERE key = 'k/0'`, rows-1)); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Minute)
		page, err := s.OpenRows(t.Context(), "netim-main")
		if err != nil || len(page) != store.OpenPage {
			t.Fatalf("%d rows, %v", len(page), err)
		}
		began := page[0].ReadAt.Time
		seen := map[string]bool{}
		c.advance(time.Second)
		intend(rows)
		changed := ""
		for len(page) > 0 {
			for _, row := range page {
				if seen[row.Key] {
					t.Fatalf("%s comes twice", row.Key)
				}
				seen[row.Key] = true
			}
			if changed == "" { // one that has not come yet
				changed = "k/999"
				if seen[changed] {
					t.Fatalf("%s is on the first page", changed)
				}
				if _, err := s.Learn(t.Context(), changed, store.LedgerChange{State: store.Pending, Reference: "101"}); err != nil {
					t.Fatal(err)
				}
			}
			if page, err = s.OpenRowsAfter(t.Context(), "netim-main", page[len(page)-1], began); err != nil {
				t.Fatal(err)
			}
		}
		if len(seen) != rows-1 || seen[changed] || seen[fmt.Sprint("k/", rows)] {
			t.Errorf("%d of %d rows", len(seen), rows-1)
		}
	})
}

// TestQuietOperations: what was heard of within the time is not among them, whether it was learned
// or read in turn, nor is what has no reference, has ended, or is another account's.
func TestQuietOperations(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		row := func(key, account string, change store.LedgerChange) {
			t.Helper()
			with := intention(key)
			with.Account = account
			_, _, err := s.Intend(t.Context(), with)
			if err == nil && change.State != "" {
				_, err = s.Learn(t.Context(), key, change)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		quiet := func(most int, want ...string) {
			t.Helper()
			rows, err := s.QuietRows(t.Context(), "netim-main", time.Hour, most)
			var got []string
			for _, row := range rows {
				got = append(got, row.Key)
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
		}
		row("a", "netim-main", store.LedgerChange{State: store.Submitted, Reference: "1"})
		row("ended", "netim-main", store.LedgerChange{State: store.Done, Reference: "2"})
		row("lost", "netim-main", store.LedgerChange{State: store.Unknown})
		row("begun", "netim-main", store.LedgerChange{})
		row("other", "another", store.LedgerChange{State: store.Pending, Reference: "3"})
		c.advance(time.Minute)
		row("b", "netim-main", store.LedgerChange{State: store.Pending, Reference: "4"})
		row("c", "netim-main", store.LedgerChange{State: store.Pending, Reference: "5"})
		c.advance(time.Hour - time.Second)
		quiet(10, "a")
		c.advance(time.Second)
		quiet(10, "a", "b", "c")
		quiet(2, "a", "b")
		if err := s.MarkChecked(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		quiet(10, "b", "c")
		if _, err := s.Learn(t.Context(), "b", store.LedgerChange{State: store.Pending, Word: "Waiting"}); err != nil {
			t.Fatal(err)
		}
		quiet(10, "c")
		c.advance(time.Hour)
		quiet(10, "c", "a", "b")
		untold, err := s.UntoldRows(t.Context(), "netim-main")
		if err != nil || len(untold) != 1 || untold[0].Key != "ended" {
			t.Errorf("untold are %+v, %v", untold, err)
		}
		if err := s.MarkTold(t.Context(), "ended"); err != nil {
			t.Fatal(err)
		}
		if untold, err = s.UntoldRows(t.Context(), "netim-main"); err != nil || len(untold) != 0 {
			t.Errorf("untold are %+v, %v", untold, err)
		}
	})
}
