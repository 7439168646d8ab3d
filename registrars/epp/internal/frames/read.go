package frames

import (
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
	"unicode"

	"domainprovisioning/domains"
	"domainprovisioning/registrars/epp/internal/objects"
)

// ReadGreeting reads what a registry offers. A frame that is no greeting is a *objects.MalformedError.
func ReadGreeting(frame []byte) (Menu, error) {
	root, err := parse(frame)
	if err != nil {
		return Menu{}, err
	}
	greeting := root.child(nsEPP, "greeting")
	if greeting == nil {
		return Menu{}, missing("greeting")
	}
	menu := Menu{Server: greeting.of(nsEPP, "svID")}
	offered := greeting.child(nsEPP, "svcMenu")
	values := func(of *node, name string) []string {
		found := of.all(nsEPP, name)
		all := make([]string, len(found))
		for i, one := range found {
			all[i] = one.value()
		}
		return all
	}
	menu.Languages, menu.Objects = values(offered, "lang"), values(offered, "objURI")
	menu.Extensions = values(offered.child(nsEPP, "svcExtension"), "extURI")
	return menu, nil
}

// Read reads an answer. A frame that is none, or whose result cannot be read, is a
// *objects.MalformedError.
func Read(frame []byte) (objects.Answer, error) {
	root, err := parse(frame)
	if err != nil {
		return objects.Answer{}, err
	}
	response := root.child(nsEPP, "response")
	if response == nil {
		return objects.Answer{}, missing("response")
	}
	var answer objects.Answer
	for _, one := range response.all(nsEPP, "result") {
		code, err := strconv.Atoi(one.attribute("code"))
		if err != nil || code < 1000 || code > 9999 {
			return objects.Answer{}, missing("readable code")
		}
		answer.Results = append(answer.Results, resultOf(one, objects.Code(code)))
	}
	if len(answer.Results) == 0 {
		return objects.Answer{}, missing("result")
	}
	for _, one := range answer.Results {
		if one.Code.Success() != answer.Code().Success() {
			return objects.Answer{}, &objects.MalformedError{Why: "its results disagree"}
		}
	}
	answer.Transaction, answer.Client = transactions(response.child(nsEPP, "trID"))
	data, extension := response.child(nsEPP, "resData"), response.child(nsEPP, "extension")
	answer.Grace = graces(extension)
	readDomains(&answer, data, extension)
	readContacts(&answer, data)
	readHosts(&answer, data)
	readFees(&answer, extension)
	readEvents(&answer, extension)
	if queue := response.child(nsEPP, "msgQ"); queue.attribute("id") != "" {
		answer.Message = messageOf(queue, data, extension, &answer)
	}
	return answer, nil
}

// longestID is the length of the longest id of a transaction (RFC 5730, section 4.1).
const longestID = 64

// transactions reads the ids of a transaction, the registry's and ours. References and logs have
// them, so what cannot be seen is left out, and what is longer than the schema allows is cut.
func transactions(n *node) (server, client string) {
	id := func(name string) string {
		var kept []rune
		for _, r := range n.of(nsEPP, name) {
			if unicode.IsPrint(r) && r != ' ' && len(kept) < longestID {
				kept = append(kept, r)
			}
		}
		return string(kept)
	}
	return id("svTRID"), id("clTRID")
}

func resultOf(n *node, code objects.Code) objects.Result {
	result := objects.Result{Code: code, Text: n.child(nsEPP, "msg").words()}
	for _, value := range n.all(nsEPP, "value") {
		result.Elements = append(result.Elements, value.names()...)
		if text := value.words(); text != "" {
			result.Reasons = append(result.Reasons, text)
		}
	}
	for _, detail := range n.all(nsEPP, "extValue") {
		result.Elements = append(result.Elements, detail.child(nsEPP, "value").names()...)
		for _, text := range []string{detail.child(nsEPP, "value").words(), detail.child(nsEPP, "reason").words()} {
			if text != "" {
				result.Reasons = append(result.Reasons, text)
			}
		}
	}
	return result
}

