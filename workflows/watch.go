package workflows

import (
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
)

// WatchInput names the registrar account to watch.
type WatchInput struct {
	Registrar string `json:"registrar"`
}

// PendingOperationsWatch is one round of the watch of a registrar account: it
// asks for all pending operations at once, resolves those that have finished one
// by one, and tells their orders. A schedule runs it; a round that fails is made
// up for by the next.
func PendingOperationsWatch(ctx workflow.Context, input WatchInput) (*activities.SweepPendingOperationsResult, error) {
	var swept activities.SweepPendingOperationsResult
	err := workflow.ExecuteActivity(watchRound(ctx, input.Registrar), calls.Registrar.SweepPendingOperations,
		activities.SweepPendingOperationsInput{Registrar: input.Registrar}).Get(ctx, &swept)
	if err != nil {
		return nil, err
	}
	return &swept, nil
}

// WatchID is the id of the schedule, and the prefix of its runs, for an account.
func WatchID(account string) string { return "pending-operations/" + account }
