// Package intake is the one path by which an order becomes work, whoever brings
// it: read, check, store, start. An order that was stored is never lost; one that
// was refused leaves nothing but the note that it was refused. The same order
// twice is one order.
package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// Account is a registrar account as the intake needs it.
type Account struct {
	Registrar registrars.Registrar
	// PendingDeadline is how long a request may stay pending before a person is told.
	PendingDeadline time.Duration
}

// Intake takes orders. All fields are required.
type Intake struct {
	Store    *store.Store
	Temporal client.Client
	Catalog  *orders.Catalog
	Rules    orders.Rules
	Accounts map[string]Account
	Log      *slog.Logger
}

// Placed is an order that was taken on.
type Placed struct {
	Number string `json:"number"`
	// Existing says that it had been taken on before, and nothing was doubled.
	Existing bool         `json:"existing"`
	Units    []PlacedUnit `json:"units"`
}

// PlacedUnit is one unit of work of the order.
type PlacedUnit struct {
	Item       int    `json:"item"`
	Domain     string `json:"domain,omitempty"`
	WorkflowID string `json:"workflowId"`
	RunID      string `json:"runId,omitempty"` // "" when it has ended
}

// Refusal is an order that was not taken on, and why: one reason a line, without
// personal data. Nothing of the order was stored or started.
type Refusal struct { //nolint:errname // the field's word: an order is refused
	Reasons []string
	// Err is the cause, for errors.As.
	Err error
}

// Error implements error.
func (r *Refusal) Error() string {
	if len(r.Reasons) == 1 {
		return "order refused: " + r.Reasons[0]
	}
	return fmt.Sprintf("order refused for %d reasons:\n  %s", len(r.Reasons), strings.Join(r.Reasons, "\n  "))
}

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Err }

// Place reads an order document, checks it, stores it and starts its workflows.
// The error is a *Refusal, or that of a store or Temporal that cannot be
// reached. After an error of the second kind the same document may be placed
// again: what was stored or started already is found and not doubled.
func (i *Intake) Place(ctx context.Context, document []byte) (Placed, error) {
	order, source, err := i.Read(document)
	if err != nil {
		return Placed{}, i.refuse(ctx, source, err)
	}
	return i.PlaceOrder(ctx, order, source)
}

// PlaceOrder is Place for an order that was read already.
func (i *Intake) PlaceOrder(ctx context.Context, order *orders.Order, source Source) (Placed, error) {
	accepted, err := i.accept(ctx, order, source)
	if err != nil {
		return Placed{}, err
	}
	placed := Placed{Number: accepted.Number, Existing: accepted.Existing}
	for _, row := range accepted.Provisionings {
		unit, err := i.start(ctx, row)
		if err != nil {
			return placed, fmt.Errorf("intake: order %s is stored but not started; place it again: %w", accepted.Number, err)
		}
		placed.Units = append(placed.Units, unit)
	}
	i.Log.InfoContext(ctx, "order taken on", "order", placed.Number, "existing", placed.Existing, "units", len(placed.Units))
	return placed, nil
}

// accept checks an order and stores it. An order that was accepted before is
// found before the registrar is asked: to the registrar its name is taken by then.
func (i *Intake) accept(ctx context.Context, order *orders.Order, source Source) (store.Accepted, error) {
	units, err := i.resolve(order)
	if err != nil {
		return store.Accepted{}, i.refuse(ctx, source, err)
	}
	acceptance, err := i.acceptance(order, source, units)
	if err != nil {
		return store.Accepted{}, err
	}
	accepted, found, err := i.Store.FindAccepted(ctx, acceptance)
	if err != nil || found {
		return accepted, i.refuseOverlap(ctx, source, err)
	}
	if err := i.askRegistrars(ctx, order, units); err != nil {
		return store.Accepted{}, i.refuse(ctx, source, err)
	}
	accepted, err = i.Store.AcceptOrder(ctx, acceptance)
	return accepted, i.refuseOverlap(ctx, source, err)
}

// refuseOverlap makes a refusal of the store's errors that are the order's fault.
func (i *Intake) refuseOverlap(ctx context.Context, source Source, err error) error {
	_, open := errors.AsType[*store.DomainOpenError](err)
	_, taken := errors.AsType[*store.NumberTakenError](err)
	if open || taken {
		return i.refuse(ctx, source, err)
	}
	return err
}

// refuse notes a refusal. An error that is not the order's fault passes as it is.
func (i *Intake) refuse(ctx context.Context, source Source, cause error) error {
	refusal, ok := errors.AsType[*Refusal](cause)
	if !ok {
		refusal = &Refusal{Reasons: reasons(cause), Err: cause}
	}
	if err := i.Store.RecordRefusal(ctx, string(source), refusal.Reasons); err != nil {
		i.Log.WarnContext(ctx, "a refusal could not be noted", "error", err)
	}
	return refusal
}

