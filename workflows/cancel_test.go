package workflows_test

import (
	"fmt"
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
	}{
		{"AddAccount", 1, outside.NewCustomer},
		{"AddAccountMember", 1, outside.NewCustomer},
		{"ActivateSubscription", 1, outside.NewCustomer},
		{"AddDomainRequest", 1, outside.NewCustomer},
		{"GetNameServers", 1, outside.NewCustomer},
		{"SubmitRequest", 1, outside.NewCustomer},
		{"CreateDomain", 1, outside.NewCustomer},
		{"ActivateSubscription", 2, outside.NewCustomer},
		{"BindServicesToDomain", 1, outside.NewCustomer},
		{"ConfirmRequest", 1, outside.NewCustomer},
		{"RegisterDomain", 1, outside.NewCustomer},
		{"BindServicesToDomain", 1, outside.ExistingCustomer}, // the name exists: step 12 binds
		{"AddDomainSubscription", 1, outside.NewCustomer},
		{"VerifyDomain", 1, outside.NewCustomer},
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
			r.closed(store.ProvisioningCancelled)
			// The name is free: another order may have it.
			if number+1 < 6 {
				r.Place(t, outside.Alter(t, outside.NewCustomer, "jane@", "john@"))
			}
			if number+1 >= 6 {
				// A paid call that was under way is known, whatever became of the order.
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
		r.closed(store.ProvisioningCancelled)
		if row := r.ledger(); row.State != store.Pending {
			t.Errorf("the ledger has %s; the registration is still pending", row.State)
		}
	})
	t.Run("deadline passed", func(t *testing.T) {
		r := begin(t, manual(), outside.NewCustomer)
		r.after(6*day, func() { r.parked(10, "deadline-passed"); r.CancelWorkflow() })
		if err := r.execute(); !temporal.IsCanceledError(err) {
			t.Errorf("got %v", err)
		}
		r.closed(store.ProvisioningCancelled)
	})
	t.Run("parked", func(t *testing.T) {
		r := begin(t, outside.Options{Registration: failing()}, outside.NewCustomer)
		r.after(day, func() { r.parked(6, "registration-failed"); r.CancelWorkflow() })
		if err := r.execute(); !temporal.IsCanceledError(err) {
			t.Errorf("got %v", err)
		}
		r.closed(store.ProvisioningCancelled)
		if domains := r.Operations.Domains(); len(domains) != 0 {
			t.Errorf("after the cancellation the order went on: %+v", domains)
		}
	})
}
