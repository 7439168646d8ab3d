package calls

import (
	"errors"
	"net/http"
	"time"

	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/wire/exchange"
	"domainprovisioning/wire/xmlrpc"
)

// Path is the path of both XML-RPC systems.
const Path = "/RPC2"

// unexplained is the text of a refusal that does not say why. Its words say nothing that a client
// could act upon.
const unexplained = "The operation is not possible now."

// Fault codes of the XML-RPC interoperability convention.
const (
	faultParse    = -32700
	faultInternal = -32603
)

// XMLRPC serves XML-RPC under faults.
type XMLRPC struct {
	Log    *Log
	Faults *faults.Injector
	Now    func() time.Time
	Delay  time.Duration // delay of every request
	// Name returns the name under which a call is recorded and matched with
	// faults; nil means the method's own name.
	Name func(method string, params []any) string
	// Serve answers. A *xmlrpc.Fault error becomes that fault. raw is the
	// document, for checks of its wire form. refused is for the record.
	Serve func(method string, params []any, raw []byte) (value any, refused bool, err error)
	// Refusal is the answer that refuses a call with a text.
	Refusal func(text string) []byte
}

// ServeHTTP implements http.Handler.
func (x *XMLRPC) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != Path {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	raw, err := exchange.ReadBody(r.Body, r.ContentLength, xmlrpc.DefaultMaxBytes)
	if err != nil {
		http.Error(w, "cannot be read", http.StatusBadRequest)
		return
	}
	method, params, err := xmlrpc.DecodeCall(raw, xmlrpc.Limits{})
	if err != nil {
		Write(w, Reply{Body: xmlrpc.EncodeFault(faultParse, "the request cannot be read")})
		return
	}
	name := method
	if x.Name != nil {
		name = x.Name(method, params)
	}
	decision := x.Faults.Begin(name)
	x.Log.Serve(w, r, Exchange{
		Method: name, At: x.Now(), Delay: x.Delay, Decision: decision, Body: raw,
		Quote: func(text string) Reply { return Reply{Body: x.Refusal(text)} },
		Effect: func() Reply {
			if decision.Kind == faults.Refuse {
				return Reply{Body: x.Refusal(unexplained), Outcome: Refused}
			}
			reply := x.reply(method, params, raw)
			if decision.Kind == faults.RaiseFault {
				reply.Body = xmlrpc.EncodeFault(faultInternal, "internal error")
			}
			return reply
		},
	})
}

func (x *XMLRPC) reply(method string, params []any, raw []byte) Reply {
	value, refused, err := x.Serve(method, params, raw)
	if fault, ok := errors.AsType[*xmlrpc.Fault](err); ok {
		return Reply{Body: xmlrpc.EncodeFault(fault.Code, fault.Text), Outcome: Refused}
	}
	var body []byte
	if err == nil {
		body, err = xmlrpc.EncodeResponse(value)
	}
	if err != nil {
		return Reply{Body: xmlrpc.EncodeFault(faultInternal, "internal error"), Outcome: Refused}
	}
	if refused {
		return Reply{Body: body, Outcome: Refused}
	}
	return Reply{Body: body, Outcome: OK}
}
