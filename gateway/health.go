package gateway

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"domainprovisioning/store"
)

// Health is the answer to /readyz.
type Health struct {
	// Status is ready, degraded or unavailable.
	Status   string `json:"status" jsonschema:"enum=ready,enum=degraded,enum=unavailable"`
	Database string `json:"database" jsonschema:"enum=ok,enum=unreachable"`
	Temporal string `json:"temporal" jsonschema:"enum=ok,enum=unreachable"`
	// Disk says whether the database can be written.
	Disk string `json:"disk" jsonschema:"enum=ok,enum=not-writable"`
	// Watches is late when a registrar account is not asked for pending operations as often as
	// it should be; its name stands in LateWatches.
	Watches     string   `json:"watches" jsonschema:"enum=ok,enum=late"`
	LateWatches []string `json:"lateWatches,omitempty"`
}

// healthTimeout bounds each question of /readyz.
const healthTimeout = 3 * time.Second

// healthz says that the process serves.
func (g *Gateway) healthz(w http.ResponseWriter, r *http.Request) error {
	return g.answer(w, r, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz asks the database and Temporal. Without the database, or a place to write,
// nothing can be taken on. Without Temporal orders and callbacks are still taken, and while a
// watch is late orders wait longer than they need: the gateway stays in rotation, "degraded",
// unless ?strict asks for everything.
func (g *Gateway) readyz(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
	defer cancel()
	health := Health{Status: "ready", Database: "ok", Temporal: "ok", Disk: "ok", Watches: "ok"}
	var asking sync.WaitGroup
	asking.Go(func() { g.askStore(ctx, &health) })
	temporal := g.TemporalUp(ctx)
	asking.Wait()
	if temporal != nil {
		health.Temporal = "unreachable"
	}
	status := http.StatusOK
	switch {
	case health.Database != "ok", health.Disk != "ok":
		health.Status, status = "unavailable", http.StatusServiceUnavailable
	case health.Temporal == "ok" && health.Watches == "ok":
	case r.URL.Query().Has("strict"):
		health.Status, status = "unavailable", http.StatusServiceUnavailable
	default:
		health.Status = "degraded"
	}
	return g.answer(w, r, status, health)
}

// writableFor is for how long an answer of the database about itself is believed: anybody may
// ask /readyz as often as they like, and each question writes.
const writableFor = 5 * time.Second

// writable remembers whether the database can be written.
type writable struct {
	mu   sync.Mutex
	at   time.Time
	last error
}

func (w *writable) check(ctx context.Context, now time.Time, ask func(context.Context) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	// One that was away is asked again at once: it is nothing to write then.
	known := w.last == nil || errors.Is(w.last, store.ErrNotWritable)
	if age := now.Sub(w.at); !known || age < 0 || age >= writableFor {
		w.at, w.last = now, ask(ctx)
	}
	return w.last
}

// askStore asks what the store knows.
func (g *Gateway) askStore(ctx context.Context, health *Health) {
	switch err := g.writable.check(ctx, g.Now(), g.Desk.Store.CheckWritable); {
	case errors.Is(err, store.ErrNotWritable):
		health.Disk = "not-writable"
	case err != nil:
		health.Database = "unreachable"
		return
	}
	watches, err := g.Desk.Store.Watches(ctx)
	if err != nil {
		return // it was reached a moment ago: the next question shows it
	}
	for _, watch := range watches {
		if every, watched := g.WatchEvery[watch.Account]; watched && watch.Late(every) {
			health.Watches = "late"
			health.LateWatches = append(health.LateWatches, watch.Account)
		}
	}
}
