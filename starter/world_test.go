package main

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"domainprovisioning/assembly"
	"domainprovisioning/gateway"
	"domainprovisioning/intake"
	"domainprovisioning/internal/exampleconfig"
	"domainprovisioning/internal/frontend"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	standnetim "domainprovisioning/sandbox/standin/netim"
	standoperations "domainprovisioning/sandbox/standin/operations"
	"domainprovisioning/store"
)

const shopWorkflow = "domain-provisioning/shop.example"

// house is what the command line works on in a test: a migrated database, a recording
// Temporal, a registrar, and a gateway to all of them.
type house struct {
	t        *testing.T
	store    *store.Store
	temporal *frontend.Frontend
	netim    *standnetim.Server
	assembly *assembly.Assembly
	relay    *intake.Relay
	gateway  string
	// over is the gateway that commands use; "" for none.
	over string
}

// settled is a house whose commands work without a gateway.
func settled(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, temporal: frontend.New(t), netim: standnetim.New(standnetim.Options{
		Login: "AB123", Password: exampleconfig.Password, TLDs: map[string]standnetim.TLD{"example": {PeriodCreate: "1-10"}},
	})}
	registrar := httptest.NewServer(h.netim)
	t.Cleanup(registrar.Close)
	standin := standoperations.New(standoperations.Options{})
	standin.AddExistingAccount(outside.Customer)
	operations := httptest.NewServer(standin)
	t.Cleanup(operations.Close)
	database := configured(t, "https://api.netim.com/2.0/", registrar.URL+standnetim.Path, "http://operations.internal:8440/RPC2", operations.URL+"/RPC2", "# callback_secret: change-me", "callback_secret: "+exampleSecret,
		"address: 127.0.0.1:8088", "address: 127.0.0.1:0")
	t.Setenv("TEMPORAL_ADDRESS", h.temporal.Address)
	if got := start(t, "", "migrate"); got.err != nil {
		t.Fatal(got.err)
	}
	cfg, err := assembly.Load(filepath.Join(filepath.Dir(database), "config.yaml"), []string{"DP_DATABASE_URL=sqlite:" + database})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	a, err := assembly.Open(t.Context(), cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	temporal, err := assembly.LazyTemporal(log, a.Codec)
	if err != nil {
		t.Fatal(err)
	}
	decoders, err := a.Decoders()
	if err != nil {
		t.Fatal(err)
	}
	served := httptest.NewServer(gateway.New(gateway.Options{
		Desk: a.Desk(temporal), Nudge: func() {}, Log: log, Decoders: decoders, WatchEvery: a.WatchEvery(),
		TemporalUp:        func(ctx context.Context) error { return assembly.TemporalUp(ctx, temporal) },
		RequestsPerSecond: 1e6, Burst: 1e6, EventStreams: 1, RequestTimeout: 10 * time.Second,
	}))
	t.Cleanup(func() { served.Close(); temporal.Close(); a.Close(context.WithoutCancel(t.Context())) })
	key := start(t, "", "keys", "create", "shop", "--scope", "place,read,operate,cancel,all")
	if key.err != nil {
		t.Fatal(key.err)
	}
	t.Setenv(keyVariable, strings.TrimSpace(key.out))
	h.store, h.assembly, h.relay, h.gateway = a.Store, a, a.Relay(temporal), served.URL
	return h
}

// bothWays runs a test on the database and over the gateway, because people must see the
// same.
func bothWays(t *testing.T, test func(*testing.T, *house)) {
	t.Helper()
	t.Run("at home", func(t *testing.T) { test(t, settled(t)) })
	t.Run("over the gateway", func(t *testing.T) {
		h := settled(t)
		h.over = h.gateway
		// Commands over the gateway need neither of these.
		t.Setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
		t.Setenv("DOMAINPROVISIONING_CONFIG", "/nowhere/x.yaml")
		test(t, h)
	})
}

func (h *house) start(input string, args ...string) result {
	h.t.Helper()
	if h.over != "" {
		args = slices.Concat([]string{"--gateway", h.over}, args)
	}
	return start(h.t, input, args...)
}

// prints runs a command that must succeed and print these texts and nothing on the error
// output.
func (h *house) prints(input, command string, texts ...string) string {
	h.t.Helper()
	got := h.start(input, strings.Fields(command)...)
	if got.err != nil || got.errOut != "" {
		h.t.Fatalf("%s: %v\n%s", command, got.err, got.errOut)
	}
	for _, text := range texts {
		if !strings.Contains(got.out, text) {
			h.t.Errorf("%s lacks %q:\n%s", command, text, got.out)
		}
	}
	return got.out
}

// fails runs a command that must fail with a line that says this.
func (h *house) fails(input, command, want string) result {
	h.t.Helper()
	got := h.start(input, strings.Fields(command)...)
	if got.err == nil || !strings.Contains(got.err.Error(), want) {
		h.t.Errorf("%s: got %v, want %q", command, got.err, want)
	}
	return got
}

// units returns the units of work in the store, oldest first, each as its domain or
// "hosting", and its state.
func (h *house) units() string {
	h.t.Helper()
	rows, err := h.store.Units(h.t.Context(), store.UnitFilter{})
	if err != nil {
		h.t.Fatal(err)
	}
	var all []string
	for _, row := range slices.Backward(rows) {
		name := row.Domain
		if name == "" {
			name = "hosting"
		}
		all = append(all, name+" "+string(row.State))
	}
	return strings.Join(all, ", ")
}

// shows makes the shop's workflow answer with a checklist.
func (h *house) shows(state messages.State, attention *messages.Attention) {
	h.t.Helper()
	h.temporal.Show(h.t, shopWorkflow, string(state), messages.Progress{
		OrderNumber: "DP00000001", Domain: "shop.example", Registrar: "netim-main", State: state, Step: 6, Attention: attention,
		Steps: []messages.StepProgress{
			{Number: 5, Title: "Get name servers", State: messages.StepDone},
			{Number: 6, Title: "Submit registration to the registrar", State: messages.StepParked},
		},
	})
}

// parked is an order that waits for money.
func (h *house) parked() {
	h.t.Helper()
	h.shows(messages.NeedsAttention, &messages.Attention{
		Step: 6, Reason: messages.ReasonBalance, Message: "the account lacks funds", Since: time.Now(), Actions: []messages.Action{"retry"},
	})
}

// away is a Temporal that cannot be reached.
type away struct{ client.Client }

func (away) ExecuteWorkflow(context.Context, client.StartWorkflowOptions, any, ...any) (client.WorkflowRun, error) {
	return nil, outside.ErrTemporalDown
}
