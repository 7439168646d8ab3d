// Package calls is shared by the stand-ins: it records the calls that reached
// them, and serves a call under a fault.
package calls

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"domainprovisioning/sandbox/standin/faults"
)

// Call is one call that reached the server. It has no parameters, because they
// may be personal data.
type Call struct {
	Method string
	At     time.Time
	// Outcome is "ok", "refused" (the answer was an error), or the kind of the fault
	// that struck; empty while the call is in progress.
	Outcome string
}

// The outcomes of a call without a fault.
const (
	OK      = "ok"
	Refused = "refused"
)

// Reply is an answer before it is written.
type Reply struct {
	Status  int         // 0 means 200
	Header  http.Header // in addition to Content-Length; without a Content-Type it is XML
	Body    []byte
	Outcome string
}

// Log records calls in the order of their arrival. Its zero value is ready for
// use.
type Log struct {
	mu    sync.Mutex
	calls []Call
}

// All returns a copy of the recorded calls.
func (l *Log) All() []Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.calls)
}

// Count returns how many calls of a method have arrived, including those that
// were cut off; an empty method counts all calls.
func (l *Log) Count(method string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, c := range l.calls {
		if method == "" || strings.EqualFold(c.Method, method) {
			n++
		}
	}
	return n
}

// Begin records a call that has just arrived; end notes its outcome. Serve does both; this is for
// what is no HTTP.
func (l *Log) Begin(method string, at time.Time) (end func(outcome string)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := len(l.calls)
	l.calls = append(l.calls, Call{Method: method, At: at})
	return func(outcome string) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.calls[i].Outcome = outcome
	}
}

// Exchange is one decoded call.
type Exchange struct {
	Method   string
	At       time.Time
	Delay    time.Duration // delay of every request
	Decision faults.Decision
	// Effect carries out the call. It is not called if the decision forbids the effect.
	// It must itself handle the kinds of faults that only its system knows.
	Effect func() Reply
	// Body is that of the request, and Quote the error of the system that says a text; for the
	// kind of fault of that name.
	Body  []byte
	Quote func(text string) Reply
}

// Serve records the call, applies the decision and writes the reply. A
// connection is cut by a panic with http.ErrAbortHandler, which net/http turns
// into a closed connection without a log entry.
func (l *Log) Serve(w http.ResponseWriter, r *http.Request, x Exchange) {
	end := l.Begin(x.Method, x.At)
	waiting := r.Context()
	if x.Decision.Kind == faults.Late {
		waiting = context.WithoutCancel(waiting)
	}
	wait(waiting, x.Delay+x.Decision.Delay)
	outcome, quoted := string(x.Decision.Kind), ""
	if x.Decision.Quoting {
		quoted = "\n" + faults.Quoted(r, x.Body)
	}
	switch x.Decision.Kind {
	case faults.CutBefore:
		end(outcome)
		panic(http.ErrAbortHandler)
	case faults.HTTPError, faults.RateLimit:
		end(outcome)
		if x.Decision.Kind == faults.RateLimit {
			w.Header().Set("Retry-After", "1")
		}
		http.Error(w, http.StatusText(x.Decision.Status)+quoted, x.Decision.Status)
		return
	case faults.Quote:
		end(outcome)
		Write(w, x.Quote(faults.Quoted(r, x.Body)))
		return
	}
	reply := x.Effect()
	switch x.Decision.Kind {
	case faults.CutAfter:
		end(outcome)
		panic(http.ErrAbortHandler)
	case faults.Malformed:
		reply = Reply{Body: []byte("<?xml version=\"1.0\"?>\n<reply><unfinished" + quoted)}
	case faults.None, faults.Late:
		outcome = reply.Outcome
	}
	end(outcome)
	Write(w, reply)
}

// Write writes a reply.
func Write(w http.ResponseWriter, reply Reply) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	maps.Copy(w.Header(), reply.Header)
	w.Header().Set("Content-Length", strconv.Itoa(len(reply.Body)))
	w.WriteHeader(max(reply.Status, http.StatusOK))
	// A broken connection is the caller's to notice.
	_, _ = w.Write(reply.Body)
}

// wait ends early when the caller leaves. The effect still follows, because a
// real server does not notice either.
func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
