//go:build unix

package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"domainprovisioning/sandbox/standin/names4ever"
	"domainprovisioning/sandbox/standin/operations"
)

// effects counts what exists in the outside systems, by kind. "years" is the period of a
// registration.
type effects map[string]int

func (e effects) add(more effects) {
	for what, n := range more {
		e[what] += n
	}
}

// difference lists the differences from what is wanted. If an order waits for a person
// there may be less, but never more.
func (e effects) difference(want effects, lessIsFine bool) []string {
	all := maps.Clone(want)
	maps.Copy(all, e)
	var lines []string
	for _, what := range slices.Sorted(maps.Keys(all)) {
		if got, want := e[what], want[what]; got > want || got < want && !lessIsFine {
			lines = append(lines, fmt.Sprintf("%s: %d, want %d", what, got, want))
		}
	}
	return lines
}

// outside is what exists in the outside systems: what belongs to an order, and what
// belongs to none.
type outside struct {
	of     map[*order]effects
	strays []string

	world     *world
	byDomain  map[string]*order
	byEmail   map[string]*order
	byAccount map[int]*order
	existing  map[int]bool
}

// lookOutside counts what exists.
func lookOutside(w *world, orders []*order) *outside {
	o := &outside{
		of: map[*order]effects{}, world: w,
		byDomain: map[string]*order{}, byEmail: map[string]*order{}, byAccount: map[int]*order{}, existing: map[int]bool{},
	}
	for _, first := range orders {
		o.of[first] = effects{}
		o.byEmail[first.email] = first
		if first.domain != "" {
			o.byDomain[first.domain] = first
		}
		for one := first; one != nil; one = one.then {
			if one.account != 0 {
				o.byAccount[one.account], o.existing[one.account] = first, true
			}
		}
	}
	o.platform()
	o.contacts()
	o.registrars()
	o.epp()
	return o
}

// note counts an effect for an order, or as a stray if it belongs to none.
func (o *outside) note(owner *order, what, whose string) {
	if owner == nil {
		o.strays = append(o.strays, what+" of "+whose+" belongs to no order")
		return
	}
	o.of[owner][what]++
}

// platform counts the effects in Operations and Billing.
func (o *outside) platform() {
	for _, member := range o.world.operations.Members() {
		if o.existing[member.AccountID] && strings.HasPrefix(member.Login, "user-") {
			continue // it existed before
		}
		owner := o.byEmail[member.Login]
		if owner != nil {
			o.byAccount[member.AccountID] = owner
		}
		o.note(owner, "member", fmt.Sprint("account ", member.AccountID))
	}
	for _, account := range o.world.operations.Accounts() {
		if !o.existing[account.ID] {
			o.note(o.byAccount[account.ID], "account", fmt.Sprint("number ", account.ID))
		}
	}
	for _, subscription := range o.world.operations.Subscriptions() {
		what := "domain subscription"
		if subscription.Kind == operations.Hosting {
			what = "hosting subscription"
		}
		o.note(o.byAccount[subscription.AccountID], what, fmt.Sprint("account ", subscription.AccountID))
	}
	for _, domain := range o.world.operations.Domains() {
		owner := o.byDomain[domain.Name]
		o.note(owner, "domain", domain.Name)
		if domain.RegistrarStatus == registered {
			o.note(owner, "registered domain", domain.Name)
		}
		if o.byAccount[domain.AccountID] != owner {
			o.strays = append(o.strays, "the domain "+domain.Name+" is in another's account")
		}
		for range domain.Bound {
			o.note(owner, "binding", domain.Name)
		}
	}
	for _, row := range o.world.billing.Rows() {
		o.note(o.byDomain[row.FullDomainName], "Billing row", row.FullDomainName)
	}
}

// registered is the registrar status of a domain in Operations.
const registered = 2

// contacts counts the contacts with the address of a new customer or a new contact. Those
// of existing accounts are shared.
func (o *outside) contacts() {
	addresses := make([]string, 0, len(o.byEmail))
	for _, contact := range o.world.netim.Contacts() {
		addresses = append(addresses, contact.Fields["email"])
	}
	for _, contact := range o.world.realtime.Contacts() {
		address, _ := contact.Members["email"].(string)
		addresses = append(addresses, address)
	}
	for _, contact := range o.world.epp.Contacts() {
		addresses = append(addresses, contact.Email)
	}
	for _, address := range addresses {
		if owner := o.byEmail[address]; owner != nil {
			o.note(owner, "contact", address)
		}
	}
}

func (o *outside) registrars() {
	for _, operation := range o.world.netim.Operations() {
		o.note(o.byDomain[operation.Domain], netimAccount+" "+operation.Code+" "+operation.Status, operation.Domain)
	}
	for _, process := range o.world.realtime.Processes() {
		o.note(o.byDomain[process.Domain], realtimeAccount+" "+process.Label+" "+process.Status, process.Domain)
	}
	for name, owner := range o.byDomain {
		for _, method := range []string{names4ever.AddDomain, names4ever.ModifyDomain, names4ever.DeleteDomain} {
			if n := o.world.names4ever.Count(method, name); n > 0 {
				o.of[owner][names4everAccount+" "+method] = n
			}
		}
		if domain, ok := o.world.realtime.Domain(name); ok {
			o.of[owner]["years"] += years(domain.Created, domain.Expires)
		}
	}
	for _, registration := range o.world.netim.Registrations() {
		o.period(registration.Domain, registration.Created, registration.Expires)
	}
	for _, registration := range o.world.names4ever.Registrations() {
		o.period(registration.Domain, registration.Created, registration.Expires)
	}
}

func (o *outside) period(domain string, created, expires time.Time) {
	owner := o.byDomain[domain]
	if owner == nil {
		o.strays = append(o.strays, "a registration of "+domain+" belongs to no order")
		return
	}
	o.of[owner]["years"] += years(created, expires)
}

func years(from, to time.Time) int {
	const hours = 24 * 365.25
	return int(math.Round(to.Sub(from).Hours() / hours))
}
