// Package example is a stand-in of the invented registrar that
// registrars/registrarstest/example describes: names and orders in memory, and the rules of
// its manual. Names under .boutique require a taxId of nine digits.
package example

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/sandbox/standin/calls"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/wire/exchange"
)

// Options configure a Server.
type Options struct {
	Login, Key string
	// PendingFor is how long a registration stays open; Manual leaves it open until
	// Complete or Refuse.
	PendingFor time.Duration
	Manual     bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Order is an order, as placed, with its state.
type Order struct {
	Number  int64             `json:"number"`
	Token   string            `json:"token"`
	Channel string            `json:"channel"`
	Type    string            `json:"type"`
	Name    string            `json:"name"`
	Years   int               `json:"years"`
	Servers []string          `json:"servers"`
	Holder  map[string]string `json:"holder"`
	Extra   map[string]string `json:"extra"`
	State   string            `json:"state"`
	Why     string            `json:"why,omitempty"`

	due     time.Time
	garbled bool // see Server.Garble
}

// Name is a name that is not free.
type Name struct {
	Name    string    `json:"name"`
	State   string    `json:"state"` // taken, ours, or open while it is ordered
	Servers []string  `json:"servers"`
	Expires time.Time `json:"expires"`
}

// Server is the stand-in; see the package comment.
type Server struct {
	Faults *faults.Injector

	options Options
	log     calls.Log
	mu      sync.Mutex
	orders  []*Order
	names   map[string]*Name
	held    map[string]bool
	// unwanted are e-mail addresses of holders whom the registry refuses.
	unwanted map[string]bool
}

// New returns a Server without names and orders.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{options: o, names: map[string]*Name{}, held: map[string]bool{}, unwanted: map[string]bool{}, Faults: &faults.Injector{Methods: slices.Collect(maps.Values(paths()))}}
	s.Faults.Applies = func(kind faults.Kind, method string) bool {
		return kind != faults.UnknownStatus || strings.HasPrefix(method, "orders.") && method != "orders.list"
	}
	return s
}

// refusal is an answer to a request that had no effect.
type refusal struct {
	status int
	Error  string `json:"error"`
	Field  string `json:"field,omitempty"`
	Text   string `json:"text,omitempty"`
}

// paths names the calls by method and path.
func paths() map[string]string {
	return map[string]string{"GET names/": "names.get", "POST orders": "orders.create", "GET orders/": "orders.get", "GET orders": "orders.list"}
}

// ServeHTTP serves the API below /v1/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := exchange.ReadBody(r.Body, r.ContentLength, 1<<20)
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	head, last, deep := strings.Cut(path, "/")
	if deep {
		head += "/"
	}
	call, known := paths()[r.Method+" "+head]
	if err != nil || !known || path == r.URL.Path {
		http.NotFound(w, r)
		return
	}
	decision := s.Faults.Begin(call)
	quote := func(text string) calls.Reply {
		refused, err := json.Marshal(refusal{Error: "bad_order", Text: text})
		if err != nil {
			panic(err) // a bug in this package
		}
		return calls.Reply{Status: http.StatusUnprocessableEntity, Header: http.Header{"Content-Type": {"application/json"}}, Body: refused}
	}
	s.log.Serve(w, r, calls.Exchange{Method: call, At: s.options.Now(), Decision: decision, Body: body, Quote: quote, Effect: func() calls.Reply {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.settle()
		answer, refused := s.serve(call, last, body, r)
		reply := calls.Reply{Header: http.Header{"Content-Type": {"application/json"}}, Outcome: calls.OK}
		if refused != nil {
			reply.Status, reply.Outcome, answer = refused.status, calls.Refused, refused
		}
		if one, ok := answer.(Order); ok && decision.Kind == faults.UnknownStatus {
			one.State = "simmering"
			answer = one
		}
		reply.Body, err = json.Marshal(answer)
		if err != nil {
			panic(err) // a bug in this package
		}
		return reply
	}})
}

