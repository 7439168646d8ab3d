package session

import (
	"context"
	"errors"
	"slices"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars/epp/internal/objects"
	"domainprovisioning/wire/exchange"
)

// waiter is a caller who waits for a session.
type waiter struct {
	called chan struct{} // closed: try again, unless err says that there is none
	err    error
}

// acquire returns a session for one command: an idle one, a new one, or the next that is free.
// Who leaves without one calls the next waiter, whom nobody else would call.
func (p *Pool) acquire(ctx context.Context) (*session, error) {
	for again := false; ; again = true {
		p.mu.Lock()
		if s := p.pop(); s != nil {
			p.mu.Unlock()
			if s.alive() {
				return s, nil
			}
			p.release(s, false) //nolint:contextcheck // it is given up
			continue
		}
		may, refused := p.mayOpen()
		if refused != nil {
			p.call(1)
			p.mu.Unlock()
			return nil, refused
		}
		if may {
			p.open++
			p.opening++
			p.mu.Unlock()
			if s, err := p.openOne(ctx); s != nil || err != nil {
				return s, err
			}
			continue // the registry allows no further session: the others serve
		}
		me := p.queue(again)
		p.mu.Unlock()
		select {
		case <-me.called:
			if me.err != nil {
				return nil, me.err
			}
		case <-ctx.Done():
			p.leave(me)
			return nil, &exchange.TransportError{Sent: false, Err: ctx.Err()}
		}
	}
}

// pop takes the session that was used last out of the idle ones; nil if there is none.
func (p *Pool) pop() *session {
	if len(p.idle) == 0 {
		return nil
	}
	s := p.idle[len(p.idle)-1]
	p.idle = p.idle[:len(p.idle)-1]
	s.timer.Stop()
	return s
}

// mayOpen reports whether another session may be opened now. Without any that is logged in they
// are opened one by one, and so they are after a refusal: with a wrong password, a login for each
// caller would lock the account. The error is the refusal of the last login, while no other one
// is tried and there is no session to wait for.
func (p *Pool) mayOpen() (bool, error) {
	loggedIn := p.open - p.opening
	switch {
	case p.paused() && loggedIn == 0:
		return false, p.refused
	case p.paused(), p.open >= p.allowed():
		return false, nil
	}
	return p.opening == 0 || loggedIn > 0 && p.refused == nil, nil
}

// limitFor is how long a registry's limit of sessions is believed.
const limitFor = 5 * time.Minute

func (p *Pool) allowed() int {
	if p.limit < p.config.Most && !p.config.Now().Before(p.limitUntil) {
		p.limit = p.config.Most
	}
	return p.limit
}

// The pause after a refused login. Registries lock accounts whose password is wrong too often.
const (
	firstPause   = 15 * time.Second
	longestPause = 15 * time.Minute
)

// paused reports whether no login is tried because of the last one.
func (p *Pool) paused() bool {
	return p.refused != nil && p.config.Now().Before(p.pauseUntil)
}

// openOne opens a session. It returns neither a session nor an error if the registry allows no
// further session beside those that are open.
func (p *Pool) openOne(ctx context.Context) (*session, error) {
	s, late := (*session)(nil), p.wait(ctx)
	err := late
	if late == nil {
		s, err = p.begin(ctx, domains.Secret{})
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.opening--
	if err == nil {
		p.refused, p.pause = nil, 0
		p.call(p.allowed() - p.open)
		return s, nil
	}
	p.open--
	if refused, ok := errors.AsType[*objects.LoginError](err); ok && !p.believed(refused) {
		return nil, nil //nolint:nilnil // as it says
	}
	if ours := late != nil || ctx.Err() != nil; ours || p.open > 0 {
		p.call(1)
	} else {
		p.fail(err) // a try for each of those who waited for this one would end alike
	}
	return nil, err
}

// believed records a refused login. It reports whether that is an error for the caller: it is
// not if there are sessions, and the registry allows no further one.
func (p *Pool) believed(refused *objects.LoginError) bool {
	now, loggedIn := p.config.Now(), p.open-p.opening
	switch tooMany := refused.Answer.Code() == objects.TooManySessions; {
	case tooMany && loggedIn > 0:
		p.limit, p.limitUntil = loggedIn, now.Add(limitFor)
		return false
	case tooMany:
		p.refused, p.pauseUntil = refused, now.Add(p.config.SessionsWait)
	case !p.paused(): // of several at once the first counts
		p.pause = min(max(firstPause, 2*p.pause), longestPause)
		p.refused, p.pauseUntil = refused, now.Add(p.pause)
	}
	return true
}

// queue makes a waiter. Who was called, and was too late, does not lose the place.
func (p *Pool) queue(again bool) *waiter {
	me := &waiter{called: make(chan struct{})}
	at := len(p.waiters)
	if again {
		at = 0
	}
	p.waiters = slices.Insert(p.waiters, at, me)
	return me
}

// call lets those who have waited longest try.
func (p *Pool) call(n int) {
	for ; n > 0 && len(p.waiters) > 0; n-- {
		close(p.waiters[0].called)
		p.waiters = p.waiters[1:]
	}
}

// fail tells all who wait why no session could be opened.
func (p *Pool) fail(err error) {
	for _, one := range p.waiters {
		one.err = err
	}
	p.call(len(p.waiters))
}

// leave gives up waiting. Who was called at the same moment calls the one behind.
func (p *Pool) leave(me *waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := slices.Index(p.waiters, me); at >= 0 {
		p.waiters = slices.Delete(p.waiters, at, at+1)
		return
	}
	p.call(1)
}
