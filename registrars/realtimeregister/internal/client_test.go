package internal

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"domainprovisioning/wire/exchange"
)

const key = "a-key"

// talk returns a client that calls a handler, and collects its dumps.
func talk(t *testing.T, handler http.HandlerFunc, changes ...func(*Config)) (*Client, *strings.Builder) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	var dump strings.Builder
	config := Config{
		URL: server.URL + "/", APIKey: key, WriteTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, MaxReplyBytes: 1 << 10,
		RequestsPerSecond: 1000, Now: time.Now,
		Dump: func(direction string, document []byte) { dump.WriteString(direction + " " + string(document) + "\n") },
	}
	for _, change := range changes {
		change(&config)
	}
	return NewClient(config), &dump
}

func TestWhatARequestLooksLike(t *testing.T) {
	for name, c := range map[string]struct {
		call Call
		want string
	}{
		"a read":            {Call{Method: "GET", Path: Path("customers", "shop@x", "contacts", "a.b-c_d")}, "GET /v2/customers/shop@x/contacts/a.b-c_d  "},
		"a change":          {Call{Method: "POST", Path: "domains/a.example", Body: map[string]any{"ns": []string{"a"}}, Writes: true}, `POST /v2/domains/a.example application/json {"ns":["a"]}`},
		"an empty change":   {Call{Method: "POST", Path: "x/ack", Writes: true}, "POST /v2/x/ack application/json "},
		"a deletion":        {Call{Method: "DELETE", Path: "domains/a.example", Writes: true}, "DELETE /v2/domains/a.example  "},
		"a strange handle":  {Call{Method: "GET", Path: Path("contacts", "../a?b#c d")}, "GET /v2/contacts/..%2Fa%3Fb%23c%20d  "},
		"a list":            {Call{Method: "GET", Path: "processes?limit=10"}, "GET /v2/processes?limit=10  "},
		"no body, not null": {Call{Method: "POST", Path: "x", Body: nil}, "POST /v2/x application/json "},
	} {
		var got string
		client, _ := talk(t, func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got = r.Method + " " + r.URL.RequestURI() + " " + r.Header.Get("Content-Type") + " " + string(body)
			if r.Header.Get("Authorization") != "ApiKey "+key || r.Header.Get("Accept") != "application/json" {
				t.Errorf("%s: headers %v", name, r.Header)
			}
		})
		if _, err := client.Do(t.Context(), c.call); err != nil || got != c.want {
			t.Errorf("%s: got %q, want %q, %v", name, got, c.want, err)
		}
	}
}

