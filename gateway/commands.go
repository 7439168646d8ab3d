package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
)

// Given is what the bodies of all commands have in common.
type Given struct {
	Domain string `json:"domain,omitempty" jsonschema:"description=Which unit of work is meant\\, where the order has several"`
	Item   *int   `json:"item,omitempty" jsonschema:"description=Which unit of work is meant\\, by its item; hosting without a domain has no other name"`
	Reason string `json:"reason" jsonschema:"minLength=1,maxLength=1000,description=Why\\, for the record; no personal data"`
}

// check refuses a command without a reason.
func (c Given) check() error {
	if strings.TrimSpace(c.Reason) == "" {
		return refusedBody("/reason", "is missing: say why, for the record")
	}
	return check(text{"/domain", c.Domain, maxID}, text{"/reason", c.Reason, messages.MostReason})
}

func (c Given) given() Given { return c }

// RetryCommand is the body of POST /v1/orders/{id}/retry.
type RetryCommand struct {
	Given

	// AllowTakeover and NothingThere are as in messages.Retry.
	AllowTakeover bool `json:"allowTakeover,omitempty" jsonschema:"description=Let step 11 replace a domain of another account: somebody made sure that the account has lost the name"`
	NothingThere  bool `json:"nothingThere,omitempty" jsonschema:"description=Submit a request again whose outcome the registrar cannot tell: somebody looked for it there and found nothing"`
	// AcceptPrice is as in messages.Retry.
	AcceptPrice string `json:"acceptPrice,omitempty" jsonschema:"maxLength=20,example=250.00EUR,description=The registrar's price that somebody accepts\\, for an order that needs attention because of its price; the request is sent at exactly this price"`
}

// CancelCommand is the body of POST /v1/orders/{id}/cancel.
type CancelCommand struct {
	Given

	Keep               bool `json:"keep,omitempty" jsonschema:"description=Leave what the order made as it is\\, and only list it"`
	DeleteRegistration bool `json:"deleteRegistration,omitempty" jsonschema:"description=Delete a registration that the registrar has confirmed\\, as long as it can be given back; otherwise it is kept"`
}

// ExtendCommand is the body of POST /v1/orders/{id}/extend.
type ExtendCommand struct {
	Given

	Until string `json:"until" jsonschema:"format=date-time,description=When a person is told if the registrar has not finished; at most 366 days ahead"`
}

// SkipCommand is the body of POST /v1/orders/{id}/skip.
type SkipCommand struct {
	Given

	Step            int `json:"step" jsonschema:"minimum=1,description=The step that is meant\\, so that a late command hits no other"`
	BillingDomainID int `json:"billingDomainId,omitempty" jsonschema:"minimum=1,description=The id under which the domain was recorded in Billing by hand; for that step only\\, which needs it"`
}

// ConfirmByHandCommand is the body of POST /v1/orders/{id}/confirm-by-hand. The reason is the
// evidence.
type ConfirmByHandCommand struct {
	Given

	Outcome messages.Outcome `json:"outcome" jsonschema:"description=What has become of the request"`
	Expires string           `json:"expires,omitempty" jsonschema:"format=date,description=When the domain expires\\, if that is known"`
}

// Undo is the answer to GET /v1/orders/{id}/undo.
type Undo struct {
	Order string              `json:"order"`
	Item  int                 `json:"item"`
	Lines []messages.UndoLine `json:"lines"`
}

// ConfirmCommand is the body of POST /v1/orders/{id}/confirm.
type ConfirmCommand struct {
	Domain    string `json:"domain,omitempty" jsonschema:"description=Which unit of work is meant\\, where the order has several"`
	Item      *int   `json:"item,omitempty" jsonschema:"description=Which unit of work is meant\\, by its item"`
	EventID   string `json:"eventId,omitempty" jsonschema:"maxLength=200,description=Id of the event; the same id twice is one event"`
	Reference string `json:"reference,omitempty" jsonschema:"maxLength=200,description=The registrar's id of the operation"`
	Claim     string `json:"claim,omitempty" jsonschema:"maxLength=60,description=The claimed outcome; recorded\\, not believed"`
}

const (
	maxToken = 200
	// maxCommandID bounds the id of a command: that of a client with its Idempotency-Key.
	maxCommandID = 300
	maxClaim     = 60
	maxPrice     = 20
)

