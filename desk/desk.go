// Package desk is where people and programs place orders, read their state and give
// commands. The command line and the gateway both use it, so they give the same answers.
// Its answers hold no personal data, except for that of People, which is recorded.
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

	"domainprovisioning/intake"
	"domainprovisioning/intake/rehearsal"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// Desk answers questions about orders. WebUI is optional; the other fields are required unless
// they say otherwise.
type Desk struct {
	Store    *store.Store
	Temporal client.Client
	Intake   *intake.Intake
	// Rehearsal shows what an order would lead to.
	Rehearsal *rehearsal.Rehearsal
	// WebUI is the address of the namespace in the Temporal Web UI, such as
	// https://temporal.internal/namespaces/default. If set, answers link to its pages.
	WebUI string
	// Registrars asks registrar accounts for single operations, and WatchEvery says how often
	// each account that has a watch is asked for all of them. Only the commands about
	// operations need the former, and only Watches needs the latter.
	Registrars Registrars
	WatchEvery map[string]time.Duration
	// PrivateHosts lists the hosts that may be told news without being on the Internet.
	PrivateHosts []string
}

// ErrNotFound means that there is no such order.
var ErrNotFound = errors.New("there is no such order")

// ErrSeveral means that an order has several units of work where a command needs one.
var ErrSeveral = errors.New("the order has several units of work; name the domain or the item")

// ErrUnavailable means that Temporal, or a worker behind it, does not answer. The same
// question may be asked again.
var ErrUnavailable = errors.New("temporal or its workers do not answer")

// NameError means that an argument is not a valid domain name.
type NameError struct{ Err error }

func (e *NameError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *NameError) Unwrap() error { return e.Err }

// NotAllowedError says why a command is not allowed now.
type NotAllowedError struct{ Reason string }

func (e *NotAllowedError) Error() string { return e.Reason }

// Unit is a unit of work of an order: a domain with or without hosting, or hosting
// without a domain. One workflow carries it.
type Unit struct {
	// Order is the order's key, and Number its number at its client.
	Order     string `json:"key" jsonschema:"description=The order's key\\, unique among the orders of all clients: CLIENT:NUMBER\\, or the number alone where this system has assigned it\\, or the command line has placed the order,example=shop:SO-1001"`
	Number    string `json:"order" jsonschema:"description=Order number at its client,example=SO-1001"`
	Client    string `json:"client" jsonschema:"description=Whose order it is,example=shop"`
	Item      int    `json:"item" jsonschema:"description=ProvisioningItemID of the domain\\, or of the hosting where there is no domain"`
	Operation string `json:"operation,omitempty" jsonschema:"description=What is done: registration\\, transfer\\, renewal\\, owner-change\\, contact-change\\, name-server-change\\, settings-change\\, adoption or restore"`
	Domain    string `json:"domain,omitempty" jsonschema:"description=Domain name in ASCII form,example=shop.example"`
	Registrar string `json:"registrar,omitempty" jsonschema:"description=Registrar account of the configuration"`
	// State is the state as the workflow has told it last, or that in which the unit has ended.
	State messages.State `json:"state" jsonschema:"description=Where the order stands. One that was accepted and not started yet is running"`
	// Step is the step at which it stands or has ended; 0 once it is done.
	Step int `json:"step,omitempty" jsonschema:"description=The step at which it stands\\, or stood when it was cancelled or failed; absent once it is done"`
	// Reason says why it needs a person.
	Reason string `json:"reason,omitempty" jsonschema:"description=Why it needs a person\\, such as balance or terminated,example=balance"`
	// Since is when the state began; nil if that is not known.
	Since *time.Time `json:"since,omitempty" jsonschema:"description=When this state began; absent if that is not known"`
	// Run is what was done to its workflow in Temporal, according to the last comparison.
	Run        string     `json:"run,omitempty" jsonschema:"enum=terminated,enum=deleted,enum=failed,enum=timed-out,enum=ended,enum=paused,enum=stuck,enum=unserved,enum=foreign,description=What was done to the workflow of an open order\\, which then does not go on by itself; absent while it runs normally"`
	Started    bool       `json:"started" jsonschema:"description=Whether its workflow was started; if not\\, it is started as soon as Temporal can be reached"`
	CreatedAt  time.Time  `json:"createdAt"`
	ClosedAt   *time.Time `json:"closedAt,omitempty"`
	WorkflowID string     `json:"workflowId"`
	WebUI      string     `json:"webUi,omitempty" jsonschema:"format=uri,description=Its page in the Temporal Web UI"`
	// ErasedAt is when the order's data were erased.
	ErasedAt *time.Time `json:"erasedAt,omitempty" jsonschema:"description=When the data of the customer and the contacts were erased; absent if they are kept"`
	// Trace is the trace of the order from its acceptance on.
	Trace string `json:"trace,omitempty" jsonschema:"description=Id of the trace (W3C Trace Context) in which the order was accepted and is carried out; absent if it was not traced"`
}

