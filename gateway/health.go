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
	// Disk says whether the database is writable.
	Disk string `json:"disk" jsonschema:"enum=ok,enum=not-writable"`
	// Watches is late if a registrar account is not asked for pending operations as often
	// as it should be; LateWatches names the account.
	Watches     string   `json:"watches" jsonschema:"enum=ok,enum=late"`
	LateWatches []string `json:"lateWatches,omitempty"`
}

// healthTimeout bounds each question of /readyz.
const healthTimeout = 3 * time.Second

// healthz answers if the process serves at all.
func (g *Gateway) healthz(w http.ResponseWriter, r *http.Request) error {
	return g.answer(w, r, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz asks the database and Temporal. Without a writable database no order can be
// accepted. Without Temporal orders and callbacks are still accepted, and while a watch
// is late orders only wait longer than necessary: then the gateway is "degraded" but
// stays in rotation, unless ?strict demands everything.
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

// writableFor is how long the last result of the write check is reused: anybody may call
// /readyz as often as they like, and each check writes.
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
	// If the database was unreachable, ask again at once: then nothing is written.
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
		return // it was just reachable; the next check shows the trouble
	}
	for _, watch := range watches {
		if every, watched := g.WatchEvery[watch.Account]; watched && watch.Late(every) {
			health.Watches = "late"
			health.LateWatches = append(health.LateWatches, watch.Account)
		}
	}
}
