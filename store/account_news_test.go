package store_test

import (
	"fmt"
	"regexp"
	"sync"
	"testing"
	"time"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// warning is news about an account, of which a registrar reminds at each login.
func warning(event, matter string) store.Confirmation {
	return store.Confirmation{EventID: event, Source: messages.FromQueue, Account: "registry-main", Claim: "login/password", Matter: matter}
}

// takes stores news about an account, and returns the reference of its text.
func takes(t *testing.T, s *store.Store, news store.Confirmation, text string, want bool) string {
	t.Helper()
	quote, fresh, err := s.TakeAccountNews(t.Context(), news, text)
	if err != nil || fresh != want {
		t.Fatalf("%s: fresh %t, %v", news.EventID, fresh, err)
	}
	return quote
}

// News about an account is never on its way: no relay, an older one neither, claims it or ends it as
// something else. What comes again is noted, and nothing else changes.
func TestNewsAboutAnAccountIsStoredAsSuch(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		ctx := t.Context()
		quote := takes(t, s, warning("login/1", "access"), "it expires in 3 days", true)
		first := must[store.Confirmation](t)(s.Confirmation(ctx, "login/1"))
		if first.State != store.AccountNews || first.Matter != "access" || first.Quote != quote || quote == "" || first.HandledAt == nil || first.SeenAt == nil || !first.SeenAt.Equal(first.ReceivedAt) {
			t.Errorf("%+v", first)
		}
		if claimed := must[[]store.Confirmation](t)(s.ClaimConfirmations(ctx, "registry-main", 10)); len(claimed) != 0 {
			t.Errorf("a relay claims %+v", claimed)
		}
		if err := s.Handle(ctx, "login/1", store.Unmatched, ""); err != nil { // as an older version ends it
			t.Fatal(err)
		}
		c.advance(time.Hour)
		takes(t, s, warning("login/1", "access"), "it expires in 2 days", false)
		again := must[store.Confirmation](t)(s.Confirmation(ctx, "login/1"))
		if seen := again.SeenAt; seen == nil || !seen.Equal(first.SeenAt.Add(time.Hour)) {
			t.Errorf("seen at %v", seen)
		}
		again.SeenAt, first.HandledAt, again.HandledAt = first.SeenAt, nil, nil
		if again != first {
			t.Errorf("%+v became %+v", first, again)
		}
		if texts := must[[]string](t)(s.Column(`SELECT reference FROM quotes`)); len(texts) != 1 {
			t.Errorf("texts %q", texts)
		}
		// One that an older version took for news without an order, before the newer one read it again.
		must[bool](t)(s.Receive(ctx, warning("5", ""), 0))
		if err := s.Handle(ctx, "5", store.Unmatched, ""); err != nil {
			t.Fatal(err)
		}
		takes(t, s, warning("5", "funds"), "low", true)
		if row := must[store.Confirmation](t)(s.Confirmation(ctx, "5")); row.State != store.AccountNews || row.Matter != "funds" || row.Quote == "" {
			t.Errorf("%+v", row)
		}
	})
}

// A warning counts for as long as it is repeated, and for seven days after that, by its matter.
func TestNewsAboutAnAccountCountsWhileItIsRepeated(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		counts := func(want string) {
			t.Helper()
			if got := fmt.Sprint(must[[]store.AccountNewsCount](t)(s.CountAccountNews(t.Context()))); got != want {
				t.Errorf("counts %s, not %s", got, want)
			}
		}
		counts("[]")
		takes(t, s, warning("login/1", "access"), "", true)
		takes(t, s, warning("1", "funds"), "", true)
		takes(t, s, warning("2", "funds"), "", true)
		counts("[{registry-main access 1} {registry-main funds 2}]")
		for range 5 {
			c.advance(3 * 24 * time.Hour)
			takes(t, s, warning("login/1", "access"), "", false)
		}
		counts("[{registry-main access 1}]")
		c.advance(store.AccountNewsFor)
		counts("[{registry-main access 1}]")
		c.advance(time.Second)
		counts("[]")
	})
}

