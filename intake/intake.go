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
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"domainprovisioning/billing"
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
	Number string
	// ID is the order's whole number, for order systems that know orders by one.
	ID         int64
	AcceptedAt time.Time
	// Existing says that it had been taken on before, and nothing was doubled.
	Existing bool
	// Answered is the HTTP status with which the same request, by its idempotency key,
	// was answered before; 0 when it was not.
	Answered int
	Units    []PlacedUnit
}

// PlacedUnit is one unit of work of the order.
type PlacedUnit struct {
	store.Provisioning

	// Started says that its workflow was started. Otherwise the relay starts it.
	Started bool
	RunID   string // "" when it has ended, or is not started
}

// Waiting reports whether a part of the order is stored and not started: Temporal
// could not be reached, or somebody else is just starting it.
func (p Placed) Waiting() bool {
	return slices.ContainsFunc(p.Units, func(u PlacedUnit) bool { return !u.Started })
}

// Refusal is an order that was not taken on, and why: one reason a line, without
// personal data. Nothing of the order was stored or started.
type Refusal struct { //nolint:errname // the field's word: an order is refused
	Reasons []string
	// Pointers says for each reason which part of the order's JSON form it is about, as
	// a JSON pointer (RFC 6901); "" is the whole.
	Pointers []string
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

// planner plans a unit of work.
func (i *Intake) planner(order *orders.Order, unit orders.Provisioning) planner {
	plan := planner{order: order, unit: unit}
	if unit.Domain != nil {
		account := i.Accounts[unit.Domain.Registrar]
		plan.deadline = account.PendingDeadline
		plan.authCodes = account.Registrar.Describe().Serves(registrars.AuthCodeChange)
	}
	return plan
}

// startTimeout bounds the starts of an order while a caller waits for the answer. It is
// far below store.StartHold, so that nobody else is at it meanwhile.
const startTimeout = 3 * time.Second

// Place reads an order document, checks it, stores it and starts its workflows.
// The error is a *Refusal, or that of a store that cannot be reached; after an
// error of the second kind the same document may be placed again. Once it is stored
// the order is never lost: what could not be started now, the relay starts.
func (i *Intake) Place(ctx context.Context, document []byte) (Placed, error) {
	order, source, err := i.Read(document)
	return i.place(ctx, order, source, err, nil)
}

// PlaceJSON is Place for a document that must be JSON. idempotency is the caller's own
// key of the request, or nil.
func (i *Intake) PlaceJSON(ctx context.Context, document []byte, idempotency *store.Idempotency) (Placed, error) {
	order, err := i.Rules.ReadJSON(bytes.NewReader(document))
	return i.place(ctx, order, SourceJSON, err, idempotency)
}

// PlaceXML is Place for a document that must be an XML-RPC call of Execute.
func (i *Intake) PlaceXML(ctx context.Context, document []byte, idempotency *store.Idempotency) (Placed, error) {
	order, err := i.readCall(document)
	return i.place(ctx, order, SourceXMLRPC, err, idempotency)
}

// PlaceExecute is Place for an XML-RPC call of Execute that was decoded already. It
// returns the order too, for an answer in the order system's own terms.
func (i *Intake) PlaceExecute(ctx context.Context, call billing.ExecuteCall) (Placed, *orders.Order, error) {
	order, err := i.readExecute(call)
	placed, err := i.place(ctx, order, SourceXMLRPC, err, nil)
	return placed, order, err
}

// place takes on an order that was read, or refuses what could not be.
func (i *Intake) place(
	ctx context.Context, order *orders.Order, source Source, unread error, idempotency *store.Idempotency,
) (Placed, error) {
	if unread != nil {
		return Placed{}, i.refuse(ctx, source, unread)
	}
	accepted, err := i.accept(ctx, order, source, idempotency)
	if err != nil {
		return Placed{}, err
	}
	placed := Placed{
		Number: accepted.Number, ID: accepted.ID, AcceptedAt: accepted.AcceptedAt,
		Existing: accepted.Existing, Answered: accepted.Answered,
	}
	// The order is ours by now, whether or not the caller still waits.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), startTimeout)
	defer cancel()
	for _, row := range accepted.Provisionings {
		placed.Units = append(placed.Units, i.startNow(ctx, row, placed.Existing))
	}
	i.Log.InfoContext(ctx, "order taken on", "order", placed.Number, "existing", placed.Existing,
		"units", len(placed.Units), "waiting", placed.Waiting())
	return placed, nil
}

// startNow starts a unit of an order that was placed, or leaves it to the relay. A unit
// of an order that existed is started by the one who holds it; one that was started
// before goes on, should its workflow have been terminated.
func (i *Intake) startNow(ctx context.Context, row store.Provisioning, existing bool) PlacedUnit {
	unit := PlacedUnit{Provisioning: row, Started: row.StartedAt != nil}
	if row.State != store.ProvisioningOpen {
		return unit
	}
	if existing && row.StartedAt == nil {
		if mine, err := i.Store.ClaimStart(ctx, row.OrderNumber, row.Item); err != nil || !mine {
			return unit
		}
	}
	run, err := i.start(ctx, row)
	if err != nil {
		i.Log.WarnContext(ctx, "an order is stored and not started; the relay starts it",
			"order", row.OrderNumber, "workflow", row.WorkflowID, "error", err)
		i.release(ctx, row, 0)
		return unit
	}
	unit.RunID, unit.Started = run, true
	return unit
}

// release lets others start a unit. Should it fail, they may when the hold has run out.
func (i *Intake) release(ctx context.Context, row store.Provisioning, after time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), startTimeout)
	defer cancel()
	if err := i.Store.ReleaseStart(ctx, row.OrderNumber, row.Item, after); err != nil {
		i.Log.WarnContext(ctx, "an order could not be released", "order", row.OrderNumber, "error", err)
	}
}

