package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/store"
)

// This file tests commands that meet: another command, a cancellation in Temporal, or a run that
// was ended.

// TestNothingIsPaidAfterAnOrderWasGivenUp: while a retry reads the plan, and at the same moment.
func TestNothingIsPaidAfterAnOrderWasGivenUp(t *testing.T) {
	for name, meet := range map[string]func(*run){
		"while the plan is read": func(r *run) { r.when("ReadPlan", 1, func() { r.cancel(messages.Cancel{}) }) },
		"at once":                func(r *run) { r.after(day+1, func() { r.cancel(messages.Cancel{}) }) },
	} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, outside.Options{Registration: failing()}, outside.NewCustomer)
			r.after(day, func() {
				r.parked(6, registrationFailed)
				r.Netim.SetBehaviour(shop, outside.Options{}.Registration) // registers at once
				r.retry(messages.Retry{Actor: "ann"})
				if name == "at once" {
					r.cancel(messages.Cancel{})
				}
			})
			if name != "at once" {
				meet(r)
			}
			r.cancelled()
			if n := r.Netim.Creates(shop); n != 1 {
				t.Errorf("%d requests: one was made after the order was given up; effects %s", n, r.Effects(shop))
			}
		})
	}
}

// TestASecondCommandWaitsUntilTheFirstIsDone: it would be about what is no longer so.
func TestASecondCommandWaitsUntilTheFirstIsDone(t *testing.T) {
	r := begin(t, outside.Options{}, outside.NewCustomer, refused("outcome-unknown"))
	r.after(2*day, func() {
		r.parked(6, messages.ReasonOutcomeUnknown)
		r.revise()
		r.command("amend", messages.Amend{Actor: "ann", Reason: "first", Revision: 1, Changes: []messages.Change{messages.ChangeBilling}}, "")
	})
	asked := false
	r.when("ReadPlan", 1, func() {
		asked = true
		r.command("amend", messages.Amend{Actor: "bob", Reason: "second", Revision: 2, Changes: []messages.Change{messages.ChangeBilling}}, "a command is under way")
		r.command("confirm-by-hand", messages.ConfirmByHand{Actor: "bob", Reason: "support", Outcome: messages.OutcomeDone}, "a command is under way")
	})
	_ = r.execute()
	if !asked {
		t.Error("no plan was read")
	}
}

// TestASkippedStepIsNotTriedAgain: a person has done it by hand.
func TestASkippedStepIsNotTriedAgain(t *testing.T) {
	t.Run("parked", func(t *testing.T) {
		r := begin(t, outside.Options{}, outside.NewCustomer)
		r.Fault(t, "billing:DomainSubscrWithIDAdd_API:refuse") // once
		r.after(2*day, func() {
			r.command("skip", messages.Skip{Actor: "ann", Reason: "by hand", Step: 13, BillingDomainID: 77}, "")
		})
		if result := r.finish(); result.BillingDomainID != 77 || r.started["AddDomainSubscription"] != 1 {
			t.Errorf("recorded as %d, in %d calls", result.BillingDomainID, r.started["AddDomainSubscription"])
		}
	})
	t.Run("waiting past the deadline, in an undo", func(t *testing.T) {
		r := begin(t, uncancellable(), outside.NewCustomer)
		r.after(day, func() { r.cancel(messages.Cancel{}) })
		r.after(7*day, func() {
			progress := r.parked(r.progress().Step, messages.ReasonDeadlinePassed)
			r.command("skip", messages.Skip{Actor: "ann", Reason: "asks them by telephone", Step: progress.Step}, "")
		})
		result := r.cancelled()
		if got := line(result.Undone, "registration at the registrar"); got.State != messages.UndoCouldNot || got.Note != "left out by ann" {
			t.Errorf("got %+v", got)
		}
		r.leaves(true)
	})
}

