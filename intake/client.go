package intake

import (
	"cmp"
	"context"

	"domainprovisioning/orders"
	"domainprovisioning/store"
)

// Caller is who places an order.
type Caller struct {
	// Client is whose orders those are that it places; "" is store.LocalClient.
	Client string
	// All says that it may know of the orders of all clients.
	All bool
}

type callerOfContext struct{}

// WithCaller says who places the orders of a context.
func WithCaller(ctx context.Context, caller Caller) context.Context {
	return context.WithValue(ctx, callerOfContext{}, caller)
}

func callerOf(ctx context.Context) Caller {
	caller, _ := ctx.Value(callerOfContext{}).(Caller)
	caller.Client = cmp.Or(caller.Client, store.LocalClient)
	return caller
}

// name returns what the caller calls an order, or "" if it is another client's and the caller must
// not know of it.
func (c Caller) name(client, label, key string) string {
	switch {
	case c.All:
		return key
	case client == c.Client:
		return label
	}
	return ""
}

// keyOf is the key that an order with a number gets; "" for one without.
func keyOf(ctx context.Context, order *orders.Order) string {
	if order.Number == "" {
		return ""
	}
	return store.OrderKey(callerOf(ctx).Client, order.Number)
}
