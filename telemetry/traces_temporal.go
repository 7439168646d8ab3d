package telemetry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/workflows"
)

// Interceptor returns the interceptor for a client, and so for its workers: it carries traces over
// Temporal, in the header that the SDKs share. It adds no event to a history.
func (t *Tracing) Interceptor() interceptor.Interceptor {
	return &traced{Interceptor: interceptor.NewTracingInterceptor(tracer{of: t}), of: t}
}

// tracer makes the spans of the SDK's interceptor. That of the SDK's contrib module is not used:
// it puts the texts of errors into spans, gives the span of a workflow another id each time a
// worker takes it up, and sends it once more for each question about a workflow that has ended.
type tracer struct {
	interceptor.BaseTracer

	of *Tracing
}

// sdkSpan is a span of the SDK's interceptor.
type sdkSpan struct {
	trace.Span

	hidden  bool // it stands for its parent, or goes no further
	again   bool // it was sent before, or is to be sent later
	carried bool // what it begins belongs to its trace
}

// Options implements interceptor.Tracer. Questions are not traced: pages ask all the time.
func (t tracer) Options() interceptor.TracerOptions {
	return interceptor.TracerOptions{
		SpanContextKey: spanKey{}, HeaderKey: "_tracer-data", DisableQueryTracing: true,
		// What stands in a header must never hold up an order.
		AllowInvalidParentSpans: true,
	}
}

type spanKey struct{}

// UnmarshalSpan implements interceptor.Tracer.
func (t tracer) UnmarshalSpan(header map[string]string) (interceptor.TracerSpanRef, error) {
	if from, ok := marked(header[parentHeader]); ok {
		return from, nil
	}
	return nil, nil
}

// MarshalSpan implements interceptor.Tracer.
func (t tracer) MarshalSpan(span interceptor.TracerSpan) (map[string]string, error) {
	own, ok := span.(*sdkSpan)
	if !ok || !own.carried {
		return nil, nil
	}
	mark := t.of.Mark(trace.ContextWithSpan(context.Background(), own.Span))
	if mark == "" {
		return nil, nil
	}
	return map[string]string{parentHeader: mark}, nil
}

// SpanFromContext implements interceptor.Tracer.
func (t tracer) SpanFromContext(ctx context.Context) interceptor.TracerSpan {
	if span := trace.SpanFromContext(ctx); span.SpanContext().IsValid() {
		return &sdkSpan{Span: span, carried: true}
	}
	return nil
}

// ContextWithSpan implements interceptor.Tracer.
func (t tracer) ContextWithSpan(ctx context.Context, span interceptor.TracerSpan) context.Context {
	if own, ok := span.(*sdkSpan); ok {
		return trace.ContextWithSpan(ctx, own.Span)
	}
	return ctx
}

// StartSpan implements interceptor.Tracer.
func (t tracer) StartSpan(options *interceptor.TracerStartSpanOptions) (interceptor.TracerSpan, error) {
	var parent trace.SpanContext
	switch from := options.Parent.(type) {
	case *sdkSpan:
		parent = from.SpanContext()
		if options.Operation == "StartActivity" { // the activity's own span is enough
			return &sdkSpan{Span: from.Span, hidden: true, carried: true}, nil
		}
	case trace.SpanContext:
		parent = from
	}
	ctx := context.Background()
	if parent.IsValid() {
		ctx = trace.ContextWithRemoteSpanContext(ctx, parent)
	}
	if options.Operation == "RunWorkflow" {
		// Not the SDK's key for all spans in workflows: it counts signals only if they are new.
		ctx = context.WithValue(ctx, sameSpan{}, options.Tags["temporalRunID"])
	}
	kind := trace.SpanKindServer
	if options.ToHeader {
		kind = trace.SpanKindClient
	}
	began := options.Time
	if began.IsZero() {
		began = time.Now()
	}
	attributes := make([]attribute.KeyValue, 0, len(options.Tags))
	for key, value := range options.Tags {
		attributes = append(attributes, attribute.String(key, value))
	}
	_, span := t.of.tracer.Start(ctx, options.Operation+":"+options.Name, //nolint:spancheck // Finish ends it
		trace.WithTimestamp(began), trace.WithSpanKind(kind), trace.WithAttributes(attributes...))
	// The rounds that a schedule starts belong to no common trace.
	return &sdkSpan{Span: span, carried: options.Operation != "CreateSchedule"}, nil //nolint:spancheck // as above
}

