package session

import (
	"net"
	"time"

	"domainprovisioning/registrars/epp/internal/frames"
)

// Alive counts the idle sessions that the registry has not closed, as far as the pool knows.
func (p *Pool) Alive() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, s := range p.idle {
		if s.alive() {
			n++
		}
	}
	return n
}

// Waiting counts those who wait for a session.
func (p *Pool) Waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.waiters)
}

// Given is a session that a test has made of a connection.
type Given struct{ s *session }

// Give puts an idle session into the pool, of a connection whose login is done.
func (p *Pool) Give(conn net.Conn) Given {
	s := &session{conn: conn, incoming: make(chan []byte, 1), ended: make(chan struct{}), used: p.config.Now(), old: p.ageFrom(p.config.Now())}
	s.menu = frames.Menu{Objects: []string{frames.Domains}}
	go s.listen(p.config.LargestFrame)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open++
	p.rest(s)
	return Given{s}
}

// Received reports whether a frame has come that nobody has read yet.
func (g Given) Received() bool { return len(g.s.incoming) > 0 }

// Ended reports whether no further frame comes.
func (g Given) Ended() bool {
	select {
	case <-g.s.ended:
		return true
	default:
		return false
	}
}

// Stale carries out the hello of a timer that fired before the session was used, when it is idle
// again and has another timer. It reports whether that one still runs.
func (p *Pool) Stale(g Given) bool {
	p.mu.Lock()
	newer := g.s.timer
	p.mu.Unlock()
	p.keep(g.s)
	return newer.Stop()
}

// AgeFrom is when a session of a login is too old.
func (p *Pool) AgeFrom(login time.Time) time.Time { return p.ageFrom(login) }

// Keep carries out the timer of a session.
func (p *Pool) Keep(g Given) { p.keep(g.s) }
