package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"domainprovisioning/sandbox/standin/calls"
	"domainprovisioning/sandbox/standin/faults"
)

// effects counts what exists in the outside systems.
type effects struct {
	accounts, members, subscriptions, domains, registered, bindings int
	creates, registrations, contacts, billingRows                   int
}

// whole returns what one order for a domain with hosting by a new customer leaves behind:
// everything once. There are two contacts: the holder, and the one for the other roles.
func whole() effects {
	return effects{
		accounts: 1, members: 1, subscriptions: 2, domains: 1, registered: 1, bindings: 1,
		creates: 1, registrations: 1, contacts: 2, billingRows: 1,
	}
}

// effects counts those at Netim for the name.
func (w *world) effects(domain string) effects {
	e := effects{
		accounts: len(w.operations.Accounts()), members: len(w.operations.Members()),
		subscriptions: len(w.operations.Subscriptions()), bindings: len(w.operations.Bindings()),
		creates: w.netim.Creates(domain), contacts: len(w.netim.Contacts()),
		billingRows: len(w.billing.RowsOf(domain)),
	}
	for _, d := range w.operations.Domains() {
		e.domains++
		if d.RegistrarStatus == 2 {
			e.registered++
		}
	}
	if _, ok := w.netim.Registration(domain); ok {
		e.registrations = 1
	}
	return e
}

// since are the effects that have been added to others.
func (e effects) since(others effects) effects {
	return effects{
		accounts: e.accounts - others.accounts, members: e.members - others.members,
		subscriptions: e.subscriptions - others.subscriptions, domains: e.domains - others.domains,
		registered: e.registered - others.registered, bindings: e.bindings - others.bindings,
		creates: e.creates - others.creates, registrations: e.registrations - others.registrations,
		contacts: e.contacts - others.contacts, billingRows: e.billingRows - others.billingRows,
	}
}

// compared compares with the effects that there must be.
func (e effects) compared(want effects) []count {
	return []count{
		effect("accounts in Operations", e.accounts, want.accounts),
		effect("staff members in Operations", e.members, want.members),
		effect("subscriptions in Operations", e.subscriptions, want.subscriptions),
		effect("domains in Operations", e.domains, want.domains),
		effect("of them registered", e.registered, want.registered),
		effect("services bound to the domain", e.bindings, want.bindings),
		effect("paid requests that Netim has carried out", e.creates, want.creates),
		effect("registrations at Netim", e.registrations, want.registrations),
		effect("contacts at Netim", e.contacts, want.contacts),
		effect("domains in Billing", e.billingRows, want.billingRows),
	}
}

// shopOrder is the story of one order for a domain with hosting, whatever goes wrong on the way.
func shopOrder() *story {
	const name = "shop.example"
	var seeded effects
	return &story{
		orders: []ordered{{file: "orders/shop.xml"}},
		before: func(w *world) { seeded = w.effects(name) },
		counts: func(w *world) []count { return w.effects(name).since(seeded).compared(whole()) },
	}
}

// troubles prints, for each outside system in which a call went wrong because a fault was asked
// for, that call and those after it: what was lost, and how it was looked for.
func (w *world) troubles(out io.Writer) error {
	for _, system := range w.logs() {
		if err := printTroubles(out, system.name, system.log); err != nil {
			return err
		}
	}
	return nil
}

// callLog are the calls that an outside system has got.
type callLog struct {
	name string
	log  []calls.Call
}

func (w *world) logs() []callLog {
	return []callLog{
		{"Operations", w.operations.Log()}, {"Billing", w.billing.Log()}, {"Netim", w.netim.Log()},
		{"Names4Ever", w.names4ever.Log()}, {"Realtime Register", w.realtime.Log()}, {"the invented registrar", w.sample.Log()}, {"the registry that speaks EPP", w.epp.Log()},
	}
}

func printTroubles(out io.Writer, system string, log []calls.Call) error {
	struck := func(call calls.Call) bool {
		return call.Outcome != "" && call.Outcome != calls.OK && call.Outcome != calls.Refused
	}
	for len(log) > 0 && !struck(log[0]) {
		log = log[1:]
	}
	if len(log) == 0 {
		return nil
	}
	_, _ = fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintf(table, "SINCE THE FIRST TROUBLE, AT %s\tCALL\tOUTCOME\n", strings.ToUpper(system))
	for len(log) > 0 {
		first, times := log[0], 0
		for len(log) > 0 && log[0].Method == first.Method && log[0].Outcome == first.Outcome {
			log, times = log[1:], times+1
		}
		name := first.Method
		if times > 1 {
			name = fmt.Sprintf("%s, %d times", name, times)
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", first.At.Format(time.TimeOnly), name, told(first.Outcome))
	}
	return table.Flush()
}

// told is the outcome of a call in words.
func told(outcome string) string {
	switch outcome {
	case "":
		return "under way"
	case string(faults.CutAfter):
		return "carried out, the answer was lost"
	case string(faults.CutBefore):
		return "never arrived"
	case string(faults.Malformed):
		return "carried out, the answer was garbage"
	case string(faults.RaiseFault):
		return "carried out, the answer was a fault"
	}
	return outcome
}
