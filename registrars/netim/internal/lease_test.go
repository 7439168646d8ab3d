package internal

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// shared is an in-memory pool of sessions that follows the rules of registrars.Sessions.
// The store's own pool is tested with the plug-in in assembly; here time is simulated.
type shared struct {
	lock   sync.Mutex
	rows   map[int64]*sharedRow
	drawn  int64
	broken error
	calls  map[string]int
}

type sharedRow struct {
	id     domains.Secret
	host   string
	holder *seat
	until  time.Time
}

// seat is the pool as seen by one process.
type seat struct {
	*shared
	host string
	gone bool // the process was killed: its further calls reach nobody
}

func newShared() *shared { return &shared{rows: map[int64]*sharedRow{}, calls: map[string]int{}} }

func (s *seat) begin(function string) (end func(), err error) {
	s.lock.Lock()
	s.calls[function]++
	if s.gone {
		return s.lock.Unlock, errors.New("killed")
	}
	return s.lock.Unlock, s.broken
}

func (s *seat) Lease(_ context.Context, terms registrars.SessionTerms) (registrars.Session, error) {
	end, err := s.begin("lease")
	defer end()
	if err != nil {
		return registrars.Session{}, err
	}
	leased, free := 0, []int64{}
	for number, row := range s.rows {
		switch {
		case row.until.After(time.Now()):
			leased++
		case row.id.IsZero() || terms.Take == registrars.TakeNone || (terms.Take == registrars.TakeOwn && row.host != s.host):
		case row.host == s.host:
			free = slices.Insert(free, 0, number)
		default:
			free = append(free, number)
		}
	}
	if len(free) > 0 {
		row := s.rows[free[0]]
		row.holder, row.until = s, time.Now().Add(terms.Lease)
		return registrars.Session{Number: free[0], ID: row.id, Foreign: row.host != s.host}, nil
	}
	if len(s.rows) >= terms.Most || (leased > 0 && !terms.Further) {
		return registrars.Session{}, registrars.ErrSessionsTaken
	}
	s.drawn++
	s.rows[s.drawn] = &sharedRow{holder: s, host: s.host, until: time.Now().Add(terms.Lease)}
	return registrars.Session{Number: s.drawn, Open: len(s.rows)}, nil
}

func (s *seat) alter(function string, session registrars.Session, change func(*sharedRow)) error {
	end, err := s.begin(function)
	defer end()
	if err != nil {
		return err
	}
	row := s.rows[session.Number]
	if row == nil || row.holder != s {
		return registrars.ErrSessionLost
	}
	change(row)
	return nil
}

func (s *seat) Keep(_ context.Context, session registrars.Session, lease time.Duration) error {
	return s.alter("keep", session, func(row *sharedRow) { row.id, row.host, row.until = session.ID, s.host, time.Now().Add(lease) })
}

func (s *seat) Renew(_ context.Context, session registrars.Session, lease time.Duration) error {
	return s.alter("renew", session, func(row *sharedRow) { row.until = time.Now().Add(lease) })
}

func (s *seat) Release(_ context.Context, session registrars.Session) error {
	return s.alter("release", session, func(row *sharedRow) { row.holder, row.until = nil, time.Now() })
}

func (s *seat) Forget(_ context.Context, session registrars.Session) error {
	return s.alter("forget", session, func(*sharedRow) { delete(s.rows, session.Number) })
}

func (s *shared) count(function string) int {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.calls[function]
}

func (s *shared) breakDown(err error) {
	s.change(func() { s.broken = err })
}

func (s *shared) change(change func()) {
	s.lock.Lock()
	defer s.lock.Unlock()
	change()
}

func (s *shared) wantRows(t *testing.T, want int) {
	t.Helper()
	s.change(func() {
		if rows := len(s.rows); rows != want {
			t.Errorf("%d rows, want %d", rows, want)
		}
	})
}

// registrar answers sessionOpen, and any call in a session that it has opened and that has
// not ended. A call of "slow" takes long.
type registrar struct {
	lock   sync.Mutex
	alive  map[string]string // the host that opened each
	opened int
	closed int
	slow   time.Duration
	bound  bool                        // a session serves only the host that opened it
	open   func() (int, string, error) // instead of opening a session
}

