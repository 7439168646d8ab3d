package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/store"
)

// queryOf builds a query from pairs of names and values; empty values are left out.
func queryOf(pairs ...string) string {
	query := url.Values{}
	for n := 0; n+1 < len(pairs); n += 2 {
		if pairs[n+1] != "" {
			query.Set(pairs[n], pairs[n+1])
		}
	}
	if len(query) == 0 {
		return ""
	}
	return "?" + query.Encode()
}

func flag(set bool) string {
	if set {
		return "true"
	}
	return ""
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// Operations lists the operations of the ledger, as desk.Desk does. The filter's Reference and
// Key are not asked for.
func (c *Client) Operations(ctx context.Context, filter store.LedgerFilter) ([]desk.Operation, error) {
	var answer gateway.Operations
	err := c.do(ctx, http.MethodGet, "/v1/operations"+queryOf(
		"registrar", filter.Account, "domain", filter.Domain, "all", flag(!filter.Open), "limit", number(filter.Limit)), "", nil, &answer)
	return answer.Operations, err
}

// LooseEnds lists what no order takes care of, as desk.Desk does.
func (c *Client) LooseEnds(ctx context.Context, filter store.LooseEndFilter) ([]desk.LooseEnd, error) {
	var answer gateway.LooseEnds
	err := c.do(ctx, http.MethodGet, "/v1/loose-ends"+queryOf(
		"kind", string(filter.Kind), "registrar", filter.Account, "domain", filter.Domain, "settled", flag(filter.Settled), "limit", number(filter.Limit)), "", nil, &answer)
	return answer.LooseEnds, err
}

// Inbox lists what registrars and people have reported, as desk.Desk does.
func (c *Client) Inbox(ctx context.Context, filter store.ConfirmationFilter) ([]desk.Report, error) {
	var answer gateway.Inbox
	err := c.do(ctx, http.MethodGet, "/v1/inbox"+queryOf(
		"state", string(filter.State), "registrar", filter.Account, "domain", filter.Domain, "limit", number(filter.Limit)), "", nil, &answer)
	return answer.Reports, err
}

// Quote returns what an outside system has said, as desk.Desk does.
func (c *Client) Quote(ctx context.Context, reference string) (desk.Quote, error) {
	var quote desk.Quote
	err := c.do(ctx, http.MethodGet, "/v1/quotes/"+url.PathEscape(reference), "", nil, &quote)
	if problem, ok := errors.AsType[*gateway.Problem](err); ok && problem.Status == http.StatusNotFound {
		return quote, store.ErrNotFound
	}
	return quote, err
}

// Watches tells when each registrar account was last asked, as desk.Desk does.
func (c *Client) Watches(ctx context.Context) ([]desk.Watch, error) {
	var answer gateway.Watches
	err := c.do(ctx, http.MethodGet, "/v1/watches", "", nil, &answer)
	return answer.Watches, err
}

// CheckOperation asks a registrar about an operation, as desk.Desk does.
func (c *Client) CheckOperation(ctx context.Context, reference, account string) (desk.Checked, error) {
	var checked desk.Checked
	return checked, c.give(ctx, "/v1/operations/check", gateway.CheckOperationCommand{Reference: reference, Registrar: account}, &checked)
}

// CancelOperation asks a registrar to withdraw an operation, as desk.Desk does.
func (c *Client) CancelOperation(ctx context.Context, reference, account, actor, reason string) (desk.Operation, error) {
	var withdrawn desk.Operation
	return withdrawn, c.give(ctx, "/v1/operations/withdraw",
		gateway.WithdrawOperationCommand{Reference: reference, Registrar: account, Reason: saidBy(actor, reason)}, &withdrawn)
}

// Settle records that a person has settled a loose end, as desk.Desk does.
func (c *Client) Settle(ctx context.Context, id, actor, reason string) (desk.LooseEnd, error) {
	var end desk.LooseEnd
	return end, c.give(ctx, "/v1/loose-ends/settle", gateway.SettleCommand{ID: id, Reason: saidBy(actor, reason)}, &end)
}

// saidBy puts the actor before the reason.
func saidBy(actor, reason string) string {
	if actor == "" {
		return reason
	}
	return strings.TrimSpace(actor + ": " + reason)
}

// give gives a command about an operation or a loose end. What is not there is store.ErrNotFound.
func (c *Client) give(ctx context.Context, path string, command, into any) error {
	body, err := json.Marshal(command)
	if err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	err = c.do(ctx, http.MethodPost, path, "application/json", body, into)
	if problem, ok := errors.AsType[*gateway.Problem](err); ok && problem.Status == http.StatusNotFound {
		return fmt.Errorf("gateway: %s: %w", path, store.ErrNotFound)
	}
	return err
}
