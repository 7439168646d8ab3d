// Package intake is the only way by which an order becomes work, however it arrives:
// read, check, store, start. A stored order is never lost. A refused order leaves nothing
// but a record of the refusal. An order that is placed twice is one order.
package intake

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"golang.org/x/sync/semaphore"

	"domainprovisioning/billing"
	"domainprovisioning/intake/inbox"
	"domainprovisioning/messages"
	"domainprovisioning/operations"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// Account is what intake needs to know about a registrar account.
type Account struct {
	Registrar registrars.Registrar
	// PendingDeadline is how long a request may stay pending before a person is told.
	PendingDeadline time.Duration
}

// Intake places orders. All fields but Namespace, RepeatWindow, Starts and Traces are required.
type Intake struct {
	Store    *store.Store
	Temporal client.Client
	// Namespace is that of Temporal. Only DeleteRuns needs it.
	Namespace string
	Catalog   *orders.Catalog
	Rules     orders.Rules
	Accounts  map[string]Account
	// Operations is asked about existing customers. Nil asks nothing.
	Operations *operations.Client
	Log        *slog.Logger
	// RepeatWindow applies to orders with neither number nor idempotency key. For this
	// long after such an order has ended, an equal order is treated as its repeat. While
	// it is open, an equal order always is.
	RepeatWindow time.Duration
	// Starts are the slots for starts while callers wait, given in the order in which they
	// ask. Nil bounds nothing.
	Starts *semaphore.Weighted
	// Renewal says who renews a domain whose order does not have the registrar do so; "" is nobody.
	Renewal messages.RenewalMode
	// Pace is the calendar of the lives of domains; nil is the ordinary one. Workers outside the
	// sandbox refuse any other.
	Pace *workflows.Pace
	// Traces is nil if nothing is traced.
	Traces Traces
	// TaskWaits is how long a workflow task may wait for a worker before its order shows as
	// unserved; 0 is ten minutes.
	TaskWaits time.Duration
}

// StartsAtOnce is how many slots for starts a process should have: enough for some hundred
// starts a second at a Temporal server that needs a few milliseconds for each. More would
// only wait there, where some wait many times as long as others.
const StartsAtOnce = 8

// Inbox returns the inbox for confirmations, with the same store and Temporal client.
func (i *Intake) Inbox() inbox.Inbox {
	return inbox.Inbox{Store: i.Store, Temporal: i.Temporal, Log: i.Log}
}

// Placed is an order that was accepted.
type Placed struct {
	// Number is the order's key, and Label its number at its client; see store.OrderKey.
	Number, Label string
	Client        string
	// ID is the order's id as an integer, for order systems that identify orders by one.
	ID         int64
	AcceptedAt time.Time
	// Existing is true if the order had been accepted before. Nothing was done twice.
	Existing bool
	// Keyed is true if the idempotency key shows that the request is a repeat. KeyedFor
	// is how long the key has been known, and Answered is the HTTP status of the first
	// answer, or 0 if it has not been answered yet.
	Keyed    bool
	KeyedFor time.Duration
	Answered int
	Units    []PlacedUnit
}

// PlacedUnit is one unit of work of the order.
type PlacedUnit struct {
	store.Unit

	// Started is true if its workflow was started. Otherwise the relay starts it.
	Started bool
	RunID   string // "" if it has ended or is not started
}

// Waiting reports whether a part of the order is stored but not started: Temporal could
// not be reached, or another process is just starting it.
func (p Placed) Waiting() bool {
	return slices.ContainsFunc(p.Units, func(u PlacedUnit) bool { return !u.Started })
}

// Refusal is an order that was not accepted, and why: one reason per line, without
// personal data. Nothing of the order was stored or started.
type Refusal struct { //nolint:errname // the field's word: an order is refused
	// What is refused; "" is an order.
	What    string
	Reasons []string
	// Pointers names, for each reason, the part of the order's JSON form that it is
	// about, as a JSON pointer (RFC 6901). "" is the whole order.
	Pointers []string
	// Err is the cause. Unwrap returns it.
	Err error
}

func (r *Refusal) Error() string {
	what := cmp.Or(r.What, "order")
	if len(r.Reasons) == 1 {
		return what + " refused: " + r.Reasons[0]
	}
	return fmt.Sprintf("%s refused for %d reasons:\n  %s", what, len(r.Reasons), strings.Join(r.Reasons, "\n  "))
}

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Err }

// planner returns the planner of a unit of work.
func (i *Intake) planner(in *orders.Incoming, unit orders.Unit, with planned) planner {
	plan := planner{order: in.Order, unit: unit, renewed: with.renewed.within[unit.Item], askLogin: !with.asked}
	for _, note := range in.Notes() {
		plan.notes = append(plan.notes, note.Message)
	}
	if unit.Domain != nil {
		account := i.Accounts[unit.Domain.Registrar]
		plan.deadline = account.PendingDeadline
		plan.registrar = account.Registrar.Describe()
	}
	return plan
}

