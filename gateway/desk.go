package gateway

import (
	"context"
	"net/http"
	"time"

	"domainprovisioning/gateway/page"
)

// DeskPage says how people reach the desk page.
type DeskPage struct {
	// Secure says that browsers reach the gateway by TLS, whoever ends it.
	Secure bool
	// Proxy logs people in; zero if only API keys do.
	Proxy page.Proxy
}

// page returns the desk page, over the same desk, limits and event streams as the API. It is no
// part of the API and of its description.
func (g *Gateway) page() *page.Page {
	return page.New(page.Options{
		Desk: g.Desk, Log: g.Log, Secure: g.DeskPage.Secure, Proxy: g.DeskPage.Proxy, Now: g.Now, Events: g.events,
		Wait: func(name string) time.Duration { return g.keys.wait(name) },
		Called: func(ctx context.Context, name string) {
			if holder, ok := ctx.Value(callerOfContext{}).(*caller); ok {
				holder.name = name
			}
		},
		Explain: func(err error) (status int, title, detail string) {
			p := problemOf(err)
			return p.Status, p.Title, p.Detail
		},
	})
}

// bounded bounds the time of a page, unless it does not end by itself.
func (g *Gateway) bounded(route page.Route) http.Handler {
	if route.Stream {
		return route.Handle
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), g.RequestTimeout)
		defer cancel()
		route.Handle.ServeHTTP(w, r.WithContext(ctx))
	})
}
