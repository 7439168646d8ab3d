package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Acceptance is an order that passed every check and is to be taken on.
type Acceptance struct {
	// Number is the order number, or "" to have one given.
	Number string
	// Fingerprint is equal for two deliveries of one order.
	Fingerprint string
	// Source says by which way the order came, such as "xml-rpc" or "json".
	Source string
	// Document is the order in its JSON form, secrets and all. It is sealed.
	Document []byte
	// Units are the units of work.
	Units []NewUnit
	// IDs are the ids to reserve.
	IDs []IDRequest
	// Idempotency is the caller's own key, if there is one. It decides what is a repeat,
	// and the contents do not.
	Idempotency *Idempotency
	// RepeatWindow is for how long an order with neither number nor key is taken for a
	// repeat of an equal one after that was accepted. While the first is open it always
	// is.
	RepeatWindow time.Duration
}

// NewUnit is one unit of work of an order.
type NewUnit struct {
	Item      int
	Domain    string // "" for hosting without a domain
	Registrar string // account name, "" for hosting without a domain
	// Start says which workflow carries the unit, and what it is started with,
	// without personal data. Number and ids are not known before.
	Start func(number string, ids map[IDRequest]int) (workflowID string, plan []byte, err error)
}

// Accepted is what AcceptOrder did.
type Accepted struct {
	Number string
	// ID is the order's whole number, unique among orders; 0 for orders of old.
	ID         int64
	AcceptedAt time.Time
	// Existing says that the order had been accepted before, and nothing changed.
	Existing bool
	// Keyed says that it is the same request, by its idempotency key, KeyedFor for how long it
	// has been known, and Answered with which status it was answered, 0 while it is not.
	Keyed    bool
	KeyedFor time.Duration
	Answered int
	Units    []Unit
}

// UnitState is the state of a unit of work as the store knows it. The
// workflow knows more; this guards the domain's name.
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
	Item        int        `db:"item"`
	WorkflowID  string     `db:"workflow_id"`
	Domain      string     `db:"domain"`
	Registrar   string     `db:"registrar"`
	Plan        string     `db:"plan"`
	State       UnitState  `db:"state"`
	CreatedAt   time.Time  `db:"created_at"`
	ClosedAt    *time.Time `db:"closed_at"`
	StartedAt   *time.Time `db:"started_at"`  // nil: its workflow is still to be started
	StartAfter  *time.Time `db:"start_after"` // until then somebody is at it
	Run         RunState   `db:"run_state"`   // of an open one, as it was last seen
}

func (p *Unit) utc() {
	p.CreatedAt = p.CreatedAt.UTC()
	p.ClosedAt, p.StartedAt, p.StartAfter = utc(p.ClosedAt), utc(p.StartedAt), utc(p.StartAfter)
}

const unitColumns = `order_number, item, workflow_id, domain, registrar, plan, state, created_at, closed_at,
	started_at, start_after, run_state`

// DomainOpenError says that the domain is in another order that is still open.
type DomainOpenError struct{ Domain, OrderNumber, WorkflowID string }

// Error implements error.
func (e *DomainOpenError) Error() string {
	return fmt.Sprintf("store: %s is in open order %s (workflow %s); wait for it or cancel it", e.Domain, e.OrderNumber, e.WorkflowID)
}

// NumberTakenError says that the number belongs to an order with other contents.
type NumberTakenError struct{ Number string }

// Error implements error.
func (e *NumberTakenError) Error() string {
	return fmt.Sprintf("store: order number %s belongs to an order with other contents; use another number", e.Number)
}

// GivenUpError says that the number belongs to this very order, which was cancelled or has
// failed: nothing of it runs.
type GivenUpError struct {
	Number string
	State  UnitState
}

// Error implements error.
func (e *GivenUpError) Error() string {
	return fmt.Sprintf("store: order %s is the same, and was given up (%s): nothing of it runs; to order it again, use another number", e.Number, e.State)
}

// AcceptOrder stores an order, its units of work and its ids in one transaction. The
// caller holds the units for StartHold, and starts their workflows within that time;
// after it the relay does.
//
// The same order twice gives the first acceptance again with Existing set: by the
// caller's idempotency key, by number and fingerprint when it has a number, and with
// neither by fingerprint, as long as the first is open, or done within the repeat window. An
// order that was cancelled or has failed is repeated by its key only.
// Errors: *IdempotencyError, *NumberTakenError, *GivenUpError, *DomainOpenError.
func (s *Store) AcceptOrder(ctx context.Context, acceptance Acceptance) (Accepted, error) {
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
		// One of the names is in another order that is open.
		if accepted, found, err := s.FindOverlap(ctx, acceptance); found || err != nil {
			return accepted, err
		}
		// Or a caller has taken the next of our own numbers, which must not be drawn again.
		if err := s.transaction(ctx, func(tx *sqlx.Tx) error {
			_, err := s.next(ctx, tx, orderNumbers)
			return err
		}); err != nil {
			return Accepted{}, err
		}
	}
}

