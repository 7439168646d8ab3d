package workflows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/operations"
	standnetim "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

func TestAPassedDeadlineTellsAPersonAndTheOrderStillCompletes(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.after(workflows.DefaultPendingDeadline-time.Hour, func() {
		if state := r.progress().State; state != messages.Waiting {
			t.Errorf("before the deadline the order is %s", state)
		}
	})
	r.after(workflows.DefaultPendingDeadline+time.Hour, func() {
		attention := r.parked(10, messages.ReasonDeadlinePassed).Attention
		if !slices.Equal(attention.Actions, []messages.Action{retry, amend, confirm, extend, giveUp}) || !strings.Contains(attention.Message, "by 2026-03-07 08:00:00 UTC") {
			t.Errorf("got %+v", attention)
		}
	})
	r.after(9*day, func() {
		r.parked(10, messages.ReasonDeadlinePassed)
		r.complete()
		r.confirm("event-1")
	})
	r.finish()
	r.want(whole())
}

func TestTheDeadlineOfTheRegistrarAccountCounts(t *testing.T) {
	options := manual()
	options.PendingDeadline = 2 * time.Hour
	r := begin(t, options, outside.NewCustomer)
	var since time.Time
	r.after(3*time.Hour, func() {
		since = r.parked(10, messages.ReasonDeadlinePassed).Attention.Since
		r.confirm("still-pending")
	})
	r.after(4*time.Hour, func() {
		// A look that finds it pending changes nothing, not even since when it needs
		// attention.
		if got := r.parked(10, messages.ReasonDeadlinePassed).Attention.Since; !got.Equal(since) {
			t.Errorf("attention since %s, and before since %s", got, since)
		}
		r.retry(messages.Retry{Actor: "ann", Reason: "asks once more"})
	})
	r.after(5*time.Hour, func() {
		if notes := r.parked(10, messages.ReasonDeadlinePassed).Notes; len(notes) != 1 || !strings.Contains(notes[0], "ann") {
			t.Errorf("who pressed on is not noted: %q", notes)
		}
		r.complete()
		r.retry(messages.Retry{Actor: "ann", Reason: "the registrar says it is done"})
	})
	r.finish()
	r.want(whole())
	if asked := r.started["ConfirmRequest"]; asked != 3 {
		t.Errorf("the registrar was asked %d times", asked)
	}
}

func TestAnEarlyConfirmationIsKeptUntilStepTen(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.when("SubmitRequest", 1, func() { r.confirm("before-step-6-returned") })
	r.when("CreateDomain", 1, func() {
		r.complete()
		r.confirm("before-step-10")
	})
	r.after(0, func() { r.confirm("before-the-first-step") })
	began := r.Now()
	r.finish()
	r.want(whole())
	if passed := r.Now().Sub(began); passed > time.Hour {
		t.Errorf("the order waited for %s although it had been told", passed)
	}
	if asked := r.started["ConfirmRequest"]; asked != 1 {
		t.Errorf("the registrar was asked %d times", asked)
	}
}

func TestAnEarlyConfirmationThatIsWrongOnlyMakesTheOrderLook(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.after(0, func() { r.confirm("a-lie") })
	r.after(day, func() {
		if progress := r.progress(); progress.State != messages.Waiting || progress.Step != 10 || r.started["ConfirmRequest"] != 1 {
			t.Errorf("the order is %s at step %d after %d looks", progress.State, progress.Step, r.started["ConfirmRequest"])
		}
		r.complete()
		r.confirm("the-truth")
	})
	r.finish()
	r.want(whole())
}

