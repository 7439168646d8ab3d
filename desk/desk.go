// Package desk is where people and programs place orders, ask how they stand, and say
// what is to be done. The command line and the gateway both stand in front of it, so
// that they answer the same. What it answers with holds no personal data.
package desk

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"domainprovisioning/domains"
	"domainprovisioning/intake"
	"domainprovisioning/intake/rehearsal"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/store"
)

// Desk answers about orders. WebUI is optional, the other fields are required.
type Desk struct {
	Store    *store.Store
	Temporal client.Client
	Intake   *intake.Intake
	// Rehearsal says what an order would lead to.
	Rehearsal *rehearsal.Rehearsal
	// WebUI is the address of the namespace in the Temporal Web UI, such as
	// https://temporal.internal/namespaces/default. Answers then link to its pages.
	WebUI string
}

// ErrNotFound says that there is no such order.
var ErrNotFound = errors.New("there is no such order")

// ErrSeveral says that a number means several units of work where one is needed.
var ErrSeveral = errors.New("the order has several units of work; name the domain or the item")

// ErrUnavailable says that Temporal, or a worker behind it, does not answer. The same
// question may be asked again.
var ErrUnavailable = errors.New("temporal or its workers do not answer")

// NameError says that what must be a domain name is none.
type NameError struct{ Err error }

// Error implements error.
func (e *NameError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *NameError) Unwrap() error { return e.Err }

// NotAllowedError says why a command is not allowed now.
type NotAllowedError struct{ Reason string }

// Error implements error.
func (e *NotAllowedError) Error() string { return e.Reason }

// Unit is a unit of work of an order: a domain with or without hosting, or hosting
// without a domain. One workflow carries it.
type Unit struct {
	Order     string `json:"order" jsonschema:"description=Order number"`
	Item      int    `json:"item" jsonschema:"description=ProvisioningItemID of the domain\\, or of the hosting where there is no domain"`
	Operation string `json:"operation,omitempty" jsonschema:"description=What is done: registration\\, transfer\\, renewal\\, owner-change\\, contact-change\\, name-server-change or settings-change"`
	Domain    string `json:"domain,omitempty" jsonschema:"description=Domain name in ASCII form,example=shop.example"`
	Registrar string `json:"registrar,omitempty" jsonschema:"description=Registrar account of the configuration"`
	// State is that of the store. What the workflow knows more stands in its Progress.
	State string `json:"state" jsonschema:"enum=open,enum=done,enum=failed,enum=cancelled"`
	// Run is what was done to its workflow in Temporal, as the last look showed.
	Run        string     `json:"run,omitempty" jsonschema:"enum=terminated,enum=deleted,enum=failed,enum=timed-out,enum=ended,enum=paused,enum=stuck,enum=unserved,enum=foreign,description=What was done to the workflow of an open order\\, which does not go on by itself then; absent while it runs as it should"`
	Started    bool       `json:"started" jsonschema:"description=Whether its workflow was started; otherwise it is started as soon as Temporal can be reached"`
	CreatedAt  time.Time  `json:"createdAt"`
	ClosedAt   *time.Time `json:"closedAt,omitempty"`
	WorkflowID string     `json:"workflowId"`
	WebUI      string     `json:"webUi,omitempty" jsonschema:"format=uri,description=Its page in the Temporal Web UI"`
}

// Placed is the answer to an order that was taken on.
type Placed struct {
	Number string `json:"number" jsonschema:"description=Order number,example=DP00000001"`
	// Existing says that it had been taken on before, and nothing was doubled.
	Existing bool `json:"existing" jsonschema:"description=Whether the order had been taken on before; nothing is doubled"`
	// Waiting says that it is stored and not started yet.
	Waiting bool   `json:"waiting" jsonschema:"description=Whether a workflow of the order is still to be started; that happens by itself"`
	Units   []Unit `json:"units"`
}

// unit is the answer's form of a row.
func (d *Desk) unit(row store.Unit) Unit {
	return Unit{
		Order: row.OrderNumber, Item: row.Item, Operation: intake.TypeOf(row), Domain: row.Domain, Registrar: row.Registrar,
		State: string(row.State), Run: string(row.Run), Started: row.StartedAt != nil, CreatedAt: row.CreatedAt, ClosedAt: row.ClosedAt,
		WorkflowID: row.WorkflowID, WebUI: d.page(row.WorkflowID),
	}
}

// page is a workflow's page in the Web UI.
func (d *Desk) page(workflowID string) string {
	if d.WebUI == "" {
		return ""
	}
	return strings.TrimRight(d.WebUI, "/") + "/workflows/" + url.PathEscape(workflowID)
}

// Placed is the desk's answer to an order that the intake took on.
func (d *Desk) Placed(placed intake.Placed) Placed {
	answer := Placed{Number: placed.Number, Existing: placed.Existing, Waiting: placed.Waiting(), Units: []Unit{}}
	for _, one := range placed.Units {
		unit := d.unit(one.Unit)
		unit.Started = one.Started
		answer.Units = append(answer.Units, unit)
	}
	return answer
}

// Place places an order document, XML-RPC or JSON. The error is an *intake.Refusal, or
// that of a store that cannot be reached.
func (d *Desk) Place(ctx context.Context, document []byte) (Placed, error) {
	placed, err := d.Intake.Place(ctx, document)
	if err != nil {
		return Placed{}, err
	}
	return d.Placed(placed), nil
}

// Rehearse says what an order document would lead to, and changes nothing.
func (d *Desk) Rehearse(ctx context.Context, document []byte) (rehearsal.Plan, error) {
	return d.Rehearsal.Rehearse(ctx, document)
}

