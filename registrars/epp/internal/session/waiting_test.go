package session_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars/epp/internal/objects"
	"domainprovisioning/registrars/epp/internal/session"
	"domainprovisioning/sandbox/standin/epp"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/wire/exchange"
)

// clock is a clock that a test moves, in seconds.
type clock struct{ atomic.Int64 }

func (c *clock) now() time.Time { return time.Unix(c.Load(), 0) }

// together makes calls at once and returns their errors, the slowest of which took so long.
func together(n int, call func() error) (errs []error, slowest time.Duration) {
	errs = make([]error, n)
	began := time.Now()
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { errs[i] = call() })
	}
	group.Wait()
	return errs, time.Since(began)
}

// TestARefusalReachesAllWhoWait: one login is sent for all of them, and nobody waits for a session
// that does not come, whatever the number of sessions that may be opened.
func TestARefusalReachesAllWhoWait(t *testing.T) {
	for _, most := range []int{1, 50} {
		r := start(t, epp.Options{MostSessions: 100}, func(c *session.Config) {
			c.Password, c.Most = domains.NewSecret("wrong-password"), most
		})
		r.Faults.Add(faults.Fault{Method: "login", Kind: faults.Delay, Delay: 50 * time.Millisecond, Times: faults.Always})
		errs, slowest := together(50, func() error { _, err := info(r.Pool); return err })
		for _, err := range errs {
			if refused, ok := errors.AsType[*objects.LoginError](err); !ok || refused.Answer.Code().Success() {
				t.Errorf("%d sessions: %v", most, err)
			}
		}
		if r.Calls("login") != 1 || slowest > patience/2 || r.Waiting() != 0 {
			t.Errorf("%d sessions: %d logins, the last answer after %s, %d wait", most, r.Calls("login"), slowest, r.Waiting())
		}
	}
}

// TestThoseWhoWaitedOpenTheirOwn, once a login has been accepted.
func TestThoseWhoWaitedOpenTheirOwn(t *testing.T) {
	r := start(t, epp.Options{MostSessions: 10}, func(c *session.Config) { c.Most = 3 })
	r.Faults.Add(faults.Fault{Method: "login", Kind: faults.Delay, Delay: 50 * time.Millisecond})
	r.Faults.Add(faults.Fault{Method: "domain.info", Kind: faults.Delay, Delay: 300 * time.Millisecond, Times: faults.Always})
	errs, _ := together(3, func() error { _, err := info(r.Pool); return err })
	if err := errors.Join(errs...); err != nil || r.Calls("login") != 3 || r.Calls("domain.info") != 3 {
		t.Errorf("%v, %d logins, %d infos", err, r.Calls("login"), r.Calls("domain.info"))
	}
}

// TestARegistryThatIsGoneFailsAllWhoWait with the one try that was made for them, and with the
// second that Do makes.
func TestARegistryThatIsGoneFailsAllWhoWait(t *testing.T) {
	r := start(t, epp.Options{})
	r.Faults.Add(faults.Fault{Method: "login", Kind: faults.CutBefore, Delay: 50 * time.Millisecond, Times: faults.Always})
	errs, _ := together(20, func() error { _, err := create(r.Pool, "a.registry"); return err })
	for _, err := range errs {
		unsent(t, err)
	}
	if n := r.Calls("login"); n > 20 || r.Waiting() != 0 {
		t.Errorf("%d logins, %d wait", n, r.Waiting())
	}
}

