package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/portfolio/batch"
	"domainprovisioning/store"
)

const (
	// batchTimeout bounds a batch: a gateway checks and stores one within five minutes.
	batchTimeout = 6 * time.Minute
	// maxReport is the size of the largest report on a batch that is read: a page of lines takes a
	// part of it.
	maxReport = 64 << 20
)

// PlaceBatch sends a batch, as desk.Desk takes it; the client and who has brought it are those of the
// API key. The error is a *gateway.Problem, or that of a reader or a gateway that fails: then the same
// batch may be sent again under the same key.
func (c *Client) PlaceBatch(ctx context.Context, wanted batch.Wanted, in io.Reader) (desk.BatchReport, error) {
	unpriced, price, kind := "", "", "application/jsonl"
	if wanted.AcceptUnpriced {
		unpriced = "accept"
	}
	if wanted.Limit != nil {
		price = wanted.Limit.String()
	}
	if wanted.Form == batch.CSV {
		kind = "text/csv"
	}
	path := "/v1/batches" + queryOf("mode", string(wanted.Mode), "label", wanted.Label, "dryRun", flag(wanted.DryRun), "maxPrice", price, "unpriced", unpriced)
	ctx, cancel := context.WithTimeout(ctx, batchTimeout)
	defer cancel()
	request, err := c.request(ctx, http.MethodPost, path, kind, in)
	if err != nil {
		return desk.BatchReport{}, err
	}
	if wanted.Key != "" {
		request.Header.Set("Idempotency-Key", wanted.Key)
	}
	lasting := *c.http
	lasting.Timeout = batchTimeout
	var report desk.BatchReport
	_, err = c.exchange(&lasting, request, maxReport, &report)
	return report, err
}

// Batches lists batches, as desk.Desk does.
func (c *Client) Batches(ctx context.Context, state, cursor string, limit int) (desk.BatchPage, error) {
	var page desk.BatchPage
	return page, c.do(ctx, http.MethodGet, "/v1/batches"+queryOf("state", state, "cursor", cursor, "limit", number(limit)), "", nil, &page)
}

// Batch tells how a batch stands, as desk.Desk does.
func (c *Client) Batch(ctx context.Context, id string) (desk.Batch, error) {
	var found desk.Batch
	return found, noBatch(c.do(ctx, http.MethodGet, "/v1/batches/"+url.PathEscape(id), "", nil, &found))
}

// BatchLines lists the lines of a batch, as desk.Desk does.
func (c *Client) BatchLines(ctx context.Context, id, state string, after, limit int) (desk.BatchLines, error) {
	var page desk.BatchLines
	path := "/v1/batches/" + url.PathEscape(id) + "/lines" + queryOf("state", state, "after", number(after), "limit", number(limit))
	return page, noBatch(c.do(ctx, http.MethodGet, path, "", nil, &page))
}

// PauseBatch gives a command about a batch, as desk.Desk does.
func (c *Client) PauseBatch(ctx context.Context, id, actor, reason string) (desk.Batch, error) {
	return c.onBatch(ctx, id, "pause", actor, reason)
}

// ResumeBatch is as PauseBatch.
func (c *Client) ResumeBatch(ctx context.Context, id, actor, reason string) (desk.Batch, error) {
	return c.onBatch(ctx, id, "resume", actor, reason)
}

// CancelBatch is as PauseBatch.
func (c *Client) CancelBatch(ctx context.Context, id, actor, reason string) (desk.Batch, error) {
	return c.onBatch(ctx, id, "cancel", actor, reason)
}

func (c *Client) onBatch(ctx context.Context, id, command, actor, reason string) (desk.Batch, error) {
	var found desk.Batch
	path := "/v1/batches/" + url.PathEscape(id) + "/" + command
	return found, noBatch(c.give(ctx, path, gateway.BatchCommand{Reason: saidBy(actor, reason)}, &found))
}

// noBatch is the desk's error for a batch that is not there.
func noBatch(err error) error {
	if problem, ok := errors.AsType[*gateway.Problem](err); ok && problem.Status == http.StatusNotFound || errors.Is(err, store.ErrNotFound) {
		return desk.ErrNoBatch
	}
	return err
}
