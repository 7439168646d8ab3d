//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/gateway"
	names4everplugin "domainprovisioning/registrars/names4ever"
	netimplugin "domainprovisioning/registrars/netim"
	"domainprovisioning/sandbox/standin/billing"
	"domainprovisioning/sandbox/standin/epp"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/sandbox/standin/names4ever"
	"domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/sandbox/standin/operations"
	"domainprovisioning/sandbox/standin/realtimeregister"
	"domainprovisioning/vault"
)

// world is the outside. It lives in this process, which nothing disturbs, so that its
// effects can be counted at the end.
type world struct {
	operations *operations.Server
	billing    *billing.Server
	netim      *netim.Server
	names4ever *names4ever.Server
	realtime   *realtimeregister.Server
	epp        *epp.Server

	urls    map[string]string
	dns     map[string]string
	servers []*http.Server
	sockets []net.PacketConn
	secrets secrets

	// certificates are the files with which the product and the registry know each other.
	certificates eppFiles
}

// secrets are generated for each run, so that one that is found anywhere proves a leak.
type secrets struct {
	netim, names4ever, realtime, epp, operations, billing string
	callback, hook, sealing, histories                    string
}

// The accounts at the registrars, how the stand-ins know us, and what is sold.
const (
	netimAccount, netimLogin           = "netim-chaos", "CH001"
	names4everAccount, names4everLogin = "names4ever-chaos", "4711"
	realtimeAccount, realtimeLogin     = "realtime-chaos", "chaosreseller"
	eppAccount, eppLogin               = "epp-chaos", "registrar1"
	operationsLogin, billingLogin      = "provider", "billing-user"
	names4everPlan                     = "7"

	domainTemplate, hostingTemplate = 10, 20
	hostingPlan                     = 20
	netimPlan, netimTLD             = 5, "example"
	names4everPlanID, classicTLD    = 8, "classic"
	laterPlan, laterTLD             = 9, "async"
	atOncePlan, atOnceTLD           = 10, "sync"
	eppLaterPlan, eppLaterTLD       = 15, "later"
	eppAtOncePlan, eppAtOnceTLD     = 16, "registry"
	zoneTemplate                    = "template-7"

	// settle is shorter than a process stands still, and longer than any stand-in
	// takes to carry a request out.
	settle = 20 * time.Second
	// callTimeout of the clients is shorter than settle.
	callTimeout = 10 * time.Second
	// scheduleEvery is the least that all the registrars allow; the rounds are begun by hand.
	scheduleEvery = 5 * time.Minute
	// sessionIdle is after how long Netim forgets a session. A killed process leaves
	// one behind; with the real 20 minutes they would all be taken within one.
	sessionIdle = 30 * time.Second
)

func newWorld(ctx context.Context, mark string) (*world, error) {
	w := &world{urls: map[string]string{}, dns: map[string]string{}, secrets: secrets{
		netim: "netim-pass-" + mark, names4ever: "names-pass-" + mark, realtime: "realtime-key-" + mark, epp: "epp-pass-" + mark,
		operations: "operations-pass-" + mark, billing: "billing-pass-" + mark,
		callback: gateway.NewWebhookSecret(), hook: "hook-key-" + mark, sealing: vault.GenerateKey(), histories: vault.GenerateKey(),
	}}
	w.operations = operations.New(operations.Options{
		Templates:   map[int]operations.Kind{domainTemplate: operations.Domain, hostingTemplate: operations.Hosting},
		NameServers: platformServers(),
		User:        operationsLogin, Password: w.secrets.operations,
	})
	w.billing = billing.New(billing.Options{Username: billingLogin, Password: w.secrets.billing})
	w.netim = netim.New(netim.Options{
		Login: netimLogin, Password: w.secrets.netim, SessionIdle: sessionIdle, Balance: plenty,
		TLDs: map[string]netim.TLD{netimTLD: {Price: 10_00, TradePrice: 5_00}},
	})
	w.names4ever = names4ever.New(names4ever.Options{Login: names4everLogin, Password: w.secrets.names4ever, PlanID: names4everPlan})
	w.realtime = realtimeregister.New(realtimeregister.Options{
		Customer: realtimeLogin, APIKey: w.secrets.realtime, Balance: plenty,
		TLDs: map[string]realtimeregister.TLD{
			laterTLD: {Async: true, TradePrice: 3_00}, atOnceTLD: {Acknowledge: true, PrivacyPrice: 1_00},
		},
	})
	w.realtime.AddTemplate(zoneTemplate)
	w.realtime.AddContact(oldContact)
	for system, handler := range map[string]http.Handler{
		"operations": w.operations, "billing": w.billing, "netim": w.netim, "names4ever": w.names4ever, "realtimeregister": w.realtime,
	} {
		if err := w.serve(ctx, system, handler); err != nil {
			return nil, errors.Join(err, w.close())
		}
	}
	for system, serve := range map[string]func(net.PacketConn) error{"operations": w.operations.ServeDNS, "names4ever": w.names4ever.ServeDNS} {
		socket, err := new(net.ListenConfig).ListenPacket(ctx, "udp", "127.0.0.1:0")
		if err != nil {
			return nil, errors.Join(fmt.Errorf("chaos: no port for the DNS: %w", err), w.close())
		}
		w.sockets = append(w.sockets, socket)
		w.dns[system] = socket.LocalAddr().String()
		go func() { _ = serve(socket) }()
	}
	if err := w.serveEPP(ctx); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

const (
	// plenty is a balance, in hundredths, that no run uses up.
	plenty     = 1_000_000_00
	oldContact = "old-contact"
)

// listen opens a port for a stand-in.
func listen(ctx context.Context) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("chaos: no port for a stand-in: %w", err)
	}
	return listener, nil
}

