package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/messages"
)

// NewsFor is how long after an event its delivery is tried.
const NewsFor = 3 * 24 * time.Hour

// shownNow is what lists show for a unit, as state and reason: a run that does not go on needs a
// person, whatever its workflow told last.
const shownNow = `(CASE WHEN run_state <> '' THEN 'attention/' || run_state ELSE shown || '/' || reason END)`

// change changes a unit of work by an UPDATE of the given assignments and condition, and writes
// the news of that into the outbox, in one transaction with the caller's own statements in also,
// which may be nil. changed is false if the condition fits no unit. The numbers of the arguments
// are those in the two texts.
func (s *Store) change(
	ctx context.Context, set, where string, args []any, also func(tx *sqlx.Tx, unit Unit) error,
) (changed bool, err error) {
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		var row struct {
			Unit

			Before string `db:"shown_before"`
			After  string `db:"shown_after"`
			At     moment `db:"changed_at"`
			Heard  bool   `db:"heard"`
		}
		err := tx.GetContext(ctx, &row, `UPDATE provisionings SET shown_before = `+shownNow+`, `+set+` WHERE `+where+`
			RETURNING `+unitColumns+`, shown_before, `+shownNow+` AS shown_after, `+s.clock()+` AS changed_at,
				EXISTS (SELECT 1 FROM hooks WHERE disabled_at IS NULL) AS heard`, args...)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		changed = true
		row.utc()
		if also != nil {
			if err := also(tx, row.Unit); err != nil {
				return err
			}
		}
		before, reason, _ := strings.Cut(row.Before, "/")
		after, because, _ := strings.Cut(row.After, "/")
		kind := messages.NewsOf(messages.State(before), messages.State(after), reason == because)
		if kind == messages.NewsAttention && row.Renews() {
			// The life of the domain has it tried again if it lacks funds, and must know.
			if err := s.nudge(ctx, tx, row.Domain); err != nil {
				return err
			}
		}
		if kind == "" || !row.Heard {
			return nil
		}
		row.Shown, row.Reason = messages.State(after), because
		_, err = s.tell(ctx, tx, row.OrderNumber, newsOf(kind, row.Unit, row.At.Time))
		return err
	})
	return changed, err
}

// newsOf is the event about a unit of work as it stands.
func newsOf(kind messages.NewsType, unit Unit, at time.Time) messages.News {
	return messages.News{Type: kind, Timestamp: at.UTC(), Data: messages.NewsData{
		Order: unit.Label, Client: unit.Client, Item: unit.Item, Domain: unit.Domain, Registrar: unit.Registrar,
		State: unit.Shown, Step: unit.Step, Reason: unit.Reason,
	}}
}

// wants is the condition that an endpoint of the table hooks is told an event: $2 is its type,
// $3 its order, or what stands for a domain in its place.
func (s *Store) wants() string {
	return `disabled_at IS NULL AND (listening_until IS NULL OR listening_until > ` + s.asOf(0) + `)
		AND (client = '' OR client = (SELECT o.client FROM orders o WHERE o.number = $3)
			OR client = (SELECT d.client FROM domains d WHERE d.name = substr($3, ` + strconv.Itoa(len(DomainSubject)+1) + `) AND $3 LIKE '` + DomainSubject + `%'))
		AND (' ' || events || ' ' LIKE '% * %' OR ' ' || events || ' ' LIKE '% ' || $2 || ' %'
			OR ' ' || events || ' ' LIKE '% ' || $7 || '.* %')`
}

// tell writes an event about an order, by its key, into the outbox, for each endpoint that wants it.
func (s *Store) tell(ctx context.Context, q querier, order string, news messages.News) (event string, err error) {
	kind, _, _ := strings.Cut(string(news.Type), ".")
	return s.tellWhere(ctx, q, order, news, s.wants(), kind)
}

// tellWhere writes an event into the outbox, for each endpoint that a condition chooses: it may
// use $2, the type, $3, the order, and its own argument $7.
func (s *Store) tellWhere(ctx context.Context, q querier, order string, news messages.News, where string, argument any) (event string, err error) {
	body, err := json.Marshal(news)
	if err != nil {
		return "", fmt.Errorf("store: news: %w", err)
	}
	event = "evt_" + rand.Text()
	_, err = q.ExecContext(ctx, `
		INSERT INTO news (event_id, hook, type, order_number, item, ordinal, body, state, created_at, next_at, expires_at)
		SELECT CAST($1 AS text), hooks.id, CAST($2 AS text), CAST($3 AS text), CAST($4 AS integer),
			COALESCE((SELECT MAX(n.ordinal) FROM news n WHERE n.hook = hooks.id AND n.order_number = $3), 0) + 1,
			CAST($5 AS text), CAST($6 AS text), `+s.clock()+`, `+s.clock()+`, `+s.clockAfter(NewsFor)+`
		FROM hooks WHERE `+where,
		event, string(news.Type), order, news.Data.Item, string(body), string(NewsWaiting), argument)
	if err != nil {
		return "", fmt.Errorf("store: news: %w", err)
	}
	return event, nil
}

