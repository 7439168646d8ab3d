package registrars

import (
	"fmt"
	"strings"
	"time"

	"domainprovisioning/domains"
)

// Plugin is what a plug-in declares of itself. assembly/plugins.go lists the plug-ins.
type Plugin struct {
	// Type is a value of the plug-in's type that has no account. It is asked for its
	// descriptor and looked at for its abilities, and nothing is called.
	Type Registrar
	// Timeout of a call, where an account names none.
	Timeout time.Duration
	// Settings returns the plug-in's settings with their defaults.
	Settings func() Settings
}

// Settings are what a plug-in wants to know of an account beside what all accounts have. In
// the configuration they are a block of the account with the name of the plug-in. They are a
// pointer to a struct of strings, numbers, booleans, durations, secrets (domains.Secret) and
// lists of them. Each field has its key in the tag yaml, and in the tag doc what it means, as
// docs/registrars.md shows it.
type Settings interface {
	// Check reports every mistake in an account with these settings, all at once.
	Check(account Account, wrong Wrong)
	// Open makes the account. It makes no call; its error tells of every mistake.
	Open(account Account) (Registrar, error)
}

// Wrong takes a mistake: the key within the account, such as "login" or "netim.language",
// and the rule that it breaks, such as "must be EN or FR". Neither shows a value.
type Wrong func(key, rule string)

// Account is what all accounts have.
type Account struct {
	URL, Login string
	Password   domains.Secret
	// CallbackSecrets sign what the registrar sends by itself: the present one first, and
	// for the time of a change the former one.
	CallbackSecrets []domains.Secret
	// Timeout of a call.
	Timeout time.Duration
	// CallsPerSecond of all processes together, above 0.
	CallsPerSecond float64
	// Sessions returns where all processes find the account's sessions. Where a session
	// is good for something only, such as a language, that is named by of. Nil: a plug-in
	// keeps its session to itself.
	Sessions func(of string) Sessions
}

// Mistakes is everything that a check reports, as one error of one line; nil for nothing.
func Mistakes(plugin string, check func(Wrong)) error {
	var found []string
	check(func(key, rule string) { found = append(found, key+" "+rule) })
	if len(found) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %s", plugin, strings.Join(found, "; "))
}
