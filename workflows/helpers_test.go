package workflows_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	standnetim "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

const (
	day  = 24 * time.Hour
	shop = "shop.example"
	// start is when every order of these tests begins.
	startText = "2026-03-02 08:00:00"
)

// manual keeps a registration pending until the test ends it.
func manual() outside.Options {
	return outside.Options{Registration: standnetim.Behaviour{Manual: true}}
}

// run is one order in progress: the workflow in skipped time, with the real activities
// against the stand-ins, whose clock is the workflow's.
type run struct {
	*testsuite.TestWorkflowEnvironment
	*outside.World
	t     *testing.T
	input workflows.UnitInput

	seen     recorder
	started  map[string]int    // calls that were started, by name, in either lane
	ordinary map[string]int    // those in the ordinary lane
	sequence []string          // the same, one after another, as the keys of at
	at       map[string]func() // what happens at which start of an activity
}

// begin places an order and prepares its run. prepare creates what exists before the
// order.
func begin(t *testing.T, options outside.Options, order string, prepare ...func(*outside.World)) *run {
	t.Helper()
	beginning, err := time.Parse(time.DateTime, startText)
	if err != nil {
		t.Fatal(err)
	}
	env := environment(beginning)
	options.Now = env.Now
	r := &run{
		TestWorkflowEnvironment: env, World: outside.New(t, options), t: t,
		started: map[string]int{}, ordinary: map[string]int{}, at: map[string]func(){},
	}
	if !strings.Contains(order, "password") {
		r.Operations.AddExistingAccount(outside.Customer)
	}
	for _, put := range prepare {
		put(r.World)
	}
	r.Place(t, order)
	r.prepare()
	return r
}

func environment(beginning time.Time) *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(beginning)
	env.SetTestTimeout(30 * time.Second)
	return env
}

// follow is the run that carries the order on after this one was ended in Temporal.
func (r *run) follow() *run {
	next := &run{
		TestWorkflowEnvironment: environment(r.Now()), World: r.World, t: r.t,
		started: map[string]int{}, ordinary: map[string]int{}, at: map[string]func(){},
	}
	next.prepare()
	return next
}

// prepare registers what the run needs.
func (r *run) prepare() {
	env := r.TestWorkflowEnvironment
	placed := r.Temporal.Starts()[0]
	r.input = placed.Input
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{
		ID: placed.Options.ID, TaskQueue: workflows.TaskQueue, TypedSearchAttributes: placed.Options.TypedSearchAttributes,
	})
	quotes := &activities.Quotes{Keeper: r.Store, Log: slog.New(slog.DiscardHandler)}
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&r.seen, &activities.Attempts{}, &activities.FastLane{}, &activities.Uncut{}, quotes}})
	workflows.Register(env)
	env.RegisterActivity(r.OperationsActivities())
	env.RegisterActivity(r.BillingActivities())
	registrar := registrars.Registrar(r.Registrar)
	if r.Double != nil {
		registrar = r.Double
	}
	env.RegisterActivity(r.RegistrarActivities(registrar, r))
	env.RegisterActivity(&activities.Orders{Store: r.Store, Catalog: r.Intake.Catalog})
	starts := func(name string) {
		r.started[name]++
		if name != "RecordState" { // which runs beside the steps
			r.sequence = append(r.sequence, fmt.Sprint(name, r.started[name]))
		}
		if happens := r.at[fmt.Sprint(name, r.started[name])]; happens != nil {
			happens()
		}
	}
	env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		r.seen.running.Add(1)
		r.ordinary[info.ActivityType.Name]++
		starts(info.ActivityType.Name)
	})
	env.SetOnLocalActivityStartedListener(func(info *activity.Info, _ context.Context, _ []any) { starts(info.ActivityType.Name) })
}

// when makes something happen at the number-th start of an activity.
func (r *run) when(activityName string, number int, happens func()) {
	r.at[fmt.Sprint(activityName, number)] = happens
}

// after makes something happen once the order has been running for a while.
func (r *run) after(passed time.Duration, happens func()) {
	r.RegisterDelayedCallback(happens, passed)
}

// Notify implements activities.Notifier: the watch tells the workflow.
func (r *run) Notify(_ context.Context, _ string, confirmation messages.Confirmation) (bool, error) {
	r.SignalWorkflow(messages.Confirmed().Name, confirmation)
	return false, nil
}

