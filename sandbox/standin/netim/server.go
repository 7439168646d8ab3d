// Package netim is a stand-in of the Netim SOAP 2.0 API, written from the protocol
// document and not from our client. It keeps sessions, contacts, registrations,
// operations and money, enforces the registrar's rules, and serves its own WSDL.
// Assumptions are in assumed.go.
package netim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"domainprovisioning/sandbox/standin/calls"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/wire/exchange"
)

// Call is a recorded call; see calls.Call.
type Call = calls.Call

// The paths of the API and its description.
const (
	Path     = "/2.0/"
	WSDLPath = "/2.0/api.wsdl"
)

const maxRequest = 1 << 20

// TLD is an extension that is sold.
type TLD struct {
	PeriodCreate     string // years, such as "1-10" (the default) or "1"
	PeriodRenew      string // like PeriodCreate
	HasZonecheck     bool
	HasMultipleCheck bool
	Closed           bool
	MinNameServers   int // 0 means 2
	Price            int // of a year, in hundredths
	TradePrice       int // of an owner change, in hundredths
	RestorePrice     int // in hundredths; 0 means the price of a year
	// The features that the extension lacks.
	NoEppCode, NoRegistrarLock, NoAutorenew, NoWhoisPrivacy, NoDNSSEC bool
	// NoImmediateDelete refuses domainDelete, whose only type is NOW.
	NoImmediateDelete bool
	// HasTrusteeService and HasLocalContactService are only reported.
	HasTrusteeService, HasLocalContactService bool
}

// Behaviour says how an operation on a domain ends. The zero value means Done at
// once.
type Behaviour struct {
	// Manual keeps it pending until a test calls Complete, Fail or Cancel.
	Manual bool
	// PendingFor is how long it stays pending otherwise.
	PendingFor time.Duration
	// FailWith, if not empty, makes it end as Failed with that message.
	FailWith string
	// CancelWith, if not empty, makes it end as Cancelled with that message, like a
	// trade that nobody answers within five days.
	CancelWith string
	// RefuseCancel makes cancelOpe refuse, as it may.
	RefuseCancel bool
}

// Options configure a Server.
type Options struct {
	// Login and Password are the reseller's. Empty means AB1234 and "secret".
	Login, Password string
	// TLDs are the extensions, without a dot. Empty means example, test, com, net and
	// org.
	TLDs map[string]TLD
	// Behaviour is that of operations, with exceptions by domain name.
	Behaviour Behaviour
	Domains   map[string]Behaviour
	// Taken lists names that are registered elsewhere, with their transfer keys.
	Taken map[string]string
	// HidePending makes domainInfo refuse during a registration; otherwise it answers
	// with status PENDING. It is not known which the real system does.
	HidePending bool
	// ZoneCheck reports whether a name server serves a domain, for TLDs with
	// HasZonecheck only. Nil means always.
	ZoneCheck func(domain, ns string) bool
	// Balance is in hundredths; 0 means 10,000.00, a negative one means no money.
	Balance int
	// MaxSessions and SessionIdle limit the sessions; 0 means 10 sessions and 20
	// minutes.
	MaxSessions int
	SessionIdle time.Duration
	// OwnPartNames gives the WSDL other names for the parts than clients have been seen to
	// send, except IDSession: what a client sends under those is lost.
	OwnPartNames bool
	// Delay is the delay of every request.
	Delay time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Calendar is that of the registry, which says how old domains are; nil means Now. Another one
	// lets years pass in a minute, while sessions and requests go by Now.
	Calendar func() time.Time
}

// Server is the stand-in; see the package comment.
type Server struct {
	Faults *faults.Injector

	options   Options
	log       calls.Log
	functions map[string]*function // by lower-case name
	wsdlBody  string

	mu    sync.Mutex
	state state
}

