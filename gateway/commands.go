package gateway

import (
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
)

// RetryCommand is the body of POST /v1/orders/{id}/retry.
type RetryCommand struct {
	Domain string `json:"domain,omitempty" jsonschema:"description=Which unit of work is meant\\, where the order has several"`
	Item   *int   `json:"item,omitempty" jsonschema:"description=Which unit of work is meant\\, by its item; hosting without a domain has no other name"`
	Reason string `json:"reason,omitempty" jsonschema:"maxLength=1000,description=Why\\, for the record; no personal data"`
	// AllowTakeover and NothingThere are as in messages.Retry.
	AllowTakeover bool `json:"allowTakeover,omitempty" jsonschema:"description=Let step 11 replace a domain of another account: somebody made sure that the account has lost the name"`
	NothingThere  bool `json:"nothingThere,omitempty" jsonschema:"description=Submit a request again whose outcome the registrar cannot tell: somebody looked for it there and found nothing"`
	// AcceptPrice is as in messages.Retry.
	AcceptPrice string `json:"acceptPrice,omitempty" jsonschema:"maxLength=20,example=250.00EUR,description=The registrar's price that somebody accepts\\, for an order that needs attention because of its price; the request is sent at exactly this price"`
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
	maxReason = 1000
	maxToken  = 200
	maxClaim  = 60
	maxPrice  = 20
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

// retryOrder is POST /v1/orders/{id}/retry. With an Idempotency-Key a repeated request is
// one command.
func (g *Gateway) retryOrder(w http.ResponseWriter, r *http.Request) error {
	var command RetryCommand
	body, err := readCommand(w, r, &command)
	if err != nil {
		return err
	}
	if err := check(text{"/domain", command.Domain, maxID}, text{"/reason", command.Reason, maxReason}, text{"/acceptPrice", command.AcceptPrice, maxPrice}); err != nil {
		return err
	}
	once, err := idempotency(r, body)
	if err != nil {
		return err
	}
	unit, err := g.unit(r, desk.Which{Domain: command.Domain, Item: command.Item})
	if err != nil {
		return err
	}
	caller, id := keyOf(r.Context()).Name, ""
	if once != nil {
		if err := g.Desk.Store.KeepRequest(r.Context(), *once, unit.Order); err != nil {
			return err
		}
		id = "api/" + once.Client + "/" + once.Key
	}
	result, err := g.Desk.Retry(r.Context(), unit, id, messages.Retry{
		Actor: "api/" + caller, Reason: command.Reason, AllowTakeover: command.AllowTakeover, NothingThere: command.NothingThere,
		AcceptPrice: command.AcceptPrice,
	})
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, result)
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
