package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/messages"
)

// Sells is what an order that brings a domain sells: what a renewal needs to know years later,
// when the order may have been erased.
type Sells struct {
	TLD string `json:"tld"` // the suffix that the plan sells
	// Vendor, Plan and Period are those of the order's item; Period is -1 where it names none.
	Vendor int `json:"vendor"`
	Plan   int `json:"plan"`
	Period int `json:"period"`
	// Account is the customer's in Operations, and the others are subscriptions there; 0 is none.
	Account             int `json:"account,omitempty"`
	DomainSubscription  int `json:"domainSubscription,omitempty"`
	HostingSubscription int `json:"hostingSubscription,omitempty"`
	// Renewal is who renews the domain from now on.
	Renewal messages.RenewalMode `json:"renewal"`
}

// Domain is a domain that is held for a customer, from what brought it until it has left.
type Domain struct {
	Name      string `db:"name"` // in ASCII form
	Registrar string `db:"registrar"`
	Client    string `db:"client"` // whose order brought it
	// OrderNumber is the key of the order that brought it, and Item its item; "" for an import.
	OrderNumber string               `db:"order_number"`
	Item        int                  `db:"item"`
	Sells       Sells                `db:"-"`
	AccountID   int                  `db:"account_id"` // the customer's in Operations; 0 is not known
	Renewal     messages.RenewalMode `db:"renewal"`
	State       messages.LifeState   `db:"state"`
	StateSince  time.Time            `db:"state_since"`
	Word        string               `db:"word"`    // its status in the registrar's own words
	Expires     *time.Time           `db:"expires"` // nil: not known
	Held        *messages.Held       `db:"-"`       // nil: the registrar was not read yet
	ReadAt      *time.Time           `db:"read_at"` // when the registrar was last read
	// Next is what its life does at NextAt.
	NextAt         *time.Time          `db:"next_at"`
	Next           string              `db:"next"`
	Attention      messages.LifeReason `db:"attention"`
	AttentionSince *time.Time          `db:"attention_since"`
	// Reminded are the reminders that were sent for the present expiry, as its day and the days
	// before it: 2027-03-02:60,30.
	Reminded  string     `db:"reminded"`
	CreatedAt time.Time  `db:"created_at"` // when it was first brought, or brought again after it had left
	EndedAt   *time.Time `db:"ended_at"`   // when it had left

	SellsText string `db:"sells"`
	HeldText  string `db:"held"`
	Looks     int    `db:"looks"`
	// HeldRound counts how often the domain was brought.
	HeldRound int64 `db:"held_round"`
}

const domainColumns = `name, registrar, client, order_number, item, sells, account_id, renewal, state, state_since, word, expires, held,
	read_at, next_at, next, attention, attention_since, reminded, looks, held_round, created_at, ended_at`

// open reads what the columns hold as text.
func (d *Domain) open() error {
	d.StateSince, d.CreatedAt = d.StateSince.UTC(), d.CreatedAt.UTC()
	d.Expires, d.ReadAt, d.NextAt, d.AttentionSince, d.EndedAt = utc(d.Expires), utc(d.ReadAt), utc(d.NextAt), utc(d.AttentionSince), utc(d.EndedAt)
	if err := json.Unmarshal([]byte(d.SellsText), &d.Sells); err != nil {
		return fmt.Errorf("store: domain %s: %w", d.Name, err)
	}
	if d.HeldText == "" {
		return nil
	}
	d.Held = &messages.Held{}
	if err := json.Unmarshal([]byte(d.HeldText), d.Held); err != nil {
		return fmt.Errorf("store: domain %s: %w", d.Name, err)
	}
	return nil
}

// Domain returns a domain that is or was held, or ErrNotFound.
func (s *Store) Domain(ctx context.Context, name string) (Domain, error) {
	return s.domain(ctx, s.db, name)
}

func (s *Store) domain(ctx context.Context, q querier, name string) (Domain, error) {
	var row Domain
	if err := q.GetContext(ctx, &row, `SELECT `+domainColumns+` FROM domains WHERE name = $1`, name); err != nil {
		return Domain{}, notFound("domain "+name, err)
	}
	return row, row.open()
}

