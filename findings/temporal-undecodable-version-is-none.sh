#!/usr/bin/env bash
# go.temporal.io/sdk 1.50.0, with Go 1.26.
#
# Guess: a worker whose data converter returns an error for a payload, because it lacks the key that
# encrypted it, fails the workflow task wherever the workflow reads that payload, and a worker with
# the key goes on later.
# Behaviour: not for the marker of workflow.GetVersion. Its errors are dropped, and the workflow goes
# on as one from before the change: GetVersion returns DefaultVersion for a history that has version
# 1. Here the paths differ by no command, and so the replay succeeds, with the wrong path taken. A
# converter that panics instead fails the task.
# Seen: "with the key: version 1, replay <nil>", "without it: version -1, replay <nil>",
# "with one that panics: failed true".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.go <<'GO'
package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

var seen workflow.Version

func order(ctx workflow.Context) error {
	seen = workflow.GetVersion(ctx, "change", workflow.DefaultVersion, 1)
	return nil
}

// keyed has the key, or lacks it for the payloads that are marked as encrypted.
type keyed struct {
	converter.DataConverter
	lacks, panics bool
}

var errNoKey = errors.New("no key")

func (k keyed) FromPayload(payload *commonpb.Payload, to any) error {
	if k.lacks && string(payload.GetMetadata()["sealed"]) == "yes" {
		if k.panics {
			panic(errNoKey)
		}
		return errNoKey
	}
	return k.DataConverter.FromPayload(payload, to)
}

func (k keyed) FromPayloads(payloads *commonpb.Payloads, to ...any) error {
	for n, payload := range payloads.GetPayloads() {
		if err := k.FromPayload(payload, to[n]); err != nil {
			return err
		}
	}
	return nil
}

func sealed(value any) *commonpb.Payloads {
	payloads, err := converter.GetDefaultDataConverter().ToPayloads(value)
	if err != nil {
		panic(err)
	}
	payloads.Payloads[0].Metadata["sealed"] = []byte("yes")
	return payloads
}

func history() *historypb.History {
	queue := &taskqueuepb.TaskQueue{Name: "orders"}
	events := []*historypb.HistoryEvent{
		{EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
			WorkflowExecutionStartedEventAttributes: &historypb.WorkflowExecutionStartedEventAttributes{WorkflowType: &commonpb.WorkflowType{Name: "order"}, TaskQueue: queue}}},
		{EventType: enumspb.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, Attributes: &historypb.HistoryEvent_WorkflowTaskScheduledEventAttributes{
			WorkflowTaskScheduledEventAttributes: &historypb.WorkflowTaskScheduledEventAttributes{TaskQueue: queue}}},
		{EventType: enumspb.EVENT_TYPE_WORKFLOW_TASK_STARTED, Attributes: &historypb.HistoryEvent_WorkflowTaskStartedEventAttributes{
			WorkflowTaskStartedEventAttributes: &historypb.WorkflowTaskStartedEventAttributes{ScheduledEventId: 2}}},
		{EventType: enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, Attributes: &historypb.HistoryEvent_WorkflowTaskCompletedEventAttributes{
			WorkflowTaskCompletedEventAttributes: &historypb.WorkflowTaskCompletedEventAttributes{ScheduledEventId: 2, StartedEventId: 3}}},
		{EventType: enumspb.EVENT_TYPE_MARKER_RECORDED, Attributes: &historypb.HistoryEvent_MarkerRecordedEventAttributes{
			MarkerRecordedEventAttributes: &historypb.MarkerRecordedEventAttributes{MarkerName: "Version", WorkflowTaskCompletedEventId: 4,
				Details: map[string]*commonpb.Payloads{"change-id": sealed("change"), "version": sealed(1)}}}},
		{EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, Attributes: &historypb.HistoryEvent_WorkflowExecutionCompletedEventAttributes{
			WorkflowExecutionCompletedEventAttributes: &historypb.WorkflowExecutionCompletedEventAttributes{WorkflowTaskCompletedEventId: 4}}},
	}
	for n, event := range events {
		event.EventId = int64(n + 1)
	}
	return &historypb.History{Events: events}
}

func replay(k keyed) error {
	k.DataConverter = converter.GetDefaultDataConverter()
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{DataConverter: k})
	if err != nil {
		return err
	}
	replayer.RegisterWorkflow(order)
	return replayer.ReplayWorkflowHistory(log.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil))), history())
}

func main() {
	err := replay(keyed{})
	fmt.Printf("with the key: version %d, replay %v\n", seen, err)
	err = replay(keyed{lacks: true})
	fmt.Printf("without it: version %d, replay %v\n", seen, err)
	fmt.Println("with one that panics: failed", replay(keyed{lacks: true, panics: true}) != nil)
}
GO
go mod init finding >/dev/null 2>&1
go get go.temporal.io/sdk@v1.50.0 go.temporal.io/api@v1.64.1 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
for line in "with the key: version 1, replay <nil>" "without it: version -1, replay <nil>" "with one that panics: failed true"; do
  grep -qxF "$line" <<<"$seen" || { echo "it behaves otherwise now: no \"$line\""; exit 1; }
done
