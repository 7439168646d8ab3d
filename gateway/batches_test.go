package gateway_test

import (
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/portfolio/batch"
	"domainprovisioning/store"
)

// batch sends a batch.
func (f *fixture) batch(key, query, body string, headers ...string) reply {
	f.t.Helper()
	return f.send(http.MethodPost, "/v1/batches"+query, key, body, append([]string{"Content-Type", "application/jsonl"}, headers...)...)
}

// batched sends a batch that must be stored.
func (f *fixture) batched(key, query, body string) desk.Batch {
	f.t.Helper()
	got := f.batch(key, query, body)
	var report desk.BatchReport
	got.decode(f.t, &report)
	if got.status != http.StatusCreated || report.Batch == nil || got.header.Get("Location") != "/v1/batches/"+report.Batch.ID {
		f.t.Fatalf("%d %s", got.status, got.body)
	}
	return *report.Batch
}

// drain places the lines that are due.
func (f *fixture) drain() {
	f.t.Helper()
	d := batch.Dispatcher{Store: f.Store, Intake: f.Intake, Log: slog.New(slog.DiscardHandler), Rate: 1000}
	if err := d.Drain(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

func TestABatchIsTakenPlacedAndReported(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.Netim.AddTaken("taken.example", "")
		body := outside.InLines(t, "a", "taken", "b") + "{}\n"
		got := f.batch(f.place, "", body)
		p := got.problem(t)
		if got.status != http.StatusUnprocessableEntity || !strings.HasSuffix(p.Type, "batch-refused") || !strings.Contains(p.Detail, "1 of 4 lines") || len(p.Errors) == 0 || p.Errors[0].Line != 4 {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got := f.batch(f.place, "?mode=good&dryRun=true", body); got.status != http.StatusOK || !strings.Contains(got.body, `"dryRun":true`) {
			t.Errorf("%d %s", got.status, got.body)
		}
		if listed := f.getAll("/v1/batches"); strings.TrimSpace(listed.body) != `{"batches":[]}` {
			t.Errorf("something was stored: %s", listed.body)
		}
		made := f.batched(f.place, "?mode=good&label=spring&maxPrice=100.00EUR", body)
		if made.Label != "spring" || made.Limit != "100.00 EUR" || made.Cost == "" || made.Lines != 4 || made.State != "running" || made.CreatedBy != "api/shop" {
			t.Errorf("got %+v", made)
		}
		f.drain()
		var found desk.Batch
		f.get("/v1/batches/"+made.ID).decode(t, &found)
		if found.State != "done" || found.Counts.Placed != 2 || found.Counts.Refused != 2 || found.Counts.Orders.Running != 2 || found.EndedAt == nil {
			t.Errorf("got %+v %+v", found, found.Counts)
		}
		var page desk.BatchLines
		f.get("/v1/batches/"+made.ID+"/lines?state=refused&limit=1").decode(t, &page)
		if len(page.Lines) != 1 || page.Next != 2 || page.Lines[0].Reasons[0].Message != "Domain 'taken.example' is already used." {
			t.Errorf("got %+v", page)
		}
		f.get(fmt.Sprintf("/v1/batches/%s/lines?state=refused&after=%d", made.ID, page.Next)).decode(t, &page)
		if len(page.Lines) != 1 || page.Lines[0].Line != 4 {
			t.Errorf("got %+v", page)
		}
		rows, err := csv.NewReader(strings.NewReader(f.get("/v1/batches/" + made.ID + "/results?format=csv").body)).ReadAll()
		if err != nil || len(rows) != 5 || rows[0][0] != "line" || rows[1][1] != "a.example" || rows[1][3] != "placed" || rows[1][5] != "running" || rows[2][6] == "" {
			t.Errorf("got %v, %v", rows, err)
		}
		asCSV := f.send(http.MethodGet, "/v1/batches/"+made.ID+"/results", f.read, "", "Accept", "text/csv")
		asLines := f.get("/v1/batches/" + made.ID + "/results")
		if !strings.HasPrefix(asCSV.body, "line,domain,") || strings.Count(asLines.body, "\n") != 4 || !strings.Contains(asLines.body, `"key":"DP0000000`) {
			t.Errorf("got %s\n%s", asCSV.body, asLines.body)
		}
		if n := len(f.Temporal.Starts()); n != 2 {
			t.Errorf("%d workflows", n)
		}
	})
}

func TestABatchUnderAKeyIsOneBatch(t *testing.T) {
	f := begin(t, outside.Options{})
	for n, want := range []int{http.StatusCreated, http.StatusOK} {
		got := f.batch(f.place, "", outside.InLines(t, "a"), "Idempotency-Key", "once")
		if got.status != want || (got.header.Get("Idempotent-Replayed") == "true") != (n == 1) {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	got := f.batch(f.place, "", outside.InLines(t, "b"), "Idempotency-Key", "once")
	if p := got.problem(t); got.status != http.StatusUnprocessableEntity || !strings.HasSuffix(p.Type, "idempotency-key-reused") {
		t.Errorf("%d %s", got.status, got.body)
	}
	f.drain()
	if n := len(f.Temporal.Starts()); n != 1 {
		t.Errorf("%d workflows", n)
	}
}

func TestWhatABatchMayNotBe(t *testing.T) {
	f := begin(t, outside.Options{})
	one := outside.InLines(t, "a")
	f.Netim.SetPrice("a.example", 10_00)
	for name, c := range map[string]struct {
		query, body, kind string
		status            int
		problem           string
	}{
		"a mode":               {"?mode=some", one, "", 400, "bad-parameter"},
		"a price":              {"?maxPrice=12", one, "", 400, "bad-parameter"},
		"unpriced":             {"?unpriced=no", one, "", 400, "bad-parameter"},
		"another":              {"?colour=red", one, "", 400, "bad-parameter"},
		"dry-run":              {"?dryRun=perhaps", one, "", 400, "bad-parameter"},
		"a media type":         {"", one, "text/xml", 415, "media-type"},
		"another charset":      {"", one, "application/jsonl; charset=latin1", 415, "media-type"},
		"nothing":              {"", "\n", "", 400, "malformed"},
		"too many":             {"", strings.Repeat("{}\n", batch.MostLines+1), "", 413, "too-large"},
		"a table that is none": {"", "colour\nred\n", "text/csv", 400, "malformed"},
		"too dear":             {"?maxPrice=0.01EUR", one, "", 422, "batch-refused"},
	} {
		headers := []string{}
		if c.kind != "" {
			headers = []string{"Content-Type", c.kind}
		}
		got := f.batch(f.place, c.query, c.body, headers...)
		if p := got.problem(t); got.status != c.status || !strings.HasSuffix(p.Type, ":"+c.problem) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	for path, want := range map[string]int{
		"/v1/batches?state=storing": 400, "/v1/batches?cursor=x": 400, "/v1/batches?limit=0": 400, "/v1/batches/batch_x": 404, "/v1/batches/batch_x/lines": 404,
		"/v1/batches/batch_x/results": 404, "/v1/batches/batch_x/results?format=xml": 400, "/v1/batches/x/lines?after=-1": 400, "/v1/batches/x/lines?after=99999999999": 400, "/v1/batches/x/lines?state=x": 400,
	} {
		if got := f.get(path); got.status != want {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if f.count() != 0 {
		t.Errorf("%d orders", f.count())
	}
	// A body that breaks off stores nothing.
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.url+"/v1/batches", io.MultiReader(strings.NewReader(one), cut{}))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+f.place)
	if answer, err := http.DefaultClient.Do(request); err == nil {
		t.Errorf("a broken body was sent: %s", answer.Status)
		_ = answer.Body.Close()
	}
	if listed := f.getAll("/v1/batches"); strings.TrimSpace(listed.body) != `{"batches":[]}` {
		t.Errorf("something was stored: %s", listed.body)
	}
}

type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestATableIsTakenByTheGateway(t *testing.T) {
	f := begin(t, outside.Options{})
	const table = "vendorAccountId,/items/0/id,/items/0/parentId,planId,periodId,operation,domain,transferKey,accountId\r\n1,0,-1,5,1,registration,a,,500100\r\n"
	if got := f.batch(f.place, "", table, "Content-Type", "text/csv; charset=utf-8"); got.status != http.StatusCreated {
		t.Errorf("%d %s", got.status, got.body)
	}
	f.drain()
	if f.count() != 1 {
		t.Errorf("%d orders", f.count())
	}
}

func TestCommandsAboutABatchAreActs(t *testing.T) {
	f := begin(t, outside.Options{})
	made := f.batched(f.place, "", outside.InLines(t, "a", "b"))
	command := func(key, name string, want int, state string) {
		t.Helper()
		got := f.send(http.MethodPost, "/v1/batches/"+made.ID+"/"+name, key, `{"reason": "the shop asked"}`)
		if got.status != want || state != "" && !strings.Contains(got.body, `"state":"`+state+`"`) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	command(f.operate, "pause", 200, "paused")
	command(f.operate, "pause", 200, "paused") // a repeat
	f.drain()
	command(f.place, "resume", 403, "")
	command(f.operate, "resume", 200, "running")
	command(f.operate, "cancel", 403, "")
	command(f.cancel, "cancel", 200, "cancelled")
	command(f.operate, "resume", 409, "")
	if got := f.send(http.MethodPost, "/v1/batches/"+made.ID+"/pause", f.operate, `{}`); got.status != http.StatusBadRequest {
		t.Errorf("without a reason: %d %s", got.status, got.body)
	}
	f.drain()
	if f.count() != 0 {
		t.Errorf("%d orders were placed", f.count())
	}
	acts, err := f.Store.Acts(t.Context(), store.ActFilter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, act := range acts {
		if act.Outcome == store.ActAccepted && act.Reason != made.ID+": the shop asked" {
			t.Errorf("got %+v", act)
		}
		told = append(told, act.Command+" "+string(act.Outcome))
	}
	want := "batch-pause accepted, batch-pause accepted, batch-resume accepted, batch-cancel refused, batch-cancel accepted, batch-resume refused"
	got := strings.ReplaceAll(strings.Join(told, ", "), "batch-resume refused, batch-resume accepted", "batch-resume accepted")
	if got != want {
		t.Errorf("recorded %s, want %s", got, want)
	}
}

func TestAClientReachesNoBatchOfAnother(t *testing.T) {
	f := begin(t, outside.Options{})
	till, web := f.keyOf("till"), f.keyOf("web")
	made := f.batched(till, "", outside.InLines(t, "a"))
	for _, path := range []string{"", "/lines", "/results"} {
		if got := f.send(http.MethodGet, "/v1/batches/"+made.ID+path, web, ""); got.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	for _, command := range []string{"pause", "resume", "cancel"} {
		if got := f.send(http.MethodPost, "/v1/batches/"+made.ID+"/"+command, web, `{"reason": "r"}`); got.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", command, got.status, got.body)
		}
	}
	for key, want := range map[string]bool{till: true, web: false, f.all: true} {
		if got := f.send(http.MethodGet, "/v1/batches", key, ""); strings.Contains(got.body, made.ID) != want {
			t.Errorf("listed %s", got.body)
		}
	}
	f.drain()
	if units, err := f.Store.Units(t.Context(), store.UnitFilter{Client: "till"}); err != nil || len(units) != 1 {
		t.Errorf("got %+v, %v", units, err)
	}
}
