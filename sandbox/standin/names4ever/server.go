// Package names4ever is a stand-in of the Names4Ever "Pirin" XML interface and of the
// registry's RDAP server and the DNS behind it, written from the protocol document
// and not from our client. It enforces the documented rules and the derived grammar.
// Assumptions are in assumed.go.
package names4ever

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/sandbox/standin/calls"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/wire/exchange"
)

// Call is a recorded call; see calls.Call.
type Call = calls.Call

// The paths of the two interfaces.
const (
	Path     = "/PirinLink/Pirin.exe"
	RDAPPath = "/rdap" // the base URL of the RDAP server
)

// The methods, as faults and the record of calls name them. A request with several
// operations is named after its first one.
const (
	AddDomain    = "add-domain"
	ModifyDomain = "modify-domain"
	DeleteDomain = "delete-domain"
	RDAP         = "rdap"
)

const maxRequest = 1 << 20

// Options configure a Server.
type Options struct {
	// Login (reseller id), Password and PlanID are the partner's. Empty means "1001",
	// "secret" and "7".
	Login, Password, PlanID string
	// Delay is the delay of every request.
	Delay time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Server is the stand-in, an http.Handler; see the package comment.
type Server struct {
	// Faults decides what goes wrong.
	Faults *faults.Injector

	options Options
	log     calls.Log

	mu            sync.Mutex
	registrations map[string]*registration
	taken         map[string]time.Time // when they were registered elsewhere
	effects       map[effect]int
	sent          map[effect]Sent
	unwanted      map[string]bool // e-mail addresses of holders whom the registry refuses
	rdapDown      bool
	dnsDown       bool
}

type effect struct{ method, domain string }

// New returns a Server without registrations.
func New(options Options) *Server {
	for _, value := range []struct {
		given    *string
		fallback string
	}{{&options.Login, "1001"}, {&options.Password, "secret"}, {&options.PlanID, "7"}} {
		if *value.given == "" {
			*value.given = value.fallback
		}
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	return &Server{
		Faults: &faults.Injector{Applies: applies, Methods: []string{AddDomain, ModifyDomain, DeleteDomain, RDAP}}, options: options,
		registrations: map[string]*registration{}, taken: map[string]time.Time{}, effects: map[effect]int{}, sent: map[effect]Sent{}, unwanted: map[string]bool{},
	}
}

// applies excludes the faults that only other systems know.
func applies(kind faults.Kind, _ string) bool {
	return slices.Contains([]faults.Kind{
		faults.Delay, faults.Late, faults.HTTPError, faults.RateLimit, faults.CutBefore, faults.CutAfter, faults.Malformed, faults.Quote,
	}, kind)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, rdap := strings.CutPrefix(r.URL.Path, RDAPPath+"/domain/")
	switch {
	case rdap && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		s.serveRDAP(w, r, name)
	case r.URL.Path != Path:
		http.NotFound(w, r)
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
	default:
		s.serve(w, r)
	}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	document, err := exchange.ReadBody(r.Body, r.ContentLength, maxRequest)
	if err != nil {
		http.Error(w, "cannot be read", http.StatusBadRequest)
		return
	}
	asked, refused := parse(document)
	if refused != nil {
		calls.Write(w, refused.reply(asked.ID))
		return
	}
	method := asked.Operations[0].XMLName.Local
	s.log.Serve(w, r, calls.Exchange{
		Method: method, At: s.options.Now(), Delay: s.options.Delay, Decision: s.Faults.Begin(method), Body: document,
		Quote:  func(text string) calls.Reply { return refuse(CodeInvalid, text).reply(asked.ID) },
		Effect: func() calls.Reply { return s.effect(asked) },
	})
}

// effect carries out the operations one by one; a refused operation does not stop the
// others.
func (s *Server) effect(asked request) calls.Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if refused := s.authenticate(asked.Reseller); refused != nil {
		return refused.reply(asked.ID)
	}
	answer := response{Version: version, RequestID: asked.ID, Status: success("OK")}
	outcome := calls.OK
	for _, operation := range asked.Operations {
		done, refused := s.carryOut(operation)
		if refused != nil {
			outcome, done = calls.Refused, status(*refused)
		}
		answer.Domains = append(answer.Domains, domain{FQDN: operation.FQDN, Status: done})
	}
	return answer.reply(outcome)
}

func (s *Server) authenticate(by reseller) *refusal {
	if by.ID != s.options.Login || by.Password != s.options.Password || by.PlanID != s.options.PlanID {
		return refuse(CodeLogin, "Authentication failed")
	}
	return nil
}

func (s *Server) carryOut(o operation) (status, *refusal) {
	if o.FQDN == "" {
		return status{}, refuse(CodeInvalid, "fqdn is required")
	}
	parsed, err := domains.ParseName(o.FQDN)
	if err != nil {
		return status{}, refuse(CodeInvalid, "fqdn is not a domain name")
	}
	if o.Password == "" {
		return status{}, refuse(CodeInvalid, "password is required")
	}
	name := parsed.String()
	var refused *refusal
	var text string
	switch o.XMLName.Local {
	case AddDomain:
		text, refused = "Registered", s.add(name, o)
	case ModifyDomain:
		text, refused = "Modified", s.modify(name, o)
	case DeleteDomain:
		text, refused = "Deleted", s.delete(name, o)
	}
	if refused != nil {
		return status{}, refused
	}
	s.effects[effect{o.XMLName.Local, name}]++
	s.sent[effect{o.XMLName.Local, name}] = o.sent()
	return success(text), nil
}

func (s *Server) add(name string, o operation) *refusal {
	_, takenThere := s.taken[name]
	years, refused := o.years()
	switch {
	case refused != nil:
		return refused
	case o.Organization == "":
		return refuse(CodeInvalid, "organization is required")
	case len(o.NameServers) == 0:
		return refuse(CodeInvalid, "1 to 4 name servers are required")
	case !slices.Contains(o.types(), "admin"):
		return refuse(CodeInvalid, "an admin contact is required")
	case s.registrations[name] != nil || takenThere:
		return refuse(CodeTaken, "The domain is registered already")
	}
	if refused := o.check(); refused != nil {
		return refused
	}
	if s.unwanted[o.email()] {
		return refuse(CodeHolder, "The registry does not accept the holder")
	}
	now := s.options.Now().UTC()
	s.registrations[name] = &registration{
		organisation: o.Organization, nameServers: o.hosts(), contacts: o.types(), email: o.email(), password: o.Password,
		created: now, expires: now.AddDate(years, 0, 0), years: years,
	}
	return nil
}

// ours finds a registration and checks its password.
func (s *Server) ours(name string, o operation) (*registration, *refusal) {
	have := s.registrations[name]
	switch {
	case have == nil:
		return nil, refuse(CodeNotFound, "No such domain in this account")
	case have.password != o.Password:
		return nil, refuse(CodePassword, "Wrong domain password")
	}
	return have, nil
}

func (s *Server) modify(name string, o operation) *refusal {
	have, refused := s.ours(name, o)
	if refused == nil {
		refused = o.check()
	}
	switch {
	case refused != nil:
		return refused
	case len(o.NameServers) == 0 && len(o.Contacts) == 0:
		return refuse(CodeInvalid, "Nothing to modify")
	}
	if len(o.NameServers) > 0 {
		have.nameServers = o.hosts()
	}
	for _, kind := range o.types() {
		if !slices.Contains(have.contacts, kind) {
			have.contacts = append(have.contacts, kind)
		}
	}
	if o.Organization != "" {
		have.organisation = o.Organization
	}
	have.email = cmp.Or(o.email(), have.email)
	return nil
}

func (s *Server) delete(name string, o operation) *refusal {
	if _, refused := s.ours(name, o); refused != nil {
		return refused
	}
	delete(s.registrations, name)
	return nil
}
