// Package epp is a stand-in of a domain registry that speaks EPP (RFC 5730 to 5734), with the
// extensions for redemption (3915), DNSSEC (5910), fees (8748), long passwords and warnings at login (8807) and
// launch phases (8334), and messages about changes (8590) and maintenance (9167). It is written from the
// protocol document and not from our client. It reads frames with a grammar of its own, which is as
// strict as the schemas; keeps domains, hosts, contacts, transfers, messages and a balance; and
// enforces the rules of a registry. Assumptions are in assumed.go.
package epp

import (
	"net"
	"sync"
	"time"

	"domainprovisioning/sandbox/standin/calls"
	"domainprovisioning/sandbox/standin/faults"
)

// Call is a recorded call; see calls.Call.
type Call = calls.Call

// Zone is a top-level domain of the registry.
type Zone struct {
	// Async: what changes a domain is answered with 1001, and done Behaviour.PendingFor later.
	Async bool
	// KeyData: DNSSEC is given as keys, and not as DS records.
	KeyData bool
	// Prices are in cents by command of the fee extension: create, renew, transfer, restore.
	// A missing one is 10.00, and 40.00 for restore.
	Prices map[string]int64
	// FeeRequired: what costs money is refused (2003) without the fee extension.
	FeeRequired bool
	// RestoreReport: a restore is done only when its report has come.
	RestoreReport bool
	// AutoRenew: a domain that expires by the calendar is renewed for a year, at the price of
	// renew, which a deletion within 45 days gives back.
	AutoRenew bool
}

// Behaviour says how changes of a domain end. With the zero value it depends on the zone: at once,
// or by themselves a moment later.
type Behaviour struct {
	// Manual keeps a change pending until a test calls Complete, Fail or Cancel.
	Manual bool
	// PendingFor is how long it stays pending otherwise, by Options.Now.
	PendingFor time.Duration
	// FailWith, if not empty, makes it fail with that message.
	FailWith string
	// NoCancel refuses to cancel a transfer.
	NoCancel bool
}

// Options configure a Server.
type Options struct {
	// Login and Password are the registrar's. Empty means registrar1 and "epp-password".
	Login, Password string
	// Zones are by name without a dot at the beginning. Nil means registry, and later, which is
	// Async.
	Zones map[string]Zone
	// HostAttributes: name servers are attributes of a domain; hosts are no objects.
	HostAttributes bool
	// Without lists URIs of objects and extensions that the greeting does not offer.
	Without []string
	// Also lists URIs of extensions that the greeting offers beside them, and that nothing here knows.
	Also []string
	// Behaviour is that of all domains; see SetBehaviour.
	Behaviour Behaviour
	// Balance is in cents of EUR; 0 means 10,000.00, a negative one means no money.
	Balance int64
	// ShortestPassword is how many characters a new password of ours needs at least; 0 takes any.
	ShortestPassword int
	// MostSessions is how many sessions may be logged in; 0 means 10.
	MostSessions int
	// Idle is how long a session may be silent before it is closed; 0: for ever.
	Idle time.Duration
	// ClientCertificate: TLS demands a certificate that Certificates.CA signed.
	ClientCertificate bool
	// Certificates are those of the server; nil: New makes some.
	Certificates *Certificates
	// Frame, if set, is told every frame: "command" or "response", or "broken" for a response that
	// a fault made unlike the schemas. Sessions call it at the same time.
	Frame func(direction string, frame []byte)
	// OmitDates leaves out exDate where the schemas let it be absent, except in infData.
	OmitDates bool
	// ManyRGP gives all statuses of RFC 3915 that apply to a domain, not only the first. Copies of
	// its schema differ in whether that is allowed.
	ManyRGP bool
	// Delay is the delay of every command.
	Delay time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Calendar is that of the registry, which says how old domains are; nil means Now. Another one
	// lets years pass in a minute, while sessions and pending changes go by Now.
	Calendar func() time.Time
}

// Server is the stand-in; see the package comment.
type Server struct {
	Faults *faults.Injector

	options  Options
	log      calls.Log
	grammar  grammar
	handlers map[string]handler
	initial  error // of the certificates

	mu    sync.Mutex
	state state

	serving   sync.WaitGroup
	closing   chan struct{}
	closeOnce sync.Once
	listeners map[net.Listener]bool
	open      map[net.Conn]bool
}

// New returns a Server without domains. An error of making certificates is returned by Serve.
func New(o Options) *Server {
	if o.Login == "" {
		o.Login = "registrar1"
	}
	if o.Password == "" {
		o.Password = "epp-password"
	}
	if o.Zones == nil {
		o.Zones = map[string]Zone{"registry": {}, "later": {Async: true}}
	}
	if o.Balance == 0 {
		o.Balance = 10_000_00
	}
	if o.MostSessions == 0 {
		o.MostSessions = 10
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Calendar == nil {
		o.Calendar = o.Now
	}
	s := &Server{
		options: o, grammar: newGrammar(), handlers: handlers(), closing: make(chan struct{}),
		listeners: map[net.Listener]bool{}, open: map[net.Conn]bool{},
	}
	if o.Certificates == nil {
		s.options.Certificates, s.initial = NewCertificates(time.Now())
	}
	s.state = newState(o)
	s.Faults = &faults.Injector{Applies: applies, Methods: s.names()}
	return s
}

// applies keeps faults away from calls that cannot show them.
func applies(kind faults.Kind, method string) bool {
	switch kind {
	case faults.TooManySessions:
		return method == "login"
	case faults.SessionExpired:
		return method != "login" && method != "hello"
	}
	return true
}

// Certificates returns the server's certificates.
func (s *Server) Certificates() *Certificates { return s.options.Certificates }

// Calls counts the calls of a name, such as "domain.create", that reached the server; "" counts
// all calls.
func (s *Server) Calls(name string) int { return s.log.Count(name) }

// Log returns the calls in the order of their arrival.
func (s *Server) Log() []Call { return s.log.All() }
