// Package epp registers domains at a registry, or at a reseller's platform, that speaks the
// Extensible Provisioning Protocol (RFC 5730 to 5734).
//
// The quirks of the protocol. docs/protocols/epp.md says how each is known; those marked
// "assumed" are in internal/assumptions.go:
//
//	quirk                                                      consequence here
//	1001: accepted, and a message follows some day             pending; the queue is drained by the watch
//	a transaction cannot be asked for by its id                a reference names kind and domain; Operation reads the domain
//	answers come in the order of the commands                  one command at a time in a session
//	a response may be lost after the command was carried out   outcome unknown; Find looks at the domain
//	2400 and 2500 prove nothing                                outcome unknown for what changes something
//	renew takes the date before it                             the registry refuses a second renewal
//	contacts and hosts are objects that must exist             handles are digests of the data; hosts are made when delegated to
//	or hosts are attributes of the domain                      a setting; addresses then go with the delegation
//	a transfer takes neither contacts nor name servers         BareTransfers: requests of their own follow it
//	an update says what to add and to remove                   the domain is read first
//	the registrar makes the auth code                          from Request.NewAuthCode, or random
//	a restore has two commands: request and report             the report is repeated until it is taken; the request never is
//	prices are told and limited only with RFC 8748             asked with the check; sent back with the command
//	the registry signs nothing                                 key or ds is required
//	privacy, automatic renewal, zones: not in the protocol     not served
//	dates without zone, 24:00:00, five-digit years             read as UTC, as the next day, as unknown
//	a session ends when it is idle                             kept by hello, ended when it was not used for long, or is half a day old
//	a login may warn of its own end (RFC 8807)                 notices of the account, the same one at every login
package epp

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"sync"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal"
	"domainprovisioning/registrars/epp/internal/objects"
	"domainprovisioning/registrars/epp/internal/session"
)

const (
	pluginName = "epp"
	errs       = registrars.Errors(pluginName)
	// DefaultTimeout is the time-out of a command, with the session that it needs.
	DefaultTimeout = 60 * time.Second
	// DefaultSessions is how many sessions a process opens at most.
	DefaultSessions = 2
	// DefaultHello is how often an idle session is kept alive.
	DefaultHello = 2 * time.Minute
	// DefaultKeep is how long an unused session is kept.
	DefaultKeep = 15 * time.Minute
	// DefaultLargestFrame is the size of the largest frame that is read, in bytes.
	DefaultLargestFrame = 1 << 20
	// DefaultHandlePrefix begins the handles of contacts.
	DefaultHandlePrefix = "DP"
	// DefaultAuthCodeLength is the length of a new auth code, in characters.
	DefaultAuthCodeLength = registrars.AuthCodeLength

	agent          = "domainprovisioning"
	maxNameServers = 13
	maxAuthCode    = 255
)

