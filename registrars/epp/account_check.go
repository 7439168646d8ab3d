package epp

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal/frames"
	"domainprovisioning/registrars/epp/internal/objects"
	"domainprovisioning/wire/xmltext"
)

var (
	plainLogin  = regexp.MustCompile(`^[!-~]+( [!-~]+)*$`)
	plainPrefix = regexp.MustCompile(`^[A-Za-z0-9]{1,4}$`)
	plainPhase  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)
	plainTongue = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)
)

const (
	mostSessions   = 50
	shortestHello  = 5 * time.Second
	longestHello   = 10 * time.Minute
	shortestCode   = 16
	longestCode    = 32
	longestKeeping = 24 * time.Hour
)

func (c *Config) check(wrong registrars.Wrong) {
	if !isLogin(c.Login) {
		wrong("login", "must be the registrar's id at the registry, "+loginForm)
	}
	switch password := c.Password.Reveal(); {
	case password == "":
		wrong("password", "is missing")
	case utf8.RuneCountInString(password) < 6 || !isToken(password):
		wrong("password", "must have at least 6 characters, none of control, no blank at its ends and no two together")
	}
	if c.Timeout < 0 {
		wrong("timeout", "must not be negative")
	}
	if c.CallsPerSecond < 0 {
		wrong("calls_per_second", "must not be negative")
	}
	if c.LargestFrame < 0 {
		wrong("the largest frame", "must not be negative")
	}
	c.Settings.check(func(key, rule string) { wrong(pluginName+"."+key, rule) })
}

const loginForm = "of 3 to 16 characters in ASCII, with single blanks at most"

// isLogin reports whether a text is a registrar's id (clIDType of RFC 5730).
func isLogin(text string) bool {
	return len(text) >= 3 && len(text) <= 16 && plainLogin.MatchString(text)
}

// isToken reports whether a text is what a registry reads of it: in the type token of a schema,
// blanks at the ends are dropped, and several are one.
func isToken(text string) bool {
	broken := func(r rune) bool { return unicode.IsControl(r) || !xmltext.Allowed(r) }
	return utf8.ValidString(text) && !strings.ContainsFunc(text, broken) && strings.Trim(text, " ") == text && !strings.Contains(text, "  ")
}

func (s Settings) check(wrong registrars.Wrong) {
	oneOf := func(key, value string, values ...string) {
		if value != "" && !slices.Contains(values, value) {
			wrong(key, "must be one of "+strings.Join(values, ", "))
		}
	}
	if s.RegistrarID != "" && !isLogin(s.RegistrarID) {
		wrong("registrar_id", "must be "+loginForm)
	}
	oneOf("hosts", s.Hosts, hostObjects, hostAttributes)
	oneOf("postal", s.Postal, postalAuto, objects.PostalInt, objects.PostalLoc)
	oneOf("dnssec", s.DNSSEC, dnssecAny, dnssecDS, dnssecKey)
	if s.Sessions < 0 || s.Sessions > mostSessions {
		wrong("sessions", fmt.Sprintf("must be 1 to %d", mostSessions))
	}
	if s.HelloEvery != 0 && (s.HelloEvery < shortestHello || s.HelloEvery > longestHello) {
		wrong("hello_every", fmt.Sprintf("must be %s to %s", shortestHello, longestHello))
	}
	if s.KeepSessions < 0 || s.KeepSessions > longestKeeping {
		wrong("keep_sessions", "must be at most "+longestKeeping.String())
	}
	if s.Language != "" && !plainTongue.MatchString(s.Language) {
		wrong("language", "must be a code of a language, such as en")
	}
	if s.HandlePrefix != "" && !plainPrefix.MatchString(s.HandlePrefix) {
		wrong("handle_prefix", "must have 1 to 4 letters or digits")
	}
	if s.AuthCodeLength != 0 && (s.AuthCodeLength < shortestCode || s.AuthCodeLength > longestCode) {
		wrong("auth_code_length", fmt.Sprintf("must be %d to %d", shortestCode, longestCode))
	}
	s.checkPhase(wrong)
	s.checkRoles(wrong)
	s.checkWithout(wrong)
	s.checkPrices(wrong)
}

func (s Settings) checkPhase(wrong registrars.Wrong) {
	switch {
	case s.LaunchPhase == "":
	case strings.EqualFold(s.LaunchPhase, "sunrise"), strings.EqualFold(s.LaunchPhase, "claims"):
		wrong("launch_phase", "must be another one: the marks of sunrise and the notices of claims (RFC 8334) are not sent")
	case !plainPhase.MatchString(s.LaunchPhase):
		wrong("launch_phase", "must be one word of at most 32 letters, digits, - or _")
	}
}

func (s Settings) checkRoles(wrong registrars.Wrong) {
	for at, role := range s.Contacts {
		if !slices.Contains(registrars.Roles(), registrars.Role(role)) || slices.Contains(s.Contacts[:at], role) {
			wrong("contacts", "must be of owner, admin, tech and billing, each once")
			return
		}
	}
}

// needs are the objects and extensions without which the settings cannot be followed.
func (s Settings) needs() []string {
	uris := []string{frames.Domains}
	if s.Contacts == nil || len(s.Contacts) > 0 {
		uris = append(uris, frames.Contacts)
	}
	if s.Hosts != hostAttributes {
		uris = append(uris, frames.Hosts)
	}
	if s.LaunchPhase != "" {
		uris = append(uris, frames.Launch)
	}
	return uris
}

func (s Settings) checkWithout(wrong registrars.Wrong) {
	for _, uri := range s.Without {
		if !strings.HasPrefix(uri, "urn:") && !strings.HasPrefix(uri, "http") {
			wrong("without", "must hold URIs, which begin with urn: or http")
			return
		}
	}
	for _, uri := range s.needs() {
		if slices.Contains(s.Without, uri) {
			wrong("without", "must not hold "+uri+", which the settings need")
			return
		}
	}
}

func (s Settings) checkPrices(wrong registrars.Wrong) {
	prices, err := listedPrices(s.Prices)
	if err != nil {
		wrong("prices", err.Error())
		return
	}
	currencies := map[string]bool{}
	for _, price := range prices {
		if price.Cents <= 0 {
			wrong("prices", "must be above 0")
			return
		}
		currencies[price.Currency] = true
	}
	if len(currencies) > 1 {
		wrong("prices", "must be in one currency")
	}
}
