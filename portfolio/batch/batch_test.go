package batch_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"domainprovisioning/internal/outside"
	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/orders"
	"domainprovisioning/portfolio/batch"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// house takes and places batches in a world of stand-ins.
type house struct {
	*outside.World

	t     *testing.T
	taker *batch.Taker
	d     *batch.Dispatcher
}

func begin(t *testing.T, options outside.Options) *house {
	t.Helper()
	w := outside.New(t, options)
	log := slog.New(slog.DiscardHandler)
	return &house{
		World: w, t: t, taker: &batch.Taker{Store: w.Store, Intake: w.Intake, Log: log},
		d: &batch.Dispatcher{Store: w.Store, Intake: w.Intake, Log: log, Rate: 1000},
	}
}

// onBoth runs a test on SQLite and on PostgreSQL.
func onBoth(t *testing.T, test func(*house)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(begin(t, outside.Options{})) })
	t.Run("postgres", func(t *testing.T) { test(begin(t, outside.Options{Database: postgrestest.URL(t)})) })
}

// order is an order in one line, for a domain of its own.
func order(t testing.TB, name string, pairs ...string) string {
	t.Helper()
	text := outside.Alter(t, outside.DomainOnly, append([]string{`"shop"`, `"` + name + `"`}, pairs...)...)
	return strings.ReplaceAll(text, "\n", " ")
}

func lines(all ...string) io.Reader { return strings.NewReader(strings.Join(all, "\n")) }

// take takes a batch that must be stored.
func (h *house) take(wanted batch.Wanted, in io.Reader) batch.Report {
	h.t.Helper()
	if wanted.Client == "" {
		wanted.Client = "shop"
	}
	report, err := h.taker.Take(h.t.Context(), wanted, in)
	if err != nil {
		h.t.Fatalf("%v\n%+v", err, report.Refused)
	}
	return report
}

// refused takes a batch that must be refused for this, and leaves nothing.
func (h *house) refused(wanted batch.Wanted, in io.Reader, want string) batch.Report {
	h.t.Helper()
	wanted.Client = "shop"
	_, err := h.taker.Take(h.t.Context(), wanted, in)
	refused, ok := errors.AsType[*batch.RefusedError](err)
	if !ok || !strings.Contains(refused.Reason, want) {
		h.t.Fatalf("got %v, want %q", err, want)
	}
	if left, err := h.Store.Batches(h.t.Context(), store.BatchFilter{}); err != nil || len(left) != 0 {
		h.t.Errorf("%d batches are stored, %v", len(left), err)
	}
	return refused.Report
}

