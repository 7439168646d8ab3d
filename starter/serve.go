package main

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"domainprovisioning/assembly"
)

func (s *starter) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve the gateway: orders in, confirmations in, over HTTP",
		Long: `Serve the gateway: orders by XML-RPC (/RPC2) and JSON (/v1/orders), callbacks of
registrars, /healthz, /readyz, /metrics and /openapi.json. It accepts orders while
Temporal is away, and starts them when it returns. The first interrupt lets running
requests finish.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return s.serve(c.Context()) },
	}
}

func (s *starter) readyCommand() *cobra.Command {
	var strict bool
	ready := &cobra.Command{
		Use:   "ready URL",
		Short: "Ask a gateway or a worker whether it is ready; for health checks",
		Long: `Ask a gateway whether it can accept orders, or a worker (at its worker.address) whether it
has all it needs; for health checks. The exit code is 6 when it is not so. While only
Temporal is away a gateway can, unless --strict requires both.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, arguments []string) error {
			address := strings.TrimRight(arguments[0], "/") + "/readyz"
			if strict {
				address += "?strict"
			}
			return s.exchange(c.Context(), http.MethodGet, address, http.Header{}, nil)
		},
	}
	ready.Flags().BoolVar(&strict, "strict", false, "require Temporal too")
	return ready
}

func (s *starter) serve(ctx context.Context) error {
	if err := s.atHome(); err != nil {
		return err
	}
	cfg, err := s.config()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(s.errOut, nil))
	for _, warning := range assembly.Warnings(cfg, time.Now()) {
		log.WarnContext(ctx, warning)
	}
	a, err := assembly.Open(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer a.Close(context.WithoutCancel(ctx))
	if err := a.StartTracing(ctx, "gateway"); err != nil {
		return err
	}
	temporal, err := assembly.LazyTemporal(log, a.Codec, assembly.MetricsTo(a.Metrics), assembly.TracedBy(a.Tracing))
	if err != nil {
		return err
	}
	defer temporal.Close()
	serving, err := a.Gateway(ctx, temporal)
	if err != nil {
		return err
	}
	return serving.Serve(ctx)
}
