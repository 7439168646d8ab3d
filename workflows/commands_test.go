package workflows_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"

	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	standbilling "domainprovisioning/sandbox/standin/billing"
	"domainprovisioning/store"
)

// refusing is the registrar, which refuses every request with an error of a class.
type refusing struct {
	registrars.Registrar

	class registrars.Class
}

func (r *refusing) Submit(context.Context, registrars.Request) (registrars.Operation, error) {
	return registrars.Operation{}, &registrars.Error{Registrar: "netim", Call: "domainCreate", Class: r.class, Detail: "refused for a test"}
}

// Find cannot tell what became of a request whose outcome is unknown.
func (r *refusing) Find(context.Context, registrars.Request) (registrars.Finding, error) {
	return registrars.Finding{State: registrars.Unclear}, nil
}

func refused(class registrars.Class) func(*outside.World) {
	return func(w *outside.World) { w.Double = &refusing{w.Registrar, class} }
}

// situation is an order that has come to a point at which a person looks at it.
type situation struct {
	options outside.Options
	order   string
	prepare func(*outside.World)
	begins  func(*run) // before the order begins
	happens func(*run) // before the person looks
	at      time.Duration
	reason  messages.Reason // "" if the order needs nobody
	// allowed is what the person may do.
	allowed []messages.Action
}

const (
	retry, takeOver, nothingThere, acceptPrice = messages.ActionRetry, messages.ActionTakeOver, messages.ActionNothingThere, messages.ActionAcceptPrice
	amend, confirm, byHand, extend             = messages.ActionAmend, messages.ActionConfirm, messages.ActionConfirmByHand, messages.ActionExtend
	skip, settle, giveUp                       = messages.ActionSkip, messages.ActionSettle, messages.ActionCancel
)

func situations(t *testing.T) map[string]situation {
	t.Helper()
	parked := []messages.Action{retry, amend, giveUp}
	all := map[string]situation{
		"price": {order: limited(t), prepare: rising, at: time.Hour, reason: messages.ReasonPrice, allowed: []messages.Action{retry, acceptPrice, amend, giveUp}},
		"outcome-unknown": {prepare: refused(registrars.ClassOutcomeUnknown), at: 2 * day, reason: messages.ReasonOutcomeUnknown,
			allowed: []messages.Action{retry, nothingThere, amend, byHand, giveUp}},
		"registration-failed": {options: outside.Options{Registration: failing()}, at: time.Hour, reason: registrationFailed,
			allowed: []messages.Action{retry, amend, confirm, giveUp}},
		"waiting": {options: manual(), at: time.Hour, allowed: []messages.Action{amend, confirm, extend, giveUp}},
		"deadline-passed": {options: manual(), at: 6 * day, reason: messages.ReasonDeadlinePassed,
			allowed: []messages.Action{retry, amend, confirm, extend, giveUp}},
		"an unknown word": {options: manual(), prepare: func(w *outside.World) { w.Fault(t, "netim:domainCreate:unknown-status") }, at: time.Hour,
			allowed: []messages.Action{amend, confirm, byHand, extend, giveUp}},
		"perhaps-paid-twice": {options: manual(), at: time.Hour, reason: messages.ReasonPerhapsPaidTwice, happens: func(r *run) {
			r.SignalWorkflow(messages.Confirmed().Name, messages.Confirmation{EventID: "ledger/k/1", Source: messages.FromLedger, Claim: messages.PerhapsPaidTwice})
		}, allowed: []messages.Action{amend, confirm, extend, settle, giveUp}},
		"conflict in step 11": {options: manual(), order: outside.ExistingCustomer, at: 2 * day, reason: messages.ReasonConflict,
			prepare: func(w *outside.World) {
				w.Operations.AddExistingAccount(600100)
				w.Operations.AddExistingDomain(shop, 600100)
			},
			happens: func(r *run) { r.complete(); r.confirm("event-1") }, allowed: []messages.Action{retry, takeOver, amend, giveUp}},
		"Billing refuses": {at: 2 * day, reason: messages.ReasonConflict, prepare: recordedElsewhere, allowed: []messages.Action{retry, amend, skip, giveUp}},
		"a setting is refused": {order: settingOrdered(t), at: 2 * day, reason: "lock-change-failed", begins: lockFails,
			allowed: []messages.Action{retry, amend, confirm, skip, giveUp}},
	}
	for _, class := range []registrars.Class{
		registrars.ClassInvalid, registrars.ClassUnavailable, registrars.ClassRejected, registrars.ClassConflict, registrars.ClassAuth,
		registrars.ClassBalance, registrars.ClassNotFound,
	} {
		all[string(class)] = situation{prepare: refused(class), at: 2 * day, reason: messages.Reason(class), allowed: parked}
	}
	return all
}

