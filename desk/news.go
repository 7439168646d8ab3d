package desk

import (
	"context"
	"net/url"

	"domainprovisioning/store"
)

// News is how the news for order systems stand, for the desk page: the endpoints of all clients,
// and what was sent last.
type News struct {
	Hooks      []NewsHook
	Deliveries []store.Delivery
}

// NewsHook is an endpoint as everybody may see it who may see orders: its address may hold what
// only its client knows, so only the host is named.
type NewsHook struct {
	store.Hook

	Host string
}

// News returns the endpoints, oldest first, and the deliveries that fit the filter, newest first;
// see Deliveries.
func (d *Desk) News(ctx context.Context, filter store.DeliveryFilter) (News, error) {
	hooks, err := d.Store.Hooks(ctx, "")
	if err != nil {
		return News{}, err
	}
	news := News{Hooks: make([]NewsHook, len(hooks))}
	for i, hook := range hooks {
		host := ""
		if target, err := url.Parse(hook.URL); err == nil {
			host = target.Host
		}
		hook.URL = ""
		news.Hooks[i] = NewsHook{Hook: hook, Host: host}
	}
	news.Deliveries, err = d.deliveries(ctx, filter)
	return news, err
}
