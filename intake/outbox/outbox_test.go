package outbox_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"domainprovisioning/domains"
	"domainprovisioning/intake/outbox"
	"domainprovisioning/messages"
	"domainprovisioning/store"
	"domainprovisioning/vault"
)

// receiver is an order system's endpoint that verifies with the specification's own library and
// counts what it takes.
type receiver struct {
	t        *testing.T
	url      string
	verifier *standardwebhooks.Webhook

	mu sync.Mutex
	// answer answers the n-th request, counted from 1; nil is 204. It returns whether the event
	// was taken.
	answer func(w http.ResponseWriter, n int) (taken bool)
	asked  int
	taken  map[string]int // by event id
	order  []string       // order and type of what was taken, in its order
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		r.t.Error(err)
	}
	if err := r.verifier.Verify(body, request.Header); err != nil || request.Method != http.MethodPost || request.Header.Get("Content-Type") != "application/json" {
		r.t.Errorf("%s %v: %v", request.Method, request.Header, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	taken := true
	if r.answer != nil {
		taken = r.answer(w, r.asked)
	} else {
		w.WriteHeader(http.StatusNoContent)
	}
	if !taken {
		return
	}
	var news messages.News
	if err := json.Unmarshal(body, &news); err != nil {
		r.t.Error(err)
	}
	r.taken[request.Header.Get(standardwebhooks.HeaderWebhookID)]++
	r.order = append(r.order, news.Data.Order+" "+string(news.Type))
}

func (r *receiver) seen() (asked int, taken map[string]int, order []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked, r.taken, slices.Clone(r.order)
}

// house is a store with an outbox and the time of both.
type house struct {
	*store.Store

	box *outbox.Outbox
	log *lines

	mu       sync.Mutex
	now      time.Time
	outcomes map[outbox.Outcome]int
}

func open(t *testing.T) *house {
	t.Helper()
	sealer, err := vault.NewSealer([]vault.Key{{ID: "k1", Material: make([]byte, vault.KeyBytes)}})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), outcomes: map[outbox.Outcome]int{}, log: &lines{}}
	h.Store, err = store.Open(t.Context(), store.Options{
		URL: "sqlite:" + filepath.Join(t.TempDir(), "store.db"), Sealer: sealer, Ranges: store.DefaultRanges(), Now: h.at,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	if _, err := h.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.box = outbox.New(h.Store, []string{"127.0.0.1"}, func(o outbox.Outcome) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.outcomes[o]++
	}, slog.New(slog.NewTextHandler(h.log, nil)))
	h.box.Restless()
	return h
}

func (h *house) at() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) advance(by time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(by)
}

