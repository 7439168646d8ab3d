package gateway

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
)

type idOfContext struct{}

// requestID returns the id of a request: the caller's X-Request-Id if it is well-formed,
// or else one of ours.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(idOfContext{}).(string)
	return id
}

var saneID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// ServeHTTP gives each request an id, survives panics, writes the access log and counts.
// The log and the metrics name the route, never the path, the query or the address, which
// can hold personal data.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := g.Now()
	id := r.Header.Get("X-Request-ID")
	if !saneID.MatchString(id) {
		id = rand.Text()
	}
	who := &caller{}
	ctx := context.WithValue(r.Context(), idOfContext{}, id)
	ctx = context.WithValue(ctx, callerOfContext{}, who)
	r = r.WithContext(ctx)
	w.Header().Set("X-Request-ID", id)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	answer := &recorder{ResponseWriter: w}
	_, pattern := g.mux.Handler(r)
	route := pattern
	if pattern == "" {
		route = "none"
	}
	traced := func(int) {}
	if !untraced[pattern] {
		ctx, traced = g.Tracing.Request(ctx, route, method(r.Method), r.Header)
		r = r.WithContext(ctx)
	}
	defer func() {
		if trouble := recover(); trouble != nil {
			if aborted, ok := trouble.(error); ok && errors.Is(aborted, http.ErrAbortHandler) {
				panic(trouble)
			}
			g.Log.ErrorContext(ctx, "a request has panicked", "request", id, "route", route, "panic", trouble, "stack", string(debug.Stack()))
			if answer.status != 0 {
				// A partial answer must not look like a complete one.
				defer panic(http.ErrAbortHandler)
			} else {
				g.problem(answer, r, newProblem(http.StatusInternalServerError, "internal", "Internal error", ""))
			}
		}
		traced(answer.code())
		g.Metrics.Served(route, method(r.Method), answer.code(), g.Now().Sub(began))
		var inTrace slog.Attr // the empty one is left out
		if id := g.Tracing.TraceID(ctx); id != "" {
			inTrace = slog.String("trace", id)
		}
		g.Log.LogAttrs(ctx, slog.LevelInfo, "request",
			slog.String("request", id), slog.String("route", route), slog.String("method", method(r.Method)), slog.Int("status", answer.code()),
			slog.Int64("took_ms", g.Now().Sub(began).Milliseconds()), slog.Int64("bytes_in", r.ContentLength),
			slog.Int64("bytes_out", answer.bytes), slog.String("caller", who.name), inTrace)
	}()
	if pattern == "" {
		g.unrouted(answer, r)
		return
	}
	g.mux.ServeHTTP(answer, r)
}

// untraced are the routes that are asked every few seconds, by machines, for nothing that could
// take long. The empty one is what no route serves, which anybody may ask.
var untraced = map[string]bool{"": true, "GET /healthz": true, "GET /readyz": true, "GET /metrics": true, "GET /openapi.json": true}

// method keeps invented methods out of the log and the metrics.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead, http.MethodOptions:
		return m
	}
	return "other"
}

// unrouted answers requests that no route serves: 405 if another method would be served,
// else 404.
func (g *Gateway) unrouted(w http.ResponseWriter, r *http.Request) {
	probe := &recorder{ResponseWriter: discard{http.Header{}}}
	handler, _ := g.mux.Handler(r)
	handler.ServeHTTP(probe, r)
	if allow := probe.Header().Get("Allow"); probe.status == http.StatusMethodNotAllowed && allow != "" {
		w.Header().Set("Allow", allow)
		g.problem(w, r, newProblem(http.StatusMethodNotAllowed, "method", "The method is not served here", "served: "+allow))
		return
	}
	g.problem(w, r, newProblem(http.StatusNotFound, "no-such-path", "There is nothing here", "the API is described at /openapi.json"))
}

// discard is an answer that is thrown away.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

// recorder records the status and size of an answer.
type recorder struct {
	http.ResponseWriter

	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) code() int {
	if r.status == 0 {
		return http.StatusOK
	}
	return r.status
}
