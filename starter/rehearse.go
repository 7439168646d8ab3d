package main

import (
	"context"
	"errors"
	"fmt"

	"domainprovisioning/assembly"
	"domainprovisioning/intake/rehearsal"
)

// rehearseAll prints what orders would lead to. The error names those that would be
// refused.
func (s *starter) rehearseAll(ctx context.Context, files []string) error {
	orders, closeAll, err := s.orders(ctx)
	if err != nil {
		return err
	}
	defer closeAll()
	all := make([]rehearsedOrder, 0, len(files))
	var failures []error
	for _, file := range files {
		line := rehearsedOrder{File: file}
		plan, err := s.rehearse(ctx, orders, file)
		if err != nil {
			err = fmt.Errorf("%s: %w", file, err)
		} else {
			line.Plan = &plan
			s.printPlan(file, plan)
			if !plan.Accepted {
				err = assembly.Exit(assembly.ExitRefused, fmt.Errorf("%s: the order would be refused", file))
			}
		}
		line.Error = faultOf(err)
		all, failures = append(all, line), append(failures, err)
	}
	if s.json {
		failures = append(failures, s.printJSON(all))
	}
	return errors.Join(failures...)
}

// rehearsedOrder is what an order document would lead to.
type rehearsedOrder struct {
	File  string          `json:"file" jsonschema:"description=The argument; - for the standard input"`
	Plan  *rehearsal.Plan `json:"plan,omitempty"`
	Error *fault          `json:"error,omitempty"`
}

func (s *starter) rehearse(ctx context.Context, orders orderDesk, file string) (rehearsal.Plan, error) {
	document, err := s.readOrder(file)
	if err != nil {
		return rehearsal.Plan{}, err
	}
	return orders.Rehearse(ctx, document)
}

func (s *starter) printPlan(file string, plan rehearsal.Plan) {
	if s.json {
		return
	}
	switch {
	case plan.Existing != "":
		s.printf("%s repeats order %s; nothing would be done twice\n", file, plan.Existing)
	case plan.Accepted:
		s.printf("%s would be accepted\n", file)
	default:
		s.printf("%s would be refused\n", file)
	}
	for _, reason := range plan.Refusals {
		s.printf("  %s\n", reason.Detail)
	}
	for _, unit := range plan.Units {
		s.printUnit(unit)
	}
}

func (s *starter) printUnit(unit rehearsal.PlannedUnit) {
	what := "hosting"
	if unit.Domain != "" {
		what = unit.Operation + " of " + unit.Domain + " at " + unit.Registrar
	}
	s.printf("\nitem %d  %s  workflow %s\n", unit.Item, what, unit.WorkflowID)
	for _, step := range unit.Steps {
		note := ""
		if step.Note != "" {
			note = "  (" + step.Note + ")"
		}
		s.printf("%3d %s%s\n", step.Number, step.Title, note)
		for _, call := range step.Calls {
			if call.Trouble != "" {
				s.printf("      would need a person: %s\n", call.Trouble)
				continue
			}
			s.printf("      %s  %s\n", call.System, call.Name)
			width := 0
			for _, parameter := range call.Parameters {
				width = max(width, len(parameter.Name))
			}
			for _, parameter := range call.Parameters {
				s.printf("        %-*s  %s\n", width, parameter.Name, parameter.Value)
			}
		}
	}
}
