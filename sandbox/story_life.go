package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// years is a domain through years, at the first registrar, whose days pass in moments.
const years = "years.example"

// lived is what a story of a life knows of its domain.
type lived struct {
	*sandbox
	registry registry
	out      io.Writer
}

// lifeStory is a story of years.example. A year takes as many seconds as it says.
func lifeStory(name, help string, seconds int, play func(context.Context, *lived) error, counts func(renewals, restores int) []count) scenario {
	return scenario{name: name, help: help, story: &story{
		pace: int(year / (time.Duration(seconds) * time.Second)),
		configure: func(cfg *config.Config) {
			cfg.Lifecycle.RenewBefore, cfg.Lifecycle.AttentionBefore = 60*24*time.Hour, 7*24*time.Hour
		},
		play: func(ctx context.Context, b *sandbox, out io.Writer) error {
			l := &lived{sandbox: b, registry: netimRegistry{b.world.netim}, out: out}
			return b.toldAtOnce(ctx, func(ctx context.Context) error { return play(ctx, l) })
		},
		counts: func(w *world) []count {
			renewals, restores := netimRegistry{w.netim}.paid(years)
			return append(counts(renewals, restores), effect("other operations at the registrar", len(w.netim.Operations())-renewals-restores, 0))
		},
	}}
}

// toldAtOnce lets a relay tell lives at once while something is played.
func (b *sandbox) toldAtOnce(ctx context.Context, play func(context.Context) error) error {
	running, stop := context.WithCancel(ctx)
	relay := intake.NewRelay(b.system.intake, b.log)
	relay.Every = 20 * time.Millisecond
	b.watches.Go(func() { relay.Run(running) })
	defer stop()
	return play(running)
}

// hold makes registrar and product hold the domain. It expires in some days.
func (l *lived) hold(ctx context.Context, days int, renewal messages.RenewalMode) (expires time.Time, err error) {
	expires = l.world.pace.At(time.Now()).AddDate(0, 0, days).Truncate(24 * time.Hour)
	l.registry.put(years, expires, false)
	_, err = l.system.Store.Import(ctx, []store.NewDomain{{Name: years, Registrar: netimAccount, Sells: store.Sells{
		TLD: defaultNamesTLD, Vendor: 1, Plan: domainPlan, Period: orders.NoPeriod, Account: seededAccount, Renewal: renewal,
	}}})
	l.say("%s expires on %s, and is renewed by: %s", years, expires.Format(time.DateOnly), renewal)
	return expires, err
}

func (l *lived) say(format string, args ...any) { _, _ = fmt.Fprintf(l.out, format+"\n", args...) }

// lifePatience bounds every wait of a story: it is far longer than any of them takes.
const lifePatience = 3 * time.Minute

// until waits until the domain stands as it should.
func (l *lived) until(ctx context.Context, what string, stands func(store.Domain) bool) error {
	ctx, cancel := context.WithTimeout(ctx, lifePatience)
	defer cancel()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		row, err := l.system.Store.Domain(ctx, years)
		if err != nil {
			return fmt.Errorf("sandbox: until %s: %w", what, err)
		}
		if stands(row) {
			l.say("%s  %s: %s", l.world.pace.At(time.Now()).Format(time.DateOnly), what, row.State)
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("sandbox: gave up waiting until %s: it is %s, needs a person: %q", what, row.State, row.Attention)
		case <-ticker.C:
		}
	}
}

// expiresBy reports whether a domain expires on a day or later.
func expiresBy(day time.Time) func(store.Domain) bool {
	return func(row store.Domain) bool { return row.Expires != nil && !row.Expires.Before(day) }
}

// ordered counts the orders for the domain.
func (l *lived) ordered(ctx context.Context) (int, error) {
	units, err := l.system.Store.Units(ctx, store.UnitFilter{Domain: years})
	return len(units), err
}

// must compares what was counted in the product.
func must[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("sandbox: %s: %v, must be %v", what, got, want)
	}
	return nil
}

func renewedByUs() scenario {
	return lifeStory("renewed-by-us", "a domain is renewed by us before it expires", 12, func(ctx context.Context, l *lived) error {
		expires, err := l.hold(ctx, 90, messages.RenewalByUs)
		if err != nil {
			return err
		}
		if err := l.until(ctx, "it is renewed", expiresBy(expires.AddDate(1, 0, 0))); err != nil {
			return err
		}
		n, err := l.ordered(ctx)
		return errors.Join(err, must("orders", n, 1))
	}, func(renewals, restores int) []count {
		return []count{effect("renewals", renewals, 1), effect("restores", restores, 0)}
	})
}

