package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// Amended is an order with an amendment that was accepted. Nothing of it is stored yet.
type Amended struct {
	// Base is the revision that was amended.
	Base int
	// Document is the whole order in its JSON form, including secrets.
	Document []byte
	// Changes names what differs from the revision by which the unit goes; it is not empty.
	Changes []messages.Change
	// Notes are remarks that refuse nothing.
	Notes []string
}

// Amend checks an amendment of a unit of work, which goes by the revision current, as a new
// order is checked. It amends the newest revision by which a unit of the order goes, because
// what the others were amended by holds for the order as well. The error is a *Refusal, with
// JSON pointers into the amendment, or that of a store that cannot be reached.
func (i *Intake) Amend(ctx context.Context, unit store.Unit, current int, amendment []byte) (Amended, error) {
	base, err := i.Store.LatestRevision(ctx, unit.OrderNumber)
	if err != nil {
		return Amended{}, err
	}
	document, err := i.Store.RevisedDocument(ctx, unit.OrderNumber, base)
	if err != nil {
		return Amended{}, err
	}
	var laid workflows.UnitInput
	if err := json.Unmarshal([]byte(unit.Plan), &laid); err != nil {
		return Amended{}, fmt.Errorf("%w: order %s", errPlan, unit.OrderNumber)
	}
	before, err := i.revised(ctx, unit, current, laid.Unit)
	if err != nil {
		return Amended{}, err
	}
	in, err := i.Rules.Amend(document, unit.Item, amendment)
	if err != nil {
		return Amended{}, refusedAmendment(err)
	}
	was, _ := i.unitOf(in.Stored, unit.Item)
	now, resolved := i.unitOf(in.Incoming, unit.Item)
	i.refuseOtherLayout(in.Stored, laid.Unit, was)
	i.refuseOtherLayout(in.Incoming, laid.Unit, now)
	refuseSharedHosting(in.Incoming, laid.Unit, was, now)
	if resolved && sameAccount(laid.Unit, now) {
		i.askAmended(ctx, in, was, now)
	}
	if err := in.Err(); err != nil {
		return Amended{}, refusedAmendment(err)
	}
	if !resolved || now.Domain != nil && now.Domain.Name.IsZero() {
		return Amended{}, refusedAmendment(in.Everything()) // nothing could go on by it
	}
	amended := Amended{Base: base, Changes: changesBetween(before, version{in.Order, now})}
	if len(amended.Changes) == 0 {
		return Amended{}, refusedAmendment(errSame)
	}
	if amended.Document, err = written(in.Order); err != nil {
		return Amended{}, refusedAmendment(err)
	}
	for _, note := range in.NewNotes() {
		amended.Notes = append(amended.Notes, note.Message)
	}
	return amended, nil
}

var errSame = errors.New("the amendment says the same as the order")

func refusedAmendment(cause error) *Refusal {
	refusal := asRefusal(cause)
	refusal.What = "amendment"
	return refusal
}

// written is the document of an order, which can be read again: what an amendment adds must
// not bring the order above the limits.
func written(order *orders.Order) ([]byte, error) {
	var document bytes.Buffer
	if err := orders.WriteJSON(&document, order.WithoutPayment()); err != nil {
		return nil, err
	}
	if _, err := orders.ReadStored(bytes.NewReader(document.Bytes())); err != nil {
		return nil, err
	}
	return document.Bytes(), nil
}

// revised is a revision of an order with its unit of work, as the catalog has it now, or as it
// was laid out where the catalog no longer has it.
func (i *Intake) revised(ctx context.Context, unit store.Unit, revision int, laid orders.Unit) (version, error) {
	document, err := i.Store.RevisedDocument(ctx, unit.OrderNumber, revision)
	if err != nil {
		return version{}, err
	}
	in, err := orders.Reopen(bytes.NewReader(document))
	if err != nil {
		return version{}, fmt.Errorf("intake: order %s in the store cannot be read", unit.OrderNumber)
	}
	resolved, ok := unitIn(i.Catalog.Resolve(in), unit.Item)
	if !ok {
		resolved = laid
	}
	return version{in.Order, resolved}, nil
}

// unitOf resolves an order and returns one of its units, if it can be served.
func (i *Intake) unitOf(in *orders.Incoming, item int) (orders.Unit, bool) {
	return unitIn(i.resolve(in), item)
}

func unitIn(units []orders.Unit, item int) (orders.Unit, bool) {
	at := slices.IndexFunc(units, func(u orders.Unit) bool { return u.Item == item })
	if at < 0 {
		return orders.Unit{}, false
	}
	return units[at], true
}

// sameAccount reports whether a unit is for the registrar account and the top-level domain for
// which it was laid out.
func sameAccount(laid, now orders.Unit) bool {
	return laid.Domain == nil || now.Domain == nil || laid.Domain.Registrar == now.Domain.Registrar && laid.Domain.TLD == now.Domain.TLD
}

