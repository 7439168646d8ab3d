package main

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/grpc"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/embedded"
	"domainprovisioning/sandbox/measures"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// inFlight is how many orders run at once.
const inFlight = 32

// BenchmarkProvisioning measures completed provisionings per second on the embedded server,
// together with the floor of the same run: a workflow with the same number of activities
// that do nothing. The second floor has as many of them in a second task queue as an order
// has in that of its registrar account, because the server cannot hand those over with the
// answer to a workflow task. Compare the workflows/s, or on a busy machine the cpu-ms/order;
// package measures says what the others are. Run it with
//
//	go test -bench=Provisioning ./sandbox -run=^$ -benchtime=300x
func BenchmarkProvisioning(b *testing.B) {
	one, two := activitiesOfAnOrder(b)
	// They run one after another, several times, each with its own server. A server slows
	// down as its database grows, and works on the timers of earlier workflows, which
	// must not count against a later benchmark.
	for round := range 3 {
		b.Run(fmt.Sprintf("%s/%d", measures.Floor, round), func(b *testing.B) { benchmarkFloor(b, one) })
		b.Run(fmt.Sprintf("%s/%d", measures.Apart, round), func(b *testing.B) { benchmarkFloor(b, two) })
		b.Run(fmt.Sprintf("%s/%d", measures.Orders, round), benchmarkOrders)
	}
	b.Run("ratio", benchmarkRatio)
	b.Run(measures.Latency, benchmarkLatency)
	b.Run(measures.Waiting, benchmarkWaiting)
}

// ownServer gives the benchmark an unused server with one namespace, because a server
// does work for each of its namespaces.
func ownServer(b *testing.B) {
	b.Helper()
	shared := server
	next := nextNamespace.Load()
	own, err := startTemporal(context.Background(), embedded.Options{Namespaces: namespaces[next : next+1], NoUI: true})
	if err != nil {
		b.Fatal(err)
	}
	server = own
	b.Cleanup(func() {
		server = shared
		if err := own.Stop(); err != nil {
			b.Error(err)
		}
	})
}

func benchmarkOrders(b *testing.B) { benchmarkOrdersWith(b) }

func benchmarkOrdersWith(b *testing.B, changes ...func(*config.Config)) {
	b.Helper()
	ownServer(b)
	f, place := startOrders(b, changes...)
	orders := measure(b, f.calls, place)
	f.reportHistory(b, "domain-provisioning/shop1.example", measures.Events, measures.History)
	// The parent of a runner counts the registrations in the outside process itself.
	if got := len(f.world.netim.Registrations()); runnerName() == "" && got != orders {
		b.Errorf("%d registrations for %d orders", got, orders)
	}
}

// counted is a fixture that counts its calls to the Temporal server.
type counted struct {
	*fixture
	calls *atomic.Int64
}

// startOrders starts the product with changes to its configuration. place places the n-th order and carries it to its end.
func startOrders(b *testing.B, changes ...func(*config.Config)) (_ counted, place func(n int)) {
	b.Helper()
	f := begin(b, worldOptions{}, func(cfg *config.Config) {
		if err := givenWorld(cfg); err != nil {
			b.Fatal(err)
		}
		for _, change := range changes {
			change(cfg)
		}
	})
	calls := f.countCalls(b)
	return counted{f, calls}, func(n int) {
		placed, err := f.intake.Place(b.Context(), shopOf(b, n))
		if err != nil {
			b.Error(err)
			return
		}
		unit := placed.Units[0]
		if err := f.temporal.GetWorkflow(b.Context(), unit.WorkflowID, unit.RunID).Get(b.Context(), nil); err != nil {
			b.Error(err)
		}
	}
}

// shopOf is the order of the n-th customer, for a domain and a login of their own.
func shopOf(b *testing.B, n int) []byte {
	b.Helper()
	return alter(b, shop(b), "DomainID=shop", fmt.Sprintf("DomainID=shop%d", n), "jane@shop", fmt.Sprintf("jane%d@shop", n))
}

