package client_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/domains"
	"domainprovisioning/gateway"
	"domainprovisioning/gateway/client"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// answering is a gateway that always gives the same answer and records the request.
type answering struct {
	status int
	body   string
	asked  *http.Request
	sent   string
}

func (a *answering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	a.asked, a.sent = r, string(body)
	w.WriteHeader(a.status)
	_, _ = w.Write([]byte(a.body))
}

func connect(t *testing.T, a *answering) *client.Client {
	t.Helper()
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	c, err := client.New(server.URL+"/", domains.NewSecret("key-1"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAddressAndKeyAreChecked(t *testing.T) {
	for _, address := range []string{"", "gateway", "ftp://gateway", "https://user:pass@gateway", "http://"} {
		if _, err := client.New(address, domains.NewSecret("k")); err == nil || strings.Contains(err.Error(), "pass") {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := client.New("https://gateway.example", domains.Secret{}); err == nil {
		t.Error("no key is needed")
	}
}

func TestEveryRequestBearsTheKeyAndItsForm(t *testing.T) {
	a := &answering{status: http.StatusOK, body: `{"number":"A-1","units":[{"order":"A-1","item":0,"domain":"shop.example"}]}`}
	c := connect(t, a)
	unit := desk.Unit{Order: "A-1", Domain: "shop.example"}
	for name, call := range map[string]struct {
		do   func() error
		path string
		kind string
	}{
		"json": {func() error { _, err := c.Place(t.Context(), []byte(" {}")); return err }, "POST /v1/orders", "application/json"},
		"xml":  {func() error { _, err := c.Place(t.Context(), []byte("\n<a/>")); return err }, "POST /v1/orders", "text/xml"},
		"find": {func() error { _, err := c.Find(t.Context(), "a/b"); return err }, "GET /v1/orders/a%2Fb", ""},
		"list": {func() error {
			_, err := c.List(t.Context(), desk.Filter{
				State: "open", Limit: 5, Reason: "trying: temporary", Text: "shop", OlderThan: 48 * time.Hour, Step: 6,
			})
			return err
		}, "GET /v1/orders?limit=5&olderThan=48h0m0s&reason=trying%3A+temporary&state=open&step=6&text=shop", ""},
		"acts": {func() error {
			_, err := c.ActsOf(t.Context(), unit, store.ActFilter{Latest: true, Limit: 5, After: 7, Since: time.Unix(1, 0)})
			return err
		}, "GET /v1/orders/A-1/acts?after=7&latest=true&limit=5&since=1970-01-01T00%3A00%3A01Z", ""},
		"retry":  {func() error { _, err := c.Retry(t.Context(), unit, "", messages.Retry{}); return err }, "POST /v1/orders/A-1/retry", "application/json"},
		"cancel": {func() error { _, err := c.Cancel(t.Context(), unit, "", messages.Cancel{}); return err }, "POST /v1/orders/A-1/cancel", "application/json"},
		"extend": {func() error { _, err := c.Extend(t.Context(), unit, "", messages.Extend{}); return err }, "POST /v1/orders/A-1/extend", "application/json"},
		"skip":   {func() error { _, err := c.Skip(t.Context(), unit, "", messages.Skip{}); return err }, "POST /v1/orders/A-1/skip", "application/json"},
		"by hand": {func() error {
			_, err := c.ConfirmByHand(t.Context(), unit, "", messages.ConfirmByHand{})
			return err
		}, "POST /v1/orders/A-1/confirm-by-hand", "application/json"},
		"undo":    {func() error { _, err := c.Undo(t.Context(), unit); return err }, "GET /v1/orders/A-1/undo?item=0", ""},
		"confirm": {func() error { _, err := c.Confirm(t.Context(), unit, desk.Confirmation{}); return err }, "POST /v1/orders/A-1/confirm", "application/json"},
	} {
		if err := call.do(); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := a.asked.Method + " " + a.asked.URL.RequestURI(); got != call.path || a.asked.Header.Get("Content-Type") != call.kind ||
			a.asked.Header.Get("Authorization") != "Bearer key-1" {
			t.Errorf("%s: %s as %q", name, got, a.asked.Header.Get("Content-Type"))
		}
	}
}

// A command says who has typed it, because the gateway knows the key only, and its id is the
// Idempotency-Key.
func TestACommandNamesItsActorAndItsID(t *testing.T) {
	a := &answering{status: http.StatusOK, body: `{"step":6,"next":"it goes on"}`}
	c := connect(t, a)
	answer, err := c.ConfirmByHand(t.Context(), desk.Unit{Order: "A-1", Item: 3}, "k1", messages.ConfirmByHand{
		Actor: "jane", Reason: "their mail of today", Outcome: messages.OutcomeDone, Expires: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil || answer != (messages.Answer{Step: 6, Next: "it goes on"}) || a.asked.Header.Get("Idempotency-Key") != "k1" ||
		a.sent != `{"item":3,"reason":"jane: their mail of today","outcome":"done","expires":"2027-03-01"}` {
		t.Errorf("%+v, %v, sent %s under %q", answer, err, a.sent, a.asked.Header.Get("Idempotency-Key"))
	}
}

// A request that came too fast was not carried out, so it is made again when it may be.
func TestARequestThatCameTooFastIsMadeAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("waits a second")
	}
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		_, _ = w.Write([]byte(`{"step":6}`))
	}))
	defer server.Close()
	c, err := client.New(server.URL, domains.NewSecret("key-1"))
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := c.Retry(t.Context(), desk.Unit{Order: "A-1"}, "", messages.Retry{}); err != nil || answer.Step != 6 || asked != 2 {
		t.Errorf("%+v, %v, asked %d times", answer, err, asked)
	}
}

func TestProblemsSayEverythingThatIsWrong(t *testing.T) {
	c := connect(t, &answering{status: 422, body: `{"type":"x","title":"The order is refused","status":422,"errors":[{"pointer":"/a","detail":"one"},{"pointer":"/b","detail":"two"}]}`})
	_, err := c.Place(t.Context(), []byte("{}"))
	problem, ok := errors.AsType[*gateway.Problem](err)
	if !ok || problem.Errors[1].Pointer != "/b" || err.Error() != "The order is refused for 2 reasons:\n  one\n  two" {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsNoGatewayIsSaid(t *testing.T) {
	for name, a := range map[string]*answering{
		"a page":        {status: http.StatusOK, body: "<html>"},
		"a proxy":       {status: http.StatusBadGateway, body: "<html>"},
		"another shape": {status: http.StatusBadRequest, body: `{"error": "x"}`},
		"too large":     {status: http.StatusOK, body: `"` + strings.Repeat("x", 3<<20) + `"`},
	} {
		if _, err := connect(t, a).List(t.Context(), desk.Filter{}); err == nil || !strings.HasPrefix(err.Error(), "gateway: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, err := client.New("http://127.0.0.1:1", domains.NewSecret("key-1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.List(t.Context(), desk.Filter{}); err == nil || !strings.Contains(err.Error(), "does not answer") || strings.Contains(err.Error(), "key-1") {
		t.Errorf("got %v", err)
	}
}

// The key is not sent to the target of a redirect.
func TestRedirectionsAreNotFollowed(t *testing.T) {
	stranger := &answering{status: http.StatusOK, body: "{}"}
	elsewhere := httptest.NewServer(stranger)
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	c, err := client.New(server.URL, domains.NewSecret("key-1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.List(t.Context(), desk.Filter{}); err == nil || stranger.asked != nil {
		t.Errorf("got %v", err)
	}
}

func TestAnOrderThatIsNotThere(t *testing.T) {
	c := connect(t, &answering{status: 404, body: `{"type":"x","title":"There is no such order","status":404}`})
	if _, err := c.Find(t.Context(), "A-1"); !errors.Is(err, desk.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	unanswered := connect(t, &answering{status: 200, body: `{"number":"A-1","units":[{"order":"A-1","item":3,"unanswered":true}]}`})
	if _, err := unanswered.Progress(t.Context(), desk.Unit{Order: "A-1", Item: 3}); !errors.Is(err, desk.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if _, err := unanswered.Progress(t.Context(), desk.Unit{Order: "A-1", Item: 4}); !errors.Is(err, desk.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}
