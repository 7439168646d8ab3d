package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"domainprovisioning/desk"
	"domainprovisioning/messages"
)

// RetryCommand is the body of POST /v1/orders/{id}/retry.
type RetryCommand struct {
	Domain string `json:"domain,omitempty" jsonschema:"description=Which unit of work is meant\\, where the order has several"`
	Reason string `json:"reason,omitempty" jsonschema:"maxLength=1000,description=Why\\, for the record; no personal data"`
	// AllowTakeover and NothingThere are as in messages.Retry.
	AllowTakeover bool `json:"allowTakeover,omitempty" jsonschema:"description=Let step 11 replace a domain of another account: it was made sure that the account has lost the name"`
	NothingThere  bool `json:"nothingThere,omitempty" jsonschema:"description=Submit anew a request whose outcome the registrar cannot tell: it was looked for there and nothing was found"`
}

// ConfirmCommand is the body of POST /v1/orders/{id}/confirm.
type ConfirmCommand struct {
	Domain    string `json:"domain,omitempty" jsonschema:"description=Which unit of work is meant\\, where the order has several"`
	EventID   string `json:"eventId,omitempty" jsonschema:"maxLength=200,description=Id of the event; the same id twice is one event"`
	Reference string `json:"reference,omitempty" jsonschema:"maxLength=200,description=The registrar's id of the operation"`
	Claim     string `json:"claim,omitempty" jsonschema:"maxLength=60,description=What is said to have become of it; recorded\\, not believed"`
}

const (
	maxReason = 1000
	maxToken  = 200
	maxClaim  = 60
)

// readCommand reads the body of a command; an empty one stands for {}.
func readCommand(w http.ResponseWriter, r *http.Request, command any) error {
	body, err := readJSON(w, r, maxCommand)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(command); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return refusedBody("/"+wrong.Field, "must be a "+wrong.Type.String())
		}
		return refusedBody("", "must be a JSON object with the documented fields only")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return refusedBody("", "must be one JSON object")
	}
	return nil
}

// limit refuses texts that are too long, or hold control characters.
func limit(fields ...struct {
	pointer, value string
	most           int
}) error {
	for _, field := range fields {
		if len(field.value) > field.most {
			return refusedBody(field.pointer, "is too long")
		}
		for _, c := range field.value {
			if c < ' ' || c == 0x7f {
				return refusedBody(field.pointer, "holds a control character")
			}
		}
	}
	return nil
}

type limited = struct {
	pointer, value string
	most           int
}

// unit is the one unit of work that a command acts on.
func (g *Gateway) unit(r *http.Request, domain string) (desk.Unit, error) {
	found, err := g.find(r)
	if err != nil {
		return desk.Unit{}, err
	}
	return desk.One(found, domain)
}

// retryOrder is POST /v1/orders/{id}/retry. With an Idempotency-Key the same request
// twice is one command.
func (g *Gateway) retryOrder(w http.ResponseWriter, r *http.Request) error {
	var command RetryCommand
	if err := readCommand(w, r, &command); err != nil {
		return err
	}
	if err := limit(limited{"/domain", command.Domain, maxID}, limited{"/reason", command.Reason, maxReason}); err != nil {
		return err
	}
	once, err := idempotency(r, nil)
	if err != nil {
		return err
	}
	unit, err := g.unit(r, command.Domain)
	if err != nil {
		return err
	}
	caller, id := keyOf(r.Context()).Name, ""
	if once != nil {
		id = "api/" + caller + "/" + once.Key
	}
	result, err := g.Desk.Retry(r.Context(), unit, id, messages.Retry{
		Actor: "api/" + caller, Reason: command.Reason, AllowTakeover: command.AllowTakeover, NothingThere: command.NothingThere,
	})
	if err != nil {
		return err
	}
	return g.answer(w, r, http.StatusOK, result)
}

// confirmOrder is POST /v1/orders/{id}/confirm.
func (g *Gateway) confirmOrder(w http.ResponseWriter, r *http.Request) error {
	var command ConfirmCommand
	if err := readCommand(w, r, &command); err != nil {
		return err
	}
	if err := limit(
		limited{"/domain", command.Domain, maxID}, limited{"/eventId", command.EventID, maxToken},
		limited{"/reference", command.Reference, maxToken}, limited{"/claim", command.Claim, maxClaim},
	); err != nil {
		return err
	}
	unit, err := g.unit(r, command.Domain)
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
