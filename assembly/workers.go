package assembly

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/intake/inbox"
	"domainprovisioning/workflows"
)

// Workers are the workers of one process: one for the workflows and the calls to
// Operations, Billing and the store, and one per registrar account.
type Workers struct{ workers []worker.Worker }

// Workers creates the workers. fatal is called when one of them cannot continue.
func (a *Assembly) Workers(temporalClient client.Client, fatal func(error)) *Workers {
	cfg := a.Config.Worker
	setWorkflowCache(cfg.WorkflowCache)
	stored := activities.StoredOrders{Store: a.Store}
	attempts := &activities.Attempts{
		Teller: inbox.Notifier{Temporal: temporalClient}, After: activities.AttentionAfter(a.Config.Orders.AttentionAfter), Log: a.Log,
	}

	quotes := &activities.Quotes{Keeper: a.Store, Log: a.Log}
	general := worker.New(temporalClient, workflows.TaskQueue, worker.Options{
		MaxConcurrentActivityExecutionSize:      cfg.Activities,
		MaxConcurrentLocalActivityExecutionSize: 2 * cfg.WorkflowTasks, // that of the step, and one beside it
		MaxConcurrentWorkflowTaskExecutionSize:  cfg.WorkflowTasks,
		WorkerStopTimeout:                       cfg.StopTimeout,
		DisableRegistrationAliasing:             true,
		Interceptors:                            []interceptor.WorkerInterceptor{attempts, &activities.FastLane{}, &activities.Uncut{}, quotes},
		OnFatalError:                            fatal,
	})
	workflows.Register(general)
	general.RegisterActivity(&activities.Operations{Client: a.Operations, Orders: stored, Undo: a.Store})
	general.RegisterActivity(&activities.Billing{Client: a.Billing, Logins: a.logins()})
	general.RegisterActivity(&activities.Orders{Store: a.Store, Catalog: a.Catalog})

	all := &Workers{workers: []worker.Worker{general}}
	for _, name := range a.AccountNames() {
		account := a.Config.Registrars[name]
		w := worker.New(temporalClient, workflows.RegistrarTaskQueue(name), worker.Options{
			MaxConcurrentActivityExecutionSize: account.CallsAtOnce,
			TaskQueueActivitiesPerSecond:       account.CallsPerSecond,
			MaxConcurrentActivityTaskPollers:   2,
			WorkerStopTimeout:                  cfg.StopTimeout,
			DisableWorkflowWorker:              true,
			DisableRegistrationAliasing:        true,
			Interceptors:                       []interceptor.WorkerInterceptor{attempts, quotes},
			OnFatalError:                       fatal,
		})
		w.RegisterActivity(a.RegistrarActivities(name, temporalClient))
		all.workers = append(all.workers, w)
	}
	return all
}

// RegistrarActivities returns the activities that call a configured registrar account.
func (a *Assembly) RegistrarActivities(name string, temporalClient client.Client) *activities.Registrar {
	return &activities.Registrar{
		Account: name, Registrar: a.Accounts[name], Ledger: a.Store,
		Orders:   &activities.ContactBook{Client: a.Operations, Orders: activities.StoredOrders{Store: a.Store}},
		Secrets:  a.Store,
		Notifier: inbox.Notifier{Temporal: temporalClient},
		Inbox:    inbox.Queued{Inbox: a.Intake(temporalClient).Inbox()},
		Settle:   a.Config.Registrars[name].Settle, GiveUp: activities.DefaultGiveUp, RefundDays: a.Config.Registrars[name].RefundDays,
		WorkflowID: func(ctx context.Context) string { return activity.GetInfo(ctx).WorkflowExecution.ID },
		TriedFor: func(ctx context.Context) time.Duration {
			info := activity.GetInfo(ctx)
			return info.StartedTime.Sub(info.ScheduledTime)
		},
		Log: a.Log,
	}
}

// CheckOperation asks a registrar account about an operation of the ledger at once, and
// tells its order if it has finished.
func (a *Assembly) CheckOperation(
	ctx context.Context, temporalClient client.Client, account, key string,
) (activities.CheckOperationResult, error) {
	return a.RegistrarActivities(account, temporalClient).CheckOperation(ctx, activities.CheckOperationInput{Key: key})
}

// CancelOperation asks a registrar account to withdraw an operation, which it may refuse.
// The order learns from the watch how the operation ended.
func (a *Assembly) CancelOperation(ctx context.Context, account, reference string) error {
	return activities.Cancel(ctx, account, a.Accounts[account], reference)
}

// setWorkflowCache bounds how many workflows this process keeps in memory. A waiting
// order needs no memory in the worker: with a small cache it costs one replay when its
// confirmation comes, and saves 25 KB per order while it waits. The SDK has one cache per
// process and reads its size once.
var setWorkflowCache = func() func(int) {
	var once sync.Once
	return func(size int) { once.Do(func() { worker.SetStickyWorkflowCacheSize(size) }) }
}()

// Start starts all workers, or none.
func (w *Workers) Start() error {
	for i, one := range w.workers {
		if err := one.Start(); err != nil {
			for _, started := range w.workers[:i] {
				started.Stop()
			}
			return fmt.Errorf("assembly: start worker: %w", err)
		}
	}
	return nil
}

// Stop lets running activities finish within the configured time.
func (w *Workers) Stop() {
	done := make(chan struct{})
	for _, one := range w.workers {
		go func() { one.Stop(); done <- struct{}{} }()
	}
	for range w.workers {
		<-done
	}
}

func (a *Assembly) logins() map[string]activities.RegistrarLogin {
	logins := make(map[string]activities.RegistrarLogin, len(a.Config.Registrars))
	for name, r := range a.Config.Registrars {
		logins[name] = activities.RegistrarLogin{Login: r.BillingLogin, Password: domains.NewSecret(string(r.BillingPassword))}
	}
	return logins
}
