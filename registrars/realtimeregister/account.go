package realtimeregister

import (
	"slices"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/wire/exchange"
)

// Settings is the block `realtimeregister` of an account.
type Settings struct {
	TemplatePrefix   string `yaml:"template_prefix" doc:"orders give the number of a zone template; its handle at the registrar is this prefix and the number"`
	CreditLimitCents int64  `yaml:"credit_limit_cents" doc:"how far below zero the account may go, in cents"`
}

// Plugin declares the plug-in.
func Plugin() registrars.Plugin {
	return registrars.Plugin{
		// The registrar goes on working after it has answered, so the time-out is
		// shorter than others.
		Type: (*RealtimeRegister)(nil), Timeout: DefaultTimeout,
		Settings: func() registrars.Settings { return &Settings{TemplatePrefix: DefaultTemplatePrefix} },
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
	return New(config)
}

func (s *Settings) of(account registrars.Account) Config {
	return Config{
		URL: account.URL, Customer: account.Login, APIKey: account.Password, WebhookKeys: account.CallbackSecrets,
		Timeout: account.Timeout, RequestsPerSecond: account.CallsPerSecond, Settings: *s,
	}
}

func (c *Config) check(wrong registrars.Wrong) {
	if _, err := exchange.CheckURL(c.URL); err != nil {
		wrong("url", err.Error())
	}
	if !plainHandle.MatchString(c.Customer) {
		wrong("login", "must be the customer's handle, of 3 to 40 letters, digits or - _ . @")
	}
	switch key := c.APIKey.Reveal(); {
	case key == "":
		wrong("password", "is missing: the API key")
	case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
		wrong("password", "must be the API key, of visible ASCII characters only")
	}
	switch {
	case len(c.WebhookKeys) > maxWebhookKeys:
		wrong("callback_secret", "may be two keys at the most: the present one and the former one")
	case slices.ContainsFunc(c.WebhookKeys, domains.Secret.IsZero):
		wrong("callback_secret", "must not be empty")
	}
	if c.TemplatePrefix != "" && !plainHandle.MatchString(c.TemplatePrefix+"123") {
		wrong(pluginName+".template_prefix", "must have at most 37 letters, digits or - _ . @")
	}
	if c.CreditLimitCents < 0 {
		wrong(pluginName+".credit_limit_cents", "must not be negative")
	}
	if c.RequestsPerSecond < 0 {
		wrong("calls_per_second", "must not be negative")
	}
	if c.Timeout < 0 || c.ReadTimeout < 0 {
		wrong("timeout", "must not be negative")
	}
	if c.MaxReplyBytes < 0 {
		wrong("the largest reply", "must not be negative")
	}
}

func (c *Config) setDefaults() {
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.ReadTimeout == 0 {
		c.ReadTimeout = DefaultReadTimeout
	}
	if c.MaxReplyBytes == 0 {
		c.MaxReplyBytes = DefaultMaxReplyBytes
	}
	if c.RequestsPerSecond == 0 {
		c.RequestsPerSecond = DefaultRequestsPerSecond
	}
	if c.TemplatePrefix == "" {
		c.TemplatePrefix = DefaultTemplatePrefix
	}
	if c.Now == nil {
		c.Now = time.Now
	}
}