// text is a field of a command with its maximum length in bytes.
type text struct {
	pointer, value string
	most           int
}

// check refuses texts that are too long or contain control characters.
func check(texts ...text) error {
	for _, field := range texts {
		if len(field.value) > field.most {
			return refusedBody(field.pointer, fmt.Sprintf("must be at most %d bytes long", field.most))
		}
		if strings.ContainsFunc(field.value, unicode.IsControl) {
			return refusedBody(field.pointer, "must hold no control character")
		}
	}
	return nil
}

// unit returns the one unit of work that a command acts on.
func (g *Gateway) unit(r *http.Request, which desk.Which) (desk.Unit, error) {
	found, err := g.find(r)
	if err != nil {
		return desk.Unit{}, err
	}
	return desk.One(found, which)
}

// carryOut reads the body of a command, finds the unit of work that it is about, and gives the
// command. With an Idempotency-Key a repeated request is one command. check looks at what the
// command has besides a reason; nil stands for nothing.
func carryOut[C interface{ given() Given }, A any](
	g *Gateway, w http.ResponseWriter, r *http.Request, check func(*C) error, give func(unit desk.Unit, id, actor string, command C) (A, error),
) error {
	var command C
	body, err := readCommand(w, r, &command)
	if err != nil {
		return err
	}
	given := command.given()
	if err := given.check(); err != nil {
		return err
	}
	if check != nil {
		if err := check(&command); err != nil {
			return err
		}
	}
	once, err := idempotency(r, body)
	if err != nil {
		return err
	}
	if try, ok := any(command).(interface{ dry() bool }); ok && try.dry() {
		once = nil // what changes nothing uses up no key
	}
	unit, err := g.unit(r, desk.Which{Domain: given.Domain, Item: given.Item})
	if err != nil {
		return err
	}
	id := ""
	if once != nil {
		known, err := g.Desk.Store.KeepRequest(r.Context(), *once, unit.Order)
		if err != nil {
			return err
		}
		if known != nil {
			// The command is not given again: it may have ended the order.
			w.Header().Set(headerReplayed, "true")
			return g.answer(w, r, http.StatusOK, json.RawMessage(known))
		}
		id = "api/" + once.Client + "/" + once.Key
	}
	answer, err := give(unit, id, "api/"+keyOf(r.Context()).Name, command)
	if err != nil {
		return err
	}
	g.recordAnswer(r, once, unit.Order, http.StatusOK, answer)
	return g.answer(w, r, http.StatusOK, answer)
}

// retryOrder is POST /v1/orders/{id}/retry.
func (g *Gateway) retryOrder(w http.ResponseWriter, r *http.Request) error {
	return carryOut(g, w, r, func(c *RetryCommand) error { return check(text{"/acceptPrice", c.AcceptPrice, maxPrice}) },
		func(unit desk.Unit, id, actor string, c RetryCommand) (messages.Answer, error) {
			return g.Desk.Retry(r.Context(), unit, id, messages.Retry{
				Actor: actor, Reason: c.Reason, AllowTakeover: c.AllowTakeover, NothingThere: c.NothingThere, AcceptPrice: c.AcceptPrice,
			})
		})
}

// cancelOrder is POST /v1/orders/{id}/cancel.
func (g *Gateway) cancelOrder(w http.ResponseWriter, r *http.Request) error {
	return carryOut(g, w, r, func(c *CancelCommand) error {
		if c.Keep && c.DeleteRegistration {
			return refusedBody("/deleteRegistration", "must not come together with keep")
		}
		return nil
	}, func(unit desk.Unit, id, actor string, c CancelCommand) (messages.Answer, error) {
		return g.Desk.Cancel(r.Context(), unit, id, messages.Cancel{
			Actor: actor, Reason: c.Reason, Keep: c.Keep, DeleteRegistration: c.DeleteRegistration,
		})
	})
}

// extendOrder is POST /v1/orders/{id}/extend.
func (g *Gateway) extendOrder(w http.ResponseWriter, r *http.Request) error {
	var until time.Time
	return carryOut(g, w, r, func(c *ExtendCommand) (err error) {
		if until, err = time.Parse(time.RFC3339, c.Until); err != nil {
			return refusedBody("/until", "must be a time such as 2026-12-24T12:00:00Z")
		}
		return nil
	}, func(unit desk.Unit, id, actor string, c ExtendCommand) (messages.Answer, error) {
		return g.Desk.Extend(r.Context(), unit, id, messages.Extend{Actor: actor, Reason: c.Reason, Until: until})
	})
}

