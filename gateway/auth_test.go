package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
)

func TestWhoMayDoWhat(t *testing.T) {
	f := begin(t, outside.Options{})
	f.order(outside.NewCustomer)
	keys := map[string]string{"none": "", "place": f.place, "read": f.read, "operate": f.operate, "all": f.all, "unknown": f.all[:len(f.all)-1] + "7"}
	if keys["unknown"] == f.all {
		keys["unknown"] = f.all[:len(f.all)-1] + "6"
	}
	for _, c := range []struct{ method, path, may string }{
		{http.MethodPost, "/v1/orders", "place all"}, {http.MethodGet, "/v1/orders", "read all"},
		{http.MethodGet, "/v1/orders/DP00000001", "read all"}, {http.MethodPost, "/v1/orders/DP00000001/confirm", "operate all"},
		{http.MethodGet, "/metrics", "all"}, {http.MethodGet, "/healthz", "none place read operate all unknown"},
		{http.MethodGet, "/readyz", "none place read operate all unknown"}, {http.MethodGet, "/openapi.json", "none place read operate all unknown"},
	} {
		for name, key := range keys {
			body := ""
			if c.method == http.MethodPost {
				body = "{}"
			}
			got := f.send(c.method, c.path, key, body)
			want := 0
			switch may := strings.Contains(" "+c.may+" ", " "+name+" "); {
			case may:
			case name == "none" || name == "unknown":
				want = http.StatusUnauthorized
			default:
				want = http.StatusForbidden
			}
			refused := got.status == http.StatusUnauthorized || got.status == http.StatusForbidden
			if (want == 0 && refused) || (want != 0 && got.status != want) {
				t.Errorf("%s %s with key %s: %d", c.method, c.path, name, got.status)
			}
			if want != 0 && !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer ") {
				t.Errorf("%s %s with key %s: WWW-Authenticate %q", c.method, c.path, name, got.header.Get("WWW-Authenticate"))
			}
		}
	}
	if got := f.send(http.MethodGet, "/v1/orders", "", "", "Authorization", "bearer "+f.read); got.status != http.StatusOK {
		t.Errorf("the scheme in lower case: %d", got.status)
	}
	for name, header := range map[string]string{"basic": "Basic eDp5", "no scheme": f.all, "empty": "Bearer "} {
		if got := f.send(http.MethodGet, "/v1/orders", "", "", "Authorization", header); got.status != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	if strings.Contains(f.log.String(), "dpk_") {
		t.Error("a key is in the log")
	}
}

func TestARevokedKeyEndsAtOnce(t *testing.T) {
	f := begin(t, outside.Options{})
	if got := f.get("/v1/orders"); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if err := f.Store.RevokeAPIKey(t.Context(), "reader", "test"); err != nil {
		t.Fatal(err)
	}
	if got := f.get("/v1/orders"); got.status != http.StatusUnauthorized {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestEachKeyHasItsOwnRate(t *testing.T) {
	f := begin(t, outside.Options{}, func(o *gateway.Options) { o.RequestsPerSecond, o.Burst = 0.001, 2 })
	var last reply
	for range 3 {
		last = f.get("/v1/orders")
	}
	if last.status != http.StatusTooManyRequests || last.header.Get("Retry-After") == "" || last.problem(t).Type != "urn:domainprovisioning:problem:too-fast" {
		t.Errorf("%d %s", last.status, last.body)
	}
	if got := f.send(http.MethodGet, "/v1/orders", f.all, ""); got.status != http.StatusOK {
		t.Errorf("another key: %d", got.status)
	}
	if got := f.send(http.MethodGet, "/healthz", "", ""); got.status != http.StatusOK {
		t.Errorf("health: %d", got.status)
	}
}
