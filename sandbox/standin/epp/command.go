package epp

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"domainprovisioning/sandbox/standin/faults"
)

// request is a frame from a client.
type request struct {
	session        *session
	call           string
	fault          faults.Kind
	wrong          *answer // what reading it has found out
	command        *node   // the element of the verb
	object         *node   // the object's element in it
	extensions     map[string]*node
	clTRID, svTRID string
}

// handler carries out a command under the lock.
type handler func(*Server, *request) *answer

func handlers() map[string]handler {
	return map[string]handler{
		"hello":    func(s *Server, _ *request) *answer { return &answer{frame: s.greeting()} },
		"login":    (*Server).login,
		"logout":   (*Server).logout,
		"poll.req": (*Server).pollRequest,
		"poll.ack": (*Server).pollAcknowledge,

		"domain.check":            (*Server).checkDomains,
		"domain.create":           (*Server).createDomain,
		"domain.info":             (*Server).readDomain,
		"domain.renew":            (*Server).renewDomain,
		"domain.transfer":         (*Server).requestTransfer,
		"domain.transfer.query":   (*Server).queryTransfer,
		"domain.transfer.cancel":  (*Server).cancelTransfer,
		"domain.transfer.approve": (*Server).decideTransfer,
		"domain.transfer.reject":  (*Server).decideTransfer,
		"domain.update":           (*Server).updateDomain,
		"domain.restore":          (*Server).restoreDomain,
		"domain.restore.report":   (*Server).reportRestore,
		"domain.delete":           (*Server).deleteDomain,

		"host.check":  (*Server).checkHosts,
		"host.create": (*Server).createHost,
		"host.info":   (*Server).readHost,
		"host.update": (*Server).updateHost,
		"host.delete": (*Server).deleteHost,

		"contact.check":  (*Server).checkContacts,
		"contact.create": (*Server).createContact,
		"contact.info":   (*Server).readContact,
		"contact.update": (*Server).updateContact,
		"contact.delete": (*Server).deleteContact,
	}
}

// Names of frames that are no command.
const (
	callBroken  = "broken"  // no XML
	callUnknown = "unknown" // XML that is no known command
)

// names lists the calls as faults and the record name them.
func (s *Server) names() []string {
	return append(slices.Collect(maps.Keys(s.handlers)), callBroken, callUnknown)
}

// read reads a frame, and says what it finds wrong in request.wrong.
func (s *Server) read(one *session, frame []byte) *request {
	s.mu.Lock()
	r := &request{session: one, call: callBroken, svTRID: s.newTRID()}
	s.mu.Unlock()
	root, err := parse(frame)
	if err != nil {
		r.wrong = refuse(2001).because(nil, "%s", strings.TrimPrefix(err.Error(), "epp: "))
		return r
	}
	r.call = callOf(root)
	command := root.get("command")
	if trid := command.get("clTRID"); trid != nil {
		if given, wrong := token(3, 64).read(trid.text); wrong == "" && len(trid.children) == 0 {
			r.clTRID = given
		}
	}
	if unknownCommand(root) {
		r.wrong = refuse(2000)
		return r
	}
	if wrong := s.grammar.root(root); wrong != nil {
		r.wrong = wrong.refusal()
		return r
	}
	r.command = command.first()
	if r.call != "login" && r.call != "logout" { // these have no object, and logout may have any content
		r.object = r.command.first()
	}
	r.extensions = map[string]*node{}
	r.wrong = s.readExtensions(r, command.get("extension"))
	if r.wrong == nil && r.object != nil {
		r.wrong = s.judgeObject(r)
	}
	return r
}

// root checks a frame.
func (g grammar) root(n *node) *violation {
	of, known := g[name{n.space, n.local}]
	if !known || n.local != "epp" {
		return n.breaks("is not the element epp of " + nsEPP)
	}
	return g.read(n, of)
}

func verbs() []string {
	return []string{"check", "create", "delete", "info", "login", "logout", "poll", "renew", "transfer", "update"}
}

// unknownCommand: the frame is EPP, but no command of RFC 5730.
func unknownCommand(root *node) bool {
	if root.space != nsEPP || root.local != "epp" || len(root.children) == 0 || root.get("hello") != nil {
		return false
	}
	first := root.get("command").first()
	return root.get("command") == nil || first != nil && first.space == nsEPP && !slices.Contains(verbs(), first.local)
}

