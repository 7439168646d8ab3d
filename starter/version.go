package main

import (
	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
)

func (s *starter) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of the product, of Go and of Temporal's SDK",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			version := assembly.ThisVersion()
			if s.json {
				return s.printJSON(version)
			}
			s.printf("%s\n", version.Line("starter"))
			return nil
		},
	}
}
