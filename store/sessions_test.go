package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/store"
)

const (
	sessionPool = "netim/1"
	sessionText = "0123456789abcdef0123456789abcdef"
)

// terms are the terms of a lease that does not expire while a test runs.
func terms() store.SessionTerms {
	return store.SessionTerms{Lease: time.Hour, Idle: time.Hour, Most: 3}
}

// lapsed are the terms of a lease that expires at once.
func lapsed() store.SessionTerms {
	t := terms()
	t.Lease = 0
	return t
}

func further(t store.SessionTerms) store.SessionTerms {
	t.Further = true
	return t
}

// twice opens two stores on one database, as two processes do, and a raw connection to
// inspect it.
func twice(t *testing.T, test func(t *testing.T, first, second *store.Store, raw *sql.DB)) {
	t.Helper()
	for name, c := range map[string]struct {
		driver string
		url    func(*testing.T) string
	}{
		"sqlite":   {"sqlite", func(t *testing.T) string { return filepath.Join(t.TempDir(), "store.db") }},
		"postgres": {"postgres", func(t *testing.T) string { return postgrestest.URL(t) }},
	} {
		t.Run(name, func(t *testing.T) {
			address := c.url(t)
			url := address
			if name == "sqlite" {
				url = "sqlite:" + address
			}
			first, second := open(t, url, nil), open(t, url, nil)
			raw, err := sql.Open(c.driver, address)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = raw.Close() })
			test(t, first, second, raw)
		})
	}
}

func lease(t *testing.T, p *store.Sessions, terms store.SessionTerms) store.Session {
	t.Helper()
	session, err := p.Lease(t.Context(), terms)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// opened leases a session that is to be opened, and keeps an id for it.
func opened(t *testing.T, p *store.Sessions, terms store.SessionTerms, id string) store.Session {
	t.Helper()
	session := lease(t, p, terms)
	if !session.ID.IsZero() {
		t.Fatalf("session %d is open already", session.Number)
	}
	session.ID = domains.NewSecret(id)
	if err := p.Keep(t.Context(), session, terms.Lease); err != nil {
		t.Fatal(err)
	}
	return session
}

func taken(t *testing.T, p *store.Sessions, terms store.SessionTerms) {
	t.Helper()
	if session, err := p.Lease(t.Context(), terms); !errors.Is(err, store.ErrSessionsTaken) {
		t.Errorf("leased session %d, %v", session.Number, err)
	}
}

func TestASessionIsHandedOn(t *testing.T) {
	twice(t, func(t *testing.T, first, second *store.Store, raw *sql.DB) {
		a, b := first.Sessions(sessionPool, "a", "host"), second.Sessions(sessionPool, "b", "host")
		session := opened(t, a, terms(), sessionText)
		taken(t, b, terms())
		if err := a.Renew(t.Context(), session, time.Hour); err != nil {
			t.Error(err)
		}
		if err := a.Release(t.Context(), session); err != nil {
			t.Error(err)
		}
		got := lease(t, b, terms())
		if got.Number != session.Number || got.ID.Reveal() != sessionText {
			t.Errorf("got session %d, %d characters", got.Number, len(got.ID.Reveal()))
		}
		taken(t, a, terms())
		// A process that has released it can no longer use it.
		lost(t, a, session)
		if err := b.Renew(t.Context(), got, time.Hour); err != nil {
			t.Error(err)
		}
		// Other accounts have sessions of their own.
		other := lease(t, second.Sessions("netim/2", "b", "host"), terms())
		if !other.ID.IsZero() || other.Open != 1 {
			t.Errorf("%d open", other.Open)
		}
		// Nothing stored shows the id.
		rows, err := raw.QueryContext(t.Context(), `SELECT pool, number, sealed, holder, host, leased_until FROM registrar_sessions`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		n := 0
		for ; rows.Next(); n++ {
			var columns [6]sql.NullString
			if err := rows.Scan(&columns[0], &columns[1], &columns[2], &columns[3], &columns[4], &columns[5]); err != nil {
				t.Fatal(err)
			}
			for _, column := range columns {
				if strings.Contains(column.String, sessionText) {
					t.Errorf("the id stands in the row: %v", columns)
				}
			}
			if columns[0].String == sessionPool && !strings.HasPrefix(columns[2].String, "k1:") {
				t.Errorf("the session is not sealed: %v", columns)
			}
		}
		if err := rows.Err(); err != nil || n != 2 {
			t.Errorf("%d rows, %v", n, err)
		}
	})
}

func lost(t *testing.T, p *store.Sessions, session store.Session) {
	t.Helper()
	for what, err := range map[string]error{
		"keep": p.Keep(t.Context(), session, time.Hour), "renew": p.Renew(t.Context(), session, time.Hour),
		"release": p.Release(t.Context(), session), "forget": p.Forget(t.Context(), session),
	} {
		if !errors.Is(err, store.ErrSessionLost) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestALapsedLeaseIsTakenOver by the database's clock; until then, its holder may renew it.
func TestALapsedLeaseIsTakenOver(t *testing.T) {
	twice(t, func(t *testing.T, first, second *store.Store, _ *sql.DB) {
		a, b := first.Sessions(sessionPool, "a", "host"), second.Sessions(sessionPool, "b", "host")
		session := opened(t, a, lapsed(), sessionText)
		if err := a.Renew(t.Context(), session, time.Hour); err != nil {
			t.Error(err)
		}
		// The second process is a day ahead, the first one behind.
		taken(t, b, terms())
		if err := a.Renew(t.Context(), session, 0); err != nil {
			t.Error(err)
		}
		if got := lease(t, b, terms()); got.Number != session.Number || got.ID.Reveal() != sessionText {
			t.Errorf("got session %d", got.Number)
		}
		lost(t, a, session)
	})
}

// TestALeaseThatExpiresWhileWeLook is taken over, or not yet; it is never overlooked, which
// would open a further session. Each reading of the clock is a millisecond after the one before.
func TestALeaseThatExpiresWhileWeLook(t *testing.T) {
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "store.db") },
		"postgres": func(t *testing.T) string { return postgrestest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			c.step = time.Millisecond
			s := open(t, url(t), c)
			outcomes := map[bool]int{}
			for readings := range 24 {
				pool := fmt.Sprintf("netim/%d", readings)
				a, b := s.Sessions(pool, "a", "host"), s.Sessions(pool, "b", "host")
				session := opened(t, a, terms(), sessionText)
				if err := a.Renew(t.Context(), session, time.Duration(readings)*time.Millisecond); err != nil {
					t.Fatal(err)
				}
				got, err := b.Lease(t.Context(), terms())
				if err != nil && !errors.Is(err, store.ErrSessionsTaken) || err == nil && got.Number != session.Number {
					t.Errorf("after %d readings: leased session %d, not %d, %v", readings, got.Number, session.Number, err)
				}
				outcomes[err == nil]++
			}
			if outcomes[true] == 0 || outcomes[false] == 0 {
				t.Errorf("no lease expired while it was looked at: %v", outcomes)
			}
		})
	}
}

