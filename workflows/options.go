package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// TaskQueue is the queue of the workflows and of the activities that call
// Operations, Billing and the store.
const TaskQueue = "domain-provisioning"

// RegistrarTaskQueue is the queue of the activities that call one registrar
// account: a queue of its own bounds how fast and how often that account is
// called, and keeps a registrar that hangs from holding up the others.
func RegistrarTaskQueue(account string) string { return "registrar-" + account }

// heartbeatTimeout is after how long a silent worker counts as dead. Workers
// heartbeat every third of it while a call is under way, so a call that takes
// minutes is not mistaken for a dead one, nor the other way round.
const heartbeatTimeout = 45 * time.Second

// The option profiles. None bounds the number of attempts: a system that is down
// for a day is waited for, and a person decides about permanent errors.

// operationsCall is a call to Operations, Billing or the store. HTTP clients give
// up after 90 s, so that an attempt has ended before Temporal starts the next.
func operationsCall(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueue,
		StartToCloseTimeout: 2 * time.Minute,
		HeartbeatTimeout:    heartbeatTimeout,
		Summary:             summary,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    time.Second,
			BackoffCoefficient: 2,
			MaximumInterval:    5 * time.Minute,
		},
	})
}

// registrarCall is a call to a registrar account. It is not abandoned on
// cancellation: what a paid call did must be known.
func registrarCall(ctx workflow.Context, account, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           RegistrarTaskQueue(account),
		StartToCloseTimeout: 5 * time.Minute,
		HeartbeatTimeout:    heartbeatTimeout,
		WaitForCancellation: true,
		Summary:             summary,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    2 * time.Second,
			BackoffCoefficient: 2,
			MaximumInterval:    10 * time.Minute,
		},
	})
}

// storeCall is a short write to the store.
func storeCall(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueue,
		StartToCloseTimeout: 30 * time.Second,
		Summary:             summary,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    time.Second,
			BackoffCoefficient: 2,
			MaximumInterval:    time.Minute,
		},
	})
}

// watchRound is one round of the watch. The next scheduled round is the retry of
// a failed one: the list must not be asked for more often than the schedule does.
func watchRound(ctx workflow.Context, account string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           RegistrarTaskQueue(account),
		StartToCloseTimeout: 30 * time.Minute,
		HeartbeatTimeout:    heartbeatTimeout,
		Summary:             "Ask " + account + " for pending operations",
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 1},
	})
}
