package main

import (
	"context"
	"errors"
	"fmt"

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
	var failures []error
	for _, file := range files {
		document, err := s.readOrder(file)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", file, err))
			continue
		}
		plan, err := orders.Rehearse(ctx, document)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", file, err))
			continue
		}
		if err := s.printPlan(file, plan); err != nil {
			return err
		}
		if !plan.Accepted {
			failures = append(failures, fmt.Errorf("%s: the order would be refused", file))
		}
	}
	return errors.Join(failures...)
}

func (s *starter) printPlan(file string, plan rehearsal.Plan) error {
	if s.json {
		return s.printJSON(plan)
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
	return nil
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
