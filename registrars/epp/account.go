package epp

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal/frames"
	"domainprovisioning/registrars/epp/internal/objects"
)

// Settings is the block `epp` of an account.
type Settings struct {
	CertificateFile string        `yaml:"certificate_file" doc:"the client certificate that the registry knows us by, with its chain, in PEM"`
	KeyFile         string        `yaml:"key_file" doc:"the key of the client certificate, in PEM"`
	CAFile          string        `yaml:"ca_file" doc:"the authorities that may sign the registry's certificate, in PEM; none means those of the machine"`
	RegistrarID     string        `yaml:"registrar_id" doc:"how the registry names us as the sponsor of a domain; none means the login"`
	Sessions        int           `yaml:"sessions" doc:"how many sessions each process opens at most; all processes together must keep to what the registry allows"`
	HelloEvery      time.Duration `yaml:"hello_every" doc:"how often an idle session is kept alive; shorter than the registry's limit for idle sessions"`
	KeepSessions    time.Duration `yaml:"keep_sessions" doc:"how long a session is kept that nobody uses"`
	Language        string        `yaml:"language" doc:"the language of the registry's texts, if it has it"`
	Without         []string      `yaml:"without" doc:"URIs of objects and extensions that are not used although the registry offers them"`
	Hosts           string        `yaml:"hosts" doc:"how the registry keeps name servers: objects or attributes"`
	Contacts        []string      `yaml:"contacts" doc:"the roles that a domain has at the registry, of owner, admin, tech and billing; an empty list for a registry without contacts"`
	HandlePrefix    string        `yaml:"handle_prefix" doc:"begins the handles of our contacts, 1 to 4 letters or digits"`
	Postal          string        `yaml:"postal" doc:"the form of addresses: int (ASCII alone), loc, or auto: int if the address is ASCII"`
	Hide            bool          `yaml:"hide_contacts" doc:"whether the registry is asked to disclose nothing of our contacts"`
	DNSSEC          string        `yaml:"dnssec" doc:"what the registry takes of a signed zone: ds, key, or any: what the order gives"`
	AuthCodeLength  int           `yaml:"auth_code_length" doc:"the length of the auth codes that we make, 16 to 32 characters"`
	LaunchPhase     string        `yaml:"launch_phase" doc:"the launch phase in which names are registered now: sunrise, landrush, claims, open, or the registry's own word; none after the launch"`
	Prices          []string      `yaml:"prices" doc:"what commands cost a year by the contract, such as \"create 8.50EUR\", for a registry that does not tell (create, renew, transfer, restore, update)"`
}

// Values of Settings.
const (
	hostObjects    = "objects"
	hostAttributes = "attributes"
	postalAuto     = "auto"
	dnssecAny      = "any"
	dnssecDS       = "ds"
	dnssecKey      = "key"
)

// DefaultSettings are the settings of an account that sets none.
func DefaultSettings() Settings {
	return Settings{
		Sessions: DefaultSessions, HelloEvery: DefaultHello, KeepSessions: DefaultKeep, Language: "en", Hosts: hostObjects,
		Contacts: []string{"owner", objects.Admin, objects.Tech, objects.Billing}, HandlePrefix: DefaultHandlePrefix, Postal: postalAuto,
		DNSSEC: dnssecAny, AuthCodeLength: DefaultAuthCodeLength,
	}
}

// Plugin declares the plug-in.
func Plugin() registrars.Plugin {
	return registrars.Plugin{
		Type: (*EPP)(nil), Timeout: DefaultTimeout, Scheme: scheme, Port: defaultPort,
		Settings: func() registrars.Settings { settings := DefaultSettings(); return &settings },
	}
}

// Check implements registrars.Settings.
func (s *Settings) Check(account registrars.Account, wrong registrars.Wrong) {
	config, err := s.of(account)
	if err != nil {
		wrong(err.key, err.rule)
	}
	config.check(wrong)
}

// Open implements registrars.Settings.
func (s *Settings) Open(account registrars.Account) (registrars.Registrar, error) {
	config, broken := s.of(account)
	if broken != nil {
		return nil, fmt.Errorf("epp: %s %s", broken.key, broken.rule)
	}
	config.Funds = account.Funds
	return New(config)
}

// mistake is a mistake in a setting that must be read to make a configuration.
type mistake struct{ key, rule string }

func (s *Settings) of(account registrars.Account) (Config, *mistake) {
	config := Config{Login: account.Login, Password: account.Password, Settings: *s, Timeout: account.Timeout, CallsPerSecond: account.CallsPerSecond}
	host, broken := "", (*mistake)(nil)
	if config.Address, host, broken = addressOf(account.URL); broken != nil {
		return config, broken
	}
	config.TLS, broken = s.tls(host)
	return config, broken
}

// The scheme of an account's URL, and the port that RFC 5734 gives the protocol.
const (
	scheme      = "epp"
	defaultPort = 700
)

// addressOf reads the address of a registry, such as epp://epp.registry.example:700. It is
// always TLS.
func addressOf(text string) (address, host string, broken *mistake) {
	const form = "must be such as epp://epp.registry.example:700, without user, path or query"
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != scheme || parsed.Hostname() == "" || parsed.User != nil || strings.Trim(parsed.Path, "/") != "" || parsed.RawQuery != "" || parsed.Fragment != "" {
		return "", "", &mistake{"url", form}
	}
	port := parsed.Port()
	if port == "" {
		port = strconv.Itoa(defaultPort)
	}
	return net.JoinHostPort(parsed.Hostname(), port), parsed.Hostname(), nil
}

