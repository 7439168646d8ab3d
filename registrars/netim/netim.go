// Package netim registers domains at Netim, by its SOAP API 2.0.
//
// What is special about the API (sources in docs; "assumed" stands in
// internal/assumptions.go, once for each):
//
//	quirk                                                       consequence here
//	no public WSDL; arguments bind by name or position          names and order of the clients in use
//	ten sessions an account, 20 minutes idle                    one shared session, opened lazily, renewed on E02
//	E02: the session has ended, nothing was done                new session, the same call once more
//	sessions are synchronous; the registry may not be           Done, Failed or Pending at once; time-out 90 s
//	no client token: a repeat is a second registration          one send; Find looks before any other
//	a fault: no operation exists; Failed: one exists            error there, Operation here
//	the operation's number is only in the reply                 Find asks for (domainCreate, domain)
//	finished operations cannot be listed                        Find judges by domainInfo
//	STATUS in mixed case, ERROR in the guide is Failed          compared without case; other words are unknown
//	Failed may become Done by the hand of Netim's support       Operation says what is so now
//	the child of a response has many names                      the first child counts
//	members are id_ope or ID_OPE                                compared without case
//	isOwner is 1 for owners and 0 for all others                contacts are kept apart by it
//	exactly five name servers, unused ones empty                two to five are taken
//	the status must not be asked for below every 5 minutes      ShortestPoll
//	no list of fault codes                                      known ones by code, a few by their text (assumed)
package netim

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim/internal"
)

const (
	pluginName = "netim"
	// DefaultTimeout of a call. A synchronous session may hold the answer back
	// while the registry works.
	DefaultTimeout = 90 * time.Second
	// DefaultMaxReplyBytes is the largest reply that is read: some ten thousand
	// pending operations.
	DefaultMaxReplyBytes = 8 << 20
	// ShortestPoll is Netim's floor; every 10 minutes is what it recommends.
	ShortestPoll = 5 * time.Minute

	maxNameServers = 5
	maxLogin       = 8
)

// Config says which account to use, and where.
type Config struct {
	// URL is where calls are posted to, such as https://api.netim.com/2.0/. It must
	// be https, except for a loopback host, and without user or password.
	URL string
	// Login is the reseller's id, 1 to 8 characters; it is sent in upper case.
	Login    string
	Password domains.Secret
	// Language of messages and of contacts: EN (default) or FR.
	Language string
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
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Netim is one reseller account. It is safe for concurrent use.
type Netim struct {
	client   *internal.Client
	language string
	tlds     tldCache
}

var (
	_ registrars.Registrar     = (*Netim)(nil)
	_ registrars.PendingLister = (*Netim)(nil)
	_ registrars.ContactKeeper = (*Netim)(nil)
)

// New checks the configuration. It makes no call, and its errors do not show the
// values.
func New(config Config) (*Netim, error) {
	login := strings.ToUpper(strings.TrimSpace(config.Login))
	language := strings.ToUpper(config.Language)
	if language == "" {
		language = "EN"
	}
	switch {
	case login == "" || len(login) > maxLogin:
		return nil, errors.New("netim: the login must have 1 to 8 characters")
	case config.Password.IsZero():
		return nil, errors.New("netim: the password is empty")
	case language != "EN" && language != "FR":
		return nil, errors.New("netim: the language must be EN or FR")
	case config.Timeout < 0 || config.MaxReplyBytes < 0:
		return nil, errors.New("netim: time-out and size of a reply must not be negative")
	}
	if err := checkURL(config.URL); err != nil {
		return nil, err
	}
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
		}),
		language: language,
		tlds:     tldCache{now: config.Now, entries: map[string]tldEntry{}},
	}, nil
}

func checkURL(raw string) error {
	target, err := url.Parse(raw)
	switch {
	case err != nil || target.Hostname() == "":
		return errors.New("netim: the URL is not valid")
	case target.User != nil:
		return errors.New("netim: the URL must not hold user or password")
	case target.Scheme == "https":
		return nil
	case target.Scheme != "http":
		return errors.New("netim: the URL must be https")
	}
	if ip := net.ParseIP(target.Hostname()); target.Hostname() == "localhost" || ip.IsLoopback() {
		return nil
	}
	return errors.New("netim: the URL must be https: the password is sent with it")
}

// Close ends the session, so that it does not count against the ten of the account
// for another 20 minutes. A later call opens a new one.
func (n *Netim) Close(ctx context.Context) error {
	if err := n.client.Close(ctx); err != nil {
		return failure(call{name: "sessionClose"}, err)
	}
	return nil
}

