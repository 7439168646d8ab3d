package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/messages"
	"domainprovisioning/telemetry"
	"domainprovisioning/workflows"
)

// traces makes the fixture trace what it does, in a connection and workers of their own.
func (f *fixture) traces() *tracetest.InMemoryExporter {
	f.t.Helper()
	f.workers.Stop()
	kept := tracetest.NewInMemoryExporter()
	f.Tracing = telemetry.NewTracing(sdktrace.NewSimpleSpanProcessor(kept))
	traced, err := dial(f.t.Context(), server.HostPort(), f.namespace, f.Config.Histories, f.Log, assembly.TracedBy(f.Tracing))
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(traced.Close)
	f.temporal = traced
	f.intake = f.Intake(traced)
	f.startWorkers()
	if err := f.workers.Start(); err != nil {
		f.t.Fatal(err)
	}
	return kept
}

// exchangeWorkers stops the workers and starts others, which know no workflow yet, and lets them
// carry out the shop's. A question that the stopped ones still have is asked again.
func (f *fixture) exchangeWorkers() (progress messages.Progress) {
	f.t.Helper()
	f.workers.Stop()
	f.startWorkers()
	if err := f.workers.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.eventually("other workers answer", func() (answered bool) {
		var err error
		progress, err = messages.ReadProgress().Ask(f.t.Context(), f.temporal, shopWorkflow)
		return err == nil
	})
	return progress
}

// spanText is all that a span tells, as one text.
func spanText(span tracetest.SpanStub) string {
	text := fmt.Sprintf("%s %v %s %v", span.Name, span.Attributes, span.Status.Description, span.Resource)
	for _, event := range span.Events {
		text += fmt.Sprintf(" %s %v", event.Name, event.Attributes)
	}
	for _, link := range span.Links {
		text += fmt.Sprintf(" %v %s", link.Attributes, link.SpanContext.TraceState())
	}
	return text
}

// personal is what jsonShop holds about people, and its secrets.
var personal = []string{"max", "another-long-pass-phrase", "Beispiel", "Hauptstrasse", "Musterstadt", "12345", "buecher.example", operationsPass, registrarPass}

func (f *fixture) checkDiscreet(spans tracetest.SpanStubs) {
	f.t.Helper()
	for _, span := range spans {
		for _, never := range personal {
			if strings.Contains(strings.ToLower(spanText(span)), strings.ToLower(never)) {
				f.t.Errorf("a span holds %q: %s", never, spanText(span))
			}
		}
	}
}

// theirTrace and theirSpan are of a caller that traces, too.
const theirTrace, theirSpan = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"

