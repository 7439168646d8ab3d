package store

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"domainprovisioning/domains"
	"domainprovisioning/messages"
)

// Hook is an endpoint that is told news, without its secret.
type Hook struct {
	ID string `json:"id" jsonschema:"example=hook_mfzxi3dp"`
	// Client is whose orders it is told of; "" is those of all clients.
	Client string   `json:"client,omitempty" jsonschema:"description=Whose orders it is told of; absent: of all clients"`
	URL    string   `json:"url" jsonschema:"format=uri,description=Where events are sent"`
	Events []string `json:"events" jsonschema:"description=Which events: types\\, all of a kind such as order.*\\, or * for all"`

	CreatedAt time.Time `json:"createdAt"`
	CreatedBy string    `json:"createdBy"`
	// OldSecretUntil is until when the secret from before the last rotation signs too.
	OldSecretUntil *time.Time `json:"oldSecretUntil,omitempty" jsonschema:"description=Until when the secret from before the last rotation signs too"`
	DeliveredAt    *time.Time `json:"deliveredAt,omitempty" jsonschema:"description=When it last took an event"`
	FailingSince   *time.Time `json:"failingSince,omitempty" jsonschema:"description=Since when it has failed without a success"`
	Failures       int        `json:"failures,omitempty" jsonschema:"description=How often it has failed in a row"`
	DisabledAt     *time.Time `json:"disabledAt,omitempty" jsonschema:"description=When it was disabled; it is told nothing since then"`
	// DisabledFor is failing or gone.
	DisabledFor string `json:"disabledFor,omitempty" jsonschema:"enum=failing,enum=gone,description=Why: failing for a week\\, or gone: it has answered 410"`
	// Waiting counts the events on their way to it.
	Waiting int `json:"waiting" jsonschema:"description=How many events are on their way"`
}

type hookRow struct {
	ID           string     `db:"id"`
	Client       string     `db:"client"`
	URL          string     `db:"url"`
	Events       string     `db:"events"`
	Secret       string     `db:"secret"`
	OldSecret    string     `db:"old_secret"`
	OldUntil     *time.Time `db:"old_until"`
	OldSigns     bool       `db:"old_signs"`
	CreatedAt    time.Time  `db:"created_at"`
	CreatedBy    string     `db:"created_by"`
	DeliveredAt  *time.Time `db:"delivered_at"`
	FailingSince *time.Time `db:"failing_since"`
	Failures     int        `db:"failures"`
	DisabledAt   *time.Time `db:"disabled_at"`
	DisabledFor  string     `db:"disabled_for"`
	Waiting      int        `db:"waiting"`
}

func (r hookRow) hook() Hook {
	hook := Hook{
		ID: r.ID, Client: r.Client, URL: r.URL, Events: strings.Fields(r.Events), CreatedAt: r.CreatedAt.UTC(), CreatedBy: r.CreatedBy,
		DeliveredAt: utc(r.DeliveredAt), FailingSince: utc(r.FailingSince), Failures: r.Failures,
		DisabledAt: utc(r.DisabledAt), DisabledFor: r.DisabledFor, Waiting: r.Waiting,
	}
	if r.OldSigns {
		hook.OldSecretUntil = utc(r.OldUntil)
	}
	return hook
}

func (s *Store) hookColumns() string {
	return `id, client, url, events, secret, old_secret, old_until, old_until IS NOT NULL AND old_until > ` + s.clock() + ` AS old_signs,
		created_at, created_by, delivered_at, failing_since, failures, disabled_at, disabled_for,
		(SELECT COUNT(*) FROM news WHERE news.hook = hooks.id AND news.state = 'waiting') AS waiting`
}

// MostHooks is how many endpoints a client may have.
const MostHooks = 20

// ErrManyHooks says that a client has MostHooks endpoints.
var ErrManyHooks = fmt.Errorf("store: a client may have %d endpoints", MostHooks)

// NewHook is an endpoint that is to be told news. The caller has checked it.
type NewHook struct {
	Client string // "" is all clients
	URL    string
	Events []string
	By     string
}

// NewWebhookSecret returns a secret for the Standard Webhooks specification: whsec_ and 32 random
// bytes in base64.
func NewWebhookSecret() domains.Secret {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // crypto/rand.Read never fails
	return domains.NewSecret("whsec_" + base64.StdEncoding.EncodeToString(key))
}

func (s *Store) sealHookSecret(id string, secret domains.Secret) (string, error) {
	return s.sealer.Seal([]byte(secret.Reveal()), "hook/"+id)
}

