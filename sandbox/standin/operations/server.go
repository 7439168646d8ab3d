// Package operations is a stand-in of the Operations XML-RPC API (pem.*), written
// from the protocol document and not from our client. It keeps accounts, members,
// subscriptions, domain requests, domains, zones and bindings, and enforces the
// rules of the real system. Assumptions are in assumed.go.
package operations

import (
	"crypto/subtle"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"domainprovisioning/sandbox/standin/calls"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/wire/xmlrpc"
)

// Call is a recorded call; see calls.Call.
type Call = calls.Call

// Kind says what a service template is for.
type Kind int

// The kinds of service templates.
const (
	Domain   Kind = 1 + iota // holds DNS hosting
	Hosting                  // holds hosting services
	Inactive                 // known, but not active: cannot be subscribed to
)

// ProviderAccount always exists, and owns every account without a parent.
const ProviderAccount = 1

// Options configure a Server.
type Options struct {
	// Templates gives the kinds by service template id. Empty means 1 Domain, 2
	// Hosting.
	Templates map[int]Kind
	// NameServers are those of every zone. Empty means ns1.dns.example and
	// ns2.dns.example.
	NameServers []string
	// ZoneDelay is the time between the creation of a zone and its first answer.
	ZoneDelay time.Duration
	// User and Password, if User is not empty, are required as HTTP Basic
	// authentication.
	User, Password string
	// UserIDOffset is added to a member id to make its user id in look-ups: the
	// vendor warns that pem.addAccountMember really returns a member id.
	UserIDOffset int
	// RaiseFaults answers every error with an XML-RPC fault whose text is base64,
	// instead of an error reply.
	RaiseFaults bool
	// Delay is the delay of every request.
	Delay time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Server is the stand-in; see the package comment.
type Server struct {
	Faults *faults.Injector

	options Options
	log     calls.Log
	handler *calls.XMLRPC
	methods map[string]method

	mu    sync.Mutex
	state state
}

// method carries out one call while the mutex is held. It must not change the state
// if it fails, because every call is atomic (docs/protocols/operations.md, section
// 7).
type method func(r *reader) (any, *failure)

// New returns an empty system.
func New(o Options) *Server {
	if len(o.Templates) == 0 {
		o.Templates = map[int]Kind{1: Domain, 2: Hosting}
	}
	if len(o.NameServers) == 0 {
		o.NameServers = []string{"ns1.dns.example", "ns2.dns.example"}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{Faults: &faults.Injector{}, options: o, state: newState()}
	s.methods = map[string]method{
		"pem.addAccount":               s.addAccount,
		"pem.getAccountInfo":           s.getAccountInfo,
		"pem.removeAccount":            s.removeAccount,
		"pem.addAccountMember":         s.addAccountMember,
		"pem.getAccountMembers":        s.getAccountMembers,
		"pem.getAccountMemberByLogin":  s.getAccountMemberByLogin,
		"pem.getMemberFullInfo":        s.getMemberFullInfo,
		"pem.removeAccountMember":      s.removeAccountMember,
		"pem.activateSubscription":     s.activateSubscription,
		"pem.getSubscription":          s.getSubscription,
		"pem.getAccountSubscriptions":  s.getAccountSubscriptions,
		"pem.removeSubscription":       s.removeSubscription,
		"pem.addDomainRequest":         s.addDomainRequest,
		"pem.getNameServers":           s.getNameServers,
		"pem.removeDomainRequest":      s.removeDomainRequest,
		"pem.addDomain":                s.addDomain,
		"pem.getDomainByName":          s.getDomainByName,
		"pem.removeDomain":             s.removeDomain,
		"pem.setDomainRegistrarStatus": s.setDomainRegistrarStatus,
		"pem.bindServicesToDomain":     s.bindServicesToDomain,
		"pem.unbindServicesFromDomain": s.unbindServicesFromDomain,
	}
	s.Faults.Methods = slices.Collect(maps.Keys(s.methods))
	s.handler = &calls.XMLRPC{Log: &s.log, Faults: s.Faults, Now: o.Now, Delay: o.Delay, Serve: s.call, Refusal: s.refusal}
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.options.User != "" {
		user, password, _ := r.BasicAuth()
		if !same(user, s.options.User) || !same(password, s.options.Password) {
			w.Header().Set("WWW-Authenticate", `Basic realm="operations"`)
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
	}
	s.handler.ServeHTTP(w, r)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// Calls counts the calls of a method that reached the server; "" counts all calls.
func (s *Server) Calls(method string) int { return s.log.Count(method) }

// Log returns the calls in the order of their arrival.
func (s *Server) Log() []Call { return s.log.All() }

func (s *Server) call(name string, params []any, _ []byte) (any, bool, error) {
	m, known := s.methods[name]
	if !known {
		return nil, true, &xmlrpc.Fault{Code: faultNoMethod, Text: fmt.Sprintf("method %s is not known", name)}
	}
	var in xmlrpc.Struct
	if len(params) == 1 {
		in, _ = params[0].(xmlrpc.Struct)
	}
	if in == nil {
		return notOneStruct().reply(), true, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := newReader(name, in)
	if id, sent := r.optionalString("txn_id"); sent {
		return transactionUnknown(id).reply(), true, nil
	}
	result, f := m(r)
	if f != nil && s.options.RaiseFaults {
		return nil, true, f.fault()
	}
	if f != nil {
		return f.reply(), true, nil
	}
	reply := xmlrpc.Struct{"status": 0}
	if result != nil { // methods without output leave it out
		reply["result"] = result
	}
	return reply, false, nil
}
