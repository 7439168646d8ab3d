// Package faults makes a stand-in misbehave on request: it answers late, refuses,
// cuts the connection before or after the effect, or answers garbage. A fault is
// decided after the method name is known, so it can target one method.
package faults

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kind names what goes wrong.
type Kind string

// The kinds. The first group works in every stand-in, the second in those that
// speak XML-RPC, and the third only in those of registrars whose API has such a
// case.
const (
	None      Kind = ""
	Delay     Kind = "delay"      // the call is slow, then carried out even if the caller has left
	Late      Kind = "late"       // the same, but what the call does happens only then, although the caller has left
	HTTPError Kind = "http-error" // Status (503) instead of an answer; no effect
	RateLimit Kind = "rate-limit" // Status (429) with Retry-After; no effect
	CutBefore Kind = "cut-before" // the connection ends before the effect
	CutAfter  Kind = "cut-after"  // the effect happens, the connection ends without a reply
	Malformed Kind = "malformed"  // the effect happens, the reply is garbage
	Quote     Kind = "quote"      // the system's own error, which quotes the request; no effect; see Quoted

	RaiseFault Kind = "fault"  // the effect happens, but the answer is an XML-RPC fault that does not mention it
	Refuse     Kind = "refuse" // the system answers that it refuses the call; no effect

	SessionExpired  Kind = "session-expired"   // the session is ended first; no effect
	TooManySessions Kind = "too-many-sessions" // opening a session is refused
	UnknownStatus   Kind = "unknown-status"    // the effect happens, the reply's status is a new word
	DNSNotReady     Kind = "dns-not-ready"     // the registrar's check of the zone fails; no effect
	InDoubt         Kind = "in-doubt"          // the request is accepted, and its process gets status IN_DOUBT
	NoProcessID     Kind = "no-process-id"     // the request is accepted and in progress, but the answer lacks its number
)

// Always is the value of Fault.Times for a fault that never wears off.
const Always = -1

// Fault is one rule: what goes wrong, for which calls, and how often.
type Fault struct {
	// System is the stand-in that a parsed fault is for. An Injector belongs to one
	// stand-in and ignores it.
	System string
	// Method is matched without regard to case; empty means any method.
	Method string
	Kind   Kind
	// Times is how often the fault strikes; 0 means once, Always means every time.
	Times int
	// After is how many matching calls to skip first.
	After int
	// Delay is the wait of the kinds Delay and Late; with another kind, it comes before the
	// fault.
	Delay time.Duration
	// Status replaces the status of HTTPError (503) and RateLimit (429).
	Status int
	// Quoting: the answer of HTTPError, RateLimit and Malformed quotes the request, as that of
	// Quote does.
	Quoting bool
}

// Decision is what happens to one call.
type Decision struct {
	Kind    Kind
	Delay   time.Duration
	Status  int
	Quoting bool
}

// Injector holds the faults of one stand-in. Its zero value has none, and it is
// safe for concurrent use.
type Injector struct {
	// Applies, if set, says which kinds make sense for a method, so that a fault
	// for any method does not wear off on one that cannot show it. It must be
	// set before the first use.
	Applies func(kind Kind, method string) bool
	// Methods are the methods that the stand-in has, for Check.
	Methods []string

	mu    sync.Mutex
	rules []*rule
}

type rule struct {
	Fault
	seen, struck int
}

// Add adds a fault. Faults are tried in the order in which they were added.
func (i *Injector) Add(f Fault) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.rules = append(i.rules, &rule{Fault: f})
}

// Check returns an error that lists the methods, if the fault is for one that the stand-in does
// not have: such a fault would never strike.
func (i *Injector) Check(f Fault) error {
	if f.Method == "" || slices.ContainsFunc(i.Methods, func(known string) bool { return strings.EqualFold(known, f.Method) }) {
		return nil
	}
	return fmt.Errorf("faults: %s has no call %q; it has %s", f.System, f.Method, strings.Join(slices.Sorted(slices.Values(i.Methods)), ", "))
}

// Clear removes all faults.
func (i *Injector) Clear() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.rules = nil
}

// Begin decides what happens to a call that has just arrived. Every matching rule
// counts the call. Delays add up; of the other kinds, the first one due strikes,
// and the rest keep their turn.
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
			d.Kind, d.Status, d.Quoting = r.Kind, r.status(), r.Quoting
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
