package assembly

import (
	"context"

	"go.temporal.io/sdk/client"

	"domainprovisioning/telemetry"
)

// StartTracing begins tracing, if OpenTelemetry's variables ask for it, before clients, workers and
// the gateway are made. Close ends it. program is what the process is, such as "worker".
func (a *Assembly) StartTracing(ctx context.Context, program string) (err error) {
	a.Tracing, err = telemetry.TracingOf(ctx, "domainprovisioning-"+program, ThisVersion().Product, a.Log)
	return Exit(ExitRefused, err)
}

// TracedBy makes a client and its workers part of the traces, or leaves them as they are if tracing
// is off.
func TracedBy(tracing *telemetry.Tracing) TemporalOption {
	return func(options *client.Options) {
		if tracing != nil {
			options.Interceptors = append(options.Interceptors, tracing.Interceptor())
		}
	}
}