// recordedElsewhere has the name in Billing under another account.
func recordedElsewhere(w *outside.World) {
	w.Billing.AddExisting(standbilling.Row{FullDomainName: shop, AccountID: 600100, DomainStatus: standbilling.Registered})
}

// lockFails makes the registrar fail the request after the registration.
func lockFails(r *run) {
	r.when("SubmitRequest", 2, func() { r.Netim.SetBehaviour(shop, failing()) })
}

// settingOrdered orders a lock with the registration.
func settingOrdered(t *testing.T) string {
	return outside.Alter(t, outside.NewCustomer, `"transferKey": ""`, `"transferKey": "", "settings": {"lock": true}`)
}

// TestWhatIsListedIsAcceptedAndNothingElse walks every reason and every command.
func TestWhatIsListedIsAcceptedAndNothingElse(t *testing.T) {
	for name, s := range situations(t) {
		t.Run(name, func(t *testing.T) {
			s.run(t, "", func(r *run) {
				progress := r.progress()
				if !slices.Equal(progress.Actions, s.allowed) {
					t.Errorf("allowed %v, want %v", progress.Actions, s.allowed)
				}
				if a := progress.Attention; s.reason != "" && (a == nil || a.Reason != s.reason || !slices.Equal(a.Actions, s.allowed)) {
					t.Errorf("attention %+v, want %s with %v", a, s.reason, s.allowed)
				}
			})
			for _, action := range []messages.Action{retry, takeOver, nothingThere, acceptPrice, amend, byHand, extend, skip, giveUp} {
				s.run(t, action, func(r *run) { r.try(action, slices.Contains(s.allowed, action)) })
			}
		})
	}
}

// run brings an order into the situation, and then does something.
func (s situation) run(t *testing.T, action messages.Action, then func(*run)) {
	t.Helper()
	order := s.order
	if order == "" {
		order = outside.NewCustomer
	}
	var prepare []func(*outside.World)
	if s.prepare != nil {
		prepare = append(prepare, s.prepare)
	}
	r := begin(t, s.options, order, prepare...)
	if s.begins != nil {
		s.begins(r)
	}
	looked := false
	if s.happens != nil {
		r.after(s.at/2, func() { s.happens(r) })
	}
	r.after(s.at, func() { looked = true; then(r) })
	// What becomes of the order afterwards is the matter of other tests.
	_ = r.execute()
	if !looked {
		t.Errorf("%s: the order ended before anybody looked: %+v", action, r.progress())
	}
}