// accept checks an order and stores it. An order that was accepted before is
// found before the registrar is asked: to the registrar its name is taken by then.
func (i *Intake) accept(
	ctx context.Context, order *orders.Order, source Source, idempotency *store.Idempotency,
) (store.Accepted, error) {
	units, err := i.resolve(order)
	if err != nil {
		return store.Accepted{}, i.refuse(ctx, source, err)
	}
	acceptance, err := i.acceptance(order, source, units)
	if err != nil {
		return store.Accepted{}, err
	}
	acceptance.Idempotency = idempotency
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
	if ordersFault(err) {
		return i.refuse(ctx, source, err)
	}
	return err
}

// ordersFault reports whether an error of the store is the order's fault.
func ordersFault(err error) bool {
	_, open := errors.AsType[*store.DomainOpenError](err)
	_, taken := errors.AsType[*store.NumberTakenError](err)
	_, reused := errors.AsType[*store.IdempotencyError](err)
	return open || taken || reused
}

// refuse notes a refusal. An error that is not the order's fault passes as it is.
func (i *Intake) refuse(ctx context.Context, source Source, cause error) error {
	refusal := asRefusal(cause)
	if err := i.Store.RecordRefusal(ctx, string(source), refusal.Reasons); err != nil {
		i.Log.WarnContext(ctx, "a refusal could not be noted", "error", err)
	}
	return refusal
}

// asRefusal makes a refusal of what is the order's fault.
func asRefusal(cause error) *Refusal {
	if refusal, ok := errors.AsType[*Refusal](cause); ok {
		return refusal
	}
	refusal := &Refusal{Err: cause}
	refusal.Reasons, refusal.Pointers = reasons(cause)
	return refusal
}

func reasons(err error) (messages, pointers []string) {
	faults, ok := errors.AsType[orders.Faults](err)
	if !ok {
		return []string{err.Error()}, []string{""}
	}
	for _, fault := range faults {
		messages = append(messages, fault.Message)
		pointers = append(pointers, fault.Path)
	}
	return messages, pointers
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
		plan := i.planner(order, unit)
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

// start starts the workflow of a stored unit, unless it runs, and records that. The row
// holds all that is needed, so it can be done at any later time as well. It returns the
// run.
func (i *Intake) start(ctx context.Context, row store.Provisioning) (runID string, err error) {
	var input workflows.ProvisioningInput
	if err := json.Unmarshal([]byte(row.Plan), &input); err != nil {
		return "", fmt.Errorf("%w: order %s: %w", errPlan, row.OrderNumber, err)
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
		if err := i.checkRun(ctx, row, started.RunId); err != nil {
			return "", err
		}
		runID = started.RunId
	} else if err != nil {
		return "", fmt.Errorf("intake: start %s: %w", row.WorkflowID, err)
	} else {
		runID = run.GetRunID()
	}
	if row.StartedAt != nil {
		return runID, nil
	}
	if err := i.Store.MarkStarted(ctx, row.OrderNumber, row.Item); err != nil {
		// It runs. Whoever tries again finds it running.
		i.Log.WarnContext(ctx, "a start could not be recorded", "order", row.OrderNumber, "error", err)
	}
	return runID, nil
}

// What keeps one unit from being started, and no other.
var (
	errPlan       = errors.New("intake: the plan of a stored order cannot be read")
	errOtherOrder = errors.New("intake: the order before it is just ending")
)

// checkRun makes sure that a run that was there already is this order's.
func (i *Intake) checkRun(ctx context.Context, row store.Provisioning, runID string) error {
	number, _, err := i.run(ctx, row.WorkflowID, runID)
	if err != nil {
		return fmt.Errorf("intake: start %s: %w", row.WorkflowID, err)
	}
	if number != row.OrderNumber {
		return fmt.Errorf("%w: %s, order %s", errOtherOrder, row.WorkflowID, number)
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