// One trace leads from the request that places an order over the workflow and its activities to
// the calls of outside systems, over a worker that is exchanged while the order waits.
func TestAnOrderIsOneTrace(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	kept := f.traces()
	at := f.client()
	status, body := at.send(http.MethodPost, "/v1/orders", jsonShop(t), http.Header{
		"Authorization": {"Bearer " + at.key}, "Content-Type": {"application/json"},
		"Traceparent": {"00-" + theirTrace + "-" + theirSpan + "-01"}, "Tracestate": {"vendor=max"}, "Baggage": {"user=max"},
	})
	if status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	f.until(shopWorkflow, messages.Waiting)
	f.exchangeWorkers()
	f.completes()
	f.finish(shopWorkflow)
	asked := f.exchangeWorkers() // carries it out again
	f.eventually("the workflow's span is there", func() bool { return len(named(kept.GetSpans(), "RunWorkflow:DomainProvisioning")) > 0 })

	spans := kept.GetSpans()
	f.checkDiscreet(spans)
	placing := named(spans, "POST /v1/orders")
	if len(placing) != 1 || placing[0].Parent.IsValid() {
		t.Fatalf("%d requests placed the order, or the trace begins elsewhere", len(placing))
	}
	id := placing[0].SpanContext.TraceID()
	if links := placing[0].Links; id.String() == theirTrace || len(links) != 1 || links[0].SpanContext.TraceID().String() != theirTrace {
		t.Errorf("the caller's trace is not linked only: %v in %s", links, id)
	}
	run := named(spans, "RunWorkflow:DomainProvisioning")
	if len(run) != 1 {
		t.Fatalf("%d spans of the workflow", len(run))
	}
	byID := map[string]tracetest.SpanStub{}
	for _, span := range spans {
		byID[span.SpanContext.SpanID().String()] = span
	}
	for name, want := range map[string]int{
		"StartWorkflow:DomainProvisioning": 1, "RunActivity:AddAccount": 1, "RunActivity:SubmitRequest": 1, "RunActivity:RegisterDomain": 1,
	} {
		found := named(spans, name)
		if len(found) != want {
			t.Errorf("%d spans %s, want %d", len(found), name, want)
		}
		for _, span := range found {
			if span.SpanContext.TraceID() != id {
				t.Errorf("%s is in another trace", name)
			}
		}
	}
	// Every call of the order's activities leads back to the request over spans that were sent,
	// although two workers have carried the workflow out.
	submitted := 0
	for _, span := range spans {
		if span.SpanContext.TraceID() != id {
			continue
		}
		chain := []string{span.Name}
		for top := span; top.Parent.IsValid(); {
			above, there := byID[top.Parent.SpanID().String()]
			if !there {
				t.Errorf("%v leads nowhere", chain)
				break
			}
			top, chain = above, append(chain, above.Name)
		}
		if strings.HasPrefix(span.Name, "POST 127.0.0.1") && chain[1] == "RunActivity:SubmitRequest" {
			submitted++
			if want := []string{"RunActivity:SubmitRequest", "RunWorkflow:DomainProvisioning", "StartWorkflow:DomainProvisioning", "POST /v1/orders"}; !slices.Equal(chain[1:], want) {
				t.Errorf("a call of the registrar is below %v", chain[1:])
			}
		}
	}
	if submitted == 0 {
		t.Error("no call of the registrar is in the trace")
	}

	// The trace's id is on the order's page and in the access log, and a problem has its own.
	var order struct{ Units []gateway.UnitStatus }
	at.want(http.StatusOK, http.MethodGet, "/v1/orders/"+asked.OrderNumber, nil, &order)
	if len(order.Units) != 1 || order.Units[0].Trace != id.String() {
		t.Errorf("the order's trace is %+v, want %s", order.Units, id)
	}
	if !strings.Contains(f.log.String(), "trace="+id.String()) {
		t.Error("the access log lacks the trace")
	}
	_, body = at.send(http.MethodGet, "/v1/orders/DP99999999", nil, nil)
	if trace := regexp.MustCompile(`"trace":"([0-9a-f]{32})"`).FindSubmatch(body); trace == nil || string(trace[1]) == id.String() {
		t.Errorf("the problem has no trace of its own: %s", body)
	}
	f.replays(f.events(shopWorkflow))
}

func named(spans tracetest.SpanStubs, name string) (found tracetest.SpanStubs) {
	for _, span := range spans {
		if span.Name == name {
			found = append(found, span)
		}
	}
	return found
}

// replays carries out a history as workers without and with tracing do.
func (f *fixture) replays(events []*historypb.HistoryEvent) {
	f.t.Helper()
	converters := f.Codec.ForWorkers()
	for name, interceptors := range map[string][]interceptor.WorkerInterceptor{"without": nil, "with": {f.Tracing.Interceptor()}} {
		replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{Interceptors: interceptors, DataConverter: converters.Data, FailureConverter: converters.Failure})
		if err != nil {
			f.t.Fatal(err)
		}
		workflows.Register(replayer)
		if err := replayer.ReplayWorkflowHistory(nil, &historypb.History{Events: events}); err != nil {
			f.t.Errorf("a traced order %s tracing: %v", name, err)
		}
	}
}

// Nothing is traced unless it is asked for: no header is in a history, and none comes in with the
// id of a trace.
func TestNothingIsTracedUnlessAskedFor(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{})
	at := f.client()
	var placed desk.Placed
	at.want(http.StatusCreated, http.MethodPost, "/v1/orders", jsonShop(t), &placed)
	f.finish(shopWorkflow)
	for _, event := range f.events(shopWorkflow) {
		if text := event.String(); strings.Contains(text, "_tracer-data") || strings.Contains(text, "traceparent") {
			t.Errorf("an event holds a trace: %s", text)
		}
	}
	for _, path := range []string{"/v1/orders/" + placed.Number, "/v1/orders/DP99999999"} {
		if _, body := at.send(http.MethodGet, path, nil, nil); strings.Contains(string(body), `"trace"`) {
			t.Errorf("%s tells of a trace: %s", path, body)
		}
	}
	if strings.Contains(f.log.String(), "trace=") {
		t.Error("the access log tells of a trace")
	}
}
