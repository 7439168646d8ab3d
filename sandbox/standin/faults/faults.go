// Package faults makes a stand-in misbehave on request: late, refusing, cut off
// before or after the effect, or answering garbage. A fault is decided after the
// method name is known, so that it can be aimed at one call.
package faults

import (
	"strings"
	"sync"
	"time"
)

// Kind names what goes wrong.
type Kind string

// The kinds. The first group works in every stand-in, the second one in those that
// speak XML-RPC, the third in the registrar's only, where a rule of that API stands
// behind it.
const (
	None      Kind = ""
	Delay     Kind = "delay"      // the call is slow, then carried out even if the caller has left
	HTTPError Kind = "http-error" // Status (503) instead of an answer; no effect
	RateLimit Kind = "rate-limit" // Status (429) with Retry-After; no effect
	CutBefore Kind = "cut-before" // the connection ends before the effect
	CutAfter  Kind = "cut-after"  // the effect happens, the connection ends without a reply
	Malformed Kind = "malformed"  // the effect happens, the reply is garbage

	RaiseFault Kind = "fault" // the effect happens, the answer is an XML-RPC fault that says nothing of it

	SessionExpired  Kind = "session-expired"   // the session is ended first; no effect
	TooManySessions Kind = "too-many-sessions" // opening a session is refused
	UnknownStatus   Kind = "unknown-status"    // the effect happens, the reply's status is a new word
	DNSNotReady     Kind = "dns-not-ready"     // the registrar's check of the zone fails; no effect
	InDoubt         Kind = "in-doubt"          // the request is taken, and its process gets status IN_DOUBT
	NoProcessID     Kind = "no-process-id"     // the request is taken and goes on, the answer does not say under which number
)

// Always as Fault.Times never wears off.
const Always = -1

// Fault is one rule.
type Fault struct {
	// System is the stand-in that a parsed fault is for; an Injector, which
	// belongs to one stand-in, does not look at it.
	System string
	// Method is matched without regard to case; empty is any method.
	Method string
	Kind   Kind
	// Times that it strikes; 0 is once, Always is for ever.
	Times int
	// After skips that many matching calls first.
	After int
	// Delay is the wait of the kind Delay; with another kind it comes before it.
	Delay time.Duration
	// Status replaces the status of HTTPError (503) and RateLimit (429).
	Status int
}

// Decision is what befalls one call.
type Decision struct {
	Kind   Kind
	Delay  time.Duration
	Status int
}

// Injector holds the faults of one stand-in. Its zero value has none, and it is
// safe for concurrent use.
type Injector struct {
	// Applies, if set, says which kinds make sense for a method, so that a fault
	// for any method does not wear off on one that cannot show it. It is set
	// before the first use.
	Applies func(kind Kind, method string) bool

	mu    sync.Mutex
	rules []*rule
}

type rule struct {
	Fault
	seen, struck int
}

// Add adds a fault. Faults are tried in the order of their addition.
func (i *Injector) Add(f Fault) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.rules = append(i.rules, &rule{Fault: f})
}

// Clear removes all faults.
func (i *Injector) Clear() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.rules = nil
}

// Begin decides about a call that has just arrived. Every matching rule counts
// the call. Delays add up; of the other kinds the first one that is due strikes,
// and the next ones keep their turn.
func (i *Injector) Begin(method string) Decision {
	i.mu.Lock()
	defer i.mu.Unlock()
	var d Decision
	for _, r := range i.rules {
		if r.Method != "" && !strings.EqualFold(r.Method, method) {
			continue
		}
		if i.Applies != nil && !i.Applies(r.Kind, method) {
			continue
		}
		r.seen++
		if !r.due() || (r.Kind != Delay && d.Kind != None) {
			continue
		}
		r.struck++
		d.Delay += r.Delay
		if r.Kind != Delay {
			d.Kind, d.Status = r.Kind, r.status()
		}
	}
	return d
}

func (r *rule) due() bool {
	if r.seen <= r.After {
		return false
	}
	return r.Times < 0 || r.struck < max(r.Times, 1)
}

func (r *rule) status() int {
	switch {
	case r.Status != 0:
		return r.Status
	case r.Kind == RateLimit:
		return 429
	default:
		return 503
	}
}
