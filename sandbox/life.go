package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// lifeYears is how many years a portfolio lives. The registries and the lives of the domains go by
// a calendar whose days pass in milliseconds; everything else is as it always is.
const lifeYears = 3

const year = 365 * 24 * time.Hour

// fate is what becomes of a domain, apart from what the product does.
type fate struct {
	name    string
	renewal messages.RenewalMode
	auto    bool // the registrar renews it
	count   int  // domains with it
	// happens is what happens behind our back on a day; nil for nothing.
	happens func(r registry, domain string, day int)
	// renewals and restores are how many of each are paid for, for a domain.
	renewals, restores int
	ends               messages.LifeState
}

func fates() []fate {
	on := func(days int, do func(r registry, domain string)) func(registry, string, int) {
		return func(r registry, domain string, day int) {
			if _, _, held := r.stands(domain); day == days && held {
				do(r, domain)
			}
		}
	}
	return []fate{
		{name: "renewed by us", renewal: messages.RenewalByUs, count: 20, renewals: lifeYears, ends: messages.LifeActive},
		{name: "renewed by the registrar", renewal: messages.RenewalByUs, auto: true, count: 8, ends: messages.LifeActive},
		{
			name: "renewed elsewhere once", renewal: messages.RenewalByUs, count: 6, renewals: lifeYears - 1, ends: messages.LifeActive,
			happens: on(20, func(r registry, domain string) { r.renew(domain) }),
		},
		{name: "renewed by nobody", renewal: messages.RenewalByNobody, count: 6, ends: messages.LifeGone},
		{name: "restored by a person", renewal: messages.RenewalByNobody, count: 4, renewals: 1, restores: 1, ends: messages.LifeGone},
		{
			name: "transferred away", renewal: messages.RenewalByUs, count: 6, ends: messages.LifeTransferred,
			happens: on(10, func(r registry, domain string) { r.remove(domain) }),
		},
	}
}

// lifeDomain is a domain of the portfolio.
type lifeDomain struct {
	name, tld string
	fate      fate
	registry  registry
	account   string
	plan      int
	// restored and renewed say what the person has ordered.
	restored, renewed bool
}

// livesLong is the story of such a portfolio, in which a year takes a while.
func livesLong(takes time.Duration) *story {
	return &story{
		pace: int(year / takes),
		configure: func(cfg *config.Config) {
			// A day passes in some 50 ms, so an order takes some days.
			cfg.Lifecycle.RenewBefore, cfg.Lifecycle.AttentionBefore = 60*24*time.Hour, 7*24*time.Hour
		},
		play: func(ctx context.Context, b *sandbox, out io.Writer) error { return b.live(ctx, out) },
		counts: func(w *world) []count {
			var renewals, restores, paid, brought int
			for _, d := range portfolioOf(w) {
				r, b := d.registry.paid(d.name)
				renewals, restores = renewals+r, restores+b
				paid, brought = paid+d.fate.renewals, brought+d.fate.restores
			}
			return []count{effect("renewals that were paid", renewals, paid), effect("restores that were paid", restores, brought)}
		},
	}
}

// live runs the portfolio through its years and prints what has become of each domain.
func (b *sandbox) live(ctx context.Context, out io.Writer) error {
	began := b.world.pace.Origin
	portfolio, err := b.settle(ctx, began)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "\n%d domains live through %d years in %s...\n", len(portfolio), lifeYears, b.world.pace.Real(lifeYears*year).Round(time.Second))
	err = b.toldAtOnce(ctx, func(ctx context.Context) error { return b.passDays(ctx, portfolio, began) })
	if err != nil {
		return err
	}
	return b.tellLives(ctx, out, portfolio)
}

// portfolioOf lists the domains, every other one at the second registrar.
func portfolioOf(w *world) []*lifeDomain {
	var portfolio []*lifeDomain
	for _, f := range fates() {
		for range f.count {
			d := &lifeDomain{fate: f, registry: netimRegistry{w.netim}, account: netimAccount, plan: domainPlan, tld: defaultNamesTLD}
			if len(portfolio)%2 == 1 {
				d.registry, d.account, d.plan, d.tld = realtimeRegistry{w.realtime}, realtimeAccount, realtimeAtOncePlan, realtimeAtOnce
			}
			portfolio = append(portfolio, d)
			d.name = fmt.Sprintf("life-%02d.%s", len(portfolio), d.tld)
		}
	}
	return portfolio
}

// settle makes the registrars and us hold the domains. Their expiries are spread over the year.
func (b *sandbox) settle(ctx context.Context, began time.Time) ([]*lifeDomain, error) {
	portfolio := portfolioOf(b.world)
	held := make([]store.NewDomain, 0, len(portfolio))
	for n, d := range portfolio {
		d.registry.put(d.name, began.AddDate(0, 0, 90+(n*37)%240).Truncate(24*time.Hour), d.fate.auto)
		held = append(held, store.NewDomain{Name: d.name, Registrar: d.account, Sells: store.Sells{
			TLD: d.tld, Vendor: 1, Plan: d.plan, Period: orders.NoPeriod, Account: seededAccount, Renewal: d.fate.renewal,
		}})
	}
	b.world.netim.SetBalance(1_000_000_00)
	b.world.realtime.SetBalance(1_000_000_00)
	_, err := b.system.Store.Import(ctx, held)
	return portfolio, err
}

