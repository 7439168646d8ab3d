package workflows

import (
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
)

// WatchInput names the registrar account to watch.
type WatchInput struct {
	Registrar string `json:"registrar"`
}

// PendingOperationsWatch is one round of the watch of a registrar account. It reads all
// pending operations in one call, asks for each of ours that has left the list, and tells
// their orders. A schedule starts it; a failed round is followed by the next one.
func PendingOperationsWatch(ctx workflow.Context, input WatchInput) (*activities.SweepPendingOperationsResult, error) {
	var swept activities.SweepPendingOperationsResult
	err := workflow.ExecuteActivity(watchRound(ctx, input.Registrar), calls.Registrar.SweepPendingOperations,
		activities.SweepPendingOperationsInput{Registrar: input.Registrar}).Get(ctx, &swept)
	if err != nil {
		return nil, err
	}
	return &swept, nil
}

// WatchID is the id of the schedule of an account, and the prefix of the ids of its runs.
func WatchID(account string) string { return "pending-operations/" + account }