// callOf names a frame for faults and the record, also one that breaks a rule.
func callOf(root *node) string {
	if root.get("hello") != nil {
		return "hello"
	}
	command := root.get("command").first()
	if command == nil || !slices.Contains(verbs(), command.local) {
		return callUnknown
	}
	switch command.local {
	case "login", "logout":
		return command.local
	case "poll":
		if op := command.attr("op"); op == "req" || op == "ack" {
			return "poll." + op
		}
		return callUnknown
	}
	object := map[string]string{nsDomain: "domain", nsHost: "host", nsContact: "contact"}[command.first().namespace()]
	if object == "" {
		return callUnknown
	}
	call := object + "." + command.local
	if op := command.attr("op"); command.local == "transfer" && op != "request" {
		return call + "." + op
	}
	if call != "domain.update" {
		return call
	}
	for _, extension := range root.get("command").get("extension").all("update") {
		if extension.space == nsRGP {
			if extension.get("restore").attr("op") == "report" {
				return "domain.restore.report"
			}
			return "domain.restore"
		}
	}
	return call
}

func (n *node) namespace() string {
	if n == nil {
		return ""
	}
	return n.space
}

// readExtensions keeps the extensions of a command by namespace.
func (s *Server) readExtensions(r *request, extension *node) *answer {
	if extension == nil {
		return nil
	}
	for _, one := range extension.children {
		if !s.grammar.knows(one.space) || !s.offers(one.space) || slices.Contains([]string{nsDomain, nsHost, nsContact}, one.space) {
			return refuse(2103).because(one, "the extension %s is not offered", one.space)
		}
		if r.extensions[one.space] != nil {
			return refuse(2306).because(one, "the extension is there twice")
		}
		if !belongs(one, r.call) {
			return refuse(2103).because(one, "the extension is not for this command")
		}
		r.extensions[one.space] = one
	}
	return nil
}

// belongs says whether an extension is one of a command.
func belongs(extension *node, call string) bool {
	switch extension.space {
	case nsLoginSec:
		return call == "login"
	case nsRGP:
		return strings.HasPrefix(call, "domain.restore")
	case nsFee:
		return call == "domain."+extension.local || extension.local == "update" && call == "domain.restore"
	case nsSecDNS, nsLaunch:
		return call == "domain."+extension.local
	}
	return false
}

func (s *Server) judgeObject(r *request) *answer {
	switch object := r.object; {
	case !slices.Contains(s.objects(), object.space):
		return refuse(2307).because(object, "the service %s is not offered", object.space)
	case object.local != r.command.local:
		return refuse(2001).because(object, "does not belong into the element %s", r.command.local)
	case s.handlers[r.call] == nil:
		return refuse(2101).because(object, "%s is not implemented", r.call)
	}
	return nil
}

// carryOut carries out a command.
func (s *Server) carryOut(r *request) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	if r.wrong != nil {
		return r.wrong
	}
	if r.call != "hello" && (r.call == "login") == r.session.loggedIn {
		return refuse(2002)
	}
	if r.session.loggedIn && r.object != nil {
		if !r.session.services[r.object.space] {
			return refuse(2307).because(r.object, "the login has not named this service")
		}
		for space, extension := range r.extensions {
			if !r.session.services[space] {
				return refuse(2103).because(extension, "the login has not named this extension")
			}
		}
	}
	return s.handlers[r.call](s, r)
}

// render writes an answer.
func (s *Server) render(r *request, a *answer) []byte {
	if a.frame != nil {
		return a.frame
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	code := a.code
	if r.fault == faults.UnknownStatus {
		code = unknownCode
	}
	content := a.result(code)
	if queue := s.state.queue; a.queue != "" {
		content += a.queue
	} else if len(queue) > 0 && r.session.loggedIn {
		content += tag("msgQ", "", "count", strconv.Itoa(len(queue)), "id", queue[0].id)
	}
	if a.data != "" {
		content += tag("resData", a.data)
	}
	if a.more != "" {
		content += tag("extension", a.more)
	}
	return frameOf(tag("response", content+tag("trID", optional("clTRID", r.clTRID)+leafTag("svTRID", r.svTRID))))
}

// newTRID returns an identifier of a transaction, the 7th and each 7th after it as long as the
// schema lets it be.
func (s *Server) newTRID() string {
	s.state.lastTRID++
	id := fmt.Sprintf("STANDIN-%08d", s.state.lastTRID)
	if s.state.lastTRID%7 == 0 {
		id += "-" + strings.Repeat("0", 64-len(id)-1)
	}
	return id
}
