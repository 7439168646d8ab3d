package frames

import (
	"fmt"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars/epp/internal/objects"
)

const (
	head = `<?xml version="1.0" encoding="UTF-8" standalone="no"?>` + "\n" + `<epp xmlns="` + nsEPP + `">`
	tail = `</epp>`
)

// Write writes a command for a session with a menu, under our id of the transaction. Its error
// says that the menu lacks what the command needs; it is a bug of the caller, who has the menu.
func Write(command objects.Command, menu Menu, id string) ([]byte, error) {
	var known bool
	frame := write(id, func(w *writer) (extension func()) {
		extension, known = w.command(command, menu)
		return extension
	})
	if !known {
		return nil, fmt.Errorf("frames: no frame for %T", command)
	}
	return frame, nil
}

func write(id string, body func(*writer) (extension func())) []byte {
	w := &writer{b: make([]byte, 0, 1024)}
	w.b = append(w.b, head...)
	w.open("command")
	if extension := body(w); extension != nil {
		w.open("extension")
		extension()
		w.close("extension")
	}
	w.given("clTRID", id)
	w.close("command")
	w.b = append(w.b, tail...)
	return w.b
}

// command writes a command, and returns what writes its extensions; nil if it has none.
func (w *writer) command(command objects.Command, menu Menu) (extension func(), known bool) {
	switch c := command.(type) {
	case objects.CheckDomains:
		return w.checkDomains(c, menu), true
	case objects.InfoDomain:
		w.object("info", "domain", Domains, func() { w.leaf("domain:name", c.Name, "hosts", "all") })
	case objects.CreateDomain:
		return w.createDomain(c, menu), true
	case objects.RenewDomain:
		w.object("renew", "domain", Domains, func() {
			w.leaf("domain:name", c.Name)
			w.leaf("domain:curExpDate", day(c.Expires))
			w.years("domain:period", c.Years)
		})
		return w.pays(c.Pays, "renew", menu), true
	case objects.TransferDomain:
		return w.transferDomain(c, menu), true
	case objects.DeleteDomain:
		w.object("delete", "domain", Domains, func() { w.leaf("domain:name", c.Name) })
	case objects.UpdateDomain:
		return w.updateDomain(c, menu), true
	case objects.CheckContacts:
		w.object("check", "contact", Contacts, func() { w.leaves("contact:id", c.Handles) })
	case objects.InfoContact:
		w.object("info", "contact", Contacts, func() { w.leaf("contact:id", c.Handle) })
	case objects.CreateContact:
		w.createContact(c)
	case objects.CheckHosts:
		w.object("check", "host", Hosts, func() { w.leaves("host:name", c.Names) })
	case objects.InfoHost:
		w.object("info", "host", Hosts, func() { w.leaf("host:name", c.Name) })
	case objects.CreateHost:
		w.object("create", "host", Hosts, func() {
			w.leaf("host:name", c.Host.Name)
			w.addresses("host:addr", c.Host)
		})
	case objects.Poll:
		w.empty("poll", "op", "req")
	case objects.Acknowledge:
		w.empty("poll", "op", "ack", "msgID", c.ID)
	default:
		return nil, false
	}
	return nil, true
}

// object writes a command about an object.
func (w *writer) object(verb, prefix, namespace string, content func(), attributes ...string) {
	w.open(verb, attributes...)
	w.open(prefix+":"+verb, "xmlns:"+prefix, namespace)
	content()
	w.close(prefix + ":" + verb)
	w.close(verb)
}

func (w *writer) leaves(name string, texts []string) {
	for _, text := range texts {
		w.leaf(name, text)
	}
}

func (w *writer) years(name string, years int) {
	if years > 0 {
		w.number(name, years, "unit", "y")
	}
}

func (w *writer) addresses(name string, host objects.Host) {
	for _, address := range host.Addresses {
		version := "v4"
		if address.Is6() {
			version = "v6"
		}
		w.leaf(name, address.String(), "ip", version)
	}
}

