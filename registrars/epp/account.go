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
	"strconv"
	"strings"
	"time"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal/objects"
)

// Settings is the block `epp` of an account.
type Settings struct {
	CertificateFile string        `yaml:"certificate_file" doc:"the client certificate that the registry knows us by, with its chain, in PEM"`
	KeyFile         string        `yaml:"key_file" doc:"the key of the client certificate, in PEM"`
	CAFile          string        `yaml:"ca_file" doc:"the authorities that may sign the registry's certificate, in PEM; none means those of the machine"`
	RegistrarID     string        `yaml:"registrar_id" doc:"how the registry names us as the sponsor of a domain; none means the login"`
	Sessions        int           `yaml:"sessions" doc:"how many sessions each process opens at most; all processes together must keep to what the registry allows"`
	HelloEvery      time.Duration `yaml:"hello_every" doc:"how often an idle session is kept alive, at most 10m; shorter than the registry's limit for idle sessions"`
	KeepSessions    time.Duration `yaml:"keep_sessions" doc:"how long a session is kept that nobody uses"`
	Language        string        `yaml:"language" doc:"the language of the registry's texts, if it has it"`
	Without         []string      `yaml:"without" doc:"URIs of objects and extensions that are not used although the registry offers them; none that the other settings need"`
	Hosts           string        `yaml:"hosts" doc:"how the registry keeps name servers: objects or attributes"`
	Contacts        []string      `yaml:"contacts" doc:"the roles that a domain has at the registry, of owner, admin, tech and billing; an empty list for a registry without contacts"`
	HandlePrefix    string        `yaml:"handle_prefix" doc:"begins the handles of our contacts, 1 to 4 letters or digits"`
	Postal          string        `yaml:"postal" doc:"the form of addresses: int (ASCII alone), loc, or auto: int if the address is ASCII"`
	Hide            bool          `yaml:"hide_contacts" doc:"whether the registry is asked to disclose nothing of our contacts"`
	DNSSEC          string        `yaml:"dnssec" doc:"what the registry takes of a signed zone: ds, key, or any: what the order gives"`
	AuthCodeLength  int           `yaml:"auth_code_length" doc:"the length of the auth codes that we make, 16 to 32 characters"`
	LaunchPhase     string        `yaml:"launch_phase" doc:"the launch phase in which names are registered now: landrush, open, or the registry's own word; none after the launch. Sunrise and claims need marks and notices, which are not sent"`
	Prices          []string      `yaml:"prices" doc:"what commands cost a year by the contract, such as \"create 8.50EUR\", above 0 and in one currency, for a registry that does not tell (create, renew, transfer, restore, update)"`
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

// Expires implements registrars.Expiring: an expired client certificate opens no session. The earliest
// end in its file counts, since the registry may need the others to verify ours.
func (s *Settings) Expires(account registrars.Account) []registrars.Expiry {
	config, broken := s.of(account)
	if broken != nil {
		return nil
	}
	var ends []registrars.Expiry
	for _, pair := range config.TLS.Certificates {
		if first := registrars.FirstToEnd(pair); first != nil {
			ends = append(ends, registrars.Expiry{Key: keyCertificate, At: first.NotAfter})
		}
	}
	return ends
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

const keyCertificate = pluginName + ".certificate_file"

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
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", "", &mistake{"url", "must have a port from 1 to 65535"}
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
		return config, &mistake{keyCertificate, "needs key_file, and the other way round"}
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
		return config, &mistake{keyCertificate, "and key_file cannot be used: " + err.Error()}
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
