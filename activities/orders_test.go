package activities_test

import (
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

func TestTheStateOfAnOrderIsRecorded(t *testing.T) {
	w := outside.New(t, outside.Options{})
	number := w.Place(t, outside.NewCustomer).Number
	at := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	recording := &activities.Orders{Store: w.Store}
	for _, in := range []activities.RecordStateInput{
		{OrderNumber: number, Item: 1, At: at, State: "attention", Step: 6, Reason: "balance", Since: at.Add(-time.Hour)},
		{OrderNumber: number, Item: 1, At: at.Add(time.Hour), State: "done", Step: 14}, // RecordOutcome tells the end
		{OrderNumber: "none", Item: 1, At: at, State: "running", Step: 1},
	} {
		if _, err := recording.RecordState(t.Context(), in); err != nil {
			t.Errorf("%+v: %v", in, err)
		}
	}
	rows, err := w.Store.Units(t.Context(), store.UnitFilter{OrderNumber: number})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%+v, %v", rows, err)
	}
	if unit := rows[0]; unit.Shown != messages.NeedsAttention || unit.Step != 6 || unit.Reason != "balance" || !unit.Since.Equal(at.Add(-time.Hour)) {
		t.Errorf("got %+v", unit)
	}
	if err := w.Store.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = recording.RecordState(t.Context(), activities.RecordStateInput{OrderNumber: number, At: at, State: "running"})
	wantClass(t, err, registrars.ClassTemporary)
}
