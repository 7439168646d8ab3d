// Package client is a client of the gateway. It offers the methods of desk.Desk over
// HTTP, with the same answers.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/domains"
	"domainprovisioning/gateway"
	"domainprovisioning/intake/rehearsal"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

const (
	// timeout bounds a request. A gateway answers within its request_timeout, which is 30
	// s unless configured.
	timeout = 60 * time.Second
	// maxReply is the size of the largest answer that is read. A page of 1000 orders
	// takes half.
	maxReply = 2 << 20
)

// Client calls one gateway. It is safe for concurrent use.
type Client struct {
	base string
	key  domains.Secret
	http *http.Client
}

// New returns a client for a gateway's address, such as https://gateway.example, and an
// API key.
func New(address string, key domains.Secret) (*Client, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "https" && parsed.Scheme != "http") || parsed.User != nil {
		return nil, errors.New("the gateway's address must be a URL such as https://gateway.example")
	}
	if key.IsZero() {
		return nil, errors.New("the gateway needs an API key")
	}
	return &Client{
		base: strings.TrimRight(address, "/"), key: key,
		http: &http.Client{
			Timeout: timeout,
			// Do not send the key to wherever a redirect points.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// kindOf returns the media type of an order document.
func kindOf(document []byte) string {
	kind := "application/json"
	if trimmed := bytes.TrimLeft(document, "\xef\xbb\xbf \t\r\n"); len(trimmed) > 0 && trimmed[0] == '<' {
		kind = "text/xml"
	}
	return kind
}

// Place places an order document, XML-RPC or JSON. The error is a *gateway.Problem, or
// the error of a gateway that does not answer: then the same document may be placed
// again.
func (c *Client) Place(ctx context.Context, document []byte) (desk.Placed, error) {
	var placed desk.Placed
	return placed, c.do(ctx, http.MethodPost, "/v1/orders", kindOf(document), document, &placed)
}

// Rehearse says what an order document would lead to, as desk.Desk does.
func (c *Client) Rehearse(ctx context.Context, document []byte) (rehearsal.Plan, error) {
	var plan rehearsal.Plan
	return plan, c.do(ctx, http.MethodPost, "/v1/orders/rehearsal", kindOf(document), document, &plan)
}

// Find returns the units of work that an argument names, as desk.Desk does.
func (c *Client) Find(ctx context.Context, argument string) ([]desk.Unit, error) {
	order, err := c.order(ctx, argument)
	if err != nil {
		return nil, err
	}
	found := make([]desk.Unit, len(order.Units))
	for i, unit := range order.Units {
		found[i] = unit.Unit
	}
	return found, nil
}

func (c *Client) order(ctx context.Context, argument string) (gateway.Order, error) {
	var order gateway.Order
	err := c.do(ctx, http.MethodGet, "/v1/orders/"+url.PathEscape(argument), "", nil, &order)
	if problem, ok := errors.AsType[*gateway.Problem](err); ok && problem.Status == http.StatusNotFound {
		return order, desk.ErrNotFound
	}
	return order, err
}

// Progress returns the state of a unit, as desk.Desk does.
func (c *Client) Progress(ctx context.Context, unit desk.Unit) (messages.Progress, error) {
	order, err := c.order(ctx, unit.Address())
	if err != nil {
		return messages.Progress{}, err
	}
	for _, candidate := range order.Units {
		switch {
		case candidate.Item != unit.Item:
		case candidate.Progress != nil:
			return *candidate.Progress, nil
		default:
			return messages.Progress{}, fmt.Errorf("%w for %s", desk.ErrUnavailable, unit.WorkflowID)
		}
	}
	return messages.Progress{}, desk.ErrNotFound
}

// List lists units of work, as desk.Desk does.
func (c *Client) List(ctx context.Context, filter desk.Filter) (desk.Page, error) {
	query := url.Values{}
	for name, value := range map[string]string{
		"domain": filter.Domain, "registrar": filter.Registrar, "state": filter.State, "cursor": filter.Cursor, "reason": filter.Reason, "text": filter.Text,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if filter.Step != 0 {
		query.Set("step", strconv.Itoa(filter.Step))
	}
	if filter.OlderThan != 0 {
		query.Set("olderThan", filter.OlderThan.String())
	}
	if filter.Limit != 0 {
		query.Set("limit", strconv.Itoa(filter.Limit))
	}
	var page desk.Page
	return page, c.do(ctx, http.MethodGet, "/v1/orders?"+query.Encode(), "", nil, &page)
}

// ActsOf lists what people and programs have done to a unit's order, as desk.Desk does.
func (c *Client) ActsOf(ctx context.Context, unit desk.Unit, filter store.ActFilter) (desk.ActPage, error) {
	query := url.Values{}
	if !filter.Since.IsZero() {
		query.Set("since", filter.Since.UTC().Format(time.RFC3339Nano))
	}
	if filter.After != 0 {
		query.Set("after", strconv.FormatInt(filter.After, 10))
	}
	if filter.Limit != 0 {
		query.Set("limit", strconv.Itoa(filter.Limit))
	}
	if filter.Latest {
		query.Set("latest", "true")
	}
	var page desk.ActPage
	return page, c.do(ctx, http.MethodGet, "/v1/orders/"+url.PathEscape(unit.Address())+"/acts?"+query.Encode(), "", nil, &page)
}

// Confirm tells an order that the registrar may have finished, as desk.Desk does.
func (c *Client) Confirm(ctx context.Context, unit desk.Unit, told desk.Confirmation) (desk.Confirmed, error) {
	var confirmed desk.Confirmed
	return confirmed, c.command(ctx, unit, messages.ActionConfirm, "", gateway.ConfirmCommand{
		Item: &unit.Item, EventID: told.EventID, Reference: told.Reference, Claim: told.Claim,
	}, &confirmed)
}

// mostWaits bounds how often a request is made again that came too fast.
const mostWaits = 10

// do makes a request, and makes it again when the gateway says so that too many came: such a
// request was not carried out. headers alternates names and values. Any status but 2xx is a
// *gateway.Problem.
func (c *Client) do(ctx context.Context, method, path, kind string, body []byte, into any, headers ...string) error {
	for waits := 0; ; waits++ {
		wait, err := c.try(ctx, method, path, kind, body, into, headers...)
		if wait == 0 || waits == mostWaits {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// try makes a request once. It returns how long to wait if it came too fast.
func (c *Client) try(ctx context.Context, method, path, kind string, body []byte, into any, headers ...string) (time.Duration, error) {
	request, err := c.request(ctx, method, path, kind, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return c.exchange(c.http, request, maxReply, into)
}

func (c *Client) request(ctx context.Context, method, path, kind string, body io.Reader) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+c.key.Reveal())
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	return request, nil
}

// exchange sends a request and reads at most so much of its answer.
func (c *Client) exchange(by *http.Client, request *http.Request, most int64, into any) (time.Duration, error) {
	answer, err := by.Do(request)
	if err != nil {
		if ctx := request.Context(); ctx.Err() != nil {
			return 0, ctx.Err()
		}
		return 0, fmt.Errorf("gateway: %s does not answer; start it or correct its address: %w", c.base, err)
	}
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(answer.Body, most+1))
	if err != nil {
		return 0, fmt.Errorf("gateway: the answer broke off: %w", err)
	}
	if int64(len(content)) > most {
		return 0, fmt.Errorf("gateway: the answer is larger than %d bytes", most)
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return tooFast(answer), problem(answer.StatusCode, content)
	}
	if err := json.Unmarshal(content, into); err != nil {
		return 0, fmt.Errorf("gateway: %s gives an answer that is not a gateway's", c.base)
	}
	return 0, nil
}

// tooFast is how long to wait before a request is made again that came too fast, at most a
// minute; 0 if the answer says something else.
func tooFast(answer *http.Response) time.Duration {
	seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
	if answer.StatusCode != http.StatusTooManyRequests || err != nil || seconds < 1 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, time.Minute)
}

func problem(status int, content []byte) error {
	var p gateway.Problem
	if json.Unmarshal(content, &p) != nil || p.Status != status || p.Title == "" {
		return &gateway.Problem{Title: fmt.Sprintf("gateway: status %d", status), Status: status}
	}
	return &p
}