func TestWhichSignalsMakeTheOrderLook(t *testing.T) {
	name := messages.Confirmed().Name
	for title, c := range map[string]struct {
		send  func(r *run)
		looks int
	}{
		"one":     {func(r *run) { r.confirm("a") }, 1},
		"doubled": {func(r *run) { r.confirm("a"); r.confirm("a") }, 1},
		"without an event id": {func(r *run) {
			r.SignalWorkflow(name, messages.Confirmation{Source: "callback", Claim: "done"})
		}, 0},
		"a text instead of a confirmation": {func(r *run) { r.SignalWorkflow(name, "done!") }, 0},
		"a number where the id stands":     {func(r *run) { r.SignalWorkflow(name, map[string]any{"eventId": 7}) }, 0},
		"a list":                           {func(r *run) { r.SignalWorkflow(name, []int{1, 2}) }, 0},
		"malformed, then a good one":       {func(r *run) { r.SignalWorkflow(name, 3); r.confirm("a") }, 1},
		"another signal":                   {func(r *run) { r.SignalWorkflow("registrar-says-hello", "done") }, 0},
		"fields that are not known": {func(r *run) {
			r.SignalWorkflow(name, map[string]any{"eventId": "a", "colour": "blue"})
		}, 1},
	} {
		t.Run(title, func(t *testing.T) {
			r := begin(t, manual(), outside.NewCustomer)
			r.after(day, func() { c.send(r) })
			r.after(2*day, func() {
				if looks := r.started["ConfirmRequest"]; looks != c.looks {
					t.Errorf("%d looks, want %d", looks, c.looks)
				}
				if state := r.progress().State; state != messages.Waiting {
					t.Errorf("the order is %s", state)
				}
				r.complete()
				r.confirm("at last")
			})
			r.finish()
			r.want(whole())
		})
	}
}

// A flood of confirmations must not fill the memory of a worker. Those beyond the limit
// are dropped; a person can still make the order look.
func TestAFloodOfConfirmationsIsBounded(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.input.DomainID = r.Operations.AddExistingDomain("other.example", r.Operations.AddExistingAccount(0))
	sent := 0
	var flood func()
	flood = func() { // one after another, because the test environment accepts few at a time
		r.confirm(fmt.Sprint("flood-", sent))
		if sent++; sent < 1000 {
			r.after(time.Second, flood)
		}
	}
	r.after(time.Hour, flood)
	r.after(day, func() {
		r.parked(7, messages.ReasonConflict) // confirmations do not wake a step that does not wait for them
		if err := r.OperationsClient.RemoveDomain(t.Context(), r.input.DomainID); err != nil {
			t.Error(err)
		}
		r.retry(messages.Retry{Actor: "ann"})
	})
	r.after(2*day, func() {
		r.complete()
		r.confirm("one too many")
	})
	r.after(3*day, func() {
		if state := r.progress().State; state != messages.Waiting || r.started["ConfirmRequest"] != 1 {
			t.Errorf("the order is %s after %d looks", state, r.started["ConfirmRequest"])
		}
	})
	r.after(7*day, func() {
		r.parked(10, messages.ReasonDeadlinePassed)
		r.retry(messages.Retry{Actor: "ann"})
	})
	r.finish()
	want := whole()
	want.Accounts, want.Members = 2, 2
	r.want(want)
}

func TestTheWatchTellsAWaitingOrder(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.after(day, func() {
		r.complete()
		// This is what the watch does: the ledger learns, then the order is told.
		if _, err := r.Store.Learn(t.Context(), r.ledger().Key, store.LedgerChange{State: store.Done, Word: "Done"}); err != nil {
			t.Error(err)
		}
		if _, err := r.Notify(t.Context(), "", messages.Confirmation{EventID: "watch/1", Source: "watch"}); err != nil {
			t.Error(err)
		}
	})
	asked := r.Netim.Calls("queryOpe")
	r.finish()
	r.want(whole())
	if calls := r.Netim.Calls("queryOpe"); calls != asked {
		t.Errorf("the registrar was asked again for what the watch had read: %d calls", calls-asked)
	}
}

