// Package embedded runs a Temporal server and its Web UI inside this process, on
// SQLite, for the sandbox and for tests. It is not for production: one shard, one
// process, and a database that is disposable across server upgrades.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	temporallog "go.temporal.io/server/common/log"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/schema/sqlite"
	"go.temporal.io/server/temporal"
)

// Namespace is the namespace that is always created.
const Namespace = "default"

// Options say what to run. The zero value runs in memory, on free ports, with a Web UI,
// and without a log.
type Options struct {
	// DatabasePath keeps the state in a file; "" keeps it in memory.
	DatabasePath string
	// Port and UIPort are the ports on 127.0.0.1; 0 means a free one.
	Port, UIPort int
	// Ports are for a server that is restarted at the same address. They come from
	// FreePorts; clients connect to the first one. If empty, free ports are used.
	Ports []int
	// NoUI omits the Web UI.
	NoUI bool
	// CodecEndpoint is where the Web UI has payloads opened, with the cookies of that address; "" is
	// nowhere.
	CodecEndpoint string
	// Namespaces are created in addition to Namespace, so that tests on one server stay
	// separate.
	Namespaces []string
	// SearchAttributes are created in each namespace, by name.
	SearchAttributes map[string]enumspb.IndexedValueType
}

// Server is a running Temporal server.
type Server struct {
	server   temporal.Server
	ui       *uiserver.Server
	hostPort string
	uiURL    string
}

// HostPort is the address that clients connect to.
func (s *Server) HostPort() string { return s.hostPort }

// UIURL is the address of the Web UI, without a final slash; "" if there is none.
func (s *Server) UIURL() string { return s.uiURL }

// startAttempts is how often Start tries again if another process took a free port
// between finding and using it.
const startAttempts = 3

// Start runs a server and returns when it accepts requests.
func Start(ctx context.Context, options Options) (*Server, error) {
	for _, port := range []struct {
		name   string
		number int
	}{{"Temporal", options.Port}, {"Temporal Web UI", options.UIPort}} {
		if port.number != 0 {
			if err := checkFree(ctx, port.number); err != nil {
				return nil, fmt.Errorf("embedded: the port for %s: %w", port.name, err)
			}
		}
	}
	var err error
	for range startAttempts {
		var s *Server
		if s, err = start(ctx, options); err == nil {
			return s, nil
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
	}
	return nil, err
}

func start(ctx context.Context, options Options) (*Server, error) {
	ports := slices.Clone(options.Ports)
	if len(ports) == 0 {
		var err error
		if ports, err = freePorts(ctx, options.Port, options.UIPort); err != nil {
			return nil, err
		}
	}
	if options.Port != 0 {
		ports[0] = options.Port
	}
	store := storeConfig(options.DatabasePath)
	if err := prepare(store, options); err != nil {
		return nil, err
	}
	cfg := serverConfig(store, ports)
	authorizer, err := authorization.GetAuthorizerFromConfig(&cfg.Global.Authorization)
	if err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	logger := temporallog.NewNoopLogger()
	claims, err := authorization.GetClaimMapperFromConfig(&cfg.Global.Authorization, logger)
	if err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	server, err := temporal.NewServer(
		temporal.WithConfig(cfg),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithLogger(logger),
		temporal.WithAuthorizer(authorizer),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return claims }),
		temporal.WithDynamicConfigClient(dynamicConfig()),
	)
	if err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("embedded: start: %w", err)
	}
	s := &Server{server: server, hostPort: net.JoinHostPort(loopback, strconv.Itoa(ports[0]))}
	if err := waitFor(ctx, s.hostPort); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	if !options.NoUI {
		port := ports[5]
		if options.UIPort != 0 {
			port = options.UIPort
		}
		if err := s.startUI(ctx, port, options.CodecEndpoint); err != nil {
			return nil, errors.Join(err, s.Stop())
		}
	}
	return s, nil
}

// Stop stops the Web UI and the server.
func (s *Server) Stop() error {
	if s.ui != nil {
		s.ui.Stop()
	}
	if err := s.server.Stop(); err != nil {
		return fmt.Errorf("embedded: stop: %w", err)
	}
	return nil
}

func (s *Server) startUI(ctx context.Context, port int, codec string) error {
	address := net.JoinHostPort(loopback, strconv.Itoa(port))
	s.ui = uiserver.NewServer(uioptions.WithConfigProvider(&uiconfig.Config{
		TemporalGRPCAddress: s.hostPort,
		Host:                loopback,
		Port:                port,
		EnableUI:            true,
		DefaultNamespace:    Namespace,
		DisableNewsFetch:    true,
		HideLogs:            true,
		// Plain http on loopback: browsers would not store a Secure cookie, and the
		// buttons of the Web UI would be refused.
		CORS:  uiconfig.CORS{CookieInsecure: true},
		Codec: uiconfig.Codec{Endpoint: codec, IncludeCredentials: true, DefaultErrorMessage: "Log in to the desk page, then load this page again"},
	}))
	go func() {
		// The UI's Start exits the process if it cannot listen, so the port was checked
		// just before.
		_ = s.ui.Start()
	}()
	if err := waitFor(ctx, address); err != nil {
		return err
	}
	s.uiURL = "http://" + address
	return nil
}

