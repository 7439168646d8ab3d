package assembly

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/intake"
	"domainprovisioning/intake/inbox"
	"domainprovisioning/telemetry"
	"domainprovisioning/workflows"
)

// Workers are the workers of one process: one for the workflows and the calls to
// Operations, Billing and the store, and one per registrar account.
type Workers struct {
	workers []worker.Worker
	client  client.Client // theirs alone
	failed  error         // why there are none
	metrics *telemetry.Metrics
	beats   []telemetry.Beat // what gives signs of life while the workers run

	temporal client.Client // whom Turn asks
	build    intake.Build
	log      *slog.Logger

	state   sync.Mutex
	started time.Time
	ended   error // why they do not run any more
	idle    error // why they get no work
}

// Workers creates the workers. fatal is called when one of them cannot continue. They are seen to
// be alive if the options of the client have the handler of a.Metrics.SDK. The client must be a
// *Temporal; if they cannot be created, Start says why.
func (a *Assembly) Workers(temporalClient client.Client, fatal func(error)) *Workers {
	cfg := a.Config.Worker
	all := &Workers{metrics: a.Metrics, temporal: temporalClient, log: a.Log}
	connecting, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	deployment, err := Deployment(cfg)
	if err != nil {
		all.failed = err
		return all
	}
	all.build = intake.Build{Deployment: deployment.Version.DeploymentName, ID: deployment.Version.BuildID}
	if all.client, all.failed = forWorkers(connecting, temporalClient, a.Codec); all.failed != nil {
		return all
	}
	stops := fatal
	fatal = func(err error) {
		all.end(err)
		stops(err)
	}
	setWorkflowCache(cfg.WorkflowCache)
	stored := activities.StoredOrders{Store: a.Store}
	attempts := &activities.Attempts{
		Teller: inbox.Notifier{Temporal: temporalClient}, After: activities.AttentionAfter(a.Config.Orders.AttentionAfter), Log: a.Log,
	}

	quotes := &activities.Quotes{Keeper: a.Store, Sealed: a.Codec.Seals(), Log: a.Log}
	general := worker.New(all.client, workflows.TaskQueue, worker.Options{
		MaxConcurrentActivityExecutionSize:      cfg.Activities,
		MaxConcurrentLocalActivityExecutionSize: 2 * cfg.WorkflowTasks, // that of the step, and one beside it
		MaxConcurrentWorkflowTaskExecutionSize:  cfg.WorkflowTasks,
		WorkerStopTimeout:                       cfg.StopTimeout,
		DisableRegistrationAliasing:             true,
		Interceptors:                            []interceptor.WorkerInterceptor{a.measured("", activities.SystemOf), attempts, &activities.FastLane{}, &activities.Uncut{}, quotes},
		OnFatalError:                            fatal,
		DeploymentOptions:                       deployment,
	})
	workflows.Register(general)
	general.RegisterActivity(&activities.Operations{Client: a.Operations, Orders: stored, Undo: a.Store})
	general.RegisterActivity(&activities.Billing{Client: a.Billing, Logins: a.logins()})
	general.RegisterActivity(&activities.Orders{Store: a.Store, Catalog: a.Catalog})
	general.RegisterActivity(a.lives(temporalClient))

	all.workers = append(all.workers, general)
	all.beats = append(all.beats, telemetry.Beat{TaskQueue: workflows.TaskQueue, Workflows: true}, telemetry.Beat{TaskQueue: workflows.TaskQueue})
	for _, name := range a.AccountNames() {
		account := a.Config.Registrars[name]
		plugin := func(string) string { return account.Plugin }
		w := worker.New(all.client, workflows.RegistrarTaskQueue(name), worker.Options{
			MaxConcurrentActivityExecutionSize: account.CallsAtOnce,
			TaskQueueActivitiesPerSecond:       account.CallsPerSecond,
			MaxConcurrentActivityTaskPollers:   2,
			WorkerStopTimeout:                  cfg.StopTimeout,
			DisableWorkflowWorker:              true,
			DisableRegistrationAliasing:        true,
			Interceptors:                       []interceptor.WorkerInterceptor{a.measured(name, plugin), attempts, quotes},
			OnFatalError:                       fatal,
			DeploymentOptions:                  deployment,
		})
		w.RegisterActivity(a.RegistrarActivities(name, temporalClient))
		w.RegisterActivity(a.walks(name))
		all.workers = append(all.workers, w)
		all.beats = append(all.beats, telemetry.Beat{TaskQueue: workflows.RegistrarTaskQueue(name)})
	}
	return all
}

