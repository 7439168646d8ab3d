package page_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/portfolio/batch"
)

func TestABatchIsShownAndCommanded(t *testing.T) {
	o := begin(t)
	o.as("helper").sees("/desk/batches", "There are none.")
	d := &desk.Desk{Store: o.Store, Temporal: o.Temporal, Intake: o.World.Intake}
	report, err := d.PlaceBatch(desk.WithBy(t.Context(), desk.By{Actor: "tester", Operator: true}),
		batch.Wanted{Label: "<b>spring</b>", Mode: "good"}, strings.NewReader(outside.InLines(t, "a", "b")+"{}\n"))
	if err != nil {
		t.Fatal(err)
	}
	path := "/desk/batches/" + report.Batch.ID
	o.as("reader").sees("/desk/batches", "&lt;b&gt;spring&lt;/b&gt;", path, "running")
	o.as("reader").sees(path, "1 of 3", `value="1"`, `<th scope="row">3</th>`).lacks(t, "/pause")
	helper := o.as("helper")
	helper.sees(path, path+"/pause").lacks(t, path+"/resume", path+"/cancel")
	chief := o.as("chief")
	chief.sees(path, path+"/cancel")
	if got := helper.post(path+"/cancel", "reason", "x"); got.status != http.StatusForbidden {
		t.Errorf("without the scope cancel: %d", got.status)
	}
	if got := helper.post(path+"/pause", "reason", " "); got.status != http.StatusConflict {
		t.Errorf("without a reason: %d", got.status)
	}
	if got := o.as("reader").post(path+"/pause", "reason", "x"); got.status != http.StatusForbidden {
		t.Errorf("without the scope: %d", got.status)
	}
	if got := helper.post(path+"/pause", "reason", "the registrar asks for patience"); got.status != http.StatusSeeOther {
		t.Errorf("%d %s", got.status, got.body)
	}
	dispatcher := batch.Dispatcher{Store: o.Store, Intake: o.World.Intake, Log: slog.New(slog.DiscardHandler), Rate: 1000}
	if err := dispatcher.Drain(t.Context()); err != nil || len(o.Temporal.Starts()) != 0 {
		t.Errorf("%d orders were started while it is paused, %v", len(o.Temporal.Starts()), err)
	}
	helper.sees(path, "paused", path+"/resume")
	if got := chief.post(path+"/cancel", "reason", "not wanted any more"); got.status != http.StatusSeeOther {
		t.Errorf("%d %s", got.status, got.body)
	}
	helper.sees(path, "cancelled", "3 of 3").lacks(t, path+"/resume", path+"/cancel")
	if got := helper.post(path+"/burn", "reason", "x"); got.status != http.StatusNotFound {
		t.Errorf("an unknown command: %d", got.status)
	}
	if got := helper.get("/desk/batches/none"); got.status != http.StatusNotFound {
		t.Errorf("an unknown batch: %d", got.status)
	}
}