func TestARegistrationThatTheRegistrarEndsIsParkedAndAskedAnewByARetry(t *testing.T) {
	for name, c := range map[string]struct {
		end    func(r *run) error
		reason messages.Reason
		state  store.LedgerState
	}{
		"failed":    {func(r *run) error { return r.Netim.Fail(shop, "registrant is not eligible") }, registrationFailed, store.Failed},
		"cancelled": {func(r *run) error { return r.Netim.Cancel(shop) }, messages.RequestEnded("registration", "cancelled"), store.Cancelled},
	} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, manual(), outside.NewCustomer)
			r.after(day, func() {
				if err := c.end(r); err != nil {
					t.Error(err)
				}
				r.confirm("event-1")
			})
			r.after(2*day, func() {
				attention := r.parked(10, c.reason).Attention
				if !slices.Equal(attention.Actions, []messages.Action{retry, amend, confirm, giveUp}) {
					t.Errorf("actions %q", attention.Actions)
				}
				if said, err := r.Store.Quote(t.Context(), attention.Reference, ""); name == "failed" && (err != nil || said != "registrant is not eligible") {
					t.Errorf("the registrar's reason is %q under %q: %v", said, attention.Reference, err)
				}
				if strings.Contains(attention.Message, "eligible") {
					t.Errorf("the registrar's reason is in the message: %q", attention.Message)
				}
				if row := r.ledger(); row.State != c.state || r.Netim.Creates(shop) != 1 {
					t.Errorf("the ledger has %s, and %d creates", row.State, r.Netim.Creates(shop))
				}
				r.retry(messages.Retry{Actor: "ann", Reason: "eligible now"})
			})
			r.after(3*day, func() {
				if progress := r.progress(); progress.State != messages.Waiting || r.Netim.Creates(shop) != 2 {
					t.Errorf("the order is %s after %d creates", progress.State, r.Netim.Creates(shop))
				}
				r.complete()
				r.confirm("event-2")
			})
			r.finish()
			want := whole()
			want.Creates = 2 // the one that ended, and the one that a person asked for
			r.want(want)
			row := r.ledger()
			if row.Reopened != 1 || row.Submissions != 2 {
				t.Errorf("the ledger has %+v", row)
			}
			if troubles := r.progress().Troubles; len(troubles) != 1 || troubles[0].Step != 10 || troubles[0].Cure != "retry by ann: eligible now" {
				t.Errorf("earlier troubles %+v", troubles)
			}
		})
	}
}

func TestARegistrationThatFailsAtOnceIsParkedInStepSix(t *testing.T) {
	options := outside.Options{}
	options.Registration.FailWith = "registrant is not eligible"
	r := begin(t, options, outside.NewCustomer)
	r.after(day, func() {
		r.parked(6, registrationFailed)
		r.Netim.SetBehaviour(shop, manual().Registration)
		r.retry(messages.Retry{Actor: "ann", Reason: "eligible now"})
	})
	r.after(2*day, func() {
		r.complete()
		r.confirm("event-1")
	})
	r.finish()
	want := whole()
	want.Creates = 2
	r.want(want)
}

// The registrar's support restarts a failed operation by hand, and it completes.
func TestAFailedRegistrationThatTheSupportRestartsCompletesWithoutANewOne(t *testing.T) {
	for name, options := range map[string]struct {
		outside.Options
		step int
	}{
		"after days": {manual(), 10},
		"at once":    {outside.Options{Registration: failing()}, 6},
	} {
		for how, tell := range map[string]func(r *run){
			"a confirmation": func(r *run) { r.confirm("event-2") },
			"a retry":        func(r *run) { r.retry(messages.Retry{Actor: "ann", Reason: "support says so"}) },
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				r := begin(t, options.Options, outside.NewCustomer)
				r.after(day, func() {
					if options.step == 10 {
						if err := r.Netim.Fail(shop, "registry timeout"); err != nil {
							t.Error(err)
						}
						r.confirm("event-1")
					}
				})
				r.after(2*day, func() {
					r.parked(options.step, "registration-failed")
					r.complete()
					tell(r)
				})
				if options.step == 6 && how == "a confirmation" {
					// Only a person wakes a step that does not wait for the registrar.
					r.after(3*day, func() { r.retry(messages.Retry{Actor: "ann"}) })
				}
				r.finish()
				r.want(whole())
				if row := r.ledger(); row.Submissions != 1 || row.State != store.Done {
					t.Errorf("the ledger has %+v", row)
				}
			})
		}
	}
}

func TestAContradictingConfirmationLeavesAFailedRegistrationParked(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.after(day, func() {
		if err := r.Netim.Fail(shop, "no"); err != nil {
			t.Error(err)
		}
		r.confirm("event-1")
	})
	r.after(2*day, func() { r.confirm("claims it is done") })
	r.after(3*day, func() {
		r.parked(10, registrationFailed)
		if looks := r.started["ConfirmRequest"]; looks != 2 {
			t.Errorf("%d looks", looks)
		}
		r.complete()
		r.confirm("event-3")
	})
	r.finish()
	r.want(whole())
}

