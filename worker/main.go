// Command worker runs the workflows and makes the calls to Operations, Billing and the
// registrars. It also brings to Temporal what gateways have stored. Any number of workers
// may run at once.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(int(assembly.ExitCodeOf(err)))
	}
}

// run returns when the context has ended and running activities have finished, or with an
// error of one line that says what is wrong. The exit codes are those of starter.
func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	flags := flag.NewFlagSet("worker", flag.ContinueOnError)
	path := flags.String("config", "", "configuration file (default $"+config.FileVariable+" or "+config.DefaultFile+")")
	version := flags.Bool("version", false, "print the version")
	flags.SetOutput(io.Discard) // otherwise an error would be printed twice
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(errOut)
		flags.Usage()
		return nil
	case err != nil:
		return assembly.Exit(assembly.ExitUsage, fmt.Errorf("%w; -h lists the flags", err))
	}
	if flags.NArg() > 0 {
		return assembly.Exit(assembly.ExitUsage, fmt.Errorf("unexpected argument %q; the worker takes flags only", flags.Arg(0)))
	}
	if *version {
		_, err := fmt.Fprintln(out, assembly.ThisVersion().Line("worker"))
		return err
	}
	cfg, err := assembly.Load(cmp.Or(*path, os.Getenv(config.FileVariable), config.DefaultFile), os.Environ())
	if err != nil {
		return assembly.Exit(assembly.ExitRefused, err)
	}
	deployment, err := assembly.Deployment(cfg.Worker)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(errOut, nil))
	a, err := assembly.Open(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer a.Close(context.WithoutCancel(ctx))
	if err := a.StartTracing(ctx, "worker"); err != nil {
		return err
	}
	if err := a.WarnOfAccounts(ctx); err != nil {
		return err
	}
	status, err := a.Status(ctx)
	if err != nil {
		return err
	}
	defer status.Stop()
	temporal, err := assembly.AwaitTemporal(ctx, log, a.Codec, assembly.MetricsTo(a.Metrics), assembly.TracedBy(a.Tracing))
	if err != nil {
		return err
	}
	defer temporal.Close()
	if err := a.EnsureWatches(ctx, temporal); err != nil {
		log.Warn("the watches could not be brought in line with the configuration; orders go on, and the next start tries again", "error", err)
	}
	failed := make(chan error, 1)
	workers := a.Workers(temporal, func(err error) { //nolint:contextcheck // it bounds its own call
		select {
		case failed <- err:
		default:
		}
	})
	if err := workers.Start(); err != nil {
		return err
	}
	status.Tell(workers, temporal)
	log.Info("worker started", "registrars", a.AccountNames(), "histories sealed", a.Codec.Seals(), "deployment", assembly.DeploymentWords(deployment))
	relaying, stopRelay := context.WithCancel(ctx)
	defer stopRelay()
	var relay sync.WaitGroup
	relay.Go(func() { a.Relay(temporal).Run(a.Tracing.Observe(relaying)) })
	relay.Go(func() { a.GuardWatches(relaying, temporal) })
	relay.Go(func() { workers.GuardTurn(relaying) })
	select {
	case <-ctx.Done():
		log.Info("worker stops")
	case err = <-failed:
		err = fmt.Errorf("the worker cannot go on: %w", err)
	}
	stopRelay()
	relay.Wait()
	workers.Stop()
	return err
}