func renewedElsewhere() scenario {
	return lifeStory("renewed-elsewhere", "the registrar's own renewal comes first, and no second one is ordered", 12, func(ctx context.Context, l *lived) error {
		// Long before it is to be ordered, so that a slow machine does not order it first.
		expires, err := l.hold(ctx, 240, messages.RenewalByUs)
		if err != nil {
			return err
		}
		if err := l.until(ctx, "its life has begun", func(row store.Domain) bool { return row.State == messages.LifeActive }); err != nil {
			return err
		}
		l.registry.renew(years)
		if err := l.until(ctx, "the renewal is seen", expiresBy(expires.AddDate(1, 0, 0))); err != nil {
			return err
		}
		n, err := l.ordered(ctx)
		return errors.Join(err, must("orders", n, 0))
	}, func(renewals, restores int) []count {
		return []count{effect("renewals that were paid", renewals, 0), effect("restores", restores, 0)}
	})
}

func renewalRefusedForFunds() scenario {
	return lifeStory("renewal-refused-for-funds", "the account lacks funds until the domain has expired; then the same order goes on", 12, func(ctx context.Context, l *lived) error {
		l.world.netim.SetPrice(years, 12_00)
		l.world.netim.SetBalance(0)
		expires, err := l.hold(ctx, 65, messages.RenewalByUs)
		if err != nil {
			return err
		}
		if err := l.until(ctx, "it has expired", func(row store.Domain) bool {
			return row.State == messages.LifeRenewGrace && row.Attention == messages.HasExpired
		}); err != nil {
			return err
		}
		l.world.netim.SetBalance(100_00)
		if err := l.until(ctx, "it is renewed in the grace period", expiresBy(expires.AddDate(1, 0, 0))); err != nil {
			return err
		}
		n, err := l.ordered(ctx)
		return errors.Join(err, must("orders", n, 1))
	}, func(renewals, restores int) []count {
		return []count{effect("renewals", renewals, 1), effect("restores", restores, 0)}
	})
}

func expiredAndRestored() scenario {
	return lifeStory("expired-and-restored", "a domain expires and is deleted; a person restores and renews it", 12, func(ctx context.Context, l *lived) error {
		expires, err := l.hold(ctx, 10, messages.RenewalByNobody)
		if err != nil {
			return err
		}
		if err := l.until(ctx, "it has expired", func(row store.Domain) bool { return row.State == messages.LifeRenewGrace }); err != nil {
			return err
		}
		l.registry.redeem(years)
		if err := l.until(ctx, "it is in redemption", func(row store.Domain) bool { return row.State == messages.LifeRedemption }); err != nil {
			return err
		}
		d := &lifeDomain{name: years, registry: l.registry, account: netimAccount, plan: domainPlan}
		if err := l.order(ctx, d, orders.Restore, time.Time{}); err != nil {
			return err
		}
		if err := l.until(ctx, "it is restored", func(row store.Domain) bool { return row.State == messages.LifeRenewGrace }); err != nil {
			return err
		}
		if err := l.order(ctx, d, orders.Renewal, expires); err != nil {
			return err
		}
		return l.until(ctx, "it is renewed", func(row store.Domain) bool {
			return row.State == messages.LifeActive && expiresBy(expires.AddDate(1, 0, 0))(row)
		})
	}, func(renewals, restores int) []count {
		return []count{effect("restores", restores, 1), effect("renewals", renewals, 1)}
	})
}

// mostEventsAYear is what a domain may cost that is renewed once a year.
const mostEventsAYear = 40

func tenYears() scenario {
	const renewed = 10
	return lifeStory("ten-years", "ten renewals by us, one a year, in a bounded history", 4, func(ctx context.Context, l *lived) error {
		expires, err := l.hold(ctx, 200, messages.RenewalByUs)
		if err != nil {
			return err
		}
		if err := l.until(ctx, "it is renewed for the tenth time", expiresBy(expires.AddDate(renewed, 0, 0))); err != nil {
			return err
		}
		now := l.world.pace.At(time.Now())
		n, err := l.ordered(ctx)
		description, unknown := l.client.DescribeWorkflowExecution(ctx, workflows.LifeID(years), "")
		info := description.GetWorkflowExecutionInfo()
		l.say("%d events in its present run", info.GetHistoryLength())
		return errors.Join(err, unknown, must("orders", n, renewed),
			must("renewed a year too early", expires.AddDate(renewed, 0, 0).After(now.AddDate(1, 2, 0)), false),
			must("under 40 events a year", info.GetHistoryLength() < renewed*mostEventsAYear, true))
	}, func(renewals, restores int) []count {
		return []count{effect("renewals", renewals, renewed), effect("restores", restores, 0)}
	})
}
