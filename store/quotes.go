package store

import (
	"context"
	"fmt"
	"strings"
)

// mostQuoted is how much of a text is kept, in bytes. A page of HTML from a proxy in front of a
// system may be far longer, and says nothing more.
const mostQuoted = 64 << 10

// KeepQuote seals what an outside system has said to a workflow, and returns the reference that
// may stand in for it in plain text. The same text has the same reference.
func (s *Store) KeepQuote(ctx context.Context, workflowID, text string) (reference string, err error) {
	if len(text) > mostQuoted {
		text = strings.ToValidUTF8(text[:mostQuoted], "")
	}
	_, digest, _ := strings.Cut(s.sealer.digest(s.sealer.primary, "quote\x00"+workflowID+"\x00"+text), ":")
	reference = "q-" + digest[:20]
	sealed, err := s.sealer.Seal([]byte(text), "quote/"+reference)
	if err != nil {
		return "", err
	}
	_, err = s.db.ExecContext(ctx, `INSERT INTO quotes (reference, workflow_id, sealed, created_at) VALUES ($1, $2, $3, `+s.clock()+`)
		ON CONFLICT (reference) DO NOTHING`, reference, workflowID, sealed)
	if err != nil {
		return "", fmt.Errorf("store: keep quote: %w", err)
	}
	return reference, nil
}

// Quote opens what an outside system has said, or returns ErrNotFound.
func (s *Store) Quote(ctx context.Context, reference string) (string, error) {
	var sealed string
	if err := s.db.GetContext(ctx, &sealed, `SELECT sealed FROM quotes WHERE reference = $1`, reference); err != nil {
		return "", notFound("quote "+reference, err)
	}
	plain, err := s.sealer.Open(sealed, "quote/"+reference)
	return string(plain), err
}
