package restore

import (
	"errors"
	"strconv"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"domainprovisioning/activities"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/vault"
	"domainprovisioning/workflows"
)

// history is what a run has reserved and requested, and its outcome.
type history struct {
	input    workflows.UnitInput
	requests []*request // one per row of the ledger, as the newest call has left it
	outcome  *activities.RecordOutcomeResult
}

// request is a request that was handed to the registrar, with its last known state.
type request struct {
	input activities.SubmitRequestInput
	state activities.RequestState
}

// reading reads payloads. It skips what has another form than it should, but remembers if one is
// sealed and cannot be opened: a paid call in it would be missed.
type reading struct {
	converter.DataConverter

	sealed error
}

func (r *reading) into(payloads *commonpb.Payloads, value any) bool {
	err := r.FromPayloads(payloads, value)
	if errors.Is(err, vault.ErrSealed) {
		r.sealed = err
	}
	return err == nil
}

// readHistory reads the events of a run.
func readHistory(events client.HistoryEventIterator, data converter.DataConverter) (history, error) {
	var read history
	decode := &reading{DataConverter: data}
	submitted := map[int64]*request{} // by the event that scheduled the call
	asked := map[int64]bool{}         // calls that read the state of a request
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return read, err
		}
		if started := event.GetWorkflowExecutionStartedEventAttributes(); started != nil {
			decode.into(started.GetInput(), &read.input)
		}
		if scheduled := event.GetActivityTaskScheduledEventAttributes(); scheduled != nil {
			switch scheduled.GetActivityType().GetName() {
			case "SubmitRequest":
				var input activities.SubmitRequestInput
				if decode.into(scheduled.GetInput(), &input) {
					submitted[event.GetEventId()] = read.handed(input)
				}
			case "RecordOutcome":
				var outcome activities.RecordOutcomeInput
				if decode.into(scheduled.GetInput(), &outcome) {
					read.outcome = &activities.RecordOutcomeResult{State: outcome.State, Left: outcome.Left, NameServers: outcome.NameServers}
				}
			case "ConfirmRequest":
				asked[event.GetEventId()] = true
			}
		}
		if marker := event.GetMarkerRecordedEventAttributes(); marker != nil && decode.localCall(marker) == "RecordOutcome" {
			var outcome activities.RecordOutcomeResult
			if decode.into(marker.GetDetails()["result"], &outcome) && outcome.State != "" {
				read.outcome = &outcome
			}
		}
		if completed := event.GetActivityTaskCompletedEventAttributes(); completed != nil {
			var state activities.RequestState
			one, of := submitted[completed.GetScheduledEventId()]
			if (of || asked[completed.GetScheduledEventId()]) && decode.into(completed.GetResult(), &state) {
				read.heard(one, state)
			}
		}
	}
	return read, decode.sealed
}

// localCall is the name of the call that a marker of the SDK is about; "" if it is about none, or
// cannot be decoded.
func (r *reading) localCall(marker *historypb.MarkerRecordedEventAttributes) string {
	var data struct{ ActivityType string }
	if marker.GetMarkerName() != "LocalActivity" || !r.into(marker.GetDetails()["data"], &data) {
		return ""
	}
	return data.ActivityType
}

// handed records a request that was handed to the registrar. If it was handed over
// before, nothing is known about the newest call.
func (h *history) handed(input activities.SubmitRequestInput) *request {
	for _, earlier := range h.requests {
		if keyOf(earlier.input) == keyOf(input) {
			input.Reopenings = max(input.Reopenings, earlier.input.Reopenings)
			*earlier = request{input: input}
			return earlier
		}
	}
	one := &request{input: input}
	h.requests = append(h.requests, one)
	return one
}

func keyOf(input activities.SubmitRequestInput) string {
	return activities.RequestKey(input.OrderNumber, input.Item, input.Kind)
}

// heard records the state of a request: the given one, or, if it is nil, the one with the
// state's key.
func (h *history) heard(one *request, state activities.RequestState) {
	for _, request := range h.requests {
		if request == one || one == nil && request.state.Key == state.Key {
			request.state = state
		}
	}
}

// row returns the ledger row that the request must have. Without an answer its outcome is
// unknown, so that the next try looks before it does anything.
func (r *request) row(workflowID string) store.LedgerRow {
	row := store.LedgerRow{
		Key:     keyOf(r.input),
		Account: r.input.Registrar, Kind: string(r.input.Kind), Domain: r.input.Domain.String(), WorkflowID: workflowID,
		State: store.Unknown, Reference: r.state.Reference, Word: r.state.Word, Reopened: r.input.Reopenings,
	}
	if accepted := r.input.AcceptedPrice; accepted != nil {
		row.AcceptedPrice = accepted.String()
	}
	switch r.state.Status {
	case registrars.StatusPending:
		row.State = store.Pending
	case registrars.StatusDone:
		row.State = store.Done
	case registrars.StatusFailed:
		row.State = store.Failed
	case registrars.StatusCancelled:
		row.State = store.Cancelled
	case registrars.StatusUnknown:
		row.State = store.Submitted
	}
	switch r.input.Kind {
	case registrars.Renewal:
		if !r.input.Expires.IsZero() {
			row.Guard = r.input.Expires.UTC().Format(time.RFC3339)
		}
	case registrars.OwnerChange:
		row.Guard = r.state.OwnerHandle
	}
	return row
}

// numbers records the highest number of each counter that occurs in the run.
func (h *history) numbers(seen map[string]int64) {
	note := func(counter string, value int) {
		if counter != "" && int64(value) > seen[counter] {
			seen[counter] = int64(value)
		}
	}
	if digits, ours := strings.CutPrefix(h.input.OrderNumber, "DP"); ours {
		if number, err := strconv.Atoi(digits); err == nil {
			note(store.OrderCounter, number)
		}
	}
	if h.input.NewAccount {
		note(store.CounterOf(store.AccountID), h.input.AccountID)
	}
	for _, user := range h.input.Users {
		note(store.CounterOf(store.UserID), user.UserID)
	}
	note(store.CounterOf(store.DomainSubscriptionID), h.input.DomainSubscriptionID)
	note(store.CounterOf(store.HostingSubscriptionID), h.input.HostingSubscriptionID)
	note(store.CounterOf(store.DomainID), h.input.DomainID)
}