// NewsState says what became of an event at an endpoint.
type NewsState string

// The states.
const (
	NewsWaiting   NewsState = "waiting"   // on its way
	NewsDelivered NewsState = "delivered" // the endpoint has answered 2xx
	NewsExpired   NewsState = "expired"   // the endpoint did not take it in time; only resend tries again
)

// NewsStates lists every state.
func NewsStates() []NewsState { return []NewsState{NewsWaiting, NewsDelivered, NewsExpired} }

// Delivery is an event on its way to an endpoint, or there.
type Delivery struct {
	Hook        string            `db:"hook" json:"hook" jsonschema:"description=Id of the endpoint"`
	EventID     string            `db:"event_id" json:"eventId" jsonschema:"description=Id of the event\\, the same at every try and every endpoint"`
	Type        messages.NewsType `db:"type" json:"type"`
	OrderNumber string            `db:"order_number" json:"-"` // the order's key
	Label       string            `db:"label" json:"order,omitempty" jsonschema:"description=The order's number at its client"`
	Client      string            `db:"client" json:"-"` // whose the order is
	Domain      string            `db:"-" json:"domain,omitempty" jsonschema:"description=The domain\\, of an event about one; such an event has no order"`
	Item        int               `db:"item" json:"item"`
	Ordinal     int               `db:"ordinal" json:"-"`
	Body        string            `db:"body" json:"-"`
	State       NewsState         `db:"state" json:"state" jsonschema:"enum=waiting,enum=delivered,enum=expired"`
	Attempts    int               `db:"attempts" json:"attempts" jsonschema:"description=How often it was sent"`
	CreatedAt   time.Time         `db:"created_at" json:"createdAt"`
	NextAt      time.Time         `db:"next_at" json:"nextAt" jsonschema:"description=When it is sent next\\, if it is waiting"`
	ExpiresAt   time.Time         `db:"expires_at" json:"expiresAt" jsonschema:"description=Until when it is tried"`
	HandledAt   *time.Time        `db:"handled_at" json:"handledAt,omitempty" jsonschema:"description=When it was delivered or has expired"`
	// Status is the HTTP status of the last answer, 0 without one. Trouble says what went wrong
	// the last time.
	Status  int    `db:"status" json:"status,omitempty" jsonschema:"description=HTTP status of the last answer; absent without one"`
	Trouble string `db:"trouble" json:"trouble,omitempty" jsonschema:"description=What went wrong the last time"`
}

const deliveryColumns = `hook, event_id, type, order_number, item, ordinal, body, state, attempts, created_at, next_at, expires_at,
	handled_at, status, trouble, COALESCE((SELECT ` + shownLabel + ` FROM orders WHERE number = order_number), '') AS label,
	COALESCE((SELECT client FROM orders WHERE number = order_number), '') AS client`

// Address is that of the order; see Address.
func (d Delivery) Address() string { return Address(d.Client, d.Label, d.OrderNumber) }

func (d *Delivery) open() {
	if domain, about := strings.CutPrefix(d.OrderNumber, DomainSubject); about {
		d.Domain = domain
	}
	d.CreatedAt, d.NextAt, d.ExpiresAt, d.HandledAt = d.CreatedAt.UTC(), d.NextAt.UTC(), d.ExpiresAt.UTC(), utc(d.HandledAt)
}

