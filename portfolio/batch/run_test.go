package batch_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/portfolio/batch"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/vault"
)

// later is a clock that runs, and that a test moves forward.
type later struct{ by atomic.Int64 }

func (l *later) now() time.Time { return time.Now().Add(time.Duration(l.by.Load())) }

func (l *later) skip(by time.Duration) { l.by.Add(int64(by)) }

// onBothLater runs a test on both databases, with a clock that the test moves.
func onBothLater(t *testing.T, test func(*house, *later)) {
	t.Helper()
	for name, url := range map[string]func(*testing.T) string{
		"sqlite": func(*testing.T) string { return "" }, "postgres": func(t *testing.T) string { return postgrestest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			clock := &later{}
			test(begin(t, outside.Options{Database: url(t), Now: clock.now}), clock)
		})
	}
}

// other is the dispatcher of another process.
func (h *house) other() *batch.Dispatcher {
	return &batch.Dispatcher{Store: h.Store, Intake: h.Intake, Log: slog.New(slog.DiscardHandler), Rate: 1000}
}

// hooked is a registrar that tells when it is asked to check.
type hooked struct {
	registrars.Registrar

	check func()
}

func (r hooked) Check(ctx context.Context, request registrars.Request) error {
	r.check()
	return r.Registrar.Check(ctx, request)
}

// onCheck calls a function at each question whether a request would be accepted.
func (h *house) onCheck(check func()) {
	account := h.Intake.Accounts[outside.Account]
	account.Registrar = hooked{h.Registrar, check}
	h.Intake.Accounts[outside.Account] = account
}

// ordered demands that each name is in exactly one order with one workflow.
func (h *house) ordered(names ...string) {
	h.t.Helper()
	units, err := h.Store.Units(h.t.Context(), store.UnitFilter{Limit: 1000})
	if err != nil {
		h.t.Fatal(err)
	}
	var got, started, want []string
	for _, unit := range units {
		got = append(got, unit.Domain)
	}
	for _, start := range h.Temporal.Starts() {
		started = append(started, start.Input.Unit.Domain.Name.String())
	}
	for _, name := range names {
		want = append(want, name+".example")
	}
	for _, each := range [][]string{got, started, want} {
		slices.Sort(each)
	}
	if !slices.Equal(got, want) || !slices.Equal(started, want) {
		h.t.Errorf("ordered %v, started %v, want %v", got, started, want)
	}
}

// A process ends at each point of placing a line. The next one goes on, and each line becomes one
// order.
func TestAProcessThatEndsLeavesNoLineBehind(t *testing.T) {
	for name, dies := range map[string]func(h *house, kill context.CancelFunc){
		"after the claim": func(h *house, kill context.CancelFunc) {
			if line, _, err := h.Store.ClaimLine(h.t.Context(), outside.Account, time.Millisecond); err != nil || line == nil {
				h.t.Fatalf("got %+v, %v", line, err)
			}
			kill()
		},
		"while the registrar is asked":     func(h *house, kill context.CancelFunc) { h.onCheck(kill) },
		"between acceptance and the start": func(h *house, kill context.CancelFunc) { h.Temporal.OnStart(kill) },
	} {
		t.Run(name, func(t *testing.T) {
			onBothLater(t, func(h *house, clock *later) {
				report := h.take(batch.Wanted{}, lines(order(h.t, "a"), order(h.t, "b"), order(h.t, "c"), order(h.t, "d"), order(h.t, "e"), order(h.t, "f")))
				ctx, kill := context.WithCancel(h.t.Context())
				defer kill()
				dies(h, kill)
				_ = h.other().Drain(ctx)
				h.Temporal.OnStart(nil)
				h.onCheck(func() {})
				if got := h.stand(report.Batch.ID); !strings.Contains(got, "waiting") {
					h.t.Fatalf("nothing was left to do: %s", got)
				}
				clock.skip(store.LineHold + time.Second)
				h.drain()
				if got := h.stand(report.Batch.ID); got != "1 placed, 2 placed, 3 placed, 4 placed, 5 placed, 6 placed" {
					h.t.Errorf("got %s", got)
				}
				h.ordered("a", "b", "c", "d", "e", "f")
			})
		})
	}
}