// Placed is the answer to an order that was accepted.
type Placed struct {
	Number string `json:"number" jsonschema:"description=Order number,example=DP00000001"`
	Key    string `json:"key" jsonschema:"description=The order's key\\, unique among the orders of all clients,example=DP00000001"`
	// Existing is true if the order had been accepted before. Nothing was done twice.
	Existing bool `json:"existing" jsonschema:"description=Whether the order had been accepted before; nothing is done twice"`
	// Waiting is true if a unit is stored but not started yet.
	Waiting bool   `json:"waiting" jsonschema:"description=Whether a workflow of the order is still to be started; that happens by itself"`
	Units   []Unit `json:"units"`
}

// Address is that of the order's units.
func (p Placed) Address() string {
	if len(p.Units) == 0 {
		return p.Key
	}
	return p.Units[0].Address()
}

// page returns the address of a workflow's page in the Web UI, or "".
func (d *Desk) page(workflowID string) string {
	if d.WebUI == "" {
		return ""
	}
	return strings.TrimRight(d.WebUI, "/") + "/workflows/" + url.PathEscape(workflowID)
}

// Placed converts what intake returned into the desk's answer.
func (d *Desk) Placed(placed intake.Placed) Placed {
	answer := Placed{Number: placed.Label, Key: placed.Number, Existing: placed.Existing, Waiting: placed.Waiting(), Units: []Unit{}}
	for _, one := range placed.Units {
		unit := d.unit(one.Unit)
		unit.Started = one.Started
		answer.Units = append(answer.Units, unit)
	}
	return answer
}

// Place places an order document, XML-RPC or JSON. The error is an *intake.Refusal, or
// the error of a store that cannot be reached.
func (d *Desk) Place(ctx context.Context, document []byte) (Placed, error) {
	placed, err := d.Intake.Place(ctx, document)
	if err != nil {
		return Placed{}, err
	}
	return d.Placed(placed), nil
}

// PlaceLost places an order again under its key, after its row was lost with the database; see
// intake.PlaceLost.
func (d *Desk) PlaceLost(ctx context.Context, document []byte, key, client string) (Placed, error) {
	placed, err := d.Intake.PlaceLost(ctx, document, key, client)
	if err != nil {
		return Placed{}, err
	}
	return d.Placed(placed), nil
}

// Rehearse says what an order document would lead to. It changes nothing.
func (d *Desk) Rehearse(ctx context.Context, document []byte) (rehearsal.Plan, error) {
	return d.Rehearsal.Rehearse(ctx, document)
}

// queryTimeout bounds a question to a workflow. A worker has to answer it; without one
// the answer comes from the store.
const queryTimeout = 10 * time.Second

