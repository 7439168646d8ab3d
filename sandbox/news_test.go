package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// orderSystem is an endpoint that fails at first, and remembers what it has taken.
type orderSystem struct {
	mu       sync.Mutex
	verifier *standardwebhooks.Webhook
	fails    []func(http.ResponseWriter) // how the first requests fail; nil: not
	taken    []messages.News
	ids      map[string]int
	bodies   strings.Builder
	wrong    []error
}

func (o *orderSystem) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = o.verifier.Verify(body, r.Header)
	}
	var news messages.News
	if err == nil {
		err = json.Unmarshal(body, &news)
	}
	if err != nil {
		o.wrong = append(o.wrong, err)
	}
	if len(o.fails) > 0 {
		fail := o.fails[0]
		o.fails = o.fails[1:]
		if fail != nil {
			fail(w)
			return
		}
	}
	o.taken = append(o.taken, news)
	o.ids[r.Header.Get(standardwebhooks.HeaderWebhookID)]++
	o.bodies.Write(body)
	w.WriteHeader(http.StatusNoContent)
}

// story lists what was taken: type and reason.
func (o *orderSystem) story() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []string
	for _, news := range o.taken {
		all = append(all, strings.TrimSpace(string(news.Type)+" "+news.Data.Reason))
	}
	return all
}

// TestAnOrderSystemIsToldWhatHappens carries an order through a rejection, and counts what its
// order system has taken at an endpoint that at first answers 500 and closes connections.
func TestAnOrderSystemIsToldWhatHappens(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.client() // its relay, beside that of the worker, delivers too
	endpoint := &orderSystem{ids: map[string]int{}, fails: []func(http.ResponseWriter){
		func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
		nil, // the second try is taken
		func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
	}}
	server := httptest.NewServer(endpoint)
	t.Cleanup(server.Close)
	hook, secret, err := f.Store.AddHook(t.Context(), store.NewHook{URL: server.URL, Events: []string{"order.*"}})
	if err != nil {
		t.Fatal(err)
	}
	if endpoint.verifier, err = standardwebhooks.NewWebhook(secret.Reveal()); err != nil {
		t.Fatal(err)
	}
	f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	if err := f.world.netim.Fail("shop.example", "registrant not eligible"); err != nil {
		t.Fatal(err)
	}
	f.watch()
	f.until(shopWorkflow, messages.NeedsAttention)
	f.retry(shopWorkflow, messages.Retry{Actor: "test"})
	f.until(shopWorkflow, messages.Waiting)
	f.completes()
	f.finish(shopWorkflow)
	want := []string{"order.accepted", "order.waiting", "order.attention registration-failed", "order.resumed", "order.waiting", "order.done"}
	f.eventually("the order system knows that the order is done", func() bool {
		story := endpoint.story()
		return len(story) > 0 && story[len(story)-1] == "order.done"
	})
	if got := endpoint.story(); !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
	f.eventually("nothing is left", func() bool {
		now, err := f.Store.Hook(t.Context(), hook.ID)
		return err == nil && now.Waiting == 0
	})
	endpoint.mu.Lock()
	defer endpoint.mu.Unlock()
	for id, times := range endpoint.ids {
		if times != 1 {
			t.Errorf("%s was taken %d times", id, times)
		}
	}
	for _, err := range endpoint.wrong {
		t.Error(err)
	}
	for _, personal := range []string{"Jane", "jane@", "Example Shop", "Main Street", "a-long-pass-phrase", "registrant not eligible"} {
		if strings.Contains(endpoint.bodies.String(), personal) {
			t.Errorf("the news hold %q", personal)
		}
	}
}
