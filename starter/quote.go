package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
	"domainprovisioning/store"
)

func (s *starter) quoteCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "quote REFERENCE",
		Short: "Show what an outside system has said, which a failure names by its reference",
		Long: `Show what an outside system has said, which a failure names by its reference. Histories hold
the reference only, because the text may hold a customer's data.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, arguments []string) error {
			orders, closeAll, err := s.storedOrders(c.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			quote, err := orders.Quote(c.Context(), arguments[0])
			switch {
			case errors.Is(err, store.ErrNotFound):
				return assembly.Exit(assembly.ExitNotFound, fmt.Errorf("nothing is kept under %s", arguments[0]))
			case err != nil:
				return err
			case s.json:
				return s.printJSON(quote)
			}
			s.printf("%s\n", quote.Text)
			return nil
		},
	}
}