// Finish implements interceptor.TracerSpan.
func (s *sdkSpan) Finish(options *interceptor.TracerFinishSpanOptions) {
	if s.hidden || s.again {
		return
	}
	if options.Error != nil && !workflow.IsContinueAsNewError(options.Error) {
		s.end(options.Error)
	}
	s.End()
}

func (s *sdkSpan) end(err error) {
	failure, ours := errors.AsType[*temporal.ApplicationError](err)
	why := fmt.Sprintf("%T", err)
	if ours && failure.Type() != "" {
		why = failure.Type()
	}
	if ours && failure.Category() == temporal.ApplicationErrorCategoryBenign {
		s.SetAttributes(attribute.String("error.type", why))
		return
	}
	fail(s.Span, why)
}

// traced adds to the SDK's interceptor what it does not know.
type traced struct {
	interceptor.Interceptor

	of *Tracing
}

// InterceptActivity implements interceptor.WorkerInterceptor.
func (t *traced) InterceptActivity(ctx context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return t.Interceptor.InterceptActivity(ctx, &tracedActivity{interceptor.ActivityInboundInterceptorBase{Next: next}, t.of})
}

type tracedActivity struct {
	interceptor.ActivityInboundInterceptorBase

	of *Tracing
}

// ExecuteActivity implements interceptor.ActivityInboundInterceptor.
func (a *tracedActivity) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	info := activity.GetInfo(ctx)
	trace.SpanFromContext(ctx).SetAttributes(
		attribute.String("temporalTaskQueue", info.TaskQueue), attribute.Int("attempt", int(info.Attempt)), attribute.Bool("local", info.IsLocalActivity),
	)
	return a.Next.ExecuteActivity(a.of.Observe(ctx), in)
}

// InterceptWorkflow implements interceptor.WorkerInterceptor.
func (t *traced) InterceptWorkflow(ctx workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return t.Interceptor.InterceptWorkflow(ctx, &tracedWorkflow{interceptor.WorkflowInboundInterceptorBase{Next: next}})
}

type tracedWorkflow struct {
	interceptor.WorkflowInboundInterceptorBase
}

// ExecuteWorkflow implements interceptor.WorkflowInboundInterceptor.
func (w *tracedWorkflow) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	span, ok := ctx.Value(spanKey{}).(*sdkSpan)
	if !ok {
		return w.Next.ExecuteWorkflow(ctx, in)
	}
	known := workflow.GetTypedSearchAttributes(ctx)
	for name, key := range map[string]temporal.SearchAttributeKeyKeyword{
		"order": workflows.OrderNumberKey, "domain": workflows.DomainNameKey, "registrar": workflows.RegistrarKey,
	} {
		if value, there := known.GetKeyword(key); there {
			span.SetAttributes(attribute.String(name, value))
		}
	}
	return sentOnce(ctx, span, func() (any, error) { return w.Next.ExecuteWorkflow(ctx, in) })
}

// ExecuteUpdate implements interceptor.WorkflowInboundInterceptor.
func (w *tracedWorkflow) ExecuteUpdate(ctx workflow.Context, in *interceptor.UpdateInput) (any, error) {
	span, ok := ctx.Value(spanKey{}).(*sdkSpan)
	if !ok {
		return w.Next.ExecuteUpdate(ctx, in)
	}
	return sentOnce(ctx, span, func() (any, error) { return w.Next.ExecuteUpdate(ctx, in) })
}

// sentOnce lets the span of what a workflow does be sent when that comes to its end for the first
// time. It does not when a worker forgets the workflow, which ends its routines, or when a task
// fails; and a run that has ended is carried out again for each question about it.
func sentOnce(ctx workflow.Context, span *sdkSpan, do func() (any, error)) (any, error) {
	span.again = true
	result, err := do()
	span.again = workflow.IsReplaying(ctx)
	return result, err
}
