package realtimeregister

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// receiver accepts webhooks, and fails as often as it is told.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	fails  int
	bodies []string
	signs  []string
	taken  chan string // the process of each that was taken
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{taken: make(chan string, 100)}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bodies, r.signs = append(r.bodies, string(body)), append(r.signs, request.Header.Get("Signature"))
	if r.fails > 0 {
		r.fails--
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	var news struct {
		Identifier string `json:"processIdentifier"`
	}
	_ = json.Unmarshal(body, &news)
	w.WriteHeader(http.StatusAccepted)
	r.taken <- news.Identifier
}

func (r *receiver) failing(times int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fails = times
}

func (r *receiver) next(t *testing.T) string {
	t.Helper()
	select {
	case name := <-r.taken:
		return name
	case <-time.After(30 * time.Second):
		t.Fatal("nothing came")
		return ""
	}
}

// pushing starts a stand-in that pushes to the receiver, with a clock that does not
// wait; the returned function lists the pauses that it asked for.
func pushing(t *testing.T, r *receiver, form Form) (*fixture, func() []time.Duration) {
	t.Helper()
	var mu sync.Mutex
	var pauses []time.Duration
	f := begin(t, func(o *Options) {
		o.Webhook = Webhook{URL: r.URL, Key: "hook-key", Form: form, Client: r.Client(), Wait: func(_ context.Context, d time.Duration) {
			mu.Lock()
			defer mu.Unlock()
			pauses = append(pauses, d)
		}}
	})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); f.Push(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	return f, func() []time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(pauses)
	}
}

func TestWebhooksAreSignedAndInOrder(t *testing.T) {
	for _, form := range []Form{Raw, Hex, BlankHex} {
		r := newReceiver(t)
		f, _ := pushing(t, r, form)
		for n := range 3 {
			f.want(201, "", "POST", fmt.Sprintf("domains/d%d.sync", n), create)
		}
		for n := range 3 {
			if got, want := r.next(t), fmt.Sprintf("d%d.sync", n); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		for i, body := range r.bodies {
			if r.signs[i] != Sign("hook-key", []byte(body), form) {
				t.Errorf("signature %q of %s", r.signs[i], body)
			}
		}
		// A delivery does not acknowledge.
		if n := f.Waiting(); n != 3 {
			t.Errorf("%d wait in the queue", n)
		}
	}
}

// TestSign checks the example of docs/protocols/realtime-register.md, section 12.1.
func TestSign(t *testing.T) {
	for form, want := range map[Form]string{
		Raw:      "wYBH4UGjiCOx6kC2gAoaJXyPCeURNN7d9X3HsV++Qwo=",
		Hex:      "YzE4MDQ3ZTE0MWEzODgyM2IxZWE0MGI2ODAwYTFhMjU3YzhmMDllNTExMzRkZWRkZjU3ZGM3YjE1ZmJlNDMwYQ==",
		BlankHex: "IGMxODA0N2UxNDFhMzg4MjNiMWVhNDBiNjgwMGExYTI1N2M4ZjA5ZTUxMTM0ZGVkZGY1N2RjN2IxNWZiZTQzMGE=",
	} {
		if got := Sign("SHOP_KEY", []byte(`{"id":5001,"message":"done"}`), form); got != want {
			t.Errorf("form %d: %s", form, got)
		}
	}
}

// TestAFailingWebhookHoldsUpLaterOnes: it is tried again five times, and then the
// queue stalls until somebody resumes it.
func TestAFailingWebhookHoldsUpLaterOnes(t *testing.T) {
	r := newReceiver(t)
	f, pauses := pushing(t, r, Raw)
	r.failing(6)
	f.want(201, "", "POST", "domains/first.sync", create)
	f.want(201, "", "POST", "domains/second.sync", create)
	deadline := time.Now().Add(30 * time.Second)
	for stalled, _ := f.Stalled(); !stalled; stalled, _ = f.Stalled() {
		if time.Now().After(deadline) {
			t.Fatal("it did not stall")
		}
		time.Sleep(time.Millisecond)
	}
	if got := pauses(); !slices.Equal(got, Pauses()) {
		t.Errorf("pauses %v", got)
	}
	if stalled, alarms := f.Stalled(); !stalled || alarms != 1 {
		t.Errorf("stalled %t, %d alarms", stalled, alarms)
	}
	attempts := f.Deliveries()
	if len(attempts) != 6 {
		t.Errorf("%d attempts", len(attempts))
	}
	for _, attempt := range attempts {
		if attempt.Notification != attempts[0].Notification || attempt.Status != 500 {
			t.Errorf("a later one was tried: %+v", attempts)
		}
	}
	f.Resume()
	if first, second := r.next(t), r.next(t); first != "first.sync" || second != "second.sync" {
		t.Errorf("got %s, then %s", first, second)
	}
}

func TestTheQueueKeepsNewsUntilItIsAcknowledged(t *testing.T) {
	f := begin(t)
	const path = "customers/shopreseller/notifications/"
	if r := f.want(200, "", "GET", path+"poll", ""); len(r.body) != 1 || fmt.Sprint(r.body["count"]) != "0" {
		t.Errorf("got %v", r.body)
	}
	f.want(201, "", "POST", "domains/a.sync", create)
	f.want(202, "", "POST", "domains/b.async", create)
	for range 2 {
		r := f.want(200, "", "GET", path+"poll", "")
		news := r.body["notification"].(map[string]any)
		if fmt.Sprint(r.body["count"]) != "2" || news["processIdentifier"] != "a.sync" || news["isAsync"] != false ||
			news["subjectStatus"] != "COMPLETED" || news["notificationType"] != "CreateDomainNotification" {
			t.Errorf("got %v", r.body)
		}
	}
	f.want(200, "", "POST", path+"5001/ack", "")
	f.want(200, "", "POST", path+"5001/ack", "")
	f.want(400, "ObjectDoesNotExist", "POST", path+"7/ack", "")
	f.want(400, "InvalidMessage", "POST", path+"5002/ack", "[]")
	f.want(400, "UnrecognizedPropertyException", "POST", path+"5002/ack", `{"id": 5002}`)
	if r := f.want(200, "", "GET", path+"poll", ""); r.body["notification"].(map[string]any)["isAsync"] != true {
		t.Errorf("got %v", r.body)
	}
	f.want(200, "", "POST", path+"5002/ack", "{}")
	if n := f.Waiting(); n != 0 {
		t.Errorf("%d wait", n)
	}
}