// Describe implements registrars.Registrar.
func (n *Netim) Describe() registrars.Descriptor {
	return registrars.Descriptor{
		Name: pluginName, Title: "Netim",
		Kinds:        []registrars.Kind{registrars.Registration},
		ShortestPoll: ShortestPoll,
		Assumptions:  internal.Assumptions(),
	}
}

// Submit implements registrars.Registrar with domainCreate. The contacts must have
// handles. A registration that fails because of the DNS check is an error of
// ClassTemporary even where it left an operation: that one has ended without
// effect, and a new one may be asked for when the zone is there.
func (n *Netim) Submit(ctx context.Context, request registrars.Request) (registrars.Operation, error) {
	c := call{name: "domainCreate", writes: true, paid: true}
	if err := checkRequest(request); err != nil {
		return registrars.Operation{}, err
	}
	if len(request.NameServers) < domains.MinNameServers {
		return registrars.Operation{}, invalid(c.name, "nameServers", "at least 2")
	}
	parts := []internal.Part{internal.String("domain", request.Domain.String())}
	for _, role := range registrars.Roles() {
		handle := request.Contacts[role].Handle
		if handle == "" || len(handle) > maxHandle {
			return registrars.Operation{}, invalid(c.name, string(role), "a contact handle of 1 to 12 characters")
		}
		parts = append(parts, internal.String(handlePart(role), handle))
	}
	for i := range maxNameServers {
		host := ""
		if i < len(request.NameServers) {
			host = request.NameServers[i]
		}
		parts = append(parts, internal.String("ns"+strconv.Itoa(i+1), host))
	}
	parts = append(parts, internal.Int("duration", request.Years))
	value, err := n.call(ctx, c, parts...)
	if err != nil {
		return registrars.Operation{}, err
	}
	reply, err := internal.ReadOperation(value)
	if err != nil {
		return registrars.Operation{}, failure(c, err)
	}
	if reply.Type != "" && kindOf(reply.Type) != registrars.Registration {
		return registrars.Operation{}, unknownOutcome(c.name, "the answer is about an operation of another kind")
	}
	operation := operationOf(reply)
	operation.Kind, operation.Domain = registrars.Registration, request.Domain
	if operation.Status == registrars.StatusFailed && internal.DNSCheckFailed(reply.Message) {
		return registrars.Operation{}, &registrars.Error{
			Registrar: pluginName, Call: c.name, Class: registrars.ClassTemporary, Rule: ruleDNSCheck,
			Detail: reply.Message, After: internal.DNSCheckWait,
		}
	}
	return operation, nil
}

func handlePart(role registrars.Role) string {
	switch role {
	case registrars.Owner:
		return "idOwner"
	case registrars.Admin:
		return "idAdmin"
	case registrars.Tech:
		return "idTech"
	default:
		return "idBilling"
	}
}

// Operation implements registrars.Registrar with queryOpe. The API does not say
// there which domain the operation is about.
func (n *Netim) Operation(ctx context.Context, reference string) (registrars.Operation, error) {
	c := call{name: "queryOpe"}
	number, err := strconv.Atoi(reference)
	if err != nil || number <= 0 {
		return registrars.Operation{}, invalid(c.name, "reference", "the number of an operation")
	}
	value, err := n.call(ctx, c, internal.Int("idOpe", number))
	if err != nil {
		return registrars.Operation{}, err
	}
	reply, err := internal.ReadOperation(value)
	if err != nil {
		return registrars.Operation{}, failure(c, err)
	}
	if got, err := strconv.Atoi(reply.ID); err != nil || got != number {
		return registrars.Operation{}, unknownOutcome(c.name, "the answer is about another operation")
	}
	operation := operationOf(reply)
	operation.Reference = reference
	return operation, nil
}

// PendingOperations implements registrars.PendingLister with queryOpePending.
func (n *Netim) PendingOperations(ctx context.Context) ([]registrars.Operation, error) {
	c := call{name: "queryOpePending"}
	value, err := n.call(ctx, c)
	if err != nil {
		return nil, err
	}
	list, err := internal.ReadPending(value)
	if err != nil {
		return nil, failure(c, err)
	}
	operations := make([]registrars.Operation, 0, len(list))
	for _, entry := range list {
		// The object may be a contact's id or a host; a name server that looks like a
		// domain is harmless, because its operation has another kind.
		name, err := domains.ParseName(entry.Data)
		if err != nil {
			name = domains.Name{}
		}
		operations = append(operations, registrars.Operation{
			Reference: entry.ID, Kind: kindOf(entry.Code), Domain: name,
			Status: registrars.StatusPending, Word: "Pending",
		})
	}
	return operations, nil
}

