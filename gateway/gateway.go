// Package gateway is the HTTP side of the system: orders in, as XML-RPC and as JSON,
// questions about them, and the confirmations of registrars. It decides nothing about
// orders itself: desk and intake do, for the command line as well.
//
// What was answered with success is stored: an order with its sealed secrets before
// 201, 202 or an XML-RPC result, a confirmation before its 200. A relay brings both to
// Temporal, at once or when it returns.
package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"domainprovisioning/desk"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// Options are what a gateway is made of. All are required, but for Now.
type Options struct {
	Desk *desk.Desk
	// Nudge lets the relay look at once, after a confirmation was stored.
	Nudge func()
	// Decoders reads the callbacks of each registrar account that is configured; nil
	// for one that has no secret for them.
	Decoders map[string]registrars.CallbackDecoder
	// TemporalUp asks whether Temporal can be reached.
	TemporalUp func(ctx context.Context) error
	// WatchEvery says how often each registrar account that has a watch is to be asked for
	// pending operations.
	WatchEvery map[string]time.Duration
	Log        *slog.Logger
	// RequestsPerSecond and Burst bound each API key.
	RequestsPerSecond float64
	Burst             int
	// EventStreams bounds the event streams that are open at a time.
	EventStreams int
	// RequestTimeout bounds a request, event streams excepted.
	RequestTimeout time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Gateway serves HTTP.
type Gateway struct {
	Options

	keys     *keys
	metrics  *metrics
	writable writable
	streams  chan struct{} // one token an open event stream
	stopping chan struct{} // closed when streams must end
	mux      *http.ServeMux
}

// New makes a gateway.
func New(options Options) *Gateway {
	if options.Now == nil {
		options.Now = time.Now
	}
	g := &Gateway{
		Options:  options,
		keys:     newKeys(options.Desk.Store, options.RequestsPerSecond, options.Burst),
		metrics:  newMetrics(options.Desk.Store),
		streams:  make(chan struct{}, options.EventStreams),
		stopping: make(chan struct{}),
		mux:      http.NewServeMux(),
	}
	for _, route := range g.routes() {
		g.mux.Handle(route.method+" "+route.path, g.guarded(route))
	}
	return g
}

// route is one operation of the API: how it is reached, who may use it, and what
// openapi.go says about it.
type route struct {
	method, path string
	// scope is what the caller's API key must permit; "" where none is asked for here.
	scope store.Scope
	// stream says that the answer has no end of its own.
	stream bool
	handle func(w http.ResponseWriter, r *http.Request) error
	doc    operation
}

func (g *Gateway) routes() []route {
	return []route{
		{method: http.MethodPost, path: "/v1/orders", scope: store.ScopePlace, handle: g.placeOrder, doc: docPlaceOrder()},
		{method: http.MethodPost, path: "/v1/orders/rehearsal", scope: store.ScopePlace, handle: g.rehearseOrder, doc: docRehearseOrder()},
		{method: http.MethodGet, path: "/v1/orders", scope: store.ScopeRead, handle: g.listOrders, doc: docListOrders()},
		{method: http.MethodGet, path: "/v1/orders/{id}", scope: store.ScopeRead, handle: g.getOrder, doc: docGetOrder()},
		{method: http.MethodGet, path: "/v1/orders/{id}/events", scope: store.ScopeRead, stream: true, handle: g.orderEvents, doc: docOrderEvents()},
		{method: http.MethodPost, path: "/v1/orders/{id}/retry", scope: store.ScopeOperate, handle: g.retryOrder, doc: docRetryOrder()},
		{method: http.MethodPost, path: "/v1/orders/{id}/confirm", scope: store.ScopeOperate, handle: g.confirmOrder, doc: docConfirmOrder()},
		{method: http.MethodPost, path: "/v1/registrars/{account}/callbacks", handle: g.callback, doc: docCallback()},
		{method: http.MethodGet, path: "/v1/registrars/{account}/callbacks", handle: g.callback, doc: docCallbackGet()},
		{method: http.MethodPost, path: "/RPC2", handle: g.rpc, doc: docRPC()},
		{method: http.MethodGet, path: "/healthz", handle: g.healthz, doc: docHealthz()},
		{method: http.MethodGet, path: "/readyz", handle: g.readyz, doc: docReadyz()},
		{method: http.MethodGet, path: "/metrics", scope: store.ScopeRead, handle: g.serveMetrics, doc: docMetrics()},
		{method: http.MethodGet, path: "/openapi.json", handle: g.serveOpenAPI, doc: docOpenAPI()},
	}
}

// guarded asks for the key that the route needs, and turns errors into answers.
func (g *Gateway) guarded(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if !route.stream {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, g.RequestTimeout)
			defer cancel()
		}
		if route.scope != "" {
			asking, cancel := context.WithTimeout(ctx, g.RequestTimeout)
			key, err := g.keys.bearer(asking, r, route.scope)
			cancel()
			if err != nil {
				g.problem(w, r, err)
				return
			}
			ctx = withKey(ctx, key)
		}
		if err := route.handle(w, r.WithContext(ctx)); err != nil {
			g.problem(w, r, err)
		}
	})
}

// EndStreams ends the event streams, which would hold up a graceful stop.
func (g *Gateway) EndStreams() { close(g.stopping) }

func (g *Gateway) serveMetrics(w http.ResponseWriter, r *http.Request) error {
	promhttp.HandlerFor(g.metrics.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(g.Log.Handler(), slog.LevelWarn), ErrorHandling: promhttp.ContinueOnError,
	}).ServeHTTP(w, r)
	return nil
}

// Registry is where the process adds metrics of its own.
func (g *Gateway) Registry() *prometheus.Registry { return g.metrics.registry }
