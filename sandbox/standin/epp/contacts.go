package epp

import (
	"slices"
	"strings"
	"time"

	"domainprovisioning/domains"
)

// contact is a contact object. It keeps the elements that it was made of, in their order.
type contact struct {
	id, roid, sponsor string
	postal            []postal
	voice, fax        phone
	email, authInfo   string
	disclose          *disclose
	statuses          []string
	created, updated  time.Time
}

type postal struct {
	kind, name, org  string
	streets          []string
	city, sp, pc, cc string
}

type phone struct{ number, extension string }

// disclose is what a contact says about its publication: elements, such as "name int" or "voice".
type disclose struct {
	flag     bool
	elements []string
}

func (s *Server) findContact(r *request) (*contact, *answer) {
	n := r.object.get("id")
	c := s.state.contacts[n.text]
	if c == nil {
		return nil, refuse(2303).because(n, "there is no contact %s", n.text)
	}
	return c, nil
}

func (s *Server) ownContact(r *request, prohibitions ...string) (*contact, *answer) {
	c, refused := s.findContact(r)
	if refused != nil {
		return nil, refused
	}
	if c.sponsor != s.options.Login {
		return nil, refuse(2201).because(r.object.get("id"), "the contact is with another registrar")
	}
	for _, status := range prohibitions {
		if slices.Contains(c.statuses, status) {
			return nil, refuse(2304).because(r.object.get("id"), "the contact has the status %s", status)
		}
	}
	return c, nil
}

func (s *Server) inUse(id string) bool {
	for _, d := range s.state.domains {
		if d.registrant == id || slices.ContainsFunc(d.contacts, func(ref contactRef) bool { return ref.id == id }) {
			return true
		}
	}
	return false
}

func (s *Server) checkContacts(r *request) *answer {
	content := each(r.object.all("id"), func(n *node) string {
		avail, reason := "1", ""
		if s.state.contacts[n.text] != nil {
			avail, reason = "0", "In use"
		}
		return tag("contact:cd", leafTag("contact:id", n.text, "avail", avail)+optional("contact:reason", reason))
	})
	return &answer{code: 1000, data: tag("contact:chkData", content, "xmlns:contact", nsContact)}
}

func (s *Server) createContact(r *request) *answer {
	n := r.object.get("id")
	if s.state.contacts[n.text] != nil {
		return refuse(2302).because(n, "the contact exists")
	}
	made := &contact{id: n.text, sponsor: s.options.Login}
	if refused := made.take(r.object); refused != nil {
		return refused
	}
	s.keepContact(made)
	s.count(made.id, "contact:create")
	return &answer{code: 1000, data: tag("contact:creData", leafTag("contact:id", made.id)+at("contact:crDate", made.created), "xmlns:contact", nsContact)}
}

func (s *Server) keepContact(c *contact) {
	c.roid, c.created = s.newROID("C"), s.today()
	if s.state.contacts[c.id] == nil {
		s.state.contactOrder = append(s.state.contactOrder, c.id)
	}
	s.state.contacts[c.id] = c
}

// take takes over the elements of a create or of the part chg of an update.
func (c *contact) take(n *node) *answer {
	var seen []string
	for _, one := range n.all("postalInfo") {
		kind := one.attr("type")
		if slices.Contains(seen, kind) {
			return refuse(2306).because(one, "the type %s is there twice", kind)
		}
		seen = append(seen, kind)
		if refused := c.takePostal(one); refused != nil {
			return refused
		}
	}
	if email := n.get("email"); email != nil {
		before, after, found := strings.Cut(email.text, "@")
		if !found || before == "" || !strings.Contains(after, ".") || strings.ContainsAny(email.text, " ,;<>") {
			return refuse(2005).because(email, "is no address of e-mail")
		}
		c.email = email.text
	}
	for local, place := range map[string]*phone{"voice": &c.voice, "fax": &c.fax} {
		if one := n.get(local); one != nil {
			*place = phone{one.text, one.attr("x")}
		}
	}
	if auth := n.get("authInfo"); auth != nil {
		given, refused := passwordOf(auth)
		if refused != nil {
			return refused
		}
		c.authInfo = given
	}
	if wish := n.get("disclose"); wish != nil {
		c.disclose = &disclose{flag: wish.attr("flag") == "1" || wish.attr("flag") == "true"}
		for _, one := range wish.children {
			c.disclose.elements = append(c.disclose.elements, strings.TrimSpace(one.local+" "+one.attr("type")))
		}
		if len(c.disclose.elements) == 0 {
			return refuse(2003).because(wish, "names nothing")
		}
	}
	return nil
}

