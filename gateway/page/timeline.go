package page

import (
	"fmt"
	"slices"
	"time"

	"domainprovisioning/desk"
)

// moment is something that has happened to an order.
type moment struct {
	At   time.Time
	Kind string // order, step, trouble or confirmation
	Text string
}

// moments lists what has happened to a unit of work, the latest first: its steps, why a person was
// needed, and what the registrar has reported since it was accepted.
func moments(unit desk.Standing, reports []desk.Report) []moment {
	all := []moment{{unit.CreatedAt, "order", "The order was accepted"}}
	if progress := unit.Progress; progress != nil {
		for _, step := range progress.Steps {
			if !step.FinishedAt.IsZero() {
				all = append(all, moment{step.FinishedAt, "step", fmt.Sprintf("Step %d, %s: %s", step.Number, step.Title, step.State)})
			}
		}
		for _, past := range progress.Troubles {
			all = append(all,
				moment{past.Since, "trouble", fmt.Sprintf("Needed a person at step %d: %s", past.Step, past.Reason)},
				moment{past.Until, "trouble", fmt.Sprintf("Over after %s: %s", span(past.Until.Sub(past.Since)), past.Cure)})
		}
		if attention := progress.Attention; attention != nil && !attention.Since.IsZero() {
			all = append(all, moment{attention.Since, "trouble", fmt.Sprintf("Needs a person at step %d: %s", attention.Step, attention.Reason)})
		}
	}
	for _, report := range reports {
		if report.ReceivedAt.Before(unit.CreatedAt) || unit.ClosedAt != nil && report.WorkflowID != "" && report.WorkflowID != unit.WorkflowID {
			continue
		}
		text := fmt.Sprintf("A %s reported", report.Source)
		if report.Claim != "" {
			text += fmt.Sprintf(" %q", report.Claim)
		}
		if report.Reference != "" {
			text += " about operation " + report.Reference
		}
		all = append(all, moment{report.ReceivedAt, "confirmation", text + ": " + report.State})
	}
	if unit.ClosedAt != nil {
		all = append(all, moment{*unit.ClosedAt, "order", "The order ended: " + string(unit.State)})
	}
	slices.SortStableFunc(all, func(a, b moment) int { return a.At.Compare(b.At) })
	slices.Reverse(all) // of what happened at the same time, the latest step is first too
	return all
}