func readDomains(answer *objects.Answer, data, extension *node) {
	if check := data.child(Domains, "chkData"); check != nil {
		answer.Available = availability(check, Domains, "name")
	}
	for _, name := range []string{"creData", "renData"} {
		if made := data.child(Domains, name); made != nil {
			answer.Created = &objects.Created{
				Name: made.of(Domains, "name"), Created: readMoment(made.of(Domains, "crDate")), Expires: readMoment(made.of(Domains, "exDate")),
			}
		}
	}
	if moved := data.child(Domains, "trnData"); moved != nil {
		answer.Transfer = &objects.Transfer{
			Domain: moved.of(Domains, "name"), Status: moved.of(Domains, "trStatus"), Requester: moved.of(Domains, "reID"),
			Requested: readMoment(moved.of(Domains, "reDate")), Expires: readMoment(moved.of(Domains, "exDate")),
		}
	}
	info := data.child(Domains, "infData")
	if info == nil {
		return
	}
	domain := &objects.Domain{
		Name: info.of(Domains, "name"), ROID: info.of(Domains, "roid"), Registrant: info.of(Domains, "registrant"), Sponsor: info.of(Domains, "clID"),
		Created: readMoment(info.of(Domains, "crDate")), Updated: readMoment(info.of(Domains, "upDate")), AuthInfo: domains.NewSecret(info.child(Domains, "authInfo").of(Domains, "pw")), Expires: readMoment(info.of(Domains, "exDate")), Statuses: statuses(info, Domains),
	}
	for _, contact := range info.all(Domains, "contact") {
		domain.Contacts = append(domain.Contacts, objects.ContactRef{Role: contact.attribute("type"), Handle: contact.value()})
	}
	servers := info.child(Domains, "ns")
	for _, host := range servers.all(Domains, "hostObj") {
		domain.NameServers = append(domain.NameServers, objects.Host{Name: host.value()})
	}
	for _, host := range servers.all(Domains, "hostAttr") {
		domain.NameServers = append(domain.NameServers, objects.Host{
			Name: host.of(Domains, "hostName"), Addresses: addresses(host.all(Domains, "hostAddr")),
		})
	}
	domain.Grace = answer.Grace
	readDNSSEC(domain, extension.child(SecDNS, "infData"))
	answer.Domain = domain
}

func statuses(n *node, space string) []string {
	found := n.all(space, "status")
	all := make([]string, len(found))
	for i, status := range found {
		all[i] = status.attribute("s")
	}
	return all
}

// graces reads the grace periods, of which there may be several (copies of the schema differ).
func graces(extension *node) []string {
	var all []string
	for _, name := range []string{"infData", "upData"} {
		for _, part := range extension.all(Grace, name) {
			for _, status := range part.all(Grace, "rgpStatus") {
				all = append(all, status.attribute("s"))
			}
		}
	}
	return all
}

// readDNSSEC reads keys and digests. One that cannot be read makes the whole unreadable: taken
// for absent, a signed domain would be an unsigned one.
func readDNSSEC(domain *objects.Domain, info *node) {
	for _, part := range info.all(SecDNS, "dsData") {
		tag, ok1 := number(part.of(SecDNS, "keyTag"), 65535)
		algorithm, ok2 := number(part.of(SecDNS, "alg"), 255)
		kind, ok3 := number(part.of(SecDNS, "digestType"), 255)
		digest := part.of(SecDNS, "digest")
		if _, err := hex.DecodeString(digest); err != nil || digest == "" || !ok1 || !ok2 || !ok3 {
			domain.UnreadableDNSSEC = true
			continue
		}
		domain.DS = append(domain.DS, domains.DS{KeyTag: tag, Algorithm: algorithm, DigestType: kind, Digest: strings.ToUpper(digest)})
	}
	for _, part := range info.all(SecDNS, "keyData") {
		flags, ok1 := number(part.of(SecDNS, "flags"), 65535)
		protocol, ok2 := number(part.of(SecDNS, "protocol"), 255)
		algorithm, ok3 := number(part.of(SecDNS, "alg"), 255)
		key := strings.Join(strings.Fields(part.of(SecDNS, "pubKey")), "")
		if !ok1 || !ok2 || !ok3 || key == "" {
			domain.UnreadableDNSSEC = true
			continue
		}
		domain.Keys = append(domain.Keys, domains.DNSKEY{Flags: flags, Protocol: protocol, Algorithm: algorithm, PublicKey: key})
	}
}

func number(text string, most int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && n <= most
}

func availability(check *node, space, id string) []objects.Availability {
	var all []objects.Availability
	for _, one := range check.all(space, "cd") {
		name := one.child(space, id)
		free := name.attribute("avail")
		if name == nil || free == "" {
			continue // it says nothing
		}
		all = append(all, objects.Availability{Name: name.value(), Free: isTrue(free), Reason: one.child(space, "reason").words()})
	}
	return all
}