// startTimeout bounds the starts of an order while a caller waits for the answer. It is
// far below store.StartHold, so no other process starts the same order meanwhile.
const startTimeout = 3 * time.Second

// Place reads an order document, checks it, stores it and starts its workflows. The error
// is a *Refusal, or the error of a store that cannot be reached; in the second case the
// same document may be placed again. A stored order is never lost: the relay starts what
// could not be started now.
func (i *Intake) Place(ctx context.Context, document []byte) (Placed, error) {
	in, source, err := i.Read(document)
	return i.place(ctx, in, source, err, nil, nil)
}

// PlaceJSON is Place for a document that must be JSON. idempotency is the caller's key of
// the request, or nil.
func (i *Intake) PlaceJSON(ctx context.Context, document []byte, idempotency *store.Idempotency) (Placed, error) {
	in, err := i.Rules.ReadJSON(bytes.NewReader(document))
	return i.place(ctx, in, SourceJSON, err, idempotency, nil)
}

// PlaceXML is Place for a document that must be an XML-RPC call of Execute.
func (i *Intake) PlaceXML(ctx context.Context, document []byte, idempotency *store.Idempotency) (Placed, error) {
	in, err := i.readCall(document)
	return i.place(ctx, in, SourceXMLRPC, err, idempotency, nil)
}

// PlaceExecute is Place for an XML-RPC call of Execute that has been decoded already. It
// also returns the order, for an answer in the order system's terms.
func (i *Intake) PlaceExecute(
	ctx context.Context, call billing.ExecuteCall, idempotency *store.Idempotency,
) (Placed, *orders.Order, error) {
	in, err := i.readExecute(call)
	placed, err := i.place(ctx, in, SourceXMLRPC, err, idempotency, nil)
	if in == nil {
		return placed, nil, err
	}
	return placed, in.Order, err
}

// place accepts an order that was read, or refuses one that could not be. It looks for a
// repeat before it judges anything: an order that we accepted stays ours, whatever rules,
// plans and registrars say now.
func (i *Intake) place(
	ctx context.Context, in *orders.Incoming, source Source, unread error, idempotency *store.Idempotency, again *again,
) (Placed, error) {
	acceptance := store.Acceptance{Idempotency: idempotency}
	known := unread == nil && in.Readable()
	if known {
		var err error
		if acceptance, err = i.acceptance(in.Order, source); err != nil {
			return Placed{}, err
		}
		acceptance.Idempotency, acceptance.Client = idempotency, callerOf(ctx).Client
		if again != nil {
			acceptance.Lost, acceptance.Number = &again.lost, again.number
		}
	}
	if known || idempotency != nil {
		accepted, found, err := i.Store.FindRepeat(ctx, acceptance)
		if err != nil {
			return Placed{}, i.refuseOverlap(ctx, in, nil, source, err)
		}
		if found {
			return i.startAll(ctx, accepted, false), nil
		}
	}
	if unread != nil {
		return Placed{}, i.refuse(ctx, source, unread)
	}
	accepted, err := i.accept(ctx, in, source, acceptance)
	if err != nil {
		return Placed{}, err
	}
	return i.startAll(ctx, accepted, again != nil), nil
}

// startAll starts the units of a stored order. The relay starts those that could not be
// started now. lost says that Temporal has their workflows already.
func (i *Intake) startAll(ctx context.Context, accepted store.Accepted, lost bool) Placed {
	placed := Placed{
		Number: accepted.Number, Label: accepted.Label, Client: accepted.Client, ID: accepted.ID, AcceptedAt: accepted.AcceptedAt,
		Existing: accepted.Existing, Keyed: accepted.Keyed, KeyedFor: accepted.KeyedFor, Answered: accepted.Answered,
	}
	// The order is accepted, so it is started even if the caller has gone.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), startTimeout)
	defer cancel()
	for _, row := range accepted.Units {
		placed.Units = append(placed.Units, i.startNow(ctx, row, placed.Existing, lost))
	}
	i.Log.InfoContext(ctx, "order accepted", "order", placed.Number, "existing", placed.Existing,
		"units", len(placed.Units), "waiting", placed.Waiting())
	return placed
}

