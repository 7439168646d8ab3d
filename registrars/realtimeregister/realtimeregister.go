// Package realtimeregister registers domains at Realtime Register, by its REST API v2.
//
// What is special about the API (docs/protocols/realtime-register.md says how
// it is known; "assumed" stands in internal/assumptions.go, once for each):
//
//	quirk                                                       consequence here
//	200 and 201 are done, 202 goes on, with like bodies         the status code decides
//	a process's number comes in the header X-Process-Id         read there, else from the body
//	a 202 without a number                                      outcome unknown; Find looks for the process
//	no client token: a repeat is a second change                one send; Find looks before any other
//	most errors are 400                                         the type decides, by the table in errors.go
//	IN_DOUBT: nobody knows what the registry did                StatusUnknown, watched on; so are unknown words
//	a list without a limit has ten entries                      the limit is always sent, and pages are turned
//	charges may have to be acknowledged                         quoted first (?quote=true), the quote is sent back
//	a quote is a full dry run                                   Check makes one where contacts are known
//	renewals carry no expected expiry date                      Find compares dates before and after
//	periods are months                                          years times twelve, as the TLD data list them
//	autoRenew defaults to true, privacyProtect to the account   both are always sent, off unless ordered
//	handles are chosen by the caller                            derived from the contact: a repeat makes no second one
//	a contact is shared by all domains that use it              contacts are never changed; other data, other handle
//	registries ask for contact properties                       from Contact.Extra, checked by the TLD data
//	status on update is the whole list                          the domain is read, one lock is put in or taken out
//	ns and zone, keyData and dsData exclude each other          one of them is sent
//	templates have handles, orders numbers                      handle template-N, a setting
//	404, ObjectDoesNotExist and 403 are all "not ours"          ClassNotFound when read; Find believes no 403
//	an unknown field in a request is an error                   nothing is sent that section 7 does not list
//	a webhook's signature covers no timestamp                   ErrCallbackStale never arises; replays are told by the id
//	three forms of the signature are possible                   all are accepted, each compared in constant time
//	webhooks and the queue bear the same notification id        one event, whichever way it comes
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
	// DefaultTimeout of a call that changes something.
	DefaultTimeout = internal.WriteTimeout
	// DefaultReadTimeout of a call that reads.
	DefaultReadTimeout = internal.ReadTimeout
	// DefaultMaxReplyBytes is the largest reply that is read: a page of a thousand
	// processes.
	DefaultMaxReplyBytes = 8 << 20
	// DefaultRequestsPerSecond of a process.
	DefaultRequestsPerSecond = internal.RequestsPerSecond
	// DefaultTemplatePrefix begins the handles of zone templates.
	DefaultTemplatePrefix = internal.TemplatePrefix

	maxNameServers = 10
	maxAuthCode    = 64
	maxWebhookKeys = 2
)

// Config says which account to use, and where.
type Config struct {
	// URL is the base of the API, such as https://api.yoursrs.com/. It must be https,
	// except for a loopback host, and without user or password.
	URL string
	// Customer is the handle of the reseller account.
	Customer string
	// APIKey is the key of an API user.
	APIKey domains.Secret
	// WebhookKeys are the HMAC keys with which webhooks may be signed: the account's,
	// and for the time of a change the former one. Without any, no webhook is taken.
	WebhookKeys []domains.Secret
	Settings
	// Timeout of a call that changes something, ReadTimeout of one that reads; 0 is
	// the default, and no read takes longer than Timeout.
	Timeout, ReadTimeout time.Duration
	// MaxReplyBytes is the largest reply; 0 is DefaultMaxReplyBytes.
	MaxReplyBytes int64
	// RequestsPerSecond of this value; 0 is DefaultRequestsPerSecond.
	RequestsPerSecond float64
	// HTTPClient replaces our own. Its redirect policy and cookies are not used.
	HTTPClient *http.Client
	// Dump, for debugging, gets every request and reply ("request", "reply") without
	// key and auth codes, but with personal data. It may be called from several
	// goroutines.
	Dump func(direction string, document []byte)
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// RealtimeRegister is one reseller account. It is safe for concurrent use.
type RealtimeRegister struct {
	client         *internal.Client
	customer       string
	webhookKeys    [][]byte
	templatePrefix string
	creditLimit    int64
	now            func() time.Time
	tlds           tldCache
}

var (
	_ registrars.Registrar       = (*RealtimeRegister)(nil)
	_ registrars.PendingLister   = (*RealtimeRegister)(nil)
	_ registrars.ContactKeeper   = (*RealtimeRegister)(nil)
	_ registrars.Canceller       = (*RealtimeRegister)(nil)
	_ registrars.CallbackDecoder = (*RealtimeRegister)(nil)
	_ registrars.NoticeQueue     = (*RealtimeRegister)(nil)
)

// plainHandle is what customers, contacts and templates may be called.
var plainHandle = regexp.MustCompile(`^[a-zA-Z0-9\-_@.]{3,40}$`)

// New checks the configuration. It makes no call, and its errors do not show the
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
		customer: config.Customer, templatePrefix: config.TemplatePrefix, creditLimit: config.CreditLimitCents,
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
		Assumptions:  internal.Assumptions(),
	}
}