// Progress asks a unit's workflow for its state. If no worker answers or the history is
// gone, it returns what the store knows. It ignores the answer of a run that has ended
// while the order is open, because such a run was terminated or has failed. The error is
// ErrUnavailable if the order is open and nobody answers.
func (d *Desk) Progress(ctx context.Context, unit Unit) (messages.Progress, error) {
	asking, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	if unit.Open() {
		return d.openProgress(ctx, asking, unit)
	}
	answer, err := messages.ReadProgress().Ask(asking, d.Temporal, unit.WorkflowID)
	switch {
	case err == nil && answer.OrderNumber == unit.Order && answer.State.Closed():
		return answer, nil
	case ctx.Err() != nil:
		return messages.Progress{}, ctx.Err()
	}
	// Otherwise the order was closed after its workflow was terminated, and the history
	// does not show that.
	return ended(unit, err), nil
}

// Quote is what an outside system has said.
type Quote struct {
	Reference string `json:"reference"`
	Text      string `json:"text" jsonschema:"description=What the system has said; it may hold personal data"`
}

// Quote returns what an outside system has said, by the reference that histories and failures
// have. That somebody looked is recorded, because it may be personal data. Error:
// store.ErrNotFound.
func (d *Desk) Quote(ctx context.Context, reference string) (quote Quote, err error) {
	act := store.Act{Command: "quote", Item: store.NoItem, Reason: reference}
	err = d.record(ctx, &act, func() string { return "" }, func() error {
		text, err := d.Store.Quote(ctx, reference, clientOf(ctx))
		quote = Quote{reference, text}
		return err
	})
	return quote, err
}

// ended returns what the store knows about an ended unit whose workflow does not answer.
func ended(unit Unit, cause error) messages.Progress {
	progress := bare(unit)
	progress.Notes = []string{"no worker answers for its checklist; this is what the store knows"}
	if _, gone := errors.AsType[*serviceerror.NotFound](cause); gone || cause == nil {
		progress.Notes = []string{"its history is gone; this is what the store knows"}
	}
	return progress
}

func bare(unit Unit) messages.Progress {
	return messages.Progress{
		OrderNumber: unit.Order, Domain: unit.Domain, Registrar: unit.Registrar, State: unit.State, Step: unit.Step, Steps: []messages.StepProgress{},
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
		// A paused or stuck workflow does not answer; the last comparison found it so.
		return stands(unit, progress, store.RunState(unit.Run)), nil
	case err != nil:
		// Perhaps that has happened since the last comparison.
		if run := d.lookNow(ctx, unit); run != store.RunsWell {
			return stands(unit, progress, run), nil
		}
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
		return hindered(unit, answer, run), nil
	}
	return answer, nil // it is running, so the earlier trouble is over
}

// lookNow asks Temporal what has been done to the workflow of an open unit that does not answer;
// store.RunsWell if nothing was, or if Temporal does not answer either.
func (d *Desk) lookNow(ctx context.Context, unit Unit) store.RunState {
	ctx, cancel := context.WithTimeout(ctx, digestTimeout)
	defer cancel()
	run, err := d.Intake.Look(ctx, store.Unit{OrderNumber: unit.Order, Item: unit.Item, WorkflowID: unit.WorkflowID, Registrar: unit.Registrar})
	if err != nil {
		return store.RunsWell
	}
	return run
}

// endedInTemporal describes a unit whose run has ended although the unit was open in the
// store a moment ago. It may have ended normally meanwhile.
func (d *Desk) endedInTemporal(ctx, asking context.Context, unit Unit, run store.RunState) (messages.Progress, error) {
	rows, err := d.Store.Units(ctx, store.UnitFilter{OrderNumber: unit.Order, Limit: 1000})
	if err != nil {
		return messages.Progress{}, err
	}
	for _, row := range rows {
		if row.Item == unit.Item && row.State != store.UnitOpen {
			return d.Progress(ctx, d.unit(row))
		}
	}
	// Its history shows how far it got, if a worker answers for it.
	progress, err := messages.ReadProgress().Ask(asking, d.Temporal, unit.WorkflowID)
	switch {
	case err != nil:
		progress = bare(unit)
	case progress.OrderNumber != unit.Order:
		return stands(unit, bare(unit), store.RunDeleted), nil // it was another order's that has ended
	}
	return stands(unit, progress, run), nil
}
