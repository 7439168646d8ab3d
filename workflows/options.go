package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// TaskQueue is the queue of the workflows and of the activities that call
// Operations, Billing and the store.
const TaskQueue = "domain-provisioning"

// RegistrarTaskQueue is the queue of the activities that call one registrar account. With
// a queue of its own, the rate of its calls can be limited, and a registrar that hangs
// does not hold up the others.
func RegistrarTaskQueue(account string) string { return "registrar-" + account }

// heartbeatTimeout is how long a worker may be silent before it is considered dead.
// Workers send a heartbeat three times in that period during a call, so a call may take
// minutes, and a dead worker is noticed within seconds.
const heartbeatTimeout = 45 * time.Second

// The option profiles. None of them limits the number of attempts: a system may be down
// for a day, and a person decides about permanent errors.

// operationsCall is a call to Operations, Billing or the store. Its HTTP client
// gives up after 90 s, so an attempt has ended before Temporal starts the next one. A
// cancelled workflow waits for its result, because an undo must know what exists.
func operationsCall(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           TaskQueue,
		StartToCloseTimeout: 2 * time.Minute,
		HeartbeatTimeout:    heartbeatTimeout,
		WaitForCancellation: ctx.Value(awaitsCalls{}) == true,
		Summary:             summary,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    time.Second,
			BackoffCoefficient: 2,
			MaximumInterval:    5 * time.Minute,
		},
	})
}

// registrarCall is a call to a registrar account. A cancelled workflow waits for its
// result, because the effect of a paid call must be known.
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

// fastCall is a call by the fast lane: a local activity, tried once.
func fastCall(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: fastTime, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1}, Summary: summary,
	})
}

// watchRound is one round of the watch. A failed round is not retried but
// followed by the next scheduled one: registrars limit how often the list may be read.
func watchRound(ctx workflow.Context, account string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           RegistrarTaskQueue(account),
		StartToCloseTimeout: 30 * time.Minute,
		HeartbeatTimeout:    heartbeatTimeout,
		Summary:             "Ask " + account + " for pending operations",
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 1},
	})
}
