// Package netim registers domains at Netim, by its SOAP API 2.0.
//
// What is special about the API (docs/protocols/netim.md says how it is known;
// "assumed" stands in internal/assumptions.go, once for each):
//
//	quirk                                                       consequence here
//	no public WSDL; arguments bind by name or position          names and order of the clients in use
//	ten sessions an account, 20 minutes idle                    one session a process, leased while it is used, kept for the next
//	E02: the session has ended, nothing was done                new session, the same call once more
//	sessions are synchronous; the registry may not be           Done, Failed or Pending at once; time-out 90 s
//	no client token: a repeat is a second registration          one send; Find looks before any other
//	a fault: no operation exists; Failed: one exists            error there, Operation here
//	the operation's number is only in the reply                 Find asks for (operation code, domain)
//	finished operations cannot be listed                        Find judges by domainInfo
//	domainRenew carries no expected expiry date                 Find compares dates before and after
//	every domainAuthID makes another code                       its lost answer is for a person
//	function domainAuthID, code domainAuthid                    codes compared without case
//	domainSetPreference is reported with or without its suffix  both accepted; without one it has no kind
//	STATUS in mixed case, ERROR in the guide is Failed          compared without case; other words are unknown
//	Failed may become Done by the hand of Netim's support       Operation says what is so now
//	the child of a response has many names                      the first child counts
//	members are id_ope or ID_OPE                                compared without case
//	isOwner is 1 for owners and 0 for all others                contacts are kept apart by it
//	exactly five name servers, unused ones empty                two to five are taken
//	a transfer or an owner change is never done at once         Done is accepted all the same
//	the status must not be asked for below every 5 minutes      ShortestPoll
//	a DNS test may run first (HasZonecheck)                     we ask the name servers before; a clear no holds the request
//	no list of fault codes                                      known ones by code, a few by their text (assumed)
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
	// DefaultTimeout of a call. A synchronous session may hold the answer back
	// while the registry works.
	DefaultTimeout = 90 * time.Second
	// DefaultMaxReplyBytes is the largest reply that is read: some ten thousand
	// pending operations.
	DefaultMaxReplyBytes = 8 << 20
	// ShortestPoll is Netim's floor; every 10 minutes is what it recommends.
	ShortestPoll = 5 * time.Minute

	// maxSessions of an account at a time; spareSessions are left to people and to other
	// programs.
	maxSessions    = 10
	spareSessions  = 2
	maxNameServers = 5
	maxLogin       = 8
	maxAuthCode    = 64
)

// Config says which account to use, and where.
type Config struct {
	// URL is where calls are posted to, such as https://api.netim.com/2.0/. It must
	// be https, except for a loopback host, and without user or password.
	URL string
	// Login is the reseller's id, 1 to 8 characters; it is sent in upper case.
	Login    string
	Password domains.Secret
	Settings
	// Timeout of a call; 0 is DefaultTimeout.
	Timeout time.Duration
	// MaxReplyBytes is the largest reply; 0 is DefaultMaxReplyBytes.
	MaxReplyBytes int64
	// HTTPClient replaces our own. Its redirect policy and cookies are not used.
	HTTPClient *http.Client
	// Dump, for debugging, gets every request and reply ("request", "reply") without
	// password, session id and auth codes, but with personal data. It may be called
	// from several goroutines.
	Dump func(direction string, document []byte)
	// Sessions is where all processes find the account's sessions, which outlive them;
	// nil keeps one in memory, which ends with Close.
	Sessions registrars.Sessions
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Netim is one reseller account. It is safe for concurrent use.
type Netim struct {
	client   *internal.Client
	login    string
	language string
	bound    []string
	tlds     *known[TLDInfo]
	// owners are contacts that this process has made or compared: whether as owners.
	owners *known[string]
	zones  internal.ZoneTest
}

var (
	_ registrars.Registrar     = (*Netim)(nil)
	_ registrars.PendingLister = (*Netim)(nil)
	_ registrars.ContactKeeper = (*Netim)(nil)
	_ registrars.Canceller     = (*Netim)(nil)
	_ registrars.AuthCodeRules = (*Netim)(nil)
)

// New checks the configuration. It makes no call, and its errors do not show the
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
			URL: config.URL, Login: login, Password: config.Password.Reveal(), Language: language,
			Timeout: config.Timeout, MaxReplyBytes: config.MaxReplyBytes,
			HTTPClient: config.HTTPClient, Dump: config.Dump, Now: config.Now,
			Sessions: config.Sessions, MostSessions: maxSessions - spareSessions,
		}),
		login: login, language: language, bound: slices.Clone(config.DomainBoundFields),
		tlds: newKnown[TLDInfo](config.Now), owners: newKnown[string](config.Now),
		zones: internal.ZoneTest{Server: config.DNSServer},
	}, nil
}

// Close ends the session, so that it does not count against the ten of the account
// for another 20 minutes. One that other processes find (Config.Sessions) is left to
// them instead. A later call takes or opens another one.
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
		Sessions:     maxSessions,
		OwnersApart:  true,
		Assumptions:  internal.Assumptions(),
	}
}
