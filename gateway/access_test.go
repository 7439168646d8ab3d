package gateway_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

func TestTheAccessLogNamesRoutesAndNoPaths(t *testing.T) {
	f := begin(t, outside.Options{})
	got := f.send(http.MethodGet, "/v1/orders/shop.example?x=jane@shop.example", f.read, "", "X-Request-Id", "my-id.1")
	if got.header.Get("X-Request-ID") != "my-id.1" || got.problem(t).Instance != "my-id.1" {
		t.Errorf("X-Request-Id %q", got.header.Get("X-Request-ID"))
	}
	odd := f.send(http.MethodGet, "/healthz", "", "", "X-Request-Id", `a" error="forged`)
	if id := odd.header.Get("X-Request-ID"); id == "" || strings.Contains(id, "forged") {
		t.Errorf("X-Request-Id %q", id)
	}
	log := f.log.String()
	for _, want := range []string{`request=my-id.1`, `route="GET /v1/orders/{id}"`, "status=404", "caller=reader", "took_ms="} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
	for _, never := range []string{"shop.example", "jane@", "forged", "127.0.0.1"} {
		if strings.Contains(log, never) {
			t.Errorf("the log holds %s:\n%s", never, log)
		}
	}
}

func TestPathsAndMethodsThatAreNotServed(t *testing.T) {
	f := begin(t, outside.Options{})
	if got := f.get("/nowhere"); got.status != http.StatusNotFound || got.problem(t).Type != "urn:domainprovisioning:problem:no-such-path" {
		t.Errorf("%d %s", got.status, got.body)
	}
	got := f.send(http.MethodDelete, "/v1/orders", f.all, "")
	if got.status != http.StatusMethodNotAllowed || !strings.Contains(got.header.Get("Allow"), "POST") || got.problem(t).Status != 405 {
		t.Errorf("%d %s, Allow %q", got.status, got.body, got.header.Get("Allow"))
	}
	if got := f.send("FROBNICATE", "/v1/orders", f.all, ""); got.status != http.StatusMethodNotAllowed {
		t.Errorf("%d", got.status)
	}
	if got := f.send(http.MethodGet, "/RPC2", "", ""); got.status != http.StatusMethodNotAllowed {
		t.Errorf("GET /RPC2: %d", got.status)
	}
}

type panicking struct{}

func (panicking) DecodeCallback(registrars.Callback) (registrars.Notice, error) { panic("odd") }

func TestAPanicIsAnswered(t *testing.T) {
	f := begin(t, outside.Options{}, func(o *gateway.Options) { o.Decoders["odd"] = panicking{} })
	got := f.send(http.MethodPost, "/v1/registrars/odd/callbacks", "", "")
	if got.status != http.StatusInternalServerError || got.problem(t).Detail != "" || !strings.Contains(f.log.String(), "a request has panicked") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := f.send(http.MethodGet, "/healthz", "", ""); got.status != http.StatusOK {
		t.Errorf("after it: %d", got.status)
	}
}

func TestHealthAndMetrics(t *testing.T) {
	var passed atomic.Int64 // beyond the time for which what was read from the store is served again
	f := begin(t, outside.Options{}, func(o *gateway.Options) {
		o.Now = func() time.Time { return time.Now().Add(time.Duration(passed.Load())) }
	})
	f.order(outside.NewCustomer)
	f.order("{")
	f.callback(f.signed("e1", done))
	f.send(http.MethodPost, "/v1/registrars/made-up-name/callbacks", "", "")
	for path, want := range map[string]string{
		"/healthz": `{"status":"ok"}`, "/readyz": `{"status":"ready","database":"ok","temporal":"ok","disk":"ok","watches":"ok"}`, "/readyz?strict": `"status":"ready"`,
	} {
		if got := f.send(http.MethodGet, path, "", ""); got.status != http.StatusOK || !strings.Contains(got.body, want) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	metrics := f.send(http.MethodGet, "/metrics", f.all, "").body
	for _, want := range []string{
		`domainprovisioning_orders_total{outcome="started",source="json"} 1`, `domainprovisioning_orders_total{outcome="refused",source="json"} 1`,
		`domainprovisioning_callbacks_total{outcome="stored",registrar="netim-1"} 1`, `domainprovisioning_backlog{kind="confirmations"} 1`,
		`domainprovisioning_http_requests_total{method="POST",route="POST /v1/orders",status="201"} 1`, "go_goroutines",
		`domainprovisioning_loose_ends{kind="abandoned"} 0`, `domainprovisioning_stopped_orders{run="terminated"} 0`,
		`domainprovisioning_open_orders{reason="",registrar="netim-1",state="running",type="registration"} 1`, "domainprovisioning_store_readable 1",
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	for _, never := range []string{"shop.example", "made-up-name", "DP00000001"} {
		if strings.Contains(metrics, never) {
			t.Errorf("the metrics hold %s", never)
		}
	}
	if err := f.Store.RecordSchedule(t.Context(), outside.Account, store.SchedulePaused); err != nil {
		t.Fatal(err)
	}
	late := `"watches":"late","lateWatches":["netim-1"]`
	if got := f.send(http.MethodGet, "/readyz", "", ""); got.status != http.StatusOK || !strings.Contains(got.body, `"degraded"`) || !strings.Contains(got.body, late) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := f.send(http.MethodGet, "/readyz?strict", "", ""); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, late) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if _, err := f.Store.RecordUnreadable(t.Context(), outside.Account, []store.Unreadable{{Rule: "no number"}, {Rule: "no number"}}); err != nil {
		t.Fatal(err)
	}
	if got := f.send(http.MethodGet, "/metrics", f.all, "").body; strings.Contains(got, `domainprovisioning_unreadable_operations{`) {
		t.Error("the store was asked again at once")
	}
	passed.Store(int64(time.Minute))
	if got := f.send(http.MethodGet, "/metrics", f.all, "").body; !strings.Contains(got, `domainprovisioning_unreadable_operations{registrar="netim-1"} 2`) {
		t.Error("the metrics lack what cannot be read")
	}
	if got := f.send(http.MethodGet, "/metrics", f.all, "").body; !strings.Contains(got, `domainprovisioning_watch_round_age_seconds{registrar="netim-1"} 0`) {
		t.Error("the metrics lack the age of the watch")
	}
	f.Temporal.SetDown(true)
	if got := f.send(http.MethodGet, "/readyz", "", ""); got.status != http.StatusOK || !strings.Contains(got.body, `"degraded"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := f.send(http.MethodGet, "/readyz?strict", "", ""); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, `"temporal":"unreachable"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
}