func (s *Settings) tls(host string) (*tls.Config, *mistake) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if s.CAFile != "" {
		pem, broken := readFile("ca_file", s.CAFile)
		if broken != nil {
			return config, broken
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return config, &mistake{pluginName + ".ca_file", "holds no certificate in PEM"}
		}
	}
	switch {
	case s.CertificateFile == "" && s.KeyFile == "":
		return config, nil
	case s.CertificateFile == "" || s.KeyFile == "":
		return config, &mistake{pluginName + ".certificate_file", "needs key_file, and the other way round"}
	}
	certificate, broken := readFile("certificate_file", s.CertificateFile)
	if broken != nil {
		return config, broken
	}
	key, broken := readFile("key_file", s.KeyFile)
	if broken != nil {
		return config, broken
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return config, &mistake{pluginName + ".certificate_file", "and key_file cannot be used: " + err.Error()}
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

// largestFile bounds what is read of a file that a setting names, in bytes: the path may be that of
// something else.
const largestFile = 1 << 20

// readFile reads the file that a setting names. The mistake has no path, which the setting has.
func readFile(key, path string) ([]byte, *mistake) {
	file, err := os.Open(path)
	var content []byte
	if err == nil {
		defer func() { _ = file.Close() }()
		content, err = io.ReadAll(io.LimitReader(file, largestFile+1))
	}
	switch wrapped, ok := errors.AsType[*os.PathError](err); {
	case ok:
		return nil, &mistake{pluginName + "." + key, "cannot be read: " + wrapped.Err.Error()}
	case err != nil:
		return nil, &mistake{pluginName + "." + key, "cannot be read: " + err.Error()}
	case len(content) > largestFile:
		return nil, &mistake{pluginName + "." + key, fmt.Sprintf("is longer than %d bytes", largestFile)}
	}
	return content, nil
}

var (
	plainLogin  = regexp.MustCompile(`^[!-~]{3,16}$`)
	plainPrefix = regexp.MustCompile(`^[A-Za-z0-9]{1,4}$`)
	plainPhase  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)
	plainTongue = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)
)

const (
	mostSessions   = 50
	shortestHello  = 5 * time.Second
	shortestCode   = 16
	longestCode    = 32
	longestKeeping = 24 * time.Hour
)

func (c *Config) check(wrong registrars.Wrong) {
	if !plainLogin.MatchString(c.Login) {
		wrong("login", "must be the registrar's id at the registry, of 3 to 16 characters")
	}
	switch password := c.Password.Reveal(); {
	case password == "":
		wrong("password", "is missing")
	case len(password) < 6 || password != strings.TrimSpace(password):
		wrong("password", "must have at least 6 characters, and no blank at its ends")
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

func (s Settings) check(wrong registrars.Wrong) {
	oneOf := func(key, value string, values ...string) {
		if value != "" && !slices.Contains(values, value) {
			wrong(key, "must be one of "+strings.Join(values, ", "))
		}
	}
	if s.RegistrarID != "" && !plainLogin.MatchString(s.RegistrarID) {
		wrong("registrar_id", "must have 3 to 16 characters")
	}
	oneOf("hosts", s.Hosts, hostObjects, hostAttributes)
	oneOf("postal", s.Postal, postalAuto, objects.PostalInt, objects.PostalLoc)
	oneOf("dnssec", s.DNSSEC, dnssecAny, dnssecDS, dnssecKey)
	if s.Sessions < 0 || s.Sessions > mostSessions {
		wrong("sessions", fmt.Sprintf("must be 1 to %d", mostSessions))
	}
	if s.HelloEvery != 0 && s.HelloEvery < shortestHello {
		wrong("hello_every", "must be at least "+shortestHello.String())
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
	if s.LaunchPhase != "" && !plainPhase.MatchString(s.LaunchPhase) {
		wrong("launch_phase", "must be one word of at most 32 letters, digits, - or _")
	}
	for _, role := range s.Contacts {
		if !slices.Contains(registrars.Roles(), registrars.Role(role)) {
			wrong("contacts", "must be of owner, admin, tech and billing")
		}
	}
	if slices.Contains(s.Without, frames.Domains) {
		wrong("without", "must not hold the domains themselves")
	}
	if _, err := listedPrices(s.Prices); err != nil {
		wrong("prices", err.Error())
	}
}

func (c *Config) setDefaults() {
	defaults := DefaultSettings()
	setTo(&c.Timeout, DefaultTimeout)
	setTo(&c.CallsPerSecond, 10)
	setTo(&c.LargestFrame, DefaultLargestFrame)
	setTo(&c.RegistrarID, c.Login)
	setTo(&c.Sessions, defaults.Sessions)
	setTo(&c.HelloEvery, defaults.HelloEvery)
	setTo(&c.KeepSessions, defaults.KeepSessions)
	setTo(&c.Language, defaults.Language)
	setTo(&c.Hosts, defaults.Hosts)
	setTo(&c.HandlePrefix, defaults.HandlePrefix)
	setTo(&c.Postal, defaults.Postal)
	setTo(&c.DNSSEC, defaults.DNSSEC)
	setTo(&c.AuthCodeLength, defaults.AuthCodeLength)
	if c.Contacts == nil {
		c.Contacts = defaults.Contacts
	}
	if c.Now == nil {
		c.Now = time.Now
	}
}

// setTo gives a setting its default unless it is set.
func setTo[T comparable](setting *T, value T) {
	var zero T
	if *setting == zero {
		*setting = value
	}
}
