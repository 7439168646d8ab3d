package realtimeregister

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// fixture is a stand-in with a fixed clock, which tests call over plain HTTP.
type fixture struct {
	*Server
	t   *testing.T
	url string
	now time.Time
}

func begin(t *testing.T, changes ...func(*Options)) *fixture {
	t.Helper()
	f := &fixture{t: t, now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	options := Options{Now: func() time.Time { return f.now }, TLDs: map[string]TLD{"sync": {}, "async": {Async: true}}}
	for _, change := range changes {
		change(&options)
	}
	f.Server = New(options)
	server := httptest.NewUnstartedServer(f.Server)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	server.Start()
	t.Cleanup(server.Close)
	f.url = server.URL + "/v2/"
	f.AddContact("shop-1001")
	f.AddContact("shop-tech")
	return f
}

// reply is an answer.
type reply struct {
	status  int
	process string
	body    map[string]any
}

// kind returns the type of an error.
func (r reply) kind() string {
	if r.status < 400 {
		return "" // processes and transfers also have a type
	}
	text, _ := r.body["type"].(string)
	return text
}

func (f *fixture) call(method, path, body string) reply {
	f.t.Helper()
	return f.with(method, path, body, "ApiKey secret", "application/json")
}

func (f *fixture) with(method, path, body, authorization, contentType string) reply {
	f.t.Helper()
	request, err := http.NewRequestWithContext(f.t.Context(), method, f.url+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	request.Header.Set("Authorization", authorization)
	request.Header.Set("Content-Type", contentType)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	r := reply{status: response.StatusCode, process: response.Header.Get("X-Process-Id")}
	if len(content) > 0 {
		if err := json.Unmarshal(content, &r.body); err != nil {
			f.t.Fatalf("%s %s: %s", method, path, content)
		}
	}
	return r
}

// want makes a call and expects a status and, for an error, its type.
func (f *fixture) want(status int, kind, method, path, body string) reply {
	f.t.Helper()
	r := f.call(method, path, body)
	if r.status != status || r.kind() != kind {
		f.t.Errorf("%s %s %s: %d %v, want %d %s", method, path, body, r.status, r.body, status, kind)
	}
	return r
}

// create is a complete request.
const create = `{"customer": "shopreseller", "registrant": "shop-1001", "period": 12, "privacyProtect": false, "autoRenew": false,
	"ns": ["ns1.shop.example", "ns2.shop.example"], "contacts": [{"role": "TECH", "handle": "shop-tech"}]}`
