package netim

import (
	"strings"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim/internal"
	"domainprovisioning/wire/exchange"
)

// Settings is the block `netim` of an account.
type Settings struct {
	// Language is that of contacts only: what the registrar tells us is understood in
	// English, so every session is in English.
	Language string `yaml:"language" doc:"language in which Netim writes to contacts: EN or FR; what Netim answers us is always asked for in English"`
	// DomainBoundFields are kept as additional[FIELD][domain]. Which fields are kept
	// so is not documented.
	DomainBoundFields []string `yaml:"domain_bound_fields" doc:"additional fields of the holder's contact that are kept per domain, such as R_ID; Netim says for each extension which ones these are"`
	DNSServer         string   `yaml:"dns_server" doc:"a DNS server, as host:port, to ask instead of the name servers themselves whether a zone is served; for networks that allow no other queries"`
}

// Plugin declares the plug-in.
func Plugin() registrars.Plugin {
	return registrars.Plugin{
		Type: (*Netim)(nil), Timeout: DefaultTimeout,
		Settings: func() registrars.Settings { return &Settings{Language: defaultLanguage} },
	}
}

// Check implements registrars.Settings.
func (s *Settings) Check(account registrars.Account, wrong registrars.Wrong) {
	config := s.of(account)
	config.check(wrong)
}

// Open implements registrars.Settings.
func (s *Settings) Open(account registrars.Account) (registrars.Registrar, error) {
	config := s.of(account)
	config.Funds = account.Funds
	if account.Sessions != nil {
		// A session answers in its own language; other programs may have some in French.
		config.Sessions = account.Sessions(internal.SessionLanguage)
	}
	return New(config)
}

func (s *Settings) of(account registrars.Account) Config {
	return Config{URL: account.URL, Login: account.Login, Password: account.Password, Timeout: account.Timeout, Settings: *s}
}

const defaultLanguage = "EN"

// login returns the reseller's id in the form that is sent.
func (c *Config) login() string { return strings.ToUpper(strings.TrimSpace(c.Login)) }

func (c *Config) language() string {
	if c.Language == "" {
		return defaultLanguage
	}
	return strings.ToUpper(c.Language)
}

func (c *Config) check(wrong registrars.Wrong) {
	if _, err := exchange.CheckURL(c.URL); err != nil {
		wrong("url", err.Error())
	}
	if login := c.login(); login == "" || len(login) > maxLogin {
		wrong("login", "must have 1 to 8 characters")
	}
	if c.Password.IsZero() {
		wrong("password", "is missing")
	}
	if language := c.language(); language != "EN" && language != "FR" {
		wrong(pluginName+".language", "must be EN or FR")
	}
	if c.DNSServer != "" {
		if err := internal.ParseServer(c.DNSServer); err != nil {
			wrong(pluginName+".dns_server", err.Error())
		}
	}
	if c.Timeout < 0 {
		wrong("timeout", "must not be negative")
	}
	if c.MaxReplyBytes < 0 {
		wrong("the largest reply", "must not be negative")
	}
}
