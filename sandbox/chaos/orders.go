//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"domainprovisioning/sandbox/standin/epp"
	"domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/sandbox/standin/realtimeregister"
	"domainprovisioning/wire/xmlrpc"
)

// order is what one caller asks for.
type order struct {
	index  int
	what   string // such as "registration at netim-chaos"
	domain string // "" for hosting without a domain
	// account is an existing account; 0 for a new customer, who is identified by the
	// e-mail.
	account int
	email   string
	// An xml order goes to /RPC2 and has no number, because the list does not carry one.
	// key is the Idempotency-Key; without key and number, the contents identify a repeat.
	xml         bool
	key, number string
	document    []byte
	// begins is when the caller starts, counted from the start of the disturbances.
	begins time.Duration
	// then is ordered when this one is done.
	then *order
	// want is what must exist at the end because of this order and those that follow it.
	want effects
}

// planner generates the orders of a run from its seed, and creates what they need.
type planner struct {
	random *rand.Rand
	world  *world
	mark   string // prefix of every secret of this run
	during time.Duration
}

// kind is one kind of order.
type kind struct {
	what string
	make func(*planner, *order) document
}

// document is the JSON form of an order.
type document map[string]any

const (
	firstAccount = 500_000
	contactID    = 900
	noService    = -1
	twoYears     = 2
)

// kinds returns those whose name contains a text.
func kinds(named string) []kind {
	return slices.DeleteFunc(append(othersKinds(), eppKinds()...), func(one kind) bool { return !strings.Contains(one.what, named) })
}

