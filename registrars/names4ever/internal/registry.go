package internal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/openrdap/rdap"
	"github.com/openrdap/rdap/bootstrap"

	"domainprovisioning/wire/exchange"
)

// Limits of a call to RDAP or the DNS.
const (
	registryTimeout = 15 * time.Second
	maxRDAPBytes    = 4 << 20 // IANA's list of servers is some 100 kB
)

// What a Registry may find instead of a domain.
var (
	ErrNotRegistered = errors.New("not registered")
	ErrNotDelegated  = errors.New("not delegated")
	// ErrNoRDAP says that the top-level domain has no RDAP server.
	ErrNoRDAP = errors.New("the top-level domain has no RDAP server")
)

// Resolver asks the DNS; *net.Resolver is one.
type Resolver interface {
	LookupNS(ctx context.Context, name string) ([]*net.NS, error)
}

// Registry looks at domains from outside: at the registry's data in RDAP, and at
// the delegation in the DNS. It is safe for concurrent use.
type Registry struct {
	server    *url.URL // nil: found through IANA's list
	http      *http.Client
	resolver  Resolver
	bootstrap *bootstrap.Client
	// turn guards bootstrap, which is not safe for concurrent use.
	turn chan struct{}
}

// NewRegistry returns a Registry. server is the base URL of the only RDAP server to
// ask; if it is nil, list is the base URL of the list of servers (nil: IANA's).
func NewRegistry(server, list *url.URL, client *http.Client, resolver Resolver) *Registry {
	own := exchange.PublicClient(client, server, list)
	base := own.Transport
	if base == nil {
		base = http.DefaultTransport
	}
	own.Transport = limited{base}
	if resolver == nil {
		resolver = &net.Resolver{}
	}
	return &Registry{
		server: server, http: own, resolver: resolver,
		bootstrap: &bootstrap.Client{HTTP: own, BaseURL: list}, turn: make(chan struct{}, 1),
	}
}

// Entry is a registered domain. Fields that the registry does not show are zero.
type Entry struct {
	NameServers      []string
	Status           []string
	Created, Expires time.Time // UTC
	// Organisation is the registrant's; it is "" if the text hides it.
	Organisation string
}

// Lookup asks RDAP. Errors: ErrNotRegistered, ErrNoRDAP; any other error means that
// there was no usable answer.
func (r *Registry) Lookup(ctx context.Context, name string) (*Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, registryTimeout)
	defer cancel()
	servers, err := r.servers(ctx, name)
	if err != nil {
		return nil, err
	}
	for _, server := range servers {
		var entry *Entry
		if entry, err = r.ask(ctx, server, name); err == nil || errors.Is(err, ErrNotRegistered) {
			return entry, err
		}
	}
	return nil, err
}

func (r *Registry) servers(ctx context.Context, name string) ([]*url.URL, error) {
	if r.server != nil {
		return []*url.URL{r.server}, nil
	}
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-r.turn }()
	question := (&bootstrap.Question{RegistryType: bootstrap.DNS, Query: name}).WithContext(ctx)
	answer, err := r.bootstrap.Lookup(question)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the list of RDAP servers: %w", exchange.SafeCause(err))
	case len(answer.URLs) == 0:
		return nil, ErrNoRDAP
	}
	// Some are listed with http as well.
	slices.SortStableFunc(answer.URLs, func(a, b *url.URL) int { return strings.Compare(b.Scheme, a.Scheme) })
	return answer.URLs, nil
}

func (r *Registry) ask(ctx context.Context, server *url.URL, name string) (*Entry, error) {
	// The library modifies the URL that it is given.
	base := *server
	question := (&rdap.Request{Type: rdap.DomainRequest, Query: name, Server: &base}).WithContext(ctx)
	reply, err := (&rdap.Client{HTTP: r.http}).Do(question)
	if err != nil {
		return nil, rdapCause(ctx, server, reply, err)
	}
	found, ok := reply.Object.(*rdap.Domain)
	if !ok || !strings.EqualFold(strings.TrimSuffix(found.LDHName, "."), name) {
		return nil, errors.New("RDAP: the answer is about something else")
	}
	return entryOf(found), nil
}