// confirm sends a confirmation.
func (r *run) confirm(eventID string) {
	r.SignalWorkflow(messages.Confirmed().Name, messages.Confirmation{EventID: eventID, Source: "test", Claim: "done"})
}

// complete makes the registrar finish the registration.
func (r *run) complete() {
	if err := r.Netim.Complete(shop); err != nil {
		r.t.Error(err)
	}
}

// retry sends the command of a person, which must be accepted.
func (r *run) retry(command messages.Retry) {
	r.t.Helper()
	r.update(command, func(err error) {
		if err != nil {
			r.t.Errorf("the retry was refused: %v", err)
		}
	})
}

func (r *run) update(command messages.Retry, answered func(error)) {
	if command.Actor != "" && command.Reason == "" {
		command.Reason = "for a test"
	}
	r.UpdateWorkflow(messages.RetryStep().Name, "", &testsuite.TestUpdateCallback{
		OnAccept: func() {}, OnReject: answered, OnComplete: func(_ any, err error) { answered(err) },
	}, command)
}

// progress asks the workflow for its state.
func (r *run) progress() messages.Progress {
	r.t.Helper()
	var progress messages.Progress
	value, err := r.QueryWorkflow(messages.ReadProgress().Name)
	if err == nil {
		err = value.Get(&progress)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return progress
}

// details returns the current details of the order in the Web UI.
func (r *run) details() string {
	r.t.Helper()
	var metadata sdk.WorkflowMetadata
	value, err := r.QueryWorkflow("__temporal_workflow_metadata")
	if err == nil {
		err = value.Get(&metadata)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return metadata.GetCurrentDetails()
}

// execute runs the workflow to its end, and waits for activities that it left behind,
// because the test environment does not wait for cancelled ones.
func (r *run) execute() error {
	r.t.Helper()
	r.ExecuteWorkflow(workflows.ProgramOf(r.input.Unit), r.input)
	if !r.IsWorkflowCompleted() {
		r.t.Fatal("the workflow has not ended")
	}
	r.seen.running.Wait()
	return r.GetWorkflowError()
}

// finish runs the workflow, which must succeed.
func (r *run) finish() workflows.UnitResult {
	r.t.Helper()
	if err := r.execute(); err != nil {
		r.t.Fatal(err)
	}
	var result workflows.UnitResult
	if err := r.GetWorkflowResult(&result); err != nil {
		r.t.Fatal(err)
	}
	if progress := r.progress(); progress.State != messages.Done || progress.Attention != nil {
		r.t.Errorf("at the end the order is %s, attention %+v", progress.State, progress.Attention)
	}
	r.closed(store.UnitDone)
	return result
}

// operation returns the row of a request of the order.
func (r *run) operation(kind registrars.Kind) store.LedgerRow {
	r.t.Helper()
	row, err := r.Store.LedgerRow(r.t.Context(), activities.RequestKey(r.input.OrderNumber, r.input.Unit.Item, kind))
	if err != nil {
		r.t.Fatal(err)
	}
	return row
}

// operations counts the operations at the registrar by their codes.
func (r *run) operations() map[string]int {
	counts := map[string]int{}
	for _, operation := range r.Netim.Operations() {
		counts[operation.Code]++
	}
	return counts
}

// closed checks the order's state in the store.
func (r *run) closed(state store.UnitState) {
	r.t.Helper()
	rows, err := r.Store.Units(r.t.Context(), store.UnitFilter{OrderNumber: r.input.OrderNumber})
	if err != nil || len(rows) != 1 || rows[0].State != state {
		r.t.Errorf("the store has %+v, %v; want one row that is %s", rows, err, state)
	}
}

// ledger returns the row of the registration.
func (r *run) ledger() store.LedgerRow {
	r.t.Helper()
	row, err := r.Store.LedgerRow(r.t.Context(), activities.RequestKey(r.input.OrderNumber, r.input.Unit.Item, registrars.Registration))
	if err != nil {
		r.t.Fatal(err)
	}
	return row
}

// want compares the effects in the outside systems.
func (r *run) want(want outside.Effects) {
	r.t.Helper()
	if got := r.Effects(shop); got != want {
		r.t.Errorf("effects\n got %s\nwant %s", got, want)
	}
}

// registrationFailed is the reason of an order whose registration the registrar has
// failed.
var registrationFailed = messages.RequestEnded("registration", "failed")

// parked checks that the order needs a person, at which step and for which reason.
func (r *run) parked(step int, reason messages.Reason) messages.Progress {
	r.t.Helper()
	progress := r.progress()
	if progress.State != messages.NeedsAttention || progress.Attention == nil ||
		progress.Attention.Step != step || progress.Attention.Reason != reason {
		r.t.Errorf("the order is %s at step %d with %+v; want attention at step %d for %s",
			progress.State, progress.Step, progress.Attention, step, reason)
	}
	return progress
}

// step returns the line of a step.
func step(progress messages.Progress, number int) string {
	for _, line := range progress.Steps {
		if line.Number == number {
			return fmt.Sprintf("%s: %s", line.State, line.Note)
		}
	}
	return "none"
}

// whole returns what an order for a domain with hosting by a new customer leaves behind:
// everything once, and two contacts: the holder, and the one for other roles.
func whole() outside.Effects {
	return outside.Effects{
		Accounts: 1, Members: 1, Subscriptions: 2, Domains: 1, Registered: 1, Bindings: 1,
		Creates: 1, Registrations: 1, Contacts: 2, BillingRows: 1,
	}
}

// recorder records what a run does to the world beyond its activities.
type recorder struct {
	interceptor.WorkerInterceptorBase

	running sync.WaitGroup        // activities
	within  func(activity string) // called in each activity, where it may wait without holding up the workflow; nil: nothing

	mu         sync.Mutex
	attributes []map[string]any // one per upsert
	latest     map[string]any
}

func (r *recorder) InterceptActivity(
	_ context.Context, next interceptor.ActivityInboundInterceptor,
) interceptor.ActivityInboundInterceptor {
	return &activityRecorder{ActivityInboundInterceptorBase: interceptor.ActivityInboundInterceptorBase{Next: next}, recorder: r}
}

type activityRecorder struct {
	interceptor.ActivityInboundInterceptorBase

	recorder *recorder
}

func (a *activityRecorder) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	if !activity.GetInfo(ctx).IsLocalActivity { // the listener of started activities sees no local ones
		defer a.recorder.running.Done()
	}
	if a.recorder.within != nil {
		a.recorder.within(activity.GetInfo(ctx).ActivityType.Name)
	}
	return a.Next.ExecuteActivity(ctx, in)
}

func (r *recorder) InterceptWorkflow(
	_ workflow.Context, next interceptor.WorkflowInboundInterceptor,
) interceptor.WorkflowInboundInterceptor {
	return &inbound{WorkflowInboundInterceptorBase: interceptor.WorkflowInboundInterceptorBase{Next: next}, recorder: r}
}

type inbound struct {
	interceptor.WorkflowInboundInterceptorBase

	recorder *recorder
}

func (i *inbound) Init(next interceptor.WorkflowOutboundInterceptor) error {
	return i.Next.Init(&outbound{
		WorkflowOutboundInterceptorBase: interceptor.WorkflowOutboundInterceptorBase{Next: next}, recorder: i.recorder,
	})
}

type outbound struct {
	interceptor.WorkflowOutboundInterceptorBase

	recorder *recorder
}

func (o *outbound) UpsertTypedSearchAttributes(ctx workflow.Context, updates ...temporal.SearchAttributeUpdate) error {
	o.recorder.mu.Lock()
	defer o.recorder.mu.Unlock()
	attributes := map[string]any{}
	for key, value := range temporal.NewSearchAttributes(updates...).GetUntypedValues() {
		attributes[key.GetName()] = value
	}
	o.recorder.attributes = append(o.recorder.attributes, attributes)
	o.recorder.latest = attributes
	return o.Next.UpsertTypedSearchAttributes(ctx, updates...)
}

// ExecuteActivity removes the limit of ten attempts that the test environment sets for a
// policy without one, because outages last longer.
func (o *outbound) ExecuteActivity(ctx workflow.Context, activityType string, args ...any) workflow.Future {
	options := workflow.GetActivityOptions(ctx)
	if policy := options.RetryPolicy; policy != nil && policy.MaximumAttempts == 0 {
		lifted := *policy
		lifted.MaximumAttempts = 1000
		ctx = workflow.WithRetryPolicy(ctx, lifted)
	}
	return o.Next.ExecuteActivity(ctx, activityType, args...)
}