// TestACancellationInTemporalDuringAnUndoChangesNothing: the undo goes on.
func TestACancellationInTemporalDuringAnUndoChangesNothing(t *testing.T) {
	r := begin(t, uncancellable(), outside.NewCustomer)
	r.after(day, func() { r.cancel(messages.Cancel{}) })
	r.after(2*day, r.CancelWorkflow)
	r.after(3*day, func() { r.complete(); r.confirm("event-1") })
	if err := r.execute(); !temporal.IsCanceledError(err) {
		t.Errorf("got %v", err)
	}
	if state := r.progress().State; state != messages.Cancelled {
		t.Errorf("the order is %s", state)
	}
	r.closed(store.UnitCancelled)
}

// ended is an order whose run was ended in Temporal, and the run that follows.
func ended(t *testing.T, first *run) *run {
	t.Helper()
	if err := first.execute(); err == nil {
		t.Fatal("the first run has ended")
	}
	// In the test environment every run has the same id.
	if _, err := first.Store.AdmitRun(t.Context(), first.input.OrderNumber, first.input.Unit.Item, "domain-provisioning/"+shop, "another"); err != nil {
		t.Fatal(err)
	}
	return first.follow()
}

// TestACancellationBeforeTheAdmissionTakesBackAllTheSame what the run before has made.
func TestACancellationBeforeTheAdmissionTakesBackAllTheSame(t *testing.T) {
	first := begin(t, manual(), outside.NewCustomer)
	first.SetWorkflowRunTimeout(day)
	second := ended(t, first)
	second.after(0, second.CancelWorkflow)
	if err := second.execute(); !temporal.IsCanceledError(err) {
		t.Errorf("got %v", err)
	}
	if got := strings.Join(second.Operations.Removals(), ", "); got != "subscription 100000" {
		t.Errorf("removed %q: %s", got, undone(second.progress()))
	}
	if row := second.ledger(); row.State != store.Cancelled {
		t.Errorf("the registration is %s", row.State)
	}
	second.leaves(true)
}

// TestARunAfterATerminatedUndoGoesOnTakingBack: it never provisions again.
func TestARunAfterATerminatedUndoGoesOnTakingBack(t *testing.T) {
	first := begin(t, uncancellable(), outside.NewCustomer)
	first.after(day, func() { first.cancel(messages.Cancel{}) })
	first.SetWorkflowRunTimeout(2 * day)
	second := ended(t, first)
	second.after(time.Hour, func() {
		if progress := second.progress(); progress.State != messages.Undoing || second.started["ActivateSubscription"] != 0 {
			t.Errorf("the order is %s: %v", progress.State, second.started)
		}
		second.complete()
		second.confirm("event-1")
	})
	second.cancelled()
	if got := strings.Join(second.Operations.Removals(), ", "); got != "subscription 100000" {
		t.Errorf("removed %q", got)
	}
}

