package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/proto"

	"domainprovisioning/telemetry"
	"domainprovisioning/vault"
	"domainprovisioning/wire/exchange"
	"domainprovisioning/workflows"
)

func inMemory() (*telemetry.Tracing, *tracetest.InMemoryExporter) {
	kept := tracetest.NewInMemoryExporter()
	return telemetry.NewTracing(sdktrace.NewSimpleSpanProcessor(kept)), kept
}

// Histories of releases, which know of no trace, go on under a worker that traces. The spans that
// it ends while it replays were sent by others, or never, and are not sent.
func TestReleasedHistoriesReplayWithTracing(t *testing.T) {
	files, err := filepath.Glob("../workflows/testdata/histories/*/*.json")
	if err != nil || len(files) < 7 {
		t.Fatalf("%d histories, %v", len(files), err)
	}
	// The key of those that are sealed is in workflows/replay_test.go.
	codec, err := vault.NewCodec([]vault.CodecKey{{ID: "h1", Material: []byte(strings.Repeat("one ", 7) + "one!")}}, true)
	if err != nil {
		t.Fatal(err)
	}
	converters := codec.ForWorkers()
	tracing, kept := inMemory()
	for _, file := range files {
		replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{
			Interceptors:  []interceptor.WorkerInterceptor{tracing.Interceptor()},
			DataConverter: converters.Data, FailureConverter: converters.Failure,
		})
		if err != nil {
			t.Fatal(err)
		}
		workflows.Register(replayer)
		if err := replayer.ReplayWorkflowHistoryFromJSONFile(nil, file); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	for _, span := range kept.GetSpans() {
		if strings.HasPrefix(span.Name, "RunActivity") || strings.HasPrefix(span.Name, "StartActivity") {
			t.Errorf("a replay sent %s", span.Name)
		}
	}
}

// An exchange is a span, which says neither what was asked nor what was answered, and sends
// nothing of the trace to others.
func TestAnExchangeIsASpanAndSendsNothingOfIt(t *testing.T) {
	var got http.Header
	answer := http.StatusOK
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		w.WriteHeader(answer)
		_, _ = io.WriteString(w, "jane@shop.example is not known")
	}))
	defer peer.Close()
	tracing, kept := inMemory()
	ctx, ended := tracing.Request(t.Context(), "POST /v1/orders", "POST", nil)
	call := func(address string) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/contacts/jane?email=jane@shop.example", strings.NewReader("jane"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = exchange.Do(exchange.CallClient(nil), request, 1000, time.Now(), func(status int) bool { return status == http.StatusOK })
		return err
	}
	if err := call(peer.URL); err != nil {
		t.Fatal(err)
	}
	for name := range got {
		if strings.Contains(strings.ToLower(name), "trace") || name == "Baggage" {
			t.Errorf("the header %s leaves the house", name)
		}
	}
	answer = http.StatusBadGateway
	if err := call(peer.URL); err == nil {
		t.Error("502 is an answer")
	}
	peer.Close()
	if err := call(peer.URL); err == nil {
		t.Error("a closed server has answered")
	}
	ended(http.StatusOK)
	spans := kept.GetSpans()
	if len(spans) != 4 {
		t.Fatalf("%d spans", len(spans))
	}
	for n, why := range []string{"", "status", "not sent"} {
		span := spans[n]
		if span.Status.Description != why || span.Parent.SpanID() != spans[3].SpanContext.SpanID() {
			t.Errorf("call %d ended with %q below %s", n, span.Status.Description, span.Parent.SpanID())
		}
		for _, one := range append(span.Attributes, attribute.String("name", span.Name)) {
			if strings.Contains(one.Value.String(), "jane") || strings.Contains(one.Value.String(), "contacts") {
				t.Errorf("a span holds %s=%s", one.Key, one.Value.String())
			}
		}
	}
}

// A call of another protocol is a span in the terms of that protocol, whose codes are no statuses
// of HTTP: 1000 is a success, and 2302 an answer that can be used.
func TestACallOfAnotherProtocolIsASpanOfItsOwnTerms(t *testing.T) {
	tracing, kept := inMemory()
	ctx := tracing.Observe(t.Context())
	for _, c := range []struct {
		code    int
		err     error
		trouble string
	}{
		{code: 1000}, {code: 2302}, {code: 2500, err: errors.New("no answer of EPP"), trouble: "unreadable"},
		{err: &exchange.TransportError{Sent: true, Err: io.ErrUnexpectedEOF}, trouble: "no reply"},
		{err: &exchange.TransportError{Err: io.ErrUnexpectedEOF}, trouble: "not sent"},
	} {
		kept.Reset()
		exchange.BeginCall(ctx, exchange.Call{Protocol: "epp", Method: "create", Host: "epp.example:700"})(exchange.EndOf(c.code, c.err))
		spans := kept.GetSpans()
		if len(spans) != 1 || spans[0].Name != "create epp.example:700" || spans[0].Status.Description != c.trouble {
			t.Fatalf("%+v became %+v", c, spans)
		}
		if failed := spans[0].Status.Code == codes.Error; failed != (c.trouble != "") {
			t.Errorf("%+v: failed %v", c, failed)
		}
		got := attribute.NewSet(spans[0].Attributes...)
		for name, want := range map[string]string{
			"rpc.system.name": "epp", "network.protocol.name": "epp", "rpc.method": "create", "server.address": "epp.example", "server.port": "700",
		} {
			if value, _ := got.Value(attribute.Key(name)); value.String() != want {
				t.Errorf("%s is %q, want %q", name, value.String(), want)
			}
		}
		code, answered := got.Value("rpc.response.status_code")
		if answered != (c.code != 0) || answered && code.AsString() != strconv.Itoa(c.code) {
			t.Errorf("%+v: the code is %s", c, code.String())
		}
		for _, one := range spans[0].Attributes {
			if strings.HasPrefix(string(one.Key), "http.") {
				t.Errorf("%s=%s of no HTTP", one.Key, one.Value.String())
			}
		}
	}
}

