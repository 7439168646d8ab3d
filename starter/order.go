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
	"domainprovisioning/store"
)

// maxOrder is the maximum size of an order document, in bytes.
const maxOrder = 1 << 20

func (s *starter) orderCommand() *cobra.Command {
	var watch, dryRun bool
	var lost lostOrder
	command := &cobra.Command{
		Use:   "order FILE...",
		Short: "Place orders: XML-RPC calls of Execute, or JSON; - is standard input",
		Long: `Place orders. A FILE holds an XML-RPC call of Execute with the method
PlaceOrderAndAuthorize_API, or an order as JSON; - is standard input.

An order that is not valid is refused with everything that is wrong with it, and
nothing is started. The same order twice is one order. With --watch, an order that
needs a person ends the program with the exit code 4 once all were shown.

--as places an order again under the key that restore-check prints, after the database was
restored from a backup without it. It needs the database, and takes one FILE. Its workflow
must be in Temporal: nothing that has not been started before is started.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, files []string) error {
			if lost.key != "" {
				if len(files) != 1 {
					return usage("--as takes one FILE")
				}
				return s.placeLost(command.Context(), files[0], lost, watch)
			}
			if lost.client != "" {
				return usage("--client needs --as")
			}
			if dryRun {
				return s.rehearseAll(command.Context(), files)
			}
			return s.placeAll(command.Context(), files, watch)
		},
	}
	command.Flags().BoolVar(&watch, "watch", false, "show each order until it has ended or needs a person")
	command.Flags().BoolVar(&dryRun, "dry-run", false, "place nothing: print the calls that each step would make, secrets masked, and what would be refused")
	command.Flags().StringVar(&lost.key, "as", "", "after a restore: place the order again under this key, such as shop:SO-1001 or DP00000077")
	command.Flags().StringVar(&lost.client, "client", "", "with --as: the client of an order whose key names none (default "+store.LocalClient+")")
	command.MarkFlagsMutuallyExclusive("watch", "dry-run")
	command.MarkFlagsMutuallyExclusive("as", "dry-run")
	return command
}

// lostOrder is an order that a restored database does not know.
type lostOrder struct{ key, client string }

// placeLost places an order again under its key. A gateway offers no such thing: it would let a
// client take a key of another.
func (s *starter) placeLost(ctx context.Context, file string, lost lostOrder, watch bool) error {
	if err := s.atHome(); err != nil {
		return err
	}
	sys, closeAll, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer closeAll()
	return s.placeEach(ctx, sys.desk, []string{file}, watch, func(document []byte) (desk.Placed, error) {
		return sys.desk.PlaceLost(ctx, document, lost.key, lost.client)
	})
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
	return s.placeEach(ctx, orders, files, watch, func(document []byte) (desk.Placed, error) { return orders.Place(ctx, document) })
}

func (s *starter) placeEach(ctx context.Context, orders orderDesk, files []string, watch bool, place func(document []byte) (desk.Placed, error)) error {
	all := make([]placedOrder, 0, len(files))
	var failures []error
	for _, file := range files {
		placed, err := s.place(file, place)
		line := placedOrder{File: file, Order: placed.Number, Existing: placed.Existing, Waiting: placed.Waiting, Units: placed.Units}
		switch {
		case err != nil:
			err = fmt.Errorf("%s: %w", file, err)
		default:
			s.printPlaced(placed)
			if watch {
				line.Watched, err = s.watchOrder(ctx, orders, placed.Address(), false, nil)
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

func (s *starter) place(file string, place func(document []byte) (desk.Placed, error)) (desk.Placed, error) {
	document, err := s.readOrder(file)
	if err != nil {
		return desk.Placed{}, err
	}
	return place(document)
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