// lockedDomain is Domain, of a row that nobody else changes until the transaction ends.
func (s *Store) lockedDomain(ctx context.Context, tx *sqlx.Tx, name string) (Domain, error) {
	if err := s.lock(ctx, tx, "domains", "name = $1", name); err != nil {
		return Domain{}, err
	}
	return s.domain(ctx, tx, name)
}

// NewDomain is a domain to hold.
type NewDomain struct {
	Name, Registrar string
	Client          string // "" is LocalClient
	// OrderNumber and Item are those of the order that brings it; "" for an import.
	OrderNumber string
	Item        int
	Sells       Sells
	Expires     time.Time // zero is not known
	// LookAfter is when its life looks at it first: many that come at once would all ask their
	// registrar at once.
	LookAfter time.Duration
}

// hold holds a domain from now on, and has its life look at it. One that is held already goes
// by what is sold now, and stays its client's; one that had left begins again. With a condition about the row that is
// there, held says whether it was fulfilled.
func (s *Store) hold(ctx context.Context, q querier, domain NewDomain, condition string) (held bool, err error) {
	sells, err := json.Marshal(domain.Sells)
	if err != nil {
		return false, fmt.Errorf("store: hold %s: %w", domain.Name, err)
	}
	result, err := q.ExecContext(ctx, `
		INSERT INTO domains (name, registrar, client, order_number, item, sells, account_id, renewal, state, state_since, expires, look_at, next_at, next, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'new', `+s.clock()+`, $9, `+s.clockAfter(domain.LookAfter)+`, `+s.clockAfter(domain.LookAfter)+`, 'look at it', `+s.clock()+`)
		ON CONFLICT (name) DO UPDATE SET registrar = excluded.registrar,
			client = CASE WHEN domains.ended_at IS NULL THEN domains.client ELSE excluded.client END, order_number = excluded.order_number,
			item = excluded.item, sells = excluded.sells, account_id = excluded.account_id, renewal = excluded.renewal,
			state = 'new', state_since = excluded.state_since, word = '', expires = excluded.expires, held = '', read_at = NULL,
			next_at = excluded.next_at, next = excluded.next, attention = '', attention_since = NULL, reminded = '', ended_at = NULL,
			created_at = CASE WHEN domains.ended_at IS NULL THEN domains.created_at ELSE excluded.created_at END,
			held_round = domains.held_round + 1, seen_round = 0, compared_round = 0, look_at = excluded.look_at, looks = domains.looks + 1`+condition,
		domain.Name, domain.Registrar, cmp.Or(domain.Client, LocalClient), domain.OrderNumber, domain.Item, string(sells), domain.Sells.Account,
		domain.Sells.Renewal, optional(domain.Expires))
	if err != nil {
		return false, fmt.Errorf("store: hold %s: %w", domain.Name, err)
	}
	rows, err := result.RowsAffected()
	return rows > 0, err
}

// touched is called when a unit of work has ended: one that has brought a domain makes it held,
// and any other has the life of a domain that is held look at it, however it has ended.
func (s *Store) touched(ctx context.Context, tx *sqlx.Tx, unit Unit, state UnitState) error {
	if unit.Domain == "" {
		return nil
	}
	if !unit.brings() || state != UnitDone {
		if err := s.forgetChanged(ctx, tx, unit, state); err != nil {
			return err
		}
		if state == UnitDone && unit.keeps() {
			if err := s.revive(ctx, tx, unit.Domain); err != nil {
				return err
			}
		}
		return s.nudge(ctx, tx, unit.Domain)
	}
	domain := NewDomain{
		Name: unit.Domain, Registrar: unit.Registrar, Client: unit.Client, OrderNumber: unit.OrderNumber, Item: unit.Item,
	}
	var text string
	err := tx.GetContext(ctx, &text, `SELECT sells FROM provisionings WHERE order_number = $1 AND item = $2`, unit.OrderNumber, unit.Item)
	switch {
	case err != nil:
	case text == "":
		domain.Sells, err = s.soldBefore(ctx, tx, unit)
	default:
		err = json.Unmarshal([]byte(text), &domain.Sells)
	}
	if err != nil {
		return fmt.Errorf("store: what was sold: %w", err)
	}
	_, err = s.hold(ctx, tx, domain, "")
	return err
}