// refuseOtherLayout refuses what does not fit the steps of an order that is under way.
func (i *Intake) refuseOtherLayout(in *orders.Incoming, laid, now orders.Unit) {
	if laid.Domain == nil || now.Domain == nil {
		return
	}
	field := func(path string) orders.Field { return orders.ItemField(in.Order.Place(laid.Item), path) }
	if !sameAccount(laid, now) && !in.Refused(field("planId")) {
		in.Refuse(orders.RuleAmend, field("planId"), fmt.Sprintf(
			"leads to registrar account %q and top-level domain %s, and the order is for %q and %s: cancel the order and place another",
			now.Domain.Registrar, now.Domain.TLD, laid.Domain.Registrar, laid.Domain.TLD))
	}
	switch had, has := len(laid.Domain.Hosts) > 0, len(now.Domain.Hosts) > 0; {
	case had == has || in.RefusedNear(field("nameServers"), 0):
	case has:
		in.Refuse(orders.RuleAmend, field("nameServers"), "cannot have the first name server below the ordered name: "+
			"the order has no step that registers it; order a name-server-change later")
	default:
		in.Refuse(orders.RuleAmend, field("nameServers"), "must keep a name server below the ordered name: "+
			"the order has a step that registers it; order a name-server-change later")
	}
	kinds := registrars.SettingKinds(laid.Domain.Settings)
	if slices.Equal(kinds, registrars.SettingKinds(now.Domain.Settings)) || in.RefusedNear(field("settings"), 0) {
		return
	}
	words := make([]string, len(kinds))
	for n, kind := range kinds {
		words[n] = strings.TrimPrefix(kind.SettingField(), "settings.")
	}
	has := "must be those of the order, " + strings.Join(words, ", ")
	if len(words) == 0 {
		has = "cannot be given: the order has none"
	}
	in.Refuse(orders.RuleAmend, field("settings"), has+"; for others place an order of the operation settings-change")
}

// refuseSharedHosting refuses another plan of a hosting that another unit of the order makes.
func refuseSharedHosting(in *orders.Incoming, laid, was, now orders.Unit) {
	if laid.Domain == nil || laid.Hosting == nil || laid.Hosting.Create || was.Hosting == nil || now.Hosting == nil || was.Hosting.Template == now.Hosting.Template {
		return
	}
	in.Refuse(orders.RuleAmend, orders.ItemField(in.Order.Place(laid.Hosting.Item), "planId"),
		"is used when another domain of the order is set up: amend that one")
}

// askAmended adds what the registrar says against an amended order. The request may be under
// way: that the name is taken, or that the account does not have the domain yet, is no reason.
func (i *Intake) askAmended(ctx context.Context, in *orders.Amendment, was, now orders.Unit) {
	if now.Domain == nil {
		return
	}
	within := checkTimeout
	if deadline, ok := ctx.Deadline(); ok {
		within = min(within, time.Until(deadline)/2)
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	existing := i.readExisting(ctx, within/3, in.Order, now)
	answers := i.askRequests(ctx, in.Order, now, peopleOf(in.Order, existing))
	if !i.refuseAmended(ctx, in.Incoming, now, answers) || was.Domain == nil || !sameAccount(was, now) {
		return
	}
	// What it says against the stored order too is no fault of the amendment.
	maps.Copy(existing, i.readExisting(ctx, within/3, in.Stored.Order, was))
	i.refuseAmended(ctx, in.Stored, was, i.askRequests(ctx, in.Stored.Order, was, peopleOf(in.Stored.Order, existing)))
}

// refuseAmended reports whether the registrar has said anything against a unit.
func (i *Intake) refuseAmended(ctx context.Context, in *orders.Incoming, unit orders.Unit, answers []error) bool {
	refused := false
	for _, err := range answers {
		reasons := registrars.Reasons(err)
		if err != nil && len(reasons) == 0 {
			i.refuseAnswer(ctx, in, unit, err)
		}
		for _, reason := range reasons {
			if reason.Class != registrars.ClassUnavailable {
				i.refuseAnswer(ctx, in, unit, reason)
				refused = true
			}
		}
	}
	return refused
}

// readExisting reads the account and the users in Operations whose data the requests of a unit
// carry. What Operations does not answer stays unknown; the workflow asks again.
func (i *Intake) readExisting(ctx context.Context, within time.Duration, order *orders.Order, unit orders.Unit) people {
	found := people{}
	if i.Operations == nil {
		return found
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for _, kind := range i.KindsOf(unit) {
		for _, role := range kind.Roles() {
			id := *unit.Domain.Contacts.Of(role)
			ref := activities.ContactOf(order, id)
			if _, known := found[ref]; known || id == nil && !unit.Type.Provisions() {
				continue
			}
			switch ref.Source {
			case activities.FromAccount:
				account, _ := order.Customer.AccountID()
				if read, err := i.Operations.GetAccountInfo(ctx, account); err != nil {
					i.unasked(ctx, err)
				} else {
					found[ref] = read.Contact.Normalised()
				}
			case activities.FromUser:
				if member, err := i.Operations.GetMemberFullInfo(ctx, ref.ID); err != nil {
					i.unasked(ctx, err)
				} else {
					found[ref] = member.Contact.Normalised()
				}
			}
		}
	}
	return found
}

// peopleOf adds the people of an order to those that Operations has.
func peopleOf(order *orders.Order, existing people) people {
	all := maps.Clone(existing)
	if !order.Customer.IsExisting() {
		all[activities.ContactRef{Source: activities.FromCustomer}] = order.Customer.Contact()
	}
	for _, contact := range order.AdditionalContacts {
		all[activities.ContactRef{Source: activities.FromAdditional, ID: contact.ID}] = contact.Contact()
	}
	return all
}