// drain places what is due.
func (h *house) drain() {
	h.t.Helper()
	if err := h.d.Drain(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// stand tells how the lines of a batch stand.
func (h *house) stand(id string) string {
	h.t.Helper()
	found, err := h.Store.BatchLines(h.t.Context(), id, "", 0, 1000)
	if err != nil {
		h.t.Fatal(err)
	}
	var all []string
	for _, line := range found {
		all = append(all, fmt.Sprintf("%d %s", line.Line, line.State))
	}
	return strings.Join(all, ", ")
}

// told formats the reasons against a line.
func told(report batch.Report, line int) string {
	var all []string
	for _, refused := range report.Refused {
		for _, reason := range refused.Reasons {
			if refused.Line == line {
				all = append(all, reason.Pointer+": "+reason.Message)
			}
		}
	}
	return strings.Join(all, "\n")
}

func TestEveryLineIsJudgedBeforeAnythingIsStored(t *testing.T) {
	onBoth(t, func(h *house) {
		t := h.t
		h.Place(t, outside.Alter(t, outside.DomainOnly, `"shop"`, `"open"`))
		if _, err := h.Intake.Place(t.Context(), []byte(order(t, "numbered", `"vendorAccountId"`, `"number": "N-1", "vendorAccountId"`))); err != nil {
			t.Fatal(err)
		}
		newcomer := strings.ReplaceAll(outside.NewCustomer, "\n", " ")
		all := []string{
			order(t, "a"),                  // 1
			`{"items": 7}`,                 // 2
			"",                             // 3: blank
			"not JSON",                     // 4
			order(t, "b", `: 5,`, `: 99,`), // 5: no such plan
			order(t, "c", `: 5,`, `: 7,`),  // 6: an account that is not configured
			order(t, "a"),                  // 7: line 1 has it
			order(t, "open"),               // 8
			order(t, "d", `"vendorAccountId"`, `"number": "N-2", "vendorAccountId"`), // 9
			order(t, "e", `"vendorAccountId"`, `"number": "N-2", "vendorAccountId"`), // 10: line 9 has it
			newcomer, // 11
			strings.ReplaceAll(newcomer, `"shop"`, `"other"`),                                // 12: line 11 makes the customer
			strings.Repeat(" ", 10) + `{"x": "` + strings.Repeat("x", batch.MostLine) + `"}`, // 13
			order(t, "f"), // 14
		}
		prices := h.Netim.Calls("queryDomainPrice")
		report := h.refused(batch.Wanted{}, lines(all...), "9 of 13 lines would be refused")
		if got := h.Netim.Calls("queryDomainPrice"); got != prices+1 {
			t.Errorf("%d questions for one price", got-prices)
		}
		for line, want := range map[int]string{
			1: "", 2: "/items: items must be an array", 4: ": ", 5: "/items/0/planId: ", 6: "is not configured", 7: "/items/0/domain: a.example is ordered in line 1 as well",
			8: "/items/0/domain: open.example is in an open order of another client", 9: "", 10: "/number: number N-2 is that of line 9 as well", 11: "",
			12: "of the new customer of line 11", 13: "is longer than", 14: "",
		} {
			if got := told(report, line); !strings.Contains(got, want) || (want == "") != (got == "") {
				t.Errorf("line %d: %q, want %q", line, got, want)
			}
		}
		dry := h.take(batch.Wanted{DryRun: true}, lines(all...))
		if dry.Batch.ID != "" || dry.Refusal == "" || len(dry.Refused) != 9 {
			t.Errorf("got %+v", dry)
		}
		good := h.take(batch.Wanted{Mode: batch.Good, Label: "spring"}, lines(all...))
		if good.Batch.ID == "" || good.Batch.Lines != 13 || good.Batch.Label != "spring" || len(good.Refused) != 9 {
			t.Errorf("got %+v", good)
		}
		h.drain()
		want := "1 placed, 2 refused, 4 refused, 5 refused, 6 refused, 7 refused, 8 refused, 9 placed, 10 refused, 11 placed, 12 refused, 13 refused, 14 placed"
		if got := h.stand(good.Batch.ID); got != want {
			t.Errorf("got %s", got)
		}
		if ended, err := h.Store.Batches(t.Context(), store.BatchFilter{}); err != nil || ended[0].State != store.BatchDone {
			t.Errorf("got %+v, %v", ended, err)
		}
		if starts := h.Temporal.Starts(); len(starts) != 6 {
			t.Errorf("%d workflows", len(starts))
		}
	})
}

func TestARepeatIsTheFirstBatch(t *testing.T) {
	h := begin(t, outside.Options{})
	wanted := batch.Wanted{Client: "shop", Key: "once", Label: "spring"}
	first := h.take(wanted, lines(order(t, "a"), order(t, "b")))
	h.drain()
	again := h.take(wanted, lines(order(t, "a"), order(t, "b")))
	if !again.Existing || again.Batch.ID != first.Batch.ID || again.Batch.State != store.BatchDone {
		t.Errorf("got %+v", again)
	}
	wanted.Label = "summer"
	if _, err := h.taker.Take(t.Context(), wanted, lines(order(t, "a"), order(t, "b"))); err == nil || !strings.Contains(err.Error(), "used for batch "+first.Batch.ID) {
		t.Errorf("got %v", err)
	}
	if len(h.Temporal.Starts()) != 2 {
		t.Errorf("%d workflows", len(h.Temporal.Starts()))
	}
}

func TestWhatIsNoBatch(t *testing.T) {
	h := begin(t, outside.Options{})
	many := strings.Repeat("{}\n", batch.MostLines+1)
	for name, c := range map[string]struct {
		wanted batch.Wanted
		in     io.Reader
		want   string
	}{
		"nothing":           {batch.Wanted{}, lines("", "  ", "\xef\xbb\xbf"[:0]), "has no order"},
		"too many":          {batch.Wanted{}, strings.NewReader(many), "more than 10000 orders"},
		"too large":         {batch.Wanted{}, io.LimitReader(endless{}, batch.MostBytes+2), "larger than"},
		"mode":              {batch.Wanted{Mode: "some"}, lines("{}"), "mode must be"},
		"label":             {batch.Wanted{Label: "a\nb"}, lines("{}"), "label must be"},
		"limit":             {batch.Wanted{Limit: &registrars.Price{Cents: 1}}, lines("{}"), "maxPrice must be"},
		"quotes":            {batch.Wanted{Form: batch.CSV}, lines("domain", `"a`), "line 2 is not CSV"},
		"a surplus cell":    {batch.Wanted{Form: batch.CSV}, lines("domain", "a,b"), "line 2 has 2 cells"},
		"an unknown column": {batch.Wanted{Form: batch.CSV}, lines("name", "a"), `names column 1 "name"`},
		"a broken reader":   {batch.Wanted{}, io.MultiReader(lines("{}"), broken{}), "broken off"},
	} {
		if _, err := h.taker.Take(t.Context(), c.wanted, c.in); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if exactly, err := h.taker.Take(t.Context(), batch.Wanted{Client: "shop", DryRun: true}, strings.NewReader(many[:3*batch.MostLines])); err != nil || exactly.Lines != batch.MostLines {
		t.Errorf("got %d lines, %v", exactly.Lines, err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for n := range p {
		p[n] = 'x'
	}
	return len(p), nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("broken off") }

// A mode of all with a line that the registrar refuses later: the rest is placed all the same.
func TestTheRegistrarsChecksFollowWhenALineIsPlaced(t *testing.T) {
	h := begin(t, outside.Options{})
	h.Netim.AddTaken("b.example", "")
	report := h.take(batch.Wanted{}, lines(order(t, "a"), order(t, "b")))
	h.drain()
	if got := h.stand(report.Batch.ID); got != "1 placed, 2 refused" {
		t.Errorf("got %s", got)
	}
	found, err := h.Store.BatchLines(t.Context(), report.Batch.ID, store.LineRefused, 0, 10)
	if err != nil || len(found) != 1 || found[0].Reasons[0].Message != "Domain 'b.example' is already used." || found[0].Reasons[0].Pointer != "/items/0/domain" {
		t.Errorf("got %+v, %v", found, err)
	}
	if units, err := h.Store.Units(t.Context(), store.UnitFilter{}); err != nil || len(units) != 1 || units[0].Domain != "a.example" {
		t.Errorf("got %+v, %v", units, err)
	}
}

func TestALineFitsIntoAnOrder(t *testing.T) {
	if batch.MostLine > orders.MaxJSONSize {
		t.Errorf("a line may have %d bytes, and an order %d", batch.MostLine, orders.MaxJSONSize)
	}
}
