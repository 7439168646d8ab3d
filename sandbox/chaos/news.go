//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"go.temporal.io/sdk/client"

	"domainprovisioning/assembly"
	"domainprovisioning/gateway"
	"domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/sandbox/standin/realtimeregister"
	"domainprovisioning/workflows"
)

// news is how orders learn what registrars have finished. Realtime Register calls by
// itself, somebody calls for half of what Netim finishes, and the watch, which runs more
// often than in production, finds the rest, and what stands in the queue of the registry that
// speaks EPP.
type news struct {
	world    *world
	gateways []string
	temporal client.Client
	webhook  *gateway.Webhook
	http     *http.Client
	random   *rand.Rand
	log      *slog.Logger

	told map[int]bool // operations of Netim
}

const (
	newsEvery  = time.Second
	watchEvery = 15 * time.Second
)

func newNews(w *world, gateways []string, temporal client.Client, random *rand.Rand, log *slog.Logger) (*news, error) {
	webhook, err := assembly.Webhook(w.secrets.callback)
	if err != nil {
		return nil, fmt.Errorf("chaos: %w", err)
	}
	return &news{
		world: w, gateways: gateways, temporal: temporal, webhook: webhook, random: random, log: log,
		http: &http.Client{Timeout: 5 * time.Second}, told: map[int]bool{},
	}, nil
}

// run reports until the context ends.
func (n *news) run(ctx context.Context) {
	dialer := &net.Dialer{Timeout: time.Second}
	n.world.realtime.SetWebhook(realtimeregister.Webhook{
		URL: "http://gateways/v1/registrars/" + realtimeAccount + "/callbacks", Key: n.world.secrets.hook,
		Client: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
			DisableKeepAlives: true,
			// The registrar knows one address, behind which any gateway answers.
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				at := rand.IntN(len(n.gateways)) //nolint:gosec // spreads load, keeps no secret
				return dialer.DialContext(ctx, network, n.gateways[at][len("http://"):])
			},
		}},
		Wait: func(ctx context.Context, d time.Duration) { sleep(ctx, min(d, time.Second)) },
	})
	go n.world.realtime.Push(ctx)
	ticker := time.NewTicker(newsEvery)
	defer ticker.Stop()
	var watched time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		n.callBack(ctx)
		n.support()
		if stalled, _ := n.world.realtime.Stalled(); stalled {
			n.world.realtime.Resume()
		}
		if time.Since(watched) >= watchEvery {
			watched = time.Now()
			go n.watch(ctx)
		}
	}
}

// callBack reports what Netim has finished: some of it twice, and everything until there
// is an answer.
func (n *news) callBack(ctx context.Context) {
	for _, operation := range n.world.netim.Operations() {
		if operation.Status == netim.Pending || n.told[operation.ID] || operation.ID%2 == 0 {
			continue
		}
		body := fmt.Appendf(nil, `{"type":"registrar.operation","data":{"domain":%q,"reference":"%d","status":"done"}}`, operation.Domain, operation.ID)
		if n.post(ctx, fmt.Sprintf("netim-%d", operation.ID), body) == nil {
			// One callback in four is sent again.
			n.told[operation.ID] = n.random.IntN(4) != 0
		}
	}
}

func (n *news) post(ctx context.Context, event string, body []byte) error {
	url := n.gateways[n.random.IntN(len(n.gateways))] + "/v1/registrars/" + netimAccount + "/callbacks"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header = n.webhook.Sign(event, time.Now(), body)
	request.Header.Set("Content-Type", "application/json")
	response, err := n.http.Do(request)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("chaos: callback: %d", response.StatusCode)
	}
	return nil
}

// support ends what Realtime Register has in doubt, as its support staff do.
func (n *news) support() {
	for _, p := range n.world.realtime.Processes() {
		if !p.Ended && p.Status != "RUNNING" {
			// It has been ended meanwhile, or will be the next time.
			_ = n.world.realtime.Complete(p.Domain)
		}
	}
}

func (n *news) watch(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, watchEvery)
	defer cancel()
	for _, account := range []string{netimAccount, realtimeAccount, eppAccount} {
		if err := n.temporal.ScheduleClient().GetHandle(ctx, workflows.WatchID(account)).Trigger(ctx, client.ScheduleTriggerOptions{}); err != nil {
			n.log.Debug("a round could not be asked for", "account", account, "error", err)
		}
	}
}