// reportHistory reports how many events and bytes the history of a workflow has.
func (f *fixture) reportHistory(b *testing.B, workflowID, events, bytes string) {
	b.Helper()
	description, err := f.temporal.DescribeWorkflowExecution(b.Context(), workflowID, "")
	if err != nil {
		b.Fatal(err)
	}
	info := description.GetWorkflowExecutionInfo()
	b.ReportMetric(float64(info.GetHistoryLength()), events)
	b.ReportMetric(float64(info.GetHistorySizeBytes()), bytes)
}

// load is the work of a floor: activities in the workflow's queue, and in another one.
type load struct{ Here, Elsewhere int }

const floorQueue, otherFloorQueue = "floor", "floor-elsewhere"

// floor is the least that a workflow with this many activities can cost.
func floor(ctx workflow.Context, activities load) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	elsewhere := workflow.WithTaskQueue(ctx, otherFloorQueue)
	for n := range activities.Here + activities.Elsewhere {
		queue := ctx
		if n >= activities.Here {
			queue = elsewhere
		}
		if err := workflow.ExecuteActivity(queue, nothing).Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

func nothing(context.Context) error { return nil }

func benchmarkFloor(b *testing.B, activities load) {
	ownServer(b)
	f, run := startFloor(b, activities)
	measure(b, f.calls, run)
	f.reportHistory(b, "floor-1", measures.Events, measures.History)
}

// startFloor starts the workers of a floor. run runs it for the n-th time.
func startFloor(b *testing.B, activities load) (_ counted, run func(n int)) {
	b.Helper()
	f := begin(b, worldOptions{})
	calls := f.countCalls(b)
	for _, queue := range []string{floorQueue, otherFloorQueue} {
		w := worker.New(f.temporal.(*assembly.Temporal).Client, queue, worker.Options{
			MaxConcurrentActivityExecutionSize:     f.Config.Worker.Activities,
			MaxConcurrentWorkflowTaskExecutionSize: f.Config.Worker.WorkflowTasks,
			DisableWorkflowWorker:                  queue == otherFloorQueue,
		})
		if queue == floorQueue {
			w.RegisterWorkflow(floor)
		}
		w.RegisterActivity(nothing)
		if err := w.Start(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(w.Stop)
		if activities.Elsewhere == 0 {
			break
		}
	}
	return counted{f, calls}, func(n int) {
		handle, err := f.temporal.ExecuteWorkflow(b.Context(), client.StartWorkflowOptions{
			ID: fmt.Sprintf("floor-%d", n), TaskQueue: floorQueue,
		}, floor, activities)
		if err == nil {
			err = handle.Get(b.Context(), nil)
		}
		if err != nil {
			b.Error(err)
		}
	}
}

// measure measures b.N workflows, or as many as the parent wants, while the same number
// is running at both ends, and returns how many have run in total. It reports the cost
// per workflow: time, calls to the Temporal server, and processor time of the whole
// process, which includes workers, server and stand-ins.
func measure(b *testing.B, calls *atomic.Int64, run func(n int)) int {
	b.Helper()
	runtime.GC()
	s := startStream(b, run)
	// By then, sessions, caches and connections exist.
	first := s.await(inFlight)
	if runnerName() != "" {
		if err := measureUntilTold("", s.sound); err != nil {
			b.Error(err)
		}
		return s.stop()
	}
	called, before := calls.Load(), processorTime()
	b.ResetTimer()
	s.await(first + b.N)
	b.StopTimer()
	spent := processorTime() - before
	called = calls.Load() - called
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "workflows/s")
	b.ReportMetric(float64(called)/float64(b.N), measures.Calls)
	if spent > 0 { // elsewhere than on Unix nobody counts it
		b.ReportMetric(spent.Seconds()*1000/float64(b.N), measures.Processor)
	}
	return s.stop()
}

// parallel calls run this many times, inFlight at once.
func parallel(b *testing.B, times int, run func(n int)) {
	b.Helper()
	var next atomic.Int64
	var group sync.WaitGroup
	for range inFlight {
		group.Go(func() {
			for {
				n := int(next.Add(1))
				if n > times || b.Context().Err() != nil {
					return
				}
				run(n)
			}
		})
	}
	group.Wait()
}

// localActivity is the name of the marker that holds the result of a local activity.
const localActivity = "LocalActivity"

// activitiesOfAnOrder counts the calls of an order that is registered at once: all in one
// queue, and in the queues that they really use. A local activity is a call as well.
func activitiesOfAnOrder(b *testing.B) (one, two load) {
	b.Helper()
	ownServer(b)
	f := begin(b, worldOptions{})
	f.place(shop(b))
	f.finish(shopWorkflow)
	for _, event := range f.events(shopWorkflow) {
		scheduled := event.GetActivityTaskScheduledEventAttributes()
		switch {
		case event.GetMarkerRecordedEventAttributes().GetMarkerName() == localActivity:
			two.Here++
		case scheduled == nil:
		case scheduled.GetTaskQueue().GetName() == workflows.TaskQueue:
			two.Here++
		default:
			two.Elsewhere++
		}
	}
	return load{Here: two.Here + two.Elsewhere}, two
}

// countCalls counts the calls to the Temporal server from now on.
func (f *fixture) countCalls(b *testing.B) *atomic.Int64 {
	b.Helper()
	calls := &atomic.Int64{}
	f.observe(b, func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		calls.Add(1)
		return invoke(ctx, method, req, reply, cc, opts...)
	})
	return calls
}

