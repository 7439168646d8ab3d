package client

import (
	"context"
	"net/http"
	"net/url"

	"domainprovisioning/desk"
	"domainprovisioning/gateway"
)

// Drift lists differences, as desk.Desk does.
func (c *Client) Drift(ctx context.Context, filter desk.DriftFilter) (desk.DriftPage, error) {
	var page desk.DriftPage
	err := c.do(ctx, http.MethodGet, "/v1/drift"+queryOf(
		"registrar", filter.Registrar, "domain", filter.Domain, "kind", string(filter.Kind), "severity", string(filter.Severity),
		"cursor", filter.Cursor, "limit", number(filter.Limit)), "", nil, &page)
	return page, err
}

// RepairPlan says what would settle differences, as desk.Desk does.
func (c *Client) RepairPlan(ctx context.Context, domain string, wish desk.RepairWish) ([]desk.Repair, error) {
	var answer gateway.Repairs
	err := c.do(ctx, http.MethodGet, repairPath(domain)+queryOf("fact", string(wish.Kind), "accept", flag(wish.Accept)), "", nil, &answer)
	return answer.Repairs, noDomain(err)
}

// Repair settles differences, as desk.Desk does.
func (c *Client) Repair(ctx context.Context, domain string, wish desk.RepairWish) ([]desk.Repair, error) {
	var answer gateway.Repairs
	err := c.give(ctx, repairPath(domain), gateway.RepairCommand{Fact: wish.Kind, Accept: wish.Accept, Reason: saidBy(wish.Actor, wish.Reason)}, &answer)
	return answer.Repairs, noDomain(err)
}

func repairPath(domain string) string { return "/v1/domains/" + url.PathEscape(domain) + "/repair" }