// errRepeated ends the transaction of an order that was accepted before: what was drawn
// for it goes back.
var errRepeated = errors.New("store: the order was accepted before")

// orderNumbers is the counter of orders, and mostNumbersTaken how many of its numbers in
// a row may have been taken by callers.
const (
	orderNumbers     = "order-number"
	mostNumbersTaken = 1000
)

// FindRepeat finds the order that this one repeats, by the caller's key, by number or by
// contents, as AcceptOrder does. It needs nothing of the acceptance but these, so callers ask
// before they judge the order: what was accepted once is a repeat whatever the rules and
// plans are now.
func (s *Store) FindRepeat(ctx context.Context, acceptance Acceptance) (accepted Accepted, found bool, err error) {
	return s.find(ctx, s.db, acceptance)
}

// FindOverlap tells, without changing anything, whether another open order has one of the
// domains: *DomainOpenError. Callers ask before they ask anybody else about the order. It may
// turn out to be a repeat, accepted since FindRepeat: then found is set.
func (s *Store) FindOverlap(ctx context.Context, acceptance Acceptance) (accepted Accepted, found bool, err error) {
	free := checkDomainsFree(ctx, s.db, acceptance.Units)
	if _, open := errors.AsType[*DomainOpenError](free); !open {
		return Accepted{}, false, free
	}
	if accepted, found, err = s.find(ctx, s.db, acceptance); found || err != nil {
		return accepted, found, err
	}
	return Accepted{}, false, free
}

// find finds the order that this acceptance repeats.
func (s *Store) find(ctx context.Context, q sqlx.QueryerContext, acceptance Acceptance) (Accepted, bool, error) {
	same, err := s.findIdempotent(ctx, q, acceptance.Idempotency)
	existing := same.OrderNumber
	if err == nil && existing == "" {
		existing, err = s.findExisting(ctx, q, acceptance)
	}
	if err != nil || existing == "" {
		return Accepted{}, false, err
	}
	accepted, err := existingOrder(ctx, q, existing)
	if same.OrderNumber != "" {
		accepted.Keyed, accepted.KeyedFor, accepted.Answered = true, same.ReadAt.Sub(same.CreatedAt), same.Status
	}
	return accepted, true, err
}

func (s *Store) accept(ctx context.Context, tx *sqlx.Tx, acceptance Acceptance) (Accepted, error) {
	requests := distinct(acceptance.IDs)
	drawn, now, err := s.draw(ctx, tx, append(s.demands(requests), one(orderNumbers))...)
	if err != nil {
		return Accepted{}, err
	}
	id := drawn[orderNumbers]
	number := acceptance.Number
	if number == "" {
		// Ten characters, which is what Billing's order number holds.
		number = fmt.Sprintf("DP%08d", id)
	}
	// The counter's lock is ours until the end: whoever placed the same order at the
	// same time, and was quicker, is seen now. That the names are free is the index's to
	// say.
	existing, found, err := s.find(ctx, tx, acceptance)
	if found && err == nil {
		err = errRepeated
	}
	if err != nil {
		return existing, err
	}
	sealed, err := s.sealer.Seal(acceptance.Document, "order/"+number)
	if err != nil {
		return Accepted{}, err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO orders (number, id, fingerprint, source, document, received_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		number, id, acceptance.Fingerprint, acceptance.Source, sealed, now)
	if err != nil {
		return Accepted{}, fmt.Errorf("store: accept order: %w", err)
	}
	ids, err := s.reserve(ctx, tx, number, requests, drawn)
	if err != nil {
		return Accepted{}, err
	}
	if err := keepIdempotency(ctx, tx, acceptance.Idempotency, number, now); err != nil {
		return Accepted{}, err
	}
	held := now.Add(StartHold)
	accepted := Accepted{Number: number, ID: id, AcceptedAt: now}
	for _, unit := range acceptance.Units {
		workflowID, plan, err := unit.Start(number, ids)
		if err != nil {
			return Accepted{}, fmt.Errorf("store: accept order: %w", err)
		}
		row := Unit{
			OrderNumber: number, Item: unit.Item, WorkflowID: workflowID, Domain: unit.Domain,
			Registrar: unit.Registrar, Plan: string(plan), State: UnitOpen, CreatedAt: now,
			StartAfter: &held,
		}
		_, err = tx.NamedExecContext(ctx, `
			INSERT INTO provisionings (`+unitColumns+`)
			VALUES (:order_number, :item, :workflow_id, :domain, :registrar, :plan, :state, :created_at, :closed_at,
				:started_at, :start_after, :run_state)`, row)
		if err != nil {
			return Accepted{}, fmt.Errorf("store: accept order: %w", err)
		}
		accepted.Units = append(accepted.Units, row)
	}
	return accepted, nil
}

// findExisting returns the number of the order that this acceptance repeats, or "".
func (s *Store) findExisting(ctx context.Context, q sqlx.QueryerContext, acceptance Acceptance) (string, error) {
	if acceptance.Number != "" {
		var fingerprint string
		err := sqlx.GetContext(ctx, q, &fingerprint, `SELECT fingerprint FROM orders WHERE number = $1`, acceptance.Number)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return "", nil
		case err != nil:
			return "", fmt.Errorf("store: accept order: %w", err)
		case fingerprint != acceptance.Fingerprint:
			return "", &NumberTakenError{Number: acceptance.Number}
		}
		return acceptance.Number, checkGoesOn(ctx, q, acceptance.Number)
	}
	if acceptance.Idempotency != nil {
		return "", nil // another key: another order, however alike
	}
	var number string
	err := sqlx.GetContext(ctx, q, &number, `
		SELECT o.number FROM orders o
		WHERE o.fingerprint = $1 AND EXISTS (SELECT 1 FROM provisionings p WHERE p.order_number = o.number AND (
			p.state = 'open' OR p.state = 'done' AND o.received_at > `+s.asOf(-acceptance.RepeatWindow)+`))
		ORDER BY o.received_at DESC, o.number LIMIT 1`, acceptance.Fingerprint)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("store: accept order: %w", err)
	}
	return number, nil
}