// observe replaces the client and workers of the fixture by ones whose calls to the Temporal
// server pass through the observer.
func (f *fixture) observe(b *testing.B, observer grpc.UnaryClientInterceptor) {
	b.Helper()
	f.workers.Stop()
	c, err := assembly.Connect(b.Context(), client.Options{
		HostPort: server.HostPort(), Namespace: f.namespace, Logger: assembly.TemporalLog(f.Log),
		ConnectionOptions: client.ConnectionOptions{
			GrpcCompression: &client.GrpcCompressionNone{}, DialOptions: []grpc.DialOption{grpc.WithChainUnaryInterceptor(observer)},
		},
	}, f.Codec)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	f.temporal, f.intake = c, f.Intake(c)
	f.startWorkers()
	if err := f.workers.Start(); err != nil {
		b.Fatal(err)
	}
}

// benchmarkWaiting measures what an order costs while it waits: a worker in a separate
// process carries b.N orders to step 10 and reports its memory.
func benchmarkWaiting(b *testing.B) {
	ownServer(b)
	f := begin(b, worldOptions{manual: true})
	f.workers.Stop()
	w := startMeasured(b, f)
	place := func(n int) {
		if _, err := f.intake.Place(b.Context(), shopOf(b, n)); err != nil {
			b.Error(err)
		}
	}
	// These fill the worker's cache and its buffers; any memory beyond that is the cost of
	// waiting.
	warm := f.Config.Worker.WorkflowCache
	parallel(b, warm, func(n int) { place(b.N + n) })
	f.untilWaiting(warm)
	before := w.heap(b)
	b.ResetTimer()
	parallel(b, b.N, place)
	f.untilWaiting(warm + b.N)
	b.StopTimer()
	b.ReportMetric((w.heap(b)-before)/float64(b.N), measures.Memory)
	progress := f.progress("domain-provisioning/shop1.example")
	if progress.State != messages.Waiting {
		b.Errorf("the order is %s", progress.State)
	}
	f.reportHistory(b, "domain-provisioning/shop1.example", "events/waiting", "history-B/waiting")
	if err := f.world.netim.Complete("shop1.example"); err != nil {
		b.Fatal(err)
	}
	f.watch()
	f.finish("domain-provisioning/shop1.example")
	f.reportHistory(b, "domain-provisioning/shop1.example", measures.Events, measures.History)
}

// untilWaiting waits until this many orders wait at the registrar, with their services
// bound, and nothing is under way for any of them.
func (f *fixture) untilWaiting(orders int) {
	f.t.Helper()
	f.eventually(fmt.Sprintf("%d orders wait", orders), func() bool {
		if len(f.world.operations.Bindings()) < orders {
			return false
		}
		under, err := f.Store.Units(f.t.Context(), store.UnitFilter{Shown: messages.Running, Limit: 1})
		return err == nil && len(under) == 0
	})
}
