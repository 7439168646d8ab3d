package registrars

import (
	"fmt"
	"strings"
	"time"

	"domainprovisioning/domains"
)

// Plugin is what a plug-in declares of itself. assembly/plugins.go lists the plug-ins.
type Plugin struct {
	// Type is a value of the plug-in's type without an account. Only its descriptor and the
	// interfaces that it implements are used; it makes no call.
	Type Registrar
	// Timeout is the time-out of a call, for an account that sets none.
	Timeout time.Duration
	// Scheme is that of an account's URL, such as "epp", and Port the one that a URL without a port
	// means, such as 700. "" is https, and http on this machine, which have ports of their own.
	Scheme string
	Port   int
	// Settings returns the plug-in's settings, filled with their defaults.
	Settings func() Settings
}

// Settings are what a plug-in needs to know about an account in addition to what all accounts
// have. In the configuration they are a block of the account, named after the plug-in. The
// type is a pointer to a struct of strings, numbers, booleans, durations, secrets
// (domains.Secret) and lists of these. The tag yaml of each field holds its key, and the tag
// doc its meaning, as shown in docs/registrars.md.
type Settings interface {
	// Check reports every mistake in an account with these settings.
	Check(account Account, wrong Wrong)
	// Open returns the plug-in for the account. It makes no call; its error lists every mistake.
	Open(account Account) (Registrar, error)
}

// Expiring is implemented by Settings that name something whose time passes, such as a client
// certificate.
type Expiring interface {
	// Expires lists what has an end. What cannot be read is left out: Check says so. Programs start
	// with what is out of date, because their other accounts have work to do.
	Expires(account Account) []Expiry
}

// Expiry is until when something can be used that a setting names.
type Expiry struct {
	Key string // within the account, such as "epp.certificate_file"
	At  time.Time
}

// Wrong reports a mistake: the key within the account, such as "login" or "netim.language",
// and the rule that it breaks, such as "must be EN or FR". Neither contains a value.
type Wrong func(key, rule string)

// Account holds those settings that all accounts have and that a plug-in needs. The
// configuration knows more of them, such as how often an account is watched.
type Account struct {
	URL, Login string
	Password   domains.Secret
	// CallbackSecrets are the keys that the registrar signs callbacks with: the current one
	// first and, while it is being replaced, the previous one.
	CallbackSecrets []domains.Secret
	// Timeout is the time-out of one call.
	Timeout time.Duration
	// CallsPerSecond limits the calls of all processes together. It is above 0: the
	// configuration fills in its default.
	CallsPerSecond float64
	// Funds is told what the account may spend, in major units of a currency, whenever the plug-in
	// has read that for a reason of its own; nil wants to know nothing.
	Funds func(spendable float64, currency string)
	// Sessions returns the account's sessions that all processes share. Where sessions differ in
	// something, such as their language, of names it. Nil means that a plug-in keeps its session
	// to itself.
	Sessions func(of string) Sessions
}

// Mistakes returns all mistakes that a check reports as one error of a single line, or nil if
// there are none.
func Mistakes(plugin string, check func(Wrong)) error {
	var found []string
	check(func(key, rule string) { found = append(found, key+" "+rule) })
	if len(found) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %s", plugin, strings.Join(found, "; "))
}