// try sends the command of an action, with everything that it needs.
func (r *run) try(action messages.Action, allowed bool) {
	r.t.Helper()
	const actor, reason = "ann", "for a test"
	name, command := string(action), any(nil)
	switch action {
	case retry:
		command = messages.Retry{Actor: actor, Reason: reason}
	case takeOver:
		name, command = string(retry), messages.Retry{Actor: actor, Reason: reason, AllowTakeover: true}
	case nothingThere:
		name, command = string(retry), messages.Retry{Actor: actor, Reason: reason, NothingThere: true}
	case acceptPrice:
		name, command = string(retry), messages.Retry{Actor: actor, Reason: reason, AcceptPrice: "250.00EUR"}
	case amend:
		change := messages.ChangeBilling
		if step := r.progress().Step; step >= 13 {
			change = map[bool]messages.Change{true: messages.ChangeSettings, false: messages.ChangeBilling}[step > 13]
		}
		command = messages.Amend{Actor: actor, Reason: reason, Revision: r.revise(), Changes: []messages.Change{change}}
	case byHand:
		command = messages.ConfirmByHand{Actor: actor, Reason: reason, Outcome: messages.OutcomeDone}
	case extend:
		command = messages.Extend{Actor: actor, Reason: reason, Until: r.Now().Add(72 * time.Hour)}
	case skip:
		skip := messages.Skip{Actor: actor, Reason: reason, Step: r.progress().Step}
		if skip.Step == 13 {
			skip.BillingDomainID = 77
		}
		command = skip
	default:
		command = messages.Cancel{Actor: actor, Reason: reason}
	}
	r.UpdateWorkflow(name, "", &testsuite.TestUpdateCallback{
		OnAccept: func() {},
		OnReject: func(err error) {
			if allowed || !strings.Contains(err.Error(), "Allowed: ") {
				r.t.Errorf("%s: refused: %v; allowed: %t", action, err, allowed)
			}
		},
		OnComplete: func(answer any, err error) {
			said, ok := answer.(messages.Answer)
			if !allowed || err != nil || !ok || said.Next == "" {
				r.t.Errorf("%s: answered %+v, %v; allowed: %t", action, answer, err, allowed)
			}
		},
	}, command)
}