// takePostal takes over an address; one that is there already is changed in what is given.
func (c *contact) takePostal(n *node) *answer {
	kind := n.attr("type")
	if kind == "int" && !isASCII(n) {
		return refuse(2005).because(n, "an address of type int is in ASCII")
	}
	i := slices.IndexFunc(c.postal, func(one postal) bool { return one.kind == kind })
	if i < 0 {
		if n.get("name") == nil || n.get("addr") == nil {
			return refuse(2003).because(n, "a new address needs name and addr")
		}
		c.postal = append(c.postal, postal{kind: kind})
		i = len(c.postal) - 1
	}
	place := &c.postal[i]
	if one := n.get("name"); one != nil {
		place.name = one.text
	}
	if one := n.get("org"); one != nil {
		place.org = one.text
	}
	if addr := n.get("addr"); addr != nil {
		if problem := domains.CountryProblem(addr.value("cc")); problem != "" {
			return refuse(2005).because(addr.get("cc"), "%s", problem)
		}
		place.streets = nil
		for _, street := range addr.all("street") {
			place.streets = append(place.streets, street.text)
		}
		place.city, place.sp, place.pc, place.cc = addr.value("city"), addr.value("sp"), addr.value("pc"), addr.value("cc")
	}
	return nil
}

func isASCII(n *node) bool {
	if strings.IndexFunc(n.text, func(r rune) bool { return r > 126 }) >= 0 {
		return false
	}
	return !slices.ContainsFunc(n.children, func(child *node) bool { return !isASCII(child) })
}

func (s *Server) readContact(r *request) *answer {
	c, refused := s.findContact(r)
	if refused != nil {
		return refused
	}
	if auth := r.object.get("authInfo"); auth != nil {
		given, refused := passwordOf(auth)
		if refused != nil {
			return refused
		}
		if given != c.authInfo {
			return refuse(2202).because(auth.get("pw"), "is not that of the contact")
		}
	} else if c.sponsor != s.options.Login {
		return refuse(2201).because(r.object.get("id"), "the contact is with another registrar")
	}
	return &answer{code: 1000, data: s.contactData(c)}
}

func (s *Server) contactData(c *contact) string {
	statuses := slices.Clone(c.statuses)
	if len(statuses) == 0 {
		statuses = append(statuses, "ok")
	}
	if s.inUse(c.id) {
		statuses = append(statuses, "linked")
	}
	content := leafTag("contact:id", c.id) + leafTag("contact:roid", c.roid) + statusTags("contact:status", statuses)
	content += each(c.postal, postal.tag) + c.voice.tag("contact:voice") + c.fax.tag("contact:fax") + leafTag("contact:email", c.email) +
		leafTag("contact:clID", c.sponsor) + leafTag("contact:crID", c.sponsor) + at("contact:crDate", c.created)
	if !c.updated.IsZero() {
		content += leafTag("contact:upID", c.sponsor) + at("contact:upDate", c.updated)
	}
	content += tag("contact:authInfo", leafTag("contact:pw", c.authInfo))
	if c.disclose != nil {
		content += c.disclose.tag()
	}
	return tag("contact:infData", content, "xmlns:contact", nsContact)
}

func (p postal) tag() string {
	addr := each(p.streets, func(street string) string { return leafTag("contact:street", street) })
	addr += leafTag("contact:city", p.city) + optional("contact:sp", p.sp) + optional("contact:pc", p.pc) + leafTag("contact:cc", p.cc)
	return tag("contact:postalInfo", leafTag("contact:name", p.name)+optional("contact:org", p.org)+tag("contact:addr", addr), "type", p.kind)
}

func (p phone) tag(name string) string {
	if p.extension == "" {
		return optional(name, p.number)
	}
	return optional(name, p.number, "x", p.extension)
}

func (d *disclose) tag() string {
	content := each(d.elements, func(element string) string {
		if local, kind, typed := strings.Cut(element, " "); typed {
			return tag("contact:"+local, "", "type", kind)
		}
		return tag("contact:"+element, "")
	})
	flag := "0"
	if d.flag {
		flag = "1"
	}
	return tag("contact:disclose", content, "flag", flag)
}

func (s *Server) updateContact(r *request) *answer {
	add, rem, chg := r.object.get("add"), r.object.get("rem"), r.object.get("chg")
	var prohibitions []string
	if !slices.ContainsFunc(rem.all("status"), func(n *node) bool { return n.attr("s") == "clientUpdateProhibited" }) {
		prohibitions = append(prohibitions, "clientUpdateProhibited")
	}
	c, refused := s.ownContact(r, append(prohibitions, "serverUpdateProhibited")...)
	if refused != nil {
		return refused
	}
	if add.empty() && rem.empty() && chg.empty() {
		return refuse(2003).because(r.object, "changes nothing")
	}
	statuses, refused := changedStatuses(c.statuses, add, rem)
	if refused != nil {
		return refused
	}
	changed := *c
	changed.postal = slices.Clone(c.postal)
	if chg != nil {
		if refused := changed.take(chg); refused != nil {
			return refused
		}
	}
	changed.statuses, changed.updated = statuses, s.today()
	*c = changed
	s.count(c.id, "contact:update")
	return &answer{code: 1000}
}

func (s *Server) deleteContact(r *request) *answer {
	c, refused := s.ownContact(r, "clientDeleteProhibited", "serverDeleteProhibited")
	if refused != nil {
		return refused
	}
	if s.inUse(c.id) {
		return refuse(2305).because(r.object.get("id"), "a domain has this contact")
	}
	delete(s.state.contacts, c.id)
	s.state.contactOrder = slices.DeleteFunc(s.state.contactOrder, func(id string) bool { return id == c.id })
	s.count(c.id, "contact:delete")
	return &answer{code: 1000}
}
