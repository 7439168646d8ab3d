package assembly

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"domainprovisioning/telemetry"
	"domainprovisioning/vault"
)

// dialTimeout is how long a program waits for Temporal when it starts.
const dialTimeout = 10 * time.Second

// DialTemporal connects to Temporal with the options from the TEMPORAL_* variables and
// profiles, and those given, through a codec. The error is one line that says what to do.
func DialTemporal(ctx context.Context, log *slog.Logger, codec *vault.Codec, also ...TemporalOption) (*Temporal, error) {
	options, err := temporalOptions(log, also...)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	c, err := Connect(ctx, options, codec)
	if err != nil {
		return nil, dialError(ctx, options, err)
	}
	// Dialling does not check the namespace, and without it every later call would fail.
	_, err = c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{
		Namespace: namespaceOf(options),
	})
	if err != nil {
		c.Close()
		return nil, dialError(ctx, options, err)
	}
	return c, nil
}

// AwaitTemporal is DialTemporal for a program that needs Temporal: it waits for a server
// that is slow, for example after its own start. Any other error is returned at once.
func AwaitTemporal(ctx context.Context, log *slog.Logger, codec *vault.Codec, also ...TemporalOption) (*Temporal, error) {
	for {
		c, err := DialTemporal(ctx, log, codec, also...)
		if err == nil || ctx.Err() != nil || !errors.Is(err, errSlow) {
			return c, err
		}
		log.WarnContext(ctx, "Temporal does not answer yet; the start waits for it", "error", err)
	}
}

// ErrTemporalAway means that Temporal does not answer.
var ErrTemporalAway = errors.New("cannot be reached")

// errSlow means that a server is listening but does not answer in time.
var errSlow = errors.New("it does not answer")

// TemporalUp checks that Temporal answers and has our namespace.
func TemporalUp(ctx context.Context, c client.Client) error {
	// A lazy client connects here if it has not done so yet.
	if _, err := c.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return err
	}
	_, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{PageSize: 1})
	return err
}

// LazyTemporal returns a client with the same options that connects when it is first
// used. It is for a gateway, which accepts orders while Temporal is away.
func LazyTemporal(log *slog.Logger, codec *vault.Codec, also ...TemporalOption) (*Temporal, error) {
	options, err := temporalOptions(log, also...)
	if err != nil {
		return nil, err
	}
	options = through(options, codec.ForClients())
	c, err := client.NewLazyClient(options)
	if err != nil {
		return nil, fmt.Errorf("temporal: the TEMPORAL_* settings: %w", err)
	}
	return &Temporal{c, options}, nil
}

// TemporalOption changes the options of a client.
type TemporalOption func(*client.Options)

// MetricsTo makes a client and its workers report to the metrics of a process.
func MetricsTo(metrics *telemetry.Metrics) TemporalOption {
	return func(options *client.Options) { options.MetricsHandler = metrics.SDK() }
}

// temporalOptions returns the options from the TEMPORAL_* variables and profiles.
func temporalOptions(log *slog.Logger, also ...TemporalOption) (client.Options, error) {
	for _, name := range []string{"TEMPORAL_TLS", "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION"} {
		switch strings.ToLower(os.Getenv(name)) {
		case "", "1", "0", "true", "false":
		default: // the SDK would ignore the value, and connect in clear where TLS was intended
			return client.Options{}, Exit(ExitRefused, fmt.Errorf("temporal: the TEMPORAL_* settings: %s must be true or false", name))
		}
	}
	options, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return client.Options{}, Exit(ExitRefused, fmt.Errorf("temporal: the TEMPORAL_* settings: %w", err))
	}
	options.Logger = TemporalLog(log)
	for _, change := range also {
		change(&options)
	}
	return options, nil
}

// Namespace is the namespace that the TEMPORAL_* settings name.
func Namespace(log *slog.Logger) (string, error) {
	options, err := temporalOptions(log)
	return namespaceOf(options), err
}

func namespaceOf(options client.Options) string {
	if options.Namespace == "" {
		return client.DefaultNamespace
	}
	return options.Namespace
}

// namespaceOfClient is the namespace of a client.
func namespaceOfClient(temporal client.Client) string {
	if own, ok := temporal.(*Temporal); ok {
		return namespaceOf(own.options)
	}
	return client.DefaultNamespace
}

func addressOf(options client.Options) string {
	if options.HostPort == "" {
		return client.DefaultHostPort
	}
	return options.HostPort
}

// dialError says in one line why there is no connection and what to do.
func dialError(ctx context.Context, options client.Options, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	address, namespace := addressOf(options), namespaceOf(options)
	_, missing := errors.AsType[*serviceerror.NamespaceNotFound](err)
	_, denied := errors.AsType[*serviceerror.PermissionDenied](err)
	switch code := status.Code(err); {
	case missing, code == codes.NotFound:
		return Exit(ExitRefused, fmt.Errorf("temporal: %s has no namespace %q; create it or set TEMPORAL_NAMESPACE", address, namespace))
	case denied, code == codes.PermissionDenied, code == codes.Unauthenticated:
		return Exit(ExitRefused, fmt.Errorf("temporal: %s refuses access to namespace %q; check TEMPORAL_API_KEY and the TEMPORAL_TLS settings", address, namespace))
	default:
		why := reason(err)
		if why == errSlow.Error() {
			return fmt.Errorf("temporal: %s %w: %w; start it or set TEMPORAL_ADDRESS", address, ErrTemporalAway, errSlow)
		}
		return fmt.Errorf("temporal: %s %w: %s; start it or set TEMPORAL_ADDRESS", address, ErrTemporalAway, why)
	}
}

// reason extracts the cause from an error of gRPC, which has no types for these. An
// unknown text is returned unchanged.
func reason(err error) string {
	text := strings.TrimPrefix(err.Error(), "failed reaching server: ")
	if _, description, ok := strings.Cut(text, `connection error: desc = "`); ok {
		text = strings.TrimSuffix(description, `"`)
	}
	text = strings.TrimPrefix(strings.TrimPrefix(text, "transport: "), "Error while dialing: ")
	switch {
	case strings.Contains(text, "no children to pick from"), strings.Contains(text, "no such host"):
		return "its name cannot be resolved"
	case strings.Contains(text, "context deadline exceeded"):
		return errSlow.Error()
	case strings.Contains(text, "looked like an HTTP/1.1 header"):
		return "the server there is not a Temporal server"
	default:
		return strings.ReplaceAll(text, "\n", " ")
	}
}
