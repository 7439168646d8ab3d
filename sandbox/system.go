package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/intake"
	"domainprovisioning/sandbox/embedded"
	"domainprovisioning/workflows"
)

// system is the product, running in a world.
type system struct {
	*assembly.Assembly
	world    *world
	temporal client.Client
	intake   *intake.Intake
	workers  *assembly.Workers

	// status and reporting are those of report, nil without it.
	status    *assembly.Status
	reporting client.Client
}

// startSystem migrates the store, connects to Temporal and starts the workers. What is in before
// happens just before their start.
func startSystem(
	ctx context.Context, w *world, cfg config.Config, temporal client.Client, log *slog.Logger, before ...func(*system) error,
) (*system, error) {
	a, err := assembly.New(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	a.Pace = w.pace
	s := &system{Assembly: a, world: w, temporal: temporal, intake: a.Intake(temporal)}
	if _, err := a.Store.Migrate(ctx); err != nil {
		return nil, err
	}
	if err := a.EnsureWatches(ctx, temporal); err != nil {
		return nil, err
	}
	for _, do := range before {
		if err := do(s); err != nil {
			return nil, err
		}
	}
	s.startWorkers()
	if err := s.workers.Start(); err != nil {
		return s, err
	}
	if s.status != nil {
		s.status.Tell(s.workers, s.temporal)
	}
	return s, nil
}

// report gives the workers a connection that reports to the metrics of the process, and lets them
// tell at worker.address how they are.
func (s *system) report(ctx context.Context, hostPort, namespace string) (err error) {
	if s.reporting, err = dial(ctx, hostPort, namespace, s.Config.Histories, s.Log, assembly.MetricsTo(s.Metrics)); err != nil {
		return err
	}
	s.temporal = s.reporting
	s.status, err = s.Status(ctx)
	return err
}

func (s *system) startWorkers() {
	s.workers = s.Workers(s.temporal, func(err error) { s.Log.Error("a worker cannot go on", "error", err) })
}

// stop stops workers, sessions and store. Temporal and the world keep running.
func (s *system) stop(ctx context.Context) {
	s.workers.Stop()
	if s.reporting != nil {
		s.status.Stop()
		s.reporting.Close()
	}
	s.Close(ctx)
}

// watchRound runs one round of an account's watch immediately.
func (s *system) watchRound(ctx context.Context, account string) error {
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.WatchID(account) + "/early", TaskQueue: workflows.TaskQueue,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, workflows.PendingOperationsWatch, workflows.WatchInput{Registrar: account})
	if err != nil {
		return fmt.Errorf("sandbox: watch: %w", err)
	}
	return run.Get(ctx, nil)
}

// startTemporal runs the embedded server with the search attributes of orders.
func startTemporal(ctx context.Context, options embedded.Options) (*embedded.Server, error) {
	options.SearchAttributes = make(map[string]enumspb.IndexedValueType)
	for name, kind := range workflows.SearchAttributeNames() {
		options.SearchAttributes[name] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
		if kind == "Int" {
			options.SearchAttributes[name] = enumspb.INDEXED_VALUE_TYPE_INT
		}
	}
	return embedded.Start(ctx, options)
}

// dial connects through the codec of a configuration.
func dial(
	ctx context.Context, hostPort, namespace string, histories config.Histories, log *slog.Logger, also ...assembly.TemporalOption,
) (client.Client, error) {
	codec, err := assembly.NewCodec(histories)
	if err != nil {
		return nil, err
	}
	options := client.Options{
		HostPort: hostPort, Namespace: namespace, Logger: assembly.TemporalLog(log),
		// The server is in this process, so compression would cost time and save nothing.
		ConnectionOptions: client.ConnectionOptions{GrpcCompression: &client.GrpcCompressionNone{}},
	}
	for _, change := range also {
		change(&options)
	}
	c, err := assembly.Connect(ctx, options, codec)
	if err != nil {
		return nil, fmt.Errorf("sandbox: temporal: %w", err)
	}
	return c, nil
}

// databaseIn returns the URL of the application's database in a folder.
func databaseIn(dir string) string {
	return "sqlite:" + filepath.Join(dir, "application.db") + "?synchronous=off"
}
