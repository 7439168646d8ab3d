package intake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/proto"

	"domainprovisioning/store"
	"domainprovisioning/vault"
)

const (
	// historiesPage is how many runs or schedules are listed at once, and historiesTimeout bounds
	// one question.
	historiesPage    = 200
	historiesTimeout = 30 * time.Second
)

// HistoryKeys counts, for each key that has sealed a payload in Temporal, the open and the ended
// runs that have one, and the schedules. A run with payloads of several keys counts for each. It
// reads every history that Temporal has, one after another; told hears after each page how many.
func HistoryKeys(ctx context.Context, temporal client.Client, namespace string, told func(runs int)) ([]store.KeyUse, error) {
	counts := map[store.KeyUse]int{} // by key and kind
	runs := 0
	var token []byte
	for {
		asking, cancel := context.WithTimeout(ctx, historiesTimeout)
		page, err := temporal.ListWorkflow(asking, &workflowservice.ListWorkflowExecutionsRequest{PageSize: historiesPage, NextPageToken: token})
		cancel()
		if err != nil {
			return nil, fmt.Errorf("intake: list workflows: %w", err)
		}
		for _, run := range page.GetExecutions() {
			kind := "ended runs"
			if Open(run.GetStatus()) {
				kind = "open runs"
			}
			keys, err := keysOfRun(ctx, temporal, run.GetExecution())
			if err != nil {
				return nil, err
			}
			count(counts, kind, keys)
		}
		runs += len(page.GetExecutions())
		told(runs)
		if token = page.GetNextPageToken(); len(token) == 0 {
			break
		}
	}
	if err := countSchedules(ctx, temporal, namespace, counts); err != nil {
		return nil, err
	}
	uses := make([]store.KeyUse, 0, len(counts))
	for use, n := range counts {
		use.Count = n
		uses = append(uses, use)
	}
	slices.SortFunc(uses, func(a, b store.KeyUse) int { return strings.Compare(a.Kind+"\x00"+a.Key, b.Kind+"\x00"+b.Key) })
	return uses, nil
}

func count(counts map[store.KeyUse]int, kind string, keys map[string]bool) {
	for key := range maps.Keys(keys) {
		counts[store.KeyUse{Key: key, Kind: kind}]++
	}
}

func keysOfRun(ctx context.Context, temporal client.Client, run *commonpb.WorkflowExecution) (map[string]bool, error) {
	ctx, cancel := context.WithTimeout(ctx, historiesTimeout)
	defer cancel()
	keys := map[string]bool{}
	events := temporal.GetWorkflowHistory(ctx, run.GetWorkflowId(), run.GetRunId(), false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
			return keys, nil // its retention has ended meanwhile
		}
		if err == nil {
			err = keysIn(ctx, event, keys)
		}
		if err != nil {
			return nil, fmt.Errorf("intake: history of %s: %w", run.GetWorkflowId(), err)
		}
	}
	return keys, nil
}

func countSchedules(ctx context.Context, temporal client.Client, namespace string, counts map[store.KeyUse]int) error {
	var token []byte
	for {
		asking, cancel := context.WithTimeout(ctx, historiesTimeout)
		page, err := temporal.WorkflowService().ListSchedules(asking, &workflowservice.ListSchedulesRequest{
			Namespace: namespace, MaximumPageSize: historiesPage, NextPageToken: token,
		})
		cancel()
		if err != nil {
			return fmt.Errorf("intake: list schedules: %w", err)
		}
		for _, schedule := range page.GetSchedules() {
			asking, cancel := context.WithTimeout(ctx, historiesTimeout)
			found, err := temporal.WorkflowService().DescribeSchedule(asking, &workflowservice.DescribeScheduleRequest{
				Namespace: namespace, ScheduleId: schedule.GetScheduleId(),
			})
			keys := map[string]bool{}
			if err == nil {
				err = keysIn(asking, found.GetSchedule(), keys)
			}
			cancel()
			if err != nil {
				return fmt.Errorf("intake: schedule %s: %w", schedule.GetScheduleId(), err)
			}
			count(counts, "schedules", keys)
		}
		if token = page.GetNextPageToken(); len(token) == 0 {
			return nil
		}
	}
}

// keysIn adds the keys of all payloads in a message.
func keysIn(ctx context.Context, message proto.Message, keys map[string]bool) error {
	return proxy.VisitPayloads(ctx, message, proxy.VisitPayloadsOptions{
		Visitor: func(_ *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
			for _, payload := range payloads {
				if key, sealed := vault.SealedBy(payload); sealed {
					keys[key] = true
				}
			}
			return payloads, nil
		},
		// The keys of search attributes are plain.
		SkipSearchAttributes: true,
	})
}
