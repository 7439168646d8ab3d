package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/gateway"
	"domainprovisioning/intake"
	names4everplugin "domainprovisioning/registrars/names4ever"
	netimplugin "domainprovisioning/registrars/netim"
	exampleplugin "domainprovisioning/registrars/registrarstest/example"
	"domainprovisioning/sandbox/embedded"
	"domainprovisioning/sandbox/standin/billing"
	samplestandin "domainprovisioning/sandbox/standin/example"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/sandbox/standin/names4ever"
	"domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/sandbox/standin/operations"
	"domainprovisioning/sandbox/standin/realtimeregister"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// world is the outside: stand-ins for Operations, Billing and the registrars,
// each served over real HTTP on loopback.
type world struct {
	operations *operations.Server
	billing    *billing.Server
	netim      *netim.Server
	names4ever *names4ever.Server
	realtime   *realtimeregister.Server
	sample     *samplestandin.Server

	addresses
	servers []*http.Server
	sockets []net.PacketConn
}

// addresses are where a world is reached.
type addresses struct {
	Operations, Billing, Netim, Names4ever, Realtime, Sample string // URLs
	// The DNS of Operations' zones, and of the names at the second registrar.
	Zones, DNS string
}

// worldOptions say how the outside behaves.
type worldOptions struct {
	// pendingFor is how long a registration stays pending at the registrar; zero
	// registers at once, and manual keeps it pending until it is told otherwise.
	pendingFor time.Duration
	manual     bool
	// zoneDelay is how long a new DNS zone is not served. With one, name servers are
	// tested under every top-level domain.
	zoneDelay time.Duration
	// errorsAsFaults: Operations answers errors by faults and not by error replies.
	errorsAsFaults bool
	faults         []faults.Fault
	// webhook is where Realtime Register pushes its news.
	webhook realtimeregister.Webhook
}

// The accounts at the registrars, and how the stand-ins know us.
const (
	account          = "netim-sandbox"
	registrarLogin   = "SB001"
	partner          = "names4ever-sandbox"
	partnerLogin     = "4711"
	partnerPlan      = "7"
	partnerTLD       = "classic"
	realtime         = "realtime-sandbox"
	realtimeCustomer = "shopreseller"
	realtimeHookKey  = "sandbox-hook-key"
	realtimeLater    = "async"
	realtimeAtOnce   = "sync"
	sample           = "example-sandbox"
	sampleLogin      = "reseller"
	sampleTLD        = "boutique"
	registrarPass    = "sandbox-password"
	operationsLogin  = "provider"
	operationsPass   = "sandbox-password"
	domainTemplate   = 10
	hostingTemplate  = 20
	zoneCheckedTLD   = "checked"
	notSoldTLD       = "unsold"
	defaultNamesTLD  = "example"
	domainPlan       = 5
	checkedPlan      = 6
	unsoldPlan       = 7
	partnerDomains   = 8
	laterPlan        = 9
	atOncePlan       = 10
	samplePlan       = 11
	hostingPlan      = 20
	shortSettle      = time.Second
	stopHTTPServers  = 2 * time.Second
	readHeaderWithin = 10 * time.Second
)