// TestWhoGivesUpDoesNotFailTheOthers: the session that was being opened for one whose context has
// ended is opened for the next.
func TestWhoGivesUpDoesNotFailTheOthers(t *testing.T) {
	r := start(t, epp.Options{}, func(c *session.Config) { c.Most = 1 })
	r.Faults.Add(faults.Fault{Method: "login", Kind: faults.Delay, Delay: 200 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := r.Do(ctx, objects.Transaction{Command: objects.InfoDomain{Name: "a.registry"}})
		first <- err
	}()
	until(t, func() bool { return r.Calls("login") == 1 })
	rest := make(chan error, 3)
	for range cap(rest) {
		go func() { _, err := info(r.Pool); rest <- err }()
	}
	until(t, func() bool { return r.Waiting() == cap(rest) })
	cancel()
	if err := unsent(t, <-first); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	for range cap(rest) {
		if err := <-rest; err != nil {
			t.Errorf("%v", err)
		}
	}
	if r.Calls("login") != 2 {
		t.Errorf("%d logins", r.Calls("login"))
	}
}

// TestAFullRegistryIsLeftAlone: without a session of our own, 2502 is believed for a while, and
// callers get the same refusal.
func TestAFullRegistryIsLeftAlone(t *testing.T) {
	r := start(t, epp.Options{MostSessions: 1})
	if _, err := info(r.Pool); err != nil {
		t.Fatal(err)
	}
	var c clock
	c.Store(time.Now().Unix())
	other := r.pool(func(config *session.Config) { config.Now, config.SessionsWait = c.now, time.Minute })
	for _, want := range []int{2, 2, 3} {
		for range 10 {
			_, err := info(other)
			if refused, ok := errors.AsType[*objects.LoginError](err); !ok || refused.Answer.Code() != objects.TooManySessions {
				t.Fatalf("%v", err)
			}
		}
		if n := r.Calls("login"); n != want {
			t.Errorf("%d logins, want %d", n, want)
		}
		c.Add(40)
	}
}

// TestASessionServesWhileNoOtherIsOpened: who finds it busy waits for it, although a login has been
// refused meanwhile.
func TestASessionServesWhileNoOtherIsOpened(t *testing.T) {
	r := start(t, epp.Options{})
	if _, err := info(r.Pool); err != nil {
		t.Fatal(err)
	}
	r.SetPassword("another-password")
	r.Faults.Add(faults.Fault{Method: "domain.info", Kind: faults.Delay, Delay: 20 * time.Millisecond, Times: faults.Always})
	errs, _ := together(12, func() error { _, err := info(r.Pool); return err })
	failed := 0
	for _, err := range errs {
		if err == nil {
			continue
		}
		failed++
		if _, ok := errors.AsType[*objects.LoginError](err); !ok {
			t.Errorf("%v", err)
		}
	}
	if failed > 1 || r.Calls("login") != 1+failed {
		t.Errorf("%d failed, %d logins", failed, r.Calls("login"))
	}
}

// TestARefusalIsPassedOn: the last session ends while a login is not tried again, and one after the
// other of those who waited for it learns why.
func TestARefusalIsPassedOn(t *testing.T) {
	r := start(t, epp.Options{})
	if _, err := info(r.Pool); err != nil {
		t.Fatal(err)
	}
	r.SetPassword("another-password")
	r.Faults.Add(faults.Fault{Method: "domain.create", Kind: faults.CutBefore, Delay: 500 * time.Millisecond})
	lost := make(chan error, 1)
	go func() { _, err := create(r.Pool, "a.registry"); lost <- err }()
	until(t, func() bool { return r.Calls("domain.create") == 1 })
	errs, slowest := together(12, func() error { _, err := info(r.Pool); return err })
	for _, err := range errs {
		if _, ok := errors.AsType[*objects.LoginError](err); !ok {
			t.Errorf("%v", err)
		}
	}
	if err := <-lost; err == nil || slowest > patience/2 || r.Calls("login") != 2 {
		t.Errorf("%v, the last answer after %s, %d logins", err, slowest, r.Calls("login"))
	}
}

// TestTheRateIsThatOfAllFramesButHello: with one turn only, which the login has used up, a session
// is kept by hello, and ended without a logout, which would have to wait.
func TestTheRateIsThatOfAllFramesButHello(t *testing.T) {
	var c clock
	c.Store(time.Now().Unix())
	r := start(t, epp.Options{}, func(config *session.Config) {
		config.CallsPerSecond, config.Hello, config.Keep, config.Now = 0.0001, 5*time.Millisecond, time.Minute, c.now
	})
	if _, err := r.Offers(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { return r.Calls("hello") >= 3 })
	_, err := info(r.Pool)
	if cause := unsent(t, err); !errors.Is(cause, context.DeadlineExceeded) {
		t.Errorf("%v", cause)
	}
	c.Add(61)
	until(t, func() bool { return r.Sessions() == 0 })
	if r.Calls("login") != 1 || r.Calls("domain.info") != 0 || r.Calls("logout") != 0 {
		t.Errorf("%d logins, %d infos, %d logouts", r.Calls("login"), r.Calls("domain.info"), r.Calls("logout"))
	}
	if _, ok := errors.AsType[*exchange.TransportError](err); !ok {
		t.Errorf("%T", err)
	}
}
