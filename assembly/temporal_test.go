package assembly

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"domainprovisioning/vault"
)

// noSettings hides the TEMPORAL_... settings of this machine and of the test so far.
func noSettings(t *testing.T) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "TEMPORAL_") {
			t.Setenv(name, "") // the end of the test restores it
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Setenv("TEMPORAL_CONFIG_FILE", "")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
}

func TestATemporalThatCannotBeReachedIsSaidInWords(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	for name, c := range map[string]struct{ variable, value, want string }{
		"nothing listens": {"TEMPORAL_ADDRESS", "127.0.0.1:1", "temporal: 127.0.0.1:1 cannot be reached: dial tcp 127.0.0.1:1: connect: connection refused; start it or set TEMPORAL_ADDRESS"},
		"no such name":    {"TEMPORAL_ADDRESS", "temporal.invalid:7233", "temporal: temporal.invalid:7233 cannot be reached: its name cannot be resolved; start it or set TEMPORAL_ADDRESS"},
		"a web server":    {"TEMPORAL_ADDRESS", web.Listener.Addr().String(), "the server there is not a Temporal server"},
		"silence":         {"TEMPORAL_ADDRESS", silent.Addr().String(), "it does not answer; start it or set TEMPORAL_ADDRESS"},
		"no such profile": {"TEMPORAL_PROFILE", "nowhere", "temporal: the TEMPORAL_* settings: "},
	} {
		t.Run(name, func(t *testing.T) {
			noSettings(t)
			t.Setenv(c.variable, c.value)
			start := time.Now()
			connected, err := DialTemporal(t.Context(), quiet(), &vault.Codec{})
			if err == nil {
				connected.Close()
				t.Fatal("connected")
			}
			if !strings.Contains(err.Error(), c.want) || strings.ContainsAny(err.Error(), "\n\"") {
				t.Errorf("got %q, want %q", err, c.want)
			}
			if took := time.Since(start); took > dialTimeout+20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestAnInterruptedDialIsNoFaultOfTemporal(t *testing.T) {
	noSettings(t)
	t.Setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := DialTemporal(ctx, quiet(), &vault.Codec{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestDialErrorSaysWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"no namespace":  {serviceerror.NewNamespaceNotFound("orders"), `temporal: localhost:7233 has no namespace "orders"; create it or set TEMPORAL_NAMESPACE`},
		"not found":     {status.Error(codes.NotFound, "x"), `has no namespace "orders"`},
		"denied":        {serviceerror.NewPermissionDenied("x", "y"), `temporal: localhost:7233 refuses access to namespace "orders"; check TEMPORAL_API_KEY`},
		"no login":      {status.Error(codes.Unauthenticated, "x"), "refuses access"},
		"something new": {errors.New("one\ntwo"), "cannot be reached: one two; start it"},
	} {
		got := dialError(t.Context(), client.Options{Namespace: "orders"}, c.err).Error()
		if !strings.Contains(got, c.want) || strings.Contains(got, "\n") {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