func newWorld(ctx context.Context, options worldOptions) (*world, error) {
	w := &world{}
	w.operations = operations.New(operations.Options{
		Templates:   map[int]operations.Kind{domainTemplate: operations.Domain, hostingTemplate: operations.Hosting},
		NameServers: []string{"ns1.dns.example", "ns2.dns.example"},
		ZoneDelay:   options.zoneDelay,
		RaiseFaults: options.errorsAsFaults,
		User:        operationsLogin, Password: operationsPass,
	})
	w.billing = billing.New(billing.Options{})
	w.netim = netim.New(netim.Options{
		Login: registrarLogin, Password: registrarPass,
		Behaviour: netim.Behaviour{PendingFor: options.pendingFor, Manual: options.manual},
		TLDs: map[string]netim.TLD{
			defaultNamesTLD: {PeriodCreate: "1-10", HasZonecheck: options.zoneDelay > 0},
			zoneCheckedTLD:  {PeriodCreate: "1-10", HasZonecheck: true},
		},
		ZoneCheck: func(domain, _ string) bool { return w.operations.ZoneServed(domain) },
	})
	w.names4ever = names4ever.New(names4ever.Options{Login: partnerLogin, Password: registrarPass, PlanID: partnerPlan})
	w.realtime = realtimeregister.New(realtimeregister.Options{
		Customer: realtimeCustomer, APIKey: registrarPass, Webhook: options.webhook,
		Behaviour: realtimeregister.Behaviour{PendingFor: options.pendingFor, Manual: options.manual},
		TLDs: map[string]realtimeregister.TLD{
			// The mock-up of the test system: one answers at once, the other later.
			realtimeLater: {Async: true}, realtimeAtOnce: {Acknowledge: true, PrivacyPrice: 100},
		},
	})
	w.sample = samplestandin.New(samplestandin.Options{
		Login: sampleLogin, Key: registrarPass, PendingFor: options.pendingFor, Manual: options.manual,
	})
	for _, fault := range options.faults {
		w.injector(fault.System).Add(fault)
	}
	for _, stand := range []struct {
		handler http.Handler
		path    string
		url     *string
	}{
		{w.operations, "/RPC2", &w.Operations}, {w.billing, "/RPC2", &w.Billing}, {w.netim, "/2.0/", &w.Netim},
		{w.names4ever, "", &w.Names4ever}, {w.realtime, "/", &w.Realtime}, {w.sample, "/", &w.Sample},
	} {
		address, err := w.serve(ctx, stand.handler)
		if err != nil {
			return nil, errors.Join(err, w.close())
		}
		*stand.url = "http://" + address + stand.path
	}
	for _, stand := range []struct {
		serve   func(net.PacketConn) error
		address *string
	}{{w.operations.ServeDNS, &w.Zones}, {w.names4ever.ServeDNS, &w.DNS}} {
		socket, err := new(net.ListenConfig).ListenPacket(ctx, "udp", "127.0.0.1:0")
		if err != nil {
			return nil, errors.Join(fmt.Errorf("sandbox: no port for the DNS: %w", err), w.close())
		}
		w.sockets = append(w.sockets, socket)
		*stand.address = socket.LocalAddr().String()
		go func() { _ = stand.serve(socket) }()
	}
	return w, nil
}

func (w *world) injector(system string) *faults.Injector {
	switch system {
	case "billing":
		return w.billing.Faults
	case "netim":
		return w.netim.Faults
	case "names4ever":
		return w.names4ever.Faults
	case "realtimeregister":
		return w.realtime.Faults
	case "example":
		return w.sample.Faults
	default:
		return w.operations.Faults
	}
}

func (w *world) serve(ctx context.Context, handler http.Handler) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("sandbox: no port for a stand-in: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: readHeaderWithin, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	w.servers = append(w.servers, server)
	go func() { _ = server.Serve(listener) }()
	return listener.Addr().String(), nil
}

func (w *world) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopHTTPServers)
	defer cancel()
	var errs []error
	for _, socket := range w.sockets {
		errs = append(errs, socket.Close())
	}
	for _, server := range w.servers {
		if err := server.Shutdown(ctx); err != nil {
			errs = append(errs, server.Close())
		}
	}
	return errors.Join(errs...)
}