// TestARunWithARevisionThatTheConfigurationRefusesDoesNothing until that is corrected: what was
// amended must not be lost.
func TestARunWithARevisionThatTheConfigurationRefusesDoesNothing(t *testing.T) {
	order := outside.Alter(t, outside.NewCustomer, `"transferKey": ""`, `"transferKey": "", "nameServers": ["ns1.old.example", "ns2.old.example"]`)
	first := begin(t, outside.Options{Registration: failing()}, order)
	first.after(day, func() {
		revision := first.revise("ns1.old.example", "ns1.new.example", "ns2.old.example", "ns2.new.example")
		first.command("amend", messages.Amend{Actor: "ann", Reason: "typo", Revision: revision, Changes: []messages.Change{messages.ChangeNameServers}}, "")
	})
	first.SetWorkflowRunTimeout(2 * day)
	catalog := *first.Intake.Catalog
	first.after(2*day-time.Hour, func() { *first.Intake.Catalog = orders.Catalog{} })
	second := ended(t, first)
	second.Netim.SetBehaviour(shop, manual().Registration)
	second.after(time.Hour, func() {
		if a := second.parked(1, messages.ReasonInvalid).Attention; !strings.Contains(a.Message, "the worker's configuration refuses revision 1 of the order") {
			t.Errorf("got %q", a.Message)
		}
		// Another amendment that is refused does not set it going either.
		second.command("amend", messages.Amend{
			Actor: "ann", Reason: "again", Revision: second.revise(), Base: 1, Changes: []messages.Change{messages.ChangeNameServers},
		}, "")
	})
	second.after(90*time.Minute, func() {
		second.parked(1, messages.ReasonInvalid)
		if second.started["AddAccount"] != 0 {
			t.Error("it went on with the plan that was amended")
		}
		*second.Intake.Catalog = catalog
		second.retry(messages.Retry{Actor: "ann"})
	})
	second.after(2*time.Hour, func() { second.complete(); second.confirm("event-1") })
	second.finish()
	registration, _ := second.Netim.Registration(shop)
	if !slices.Equal(registration.NameServers, []string{"ns1.new.example", "ns2.new.example"}) {
		t.Errorf("delegated to %v", registration.NameServers)
	}
}

// TestARefusedAmendmentDoesNotEndTheWait: the confirmation still completes the order.
func TestARefusedAmendmentDoesNotEndTheWait(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.after(day, func() {
		revision := r.revise(`"planId": 5`, `"planId": 99`)
		r.command("amend", messages.Amend{Actor: "ann", Reason: "another plan", Revision: revision, Changes: []messages.Change{messages.ChangeBilling}}, "")
	})
	r.after(2*day, func() {
		progress := r.progress()
		if progress.State != messages.Waiting || progress.Revision != 0 || len(progress.Notes) != 1 || !strings.HasPrefix(progress.Notes[0], "the amendment was not taken: ") {
			t.Errorf("got %+v", progress)
		}
		r.complete()
		r.confirm("event-1")
	})
	r.finish()
	r.want(whole())
}

// TestNothingIsRequestedForAnOrderThatHasEnded: its workflow was reset to a point before the
// request.
func TestNothingIsRequestedForAnOrderThatHasEnded(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.when("AddAccount", 1, func() {
		if err := r.Store.CloseUnit(t.Context(), r.input.OrderNumber, r.input.Unit.Item, store.UnitCancelled, ""); err != nil {
			t.Error(err)
		}
	})
	r.after(day, func() {
		if a := r.parked(6, messages.ReasonConflict).Attention; !strings.Contains(a.Message, "is cancelled already, and nothing more is requested for it") {
			t.Errorf("got %q", a.Message)
		}
	})
	_ = r.execute()
	if n := r.Netim.Creates(shop); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// TestASettingThatWasMadeIsNotAmended: it is said, and the others are.
func TestASettingThatWasMadeIsNotAmended(t *testing.T) {
	r := begin(t, outside.Options{}, outside.Alter(t, outside.NewCustomer,
		`"transferKey": ""`, `"transferKey": "", "settings": {"lock": true, "autoRenewal": true}`))
	r.when("SubmitRequest", 3, func() { r.Netim.SetBehaviour(shop, failing()) })
	r.after(2*day, func() {
		r.Netim.SetBehaviour(shop, outside.Options{}.Registration)
		revision := r.revise(`"lock": true`, `"lock": false`, `"autoRenewal": true`, `"autoRenewal": false`)
		r.command("amend", messages.Amend{Actor: "ann", Reason: "x", Revision: revision, Changes: []messages.Change{messages.ChangeSettings}}, "")
	})
	result := r.finish()
	said := 0
	for _, note := range r.progress().Notes {
		if strings.HasSuffix(note, "was set already and stays as it is") {
			said++
		}
	}
	if said != 1 || len(result.Differences) != 0 {
		t.Errorf("said %d times; differences %q; notes %q", said, result.Differences, r.progress().Notes)
	}
}