// rdapCause separates "no such domain" from all other errors.
func rdapCause(ctx context.Context, server *url.URL, reply *rdap.Response, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("RDAP: %w", ctx.Err())
	}
	if reply == nil || len(reply.HTTP) == 0 {
		return errors.New("RDAP: the answer cannot be read")
	}
	last := reply.HTTP[len(reply.HTTP)-1]
	cause, classified := errors.AsType[*rdap.ClientError](err)
	switch {
	case last.Error != nil && last.Response == nil, errors.Is(last.Error, exchange.ErrNotPublic):
		return fmt.Errorf("RDAP: %w", exchange.SafeCause(last.Error))
	case classified && cause.Type == rdap.ObjectDoesNotExist && tellsAbsence(server, last):
		return ErrNotRegistered
	case last.Response != nil && last.Response.StatusCode != http.StatusOK:
		return fmt.Errorf("RDAP: HTTP status %d", last.Response.StatusCode)
	}
	return errors.New("RDAP: the answer cannot be read")
}

// tellsAbsence reports whether a 404 says that the registry does not have the name: it comes
// from the server that was asked (RFC 7480, 5.3: its body may be empty), or is an RDAP answer.
// Any other server that a redirect leads to has a 404 for whatever it does not know.
func tellsAbsence(server *url.URL, last *rdap.HTTPResponse) bool {
	if strings.EqualFold(last.Response.Request.URL.Host, server.Host) {
		return true
	}
	var answer struct {
		ErrorCode int `json:"errorCode"`
	}
	return json.Unmarshal(last.Body, &answer) == nil && answer.ErrorCode == http.StatusNotFound
}

func entryOf(d *rdap.Domain) *Entry {
	entry := &Entry{Status: slices.Clone(d.Status)}
	for _, ns := range d.Nameservers {
		if ns.LDHName != "" {
			entry.NameServers = append(entry.NameServers, host(ns.LDHName))
		}
	}
	for _, event := range d.Events {
		// RFC 3339 also allows a small t and z.
		at, err := time.Parse(time.RFC3339, strings.ToUpper(event.Date))
		switch {
		case err != nil:
		case strings.EqualFold(event.Action, "registration"):
			entry.Created = at.UTC()
		case strings.EqualFold(event.Action, "expiration"):
			entry.Expires = at.UTC()
		}
	}
	for _, entity := range d.Entities {
		if !slices.Contains(entity.Roles, "registrant") || entity.VCard == nil {
			continue
		}
		if shown := organisation(entity.VCard); !Hidden(shown) {
			entry.Organisation = shown
		}
	}
	return entry
}

// organisation is the name of an organisation without those of its units, which follow it in a
// list (RFC 6350, 6.6.4; RFC 7095, 3.3.1.3).
func organisation(card *rdap.VCard) string {
	property := card.GetFirst("org")
	if property == nil {
		return ""
	}
	value := property.Value
	if parts, ok := value.([]any); ok && len(parts) > 0 {
		value = parts[0]
	}
	name, _ := value.(string)
	return strings.TrimSpace(name)
}

// Delegation asks the DNS for the name servers. Errors: ErrNotDelegated; any other
// error means that the DNS is inconclusive.
func (r *Registry) Delegation(ctx context.Context, name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, registryTimeout)
	defer cancel()
	// The final dot bypasses the machine's search list.
	records, err := r.resolver.LookupNS(ctx, name+".")
	if cause, ok := errors.AsType[*net.DNSError](err); ok && cause.IsNotFound && len(records) == 0 {
		return nil, ErrNotDelegated
	}
	if err != nil {
		return nil, fmt.Errorf("DNS: %w", exchange.SafeCause(err))
	}
	if len(records) == 0 {
		return nil, ErrNotDelegated
	}
	hosts := make([]string, 0, len(records))
	for _, record := range records {
		hosts = append(hosts, host(record.Host))
	}
	return hosts, nil
}

func host(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// limited limits the size of the bodies of replies, which the library reads whole.
// A truncated body is not valid JSON.
type limited struct{ base http.RoundTripper }

func (l limited) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := l.base.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	response.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(response.Body, maxRDAPBytes), response.Body}
	return response, nil
}
