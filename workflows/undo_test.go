package workflows_test

import (
	"strings"
	"testing"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	standnetim "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
)

// cancel gives the order up; it must be accepted.
func (r *run) cancel(command messages.Cancel) {
	r.t.Helper()
	command.Actor, command.Reason = "ann", "the customer withdrew"
	r.command("cancel", command, "")
}

// plan asks what a cancellation would do.
func (r *run) plan() []messages.UndoLine {
	r.t.Helper()
	var lines []messages.UndoLine
	value, err := r.QueryWorkflow(messages.ReadUndo().Name)
	if err == nil {
		err = value.Get(&lines)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return lines
}

// uncancellable keeps a registration pending, and refuses to withdraw it.
func uncancellable() outside.Options {
	return outside.Options{Registration: standnetim.Behaviour{Manual: true, RefuseCancel: true}}
}

// TestAPendingRegistrationThatCannotBeWithdrawnIsWaitedFor: what the registrar carries out
// must not happen unseen.
func TestAPendingRegistrationThatCannotBeWithdrawnIsWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		ends func(*run)
		want string
		note string
	}{
		"it is registered": {func(r *run) { r.complete() }, "kept", "could be given back until 2026-03-13, by refund_days"},
		"the registrar refuses": {func(r *run) {
			if err := r.Netim.Fail(shop, "not eligible"); err != nil {
				r.t.Error(err)
			}
		}, "undone", "the registrar has not carried it out: failed"},
	} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, uncancellable(), outside.NewCustomer, func(w *outside.World) { w.RefundDays = 5 })
			r.after(day, func() { r.cancel(messages.Cancel{}) })
			r.after(3*day, func() {
				progress := r.progress()
				if progress.State != messages.Undoing || progress.Attention != nil || r.seen.latest["ProvisioningState"] != "undoing" {
					t.Errorf("the order is %s, %+v, and shown as %v", progress.State, progress.Attention, r.seen.latest)
				}
				if rows, err := r.Store.Units(t.Context(), store.UnitFilter{OrderNumber: r.input.OrderNumber}); err != nil || rows[0].Shown != messages.Undoing {
					t.Errorf("lists show %+v, %v", rows, err)
				}
			})
			// The deadline counts on: a person is told, and still nothing is forgotten.
			r.after(6*day, func() {
				a := r.parked(r.progress().Step, messages.ReasonDeadlinePassed).Attention
				for _, action := range a.Actions {
					if action == giveUp || action == amend {
						t.Errorf("%s is allowed during the undo", action)
					}
				}
				c.ends(r)
				r.confirm("event-1")
			})
			result := r.cancelled()
			if got := line(result.Undone, "registration at the registrar"); string(got.State) != c.want || !strings.Contains(got.Note, c.note) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func line(lines []messages.UndoLine, title string) messages.UndoLine {
	for _, one := range lines {
		if one.Title == title {
			return one
		}
	}
	return messages.UndoLine{}
}

// TestARegistrationIsDeletedOnlyOnDemandAndInTime: through the ledger, once.
func TestARegistrationIsDeletedOnlyOnDemandAndInTime(t *testing.T) {
	for name, c := range map[string]struct {
		refundDays int
		command    messages.Cancel
		deletion   messages.UndoLine
		deletes    int
	}{
		"in time":      {5, messages.Cancel{DeleteRegistration: true}, messages.UndoLine{State: messages.UndoDone, Note: "deleted at the registrar"}, 1},
		"too late":     {1, messages.Cancel{DeleteRegistration: true}, messages.UndoLine{State: messages.UndoKept, Note: "kept: it could be given back until 2026-03-03"}, 0},
		"not known":    {0, messages.Cancel{DeleteRegistration: true}, messages.UndoLine{State: messages.UndoKept, Note: "kept: whether it can be given back is not known"}, 0},
		"not demanded": {5, messages.Cancel{}, messages.UndoLine{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, outside.Options{}, outside.NewCustomer, recordedElsewhere, func(w *outside.World) { w.RefundDays = c.refundDays })
			r.after(2*day, func() {
				r.parked(13, messages.ReasonConflict)
				r.cancel(c.command)
			})
			result := r.cancelled()
			got := line(result.Undone, "deletion of the registration")
			if got.State != c.deletion.State || got.Note != c.deletion.Note || r.Netim.Calls("domainDelete") != c.deletes {
				t.Errorf("got %+v after %d deletions", got, r.Netim.Calls("domainDelete"))
			}
			if c.deletes == 1 {
				if row := r.operation(registrars.Deletion); row.State != store.Done || row.Submissions != 1 {
					t.Errorf("the ledger has %+v", row)
				}
			}
			if _, kept := r.Netim.Registration(shop); kept != (c.deletes == 0) {
				t.Errorf("the registration is kept: %t", kept)
			}
		})
	}
}

