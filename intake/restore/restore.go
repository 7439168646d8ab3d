// Package restore corrects an application database that was restored from a backup. Such
// a database is older than Temporal and the registrars: it does not know some orders
// under way, would issue numbers and ids that are already in use, and its ledger lacks
// some paid calls.
package restore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"domainprovisioning/intake"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// Check compares the store with Temporal and the registrars. No worker or gateway may run
// meanwhile.
type Check struct {
	Store    *store.Store
	Temporal client.Client
	// Data reads what histories hold.
	Data     converter.DataConverter
	Accounts map[string]registrars.Registrar
	// Apply corrects what can be corrected. Otherwise Run only reports.
	Apply bool
	// Margin is how many numbers and ids are skipped beyond the highest one seen, because
	// Temporal forgets orders after their retention period.
	Margin int64
}

// Report lists the differences. Apply corrects the counters, the rows and the ended
// orders; the rest needs a person.
type Report struct {
	Counters []Counter `json:"counters"`
	// Unknown are orders that Temporal has but the store does not.
	Unknown []Order `json:"unknown"`
	// Rows are paid calls that the ledger lacks.
	Rows []Row `json:"rows"`
	// Ended are orders that are open in the store but whose workflows have ended.
	Ended []Order `json:"ended"`
	// Missing are orders that are open in the store but have no run in Temporal.
	Missing []Order `json:"missing"`
	// Pending are operations at registrars that the ledger still lacks after Rows.
	Pending []Pending `json:"pending"`
	// Unreadable are items of the registrars' lists that could not be compared.
	Unreadable []Unreadable `json:"unreadable"`
	// Unasked are the accounts whose registrar could not be asked, with the error.
	Unasked map[string]string `json:"unasked"`
	// Unlisted are the accounts at which operations may be pending that nothing was compared with,
	// because their registrar has no list of them.
	Unlisted []string `json:"unlisted"`
}

// Clean reports whether there are no differences. An account in Unlisted is none: another run would
// say the same of it.
func (r *Report) Clean() bool {
	moved := slices.ContainsFunc(r.Counters, func(c Counter) bool { return c.Stored < c.Seen })
	return !moved && len(r.Unknown)+len(r.Rows)+len(r.Ended)+len(r.Missing)+len(r.Pending)+len(r.Unreadable)+len(r.Unasked) == 0
}

// Counter is a counter of the store and the highest number of it that Temporal has seen.
type Counter struct {
	Name   string `json:"name"`
	Stored int64  `json:"stored"`
	Seen   int64  `json:"seen"`
}

// Order is an order, identified by one of its workflows.
type Order struct {
	Number     string `json:"order"`
	WorkflowID string `json:"workflowId"`
	State      string `json:"state"`
}

// Running is the state of an order that goes on in Temporal, or will when it is resumed.
const Running = "running"

// Row is a paid call that the ledger lacks, and what the history says about it.
type Row struct {
	Key       string            `json:"key"`
	State     store.LedgerState `json:"state"`
	Reference string            `json:"reference,omitempty"`
}

// Pending is a pending operation at a registrar.
type Pending struct {
	Account   string `json:"registrar"`
	Reference string `json:"reference"`
	Kind      string `json:"kind"`
	Domain    string `json:"domain"`
}

// Unreadable is an item of a registrar's list that cannot be read, so that it may be an
// operation that the ledger lacks.
type Unreadable struct {
	Account   string `json:"account"`
	Reference string `json:"reference,omitempty"`
	Rule      string `json:"rule"`
}

// Run compares and, with Apply, corrects. It may be repeated: a second run finds less.
func (c *Check) Run(ctx context.Context) (*Report, error) {
	report := &Report{
		Counters: []Counter{}, Unknown: []Order{}, Rows: []Row{}, Ended: []Order{}, Missing: []Order{}, Pending: []Pending{}, Unreadable: []Unreadable{}, Unasked: map[string]string{}, Unlisted: []string{},
	}
	seen := map[string]int64{}
	if err := c.eachRun(ctx, func(run *workflowpb.WorkflowExecutionInfo) error { return c.examine(ctx, run, seen, report) }); err != nil {
		return nil, err
	}
	if err := c.counters(ctx, seen, report); err != nil {
		return nil, err
	}
	if err := c.open(ctx, report); err != nil {
		return nil, err
	}
	return report, c.registrars(ctx, report)
}

// eachRun calls examine for every run of an order that Temporal has.
func (c *Check) eachRun(ctx context.Context, examine func(*workflowpb.WorkflowExecutionInfo) error) error {
	query := fmt.Sprintf("WorkflowType IN ('%s')", strings.Join(workflows.ProgramNames(), "', '"))
	var token []byte
	for {
		page, err := c.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: 500, NextPageToken: token})
		if err != nil {
			return fmt.Errorf("restore: list workflows: %w", err)
		}
		for _, run := range page.GetExecutions() {
			if err := examine(run); err != nil {
				return err
			}
		}
		if token = page.GetNextPageToken(); len(token) == 0 {
			return nil
		}
	}
}

