package telemetry_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/telemetry"
)

func TestAServerTellsHowTheProcessIs(t *testing.T) {
	var dead, away atomic.Bool
	var asked atomic.Int64
	s := &telemetry.Server{
		Metrics: telemetry.New(), Log: slog.New(slog.DiscardHandler),
		Alive: func() error {
			if dead.Load() {
				return errors.New("no sign of life")
			}
			return nil
		},
		Ready: func(context.Context) []telemetry.Part {
			asked.Add(1)
			if away.Load() {
				return []telemetry.Part{{Name: "database"}, {Name: "temporal", Err: errors.New("secret-host refuses")}}
			}
			return []telemetry.Part{{Name: "database"}, {Name: "temporal"}}
		},
	}
	s.Metrics.Called("netim", "SubmitRequest", "change", "balance", 1500*time.Millisecond)
	s.Metrics.Watched("netim-main", "ok")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, listener) }()
	ask := func(method, path string) (int, string) {
		t.Helper()
		request, err := http.NewRequest(method, "http://"+listener.Addr().String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, strings.TrimSpace(string(body))
	}
	is := func(path string, wantStatus int, want string) {
		t.Helper()
		if status, body := ask("GET", path); status != wantStatus || body != want {
			t.Errorf("%s: %d %s, want %d %s", path, status, body, wantStatus, want)
		}
	}
	is("/healthz", 200, `{"status":"ok"}`)
	is("/readyz", 200, `{"database":"ok","status":"ready","temporal":"ok"}`)
	away.Store(true)
	is("/readyz", 200, `{"database":"ok","status":"ready","temporal":"ok"}`) // the same answer for a while
	if asked.Load() != 1 {
		t.Errorf("asked %d times", asked.Load())
	}
	dead.Store(true)
	is("/healthz", 503, `{"status":"unhealthy","trouble":"no sign of life"}`)
	_, metrics := ask("GET", "/metrics")
	has(t, metrics+"\n",
		`domainprovisioning_calls_total{call="SubmitRequest",effect="change",outcome="balance",system="netim"} 1`,
		`domainprovisioning_call_seconds_sum{call="SubmitRequest",system="netim"} 1.5`,
		`domainprovisioning_watch_rounds_total{outcome="ok",registrar="netim-main"} 1`)
	for _, c := range []struct {
		method, path string
		want         int
	}{{"POST", "/metrics", 405}, {"DELETE", "/healthz", 405}, {"GET", "/", 404}, {"GET", "/debug/pprof/", 404}} {
		if status, _ := ask(c.method, c.path); status != c.want {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, status, c.want)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("it ends with %v", err)
	}
}

// A strict part in trouble leaves a process in rotation, unless it is asked for all of them.
func TestWhatIsForStrictAloneDegrades(t *testing.T) {
	for _, c := range []struct {
		other error
		path  string
		code  int
		want  string
	}{
		{nil, "/readyz", 200, `{"build":"degraded","database":"ok","status":"degraded"}`},
		{nil, "/readyz?strict", 503, `{"build":"unavailable","database":"ok","status":"unavailable"}`},
		{errors.New("away"), "/readyz", 503, `{"build":"degraded","database":"unavailable","status":"unavailable"}`},
	} {
		s := &telemetry.Server{
			Metrics: telemetry.New(), Log: slog.New(slog.DiscardHandler), Alive: func() error { return nil },
			Ready: func(context.Context) []telemetry.Part {
				return []telemetry.Part{{Name: "build", Err: errors.New("not current"), Strict: true}, {Name: "database", Err: c.other}}
			},
		}
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go func() { _ = s.Serve(ctx, listener) }()
		answer, err := http.Get("http://" + listener.Addr().String() + c.path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != c.code || strings.TrimSpace(string(body)) != c.want {
			t.Errorf("%s: %d %s, %v", c.path, answer.StatusCode, body, err)
		}
	}
}

func TestWhatIsNotReadyIsNamedWithoutItsError(t *testing.T) {
	s := &telemetry.Server{
		Metrics: telemetry.New(), Log: slog.New(slog.DiscardHandler), Alive: func() error { return nil },
		Ready: func(context.Context) []telemetry.Part {
			return []telemetry.Part{{Name: "database", Err: errors.New("postgres://u:hunter2@db")}, {Name: "workers"}}
		},
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { _ = s.Serve(ctx, listener) }()
	answer, err := http.Get("http://" + listener.Addr().String() + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if want := `{"database":"unavailable","status":"unavailable","workers":"ok"}`; err != nil || answer.StatusCode != http.StatusServiceUnavailable || strings.TrimSpace(string(body)) != want {
		t.Errorf("%d %s, %v", answer.StatusCode, body, err)
	}
}