// checkGoesOn returns a *GivenUpError for an order of which nothing is open or done.
func checkGoesOn(ctx context.Context, q sqlx.QueryerContext, number string) error {
	var states []UnitState
	if err := sqlx.SelectContext(ctx, q, &states, `SELECT state FROM provisionings WHERE order_number = $1 ORDER BY item`, number); err != nil {
		return fmt.Errorf("store: accept order: %w", err)
	}
	for _, state := range states {
		if state == UnitOpen || state == UnitDone {
			return nil
		}
	}
	if len(states) == 0 {
		return nil
	}
	return &GivenUpError{Number: number, State: states[0]}
}

func existingOrder(ctx context.Context, q sqlx.QueryerContext, number string) (Accepted, error) {
	accepted := Accepted{Number: number, Existing: true}
	err := q.QueryRowxContext(ctx, `SELECT id, received_at FROM orders WHERE number = $1`, number).Scan(&accepted.ID, &accepted.AcceptedAt)
	if err != nil {
		return Accepted{}, fmt.Errorf("store: accept order: %w", err)
	}
	accepted.AcceptedAt = accepted.AcceptedAt.UTC()
	err = sqlx.SelectContext(ctx, q, &accepted.Units, `SELECT `+unitColumns+`
		FROM provisionings WHERE order_number = $1 ORDER BY item`, number)
	if err != nil {
		return Accepted{}, fmt.Errorf("store: accept order: %w", err)
	}
	for i := range accepted.Units {
		accepted.Units[i].utc()
	}
	return accepted, nil
}

func checkDomainsFree(ctx context.Context, q sqlx.QueryerContext, units []NewUnit) error {
	for _, unit := range units {
		if err := checkDomainFree(ctx, q, unit.Domain); err != nil {
			return err
		}
	}
	return nil
}

func checkDomainFree(ctx context.Context, q sqlx.QueryerContext, domain string) error {
	if domain == "" {
		return nil
	}
	var open Unit
	err := sqlx.GetContext(ctx, q, &open, `SELECT `+unitColumns+`
		FROM provisionings WHERE domain = $1 AND state = 'open'`, domain)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("store: accept order: %w", err)
	}
	return &DomainOpenError{Domain: domain, OrderNumber: open.OrderNumber, WorkflowID: open.WorkflowID}
}

// OrderDocument returns the JSON form of an order, secrets and all, or ErrNotFound.
func (s *Store) OrderDocument(ctx context.Context, number string) ([]byte, error) {
	var sealed string
	if err := s.db.GetContext(ctx, &sealed, `SELECT document FROM orders WHERE number = $1`, number); err != nil {
		return nil, notFound("order "+number, err)
	}
	return s.sealer.Open(sealed, "order/"+number)
}

// CloseUnit records how a unit of work ended, which frees its domain for
// another order. left says what it has made and leaves behind, if anything: a loose end.
// Repeating it changes nothing.
func (s *Store) CloseUnit(ctx context.Context, number string, item int, state UnitState, left string) error {
	err := s.transaction(ctx, func(tx *sqlx.Tx) error {
		var row Unit
		err := tx.GetContext(ctx, &row, `
			UPDATE provisionings SET state = $3, closed_at = `+s.clock()+`, run_state = ''
			WHERE order_number = $1 AND item = $2 AND state = 'open' RETURNING `+unitColumns, number, item, state)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil || left == "" {
			return err
		}
		return s.addLooseEnd(ctx, tx, LooseEnd{
			ID: fmt.Sprintf("%s/%s/%d", Left, number, item), Kind: Left, OrderNumber: number, WorkflowID: row.WorkflowID,
			Account: row.Registrar, Domain: row.Domain, Detail: left,
		})
	})
	if err != nil {
		return fmt.Errorf("store: close provisioning: %w", err)
	}
	return nil
}
