package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// ActOutcome says what became of a command.
type ActOutcome string

// The outcomes.
const (
	ActAccepted ActOutcome = "accepted"
	ActRefused  ActOutcome = "refused" // nothing was changed
	ActFailed   ActOutcome = "failed"  // nobody answered: it may have been carried out
)

// NoItem is the item of an act that concerns no unit of work.
const NoItem = -1

// Act is a command that somebody has given. RecordAct fills Number, At, Previous and Hash.
type Act struct {
	// Number counts the acts from 1, without a gap.
	Number int64 `db:"number" json:"number"`
	// At is by the database's clock.
	At time.Time `db:"at" json:"at"`
	// Actor is who gave the command. Client and Key name the API client and its key, if it came
	// over the gateway.
	Actor  string `db:"actor" json:"actor" jsonschema:"description=Who gave the command: the name of the API key\\, or the login name of the account that runs starter"`
	Client string `db:"client" json:"client,omitempty" jsonschema:"description=The client that the API key belongs to"`
	Key    string `db:"api_key" json:"key,omitempty" jsonschema:"description=Name of the API key"`
	// Via is the way it came: api, desk, starter or temporal.
	Via         string `db:"via" json:"via" jsonschema:"description=The way it came; what came through temporal names its actor itself,example=api,example=desk,example=starter,example=temporal"`
	Command     string `db:"command" json:"command" jsonschema:"example=retry,example=confirm,example=close"`
	OrderNumber string `db:"order_number" json:"order,omitempty"`
	Item        int    `db:"item" json:"item" jsonschema:"description=Item of the unit of work; -1 for none"`
	// Reason is what the actor says; Detail is the sentence of a refusal. They hold no personal
	// data of customers.
	Reason  string     `db:"reason" json:"reason,omitempty"`
	Outcome ActOutcome `db:"outcome" json:"outcome" jsonschema:"enum=accepted,enum=refused,enum=failed,description=A command that failed may have been carried out: nobody answered"`
	Detail  string     `db:"detail" json:"detail,omitempty" jsonschema:"description=Why it was refused or failed"`
	// Before and After are digests of the state that the act was given on and of the one that it
	// left; "" if that was not known.
	Before string `db:"digest_before" json:"before,omitempty" jsonschema:"description=Digest (hex SHA-256) of the state before"`
	After  string `db:"digest_after" json:"after,omitempty" jsonschema:"description=Digest of the state after"`
	// Source is unique to a command that was given in Temporal, whose workflow recorded it; "" for
	// others.
	Source string `db:"source" json:"source,omitempty" jsonschema:"description=Id of a command that was given in Temporal"`
	// Previous is the hash of the act before, Hash that of this one, as hex SHA-256.
	Previous string `db:"previous" json:"previous"`
	Hash     string `db:"hash" json:"hash"`
}

const actColumns = `number, at, actor, client, api_key, via, command, order_number, item, reason, outcome, detail,
	digest_before, digest_after, source, previous, hash`

const (
	// actNumbers is the counter of acts. Its lock also keeps two acts from following the same one.
	actNumbers = "act"
	// firstPrevious is what the first act follows.
	firstPrevious = "0000000000000000000000000000000000000000000000000000000000000000"
)

// hash is the SHA-256 of all fields but itself, as a JSON array, which is unambiguous.
func (a Act) hash() (string, error) {
	document, err := json.Marshal([]any{
		"act/1", a.Number, a.At.UTC().Format(time.RFC3339Nano), a.Actor, a.Client, a.Key, a.Via, a.Command, a.OrderNumber, a.Item,
		a.Reason, a.Outcome, a.Detail, a.Before, a.After, a.Source, a.Previous,
	})
	if err != nil {
		return "", fmt.Errorf("store: act: %w", err)
	}
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:]), nil
}

// RecordAct adds an act to the record and returns it complete. For a Source that has been
// recorded it returns that act.
func (s *Store) RecordAct(ctx context.Context, act Act) (recorded Act, err error) {
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		recorded, err = s.recordAct(ctx, tx, act)
		return err
	})
	if err != nil && !errors.Is(err, errRepeated) {
		return Act{}, fmt.Errorf("store: record act: %w", err)
	}
	return recorded, nil
}

// recordAct is RecordAct in a transaction, which must do nothing after it that takes long: until it
// ends nobody else records an act. errRepeated comes with the act of a Source that was recorded.
func (s *Store) recordAct(ctx context.Context, tx *sqlx.Tx, act Act) (Act, error) {
	for _, text := range []*string{&act.Actor, &act.Client, &act.Key, &act.Via, &act.Command, &act.OrderNumber, &act.Reason, &act.Detail} {
		// PostgreSQL keeps neither.
		*text = strings.ReplaceAll(strings.ToValidUTF8(*text, "\uFFFD"), "\x00", "\uFFFD")
	}
	drawn, at, err := s.draw(ctx, tx, one(actNumbers))
	if err != nil {
		return Act{}, err
	}
	if act.Source != "" { // the counter's lock is ours, so nobody else is recording it
		err := tx.GetContext(ctx, &act, `SELECT `+actColumns+` FROM acts WHERE source = $1`, act.Source)
		if err == nil {
			return act, errRepeated
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return Act{}, err
		}
	}
	act.Number, act.At, act.Previous = drawn[actNumbers], instant(at), firstPrevious
	err = tx.GetContext(ctx, &act.Previous, `SELECT hash FROM acts ORDER BY number DESC LIMIT 1`)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Act{}, err
	}
	if act.Hash, err = act.hash(); err != nil {
		return Act{}, err
	}
	_, err = tx.NamedExecContext(ctx, `INSERT INTO acts (`+actColumns+`)
		VALUES (:number, :at, :actor, :client, :api_key, :via, :command, :order_number, :item, :reason, :outcome, :detail,
			:digest_before, :digest_after, :source, :previous, :hash)`, act)
	return act, err
}

// ActFilter selects acts for a list. Zero fields select all.
type ActFilter struct {
	OrderNumber string
	Since       time.Time
	// After is the number of the last act of the previous page.
	After int64
	// Latest takes the last acts instead of the first ones.
	Latest bool
	Limit  int // zero means 100; at most 1000
}

// Acts lists acts, oldest first.
func (s *Store) Acts(ctx context.Context, filter ActFilter) ([]Act, error) {
	where, args := narrow([]column{{"order_number", filter.OrderNumber}})
	also := func(condition string, value any) {
		join := " AND "
		if where == "" {
			join = " WHERE "
		}
		args = append(args, value)
		where += join + fmt.Sprintf(condition, len(args))
	}
	if filter.After > 0 {
		also("number > $%d", filter.After)
	}
	if !filter.Since.IsZero() {
		also("at >= $%d", instant(filter.Since))
	}
	order := ""
	if filter.Latest {
		order = " DESC"
	}
	args = append(args, limited(filter.Limit, 1000))
	acts := []Act{}
	err := s.db.SelectContext(ctx, &acts, `SELECT `+actColumns+` FROM acts`+where+fmt.Sprintf(" ORDER BY number%s LIMIT $%d", order, len(args)), args...)
	if err != nil {
		return nil, fmt.Errorf("store: acts: %w", err)
	}
	if filter.Latest {
		slices.Reverse(acts)
	}
	for i := range acts {
		acts[i].At = acts[i].At.UTC()
	}
	return acts, nil
}