// revise stores a revision of the order, altered in pairs of old and new text.
func (r *run) revise(pairs ...string) int {
	r.t.Helper()
	latest, err := r.Store.LatestRevision(r.t.Context(), r.input.OrderNumber)
	if err != nil {
		r.t.Fatal(err)
	}
	document, err := r.Store.RevisedDocument(r.t.Context(), r.input.OrderNumber, latest)
	if err != nil {
		r.t.Fatal(err)
	}
	number, err := r.Store.AddRevision(r.t.Context(), store.Revision{
		OrderNumber: r.input.OrderNumber, Item: r.input.Unit.Item, Base: latest, Document: []byte(outside.Alter(r.t, string(document), pairs...)), Actor: "ann", Reason: "for a test",
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return number.Number
}

// TestACommandSaysWhoAndWhy: and stays within its limits.
func TestACommandSaysWhoAndWhy(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.after(6*day, func() {
		for name, c := range map[string]struct {
			command any
			refused string
		}{
			"retry":           {messages.Retry{Reason: "x"}, "actor is missing"},
			"cancel":          {messages.Cancel{Actor: "ann"}, "reason is missing"},
			"extend":          {messages.Extend{Actor: "ann", Reason: " ", Until: r.Now().Add(day)}, "reason is missing"},
			"skip":            {messages.Skip{Actor: strings.Repeat("a", 101), Reason: "x", Step: 10}, "at most 100 bytes"},
			"amend":           {messages.Amend{Actor: "ann", Reason: strings.Repeat("r", 1001), Revision: 1}, "at most 1000"},
			"confirm-by-hand": {messages.ConfirmByHand{Actor: "ann", Outcome: "done"}, "reason is missing"},
		} {
			r.command(name, c.command, c.refused)
		}
		late := messages.Sent{NotAfter: r.Now().Add(-time.Second)}
		for name, command := range map[string]any{
			"retry": messages.Retry{Actor: "ann", Reason: "x", Sent: late}, "cancel": messages.Cancel{Actor: "ann", Reason: "x", Sent: late},
			"extend": messages.Extend{Actor: "ann", Reason: "x", Until: r.Now().Add(day), Sent: late}, "skip": messages.Skip{Actor: "ann", Reason: "x", Step: 10, Sent: late},
			"amend":           messages.Amend{Actor: "ann", Reason: "x", Revision: 1, Changes: []messages.Change{messages.ChangeBilling}, Sent: late},
			"confirm-by-hand": messages.ConfirmByHand{Actor: "ann", Reason: "x", Outcome: "done", Sent: late},
		} {
			r.command(name, command, "it comes too late")
		}
		for _, wrong := range []time.Time{{}, r.Now(), r.Now().Add(-day), r.Now().Add(367 * day)} {
			r.command("extend", messages.Extend{Actor: "ann", Reason: "x", Until: wrong}, "at most 366 days ahead")
		}
		r.command("amend", messages.Amend{Actor: "ann", Reason: "x", Revision: 0, Changes: []messages.Change{messages.ChangeBilling}}, "revision 0 is not newer")
		r.command("amend", messages.Amend{Actor: "ann", Reason: "x", Revision: 1}, "changes is empty")
		for _, past := range []messages.Change{messages.ChangeContacts, messages.ChangeDomainTemplate, messages.ChangeHostingTemplate, messages.ChangeCustomer} {
			r.command("amend", messages.Amend{Actor: "ann", Reason: "x", Revision: 1, Changes: []messages.Change{past}}, "cannot be amended any more: it has been used already")
		}
		r.command("amend", messages.Amend{Actor: "ann", Reason: "x", Revision: 1, Changes: []messages.Change{"domain"}}, "there is no such part")
		r.command("cancel", messages.Cancel{Actor: "ann", Reason: "x", Keep: true, DeleteRegistration: true}, "not together with keep")
		if progress := r.progress(); progress.State != messages.NeedsAttention || len(progress.Notes) != 0 {
			t.Errorf("refused commands changed something: %+v", progress)
		}
		r.complete()
		r.confirm("event-1")
	})
	r.finish()
	r.want(whole())
}

func TestADeadlineIsMoved(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	until := r.Now().Add(10 * day)
	r.after(6*day, func() {
		r.parked(10, messages.ReasonDeadlinePassed)
		r.command("extend", messages.Extend{Actor: "ann", Reason: "the registry is slow", Until: until}, "")
	})
	r.after(9*day, func() {
		if progress := r.progress(); progress.State != messages.Waiting || progress.Attention != nil || !progress.Deadline.Equal(until) ||
			len(progress.Troubles) != 1 || progress.Troubles[0].Reason != messages.ReasonDeadlinePassed {
			t.Errorf("after the deadline was moved: %+v", progress)
		}
	})
	r.after(11*day, func() {
		r.parked(10, messages.ReasonDeadlinePassed)
		r.complete()
		r.confirm("event-1")
	})
	r.finish()
	r.want(whole())
	if asked := r.started["ConfirmRequest"]; asked != 1 {
		t.Errorf("the registrar was asked %d times", asked)
	}
}

func TestAStepThatMayBeLeftOutIsLeftOut(t *testing.T) {
	t.Run("Billing, by hand", func(t *testing.T) {
		r := begin(t, outside.Options{}, outside.NewCustomer, recordedElsewhere)
		r.after(2*day, func() {
			r.parked(13, messages.ReasonConflict)
			r.command("skip", messages.Skip{Actor: "ann", Reason: "by hand", Step: 12, BillingDomainID: 77}, "step must be 13")
			r.command("skip", messages.Skip{Actor: "ann", Reason: "by hand", Step: 13}, "billingDomainId is missing")
			r.command("skip", messages.Skip{Actor: "ann", Reason: "by hand", Step: 13, BillingDomainID: 77}, "")
		})
		if result := r.finish(); result.BillingDomainID != 77 {
			t.Errorf("got %+v", result)
		}
		if got := step(r.progress(), 13); got != "skipped: recorded by hand as Billing domain 77, by ann" {
			t.Errorf("step 13 is %s", got)
		}
	})
	t.Run("a setting that fails", func(t *testing.T) {
		r := begin(t, outside.Options{}, settingOrdered(t))
		lockFails(r)
		r.after(2*day, func() {
			r.command("skip", messages.Skip{Actor: "ann", Reason: "not needed", Step: r.progress().Step, BillingDomainID: 1}, "not for step 14")
			r.command("skip", messages.Skip{Actor: "ann", Reason: "not needed", Step: r.progress().Step}, "")
		})
		r.finish()
		if got := step(r.progress(), 14); got != "skipped: left out by ann" {
			t.Errorf("step 14 is %s", got)
		}
	})
	t.Run("a call that is tried again", func(t *testing.T) {
		r := begin(t, outside.Options{}, outside.NewCustomer)
		r.Fault(t, "billing:*:http-error*always")
		r.after(2*day, func() {
			r.SignalWorkflow(messages.Troubled().Name, messages.Trouble{Activity: "AddDomainSubscription", Class: "temporary", Since: r.Now(), Attempt: 2})
		})
		r.after(2*day+time.Minute, func() {
			r.command("skip", messages.Skip{Actor: "ann", Reason: "by hand", Step: 13, BillingDomainID: 77}, "")
		})
		if result := r.finish(); result.BillingDomainID != 77 {
			t.Errorf("got %+v", result)
		}
	})
}

// TestARegistrarThatCannotBeAskedIsAnsweredByAPerson: and what the person states stands in the
// ledger.
func TestARegistrarThatCannotBeAskedIsAnsweredByAPerson(t *testing.T) {
	for name, c := range map[string]struct {
		outcome messages.Outcome
		state   store.LedgerState
	}{
		"done":    {messages.OutcomeDone, store.Done},
		"refused": {messages.OutcomeRefused, store.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, outside.Options{}, outside.NewCustomer, refused(registrars.ClassOutcomeUnknown))
			r.after(2*day, func() {
				r.parked(6, messages.ReasonOutcomeUnknown)
				r.command("confirm-by-hand", messages.ConfirmByHand{Actor: "ann", Reason: "x", Outcome: "perhaps"}, "outcome must be done or refused")
				r.command("confirm-by-hand", messages.ConfirmByHand{Actor: "ann", Reason: "their support, by telephone", Outcome: c.outcome}, "")
			})
			r.after(3*day, func() {
				if row := r.ledger(); row.State != c.state || row.Submissions != 1 {
					t.Errorf("the ledger has %+v", row)
				}
				if c.outcome == messages.OutcomeRefused {
					if a := r.parked(6, registrationFailed).Attention; !strings.Contains(a.Message, "ann states it: their support, by telephone") {
						t.Errorf("got %q", a.Message)
					}
					return
				}
				if progress := r.progress(); progress.Step <= 6 {
					t.Errorf("the order is still at step %d", progress.Step)
				}
			})
			_ = r.execute() // nothing is there to be verified
		})
	}
}