func addresses(nodes []*node) []netip.Addr {
	all := make([]netip.Addr, len(nodes))
	for i, one := range nodes {
		// One that cannot be read is the zero address, which equals none.
		all[i], _ = netip.ParseAddr(one.value())
	}
	return all
}

func readContacts(answer *objects.Answer, data *node) {
	if check := data.child(Contacts, "chkData"); check != nil {
		answer.Available = availability(check, Contacts, "id")
	}
	if made := data.child(Contacts, "creData"); made != nil {
		answer.Created = &objects.Created{Name: made.of(Contacts, "id"), Created: readMoment(made.of(Contacts, "crDate"))}
	}
	info := data.child(Contacts, "infData")
	if info == nil {
		return
	}
	contact := &objects.Contact{
		Handle: info.of(Contacts, "id"), Email: info.of(Contacts, "email"), Sponsor: info.of(Contacts, "clID"), Statuses: statuses(info, Contacts),
		Phone: phone(info.child(Contacts, "voice")), Fax: phone(info.child(Contacts, "fax")),
	}
	for i, postal := range info.all(Contacts, "postalInfo") {
		if i == 0 {
			readPostal(contact, postal)
			continue
		}
		also := *contact
		also.Streets = nil
		readPostal(&also, postal)
		contact.Also = &also
	}
	disclose := info.child(Contacts, "disclose")
	contact.Hidden = disclose != nil && !isTrue(disclose.attribute("flag"))
	answer.Contact = contact
}

func readPostal(contact *objects.Contact, postal *node) {
	contact.Postal, contact.Name, contact.Organisation = postal.attribute("type"), postal.of(Contacts, "name"), postal.of(Contacts, "org")
	place := postal.child(Contacts, "addr")
	for _, street := range place.all(Contacts, "street") {
		contact.Streets = append(contact.Streets, street.value())
	}
	contact.City, contact.State = place.of(Contacts, "city"), place.of(Contacts, "sp")
	contact.PostalCode, contact.Country = place.of(Contacts, "pc"), place.of(Contacts, "cc")
}

func phone(n *node) objects.Phone {
	return objects.Phone{Number: n.value(), Extension: n.attribute("x")}
}

func readHosts(answer *objects.Answer, data *node) {
	if check := data.child(Hosts, "chkData"); check != nil {
		answer.Available = availability(check, Hosts, "name")
	}
	if made := data.child(Hosts, "creData"); made != nil {
		answer.Created = &objects.Created{Name: made.of(Hosts, "name"), Created: readMoment(made.of(Hosts, "crDate"))}
	}
	if info := data.child(Hosts, "infData"); info != nil {
		answer.Host = &objects.Host{Name: info.of(Hosts, "name"), Addresses: addresses(info.all(Hosts, "addr"))}
	}
}

// readFees reads the answer to a question about fees, or what is left, by either name of the
// extension.
func readFees(answer *objects.Answer, extension *node) {
	for _, space := range []string{Fees, feesOfDrafts} {
		for _, name := range []string{"creData", "renData", "trnData", "updData"} {
			if paid := extension.child(space, name); paid.of(space, "balance") != "" {
				answer.Balance = &objects.Balance{
					Currency: paid.of(space, "currency"), Amount: paid.of(space, "balance"), CreditLimit: paid.of(space, "creditLimit"),
				}
			}
		}
		check := extension.child(space, "chkData")
		currency := check.of(space, "currency")
		for _, one := range check.all(space, "cd") {
			available := one.attribute("avail")
			base := objects.Fee{
				Domain: one.of(space, "objID"), Currency: currency, Class: one.of(space, "class"), Available: available == "" || isTrue(available),
			}
			for _, command := range one.all(space, "command") {
				fee := base
				fee.Command = command.attribute("name")
				if period := command.child(space, "period"); period != nil {
					var whole bool
					fee.Years, whole = years(period)
					fee.Available = fee.Available && whole
				}
				for _, amount := range command.all(space, "fee") {
					fee.Amounts = append(fee.Amounts, amount.value())
				}
				for _, amount := range command.all(space, "credit") {
					fee.Credits = append(fee.Credits, amount.value())
				}
				answer.Fees = append(answer.Fees, fee)
			}
			if !base.Available {
				answer.Fees = append(answer.Fees, base)
			}
		}
	}
}

// years reads a period, which may be told in months (RFC 8748). One of no whole years is
// none that we buy.
func years(period *node) (int, bool) {
	n, ok := number(period.value(), 99)
	if period.attribute("unit") == "m" {
		ok = ok && n%12 == 0
		n /= 12
	}
	if !ok {
		n = 0
	}
	return n, ok
}
