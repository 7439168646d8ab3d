package workflows_test

import (
	"strings"
	"testing"
	"time"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// limited orders the shop's domain by the plan that limits the price.
func limited(t *testing.T) string {
	t.Helper()
	return outside.Alter(t, outside.NewCustomer, `"planId": 5`, `"planId": 8`)
}

// rising is a name that has its ordinary price when the order comes, and becomes a premium
// one before it is paid for.
func rising(w *outside.World) { w.Netim.RaisePrice(shop, 10_00, 1, 250_00) }

func (r *run) rejected(command messages.Retry, why string) {
	r.t.Helper()
	r.update(command, func(err error) {
		if err == nil || !strings.Contains(err.Error(), why) {
			r.t.Errorf("%+v: got %v, want %q", command, err, why)
		}
	})
}

func TestAPriceThatHasRisenIsAcceptedByAPerson(t *testing.T) {
	r := begin(t, outside.Options{}, limited(t), rising)
	balance := r.Netim.Balance()
	unpaid := func() {
		r.t.Helper()
		if n := len(r.Netim.Operations()); n != 0 || r.Netim.Balance() != balance {
			t.Errorf("%d operations at the registrar, %d spent", n, balance-r.Netim.Balance())
		}
	}
	r.after(time.Hour, func() {
		attention := r.parked(6, messages.ReasonPrice).Attention
		for _, amount := range []string{"250.00 EUR", "12.00 EUR"} {
			if !strings.Contains(attention.Message, amount) {
				t.Errorf("%q does not show %s", attention.Message, amount)
			}
		}
		unpaid()
		for _, malformed := range []string{"250", "250.00", "250 EUR", "250.0EUR", "much"} {
			r.rejected(messages.Retry{Actor: "ann", AcceptPrice: malformed}, "such as 250.00EUR")
		}
		r.retry(messages.Retry{Actor: "ann", AcceptPrice: "260.00EUR"}) // more than it costs
	})
	r.after(2*time.Hour, func() {
		attention := r.parked(6, messages.ReasonPrice).Attention
		if !strings.Contains(attention.Message, "the price is 250.00 EUR, and 260.00 EUR was accepted") {
			t.Errorf("got %q", attention.Message)
		}
		unpaid()
		r.retry(messages.Retry{Actor: "ann"}) // nothing is accepted any more
	})
	r.after(3*time.Hour, func() {
		if attention := r.parked(6, messages.ReasonPrice).Attention; !strings.Contains(attention.Message, "the plan's limit of 12.00 EUR") {
			t.Errorf("got %q", attention.Message)
		}
		unpaid()
		r.retry(messages.Retry{Actor: "ann", AcceptPrice: "250.00EUR"})
	})
	r.finish()
	r.want(whole())
	if spent := balance - r.Netim.Balance(); spent != 250_00 {
		t.Errorf("%d spent", spent)
	}
	if row := r.ledger(); row.AcceptedPrice != "250.00 EUR" || row.State != store.Done || row.Submissions != 1 {
		t.Errorf("the ledger has %+v", row)
	}
	if troubles := r.progress().Troubles; len(troubles) != 3 || troubles[2].Reason != messages.ReasonPrice || troubles[2].Cure != "accept-price 250.00EUR by ann: for a test" {
		t.Errorf("earlier troubles %+v", troubles)
	}
}

// TestAnAcceptedRequestWhoseAnswerIsLostIsPaidOnce: the ledger's rules hold as for any other.
func TestAnAcceptedRequestWhoseAnswerIsLostIsPaidOnce(t *testing.T) {
	r := begin(t, outside.Options{}, limited(t), rising)
	balance := r.Netim.Balance()
	r.Fault(t, "netim:domainCreate:cut-after")
	r.after(time.Hour, func() {
		r.parked(6, messages.ReasonPrice)
		r.retry(messages.Retry{Actor: "ann", AcceptPrice: "250.00EUR"})
	})
	r.finish()
	r.want(whole())
	if spent := balance - r.Netim.Balance(); spent != 250_00 {
		t.Errorf("%d spent", spent)
	}
	if row := r.ledger(); row.AcceptedPrice != "250.00 EUR" || row.Submissions != 1 {
		t.Errorf("the ledger has %+v", row)
	}
}

// TestAnAcceptanceOutlastsOtherTrouble: who has accepted a price need not do so again after
// paying in.
func TestAnAcceptanceOutlastsOtherTrouble(t *testing.T) {
	r := begin(t, outside.Options{}, limited(t), rising)
	r.Netim.SetBalance(100_00)
	r.after(time.Hour, func() {
		r.parked(6, messages.ReasonPrice)
		r.retry(messages.Retry{Actor: "ann", AcceptPrice: "250.00EUR"})
	})
	r.after(2*time.Hour, func() {
		r.parked(6, messages.ReasonBalance)
		r.rejected(messages.Retry{Actor: "ann", AcceptPrice: "250.00EUR"}, "no price to accept: the order needs attention because of balance")
		r.Netim.SetBalance(250_00)
		r.retry(messages.Retry{Actor: "ann"})
	})
	r.finish()
	r.want(whole())
	if left := r.Netim.Balance(); left != 0 {
		t.Errorf("%d left", left)
	}
}

// TestAPriceThatCannotBeReadIsWaitedFor: nothing is sent meanwhile, and the order goes on by
// itself.
func TestAPriceThatCannotBeReadIsWaitedFor(t *testing.T) {
	r := begin(t, outside.Options{}, limited(t), func(w *outside.World) { w.Netim.SetPrice(shop, 10_00) })
	r.Fault(t, "netim:queryDomainPrice:malformed*always")
	r.after(2*day, func() {
		if n := len(r.Netim.Operations()); n != 0 {
			t.Errorf("%d operations without a price", n)
		}
		if row, err := r.Store.LedgerRow(t.Context(), r.input.OrderNumber+"/1/registration"); err == nil {
			t.Errorf("the ledger has %+v", row)
		}
		r.Netim.Faults.Clear()
	})
	r.finish()
	r.want(whole())
	if row := r.ledger(); row.Submissions != 1 || row.AcceptedPrice != "" {
		t.Errorf("the ledger has %+v", row)
	}
}

// TestEveryPaidKindOfAPlanIsLimited, each on its way to the registrar.
func TestEveryPaidKindOfAPlanIsLimited(t *testing.T) {
	for kind, order := range map[registrars.Kind]string{
		registrars.Renewal:     change(`"operation": "renewal", "transferKey": ""`),
		registrars.Transfer:    change(`"operation": "transfer", "transferKey": "KEY-1"`),
		registrars.OwnerChange: withNewOwner(change(`"operation": "owner-change", "contacts": {"owner": 900}`)),
	} {
		t.Run(string(kind), func(t *testing.T) {
			r := begin(t, outside.Options{}, outside.Alter(t, order, `"planId": 5`, `"planId": 8`), func(w *outside.World) {
				if kind == registrars.Transfer {
					w.Netim.AddTaken(shop, "KEY-1")
				} else {
					owned(w)
				}
				rising(w)
			})
			r.after(time.Hour, func() {
				step := r.progress().Step
				r.parked(step, messages.ReasonPrice)
				r.retry(messages.Retry{Actor: "ann", AcceptPrice: "250.00EUR"})
			})
			r.after(2*time.Hour, func() { r.confirm("done") }) // a transfer and a trade are never done at once
			balance := r.Netim.Balance()
			r.finish()
			if spent := balance - r.Netim.Balance(); spent != 250_00 {
				t.Errorf("%d spent", spent)
			}
			if row := r.operation(kind); row.AcceptedPrice != "250.00 EUR" || row.Submissions != 1 {
				t.Errorf("the ledger has %+v", row)
			}
		})
	}
}