// TestAnAmendmentIsUsedFromTheNextStepOn: a name server that the registrar refuses is replaced,
// and nothing that was done is done again.
func TestAnAmendmentIsUsedFromTheNextStepOn(t *testing.T) {
	order := outside.Alter(t, outside.NewCustomer, `"transferKey": ""`, `"transferKey": "", "nameServers": ["ns1.old.example", "ns2.old.example"]`)
	r := begin(t, outside.Options{Registration: failing()}, order)
	r.after(day, func() {
		r.parked(6, registrationFailed)
		revision := r.revise("ns1.old.example", "ns1.new.example", "ns2.old.example", "ns2.new.example", `"Jane"`, `"Janet"`)
		r.Netim.SetBehaviour(shop, manual().Registration)
		r.command("amend", messages.Amend{
			Actor: "ann", Reason: "typing error", Revision: revision, Changes: []messages.Change{messages.ChangeNameServers, messages.ChangeCustomer},
		}, "")
	})
	r.after(2*day, func() {
		progress := r.progress()
		if progress.State != messages.Waiting || progress.Revision != 1 || len(progress.Troubles) != 1 || progress.Troubles[0].Cure != "amend by ann: typing error" {
			t.Errorf("got %+v", progress)
		}
		if !slices.Contains(progress.Notes, "the account in Operations keeps the customer's data with which it was made") {
			t.Errorf("notes %q", progress.Notes)
		}
		r.complete()
		r.confirm("event-1")
	})
	if result := r.finish(); len(result.Differences) != 0 {
		t.Errorf("differences %q", result.Differences)
	}
	registration, _ := r.Netim.Registration(shop)
	if want := (domains.NameServers{"ns1.new.example", "ns2.new.example"}); !slices.Equal(registration.NameServers, want) {
		t.Errorf("delegated to %v", registration.NameServers)
	}
	if r.Operations.Calls("pem.addAccount") != 1 || r.Netim.Creates(shop) != 2 {
		t.Errorf("%d accounts, %d requests", r.Operations.Calls("pem.addAccount"), r.Netim.Creates(shop))
	}
}