// PostgreSQL answers how much counts from an index too; that SQLite does is among all questions.
func TestCountingNewsAboutAccountsReadsAnIndex(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		if s.Raw(`SELECT pg_backend_pid()`) != nil {
			t.Skip("see TestNoQuestionReadsAWholeTable")
		}
		for _, statement := range []string{`INSERT INTO confirmations (event_id, source, account, domain, reference, claim, state, workflow_id, received_at, seen_at)
			SELECT 'e' || n, 'queue', 'registry-main', '', '', '', CASE WHEN n % 100 = 0 THEN 'account' ELSE 'unmatched' END, '', CURRENT_TIMESTAMP,
				CASE WHEN n % 100 = 0 THEN timestamp '2020-01-01' END FROM generate_series(1, 20000) n`, `ANALYZE confirmations`} {
			if err := s.Raw(statement); err != nil {
				t.Fatal(err)
			}
		}
		plan := fmt.Sprint(must[[]string](t)(s.Column(`EXPLAIN SELECT account, matter, COUNT(*) FROM confirmations
			WHERE seen_at >= (SELECT timestamp '2026-01-01') GROUP BY account, matter`)))
		if regexp.MustCompile(`Seq Scan`).MatchString(plan) || !regexp.MustCompile(`Index (Only )?Scan using confirmations_account_news|Bitmap Index Scan on confirmations_account_news`).MatchString(plan) {
			t.Errorf("it reads %s", plan)
		}
	})
}

// Of two processes that take the first news at once, each with its own wording, one keeps its text.
func TestTwoWhoTakeNewsAtOnceKeepOneText(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		for round := range 20 {
			event := fmt.Sprint("login/", round)
			var all sync.WaitGroup
			var fresh [2]bool
			for n := range fresh {
				all.Go(func() {
					var err error
					if _, fresh[n], err = s.TakeAccountNews(t.Context(), warning(event, "access"), fmt.Sprint("in ", n, " days")); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			row := must[store.Confirmation](t)(s.Confirmation(t.Context(), event))
			texts := must[[]string](t)(s.Column(`SELECT reference FROM quotes WHERE workflow_id = 'inbox/` + event + `'`))
			if fresh[0] == fresh[1] || len(texts) != 1 || texts[0] != row.Quote {
				t.Errorf("fresh %v, texts %q of %+v", fresh, texts, row)
			}
		}
	})
}

// A row of the inbox and its text end together: neither is kept without the other while it is still
// repeated, nor after its time.
func TestNewsAboutAnAccountEndsWithItsText(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		ctx := t.Context()
		left := func(when, rows, texts string) {
			t.Helper()
			events := must[[]string](t)(s.Column(`SELECT event_id FROM confirmations ORDER BY 1`))
			kept := must[[]string](t)(s.Column(`SELECT workflow_id FROM quotes ORDER BY 1`))
			if got := fmt.Sprint(events, kept); got != fmt.Sprintf("[%s] [%s]", rows, texts) {
				t.Errorf("%s: left %s", when, got)
			}
		}
		quote := takes(t, s, warning("standing", "access"), "it expires", true)
		takes(t, s, warning("once", "funds"), "low", true)
		must[string](t)(s.KeepQuote(ctx, "watch/registry-main", "busy"))
		c.advance(store.QuotesKept - time.Hour)
		takes(t, s, warning("standing", "access"), "it expires", false)
		c.advance(2 * time.Hour)
		if _, err := s.DropQuotes(ctx, 100); err != nil {
			t.Fatal(err)
		}
		left("after the age of texts", "once standing", "inbox/standing")
		if text, err := s.Quote(ctx, quote, ""); err != nil || text != "it expires" {
			t.Errorf("%q, %v", text, err)
		}
		if n, err := s.DropConfirmations(ctx, 100*24*time.Hour, 10); n != 1 || err != nil {
			t.Errorf("dropped %d, %v", n, err)
		}
		left("after the age of the inbox", "standing", "inbox/standing")
		takes(t, s, warning("later", "other"), "", true)
		c.advance(101 * 24 * time.Hour)
		if n, err := s.DropConfirmations(ctx, 100*24*time.Hour, 1); n != 1 || err != nil {
			t.Errorf("dropped %d, %v", n, err)
		}
		left("no longer repeated", "later", "")
		if again := takes(t, s, warning("standing", "access"), "it expires", true); again != quote {
			t.Errorf("the same text is %s and %s", quote, again)
		}
		left("said anew", "later standing", "inbox/standing")
		// Not said for as long as texts are kept.
		c.advance(store.QuotesKept + time.Hour)
		if _, err := s.DropQuotes(ctx, 100); err != nil {
			t.Fatal(err)
		}
		left("long silent", "later standing", "")
	})
}
