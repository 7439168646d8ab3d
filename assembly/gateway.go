package assembly

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"go.temporal.io/sdk/client"

	"domainprovisioning/domains"
	"domainprovisioning/gateway"
	"domainprovisioning/intake"
	"domainprovisioning/intake/outbox"
	"domainprovisioning/registrars"
	"domainprovisioning/telemetry"
)

// Relay returns the relay that brings stored orders and confirmations to Temporal, and news to
// those who want it. Each
// worker and each gateway runs one.
func (a *Assembly) Relay(temporal client.Client) *intake.Relay {
	relay := intake.NewRelay(a.Intake(temporal), a.Log)
	relay.Outbox = outbox.New(a.Store, a.Config.Hooks.PrivateHosts, func(outcome outbox.Outcome) {
		a.Metrics.Webhooks.WithLabelValues(string(outcome)).Inc()
	}, a.Log)
	keep := a.Config.Retention
	relay.Retention = &intake.Retention{
		Store: a.Store, Orders: keep.Orders, Refusals: keep.Refusals, Inbox: keep.Inbox, Requests: keep.IdempotencyKeys, Acts: keep.Acts, News: keep.News,
		DeleteRuns: relay.Intake.DeleteRuns,
		Removed:    func(kind string, count int) { a.Metrics.Removed.WithLabelValues(kind).Add(float64(count)) }, Log: a.Log,
	}
	relay.Beside = a.Dispatcher(relay.Intake).Run
	return relay
}

// Decoders returns the decoder for the callbacks of each registrar account: that of its
// plug-in if the registrar has its own form of callbacks, else one for the Standard
// Webhooks specification. It is nil for an account without a callback_secret, which
// accepts no callbacks.
func (a *Assembly) Decoders() (map[string]registrars.CallbackDecoder, error) {
	decoders := make(map[string]registrars.CallbackDecoder, len(a.Accounts))
	for name, account := range a.Accounts {
		configured := a.Config.Registrars[name]
		decoders[name] = nil
		if configured.CallbackSecret == "" {
			continue
		}
		if own, ok := account.(registrars.CallbackDecoder); ok {
			decoders[name] = own
			continue
		}
		webhook, err := Webhook(string(configured.CallbackSecret), string(configured.CallbackSecretOld))
		if err != nil {
			return nil, fmt.Errorf("config: registrars.%s.callback_secret %w", name, err)
		}
		decoders[name] = webhook
	}
	return decoders, nil
}

// Webhook returns a decoder and signer for the Standard Webhooks specification.
func Webhook(secrets ...string) (*gateway.Webhook, error) {
	sealed := make([]domains.Secret, len(secrets))
	for i, secret := range secrets {
		sealed[i] = domains.NewSecret(secret)
	}
	return gateway.NewWebhook(sealed...)
}

// Serving is a gateway with its relay and its listener.
type Serving struct {
	Server  *gateway.Server
	Address string

	listener net.Listener
	relay    *intake.Relay
	tracing  *telemetry.Tracing
}

// Gateway creates the gateway and listens on its address. It serves nothing before Serve.
func (a *Assembly) Gateway(ctx context.Context, temporal client.Client) (*Serving, error) {
	cfg := a.Config.Gateway
	decoders, err := a.Decoders()
	if err != nil {
		return nil, err
	}
	page, err := deskPage(cfg)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Address)
	if err != nil {
		return nil, fmt.Errorf("gateway: %w; free the port or set gateway.address", err)
	}
	relay := a.Relay(temporal)
	made := gateway.New(gateway.Options{
		Desk: a.Desk(temporal), Nudge: relay.Nudge, Decoders: decoders, Log: a.Log, Metrics: a.Metrics, Tracing: a.Tracing,
		WatchEvery:        a.WatchEvery(),
		TemporalUp:        func(ctx context.Context) error { return TemporalUp(ctx, temporal) },
		DeskPage:          page,
		Codec:             a.codecEndpoint(temporal),
		RequestsPerSecond: cfg.RequestsPerSecond, Burst: cfg.Burst, EventStreams: cfg.EventStreams, RequestTimeout: cfg.RequestTimeout,
	})
	return &Serving{
		Server: &gateway.Server{
			Gateway: made, CertFile: cfg.TLSCertFile, KeyFile: cfg.TLSKeyFile, StopTimeout: cfg.StopTimeout,
			BodyTimeout: cfg.RequestTimeout, AnswerTimeout: 2 * cfg.RequestTimeout,
			Expires: func(at time.Time) { a.Metrics.Expires(gatewayCertificate, at) },
		},
		Address: listener.Addr().String(), listener: listener, relay: relay, tracing: a.Tracing,
	}, nil
}

// Serve serves until the context ends. The gateway stops first and the relay after it, so
// that the relay still takes what the last requests stored.
func (s *Serving) Serve(ctx context.Context) error {
	s.Server.Gateway.Log.Info("gateway serves", slog.String("address", s.Address), slog.Bool("tls", s.Server.CertFile != ""))
	relaying, stop := context.WithCancel(s.tracing.Observe(context.WithoutCancel(ctx)))
	var group sync.WaitGroup
	group.Go(func() { s.relay.Run(relaying) })
	err := s.Server.Serve(ctx, s.listener)
	stop()
	group.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastRound)
	defer cancel()
	if _, err := s.relay.Round(last); err != nil {
		s.Server.Gateway.Log.Warn("what the last requests have stored is left to other relays", "error", err)
	}
	return err
}

// lastRound bounds the last round of the relay.
const lastRound = 3 * time.Second