// TestARequestThatCannotBeMade is not sent.
func TestARequestThatCannotBeMade(t *testing.T) {
	client, _ := talk(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") }, func(c *Config) { c.RequestsPerSecond = 1 })
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		call Call
	}{
		"a body that cannot be written": {t.Context(), Call{Method: "POST", Path: "x", Body: func() {}}},
		"a context that has ended":      {ended, Call{Method: "GET", Path: "x"}},
		"a bad method":                  {t.Context(), Call{Method: "G T", Path: "x"}},
	} {
		_, err := client.Do(c.ctx, c.call)
		if broken, ok := errors.AsType[*exchange.TransportError](err); !ok || broken.Sent {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestATurnThatComesTooLate: the client does not wait for it, and the request is
// not sent.
func TestATurnThatComesTooLate(t *testing.T) {
	client, _ := talk(t, func(http.ResponseWriter, *http.Request) {}, func(c *Config) { c.RequestsPerSecond, c.ReadTimeout = 0.01, 200*time.Millisecond })
	if _, err := client.Do(t.Context(), Call{Method: "GET", Path: "x"}); err != nil {
		t.Fatal(err)
	}
	_, err := client.Do(t.Context(), Call{Method: "GET", Path: "x"})
	if broken, ok := errors.AsType[*exchange.TransportError](err); !ok || broken.Sent || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestAReadIsWaitedForLessThanAChange(t *testing.T) {
	release := make(chan struct{})
	client, _ := talk(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			<-release
		}
	}, func(c *Config) { c.ReadTimeout = 30 * time.Millisecond })
	_, err := client.Do(t.Context(), Call{Method: "GET", Path: "x"})
	close(release)
	if broken, ok := errors.AsType[*exchange.TransportError](err); !ok || !broken.Sent {
		t.Errorf("got %v", err)
	}
	if _, err := client.Do(t.Context(), Call{Method: "POST", Path: "x", Writes: true}); err != nil {
		t.Error(err)
	}
}

func TestDumpsAreRedacted(t *testing.T) {
	for name, c := range map[string]struct {
		reply string
		want  string
	}{
		"an auth code":        {`{"authcode": "S3CRET", "list": [{"AuthCode": "S3CRET"}]}`, `{"authcode":"[redacted]","list":[{"AuthCode":"[redacted]"}]}`},
		"a demand for one":    {`{"authcode": ""}`, `{"authcode":""}`},
		"what cannot be read": {`<html>S3CRET</html>`, "// not JSON"},
		"nothing":             {``, "reply 200\n\n"},
	} {
		client, dump := talk(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, c.reply) })
		_, _ = client.Do(t.Context(), Call{Method: "POST", Path: "x", Body: map[string]string{"authcode": "S3CRET"}})
		if text := dump.String(); strings.Contains(text, "S3CRET") || strings.Contains(text, key) || !strings.Contains(text, c.want) || !strings.Contains(text, "request POST /v2/x") {
			t.Errorf("%s: dumped %s", name, text)
		}
	}
	client, dump := talk(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	_, _ = client.Do(t.Context(), Call{Method: "GET", Path: "x"})
	if !strings.Contains(dump.String(), "reply // no reply") {
		t.Errorf("dumped %s", dump)
	}
}

// TestAnErrorThatQuotesOurKey: the key is not shown.
func TestAnErrorThatQuotesOurKey(t *testing.T) {
	client, _ := talk(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"type": "ValidationError", "message": "with a-key", "violations": [{"field": "f", "message": "a-key"}], "errors": {"x": "a-key"}}`)
	})
	_, err := client.Do(t.Context(), Call{Method: "GET", Path: "x"})
	typed, ok := errors.AsType[*APIError](err)
	if !ok || strings.Contains(typed.Detail+typed.Rule+err.Error(), key) || err.Error() != "ValidationError" {
		t.Errorf("got %+v", err)
	}
}

// TestAnErrorThatQuotesTheRequest: the auth code that was sent is not shown.
func TestAnErrorThatQuotesTheRequest(t *testing.T) {
	const code = `c0de "with" \quotes/`
	client, _ := talk(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		quoted, err := json.Marshal("sent: " + string(body) + " or " + url.QueryEscape(code))
		if err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"type": "ValidationError", "message": `+string(quoted)+`}`)
	})
	_, err := client.Do(t.Context(), Call{Method: "POST", Path: "x", Body: map[string]any{"authcode": code, "period": 12}})
	typed, ok := errors.AsType[*APIError](err)
	if !ok || strings.Contains(typed.Detail, "c0de") || !strings.Contains(typed.Detail, `"period":12`) {
		t.Errorf("got %+v", typed)
	}
}

func TestProcessNumbers(t *testing.T) {
	for _, c := range []struct{ header, body, want string }{
		{"70012345", "{}", "70012345"}, {" 7 ", "", "7"}, {"", `{"processId": 7}`, "7"}, {"", `{"processId": "7"}`, "7"},
		{"x", `{"processId": 7}`, "7"}, {"0", "{}", ""}, {"-7", "{}", ""}, {"07", "{}", ""}, {"7.5", "{}", ""}, {"", `{"processId": 7.5}`, ""},
		{"", `{"processId": null}`, ""}, {"", `[]`, ""}, {"99999999999999999999", "{}", ""},
	} {
		if got := processID(c.header, []byte(c.body)); got != c.want {
			t.Errorf("%q and %s give %q, want %q", c.header, c.body, got, c.want)
		}
	}
}

// TestRulesThatMayBeShown quote nothing of what was sent.
func TestRulesThatMayBeShown(t *testing.T) {
	const sent = `{"name":"Jane Holder","city":"Sampleton","ns":["ns1.shop.example"]}`
	for rule, want := range map[string]bool{
		"invalid format": false, "may not be null": false, "size must be between 1 and 255": false,
		"Jane is no name": true, "unknown city Sampleton": true, "ns1.shop.example does not answer": true, "no (sampleton)": true,
	} {
		if got := quotes(rule, sent); got != want {
			t.Errorf("%q: %t", rule, got)
		}
	}
}

