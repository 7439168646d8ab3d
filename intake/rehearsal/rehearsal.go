// Package rehearsal shows what an order would lead to before it is placed: whether and
// why it would be refused, and which calls would be made with which parameters. The calls
// come from the real activities and clients, over connections that lead nowhere. Only the
// registrar is asked, and only in ways that cost and change nothing. Nothing is stored,
// reserved or started.
package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/intake"
	"domainprovisioning/orders"
	"domainprovisioning/workflows"
)

// Rehearsal rehearses orders. Its fields are required.
type Rehearsal struct {
	Intake *intake.Intake
	// Logins are the registrar logins that Billing gets, by account.
	Logins map[string]activities.RegistrarLogin
}

// Plan is what an order would lead to. Secrets in it are masked. Personal data are not,
// Accepted is true if the order would be accepted.
type Plan struct {
	// Accepted is true if the order would be accepted.
	Accepted bool `json:"accepted"`
	// Existing is the number of the order that this one repeats; "" if it is new.
	Existing string        `json:"existing,omitempty"`
	Refusals []Reason      `json:"refusals" jsonschema:"description=Why the order would be refused"`
	Notes    []Reason      `json:"notes,omitempty" jsonschema:"description=Remarks that refuse nothing"`
	Units    []PlannedUnit `json:"units"`
}

// Reason is one reason to refuse an order.
type Reason struct {
	Pointer string `json:"pointer" jsonschema:"description=JSON pointer (RFC 6901) into the order; empty for the whole"`
	Detail  string `json:"detail"`
}

// PlannedUnit is a unit of work: what one workflow would do.
type PlannedUnit struct {
	Item       int           `json:"item"`
	Operation  string        `json:"operation,omitempty"`
	Domain     string        `json:"domain,omitempty"`
	Registrar  string        `json:"registrar,omitempty"`
	WorkflowID string        `json:"workflowId"`
	Steps      []PlannedStep `json:"steps"`
}

// PlannedStep is a line of the checklist with the calls that it would make.
type PlannedStep struct {
	Number int    `json:"number"`
	Title  string `json:"title"`
	// Note says why there is no call, or what it depends on.
	Note  string        `json:"note,omitempty"`
	Calls []PlannedCall `json:"calls"`
}

// PlannedCall is one call to an outside system.
type PlannedCall struct {
	System     string             `json:"system" jsonschema:"description=operations\\, billing\\, or a registrar account"`
	Name       string             `json:"name"`
	Parameters []PlannedParameter `json:"parameters"`
	// Trouble says why the call would not be sent.
	Trouble string `json:"trouble,omitempty" jsonschema:"description=Why the call would be refused before it is sent; the order would wait for a person there"`
}

// PlannedParameter is a parameter of a call. The name of a nested one is its path.
type PlannedParameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Rehearse rehearses an order document, XML-RPC or JSON. An order that would be refused
// is a Plan too; it returns an error if the store did not answer.
func (r *Rehearsal) Rehearse(ctx context.Context, document []byte) (Plan, error) {
	plan := Plan{Refusals: []Reason{}, Units: []PlannedUnit{}}
	examined, err := r.Intake.Examine(ctx, document)
	if refusal, ok := errors.AsType[*intake.Refusal](err); ok {
		for n, reason := range refusal.Reasons {
			plan.Refusals = append(plan.Refusals, Reason{Pointer: refusal.Pointers[n], Detail: reason})
		}
	} else if err != nil {
		return plan, err
	}
	for _, note := range examined.Notes {
		plan.Notes = append(plan.Notes, Reason{Pointer: note.Path, Detail: note.Message})
	}
	plan.Existing = examined.Existing
	plan.Accepted = len(plan.Refusals) == 0
	if !plan.Accepted {
		return plan, nil
	}
	for _, unit := range examined.Units {
		rehearsed, err := r.unit(ctx, examined.Order, unit)
		if err != nil {
			return plan, err
		}
		plan.Units = append(plan.Units, rehearsed)
	}
	return plan, nil
}

func (r *Rehearsal) unit(ctx context.Context, order *orders.Order, input workflows.UnitInput) (PlannedUnit, error) {
	s, err := newStage(order, input, r.Logins)
	if err != nil {
		return PlannedUnit{}, err
	}
	rehearsed := PlannedUnit{Item: input.Unit.Item, WorkflowID: workflows.WorkflowID(number(order), input.Unit), Steps: []PlannedStep{}}
	if input.Unit.Domain != nil {
		rehearsed.Operation = input.Unit.Type.String()
		rehearsed.Domain, rehearsed.Registrar = input.Unit.Domain.Name.String(), input.Unit.Domain.Registrar
	}
	scenes := s.scenes()
	titles := workflows.Titles(input)
	if len(scenes) != len(titles) {
		return PlannedUnit{}, fmt.Errorf("rehearsal: %d scenes for %d steps", len(scenes), len(titles))
	}
	for n, title := range titles {
		note, err := scenes[n](ctx)
		calls := s.take(err)
		rehearsed.Steps = append(rehearsed.Steps, PlannedStep{Number: n + 1, Title: title, Note: note, Calls: calls})
	}
	return rehearsed, nil
}

// number returns the order's number, or a placeholder if it gets one when it is placed.
func number(order *orders.Order) string {
	if order.Number != "" {
		return order.Number
	}
	return "(number)"
}

// soon stands for the time of the registrar's confirmation.
func soon() time.Time { return time.Now().UTC().Truncate(time.Second) }