// Two processes place the lines of two clients' batches at the same time.
func TestProcessesShareTheLinesAndTheRate(t *testing.T) {
	onBoth(t, func(h *house) {
		t := h.t
		const count, rate = 12, 40
		var names []string
		var all [2][]string
		for n := range 2 * count {
			names = append(names, fmt.Sprintf("n%d", n))
			all[n%2] = append(all[n%2], order(t, names[n]))
		}
		first := h.take(batch.Wanted{}, lines(all[0]...))
		second := h.take(batch.Wanted{Client: "another"}, lines(all[1]...))
		began := time.Now()
		var group sync.WaitGroup
		for range 2 {
			d := h.other()
			d.Rates = map[string]float64{outside.Account: rate}
			group.Go(func() {
				if err := d.Drain(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		// The clock of SQLite has milliseconds.
		if took, least := time.Since(began), (2*count-1)*(time.Second/rate-time.Millisecond); took < least {
			t.Errorf("%d lines in %s, want %s at least", 2*count, took, least)
		}
		h.drain()
		h.ordered(names...)
		for client, batch := range map[string]store.Batch{"shop": first.Batch, "another": second.Batch} {
			if got := strings.Count(h.stand(batch.ID), "placed"); got != count {
				t.Errorf("%d lines of %s are placed", got, client)
			}
			if units, err := h.Store.Units(t.Context(), store.UnitFilter{Client: client}); err != nil || len(units) != count {
				t.Errorf("%s has %d units, %v", client, len(units), err)
			}
		}
	})
}

// away is a store that has been closed.
func away(t *testing.T) *store.Store {
	t.Helper()
	sealer, err := vault.NewSealer([]vault.Key{{ID: "k", Material: make([]byte, vault.KeyBytes)}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Options{URL: "sqlite:" + filepath.Join(t.TempDir(), "x.db"), Sealer: sealer, Ranges: store.DefaultRanges()})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestALineThatCannotBeStoredIsTriedAgain(t *testing.T) {
	onBothLater(t, func(h *house, clock *later) {
		report := h.take(batch.Wanted{}, lines(order(h.t, "a")))
		troubled := *h.Intake
		troubled.Store = away(h.t)
		d := h.other()
		d.Intake = &troubled
		if err := d.Drain(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
		found, err := h.Store.BatchLines(h.t.Context(), report.Batch.ID, store.LineWaiting, 0, 10)
		if err != nil || len(found) != 1 || found[0].Trouble == "" || found[0].Attempts != 1 || !found[0].NextAt.After(clock.now()) {
			h.t.Fatalf("got %+v, %v", found, err)
		}
		h.drain()
		if got := h.stand(report.Batch.ID); got != "1 waiting" {
			h.t.Errorf("tried again at once: %s", got)
		}
		clock.skip(time.Minute)
		h.drain()
		if got := h.stand(report.Batch.ID); got != "1 placed" {
			h.t.Errorf("got %s", got)
		}
		h.ordered("a")
	})
}

func TestPauseAndCancelInTheMiddle(t *testing.T) {
	onBoth(t, func(h *house) {
		t := h.t
		report := h.take(batch.Wanted{}, lines(order(t, "a"), order(t, "b"), order(t, "c"), order(t, "d"), order(t, "e"), order(t, "f"), order(t, "g")))
		do := func(command func(context.Context, string) (bool, error)) {
			if ok, err := command(t.Context(), report.Batch.ID); err != nil || !ok {
				t.Errorf("got %t, %v", ok, err)
			}
		}
		h.d.Rate = 1 // one line at a time
		var pausing sync.Once
		h.onCheck(func() { pausing.Do(func() { do(h.Store.PauseBatch) }) })
		h.drain()
		if got := h.stand(report.Batch.ID); strings.Count(got, "placed") != 1 || strings.Count(got, "waiting") != 6 {
			t.Errorf("paused: %s", got)
		}
		do(h.Store.ResumeBatch)
		// It is cancelled while a line is being placed: after its claim, before its acceptance.
		var cancelling sync.Once
		h.onCheck(func() { cancelling.Do(func() { do(h.Store.CancelBatch) }) })
		h.drain()
		if got := h.stand(report.Batch.ID); strings.Count(got, "placed") != 1 || strings.Count(got, "cancelled") != 6 {
			t.Errorf("cancelled: %s", got)
		}
		h.ordered("a")
	})
}

// A line whose key stands for another order can never be placed: it is refused, and the batch ends.
func TestALineWhoseKeyIsUsedIsRefused(t *testing.T) {
	onBoth(t, func(h *house) {
		report := h.take(batch.Wanted{}, lines(order(h.t, "a"), order(h.t, "b")))
		_, err := h.Intake.PlaceJSON(intake.WithCaller(h.t.Context(), intake.Caller{Client: "shop"}), []byte(order(h.t, "other")), &store.Idempotency{
			Client: "shop", Key: store.LineKey(report.Batch.ID, 1), Request: "another",
		})
		if err != nil {
			h.t.Fatal(err)
		}
		h.drain()
		if got := h.stand(report.Batch.ID); got != "1 refused, 2 placed" {
			h.t.Errorf("got %s", got)
		}
		found, err := h.Store.BatchLines(h.t.Context(), report.Batch.ID, store.LineRefused, 0, 10)
		if err != nil || len(found) != 1 || len(found[0].Reasons) != 1 || !strings.Contains(found[0].Reasons[0].Message, "idempotency key was used for") {
			h.t.Errorf("got %+v, %v", found, err)
		}
		if left, err := h.Store.Batches(h.t.Context(), store.BatchFilter{ID: report.Batch.ID, State: store.BatchDone}); err != nil || len(left) != 1 {
			h.t.Errorf("the batch has not ended: %v", err)
		}
		h.ordered("b", "other")
	})
}

// The dispatcher runs by itself beside a relay, and ends with it.
func TestTheDispatcherRuns(t *testing.T) {
	h := begin(t, outside.Options{})
	ctx, stop := context.WithCancel(t.Context())
	started := make(chan struct{}, 1)
	h.Temporal.OnStart(func() { started <- struct{}{} })
	d := h.other()
	d.Every = 10 * time.Millisecond
	done := make(chan struct{})
	go func() { d.Run(ctx); close(done) }()
	h.take(batch.Wanted{}, lines(order(t, "a")))
	<-started
	stop()
	<-done
	h.ordered("a")
}

// Bounds of a batch lower the limit of a plan and never raise it.
func TestBoundsOnlyLowerTheLimitOfAPlan(t *testing.T) {
	h := begin(t, outside.Options{})
	for name, most := range map[string]int64{"low": 11_50, "high": 13_00} {
		ctx := intake.WithBounds(t.Context(), []intake.Bound{{Item: 0, Kind: registrars.Registration, Most: registrars.Price{Cents: most, Currency: "EUR"}}})
		h.Netim.SetPrice(name+".example", 11_00)
		if _, err := h.Intake.PlaceJSON(ctx, []byte(order(t, name, `"planId": 5`, fmt.Sprintf(`"planId": %d`, outside.LimitedPlan))), nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, start := range h.Temporal.Starts() {
		want := map[string]int64{"low.example": 11_50, "high.example": outside.PriceLimit}[start.Input.Unit.Domain.Name.String()]
		if got := int64(*start.Input.Unit.Domain.PriceLimits.Registration); got != want {
			t.Errorf("%s may cost %d, want %d", start.Input.Unit.Domain.Name, got, want)
		}
	}
	if limits := must(h.Intake.InspectJSON([]byte(order(t, "x", `"planId": 5`, `"planId": 8`))).Units).Domain.PriceLimits; int64(*limits.Registration) != outside.PriceLimit {
		t.Errorf("the plan itself has changed: %+v", limits)
	}
}

func must[T any](all []T) T { return all[0] }
