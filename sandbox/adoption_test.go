package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

const adoptedWorkflow = "domain-adoption/adopted.example"

// refused places an order that must be refused, and returns why.
func (f *fixture) refused(order []byte) string {
	f.t.Helper()
	_, err := f.intake.Place(f.t.Context(), order)
	refusal, ok := errors.AsType[*intake.Refusal](err)
	if !ok {
		f.t.Fatalf("the order got %v", err)
	}
	return refusal.Error()
}

// TestAdoption: whatever answer is lost, the domain gets its customer once, and the registrar
// is only read.
func TestAdoption(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]string{
		"answered": nil,
		"answers lost": {
			"operations:pem.addAccount:cut-after", "operations:pem.activateSubscription:cut-after", "operations:pem.addDomain:cut-after*2",
			"billing:*:cut-after*2", "netim:domainInfo:cut-after*2",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := worldOptions{}
			for _, text := range faults {
				options.faults = append(options.faults, fault(t, text))
			}
			f := seeded(t, options)
			before, _ := f.world.netim.Registration("adopted.example")
			balance, contacts := f.world.netim.Balance(), len(f.world.netim.Contacts())
			accounts := len(f.world.operations.Accounts())
			f.place(example(t, "adoption.json"))
			result := f.finish(adoptedWorkflow)
			f.wantOperations(map[string]int{})
			after, held := f.world.netim.Registration("adopted.example")
			if !held || !after.Expires.Equal(before.Expires) || f.world.netim.Balance() != balance || len(f.world.netim.Contacts()) != contacts {
				t.Errorf("the registration was %+v and is %+v; balance %d", before, after, f.world.netim.Balance())
			}
			rows := f.world.billing.RowsOf("adopted.example")
			if len(rows) != 1 || !rows[0].Expiration.Equal(yearInBilling(before.Expires)) || !rows[0].NextBill.Equal(yearInBilling(before.Expires)) {
				t.Errorf("Billing has %+v, the registrar %s", rows, before.Expires)
			}
			o := f.world.operations
			if len(o.Accounts())-accounts != 1 || len(o.Domains()) != 1 || len(o.Subscriptions()) != 2 || len(o.Bindings()) != 1 {
				t.Errorf("Operations has %+v, %+v, %+v", o.Accounts(), o.Domains(), o.Subscriptions())
			}
			// The holder there is the reseller.
			if got := fmt.Sprint(result.Differences); !strings.Contains(got, "holder at the registrar: contact "+netimLogin) {
				t.Errorf("differences %s", got)
			}
			if n := f.history(adoptedWorkflow); n > 130 {
				t.Errorf("%d events", n)
			}
			again := alter(t, example(t, "adoption.json"), "SO-1008", "SO-1009")
			if got := f.refused(again); !strings.Contains(got, "exists in Operations under account") {
				t.Errorf("adopted once more: %s", got)
			}
		})
	}
}

