// Package realtimeregister is a stand-in of Realtime Register's REST API v2, written
// from the protocol document and not from our client. It keeps domains, contacts,
// processes, notifications, quotes and credit, enforces the registrar's rules, and
// pushes signed webhooks. Assumptions are in assumed.go.
package realtimeregister

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"domainprovisioning/sandbox/standin/calls"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/wire/exchange"
)

// Call is a recorded call; see calls.Call.
type Call = calls.Call

const maxRequest = 1 << 20

// Behaviour says how a process on a domain ends. With the zero value it depends on the
// top-level domain: at once, or by itself a moment later.
type Behaviour struct {
	// Manual keeps it SUSPENDED until a test calls Complete, Fail or Cancel.
	Manual bool
	// PendingFor is how long it stays RUNNING otherwise.
	PendingFor time.Duration
	// FailWith, if not empty, makes it end as FAILED with that message.
	FailWith string
	// NoCancel omits CANCEL from the commands that the process accepts.
	NoCancel bool
}

// Options configure a Server.
type Options struct {
	// Customer and APIKey are the reseller's. Empty means shopreseller and "secret".
	Customer, APIKey string
	// TLDs are the top-level domains by name, without a dot. Empty means sync and async,
	// the mock-up of the test system.
	TLDs map[string]TLD
	// Behaviour is that of all processes. PendingFor applies to top-level domains that do
	// not answer at once.
	Behaviour Behaviour
	// Balance is in cents of EUR; 0 means 10,000.00, a negative one means no money.
	Balance int64
	// ProcessIDAlways sends X-Process-Id also with 200 and 201; it is not known whether
	// the real API does.
	ProcessIDAlways bool
	// ProcessIDInBody sends the number in the body of a 202 instead of the header.
	ProcessIDInBody bool
	// Webhook says where notifications are pushed to; see Server.Push.
	Webhook Webhook
	// Downtime lists the planned maintenance of registries.
	Downtime []Downtime
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

	options Options
	log     calls.Log

	mu    sync.Mutex
	state state
	push  pusher
}