func (s *Server) serve(call, last string, body []byte, r *http.Request) (any, *refusal) {
	if r.Header.Get("X-Reseller") != s.options.Login || r.Header.Get("Authorization") != "Bearer "+s.options.Key {
		return nil, &refusal{status: http.StatusUnauthorized, Error: "bad_key"}
	}
	switch call {
	case "names.get":
		if name, ok := s.names[last]; ok {
			return *name, nil
		}
		return Name{Name: last, State: "free"}, nil
	case "orders.get":
		for _, o := range s.orders {
			if strconv.FormatInt(o.Number, 10) == last {
				return *o, nil
			}
		}
		return nil, &refusal{status: http.StatusNotFound, Error: "no_order"}
	case "orders.list":
		list := []any{}
		state, token := r.URL.Query().Get("state"), r.URL.Query().Get("token")
		for _, o := range s.orders {
			if (state == "" || o.State == state) && (token == "" || o.Token == token) {
				list = append(list, o.listed())
			}
		}
		return map[string]any{"orders": list}, nil
	}
	return s.place(body)
}

// listed is the order in a list.
func (o *Order) listed() any {
	if o.garbled {
		return map[string]any{"number": "?", "state": o.State}
	}
	return *o
}

// place accepts an order, or answers with the order that already has its token.
func (s *Server) place(body []byte) (any, *refusal) {
	var placed Order
	if json.Unmarshal(body, &placed) != nil {
		return nil, &refusal{status: http.StatusBadRequest, Error: "bad_json"}
	}
	for _, o := range s.orders {
		if o.Token == placed.Token && o.State != "refused" {
			return *o, nil
		}
	}
	if refused := s.check(placed); refused != nil {
		return nil, refused
	}
	placed.Number, placed.State, placed.Why = int64(7001+len(s.orders)), "open", ""
	placed.due = s.options.Now()
	switch {
	case s.held[placed.Name], placed.Type == "register" && s.options.Manual:
		placed.due = time.Time{}
	case placed.Type == "register":
		placed.due = placed.due.Add(s.options.PendingFor)
	}
	s.orders = append(s.orders, &placed)
	if placed.Type == "register" {
		s.names[placed.Name] = &Name{Name: placed.Name, State: "open"}
	}
	s.settle()
	return placed, nil
}

var taxID = regexp.MustCompile(`^\d{9}$`)

func (s *Server) check(o Order) *refusal {
	bad := func(field string) *refusal {
		return &refusal{status: http.StatusUnprocessableEntity, Error: "bad_field", Field: field, Text: field + " is not right"}
	}
	if _, err := domains.ParseName(o.Name); err != nil {
		return bad("name")
	}
	known, exists := s.names[o.Name]
	switch {
	case o.Token == "":
		return bad("token")
	case len(o.Servers) < 2 || len(o.Servers) > 6:
		return bad("servers")
	case o.Type == "delegate" && (!exists || known.State != "ours"):
		return &refusal{status: http.StatusConflict, Error: "not_ours"}
	case o.Type == "delegate":
		return nil
	case o.Type != "register":
		return bad("type")
	case strings.HasSuffix(o.Name, ".unsold"):
		return &refusal{status: http.StatusConflict, Error: "not_sold"}
	case exists:
		return &refusal{status: http.StatusConflict, Error: "not_free"}
	case o.Years < 1 || o.Years > 10:
		return bad("years")
	case o.Holder["name"] == "" || o.Holder["email"] == "" || len(o.Holder["country"]) != 2 || s.unwanted[o.Holder["email"]]:
		return bad("holder")
	case strings.HasSuffix(o.Name, ".boutique") && !taxID.MatchString(o.Extra["taxId"]):
		return bad("extra")
	}
	return nil
}

// settle completes the orders that are due. It runs before every call and before every
// inspection by a test, so no timer is needed.
func (s *Server) settle() {
	now := s.options.Now()
	for _, o := range s.orders {
		if o.State == "open" && !o.due.IsZero() && !now.Before(o.due) {
			s.carryOut(o)
		}
	}
}

func (s *Server) carryOut(o *Order) {
	o.State = "done"
	switch name := s.names[o.Name]; o.Type {
	case "register":
		s.names[o.Name] = &Name{Name: o.Name, State: "ours", Servers: o.Servers, Expires: s.options.Now().UTC().AddDate(o.Years, 0, 0)}
	case "delegate":
		name.Servers = o.Servers
	}
}