func (r *registrar) serve(function string, request *http.Request) (int, string, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return 0, "", err
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	if function == functionOpen {
		if r.open != nil {
			return r.open()
		}
		r.opened++
		id := "session-" + strings.Repeat("x", r.opened)
		r.alive[id] = request.URL.Host
		return 200, answered(function, id), nil
	}
	for id, host := range r.alive {
		if !strings.Contains(string(body), ">"+id+"<") || (r.bound && host != request.URL.Host) {
			continue
		}
		if function == functionClose {
			r.closed++
			delete(r.alive, id)
		}
		if function == "slow" {
			r.lock.Unlock()
			time.Sleep(r.slow)
			r.lock.Lock()
		}
		return 200, answered(function, "yes"), nil
	}
	return 500, refused("E02 : Session expired"), nil
}

func (r *registrar) sessions() (opened, closed int) {
	r.lock.Lock()
	defer r.lock.Unlock()
	return r.opened, r.closed
}

// process returns a client in a process of its own. Its time-out exceeds everything slow.
func process(r *registrar, pool *shared) (*Client, *seat) { return processOn("api.example", r, pool) }

// processOn is process on a given host, which the registrar sees in the URL.
func processOn(host string, r *registrar, pool *shared) (*Client, *seat) {
	at := &seat{shared: pool, host: host}
	return NewClient(Config{
		URL: "https://" + host + "/2.0/", Login: "RESELL1", Password: "s3cret",
		Timeout: time.Hour, MaxReplyBytes: 1 << 20, Now: time.Now, HTTPClient: &http.Client{Transport: peer(r.serve)},
		Sessions: at, MostSessions: 3,
	}), at
}

// leasing runs a test in which time passes only while all goroutines wait. If a lease is
// still looked after at the end, the test fails.
func leasing(t *testing.T, test func(t *testing.T, r *registrar, pool *shared)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t, &registrar{alive: map[string]string{}}, newShared())
		time.Sleep(time.Minute)
	})
}

func call(t *testing.T, c *Client, function string) {
	t.Helper()
	if value, err := c.Call(t.Context(), function); err != nil || value.Text() != "yes" {
		t.Errorf("%s: %q, %v", function, value.Text(), err)
	}
}

func wantSessions(t *testing.T, r *registrar, opened, closed int) {
	t.Helper()
	if o, c := r.sessions(); o != opened || c != closed {
		t.Errorf("%d sessions opened and %d closed, want %d and %d", o, c, opened, closed)
	}
}

// TestProcessesThatCallInTurnsShareASession: none waits for longer than the other keeps
// calling.
func TestProcessesThatCallInTurnsShareASession(t *testing.T) {
	leasing(t, func(t *testing.T, r *registrar, pool *shared) {
		first, _ := process(r, pool)
		second, _ := process(r, pool)
		for range 3 {
			for _, c := range []*Client{first, second} {
				began := time.Now()
				call(t, c, "hello")
				if waited := time.Since(began); waited > 4*lookEvery {
					t.Errorf("waited %v", waited)
				}
			}
		}
		wantSessions(t, r, 1, 0)
	})
}

// TestALeaseLastsAsLongAsTheCall: a call of many minutes keeps its session, and another
// process gets one of its own after the length of a lease.
func TestALeaseLastsAsLongAsTheCall(t *testing.T) {
	leasing(t, func(t *testing.T, r *registrar, pool *shared) {
		r.slow = 10 * time.Minute
		busy, _ := process(r, pool)
		other, _ := process(r, pool)
		var calls sync.WaitGroup
		calls.Go(func() { call(t, busy, "slow") })
		synctest.Wait()
		for range 5 {
			began := time.Now()
			call(t, other, "hello")
			if waited := time.Since(began); waited > leaseFor+lookEvery {
				t.Errorf("waited %v", waited)
			}
			time.Sleep(time.Minute)
		}
		calls.Wait()
		wantSessions(t, r, 2, 0)
		// The second time there are two, and nobody waits.
		calls.Go(func() { call(t, busy, "slow") })
		synctest.Wait()
		began := time.Now()
		call(t, other, "hello")
		if waited := time.Since(began); waited > 0 {
			t.Errorf("waited %v although a session is free", waited)
		}
		calls.Wait()
		wantSessions(t, r, 2, 0)
	})
}