// New returns a Server without domains.
func New(o Options) *Server {
	if o.Customer == "" {
		o.Customer, o.APIKey = "shopreseller", "secret"
	}
	if o.TLDs == nil {
		o.TLDs = map[string]TLD{"sync": {}, "async": {Async: true}}
	}
	if o.Balance == 0 {
		o.Balance = 10_000_00
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Calendar == nil {
		o.Calendar = o.Now
	}
	s := &Server{options: o, state: newState(o), push: newPusher(o.Webhook)}
	s.Faults = &faults.Injector{Applies: applies, Methods: names()}
	return s
}

// applies keeps the faults of changes away from calls that only read.
func applies(kind faults.Kind, method string) bool {
	switch kind {
	case faults.UnknownStatus, faults.InDoubt, faults.NoProcessID:
		return isChange(method)
	}
	return true
}

func isChange(method string) bool {
	switch method {
	case "domains.create", "domains.update", "domains.renew", "domains.transfer", "domains.delete", "domains.restore":
		return true
	}
	return false
}

// call is one request that has been routed.
type call struct {
	name  string
	vars  []string // variables of the path
	query map[string][]string
	body  []byte
	quote bool
	fault faults.Kind
}

// answer is what a handler returns.
type answer struct {
	status  int
	body    any
	process int64 // 0: none
}

// handler carries out a call under the lock.
type handler func(*Server, *call) (answer, *problem)

// route is one path of the API: a part that begins with a brace is a variable.
type route struct {
	method, path, name string
	serve              handler
}

func routes() []route {
	const contact = "customers/{}/contacts/{}"
	return []route{
		{"GET", "domains", "domains.list", (*Server).listDomains},
		{"GET", "domains/{}/check", "domains.check", (*Server).checkDomain},
		{"GET", "domains/{}", "domains.get", (*Server).readDomain},
		{"POST", "domains/{}", "domains.create", (*Server).createDomain},
		{"POST", "domains/{}/update", "domains.update", (*Server).updateDomain},
		{"POST", "domains/{}/renew", "domains.renew", (*Server).renewDomain},
		{"POST", "domains/{}/transfer", "domains.transfer", (*Server).transferDomain},
		{"GET", "domains/{}/transfer", "domains.transferinfo", (*Server).transferInfo},
		{"GET", "domains/{}/transfer/{}", "domains.transferinfo", (*Server).transferInfo},
		{"POST", "domains/{}/restore", "domains.restore", (*Server).restoreDomain},
		{"DELETE", "domains/{}", "domains.delete", (*Server).deleteDomain},
		{"GET", contact, "contacts.get", (*Server).readContact},
		{"POST", contact, "contacts.create", (*Server).createContact},
		{"DELETE", contact, "contacts.delete", (*Server).deleteContact},
		{"POST", contact + "/update", "contacts.update", (*Server).updateContact},
		{"POST", contact + "/{}", "contacts.properties", (*Server).addProperties},
		{"POST", contact + "/{}/update", "contacts.properties.update", (*Server).changeProperties},
		{"GET", "customers/{}/contacts", "contacts.list", (*Server).listContacts},
		{"GET", "customers/{}/credit", "customers.credit", (*Server).credit},
		{"GET", "customers/{}/pricelist", "customers.pricelist", (*Server).priceList},
		{"GET", "customers/{}/notifications/poll", "notifications.poll", (*Server).poll},
		{"GET", "customers/{}/notifications", "notifications.list", (*Server).listNotifications},
		{"GET", "customers/{}/notifications/{}", "notifications.get", (*Server).readNotification},
		{"POST", "customers/{}/notifications/{}/ack", "notifications.ack", (*Server).acknowledge},
		{"GET", "processes", "processes.list", (*Server).listProcesses},
		{"GET", "processes/{}", "processes.get", (*Server).readProcess},
		{"DELETE", "processes/{}", "processes.cancel", (*Server).cancelProcess},
		{"POST", "processes/{}/resend", "processes.resend", (*Server).resend},
		{"GET", "hosts/{}", "hosts.get", (*Server).readHost},
		{"POST", "hosts/{}", "hosts.create", (*Server).createHost},
		{"GET", "tlds/{}/info", "tlds.info", (*Server).tldInfo},
		{"GET", "providers/downtime", "providers.downtime", (*Server).listDowntime},
	}
}

// names lists the calls as faults and the record name them.
func names() []string {
	var list []string
	for _, one := range routes() {
		list = append(list, one.name)
		if isChange(one.name) {
			list = append(list, one.name+quoted)
		}
	}
	return list
}

// quoted is the end of the name of a call that only asks what it would cost.
const quoted = ".quote"

// match returns the variables of a path that matches the route.
func (r route) match(method string, parts []string) (vars []string, ok bool) {
	pattern := strings.Split(r.path, "/")
	if method != r.method || len(pattern) != len(parts) {
		return nil, false
	}
	for i, part := range pattern {
		switch {
		case part == "{}":
			vars = append(vars, parts[i])
		case part != parts[i]:
			return nil, false
		}
	}
	return vars, true
}

// ServeHTTP serves the API below /v2/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := exchange.ReadBody(r.Body, r.ContentLength, maxRequest)
	path, under := strings.CutPrefix(r.URL.Path, "/v2/")
	if err != nil || !under {
		calls.Write(w, refuse(http.StatusNotFound, "", "").reply())
		return
	}
	// Lists may end with a slash; other paths must not.
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	c := &call{query: r.URL.Query(), body: body}
	var serve handler
	for _, one := range routes() {
		if vars, ok := one.match(r.Method, parts); ok && serve == nil {
			c.name, c.vars, serve = one.name, vars, one.serve
		}
	}
	if serve == nil {
		calls.Write(w, refuse(http.StatusNotFound, "", "").reply())
		return
	}
	c.quote = isChange(c.name) && r.URL.Query().Get("quote") == "true"
	if c.quote {
		c.name += quoted
	}
	decision := s.Faults.Begin(c.name)
	c.fault = decision.Kind
	s.log.Serve(w, r, calls.Exchange{
		Method: c.name, At: s.options.Now(), Delay: s.options.Delay, Decision: decision, Body: body,
		Quote:  func(text string) calls.Reply { return bad("InvalidMessage", "%s", text).reply() },
		Effect: func() calls.Reply { return s.answer(c, serve, r) },
	})
}

func (s *Server) answer(c *call, serve handler, r *http.Request) calls.Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	if key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "ApiKey "); !ok || key != s.options.APIKey {
		return refuse(http.StatusUnauthorized, "AuthenticationError", "Invalid API key").reply()
	}
	if r.Method == http.MethodPost && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return refuse(http.StatusBadRequest, "InvalidMessage", "Content-Type must be application/json").reply()
	}
	if strings.HasPrefix(c.name, "contacts.") || strings.HasPrefix(c.name, "customers.") || strings.HasPrefix(c.name, "notifications.") {
		if c.vars[0] != s.options.Customer {
			return refuse(http.StatusForbidden, "AuthorizationError", "Not your customer").reply()
		}
		c.vars = c.vars[1:]
	}
	result, refused := serve(s, c)
	if refused != nil {
		return refused.reply()
	}
	reply := calls.Reply{Status: result.status, Header: http.Header{}, Outcome: calls.OK}
	if result.body != nil {
		reply.Header.Set("Content-Type", "application/json")
		reply.Body = encode(result.body)
	}
	if result.process > 0 {
		reply.Header.Set("X-Process-Id", strconv.FormatInt(result.process, 10))
	}
	return reply
}

func encode(body any) []byte {
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err) // a bug in this package
	}
	return encoded
}

// settle ends the processes that are due. It runs before every call and before every
// inspection by a test, so no timer is needed.
func (s *Server) settle() {
	now := s.options.Now()
	for _, p := range s.state.processes {
		if p.status == statusRunning && !now.Before(p.due) {
			s.conclude(p)
		}
	}
}

// Calls counts the calls of a name, such as "domains.create", that reached the server;
// "" counts all calls.
func (s *Server) Calls(name string) int { return s.log.Count(name) }

// Log returns the calls in the order of their arrival.
func (s *Server) Log() []Call { return s.log.All() }
