package session_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars/epp/internal/frames"
	"domainprovisioning/registrars/epp/internal/objects"
	"domainprovisioning/registrars/epp/internal/session"
	"domainprovisioning/sandbox/standin/epp"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/wire/exchange"
)

// patience bounds what must happen soon.
const patience = time.Minute

// registry is a stand-in that listens, and a pool of sessions with it.
type registry struct {
	*epp.Server
	*session.Pool
	address string
}

func start(t *testing.T, options epp.Options, changes ...func(*session.Config)) *registry {
	t.Helper()
	r := &registry{Server: epp.New(options)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- r.Serve(l) }()
	t.Cleanup(func() {
		_ = r.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	r.address = l.Addr().String()
	r.Pool = r.pool(changes...)
	return r
}

// pool returns another pool for the account.
func (r *registry) pool(changes ...func(*session.Config)) *session.Pool {
	config := session.Config{
		Address: r.address, TLS: trust(r.Certificates()), Login: "registrar1", Password: domains.NewSecret("epp-password"), Language: "en",
		Needs: []string{frames.Domains}, Most: 2, Hello: time.Hour, Keep: time.Hour, Timeout: patience, LargestFrame: 1 << 20,
		CallsPerSecond: 10_000, Agent: "tests", Mark: "test", Now: time.Now,
	}
	for _, change := range changes {
		change(&config)
	}
	return session.NewPool(config)
}

func trust(certificates *epp.Certificates) *tls.Config {
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(certificates.CA)
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: authorities, ServerName: "localhost"}
}

func info(p *session.Pool) (objects.Answer, error) {
	return p.Do(context.Background(), objects.Transaction{Command: objects.InfoDomain{Name: "a.registry"}})
}

func create(p *session.Pool, name string) (objects.Answer, error) {
	return p.Do(context.Background(), objects.Transaction{
		Command: objects.CreateDomain{Name: name, Years: 1, AuthInfo: domains.NewSecret("Code-12345678901")}, ID: "CL-" + name,
	})
}

// unsent demands an error after which nothing has arrived.
func unsent(t *testing.T, err error) error {
	t.Helper()
	broken, ok := errors.AsType[*exchange.TransportError](err)
	if !ok || broken.Sent {
		t.Errorf("got %v, want an error of the transport that says that nothing was sent", err)
		return err
	}
	return broken.Err
}

// TestSessionsAreBoundedAndShared: many commands at once use two sessions, each one at a time.
func TestSessionsAreBoundedAndShared(t *testing.T) {
	r := start(t, epp.Options{MostSessions: 2})
	var group sync.WaitGroup
	var failed atomic.Int64
	for range 40 {
		group.Go(func() {
			if answer, err := info(r.Pool); err != nil || answer.Code() != objects.NotThere {
				failed.Add(1)
			}
		})
	}
	group.Wait()
	if failed.Load() > 0 || r.Calls("domain.info") != 40 || r.Calls("login") > 2 || r.Sessions() > 2 {
		t.Errorf("%d failed, %d infos, %d logins, %d sessions", failed.Load(), r.Calls("domain.info"), r.Calls("login"), r.Sessions())
	}
}

// TestAnIdleSessionIsKeptByHelloAndThenEnded: one that nobody uses says hello, and logs out in the end.
func TestAnIdleSessionIsKeptByHelloAndThenEnded(t *testing.T) {
	var now atomic.Int64
	now.Store(time.Now().Unix())
	r := start(t, epp.Options{}, func(c *session.Config) {
		c.Hello, c.Keep, c.Now = 20*time.Millisecond, time.Minute, func() time.Time { return time.Unix(now.Load(), 0) }
	})
	if _, err := info(r.Pool); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { return r.Calls("hello") >= 3 })
	if r.Calls("login") != 1 || r.Sessions() != 1 {
		t.Errorf("%d logins, %d sessions", r.Calls("login"), r.Sessions())
	}
	now.Add(61)
	until(t, func() bool { return r.Sessions() == 0 })
	if r.Calls("logout") != 1 {
		t.Errorf("%d logouts", r.Calls("logout"))
	}
	if _, err := info(r.Pool); err != nil || r.Calls("login") != 2 {
		t.Errorf("%v, %d logins", err, r.Calls("login"))
	}
}

// until waits for a condition that another goroutine brings about.
func until(t *testing.T, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not happen")
		}
	}
}