// measured counts and times the calls of a worker; account is that of its registrar, if any.
func (a *Assembly) measured(account string, system func(call string) string) *activities.Measured {
	return &activities.Measured{System: system, Saw: func(try activities.Try) {
		effect := "read"
		if try.Changes {
			effect = "change"
		}
		a.Metrics.Called(try.System, try.Call, effect, try.Outcome, try.Took)
		if try.Round {
			a.Metrics.Watched(account, try.Outcome)
		}
	}}
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
	if w.failed != nil {
		return w.failed
	}
	for i, one := range w.workers {
		if err := one.Start(); err != nil {
			for _, started := range w.workers[:i] {
				started.Stop()
			}
			w.close()
			return fmt.Errorf("assembly: start worker: %w", err)
		}
	}
	w.state.Lock()
	defer w.state.Unlock()
	w.started = time.Now()
	return nil
}

// errStopped is why workers that were told to stop do not run.
var errStopped = errors.New("assembly: the workers were stopped")

// end notes that the workers do not run any more, and why. The first reason counts.
func (w *Workers) end(why error) {
	w.state.Lock()
	defer w.state.Unlock()
	if w.ended == nil {
		w.ended = why
	}
}

// silentFor is how long the worker of a task queue may give no sign of life. A poll lasts for a
// minute or so, also while Temporal is away. A worker that is busy with all it may do at once does
// not poll: its calls last for two minutes at most, and those of a registrar's, a round of the
// watch among them, for half an hour.
func silentFor(queue string) time.Duration {
	if queue == workflows.TaskQueue {
		return 5 * time.Minute
	}
	return 35 * time.Minute
}

// Alive returns why the workers do not do their work any more: they were stopped, one of them
// cannot continue, or one has neither polled nor begun or ended a call for too long. It says
// nothing about Temporal, for which workers wait.
func (w *Workers) Alive(now time.Time) error {
	w.state.Lock()
	started, ended := w.started, w.ended
	w.state.Unlock()
	switch {
	case ended != nil:
		return ended
	case started.IsZero():
		return nil
	}
	for _, beat := range w.beats {
		last := w.metrics.LastBeat(beat)
		if last.Before(started) {
			last = started
		}
		if silent := now.Sub(last); silent > silentFor(beat.TaskQueue) {
			return fmt.Errorf("assembly: the worker of task queue %s has given no sign of life for %s", beat.TaskQueue, silent.Round(time.Second))
		}
	}
	return nil
}

// Stop lets running activities finish within the configured time.
func (w *Workers) Stop() {
	w.end(errStopped)
	done := make(chan struct{})
	for _, one := range w.workers {
		go func() { one.Stop(); done <- struct{}{} }()
	}
	for range w.workers {
		<-done
	}
	w.close()
}

// close closes the client of the workers, which can be done once.
func (w *Workers) close() {
	w.state.Lock()
	defer w.state.Unlock()
	if w.client != nil {
		w.client.Close()
		w.client = nil
	}
}

func (a *Assembly) logins() map[string]activities.RegistrarLogin {
	logins := make(map[string]activities.RegistrarLogin, len(a.Config.Registrars))
	for name, r := range a.Config.Registrars {
		logins[name] = activities.RegistrarLogin{Login: r.BillingLogin, Password: domains.NewSecret(string(r.BillingPassword))}
	}
	return logins
}
