package restore

import (
	"errors"
	"reflect"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/vault"
)

// told is a history of calls and their results.
type told struct{ events []*historypb.HistoryEvent }

func (h *told) HasNext() bool { return len(h.events) > 0 }

func (h *told) Next() (*historypb.HistoryEvent, error) {
	event := h.events[0]
	h.events = h.events[1:]
	return event, nil
}

func payloads(t *testing.T, value any) *commonpb.Payloads {
	t.Helper()
	encoded, err := converter.GetDefaultDataConverter().ToPayloads(value)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// call adds a call, and its result if there is one.
func (h *told) call(t *testing.T, name string, input any, result *activities.RequestState) {
	t.Helper()
	id := int64(len(h.events) + 1)
	h.events = append(h.events, &historypb.HistoryEvent{EventId: id, Attributes: &historypb.HistoryEvent_ActivityTaskScheduledEventAttributes{
		ActivityTaskScheduledEventAttributes: &historypb.ActivityTaskScheduledEventAttributes{
			ActivityType: &commonpb.ActivityType{Name: name}, Input: payloads(t, input),
		},
	}})
	if result != nil {
		h.events = append(h.events, &historypb.HistoryEvent{EventId: id + 1, Attributes: &historypb.HistoryEvent_ActivityTaskCompletedEventAttributes{
			ActivityTaskCompletedEventAttributes: &historypb.ActivityTaskCompletedEventAttributes{ScheduledEventId: id, Result: payloads(t, result)},
		}})
	}
}

// TestTheNewestCallSaysWhatTheLedgerMustHave: an answer, a later look, and a request that
// a person asked for again and that has no answer.
func TestTheNewestCallSaysWhatTheLedgerMustHave(t *testing.T) {
	submit := activities.SubmitRequestInput{
		OrderNumber: "A-1", Item: 1, Registrar: "netim-main", Kind: registrars.Registration, Domain: domains.MustParseName("shop.example"),
	}
	const key = "A-1/1/registration"
	state := func(reference string, status registrars.Status) *activities.RequestState {
		return &activities.RequestState{Key: key, Reference: reference, Status: status}
	}
	anew := submit
	anew.Reopenings = 1
	for name, c := range map[string]struct {
		calls func(*told)
		want  store.LedgerRow
	}{
		"without an answer": {func(h *told) { h.call(t, "SubmitRequest", submit, nil) }, store.LedgerRow{State: store.Unknown}},
		"pending": {
			func(h *told) { h.call(t, "SubmitRequest", submit, state("101", registrars.StatusPending)) },
			store.LedgerRow{State: store.Pending, Reference: "101"},
		},
		"done by a later look": {func(h *told) {
			h.call(t, "SubmitRequest", submit, state("101", registrars.StatusPending))
			h.call(t, "ConfirmRequest", activities.ConfirmRequestInput{Key: key}, state("101", registrars.StatusDone))
		}, store.LedgerRow{State: store.Done, Reference: "101"}},
		"failed, and asked for anew": {func(h *told) {
			h.call(t, "SubmitRequest", submit, state("101", registrars.StatusFailed))
			h.call(t, "SubmitRequest", anew, nil)
		}, store.LedgerRow{State: store.Unknown, Reopened: 1}},
		"failed, and taken anew": {func(h *told) {
			h.call(t, "SubmitRequest", submit, state("101", registrars.StatusFailed))
			h.call(t, "SubmitRequest", anew, state("102", registrars.StatusPending))
		}, store.LedgerRow{State: store.Pending, Reference: "102", Reopened: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			h := &told{}
			c.calls(h)
			read, err := readHistory(h, converter.GetDefaultDataConverter())
			if err != nil || len(read.requests) != 1 {
				t.Fatalf("%d requests, %v", len(read.requests), err)
			}
			row := read.requests[0].row("w")
			if row.Key != key || row.State != c.want.State || row.Reference != c.want.Reference || row.Reopened != c.want.Reopened {
				t.Errorf("the row is %+v", row)
			}
		})
	}
}

// TestTheOutcomeIsReadFromEitherLane: a call in the ordinary lane leaves its input, one in the fast
// lane its result only.
func TestTheOutcomeIsReadFromEitherLane(t *testing.T) {
	servers := domains.NameServers{"ns1.new.example", "ns2.new.example"}
	ordinary := &told{}
	ordinary.call(t, "RecordOutcome", activities.RecordOutcomeInput{OrderNumber: "A-1", Item: 1, State: "done", Left: "an account", NameServers: servers}, nil)
	marker := func(call string, result any) *historypb.HistoryEvent {
		return &historypb.HistoryEvent{Attributes: &historypb.HistoryEvent_MarkerRecordedEventAttributes{
			MarkerRecordedEventAttributes: &historypb.MarkerRecordedEventAttributes{MarkerName: "LocalActivity", Details: map[string]*commonpb.Payloads{
				"data": payloads(t, map[string]any{"ActivityID": "1", "ActivityType": call}), "result": payloads(t, result),
			}},
		}}
	}
	recorded := activities.RecordOutcomeResult{State: "done", Left: "an account", NameServers: servers}
	fast := &told{events: []*historypb.HistoryEvent{marker("RecordOutcome", recorded), marker("RecordState", activities.RecordOutcomeResult{State: "waiting"})}}
	for name, h := range map[string]*told{"ordinary": ordinary, "fast": fast} {
		read, err := readHistory(h, converter.GetDefaultDataConverter())
		if err != nil || read.outcome == nil || !reflect.DeepEqual(*read.outcome, recorded) {
			t.Errorf("%s: %+v, %v", name, read.outcome, err)
		}
	}
}

// TestASealedHistoryIsReadOrRefused: a paid call that cannot be read must not be taken for none.
func TestASealedHistoryIsReadOrRefused(t *testing.T) {
	codecOf := func(id string) *vault.Codec {
		codec, err := vault.NewCodec([]vault.CodecKey{{ID: id, Material: make([]byte, vault.CodecKeyBytes)}}, true)
		if err != nil {
			t.Fatal(err)
		}
		return codec
	}
	right := codecOf("h1").ForClients().Data
	input, err := right.ToPayloads(activities.SubmitRequestInput{OrderNumber: "A-1", Kind: registrars.Registration, Domain: domains.MustParseName("shop.example")})
	if err != nil {
		t.Fatal(err)
	}
	h := func() *told {
		h := &told{}
		h.call(t, "SubmitRequest", nil, nil)
		h.events[0].GetActivityTaskScheduledEventAttributes().Input = input
		return h
	}
	if read, err := readHistory(h(), right); err != nil || len(read.requests) != 1 {
		t.Errorf("%d requests, %v", len(read.requests), err)
	}
	if _, err := readHistory(h(), codecOf("h2").ForClients().Data); !errors.Is(err, vault.ErrSealed) {
		t.Errorf("without the key: %v", err)
	}
}
