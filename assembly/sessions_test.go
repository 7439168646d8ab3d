package assembly

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/domains"
	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim"
	standin "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/wire/exchange"
)

// shop is several processes with one database, and the registrar that they call.
type shop struct {
	t     *testing.T
	stand *standin.Server
	cfg   config.Config
	raw   *sql.DB
	// arrived receives each question about operation 77, which is answered after goOn.
	arrived, goOn chan struct{}
}

// onEach runs a test with each kind of database.
func onEach(t *testing.T, test func(t *testing.T, s *shop)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "x.db")
		test(t, newShop(t, "sqlite:"+path, "sqlite", path, standin.Options{}))
	})
	t.Run("postgres", func(t *testing.T) {
		url := postgrestest.URL(t)
		test(t, newShop(t, url, "postgres", url, standin.Options{}))
	})
}

func newShop(t *testing.T, url, driver, dsn string, options standin.Options) *shop {
	t.Helper()
	cfg := exampleConfig(t)
	account := cfg.Registrars["netim-main"]
	options.Login, options.Password = account.Login, string(account.Password)
	s := &shop{t: t, stand: standin.New(options), arrived: make(chan struct{}), goOn: make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("SoapAction") == `"queryOpe"` {
			s.arrived <- struct{}{}
			<-s.goOn
		}
		s.stand.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	account.URL = server.URL + standin.Path
	cfg.Registrars = map[string]config.Registrar{"netim-main": account}
	cfg.Database.URL = config.Secret(url)
	s.cfg = cfg
	first := s.process()
	if _, err := first.Store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	s.raw = raw
	return s
}

// process starts one more process. It is stopped at the end, unless it was killed.
func (s *shop) process() *Assembly {
	s.t.Helper()
	a, err := New(s.t.Context(), s.cfg, quiet())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { a.Close(context.Background()) })
	return a
}

// list makes a short call.
func (s *shop) list(a *Assembly) error {
	_, err := a.Accounts["netim-main"].(registrars.PendingLister).PendingOperations(s.t.Context())
	return err
}

func (s *shop) wantList(a *Assembly) {
	s.t.Helper()
	if err := s.list(a); err != nil {
		s.t.Error(err)
	}
}

// ask begins a call that lasts until goOn, and returns when it has reached the registrar.
func (s *shop) ask(ctx context.Context, a *Assembly) {
	s.t.Helper()
	go func() { _, _ = a.Accounts["netim-main"].Operation(ctx, "77") }()
	select {
	case <-s.arrived:
	case <-time.After(30 * time.Second):
		s.t.Fatal("the call does not reach the registrar")
	}
}

// lapse makes every lease expire.
func (s *shop) lapse() {
	s.t.Helper()
	if _, err := s.raw.ExecContext(s.t.Context(), `UPDATE registrar_sessions SET leased_until = $1`, time.Now().UTC().Add(-time.Second).Truncate(time.Microsecond)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) wantSessions(opened, open int) {
	s.t.Helper()
	if calls, there := s.stand.Calls("sessionOpen"), len(s.stand.Sessions()); calls != opened || there != open {
		s.t.Errorf("%d sessions were opened and %d are open, want %d and %d", calls, there, opened, open)
	}
}

// TestTwelveKilledProcessesLeaveOneSession: each process is killed during a call, and the
// next one continues with its session as soon as the lease has expired.
func TestTwelveKilledProcessesLeaveOneSession(t *testing.T) {
	onEach(t, func(t *testing.T, s *shop) {
		defer close(s.goOn)
		for range 12 {
			a := s.process()
			s.wantList(a)
			ctx, kill := context.WithCancel(t.Context())
			s.ask(ctx, a)
			// A dead process neither releases nor renews its lease.
			if err := a.Store.Close(); err != nil {
				t.Fatal(err)
			}
			kill()
			s.lapse()
		}
		s.wantSessions(1, 1)
	})
}

// TestProcessesThatStopStrandNobody: the remaining processes use the same session.
func TestProcessesThatStopStrandNobody(t *testing.T) {
	onEach(t, func(t *testing.T, s *shop) {
		staying := s.process()
		for range 3 {
			a := s.process()
			s.wantList(a)
			s.wantList(staying)
			a.Close(t.Context())
			s.wantList(staying)
		}
		s.wantSessions(1, 1)
	})
}

// TestProcessesThatCallAtOnceHaveASessionEach: and a third process waits for neither.
func TestProcessesThatCallAtOnceHaveASessionEach(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the length of a lease")
	}
	onEach(t, func(t *testing.T, s *shop) {
		defer close(s.goOn)
		busy, other := s.process(), s.process()
		s.ask(t.Context(), busy)
		s.wantList(other) // after it has seen the other lease renewed
		s.wantSessions(2, 2)
		other.Close(t.Context())
		third := s.process()
		s.wantList(third)
		s.wantSessions(2, 2)
	})
}