func (w *world) serve(ctx context.Context, system string, handler http.Handler) error {
	listener, err := listen(ctx)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: callTimeout, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	w.servers = append(w.servers, server)
	w.urls[system] = "http://" + listener.Addr().String()
	go func() { _ = server.Serve(listener) }()
	return nil
}

func (w *world) close() error {
	errs := make([]error, 0, len(w.sockets)+len(w.servers)+1)
	for _, socket := range w.sockets {
		errs = append(errs, socket.Close())
	}
	for _, server := range w.servers {
		errs = append(errs, server.Close())
	}
	return errors.Join(append(errs, w.closeEPP()...)...)
}

func (w *world) injectors() map[string]*faults.Injector {
	return map[string]*faults.Injector{
		"operations": w.operations.Faults, "billing": w.billing.Faults, "netim": w.netim.Faults,
		"names4ever": w.names4ever.Faults, "realtimeregister": w.realtime.Faults, "epp": w.epp.Faults,
	}
}

// configuration is the one file of all processes; what differs is in their variables.
func (w *world) configuration() config.Config {
	secret := func(text string) config.Secret { return config.Secret(text) }
	cfg := config.Defaults()
	cfg.Database.URL = "from DP_DATABASE_URL"
	cfg.Database.SealingKey, cfg.Database.SealingKeys = "chaos", map[string]config.Secret{"chaos": secret(w.secrets.sealing)}
	cfg.Histories = config.Histories{Seal: true, Key: "chaos", Keys: map[string]config.Secret{"chaos": secret(w.secrets.histories)}}
	cfg.Worker.StopTimeout, cfg.Gateway.StopTimeout = 2*time.Second, 2*time.Second
	cfg.Worker.Address, cfg.Worker.Deployment = "127.0.0.1:0", deployment
	cfg.Gateway.RequestsPerSecond, cfg.Gateway.Burst = 1000, 1000
	cfg.Operations.URL, cfg.Operations.Login, cfg.Operations.Password = w.urls["operations"]+"/RPC2", operationsLogin, secret(w.secrets.operations)
	cfg.Billing.URL, cfg.Billing.Username, cfg.Billing.Password = w.urls["billing"]+"/RPC2", billingLogin, secret(w.secrets.billing)
	cfg.Operations.Timeout, cfg.Billing.Timeout = callTimeout, callTimeout
	registrar := func(r config.Registrar) config.Registrar {
		r.Timeout, r.WatchEvery, r.PendingDeadline, r.Settle = callTimeout, scheduleEvery, 24*time.Hour, settle
		r.CallsAtOnce, r.CallsPerSecond, r.BillingLogin, r.BillingPassword = 50, 1000, r.Login, r.Password
		return r
	}
	cfg.Registrars = map[string]config.Registrar{
		netimAccount: registrar(config.Registrar{
			Plugin: "netim", URL: w.urls["netim"] + netim.Path, Login: netimLogin, Password: secret(w.secrets.netim),
			Settings: &netimplugin.Settings{DNSServer: w.dns["operations"]}, CallbackSecret: secret(w.secrets.callback),
		}),
		names4everAccount: registrar(config.Registrar{
			Plugin: "names4ever", URL: w.urls["names4ever"] + names4ever.Path, Login: names4everLogin, Password: secret(w.secrets.names4ever),
			Settings: &names4everplugin.Settings{
				PlanID: names4everPlan, RDAPURL: w.urls["names4ever"] + names4ever.RDAPPath + "/", DNSServer: w.dns["names4ever"],
			},
		}),
		realtimeAccount: registrar(config.Registrar{
			Plugin: "realtimeregister", URL: w.urls["realtimeregister"] + "/", Login: realtimeLogin, Password: secret(w.secrets.realtime),
			CallbackSecret: secret(w.secrets.hook),
		}),
		eppAccount: registrar(config.Registrar{
			Plugin: "epp", URL: w.urls["epp"], Login: eppLogin, Password: secret(w.secrets.epp), Settings: w.certificates.settings(),
		}),
	}
	fees := config.BillingPlan{
		Plan: 3, SetupFee: "0.00", SubscriptionFee: "12.50", RenewalFee: "12.50", RefundDays: 5, PeriodType: 3, Period: 1, RegistrarID: 7,
	}
	for _, sold := range []struct {
		plan           int
		tld, registrar string
	}{
		{netimPlan, netimTLD, netimAccount}, {names4everPlanID, classicTLD, names4everAccount},
		{laterPlan, laterTLD, realtimeAccount}, {atOncePlan, atOnceTLD, realtimeAccount},
		{eppLaterPlan, eppLaterTLD, eppAccount}, {eppAtOncePlan, eppAtOnceTLD, eppAccount},
	} {
		cfg.Plans.Domains = append(cfg.Plans.Domains, config.DomainPlan{
			Plan: sold.plan, TLD: sold.tld, Registrar: sold.registrar, Years: 1, Periods: map[int]int{1: 1, 2: 2}, Template: domainTemplate, Billing: fees,
		})
		if sold.registrar == eppAccount {
			cfg.Plans.Domains[len(cfg.Plans.Domains)-1].PriceLimit.Restore = restoreLimit
		}
	}
	cfg.Plans.Hosting = []config.HostingPlan{{Plan: hostingPlan, Template: hostingTemplate}}
	return cfg
}