// Config describes an account at a registry and how to reach it.
type Config struct {
	// Address is host:port.
	Address string
	// TLS verifies the registry and shows our certificate. It must not skip the verification.
	TLS *tls.Config
	// Login is the registrar's id, of 3 to 16 characters in ASCII, with single blanks at most.
	Login    string
	Password domains.Secret
	Settings
	// Timeout is the time-out of a command; 0 means DefaultTimeout.
	Timeout time.Duration
	// CallsPerSecond limits the frames of this value; 0 means 10.
	CallsPerSecond float64
	// LargestFrame is in bytes; 0 means DefaultLargestFrame.
	LargestFrame int
	// Funds is told what the account has left when the registry says so; nil means nobody.
	Funds func(spendable float64, currency string)
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// registry carries commands to a registry. Sessions over TLS are one way to do so; the mapping
// in this package knows only objects.
type registry interface {
	// Do sends a command and returns its answer, whatever its code.
	Do(ctx context.Context, transaction objects.Transaction) (objects.Answer, error)
	Offers(ctx context.Context) (objects.Offers, error)
	// Greeting connects, and ends the connection before a login.
	Greeting(ctx context.Context) (objects.Greeting, error)
	ChangePassword(ctx context.Context, password domains.Secret) error
}

// EPP is one account at a registry. It is safe for concurrent use.
type EPP struct {
	registry registry
	password domains.Secret
	settings Settings
	prices   map[string]registrars.Price
	funds    func(spendable float64, currency string)
	now      func() time.Time

	mu      sync.Mutex
	hosts   map[string]bool             // that the registry is known to have
	quotes  map[string]quote            // by domain, command and years
	refused map[string]bool             // svTRIDs of actions that a message has called refused
	moved   map[string]objects.Transfer // by domain, transfers by us whose failure a message has told
	deleted map[string]time.Time        // when domains were deleted that are being restored

	said said
}

var (
	_ registrars.Registrar     = (*EPP)(nil)
	_ registrars.ContactKeeper = (*EPP)(nil)
	_ registrars.HostKeeper    = (*EPP)(nil)
	_ registrars.Canceller     = (*EPP)(nil)
	_ registrars.NoticeQueue   = (*EPP)(nil)
	_ registrars.AuthCodeMaker = (*EPP)(nil)
)

// New returns the plug-in for a configuration whose settings have been checked. It makes no call.
func New(config Config) (*EPP, error) {
	if err := registrars.Mistakes(pluginName, config.check); err != nil {
		return nil, err
	}
	if config.Address == "" || config.TLS == nil || config.TLS.InsecureSkipVerify {
		return nil, errors.New("epp: an address and the verification of the registry are required")
	}
	config.setDefaults()
	prices, err := listedPrices(config.Prices)
	if err != nil {
		return nil, err
	}
	made := &EPP{
		password: config.Password, settings: config.Settings, prices: prices, funds: config.Funds, now: config.Now,
		hosts: map[string]bool{}, quotes: map[string]quote{}, refused: map[string]bool{}, moved: map[string]objects.Transfer{}, deleted: map[string]time.Time{},
		said: said{now: config.Now},
	}
	made.registry = session.NewPool(session.Config{
		Address: config.Address, TLS: config.TLS, Login: config.Login, Password: config.Password, Language: config.Language,
		Without: config.Without, Needs: config.needs(), Most: config.Sessions, Hello: config.HelloEvery, Keep: config.KeepSessions,
		SessionsWait: internal.SessionsWait, Timeout: config.Timeout, LargestFrame: config.LargestFrame, CallsPerSecond: config.CallsPerSecond,
		Agent: agent, Mark: "dp-" + strings.ToLower(registrars.NewAuthCode(markLength).Reveal()), Told: made.said.hear, Now: config.Now,
	})
	return made, nil
}

// markLength is the length of what tells the transactions of processes apart.
const markLength = 12

// Describe implements registrars.Registrar.
func (*EPP) Describe() registrars.Descriptor {
	return registrars.Descriptor{
		Name: pluginName, Title: "EPP registry",
		Kinds: []registrars.Kind{
			registrars.Registration, registrars.Transfer, registrars.Renewal, registrars.Restore, registrars.OwnerChange,
			registrars.ContactChange, registrars.NameServerChange, registrars.AuthCodeChange, registrars.Deletion,
			registrars.DNSSECChange, registrars.LockChange,
		},
		ShortestPoll: internal.ShortestPoll,
		Reads:        registrars.ReadsRegistrar,
		RenewalGuard: registrars.GuardNative,
		Duplicates:   "refused by the registry",
		Prices:       true, TakesAuthCodes: true, BareTransfers: true,
		Assumptions: internal.Assumptions(),
	}
}

// ChangePassword implements registrars.PasswordChanger.
func (e *EPP) ChangePassword(ctx context.Context, password domains.Secret) error {
	err := e.registry.ChangePassword(ctx, password)
	if errors.Is(err, objects.ErrPassword) {
		return errs.Invalid(callLogin, "password", objects.ErrPassword.Error())
	}
	if err != nil {
		failed := e.failure(callLogin, true, err, password.Reveal())
		if refused, ok := errors.AsType[*objects.LoginError](err); ok {
			explain(failed, refused.Answer.Events)
		}
		return failed
	}
	return nil
}