func reasons(err error) []string {
	if faults, ok := errors.AsType[orders.Faults](err); ok {
		lines := make([]string, len(faults))
		for n, fault := range faults {
			lines[n] = fault.Message
		}
		return lines
	}
	return []string{err.Error()}
}

// fingerprint is equal for two deliveries of one order. The payment is left out:
// it is not stored either.
func fingerprint(document []byte) string {
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
}

func (i *Intake) acceptance(order *orders.Order, source Source, units []orders.Provisioning) (store.Acceptance, error) {
	var document bytes.Buffer
	if err := orders.WriteJSON(&document, order.WithoutPayment()); err != nil {
		return store.Acceptance{}, fmt.Errorf("intake: %w", err)
	}
	acceptance := store.Acceptance{
		Number: order.Number, Fingerprint: fingerprint(document.Bytes()), Source: string(source), Document: document.Bytes(),
	}
	for _, unit := range units {
		plan := planner{order: order, unit: unit}
		if unit.Domain != nil {
			account := i.Accounts[unit.Domain.Registrar]
			plan.deadline = account.PendingDeadline
			plan.authCodes = account.Registrar.Describe().Serves(registrars.AuthCodeChange)
		}
		acceptance.IDs = append(acceptance.IDs, plan.ids()...)
		provisioning := store.NewProvisioning{Item: unit.Item, Start: plan.start}
		if unit.Domain != nil {
			provisioning.Domain = unit.Domain.Name.String()
			provisioning.Registrar = unit.Domain.Registrar
		}
		acceptance.Provisionings = append(acceptance.Provisionings, provisioning)
	}
	return acceptance, nil
}

// start starts the workflow of a stored unit, unless it runs or has ended. The
// row holds all that is needed, so it can be done at any later time as well.
func (i *Intake) start(ctx context.Context, row store.Provisioning) (PlacedUnit, error) {
	unit := PlacedUnit{Item: row.Item, Domain: row.Domain, WorkflowID: row.WorkflowID}
	if row.State != store.ProvisioningOpen {
		return unit, nil
	}
	var input workflows.ProvisioningInput
	if err := json.Unmarshal([]byte(row.Plan), &input); err != nil {
		return unit, fmt.Errorf("intake: plan of order %s: %w", row.OrderNumber, err)
	}
	run, err := i.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:        row.WorkflowID,
		TaskQueue: workflows.TaskQueue,
		// A running one is this order's, or that of the order before, which is just
		// ending: the store lets only one order of a domain be open. A closed one was
		// another order of the same domain, or was terminated.
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		TypedSearchAttributes:                    workflows.InitialSearchAttributes(row.OrderNumber, input.Unit),
		StaticSummary:                            workflows.StaticSummary(row.OrderNumber, input.Unit),
		StaticDetails:                            workflows.StaticDetails(row.OrderNumber, input.Unit),
	}, workflows.ProgramOf(input.Unit), input)
	if started, ok := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); ok {
		unit.RunID = started.RunId
		return unit, i.checkRun(ctx, row, started.RunId)
	}
	if err != nil {
		return unit, fmt.Errorf("intake: start %s: %w", row.WorkflowID, err)
	}
	unit.RunID = run.GetRunID()
	return unit, nil
}

// checkRun makes sure that a run that was there already is this order's.
func (i *Intake) checkRun(ctx context.Context, row store.Provisioning, runID string) error {
	number, _, err := i.run(ctx, row.WorkflowID, runID)
	if err != nil {
		return fmt.Errorf("intake: start %s: %w", row.WorkflowID, err)
	}
	if number != row.OrderNumber {
		return fmt.Errorf("intake: start %s: order %s before it is just ending", row.WorkflowID, number)
	}
	return nil
}

// Runs reports whether a workflow of the order's runs for the unit of work.
func (i *Intake) Runs(ctx context.Context, row store.Provisioning) (bool, error) {
	number, running, err := i.run(ctx, row.WorkflowID, "")
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("intake: %s: %w", row.WorkflowID, err)
	}
	return running && number == row.OrderNumber, nil
}

// run tells whose order a run of a workflow carries, and whether it is open.
func (i *Intake) run(ctx context.Context, workflowID, runID string) (orderNumber string, running bool, err error) {
	description, err := i.Temporal.DescribeWorkflowExecution(ctx, workflowID, runID)
	if err != nil {
		return "", false, err
	}
	info := description.GetWorkflowExecutionInfo()
	payload := info.GetSearchAttributes().GetIndexedFields()[workflows.OrderNumberKey.GetName()]
	if err := converter.GetDefaultDataConverter().FromPayload(payload, &orderNumber); err != nil {
		return "", false, fmt.Errorf("order number of the run: %w", err)
	}
	return orderNumber, info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
}
