package desk

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// Filter narrows a list. Empty fields do not narrow.
type Filter struct {
	Domain    string
	Registrar string
	// State is open, done, failed or cancelled, which the store knows; or running,
	// waiting or attention, which Temporal knows; or stopped. A stopped order is open,
	// but its workflow does not go on by itself because it was terminated, deleted or
	// paused, or is stuck.
	State string
	// Cursor is Page.Next of the previous page.
	Cursor string
	// Limit is 1 to 1000; zero means 100.
	Limit int
}

// States lists the values of Filter.State.
func States() []string {
	return slices.Concat([]string{
		string(store.UnitOpen), string(store.UnitDone), string(store.UnitFailed), string(store.UnitCancelled),
		stateStopped,
	}, openStates())
}

const stateStopped = "stopped"

// openStates lists the states of open orders that only their workflows know.
func openStates() []string {
	return []string{string(messages.Running), string(messages.Waiting), string(messages.NeedsAttention)}
}

// Page is a part of a list, newest first.
type Page struct {
	Orders []Unit `json:"orders"`
	// Next is the cursor of the next page; "" at the end.
	Next string `json:"next,omitempty" jsonschema:"description=Value of the parameter cursor for the next page; absent at the end"`
}

// FilterError says which field of a filter breaks which rule.
type FilterError struct{ Field, Rule string }

func (e *FilterError) Error() string { return e.Field + " " + e.Rule }

// List lists units of work, newest first. Errors: *FilterError, ErrUnavailable.
func (d *Desk) List(ctx context.Context, filter Filter) (Page, error) {
	if filter.Limit == 0 {
		filter.Limit = 100
	}
	if filter.Limit < 1 || filter.Limit > 1000 {
		return Page{}, &FilterError{"limit", "must be 1 to 1000"}
	}
	if filter.Domain != "" {
		name, err := domains.ParseName(filter.Domain)
		if err != nil {
			return Page{}, &FilterError{"domain", "must be a domain name"}
		}
		filter.Domain = name.String()
	}
	if filter.Registrar != "" && strings.ContainsFunc(filter.Registrar, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return Page{Orders: []Unit{}}, nil // no account has such a name
	}
	if filter.State != "" && !slices.Contains(States(), filter.State) {
		return Page{}, &FilterError{"state", "must be one of " + strings.Join(States(), ", ")}
	}
	if slices.Contains(openStates(), filter.State) {
		return d.listOpen(ctx, filter)
	}
	var after *store.UnitCursor
	if filter.Cursor != "" {
		after = new(store.UnitCursor)
		if !decodeCursor(filter.Cursor, after) || !orders.ValidNumber(after.OrderNumber) {
			return Page{}, &FilterError{"cursor", "must come from the previous page"}
		}
	}
	state := store.UnitState(filter.State)
	if filter.State == stateStopped {
		state = ""
	}
	// One row more than requested shows whether there is a next page.
	rows, err := d.Store.Units(ctx, store.UnitFilter{
		Domain: filter.Domain, Registrar: filter.Registrar, State: state, Stopped: filter.State == stateStopped, After: after, Limit: min(filter.Limit+1, 1000),
	})
	if err != nil {
		return Page{}, err
	}
	page := Page{Orders: []Unit{}}
	for n, row := range rows {
		if n == filter.Limit {
			break
		}
		page.Orders = append(page.Orders, d.unit(row))
	}
	if n := len(page.Orders); n > 0 && (len(rows) > n || n == 1000) {
		page.Next = encodeCursor(rows[n-1].Cursor())
	}
	return page, nil
}

// listOpen asks Temporal, which knows more about open orders than the store does.
func (d *Desk) listOpen(ctx context.Context, filter Filter) (Page, error) {
	query := []string{
		"ExecutionStatus = 'Running'", fmt.Sprintf("%s = '%s'", workflows.ProvisioningStateKey.GetName(), filter.State),
	}
	for _, part := range []struct{ name, value string }{
		{workflows.DomainNameKey.GetName(), filter.Domain}, {workflows.RegistrarKey.GetName(), filter.Registrar},
	} {
		if strings.ContainsAny(part.value, `'"\`) {
			return Page{Orders: []Unit{}}, nil // no domain and no account has such a name
		}
		if part.value != "" {
			query = append(query, fmt.Sprintf("%s = '%s'", part.name, part.value))
		}
	}
	var token []byte
	if filter.Cursor != "" && !decodeCursor(filter.Cursor, &token) {
		return Page{}, &FilterError{"cursor", "must come from the previous page"}
	}
	found, err := d.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query: strings.Join(query, " AND "), PageSize: int32(filter.Limit), NextPageToken: token, //nolint:gosec // 1 to 1000
	})
	if err != nil {
		return Page{}, errors.Join(ErrUnavailable, err)
	}
	page, err := d.unitsOf(ctx, found.GetExecutions())
	if err != nil {
		return Page{}, err
	}
	if next := found.GetNextPageToken(); len(next) > 0 {
		page.Next = encodeCursor(next)
	}
	return page, nil
}

// unitsOf returns a page of the units that these workflows carry, in the same order. It
// leaves out workflows that the store does not know.
func (d *Desk) unitsOf(ctx context.Context, executions []*workflow.WorkflowExecutionInfo) (Page, error) {
	type carried struct{ order, workflow string }
	var places []carried
	var numbers, ids []string
	for _, execution := range executions {
		number, err := workflows.OrderNumberOf(execution)
		if err != nil {
			continue
		}
		id := execution.GetExecution().GetWorkflowId()
		places, numbers, ids = append(places, carried{number, id}), append(numbers, number), append(ids, id)
	}
	rows, err := d.Store.UnitsOf(ctx, numbers, ids)
	if err != nil {
		return Page{}, err
	}
	known := make(map[carried][]Unit, len(rows))
	for _, row := range rows {
		place := carried{row.OrderNumber, row.WorkflowID}
		known[place] = append(known[place], d.unit(row))
	}
	page := Page{Orders: []Unit{}}
	for _, place := range places {
		page.Orders = append(page.Orders, known[place]...)
	}
	return page, nil
}

// A cursor is opaque to callers.
func encodeCursor(place any) string {
	document, err := json.Marshal(place)
	if err != nil { // cannot happen with plain values
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(document)
}

func decodeCursor(cursor string, place any) bool {
	document, err := base64.RawURLEncoding.DecodeString(cursor)
	return err == nil && json.Unmarshal(document, place) == nil
}