// accept checks an order that is not a repeat, and stores it. Everybody is asked even if
// there are reasons to refuse it, so that a caller learns all of them at once.
func (i *Intake) accept(
	ctx context.Context, in *orders.Incoming, source Source, acceptance store.Acceptance,
) (store.Accepted, error) {
	units := i.resolve(in)
	bound(ctx, units)
	renewed, err := i.earlierRenewals(ctx, in, units)
	if err == nil {
		err = i.refuseHeldElsewhere(ctx, in, units)
	}
	if err != nil {
		return store.Accepted{}, err
	}
	faulty := in.Err() != nil
	if !faulty {
		acceptance.Units = domainsOf(units)
		// If a domain is already in another order, refuse before asking the registrar.
		accepted, found, err := i.Store.FindOverlap(ctx, acceptance)
		if err != nil || found {
			return accepted, i.refuseOverlap(ctx, in, units, source, err)
		}
	}
	lost := !faulty && acceptance.Lost != nil
	if lost {
		if err := i.goesOn(ctx, source, acceptance.Lost.Key, units); err != nil {
			return store.Accepted{}, err
		}
	}
	asked := i.ask(ctx, in, units)
	if err := in.Err(); err != nil && !lost && (faulty || !i.underWay(ctx, keyOf(ctx, in.Order), units)) {
		// Perhaps the same order was accepted meanwhile, and is why this one cannot be.
		if in.Readable() {
			accepted, found, lost := i.Store.FindRepeat(ctx, acceptance)
			if lost != nil {
				return accepted, i.refuseOverlap(ctx, in, units, source, lost)
			}
			if found {
				return accepted, nil
			}
		}
		return store.Accepted{}, i.refuse(ctx, source, err)
	}
	i.plan(in, units, planned{renewed, asked}, &acceptance)
	if i.Traces != nil {
		acceptance.Trace = i.Traces.Mark(ctx)
	}
	accepted, err := i.Store.AcceptOrder(ctx, acceptance)
	if errors.Is(err, store.ErrPlanStale) { // another order was quicker while the registrar was asked
		if renewed, err = i.earlierRenewals(ctx, in, units); err != nil {
			return store.Accepted{}, err
		}
		i.plan(in, units, planned{renewed, asked}, &acceptance)
		accepted, err = i.Store.AcceptOrder(ctx, acceptance)
	}
	return accepted, i.refuseOverlap(ctx, in, units, source, err)
}

// domainsOf are the units as far as the store must know them to find their domains.
func domainsOf(units []orders.Unit) []store.NewUnit {
	all := make([]store.NewUnit, 0, len(units))
	for _, unit := range units {
		row := store.NewUnit{Item: unit.Item}
		if unit.Domain != nil {
			row.Domain, row.Registrar = unit.Domain.Name.String(), unit.Domain.Registrar
			switch {
			case unit.Type == orders.Renewal:
				row.Bears = store.BearsChange
			case unit.Type.Keeps():
				row.Bears = store.BearsRenewal
			}
		}
		all = append(all, row)
	}
	return all
}

// refuse records a refusal. An error that is not the order's fault is returned unchanged.
func (i *Intake) refuse(ctx context.Context, source Source, cause error) error {
	refusal := asRefusal(cause)
	if err := i.Store.RecordRefusal(ctx, string(source), refusal.Reasons); err != nil {
		i.Log.WarnContext(ctx, "a refusal could not be noted", "error", err)
	}
	return refusal
}

// asRefusal turns an error that is the order's fault into a refusal.
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

// fingerprint is equal for two deliveries of one order. It leaves out the payment, which
// is not stored either.
func fingerprint(document []byte) string {
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
}

// acceptance holds what is known about an order before its plans are looked up. That is
// enough to find the order that it repeats.
func (i *Intake) acceptance(order *orders.Order, source Source) (store.Acceptance, error) {
	var document bytes.Buffer
	if err := orders.WriteJSON(&document, order.WithoutPayment()); err != nil {
		return store.Acceptance{}, fmt.Errorf("intake: %w", err)
	}
	acceptance := store.Acceptance{
		Number: order.Number, Fingerprint: fingerprint(document.Bytes()), Source: string(source),
		Document: document.Bytes(), RepeatWindow: i.RepeatWindow,
	}
	if !order.Customer.IsExisting() {
		acceptance.Customer = order.Customer.Login()
	}
	return acceptance, nil
}

// planned is what the plans of an order's units need besides the order.
type planned struct {
	renewed renewals
	asked   bool // Operations has told that the customer is new
}

// plan sets the units of work and the ids that they need.
func (i *Intake) plan(in *orders.Incoming, units []orders.Unit, with planned, acceptance *store.Acceptance) {
	acceptance.Units, acceptance.IDs = domainsOf(units), nil
	for n, unit := range units {
		plan := i.planner(in, unit, with)
		acceptance.IDs = append(acceptance.IDs, plan.ids()...)
		acceptance.Units[n].Start = plan.start
		if unit.Domain != nil && unit.Type.Provisions() {
			acceptance.Units[n].Sells = plan.sells(i.Renewal)
		}
		if unit.Domain != nil && unit.Type == orders.Renewal {
			latest := with.renewed.latest[unit.Item]
			acceptance.Units[n].Renews = &latest
		}
	}
}