// AddHook adds an endpoint and returns it with its secret. Error: ErrManyHooks.
func (s *Store) AddHook(ctx context.Context, hook NewHook) (Hook, domains.Secret, error) {
	return s.addHook(ctx, hook, 0)
}

// Listen adds an endpoint without an address for somebody who reads its events with ClaimNews.
// It ends after the given time, unless KeepListening is called before.
func (s *Store) Listen(ctx context.Context, hook NewHook, length time.Duration) (Hook, domains.Secret, error) {
	hook.URL = ""
	return s.addHook(ctx, hook, length)
}

func (s *Store) addHook(ctx context.Context, hook NewHook, listens time.Duration) (Hook, domains.Secret, error) {
	id, secret := "hook_"+strings.ToLower(rand.Text()[:16]), NewWebhookSecret()
	sealed, err := s.sealHookSecret(id, secret)
	if err != nil {
		return Hook{}, domains.Secret{}, err
	}
	until := "NULL"
	if listens > 0 {
		until = s.clockAfter(listens)
	}
	result, err := s.db.ExecContext(ctx, `
		INSERT INTO hooks (id, client, url, events, secret, created_at, created_by, listening_until)
		SELECT CAST($1 AS text), CAST($2 AS text), CAST($3 AS text), CAST($4 AS text), CAST($5 AS text), `+s.clock()+`, CAST($6 AS text), `+until+`
		WHERE (SELECT COUNT(*) FROM hooks WHERE client = $2 AND (listening_until IS NULL OR listening_until > `+s.clock()+`)) < $7`,
		id, hook.Client, hook.URL, strings.Join(hook.Events, " "), sealed, hook.By, MostHooks)
	if err != nil {
		return Hook{}, domains.Secret{}, fmt.Errorf("store: add endpoint: %w", err)
	}
	if rows, err := result.RowsAffected(); err != nil || rows == 0 {
		return Hook{}, domains.Secret{}, errors.Join(ErrManyHooks, err)
	}
	added, err := s.Hook(ctx, id)
	return added, secret, err
}

// KeepListening lets an endpoint of Listen go on for the given time. It reports false if the
// endpoint has ended.
func (s *Store) KeepListening(ctx context.Context, id string, length time.Duration) (bool, error) {
	result, err := s.db.ExecContext(ctx, `UPDATE hooks SET listening_until = `+s.clockAfter(length)+` WHERE id = $1 AND listening_until > `+s.clock(), id)
	if err != nil {
		return false, fmt.Errorf("store: go on listening: %w", err)
	}
	rows, err := result.RowsAffected()
	return rows == 1, err
}

// Hook returns an endpoint, or ErrNotFound.
func (s *Store) Hook(ctx context.Context, id string) (Hook, error) {
	var row hookRow
	if err := s.db.GetContext(ctx, &row, `SELECT `+s.hookColumns()+` FROM hooks WHERE id = $1`, id); err != nil {
		return Hook{}, notFound("endpoint "+id, err)
	}
	return row.hook(), nil
}

// Hooks lists the endpoints of a client, or of all if it is "", oldest first. Terminals that
// listen are not among them.
func (s *Store) Hooks(ctx context.Context, client string) ([]Hook, error) {
	var rows []hookRow
	err := s.db.SelectContext(ctx, &rows, `SELECT `+s.hookColumns()+` FROM hooks
		WHERE listening_until IS NULL AND ($1 = '' OR client = $1) ORDER BY created_at, id`, client)
	if err != nil {
		return nil, fmt.Errorf("store: endpoints: %w", err)
	}
	hooks := make([]Hook, len(rows))
	for i, row := range rows {
		hooks[i] = row.hook()
	}
	return hooks, nil
}

// ChangeHook gives an endpoint another address, other events, or both; zero values leave them.
// Error: ErrNotFound.
func (s *Store) ChangeHook(ctx context.Context, id, url string, events []string) (Hook, error) {
	return s.updateHook(ctx, id, `url = CASE WHEN $2 = '' THEN url ELSE $2 END, events = CASE WHEN $3 = '' THEN events ELSE $3 END`,
		url, strings.Join(events, " "))
}