// TestTheSessionOfAKilledProcessIsTakenOver: twelve processes are killed during a call.
func TestTheSessionOfAKilledProcessIsTakenOver(t *testing.T) {
	leasing(t, func(t *testing.T, r *registrar, pool *shared) {
		r.slow = time.Hour
		var calls sync.WaitGroup
		for range 12 {
			c, at := process(r, pool)
			began := time.Now()
			call(t, c, "hello")
			if waited := time.Since(began); waited > leaseFor {
				t.Errorf("waited %v", waited)
			}
			ctx, kill := context.WithCancel(t.Context())
			calls.Go(func() { _, _ = c.Call(ctx, "slow") })
			synctest.Wait()
			pool.change(func() { at.gone = true })
			kill()
		}
		calls.Wait()
		wantSessions(t, r, 1, 0)
	})
}

// TestAnOpeningThatWasCutOffIsCounted: when killed processes may have opened as many
// sessions as are allowed, the next process gets an error without opening one.
func TestAnOpeningThatWasCutOffIsCounted(t *testing.T) {
	leasing(t, func(t *testing.T, r *registrar, pool *shared) {
		for range 3 {
			c, at := process(r, pool)
			r.open = func() (int, string, error) {
				pool.change(func() { at.gone = true }) // the process dies while the answer is on its way
				return 200, answered(functionOpen, "stray"), nil
			}
			if _, err := c.Call(t.Context(), "hello"); err == nil {
				t.Error("a killed process got an answer")
			}
		}
		r.open = nil
		c, _ := process(r, pool)
		_, err := c.Call(t.Context(), "hello")
		if _, ok := errors.AsType[*SessionError](err); !ok || !errors.Is(err, registrars.ErrSessionsTaken) {
			t.Errorf("%v", err)
		}
		wantSessions(t, r, 0, 0)
	})
}

// TestAnOpeningThatFailedIsNotCounted: a registrar that fails does not use up the room.
func TestAnOpeningThatFailedIsNotCounted(t *testing.T) {
	leasing(t, func(t *testing.T, r *registrar, pool *shared) {
		c, _ := process(r, pool)
		r.open = func() (int, string, error) { return 502, "", nil }
		for range 5 {
			_, err := c.Call(t.Context(), "hello")
			if status, ok := errors.AsType[*StatusError](err); !ok || status.Status != 502 {
				t.Errorf("%v", err)
			}
			time.Sleep(2 * leaseFor)
		}
		r.open = nil
		call(t, c, "hello")
		wantSessions(t, r, 1, 0)
		pool.wantRows(t, 1)
	})
}

// TestASessionThatEndedIsReplacedWhereItStood: by the process that has leased it, once for
// all callers; the others find the new session.
func TestASessionThatEndedIsReplacedWhereItStood(t *testing.T) {
	leasing(t, func(t *testing.T, r *registrar, pool *shared) {
		first, _ := process(r, pool)
		call(t, first, "hello")
		clear(r.alive)
		var calls sync.WaitGroup
		for range 8 {
			calls.Go(func() { call(t, first, "hello") })
		}
		calls.Wait()
		second, _ := process(r, pool)
		call(t, second, "hello")
		wantSessions(t, r, 2, 0)
		// A process that takes it over finds out itself.
		clear(r.alive)
		third, _ := process(r, pool)
		call(t, third, "hello")
		wantSessions(t, r, 3, 0)
		pool.wantRows(t, 1)
	})
}

// TestCloseLeavesTheSessionToOthers at once, and ends no session.
func TestCloseLeavesTheSessionToOthers(t *testing.T) {
	leasing(t, func(t *testing.T, r *registrar, pool *shared) {
		first, _ := process(r, pool)
		second, _ := process(r, pool)
		for range 3 {
			for _, c := range []*Client{first, second} {
				began := time.Now()
				call(t, c, "hello")
				if err := c.Close(t.Context()); err != nil {
					t.Error(err)
				}
				if waited := time.Since(began); waited > 0 {
					t.Errorf("waited %v", waited)
				}
			}
		}
		if err := first.Close(t.Context()); err != nil {
			t.Errorf("nothing to close: %v", err)
		}
		wantSessions(t, r, 1, 0)
	})
}

