package gateway_test

import (
	"bufio"
	"context"
	"encoding/json"
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
// stream.
func (f *fixture) follow(ctx context.Context, id string) (*http.Response, <-chan sse) {
	f.t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url+"/v1/orders/"+id+"/events", nil)
	if err != nil {
		f.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+f.read)
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
	answer, events := f.follow(t.Context(), "DP00000001")
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("status %d, %s", answer.StatusCode, answer.Header.Get("Content-Type"))
	}
	next := func() (sse, messages.Progress) {
		select {
		case event := <-events:
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
	if event, got := next(); event.event != "progress" || event.id != "1" || got.Step != 1 {
		t.Errorf("first %+v", event)
	}
	progress.State, progress.Step = messages.Waiting, 10
	f.Temporal.Show(shopWorkflow, progress)
	if event, got := next(); event.id != "2" || got.Step != 10 || got.State != messages.Waiting {
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
	if event, _ := next(); event.event != "end" {
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
	_, events := f.follow(t.Context(), "shop.example")
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

func TestEventStreamsAreBounded(t *testing.T) {
	f := begin(t, outside.Options{})
	f.order(outside.NewCustomer)
	f.Temporal.Show(shopWorkflow, messages.Progress{OrderNumber: "DP00000001", State: messages.Running})
	ctx, leave := context.WithCancel(t.Context())
	for range 2 {
		_, events := f.follow(ctx, "shop.example")
		<-events
	}
	if got := f.get("/v1/orders/DP00000001/events"); got.status != http.StatusServiceUnavailable || got.problem(t).Type != "urn:domainprovisioning:problem:too-many-streams" {
		t.Errorf("the third: %d %s", got.status, got.body)
	}
	if got := f.get("/v1/orders/none/events"); got.status != http.StatusNotFound {
		t.Errorf("no such order: %d", got.status)
	}
	leave()
	// Places become free when clients disconnect.
	deadline := time.Now().Add(time.Minute)
	for {
		again, leaveAgain := context.WithCancel(t.Context())
		answer, _ := f.follow(again, "shop.example")
		leaveAgain()
		if answer.StatusCode == http.StatusOK {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("status %d", answer.StatusCode)
		}
	}
}
