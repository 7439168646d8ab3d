package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/messages"
)

// Acceptance is an order that has passed every check and is to be accepted.
type Acceptance struct {
	// Number is the order's number at its client, or "" to have one assigned.
	Number string
	// Lost is set for an order that is placed again after its row was lost with the database.
	Lost *Lost
	// Fingerprint is the same for two deliveries of one order.
	Fingerprint string
	// Source says how the order came, such as "xml-rpc" or "json".
	Source string
	// Client is whose order it is; "" is LocalClient.
	Client string
	// Document is the order in its JSON form, including secrets. It is stored sealed.
	Document []byte
	// Customer is the login of the customer whose account the order makes; "" for an order
	// of an existing account. Only a keyed digest of it is kept.
	Customer string
	Units    []NewUnit
	// IDs are the requests for ids to reserve.
	IDs []IDRequest
	// Idempotency is the caller's own key, if there is one. The key then decides whether the
	// order is a repeat; its contents do not.
	Idempotency *Idempotency
	// RepeatWindow is how long after its acceptance an order makes an equal one, with neither
	// number nor key, a repeat. While the first order is open, an equal one is always a repeat.
	RepeatWindow time.Duration
	// Trace is the place in its trace of what brings the order, or "".
	Trace string
}

// LocalClient is the client of the orders that the command line places.
const LocalClient = "local"

// NewUnit is one unit of work of an order.
type NewUnit struct {
	Item      int
	Domain    string // "" for hosting without a domain
	Registrar string // account name, "" for hosting without a domain
	Bears     Bears
	// Sells returns what the order sells with a domain that it brings; nil for one that brings none.
	Sells func(ids map[IDRequest]int) Sells
	// Renews is set for a renewal: the order of the latest one that it was planned after, or
	// "". Another one makes AcceptOrder return ErrPlanStale.
	Renews *string
	// Start returns the workflow that carries the unit and the input that it starts with,
	// without personal data. It is a function because number and ids are not known earlier.
	Start func(number string, ids map[IDRequest]int) (workflowID string, plan []byte, err error)
}

// Accepted is the result of AcceptOrder.
type Accepted struct {
	// Number is the key of everything that the order has, unique among all orders (see OrderKey),
	// and Label the number that it has at its client.
	Number, Label string
	Client        string
	// ID is the order's integer id, unique among orders; 0 for orders from before there were
	// ids.
	ID         int64
	AcceptedAt time.Time
	// Existing says that the order had been accepted before and nothing changed.
	Existing bool
	// Keyed says that the idempotency key shows this to be the same request, KeyedFor how long
	// the key has been known, and Answered the status that it was answered with, 0 if not yet.
	Keyed    bool
	KeyedFor time.Duration
	Answered int
	Units    []Unit
}

// UnitState is the state of a unit of work as far as the store knows it. The workflow knows
// more; this state guards the domain's name.
type UnitState string

// The states.
const (
	UnitOpen      UnitState = "open"
	UnitDone      UnitState = "done"
	UnitFailed    UnitState = "failed"
	UnitCancelled UnitState = "cancelled"
)

// Unit is a row of the list of units of work.
type Unit struct {
	OrderNumber string     `db:"order_number"`
	Label       string     `db:"label"`  // the order's number at its client
	Client      string     `db:"client"` // whose the order is
	Item        int        `db:"item"`
	WorkflowID  string     `db:"workflow_id"`
	Domain      string     `db:"domain"`
	Registrar   string     `db:"registrar"`
	Plan        string     `db:"plan"`
	State       UnitState  `db:"state"`
	CreatedAt   time.Time  `db:"created_at"`
	ClosedAt    *time.Time `db:"closed_at"`
	StartedAt   *time.Time `db:"started_at"`  // nil: its workflow has not been started
	StartAfter  *time.Time `db:"start_after"` // until then somebody is starting it
	Run         RunState   `db:"run_state"`   // of an open unit, as last seen
	RunSince    *time.Time `db:"run_since"`   // when Run was found; nil: it runs well
	// Shown is the state that lists show, "" while it is not known; see RecordState. A stopped
	// run takes precedence over what its workflow has told.
	Shown   messages.State `db:"shown"`
	Step    int            `db:"step"`
	Reason  string         `db:"reason"`
	Since   *time.Time     `db:"since"`    // nil: not known
	ShownAt *time.Time     `db:"shown_at"` // by Temporal's clock; nil: the workflow has told nothing
	// Trace is the place in its trace with which the unit was accepted, as the header traceparent
	// of W3C's Trace Context; "" if nothing was traced.
	Trace string `db:"trace"`
	// ErasedAt is when its order was erased; nil: it was not.
	ErasedAt *time.Time `db:"erased_at"`
}

// Renews reports whether the unit is a renewal.
func (p Unit) Renews() bool { return p.program() == "domain-renewal" }

// program is what the id of the unit's workflow begins with.
func (p Unit) program() string {
	program, _, _ := strings.Cut(p.WorkflowID, "/")
	return program
}