// TestAnUndoGoesOnAfterAFailure: and lists what it could not do.
func TestAnUndoGoesOnAfterAFailure(t *testing.T) {
	t.Run("refused for good", func(t *testing.T) {
		r := begin(t, outside.Options{Registration: failing()}, outside.NewCustomer)
		r.after(day, func() {
			r.parked(6, registrationFailed)
			r.Fault(t, "operations:pem.removeSubscription:refuse*always")
			r.cancel(messages.Cancel{})
		})
		result := r.cancelled()
		want := "registration at the registrar undone, domain request and its DNS zone undone, domain subscription 1048576 could-not, " + accountKept
		if got := undone(messages.Progress{Undo: result.Undone}); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
		r.leaves(true)
	})
	t.Run("away for a while", func(t *testing.T) {
		r := begin(t, outside.Options{Registration: failing()}, outside.NewCustomer)
		r.after(day, func() {
			r.Fault(t, "operations:pem.removeSubscription:http-error*3")
			r.Fault(t, "operations:pem.removeAccount:cut-after")
			r.cancel(messages.Cancel{})
		})
		result := r.cancelled()
		want := "registration at the registrar undone, domain request and its DNS zone undone, domain subscription 1048576 undone, " + accountGone
		if got := undone(messages.Progress{Undo: result.Undone}); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
		if got := strings.Join(r.Operations.Removals(), ", "); got != "request shop.example, subscription 1048576, account 1048576" {
			t.Errorf("removed %s", got)
		}
		r.leaves(false)
	})
	t.Run("left to a person", func(t *testing.T) {
		r := begin(t, outside.Options{Registration: failing()}, outside.NewCustomer)
		r.after(day, func() {
			r.Fault(t, "operations:pem.removeSubscription:http-error*always")
			r.cancel(messages.Cancel{})
		})
		r.after(3*day, func() {
			r.SignalWorkflow(messages.Troubled().Name, messages.Trouble{Activity: "TakeBack", Class: "temporary", Since: r.Now(), Attempt: 9})
		})
		r.after(3*day+1, func() {
			progress := r.parked(r.progress().Step, messages.Trying("temporary"))
			r.command("skip", messages.Skip{Actor: "ann", Reason: "does it by hand", Step: progress.Step}, "")
		})
		result := r.cancelled()
		if got := line(result.Undone, "domain subscription 1048576"); got.State != messages.UndoCouldNot || got.Note != "left out by ann" {
			t.Errorf("got %+v", got)
		}
	})
}

// TestWhatACancellationWouldDoIsSaidBefore: and changes nothing.
func TestWhatACancellationWouldDoIsSaidBefore(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.after(day, func() {
		lines := r.plan()
		titles := make([]string, len(lines))
		for n, one := range lines {
			titles[n] = one.Title
			if one.State != messages.UndoPlanned || one.Note == "" {
				t.Errorf("got %+v", one)
			}
		}
		want := "hosting subscription 100000, services of the hosting subscription on the domain, domain in Operations, registration at the registrar, " +
			"domain request and its DNS zone, domain subscription 1048576, account 1048576, staff members of the account"
		if got := strings.Join(titles, ", "); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		r.complete()
		r.confirm("event-1")
	})
	r.finish()
	r.want(whole())
	if len(r.Operations.Removals()) != 0 {
		t.Errorf("a plan has removed %v", r.Operations.Removals())
	}
}

func TestKeepLeavesEverythingAndListsIt(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.after(day, func() { r.cancel(messages.Cancel{Keep: true}) })
	if result := r.cancelled(); len(result.Undone) != 0 {
		t.Errorf("undone %+v", result.Undone)
	}
	ends, err := r.Store.LooseEnds(t.Context(), store.LooseEndFilter{Kind: store.Left})
	if err != nil || len(ends) != 1 || !strings.Contains(ends[0].Detail, "Add account (account 1048576)") || !strings.Contains(ends[0].Detail, "Not done: ") {
		t.Errorf("it leaves %+v, %v", ends, err)
	}
	if row := r.ledger(); row.State != store.Pending || len(r.Operations.Removals()) != 0 {
		t.Errorf("something was taken back: %s, %v", row.State, r.Operations.Removals())
	}
}

// TestWhatWasThereBeforeStays: the account of an existing customer, and what others use.
func TestWhatWasThereBeforeStays(t *testing.T) {
	r := begin(t, manual(), outside.ExistingCustomer)
	r.after(day, func() { r.cancel(messages.Cancel{}) })
	result := r.cancelled()
	for _, one := range result.Undone {
		if strings.Contains(one.Title, "account") {
			t.Errorf("the account was to be taken back: %+v", one)
		}
	}
	if n := len(r.Operations.Accounts()); n != 1 {
		t.Errorf("%d accounts", n)
	}
}
