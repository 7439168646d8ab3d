package gateway_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

const shopWorkflow = "domain-provisioning/shop.example"

// sse is one event of a stream.
type sse struct{ id, event, data string }

// follow opens an event stream. The events arrive on the channel, which closes with the
// stream. last is the id of the last event of an earlier stream, or "".
func (f *fixture) follow(ctx context.Context, key, id, last string) (*http.Response, <-chan sse) {
	f.t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url+"/v1/orders/"+id+"/events", nil)
	if err != nil {
		f.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		f.t.Fatal(err)
	}
	events := make(chan sse, 100)
	go func() {
		defer close(events)
		defer answer.Body.Close()
		var current sse
		lines := bufio.NewScanner(answer.Body)
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "id":
				current.id = value
			case "event":
				current.event = value
			case "data":
				current.data = value
			case "":
				if current.event != "" {
					events <- current
				}
				current = sse{}
			}
		}
	}()
	return answer, events
}

func TestEventsFollowTheChecklistToItsEnd(t *testing.T) {
	f := begin(t, outside.Options{})
	f.order(outside.NewCustomer)
	progress := messages.Progress{OrderNumber: "DP00000001", State: messages.Running, Step: 1}
	f.Temporal.Show(shopWorkflow, progress)
	answer, events := f.follow(t.Context(), f.read, "DP00000001", "")
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("status %d, %s", answer.StatusCode, answer.Header.Get("Content-Type"))
	}
	next := func() (sse, messages.Progress) {
		select {
		case event := <-events:
			if err := conforms(t, schema(t, "OrderEvent"), fmt.Sprintf(`{"event": %q, "id": %q, "data": %s}`, event.event, event.id, event.data)); err != nil {
				t.Error(err)
			}
			var unit gateway.UnitStatus
			if err := json.Unmarshal([]byte(event.data), &unit); err != nil {
				t.Fatalf("%v in %q", err, event.data)
			}
			if unit.Progress == nil {
				return event, messages.Progress{}
			}
			return event, *unit.Progress
		case <-time.After(time.Minute):
			t.Fatal("no event")
			return sse{}, progress
		}
	}
	first, got := next()
	if first.event != "progress" || !strings.HasPrefix(first.id, "1-") || got.Step != 1 {
		t.Errorf("first %+v", first)
	}
	progress.State, progress.Step = messages.Waiting, 10
	f.Temporal.Show(shopWorkflow, progress)
	if event, got := next(); event.id == first.id || got.Step != 10 || got.State != messages.Waiting {
		t.Errorf("second %+v", event)
	}
	progress.State = messages.Done
	f.Temporal.Show(shopWorkflow, progress)
	if err := f.Store.CloseUnit(t.Context(), "DP00000001", 1, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	for closed := false; !closed; {
		event, got := next()
		if got.State != messages.Done {
			t.Fatalf("third %+v", got)
		}
		closed = strings.Contains(event.data, `"state":"done","since":`) && strings.Contains(event.data, "closedAt")
	}
	if event, _ := next(); event.event != "end" || event.id != "end" {
		t.Errorf("last %+v", event)
	}
	if _, open := <-events; open {
		t.Error("the stream goes on after its end")
	}
}

// The order was terminated by hand and closed. Its history does not show that, but the
// stream ends anyway.
func TestTheStreamOfAnOrderThatWasGivenUpEnds(t *testing.T) {
	f := begin(t, outside.Options{})
	f.order(outside.NewCustomer)
	f.Temporal.Show(shopWorkflow, messages.Progress{OrderNumber: "DP00000001", State: messages.Waiting})
	_, events := f.follow(t.Context(), f.read, "shop.example", "")
	<-events
	if err := f.Store.CloseUnit(t.Context(), "DP00000001", 1, store.UnitCancelled, ""); err != nil {
		t.Fatal(err)
	}
	last := sse{}
	for event := range events {
		if event.event == "progress" && !strings.Contains(event.data, `"state":"cancelled"`) {
			t.Errorf("got %s", event.data)
		}
		last = event
	}
	if last.event != "end" {
		t.Errorf("the last event is %+v", last)
	}
}

