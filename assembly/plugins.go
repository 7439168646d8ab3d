package assembly

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"domainprovisioning/config"
	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp"
	"domainprovisioning/registrars/names4ever"
	"domainprovisioning/registrars/netim"
	"domainprovisioning/registrars/realtimeregister"
	"domainprovisioning/registrars/registrarstest/example"
)

// plugins returns all registrar plug-ins by the name that `plugin` gives them.
func plugins() map[string]registrars.Plugin {
	byName := map[string]registrars.Plugin{}
	for _, plugin := range []registrars.Plugin{
		epp.Plugin(),
		example.Plugin(),
		names4ever.Plugin(),
		netim.Plugin(),
		realtimeregister.Plugin(),
	} {
		byName[plugin.Type.Describe().Name] = plugin
	}
	return byName
}

// Plugins declares the plug-ins to the configuration.
func Plugins() config.Plugins {
	declared := config.Plugins{}
	for name, plugin := range plugins() {
		declared[name] = config.Plugin{
			Timeout: plugin.Timeout, Scheme: plugin.Scheme, ShortestWatch: plugin.Type.Describe().ShortestPoll,
			Settings: func() any { return plugin.Settings() },
			Check: func(account config.Registrar, wrong func(key, rule string)) {
				settings, err := settingsOf(account, plugin)
				if err != nil {
					wrong(account.Plugin, err.Error())
					return
				}
				settings.Check(accountOf(account), wrong)
			},
		}
	}
	return declared
}

// Load reads the configuration and checks everything that can be checked without a
// connection. The error lists all mistakes, one per line.
func Load(path string, environment []string) (config.Config, error) {
	cfg, err := config.Load(path, environment, Plugins())
	errs := []error{err}
	if len(cfg.Plans.Domains)+len(cfg.Plans.Hosting) > 0 {
		_, err := catalog(cfg.Plans)
		errs = append(append(errs, err), untold(cfg)...)
	}
	_, err = ranges(cfg.IDs)
	return cfg, errors.Join(append(errs, err)...)
}

// settingsOf returns the settings of an account, or the plug-in's defaults if it has
// none.
func settingsOf(account config.Registrar, plugin registrars.Plugin) (registrars.Settings, error) {
	defaults := plugin.Settings()
	if account.Settings == nil {
		return defaults, nil
	}
	settings, ok := account.Settings.(registrars.Settings)
	if !ok || reflect.TypeOf(settings) != reflect.TypeOf(defaults) {
		return nil, fmt.Errorf("must be a %T and is a %T", defaults, account.Settings)
	}
	return settings, nil
}

// accountOf converts an account to the form that plug-ins use, without sessions.
func accountOf(r config.Registrar) registrars.Account {
	account := registrars.Account{
		URL: r.URL, Login: r.Login, Password: domains.NewSecret(string(r.Password)),
		Timeout: r.Timeout, CallsPerSecond: r.CallsPerSecond,
	}
	for _, secret := range []config.Secret{r.CallbackSecret, r.CallbackSecretOld} {
		if secret != "" {
			account.CallbackSecrets = append(account.CallbackSecrets, domains.NewSecret(string(secret)))
		}
	}
	return account
}

// accounts opens every account of the configuration.
func (a *Assembly) accounts() (map[string]registrars.Registrar, error) {
	known, configured := plugins(), a.Config.Registrars
	made := make(map[string]registrars.Registrar, len(configured))
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(configured)) {
		r := configured[name]
		plugin, ok := known[r.Plugin]
		if !ok {
			errs = append(errs, fmt.Errorf("config: registrars.%s.plugin is %q and must be one of: %s", name, r.Plugin, Plugins().Names()))
			continue
		}
		settings, err := settingsOf(r, plugin)
		if err == nil {
			account := accountOf(r)
			account.Funds = func(spendable float64, currency string) { a.Metrics.Funds(name, spendable, currency) }
			account.Sessions = func(of string) registrars.Sessions { return a.sessions(name, r, of) }
			made[name], err = settings.Open(account)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("config: registrars.%s: %w", name, err))
		}
	}
	return made, errors.Join(errs...)
}
