package gateway

import (
	"context"
	"net/http"
	"time"
)

// Health is the answer to /readyz.
type Health struct {
	// Status is ready, degraded or unavailable.
	Status   string `json:"status" jsonschema:"enum=ready,enum=degraded,enum=unavailable"`
	Database string `json:"database" jsonschema:"enum=ok,enum=unreachable"`
	Temporal string `json:"temporal" jsonschema:"enum=ok,enum=unreachable"`
}

// healthTimeout bounds each question of /readyz.
const healthTimeout = 3 * time.Second

// healthz says that the process serves.
func (g *Gateway) healthz(w http.ResponseWriter, r *http.Request) error {
	return g.answer(w, r, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz asks the database and Temporal. Without the database nothing can be taken on.
// Without Temporal orders and callbacks are still taken, so the gateway stays in
// rotation: "degraded", unless ?strict asks for both.
func (g *Gateway) readyz(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
	defer cancel()
	database := make(chan error, 1)
	go func() { database <- g.Desk.Store.Ping(ctx) }()
	temporal := g.TemporalUp(ctx)
	health := Health{Status: "ready", Database: "ok", Temporal: "ok"}
	status := http.StatusOK
	if temporal != nil {
		health.Status, health.Temporal = "degraded", "unreachable"
		if r.URL.Query().Has("strict") {
			health.Status, status = "unavailable", http.StatusServiceUnavailable
		}
	}
	if <-database != nil {
		health.Status, health.Database = "unavailable", "unreachable"
		status = http.StatusServiceUnavailable
	}
	return g.answer(w, r, status, health)
}
