package epp

import (
	"slices"
	"strconv"
	"strings"
)

// objects lists the services that the greeting offers.
func (s *Server) objects() []string {
	list := []string{nsDomain, nsContact, nsHost, nsMaintenance}
	return slices.DeleteFunc(list, func(uri string) bool {
		return uri == nsHost && s.options.HostAttributes || slices.Contains(s.options.Without, uri)
	})
}

func (s *Server) extensions() []string {
	list := []string{nsRGP, nsSecDNS, nsFee, nsLoginSec, nsChangePoll, nsLaunch}
	return append(slices.DeleteFunc(list, func(uri string) bool { return slices.Contains(s.options.Without, uri) }), s.options.Also...)
}

func (s *Server) offers(extension string) bool { return slices.Contains(s.extensions(), extension) }

// greeting is what the server says first, and when it is asked by hello.
func (s *Server) greeting() []byte {
	menu := leafTag("version", "1.0") + leafTag("lang", "en")
	menu += each(s.objects(), func(uri string) string { return leafTag("objURI", uri) })
	if extensions := each(s.extensions(), func(uri string) string { return leafTag("extURI", uri) }); extensions != "" {
		menu += tag("svcExtension", extensions)
	}
	policy := tag("access", "<all/>") +
		tag("statement", tag("purpose", "<admin/><prov/>")+tag("recipient", "<ours/><public/>")+tag("retention", "<stated/>"))
	return frameOf(tag("greeting",
		leafTag("svID", serverID)+at("svDate", s.options.Now())+tag("svcMenu", menu)+tag("dcp", policy)))
}

// elsewherePassword in place of a password says that it is in the extension (RFC 8807, section 3.1).
const elsewherePassword = "[LOGIN-SECURITY]"

func (s *Server) login(r *request) *answer {
	n := r.command
	options, services := n.get("options"), n.get("svcs")
	if version := options.get("version"); version.text != "1.0" {
		return refuse(2100).because(version, "version %s is not spoken here", version.text)
	}
	if lang := options.get("lang"); !strings.EqualFold(lang.text, "en") {
		return refuse(2102).because(lang, "the language %s is not offered", lang.text)
	}
	chosen := map[string]bool{}
	for _, object := range services.all("objURI") {
		if !slices.Contains(s.objects(), object.text) {
			return refuse(2307).because(object, "the service %s is not offered", object.text)
		}
		chosen[object.text] = true
	}
	for _, extension := range services.get("svcExtension").all("extURI") {
		if !s.offers(extension.text) {
			return refuse(2103).because(extension, "the extension %s is not offered", extension.text)
		}
		chosen[extension.text] = true
	}
	extension := r.extensions[nsLoginSec]
	if extension != nil && !chosen[nsLoginSec] {
		return refuse(2103).because(extension, "the login has not named this extension")
	}
	given, refused := longer(n.get("pw"), extension.get("pw"))
	if refused != nil {
		return refused
	}
	changed, refused := longer(n.get("newPW"), extension.get("newPW"))
	if refused != nil {
		return refused
	}
	if n.value("clID") != s.options.Login || given != s.state.password {
		r.session.failures++
		code := 2200
		if r.session.failures >= mostFailures {
			code = 2501
		}
		return &answer{code: code, more: s.warnings(extension)}
	}
	if changed != "" && len(changed) < s.options.ShortestPassword {
		refused := refuse(2306).because(n.get("newPW"), "needs at least %d characters", s.options.ShortestPassword)
		refused.more = s.warnings(extension)
		return refused
	}
	if len(s.state.sessions) >= s.options.MostSessions {
		return refuse(2502)
	}
	if changed != "" {
		s.state.password = changed
	}
	r.session.loggedIn, r.session.services = true, chosen
	s.state.sessions[r.session] = true
	return &answer{code: 1000, more: s.warnings(extension)}
}

// warnings is loginSecData for a login that has used the extension (RFC 8807, section 4.1).
func (s *Server) warnings(extension *node) string {
	if extension == nil || len(s.state.warnings) == 0 {
		return ""
	}
	return tag("loginSec:loginSecData", each(s.state.warnings, func(w Warning) string {
		attributes := []string{"type", w.Type, "level", w.Level}
		for _, pair := range [][2]string{{"name", w.Name}, {"exDate", w.ExDate}, {"value", w.Value}, {"duration", w.Duration}} {
			if pair[1] != "" {
				attributes = append(attributes, pair[0], pair[1])
			}
		}
		return tag("loginSec:event", escape(w.Text), attributes...)
	}), "xmlns:loginSec", nsLoginSec)
}

// longer returns the password of an element, which may be in the extension.
func longer(plain, extension *node) (string, *answer) {
	switch {
	case plain == nil && extension == nil:
		return "", nil
	case plain != nil && plain.text == elsewherePassword:
		if extension == nil {
			return "", refuse(2003).because(plain, "the password is not in the extension")
		}
		return extension.text, nil
	case extension != nil:
		return "", refuse(2306).because(extension, "is only for a password that is %s", elsewherePassword)
	}
	return plain.text, nil
}

func (s *Server) logout(r *request) *answer {
	s.logOut(r.session)
	return &answer{code: 1500}
}

// logOut ends a login; the connection stays.
func (s *Server) logOut(one *session) {
	one.loggedIn, one.services = false, nil
	delete(s.state.sessions, one)
}

// message is one of the queue.
type message struct {
	id, text string
	at       string
	markup   string // elements inside msg, after the text
	data     string // the content of resData
	needs    string // the service or extension without which data is left out
	more     string // the content of extension, left out without the extension
	moreIs   string // its namespace
}

// queueUp adds a message.
func (s *Server) queueUp(m message) {
	s.state.lastMessage++
	m.id, m.at = strconv.FormatInt(s.state.lastMessage, 10), stamp(s.options.Now())
	s.state.queue = append(s.state.queue, m)
}

func (s *Server) pollRequest(r *request) *answer {
	if len(s.state.queue) == 0 {
		return &answer{code: 1300}
	}
	m := s.state.queue[0]
	reply := &answer{code: 1301}
	reply.queue = tag("msgQ",
		leafTag("qDate", m.at)+tag("msg", escape(m.text)+m.markup), "count", strconv.Itoa(len(s.state.queue)), "id", m.id)
	if m.needs == "" || r.session.services[m.needs] {
		reply.data = m.data
	}
	if r.session.services[m.moreIs] {
		reply.more = m.more
	}
	return reply
}

func (s *Server) pollAcknowledge(r *request) *answer {
	id, given := r.command.attrs["msgID"]
	switch {
	case !given:
		return refuse(2003).because(r.command, "needs the attribute msgID")
	case len(s.state.queue) == 0 || s.state.queue[0].id != id:
		return refuse(2303).because(r.command, "no such message at the head of the queue")
	}
	s.state.queue = s.state.queue[1:]
	return &answer{code: 1000}
}
