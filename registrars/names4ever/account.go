package names4ever

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"domainprovisioning/registrars"
	"domainprovisioning/wire/exchange"
)

// Settings is the block `names4ever` of an account.
type Settings struct {
	PlanID      string `yaml:"plan_id" doc:"the partner's plan"`
	ContentType string `yaml:"content_type" doc:"Content-Type of a request"`
	RDAPURL     string `yaml:"rdap_url" doc:"RDAP server that shows the outcome of a request whose answer was lost; without one, the registry's own according to IANA's list"`
	DNSServer   string `yaml:"dns_server" doc:"a DNS server, as host:port, to ask instead of the machine's for the delegation of a domain whose registration got no answer"`
	// CodeClasses and RequestStatusIsEnough replace assumptions about replies, once it is known
	// how the registrar answers an account.
	CodeClasses           map[int]registrars.Class `yaml:"code_classes" doc:"the error class of each result code; a code that is not listed is rejected"`
	RequestStatusIsEnough bool                     `yaml:"request_status_is_enough" doc:"treat the success of the whole request as that of its operation if the reply says nothing about the domain; otherwise the outcome is unknown"`
}

// Plugin declares the plug-in.
func Plugin() registrars.Plugin {
	return registrars.Plugin{
		Type: (*Names4Ever)(nil), Timeout: DefaultTimeout,
		Settings: func() registrars.Settings { return &Settings{ContentType: DefaultContentType} },
	}
}

// Check implements registrars.Settings.
func (s *Settings) Check(account registrars.Account, wrong registrars.Wrong) {
	config := s.of(account)
	config.check(wrong)
}

// Open implements registrars.Settings.
func (s *Settings) Open(account registrars.Account) (registrars.Registrar, error) {
	return New(s.of(account))
}

func (s *Settings) of(account registrars.Account) Config {
	return Config{URL: account.URL, Login: account.Login, Password: account.Password, Timeout: account.Timeout, Settings: *s}
}

func (c *Config) check(wrong registrars.Wrong) {
	if _, err := exchange.CheckURL(c.URL); err != nil {
		wrong("url", err.Error())
	}
	if strings.TrimSpace(c.Login) == "" {
		wrong("login", "is missing: the partner's registration number")
	}
	if c.Password.IsZero() {
		wrong("password", "is missing")
	}
	if strings.TrimSpace(c.PlanID) == "" {
		wrong(pluginName+".plan_id", "is missing")
	}
	if c.RDAPURL != "" {
		if _, err := exchange.CheckURL(c.RDAPURL); err != nil {
			wrong(pluginName+".rdap_url", err.Error())
		}
	}
	if c.DNSServer != "" {
		if _, _, err := net.SplitHostPort(c.DNSServer); err != nil {
			wrong(pluginName+".dns_server", "must be host:port")
		}
	}
	if c.Timeout < 0 {
		wrong("timeout", "must not be negative")
	}
	if c.MaxReplyBytes < 0 {
		wrong("the largest reply", "must not be negative")
	}
	for _, code := range slices.Sorted(maps.Keys(c.CodeClasses)) {
		if code == 0 || !slices.Contains(registrars.Classes(), c.CodeClasses[code]) {
			wrong(fmt.Sprintf("%s.code_classes.%d", pluginName, code), "must be one of the classes of errors, and 0, which is success, has none")
		}
	}
}

func (c *Config) setDefaults() {
	if c.ContentType == "" {
		c.ContentType = DefaultContentType
	}
	if c.Resolver == nil && c.DNSServer != "" {
		server := c.DNSServer
		c.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, server)
		}}
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.MaxReplyBytes == 0 {
		c.MaxReplyBytes = DefaultMaxReplyBytes
	}
	if c.Now == nil {
		c.Now = time.Now
	}
}