// EnableHook lets an endpoint be told news again. What happened while it was disabled is not
// told. Error: ErrNotFound.
func (s *Store) EnableHook(ctx context.Context, id string) (Hook, error) {
	// What has waited for too long is not sent any more, unless somebody resends it.
	_, err := s.db.ExecContext(ctx, `UPDATE news SET state = 'expired', handled_at = `+s.clock()+` WHERE hook = $1 AND state = 'waiting' AND expires_at <= `+s.clock(), id)
	if err != nil {
		return Hook{}, fmt.Errorf("store: enable endpoint: %w", err)
	}
	return s.updateHook(ctx, id, `disabled_at = NULL, disabled_for = '', failing_since = NULL, failed_at = NULL, failures = 0, try_after = NULL`)
}

func (s *Store) updateHook(ctx context.Context, id, set string, args ...any) (Hook, error) {
	var row hookRow
	err := s.db.GetContext(ctx, &row, `UPDATE hooks SET `+set+` WHERE id = $1 AND listening_until IS NULL RETURNING `+s.hookColumns(), append([]any{id}, args...)...)
	if err != nil {
		return Hook{}, notFound("endpoint "+id, err)
	}
	return row.hook(), nil
}

// RotateHook gives an endpoint a new secret. The old one signs as well for the given time, so
// that the receiver can change over. Error: ErrNotFound.
func (s *Store) RotateHook(ctx context.Context, id string, old time.Duration) (Hook, domains.Secret, error) {
	secret := NewWebhookSecret()
	sealed, err := s.sealHookSecret(id, secret)
	if err != nil {
		return Hook{}, domains.Secret{}, err
	}
	hook, err := s.updateHook(ctx, id, `old_secret = secret, old_until = `+s.clockAfter(old)+`, secret = $2`, sealed)
	if err != nil {
		return Hook{}, domains.Secret{}, err
	}
	return hook, secret, nil
}

// RemoveHook removes an endpoint with all its deliveries. Error: ErrNotFound.
func (s *Store) RemoveHook(ctx context.Context, id string) error {
	return s.transaction(ctx, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM hooks WHERE id = $1`, id)
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM news WHERE hook = $1`, id)
		}
		if err != nil {
			return fmt.Errorf("store: remove endpoint: %w", err)
		}
		if rows, err := result.RowsAffected(); err != nil || rows == 0 {
			return errors.Join(fmt.Errorf("endpoint %s: %w", id, ErrNotFound), err)
		}
		return nil
	})
}

// CountDisabledHooks counts the endpoints that are told nothing more until somebody enables them.
func (s *Store) CountDisabledHooks(ctx context.Context) (int, error) {
	var count int
	if err := s.db.GetContext(ctx, &count, `SELECT COUNT(*) FROM hooks WHERE disabled_at IS NOT NULL`); err != nil {
		return 0, fmt.Errorf("store: count disabled endpoints: %w", err)
	}
	return count, nil
}

// DueHook is an endpoint for which events are due, with what signs them: the newest secret
// first.
type DueHook struct {
	ID, URL string
	Secrets []domains.Secret
	// Failing: its last try has failed.
	Failing bool
}

// DueHooks returns the endpoints for which events are due. An endpoint whose secrets cannot be
// opened is not among them, but in the error.
func (s *Store) DueHooks(ctx context.Context) ([]DueHook, error) {
	var rows []hookRow
	err := s.db.SelectContext(ctx, &rows, `SELECT `+s.hookColumns()+` FROM hooks
		WHERE disabled_at IS NULL AND listening_until IS NULL AND COALESCE(try_after, created_at) <= `+s.clock()+`
		AND EXISTS (SELECT 1 FROM news WHERE news.hook = hooks.id AND news.state = 'waiting' AND `+due(s.asOf(0))+`)`)
	if err != nil {
		return nil, fmt.Errorf("store: endpoints with news: %w", err)
	}
	var due []DueHook
	var unreadable error
	for _, row := range rows {
		secrets, err := s.hookSecrets(row)
		if err != nil {
			unreadable = errors.Join(unreadable, err)
			continue
		}
		due = append(due, DueHook{ID: row.ID, URL: row.URL, Secrets: secrets, Failing: row.Failures > 0})
	}
	return due, unreadable
}

func (s *Store) hookSecrets(row hookRow) ([]domains.Secret, error) {
	sealed := []string{row.Secret}
	if row.OldSigns {
		sealed = append(sealed, row.OldSecret)
	}
	var secrets []domains.Secret
	for _, one := range sealed {
		plain, err := s.sealer.Open(one, "hook/"+row.ID)
		if err != nil {
			return nil, fmt.Errorf("endpoint %s: %w", row.ID, err)
		}
		secrets = append(secrets, domains.NewSecret(string(plain)))
	}
	return secrets, nil
}

