package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// customerDigest is what the store keeps of a login; "" for none. Logins differ by more than
// case.
func (s *Store) customerDigest(keys *digests, login string) string {
	if login = loginForm(login); login == "" {
		return ""
	}
	return s.digestOf(keys, ofCustomer, login, login)
}

// customers are the digests of a login in all forms.
func (d *digests) customers(login string) []string {
	all := d.derived.Digests(login)
	if d.random != nil {
		all = append(all, d.random.Digest(ofCustomer, login))
	}
	return all
}

func loginForm(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

// CustomerKnownError says that another order makes the account of the same login.
type CustomerKnownError struct {
	// OrderNumber, Label and Client are those of the other order.
	OrderNumber, Label, Client string
	AccountID                  int
}

// Error names neither the order nor the account, which may be another client's.
func (e *CustomerKnownError) Error() string {
	return "store: the login is that of another order, which makes its account: order for that account"
}

// customerKept is for how long an order that is done tells that its customer has an account.
// After that only Operations says who has one: it may have been removed there.
const customerKept = time.Hour

// FindCustomer returns a *CustomerKnownError if an order that is open, or was done just now,
// makes the account of a new customer with this login. An order that was given up has no
// account to order for, or one that it has left and that Operations knows.
func (s *Store) FindCustomer(ctx context.Context, login string) error {
	return s.findCustomer(ctx, s.db, login)
}

func (s *Store) findCustomer(ctx context.Context, q querier, login string) error {
	if loginForm(login) == "" {
		return nil
	}
	keys, err := s.digestKeys(ctx, q)
	if err != nil {
		return err
	}
	query, arguments, err := sqlx.In(`
		SELECT o.number, o.client, `+shownLabel+` AS label, p.plan FROM orders o JOIN provisionings p ON p.order_number = o.number
		WHERE o.customer IN (?) AND o.customer <> '' AND (p.state = 'open' OR p.state = 'done' AND p.closed_at > `+s.asOf(-customerKept)+`)
		ORDER BY o.received_at, o.number, p.item LIMIT 1`, keys.customers(loginForm(login)))
	if err != nil {
		return fmt.Errorf("store: customer: %w", err)
	}
	var row struct{ Number, Label, Client, Plan string }
	err = q.GetContext(ctx, &row, sqlx.Rebind(sqlx.DOLLAR, query), arguments...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	var input struct {
		AccountID int `json:"accountId"`
	}
	if err == nil {
		err = json.Unmarshal([]byte(row.Plan), &input)
	}
	if err != nil {
		return fmt.Errorf("store: customer: %w", err)
	}
	return &CustomerKnownError{OrderNumber: row.Number, Label: row.Label, Client: row.Client, AccountID: input.AccountID}
}

// CarriedOut is a unit of work that is done.
type CarriedOut struct {
	OrderNumber string // the order's key
	Label       string // its number at its client
	Client      string
	Plan        string
	At          time.Time     // when it had been carried out, UTC
	Age         time.Duration // since then, by the database's clock
}

// LastRenewal returns the latest renewal that a workflow of the id has carried out, or
// ErrNotFound: a unit that is done, or a request that the registrar has carried out although
// its order was given up.
func (s *Store) LastRenewal(ctx context.Context, workflowID string) (CarriedOut, error) {
	return s.lastRenewal(ctx, s.db, workflowID)
}

func (s *Store) lastRenewal(ctx context.Context, q querier, workflowID string) (CarriedOut, error) {
	var row struct {
		OrderNumber string `db:"order_number"`
		Label       string `db:"label"`
		Client      string `db:"client"`
		Plan        string `db:"plan"`
		At          moment `db:"at"`
		ReadAt      moment `db:"read_at"`
	}
	err := q.GetContext(ctx, &row, `
		SELECT order_number, `+shownLabel+` AS label, client, plan, at, `+s.clock()+` AS read_at FROM (
			SELECT order_number, plan, closed_at AS at FROM provisionings
			WHERE workflow_id = $1 AND state = 'done' AND closed_at IS NOT NULL
			UNION ALL
			SELECT p.order_number, p.plan, r.finished_at AS at FROM registrar_operations r
			JOIN provisionings p ON p.workflow_id = r.workflow_id AND r.key = p.order_number || '/' || p.item || '/renewal'
			WHERE r.workflow_id = $1 AND r.kind = 'renewal' AND r.state = 'done' AND r.finished_at IS NOT NULL
		) latest JOIN orders ON number = order_number ORDER BY at DESC LIMIT 1`, workflowID)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return CarriedOut{}, ErrNotFound
	case err != nil:
		return CarriedOut{}, fmt.Errorf("store: last renewal: %w", err)
	}
	return CarriedOut{OrderNumber: row.OrderNumber, Label: row.Label, Client: row.Client, Plan: row.Plan, At: row.At.Time, Age: row.ReadAt.Sub(row.At.Time)}, nil
}

// ErrPlanStale says that another order has renewed a name since the order was planned. It
// may be planned and accepted anew.
var ErrPlanStale = errors.New("store: another order has renewed the name meanwhile")

// checkRenewal returns ErrPlanStale if the unit was planned after another renewal than the
// latest.
func (s *Store) checkRenewal(ctx context.Context, q querier, workflowID string, unit NewUnit) error {
	if unit.Renews == nil {
		return nil
	}
	last, err := s.lastRenewal(ctx, q, workflowID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if last.OrderNumber != *unit.Renews {
		return ErrPlanStale
	}
	return nil
}