// revive holds a domain again that was thought to be gone, because an order has kept it.
func (s *Store) revive(ctx context.Context, q querier, name string) error {
	_, err := q.ExecContext(ctx, `UPDATE domains SET state = 'new', state_since = `+s.clock()+`, ended_at = NULL, held_round = held_round + 1
		WHERE name = $1 AND ended_at IS NOT NULL AND state = '`+string(messages.LifeGone)+`'`, name)
	if err != nil {
		return fmt.Errorf("store: hold %s again: %w", name, err)
	}
	return nil
}

func (s *Store) nudge(ctx context.Context, q querier, name string) error {
	_, err := q.ExecContext(ctx, `UPDATE domains SET look_at = `+s.clock()+`, looks = looks + 1 WHERE name = $1 AND ended_at IS NULL`, name)
	if err != nil {
		return fmt.Errorf("store: look at %s: %w", name, err)
	}
	return nil
}

// LookAt has the life of a domain look at it, if it is held.
func (s *Store) LookAt(ctx context.Context, name string) error { return s.nudge(ctx, s.db, name) }

// lookHold is how long a claimed domain is held: its life must have been told by then.
const lookHold = time.Minute

// ClaimLooks takes domains whose lives have to be told to look, and holds them for a minute. Two
// callers never get the same one.
func (s *Store) ClaimLooks(ctx context.Context, limit int) ([]Domain, error) {
	var rows []Domain
	err := s.db.SelectContext(ctx, &rows, `UPDATE domains SET look_at = `+s.clockAfter(lookHold)+`
		WHERE look_at <= `+s.clock()+` AND name IN (SELECT name FROM domains WHERE look_at <= `+s.asOf(0)+` ORDER BY look_at LIMIT $1)
		RETURNING `+domainColumns, limit)
	if err != nil {
		return nil, fmt.Errorf("store: claim looks: %w", err)
	}
	for i := range rows {
		if err := rows[i].open(); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// Told records that the life of a claimed domain was told. What has happened since is told again.
func (s *Store) Told(ctx context.Context, domain Domain) error {
	_, err := s.db.ExecContext(ctx, `UPDATE domains SET look_at = NULL WHERE name = $1 AND looks = $2`, domain.Name, domain.Looks)
	if err != nil {
		return fmt.Errorf("store: told %s: %w", domain.Name, err)
	}
	return nil
}

// WakeOverdue has lives told to look whose next date has passed for longer than a while without
// a word: their workflows were terminated, or deleted. It returns their number, at most limit.
func (s *Store) WakeOverdue(ctx context.Context, after time.Duration, limit int) (int, error) {
	result, err := s.db.ExecContext(ctx, `UPDATE domains SET look_at = `+s.clock()+`, looks = looks + 1, next_at = `+s.clock()+`
		WHERE ended_at IS NULL AND look_at IS NULL AND name IN (
			SELECT name FROM domains WHERE ended_at IS NULL AND next_at IS NOT NULL AND next_at < `+s.asOf(-after)+` ORDER BY next_at LIMIT $1)`, limit)
	if err != nil {
		return 0, fmt.Errorf("store: overdue domains: %w", err)
	}
	rows, err := result.RowsAffected()
	return int(rows), err
}

// optional is a time for a column that may be NULL.
func optional(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = instant(at)
	return &at
}

// OpenOf returns the open units of work of a domain.
func (s *Store) OpenOf(ctx context.Context, domain string) ([]Unit, error) {
	return s.Units(ctx, UnitFilter{Domain: domain, State: UnitOpen})
}

// ChangeRenewal records who renews a domain from now on. Error: ErrNotFound.
func (s *Store) ChangeRenewal(ctx context.Context, name string, mode messages.RenewalMode) error {
	return s.transaction(ctx, func(tx *sqlx.Tx) error {
		domain, err := s.lockedDomain(ctx, tx, name)
		if err != nil {
			return err
		}
		domain.Sells.Renewal = mode
		text, err := json.Marshal(domain.Sells)
		if err != nil {
			return fmt.Errorf("store: change renewal: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE domains SET sells = $2 WHERE name = $1`, name, string(text)); err != nil {
			return fmt.Errorf("store: change renewal: %w", err)
		}
		return nil
	})
}
