package assembly

import (
	"context"
	"fmt"
	"net"
	"slices"

	"domainprovisioning/config"
	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/names4ever"
	"domainprovisioning/registrars/netim"
	"domainprovisioning/registrars/realtimeregister"
)

// plugins are the registrars there are, by the name of `plugin`. Sessions are for those
// that have some; nil leaves a plug-in alone with its own.
func plugins() map[string]func(config.Registrar, registrars.Sessions) (registrars.Registrar, error) {
	return map[string]func(config.Registrar, registrars.Sessions) (registrars.Registrar, error){
		"netim":            newNetim,
		"names4ever":       newNames4Ever,
		"realtimeregister": newRealtimeRegister,
	}
}

// only refuses the keys of other plug-ins: whoever sets one expects something of it.
func only(r config.Registrar, own ...string) error {
	for _, special := range []struct {
		key string
		set bool
	}{
		{"plan_id", r.PlanID != ""}, {"content_type", r.ContentType != ""}, {"rdap_url", r.RDAPURL != ""}, {"dns_server", r.DNSServer != ""},
		{"domain_bound_fields", len(r.DomainBoundFields) > 0}, {"template_prefix", r.TemplatePrefix != ""},
		{"credit_limit_cents", r.CreditLimitCents != 0},
	} {
		if special.set && !slices.Contains(own, special.key) {
			return fmt.Errorf("%s is not for plug-in %s; remove it", special.key, r.Plugin)
		}
	}
	return nil
}

func newNetim(r config.Registrar, sessions registrars.Sessions) (registrars.Registrar, error) {
	if err := only(r, "domain_bound_fields", "dns_server"); err != nil {
		return nil, err
	}
	return netim.New(netim.Config{
		URL: r.URL, Login: r.Login, Password: domains.NewSecret(string(r.Password)),
		Language: r.Language, Timeout: r.Timeout, DomainBoundFields: r.DomainBoundFields,
		ZoneServer: r.DNSServer, Sessions: sessions,
	})
}

func newRealtimeRegister(r config.Registrar, _ registrars.Sessions) (registrars.Registrar, error) {
	if err := only(r, "template_prefix", "credit_limit_cents"); err != nil {
		return nil, err
	}
	cfg := realtimeregister.Config{
		URL: r.URL, Customer: r.Login, APIKey: domains.NewSecret(string(r.Password)), TemplatePrefix: r.TemplatePrefix,
		CreditLimit: r.CreditLimitCents, Timeout: r.Timeout, RequestsPerSecond: r.CallsPerSecond,
	}
	for _, secret := range []config.Secret{r.CallbackSecret, r.CallbackSecretOld} {
		if secret != "" {
			cfg.WebhookKeys = append(cfg.WebhookKeys, domains.NewSecret(string(secret)))
		}
	}
	return realtimeregister.New(cfg)
}

func newNames4Ever(r config.Registrar, _ registrars.Sessions) (registrars.Registrar, error) {
	if err := only(r, "plan_id", "content_type", "rdap_url", "dns_server"); err != nil {
		return nil, err
	}
	cfg := names4ever.Config{
		URL: r.URL, Login: r.Login, Password: domains.NewSecret(string(r.Password)), PlanID: r.PlanID,
		ContentType: r.ContentType, RDAPURL: r.RDAPURL, Timeout: r.Timeout,
	}
	if r.DNSServer != "" {
		if _, _, err := net.SplitHostPort(r.DNSServer); err != nil {
			return nil, fmt.Errorf("dns_server must be host:port: %w", err)
		}
		cfg.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, r.DNSServer)
		}}
	}
	return names4ever.New(cfg)
}
