package assembly

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/telemetry"
	"domainprovisioning/vault"
	"domainprovisioning/workflows"
)

// told asks the status of a worker.
func told(t *testing.T, s *Status, path string) (int, map[string]string) {
	t.Helper()
	answer, err := http.Get("http://" + s.Address + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	health := map[string]string{}
	if err := json.Unmarshal(body, &health); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return answer.StatusCode, health
}

// A worker that starts lives, but is not ready; one that has started is, and one that was
// stopped, or cannot go on, is to be started again.
func TestAWorkerTellsHowItIs(t *testing.T) {
	m := assembled(t, func(c *config.Config) { c.Worker.Address = "127.0.0.1:0" })
	reporting, err := DialTemporal(t.Context(), quiet(), &vault.Codec{}, MetricsTo(m.Metrics))
	if err != nil {
		t.Fatal(err)
	}
	defer reporting.Close()
	status, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer status.Stop()
	if code, health := told(t, status, "/healthz"); code != http.StatusOK || health["status"] != "ok" {
		t.Errorf("while it starts: %d %v", code, health)
	}
	unready := &telemetry.Server{Ready: func(ctx context.Context) []telemetry.Part { return status.ready(ctx, m.Assembly) }}
	for _, part := range unready.Ready(t.Context()) {
		if (part.Err == nil) != (part.Name == "database" || part.Strict) {
			t.Errorf("while it starts, %s: %v", part.Name, part.Err)
		}
	}
	workers := m.Workers(reporting, func(error) {})
	if err := workers.Start(); err != nil {
		t.Fatal(err)
	}
	status.Tell(workers, reporting)
	if code, health := told(t, status, "/readyz"); code != http.StatusOK || health["workers"] != "ok" || health["temporal"] != "ok" || health["database"] != "ok" {
		t.Errorf("once it has started: %d %v", code, health)
	}
	// Every queue gives signs of life, which the SDK reports from its own goroutines.
	deadline := time.Now().Add(20 * time.Second)
	for _, beat := range workers.beats {
		for m.Metrics.LastBeat(beat).IsZero() && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
		if m.Metrics.LastBeat(beat).IsZero() {
			t.Errorf("no sign of life of %+v", beat)
		}
	}
	if err := workers.Alive(time.Now().Add(silentFor(workflows.TaskQueue) - time.Minute)); err != nil {
		t.Errorf("within the time that a poll may take: %v", err)
	}
	if err := workers.Alive(time.Now().Add(silentFor(workflows.TaskQueue) + time.Minute)); err == nil || !strings.Contains(err.Error(), workflows.TaskQueue) {
		t.Errorf("after five minutes without a sign of life: %v", err)
	}
	workers.Stop()
	if code, health := told(t, status, "/healthz"); code != http.StatusServiceUnavailable || !strings.Contains(health["trouble"], "stopped") {
		t.Errorf("stopped: %d %v", code, health)
	}
}

func TestAWorkerThatCannotGoOnIsNotAlive(t *testing.T) {
	m := assembled(t)
	workers := m.Workers(m.temporal, func(error) {})
	if err := workers.Alive(time.Now()); err != nil {
		t.Errorf("before the start: %v", err)
	}
	workers.end(errors.New("the namespace is gone"))
	workers.end(errStopped) // comes after it
	if err := workers.Alive(time.Now()); err == nil || err.Error() != "the namespace is gone" {
		t.Errorf("got %v", err)
	}
}

func TestAStatusMayBeNowhereOrHaveNoPort(t *testing.T) {
	m := assembled(t, func(c *config.Config) { c.Worker.Address = "" })
	nowhere, err := m.Status(t.Context())
	if err != nil || nowhere.Address != "" {
		t.Errorf("%+v, %v", nowhere, err)
	}
	nowhere.Tell(nil, nil)
	nowhere.Stop()
	m.Config.Worker.Address = "127.0.0.1:0"
	first, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Stop()
	m.Config.Worker.Address = first.Address
	if _, err := m.Status(t.Context()); err == nil || !strings.Contains(err.Error(), "set worker.address") {
		t.Errorf("the port of another: %v", err)
	}
}