// othersKinds are those at the registrars that speak HTTP.
func othersKinds() []kind {
	return []kind{
		{"registration with hosting at " + netimAccount, func(p *planner, o *order) document {
			return p.registration(o, netimPlan, netimTLD, true)
		}},
		{"registration at " + netimAccount, func(p *planner, o *order) document {
			return p.registration(o, netimPlan, netimTLD, false)
		}},
		{"registration at " + netimAccount + ", then its renewal", func(p *planner, o *order) document {
			d := p.registration(o, netimPlan, netimTLD, true)
			p.follow(o, netimPlan, "renewal", nil)
			o.want.add(effects{netimAccount + " domainRenew Done": 1, "years": 1})
			return d
		}},
		{"hosting alone", func(p *planner, o *order) document {
			d := p.newCustomer(o, "chaos.example")
			d["items"] = []any{document{"id": 0, "planId": hostingPlan, "periodId": 36, "parentId": noService}}
			o.want.add(effects{"hosting subscription": 1})
			return d
		}},
		{"transfer to " + netimAccount, (*planner).transferToNetim},
		{"renewal at " + netimAccount, func(p *planner, o *order) document {
			o.want.add(effects{netimAccount + " domainRenew Done": 1, "years": twoYears})
			return p.change(o, netimPlan, netimTLD, "renewal", nil)
		}},
		{"owner change at " + netimAccount, func(p *planner, o *order) document {
			return p.person(o, netimPlan, netimTLD, "owner-change", "owner", netimAccount+" domainTransferOwner Done")
		}},
		{"contact change at " + netimAccount, func(p *planner, o *order) document {
			return p.person(o, netimPlan, netimTLD, "contact-change", "tech", netimAccount+" domainChangeContact Done")
		}},
		{"name server change at " + netimAccount, func(p *planner, o *order) document {
			o.want.add(effects{netimAccount + " domainChangeDNS Done": 1, "years": 1})
			return p.change(o, netimPlan, netimTLD, "name-server-change", document{"nameServers": ownServers()})
		}},
		{"settings change at " + netimAccount, func(p *planner, o *order) document {
			o.want.add(effects{
				netimAccount + " domainSetDNSSEC Done": 1, netimAccount + " domainSetPreference.whois_privacy Done": 1,
				netimAccount + " domainSetPreference.auto_renew Done": 1, netimAccount + " domainSetPreference.registrar_lock Done": 1, "years": 1,
			})
			return p.change(o, netimPlan, netimTLD, "settings-change", document{
				"settings": document{"dnssec": document{"sign": true}, "privacy": true, "autoRenewal": true, "lock": true},
			})
		}},
		{"adoption at " + netimAccount, func(p *planner, o *order) document { return p.adoption(o, netimPlan, netimTLD) }},
		{"registration at " + names4everAccount + ", then its name servers", func(p *planner, o *order) document {
			d := p.registration(o, names4everPlanID, classicTLD, true)
			p.follow(o, names4everPlanID, "name-server-change", document{"nameServers": ownServers()})
			o.want.add(effects{names4everAccount + " modify-domain": 1})
			return d
		}},
		{"registration at " + names4everAccount, func(p *planner, o *order) document {
			return p.registration(o, names4everPlanID, classicTLD, false)
		}},
		{"registration with hosting at " + realtimeAccount, func(p *planner, o *order) document {
			return p.registration(o, laterPlan, laterTLD, true)
		}},
		{"registration, at once, at " + realtimeAccount, func(p *planner, o *order) document {
			return p.registration(o, atOncePlan, atOnceTLD, true)
		}},
		{"transfer to " + realtimeAccount, (*planner).transferToRealtime},
		{"renewal at " + realtimeAccount, func(p *planner, o *order) document {
			o.want.add(effects{realtimeAccount + " renew COMPLETED": 1, "years": twoYears})
			return p.change(o, laterPlan, laterTLD, "renewal", nil)
		}},
		{"owner change at " + realtimeAccount, func(p *planner, o *order) document {
			return p.person(o, laterPlan, laterTLD, "owner-change", "owner", realtimeAccount+" update:registrant COMPLETED")
		}},
		{"contact change at " + realtimeAccount, func(p *planner, o *order) document {
			return p.person(o, laterPlan, laterTLD, "contact-change", "tech", realtimeAccount+" update:contacts COMPLETED")
		}},
		{"name server change at " + realtimeAccount, func(p *planner, o *order) document {
			o.want.add(effects{realtimeAccount + " update:ns COMPLETED": 1, "years": 1})
			return p.change(o, atOncePlan, atOnceTLD, "name-server-change", document{"nameServers": ownServers()})
		}},
		{"settings change at " + realtimeAccount, func(p *planner, o *order) document {
			o.want.add(effects{
				realtimeAccount + " update:zone COMPLETED": 2, realtimeAccount + " update:privacyProtect COMPLETED": 1,
				realtimeAccount + " update:autoRenew COMPLETED": 1, realtimeAccount + " update:status COMPLETED": 1, "years": 1,
			})
			return p.change(o, atOncePlan, atOnceTLD, "settings-change", document{"settings": document{
				"zoneTemplate": 7, "dnssec": document{"sign": true}, "privacy": true, "autoRenewal": true, "lock": true,
			}})
		}},
		{"adoption at " + realtimeAccount, func(p *planner, o *order) document { return p.adoption(o, laterPlan, laterTLD) }},
	}
}

// plan generates count orders, the same number of each kind.
func (p *planner) plan(all []kind, count int) ([]*order, error) {
	orders := make([]*order, 0, count)
	for index := range count {
		one := all[index%len(all)]
		o := &order{
			index: index, what: one.what, email: fmt.Sprintf("person%d@chaos.example", index), want: effects{},
			begins: time.Duration(p.random.Int64N(int64(p.during))),
		}
		if err := p.finish(o, one.make(p, o)); err != nil {
			return nil, err
		}
		orders = append(orders, o)
	}
	return orders, nil
}

