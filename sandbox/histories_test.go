package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/temporal"

	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/workflows"
)

// historiesDir holds the histories that the replay test of workflows/ replays.
const historiesDir = "../workflows/testdata/histories"

// TestWriteHistories writes the histories for the replay test. They come from released
// code: orders wait for days across deployments, and code that cannot replay their
// histories must not be deployed. So this runs once per release, by `make histories`,
// into a separate folder, and never to make a failing replay test pass. A kind of order that
// is new in a release is added to its folder alone, by `make histories RELEASE=... ONLY=...`.
func TestWriteHistories(t *testing.T) {
	release := os.Getenv("WRITE_HISTORIES")
	if release == "" {
		t.Skip("set WRITE_HISTORIES to the name of the release to write its histories")
	}
	dir := filepath.Join(historiesDir, release)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}

	t.Run("waiting", func(t *testing.T) {
		waits := begin(t, worldOptions{manual: true})
		waits.place(shop(t))
		waits.until(shopWorkflow, messages.Waiting)
		waits.write(dir, "waiting", shopWorkflow)
		waits.completes()
		waits.finish(shopWorkflow)
		waits.write(dir, "confirmed-by-watch", shopWorkflow)
		waits.write(dir, "watch", workflows.WatchID(netimAccount)+"/early")
	})
	t.Run("registered-at-once", func(t *testing.T) {
		atOnce := begin(t, worldOptions{})
		atOnce.place(shop(t))
		atOnce.finish(shopWorkflow)
		atOnce.write(dir, "registered-at-once", shopWorkflow)
	})
	t.Run("parked", func(t *testing.T) {
		parked := begin(t, worldOptions{manual: true})
		other := parked.world.operations.AddExistingAccount(0)
		parked.world.operations.AddExistingDomain("shop.example", other)
		parked.place(shop(t))
		parked.until(shopWorkflow, messages.Waiting)
		if err := parked.world.netim.Fail("shop.example", "not eligible"); err != nil {
			t.Fatal(err)
		}
		parked.watch()
		parked.until(shopWorkflow, messages.NeedsAttention)
		parked.write(dir, "parked", shopWorkflow)
		parked.retry(shopWorkflow, messages.Retry{Actor: "operator"})
		parked.until(shopWorkflow, messages.Waiting)
		parked.completes()
		parked.until(shopWorkflow, messages.NeedsAttention)
		parked.retry(shopWorkflow, messages.Retry{Actor: "operator", AllowTakeover: true})
		parked.finish(shopWorkflow)
		parked.write(dir, "failed-retried-taken-over", shopWorkflow)
	})
	t.Run("answer-lost", func(t *testing.T) {
		lost := begin(t, worldOptions{faults: []faults.Fault{fault(t, "netim:domainCreate:cut-after")}})
		lost.world.operations.AddExistingAccount(500100)
		placed := lost.place([]byte(`{"vendorAccountId": 1, "items": [{"id": 0, "planId": 20, "periodId": 36, "parentId": -1}],
			"customer": {"accountId": 500100}}`))
		lost.finish(placed.Units[0].WorkflowID)
		lost.write(dir, "hosting-only", placed.Units[0].WorkflowID)
		lost.place(shop(t))
		lost.finish(shopWorkflow)
		lost.write(dir, "answer-lost", shopWorkflow)
	})
	t.Run("changes", func(t *testing.T) {
		changes := seeded(t, worldOptions{})
		for _, file := range []string{
			"transfer", "renewal", "owner-change", "contact-change", "name-server-change", "settings-change", "restore",
		} {
			workflowID := changes.place(example(t, file+".json")).Units[0].WorkflowID
			changes.eventually(file+" has ended", func() bool {
				changes.watch()
				return changes.progress(workflowID).State.Closed()
			})
			changes.write(dir, file, workflowID)
		}
	})
	t.Run("adoption", func(t *testing.T) {
		adopts := seeded(t, worldOptions{})
		adopts.place(example(t, "adoption.json"))
		adopts.finish(adoptedWorkflow)
		adopts.write(dir, "adoption", adoptedWorkflow)
	})
	t.Run("life", func(t *testing.T) {
		lives := lives(t)
		lives.hold(messages.RenewalByUs)
		lives.renewed(2)
		lives.write(dir, "life", workflows.LifeID(years))
	})
	t.Run("bare-transfer", func(t *testing.T) {
		bare := atEPP(t, worldOptions{manual: true})
		workflowID := bare.place(example(t, "epp-2-transfer.json")).Units[0].WorkflowID
		bare.until(workflowID, messages.Waiting)
		bare.write(dir, "bare-transfer-waiting", workflowID)
		bare.transfersBare(workflowID)
		bare.finish(workflowID)
		bare.write(dir, "bare-transfer", workflowID)
	})
	t.Run("walk", func(t *testing.T) {
		walks := begin(t, worldOptions{})
		walks.holdsKept()
		walks.walkOver()
		walks.write(dir, "walk", walkInTest)
	})
	t.Run("cancelled", func(t *testing.T) {
		// While it waits, and while a call to Operations is tried again.
		waits := begin(t, worldOptions{manual: true})
		waits.place(shop(t))
		waits.until(shopWorkflow, messages.Waiting)
		waits.cancelInTemporal()
		waits.write(dir, "cancelled-while-waiting", shopWorkflow)
		tries := begin(t, worldOptions{faults: []faults.Fault{fault(t, "operations:pem.activateSubscription:http-error*always")}})
		tries.place(shop(t))
		tries.pendingActivity(shopWorkflow)
		tries.cancelInTemporal()
		tries.write(dir, "cancelled-during-a-call", shopWorkflow)
	})
}

// cancelInTemporal requests the cancellation of the shop's workflow, and waits for its end.
func (f *fixture) cancelInTemporal() {
	f.t.Helper()
	if err := f.temporal.CancelWorkflow(f.t.Context(), shopWorkflow, ""); err != nil {
		f.t.Fatal(err)
	}
	if err := f.temporal.GetWorkflow(f.t.Context(), shopWorkflow, "").Get(f.t.Context(), nil); !temporal.IsCanceledError(err) {
		f.t.Fatal(err)
	}
}

// identity matches the name of the process that did something, and sticky that of its own
// task queue. Both contain the machine's name, which does not belong in a fixture.
var (
	identity = regexp.MustCompile(`"(identity|binaryChecksum|workerId)":\s*"[^"]*"`)
	sticky   = regexp.MustCompile(`"name":\s*"[^"]*:[0-9a-f-]{36}"`)
)

func (f *fixture) write(dir, name, workflowID string) {
	f.t.Helper()
	history := &historypb.History{Events: f.events(workflowID)}
	encoded, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(history)
	if err != nil {
		f.t.Fatal(err)
	}
	encoded = identity.ReplaceAll(encoded, []byte(`"$1": "worker"`))
	encoded = sticky.ReplaceAll(encoded, []byte(`"name": "worker"`))
	if err := os.WriteFile(filepath.Join(dir, name+".json"), append(encoded, '\n'), 0o644); err != nil {
		f.t.Fatal(err)
	}
}
