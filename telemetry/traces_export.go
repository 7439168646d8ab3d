package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// TracingOf returns the tracing that OpenTelemetry's standard variables ask for: by OTLP over
// HTTP, to OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT. It is nil unless one
// of them is set, or if OTEL_SDK_DISABLED or OTEL_TRACES_EXPORTER turns it off. service names the
// process unless OTEL_SERVICE_NAME does. The error names a variable that cannot be followed; the
// library would use another value in its place.
func TracingOf(ctx context.Context, service, version string, log *slog.Logger) (*Tracing, error) {
	endpoint, err := tracesEndpoint()
	if err != nil || endpoint == "" {
		return nil, err
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	from, err := resource.New(ctx, resource.WithAttributes(
		attribute.String("service.name", service), attribute.String("service.version", version),
	), resource.WithFromEnv(), resource.WithTelemetrySDK())
	if err != nil {
		return nil, fmt.Errorf("telemetry: OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	log.InfoContext(ctx, "traces are sent", "endpoint", endpoint)
	processor := sdktrace.NewBatchSpanProcessor(&logged{SpanExporter: exporter, log: log})
	return NewTracing(processor, sdktrace.WithResource(from)), nil
}

// tracesEndpoint returns the URL that spans go to, or "" if tracing is off.
func tracesEndpoint() (string, error) {
	name := "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	endpoint := os.Getenv(name)
	if endpoint == "" {
		name = "OTEL_EXPORTER_OTLP_ENDPOINT"
		endpoint = os.Getenv(name)
	}
	exporter := os.Getenv("OTEL_TRACES_EXPORTER")
	if endpoint == "" || strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") || exporter == "none" {
		return "", nil
	}
	if exporter != "" && exporter != "otlp" {
		return "", errors.New("telemetry: OTEL_TRACES_EXPORTER must be otlp or none")
	}
	for _, protocol := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		if value := os.Getenv(protocol); value != "" && value != "http/protobuf" {
			return "", fmt.Errorf("telemetry: %s must be http/protobuf", protocol)
		}
	}
	target, err := url.Parse(endpoint)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return "", fmt.Errorf("telemetry: %s must be a URL with http or https", name)
	}
	switch sampler := os.Getenv("OTEL_TRACES_SAMPLER"); sampler {
	case "", "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio":
	default:
		return "", errors.New("telemetry: OTEL_TRACES_SAMPLER names no sampler")
	}
	return target.Redacted(), nil
}

// logged logs that spans could not be sent, at most once a minute, and drops them. The library
// would write each time to the standard error, in another form than ours.
type logged struct {
	sdktrace.SpanExporter

	log *slog.Logger

	mu   sync.Mutex
	last time.Time
	lost int
}

const lostEvery = time.Minute

// ExportSpans implements sdktrace.SpanExporter.
func (l *logged) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := l.SpanExporter.ExportSpans(ctx, spans)
	if err == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost += len(spans)
	if now := time.Now(); now.Sub(l.last) >= lostEvery {
		l.log.WarnContext(ctx, "traces cannot be sent, and are dropped", "spans", l.lost, "error", err)
		l.last, l.lost = now, 0
	}
	return nil
}
