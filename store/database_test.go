package store_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/store"
)

// TestADeadlineIsToldAsSuch: a database that was interrupted says so in its own words.
func TestADeadlineIsToldAsSuch(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		// Long enough for the statement to begin: PostgreSQL forgets what it is told before.
		const begun = 300 * time.Millisecond
		for name, inTransaction := range map[string]bool{"a statement": false, "a transaction": true} {
			ctx, cancel := context.WithTimeout(t.Context(), begun)
			if err := s.Endless(ctx, inTransaction); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s past its deadline: %v", name, err)
			}
			cancel()
			ctx, cancel = context.WithCancel(t.Context())
			time.AfterFunc(begun, cancel)
			if err := s.Endless(ctx, inTransaction); !errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s whose caller left: %v", name, err)
			}
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// TestAnOrderThatGetsNoTurnLeavesNothing: the caller has gone, or gives up.
func TestAnOrderThatGetsNoTurnLeavesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		done, err := s.TakeOrder(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if _, err := s.AcceptOrder(short, acceptance("", "shop.example", "a")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("past its deadline: %v", err)
		}
		if units, err := s.Units(t.Context(), store.UnitFilter{}); err != nil || len(units) != 0 {
			t.Errorf("it has left %+v, %v", units, err)
		}
		done()
		// A turn ends with its order, whether that is accepted, refused or known.
		for _, domain := range []string{"shop.example", "shop.example", "other.example"} {
			if _, err := s.AcceptOrder(t.Context(), acceptance("A-"+domain[:1], domain, domain)); err != nil {
				t.Errorf("%s: %v", domain, err)
			}
		}
		if _, err := s.AcceptOrder(t.Context(), acceptance("A-s", "third.example", "b")); err == nil {
			t.Error("a number is accepted twice")
		}
		if units, err := s.Units(t.Context(), store.UnitFilter{}); err != nil || len(units) != 2 {
			t.Errorf("%d units, %v", len(units), err)
		}
		done, err = s.TakeOrder(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		done()
	})
}

// TestATransactionIsLimited: whoever vanishes in a transaction blocks others for a minute, and a
// wait for a lock ends, also behind a pooler.
func TestATransactionIsLimited(t *testing.T) {
	for name, address := range map[string]string{"directly": postgrestest.URL(t), "through PgBouncer": postgrestest.PooledURL(t)} {
		inside, after, err := open(t, address, nil).Limits(t.Context())
		if err != nil || inside != "20s 1min" || after != "0 0" {
			t.Errorf("%s: %q in a transaction, %q after it, %v", name, inside, after, err)
		}
	}
}

// TestAMigrationWaitsForNoLockWithoutEnd: whoever came after it would wait behind it.
func TestAMigrationWaitsForNoLockWithoutEnd(t *testing.T) {
	for name, address := range map[string]string{"directly": postgrestest.URL(t), "through PgBouncer": postgrestest.PooledURL(t)} {
		s := open(t, address+"&lock_timeout=200ms", nil)
		if err := s.TakeBack(t.Context(), 15); err != nil {
			t.Fatal(err)
		}
		other, err := sql.Open("postgres", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = other.Close() })
		reader, err := other.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := reader.ExecContext(t.Context(), `LOCK TABLE idempotency_keys IN ACCESS SHARE MODE`); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), "lock timeout") {
			t.Errorf("%s: %v", name, err)
		}
		if err := reader.Rollback(); err != nil {
			t.Fatal(err)
		}
		if names, err := s.Migrate(t.Context()); err != nil || len(names) == 0 || names[0] != "00017_answers.sql" {
			t.Errorf("%s: once the table is free: %v, %v", name, names, err)
		}
	}
}

func TestTheLimitsOfATransactionStandInTheURL(t *testing.T) {
	inside, _, err := open(t, postgrestest.URL(t)+"&lock_timeout=1500ms&idle_in_transaction_session_timeout=5min", nil).Limits(t.Context())
	if err != nil || inside != "1500ms 5min" {
		t.Errorf("%q, %v", inside, err)
	}
	for _, value := range []string{"", "soon", "1s' --"} {
		_, err := store.Open(t.Context(), store.Options{
			URL: "postgres://user@host/name?lock_timeout=" + url.QueryEscape(value), Sealer: sealer(t, "k1"), Ranges: store.DefaultRanges(),
		})
		if err == nil || !strings.Contains(err.Error(), "lock_timeout in the database URL must be") || value != "" && strings.Contains(err.Error(), value) {
			t.Errorf("lock_timeout=%s: %v", value, err)
		}
	}
}

// TestASettingThatAPoolerRefusesIsNamed: what the URL sets for a connection, a pooler cannot keep.
func TestASettingThatAPoolerRefusesIsNamed(t *testing.T) {
	_, err := store.Open(t.Context(), store.Options{
		URL: postgrestest.PooledURL(t) + "&statement_timeout=5s", Sealer: sealer(t, "k1"), Ranges: store.DefaultRanges(),
	})
	if err == nil || !strings.Contains(err.Error(), "statement_timeout") || !strings.Contains(err.Error(), "database.url") {
		t.Errorf("%v", err)
	}
}