// Find returns the units of work that an argument means: all of an order number, or
// the newest of a domain. The error is ErrNotFound when there are none, and a
// *NameError when it holds a dot and is no domain name.
func (d *Desk) Find(ctx context.Context, argument string) ([]Unit, error) {
	filter := store.UnitFilter{OrderNumber: argument, Limit: 1000}
	if strings.Contains(argument, ".") {
		name, err := domains.ParseName(argument)
		if err != nil {
			return nil, &NameError{err}
		}
		filter = store.UnitFilter{Domain: name.String(), Limit: 1}
	}
	if filter.OrderNumber != "" && !orders.ValidNumber(filter.OrderNumber) || argument == "" {
		return nil, ErrNotFound
	}
	rows, err := d.Store.Units(ctx, filter)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, ErrNotFound
	}
	found := make([]Unit, len(rows))
	for i, row := range rows {
		found[i] = d.unit(row)
	}
	return found, nil
}

// Which says which unit of an order a command acts on, where it has several: by domain,
// or by item, which hosting without a domain has as well.
type Which struct {
	Domain string
	Item   *int
}

// One picks the unit that a command acts on: the only one that fits.
func One(found []Unit, which Which) (Unit, error) {
	if which.Domain != "" {
		name, err := domains.ParseName(which.Domain)
		if err != nil {
			return Unit{}, ErrNotFound
		}
		which.Domain = name.String()
	}
	var fitting []Unit
	for _, unit := range found {
		if (which.Domain == "" || unit.Domain == which.Domain) && (which.Item == nil || unit.Item == *which.Item) {
			fitting = append(fitting, unit)
		}
	}
	switch len(fitting) {
	case 0:
		return Unit{}, ErrNotFound
	case 1:
		return fitting[0], nil
	default:
		return Unit{}, ErrSeveral
	}
}

// queryTimeout bounds a question to a workflow. Its worker answers; without one
// the store's own record must do.
const queryTimeout = 10 * time.Second

// Progress asks a unit's workflow how it stands. When no worker answers, or the
// history is gone, it tells what the store knows. A run that has ended is not believed: the
// order is open, so it was terminated, or failed. The error is ErrUnavailable when the order
// is open and nobody answers.
func (d *Desk) Progress(ctx context.Context, unit Unit) (messages.Progress, error) {
	asking, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	if unit.State == string(store.UnitOpen) {
		return d.openProgress(ctx, asking, unit)
	}
	answer, err := messages.ReadProgress().Ask(asking, d.Temporal, unit.WorkflowID)
	switch {
	case err == nil && answer.OrderNumber == unit.Order && answer.State.Closed():
		return answer, nil
	case ctx.Err() != nil:
		return messages.Progress{}, ctx.Err()
	}
	// Otherwise it was given up after its workflow was terminated, and the history knows
	// nothing of that.
	return ended(unit, err), nil
}

// ended is what the store knows of a unit that has ended, and whose workflow does not tell.
func ended(unit Unit, cause error) messages.Progress {
	progress := bare(unit)
	progress.State = messages.State(unit.State)
	progress.Notes = []string{"no worker answers for its checklist; this is what the store knows"}
	if _, gone := errors.AsType[*serviceerror.NotFound](cause); gone || cause == nil {
		progress.Notes = []string{"its history is gone; this is what the store knows"}
	}
	return progress
}

func bare(unit Unit) messages.Progress {
	return messages.Progress{
		OrderNumber: unit.Order, Domain: unit.Domain, Registrar: unit.Registrar, State: messages.Running, Steps: []messages.StepProgress{},
	}
}

func (d *Desk) openProgress(ctx, asking context.Context, unit Unit) (messages.Progress, error) {
	progress := bare(unit)
	if !unit.Started {
		progress.Notes = []string{"accepted; its workflow is started as soon as Temporal can be reached"}
		return progress, nil
	}
	answer, status, err := messages.ReadProgress().AskOpen(asking, d.Temporal, unit.WorkflowID)
	_, gone := errors.AsType[*serviceerror.NotFound](err)
	switch {
	case gone:
		return stands(unit, progress, store.RunDeleted), nil
	case ctx.Err() != nil:
		return progress, ctx.Err()
	case err != nil && unit.Run != "":
		// A paused or stuck workflow does not answer; it was seen to be one.
		return stands(unit, progress, store.RunState(unit.Run)), nil
	case err != nil:
		return progress, fmt.Errorf("%w for %s", ErrUnavailable, unit.WorkflowID)
	}
	if run := intake.StateOfRun(status); run != store.RunsWell {
		return d.endedInTemporal(ctx, asking, unit, run)
	}
	if answer.OrderNumber != unit.Order {
		return stands(unit, progress, store.RunForeign), nil
	}
	switch run := store.RunState(unit.Run); run {
	case store.RunPaused, store.RunStuck, store.RunUnserved:
		return stands(unit, answer, run), nil
	}
	return answer, nil // it runs: what was seen before has been put right
}

// endedInTemporal tells of a unit that was open in the store a moment ago, and whose run has
// ended. It may have ended as it should meanwhile.
func (d *Desk) endedInTemporal(ctx, asking context.Context, unit Unit, run store.RunState) (messages.Progress, error) {
	rows, err := d.Store.Units(ctx, store.UnitFilter{OrderNumber: unit.Order, Limit: 1000})
	if err != nil {
		return messages.Progress{}, err
	}
	for _, row := range rows {
		if row.Item == unit.Item && row.State != store.UnitOpen {
			unit.State = string(row.State)
			return d.Progress(ctx, unit)
		}
	}
	// How far it had come stands in its history, if a worker answers for it.
	progress, err := messages.ReadProgress().Ask(asking, d.Temporal, unit.WorkflowID)
	if err != nil || progress.OrderNumber != unit.Order {
		progress = bare(unit)
	}
	return stands(unit, progress, run), nil
}
