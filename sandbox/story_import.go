package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"domainprovisioning/messages"
	"domainprovisioning/portfolio"
	"domainprovisioning/store"
)

// portfolioImport: a company begins with the domains that its registrar accounts have already. A dry
// run says what would come, the import brings it, and a repeat brings nothing.
func portfolioImport() scenario {
	accounts := []string{netimAccount, realtimeAccount}
	held := map[string]int{}
	return scenario{name: "portfolio-import", help: "the domains of two registrar accounts are imported, and each gets its life", story: &story{
		before: func(w *world) {
			held[netimAccount] = len(w.netim.Registrations())
			held[realtimeAccount] = len(w.realtime.Domains())
		},
		play: func(ctx context.Context, b *sandbox, out io.Writer) error {
			var wrong []error
			for _, account := range accounts {
				for _, step := range []struct {
					what   string
					dryRun bool
					adds   int
				}{{"would be added", true, held[account]}, {"added", false, held[account]}, {"added by a repeat", false, 0}} {
					source, err := b.system.DomainsOf(ctx, account)
					if err != nil {
						return err
					}
					report, err := b.system.Importer().Import(ctx, source, portfolio.Wanted{DryRun: step.dryRun, Client: store.LocalClient})
					if err != nil {
						return err
					}
					_, _ = fmt.Fprintf(out, "%s: %d domains, %d %s\n", account, report.Domains, report.Added, step.what)
					wrong = append(wrong, must(account+" "+step.what, report.Added, step.adds))
				}
			}
			return errors.Join(append(wrong, b.toldAtOnce(ctx, func(ctx context.Context) error { return b.begun(ctx, out, held[netimAccount]+held[realtimeAccount]) }))...)
		},
		counts: func(w *world) []count {
			return []count{
				effect("domains at the first registrar", len(w.netim.Registrations()), held[netimAccount]),
				effect("domains at the second", len(w.realtime.Domains()), held[realtimeAccount]),
				effect("operations at the registrars", len(w.netim.Operations())+len(w.realtime.Processes()), 0),
			}
		},
	}}
}

// begun waits until the lives of so many domains have read them.
func (b *sandbox) begun(ctx context.Context, out io.Writer, domains int) error {
	ctx, cancel := context.WithTimeout(ctx, lifePatience)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		rows, err := b.system.Store.Domains(ctx, store.DomainFilter{Limit: store.MostListed})
		if err != nil {
			return fmt.Errorf("sandbox: until all lives have begun: %w", err)
		}
		read := 0
		states := map[messages.LifeState]int{}
		for _, row := range rows {
			if states[row.State]++; row.ReadAt != nil {
				read++
			}
		}
		if read == domains {
			_, _ = fmt.Fprintf(out, "%d domains are held: %v\n", domains, states)
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("sandbox: %d of %d domains were read", read, domains)
		case <-ticker.C:
		}
	}
}
