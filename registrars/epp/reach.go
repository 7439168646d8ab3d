package epp

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"domainprovisioning/registrars"
)

var _ registrars.Reacher = (*EPP)(nil)

// longestOffers bounds each list of what a registry offers, in bytes: it is written by others.
const longestOffers = 2000

// Reach implements registrars.Reacher: TLS with our certificate, and the greeting.
func (e *EPP) Reach(ctx context.Context) (offers string, err error) {
	menu, err := e.registry.Greeting(ctx)
	if err != nil {
		return "", e.failure(callGreeting, false, err)
	}
	list := func(what string, of []string) string {
		text := strings.Map(shown, strings.Join(of, " "))
		if text == "" {
			return ""
		}
		if cut := registrars.Cut(text, longestOffers); cut != text {
			text = cut + " ..."
		}
		return "; " + what + ": " + text
	}
	return fmt.Sprintf("it calls itself %.64q", menu.Server) + list("languages", menu.Languages) + list("used", menu.Used) + list("offered and not used", menu.Unused), nil
}

// shown is a character of what a registry writes that people are shown: none may control their
// terminal, or turn the direction of what follows.
func shown(char rune) rune {
	if unicode.IsPrint(char) {
		return char
	}
	return ' '
}
