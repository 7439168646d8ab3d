// Package names4ever registers domains at Names4Ever through its "Pirin" XML.
//
// The quirks of the API. docs/protocols/names4ever.md says how each is known; those
// marked "assumed" are in internal/assumptions.go:
//
//	quirk                                                    consequence here
//	the DTDs are not public; the manual shows no example     a derived grammar, in the order of a client in use
//	the service may no longer run                            URL, content type and plan are settings
//	one document in, one out; nothing is ever pending        Synchronous; Operation has nothing to read
//	no query of any kind                                     Find, ReadDomain and Check look at RDAP and DNS
//	the request's id is a label, not a guard                 derived from Request.Key; sent once, never repeated
//	a reply may have another id                              not used; the outcome is unknown
//	two levels of status                                     one operation per request; the domain's own status decides
//	success is the integer 0; no other code is known         any other is a permanent refusal, unless CodeClasses differs
//	two passwords: the partner's and the domain's            both are kept out of errors and dumps
//	without the domain's password no change is possible      without one, refused before it is sent
//	the registrant is an organisation outside the contacts   a person without a company is sent by name (assumed)
//	countries have three letters                             converted from two
//	telephone numbers as +1 (NNN) NNN-NNNN                   ten digits for country code 1, others similar (assumed)
//	no element for what a registry asks in addition          refused, because it would be lost (Contact.UntakenExtra)
//	1 to 4 name servers, numbered from 1                     numbered in their order
//	HTTP status other than 200                               says nothing: the outcome is unknown
//	no transfer, no renewal, no settings                     refused before anything is sent
package names4ever

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/names4ever/internal"
)

const (
	pluginName = "names4ever"
	errs       = registrars.Errors(pluginName)
	// DefaultTimeout is the time-out of a call. The server may ask a registry before
	// it answers.
	DefaultTimeout = 90 * time.Second
	// DefaultMaxReplyBytes is the size of the largest reply that is read.
	DefaultMaxReplyBytes = 1 << 20
	// DefaultContentType is the Content-Type of a request.
	DefaultContentType = internal.DefaultContentType
)

// Resolver asks the DNS which hosts a name is delegated to; *net.Resolver is one.
// For a name without delegation it returns a *net.DNSError with IsNotFound.
type Resolver interface {
	LookupNS(ctx context.Context, name string) ([]*net.NS, error)
}

// Config describes an account and where to reach it.
type Config struct {
	// URL is where documents are posted to, such as
	// https://www.names4ever.com/PirinLink/Pirin.exe. It must be https, except for a
	// loopback host, and without user or password.
	URL string
	// Login is the reseller's id and Password its password.
	Login    string
	Password domains.Secret
	Settings
	// Timeout is the time-out of a call; 0 means DefaultTimeout.
	Timeout time.Duration
	// MaxReplyBytes is the largest reply; 0 means DefaultMaxReplyBytes.
	MaxReplyBytes int64
	// Resolver asks the DNS; nil means Settings.DNSServer, or else the machine's
	// resolver.
	Resolver Resolver
	// HTTPClient replaces our own, for calls and for RDAP. Its cookies are not used,
	// nor is its redirect policy for calls.
	HTTPClient *http.Client
	// Dump, for debugging, receives every request and reply (direction "request" or
	// "reply") without passwords, but with personal data. It may be called from
	// several goroutines.
	Dump func(direction string, document []byte)
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Names4Ever is one partner account. It is safe for concurrent use.
type Names4Ever struct {
	client                *internal.Client
	registry              *internal.Registry
	codeClasses           map[int]registrars.Class
	requestStatusIsEnough bool
}

var _ registrars.Registrar = (*Names4Ever)(nil)

// New checks the configuration. It makes no call, and its errors do not contain the
// values.
func New(config Config) (*Names4Ever, error) {
	if err := registrars.Mistakes(pluginName, config.check); err != nil {
		return nil, err
	}
	var rdapServer *url.URL
	if config.RDAPURL != "" {
		var err error
		if rdapServer, err = url.Parse(config.RDAPURL); err != nil {
			return nil, fmt.Errorf("names4ever: URL of RDAP: %w", err)
		}
	}
	config.setDefaults()
	return &Names4Ever{
		client: internal.NewClient(internal.Config{
			URL: config.URL, ContentType: config.ContentType, Login: strings.TrimSpace(config.Login),
			Password: config.Password.Reveal(), PlanID: strings.TrimSpace(config.PlanID),
			Timeout: config.Timeout, MaxReplyBytes: config.MaxReplyBytes,
			HTTPClient: config.HTTPClient, Dump: config.Dump, Now: config.Now,
		}),
		registry:              internal.NewRegistry(rdapServer, nil, config.HTTPClient, config.Resolver),
		codeClasses:           maps.Clone(config.CodeClasses),
		requestStatusIsEnough: config.RequestStatusIsEnough,
	}, nil
}

// Describe implements registrars.Registrar.
func (*Names4Ever) Describe() registrars.Descriptor {
	return registrars.Descriptor{
		Name: pluginName, Title: "Names4Ever",
		Kinds: []registrars.Kind{
			registrars.Registration, registrars.ContactChange, registrars.NameServerChange, registrars.Deletion,
		},
		Synchronous:    true,
		Reads:          registrars.ReadsOutside,
		RenewalGuard:   registrars.GuardNone,
		Duplicates:     "not known",
		DomainPassword: true,
		Assumptions:    internal.Assumptions(),
	}
}

// Operation implements registrars.Registrar. The API has no queries, and an answer
// to Submit is final, so there is nothing to read.
func (n *Names4Ever) Operation(context.Context, string) (registrars.Operation, error) {
	return registrars.Operation{}, errs.Invalid("operation", "reference", "answers are final at once: there is nothing to ask for")
}
