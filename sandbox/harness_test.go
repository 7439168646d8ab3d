package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"google.golang.org/protobuf/proto"

	"domainprovisioning/config"
	"domainprovisioning/desk"
	"domainprovisioning/intake"
	"domainprovisioning/internal/histories"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/embedded"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// One Temporal server serves all tests of the package. Each test has its own namespace,
// store and world. The first test starts the server: a benchmark has one of its own, and
// this one would work for each of its namespaces beside it.
var (
	server     *embedded.Server
	starting   sync.Mutex
	namespaces = func() []string {
		names := make([]string, 300)
		for i := range names {
			names[i] = fmt.Sprintf("test-%03d", i)
		}
		return names
	}()
	nextNamespace atomic.Int64
)

// testsAtOnce is how many tests run at once, unless -parallel says it: they wait for timers and
// watches more than they use a processor.
const testsAtOnce = "6"

func TestMain(m *testing.M) {
	os.Exit(func() int {
		if measuredWorker() {
			return runMeasuredWorker()
		}
		if runnerName() == outsideRunner {
			return runOutside()
		}
		defer func() {
			if server != nil {
				_ = server.Stop()
			}
		}()
		setTestsAtOnce()
		return m.Run()
	}())
}

func setTestsAtOnce() {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", testsAtOnce)
	}
}

// needServer starts the server unless it runs.
func needServer(t testing.TB) {
	t.Helper()
	starting.Lock()
	defer starting.Unlock()
	if server != nil {
		return
	}
	var err error
	if server, err = startTemporal(context.Background(), embedded.Options{Namespaces: namespaces, NoUI: true}); err != nil {
		t.Fatal(err)
	}
}

// fixture is the product with its world, in a test.
type fixture struct {
	*system
	t         testing.TB
	log       *outside.Output
	namespace string
}

// asOperator says that the operator asks, for the desk.
func asOperator(ctx context.Context) context.Context {
	return desk.WithBy(ctx, desk.By{Actor: "tester", Operator: true})
}

func (f *fixture) operator() context.Context { return asOperator(f.t.Context()) }

func discardLog() *slog.Logger { return slog.New(slog.DiscardHandler) }

// begin starts a world and the product in it. Changes are made to the configuration
// before the start.
func begin(t testing.TB, options worldOptions, changes ...func(*config.Config)) *fixture {
	t.Helper()
	return beginAt(t, slog.LevelInfo, options, changes...)
}

// beginAt is begin with a level of the log.
func beginAt(t testing.TB, level slog.Level, options worldOptions, changes ...func(*config.Config)) *fixture {
	t.Helper()
	needServer(t)
	log := &outside.Output{}
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: level}))
	w, err := newWorld(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.close() })
	number := nextNamespace.Add(1) - 1
	if int(number) >= len(namespaces) {
		t.Fatal("more tests than namespaces; make more")
	}
	cfg := w.configuration(databaseIn(t.TempDir()))
	cfg.Histories = historiesKey("h1", "h1") // that of the replay test
	for _, change := range changes {
		change(&cfg)
	}
	c, err := dial(t.Context(), server.HostPort(), namespaces[number], cfg.Histories, logger)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	s, err := startSystem(t.Context(), w, cfg, c, logger)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{system: s, t: t, log: log, namespace: namespaces[number]}
	t.Cleanup(func() {
		s.stop(context.Background())
		if t.Failed() {
			t.Logf("log:\n%s", log)
		}
	})
	return f
}

// shop returns the order of sandbox/orders/shop.xml.
func shop(t testing.TB) []byte {
	t.Helper()
	return example(t, "shop.xml")
}

// alter replaces parts of an order. Each part must occur in it.
func alter(t testing.TB, order []byte, pairs ...string) []byte {
	t.Helper()
	text := string(order)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the order lacks %q", pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return []byte(text)
}

func (f *fixture) place(order []byte) intake.Placed {
	f.t.Helper()
	placed, err := f.intake.Place(f.t.Context(), order)
	if err != nil {
		f.t.Fatal(err)
	}
	return placed
}

// patience bounds every wait of a test. It is far longer than any of them needs.
const patience = 90 * time.Second

// eventually waits until the condition holds. It asks often, and sleeps only between two
// questions.
func (f *fixture) eventually(what string, condition func() bool) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-ctx.Done():
			f.t.Fatalf("gave up waiting until %s", what)
		case <-ticker.C:
		}
	}
}

func (f *fixture) progress(workflowID string) messages.Progress {
	f.t.Helper()
	var progress messages.Progress
	f.eventually(workflowID+" answers", func() (answered bool) {
		var err error
		progress, err = messages.ReadProgress().Ask(f.t.Context(), f.temporal, workflowID)
		if err != nil && !notYet(err) {
			f.t.Fatal(err)
		}
		return err == nil
	})
	return progress
}

// notYet reports whether a workflow has not answered because it has just been started or reset,
// because the machine is busy, or because the worker that was asked has gone, which Temporal takes
// for a call that its caller has cancelled.
func notYet(err error) bool {
	_, unready := errors.AsType[*serviceerror.WorkflowNotReady](err)
	_, late := errors.AsType[*serviceerror.DeadlineExceeded](err)
	_, gone := errors.AsType[*serviceerror.Canceled](err)
	return unready || late || gone || errors.Is(err, context.DeadlineExceeded)
}

const shopWorkflow = "domain-provisioning/shop.example"