// ClaimNews takes events for an endpoint that are due, and holds them: whoever takes them must
// have sent them by then. Of each order it takes the oldest event only, so an endpoint gets the
// events of an order in their order.
//
// It reads all that waits for the endpoint, once: a condition that looks for an older event of
// each would be carried out for each pair, where the database believes that next to nothing waits.
func (s *Store) ClaimNews(ctx context.Context, hook string, hold time.Duration, limit int) ([]Delivery, error) {
	var rows []Delivery
	err := s.db.SelectContext(ctx, &rows, `
		WITH heads AS MATERIALIZED (
			SELECT event_id FROM (
				SELECT event_id, next_at, held_until, ROW_NUMBER() OVER (PARTITION BY order_number ORDER BY ordinal, event_id) AS place
				FROM news WHERE hook = $1 AND state = 'waiting') AS waiting
			WHERE place = 1 AND `+due(s.asOf(0))+` ORDER BY next_at LIMIT $2)
		UPDATE news SET held_until = `+s.clockAfter(hold)+`, attempts = attempts + 1
		WHERE hook = $1 AND state = 'waiting' AND `+due(s.clock())+` AND event_id IN (SELECT event_id FROM heads)
		RETURNING `+deliveryColumns, hook, limit)
	if err != nil {
		return nil, fmt.Errorf("store: claim news: %w", err)
	}
	for i := range rows {
		rows[i].open()
	}
	slices.SortFunc(rows, func(a, b Delivery) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return rows, nil
}

// due is the condition that an event may be taken at a time, as an SQL expression.
func due(at string) string {
	return `next_at <= ` + at + ` AND (held_until IS NULL OR held_until <= ` + at + `)`
}

// Delivered records that an endpoint has taken an event. An endpoint that had been down is asked
// at once for all that waits for it.
func (s *Store) Delivered(ctx context.Context, hook, event string, status int) error {
	var failures int
	err := s.transaction(ctx, func(tx *sqlx.Tx) error {
		// The endpoint first, as everywhere: its row is the lock of what is recorded about it.
		err := tx.GetContext(ctx, &failures, `UPDATE hooks SET delivered_at = `+s.clock()+` WHERE id = $1 RETURNING failures`, hook)
		if errors.Is(err, sql.ErrNoRows) {
			return nil // removed meanwhile
		}
		if err == nil && failures > 0 {
			_, err = tx.ExecContext(ctx, `UPDATE hooks SET failures = 0, failing_since = NULL, failed_at = NULL, try_after = NULL WHERE id = $1`, hook)
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE news SET state = 'delivered', held_until = NULL, handled_at = `+s.clock()+`, status = $3, trouble = ''
			WHERE hook = $1 AND event_id = $2`, hook, event, status)
		return err
	})
	if err == nil && failures >= wasDown {
		// What another process holds stays held.
		_, err = s.db.ExecContext(ctx, `UPDATE news SET next_at = `+s.clock()+` WHERE hook = $1 AND state = 'waiting' AND next_at > `+s.clock(), hook)
	}
	if err != nil {
		return fmt.Errorf("store: record delivery: %w", err)
	}
	return nil
}

// wasDown is after how many failures in a row an endpoint is thought to have been down, rather
// than to have refused single events.
const wasDown = 5

// FailedDelivery is a try that an endpoint has not answered with 2xx.
type FailedDelivery struct {
	Hook, EventID string
	Status        int // of the answer; 0 without one
	Trouble       string
	// Again is when this event is tried again, and Pause how long the endpoint is left alone.
	Again, Pause time.Duration
	// Gone: the endpoint says that it wants no more.
	Gone bool
}

// DisableAfter is how long an endpoint may fail without a success before it is disabled. Time in
// which there was nothing to send does not count: after quietFor without a failure it begins anew.
const (
	DisableAfter = 7 * 24 * time.Hour
	quietFor     = 24 * time.Hour
)

// DeliveryFailed records a try that failed. It reports whether that has disabled the endpoint,
// and whether the event has expired.
func (s *Store) DeliveryFailed(ctx context.Context, failed FailedDelivery) (disabled, expired bool, err error) {
	// Each statement reads the clock once, so that what is decided twice in it is decided alike. The row
	// is locked before that: a reading from before the wait for it would be too early.
	lasts := `failing_since IS NOT NULL AND failed_at > quiet`
	disables := `($2 = 1 OR ` + lasts + ` AND failing_since <= long AND failures + 1 >= ` + strconv.Itoa(wasDown) + `)`
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		// The endpoint first, as everywhere.
		if err := s.lock(ctx, tx, "hooks", "id = $1", failed.Hook); err != nil {
			return err
		}
		reason := ""
		err := tx.GetContext(ctx, &reason, `
			UPDATE hooks SET failures = failures + 1, failing_since = CASE WHEN `+lasts+` THEN failing_since ELSE now END,
				failed_at = now, try_after = pause,
				disabled_at = CASE WHEN `+disables+` THEN now ELSE disabled_at END,
				disabled_for = CASE WHEN disabled_at IS NOT NULL THEN disabled_for WHEN $2 = 1 THEN 'gone' WHEN `+disables+` THEN 'failing' ELSE '' END
			FROM (SELECT `+s.clock()+` AS now, `+s.clockAfter(failed.Pause)+` AS pause, `+s.clockAfter(-quietFor)+` AS quiet, `+s.clockAfter(-DisableAfter)+` AS long) AS clock
			WHERE id = $1 RETURNING disabled_for`, failed.Hook, oneIf(failed.Gone))
		if errors.Is(err, sql.ErrNoRows) {
			return nil // removed meanwhile
		}
		if err != nil {
			return err
		}
		disabled = reason != ""
		if err := s.lock(ctx, tx, "news", "hook = $1 AND event_id = $2", failed.Hook, failed.EventID); err != nil {
			return err
		}
		var state NewsState
		err = tx.GetContext(ctx, &state, `
			UPDATE news SET status = $3, trouble = $4, next_at = again, held_until = NULL,
				state = CASE WHEN expires_at <= now THEN 'expired' ELSE 'waiting' END,
				handled_at = CASE WHEN expires_at <= now THEN now ELSE NULL END
			FROM (SELECT `+s.clock()+` AS now, `+s.clockAfter(failed.Again)+` AS again) AS clock
			WHERE hook = $1 AND event_id = $2 AND state = 'waiting' RETURNING state`,
			failed.Hook, failed.EventID, failed.Status, failed.Trouble)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		expired = state == NewsExpired
		return err
	})
	if err != nil {
		return false, false, fmt.Errorf("store: record a failed delivery: %w", err)
	}
	return disabled, expired, nil
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
