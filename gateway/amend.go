package gateway

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/invopop/jsonschema"

	"domainprovisioning/desk"
	"domainprovisioning/intake"
)

// AmendCommand is the body of POST /v1/orders/{id}/amend.
type AmendCommand struct {
	Given

	Amendment Amendment `json:"amendment"`
	DryRun    bool      `json:"dryRun,omitempty" jsonschema:"description=Change nothing: say what would be changed\\, or why the amendment would be refused"`
}

// Amendment is the part of an order that is replaced. The rules are in the package orders,
// which reads it.
type Amendment struct{ json.RawMessage }

// JSONSchema describes the fields, of which null removes most.
func (Amendment) JSONSchema() *jsonschema.Schema {
	fields := jsonschema.NewProperties()
	add := func(name, description string, kinds ...string) {
		schema := &jsonschema.Schema{Description: description}
		for _, kind := range kinds {
			schema.OneOf = append(schema.OneOf, &jsonschema.Schema{Type: kind})
		}
		fields.Set(name, schema)
	}
	add("customer", "Fields of a new customer, as in an order, each replaced by itself; null removes one", "object")
	add("contacts", "Fields of the contacts owner, admin, tech and billing, as in an order, each replaced by itself", "object")
	add("nameServers", "All of them, as in an order; null: those of the system", "array", "null")
	add("transferKey", "The transfer key; null removes it where the operation allows that", "string", "null")
	add("language", "The registry's code of the language; null removes it", "string", "null")
	add("expires", "The expected expiry date; null removes it where the operation allows that", "string", "null")
	add("parameters", "Parameters by name, the others stay; null removes one", "object")
	add("settings", "All of them: other values for the same kinds of settings", "object")
	add("planId", "Another plan of the same registrar account and top-level domain", "integer")
	add("periodId", "Another period; null: the plan's own", "integer", "null")
	add("hosting", "The planId and periodId of the hosting that the domain is bought with", "object")
	return &jsonschema.Schema{
		Type: "object", Properties: fields, AdditionalProperties: jsonschema.FalseSchema,
		Description: "Only the fields that change, of one item of the order",
	}
}

func (c AmendCommand) dry() bool { return c.DryRun }

// amendOrder is POST /v1/orders/{id}/amend.
func (g *Gateway) amendOrder(w http.ResponseWriter, r *http.Request) error {
	err := carryOut(g, w, r, func(c *AmendCommand) error {
		if !strings.HasPrefix(strings.TrimSpace(string(c.Amendment.RawMessage)), "{") {
			return refusedBody("/amendment", "must be an object with the fields that change")
		}
		return nil
	}, func(unit desk.Unit, id, actor string, c AmendCommand) (desk.Amended, error) {
		if c.DryRun {
			return g.Desk.CheckAmendment(r.Context(), unit, c.Amendment.RawMessage)
		}
		return g.Desk.Amend(r.Context(), unit, id, c.Amendment.RawMessage, actor, c.Reason)
	})
	if refusal, ok := errors.AsType[*intake.Refusal](err); ok {
		return problemOfAmendment(refusal)
	}
	return err
}

// problemOfAmendment is the answer to an amendment that breaks rules. The pointers go into the
// body.
func problemOfAmendment(refusal *intake.Refusal) *Problem {
	p := newProblem(http.StatusUnprocessableEntity, "amendment-refused", "The amendment is refused", "nothing was changed; see errors")
	for n, reason := range refusal.Reasons {
		pointer := "/amendment"
		if n < len(refusal.Pointers) {
			pointer += refusal.Pointers[n]
		}
		p.Errors = append(p.Errors, FieldError{Pointer: pointer, Detail: reason})
	}
	return p
}

func docAmendOrder() operation {
	described := docCommand("amendOrder", "Replace what an order said",
		"What has still to be used is replaced, by the rules of a new order, and the step is tried again. With dryRun nothing is changed.",
		AmendCommand{}, desk.Amended{}, "It is amended, or would be")
	for n := range described.answers {
		if described.answers[n].status == http.StatusUnprocessableEntity {
			described.answers[n].text = "The amendment breaks rules: each is listed with a JSON pointer into the body; or the Idempotency-Key was used with another body"
		}
	}
	return described
}