// A mark leads another process into the same trace; one that nobody can read leads nowhere.
func TestATraceIsContinuedFromItsMark(t *testing.T) {
	tracing, _ := inMemory()
	ctx, ended := tracing.Request(t.Context(), "POST /v1/orders", "POST", nil)
	defer ended(http.StatusOK)
	mark, id := tracing.Mark(ctx), tracing.TraceID(ctx)
	if len(id) != 32 || !strings.Contains(mark, id) {
		t.Fatalf("mark %q of trace %q", mark, id)
	}
	other, _ := inMemory()
	if got := other.TraceID(other.Continue(t.Context(), mark)); got != id {
		t.Errorf("continued in %q, want %q", got, id)
	}
	for _, wrong := range []string{"", "x", "00-" + strings.Repeat("0", 32) + "-" + strings.Repeat("0", 16) + "-01"} {
		if got := other.TraceID(other.Continue(t.Context(), wrong)); got != "" {
			t.Errorf("%q leads to %q", wrong, got)
		}
	}
	var off *telemetry.Tracing
	if off.Mark(ctx) != "" || off.TraceID(ctx) != "" || off.Continue(ctx, mark) != ctx || off.Observe(ctx) != ctx || off.Stop(ctx) != nil {
		t.Error("tracing that is off does something")
	}
}

// The receiver reads what the process sends at its stop, under its name.
func TestSpansAreSentByOTLP(t *testing.T) {
	requests := make(chan *collector.ExportTraceServiceRequest, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		got := &collector.ExportTraceServiceRequest{}
		if err == nil {
			err = proto.Unmarshal(body, got)
		}
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		requests <- got
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	defer receiver.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.URL)
	tracing, err := telemetry.TracingOf(t.Context(), "domainprovisioning-worker", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	_, ended := tracing.Request(t.Context(), "POST /v1/orders", "POST", nil)
	ended(http.StatusOK)
	if err := tracing.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	from := (<-requests).GetResourceSpans()[0]
	if got := from.GetScopeSpans()[0].GetSpans()[0].GetName(); got != "POST /v1/orders" {
		t.Errorf("span %q", got)
	}
	if text := from.GetResource().String(); !strings.Contains(text, "domainprovisioning-worker") {
		t.Errorf("the process is called %s", text)
	}
}

// A collector that hangs does not hold up a stop, and one that is away is logged once.
func TestACollectorInTroubleDisturbsNobody(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "200")
	var log bytes.Buffer
	tracing, err := telemetry.TracingOf(t.Context(), "test", "", slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	_, ended := tracing.Request(t.Context(), "POST /v1/orders", "POST", nil)
	ended(http.StatusOK)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := tracing.Stop(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if ctx.Err() != nil {
		t.Error("the stop was held up")
	}
	if strings.Count(log.String(), "traces cannot be sent") != 1 {
		t.Errorf("log: %s", log.String())
	}
}

func TestTracingIsOffUnlessAskedForAndSaysWhatItCannotFollow(t *testing.T) {
	for _, c := range []struct{ name, variables, wrong string }{
		{"nothing", "", ""},
		{"a sampler alone", "OTEL_TRACES_SAMPLER=always_on", ""},
		{"disabled", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 OTEL_SDK_DISABLED=true", ""},
		{"no exporter", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 OTEL_TRACES_EXPORTER=none", ""},
		{"gRPC", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_PROTOCOL"},
		{"another exporter", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 OTEL_TRACES_EXPORTER=zipkin", "OTEL_TRACES_EXPORTER"},
		{"no URL", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=collector:4318", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"},
		{"no sampler", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 OTEL_TRACES_SAMPLER=sometimes", "OTEL_TRACES_SAMPLER"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for variable := range strings.FieldsSeq(c.variables) {
				name, value, _ := strings.Cut(variable, "=")
				t.Setenv(name, value)
			}
			tracing, err := telemetry.TracingOf(t.Context(), "test", "", slog.New(slog.DiscardHandler))
			if tracing != nil {
				t.Error("it traces")
			}
			if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
				t.Errorf("says %v, want %q", err, c.wrong)
			}
		})
	}
}