func (p *Unit) utc() {
	p.CreatedAt = p.CreatedAt.UTC()
	p.ClosedAt, p.StartedAt, p.StartAfter = utc(p.ClosedAt), utc(p.StartedAt), utc(p.StartAfter)
	p.RunSince, p.Since, p.ShownAt, p.ErasedAt = utc(p.RunSince), utc(p.Since), utc(p.ShownAt), utc(p.ErasedAt)
}

// keptColumns are the columns of a unit in its own table, and unitColumns all of them.
const (
	keptColumns = `order_number, item, workflow_id, domain, registrar, plan, state, created_at, closed_at,
	started_at, start_after, run_state, run_since, shown, step, reason, since, shown_at, trace, erased_at`
	unitColumns = keptColumns + `, (SELECT client FROM orders WHERE number = order_number) AS client,
	(SELECT ` + shownLabel + ` FROM orders WHERE number = order_number) AS label`
	// shownLabel is an order's number at its client.
	shownLabel = `CASE WHEN label = '' THEN number ELSE label END`
)

// NumberTakenError says that the number belongs to an order of the client with other contents.
type NumberTakenError struct{ Number string }

// Error says what to do: use another number.
func (e *NumberTakenError) Error() string {
	return fmt.Sprintf("store: order number %s belongs to an order with other contents; use another number", e.Number)
}

// GivenUpError says that the number belongs to the same order, which was cancelled or has
// failed, so that nothing of it runs.
type GivenUpError struct {
	Number string
	State  UnitState
}

// Error gives the state, and says how to order again.
func (e *GivenUpError) Error() string {
	return fmt.Sprintf("store: order %s is the same, and was given up (%s): nothing of it runs; to order it again, use another number, and name what it has left in Operations in customer.accountId and subscriptionId", e.Number, e.State)
}

// AcceptOrder stores an order, its units of work and its ids in one transaction. The caller
// holds the units for StartHold and starts their workflows within that time; after that the
// relay does.
//
// A repeat of an order returns the first acceptance again, with Existing set. An order is a
// repeat by the caller's idempotency key; by number and fingerprint if it has a number; or,
// if it has neither, by fingerprint, as long as the first order is open, or is done and was
// accepted within the repeat window. An order that was cancelled or has failed is repeated by
// its key only. Errors: *IdempotencyError, *NumberTakenError, *GivenUpError,
// *DomainOpenError, *CustomerKnownError.
func (s *Store) AcceptOrder(ctx context.Context, acceptance Acceptance) (Accepted, error) {
	done, err := s.db.turns.takeOrder(ctx)
	if err != nil {
		return Accepted{}, err
	}
	defer done()
	for try := 0; ; try++ {
		var accepted Accepted
		err := s.transaction(ctx, func(tx *sqlx.Tx) error {
			var err error
			accepted, err = s.accept(ctx, tx, acceptance)
			return err
		})
		if errors.Is(err, errRepeated) {
			return accepted, nil
		}
		if !isUniqueViolation(err) || try == mostNumbersTaken {
			return accepted, err
		}
		// Another open order has one of the names.
		if accepted, found, err := s.FindOverlap(ctx, acceptance); found || err != nil {
			return accepted, err
		}
		// Or a caller has used the next of our own numbers, which must not be drawn again.
		if err := s.transaction(ctx, func(tx *sqlx.Tx) error {
			_, err := s.next(ctx, tx, orderNumbers)
			return err
		}); err != nil {
			return Accepted{}, err
		}
	}
}

// errRepeated rolls back the transaction of something that is in the store already, together
// with the numbers drawn for it.
var errRepeated = errors.New("store: it is there already")

// orderNumbers is the counter of orders, and mostNumbersTaken how many of its numbers in a
// row callers may have used.
const (
	orderNumbers     = "order-number"
	mostNumbersTaken = 1000
)