// TestASessionThatTheRegistryClosesIsNotUsed: a command that changes something does not get lost
// in a session that was closed while it was idle.
func TestASessionThatTheRegistryClosesIsNotUsed(t *testing.T) {
	r := start(t, epp.Options{Idle: 50 * time.Millisecond})
	if _, err := info(r.Pool); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { return r.Alive() == 0 })
	if answer, err := create(r.Pool, "a.registry"); err != nil || answer.Code() != objects.Done {
		t.Errorf("%v, %v", answer.Results, err)
	}
	if n := r.Count("create", "a.registry"); n != 1 || r.Calls("login") != 2 {
		t.Errorf("%d effects, %d logins", n, r.Calls("login"))
	}
}

// TestAnAnswerThatIsLost: a command that changes something is not sent again, and one that does
// not is.
func TestAnAnswerThatIsLost(t *testing.T) {
	for _, fault := range []faults.Kind{faults.CutBefore, faults.CutAfter} {
		r := start(t, epp.Options{})
		r.Faults.Add(faults.Fault{Method: "domain.create", Kind: fault})
		r.Faults.Add(faults.Fault{Method: "domain.info", Kind: fault})
		_, err := create(r.Pool, "a.registry")
		if broken, ok := errors.AsType[*exchange.TransportError](err); !ok || !broken.Sent || r.Calls("domain.create") != 1 {
			t.Errorf("%s: %v, %d creates", fault, err, r.Calls("domain.create"))
		}
		if _, err := info(r.Pool); err != nil || r.Calls("domain.info") != 2 {
			t.Errorf("%s: %v, %d infos", fault, err, r.Calls("domain.info"))
		}
	}
}

// TestAnEndedLogin: 2002 says that the session was wrong, so the command is sent in another one.
func TestAnEndedLogin(t *testing.T) {
	r := start(t, epp.Options{})
	r.Faults.Add(faults.Fault{Method: "domain.create", Kind: faults.SessionExpired})
	if answer, err := create(r.Pool, "a.registry"); err != nil || answer.Code() != objects.Done || r.Count("create", "a.registry") != 1 {
		t.Errorf("%v, %v, %d effects", answer.Results, err, r.Count("create", "a.registry"))
	}
	r.Faults.Add(faults.Fault{Method: "domain.info", Kind: faults.SessionExpired, Times: faults.Always})
	if answer, err := info(r.Pool); err != nil || answer.Code() != objects.WrongOrder || r.Calls("domain.info") != 2 {
		t.Errorf("%v, %v, %d infos", answer.Results, err, r.Calls("domain.info"))
	}
}

// TestARefusedLoginIsNotRepeatedAtOnce, because registries lock accounts.
func TestARefusedLoginIsNotRepeatedAtOnce(t *testing.T) {
	var now atomic.Int64
	now.Store(time.Now().Unix())
	r := start(t, epp.Options{}, func(c *session.Config) {
		c.Password, c.Now = domains.NewSecret("wrong-password"), func() time.Time { return time.Unix(now.Load(), 0) }
	})
	refused := func(logins int) {
		t.Helper()
		_, err := info(r.Pool)
		if login, ok := errors.AsType[*objects.LoginError](err); !ok || login.Answer.Code().Success() || strings.Contains(err.Error(), "wrong-password") {
			t.Errorf("%v", err)
		}
		if n := r.Calls("login"); n != logins {
			t.Errorf("%d logins, want %d", n, logins)
		}
	}
	refused(1)
	refused(1)
	now.Add(16)
	refused(2)
	now.Add(16)
	refused(2) // the pause grows
	r.SetPassword("wrong-password")
	now.Add(30)
	if _, err := info(r.Pool); err != nil {
		t.Errorf("with the right password: %v", err)
	}
}