func (w *writer) nameServers(hosts []objects.Host, asAttributes bool) {
	if len(hosts) == 0 {
		return
	}
	w.open("domain:ns")
	for _, host := range hosts {
		if !asAttributes {
			w.leaf("domain:hostObj", host.Name)
			continue
		}
		w.open("domain:hostAttr")
		w.leaf("domain:hostName", host.Name)
		w.addresses("domain:hostAddr", host)
		w.close("domain:hostAttr")
	}
	w.close("domain:ns")
}

func (w *writer) contacts(contacts []objects.ContactRef) {
	for _, contact := range contacts {
		w.leaf("domain:contact", contact.Handle, "type", contact.Role)
	}
}

func (w *writer) authInfo(prefix string, code domains.Secret) {
	w.open(prefix + ":authInfo")
	w.leaf(prefix+":pw", code.Reveal())
	w.close(prefix + ":authInfo")
}

func (w *writer) checkDomains(c objects.CheckDomains, menu Menu) func() {
	w.object("check", "domain", Domains, func() { w.leaves("domain:name", c.Names) })
	if len(c.Fees) == 0 || !menu.Has(Fees) {
		return nil
	}
	return func() {
		w.open("fee:check", "xmlns:fee", menu.fees())
		for _, question := range c.Fees {
			attributes := []string{"name", question.Command}
			if c.Phase != "" {
				attributes = append(attributes, "phase", c.Phase)
			}
			if question.Years == 0 {
				w.empty("fee:command", attributes...)
				continue
			}
			w.open("fee:command", attributes...)
			w.years("fee:period", question.Years)
			w.close("fee:command")
		}
		w.close("fee:check")
	}
}

func (w *writer) createDomain(c objects.CreateDomain, menu Menu) func() {
	w.object("create", "domain", Domains, func() {
		w.leaf("domain:name", c.Name)
		w.years("domain:period", c.Years)
		w.nameServers(c.NameServers, c.AsAttributes)
		w.given("domain:registrant", c.Registrant)
		w.contacts(c.Contacts)
		w.authInfo("domain", c.AuthInfo)
	})
	pays := w.pays(c.Pays, "create", menu)
	if c.Phase == "" || !menu.Has(Launch) {
		return pays
	}
	return func() {
		w.open("launch:create", "xmlns:launch", Launch, "type", "registration")
		w.phase(c.Phase)
		w.close("launch:create")
		if pays != nil {
			pays()
		}
	}
}

// phase writes a launch phase of RFC 8334, section 2.3, or a custom one by its name.
func (w *writer) phase(phase string) {
	switch phase {
	case "sunrise", "landrush", "claims", "open":
		w.leaf("launch:phase", phase)
	default:
		w.leaf("launch:phase", "custom", "name", phase)
	}
}

func (w *writer) transferDomain(c objects.TransferDomain, menu Menu) func() {
	w.object("transfer", "domain", Domains, func() {
		w.leaf("domain:name", c.Name)
		if !c.AuthInfo.IsZero() {
			w.authInfo("domain", c.AuthInfo)
		}
	}, "op", c.Op)
	return w.pays(c.Pays, "transfer", menu)
}

func (w *writer) updateDomain(c objects.UpdateDomain, menu Menu) func() {
	w.object("update", "domain", Domains, func() {
		w.leaf("domain:name", c.Name)
		for _, part := range []struct {
			name string
			objects.Part
		}{{"domain:add", c.Add}, {"domain:rem", c.Remove}} {
			if part.Empty() {
				continue
			}
			w.open(part.name)
			w.nameServers(part.NameServers, c.AsAttributes)
			w.contacts(part.Contacts)
			for _, status := range part.Statuses {
				w.empty("domain:status", "s", status)
			}
			w.close(part.name)
		}
		// A restore needs the element, though it changes nothing (RFC 3915, section 4.2.5).
		if c.Registrant != "" || !c.AuthInfo.IsZero() || c.Restore != nil {
			w.open("domain:chg")
			w.given("domain:registrant", c.Registrant)
			if !c.AuthInfo.IsZero() {
				w.authInfo("domain", c.AuthInfo)
			}
			w.close("domain:chg")
		}
	})
	pays := w.pays(c.Pays, "update", menu)
	if c.DNSSEC == nil && c.Restore == nil {
		return pays
	}
	return func() {
		w.secDNS(c.DNSSEC)
		w.restore(c.Restore)
		if pays != nil {
			pays()
		}
	}
}

