package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
)

// flagFor is the filter by the reason of an order. --reason is the person's own reason in all
// commands, so it has another name there.
const flagFor = "for"

// filterFlags adds the flags that narrow a list of orders. step says what --step means.
func (s *starter) filterFlags(command *cobra.Command, filter *desk.Filter, step string) {
	flags := command.Flags()
	flags.StringVar(&filter.State, "state", "", "only orders in this state: "+strings.Join(desk.States(), ", "))
	flags.IntVar(&filter.Step, "step", 0, step)
	flags.StringVar(&filter.Reason, flagFor, "", "only orders that need a person for this reason, such as balance or terminated")
	flags.StringVar(&filter.Domain, "domain", "", "only orders of this domain")
	flags.StringVar(&filter.Registrar, "registrar", "", "only orders at this registrar account")
	flags.StringVar(&filter.Text, "text", "", "only the order of this number, or orders whose domain contains this text")
	flags.DurationVar(&filter.OlderThan, "older-than", 0, "only orders that have been in their state for longer, such as 48h")
	_ = command.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(desk.States(), cobra.ShellCompDirectiveNoFileComp))
	_ = command.RegisterFlagCompletionFunc(flagFor, cobra.FixedCompletions(words(messages.Reasons()), cobra.ShellCompDirectiveNoFileComp))
	_ = command.RegisterFlagCompletionFunc("registrar", s.completeAccounts)
}

const stepFilter = "only orders that stand at this step"

// checkFilter refuses a filter that no list can have.
func checkFilter(filter desk.Filter) error {
	switch {
	case filter.State != "" && !slices.Contains(desk.States(), filter.State):
		return usage("--state is %q and must be one of %s", filter.State, strings.Join(desk.States(), ", "))
	case filter.Step < 0:
		return usage("--step is %d and must be the number of a step", filter.Step)
	}
	return nil
}

// filtered reports whether a flag that narrows a list was given, besides those named.
func filtered(flags *pflag.FlagSet, besides ...string) bool {
	return slices.ContainsFunc([]string{"state", "step", flagFor, "domain", "registrar", "text", "older-than"}, func(name string) bool {
		return flags.Changed(name) && !slices.Contains(besides, name)
	})
}

// pageOfAll is how many orders are asked for at once where all are read.
const pageOfAll = 500

// all reads a list to its end.
func all(ctx context.Context, orders orderDesk, filter desk.Filter, page int) ([]desk.Unit, error) {
	filter.Limit = page
	var units []desk.Unit
	for {
		part, err := orders.List(ctx, filter)
		if err != nil {
			return nil, err
		}
		units = append(units, part.Orders...)
		if part.Next == "" {
			return units, nil
		}
		filter.Cursor = part.Next
	}
}

func words[T ~string](values []T) []string {
	all := make([]string, len(values))
	for n, value := range values {
		all[n] = string(value)
	}
	return all
}
