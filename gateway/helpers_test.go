package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/domains"
	"domainprovisioning/gateway"
	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// fixture is a gateway over real HTTP in a world of stand-ins. Its Temporal is the
// recording one, which can be made unavailable.
type fixture struct {
	*outside.World

	t       testing.TB
	gateway *gateway.Gateway
	relay   *intake.Relay
	url     string
	log     *outside.Output
	webhook *gateway.Webhook

	place, read, operate, cancel, all string // API keys
}

const (
	webhookSecret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"
	oldSecret     = "whsec_b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk"
)

func begin(t testing.TB, options outside.Options, changes ...func(*gateway.Options)) *fixture {
	t.Helper()
	options.AskOperations = true
	f := &fixture{World: outside.New(t, options), t: t, log: &outside.Output{}}
	log := slog.New(slog.NewTextHandler(f.log, nil))
	f.World.Intake.Log = log
	f.relay = intake.NewRelay(f.World.Intake, log)
	for _, key := range []struct {
		name   string
		scopes []store.Scope
		to     *string
	}{
		{"shop", []store.Scope{store.ScopePlace}, &f.place}, {"reader", []store.Scope{store.ScopeRead}, &f.read},
		{"desk", []store.Scope{store.ScopeOperate}, &f.operate}, {"all", store.Scopes(), &f.all},
		{"canceller", []store.Scope{store.ScopeCancel}, &f.cancel},
	} {
		_, secret, err := f.Store.CreateAPIKey(t.Context(), key.name, "shop", key.scopes, "test")
		if err != nil {
			t.Fatal(err)
		}
		*key.to = secret.Reveal()
	}
	webhook, err := gateway.NewWebhook(domains.NewSecret(webhookSecret), domains.NewSecret(oldSecret))
	if err != nil {
		t.Fatal(err)
	}
	f.webhook = webhook
	o := gateway.Options{
		Desk:  &desk.Desk{Store: f.Store, Temporal: f.Temporal, Intake: f.World.Intake, WebUI: "https://ui.example/namespaces/default"},
		Nudge: func() {}, Log: log,
		Decoders: map[string]registrars.CallbackDecoder{outside.Account: webhook, "silent": nil},
		TemporalUp: func(ctx context.Context) error {
			_, err := f.Temporal.QueryWorkflow(ctx, "none", "", "")
			if errors.Is(err, outside.ErrTemporalDown) {
				return err
			}
			return nil
		},
		RequestsPerSecond: 1e6, Burst: 1e6, EventStreams: 8, RequestTimeout: 10 * time.Second, Now: options.Now,
		WatchEvery: map[string]time.Duration{outside.Account: 10 * time.Minute},
	}
	for _, change := range changes {
		change(&o)
	}
	f.gateway = gateway.New(o)
	server := httptest.NewUnstartedServer(f.gateway)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	server.Start()
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// in returns the same fixture for a subtest.
func (f *fixture) in(t testing.TB) *fixture {
	inner := *f
	inner.t = t
	return &inner
}

// onBoth runs a test on SQLite and on PostgreSQL.
func onBoth(t *testing.T, test func(*testing.T, *fixture)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, begin(t, outside.Options{})) })
	t.Run("postgres", func(t *testing.T) { test(t, begin(t, outside.Options{Database: postgrestest.URL(t)})) })
}

// reply is an answer whose body has been read.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) decode(t testing.TB, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.body), into); err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
}

// problem decodes the answer as a problem, which it must be.
func (r reply) problem(t testing.TB) gateway.Problem {
	t.Helper()
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("status %d with Content-Type %q: %s", r.status, got, r.body)
	}
	var p gateway.Problem
	r.decode(t, &p)
	if p.Status != r.status || p.Title == "" || !strings.HasPrefix(p.Type, "urn:domainprovisioning:problem:") || p.Instance != r.header.Get("X-Request-ID") {
		t.Errorf("an odd problem: %s", r.body)
	}
	return p
}

// send makes a request. headers alternates names and values.
func (f *fixture) send(method, path, key, body string, headers ...string) reply {
	f.t.Helper()
	request, err := http.NewRequestWithContext(f.t.Context(), method, f.url+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	got := f.exchange(request)
	d, err := described()
	if err != nil {
		f.t.Fatal(err)
	}
	d.answered(f.t, method, path, got)
	return got
}

// exchange sends a request and reads the whole answer.
func (f *fixture) exchange(request *http.Request) reply {
	f.t.Helper()
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		f.t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, string(content)}
}

func (f *fixture) get(path string) reply { return f.send(http.MethodGet, path, f.read, "") }

func (f *fixture) getAll(path string) reply { return f.send(http.MethodGet, path, f.all, "") }

func (f *fixture) order(body string, headers ...string) reply {
	return f.send(http.MethodPost, "/v1/orders", f.place, body, headers...)
}

// count returns the number of orders in the store.
func (f *fixture) count() int {
	f.t.Helper()
	rows, err := f.Store.Units(f.t.Context(), store.UnitFilter{Limit: 1000})
	if err != nil {
		f.t.Fatal(err)
	}
	return len(rows)
}