// until waits until the order is in a state.
func (f *fixture) until(workflowID string, state messages.State) messages.Progress {
	f.t.Helper()
	var progress messages.Progress
	f.eventually(fmt.Sprintf("%s is %s", workflowID, state), func() bool {
		progress = f.progress(workflowID)
		if progress.State.Closed() && progress.State != state {
			f.t.Fatalf("%s is %s: %+v", workflowID, progress.State, progress.Attention)
		}
		return progress.State == state
	})
	return progress
}

// finish waits for the end of the workflow and returns its result. If the order needs
// attention instead, the test fails at once.
func (f *fixture) finish(workflowID string) workflows.UnitResult {
	f.t.Helper()
	f.eventually(workflowID+" has ended", func() bool {
		progress := f.progress(workflowID)
		if a := progress.Attention; a != nil && a.Reason != messages.ReasonDeadlinePassed {
			f.t.Fatalf("%s needs attention: %+v", workflowID, *a)
		}
		return progress.State.Closed()
	})
	ctx, cancel := context.WithTimeout(f.t.Context(), patience)
	defer cancel()
	var result workflows.UnitResult
	if err := f.temporal.GetWorkflow(ctx, workflowID, "").Get(ctx, &result); err != nil {
		f.t.Fatalf("%s: %v", workflowID, err)
	}
	return result
}

// watch runs a round of the watch of Netim's account.
func (f *fixture) watch() { f.watchAt(netimAccount) }

func (f *fixture) watchAt(account string) {
	f.t.Helper()
	if err := f.watchRound(f.t.Context(), account); err != nil {
		f.t.Fatal(err)
	}
}

// completes lets the registrar finish the registration of the shop, and the watch see it.
func (f *fixture) completes() {
	f.t.Helper()
	if err := f.world.netim.Complete("shop.example"); err != nil {
		f.t.Fatal(err)
	}
	f.watch()
}

// confirm sends a confirmation as an operator does.
func (f *fixture) confirm(eventID, claim string) store.ConfirmationState {
	f.t.Helper()
	state, err := f.intake.Inbox().TakeAndDeliver(f.t.Context(), store.Confirmation{
		EventID: eventID, Source: "test", Account: netimAccount, Domain: "shop.example", Claim: claim,
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return state
}

func (f *fixture) retry(workflowID string, command messages.Retry) {
	f.t.Helper()
	command.Reason = cmp.Or(command.Reason, "corrected")
	if _, err := messages.RetryStep().Send(f.t.Context(), f.temporal, workflowID, "", command); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) effects(domain string) effects { return f.world.effects(domain) }

func (f *fixture) want(domain string, want effects) {
	f.t.Helper()
	if got := f.effects(domain); got != want {
		f.t.Errorf("effects\n got %+v\nwant %+v", got, want)
	}
}

// fault parses a fault of a stand-in.
func fault(t testing.TB, text string) faults.Fault {
	t.Helper()
	parsed, err := faults.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// history counts the events of a workflow.
func (f *fixture) history(workflowID string) int {
	f.t.Helper()
	return len(f.events(workflowID))
}

// events returns the history of a workflow.
func (f *fixture) events(workflowID string) []*historypb.HistoryEvent {
	f.t.Helper()
	var events []*historypb.HistoryEvent
	iterator := f.temporal.GetWorkflowHistory(f.t.Context(), workflowID, "", false, 0)
	for iterator.HasNext() {
		event, err := iterator.Next()
		if err != nil {
			f.t.Fatal(err)
		}
		events = append(events, event)
	}
	return events
}

// note returns the note of a step.
func note(progress messages.Progress, number int) string {
	for _, line := range progress.Steps {
		if line.Number == number {
			return string(line.State) + ": " + line.Note
		}
	}
	return ""
}

// pendingActivity is the only activity of a workflow that has not finished.
type pendingActivity struct {
	Attempt int
	Delayed bool // the next try waits longer than the retry policy says
}

func (f *fixture) pendingActivity(workflowID string) pendingActivity {
	f.t.Helper()
	var found pendingActivity
	f.eventually("an activity waits for its next try", func() bool {
		description, err := f.temporal.DescribeWorkflowExecution(f.t.Context(), workflowID, "")
		if err != nil {
			f.t.Fatal(err)
		}
		for _, activity := range description.GetPendingActivities() {
			wait := activity.GetCurrentRetryInterval().AsDuration()
			found = pendingActivity{Attempt: int(activity.GetAttempt()), Delayed: wait > time.Minute}
			if activity.GetAttempt() > 1 {
				return true
			}
		}
		return false
	})
	return found
}

// historyText returns a workflow's history with all payloads, opened, as one text.
func (f *fixture) historyText(workflowID string) string {
	f.t.Helper()
	var b strings.Builder
	for _, event := range f.events(workflowID) {
		if err := histories.Open(f.t.Context(), event, f.Codec); err != nil {
			f.t.Fatal(err)
		}
		// The wire form contains payloads unchanged; JSON would hide them in base64.
		encoded, err := proto.Marshal(event)
		if err != nil {
			f.t.Fatal(err)
		}
		b.Write(encoded)
	}
	return b.String()
}

// databaseText returns everything that the application's database has on disk.
func (f *fixture) databaseText() string {
	f.t.Helper()
	path, _, _ := strings.Cut(strings.TrimPrefix(string(f.Config.Database.URL), "sqlite:"), "?")
	var b strings.Builder
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(path + suffix)
		if err != nil {
			f.t.Fatal(err)
		}
		b.Write(content)
	}
	return b.String()
}