// secDNS writes what is removed before what is added.
func (w *writer) secDNS(change *objects.DNSSEC) {
	if change == nil {
		return
	}
	w.open("secDNS:update", "xmlns:secDNS", SecDNS)
	if change.RemoveAll {
		w.open("secDNS:rem")
		w.leaf("secDNS:all", "true")
		w.close("secDNS:rem")
	}
	if len(change.DS)+len(change.Keys) > 0 {
		w.open("secDNS:add")
		for _, ds := range change.DS {
			w.open("secDNS:dsData")
			w.number("secDNS:keyTag", ds.KeyTag)
			w.number("secDNS:alg", ds.Algorithm)
			w.number("secDNS:digestType", ds.DigestType)
			w.leaf("secDNS:digest", strings.ToUpper(ds.Digest))
			w.close("secDNS:dsData")
		}
		for _, key := range change.Keys {
			w.open("secDNS:keyData")
			w.number("secDNS:flags", key.Flags)
			w.number("secDNS:protocol", key.Protocol)
			w.number("secDNS:alg", key.Algorithm)
			w.leaf("secDNS:pubKey", key.PublicKey)
			w.close("secDNS:keyData")
		}
		w.close("secDNS:add")
	}
	w.close("secDNS:update")
}

func (w *writer) restore(restore *objects.Restore) {
	if restore == nil {
		return
	}
	w.open("rgp:update", "xmlns:rgp", Grace)
	if report := restore.Report; report == nil {
		w.empty("rgp:restore", "op", "request")
	} else {
		w.open("rgp:restore", "op", "report")
		w.open("rgp:report")
		w.leaf("rgp:preData", report.Before)
		w.leaf("rgp:postData", report.After)
		w.leaf("rgp:delTime", moment(report.Deleted))
		w.leaf("rgp:resTime", moment(report.Restored))
		w.leaf("rgp:resReason", report.Reason)
		w.leaves("rgp:statement", report.Statements)
		w.close("rgp:report")
		w.close("rgp:restore")
	}
	w.close("rgp:update")
}

// pays writes what a command is made for.
func (w *writer) pays(pays *objects.Paying, verb string, menu Menu) func() {
	if pays == nil || !menu.Has(Fees) {
		return nil
	}
	return func() {
		w.open("fee:"+verb, "xmlns:fee", menu.fees())
		w.given("fee:currency", pays.Currency)
		w.leaf("fee:fee", pays.Amount)
		w.close("fee:" + verb)
	}
}

func (w *writer) createContact(c objects.CreateContact) {
	contact := c.Contact
	w.object("create", "contact", Contacts, func() {
		w.leaf("contact:id", contact.Handle)
		w.open("contact:postalInfo", "type", contact.Postal)
		w.leaf("contact:name", contact.Name)
		w.given("contact:org", contact.Organisation)
		w.open("contact:addr")
		for _, street := range contact.Streets {
			w.given("contact:street", street)
		}
		w.leaf("contact:city", contact.City)
		w.given("contact:sp", contact.State)
		w.given("contact:pc", token(contact.PostalCode))
		w.leaf("contact:cc", contact.Country)
		w.close("contact:addr")
		w.close("contact:postalInfo")
		w.phone("contact:voice", contact.Phone)
		w.phone("contact:fax", contact.Fax)
		w.leaf("contact:email", token(contact.Email))
		w.authInfo("contact", c.AuthInfo)
		if contact.Hidden {
			w.open("contact:disclose", "flag", "0")
			w.empty("contact:name", "type", contact.Postal)
			w.empty("contact:org", "type", contact.Postal)
			w.empty("contact:addr", "type", contact.Postal)
			w.empty("contact:voice")
			w.empty("contact:fax")
			w.empty("contact:email")
			w.close("contact:disclose")
		}
	})
}

func (w *writer) phone(name string, phone objects.Phone) {
	if phone.Extension == "" {
		w.given(name, phone.Number)
	} else {
		w.given(name, phone.Number, "x", phone.Extension)
	}
}
