package assembly

import (
	"crypto/tls"
	"fmt"
	"maps"
	"slices"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/registrars"
)

// end is until when something can be used, by its whole key, and how long before that it is warned of.
type end struct {
	registrars.Expiry

	soon time.Duration
}

// How long before its end something is warned of. The alert CertificateExpires has the same. People get
// the new certificate of an account. The gateway's own is mostly renewed by a program, some 30 days
// before its end, so that less than a week means that this has failed; one that lives for less than four
// weeks is renewed later, and warned of in the last quarter of its life.
const (
	accountSoon = 30 * 24 * time.Hour
	gatewaySoon = 7 * 24 * time.Hour
	lastQuarter = 4
)

// expired says of what the time has passed.
func expired(cfg config.Config, now time.Time) []error {
	var errs []error
	for _, end := range ends(cfg) {
		if !now.Before(end.At) {
			errs = append(errs, fmt.Errorf("config: %s has expired on %s", end.Key, end.day()))
		}
	}
	return errs
}

// warned says of what the time has passed or will soon.
func warned(ends []end, now time.Time) []string {
	var warnings []string
	for _, end := range ends {
		switch left := end.At.Sub(now); {
		case left <= 0:
			warnings = append(warnings, end.Key+" has expired on "+end.day())
		case left < end.soon:
			warnings = append(warnings, end.Key+" expires on "+end.day())
		}
	}
	return warnings
}

func (e end) day() string { return e.At.UTC().Format(time.DateOnly) }

// gatewayCertificate is the key of the gateway's own certificate.
const gatewayCertificate = "gateway.tls_cert_file"

// ends lists what the configuration names that has an end.
func ends(cfg config.Config) []end {
	all := accountEnds(cfg)
	pair, err := tls.LoadX509KeyPair(cfg.Gateway.TLSCertFile, cfg.Gateway.TLSKeyFile)
	if err != nil {
		return all // keyPair says so
	}
	if first := registrars.FirstToEnd(pair); first != nil {
		soon := min(gatewaySoon, first.NotAfter.Sub(first.NotBefore)/lastQuarter)
		all = append(all, end{registrars.Expiry{Key: gatewayCertificate, At: first.NotAfter}, soon})
	}
	return all
}

// accountEnds lists what registrar accounts have that has an end.
func accountEnds(cfg config.Config) []end {
	var all []end
	for _, name := range slices.Sorted(maps.Keys(cfg.Registrars)) {
		for _, expiry := range expiries(cfg.Registrars[name]) {
			all = append(all, end{registrars.Expiry{Key: "registrars." + name + "." + expiry.Key, At: expiry.At}, accountSoon})
		}
	}
	return all
}

// expiries lists what of an account has an end. What is wrong with the account, Load says.
func expiries(account config.Registrar) []registrars.Expiry {
	plugin, ok := plugins()[account.Plugin]
	if !ok {
		return nil
	}
	settings, err := settingsOf(account, plugin)
	expiring, ok := settings.(registrars.Expiring)
	if err != nil || !ok {
		return nil
	}
	return expiring.Expires(accountOf(account))
}
