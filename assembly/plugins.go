package assembly

import (
	"context"
	"errors"
	"fmt"
	"net"

	"domainprovisioning/config"
	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/names4ever"
	"domainprovisioning/registrars/netim"
)

// plugins are the registrars there are, by the name of `plugin`.
func plugins() map[string]func(config.Registrar) (registrars.Registrar, error) {
	return map[string]func(config.Registrar) (registrars.Registrar, error){
		"netim":      newNetim,
		"names4ever": newNames4Ever,
	}
}

func newNetim(r config.Registrar) (registrars.Registrar, error) {
	for key, value := range map[string]string{
		"plan_id": r.PlanID, "content_type": r.ContentType, "rdap_url": r.RDAPURL,
	} {
		if value != "" {
			return nil, fmt.Errorf("%s is not for plug-in netim; remove it", key)
		}
	}
	return netim.New(netim.Config{
		URL: r.URL, Login: r.Login, Password: domains.NewSecret(string(r.Password)),
		Language: r.Language, Timeout: r.Timeout, DomainBoundFields: r.DomainBoundFields,
		ZoneServer: r.DNSServer,
	})
}

func newNames4Ever(r config.Registrar) (registrars.Registrar, error) {
	if len(r.DomainBoundFields) > 0 {
		return nil, errors.New("domain_bound_fields is not for plug-in names4ever; remove it")
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