// skipStep is POST /v1/orders/{id}/skip.
func (g *Gateway) skipStep(w http.ResponseWriter, r *http.Request) error {
	return carryOut(g, w, r, func(c *SkipCommand) error {
		switch {
		case c.Step < 1:
			return refusedBody("/step", "must be the number of the step that the order is at")
		case c.BillingDomainID < 0:
			return refusedBody("/billingDomainId", "must be the id of a domain in Billing")
		}
		return nil
	}, func(unit desk.Unit, id, actor string, c SkipCommand) (messages.Answer, error) {
		return g.Desk.Skip(r.Context(), unit, id, messages.Skip{Actor: actor, Reason: c.Reason, Step: c.Step, BillingDomainID: c.BillingDomainID})
	})
}

// confirmByHand is POST /v1/orders/{id}/confirm-by-hand.
func (g *Gateway) confirmByHand(w http.ResponseWriter, r *http.Request) error {
	var expires time.Time
	return carryOut(g, w, r, func(c *ConfirmByHandCommand) (err error) {
		if !slices.Contains(messages.Outcomes(), c.Outcome) {
			return refusedBody("/outcome", "must be done or refused")
		}
		if c.Expires != "" {
			if expires, err = time.Parse(time.DateOnly, c.Expires); err != nil {
				return refusedBody("/expires", "must be a day such as 2026-12-24")
			}
		}
		return nil
	}, func(unit desk.Unit, id, actor string, c ConfirmByHandCommand) (messages.Answer, error) {
		return g.Desk.ConfirmByHand(r.Context(), unit, id, messages.ConfirmByHand{Actor: actor, Reason: c.Reason, Outcome: c.Outcome, Expires: expires})
	})
}

// orderUndo is GET /v1/orders/{id}/undo.
func (g *Gateway) orderUndo(w http.ResponseWriter, r *http.Request) error {
	unit, err := g.unitOfQuery(r)
	if err != nil {
		return err
	}
	lines, err := g.Desk.Undo(r.Context(), unit)
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, Undo{Order: unit.Number, Item: unit.Item, Lines: append([]messages.UndoLine{}, lines...)})
}

// unitOfQuery returns the unit of work that the parameters domain and item name; also are the
// other parameters that the route has.
func (g *Gateway) unitOfQuery(r *http.Request, also ...string) (desk.Unit, error) {
	query := r.URL.Query()
	if err := parameters(query, append([]string{"domain", "item"}, also...)...); err != nil {
		return desk.Unit{}, err
	}
	which := desk.Which{Domain: query.Get("domain")}
	if query.Has("item") {
		item, err := strconv.Atoi(query.Get("item"))
		if err != nil {
			return desk.Unit{}, refusedParameter("item", "must be the number of an item")
		}
		which.Item = &item
	}
	return g.unit(r, which)
}

// orderCommand is GET /v1/orders/{id}/commands.
func (g *Gateway) orderCommand(w http.ResponseWriter, r *http.Request) error {
	unit, err := g.unitOfQuery(r, "command")
	if err != nil {
		return err
	}
	id := r.URL.Query().Get("command")
	if id == "" || len(id) > maxCommandID {
		return refusedParameter("command", fmt.Sprintf("must be the id of a command, 1 to %d bytes", maxCommandID))
	}
	stands, err := g.Desk.Command(r.Context(), unit, id)
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, stands)
}

// confirmOrder is POST /v1/orders/{id}/confirm.
func (g *Gateway) confirmOrder(w http.ResponseWriter, r *http.Request) error {
	var command ConfirmCommand
	if _, err := readCommand(w, r, &command); err != nil {
		return err
	}
	if err := check(
		text{"/domain", command.Domain, maxID}, text{"/eventId", command.EventID, maxToken},
		text{"/reference", command.Reference, maxToken}, text{"/claim", command.Claim, maxClaim},
	); err != nil {
		return err
	}
	unit, err := g.unit(r, desk.Which{Domain: command.Domain, Item: command.Item})
	if err != nil {
		return err
	}
	confirmed, err := g.Desk.Confirm(r.Context(), unit, desk.Confirmation{
		EventID: command.EventID, Reference: command.Reference, Claim: command.Claim,
	})
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, confirmed)
}
