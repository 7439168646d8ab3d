package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/store"
	"domainprovisioning/vault"
)

// clock is a time that tests set by hand.
type clock struct {
	mu   sync.Mutex
	at   time.Time
	step time.Duration // how much later each reading is than the one before
}

func newClock() *clock { return &clock{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(c.step)
	// A zone other than UTC shows whether the store keeps its promise.
	return c.at.In(time.FixedZone("elsewhere", 5*3600))
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

func sealer(t testing.TB, ids ...string) *vault.Sealer {
	t.Helper()
	s, err := newSealer(ids...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newSealer(ids ...string) (*vault.Sealer, error) {
	keys := make([]vault.Key, len(ids))
	for i, id := range ids {
		material := make([]byte, vault.KeyBytes)
		copy(material, id)
		keys[i] = vault.Key{ID: id, Material: material}
	}
	return vault.NewSealer(keys)
}

// open opens a migrated database, with the tests' clock or with its own.
func open(t testing.TB, url string, c *clock) *store.Store {
	t.Helper()
	options := store.Options{URL: url, Sealer: sealer(t, "k1"), Ranges: store.DefaultRanges()}
	if c != nil {
		options.Now = c.now
	}
	s, err := store.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// migrated is a database with all migrations, and the keys that open would make in it.
var migrated = postgrestest.Template{Prepare: func(url string) error {
	s, err := newSealer("k1")
	if err != nil {
		return err
	}
	opened, err := store.Open(context.Background(), store.Options{URL: url, Sealer: s, Ranges: store.DefaultRanges()})
	if err != nil {
		return err
	}
	_, err = opened.Migrate(context.Background())
	return errors.Join(err, opened.Close())
}}

// onBoth runs a test on a fresh SQLite file and on a fresh PostgreSQL database, which it reaches
// directly and through PgBouncer.
func onBoth(t *testing.T, test func(t *testing.T, s *store.Store, c *clock)) {
	t.Helper()
	for name, url := range map[string]func(t *testing.T) string{
		"sqlite":    func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "store.db") },
		"postgres":  func(t *testing.T) string { return migrated.URL(t) },
		"pgbouncer": func(t *testing.T) string { return postgrestest.Pooled(t, migrated.URL(t)) },
	} {
		if name == "pgbouncer" && testing.Short() {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			test(t, open(t, url(t), c), c)
		})
	}
}

func acceptance(number, domain, document string) store.Acceptance {
	return store.Acceptance{
		Number: number, Fingerprint: "fp/" + document, Source: "json", Document: []byte(document),
		IDs: []store.IDRequest{
			{Kind: store.UserID, Item: -1, Name: "member"}, {Kind: store.AccountID, Item: -1},
			{Kind: store.DomainSubscriptionID, Item: 0}, {Kind: store.DomainID, Item: 0},
		},
		Units: []store.NewUnit{{
			Item: 0, Domain: domain, Registrar: "netim-main",
			Start: func(number string, ids map[store.IDRequest]int) (string, []byte, error) {
				return "domain-provisioning/" + domain,
					fmt.Appendf(nil, "%s account=%d", number, ids[store.IDRequest{Kind: store.AccountID, Item: -1}]), nil
			},
		}},
	}
}

func TestAcceptedOrderIsKeptWithItsIDs(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		first, err := s.AcceptOrder(t.Context(), acceptance("", "shop.example", `{"secret":"hunter2"}`))
		if err != nil {
			t.Fatal(err)
		}
		if first.Number != "DP00000001" || first.Existing || len(first.Units) != 1 {
			t.Fatalf("got %+v", first)
		}
		row := first.Units[0]
		if row.Plan != "DP00000001 account=1048576" || row.State != store.UnitOpen || row.WorkflowID != "domain-provisioning/shop.example" {
			t.Errorf("got %+v", row)
		}
		document, err := s.OrderDocument(t.Context(), first.Number)
		if err != nil || string(document) != `{"secret":"hunter2"}` {
			t.Errorf("the document came back as %q, %v", document, err)
		}
		second, err := s.AcceptOrder(t.Context(), acceptance("", "other.example", `{}`))
		if err != nil || second.Number != "DP00000002" || second.Units[0].Plan != "DP00000002 account=1048577" {
			t.Errorf("got %+v, %v", second, err)
		}
		rows, err := s.Units(t.Context(), store.UnitFilter{Domain: "shop.example"})
		if err != nil || len(rows) != 1 || !rows[0].CreatedAt.Equal(c.now()) || rows[0].CreatedAt.Location() != time.UTC {
			t.Errorf("got %+v, %v", rows, err)
		}
		if _, err := s.OrderDocument(t.Context(), "nowhere"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

// TestSeveralIDsOfAKindFollowOneAnother: equal requests of an order share an id, and two
// orders never do.
func TestSeveralIDsOfAKindFollowOneAnother(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		member := store.IDRequest{Kind: store.UserID, Item: -1, Name: "member"}
		contact := store.IDRequest{Kind: store.UserID, Item: -1, Name: "contact/900"}
		account := store.IDRequest{Kind: store.AccountID, Item: -1}
		first := map[string]map[store.IDRequest]int{}
		for _, number := range []string{"SO-1", "SO-2"} {
			order := acceptance(number, strings.ToLower(number)+".example", number)
			order.IDs = []store.IDRequest{member, account, contact, account}
			order.Units[0].Start = func(number string, ids map[store.IDRequest]int) (string, []byte, error) {
				first[number] = ids
				return number, nil, nil
			}
			if _, err := s.AcceptOrder(t.Context(), order); err != nil {
				t.Fatal(err)
			}
		}
		const start = 1048576
		for number, want := range map[string]map[store.IDRequest]int{
			"SO-1": {account: start, member: start, contact: start + 1},
			"SO-2": {account: start + 1, member: start + 2, contact: start + 3},
		} {
			if got := first[number]; !maps.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", number, got, want)
			}
		}
	})
}

func TestSameOrderTwiceIsOneOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		for name, number := range map[string]string{"numbered": "A-1", "unnumbered": ""} {
			domain := name + ".example"
			first, err := s.AcceptOrder(t.Context(), acceptance(number, domain, name))
			if err != nil {
				t.Fatal(err)
			}
			again, err := s.AcceptOrder(t.Context(), acceptance(number, domain, name))
			if err != nil || !again.Existing || again.Number != first.Number || again.Units[0].Plan != first.Units[0].Plan {
				t.Errorf("%s: got %+v, %v", name, again, err)
			}
			rows, err := s.Units(t.Context(), store.UnitFilter{Domain: domain})
			if err != nil || len(rows) != 1 {
				t.Errorf("%s: %d rows, %v", name, len(rows), err)
			}
		}
	})
}

