package desk

import (
	"slices"
	"strings"

	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// unit converts a row into its form in answers. A run that does not go on needs a person,
// whatever its workflow told last.
func (d *Desk) unit(row store.Unit) Unit {
	unit := Unit{
		Order: row.OrderNumber, Number: row.Label, Client: row.Client, Item: row.Item, Operation: intake.TypeOf(row), Domain: row.Domain, Registrar: row.Registrar,
		State: row.Shown, Step: row.Step, Reason: row.Reason, Since: row.Since,
		Run: string(row.Run), Started: row.StartedAt != nil, CreatedAt: row.CreatedAt, ClosedAt: row.ClosedAt, ErasedAt: row.ErasedAt,
		WorkflowID: row.WorkflowID, WebUI: d.page(row.WorkflowID),
		Trace: traceID(row.Trace),
	}
	switch {
	case row.State != store.UnitOpen:
		unit.State, unit.Since = messages.State(row.State), row.ClosedAt
	case row.Run != store.RunsWell:
		unit.State, unit.Reason, unit.Since = messages.NeedsAttention, string(row.Run), row.RunSince
	case row.Shown == "":
		unit.State = messages.Running // from before states were kept, until it is compared with Temporal
	}
	if unit.State == messages.Done {
		unit.Step = 0
	}
	return unit
}

// traceID returns the id of the trace in a header traceparent, version-trace-span-flags; or "" if
// it was not sampled, so that there is nothing to be seen under its id.
func traceID(mark string) string {
	parts := strings.Split(mark, "-")
	if len(parts) != 4 || parts[3] != "01" {
		return ""
	}
	return parts[1]
}

// Open reports whether the unit guards its domain, because it has not ended.
func (u Unit) Open() bool { return u.ClosedAt == nil }

// With returns the unit with the state that its workflow tells now, which may be newer than
// the store's, so that an answer with both does not contradict itself.
func (u Unit) With(progress messages.Progress) Unit {
	told := u
	told.State, told.Step, told.Reason, told.Run = progress.State, progress.Step, "", ""
	if progress.State == messages.Done {
		told.Step = 0
	}
	if attention := progress.Attention; attention != nil {
		told.Reason = string(attention.Reason)
		if slices.Contains(store.StoppedStates(), store.RunState(attention.Reason)) {
			told.Run = told.Reason
		}
	}
	switch {
	case progress.Attention != nil && !progress.Attention.Since.IsZero():
		told.Since = &progress.Attention.Since
	case told.State != u.State || told.Reason != u.Reason:
		told.Since = nil
	}
	return told
}
