package netim

import (
	"maps"
	"slices"
	"strings"
	"time"

	"domainprovisioning/domains"
)

// state is everything behind the mutex.
type state struct {
	sessions      map[string]*session
	sessionIDs    []string // of all sessions that were ever opened
	contacts      []*contact
	contactCount  int
	contactsByID  map[string]*contact
	contactsBy    map[string]map[string][]*contact // by field and folded value; see contactsWith
	registrations map[string]*registration
	operations    []*operation
	pending       []*operation // those pending at the last settle, and newer ones
	behaviours    map[string]Behaviour
	taken         map[string]string
	balance       int
	hardLimit     int
	prices        map[string]*ownPrice
	locked        map[string]bool // locked at another registrar
	unwanted      map[string]bool // e-mail addresses of holders whom the registry refuses
	effects       map[string]*Effects
	hosts         map[string]*host
	deleted       map[string]*deletion
}

func newState(o Options) state {
	st := state{
		sessions: map[string]*session{}, contactsByID: map[string]*contact{},
		contactsBy: map[string]map[string][]*contact{}, registrations: map[string]*registration{},
		behaviours: map[string]Behaviour{}, taken: map[string]string{}, balance: o.Balance,
		prices: map[string]*ownPrice{}, locked: map[string]bool{}, unwanted: map[string]bool{}, effects: map[string]*Effects{},
		hosts: map[string]*host{}, deleted: map[string]*deletion{},
	}
	maps.Copy(st.behaviours, o.Domains)
	maps.Copy(st.taken, o.Taken)
	return st
}

type registration struct {
	name                       string
	owner, admin, tech, billed string
	nameServers                []string
	created, expires           time.Time
	monthsLeft                 int // remaining period at another registrar
	years                      int
	authID                     string
	preferences                map[string]string
	signed                     bool
	dnssec                     map[string]string
	ds                         []domains.DS
	status                     string // see Server.SetStatus
	garbled                    bool   // see Server.GarbleDomain
}

// The status words on the wire (docs/protocols/netim.md, section 5).
const (
	Done      = "Done"
	Pending   = "Pending"
	Failed    = "Failed"
	Cancelled = "Cancelled"
)

type operation struct {
	id           int
	code, data   string
	status       string
	message      string
	date, due    time.Time
	manual       bool
	failWith     string
	cancelWith   string
	refuseCancel bool
	garbled      bool // see Server.Garble
	cost         int
	draft        *registration // for a domainCreate or domainTransferIn
	apply        func()        // the effect when it is done
}

func (op *operation) structure(unknownStatus bool) structure {
	status := op.status
	if unknownStatus {
		status = unknownWord
	}
	return structure{"StructOperationResponse", []field{
		{"ID_OPE", op.id}, {"STATUS", status}, {"MESSAGE", op.message}, {"TYPE", op.code},
		{"DATE", op.date.UTC().Format(time.DateTime)},
	}}
}

// order is what an operation is created from.
type order struct {
	code, data string
	cost       int
	draft      *registration
	neverNow   bool // the first answer is Pending, however fast the operation
	apply      func()
}

const firstOperation = 101

// start creates an operation. A synchronous session gets the outcome at once,
// unless the registry takes time; otherwise the first answer is Pending
// (docs/protocols/netim.md, section 3).
func (s *Server) start(c *call, o order) (any, *fault) {
	if o.cost > 0 && o.cost > s.state.balance-s.state.hardLimit {
		return nil, refuse(textFunds)
	}
	b, special := s.state.behaviours[o.data]
	if !special {
		b = s.options.Behaviour
	}
	now := s.options.Now()
	op := &operation{
		id: firstOperation + len(s.state.operations), code: o.code, data: o.data, status: Pending,
		date: now, due: now.Add(b.PendingFor), manual: b.Manual, failWith: b.FailWith, cancelWith: b.CancelWith,
		refuseCancel: b.RefuseCancel, cost: o.cost, draft: o.draft, apply: o.apply,
	}
	s.state.balance -= o.cost
	s.state.operations = append(s.state.operations, op)
	s.state.pending = append(s.state.pending, op)
	if c.session.sync && !op.manual && b.PendingFor <= 0 && !o.neverNow {
		s.conclude(op)
	}
	return op, nil
}

// conclude ends an operation according to its behaviour.
func (s *Server) conclude(op *operation) {
	if op.cancelWith != "" {
		s.end(op, Cancelled, op.cancelWith)
		return
	}
	s.finish(op, op.failWith)
}

// finish ends an operation, successfully or with a failure message. A failed
// operation may be finished again, as the registrar's support does.
func (s *Server) finish(op *operation, failure string) {
	if failure != "" {
		s.end(op, Failed, failure)
		return
	}
	if op.status != Pending {
		s.state.balance -= op.cost
	}
	op.status, op.message = Done, ""
	op.apply()
}

func (s *Server) end(op *operation, status, message string) {
	if op.status == Pending {
		s.state.balance += op.cost
	}
	op.status, op.message = status, message
}

func (s *Server) operationByID(c *call) (*operation, *fault) {
	id, err := c.int("idOpe")
	i := id - firstOperation
	if err != nil || i < 0 || i >= len(s.state.operations) {
		return nil, invalid("idOpe")
	}
	return s.state.operations[i], nil
}

func (s *Server) queryOpe(c *call) (any, *fault) {
	op, refused := s.operationByID(c)
	if refused != nil {
		return nil, refused
	}
	return op, nil
}

// queryOpePending returns id_ope as a string, the type in a struct of the
// vendor.
func (s *Server) queryOpePending(*call) (any, *fault) {
	list := array{kind: "ns1:StructQueryOpePending"}
	for _, op := range s.state.pending {
		if op.status == Pending {
			number := itoa(op.id)
			if op.garbled {
				number = "?"
			}
			list.items = append(list.items, structure{"StructQueryOpePending", []field{
				{"id_ope", number}, {"code_ope", op.code},
				{"date_ope", op.date.UTC().Format(time.DateTime)}, {"data_ope", op.data},
			}})
		}
	}
	return list, nil
}

func (s *Server) cancelOpe(c *call) (any, *fault) {
	op, refused := s.operationByID(c)
	if refused != nil {
		return nil, refused
	}
	if op.status != Pending || op.refuseCancel {
		return nil, refuse("Operation cannot be cancelled")
	}
	s.end(op, Cancelled, "Cancelled by the reseller")
	return nil, nil
}

// pendingFor finds a pending operation on a domain; an empty code means any.
func (st *state) pendingFor(name string, codes ...string) *operation {
	for _, op := range st.pending {
		if op.status == Pending && op.data == name && (len(codes) == 0 || slices.Contains(codes, op.code)) {
			return op
		}
	}
	return nil
}

// split normalises a name and finds its extension, the longest one sold:
// "shop.com.au" may belong to "com.au" or to "au". Names come in ACE form.
func (s *Server) split(text string) (name string, tld TLD, sold bool, ok bool) {
	parsed, err := domains.ParseName(text)
	if err != nil || parsed.String() != strings.ToLower(strings.TrimSpace(text)) {
		return "", TLD{}, false, false
	}
	name = parsed.String()
	for rest := name; ; {
		_, after, more := strings.Cut(rest, ".")
		if !more {
			return name, TLD{}, false, true
		}
		if tld, found := s.options.TLDs[after]; found {
			return name, tld, true, true
		}
		rest = after
	}
}
