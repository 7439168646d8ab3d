package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"

	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/store"
	"domainprovisioning/terminal"
)

func (s *starter) printf(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format, args...) }

func (s *starter) printJSON(value any) error {
	encoder := json.NewEncoder(s.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// units finds the units of work that an ORDER argument means: all of an order
// number, or the newest of a domain.
func units(ctx context.Context, sys *system, argument string) ([]store.Provisioning, error) {
	filter := store.ProvisioningFilter{OrderNumber: argument}
	if strings.Contains(argument, ".") {
		name, err := domains.ParseName(argument)
		if err != nil {
			return nil, err
		}
		filter = store.ProvisioningFilter{Domain: name.String(), Limit: 1}
	}
	rows, err := sys.Store.Provisionings(ctx, filter)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("there is no order %s; `starter list` shows the orders there are", argument)
	}
	return rows, nil
}

// oneUnit is units for commands that act on exactly one.
func oneUnit(ctx context.Context, sys *system, argument string) (store.Provisioning, error) {
	rows, err := units(ctx, sys, argument)
	if err != nil {
		return store.Provisioning{}, err
	}
	if len(rows) > 1 {
		return store.Provisioning{}, fmt.Errorf("order %s has %d units of work; name the domain", argument, len(rows))
	}
	return rows[0], nil
}

// queryTimeout bounds a question to a workflow. Its worker answers; without one
// the store's own record must do.
const queryTimeout = 10 * time.Second

// progress asks a unit's workflow how it stands. When no worker answers, or the
// history is gone, it tells what the store knows.
func progress(ctx context.Context, sys *system, row store.Provisioning) (messages.Progress, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	answer, err := messages.ReadProgress().Ask(ctx, sys.temporal, row.WorkflowID)
	if err == nil && answer.OrderNumber == row.OrderNumber {
		return answer, nil
	}
	return known(row, err)
}

// known is what the store knows of a unit whose workflow did not answer.
func known(row store.Provisioning, cause error) (messages.Progress, error) {
	progress := messages.Progress{
		OrderNumber: row.OrderNumber, Domain: row.Domain, Registrar: row.Registrar, State: messages.State(row.State),
	}
	_, gone := errors.AsType[*serviceerror.NotFound](cause)
	switch {
	case row.State != store.ProvisioningOpen && (gone || cause == nil):
		progress.Notes = []string{"its history is gone; this is what the store knows"}
	case row.State != store.ProvisioningOpen:
		progress.Notes = []string{"no worker answers for its checklist; this is what the store knows"}
	case gone:
		progress.State = messages.Running
		progress.Notes = []string{"no workflow runs for it; place the order again to start it"}
	case errors.Is(cause, context.DeadlineExceeded):
		return progress, fmt.Errorf("no worker answers for %s; start one", row.WorkflowID)
	default:
		return progress, cause
	}
	return progress, nil
}

func (s *starter) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status ORDER...",
		Short: "Show the checklist of orders",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			sys, closeAll, err := s.connect(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			for _, argument := range arguments {
				if err := s.status(command.Context(), sys, argument); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func (s *starter) status(ctx context.Context, sys *system, argument string) error {
	rows, err := units(ctx, sys, argument)
	if err != nil {
		return err
	}
	for _, row := range rows {
		current, err := progress(ctx, sys, row)
		if err != nil {
			return err
		}
		if s.json {
			if err := s.printJSON(current); err != nil {
				return err
			}
			continue
		}
		s.printf("%s\n", strings.Join(terminal.Checklist(current), "\n"))
	}
	return nil
}

func (s *starter) watchCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "watch ORDER",
		Short: "Show the checklist of an order until it has ended",
		Long: `Show the checklist of an order until it has ended. The exit code is 0 when it is
done, and 1 when it failed or was cancelled.`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			sys, closeAll, err := s.connect(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			return s.watchOrder(command.Context(), sys, arguments[0])
		},
	}
}

func (s *starter) watchOrder(ctx context.Context, sys *system, argument string) error {
	rows, err := units(ctx, sys, argument)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := s.watchUnit(ctx, sys, row); err != nil {
			return err
		}
	}
	return nil
}

func (s *starter) watchUnit(ctx context.Context, sys *system, row store.Provisioning) error {
	live := terminal.NewLive(s.out, row.OrderNumber+" "+row.Domain)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		current, err := progress(ctx, sys, row)
		if err != nil {
			return err
		}
		if s.json {
			if err := s.printJSON(current); err != nil {
				return err
			}
		} else {
			live.Show(current)
		}
		switch {
		case current.State == messages.Done:
			return nil
		case current.State.Closed():
			return fmt.Errorf("order %s is %s", row.OrderNumber, current.State)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

func (s *starter) listCommand() *cobra.Command {
	var filter store.ProvisioningFilter
	var state string
	command := &cobra.Command{
		Use:   "list",
		Short: "List orders, newest first",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			filter.State = store.ProvisioningState(state)
			switch filter.State {
			case "", store.ProvisioningOpen, store.ProvisioningDone, store.ProvisioningFailed, store.ProvisioningCancelled:
			default:
				return fmt.Errorf("--state is %q and must be open, done, failed or cancelled", state)
			}
			sys, closeAll, err := s.connect(command.Context())
			if err != nil {
				return err
			}
			defer closeAll()
			rows, err := sys.Store.Provisionings(command.Context(), filter)
			if err != nil {
				return err
			}
			return s.printList(rows)
		},
	}
	flags := command.Flags()
	flags.StringVar(&state, "state", "", "only open, done, failed or cancelled ones")
	flags.StringVar(&filter.Domain, "domain", "", "only those of a domain")
	flags.StringVar(&filter.Registrar, "registrar", "", "only those at a registrar account")
	flags.IntVar(&filter.Limit, "limit", 100, "at most so many, up to 1000")
	return command
}

func (s *starter) printList(rows []store.Provisioning) error {
	type line struct {
		Order     string    `json:"order"`
		Item      int       `json:"item"`
		Domain    string    `json:"domain,omitempty"`
		Registrar string    `json:"registrar,omitempty"`
		State     string    `json:"state"`
		Created   time.Time `json:"created"`
		Workflow  string    `json:"workflowId"`
	}
	lines := make([]line, len(rows))
	for i, row := range rows {
		lines[i] = line{row.OrderNumber, row.Item, row.Domain, row.Registrar, string(row.State), row.CreatedAt, row.WorkflowID}
	}
	if s.json {
		return s.printJSON(lines)
	}
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ORDER\tITEM\tDOMAIN\tREGISTRAR\tSTATE\tCREATED")
	for _, l := range lines {
		_, _ = fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%s\n", l.Order, l.Item, dash(l.Domain), dash(l.Registrar), l.State,
			l.Created.Format(time.DateTime))
	}
	return table.Flush()
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
