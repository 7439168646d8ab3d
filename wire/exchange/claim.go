package exchange

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"sync"
)

// Claim asks whether a request may still be sent. Its error says why not, without anything
// that must not be logged.
type Claim func(ctx context.Context) error

type claimKey struct{}

// WithClaim makes Do ask the claim before the bytes of a request leave: once it has a
// connection, after all the delays of dialling, TLS or a full pool. If net/http moves the
// request to another connection, because nothing of it was written to the first, Do asks
// again. A refusal closes the connection, and nothing is sent. A nil claim allows everything.
func WithClaim(ctx context.Context, claim Claim) context.Context {
	return context.WithValue(ctx, claimKey{}, claim)
}

// claimOf returns the claim that Do must ask, or nil.
func claimOf(ctx context.Context) Claim {
	claim, _ := ctx.Value(claimKey{}).(Claim)
	return claim
}

// gate asks the claim of one exchange and remembers a refusal: net/http may try another
// connection after the first was closed, and must not succeed with that one.
type gate struct {
	claim   Claim
	mu      sync.Mutex
	refusal error
}

// pass asks the claim.
func (g *gate) pass(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refusal == nil {
		g.refusal = g.claim(ctx)
	}
	return g.refusal
}

func (g *gate) refused() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.refusal
}

// guard returns the context for a request whose claim is asked once there is a connection. A
// transport other than net/http's own does not say when that is, so guard asks the claim at
// once.
func (g *gate) guard(ctx context.Context, transport http.RoundTripper) (context.Context, error) {
	if _, tells := transport.(*http.Transport); !tells && transport != nil {
		return ctx, g.pass(ctx)
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// net/http calls this before it hands the request to the connection, and waits for it.
		GotConn: func(info httptrace.GotConnInfo) {
			if g.pass(ctx) != nil {
				_ = info.Conn.Close()
			}
		},
	}), nil
}
