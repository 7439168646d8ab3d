package telemetry

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is the small HTTP side of a process that serves no orders: /healthz, /readyz and
// /metrics, read only and without a login.
type Server struct {
	Metrics *Metrics
	// Alive returns why the process cannot go on and should be started again, or nil. It must
	// not ask anything outside of the process.
	Alive func() error
	// Ready asks everything that the process needs. An answer is used again for readyFor.
	Ready func(ctx context.Context) []Part
	Log   *slog.Logger

	asking sync.Mutex
	at     time.Time
	parts  []Part
}

// Part is something that a process needs, and the trouble with it.
type Part struct {
	Name string
	Err  error
	// Strict says that the process is ready without it, unless it is asked for /readyz?strict.
	Strict bool
}

// Limits of the server.
const (
	readyFor      = 3 * time.Second
	readyTimeout  = 5 * time.Second
	headerTimeout = 5 * time.Second
	bodyTimeout   = 5 * time.Second
	answerTimeout = 30 * time.Second // the slowest answer is /metrics
	idleTimeout   = time.Minute
	maxHeaders    = 8 << 10
	stopTimeout   = 2 * time.Second
)

// Serve answers until the context ends.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: s.routes(), ReadHeaderTimeout: headerTimeout, ReadTimeout: bodyTimeout, WriteTimeout: answerTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaders,
		ErrorLog:    slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	stopped := context.AfterFunc(ctx, func() {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		_ = server.Shutdown(stopping)
	})
	defer stopped()
	err := server.Serve(listener)
	if ctx.Err() != nil {
		return nil // it was told to stop
	}
	return err
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", s.Metrics.Handler(s.Log))
	return mux
}

// healthz answers whether the process can go on.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	if err := s.Alive(); err != nil {
		s.Log.Warn("telemetry: the process is not healthy", "error", err)
		s.answer(w, http.StatusServiceUnavailable, map[string]string{"status": "unhealthy", "trouble": err.Error()})
		return
	}
	s.answer(w, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz answers whether everything is there that the process needs. If only a strict part is in
// trouble it is "degraded", and unavailable for ?strict.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	status, health, strict := http.StatusOK, map[string]string{"status": "ready"}, r.URL.Query().Has("strict")
	for _, part := range s.ready(r.Context()) {
		health[part.Name] = "ok"
		switch {
		case part.Err == nil:
		case part.Strict && !strict:
			health[part.Name] = "degraded"
			if status == http.StatusOK {
				health["status"] = "degraded"
			}
		default:
			// What an error says is for the log: it may name an address.
			s.Log.Warn("telemetry: the process is not ready", "part", part.Name, "error", part.Err)
			status, health["status"], health[part.Name] = http.StatusServiceUnavailable, "unavailable", "unavailable"
		}
	}
	s.answer(w, status, health)
}

// ready asks all parts at once, unless they have just been asked.
func (s *Server) ready(ctx context.Context) []Part {
	s.asking.Lock()
	defer s.asking.Unlock()
	if age := time.Since(s.at); s.parts != nil && age < readyFor {
		return s.parts
	}
	// The answer is for others too, whatever becomes of this request.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
	defer cancel()
	s.parts, s.at = s.Ready(ctx), time.Now()
	return s.parts
}

func (s *Server) answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.Log.Debug("telemetry: an answer was not taken", "error", err)
	}
}
