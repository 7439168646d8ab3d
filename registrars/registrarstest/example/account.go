package example

import (
	"regexp"

	"domainprovisioning/registrars"
	"domainprovisioning/wire/exchange"
)

// Settings is the block `example` of an account.
type Settings struct {
	Channel string `yaml:"channel" doc:"the sales channel under which the registrar books orders: 1 to 20 lower-case letters"`
}

// Plugin declares the plug-in.
func Plugin() registrars.Plugin {
	return registrars.Plugin{
		Type: (*Example)(nil), Timeout: defaultTimeout,
		Settings: func() registrars.Settings { return &Settings{Channel: defaultChannel} },
	}
}

var plainChannel = regexp.MustCompile(`^[a-z]{1,20}$`)

// Check implements registrars.Settings.
func (s *Settings) Check(account registrars.Account, wrong registrars.Wrong) {
	if _, err := exchange.CheckURL(account.URL); err != nil {
		wrong("url", err.Error())
	}
	if account.Login == "" {
		wrong("login", "is missing")
	}
	if account.Password.IsZero() {
		wrong("password", "is missing")
	}
	if !plainChannel.MatchString(s.Channel) {
		wrong(pluginName+".channel", "must have 1 to 20 lower-case letters")
	}
}

// Open implements registrars.Settings.
func (s *Settings) Open(account registrars.Account) (registrars.Registrar, error) {
	if err := registrars.Mistakes(pluginName, func(wrong registrars.Wrong) { s.Check(account, wrong) }); err != nil {
		return nil, err
	}
	return &Example{account: account, settings: *s, client: exchange.CallClient(nil)}, nil
}
