package intake

import "context"

type clientOfContext struct{}

// WithClient says whose orders the ones placed in a context are; "" is the operator's own.
func WithClient(ctx context.Context, client string) context.Context {
	return context.WithValue(ctx, clientOfContext{}, client)
}

func clientOf(ctx context.Context) string {
	client, _ := ctx.Value(clientOfContext{}).(string)
	return client
}
