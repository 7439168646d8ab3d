package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/messages"
)

// The commands of desk.Desk. The actor is the name of the API key; the command's own actor is
// put before the reason. The id is the Idempotency-Key.

// Retry resumes an order, as desk.Desk does.
func (c *Client) Retry(ctx context.Context, unit desk.Unit, id string, command messages.Retry) (messages.Answer, error) {
	return c.answered(ctx, unit, messages.ActionRetry, id, gateway.RetryCommand{
		Given: given(unit, command.Actor, command.Reason), AllowTakeover: command.AllowTakeover, NothingThere: command.NothingThere, AcceptPrice: command.AcceptPrice,
	})
}

// Cancel gives an order up, as desk.Desk does.
func (c *Client) Cancel(ctx context.Context, unit desk.Unit, id string, command messages.Cancel) (messages.Answer, error) {
	return c.answered(ctx, unit, messages.ActionCancel, id, gateway.CancelCommand{
		Given: given(unit, command.Actor, command.Reason), Keep: command.Keep, DeleteRegistration: command.DeleteRegistration,
	})
}

// Extend moves the deadline of an order, as desk.Desk does.
func (c *Client) Extend(ctx context.Context, unit desk.Unit, id string, command messages.Extend) (messages.Answer, error) {
	return c.answered(ctx, unit, messages.ActionExtend, id, gateway.ExtendCommand{
		Given: given(unit, command.Actor, command.Reason), Until: command.Until.UTC().Format(time.RFC3339),
	})
}

// Skip leaves out a step, as desk.Desk does.
func (c *Client) Skip(ctx context.Context, unit desk.Unit, id string, command messages.Skip) (messages.Answer, error) {
	return c.answered(ctx, unit, messages.ActionSkip, id, gateway.SkipCommand{
		Given: given(unit, command.Actor, command.Reason), Step: command.Step, BillingDomainID: command.BillingDomainID,
	})
}

// ConfirmByHand states what a registrar has done, as desk.Desk does.
func (c *Client) ConfirmByHand(ctx context.Context, unit desk.Unit, id string, command messages.ConfirmByHand) (messages.Answer, error) {
	body := gateway.ConfirmByHandCommand{Given: given(unit, command.Actor, command.Reason), Outcome: command.Outcome}
	if !command.Expires.IsZero() {
		body.Expires = command.Expires.UTC().Format(time.DateOnly)
	}
	return c.answered(ctx, unit, messages.ActionConfirmByHand, id, body)
}

// Amend replaces what an order said, as desk.Desk does.
func (c *Client) Amend(ctx context.Context, unit desk.Unit, id string, amendment []byte, actor, reason string) (desk.Amended, error) {
	var amended desk.Amended
	err := c.command(ctx, unit, messages.ActionAmend, id, gateway.AmendCommand{
		Given: given(unit, actor, reason), Amendment: gateway.Amendment{RawMessage: amendment},
	}, &amended)
	return amended, err
}

// CheckAmendment says what an amendment would change, as desk.Desk does.
func (c *Client) CheckAmendment(ctx context.Context, unit desk.Unit, amendment []byte) (desk.Amended, error) {
	var amended desk.Amended
	err := c.command(ctx, unit, messages.ActionAmend, "", gateway.AmendCommand{
		Given: given(unit, "", "dry run"), Amendment: gateway.Amendment{RawMessage: amendment}, DryRun: true,
	}, &amended)
	return amended, err
}

// Undo lists what a cancellation would take back, as desk.Desk does.
func (c *Client) Undo(ctx context.Context, unit desk.Unit) ([]messages.UndoLine, error) {
	var undo gateway.Undo
	path := "/v1/orders/" + url.PathEscape(unit.Address()) + "/undo?item=" + strconv.Itoa(unit.Item)
	err := c.do(ctx, http.MethodGet, path, "", nil, &undo)
	return undo.Lines, err
}

func given(unit desk.Unit, actor, reason string) gateway.Given {
	return gateway.Given{Item: &unit.Item, Reason: saidBy(actor, reason)}
}

func (c *Client) answered(ctx context.Context, unit desk.Unit, action messages.Action, id string, command any) (messages.Answer, error) {
	var answer messages.Answer
	err := c.command(ctx, unit, action, id, command, &answer)
	return answer, err
}

func (c *Client) command(ctx context.Context, unit desk.Unit, action messages.Action, id string, command, into any) error {
	body, err := json.Marshal(command)
	if err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	var headers []string
	if id != "" {
		headers = []string{"Idempotency-Key", id}
	}
	return c.do(ctx, http.MethodPost, "/v1/orders/"+url.PathEscape(unit.Address())+"/"+string(action), "application/json", body, into, headers...)
}