const loopback = "127.0.0.1"

func storeConfig(path string) *config.SQL {
	store := &config.SQL{PluginName: sqliteplugin.PluginName, ConnectAttributes: map[string]string{}}
	if path == "" {
		// The name keeps two servers in one process apart.
		store.DatabaseName = fmt.Sprintf("embedded-%d", time.Now().UnixNano())
		store.ConnectAttributes["mode"] = "memory"
		store.ConnectAttributes["cache"] = "shared"
		return store
	}
	store.DatabaseName = path
	store.ConnectAttributes["mode"] = "rwc"
	// The default journal halves the throughput twice.
	store.ConnectAttributes["_journal_mode"] = "wal"
	store.ConnectAttributes["_synchronous"] = "1"
	return store
}

// prepare creates the schema, the namespaces and the search attributes before the start:
// a server that finds them needs no warm-up.
func prepare(store *config.SQL, options Options) error {
	if options.DatabasePath != "" {
		if _, err := os.Stat(options.DatabasePath); errors.Is(err, os.ErrNotExist) {
			if err := sqlite.SetupSchema(store); err != nil {
				return fmt.Errorf("embedded: set up schema: %w", err)
			}
		}
	}
	var namespaces []*sqlite.NamespaceConfig
	for _, name := range append([]string{Namespace}, options.Namespaces...) {
		namespace, err := sqlite.NewNamespaceConfig("active", name, false, options.SearchAttributes)
		if err != nil {
			return fmt.Errorf("embedded: namespace: %w", err)
		}
		namespaces = append(namespaces, namespace)
	}
	if err := sqlite.CreateNamespaces(store, namespaces...); err != nil {
		return fmt.Errorf("embedded: namespace: %w", err)
	}
	return nil
}

func serverConfig(store *config.SQL, ports []int) *config.Config {
	frontend := net.JoinHostPort(loopback, strconv.Itoa(ports[0]))
	service := func(grpc, membership int) config.Service {
		return config.Service{RPC: config.RPC{GRPCPort: grpc, MembershipPort: membership, BindOnLocalHost: true}}
	}
	cfg := &config.Config{
		Persistence: config.Persistence{
			DefaultStore:     sqliteplugin.PluginName,
			VisibilityStore:  sqliteplugin.PluginName,
			NumHistoryShards: 1,
			DataStores:       map[string]config.DataStore{sqliteplugin.PluginName: {SQL: store}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        "active",
			CurrentClusterName:       "active",
			ClusterInformation: map[string]cluster.ClusterInformation{
				"active": {Enabled: true, InitialFailoverVersion: 1, RPCAddress: frontend},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services: map[string]config.Service{
			"frontend": service(ports[0], ports[1]),
			"history":  service(ports[2], ports[3]),
			"matching": service(ports[4], ports[6]),
			"worker":   service(ports[7], ports[8]),
		},
		Archival: config.Archival{
			History:    config.HistoryArchival{State: "disabled"},
			Visibility: config.VisibilityArchival{State: "disabled"},
		},
		PublicClient: config.PublicClient{HostPort: frontend},
		NamespaceDefaults: config.NamespaceDefaults{
			Archival: config.ArchivalNamespaceDefaults{
				History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
				Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
			},
		},
	}
	cfg.Global.Membership = config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: loopback}
	return cfg
}

// dynamicConfig returns the settings that matter on SQLite's single shard.
func dynamicConfig() dynamicconfig.StaticClient {
	return dynamicconfig.StaticClient{
		// The default slows down consecutive runs to 420 ms, where 62 ms are possible.
		dynamicconfig.MakeKey("history.transferProcessorMaxPollRPS"): 1000,
		// With the default of 10, a checkpoint that meets a task in the queue narrows the
		// queue's scope to its namespace. For minutes, every new task then makes the
		// server sort all tasks since the last checkpoint again.
		dynamicconfig.MakeKey("history.queueShrinkPredicateMaxPendingKeys"): 0,
		// Four partitions cause delays of seconds when there is little to do.
		// People may pause a workflow: server 1.32 disables that by default.
		dynamicconfig.MakeKey("frontend.WorkflowPauseEnabled"):        true,
		dynamicconfig.MakeKey("matching.numTaskqueueReadPartitions"):  1,
		dynamicconfig.MakeKey("matching.numTaskqueueWritePartitions"): 1,
	}
}

// waitFor returns when something listens at the address, or fails after 30 seconds.
func waitFor(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("embedded: nothing listens at %s: %w", address, ctx.Err())
		case <-ticker.C:
		}
	}
}
