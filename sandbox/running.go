package main

import (
	"context"
	"errors"
	"os"
	"time"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/sandbox/embedded"
	"domainprovisioning/sandbox/standin/realtimeregister"
)

// up starts the product with a configuration, writes that down for the commands, and begins to
// watch the registrars.
func (b *sandbox) up(ctx context.Context, cfg config.Config) error {
	var err error
	cfg.Worker.Address = "127.0.0.1:0"
	report := func(s *system) error { return s.report(ctx, b.server.HostPort(), embedded.Namespace) }
	if b.system, err = startSystem(ctx, b.world, cfg, b.client, b.log, report); err != nil {
		return err
	}
	if b.serving, err = b.system.serve(ctx, b.key); err != nil {
		return err
	}
	// The commands must find the gateway at its real address.
	b.key, cfg.Gateway.Address = b.serving.key, b.serving.Address
	b.cfg = cfg
	ticket, err := b.system.Store.CreateDeskTicket(ctx, sandboxKey, time.Hour)
	if err != nil {
		return err
	}
	b.deskURL = assembly.DeskURL(cfg.Gateway, ticket)
	if err := writeConfiguration(b.dir, cfg); err != nil {
		return err
	}
	watching, cancel := context.WithCancel(context.WithoutCancel(ctx))
	b.stopWatch = cancel
	b.world.realtime.SetWebhook(realtimeregister.Webhook{
		URL: b.serving.url() + "/v1/registrars/" + realtimeAccount + "/callbacks", Key: realtimeHookKey, Form: realtimeregister.BlankHex,
	})
	b.watches.Go(func() { b.world.realtime.Push(watching) })
	// A worker guards the watches too: what lists and pages say about them comes from this.
	b.watches.Go(func() { b.system.GuardWatches(watching, b.client) })
	if b.early {
		b.watches.Go(func() { b.watchEarly(watching) })
	}
	return nil
}

// down stops the product. Temporal and the outside keep running.
func (b *sandbox) down(ctx context.Context) {
	if b.stopWatch != nil {
		b.stopWatch()
		b.watches.Wait()
	}
	if b.serving != nil {
		b.serving.stop()
	}
	if b.system != nil && b.system.workers != nil {
		b.system.stop(ctx)
	}
	b.serving, b.system = nil, nil
}

// restart is what an operator does who corrects the configuration.
func (b *sandbox) restart(ctx context.Context, change func(*config.Config)) error {
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	b.down(stopping)
	cfg := b.cfg
	change(&cfg)
	return b.up(ctx, cfg)
}

const stopWithin = 5 * time.Second

// stop stops everything, each part before those that it needs.
func (b *sandbox) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	b.down(ctx)
	if b.client != nil {
		b.client.Close()
	}
	var errs []error
	if b.world != nil {
		errs = append(errs, b.world.close())
	}
	if b.server != nil {
		errs = append(errs, b.server.Stop())
	}
	if b.dir != "" {
		errs = append(errs, os.RemoveAll(b.dir))
	}
	if err := errors.Join(errs...); err != nil {
		b.log.Warn("stopping", "error", err)
	}
}
