// Package netim registers domains at Netim through its SOAP API 2.0.
//
// The quirks of the API. docs/protocols/netim.md says how each is known; those marked
// "assumed" are in internal/assumptions.go:
//
//	quirk                                                       consequence here
//	no public WSDL; arguments bind by name or position          all are sent as Item, in the documented order
//	ten sessions per account, 20 minutes idle                   one session per process, leased while in use, kept for the next
//	E02: the session has ended, nothing was done                new session; the same call once more
//	sessions are synchronous; the registry may not be           Done, Failed or Pending at once; time-out 90 s
//	no client token: a repeat is a second registration          sent once; Find looks before any second send
//	a fault: no operation exists; Failed: one exists            an error for a fault, an Operation for Failed
//	the operation's number is only in the reply                 Find searches by operation code and domain
//	finished operations cannot be listed                        Find judges by domainInfo
//	domainRenew carries no expected expiry date                 Find compares dates before and after
//	every domainAuthID makes a new code                         its lost answer needs a person
//	function domainAuthID, code domainAuthid                    we compare codes without case
//	domainSetPreference is reported with or without its suffix  we accept both; without a suffix it has no kind
//	status words and texts are those of the session's language  every session is in English
//	a struct may come as a Map, a Struct, or by reference       all are read alike
//	STATUS in mixed case, ERROR in the guide is Failed          we compare without case; other words are unknown
//	a list of domains has names and dates only, in one answer   ReadDomain tells the rest of one
//	Netim's support may turn Failed into Done by hand           Operation returns the present status
//	the child of a response has many names                      we read the first child
//	members are id_ope or ID_OPE                                we compare names without case
//	isOwner is 1 for owners and 0 for all others                it keeps owner contacts apart from others
//	exactly five name servers, unused ones empty                we accept two to five
//	a transfer or an owner change is never done at once         we accept Done nevertheless
//	the status must not be read more often than every 5 minutes ShortestPoll
//	a DNS test may run first (HasZonecheck)                     we ask the name servers first; a clear no holds the request back
//	a premium name is AVAILABLE with the reason PREMIUM         bought only within a limit, or at a price that a person accepts
//	a host has no id, and a lost hostCreate no number           looked for by its name, and made once
//	no list of fault codes                                      we know some by code, and a few by their text (assumed)
package netim

import (
	"context"
	"net/http"
	"slices"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim/internal"
)

const (
	pluginName = "netim"
	errs       = registrars.Errors(pluginName)
	// DefaultTimeout is the time-out of a call. A synchronous session may delay the
	// answer while the registry works.
	DefaultTimeout = 90 * time.Second
	// DefaultMaxReplyBytes is the largest reply that is read. The lists of pending operations
	// and of domains may be eight times as large, enough for more than 200,000 of either.
	DefaultMaxReplyBytes = 8 << 20
	// ShortestPoll is the shortest interval that Netim allows; it recommends 10 minutes.
	ShortestPoll = 5 * time.Minute

	// maxSessions is how many sessions an account may have at a time; spareSessions of
	// them are left to people and other programs.
	maxSessions    = 10
	spareSessions  = 2
	maxNameServers = 5
	maxLogin       = 8
	maxAuthCode    = 64
)

// Config describes an account and where to reach it.
type Config struct {
	// URL is where calls are posted to, such as https://api.netim.com/2.0/. It must
	// be https, except for a loopback host, and without user or password.
	URL string
	// Login is the reseller's id, 1 to 8 characters; it is sent in upper case.
	Login    string
	Password domains.Secret
	Settings
	// Timeout is the time-out of a call; 0 means DefaultTimeout.
	Timeout time.Duration
	// MaxReplyBytes is the largest reply but for the lists of pending operations and of domains;
	// 0 means DefaultMaxReplyBytes.
	MaxReplyBytes int64
	// HTTPClient replaces our own. Its redirect policy and cookies are not used.
	HTTPClient *http.Client
	// Dump, for debugging, receives every request and reply (direction "request" or
	// "reply") without password, session id and auth codes, but with personal data. It
	// may be called from several goroutines.
	Dump func(direction string, document []byte)
	// Sessions holds the account's sessions, which all processes share and which outlive
	// them. If it is nil, one session is kept in memory and ends with Close.
	Sessions registrars.Sessions
	// Funds is told what the account may spend when that has been read before a request is paid
	// for; nil means nobody.
	Funds func(spendable float64, currency string)
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Netim is one reseller account. It is safe for concurrent use.
type Netim struct {
	client   *internal.Client
	login    string
	language string
	bound    []string
	tlds     *known[TLDInfo]
	// owners says, for contacts that this process has created or compared, whether they
	// are owners.
	owners *known[string]
	zones  internal.ZoneTest
	funds  func(spendable float64, currency string)
}

var (
	_ registrars.Registrar     = (*Netim)(nil)
	_ registrars.PendingLister = (*Netim)(nil)
	_ registrars.ContactKeeper = (*Netim)(nil)
	_ registrars.HostKeeper    = (*Netim)(nil)
	_ registrars.Canceller     = (*Netim)(nil)
	_ registrars.AuthCodeRules = (*Netim)(nil)
	_ registrars.DomainLister  = (*Netim)(nil)
)

// New checks the configuration. It makes no call, and its errors do not contain the
// values.
func New(config Config) (*Netim, error) {
	if err := registrars.Mistakes(pluginName, config.check); err != nil {
		return nil, err
	}
	login, language := config.login(), config.language()
	if config.Timeout == 0 {
		config.Timeout = DefaultTimeout
	}
	if config.MaxReplyBytes == 0 {
		config.MaxReplyBytes = DefaultMaxReplyBytes
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Netim{
		client: internal.NewClient(internal.Config{
			URL: config.URL, Login: login, Password: config.Password.Reveal(),
			Timeout: config.Timeout, MaxReplyBytes: config.MaxReplyBytes,
			HTTPClient: config.HTTPClient, Dump: config.Dump, Now: config.Now,
			Sessions: config.Sessions, MostSessions: maxSessions - spareSessions,
		}),
		login: login, language: language, bound: slices.Clone(config.DomainBoundFields),
		tlds: newKnown[TLDInfo](config.Now), owners: newKnown[string](config.Now),
		zones: internal.ZoneTest{Server: config.DNSServer}, funds: config.Funds,
	}, nil
}

// Close ends the session, so that it does not count against the ten of the account
// for another 20 minutes. A session that processes share (Config.Sessions) is left to
// the others instead. A later call leases or opens another session.
func (n *Netim) Close(ctx context.Context) error {
	if err := n.client.Close(ctx); err != nil {
		return failure(call{name: "sessionClose"}, err)
	}
	return nil
}

// Describe implements registrars.Registrar.
func (*Netim) Describe() registrars.Descriptor {
	return registrars.Descriptor{
		Name: pluginName, Title: "Netim",
		Kinds:        registrars.Kinds(),
		ShortestPoll: ShortestPoll,
		Reads:        registrars.ReadsRegistrar,
		RenewalGuard: registrars.GuardCompared,
		Duplicates:   "not known",
		Prices:       true,
		Sessions:     maxSessions,
		OwnersApart:  true,
		Assumptions:  internal.Assumptions(),
	}
}