// TestWhatASubmissionOfUnknownOutcomeCarriedIsNotAmended: nobody knows yet what the registrar has.
func TestWhatASubmissionOfUnknownOutcomeCarriedIsNotAmended(t *testing.T) {
	r := begin(t, outside.Options{}, outside.NewCustomer, refused(registrars.ClassOutcomeUnknown))
	r.after(2*day, func() {
		r.parked(6, messages.ReasonOutcomeUnknown)
		for _, carried := range []messages.Change{messages.ChangeContacts, messages.ChangeNameServers, messages.ChangeYears, messages.ChangeTransferKey} {
			r.command("amend", messages.Amend{Actor: "ann", Reason: "x", Revision: 1, Changes: []messages.Change{carried}}, "nobody knows yet whether the registrar has the request")
		}
	})
	_ = r.execute()
}

// TestARunThatNobodyHasAskedForDoesNothing: the order has ended, is unknown, or is carried by
// another workflow.
func TestARunThatNobodyHasAskedForDoesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*run)
		why    string
	}{
		"ended": {func(r *run) {
			if err := r.Store.CloseUnit(r.t.Context(), r.input.OrderNumber, r.input.Unit.Item, store.UnitDone, ""); err != nil {
				r.t.Fatal(err)
			}
		}, "is done already, and nothing of it is done again"},
		"unknown":      {func(r *run) { r.input.OrderNumber = "DP99999999" }, "no order DP99999999 is carried by the workflow"},
		"another item": {func(r *run) { r.input.Unit.Item = 7 }, "is carried by the workflow"},
	} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, outside.Options{}, outside.NewCustomer)
			c.change(r)
			if err := r.execute(); err == nil || !strings.Contains(err.Error(), c.why) {
				t.Errorf("got %v", err)
			}
			if r.Operations.Calls("*") != 0 || r.Netim.Creates(shop) != 0 || r.started["RecordOutcome"] != 0 {
				t.Errorf("it did something: %v", r.started)
			}
		})
	}
}

// TestARunAfterAnotherTakesBackWhatThatMade: it has not made it itself.
func TestARunAfterAnotherTakesBackWhatThatMade(t *testing.T) {
	first := begin(t, manual(), outside.NewCustomer)
	first.SetWorkflowRunTimeout(day) // as if somebody had terminated it
	if err := first.execute(); err == nil {
		t.Fatal("the first run has ended")
	}
	// In the test environment every run has the same id.
	if _, err := first.Store.AdmitRun(t.Context(), first.input.OrderNumber, first.input.Unit.Item, "domain-provisioning/"+shop, "another"); err != nil {
		t.Fatal(err)
	}
	second := first.follow()
	second.when("AddAccount", 1, func() {
		second.command("cancel", messages.Cancel{Actor: "ann", Reason: "it was terminated"}, "")
	})
	second.cancelled()
	if got := strings.Join(second.Operations.Removals(), ", "); got != "subscription 100000" {
		t.Errorf("removed %s: %s", got, undone(second.progress()))
	}
	if row := second.ledger(); row.State != store.Cancelled {
		t.Errorf("the registration is %s", row.State)
	}
}