// finish decides how an order is sent and encodes it.
func (p *planner) finish(o *order, d document) error {
	choice := p.random.IntN(4)
	if list, ok := listOf(d); ok && choice == 0 {
		o.xml = true
		if p.random.IntN(2) == 0 {
			o.key = fmt.Sprintf("%s-order-%d", p.mark, o.index)
		}
		var err error
		o.document, err = xmlrpc.EncodeCall("Execute", xmlrpc.Struct{
			"Server": "BM", "Method": "PlaceOrderAndAuthorize_API", "Params": list,
		})
		return err
	}
	o.key = fmt.Sprintf("%s-order-%d", p.mark, o.index)
	if choice == 1 {
		o.number = fmt.Sprintf("CH%06d", o.index)
		d["number"] = o.number
	}
	o.document = encode(d)
	return nil
}

func encode(d document) []byte {
	encoded, err := json.Marshal(d)
	if err != nil {
		panic(err) // a defect of this package
	}
	return encoded
}

func ownServers() []string { return []string{"ns1.mine.example", "ns2.mine.example"} }

// newCustomer is an order by a customer without an account.
func (p *planner) newCustomer(o *order, tld string) document {
	o.want.add(effects{"account": 1, "member": 1})
	return document{"vendorAccountId": 1, "customer": document{
		"login": o.email, "password": fmt.Sprintf("%s-pass-%d", p.mark, o.index), "currency": "EUR",
		"contact": person(o.email, "Chaos "+tld+" Ltd"),
	}}
}

func person(email, company string) document {
	return document{
		"organisation": company, "firstName": "Jane", "lastName": "Example", "address1": "1 Main Street",
		"city": "Sampleton", "postalCode": "10001", "country": "us", "state": "NY", "email": email,
		"phone": document{"countryCode": "1", "areaCode": "212", "number": "5550100"},
	}
}

// label is that of the domain of an order.
func label(o *order) string { return fmt.Sprintf("chaos%d", o.index) }

func (p *planner) name(o *order, tld string) string {
	o.domain = label(o) + "." + tld
	pending := time.Duration(p.random.IntN(20)) * time.Second
	p.world.netim.SetBehaviour(o.domain, netim.Behaviour{PendingFor: pending})
	p.world.realtime.SetBehaviour(o.domain, realtimeregister.Behaviour{PendingFor: pending})
	if tld == eppLaterTLD {
		p.world.epp.SetBehaviour(o.domain, epp.Behaviour{PendingFor: pending})
	}
	return label(o)
}

func (p *planner) registration(o *order, plan int, tld string, hosting bool) document {
	d := p.newCustomer(o, tld)
	domain := document{
		"id": 1, "planId": plan, "periodId": 1, "parentId": noService, "operation": "registration", "domain": p.name(o, tld), "transferKey": "",
	}
	o.want.add(effects{"domain subscription": 1, "domain": 1, "registered domain": 1, "Billing row": 1, "years": 1})
	switch tld {
	case netimTLD:
		o.want.add(effects{netimAccount + " domainCreate Done": 1, "contact": 2})
	case classicTLD:
		o.want.add(effects{names4everAccount + " add-domain": 1})
	case eppLaterTLD, eppAtOnceTLD:
		o.want.add(effects{eppAccount + " create": 1, "contact": 1})
	default:
		o.want.add(effects{realtimeAccount + " create COMPLETED": 1, "contact": 1})
	}
	if !hosting {
		d["items"] = []any{domain}
		return d
	}
	domain["parentId"] = 0
	d["items"] = []any{document{"id": 0, "planId": hostingPlan, "periodId": 36, "parentId": noService}, domain}
	o.want.add(effects{"hosting subscription": 1, "binding": 1})
	return d
}

// change is an order about a domain that exists here or elsewhere.
func (p *planner) change(o *order, plan int, tld, operation string, more document) document {
	name := p.name(o, tld)
	if operation != transfer {
		p.world.put(o.domain, tld)
	}
	return p.about(o, plan, name, operation, more)
}

const transfer = "transfer"