// passDays lets the days pass at the registries, and the person do what a person does.
func (b *sandbox) passDays(ctx context.Context, portfolio []*lifeDomain, began time.Time) error {
	since := map[string]time.Time{}
	ticker := time.NewTicker(b.world.pace.Real(12 * time.Hour))
	defer ticker.Stop()
	for last := -1; last < lifeYears*365; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
		now := b.world.pace.At(time.Now())
		today := int(now.Sub(began).Hours() / 24)
		for ; last < today; last++ {
			for _, d := range portfolio {
				if d.fate.happens != nil {
					d.fate.happens(d.registry, d.name, last+1)
				}
				pass(d.registry, d.name, began.AddDate(0, 0, last+1), since)
			}
		}
		if err := b.act(ctx, portfolio); err != nil {
			return err
		}
	}
	return nil
}

// act is what a person does: says that a missing domain was transferred away, and restores and
// renews those that a customer wants back.
func (b *sandbox) act(ctx context.Context, portfolio []*lifeDomain) error {
	for _, d := range portfolio {
		switch d.fate.ends {
		case messages.LifeTransferred:
			row, err := b.system.Store.Domain(ctx, d.name)
			if err != nil {
				return err
			}
			if row.State != messages.LifeMissing {
				continue
			}
			_, err = messages.MarkDomainLeft().Send(ctx, b.client, workflows.LifeID(d.name), "left", messages.MarkLeft{Actor: person, Reason: "the customer has moved it"})
			if err != nil {
				return err
			}
		case messages.LifeGone:
			if err := b.bringBack(ctx, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// bringBack orders a restore of a domain in redemption, once, and when that is carried out its renewal.
func (b *sandbox) bringBack(ctx context.Context, d *lifeDomain) error {
	if d.fate.restores == 0 || d.renewed {
		return nil
	}
	expires, _, _ := d.registry.stands(d.name)
	_, restores := d.registry.paid(d.name)
	switch {
	case !d.restored && d.registry.redeemed(d.name):
		if err := b.order(ctx, d, orders.Restore, time.Time{}); err != nil {
			return err
		}
		d.restored = true
	case restores > 0:
		var open *intake.Refusal
		if err := b.order(ctx, d, orders.Renewal, expires); errors.As(err, &open) {
			return nil // the restore is just ending
		} else if err != nil {
			return err
		}
		d.renewed = true
	}
	return nil
}

// order places an order for a domain of the portfolio.
func (b *sandbox) order(ctx context.Context, d *lifeDomain, operation orders.Type, expires time.Time) error {
	item := map[string]any{"id": 0, "planId": d.plan, "parentId": orders.NoParent, "operation": operation, "domain": d.name}
	if operation == orders.Renewal {
		item["transferKey"], item["expires"] = "", expires.Format(time.DateOnly)
	}
	document, err := json.Marshal(map[string]any{
		"vendorAccountId": 1, "items": []any{item}, "customer": map[string]any{"accountId": seededAccount},
	})
	if err != nil {
		return err
	}
	_, err = b.system.intake.Place(ctx, document)
	return err
}

// tellLives prints what has become of each domain, and returns an error for each that has not become
// what it should.
func (b *sandbox) tellLives(ctx context.Context, out io.Writer, portfolio []*lifeDomain) error {
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "\nDOMAIN\tWHAT HAPPENED\tRENEWED BY\tPAID RENEWALS\tRESTORES\tEXPIRES\tSTATE\tNEEDS A PERSON")
	var wrong []error
	for _, d := range portfolio {
		row, err := b.system.Store.Domain(ctx, d.name)
		if err != nil {
			return err
		}
		expires := "-"
		if row.Expires != nil {
			expires = row.Expires.Format(time.DateOnly)
		}
		renewals, restores := d.registry.paid(d.name)
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%s\t%s\t%s\n", d.name, d.fate.name, row.Renewal, renewals, restores, expires, row.State, row.Attention)
		if row.State != d.fate.ends || renewals != d.fate.renewals || restores != d.fate.restores {
			wrong = append(wrong, fmt.Errorf("sandbox: %s was to be %s after %d renewals and %d restores", d.name, d.fate.ends, d.fate.renewals, d.fate.restores))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	first := portfolio[0]
	description, err := b.client.DescribeWorkflowExecution(ctx, workflows.LifeID(first.name), "")
	if err != nil {
		return err
	}
	info := description.GetWorkflowExecutionInfo()
	_, _ = fmt.Fprintf(out, "\nthe life of %s has %d events and %d KB of history after %d years\n",
		first.name, info.GetHistoryLength(), info.GetHistorySizeBytes()/1000, lifeYears)
	return errors.Join(wrong...)
}
