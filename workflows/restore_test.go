package workflows_test

import (
	"strings"
	"testing"
	"time"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	standnetim "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
)

// redeemable puts the shop's domain into the account, in redemption.
func redeemable(w *outside.World) {
	owned(w)
	w.Netim.SetPrice(shop, 10_00)
	w.Netim.SetStatus(shop, standnetim.StatusQuarantine)
}

// restore is an order to restore the shop's domain at a limited price.
func restore(t *testing.T) string {
	t.Helper()
	return outside.Alter(t, change(`"operation": "restore"`), `"planId": 5`, `"planId": 8`)
}

func TestARestoreTakesTheDomainOutOfRedemption(t *testing.T) {
	for name, fault := range map[string]string{"answered": "", "answer lost": "netim:domainRestore:cut-after", "never arrived": "netim:domainRestore:cut-before"} {
		r := begin(t, outside.Options{}, restore(t), redeemable)
		if fault != "" {
			r.Fault(t, fault)
		}
		balance := r.Netim.Balance()
		result := r.finish()
		r.wantOperations(map[string]int{"domainRestore": 1})
		if paid := balance - r.Netim.Balance(); paid != 10_00 || !r.expires().Equal(expiry) || !result.Expires.Equal(expiry) || len(result.Differences) > 0 {
			t.Errorf("%s: %d paid, it expires on %s, result %+v", name, paid, r.expires(), result)
		}
		if row := r.operation(registrars.Restore); row.State != store.Done {
			t.Errorf("%s: the ledger has %+v", name, row)
		}
		// Nobody knows whether it is renewed before, and then it is said that it was not.
		if got := step(r.progress(), 1); !strings.Contains(got, "QUARANTINE, NOT DELEGATED and expires on 2026-06-01; whether a restore includes a renewal is not known") {
			t.Errorf("%s: step 1 is %s", name, got)
		}
		if got := step(r.progress(), 4); !strings.Contains(got, "restored, and not renewed: it expires on 2026-06-01; a renewal is an order of its own") {
			t.Errorf("%s: step 4 is %s", name, got)
		}
		if notes := strings.Join(r.progress().Notes, "\n"); !strings.Contains(notes, "restored, and not renewed") {
			t.Errorf("%s: notes %q", name, notes)
		}
		r.want(outside.Effects{Accounts: 1, Members: 1, Registrations: 1})
	}
}

// A domain that has expired in between is restored, which is no difference from the order.
func TestARestoredDomainMayHaveExpired(t *testing.T) {
	r := begin(t, outside.Options{}, restore(t), func(w *outside.World) {
		w.Netim.AddRegistration(standnetim.Registration{Domain: shop, Created: expiry.AddDate(-3, 0, 0), Expires: expiry.AddDate(-2, 0, 0)})
		w.Netim.SetStatus(shop, standnetim.StatusQuarantine)
	})
	result := r.finish()
	if got := step(r.progress(), 4); len(result.Differences) > 0 || !strings.Contains(got, "restored, and not renewed: it expired on 2024-06-01") {
		t.Errorf("result %+v, step 4 is %s", result, got)
	}
	r.wantOperations(map[string]int{"domainRestore": 1})
}

// A domain that somebody else has restored before the order does needs a person, and nothing is
// sent.
func TestADomainThatHasLeftRedemptionIsNotRestored(t *testing.T) {
	r := begin(t, outside.Options{}, restore(t), redeemable)
	r.Netim.SetStatus(shop, "")
	r.after(time.Hour, func() {
		if a := r.parked(2, messages.ReasonInvalid).Attention; !strings.Contains(a.Message, "must be in redemption, and is registered") {
			t.Errorf("got %q", a.Message)
		}
		r.Netim.SetStatus(shop, standnetim.StatusQuarantine)
		r.retry(messages.Retry{Actor: "ann", Reason: "it was deleted again"})
	})
	r.finish()
	r.wantOperations(map[string]int{"domainRestore": 1})
}

// Without a limit, a person accepts the price, at exactly which it is restored.
func TestTheRestoreOfAPlanWithoutALimitIsAcceptedByAPerson(t *testing.T) {
	r := begin(t, outside.Options{}, change(`"operation": "restore"`), redeemable)
	balance := r.Netim.Balance()
	r.after(time.Hour, func() {
		if a := r.parked(2, messages.ReasonPrice).Attention; !strings.Contains(a.Message, "a restore for 10.00 EUR, and the plan has no price limit for it") {
			t.Errorf("got %q", a.Message)
		}
		r.wantOperations(map[string]int{})
		r.Netim.SetPrice(shop, 90_00)
		r.retry(messages.Retry{Actor: "ann", AcceptPrice: "10.00EUR"})
	})
	r.after(2*time.Hour, func() {
		if a := r.parked(2, messages.ReasonPrice).Attention; !strings.Contains(a.Message, "the price is 90.00 EUR, and 10.00 EUR was accepted") {
			t.Errorf("got %q", a.Message)
		}
		r.wantOperations(map[string]int{})
		r.retry(messages.Retry{Actor: "ann", AcceptPrice: "90.00EUR"})
	})
	r.finish()
	r.wantOperations(map[string]int{"domainRestore": 1})
	if paid := balance - r.Netim.Balance(); paid != 90_00 {
		t.Errorf("%d paid", paid)
	}
	if row := r.operation(registrars.Restore); row.AcceptedPrice != "90.00 EUR" {
		t.Errorf("the ledger has %+v", row)
	}
}
