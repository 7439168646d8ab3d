package netim_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim"
)

// kept holds one session for all processes, or refuses every lease.
type kept struct {
	registrars.Session
	refuses error
}

func (k *kept) Lease(context.Context, registrars.SessionTerms) (registrars.Session, error) {
	return k.Session, k.refuses
}

func (k *kept) Keep(_ context.Context, session registrars.Session, _ time.Duration) error {
	k.Session = session
	return nil
}

func (k *kept) Renew(context.Context, registrars.Session, time.Duration) error { return nil }
func (k *kept) Release(context.Context, registrars.Session) error              { return nil }
func (k *kept) Forget(context.Context, registrars.Session) error               { return nil }

func sharing(t *testing.T, url string, sessions registrars.Sessions) *netim.Netim {
	t.Helper()
	config := configFor(url)
	config.Sessions = sessions
	n, err := netim.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestAPaidCallIsRepeatedOnceInAKeptSession, whether this process opened the session
// that ended or found it.
func TestAPaidCallIsRepeatedOnceInAKeptSession(t *testing.T) {
	ended := fault(t, "E02", "E02 : Session expired")
	s := newServer(t)
	sessions := &kept{}
	s.on("domainCreate", ended, operation(t, "domainCreate", "Pending", ""))
	if got, err := sharing(t, s.URL, sessions).Submit(t.Context(), request()); err != nil || got.Status != registrars.StatusPending {
		t.Errorf("%+v, %v", got, err)
	}
	if s.count("sessionOpen") != 2 || s.count("domainCreate") != 2 {
		t.Errorf("%v", s.actions)
	}
	// The next process continues with it, opens one more, and does not try a third time.
	s.on("domainCreate", ended)
	_, err := sharing(t, s.URL, sessions).Submit(t.Context(), request())
	failed(t, err, registrars.ClassTemporary, "E02")
	if s.count("sessionOpen") != 3 || s.count("domainCreate") != 4 {
		t.Errorf("%v", s.actions)
	}
}

// TestNoSessionLeft: to the caller it looks like the registrar's own refusal.
func TestNoSessionLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := sharing(t, "https://api.invalid/", &kept{refuses: registrars.ErrSessionsTaken})
		_, err := n.Submit(t.Context(), request())
		e := failed(t, err, registrars.ClassRateLimited, "")
		if e.After != time.Minute || e.Rule != "too many sessions" || e.Call != "sessionOpen" {
			t.Errorf("%+v", e)
		}
	})
}

// TestCloseLeavesAKeptSession to other processes.
func TestCloseLeavesAKeptSession(t *testing.T) {
	s := newServer(t)
	n := sharing(t, s.URL, &kept{})
	s.on("queryOpePending", reply(t, "queryOpePending-empty"))
	if _, err := n.PendingOperations(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := n.Close(t.Context()); err != nil || s.count("sessionClose") != 0 {
		t.Errorf("%v, %v", s.actions, err)
	}
}
