// Package billing is a stand-in of the Billing XML-RPC API, written from the protocol
// document and not from our client. It keeps the DOMAINGATE table, checks type and
// rules of the 31 positional values, and answers errors as faults with base64 text.
//
// Assumed, because no public page states it: the texts of all faults except those for
// a missing row and a used name; that an unknown name gives a fault (or an empty
// result, see Options); that DomainSubscrWithIDAdd_API treats duplicates as its
// sister method does; that a subscription id can be used only once; that status
// Active reads back as "Registered".
package billing

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"domainprovisioning/sandbox/standin/calls"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/wire/xmlrpc"
)

// Call is a recorded call; Method is the inner one, such as
// DomainSubscrWithIDAdd_API. See calls.Call.
type Call = calls.Call

// The methods of the container DOMAINGATE that are served.
const (
	DomainSubscrWithIDAdd = "DomainSubscrWithIDAdd_API"
	DomainInfoGet         = "DomainInfoGet_API"
)

// Options configure a Server.
type Options struct {
	// EmptyWhenUnknown makes DomainInfoGet_API answer an unknown name with an empty
	// result instead of a fault. Clients must accept both.
	EmptyWhenUnknown bool
	// Username and Password, if Username is not empty, are required as members of the
	// Execute struct.
	Username, Password string
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

	mu   sync.Mutex
	rows []Row
	next int
}

const firstDomainID = 8001

// New returns a Server with an empty table.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{Faults: &faults.Injector{Methods: []string{DomainSubscrWithIDAdd, DomainInfoGet}}, options: o, next: firstDomainID}
	s.handler = &calls.XMLRPC{
		Log: &s.log, Faults: s.Faults, Now: o.Now, Delay: o.Delay, Name: innerMethod, Serve: s.call,
		Refusal: func(text string) []byte { return encoded(refusal(text).fault()) },
	}
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Calls counts the calls of an inner method that reached the server; "" counts all
// calls.
func (s *Server) Calls(method string) int { return s.log.Count(method) }

// Log returns the calls in the order of their arrival.
func (s *Server) Log() []Call { return s.log.All() }

func innerMethod(method string, params []any) string {
	if len(params) == 1 {
		if in, ok := params[0].(xmlrpc.Struct); ok {
			if inner, ok := in["Method"].(string); ok {
				return inner
			}
		}
	}
	return method
}

// refusal is the text of a fault before its encoding.
type refusal string

func refuse(format string, a ...any) refusal { return refusal(fmt.Sprintf(format, a...)) }

// fault encodes the text as base64 in lines, with trailing white space, which clients
// must ignore (docs/protocols/billing.md, section 4). The values of faultCode are not
// known.
func (r refusal) fault() *xmlrpc.Fault {
	const width = 40
	var b strings.Builder
	encoded := base64.StdEncoding.EncodeToString([]byte(r))
	for len(encoded) > width {
		b.WriteString(encoded[:width] + "\n")
		encoded = encoded[width:]
	}
	b.WriteString(encoded + "\n ")
	return &xmlrpc.Fault{Code: 1, Text: b.String()}
}

func encoded(fault *xmlrpc.Fault) []byte { return xmlrpc.EncodeFault(fault.Code, fault.Text) }

func (s *Server) call(name string, params []any, raw []byte) (any, bool, error) {
	values, err := s.execute(name, params, raw)
	if err != "" {
		return nil, true, err.fault()
	}
	result := []any{}
	if values != nil {
		result = append(result, values)
	}
	return xmlrpc.Struct{"Result": result}, false, nil
}

func (s *Server) execute(name string, params []any, raw []byte) ([]any, refusal) {
	if name != "Execute" {
		return nil, refuse("Unknown method %s.", name)
	}
	var in xmlrpc.Struct
	if len(params) == 1 {
		in, _ = params[0].(xmlrpc.Struct)
	}
	container, okServer := in["Server"].(string)
	method, okMethod := in["Method"].(string)
	positional, okParams := in["Params"].([]any)
	if !okServer || !okMethod || !okParams {
		return nil, refuse("Execute takes a struct with Server, Method and Params.")
	}
	if s.options.Username != "" && (in["Username"] != s.options.Username || in["Password"] != s.options.Password) {
		return nil, refuse("Access denied.")
	}
	if lang, sent := in["Lang"]; sent {
		if text, ok := lang.(string); !ok || len(text) != 2 {
			return nil, refuse("Lang must be two letters.")
		}
	}
	if in["AutoCommit"] == "No" || in["TransactionID"] != nil {
		return nil, refuse("The stand-in knows no transactions.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case container != "DOMAINGATE":
		return nil, refuse("Method %s of container %s is not known.", method, container)
	case method == DomainSubscrWithIDAdd:
		return s.add(positional, raw)
	case method == DomainInfoGet:
		return s.info(positional)
	}
	return nil, refuse("Method %s of container %s is not known.", method, container)
}