func TestOneOpenOrderADomain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		first, err := s.AcceptOrder(t.Context(), acceptance("", "shop.example", "one"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.AcceptOrder(t.Context(), acceptance("", "shop.example", "two"))
		refused, ok := errors.AsType[*store.DomainOpenError](err)
		if !ok || refused.OrderNumber != first.Number || !strings.Contains(err.Error(), "shop.example") {
			t.Fatalf("got %v", err)
		}
		if err := s.CloseUnit(t.Context(), first.Number, 0, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		// Closing again, even with another state, changes nothing.
		if err := s.CloseUnit(t.Context(), first.Number, 0, store.UnitFailed, ""); err != nil {
			t.Fatal(err)
		}
		second, err := s.AcceptOrder(t.Context(), acceptance("", "shop.example", "two"))
		if err != nil || second.Number == first.Number {
			t.Errorf("got %+v, %v", second, err)
		}
		rows, err := s.Units(t.Context(), store.UnitFilter{Domain: "shop.example"})
		if err != nil || len(rows) != 2 || rows[1].State != store.UnitDone || rows[1].ClosedAt == nil {
			t.Errorf("got %+v, %v", rows, err)
		}
		open, err := s.Units(t.Context(), store.UnitFilter{State: store.UnitOpen, Registrar: "netim-main", OrderNumber: second.Number})
		if err != nil || len(open) != 1 {
			t.Errorf("got %+v, %v", open, err)
		}
	})
}

func TestNumberOfAnotherOrderIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		if _, err := s.AcceptOrder(t.Context(), acceptance("A-1", "shop.example", "one")); err != nil {
			t.Fatal(err)
		}
		_, err := s.AcceptOrder(t.Context(), acceptance("A-1", "other.example", "two"))
		if _, ok := errors.AsType[*store.NumberTakenError](err); !ok || !strings.Contains(err.Error(), "A-1") {
			t.Errorf("got %v", err)
		}
	})
}

// TestWhatIsNotTakenOnDrawsNothing: orders that are not accepted leave no gaps in order
// numbers and ids.
func TestWhatIsNotTakenOnDrawsNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		if _, err := s.AcceptOrder(t.Context(), acceptance("", "shop.example", "one")); err != nil {
			t.Fatal(err)
		}
		if again, err := s.AcceptOrder(t.Context(), acceptance("", "shop.example", "one")); err != nil || !again.Existing {
			t.Errorf("the repeat: %+v, %v", again, err)
		}
		for what, refused := range map[string]store.Acceptance{
			"a name in an open order": acceptance("", "shop.example", "two"),
			"a number that is taken":  acceptance("DP00000001", "third.example", "three"),
		} {
			if _, err := s.AcceptOrder(t.Context(), refused); err == nil {
				t.Errorf("%s is accepted", what)
			}
		}
		next, err := s.AcceptOrder(t.Context(), acceptance("", "next.example", "four"))
		if err != nil || next.Number != "DP00000002" || next.Units[0].Plan != "DP00000002 account=1048577" {
			t.Errorf("the next order: %+v, %v", next, err)
		}
	})
}

func TestManyClicksAtOnceAreOneOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		const clicks = 20
		numbers := make(chan string, clicks)
		var group sync.WaitGroup
		for range clicks {
			group.Go(func() {
				accepted, err := s.AcceptOrder(t.Context(), acceptance("", "shop.example", "one"))
				if err != nil {
					t.Error(err)
				}
				numbers <- accepted.Number
			})
		}
		group.Wait()
		close(numbers)
		seen := map[string]bool{}
		for number := range numbers {
			seen[number] = true
		}
		rows, err := s.Units(t.Context(), store.UnitFilter{})
		if err != nil || len(rows) != 1 || len(seen) != 1 {
			t.Errorf("%d orders, numbers %v, %v", len(rows), seen, err)
		}
	})
}

func TestUsedUpRangeIsNamed(t *testing.T) {
	ranges := store.DefaultRanges()
	ranges.Domain = store.Range{First: 7, Last: 7}
	s, err := store.Open(t.Context(), store.Options{
		URL: "sqlite:" + filepath.Join(t.TempDir(), "store.db"), Sealer: sealer(t, "k1"), Ranges: ranges,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AcceptOrder(t.Context(), acceptance("", "a.example", "a")); err != nil {
		t.Fatal(err)
	}
	_, err = s.AcceptOrder(t.Context(), acceptance("", "b.example", "b"))
	if err == nil || !strings.Contains(err.Error(), "range domain is used up at 7") {
		t.Errorf("got %v", err)
	}
	rows, err := s.Units(t.Context(), store.UnitFilter{})
	if err != nil || len(rows) != 1 {
		t.Errorf("a refused order left something behind: %+v, %v", rows, err)
	}
}

func TestRefusalsAreCounted(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		for range 2 {
			if err := s.RecordRefusal(t.Context(), "json", []string{"item 0: DomainID is missing"}); err != nil {
				t.Fatal(err)
			}
		}
		if count, err := s.Refusals(t.Context()); err != nil || count != 2 {
			t.Errorf("got %d, %v", count, err)
		}
	})
}

func TestSecretIsKeptSealedAndTheFirstOneWins(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		for range 2 {
			kept, err := s.KeepSecret(t.Context(), "order/1/password", domains.NewSecret("first"))
			if err != nil || kept.Reveal() != "first" {
				t.Fatalf("got %v", err)
			}
		}
		kept, err := s.KeepSecret(t.Context(), "order/1/password", domains.NewSecret("second"))
		if err != nil || kept.Reveal() != "first" {
			t.Errorf("the second one won: %v", err)
		}
		if _, err := s.Secret(t.Context(), "nowhere"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestConfirmationIsReceivedOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		event := store.Confirmation{EventID: "e1", Source: "callback", Account: "netim-main", Domain: "shop.example", Claim: "done"}
		for i, want := range []bool{true, false} {
			fresh, err := s.Receive(t.Context(), event, 0)
			if err != nil || fresh != want {
				t.Errorf("delivery %d: fresh %v, %v", i, fresh, err)
			}
		}
		c.advance(time.Minute)
		if err := s.Handle(t.Context(), "e1", store.Delivered, "w"); err != nil {
			t.Fatal(err)
		}
		rows, err := s.Confirmations(t.Context(), store.ConfirmationFilter{Domain: "shop.example"})
		if err != nil || len(rows) != 1 || rows[0].State != store.Delivered || rows[0].HandledAt.Sub(rows[0].ReceivedAt) != time.Minute {
			t.Errorf("got %+v, %v", rows, err)
		}
	})
}

func TestSchemaIsCheckedAndMigratedOnce(t *testing.T) {
	for name, url := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "store.db") },
		"postgres": func(t *testing.T) string { return postgrestest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), store.Options{URL: url(t), Sealer: sealer(t, "k1"), Ranges: store.DefaultRanges()})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.CheckSchema(t.Context()); err == nil || !strings.Contains(err.Error(), "starter migrate") {
				t.Errorf("an empty database passes: %v", err)
			}
			applied, err := s.Migrate(t.Context())
			if err != nil || len(applied) == 0 {
				t.Errorf("applied %v, %v", applied, err)
			}
			applied, err = s.Migrate(t.Context())
			if err != nil || len(applied) != 0 {
				t.Errorf("applied again %v, %v", applied, err)
			}
			if err := s.CheckSchema(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOpenNamesWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		options store.Options
		want    string
	}{
		"no sealer":        {store.Options{URL: "sqlite:x"}, "sealer"},
		"no scheme":        {store.Options{URL: "mysql://u:hunter2@h/d", Sealer: sealer(t, "k"), Ranges: store.DefaultRanges()}, "sqlite: or postgres://"},
		"no path":          {store.Options{URL: "sqlite:", Sealer: sealer(t, "k"), Ranges: store.DefaultRanges()}, "sqlite:PATH"},
		"unparsable":       {store.Options{URL: "postgres://u:hunter2@h:port/d", Sealer: sealer(t, "k"), Ranges: store.DefaultRanges()}, "cannot be parsed"},
		"range upsidedown": {store.Options{URL: "sqlite:x", Sealer: sealer(t, "k")}, "range"},
		"nobody listens":   {store.Options{URL: "postgres://u:hunter2@127.0.0.1:1/d?sslmode=disable", Sealer: sealer(t, "k"), Ranges: store.DefaultRanges()}, "cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := store.Open(context.Background(), c.options)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the password is in %v", err)
			}
		})
	}
}
