package intake

import "context"

// Traces carries the trace of an order from its acceptance to the start of its workflow, which may
// come later and from another process. *telemetry.Tracing is one, also if it is nil.
type Traces interface {
	// Mark returns the place in its trace of a context, or "".
	Mark(ctx context.Context) string
	// Continue returns the context in the trace of a mark; "" changes nothing.
	Continue(ctx context.Context, mark string) context.Context
}