// lines is a log that can be read.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// endpoint adds an endpoint of the house with its receiver.
func (h *house) endpoint(t *testing.T, answer func(http.ResponseWriter, int) bool) (*receiver, store.Hook) {
	t.Helper()
	r := &receiver{t: t, answer: answer, taken: map[string]int{}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL
	hook, secret, err := h.AddHook(t.Context(), store.NewHook{URL: server.URL + "/news", Events: []string{"*"}})
	if err != nil {
		t.Fatal(err)
	}
	if r.verifier, err = standardwebhooks.NewWebhook(secret.Reveal()); err != nil {
		t.Fatal(err)
	}
	return r, hook
}

// happens lets an order be accepted, wait, and be done.
func (h *house) happens(t *testing.T, number string) {
	t.Helper()
	domain := strings.ToLower(number) + ".example"
	_, err := h.AcceptOrder(t.Context(), store.Acceptance{
		Number: number, Fingerprint: number, Source: "json", Document: []byte("{}"),
		Units: []store.NewUnit{{Domain: domain, Registrar: "netim-main", Start: func(string, map[store.IDRequest]int) (string, []byte, error) {
			return "domain-provisioning/" + domain, []byte("{}"), nil
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	err = h.RecordState(t.Context(), store.StateChange{OrderNumber: number, At: h.at(), State: messages.Waiting, Step: 10})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.CloseUnit(t.Context(), number, 0, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
}

// round delivers everything that is due.
func (h *house) round(t *testing.T) {
	t.Helper()
	var lanes sync.WaitGroup
	if err := h.box.Round(t.Context(), &lanes); err != nil {
		t.Fatal(err)
	}
	lanes.Wait()
}

// rounds delivers for a length of time, as fast as the clock of the store is advanced.
func (h *house) rounds(t *testing.T, length, step time.Duration) {
	t.Helper()
	for range length / step {
		h.round(t)
		h.advance(step)
	}
}

// wantStory demands that the endpoint has taken all events of the orders once, those of an order
// in their order.
func wantStory(t *testing.T, r *receiver, numbers ...string) {
	t.Helper()
	_, taken, order := r.seen()
	for event, times := range taken {
		if times != 1 {
			t.Errorf("%s was taken %d times", event, times)
		}
	}
	for _, number := range numbers {
		var of []string
		for _, one := range order {
			if kind, its := strings.CutPrefix(one, number+" "); its {
				of = append(of, kind)
			}
		}
		if want := []string{"order.accepted", "order.waiting", "order.done"}; !slices.Equal(of, want) {
			t.Errorf("%s was told as %q, want %q", number, of, want)
		}
	}
	if len(taken) != 3*len(numbers) {
		t.Errorf("%d events were taken, want %d", len(taken), 3*len(numbers))
	}
}

func TestNewsArrivesSignedAndOnceAndInOrder(t *testing.T) {
	h := open(t)
	r, hook := h.endpoint(t, nil)
	numbers := []string{}
	for n := range 30 {
		numbers = append(numbers, fmt.Sprintf("SO-%02d", n))
		h.happens(t, numbers[n])
	}
	h.round(t)
	wantStory(t, r, numbers...)
	if asked, _, _ := r.seen(); asked != 90 || h.outcomes[outbox.Sent] != 90 {
		t.Errorf("asked %d times, measured %v", asked, h.outcomes)
	}
	h.round(t) // nothing is left
	if asked, _, _ := r.seen(); asked != 90 {
		t.Errorf("asked %d times in the end", asked)
	}
	if now, err := h.Hook(t.Context(), hook.ID); err != nil || now.Waiting != 0 || now.DeliveredAt == nil {
		t.Errorf("got %+v, %v", now, err)
	}
}

// TestWhatAnEndpointDoesNotTakeIsSentAgain counts the effects at endpoints that fail in every way
// for the first tries.
func TestWhatAnEndpointDoesNotTakeIsSentAgain(t *testing.T) {
	status := func(code int, headers ...string) func(w http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(code)
		}
	}
	for name, c := range map[string]struct {
		fails   func(w http.ResponseWriter)
		outcome outbox.Outcome
		trouble string
	}{
		"500":      {status(500), outbox.Refused, "answered 500 Internal Server Error"},
		"404":      {status(404), outbox.Refused, "answered 404 Not Found"},
		"redirect": {status(307, "Location", "https://elsewhere.example/"), outbox.Refused, "redirects are not followed"},
		"too busy": {status(429, "Retry-After", "120"), outbox.Refused, "answered 429 Too Many Requests"},
		"closes":   {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, outbox.Failed, "unexpected EOF"},
		"long error": {func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, strings.Repeat("secret ", 1<<16))
		}, outbox.Refused, "answered 502 Bad Gateway"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			healthy, _ := h.endpoint(t, nil)
			const failing = 3
			r, hook := h.endpoint(t, func(w http.ResponseWriter, n int) bool {
				if n <= failing {
					c.fails(w)
					return false
				}
				w.WriteHeader(http.StatusOK)
				return true
			})
			h.happens(t, "SO-1")
			h.round(t)
			wantStory(t, healthy, "SO-1") // it does not wait for the other one
			waiting, err := h.Deliveries(t.Context(), store.DeliveryFilter{Hook: hook.ID, State: store.NewsWaiting})
			if err != nil || len(waiting) != 3 {
				t.Fatalf("%+v, %v", waiting, err)
			}
			first := waiting[slices.IndexFunc(waiting, func(d store.Delivery) bool { return d.Attempts == 1 })]
			if !strings.Contains(first.Trouble, c.trouble) {
				t.Errorf("the trouble is %q, want %q", first.Trouble, c.trouble)
			}
			if name == "too busy" && first.NextAt.Sub(h.at()) < 2*time.Minute {
				t.Errorf("asked again after %s, before Retry-After", first.NextAt.Sub(h.at()))
			}
			h.rounds(t, 10*time.Minute, time.Second)
			wantStory(t, r, "SO-1")
			if asked, _, _ := r.seen(); asked != failing+3 || h.outcomes[c.outcome] != failing {
				t.Errorf("asked %d times, measured %v", asked, h.outcomes)
			}
			if strings.Contains(h.log.String(), "secret") {
				t.Error("what the endpoint says is in the log")
			}
		})
	}
}

// TestAnEndpointThatHangsHoldsUpNobody leaves one endpoint without an answer while another one
// is told everything.
func TestAnEndpointThatHangsHoldsUpNobody(t *testing.T) {
	h := open(t)
	release := make(chan struct{})
	let := sync.OnceFunc(func() { close(release) })
	t.Cleanup(let)
	entered := make(chan struct{}, 100)
	hanging := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		select {
		case <-release:
			w.WriteHeader(http.StatusServiceUnavailable)
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(hanging.Close)
	hook, _, err := h.AddHook(t.Context(), store.NewHook{URL: hanging.URL, Events: []string{"*"}})
	if err != nil {
		t.Fatal(err)
	}
	r, _ := h.endpoint(t, nil)
	h.happens(t, "SO-1")
	var lanes sync.WaitGroup
	if err := h.box.Round(t.Context(), &lanes); err != nil {
		t.Fatal(err)
	}
	<-entered
	deadline := time.Now().Add(30 * time.Second)
	for _, order := r.asks(); len(order) < 3 && time.Now().Before(deadline); _, order = r.asks() {
		time.Sleep(5 * time.Millisecond) // until the other endpoint has everything
	}
	wantStory(t, r, "SO-1")
	h.happens(t, "SO-2")
	h.advance(2 * time.Second)
	if err := h.box.Round(t.Context(), &lanes); err != nil { // the one that hangs is not entered twice
		t.Fatal(err)
	}
	for _, order := r.asks(); len(order) < 6 && time.Now().Before(deadline); _, order = r.asks() {
		time.Sleep(5 * time.Millisecond)
	}
	wantStory(t, r, "SO-1", "SO-2")
	if len(entered) > 0 {
		t.Errorf("the endpoint that hangs was asked %d more times", len(entered))
	}
	let()
	lanes.Wait()
	if now, err := h.Hook(t.Context(), hook.ID); err != nil || now.Waiting == 0 {
		t.Errorf("what was not taken is lost: %+v, %v", now, err)
	}
}

func (r *receiver) asks() (int, []string) {
	asked, _, order := r.seen()
	return asked, order
}

func TestAnEndpointThatWantsNoMoreIsDisabled(t *testing.T) {
	h := open(t)
	r, hook := h.endpoint(t, func(w http.ResponseWriter, _ int) bool { w.WriteHeader(http.StatusGone); return false })
	h.happens(t, "SO-1")
	h.rounds(t, time.Hour, time.Minute)
	if asked, _, _ := r.seen(); asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	if now, err := h.Hook(t.Context(), hook.ID); err != nil || now.DisabledFor != "gone" {
		t.Errorf("got %+v, %v", now, err)
	}
	if !strings.Contains(h.log.String(), "starter hooks enable") || !strings.Contains(h.log.String(), hook.ID) {
		t.Errorf("the log does not say so: %s", h.log)
	}
}

func TestBothSecretsSignAfterARotation(t *testing.T) {
	old, next := "whsec_"+strings.Repeat("QUFB", 8), "whsec_"+strings.Repeat("QkJC", 8)
	body := []byte(`{"type":"order.done"}`)
	header, err := outbox.Sign([]domains.Secret{domains.NewSecret(next), domains.NewSecret(old)}, "evt_1", time.Now(), body)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{old, next} {
		verifier, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := verifier.Verify(body, header); err != nil {
			t.Errorf("%v", err)
		}
		if verifier.Verify([]byte(`{"type":"order.failed"}`), header) == nil {
			t.Error("another body has the signature")
		}
	}
}

func TestAddressesOfEndpoints(t *testing.T) {
	private := []string{"127.0.0.1", "localhost", "crm.internal", "10.1.2.3", "::1"}
	for address, rule := range map[string]string{
		"https://orders.example/news?shop=1":                "",
		"https://orders.example:8443/":                      "",
		"https://203.0.114.7/":                              "",
		"https://[2606:4700::1]/":                           "",
		"https://crm.internal/":                             "",
		"https://10.1.2.3/":                                 "",
		"http://127.0.0.1:9000/":                            "",
		"http://localhost:9000/":                            "",
		"http://[::1]:9000/":                                "",
		"http://crm.internal/":                              "https",
		"http://orders.example/":                            "https",
		"http://127.0.0.2/":                                 "https",
		"https://127.0.0.2/":                                "Internet",
		"https://192.168.0.1/":                              "Internet",
		"https://[::ffff:10.0.0.1]/":                        "Internet",
		"https://169.254.169.254/latest":                    "Internet",
		"https://other.localhost/":                          "Internet",
		"https://user:password@shop.example/":               "password",
		"https://shop.example/#part":                        "fragment",
		"ftp://shop.example/":                               "https",
		"shop.example/news":                                 "absolute",
		"https:///news":                                     "absolute",
		"":                                                  "absolute",
		"https://shop.example/" + strings.Repeat("x", 2000): "bytes",
	} {
		switch err := outbox.CheckURL(address, private); {
		case rule == "" && err != nil:
			t.Errorf("%s: %v", address, err)
		case rule != "" && (err == nil || !strings.Contains(err.Error(), rule)):
			t.Errorf("%s: %v, want %q", address, err, rule)
		case rule != "" && strings.Contains(err.Error(), "user:password"):
			t.Error("the error quotes the address")
		}
	}
}

// TestAnAddressThatIsNoLongerAllowedGetsNothing changes the configuration under an endpoint.
func TestAnAddressThatIsNoLongerAllowedGetsNothing(t *testing.T) {
	h := open(t)
	r, hook := h.endpoint(t, nil)
	h.box = outbox.New(h.Store, nil, nil, slog.New(slog.DiscardHandler))
	h.happens(t, "SO-1")
	h.round(t)
	if asked, _, _ := r.seen(); asked != 0 {
		t.Errorf("asked %d times", asked)
	}
	waiting, err := h.Deliveries(t.Context(), store.DeliveryFilter{Hook: hook.ID, State: store.NewsWaiting})
	if err != nil || len(waiting) != 3 || !strings.Contains(waiting[2].Trouble+waiting[1].Trouble+waiting[0].Trouble, "private_hosts") {
		t.Errorf("%+v, %v", waiting, err)
	}
}

func TestTheFirstTriesComeSoonAndTheLastDaily(t *testing.T) {
	total, tries := time.Duration(0), 0
	for total < store.NewsFor {
		tries++
		wait := outbox.Backoff(tries)
		if tries == 1 && wait > 10*time.Second || wait < 5*time.Second || wait > 8*time.Hour {
			t.Errorf("try %d waits %s", tries, wait)
		}
		total += wait
	}
	if tries < 10 || tries > 30 {
		t.Errorf("%d tries in three days", tries)
	}
}
