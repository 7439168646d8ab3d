package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// ofInbox begins what stands for a workflow with the text of an event of the inbox. The texts of an
// event have a place of their own, so that no number of events fills it.
const ofInbox = "inbox/"

// TakeAccountNews puts news about a registrar account into the inbox, in the state AccountNews: it
// has no addressee, so no relay has to deliver it. A text of it is sealed with it. If it is there
// already, it is noted that it came again, nothing else, and fresh is false. quote is the reference
// of the text if it is fresh.
func (s *Store) TakeAccountNews(ctx context.Context, news Confirmation, text string) (quote string, fresh bool, err error) {
	if known, err := s.seen(ctx, s.db, news.EventID); err != nil || known {
		return "", false, err
	}
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		var said sealedQuote
		var err error
		if text != "" {
			if said, err = s.sealQuote(ctx, tx, ofInbox+news.EventID, text); err != nil {
				return err
			}
		}
		// The row comes before its text: who is the second to take it finds it, and keeps no text. An
		// older version that could not tell it from others has left one in another state.
		result, err := tx.ExecContext(ctx, `
			INSERT INTO confirmations (event_id, source, account, domain, reference, claim, quote, matter, state, workflow_id, received_at, handled_at, seen_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'account', '', `+s.clock()+`, `+s.clock()+`, `+s.clock()+`)
			ON CONFLICT (event_id) DO UPDATE SET state = excluded.state, claim = excluded.claim, quote = excluded.quote, matter = excluded.matter,
				handled_at = excluded.handled_at, seen_at = excluded.seen_at, trouble = ''
			WHERE confirmations.state IN ('received', 'unmatched')`,
			news.EventID, news.Source, news.Account, news.Domain, news.Reference, news.Claim, said.reference, news.Matter)
		if err != nil {
			return err
		}
		rows, err := result.RowsAffected()
		if err == nil && rows == 0 {
			_, err = s.seen(ctx, tx, news.EventID)
			return err
		}
		if quote, fresh = said.reference, true; err == nil && quote != "" {
			_, err = s.insertQuote(ctx, tx, said)
		}
		return err
	})
	if err != nil {
		return "", false, fmt.Errorf("store: take account news: %w", err)
	}
	return quote, fresh, nil
}

// seen notes that news about an account came again, and reports whether it is known.
func (s *Store) seen(ctx context.Context, q querier, eventID string) (bool, error) {
	result, err := q.ExecContext(ctx, `UPDATE confirmations SET seen_at = `+s.clock()+` WHERE event_id = $1 AND state = 'account'`, eventID)
	if err != nil {
		return false, fmt.Errorf("store: account news came again: %w", err)
	}
	rows, err := result.RowsAffected()
	return rows > 0, err
}

// AccountNewsFor is for how long news about an account counts after it came last.
const AccountNewsFor = 7 * 24 * time.Hour

// AccountNewsCount is how much news about a matter of a registrar account counts.
type AccountNewsCount struct {
	Account string `db:"account"`
	Matter  string `db:"matter"`
	Count   int    `db:"count"`
}

// CountAccountNews counts the news about each matter of each registrar account that came, for the
// first time or again, within AccountNewsFor. A matter without any is absent.
func (s *Store) CountAccountNews(ctx context.Context) ([]AccountNewsCount, error) {
	var counts []AccountNewsCount
	err := s.db.SelectContext(ctx, &counts, `SELECT account, matter, COUNT(*) AS count FROM confirmations
		WHERE seen_at >= `+s.asOf(-AccountNewsFor)+` GROUP BY account, matter ORDER BY account, matter`)
	if err != nil {
		return nil, fmt.Errorf("store: account news: %w", err)
	}
	return counts, nil
}

// DropConfirmations removes confirmations that do not wait for delivery, with their texts. News about
// an account is as old as when it came last.
func (s *Store) DropConfirmations(ctx context.Context, kept time.Duration, limit int) (count int, err error) {
	err = s.transaction(ctx, func(tx *sqlx.Tx) error {
		var dropped []struct {
			EventID string `db:"event_id"`
			Quote   string `db:"quote"`
		}
		// What comes again meanwhile stays: the last condition holds for the row as it then is.
		err := tx.SelectContext(ctx, &dropped, `DELETE FROM confirmations WHERE event_id IN (
			SELECT event_id FROM confirmations WHERE received_at < `+s.asOf(-kept)+` AND state <> 'received'
				AND (seen_at IS NULL OR seen_at < `+s.asOf(-kept)+`) ORDER BY received_at LIMIT $1)
			AND (seen_at IS NULL OR seen_at < `+s.asOf(-kept)+`) RETURNING event_id, quote`, limit)
		if err != nil {
			return err
		}
		count = len(dropped)
		var texts []string
		for _, row := range dropped {
			if row.Quote != "" {
				texts = append(texts, ofInbox+row.EventID)
			}
		}
		if len(texts) == 0 {
			return nil
		}
		query, args, err := sqlx.In(`DELETE FROM quotes WHERE workflow_id IN (?)`, texts)
		if err == nil {
			_, err = tx.ExecContext(ctx, tx.Rebind(query), args...)
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("store: drop old confirmations: %w", err)
	}
	return count, nil
}