// New returns a Server without contacts and registrations.
func New(o Options) *Server {
	o.setDefaults()
	s := &Server{options: o, functions: map[string]*function{}, state: newState(o)}
	table := s.table()
	s.Faults = &faults.Injector{Applies: s.applies}
	for i := range table {
		if o.OwnPartNames {
			table[i].rename()
		}
		s.functions[strings.ToLower(table[i].name)] = &table[i]
		s.Faults.Methods = append(s.Faults.Methods, table[i].name)
	}
	s.wsdlBody = wsdl(table)
	return s
}

func (o *Options) setDefaults() {
	if o.Login == "" {
		o.Login, o.Password = "AB1234", "secret"
	}
	if len(o.TLDs) == 0 {
		o.TLDs = map[string]TLD{}
		for _, tld := range []string{"example", "test", "com", "net", "org"} {
			o.TLDs[tld] = TLD{Price: 10_00}
		}
	}
	if o.MaxSessions == 0 {
		o.MaxSessions = maxSessions
	}
	if o.SessionIdle == 0 {
		o.SessionIdle = 20 * time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Calendar == nil {
		o.Calendar = o.Now
	}
	switch {
	case o.Balance == 0:
		o.Balance = defaultBalance
	case o.Balance < 0:
		o.Balance = 0
	}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == WSDLPath && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		scheme := "http"
		if r.TLS != nil {
			scheme = "https"
		}
		location := fmt.Sprintf("%s://%s%s", scheme, r.Host, Path)
		calls.Write(w, calls.Reply{Body: []byte(strings.ReplaceAll(s.wsdlBody, locationMark, escape(location)))})
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
	element, err := parseCall(document)
	if err != nil {
		calls.Write(w, refusal(&fault{codeClient, "Bad Request"}))
		return
	}
	f := s.functions[strings.ToLower(element.name)]
	if f == nil {
		calls.Write(w, refusal(&fault{codeServer, "Procedure '" + element.name + "' not present"}))
		return
	}
	decision := s.Faults.Begin(f.name)
	s.log.Serve(w, r, calls.Exchange{
		Method: f.name, At: s.options.Now(), Delay: s.options.Delay, Decision: decision, Body: document,
		Quote: func(text string) calls.Reply { return refusal(faultf(codeRefused, "%s", text)) },
		Effect: func() calls.Reply {
			arguments, refused := f.bind(element.children)
			if refused != nil {
				return refusal(refused)
			}
			return s.effect(f, &call{args: arguments, fault: decision.Kind})
		},
	})
}

func refusal(f *fault) calls.Reply {
	return calls.Reply{Status: http.StatusInternalServerError, Body: f.document(), Outcome: calls.Refused}
}

func (s *Server) effect(f *function, c *call) calls.Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	if f.parts[0].name == partSession {
		id := c.string(partSession)
		if c.fault == faults.SessionExpired {
			delete(s.state.sessions, id)
		}
		c.session = s.state.sessions[id]
		if c.session == nil {
			return refusal(faultf(codeSession, "Session is no longer valid"))
		}
		c.session.active = s.options.Now()
	}
	value, refused := f.serve(c)
	if refused != nil {
		return refusal(refused)
	}
	if op, ok := value.(*operation); ok {
		value = op.structure(c.fault == faults.UnknownStatus)
	}
	return calls.Reply{Body: response(f.name, f.child, value), Outcome: calls.OK}
}

// settle ends the idle sessions and pending operations that are due. It runs
// before every call and before every inspection by a test, so no timer is needed.
func (s *Server) settle() {
	now := s.options.Now()
	for id, session := range s.state.sessions {
		if now.Sub(session.active) >= s.options.SessionIdle {
			delete(s.state.sessions, id)
		}
	}
	for _, op := range s.state.pending {
		if op.status == Pending && !op.manual && !now.Before(op.due) {
			s.conclude(op)
		}
	}
	// An operation that has ended never becomes pending again.
	s.state.pending = slices.DeleteFunc(s.state.pending, func(op *operation) bool { return op.status != Pending })
}

// Calls counts the calls of a function that reached the server; "" counts all
// calls.
func (s *Server) Calls(function string) int { return s.log.Count(function) }

// Log returns the calls in the order of their arrival.
func (s *Server) Log() []Call { return s.log.All() }