// TestASessionThatTheRegistrarEndedIsReplaced: one login replaces it for all processes.
func TestASessionThatTheRegistrarEndedIsReplaced(t *testing.T) {
	onEach(t, func(t *testing.T, s *shop) {
		a, b := s.process(), s.process()
		s.wantList(a)
		s.stand.EndSessions() // during a lease
		s.wantList(a)
		s.wantList(b)
		s.wantSessions(2, 1)
		var calls sync.WaitGroup
		s.stand.EndSessions()
		for range 8 {
			calls.Go(func() { s.wantList(b) })
		}
		calls.Wait()
		s.wantSessions(3, 1)
	})
}

// TestWithoutTheStoreNoSessionIsOpened: the call is not sent and may be tried again.
func TestWithoutTheStoreNoSessionIsOpened(t *testing.T) {
	onEach(t, func(t *testing.T, s *shop) {
		a := s.process()
		if err := a.Store.Close(); err != nil {
			t.Fatal(err)
		}
		err := s.list(a)
		transport, ok := errors.AsType[*exchange.TransportError](err)
		if registrars.ClassOf(err) != registrars.ClassTemporary || !ok || transport.Sent {
			t.Errorf("%v", err)
		}
		s.wantSessions(0, 0)
	})
}

// TestOtherProgramsMayHoldAllSessions: the sessions that they leave are used, and a
// refusal uses up nothing.
func TestOtherProgramsMayHoldAllSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	s := newShop(t, "sqlite:"+path, "sqlite", path, standin.Options{MaxSessions: 1})
	account := s.cfg.Registrars["netim-main"]
	other, err := netim.New(netim.Config{URL: account.URL, Login: account.Login, Password: domains.NewSecret(string(account.Password))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.PendingOperations(t.Context()); err != nil {
		t.Fatal(err)
	}
	a := s.process()
	for range 10 {
		err := s.list(a)
		failure, ok := errors.AsType[*registrars.Error](err)
		if !ok || failure.Class != registrars.ClassRateLimited || failure.After != time.Minute || failure.Rule != "too many sessions" {
			t.Fatalf("%v", err)
		}
	}
	if err := other.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.wantList(a)
}

// TestAWarningComesBeforeTheLimit: once per session, with no details but the count.
func TestAWarningComesBeforeTheLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	s := newShop(t, "sqlite:"+path, "sqlite", path, standin.Options{})
	a := s.process()
	var log bytes.Buffer
	a.Log = slog.New(slog.NewTextHandler(&log, nil))
	for n := range 9 {
		pool := a.sessions("netim-main", s.cfg.Registrars["netim-main"], "EN")
		_, err := pool.Lease(t.Context(), registrars.SessionTerms{Lease: time.Hour, Idle: time.Hour, Most: 8, Further: true})
		if warnings := strings.Count(log.String(), "level=WARN"); warnings != min(max(n-4, 0), 3) || (n == 8) != errors.Is(err, registrars.ErrSessionsTaken) {
			t.Errorf("after %d sessions %d warnings, %v", n+1, warnings, err)
		}
	}
	if !strings.Contains(log.String(), "registrar=netim-main sessions=6 most=8") {
		t.Errorf("the warnings say %s", &log)
	}
}

// TestASessionIsOfOneLogin: a session of another login or another server is never used.
func TestASessionIsOfOneLogin(t *testing.T) {
	one := config.Registrar{Plugin: "netim", URL: "https://api.netim.com/2.0/", Login: "AB123"}
	same, server, login := one, one, one
	same.Login, same.Password = " ab123", "changed"
	server.URL, login.Login = "https://oteapi.netim.com/2.0/", "AB124"
	if sessionPool(same, "en") != sessionPool(one, "EN") {
		t.Error("the same login has two pools")
	}
	for _, other := range []string{sessionPool(server, "EN"), sessionPool(login, "EN"), sessionPool(one, "FR")} {
		if other == sessionPool(one, "EN") {
			t.Errorf("%s is the pool of another login, server or language, too", other)
		}
	}
	if strings.Contains(strings.ToUpper(sessionPool(one, "EN")), one.Login) {
		t.Error("the name of the pool shows the login")
	}
}