// TestAdoptionAfterACancelledOrder: the registration was completed when its order was
// cancelled. Its loose end names the adoption, which uses what the order has left.
func TestAdoptionAfterACancelledOrder(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	cancelled := f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	f.give(func(ctx context.Context, d *desk.Desk, unit desk.Unit) error {
		_, err := d.Cancel(ctx, unit, "", messages.Cancel{Actor: "ann", Reason: "the customer withdrew", Keep: true})
		return err
	})
	f.until(shopWorkflow, messages.Cancelled)
	f.closed(store.UnitCancelled)
	adoption := fmt.Appendf(nil, `{"number": "SO-2001", "vendorAccountId": 1, "items": [
		{"id": 0, "planId": 5, "periodId": 1, "parentId": -1, "operation": "adoption", "domain": "shop"}],
		"customer": {"accountId": %d}}`, cancelled.AccountID())
	if got := f.refused(adoption); !strings.Contains(got, `must be registered, and the registrar has it in status "PENDING"`) {
		t.Errorf("while it is pending: %s", got)
	}
	f.completes()
	ends, err := f.Store.LooseEnds(t.Context(), store.LooseEndFilter{Kind: store.Abandoned})
	if err != nil || len(ends) != 1 || !strings.HasSuffix(ends[0].Detail,
		"registration was carried out after its order had ended; an order of the operation adoption brings the domain under its customer") {
		t.Fatalf("loose ends %+v, %v", ends, err)
	}
	f.place(adoption)
	if result := f.finish("domain-adoption/shop.example"); len(result.Differences) > 0 || result.AccountID != cancelled.AccountID() {
		t.Errorf("result %+v", result)
	}
	registration, _ := f.world.netim.Registration("shop.example")
	rows := f.world.billing.RowsOf("shop.example")
	if f.world.netim.Creates("shop.example") != 1 || len(rows) != 1 || !rows[0].Expiration.Equal(yearInBilling(registration.Expires.Truncate(24*time.Hour))) {
		t.Errorf("%d creates, Billing has %+v, the registrar %s", f.world.netim.Creates("shop.example"), rows, registration.Expires)
	}
	domain, _ := f.world.operations.Domain("shop.example")
	if accounts := f.world.operations.Accounts(); len(accounts) != 1 || domain.AccountID != accounts[0].ID || domain.RegistrarStatus != 2 {
		t.Errorf("Operations has %+v, %+v", accounts, domain)
	}
	again := alter(t, adoption, "SO-2001", "SO-2002")
	if got := f.refused(again); !strings.Contains(got, "there is nothing to adopt") {
		t.Errorf("adopted once more: %s", got)
	}
}

// TestAdoptionAtRealtimeRegister: its contacts are under handles. The holder is compared if
// the order names one, and nothing is created for that.
func TestAdoptionAtRealtimeRegister(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ from, to, want string }{
		"no holder named": {`"domain": "adopted"`, `"domain": "adopted"`, "[]"},
		"holder named": {`"domain": "adopted"`, `"domain": "adopted", "contacts": {"owner": 900}`,
			"[holder at the registrar: contact old-contact, ordered: somebody who is no contact there]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := seeded(t, worldOptions{})
			order := alter(t, example(t, "realtime-8-adoption.json"), c.from, c.to)
			if strings.Contains(c.to, "900") {
				order = alter(t, order, "\n}", `, "additionalContacts": [{"id": 900, "login": "nora@shop.example", "contact": {
					"firstName": "Nora", "lastName": "Beispiel", "address1": "2 Side Street", "city": "Sampleton", "postalCode": "10001",
					"country": "us", "state": "NY", "email": "nora@shop.example",
					"phone": {"countryCode": "1", "areaCode": "212", "number": "5550101"}}}]}`)
			}
			r := f.world.realtime
			before, _ := r.Domain("adopted.async")
			contacts := len(r.Contacts())
			f.place(order)
			result := f.finish("domain-adoption/adopted.async")
			if got := fmt.Sprint(result.Differences); got != c.want || !result.Expires.Equal(before.Expires) {
				t.Errorf("differences %s, want %s; expires %s", got, c.want, result.Expires)
			}
			after, held := r.Domain("adopted.async")
			if balance, reserved := r.Balance(); balance != 10_000_00 || reserved != 0 || len(r.Processes()) != 0 || len(r.Contacts()) != contacts ||
				!held || !after.Expires.Equal(before.Expires) || after.Registrant != before.Registrant {
				t.Errorf("balance %d, processes %+v, domain %+v", balance, r.Processes(), after)
			}
			rows := f.world.billing.RowsOf("adopted.async")
			if len(rows) != 1 || !rows[0].Expiration.Equal(yearInBilling(before.Expires)) || rows[0].NameServers[0] != before.NameServers[0] {
				t.Errorf("Billing has %+v", rows)
			}
		})
	}
}

// TestNames4EverCannotTellWhatItHas, so that nothing is adopted there.
func TestNames4EverCannotTellWhatItHas(t *testing.T) {
	t.Parallel()
	f := seeded(t, worldOptions{})
	order := alter(t, example(t, "realtime-8-adoption.json"), `"planId": 9`, fmt.Sprintf(`"planId": %d`, names4everDomainPlan))
	if got := f.refused(order); !strings.Contains(got, "items[0].operation cannot be served") || !strings.Contains(got, "does not tell which domains it has") {
		t.Errorf("got %s", got)
	}
}