// TestHook sends an endpoint a test event, whatever events it wants, and returns the event's id.
// Error: ErrNotFound if there is no such endpoint, or it is disabled.
func (s *Store) TestHook(ctx context.Context, id string) (event string, err error) {
	var now moment
	if err := s.db.GetContext(ctx, &now, `SELECT `+s.clock()+` FROM hooks WHERE id = $1 AND disabled_at IS NULL`, id); err != nil {
		return "", notFound("endpoint "+id, err)
	}
	return s.tellWhere(ctx, s.db, "", messages.News{Type: messages.NewsTest, Timestamp: now.Time}, `id = $7 AND disabled_at IS NULL`, id)
}

// DeliveryFilter selects deliveries for a list. Zero fields select all.
type DeliveryFilter struct {
	Hook, OrderNumber, EventID string
	State                      NewsState
	Limit                      int // zero means 100; at most MostListed
}

// Deliveries lists deliveries, newest first.
func (s *Store) Deliveries(ctx context.Context, filter DeliveryFilter) ([]Delivery, error) {
	where, args := narrow([]column{
		{"hook", filter.Hook}, {"order_number", filter.OrderNumber}, {"event_id", filter.EventID}, {"state", string(filter.State)},
	})
	order := "created_at DESC, event_id DESC"
	if filter.OrderNumber != "" { // that of the index
		order = "hook, ordinal DESC, event_id DESC"
	}
	args = append(args, limited(filter.Limit, MostListed))
	rows := []Delivery{}
	err := s.db.SelectContext(ctx, &rows, `SELECT `+deliveryColumns+` FROM news`+where+
		fmt.Sprintf(" ORDER BY %s LIMIT $%d", order, len(args)), args...)
	if err != nil {
		return nil, fmt.Errorf("store: deliveries: %w", err)
	}
	for i := range rows {
		rows[i].open()
	}
	return rows, nil
}

// Resend sends events to an endpoint again, under their old ids, and for NewsFor from now. It
// chooses by event, by order, or by both, and returns how many there are.
func (s *Store) Resend(ctx context.Context, hook, event, order string) (int, error) {
	result, err := s.db.ExecContext(ctx, `UPDATE news SET state = 'waiting', attempts = 0, next_at = `+s.clock()+`,
			expires_at = `+s.clockAfter(NewsFor)+`, handled_at = NULL, status = 0, trouble = ''
		WHERE hook = $1 AND ($2 = '' OR event_id = $2) AND ($3 = '' OR order_number = $3)`, hook, event, order)
	if err != nil {
		return 0, fmt.Errorf("store: resend: %w", err)
	}
	rows, err := result.RowsAffected()
	return int(rows), err
}

// NewsKept is how long deliveries that are over stay listed.
const NewsKept = 30 * 24 * time.Hour

// DropNews removes what is no longer needed, at most limit rows of it: deliveries that have
// been over for NewsKept, and terminals that listen no more. It reports whether there may be
// more.
func (s *Store) DropNews(ctx context.Context, limit int) (more bool, err error) {
	result, err := s.db.ExecContext(ctx, `DELETE FROM news WHERE (hook, event_id) IN (
		SELECT hook, event_id FROM news WHERE state <> 'waiting' AND handled_at < `+s.asOf(-NewsKept)+` LIMIT $1)`, limit)
	if err != nil {
		return false, fmt.Errorf("store: drop old news: %w", err)
	}
	rows, err := result.RowsAffected()
	if err == nil {
		// Of endpoints that were removed just when an event was written, or that nobody enables.
		_, err = s.db.ExecContext(ctx, `DELETE FROM news WHERE state = 'waiting' AND (expires_at < `+s.clockAfter(-NewsKept)+`
			OR created_at < `+s.clockAfter(-time.Hour)+` AND NOT EXISTS (SELECT 1 FROM hooks WHERE hooks.id = news.hook))`)
	}
	if err != nil {
		return false, fmt.Errorf("store: drop old news: %w", err)
	}
	var ended []string
	if err := s.db.SelectContext(ctx, &ended, `SELECT id FROM hooks WHERE listening_until < `+s.clockAfter(-time.Hour)); err != nil {
		return false, fmt.Errorf("store: ended terminals: %w", err)
	}
	for _, id := range ended {
		if err := s.RemoveHook(ctx, id); err != nil && !errors.Is(err, ErrNotFound) {
			return false, err
		}
	}
	return int(rows) == limit, nil
}
