package workflows

import (
	"slices"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// A transfer may bring a domain as it is (registrars.Descriptor.BareTransfers): with the holder, the
// contacts and the name servers that it had elsewhere. Requests of their own set those that were
// ordered, once the domain is here and recorded. A trouble with one of them needs a person, like any
// other; the transfer is paid for, so a person may also leave a change of contacts out.

// bareKinds are these requests, in their order.
func bareKinds() []registrars.Kind {
	return []registrars.Kind{registrars.OwnerChange, registrars.ContactChange, registrars.NameServerChange}
}

// FollowsTransfer reports whether a request of the kind is made for a unit after its transfer, and
// about a domain that is not here before.
func FollowsTransfer(unit orders.Unit, kind registrars.Kind) bool {
	return unit.Type == orders.Transfer && slices.Contains(bareKinds(), kind)
}

// contactSteps sets the holder and the contacts of a domain that a transfer has brought as it is.
func (u *unitRun) contactSteps() []step {
	if !u.input.BareTransfer {
		return nil
	}
	return []step{
		u.requestStep("Owner change", &request{kind: registrars.OwnerChange}, true),
		u.requestStep("Contact change", &request{kind: registrars.ContactChange}, true),
	}
}

// signing is how the zone on the ordered name servers is signed: as the order says, or not at all. A
// domain that is brought as it is may have the keys of the zone that it had elsewhere, and with
// those nobody who validates would find it on other name servers.
func (u *unitRun) signing() domains.Settings {
	if ordered := u.domainSettings().DNSSEC; ordered != nil {
		return domains.Settings{DNSSEC: ordered}
	}
	return domains.Settings{DNSSEC: &domains.DNSSEC{}}
}

// later is the request of a kind that follows the one that was ordered, with the state of its
// step; nil if none does.
func (u *unitRun) later(kind registrars.Kind) (*request, messages.StepState) {
	for n, s := range u.plan[:u.forward()] {
		if s.request != nil && s.request != u.main && s.request.kind == kind {
			return s.request, u.steps[n].State
		}
	}
	return nil, ""
}

// verifyBare completes what is to be compared: the holder was sent with a request of its own. Where
// a person has left that out, the ordered one is looked for.
func (u *unitRun) verifyBare(verify *activities.VerifyDomainInput) {
	if owner, _ := u.later(registrars.OwnerChange); owner != nil && owner.state.OwnerHandle != "" {
		verify.OwnerHandle = owner.state.OwnerHandle
		return
	}
	verify.Holder = u.orderedHolder()
}

// orderedHolder says where the data of the holder are who was ordered.
func (u *unitRun) orderedHolder() *activities.Holder {
	return &activities.Holder{
		OrderNumber: u.input.OrderNumber, Revision: u.revision, Item: u.input.Unit.Item, AccountID: u.input.AccountID, Contact: u.input.Contacts.Owner,
	}
}

// carriers are the requests that carry a part of the order and are still to be made, or were handed
// over: the one that was ordered and, after a transfer that brings the domain as it is, those that
// set the rest.
func (u *unitRun) carriers(change messages.Change) []*request {
	carriers := []*request{u.main}
	if !u.input.BareTransfer {
		return carriers
	}
	for _, kind := range bareKinds() {
		r, state := u.later(kind)
		if r != nil && !state.Ended() && slices.Contains(carriedBy(kind), change) && (kind != registrars.NameServerChange || !u.hostsMade()) {
			carriers = append(carriers, r)
		}
	}
	return carriers
}

// hostsMade reports whether the hosts below the name have been made: then others come too late.
func (u *unitRun) hostsMade() bool {
	at := slices.IndexFunc(u.plan, func(s step) bool { return s.title == registersHosts })
	return at >= 0 && u.steps[at].State.Ended()
}

// carriedBy lists the parts of an order that a request carries after a transfer.
func carriedBy(kind registrars.Kind) []messages.Change {
	switch kind {
	case registrars.OwnerChange:
		return []messages.Change{messages.ChangeContacts, messages.ChangeCustomer, messages.ChangeParameters, messages.ChangePriceLimit}
	case registrars.ContactChange:
		return []messages.Change{messages.ChangeContacts, messages.ChangeCustomer}
	}
	return []messages.Change{messages.ChangeNameServers}
}

// noteOwner says that an amendment of the contacts comes too late for the holder.
func (u *unitRun) noteOwner(changes []messages.Change) {
	owner, state := u.later(registrars.OwnerChange)
	if owner != nil && u.input.BareTransfer && slices.Contains(changes, messages.ChangeContacts) && (state.Ended() || !u.requestIsOpen(owner)) {
		u.notes = append(u.notes, "the owner stays as it is, because that step came before the amendment; an owner-change is an order of its own")
	}
}
