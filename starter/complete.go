package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/desk"
	"domainprovisioning/store"
)

// completeWithin bounds how long the shell waits after the tab key is pressed.
const completeWithin = 2 * time.Second

// completeOrders offers the newest orders for an ORDER argument, by number and domain.
func (s *starter) completeOrders(command *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	return s.completeStored(command, func(ctx context.Context, orders orderDesk) ([]string, error) {
		page, err := orders.List(ctx, desk.Filter{Limit: 50})
		var offered []string
		for _, unit := range page.Orders {
			what := string(unit.State) + " " + unit.Operation
			offered = append(offered, unit.Order+"\t"+what+" "+unit.Domain)
			if unit.Domain != "" {
				offered = append(offered, unit.Domain+"\t"+what)
			}
		}
		return slices.Compact(offered), err
	})
}

// completeAccounts offers the registrar accounts of the configuration.
func (s *starter) completeAccounts(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	cfg, err := s.config()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return slices.Sorted(maps.Keys(cfg.Registrars)), cobra.ShellCompDirectiveNoFileComp
}

// completeHistoryKeys offers the keys of histories that the configuration has.
func (s *starter) completeHistoryKeys(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	cfg, err := s.config()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return cfg.Histories.IDs(), cobra.ShellCompDirectiveNoFileComp
}

// completeList offers values for a flag that takes several, separated by commas.
func completeList(values []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		given := ""
		if at := strings.LastIndexByte(typed, ','); at >= 0 {
			given = typed[:at+1]
		}
		var offered []string
		for _, value := range values {
			if !slices.Contains(strings.Split(given, ","), value) {
				offered = append(offered, given+value)
			}
		}
		return offered, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// completeOperations offers what registrars have not finished for a REFERENCE argument.
func (s *starter) completeOperations(command *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	return s.completeStored(command, func(ctx context.Context, orders orderDesk) ([]string, error) {
		found, err := orders.Operations(ctx, store.LedgerFilter{Open: true, Limit: 50})
		var offered []string
		for _, operation := range found {
			if operation.Reference != "" {
				offered = append(offered, operation.Reference+"\t"+operation.State+" "+operation.Kind+" "+operation.Domain)
			}
		}
		return offered, err
	})
}

// completeLooseEnds offers what needs to be settled for an ID argument.
func (s *starter) completeLooseEnds(command *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	return s.completeStored(command, func(ctx context.Context, orders orderDesk) ([]string, error) {
		found, err := orders.LooseEnds(ctx, store.LooseEndFilter{Limit: 50})
		offered := make([]string, 0, len(found))
		for _, end := range found {
			offered = append(offered, end.ID+"\t"+end.Detail)
		}
		return offered, err
	})
}

// completeDrift offers the domains that differ.
func (s *starter) completeDrift(command *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	return s.completeStored(command, func(ctx context.Context, orders orderDesk) ([]string, error) {
		page, err := orders.Drift(ctx, desk.DriftFilter{Limit: 50})
		offered := make([]string, 0, len(page.Drift))
		for _, one := range page.Drift {
			offered = append(offered, one.Domain+"\t"+string(one.Kind))
		}
		return offered, err
	})
}

// completeStored offers what a list has, or nothing if nobody answers.
func (s *starter) completeStored(
	command *cobra.Command, list func(ctx context.Context, orders orderDesk) ([]string, error),
) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(command.Context(), completeWithin)
	defer cancel()
	orders, closeAll, err := s.storedOrders(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer closeAll()
	offered, err := list(ctx, orders)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return offered, cobra.ShellCompDirectiveNoFileComp
}

// completeKeys offers the API keys that are not revoked.
func (s *starter) completeKeys(command *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(command.Context(), completeWithin)
	defer cancel()
	var offered []string
	_ = s.onStore(ctx, func(opened *store.Store) error { // if nobody answers, nothing is offered
		keys, err := opened.APIKeys(ctx)
		for _, key := range keys {
			if key.RevokedAt == nil {
				offered = append(offered, key.Name)
			}
		}
		return err
	})
	return offered, cobra.ShellCompDirectiveNoFileComp
}

// completeBatches offers the newest batches.
func (s *starter) completeBatches(command *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(command.Context(), completeWithin)
	defer cancel()
	var offered []string
	_ = s.onStore(ctx, func(opened *store.Store) error { // if nobody answers, nothing is offered
		batches, err := opened.Batches(ctx, store.BatchFilter{})
		for _, batch := range batches {
			offered = append(offered, batch.ID+"\t"+batch.Label)
		}
		return err
	})
	return offered, cobra.ShellCompDirectiveNoFileComp
}

// completeDomains offers the first domains that begin as what was typed.
func (s *starter) completeDomains(command *cobra.Command, arguments []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(arguments) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return s.completeStored(command, func(ctx context.Context, orders orderDesk) ([]string, error) {
		page, err := orders.Domains(ctx, desk.DomainFilter{Text: typed, Limit: 50})
		offered := make([]string, 0, len(page.Domains))
		for _, each := range page.Domains {
			offered = append(offered, each.Name+"\t"+string(each.State))
		}
		return offered, err
	})
}

// completeHooks offers the endpoints.
func (s *starter) completeHooks(command *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(command.Context(), completeWithin)
	defer cancel()
	var offered []string
	_ = s.onStore(ctx, func(opened *store.Store) error { // if nobody answers, nothing is offered
		hooks, err := opened.Hooks(ctx, "")
		for _, hook := range hooks {
			offered = append(offered, hook.ID+"\t"+hook.URL)
		}
		return err
	})
	return offered, cobra.ShellCompDirectiveNoFileComp
}