// TestTheRegistrysLimitOfSessionsIsKept: who may not open a second one waits for the first.
func TestTheRegistrysLimitOfSessionsIsKept(t *testing.T) {
	r := start(t, epp.Options{MostSessions: 1}, func(c *session.Config) { c.Most = 4 })
	r.Faults.Add(faults.Fault{Method: "domain.info", Kind: faults.Delay, Delay: 20 * time.Millisecond, Times: faults.Always})
	var group sync.WaitGroup
	for range 12 {
		group.Go(func() {
			if _, err := info(r.Pool); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if r.Sessions() != 1 || r.Calls("domain.info") != 12 {
		t.Errorf("%d sessions, %d infos", r.Sessions(), r.Calls("domain.info"))
	}
	// Another process holds the only session: that is an error that passes.
	_, err := info(r.pool())
	if refused, ok := errors.AsType[*objects.LoginError](err); !ok || refused.Answer.Code() != objects.TooManySessions {
		t.Errorf("%v", err)
	}
}

// TestAGreetingWithoutAServiceThatWeNeed names it, and sends no login.
func TestAGreetingWithoutAServiceThatWeNeed(t *testing.T) {
	r := start(t, epp.Options{Without: []string{frames.Hosts}}, func(c *session.Config) { c.Needs = append(c.Needs, frames.Hosts) })
	_, err := create(r.Pool, "a.registry")
	if missing, ok := errors.AsType[*objects.UnofferedError](err); !ok || missing.URI != frames.Hosts || r.Calls("login") != 0 {
		t.Errorf("%v, %d logins", err, r.Calls("login"))
	}
}

// TestCertificates: an expired one, one of another authority, and none of ours where one is asked.
func TestCertificates(t *testing.T) {
	made := authority(t)
	expired, err := made.ExpiredServer()
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, epp.Options{Certificates: expired})
	_, err = create(r.Pool, "a.registry")
	if cause := unsent(t, err); !strings.Contains(cause.Error(), "expired") {
		t.Errorf("expired: %v", cause)
	}
	other := start(t, epp.Options{}, func(c *session.Config) { c.TLS = trust(made) })
	_, err = create(other.Pool, "a.registry")
	if cause := unsent(t, err); !strings.Contains(cause.Error(), "authority") {
		t.Errorf("another authority: %v", cause)
	}
	asking := start(t, epp.Options{Certificates: made, ClientCertificate: true})
	_, err = create(asking.Pool, "a.registry")
	if cause, ok := errors.AsType[*objects.CertificateError](unsent(t, err)); !ok {
		t.Errorf("none of ours: %v", cause)
	}
	known := asking.pool(func(c *session.Config) { c.TLS.Certificates = []tls.Certificate{pair(t, made.Client, made.ClientKey)} })
	if _, err := create(known, "a.registry"); err != nil || asking.Count("create", "a.registry") != 1 {
		t.Errorf("with our certificate: %v", err)
	}
}

// TestPasswords: longer ones need RFC 8807, and a new one is valid after the change.
func TestPasswords(t *testing.T) {
	const long = "a password of more than sixteen characters"
	r := start(t, epp.Options{Password: long}, func(c *session.Config) { c.Password = domains.NewSecret(long) })
	if _, err := info(r.Pool); err != nil {
		t.Errorf("a long password: %v", err)
	}
	plain := start(t, epp.Options{Without: []string{frames.LoginSecurity}})
	if _, err := info(plain.pool(func(c *session.Config) { c.Password = domains.NewSecret(long) })); !errors.Is(err, objects.ErrPassword) || plain.Calls("login") != 0 {
		t.Errorf("without RFC 8807: %v", err)
	}
	if err := plain.ChangePassword(t.Context(), domains.NewSecret(long)); !errors.Is(err, objects.ErrPassword) {
		t.Errorf("a new one that is too long: %v", err)
	}
	if err := plain.ChangePassword(t.Context(), domains.NewSecret("new-password")); err != nil {
		t.Fatal(err)
	}
	if _, err := info(plain.pool()); err == nil {
		t.Error("the old password is valid")
	}
	if _, err := info(plain.pool(func(c *session.Config) { c.Password = domains.NewSecret("new-password") })); err != nil {
		t.Errorf("the new password: %v", err)
	}
	if n := plain.Sessions(); n != 1 {
		t.Errorf("%d sessions; the change leaves none", n)
	}
}

// TestAContextThatEnds ends a command soon; the session is not used again.
func TestAContextThatEnds(t *testing.T) {
	r := start(t, epp.Options{})
	if _, err := info(r.Pool); err != nil {
		t.Fatal(err)
	}
	r.Faults.Add(faults.Fault{Method: "domain.create", Kind: faults.Delay, Delay: 300 * time.Millisecond})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := r.Do(ctx, objects.Transaction{Command: objects.CreateDomain{Name: "a.registry", Years: 1, AuthInfo: domains.NewSecret("Code-12345678901")}})
	if broken, ok := errors.AsType[*exchange.TransportError](err); !ok || !broken.Sent || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if answer, err := info(r.Pool); err != nil || answer.Domain == nil && answer.Code() != objects.NotThere || r.Calls("login") != 2 {
		t.Errorf("%v, %v, %d logins", answer.Results, err, r.Calls("login"))
	}
}

// TestAClaimIsAskedLast, and its refusal sends nothing and costs no session.
func TestAClaimIsAskedLast(t *testing.T) {
	r := start(t, epp.Options{})
	refusal := errors.New("overtaken")
	_, err := r.Do(t.Context(), objects.Transaction{Command: objects.DeleteDomain{Name: "a.registry"}, Claim: func(context.Context) error {
		if r.Calls("login") != 1 {
			t.Errorf("asked before the login")
		}
		return refusal
	}})
	if cause := unsent(t, err); !errors.Is(cause, refusal) || r.Calls("domain.delete") != 0 || r.Sessions() != 1 {
		t.Errorf("%v, %d deletes, %d sessions", err, r.Calls("domain.delete"), r.Sessions())
	}
}
