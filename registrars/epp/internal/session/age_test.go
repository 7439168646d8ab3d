package session_test

import (
	"sync"
	"testing"
	"time"

	"domainprovisioning/registrars/epp/internal/objects"
	"domainprovisioning/registrars/epp/internal/session"
	"domainprovisioning/sandbox/standin/epp"
)

func newClock() *clock {
	c := &clock{}
	c.Store(time.Now().Unix())
	return c
}

func (c *clock) pass(span time.Duration) { c.Add(int64(span / time.Second)) }

// TestASessionThatIsInUseEndsSomeDay, by logout and between two commands, so that a login says
// what the registry has to say of the account.
func TestASessionThatIsInUseEndsSomeDay(t *testing.T) {
	clock, told := newClock(), make(chan []objects.Event, 10)
	r := start(t, epp.Options{}, func(c *session.Config) {
		c.Keep, c.Now = 15*time.Minute, clock.now
		c.Told = func(events []objects.Event) { told <- events }
	})
	ask := func(logins int) {
		t.Helper()
		if answer, err := info(r.Pool); err != nil || answer.Code() != objects.NotThere || r.Calls("login") != logins {
			t.Errorf("%v, %v after %d logins, want %d", answer.Results, err, r.Calls("login"), logins)
		}
	}
	const every = 10 * time.Minute
	for range int(12 * time.Hour / every) { // the watch, which keeps it in use
		ask(1)
		clock.pass(every)
	}
	r.WarnAtLogin(epp.Warning{Type: "password", Level: "warning", Text: "It expires."})
	clock.pass(time.Hour)
	ask(1) // the command that finds it too old is carried out in it
	until(t, func() bool { return r.Sessions() == 0 })
	if r.Calls("logout") != 1 || len(told) != 0 {
		t.Errorf("%d logouts, told %d times", r.Calls("logout"), len(told))
	}
	ask(2)
	if len(told) != 1 {
		t.Errorf("told %d times", len(told))
	}
}

// TestAnIdleSessionEndsOfAge instead of its hello, and two sessions not at the same moment.
func TestAnIdleSessionEndsOfAge(t *testing.T) {
	clock := newClock()
	r := start(t, epp.Options{}, func(c *session.Config) {
		c.Keep, c.Hello, c.Now = 100*time.Hour, 5*time.Millisecond, clock.now
	})
	if _, err := info(r.Pool); err != nil {
		t.Fatal(err)
	}
	clock.pass(12*time.Hour - time.Second)
	hellos := r.Calls("hello")
	until(t, func() bool { return r.Calls("hello") > hellos+2 })
	if r.Sessions() != 1 {
		t.Error("it ends before its time")
	}
	clock.pass(time.Hour + time.Second)
	until(t, func() bool { return r.Sessions() == 0 })
	if r.Calls("logout") != 1 {
		t.Errorf("%d logouts", r.Calls("logout"))
	}
	ends := map[time.Time]bool{}
	for range 20 {
		login := clock.now()
		at := r.AgeFrom(login)
		if age := at.Sub(login); age < 12*time.Hour || age >= 13*time.Hour {
			t.Errorf("it ends after %s", age)
		}
		ends[at] = true
	}
	if len(ends) < 2 {
		t.Error("all sessions end at once")
	}
}

// TestAnOldSessionIsNotEndedDuringACommand, and who waits for its place gets it after the logout.
func TestAnOldSessionIsNotEndedDuringACommand(t *testing.T) {
	clock := newClock()
	r := start(t, epp.Options{MostSessions: 1}, func(c *session.Config) { c.Most, c.Now = 1, clock.now })
	p := newPipe(t)
	given := r.Give(p)
	p.written = sync.OnceFunc(func() {
		clock.pass(13 * time.Hour)
		r.Keep(given) // a hello that was due: the session is in use
	})
	logout := make(chan struct{})
	go func() {
		p.answer(t, result("1000", "CL-1"))
		<-logout
		p.answer(t, result("1500", ""))
	}()
	if answer, err := r.Do(t.Context(), objects.Transaction{Command: objects.DeleteDomain{Name: "a.registry"}, ID: "CL-1"}); err != nil || answer.Code() != objects.Done {
		t.Fatalf("%v, %v", answer.Results, err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := info(r.Pool)
		done <- err
	}()
	until(t, func() bool { return r.Waiting() == 1 })
	if r.Calls("login") != 0 || given.Ended() {
		t.Errorf("%d logins before the logout, ended %t", r.Calls("login"), given.Ended())
	}
	close(logout)
	if err := <-done; err != nil || r.Calls("login") != 1 {
		t.Errorf("%v after %d logins", err, r.Calls("login"))
	}
	until(t, given.Ended)
}
