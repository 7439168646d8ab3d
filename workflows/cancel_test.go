package workflows_test

import (
	"fmt"
	"strings"
	"testing"

	"go.temporal.io/sdk/temporal"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

func TestCancelAtEachStepEndsCancelledAndFreesTheName(t *testing.T) {
	for number, at := range []struct {
		activity string
		start    int
		order    string
		left     string // part of what is listed as left behind
	}{
		{"AddAccount", 1, outside.NewCustomer, "Add account (was under way"},
		{"AddAccountMember", 1, outside.NewCustomer, "Add account (account "},
		{"ActivateSubscription", 1, outside.NewCustomer, "Add staff member (user "},
		{"AddDomainRequest", 1, outside.NewCustomer, "Activate domain subscription (subscription "},
		{"GetNameServers", 1, outside.NewCustomer, "Request domain and DNS zone ("},
		{"SubmitRequest", 1, outside.NewCustomer, "registration"},
		{"CreateDomain", 1, outside.NewCustomer, "Submit registration to the registrar (operation "},
		{"ActivateSubscription", 2, outside.NewCustomer, "Create domain (domain "},
		{"BindServicesToDomain", 1, outside.NewCustomer, "Activate hosting subscription ("},
		{"ConfirmRequest", 1, outside.NewCustomer, "Bind hosting services"},
		{"RegisterDomain", 1, outside.NewCustomer, "Registrar confirms"},
		{"BindServicesToDomain", 1, outside.ExistingCustomer, "Mark the domain registered ("}, // the name exists: step 12 binds
		{"AddDomainSubscription", 1, outside.NewCustomer, "Mark the domain registered ("},
		{"VerifyDomain", 1, outside.NewCustomer, "Record the domain in Billing ("},
	} {
		t.Run(fmt.Sprintf("step %d", number+1), func(t *testing.T) {
			r := begin(t, manual(), at.order)
			if number+1 == 12 {
				r.Operations.AddExistingDomain(shop, outside.Customer)
			}
			r.when(at.activity, at.start, r.CancelWorkflow)
			r.after(day, func() { r.complete(); r.confirm("event-1") })
			if err := r.execute(); !temporal.IsCanceledError(err) {
				t.Errorf("got %v", err)
			}
			if progress := r.progress(); progress.State != messages.Cancelled || progress.Step != number+1 {
				t.Errorf("the order is %s at step %d", progress.State, progress.Step)
			}
			if r.seen.latest["ProvisioningState"] != string(messages.Cancelled) {
				t.Errorf("search attributes say %v", r.seen.latest)
			}
			r.closed(store.UnitCancelled)
			ends, err := r.Store.LooseEnds(t.Context(), store.LooseEndFilter{Kind: store.Left})
			if err != nil || len(ends) != 1 || !strings.Contains(ends[0].Detail, at.left) || !strings.Contains(ends[0].Detail, "Not done: ") {
				t.Errorf("it leaves %+v, %v, want %q", ends, err, at.left)
			}
			// The name is free for another order.
			if number+1 < 6 {
				r.Place(t, outside.Alter(t, outside.NewCustomer, "jane@", "john@"))
			}
			if number+1 >= 6 {
				// The result of a paid call in progress is known, whatever happened to
				// the order.
				if row := r.ledger(); row.Reference == "" || r.Netim.Creates(shop) != 1 {
					t.Errorf("the ledger has %+v after %d creates", row, r.Netim.Creates(shop))
				}
			}
			if number+1 > 10 {
				if _, kept := r.Netim.Registration(shop); !kept {
					t.Error("a confirmed registration is gone")
				}
			}
		})
	}
}

func TestCancelWhileWaitingAndWhileParked(t *testing.T) {
	t.Run("waiting", func(t *testing.T) {
		r := begin(t, manual(), outside.NewCustomer)
		r.after(day, r.CancelWorkflow)
		if err := r.execute(); !temporal.IsCanceledError(err) {
			t.Errorf("got %v", err)
		}
		r.closed(store.UnitCancelled)
		if row := r.ledger(); row.State != store.Pending {
			t.Errorf("the ledger has %s; the registration is still pending", row.State)
		}
	})
	t.Run("deadline passed", func(t *testing.T) {
		r := begin(t, manual(), outside.NewCustomer)
		r.after(6*day, func() { r.parked(10, messages.ReasonDeadlinePassed); r.CancelWorkflow() })
		if err := r.execute(); !temporal.IsCanceledError(err) {
			t.Errorf("got %v", err)
		}
		r.closed(store.UnitCancelled)
	})
	t.Run("parked", func(t *testing.T) {
		r := begin(t, outside.Options{Registration: failing()}, outside.NewCustomer)
		r.after(day, func() { r.parked(6, registrationFailed); r.CancelWorkflow() })
		if err := r.execute(); !temporal.IsCanceledError(err) {
			t.Errorf("got %v", err)
		}
		r.closed(store.UnitCancelled)
		if domains := r.Operations.Domains(); len(domains) != 0 {
			t.Errorf("after the cancellation the order went on: %+v", domains)
		}
	})
}
