package intake

import (
	"bytes"
	"context"

	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// Inspected is an order document that was judged by our own rules: nobody outside was asked, and
// nothing is stored.
type Inspected struct {
	// Order is nil if the document could not be read at all.
	Order *orders.Order
	// Units are its units of work, as far as it is understood.
	Units []orders.Unit
	// Refusal is what our rules say against it; nil if nothing.
	Refusal *Refusal

	in *orders.Incoming
}

// InspectJSON reads the JSON form of an order and applies all rules that need nobody else: those of
// the order, of the plans, and of what the registrar accounts serve.
func (i *Intake) InspectJSON(document []byte) Inspected {
	in, err := i.Rules.ReadJSON(bytes.NewReader(document))
	if err != nil {
		return Inspected{Refusal: asRefusal(err)}
	}
	inspected := Inspected{Order: in.Order, Units: i.resolve(in), in: in}
	if err := in.Err(); err != nil {
		inspected.Refusal = asRefusal(err)
	}
	return inspected
}

// AskStore says what the store has against an order that our rules accept: an open order of its
// domain, another order under its number, or an order that made the account of its customer. An
// order that is there already is a repeat, and nothing is said against it. The error is a *Refusal,
// or that of a store that cannot be reached.
func (i *Intake) AskStore(ctx context.Context, inspected Inspected) error {
	acceptance, err := i.acceptance(inspected.Order, SourceJSON)
	if err != nil {
		return err
	}
	caller := callerOf(ctx)
	acceptance.Client = caller.Client
	// With a key of its own, an order without a number repeats none.
	acceptance.Idempotency = &store.Idempotency{Client: caller.Client, Key: "inspected", Request: acceptance.Fingerprint}
	acceptance.Units = domainsOf(inspected.Units)
	_, found, err := i.Store.FindRepeat(ctx, acceptance)
	if err == nil && !found {
		_, found, err = i.Store.FindOverlap(ctx, acceptance)
	}
	if err == nil && !found && acceptance.Customer != "" {
		err = i.Store.FindCustomer(ctx, acceptance.Customer)
	}
	return asOverlap(caller, inspected.in, inspected.Units, err)
}

// RequestOf is the request of a unit to its registrar, as far as the order alone tells it: contacts
// that only Operations knows are left out.
func RequestOf(order *orders.Order, unit orders.Unit, kind registrars.Kind) registrars.Request {
	return requestOf(order, unit, kind, inOrder(order))
}

func requestOf(order *orders.Order, unit orders.Unit, kind registrars.Kind, people people) registrars.Request {
	d := unit.Domain
	item, _ := order.Item(unit.Item)
	return registrars.Request{
		Kind: kind, Domain: d.Name, TLD: d.TLD, Years: d.Years, Expires: d.Expires, Ordered: true,
		NameServers: d.NameServers, Hosts: d.Hosts, Language: d.Language, AuthCode: item.TransferKey(), Settings: d.Settings, PriceLimit: workflows.PriceLimit(d, kind),
		Contacts: people.contacts(order, unit, kind),
	}
}

// Bound is the most that a request of an order may cost, whatever the plan allows.
type Bound struct {
	Item int              `json:"item"`
	Kind registrars.Kind  `json:"kind"`
	Most registrars.Price `json:"most"`
}

type boundsOfContext struct{}

// WithBounds bounds what the requests of the orders that are placed in a context may cost.
func WithBounds(ctx context.Context, bounds []Bound) context.Context {
	return context.WithValue(ctx, boundsOfContext{}, bounds)
}

// bound lowers the price limits of units to the bounds of a context. A limit of the plan that is
// lower stays.
func bound(ctx context.Context, units []orders.Unit) {
	bounds, _ := ctx.Value(boundsOfContext{}).([]Bound)
	for _, each := range bounds {
		for _, unit := range units {
			if unit.Item != each.Item || unit.Domain == nil {
				continue
			}
			most := each.Most
			if limit := workflows.PriceLimit(unit.Domain, each.Kind); limit != nil && (limit.Currency == "" || limit.Currency == most.Currency) {
				most.Cents = min(most.Cents, limit.Cents)
			}
			workflows.LimitPrice(unit.Domain, each.Kind, most)
		}
	}
}
