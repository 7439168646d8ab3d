package main

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/desk"
)

// completeWithin bounds how long the shell waits after the tab key is pressed.
const completeWithin = 2 * time.Second

// completeOrders offers the newest orders for an ORDER argument, by number and domain.
func (s *starter) completeOrders(command *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(command.Context(), completeWithin)
	defer cancel()
	orders, closeAll, err := s.storedOrders(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer closeAll()
	page, err := orders.List(ctx, desk.Filter{Limit: 50})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var offered []string
	for _, unit := range page.Orders {
		what := string(unit.State) + " " + unit.Operation
		offered = append(offered, unit.Order+"\t"+what+" "+unit.Domain)
		if unit.Domain != "" {
			offered = append(offered, unit.Domain+"\t"+what)
		}
	}
	return slices.Compact(offered), cobra.ShellCompDirectiveNoFileComp
}

// completeAccounts offers the registrar accounts of the configuration.
func (s *starter) completeAccounts(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	cfg, err := s.config()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return slices.Sorted(maps.Keys(cfg.Registrars)), cobra.ShellCompDirectiveNoFileComp
}
