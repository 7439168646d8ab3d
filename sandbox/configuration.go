package main

import (
	"slices"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/gateway"
	eppplugin "domainprovisioning/registrars/epp"
	names4everplugin "domainprovisioning/registrars/names4ever"
	netimplugin "domainprovisioning/registrars/netim"
	exampleplugin "domainprovisioning/registrars/registrarstest/example"
	"domainprovisioning/sandbox/standin/names4ever"
	"domainprovisioning/vault"
)

// These are the accounts at the registrars and their logins at the stand-ins.
const (
	netimAccount         = "netim-sandbox"
	netimLogin           = "SB001"
	names4everAccount    = "names4ever-sandbox"
	names4everLogin      = "4711"
	names4everPlan       = "7"
	names4everTLD        = "classic"
	realtimeAccount      = "realtime-sandbox"
	realtimeLogin        = "shopreseller"
	realtimeHookKey      = "sandbox-hook-key"
	realtimeLater        = "async"
	realtimeAtOnce       = "sync"
	exampleAccount       = "example-sandbox"
	exampleLogin         = "reseller"
	exampleTLD           = "boutique"
	eppAccount           = "epp-sandbox"
	eppLogin             = "registrar1"
	eppLater             = "later"
	eppAtOnce            = "registry"
	registrarPass        = "sandbox-password"
	operationsLogin      = "provider"
	operationsPass       = "sandbox-password"
	domainTemplate       = 10
	hostingTemplate      = 20
	zoneCheckedTLD       = "checked"
	notSoldTLD           = "unsold"
	defaultNamesTLD      = "example"
	domainPlan           = 5
	restoreLimit         = "60.00" // EUR, where the registrar restores
	checkedPlan          = 6
	unsoldPlan           = 7
	names4everDomainPlan = 8
	realtimeLaterPlan    = 9
	realtimeAtOncePlan   = 10
	exampleDomainPlan    = 11
	limitedPlan          = 12
	eppLaterPlan         = 15
	eppAtOncePlan        = 16
	hostingPlan          = 20
	shortSettle          = time.Second
	stopHTTPServers      = 2 * time.Second
	readHeaderWithin     = 10 * time.Second
)

// configuration is what a company would write into its file for this world.
func (a addresses) configuration(databaseURL string) config.Config {
	cfg := config.Defaults()
	cfg.Database.URL = config.Secret(databaseURL)
	cfg.Database.SealingKey = "sandbox"
	cfg.Database.SealingKeys = map[string]config.Secret{"sandbox": config.Secret(vault.GenerateKey())}
	cfg.Histories = config.Histories{Seal: true, Key: "sandbox", Keys: map[string]config.Secret{"sandbox": config.Secret(vault.GenerateKey())}}
	cfg.Worker.StopTimeout = 2 * time.Second
	cfg.Worker.Address = "" // several worlds may run on one machine
	cfg.Gateway.Address, cfg.Gateway.StopTimeout = "127.0.0.1:0", 2*time.Second
	cfg.Gateway.RequestsPerSecond, cfg.Gateway.Burst = 1000, 1000
	cfg.Hooks.PrivateHosts = []string{"127.0.0.1", "localhost"}
	cfg.Operations.URL, cfg.Operations.Login, cfg.Operations.Password = a.Operations, operationsLogin, operationsPass
	cfg.Billing.URL = a.Billing
	cfg.Registrars = map[string]config.Registrar{
		netimAccount: quick(config.Registrar{
			Plugin: "netim", URL: a.Netim, Login: netimLogin, Settings: &netimplugin.Settings{DNSServer: a.Zones},
			CallbackSecret: config.Secret(gateway.NewWebhookSecret()),
		}),
		names4everAccount: quick(config.Registrar{
			Plugin: "names4ever", URL: a.Names4ever + names4ever.Path, Login: names4everLogin,
			Settings: &names4everplugin.Settings{PlanID: names4everPlan, RDAPURL: a.Names4ever + names4ever.RDAPPath + "/", DNSServer: a.DNS},
		}),
		realtimeAccount: quick(config.Registrar{
			Plugin: "realtimeregister", URL: a.Realtime, Login: realtimeLogin, CallbackSecret: realtimeHookKey,
		}),
		exampleAccount: quick(config.Registrar{
			Plugin: "example", URL: a.Sample, Login: exampleLogin, Settings: &exampleplugin.Settings{Channel: "sandbox"},
		}),
		eppAccount: quick(config.Registrar{Plugin: "epp", URL: a.EPP, Login: eppLogin, Settings: a.eppSettings()}),
	}
	billingPlan := config.BillingPlan{
		Plan: 3, SetupFee: "0.00", SubscriptionFee: "12.50", RenewalFee: "12.50", RefundDays: 5,
		PeriodType: 3, Period: 1, RegistrarID: 7,
	}
	for _, sold := range []struct {
		plan           int
		tld, registrar string
		required       []string
	}{
		{domainPlan, defaultNamesTLD, netimAccount, nil}, {checkedPlan, zoneCheckedTLD, netimAccount, nil}, {unsoldPlan, notSoldTLD, netimAccount, nil},
		{names4everDomainPlan, names4everTLD, names4everAccount, nil}, {realtimeLaterPlan, realtimeLater, realtimeAccount, nil}, {realtimeAtOncePlan, realtimeAtOnce, realtimeAccount, nil},
		{exampleDomainPlan, exampleTLD, exampleAccount, []string{"taxId"}},
		{eppLaterPlan, eppLater, eppAccount, nil}, {eppAtOncePlan, eppAtOnce, eppAccount, nil},
	} {
		cfg.Plans.Domains = append(cfg.Plans.Domains, config.DomainPlan{
			Plan: sold.plan, TLD: sold.tld, Registrar: sold.registrar, Years: 1, Periods: map[int]int{1: 1, 2: 2}, Template: domainTemplate, Billing: billingPlan,
			RequiredFields: sold.required,
		})
		if slices.Contains([]string{netimAccount, realtimeAccount, eppAccount}, sold.registrar) {
			cfg.Plans.Domains[len(cfg.Plans.Domains)-1].PriceLimit.Restore = restoreLimit
		}
	}
	limited := cfg.Plans.Domains[0]
	limited.Plan, limited.PriceLimit = limitedPlan, config.PriceLimit{Currency: "EUR", Registration: "12.00", Restore: restoreLimit}
	cfg.Plans.Domains = append(cfg.Plans.Domains, limited)
	cfg.Plans.Hosting = []config.HostingPlan{{Plan: hostingPlan, Template: hostingTemplate}}
	return cfg
}

// eppSettings are those of the account at the registry that speaks EPP: it knows us by a certificate.
func (a addresses) eppSettings() *eppplugin.Settings {
	settings := eppplugin.DefaultSettings()
	settings.CAFile, settings.CertificateFile, settings.KeyFile = a.EPPAuthority, a.EPPCertificate, a.EPPKey
	return &settings
}

// quick returns an account whose stand-in answers at once and accepts any number of
// calls.
func quick(account config.Registrar) config.Registrar {
	account.Password, account.BillingLogin, account.BillingPassword = registrarPass, account.Login, registrarPass
	account.Timeout, account.WatchEvery, account.PendingDeadline, account.Settle = 30*time.Second, 10*time.Minute, 5*24*time.Hour, shortSettle
	account.CallsAtOnce, account.CallsPerSecond = 50, 1000
	return account
}
