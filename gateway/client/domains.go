package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/messages"
)

// Domains lists domains, as desk.Desk does.
func (c *Client) Domains(ctx context.Context, filter desk.DomainFilter) (desk.DomainPage, error) {
	before := ""
	if !filter.ExpiringBefore.IsZero() {
		before = filter.ExpiringBefore.UTC().Format(time.RFC3339)
	}
	var page desk.DomainPage
	return page, c.do(ctx, http.MethodGet, "/v1/domains"+queryOf(
		"expiringBefore", before, "state", string(filter.State), "registrar", filter.Registrar, "accountId", number(filter.Account),
		"attention", flag(filter.Attention), "reason", string(filter.Reason), "text", filter.Text, "drift", flag(filter.Drift), "cursor", filter.Cursor, "limit", number(filter.Limit)), "", nil, &page)
}

// Domain tells all that is known of a domain, as desk.Desk does.
func (c *Client) Domain(ctx context.Context, name string) (desk.WholeDomain, error) {
	var whole desk.WholeDomain
	return whole, noDomain(c.do(ctx, http.MethodGet, "/v1/domains/"+url.PathEscape(name), "", nil, &whole))
}

// ChangeRenewal changes who renews a domain, as desk.Desk does.
func (c *Client) ChangeRenewal(ctx context.Context, name, id string, command messages.ChangeRenewal) (messages.Life, error) {
	var life messages.Life
	return life, c.onDomain(ctx, name, "renewal", id, gateway.RenewalCommand{DomainGiven: givenBy(command.Actor, command.Reason), Mode: command.Mode}, &life)
}

// MarkLeft states that a domain has left, as desk.Desk does.
func (c *Client) MarkLeft(ctx context.Context, name, id string, command messages.MarkLeft) (messages.Life, error) {
	var life messages.Life
	return life, c.onDomain(ctx, name, "left", id, gateway.LeftCommand{DomainGiven: givenBy(command.Actor, command.Reason), State: command.State}, &life)
}

// Look has a domain read at its registrar, as desk.Desk does.
func (c *Client) Look(ctx context.Context, name, actor, reason string) (desk.Looked, error) {
	var looked desk.Looked
	return looked, c.onDomain(ctx, name, "look", "", gateway.LookCommand{DomainGiven: givenBy(actor, reason)}, &looked)
}

// RestoreDomain orders that a domain is taken out of redemption, as desk.Desk does.
func (c *Client) RestoreDomain(ctx context.Context, name, price, actor, reason string) (desk.Placed, error) {
	var placed desk.Placed
	return placed, c.onDomain(ctx, name, "restore", "", gateway.RestoreCommand{DomainGiven: givenBy(actor, reason), AcceptPrice: price}, &placed)
}

func givenBy(actor, reason string) gateway.DomainGiven {
	return gateway.DomainGiven{Reason: saidBy(actor, reason)}
}

func (c *Client) onDomain(ctx context.Context, name, command, id string, body, into any) error {
	document, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	var headers []string
	if id != "" {
		headers = []string{"Idempotency-Key", id}
	}
	path := "/v1/domains/" + url.PathEscape(name) + "/commands/" + command
	return noDomain(c.do(ctx, http.MethodPost, path, "application/json", document, into, headers...))
}

// noDomain is the desk's error for a domain that is not there.
func noDomain(err error) error {
	if problem, ok := errors.AsType[*gateway.Problem](err); ok && problem.Status == http.StatusNotFound {
		return desk.ErrNoDomain
	}
	return err
}
