package telemetry

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"domainprovisioning/wire/exchange"
)

// Tracing makes the traces of one process: a trace has what an order, or a request, has led to,
// from the gateway over the workflow and its activities to the calls of outside systems. Its spans
// hold order numbers, domains, workflow ids and classes of errors, and no text that a caller or an
// outside system has sent. A nil Tracing is off, and costs nothing.
//
// Nothing of a trace is sent to outside systems; it travels to Temporal only, in headers.
type Tracing struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// scope names the spans' maker.
const scope = "domainprovisioning"

// NewTracing returns tracing whose spans go to the processor. Which are recorded is said by
// OTEL_TRACES_SAMPLER; all are, unless it is set.
func NewTracing(processor sdktrace.SpanProcessor, options ...sdktrace.TracerProviderOption) *Tracing {
	options = append(options, sdktrace.WithSpanProcessor(processor), sdktrace.WithIDGenerator(&ids{}))
	provider := sdktrace.NewTracerProvider(options...)
	return &Tracing{provider: provider, tracer: provider.Tracer(scope)}
}

// flushTimeout bounds how long a process waits for its last spans to be sent.
const flushTimeout = 5 * time.Second

// Stop sends what is still to be sent, for at most five seconds.
func (t *Tracing) Stop(ctx context.Context) error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, flushTimeout)
	defer cancel()
	return t.provider.Shutdown(ctx)
}

// Request begins the span of a request to the gateway, which begins a trace. The trace that the
// caller may have sent is linked and not continued: else any caller could say what is sampled
// here, and join its requests, and the orders of months, into one trace. The function that it
// returns ends the span. The route and the method are ours, and not what was sent.
func (t *Tracing) Request(ctx context.Context, route, method string, header http.Header) (context.Context, func(status int)) {
	if t == nil {
		return ctx, func(int) {}
	}
	options := []trace.SpanStartOption{
		trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route)),
	}
	if theirs := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), propagation.HeaderCarrier(header))); theirs.IsValid() {
		// Their tracestate may be any text.
		options = append(options, trace.WithLinks(trace.Link{SpanContext: theirs.WithTraceState(trace.TraceState{})}))
	}
	ctx, span := t.tracer.Start(ctx, route, options...) //nolint:spancheck // what is returned ends it
	return t.Observe(ctx), func(status int) {           //nolint:spancheck // as above
		span.SetAttributes(attribute.Int("http.response.status_code", status))
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, http.StatusText(status))
		}
		span.End()
	}
}

// Observe makes each exchange with an outside system a span below that of the context.
func (t *Tracing) Observe(ctx context.Context) context.Context {
	if t == nil {
		return ctx
	}
	return exchange.WithObserver(ctx, func(ctx context.Context, call exchange.Call) func(exchange.End) {
		_, span := t.tracer.Start(ctx, call.Method+" "+call.Host, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributesOf(call)...)) //nolint:spancheck // what is returned ends it
		return func(end exchange.End) {                                                                                                                  //nolint:spancheck // as above
			if end.Status != 0 {
				span.SetAttributes(codeOf(call, end.Status))
			}
			if end.Trouble != "" {
				fail(span, end.Trouble)
			}
			span.End()
		}
	})
}

// attributesOf says what an exchange is about in the words of OpenTelemetry's conventions.
func attributesOf(call exchange.Call) []attribute.KeyValue {
	attributes := []attribute.KeyValue{attribute.String("http.request.method", call.Method)}
	if call.Protocol != "" {
		attributes = []attribute.KeyValue{
			attribute.String("rpc.system.name", call.Protocol), attribute.String("network.protocol.name", call.Protocol), attribute.String("rpc.method", call.Method),
		}
	}
	if name, port, err := net.SplitHostPort(call.Host); err == nil {
		return append(attributes, attribute.String("server.address", name), attribute.String("server.port", port))
	}
	return append(attributes, attribute.String("server.address", call.Host))
}

// codeOf is the code of an answer. Whoever reads a span takes an HTTP status of 400 and more for a
// failure, so that a code of another protocol must not pass for one.
func codeOf(call exchange.Call, code int) attribute.KeyValue {
	if call.Protocol == "" {
		return attribute.Int("http.response.status_code", code)
	}
	return attribute.String("rpc.response.status_code", strconv.Itoa(code))
}

// fail marks a span as failed, by a word of ours: a text may quote anything.
func fail(span trace.Span, why string) {
	span.SetAttributes(attribute.String("error.type", why))
	span.SetStatus(codes.Error, why)
}

// TraceID is the id of the trace of a context, 32 hexadecimal digits; or "" if it is not recorded.
func (t *Tracing) TraceID(ctx context.Context) string {
	if span := trace.SpanContextFromContext(ctx); t != nil && span.IsValid() && span.IsSampled() {
		return span.TraceID().String()
	}
	return ""
}

const parentHeader = "traceparent"

// Mark returns the place in its trace of a context, as the header traceparent of W3C's Trace
// Context has it, for Continue; or "".
func (t *Tracing) Mark(ctx context.Context) string {
	if t == nil {
		return ""
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier[parentHeader]
}

// Continue returns the context in the trace of a mark. A mark that cannot be read changes nothing.
func (t *Tracing) Continue(ctx context.Context, mark string) context.Context {
	if t == nil || mark == "" {
		return ctx
	}
	if from, ok := marked(mark); ok {
		return trace.ContextWithRemoteSpanContext(ctx, from)
	}
	return ctx
}

func marked(mark string) (trace.SpanContext, bool) {
	carrier := propagation.MapCarrier{parentHeader: mark}
	from := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), carrier))
	return from, from.IsValid()
}
