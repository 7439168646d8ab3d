package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/intake"
	"domainprovisioning/store"
	"domainprovisioning/vault"
)

func (s *starter) resealCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "reseal",
		Short: "Bring everything that is sealed under the key that database.sealing_key names",
		Long: `Bring everything that is sealed under the key that database.sealing_key names: data keys are
wrapped anew, orders from before there were data keys get one, and digests become keyed ones.
It works in small steps while everything runs, may be interrupted, and goes on where it was.

Every worker and gateway must be of this version and must know the key first: what it has
changed nobody else can read. Afterwards "starter key list" shows which keys hold nothing more.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return s.onStore(c.Context(), func(opened *store.Store) error {
				var all []store.Resealed
				err := opened.Reseal(c.Context(), func(done store.Resealed) {
					if len(all) == 0 || all[len(all)-1].Kind != done.Kind {
						all = append(all, done)
					}
					all[len(all)-1] = done
					if !s.json {
						_, _ = fmt.Fprintf(s.errOut, "%s: %d\n", done.Kind, done.Looked)
					}
				})
				unreadable := 0
				for _, done := range all {
					unreadable += done.Unreadable
				}
				if err == nil && unreadable > 0 {
					err = fmt.Errorf("%d values are sealed by keys that the configuration lacks, or were altered; `starter key list` shows the keys", unreadable)
				}
				switch {
				case s.json:
					err = errors.Join(err, s.printJSON(append([]store.Resealed{}, all...)))
				case err == nil:
					s.printf("everything is sealed under the first key\n")
				}
				return err
			})
		},
	}
}

func (s *starter) listKeyUsesCommand() *cobra.Command {
	var histories bool
	list := &cobra.Command{
		Use:   "list",
		Short: "Count what each key still holds",
		Long: `Count what each sealing key still holds in the database. A key that is not listed may be taken
out of the configuration, once no process has it as database.sealing_key. "-" stands for digests
from before there were keyed ones: "starter reseal" makes them keyed.

With --histories it counts in Temporal as well, for each key of the payload codec: open runs, ended
runs that are retained, and schedules. It reads every history, one after another.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return s.onStore(c.Context(), func(opened *store.Store) error {
				uses, err := opened.KeyUses(c.Context())
				if err == nil && histories {
					var sealed []store.KeyUse
					sealed, err = s.historyKeys(c.Context())
					uses = append(uses, sealed...)
				}
				if err != nil {
					return err
				}
				if s.json {
					return s.printJSON(uses)
				}
				table := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
				_, _ = fmt.Fprintln(table, "KEY\tKIND\tCOUNT")
				for _, use := range uses {
					_, _ = fmt.Fprintf(table, "%s\t%s\t%d\n", orDash(use.Key), use.Kind, use.Count)
				}
				return table.Flush()
			})
		},
	}
	list.Flags().BoolVar(&histories, "histories", false, "count in Temporal as well")
	return list
}

// forgottenKey names a key of histories that nothing needs any more.
type forgottenKey struct {
	Key string `json:"key" jsonschema:"description=Id of the key of histories"`
}

func (s *starter) forgetKeyCommand() *cobra.Command {
	var lost bool
	forget := &cobra.Command{
		Use:   "forget ID",
		Short: "Let a key of histories go, if no history in Temporal needs it",
		Long: `Let a key of histories go, if no history in Temporal needs it. Programs refuse to start without a
key that has sealed histories, until it is forgotten here. The command reads every history, one
after another. With --lost it forgets a key that histories need and nobody has any more: what it
has sealed stays closed.`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: s.completeHistoryKeys,
		RunE: func(c *cobra.Command, arguments []string) error {
			schema := func(ctx context.Context, opened *store.Store, _ config.Histories) error {
				return opened.CheckSchema(ctx)
			}
			return s.onOpenedStore(c.Context(), schema, func(opened *store.Store) error { return s.forgetKey(c.Context(), opened, arguments[0], lost) })
		},
	}
	forget.Flags().BoolVar(&lost, "lost", false, "forget it although histories need it")
	return forget
}

func (s *starter) forgetKey(ctx context.Context, opened *store.Store, id string, lost bool) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	if cfg.Histories.Sealed() && cfg.Histories.Key == id {
		return assembly.Exit(assembly.ExitRefused, fmt.Errorf("histories.key names the key %s: histories are being sealed by it", id))
	}
	if !lost {
		uses, err := s.historyKeys(ctx)
		if err != nil {
			return err
		}
		for _, use := range uses {
			if use.Key == id {
				return assembly.Exit(assembly.ExitRefused, fmt.Errorf("the key %s is needed still: %s: %d", id, use.Kind, use.Count))
			}
		}
	}
	if err := opened.ForgetHistoryKey(ctx, id); errors.Is(err, store.ErrNotFound) {
		return assembly.Exit(assembly.ExitNotFound, fmt.Errorf("no history was sealed by a key %s", id))
	} else if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(forgottenKey{id})
	}
	s.printf("no program needs the key %s any more: it may be taken out of histories.keys\n", id)
	return nil
}

// historyKeys counts the keys of the payload codec in Temporal, and tells how far it has come.
func (s *starter) historyKeys(ctx context.Context) ([]store.KeyUse, error) {
	namespace, err := assembly.Namespace(s.log())
	if err != nil {
		return nil, err
	}
	temporal, err := assembly.DialTemporal(ctx, s.log(), &vault.Codec{})
	if err != nil {
		return nil, err
	}
	defer temporal.Close()
	return intake.HistoryKeys(ctx, temporal, namespace, func(runs int) {
		if !s.json {
			_, _ = fmt.Fprintf(s.errOut, "histories: %d\n", runs)
		}
	})
}
