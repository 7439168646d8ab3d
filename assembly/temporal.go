package assembly

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// dialTimeout is how long a program waits for Temporal at its start.
const dialTimeout = 10 * time.Second

// DialTemporal connects to Temporal with the options that the TEMPORAL_*
// variables and profiles give. The error is one line that says what to do.
func DialTemporal(ctx context.Context, log *slog.Logger) (client.Client, error) {
	options, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return nil, fmt.Errorf("temporal: the TEMPORAL_* settings: %w", err)
	}
	options.Logger = TemporalLog(log)
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	c, err := client.DialContext(ctx, options)
	if err == nil {
		return c, nil
	}
	address := options.HostPort
	if address == "" {
		address = client.DefaultHostPort
	}
	if _, missing := errors.AsType[*serviceerror.NamespaceNotFound](err); missing || status.Code(err) == codes.NotFound {
		return nil, fmt.Errorf("temporal: %s has no namespace %q; create it or set TEMPORAL_NAMESPACE", address, options.Namespace)
	}
	return nil, fmt.Errorf("temporal: %s cannot be reached; start it or set TEMPORAL_ADDRESS (%w)", address, err)
}
