// Package realtimeregister registers domains at Realtime Register through its REST API
// v2.
//
// The quirks of the API. docs/protocols/realtime-register.md says how each is known;
// those marked "assumed" are in internal/assumptions.go:
//
//	quirk                                                       consequence here
//	200 and 201: done; 202: in progress; similar bodies         the status code decides
//	a process's number comes in the header X-Process-Id         read there, or else from the body
//	a 202 without a number                                      outcome unknown; Find looks for the process
//	no client token: a repeat is a second change                sent once; Find looks before any second send
//	most errors are 400                                         the type decides, by the table in errors.go
//	IN_DOUBT: nobody knows what the registry did                StatusUnknown, as for unknown words; we go on watching
//	a list without a limit has ten entries                      we always send the limit, and read every page
//	charges may have to be acknowledged                         we get a quote first (?quote=true) and send it back
//	a quote is a full dry run                                   Check makes one if the contacts are known
//	renewals carry no expected expiry date                      Find compares dates before and after
//	periods are months                                          years times twelve; the TLD data list them
//	autoRenew defaults to true, privacyProtect to the account   we always send both, off unless ordered
//	handles are chosen by the caller                            derived from the contact, so a repeat creates no second one
//	a contact is shared by all domains that use it              we never change contacts; other data have another handle
//	registries require contact properties                       from Contact.Extra, checked against the TLD data
//	status on update is the whole list                          we read the domain, and add or remove one lock
//	ns and zone, keyData and dsData exclude each other          we send one of them
//	a host has no number of ours                                looked for by its name, and made once
//	names have limits and languages (domainSyntax)              compared before the name is registered
//	templates have handles, orders numbers                      handle template-N; the prefix is a setting
//	404, ObjectDoesNotExist and 403 are all "not ours"          ClassNotFound for reads; Find does not believe a 403
//	an unknown field in a request is an error                   we send nothing that section 7 does not list
//	a webhook's signature covers no timestamp                   ErrCallbackStale never arises; the id shows replays
//	three forms of the signature are possible                   we accept all, and compare each in constant time
//	webhooks and the queue use the same notification id         one event, by whichever way it comes
package realtimeregister

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister/internal"
)

const (
	pluginName = "realtimeregister"
	errs       = registrars.Errors(pluginName)
	// DefaultTimeout is the time-out of a call that changes something.
	DefaultTimeout = internal.WriteTimeout
	// DefaultReadTimeout is the time-out of a call that reads.
	DefaultReadTimeout = internal.ReadTimeout
	// DefaultMaxReplyBytes is the size of the largest reply that is read, enough for a
	// page of a thousand processes.
	DefaultMaxReplyBytes = 8 << 20
	// DefaultRequestsPerSecond is the rate of requests of one process.
	DefaultRequestsPerSecond = internal.RequestsPerSecond
	// DefaultTemplatePrefix begins the handles of zone templates.
	DefaultTemplatePrefix = internal.TemplatePrefix

	maxNameServers = 10
	maxAuthCode    = 64
	maxWebhookKeys = 2
)

// Config describes an account and where to reach it.
type Config struct {
	// URL is the base of the API, such as https://api.yoursrs.com/. It must be https,
	// except for a loopback host, and without user or password.
	URL string
	// Customer is the handle of the reseller account.
	Customer string
	// APIKey is the key of an API user.
	APIKey domains.Secret
	// WebhookKeys are the HMAC keys that webhooks may be signed with: the account's and,
	// while it is being replaced, the previous one. Without any key, no webhook is
	// accepted.
	WebhookKeys []domains.Secret
	Settings
	// Timeout is the time-out of a call that changes something, ReadTimeout that of a
	// call that reads; 0 means the default. No read takes longer than Timeout.
	Timeout, ReadTimeout time.Duration
	// MaxReplyBytes is the largest reply; 0 means DefaultMaxReplyBytes.
	MaxReplyBytes int64
	// RequestsPerSecond limits the requests of this value; 0 means
	// DefaultRequestsPerSecond.
	RequestsPerSecond float64
	// HTTPClient replaces our own. Its redirect policy and cookies are not used.
	HTTPClient *http.Client
	// Dump, for debugging, receives every request and reply (direction "request" or
	// "reply") without key and auth codes, but with personal data. It may be called from
	// several goroutines.
	Dump func(direction string, document []byte)
	// Funds is told what the account may spend when that has been read before a request is paid
	// for; nil means nobody.
	Funds func(spendable float64, currency string)
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// RealtimeRegister is one reseller account. It is safe for concurrent use.
type RealtimeRegister struct {
	client         *internal.Client
	customer       string
	webhookKeys    [][]byte
	templatePrefix string
	creditLimit    int64
	funds          func(spendable float64, currency string)
	now            func() time.Time
	tlds           tldCache
	listed         priceCache
}

var (
	_ registrars.Registrar       = (*RealtimeRegister)(nil)
	_ registrars.PendingLister   = (*RealtimeRegister)(nil)
	_ registrars.ContactKeeper   = (*RealtimeRegister)(nil)
	_ registrars.HostKeeper      = (*RealtimeRegister)(nil)
	_ registrars.Canceller       = (*RealtimeRegister)(nil)
	_ registrars.PhaseTeller     = (*RealtimeRegister)(nil)
	_ registrars.DomainLister    = (*RealtimeRegister)(nil)
	_ registrars.CallbackDecoder = (*RealtimeRegister)(nil)
	_ registrars.NoticeQueue     = (*RealtimeRegister)(nil)
)

// plainHandle matches the handles that customers, contacts and templates may have.
var plainHandle = regexp.MustCompile(`^[a-zA-Z0-9\-_@.]{3,40}$`)

// New checks the configuration. It makes no call, and its errors do not contain the
// values.
func New(config Config) (*RealtimeRegister, error) {
	if err := registrars.Mistakes(pluginName, config.check); err != nil {
		return nil, err
	}
	config.setDefaults()
	r := &RealtimeRegister{
		client: internal.NewClient(internal.Config{
			URL: strings.TrimSuffix(config.URL, "/") + "/", APIKey: config.APIKey.Reveal(),
			WriteTimeout: config.Timeout, ReadTimeout: min(config.ReadTimeout, config.Timeout),
			MaxReplyBytes: config.MaxReplyBytes, RequestsPerSecond: config.RequestsPerSecond,
			HTTPClient: config.HTTPClient, Dump: config.Dump, Now: config.Now,
		}),
		customer: config.Customer, templatePrefix: config.TemplatePrefix, creditLimit: config.CreditLimitCents, funds: config.Funds,
		now: config.Now, tlds: tldCache{now: config.Now, entries: map[string]tldEntry{}},
	}
	for _, key := range config.WebhookKeys {
		r.webhookKeys = append(r.webhookKeys, []byte(key.Reveal()))
	}
	return r, nil
}

// Describe implements registrars.Registrar.
func (*RealtimeRegister) Describe() registrars.Descriptor {
	return registrars.Descriptor{
		Name: pluginName, Title: "Realtime Register",
		Kinds:        registrars.Kinds(),
		ShortestPoll: internal.ShortestPoll,
		Reads:        registrars.ReadsRegistrar,
		RenewalGuard: registrars.GuardCompared,
		Duplicates:   "not known",
		Prices:       true,
		Assumptions:  internal.Assumptions(),
	}
}
