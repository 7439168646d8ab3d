package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// mostQuoted is how much of a text is kept, in bytes. A page of HTML from a proxy in front of a
// system may be far longer, and says nothing more.
const mostQuoted = 64 << 10

// KeepQuote seals what an outside system has said to a workflow about its order, and returns the
// reference that may stand in for it in plain text. The same text about the same order has the same
// reference.
func (s *Store) KeepQuote(ctx context.Context, workflowID, text string) (reference string, err error) {
	quote, err := s.sealQuote(ctx, s.db, workflowID, text)
	if err != nil {
		return "", err
	}
	kept, err := s.insertQuote(ctx, s.db, quote)
	if err != nil || kept {
		return quote.reference, err
	}
	// It is there already, or there are too many.
	if _, err := s.Quote(ctx, quote.reference, ""); err != nil {
		return "", err
	}
	return quote.reference, nil
}

// sealedQuote is a text as it is kept.
type sealedQuote struct{ reference, workflowID, number, sealed string }

func (s *Store) sealQuote(ctx context.Context, q querier, workflowID, text string) (sealedQuote, error) {
	if len(text) > mostQuoted {
		text = strings.ToValidUTF8(text[:mostQuoted], "")
	}
	keys, err := s.digestKeys(ctx, q)
	if err != nil {
		return sealedQuote{}, err
	}
	number, err := s.orderOfWorkflow(ctx, q, workflowID)
	if err != nil {
		return sealedQuote{}, err
	}
	// A workflow id is that of a later order too, which may be of another client, and is erased apart.
	said := number + "\x00" + workflowID + "\x00" + text
	_, digest, _ := strings.Cut(s.digestOf(keys, ofQuote, said, "quote\x00"+said), ":")
	reference := "q-" + digest[:20]
	sealed, err := s.sealFor(ctx, q, number, []byte(text), "quote/"+reference)
	return sealedQuote{reference, workflowID, number, sealed}, err
}

// insertQuote keeps a text, and reports false if it is there already, or there are too many.
func (s *Store) insertQuote(ctx context.Context, q querier, quote sealedQuote) (bool, error) {
	result, err := q.ExecContext(ctx, `
		INSERT INTO quotes (reference, workflow_id, order_number, sealed, created_at)
		SELECT CAST($1 AS text), CAST($2 AS text), CAST($5 AS text), CAST($3 AS text), `+s.clock()+`
		WHERE (SELECT COUNT(*) FROM quotes WHERE workflow_id = $2 AND order_number = $5) < $4
		ON CONFLICT (reference) DO NOTHING`, quote.reference, quote.workflowID, quote.sealed, mostQuotes, quote.number)
	if err != nil {
		return false, fmt.Errorf("store: keep quote: %w", err)
	}
	rows, err := result.RowsAffected()
	return rows > 0, err
}

// orderOfWorkflow is the newest order that a workflow of the id has carried; "" for a workflow that
// carries none, such as a watch.
func (s *Store) orderOfWorkflow(ctx context.Context, q querier, workflowID string) (number string, err error) {
	err = q.GetContext(ctx, &number, `SELECT order_number FROM provisionings WHERE workflow_id = $1 ORDER BY created_at DESC LIMIT 1`, workflowID)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("store: order of a workflow: %w", err)
	}
	return number, nil
}

// orderOfQuote is the order that the workflow carried when a text was kept, or "".
func (s *Store) orderOfQuote(ctx context.Context, q querier, reference string) (number string, err error) {
	err = q.GetContext(ctx, &number, `SELECT p.order_number FROM quotes q JOIN provisionings p ON p.workflow_id = q.workflow_id
		WHERE q.reference = $1 AND p.created_at <= q.created_at ORDER BY p.created_at DESC LIMIT 1`, reference)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("store: order of a quote: %w", err)
	}
	return number, nil
}

// mostQuotes is how many texts of one order in one workflow are kept. A system that says something else at each
// try, such as the time, says nothing new.
const mostQuotes = 100

// QuotesKept is how long texts are kept: longer than Temporal keeps the histories that refer to
// them, where it keeps them for 90 days.
const QuotesKept = 120 * 24 * time.Hour

// DropQuotes removes texts that are older than QuotesKept, at most limit of them, and reports
// whether there may be more. The text of news about an account counts from when that came last.
func (s *Store) DropQuotes(ctx context.Context, limit int) (more bool, err error) {
	result, err := s.db.ExecContext(ctx, `DELETE FROM quotes WHERE reference IN (
		SELECT reference FROM quotes q WHERE created_at < `+s.asOf(-QuotesKept)+` AND NOT EXISTS (
			SELECT 1 FROM confirmations c WHERE c.event_id = substr(q.workflow_id, `+strconv.Itoa(len(ofInbox)+1)+`)
				AND c.quote = q.reference AND c.seen_at >= `+s.asOf(-QuotesKept)+`) LIMIT $1)`, limit)
	if err != nil {
		return false, fmt.Errorf("store: drop old quotes: %w", err)
	}
	rows, err := result.RowsAffected()
	return int(rows) == limit, err
}

// Quote opens what an outside system has said, or returns ErrNotFound. client, unless it is "", is
// whose order it must be about. One that is about no order, or from before that was kept, is found
// only if the workflow has carried nobody else's.
func (s *Store) Quote(ctx context.Context, reference, client string) (string, error) {
	var sealed string
	err := s.db.GetContext(ctx, &sealed, `SELECT sealed FROM quotes q WHERE reference = $1 AND ($2 = '' OR
		order_number <> '' AND EXISTS (SELECT 1 FROM orders o WHERE o.number = q.order_number AND o.client = $2) OR
		order_number = '' AND EXISTS (SELECT 1 FROM provisionings p WHERE p.workflow_id = q.workflow_id) AND NOT EXISTS (
			SELECT 1 FROM provisionings p JOIN orders o ON o.number = p.order_number
			WHERE p.workflow_id = q.workflow_id AND o.client <> $2))`, reference, client)
	if err != nil {
		return "", notFound("quote "+reference, err)
	}
	plain, err := s.open(ctx, s.db, sealed, "quote/"+reference)
	return string(plain), err
}