// configuration is what a company would write into its file, for this world.
func (a addresses) configuration(databaseURL string) config.Config {
	cfg := config.Defaults()
	cfg.Database.URL = config.Secret(databaseURL)
	cfg.Database.SealingKey = "sandbox"
	cfg.Database.SealingKeys = map[string]config.Secret{"sandbox": config.Secret(store.GenerateKey())}
	cfg.Worker.StopTimeout = 2 * time.Second
	cfg.Gateway.Address, cfg.Gateway.StopTimeout = "127.0.0.1:0", 2*time.Second
	cfg.Gateway.RequestsPerSecond, cfg.Gateway.Burst = 1000, 1000
	cfg.Operations.URL, cfg.Operations.Login, cfg.Operations.Password = a.Operations, operationsLogin, operationsPass
	cfg.Billing.URL = a.Billing
	cfg.Registrars = map[string]config.Registrar{partner: {
		Plugin: "names4ever", URL: a.Names4ever + names4ever.Path, Login: partnerLogin, Password: registrarPass,
		Settings: &names4everplugin.Settings{PlanID: partnerPlan, RDAPURL: a.Names4ever + names4ever.RDAPPath + "/", DNSServer: a.DNS},
		Timeout:  30 * time.Second, WatchEvery: 10 * time.Minute, PendingDeadline: 5 * 24 * time.Hour, Settle: shortSettle,
		CallsAtOnce: 50, CallsPerSecond: 1000, BillingLogin: partnerLogin, BillingPassword: registrarPass,
	}, realtime: {
		Plugin: "realtimeregister", URL: a.Realtime, Login: realtimeCustomer, Password: registrarPass, CallbackSecret: realtimeHookKey,
		Timeout: 30 * time.Second, WatchEvery: 10 * time.Minute, PendingDeadline: 5 * 24 * time.Hour, Settle: shortSettle,
		CallsAtOnce: 50, CallsPerSecond: 1000, BillingLogin: realtimeCustomer, BillingPassword: registrarPass,
	}, sample: {
		Plugin: "example", URL: a.Sample, Login: sampleLogin, Password: registrarPass, Settings: &exampleplugin.Settings{Channel: "sandbox"},
		Timeout: 30 * time.Second, WatchEvery: 10 * time.Minute, PendingDeadline: 5 * 24 * time.Hour, Settle: shortSettle,
		CallsAtOnce: 50, CallsPerSecond: 1000, BillingLogin: sampleLogin, BillingPassword: registrarPass,
	}, account: {
		Plugin: "netim", URL: a.Netim, Login: registrarLogin, Password: registrarPass, Settings: &netimplugin.Settings{DNSServer: a.Zones},
		Timeout: 30 * time.Second, WatchEvery: 10 * time.Minute, PendingDeadline: 5 * 24 * time.Hour, Settle: shortSettle,
		CallsAtOnce: 50, CallsPerSecond: 1000, BillingLogin: registrarLogin, BillingPassword: registrarPass,
		CallbackSecret: config.Secret(gateway.NewWebhookSecret()),
	}}
	billingPlan := config.BillingPlan{
		Plan: 3, SetupFee: "0.00", SubscriptionFee: "12.50", RenewalFee: "12.50", RefundDays: 5,
		PeriodType: 3, Period: 1, RegistrarID: 7,
	}
	for _, sold := range []struct {
		plan           int
		tld, registrar string
		required       []string
	}{
		{domainPlan, defaultNamesTLD, account, nil}, {checkedPlan, zoneCheckedTLD, account, nil}, {unsoldPlan, notSoldTLD, account, nil},
		{partnerDomains, partnerTLD, partner, nil}, {laterPlan, realtimeLater, realtime, nil}, {atOncePlan, realtimeAtOnce, realtime, nil},
		{samplePlan, sampleTLD, sample, []string{"taxId"}},
	} {
		cfg.Plans.Domains = append(cfg.Plans.Domains, config.DomainPlan{
			Plan: sold.plan, TLD: sold.tld, Registrar: sold.registrar, Years: 1, Template: domainTemplate, Billing: billingPlan,
			RequiredFields: sold.required,
		})
	}
	cfg.Plans.Hosting = []config.HostingPlan{{Plan: hostingPlan, Template: hostingTemplate}}
	return cfg
}

// system is the product, running against a world.
type system struct {
	*assembly.Assembly
	world    *world
	temporal client.Client
	intake   *intake.Intake
	workers  *assembly.Workers
}

// startSystem migrates the store, connects to Temporal and starts the workers.
func startSystem(ctx context.Context, w *world, cfg config.Config, temporal client.Client, log *slog.Logger) (*system, error) {
	a, err := assembly.New(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	s := &system{Assembly: a, world: w, temporal: temporal, intake: a.Intake(temporal)}
	if _, err := a.Store.Migrate(ctx); err != nil {
		return nil, err
	}
	if err := a.EnsureWatches(ctx, temporal); err != nil {
		return nil, err
	}
	s.startWorkers()
	return s, s.workers.Start()
}

func (s *system) startWorkers() {
	s.workers = s.Workers(s.temporal, func(err error) { s.Log.Error("a worker cannot go on", "error", err) })
}

// stop ends workers, sessions and store. It leaves Temporal and the world alone.
func (s *system) stop(ctx context.Context) {
	s.workers.Stop()
	s.Close(ctx)
}

// watchRound runs one round of an account's watch at once.
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

func dial(ctx context.Context, hostPort, namespace string, log *slog.Logger) (client.Client, error) {
	c, err := client.DialContext(ctx, client.Options{
		HostPort: hostPort, Namespace: namespace, Logger: assembly.TemporalLog(log),
		// The server is in this process: compressing for it costs and saves nothing.
		ConnectionOptions: client.ConnectionOptions{GrpcCompression: &client.GrpcCompressionNone{}},
	})
	if err != nil {
		return nil, fmt.Errorf("sandbox: temporal: %w", err)
	}
	return c, nil
}

// databaseIn names the application's database of a folder.
func databaseIn(dir string) string {
	return "sqlite:" + filepath.Join(dir, "application.db") + "?synchronous=off"
}