// TestSessionsAreBounded counts sessions that killed processes may have opened, but not
// sessions that have ended by themselves.
func TestSessionsAreBounded(t *testing.T) {
	twice(t, func(t *testing.T, first, second *store.Store, _ *sql.DB) {
		a, b := first.Sessions(sessionPool, "a", "host"), second.Sessions(sessionPool, "b", "host")
		// Its process was killed before the id was known: nobody can use it, and a new one may be
		// opened.
		stray := lease(t, a, lapsed())
		one := opened(t, b, terms(), "one")
		taken(t, a, terms())
		two := lease(t, a, further(terms()))
		if !two.ID.IsZero() || two.Open != 3 {
			t.Errorf("%d are open", two.Open)
		}
		taken(t, a, further(terms()))
		// One that was not opened is not counted, and numbers are never used again.
		if err := a.Forget(t.Context(), two); err != nil {
			t.Error(err)
		}
		three := opened(t, a, further(terms()), "three")
		if three.Number <= two.Number {
			t.Errorf("number %d after %d", three.Number, two.Number)
		}
		taken(t, b, further(terms()))
		// A session that nobody has used for the idle time has ended.
		ended := further(terms())
		ended.Idle = 0
		if got := lease(t, b, ended); !got.ID.IsZero() || got.Number <= three.Number || got.Open != 3 {
			t.Errorf("got session %d of %d", got.Number, got.Open)
		}
		lost(t, a, stray)
		// The last used session comes first.
		for _, s := range []struct {
			by      *store.Sessions
			session store.Session
		}{{a, three}, {b, one}} {
			if err := s.by.Renew(t.Context(), s.session, -time.Minute); err != nil {
				t.Error(err)
			}
		}
		if err := a.Renew(t.Context(), three, -time.Second); err != nil {
			t.Error(err)
		}
		if got := lease(t, a, terms()); got.Number != three.Number {
			t.Errorf("got session %d, want %d", got.Number, three.Number)
		}
	})
}

