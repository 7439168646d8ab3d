package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"domainprovisioning/desk"
	"domainprovisioning/gateway"
)

// maxOrder is the maximum size of an order document, in bytes.
const maxOrder = 1 << 20

func (s *starter) orderCommand() *cobra.Command {
	var watch, dryRun bool
	command := &cobra.Command{
		Use:   "order FILE...",
		Short: "Place orders: XML-RPC calls of Execute, or JSON; - is standard input",
		Long: `Place orders. A FILE holds an XML-RPC call of Execute with the method
PlaceOrderAndAuthorize_API, or an order as JSON; - is standard input.

An order that is not valid is refused with everything that is wrong with it, and
nothing is started. The same order twice is one order. With --watch, an order that
needs a person ends the program with the exit code 4 once all were shown.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, files []string) error {
			if dryRun {
				return s.rehearseAll(command.Context(), files)
			}
			return s.placeAll(command.Context(), files, watch)
		},
	}
	command.Flags().BoolVar(&watch, "watch", false, "show each order until it has ended or needs a person")
	command.Flags().BoolVar(&dryRun, "dry-run", false, "place nothing: print the calls that each step would make, secrets masked, and what would be refused")
	command.MarkFlagsMutuallyExclusive("watch", "dry-run")
	return command
}

// placedOrder is what has become of an order document.
type placedOrder struct {
	File     string      `json:"file" jsonschema:"description=The argument; - for the standard input"`
	Order    string      `json:"order,omitempty" jsonschema:"description=Order number; absent if it was not accepted"`
	Existing bool        `json:"existing,omitempty" jsonschema:"description=The order had been accepted before; nothing is done twice"`
	Waiting  bool        `json:"waiting,omitempty" jsonschema:"description=A workflow of the order is still to be started; that happens by itself"`
	Units    []desk.Unit `json:"units,omitempty"`
	// Watched is how the order stood when it was no longer watched.
	Watched []gateway.UnitStatus `json:"watched,omitempty" jsonschema:"description=With --watch: how it has ended\\, or stands while it needs a person"`
	Error   *fault               `json:"error,omitempty"`
}

// placeAll places orders. With --json it prints one document at the end, also with watch.
func (s *starter) placeAll(ctx context.Context, files []string, watch bool) error {
	orders, closeAll, err := s.orders(ctx)
	if err != nil {
		return err
	}
	defer closeAll()
	all := make([]placedOrder, 0, len(files))
	var failures []error
	for _, file := range files {
		placed, err := s.place(ctx, orders, file)
		line := placedOrder{File: file, Order: placed.Number, Existing: placed.Existing, Waiting: placed.Waiting, Units: placed.Units}
		switch {
		case err != nil:
			err = fmt.Errorf("%s: %w", file, err)
		default:
			s.printPlaced(placed)
			if watch {
				line.Watched, err = s.watchOrder(ctx, orders, placed.Number, false, nil)
			}
		}
		line.Error = faultOf(err)
		all, failures = append(all, line), append(failures, err)
	}
	if s.json {
		failures = append(failures, s.printJSON(all))
	}
	return errors.Join(failures...)
}

func (s *starter) place(ctx context.Context, d orderDesk, file string) (desk.Placed, error) {
	document, err := s.readOrder(file)
	if err != nil {
		return desk.Placed{}, err
	}
	return d.Place(ctx, document)
}

func (s *starter) readOrder(file string) ([]byte, error) {
	reader := s.in
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer func() { _ = opened.Close() }()
		reader = opened
	}
	document, err := io.ReadAll(io.LimitReader(reader, maxOrder+1))
	if err != nil {
		return nil, err
	}
	if len(document) > maxOrder {
		return nil, fmt.Errorf("the order is larger than %d bytes", maxOrder)
	}
	return document, nil
}

func (s *starter) printPlaced(placed desk.Placed) {
	if s.json {
		return
	}
	what := "accepted"
	if placed.Existing {
		what = "was accepted before; nothing is done twice"
	}
	s.printf("order %s %s\n", placed.Number, what)
	for _, unit := range placed.Units {
		name := unit.Domain
		if name == "" {
			name = "hosting"
		}
		state := ""
		if placed.Existing {
			state = "  " + string(unit.State)
		}
		s.printf("  item %d  %s%s  workflow %s%s\n", unit.Item, name, state, unit.WorkflowID, startedLater(unit))
	}
}

func startedLater(unit desk.Unit) string {
	if unit.Started || !unit.Open() {
		return ""
	}
	return "  (starts when Temporal can be reached)"
}