func TestARetryIsRefusedWithTheReason(t *testing.T) {
	for name, c := range map[string]struct {
		command messages.Retry
		want    string
	}{
		"nobody signs":       {messages.Retry{Reason: "because"}, "actor is missing"},
		"a long name":        {messages.Retry{Actor: strings.Repeat("a", 101)}, "at most 100 bytes"},
		"a long reason":      {messages.Retry{Actor: "ann", Reason: strings.Repeat("a", 1001)}, "reason at most 1000"},
		"nothing is parked":  {messages.Retry{Actor: "ann"}, "nothing to retry: step 10 is waiting"},
		"takeover, unparked": {messages.Retry{Actor: "ann", AllowTakeover: true}, "nothing to retry"},
	} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, manual(), outside.NewCustomer)
			r.after(day, func() {
				r.update(c.command, func(err error) {
					if err == nil || !strings.Contains(err.Error(), c.want) {
						t.Errorf("got %v, want %q", err, c.want)
					}
				})
			})
			r.after(2*day, func() { r.complete(); r.confirm("event-1") })
			r.finish()
			r.want(whole())
		})
	}
}

func TestASecondRetryIsRefusedWhileTheFirstIsUnderWay(t *testing.T) {
	options := outside.Options{}
	options.Registration = failing()
	r := begin(t, options, outside.NewCustomer)
	answers := make([]error, 2)
	r.after(day, func() {
		for n := range answers {
			r.update(messages.Retry{Actor: "ann"}, func(err error) { answers[n] = err })
		}
		r.Netim.SetBehaviour(shop, standnetim.Behaviour{})
	})
	r.finish()
	refused := slices.DeleteFunc(slices.Clone(answers), func(err error) bool { return err == nil })
	if len(refused) != 1 {
		t.Errorf("two clicks got %v", answers)
	}
	if row := r.ledger(); row.Submissions != 2 || row.Reopened != 1 {
		t.Errorf("two clicks led to %+v", row)
	}
}

func TestAPermanentErrorParksAndARetryGoesOnAtTheSameStep(t *testing.T) {
	r := begin(t, outside.Options{}, outside.NewCustomer)
	other := r.Operations.AddExistingAccount(0)
	r.input.DomainID = r.Operations.AddExistingDomain("other.example", other) // the reserved id is taken
	r.after(day, func() {
		r.parked(7, messages.ReasonConflict)
		r.retry(messages.Retry{Actor: "ann", Reason: "too early"})
	})
	r.after(2*day, func() {
		r.parked(7, messages.ReasonConflict)
		if err := r.OperationsClient.RemoveDomain(t.Context(), r.input.DomainID); err != nil {
			t.Error(err)
		}
		r.retry(messages.Retry{Actor: "bob", Reason: "the id is free now"})
	})
	r.finish()
	want := whole()
	want.Accounts, want.Members = 2, 2 // including those of the other customer
	r.want(want)
	for name, times := range map[string]int{
		"AddAccount": 1, "AddAccountMember": 1, "AddDomainRequest": 1, "SubmitRequest": 1, "CreateDomain": 3,
	} {
		if r.started[name] != times {
			t.Errorf("%s ran %d times, want %d", name, r.started[name], times)
		}
	}
	var cures []string
	for _, past := range r.progress().Troubles {
		cures = append(cures, past.Cure)
	}
	if want := []string{"retry by ann: too early", "retry by bob: the id is free now"}; !slices.Equal(cures, want) {
		t.Errorf("earlier troubles were cured by %q", cures)
	}
}

func TestAnAccountWithoutAUserIsParkedUntilItHasOne(t *testing.T) {
	r := begin(t, outside.Options{}, outside.ExistingCustomer)
	member := r.Operations.Members()[0].ID
	if err := r.OperationsClient.RemoveAccountMember(t.Context(), member); err != nil {
		t.Fatal(err)
	}
	r.after(day, func() {
		r.parked(1, messages.ReasonInvalid)
		_, err := r.OperationsClient.AddAccountMember(t.Context(), operations.AddAccountMemberParams{
			AccountID: outside.Customer, Contact: domains.Contact{
				FirstName: "Erin", LastName: "Existing", Address1: "3 Old Road", PostalCode: "10001", City: "Sampleton",
				State: "NY", Country: "us", Email: "erin@existing.example", Phone: domains.Phone{CountryCode: "1", AreaCode: "212", Number: "5550102"},
			},
			Auth: operations.Auth{Login: "erin", Password: domains.NewSecret("a-long-pass-phrase")},
		})
		if err != nil {
			t.Error(err)
		}
		r.retry(messages.Retry{Actor: "ann"})
	})
	r.finish()
	r.want(whole())
}

// failing makes a registration fail with the answer to the request.
func failing() standnetim.Behaviour { return standnetim.Behaviour{FailWith: "registry timeout"} }