// TestASessionThatEndedIsReplaced where it stood, by its holder.
func TestASessionThatEndedIsReplaced(t *testing.T) {
	twice(t, func(t *testing.T, first, second *store.Store, _ *sql.DB) {
		a, b := first.Sessions(sessionPool, "a", "host"), second.Sessions(sessionPool, "b", "host")
		session := opened(t, a, lapsed(), "old")
		session.ID = domains.Secret{}
		if err := a.Keep(t.Context(), session, 0); err != nil {
			t.Error(err)
		}
		// While it is being opened, nobody takes it, even after its lease has expired.
		if got := lease(t, b, terms()); got.Number == session.Number {
			t.Error("a session was taken over that is being opened")
		}
		session.ID = domains.NewSecret("new")
		if err := a.Keep(t.Context(), session, 0); err != nil {
			t.Error(err)
		}
		if got := lease(t, b, terms()); got.Number != session.Number || got.ID.Reveal() != "new" {
			t.Errorf("got session %d", got.Number)
		}
	})
}

// TestEachSessionHasOneHolder: many processes on two stores ask at the same time, first for
// sessions that must be opened, and then repeatedly for free ones.
func TestEachSessionHasOneHolder(t *testing.T) {
	twice(t, func(t *testing.T, first, second *store.Store, _ *sql.DB) {
		const most = 5
		bounds := further(terms())
		bounds.Most = most
		for round := range 10 {
			var lock sync.Mutex
			held := map[int64][]*store.Sessions{}
			var processes sync.WaitGroup
			for n := range 12 {
				s := first
				if n%2 == 1 {
					s = second
				}
				processes.Go(func() {
					p := s.Sessions(sessionPool, string(rune('a'+n)), "host")
					session, err := p.Lease(t.Context(), bounds)
					if errors.Is(err, store.ErrSessionsTaken) {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
					if session.ID.IsZero() {
						session.ID = domains.NewSecret(sessionText)
						if err := p.Keep(t.Context(), session, time.Hour); err != nil {
							t.Error(err)
						}
					}
					lock.Lock()
					defer lock.Unlock()
					held[session.Number] = append(held[session.Number], p)
				})
			}
			processes.Wait()
			if len(held) != most {
				t.Errorf("round %d: %d sessions are held", round, len(held))
			}
			for number, holders := range held {
				if len(holders) != 1 {
					t.Errorf("round %d: session %d has %d holders", round, number, len(holders))
				}
				if err := holders[0].Release(t.Context(), store.Session{Number: number}); err != nil && len(holders) == 1 {
					t.Errorf("round %d: %v", round, err)
				}
			}
		}
	})
}

// TestASessionUnderALostKeyIsOpenedAnew and holds nobody up.
func TestASessionUnderALostKeyIsOpenedAnew(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "store.db")
	session := opened(t, open(t, url, nil).Sessions(sessionPool, "a", "host"), lapsed(), sessionText)
	other, err := store.Open(t.Context(), store.Options{URL: url, Sealer: sealer(t, "k2"), Ranges: store.DefaultRanges()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	got := lease(t, other.Sessions(sessionPool, "b", "host"), terms())
	if got.Number != session.Number || !got.ID.IsZero() {
		t.Errorf("got session %d", got.Number)
	}
}

// TestSessionsOfThisHostComeFirst, and those of other hosts can be excluded.
func TestSessionsOfThisHostComeFirst(t *testing.T) {
	twice(t, func(t *testing.T, first, second *store.Store, _ *sql.DB) {
		here, there := first.Sessions(sessionPool, "a", "here"), second.Sessions(sessionPool, "b", "there")
		take := func(what string) store.SessionTerms {
			t := further(terms())
			t.Take = what
			return t
		}
		mine := opened(t, here, lapsed(), "mine")
		theirs := opened(t, there, take(store.TakeNone), "theirs")
		if err := there.Release(t.Context(), theirs); err != nil {
			t.Error(err)
		}
		if got := lease(t, here, take(store.TakeAny)); got.Number != mine.Number || got.Foreign {
			t.Errorf("got session %d, foreign %v", got.Number, got.Foreign)
		}
		third := lease(t, here, take(store.TakeOwn))
		if !third.ID.IsZero() || third.Open != 3 {
			t.Errorf("got session %d of %d", third.Number, third.Open)
		}
		taken(t, here, take(store.TakeOwn))
		taken(t, here, take(store.TakeNone))
		got := lease(t, here, take(store.TakeAny))
		if got.Number != theirs.Number || !got.Foreign || got.ID.Reveal() != "theirs" {
			t.Errorf("got session %d, foreign %v", got.Number, got.Foreign)
		}
		// A process that opens another in its place opens it on this host.
		got.ID = domains.NewSecret("ours now")
		if err := here.Keep(t.Context(), got, 0); err != nil {
			t.Error(err)
		}
		if got := lease(t, there, take(store.TakeAny)); got.Number != theirs.Number || !got.Foreign {
			t.Errorf("got session %d, foreign %v", got.Number, got.Foreign)
		}
	})
}