func TestStatusesOfADomain(t *testing.T) {
	for text, c := range map[string]struct{ active, arrived, deleted, leaving, busy bool }{
		"OK":                            {active: true, arrived: true},
		"OK ADD_PERIOD":                 {active: true, arrived: true},
		"INACTIVE":                      {active: true, arrived: true},
		"CLIENT_TRANSFER_PROHIBITED":    {active: true, arrived: true},
		"SERVER_HOLD REGISTRAR_HOLD":    {active: true, arrived: true},
		"OK PENDING_UPDATE":             {active: true, arrived: true, busy: true},
		"PENDING_RENEW OK":              {active: true, arrived: true, busy: true},
		"PENDING_VALIDATION":            {arrived: true},
		"OK PENDING_VALIDATION":         {arrived: true},
		"PENDING_TRANSFER":              {busy: true},
		"PENDING_RESTORE":               {busy: true},
		"PENDING_DELETE":                {deleted: true, leaving: true},
		"DELETE_REQUESTED OK":           {deleted: true, leaving: true},
		"REDEMPTION_PERIOD":             {deleted: true, leaving: true},
		"EXPIRED":                       {leaving: true},
		"PENDING_VALIDATION EXPIRED":    {leaving: true},
		"OK SOMETHING_NEW":              {},
		"CLIENT_SOMETHING":              {},
		"IRTPC_TRANSFER_PROHIBITED OK":  {active: true, arrived: true},
		"PRIVACY_PROTECT_PROHIBITED OK": {active: true, arrived: true},
		"":                              {},
	} {
		list := strings.Fields(text)
		if Active(list) != c.active || Arrived(list) != c.arrived || Deleted(list) != c.deleted || Leaving(list) != c.leaving || Busy(list) != c.busy {
			t.Errorf("%s: active %t, arrived %t, deleted %t, leaving %t, busy %t", text, Active(list), Arrived(list), Deleted(list), Leaving(list), Busy(list))
		}
	}
}

func TestRanges(t *testing.T) {
	for _, c := range []struct {
		r    Range
		want int
	}{{Range{}, 0}, {Range{Min: 2}, 2}, {Range{Required: true}, 1}, {Range{Min: 3, Required: true}, 3}} {
		if got := c.r.Least(); got != c.want {
			t.Errorf("%+v: %d", c.r, got)
		}
	}
}

func TestDates(t *testing.T) {
	want := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, text := range []string{"2026-01-02T03:04:05Z", "2026-01-02T04:04:05+01:00"} {
		if got := Date(text); !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: %s", text, got)
		}
	}
	for _, text := range []string{"", "2026-01-02", "tomorrow"} {
		if got := Date(text); !got.IsZero() {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// TestEveryAssumptionIsListed keeps the list complete.
func TestEveryAssumptionIsListed(t *testing.T) {
	seen := map[string]bool{}
	for _, one := range Assumptions() {
		if one == "" || seen[one] || strings.HasSuffix(one, ".") {
			t.Errorf("the assumption %q", one)
		}
		seen[one] = true
	}
	for _, want := range []string{"IN_DOUBT", "X-Process-Id", "ProcessError", "template-N", "Signature", "balance", "PENDING_VALIDATION"} {
		if !strings.Contains(strings.Join(Assumptions(), "\n"), want) {
			t.Errorf("no assumption names %s", want)
		}
	}
}

// FuzzReadNotification: whatever the registrar sends, it is a number or nothing.
func FuzzReadNotification(f *testing.F) {
	if poll, err := os.ReadFile("fixtures/notification.reply.json"); err == nil {
		f.Add(poll)
	}
	f.Add([]byte(`{"id": 1, "process": 7, "domainName": "shop.example"}`))
	f.Add([]byte(`{"id": "x", "process": {}}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		if n, ok := ReadNotification(document); ok && !IsID(n.ID.String()) {
			t.Errorf("the number %q", n.ID)
		}
	})
}

// FuzzErrors: whatever an error says, only plain texts of it are shown.
func FuzzErrors(f *testing.F) {
	for _, name := range []string{"violation", "acknowledge", "maintenance"} {
		if document, err := os.ReadFile("fixtures/" + name + ".reply.json"); err == nil {
			f.Add(document)
		}
	}
	client := NewClient(Config{APIKey: key, RequestsPerSecond: 1, Now: time.Now})
	f.Fuzz(func(t *testing.T, body []byte) {
		err := client.failure(exchange.Reply{Status: 400, Body: body}, []byte(`{"name":"Jane"}`))
		typed, ok := errors.AsType[*APIError](err)
		if !ok {
			return
		}
		if !plainType.MatchString(typed.Type) || typed.Field != "" && !plainField.MatchString(typed.Field) || typed.Rule != "" && !plainRule.MatchString(typed.Rule) {
			t.Errorf("shown: %q %q %q", typed.Type, typed.Field, typed.Rule)
		}
		if strings.Contains(typed.Detail, key) {
			t.Error("the key is in the detail")
		}
	})
}