// Find implements registrars.Registrar: the pending operation of the request,
// otherwise the domain itself. An operation that ends between the two questions
// shows in the second.
//
// A domain in this account is taken for the result of the request. That it was
// there before cannot be seen here, because the time of the request is not known;
// but then Check had found the name taken before the first submission. Nor is the
// holder compared: a person may have corrected the contact since.
func (n *Netim) Find(ctx context.Context, request registrars.Request) (registrars.Finding, error) {
	if request.Kind != registrars.Registration || request.Domain.IsZero() {
		return registrars.Finding{}, invalid("queryOpePending", "kind", "registration of a domain")
	}
	pending, err := n.PendingOperations(ctx)
	if err != nil {
		return registrars.Finding{}, err
	}
	for _, operation := range pending {
		if operation.Kind == request.Kind && operation.Domain == request.Domain {
			return registrars.Finding{State: registrars.FoundOperation, Operation: operation}, nil
		}
	}
	domain, err := n.ReadDomain(ctx, request.Domain)
	switch {
	case err == nil && domain.Active:
		return registrars.Finding{State: registrars.FoundObject, Operation: registrars.Operation{
			Kind: request.Kind, Domain: request.Domain, Status: registrars.StatusDone, Word: domain.Word,
		}}, nil
	case err == nil:
		return registrars.Finding{State: registrars.Unclear}, nil
	}
	switch registrars.ClassOf(err) {
	case registrars.ClassNotFound:
		return registrars.Finding{State: registrars.FoundNothing}, nil
	case registrars.ClassRejected, registrars.ClassInvalid, registrars.ClassOutcomeUnknown:
		// The registrar answered, and not in a way that says "not here".
		return registrars.Finding{State: registrars.Unclear}, nil
	}
	return registrars.Finding{}, err
}

// ReadDomain implements registrars.Registrar with domainInfo.
func (n *Netim) ReadDomain(ctx context.Context, name domains.Name) (registrars.Domain, error) {
	c := call{name: "domainInfo"}
	if name.IsZero() {
		return registrars.Domain{}, invalid(c.name, "domain", "required")
	}
	value, err := n.call(ctx, c, internal.String("domain", name.String()))
	if err != nil {
		return registrars.Domain{}, err
	}
	reply, err := internal.ReadDomain(value)
	if err != nil {
		return registrars.Domain{}, failure(c, err)
	}
	if got, err := domains.ParseName(reply.Domain); err != nil || got != name {
		return registrars.Domain{}, unknownOutcome(c.name, "the answer is about another domain")
	}
	domain := registrars.Domain{
		Name: name, Handles: map[registrars.Role]string{registrars.Owner: reply.Owner}, Word: reply.Status, Active: internal.Active(reply.Status),
		Created: date(reply.Created), Expires: date(reply.Expires),
	}
	for _, server := range reply.NameServers {
		host, err := domains.ParseHost(server)
		if err != nil {
			host = server // shown as it is: a difference for the reader
		}
		domain.NameServers = append(domain.NameServers, host)
	}
	return domain, nil
}

// date reads YYYY-MM-DD, with or without a time behind it; zero for anything else.
func date(text string) time.Time {
	day, err := time.Parse(time.DateOnly, text[:min(len(text), len(time.DateOnly))])
	if err != nil {
		return time.Time{}
	}
	return day
}

// kindOf maps operation codes. They differ in case from the names of functions.
func kindOf(code string) registrars.Kind {
	switch strings.ToLower(code) {
	case "domaincreate", "domaincreatelp":
		return registrars.Registration
	}
	return ""
}

func operationOf(reply internal.Operation) registrars.Operation {
	return registrars.Operation{
		Reference: reply.ID, Kind: kindOf(reply.Type),
		Status: statusOf(reply.Status), Word: reply.Status, Reason: reply.Message,
	}
}

func statusOf(word string) registrars.Status {
	switch strings.ToLower(word) {
	case "done":
		return registrars.StatusDone
	case "pending":
		return registrars.StatusPending
	case "failed", "error":
		return registrars.StatusFailed
	case "cancelled":
		return registrars.StatusCancelled
	}
	return registrars.StatusUnknown
}