// TestAClientThatReconnectsGetsWhatItMissed: an EventSource connects again by itself, with the id
// of the last event, on whichever gateway. Once it knows the end it is told to stop.
func TestAClientThatReconnectsGetsWhatItMissed(t *testing.T) {
	f := begin(t, outside.Options{})
	f.order(outside.NewCustomer)
	progress := messages.Progress{OrderNumber: "DP00000001", State: messages.Running, Step: 1}
	f.Temporal.Show(shopWorkflow, progress)
	ctx, leave := context.WithCancel(t.Context())
	_, events := f.follow(ctx, f.read, "DP00000001", "")
	first := <-events
	leave()
	// Nothing has changed, so the next event is the one after the change.
	_, events = f.follow(t.Context(), f.read, "DP00000001", first.id)
	progress.State, progress.Step = messages.Waiting, 10
	f.Temporal.Show(shopWorkflow, progress)
	waiting := <-events
	if waiting.id == first.id || !strings.Contains(waiting.data, `"state":"waiting"`) {
		t.Errorf("after the change: %+v", waiting)
	}
	if err := f.Store.CloseUnit(t.Context(), "DP00000001", 1, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	progress.State = messages.Done
	f.Temporal.Show(shopWorkflow, progress)
	var last []sse
	_, events = f.follow(t.Context(), f.read, "DP00000001", waiting.id)
	for event := range events {
		last = append(last, event)
	}
	if len(last) != 2 || !strings.Contains(last[0].data, `"state":"done"`) || last[1].id != "end" {
		t.Fatalf("the end that was missed: %+v", last)
	}
	for _, id := range []string{"end", last[0].id, "42", "whatever"} {
		if answer, _ := f.follow(t.Context(), f.read, "DP00000001", id); answer.StatusCode != http.StatusNoContent {
			t.Errorf("reconnected after %s: %d", id, answer.StatusCode)
		}
	}
	// Somebody who comes for the first time is told how the order has ended.
	_, events = f.follow(t.Context(), f.read, "DP00000001", "")
	if event := <-events; event.id != last[0].id {
		t.Errorf("for the first time: %+v", event)
	}
}

func TestEventStreamsAreBounded(t *testing.T) {
	f := begin(t, outside.Options{})
	f.order(outside.NewCustomer)
	f.Temporal.Show(shopWorkflow, messages.Progress{OrderNumber: "DP00000001", State: messages.Running})
	ctx, leave := context.WithCancel(t.Context())
	open := func(key string) {
		t.Helper()
		_, events := f.follow(ctx, key, "shop.example", "")
		<-events
	}
	full := func(key string, status int) {
		t.Helper()
		got := f.send(http.MethodGet, "/v1/orders/DP00000001/events", key, "")
		if got.status != status || got.problem(t).Type != "urn:domainprovisioning:problem:too-many-streams" || got.header.Get("Retry-After") == "" {
			t.Errorf("one more: %d %s", got.status, got.body)
		}
	}
	// A key has a quarter of the eight.
	for range 2 {
		open(f.read)
	}
	full(f.read, http.StatusTooManyRequests)
	for n := range 3 {
		_, key, err := f.Store.CreateAPIKey(t.Context(), fmt.Sprint("more-", n), "shop", []store.Scope{store.ScopeRead}, "test")
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			open(key.Reveal())
		}
	}
	full(f.all, http.StatusServiceUnavailable)
	if got := f.get("/v1/orders/none/events"); got.status != http.StatusNotFound {
		t.Errorf("no such order: %d", got.status)
	}
	leave()
	// Places become free when clients disconnect.
	deadline := time.Now().Add(time.Minute)
	for {
		again, leaveAgain := context.WithCancel(t.Context())
		answer, _ := f.follow(again, f.read, "shop.example", "")
		leaveAgain()
		if answer.StatusCode == http.StatusOK {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("status %d", answer.StatusCode)
		}
	}
}