// examine checks whether the store knows the order of a run. For an order that may still
// go on, it compares the ledger with what the run has requested from its registrar.
func (c *Check) examine(ctx context.Context, run *workflowpb.WorkflowExecutionInfo, seen map[string]int64, report *Report) error {
	number, err := workflows.OrderNumberOf(run)
	if err != nil {
		return nil //nolint:nilerr // not a run of ours
	}
	id, open := run.GetExecution().GetWorkflowId(), intake.Open(run.GetStatus())
	rows, err := c.Store.UnitsOf(ctx, []string{number}, []string{id})
	if err != nil {
		return err
	}
	known := len(rows) > 0
	if known && !open {
		return nil
	}
	read, err := c.read(ctx, run)
	if err != nil {
		return err
	}
	if !known {
		state := Running
		if !open {
			state = strings.ToLower(run.GetStatus().String())
		}
		report.Unknown = append(report.Unknown, Order{number, id, state})
		read.numbers(seen)
	}
	for _, request := range read.requests {
		if err := c.ledger(ctx, request.row(id), report); err != nil {
			return err
		}
	}
	return nil
}

// ledger compares the row that must exist with the one that does. A row is out of date if
// it allows a new request without a look although the history is further on.
func (c *Check) ledger(ctx context.Context, row store.LedgerRow, report *Report) error {
	is, err := c.Store.LedgerRow(ctx, row.Key)
	missing := errors.Is(err, store.ErrNotFound)
	if err != nil && !missing {
		return err
	}
	closed := is.State == store.Refused || is.State == store.Failed || is.State == store.Cancelled
	if !missing && (!closed || row.State == is.State || row.Reopened < is.Reopened) {
		return nil
	}
	report.Rows = append(report.Rows, Row{row.Key, row.State, row.Reference})
	switch {
	case !c.Apply:
		return nil
	case missing:
		return c.Store.SeedRow(ctx, row)
	}
	return c.Store.ReviseRow(ctx, is, row)
}

// counters compares the counters with the numbers in use and moves them past those.
func (c *Check) counters(ctx context.Context, seen map[string]int64, report *Report) error {
	stored, err := c.Store.Counters(ctx)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		report.Counters = append(report.Counters, Counter{name, stored[name], seen[name]})
		if c.Apply && stored[name] < seen[name] {
			if err := c.Store.AdvanceCounter(ctx, name, seen[name]+c.Margin); err != nil {
				return err
			}
		}
	}
	return nil
}

// open compares the open orders of the store with Temporal.
func (c *Check) open(ctx context.Context, report *Report) error {
	var after *store.UnitCursor
	for {
		rows, err := c.Store.Units(ctx, store.UnitFilter{State: store.UnitOpen, After: after, Limit: 500})
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			if row.StartedAt == nil {
				continue
			}
			if err := c.compare(ctx, row, report); err != nil {
				return err
			}
		}
		last := rows[len(rows)-1].Cursor()
		after = &last
	}
}

func (c *Check) compare(ctx context.Context, row store.Unit, report *Report) error {
	description, err := c.Temporal.DescribeWorkflowExecution(ctx, row.WorkflowID, "")
	order := Order{Number: row.OrderNumber, WorkflowID: row.WorkflowID}
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		order.State = "no run"
		report.Missing = append(report.Missing, order)
		return nil
	}
	if err != nil {
		return fmt.Errorf("restore: %s: %w", row.WorkflowID, err)
	}
	info := description.GetWorkflowExecutionInfo()
	if !workflows.Carries(info, row.OrderNumber) {
		order.State = "another order runs under its id"
		report.Missing = append(report.Missing, order)
		return nil
	}
	if info.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED && info.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED {
		return nil // it runs, or was terminated, which the relay notices
	}
	read, err := c.read(ctx, info)
	if err != nil || read.outcome == nil {
		return err
	}
	order.State = read.outcome.State
	report.Ended = append(report.Ended, order)
	if !c.Apply {
		return nil
	}
	return c.Store.EndUnit(ctx, store.Ending{
		OrderNumber: row.OrderNumber, Item: row.Item, State: store.UnitState(read.outcome.State), Left: read.outcome.Left,
		NameServers: read.outcome.NameServers,
	})
}

// read reads the history of a run.
func (c *Check) read(ctx context.Context, run *workflowpb.WorkflowExecutionInfo) (history, error) {
	id := run.GetExecution().GetWorkflowId()
	read, err := readHistory(c.Temporal.GetWorkflowHistory(ctx, id, run.GetExecution().GetRunId(), false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT), c.Data)
	if err != nil {
		return read, fmt.Errorf("restore: history of %s: %w", id, err)
	}
	return read, nil
}

// registrars compares what is pending at each registrar with the ledger.
func (c *Check) registrars(ctx context.Context, report *Report) error {
	for _, name := range slices.Sorted(maps.Keys(c.Accounts)) {
		lister, ok := c.Accounts[name].(registrars.PendingLister)
		if !ok {
			if !c.Accounts[name].Describe().Synchronous {
				report.Unlisted = append(report.Unlisted, name)
			}
			continue
		}
		pending, err := lister.PendingOperations(ctx)
		if err != nil {
			report.Unasked[name] = err.Error()
			continue
		}
		for _, item := range pending.Unreadable {
			report.Unreadable = append(report.Unreadable, Unreadable{name, item.Reference, item.Rule})
		}
		for _, operation := range pending.Operations {
			rows, err := c.Store.LedgerRows(ctx, store.LedgerFilter{Account: name, Reference: operation.Reference, Limit: 1})
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				report.Pending = append(report.Pending, Pending{name, operation.Reference, string(operation.Kind), operation.Domain.String()})
			}
		}
	}
	return nil
}
