package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"domainprovisioning/sandbox/standin/billing"
	"domainprovisioning/sandbox/standin/epp"
	samplestandin "domainprovisioning/sandbox/standin/example"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/sandbox/standin/names4ever"
	"domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/sandbox/standin/operations"
	"domainprovisioning/sandbox/standin/realtimeregister"
	"domainprovisioning/workflows"
)

// world is the outside: stand-ins for Operations, Billing and the registrars, each served
// over its own protocol on loopback.
type world struct {
	operations *operations.Server
	billing    *billing.Server
	netim      *netim.Server
	names4ever *names4ever.Server
	realtime   *realtimeregister.Server
	sample     *samplestandin.Server
	epp        *epp.Server

	// pace is the calendar of the registries.
	pace *workflows.Pace

	addresses
	servers []*http.Server
	sockets []net.PacketConn
	folder  string // of the certificates
}

// addresses are the addresses of a world.
type addresses struct {
	Operations, Billing, Netim, Names4ever, Realtime, Sample, EPP string // URLs
	// The DNS servers of Operations' zones, and of the names at the second registrar.
	Zones, DNS string
	// The files of an account at the registry that speaks EPP, in PEM.
	EPPAuthority, EPPCertificate, EPPKey string
}

// worldOptions say how the outside behaves.
type worldOptions struct {
	// pendingFor is how long a registration stays pending at the registrar; zero
	// registers at once. manual keeps it pending until the registrar is told otherwise.
	pendingFor time.Duration
	manual     bool
	// zoneDelay is how long a new DNS zone is not served. If it is set, name servers are
	// tested under every top-level domain.
	zoneDelay time.Duration
	// errorsAsFaults makes Operations answer errors as faults instead of error replies.
	errorsAsFaults bool
	faults         []faults.Fault
	// webhook is where Realtime Register pushes its news.
	webhook realtimeregister.Webhook
	// eppFrame is told every frame of the registry that speaks EPP; see epp.Options.
	eppFrame func(direction string, frame []byte)
	// pace is the calendar of the registries and of the lives of domains; nil is the ordinary one.
	pace *workflows.Pace
}

func newWorld(ctx context.Context, options worldOptions) (*world, error) {
	w := &world{pace: options.pace}
	calendar := func() time.Time { return w.pace.At(time.Now()) }
	w.operations = operations.New(operations.Options{
		Templates:   map[int]operations.Kind{domainTemplate: operations.Domain, hostingTemplate: operations.Hosting},
		NameServers: []string{"ns1.dns.example", "ns2.dns.example"},
		ZoneDelay:   options.zoneDelay,
		RaiseFaults: options.errorsAsFaults,
		User:        operationsLogin, Password: operationsPass,
	})
	w.billing = billing.New(billing.Options{})
	w.netim = netim.New(netim.Options{
		Calendar: calendar,
		Login:    netimLogin, Password: registrarPass,
		Behaviour: netim.Behaviour{PendingFor: options.pendingFor, Manual: options.manual},
		TLDs: map[string]netim.TLD{
			defaultNamesTLD: {PeriodCreate: "1-10", HasZonecheck: options.zoneDelay > 0},
			zoneCheckedTLD:  {PeriodCreate: "1-10", HasZonecheck: true},
		},
		ZoneCheck: func(domain, _ string) bool { return w.operations.ZoneServed(domain) },
	})
	w.names4ever = names4ever.New(names4ever.Options{Login: names4everLogin, Password: registrarPass, PlanID: names4everPlan})
	w.realtime = realtimeregister.New(realtimeregister.Options{
		Calendar: calendar,
		Customer: realtimeLogin, APIKey: registrarPass, Webhook: options.webhook,
		Behaviour: realtimeregister.Behaviour{PendingFor: options.pendingFor, Manual: options.manual},
		TLDs: map[string]realtimeregister.TLD{
			// The two domains of the test system's mock-up: one answers at once, the
			// other later.
			realtimeLater: {Async: true}, realtimeAtOnce: {Acknowledge: true, PrivacyPrice: 100},
		},
	})
	w.sample = samplestandin.New(samplestandin.Options{
		Login: exampleLogin, Key: registrarPass, PendingFor: options.pendingFor, Manual: options.manual,
	})
	var err error
	if w.epp, err = eppStandIn(options, calendar); err != nil {
		return nil, err
	}
	for _, fault := range options.faults {
		injector := w.injector(fault.System)
		if err := injector.Check(fault); err != nil {
			return nil, err
		}
		injector.Add(fault)
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
			return nil, errors.Join(err, w.close()) //nolint:contextcheck // what was opened is closed whatever ends the caller
		}
		*stand.url = "http://" + address + stand.path
	}
	for _, stand := range []struct {
		serve   func(net.PacketConn) error
		address *string
	}{{w.operations.ServeDNS, &w.Zones}, {w.names4ever.ServeDNS, &w.DNS}} {
		socket, err := new(net.ListenConfig).ListenPacket(ctx, "udp", "127.0.0.1:0")
		if err != nil {
			return nil, errors.Join(fmt.Errorf("sandbox: no port for the DNS: %w", err), w.close()) //nolint:contextcheck // the same
		}
		w.sockets = append(w.sockets, socket)
		*stand.address = socket.LocalAddr().String()
		go func() { _ = stand.serve(socket) }()
	}
	if err := w.serveEPP(ctx); err != nil {
		return nil, errors.Join(err, w.close()) //nolint:contextcheck // the same
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
	case "epp":
		return w.epp.Faults
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
	return errors.Join(append(errs, w.epp.Close(), os.RemoveAll(w.folder))...)
}
