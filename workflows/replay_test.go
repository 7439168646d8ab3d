package workflows_test

import (
	"path/filepath"
	"strings"
	"testing"

	"go.temporal.io/sdk/worker"

	"domainprovisioning/vault"
	"domainprovisioning/workflows"
)

// TestReplay replays the histories of released code with the present code. An order that
// waits across a deployment does the same. A change that fails here must go behind
// workflow.GetVersion. Those of the older releases are plain, and read all the same; the newer ones
// are sealed by the key here.
func TestReplay(t *testing.T) {
	files, err := filepath.Glob("testdata/histories/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 7 {
		t.Fatalf("only %d histories are there to replay; `make histories` writes those of a release", len(files))
	}
	codec, err := vault.NewCodec([]vault.CodecKey{{ID: "h1", Material: []byte(strings.Repeat("one ", 7) + "one!")}}, true)
	if err != nil {
		t.Fatal(err)
	}
	converters := codec.ForWorkers()
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), func(t *testing.T) {
			replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{DataConverter: converters.Data, FailureConverter: converters.Failure})
			if err != nil {
				t.Fatal(err)
			}
			workflows.Register(replayer)
			if err := replayer.ReplayWorkflowHistoryFromJSONFile(nil, file); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestASealedHistoryNeedsItsKey: without it a replay ends at the first event, and does not go on
// with something else.
func TestASealedHistoryNeedsItsKey(t *testing.T) {
	converters := new(vault.Codec).ForWorkers()
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{DataConverter: converters.Data, FailureConverter: converters.Failure})
	if err != nil {
		t.Fatal(err)
	}
	workflows.Register(replayer)
	err = replayer.ReplayWorkflowHistoryFromJSONFile(nil, "testdata/histories/sealed/waiting.json")
	if err == nil || !strings.Contains(err.Error(), `no key "h1"`) {
		t.Errorf("got %v", err)
	}
}
