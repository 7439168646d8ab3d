package session

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"domainprovisioning/registrars/epp/internal/frames"
)

// The greatest age of a session. Only a login tells what a registry has to say of the account, such
// as a password that expires, and a session in which the queue is read would never end: so each
// process logs in twice a day. The jitter is the session's, so that not all end at once.
const (
	greatestAge = 12 * time.Hour
	ageJitter   = time.Hour
)

// ageFrom is when a session of a login is too old.
func (p *Pool) ageFrom(login time.Time) time.Time {
	return login.Add(greatestAge + rand.N(ageJitter)) //nolint:gosec // spreads load, keeps no secret
}

// release gives a session back, or gives it up. It is closed before another one may take its
// place at the registry, and without the lock: closing TLS may wait for the peer. Nobody waits for the
// logout of one that is too old but who needs its place.
func (p *Pool) release(s *session, kept bool) {
	if kept = kept && s.alive(); !kept {
		s.close()
	}
	now := p.config.Now()
	if kept && !now.Before(s.old) {
		go p.retire(s)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s.used = now
	p.settle(s, kept)
}

// retire ends a session that is not used any more.
func (p *Pool) retire(s *session) {
	ctx, cancel := context.WithTimeout(context.Background(), p.config.Timeout)
	defer cancel()
	p.end(ctx, s)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle(s, false)
}

// settle makes a session idle, or forgets one that is closed.
func (p *Pool) settle(s *session, kept bool) {
	if kept {
		p.rest(s)
	} else {
		p.open--
	}
	p.call(1)
}

// rest makes a session idle, until it is used or a hello is due.
func (p *Pool) rest(s *session) {
	p.idle = append(p.idle, s)
	if s.timer != nil {
		s.timer.Stop() // a hello that comes late finds the timer of a later use
	}
	s.timer = time.AfterFunc(p.config.Hello, func() { p.keep(s) })
}

// keep says hello in a session that is idle, or ends it when it was not used for long or is too old.
func (p *Pool) keep(s *session) {
	p.mu.Lock()
	at := slices.Index(p.idle, s)
	if at < 0 {
		p.mu.Unlock()
		return // it is in use
	}
	p.idle = slices.Delete(p.idle, at, at+1)
	p.mu.Unlock()
	if now := p.config.Now(); now.Sub(s.used) >= p.config.Keep || !now.Before(s.old) {
		p.retire(s)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), p.config.Timeout)
	defer cancel()
	kept := hello(ctx, s) && s.alive()
	if !kept {
		s.close()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle(s, kept)
}

// hello reports whether a session is still served.
func hello(ctx context.Context, s *session) bool {
	reply, err := s.exchange(ctx, frames.WriteHello())
	if err == nil {
		_, err = frames.ReadGreeting(reply)
	}
	return err == nil
}

// end logs out and closes a session. Who does not get an answer has closed as well.
func (p *Pool) end(ctx context.Context, s *session) {
	if s.alive() && p.wait(ctx) == nil {
		_, _ = s.exchange(ctx, frames.WriteLogout(p.id()))
	}
	s.close()
}
