package telemetry

import (
	"context"
	"crypto/rand"
	"crypto/sha256"

	"go.opentelemetry.io/otel/trace"
)

// ids makes the ids of spans. A workflow is carried out anew whenever a worker takes it up, and
// each time begins the same span again: that one has the same id each time, because it is made
// from what the context says about it. All other ids are random.
type ids struct{}

type sameSpan struct{}

// NewIDs implements sdktrace.IDGenerator.
func (g *ids) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	var id trace.TraceID
	if key, same := ctx.Value(sameSpan{}).(string); same {
		sum := sha256.Sum256([]byte("trace:" + key))
		copy(id[:], sum[:])
	} else {
		_, _ = rand.Read(id[:])
	}
	return id, g.NewSpanID(ctx, id)
}

// NewSpanID implements sdktrace.IDGenerator.
func (g *ids) NewSpanID(ctx context.Context, _ trace.TraceID) trace.SpanID {
	var id trace.SpanID
	if key, same := ctx.Value(sameSpan{}).(string); same {
		sum := sha256.Sum256([]byte("span:" + key))
		copy(id[:], sum[:])
	} else {
		_, _ = rand.Read(id[:])
	}
	return id
}
