// Package gateway is the HTTP side of the system. It takes orders, as XML-RPC and as
// JSON, questions about them, and the confirmations of registrars. It decides nothing
// about orders itself: desk and intake do, for the command line as well.
//
// A successful answer means that the request is stored: an order with its sealed secrets
// before 201, 202 or an XML-RPC result, a confirmation before its 200. A relay brings
// both to Temporal, at once or when Temporal returns.
package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/telemetry"
)

// Options are the parts and limits of a gateway. All but Metrics, Codec, Tracing and Now are required.
type Options struct {
	Desk *desk.Desk
	// Nudge makes the relay look at once, after a confirmation was stored.
	Nudge func()
	// Decoders reads the callbacks of each configured registrar account. It is nil for an
	// account without a secret for callbacks.
	Decoders map[string]registrars.CallbackDecoder
	// TemporalUp returns an error if Temporal cannot be reached.
	TemporalUp func(ctx context.Context) error
	// WatchEvery says how often each registrar account that has a watch should be asked
	// for pending operations.
	WatchEvery map[string]time.Duration
	Log        *slog.Logger
	// RequestsPerSecond and Burst bound each API key.
	RequestsPerSecond float64
	Burst             int
	// EventStreams bounds the number of open event streams. One API key may have a quarter of
	// them, at least one.
	EventStreams int
	// RequestTimeout bounds a request, except for event streams.
	RequestTimeout time.Duration
	// Metrics are those of the process; nil gives the gateway some of its own.
	Metrics *telemetry.Metrics
	// DeskPage says how people reach the desk page.
	DeskPage DeskPage
	// Codec opens what the Web UI shows; without payloads it is not served.
	Codec Codec
	// Tracing is nil if nothing is traced.
	Tracing *telemetry.Tracing
	// BatchIdle is how long a batch that is being sent may send nothing. Zero means 30 s.
	BatchIdle time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Gateway serves HTTP.
type Gateway struct {
	Options

	keys     *keys
	writable writable
	streams  *streams
	batches  taking
	stopping chan struct{} // closed when streams must end
	mux      *http.ServeMux
}

// New returns a gateway.
func New(options Options) *Gateway {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Metrics == nil {
		options.Metrics = telemetry.New()
		options.Metrics.ReadStore(&telemetry.Standing{Store: options.Desk.Store, WatchEvery: options.WatchEvery, Log: options.Log, Now: options.Now})
	}
	g := &Gateway{
		Options:  options,
		keys:     newKeys(options.Desk.Store, options.RequestsPerSecond, options.Burst),
		streams:  newStreams(options.EventStreams),
		batches:  taking{clients: map[string]bool{}},
		stopping: make(chan struct{}),
		mux:      http.NewServeMux(),
	}
	for _, route := range g.routes() {
		g.mux.Handle(route.method+" "+route.path, g.guarded(route))
	}
	desk := g.page()
	for _, route := range desk.Routes() {
		g.mux.Handle(route.Pattern, g.bounded(route))
	}
	g.handleCodec(desk)
	return g
}

// route is one operation of the API: how it is reached, who may use it, and what
// openapi.go says about it.
type route struct {
	method, path string
	// scope is what the caller's API key must permit; "" if guarded does not ask for a
	// key.
	scope store.Scope
	// operators is true for what belongs to no client: the key must permit store.ScopeAll too.
	operators bool
	// stream is true if the answer does not end by itself.
	stream bool
	handle func(w http.ResponseWriter, r *http.Request) error
	doc    operation
}

func (g *Gateway) routes() []route {
	return slices.Concat(g.operationRoutes(), g.driftRoutes(), g.hookRoutes(), g.batchRoutes(), g.domainRoutes(), []route{
		{method: http.MethodPost, path: "/v1/orders", scope: store.ScopePlace, handle: g.placeOrder, doc: docPlaceOrder()},
		{method: http.MethodPost, path: "/v1/orders/rehearsal", scope: store.ScopePlace, handle: g.rehearseOrder, doc: docRehearseOrder()},
		{method: http.MethodGet, path: "/v1/orders", scope: store.ScopeRead, handle: g.listOrders, doc: docListOrders()},
		{method: http.MethodGet, path: "/v1/orders/{id}", scope: store.ScopeRead, handle: g.getOrder, doc: docGetOrder()},
		{method: http.MethodGet, path: "/v1/orders/{id}/events", scope: store.ScopeRead, stream: true, handle: g.orderEvents, doc: docOrderEvents()},
		{method: http.MethodGet, path: "/v1/orders/{id}/acts", scope: store.ScopeRead, handle: g.orderActs, doc: docOrderActs()},
		{method: http.MethodPost, path: "/v1/orders/{id}/retry", scope: store.ScopeOperate, handle: g.retryOrder, doc: docRetryOrder()},
		{method: http.MethodPost, path: "/v1/orders/{id}/amend", scope: store.ScopeOperate, handle: g.amendOrder, doc: docAmendOrder()},
		{method: http.MethodPost, path: "/v1/orders/{id}/cancel", scope: store.ScopeCancel, handle: g.cancelOrder, doc: docCancelOrder()},
		{method: http.MethodGet, path: "/v1/orders/{id}/commands", scope: store.ScopeRead, handle: g.orderCommand, doc: docOrderCommand()},
		{method: http.MethodGet, path: "/v1/orders/{id}/undo", scope: store.ScopeRead, handle: g.orderUndo, doc: docOrderUndo()},
		{method: http.MethodPost, path: "/v1/orders/{id}/extend", scope: store.ScopeOperate, handle: g.extendOrder, doc: docExtendOrder()},
		{method: http.MethodPost, path: "/v1/orders/{id}/skip", scope: store.ScopeOperate, handle: g.skipStep, doc: docSkipStep()},
		{method: http.MethodPost, path: "/v1/orders/{id}/confirm-by-hand", scope: store.ScopeOperate, handle: g.confirmByHand, doc: docConfirmByHand()},
		{method: http.MethodPost, path: "/v1/orders/{id}/confirm", scope: store.ScopeOperate, handle: g.confirmOrder, doc: docConfirmOrder()},
		{method: http.MethodGet, path: "/v1/quotes/{reference}", scope: store.ScopeOperate, handle: g.getQuote, doc: docGetQuote()},
		{method: http.MethodPost, path: "/v1/registrars/{account}/callbacks", handle: g.callback, doc: docCallback()},
		{method: http.MethodGet, path: "/v1/registrars/{account}/callbacks", handle: g.callback, doc: docCallbackGet()},
		{method: http.MethodPost, path: "/RPC2", handle: g.rpc, doc: docRPC()},
		{method: http.MethodGet, path: "/healthz", handle: g.healthz, doc: docHealthz()},
		{method: http.MethodGet, path: "/readyz", handle: g.readyz, doc: docReadyz()},
		{method: http.MethodGet, path: "/metrics", scope: store.ScopeAll, handle: g.serveMetrics, doc: docMetrics()},
		{method: http.MethodGet, path: "/openapi.json", handle: g.serveOpenAPI, doc: docOpenAPI()},
	})
}

// scopes are what the caller's key must permit.
func (r route) scopes() []store.Scope {
	if r.operators && r.scope != store.ScopeAll {
		return []store.Scope{r.scope, store.ScopeAll}
	}
	return []store.Scope{r.scope}
}

// guarded checks the key that the route needs and turns errors into answers.
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
			key, err := g.keys.bearer(asking, r, route.scopes()...)
			cancel()
			if err != nil {
				g.recordRefused(r, route, key, err)
				g.problem(w, r, err)
				return
			}
			ctx = desk.WithBy(withKey(ctx, key), by(key))
		}
		if err := route.handle(w, r.WithContext(ctx)); err != nil {
			g.problem(w, r, err)
		}
	})
}

// EndStreams ends the event streams, which would otherwise hold up a graceful stop.
func (g *Gateway) EndStreams() { close(g.stopping) }

func (g *Gateway) serveMetrics(w http.ResponseWriter, r *http.Request) error {
	g.Metrics.Handler(g.Log).ServeHTTP(w, r)
	return nil
}