func (p *planner) about(o *order, plan int, name, operation string, more document) document {
	o.account = firstAccount + o.index
	p.world.operations.AddExistingAccount(o.account)
	item := document{"id": 0, "planId": plan, "periodId": 1, "parentId": noService, "operation": operation, "domain": name}
	maps.Copy(item, more)
	if operation == "renewal" {
		item["transferKey"] = ""
	}
	return document{"vendorAccountId": 1, "items": []any{item}, "customer": document{"accountId": o.account}}
}

// person is an order that gives a role of a domain to somebody new.
func (p *planner) person(o *order, plan int, tld, operation, role, effect string) document {
	o.want.add(effects{effect: 1, "years": 1, "contact": 1})
	return p.withContact(o, p.change(o, plan, tld, operation, nil), role)
}

func (p *planner) withContact(o *order, d document, role string) document {
	items, _ := d["items"].([]any)
	item, _ := items[0].(document)
	item["contacts"] = document{role: contactID}
	d["additionalContacts"] = []any{document{"id": contactID, "login": o.email, "contact": person(o.email, "")}}
	return d
}

func (p *planner) transferToNetim(o *order) document {
	d := p.change(o, netimPlan, netimTLD, transfer, document{
		"transferKey": p.transferKey(o), "settings": document{"lock": true},
	})
	p.world.netim.AddTaken(o.domain, p.transferKey(o))
	o.want.add(effects{
		"domain subscription": 1, "domain": 1, "registered domain": 1, "Billing row": 1, "years": 1,
		netimAccount + " domainTransferIn Done": 1, netimAccount + " domainAuthid Done": 1,
		netimAccount + " domainSetPreference.registrar_lock Done": 1,
	})
	return d
}

func (p *planner) transferToRealtime(o *order) document {
	d := p.change(o, laterPlan, laterTLD, transfer, document{
		"transferKey": p.transferKey(o), "settings": document{"lock": true},
	})
	p.world.realtime.AddElsewhere(o.domain, p.transferKey(o), false)
	o.want.add(effects{
		"domain subscription": 1, "domain": 1, "registered domain": 1, "Billing row": 1, "years": twoYears,
		realtimeAccount + " transfer COMPLETED": 1, realtimeAccount + " update:authcode COMPLETED": 1,
		realtimeAccount + " update:status COMPLETED": 1,
	})
	return d
}

// adoption is an order for a domain that the registrar account has already.
func (p *planner) adoption(o *order, plan int, tld string) document {
	o.want.add(effects{"domain subscription": 1, "domain": 1, "registered domain": 1, "Billing row": 1, "years": 1})
	return p.change(o, plan, tld, "adoption", nil)
}

func (p *planner) transferKey(o *order) string { return fmt.Sprintf("%s-transfer-%d", p.mark, o.index) }

// follow adds an order that comes when the first one is done.
func (p *planner) follow(o *order, plan int, operation string, more document) {
	next := &order{
		index: o.index, what: operation + " after " + o.what, domain: o.domain, email: o.email, want: o.want,
		key: fmt.Sprintf("%s-follow-%d", p.mark, o.index),
	}
	d := p.about(next, plan, label(o), operation, more)
	next.document = encode(d)
	o.then = next
}

// put creates a domain that an order will change.
func (w *world) put(domain, tld string) {
	created := time.Now().AddDate(0, -11, 0).UTC().Truncate(24 * time.Hour)
	servers := platformServers()
	switch tld {
	case netimTLD:
		w.netim.AddRegistration(netim.Registration{
			Domain: domain, Owner: oldContact, Created: created, Expires: created.AddDate(1, 0, 0), NameServers: servers,
		})
	case eppLaterTLD, eppAtOnceTLD:
		w.putEPP(domain, created)
	default:
		w.realtime.AddDomain(realtimeregister.Domain{
			Name: domain, Registrant: oldContact, Created: created, Expires: created.AddDate(1, 0, 0), NameServers: servers,
			Contacts: map[string]string{"ADMIN": oldContact, "TECH": oldContact, "BILLING": oldContact}, Zone: tld == atOnceTLD,
		})
	}
}