// TestWithoutTheStore: a leased session is used until the lease expires; after that, calls
// are not sent, and no session is opened that others would not find.
func TestWithoutTheStore(t *testing.T) {
	leasing(t, func(t *testing.T, r *registrar, pool *shared) {
		c, _ := process(r, pool)
		call(t, c, "hello")
		away := errors.New("the store is away")
		pool.breakDown(away)
		call(t, c, "hello")
		time.Sleep(2 * leaseFor)
		_, err := c.Call(t.Context(), "hello")
		transport, ok := errors.AsType[*TransportError](err)
		if session, inSession := errors.AsType[*SessionError](err); !inSession || session == nil || !ok || transport.Sent || !errors.Is(err, away) {
			t.Errorf("%v", err)
		}
		pool.breakDown(nil)
		call(t, c, "hello")
		wantSessions(t, r, 1, 0)

		// A session that was opened but cannot be stored is ended.
		r.open = func() (int, string, error) {
			pool.breakDown(away)
			r.open = nil
			r.alive["unkept"] = ""
			return 200, answered(functionOpen, "unkept"), nil
		}
		time.Sleep(2 * leaseFor)
		pool.change(func() { delete(pool.rows, 1) })
		if _, err = c.Call(t.Context(), "hello"); !errors.Is(err, away) || len(r.alive) != 1 {
			t.Errorf("%v; %v", err, r.alive)
		}
	})
}

// TestALostLeaseIsNoticed by a process that was suspended: it takes another session, and
// leaves the one that was taken over unchanged.
func TestALostLeaseIsNoticed(t *testing.T) {
	leasing(t, func(t *testing.T, r *registrar, pool *shared) {
		r.slow = time.Minute
		still, _ := process(r, pool)
		var calls sync.WaitGroup
		calls.Go(func() { call(t, still, "slow") })
		synctest.Wait()
		// As if the process had been suspended until the lease expired and another had taken
		// over.
		other := &seat{shared: pool}
		pool.change(func() { pool.rows[1].holder, pool.rows[1].until = other, time.Now().Add(time.Hour) })
		calls.Wait()
		call(t, still, "hello")
		wantSessions(t, r, 2, 0)
		pool.change(func() {
			if pool.rows[1].holder != other {
				t.Error("the session was taken back")
			}
		})
		renewals := pool.count("renew")
		time.Sleep(time.Minute)
		if pool.count("renew") != renewals {
			t.Error("a lease is renewed that nobody uses")
		}
	})
}

func TestWaitingForAFreeSessionEndsWithTheCaller(t *testing.T) {
	leasing(t, func(t *testing.T, r *registrar, pool *shared) {
		r.slow = time.Minute
		busy, _ := process(r, pool)
		var calls sync.WaitGroup
		calls.Go(func() { call(t, busy, "slow") })
		synctest.Wait()
		c, _ := process(r, pool)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Call(ctx, "hello")
		transport, ok := errors.AsType[*TransportError](err)
		if !ok || transport.Sent || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		calls.Wait()
		wantSessions(t, r, 1, 0)
	})
}

// TestSessionsThatServeOneHostOnly: in that case, hosts that call in turn open one session
// each, not one with every call.
func TestSessionsThatServeOneHostOnly(t *testing.T) {
	leasing(t, func(t *testing.T, r *registrar, pool *shared) {
		r.bound = true
		first, _ := processOn("first.example", r, pool)
		second, _ := processOn("second.example", r, pool)
		for range 20 {
			call(t, first, "hello")
			call(t, second, "hello")
		}
		// After a restart, a process finds its host's session.
		for range 3 {
			time.Sleep(leaseFor)
			restarted, _ := processOn("second.example", r, pool)
			call(t, restarted, "hello")
			call(t, first, "hello")
		}
		if opened, _ := r.sessions(); opened != 2 {
			t.Errorf("%d sessions were opened", opened)
		}
	})
}

// TestTheRegistrarEndsAllSessions of a full pool, most of them opened elsewhere: no dead
// session stands in the way.
func TestTheRegistrarEndsAllSessions(t *testing.T) {
	leasing(t, func(t *testing.T, r *registrar, pool *shared) {
		elsewhere := &seat{shared: pool, host: "elsewhere.example"}
		for range 3 {
			session, err := elsewhere.Lease(t.Context(), registrars.SessionTerms{Most: 3, Further: true, Take: registrars.TakeNone})
			if err != nil {
				t.Fatal(err)
			}
			session.ID = domains.NewSecret("dead")
			if err := elsewhere.Keep(t.Context(), session, 0); err != nil {
				t.Fatal(err)
			}
		}
		c, _ := process(r, pool)
		for range 3 {
			call(t, c, "hello")
			time.Sleep(time.Minute)
		}
		wantSessions(t, r, 1, 0)
		pool.wantRows(t, 3)
	})
}