func (s *Store) accept(ctx context.Context, tx *sqlx.Tx, acceptance Acceptance) (Accepted, error) {
	requests := distinct(acceptance.IDs)
	drawn, now, err := s.draw(ctx, tx, append(s.demands(requests), one(orderNumbers))...)
	if err != nil {
		return Accepted{}, err
	}
	client := cmp.Or(acceptance.Client, LocalClient)
	number, id, err := s.keyFor(ctx, tx, acceptance, client, drawn[orderNumbers])
	if err != nil {
		return Accepted{}, err
	}
	label := cmp.Or(acceptance.Number, number)
	// We hold the counter's lock until the end, so we now see the same order if another caller
	// placed it at the same time and was quicker. The unique index guarantees that the names are
	// free.
	existing, found, err := s.find(ctx, tx, acceptance)
	if found && err == nil {
		err = errRepeated
	}
	if err != nil {
		return existing, err
	}
	// The indexes keep two units apart of which neither bears the other, but not one that bears the
	// other from one that does not.
	if err := checkDomainsFree(ctx, tx, acceptance.Units); err != nil {
		return Accepted{}, err
	}
	if err := s.findCustomer(ctx, tx, acceptance.Customer); err != nil {
		return Accepted{}, err
	}
	keys, err := s.digestKeys(ctx, tx)
	if err != nil {
		return Accepted{}, err
	}
	seal := s.sealer.Seal
	if keys.random != nil { // a database from before gets neither until Reseal
		key, err := s.addOrderKey(ctx, tx, number)
		if err != nil {
			return Accepted{}, err
		}
		seal = key.Seal
	}
	sealed, err := seal(acceptance.Document, sealedOrder(number))
	if err != nil {
		return Accepted{}, err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO orders (number, label, id, fingerprint, source, client, customer, document, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		number, label, id, keys.keyed(ofFingerprint, acceptance.Fingerprint), acceptance.Source, client, s.customerDigest(keys, acceptance.Customer), sealed, now)
	if err != nil {
		return Accepted{}, fmt.Errorf("store: accept order: %w", err)
	}
	ids, err := s.reserve(ctx, tx, number, requests, drawn)
	if err != nil {
		return Accepted{}, err
	}
	if err := s.keepIdempotency(ctx, tx, keys, acceptance.Idempotency, number, now); err != nil {
		return Accepted{}, err
	}
	held := now.Add(StartHold)
	accepted := Accepted{Number: number, Label: label, Client: client, ID: id, AcceptedAt: now}
	for _, unit := range acceptance.Units {
		workflowID, plan, err := unit.Start(number, ids)
		if err != nil {
			return Accepted{}, fmt.Errorf("store: accept order: %w", err)
		}
		if err := s.checkRenewal(ctx, tx, workflowID, unit); err != nil {
			return Accepted{}, err
		}
		row := Unit{
			OrderNumber: number, Label: label, Client: client, Item: unit.Item, WorkflowID: workflowID, Domain: unit.Domain,
			Registrar: unit.Registrar, Plan: string(plan), State: UnitOpen, CreatedAt: now,
			StartAfter: &held, Shown: messages.Running, Step: 1, Since: &now, Trace: acceptance.Trace,
		}
		if err := insertUnit(ctx, tx, row, unit, ids); err != nil {
			return Accepted{}, err
		}
		if _, err := s.tell(ctx, tx, number, newsOf(messages.NewsAccepted, row, now)); err != nil {
			return Accepted{}, err
		}
		accepted.Units = append(accepted.Units, row)
	}
	return accepted, nil
}

func insertUnit(ctx context.Context, tx *sqlx.Tx, row Unit, unit NewUnit, ids map[IDRequest]int) error {
	sells := ""
	if unit.Sells != nil {
		text, err := json.Marshal(unit.Sells(ids))
		if err != nil {
			return fmt.Errorf("store: accept order: %w", err)
		}
		sells = string(text)
	}
	_, err := tx.NamedExecContext(ctx, `
		INSERT INTO provisionings (`+keptColumns+`, bears, sells)
		VALUES (:order_number, :item, :workflow_id, :domain, :registrar, :plan, :state, :created_at, :closed_at,
			:started_at, :start_after, :run_state, :run_since, :shown, :step, :reason, :since, :shown_at, :trace, :erased_at, :bears, :sells)`,
		struct {
			Unit

			Bears Bears  `db:"bears"`
			Sells string `db:"sells"`
		}{row, unit.Bears, sells})
	if err != nil {
		return fmt.Errorf("store: accept order: %w", err)
	}
	return nil
}

func existingOrder(ctx context.Context, q querier, number string) (Accepted, error) {
	var order struct {
		ID         int64      `db:"id"`
		Label      string     `db:"label"`
		Client     string     `db:"client"`
		ReceivedAt time.Time  `db:"received_at"`
		ErasedAt   *time.Time `db:"erased_at"`
	}
	err := q.GetContext(ctx, &order, `SELECT id, `+shownLabel+` AS label, client, received_at, erased_at FROM orders WHERE number = $1`, number)
	if err != nil {
		return Accepted{}, fmt.Errorf("store: accept order: %w", err)
	}
	if order.ErasedAt != nil {
		return Accepted{}, &ErasedError{Number: order.Label, At: order.ErasedAt.UTC()}
	}
	accepted := Accepted{ID: order.ID, Number: number, Label: order.Label, Client: order.Client, AcceptedAt: order.ReceivedAt.UTC(), Existing: true}
	err = q.SelectContext(ctx, &accepted.Units, `SELECT `+unitColumns+`
		FROM provisionings WHERE order_number = $1 ORDER BY item`, number)
	if err != nil {
		return Accepted{}, fmt.Errorf("store: accept order: %w", err)
	}
	for i := range accepted.Units {
		accepted.Units[i].utc()
	}
	return accepted, nil
}

// OrderDocument returns the JSON form of an order, including secrets. Errors: ErrNotFound,
// *ErasedError.
func (s *Store) OrderDocument(ctx context.Context, number string) ([]byte, error) {
	var row sealedDocument
	err := s.db.GetContext(ctx, &row, `SELECT o.number, o.document, o.erased_at, COALESCE(k.wrapped, '') AS wrapped
		FROM orders o`+withDataKey+` WHERE o.number = $1`, number)
	if err != nil {
		return nil, notFound("order "+number, err)
	}
	return s.openOrders(row, sealedOrder(number))
}

// sealedOrder names the document of an order among all that is sealed.
func sealedOrder(number string) string { return "order/" + number }
