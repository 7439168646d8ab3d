package activities_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
)

// There is one row per class and one column per property: what Temporal does with each
// error, and after how long its order is shown as needing attention while the retries go
// on. An error that parks the order is shown at once by the workflow.
func TestEveryClassHasItsBehaviour(t *testing.T) {
	table := map[registrars.Class]struct {
		retried bool
		delay   time.Duration
		benign  bool
		// after is the limit for an error with a reason or without an answer;
		// unreadableAfter is the limit for data that we cannot read or build.
		after, unreadableAfter string
	}{
		registrars.ClassInvalid:        {},
		registrars.ClassUnavailable:    {},
		registrars.ClassRejected:       {},
		registrars.ClassConflict:       {},
		registrars.ClassAuth:           {},
		registrars.ClassBalance:        {},
		registrars.ClassPrice:          {},
		registrars.ClassNotFound:       {},
		registrars.ClassRateLimited:    {true, time.Minute, true, "refused", "unreadable"},
		registrars.ClassTemporary:      {true, 0, false, "refused", "unreadable"},
		registrars.ClassOutcomeUnknown: {true, 0, false, "refused", "unreadable"},
	}
	if len(table) != len(registrars.Classes()) {
		t.Errorf("the table has %d classes, there are %d", len(table), len(registrars.Classes()))
	}
	w := outside.New(t, outside.Options{})
	for _, class := range registrars.Classes() {
		t.Run(string(class), func(t *testing.T) {
			want, ok := table[class]
			if !ok {
				t.Fatal("the class is not in the table")
			}
			r := w.RegistrarActivities(&scripted{domainError: ofClass(class)}, nil)
			_, err := r.VerifyDomain(t.Context(), activities.VerifyDomainInput{})
			application, trouble := failure(t, err)
			benign := application.Category() == temporal.ApplicationErrorCategoryBenign
			if application.NonRetryable() == want.retried || application.NextRetryDelay() != want.delay || benign != want.benign {
				t.Errorf("retried %t after %s, benign %t; want %+v", !application.NonRetryable(), application.NextRetryDelay(), benign, want)
			}
			if application.Type() != string(class) || trouble.Class != class || trouble.Unreadable || trouble.Detail != "Jane Example, 1 Main Street" {
				t.Errorf("type %q, trouble %+v", application.Type(), trouble)
			}
			if strings.Contains(application.Message(), "Jane") || !strings.Contains(application.Message(), "scripted: create: "+string(class)) {
				t.Errorf("message %q", application.Message())
			}
			if got := attentionAfter(t, ofClass(class)); got != want.after {
				t.Errorf("needs attention by the bound %q, want %q", got, want.after)
			}
			marked := &registrars.Error{Registrar: "scripted", Call: "create", Class: class, Err: unreadable{}}
			if got := attentionAfter(t, marked); got != want.unreadableAfter {
				t.Errorf("needs attention by the bound %q where it cannot be read, want %q", got, want.unreadableAfter)
			}
		})
	}
}

// unreadable is an error about data that we cannot read.
type unreadable struct{}

func (unreadable) Error() string { return "unreadable" }

func (unreadable) Unreadable() bool { return true }

// attentionAfter returns the limit after which an order is told of an error with which
// its activity keeps failing; "" means never.
func attentionAfter(t *testing.T, cause error) string {
	t.Helper()
	bounds := map[string]activities.AttentionAfter{
		"refused": {Unreadable: time.Hour}, "unreadable": {Refused: time.Hour},
	}
	found := ""
	for name, bound := range bounds {
		teller := &listener{}
		env := environment()
		env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{
			&activities.Attempts{Teller: teller, After: bound, Log: slog.New(slog.DiscardHandler)},
		}})
		env.RegisterActivityWithOptions(func(context.Context) error { return activities.Fail(cause) }, activity.RegisterOptions{Name: "call"})
		if _, err := env.ExecuteActivity("call"); err == nil {
			t.Error("the activity has not failed")
		}
		if len(teller.troubles) > 0 {
			found += name
		}
		for _, trouble := range teller.troubles {
			if trouble.Activity != "call" || trouble.Message == "" || strings.Contains(trouble.Message, "Jane") {
				t.Errorf("the order is told %+v", trouble)
			}
		}
	}
	return found
}

// listener is a Teller that records.
type listener struct{ troubles []messages.Trouble }

func (l *listener) Tell(_ context.Context, _, _ string, trouble messages.Trouble) error {
	l.troubles = append(l.troubles, trouble)
	return nil
}

func TestTheRegistrarSaysWhenToComeAgain(t *testing.T) {
	w := outside.New(t, outside.Options{})
	for _, class := range []registrars.Class{registrars.ClassRateLimited, registrars.ClassTemporary} {
		r := w.RegistrarActivities(&scripted{domainError: &registrars.Error{Class: class, After: 7 * time.Minute}}, nil)
		_, err := r.VerifyDomain(t.Context(), activities.VerifyDomainInput{})
		if application, _ := failure(t, err); application.NextRetryDelay() != 7*time.Minute {
			t.Errorf("%s: again after %s", class, application.NextRetryDelay())
		}
	}
}

// The errors that the real clients return for what the stand-ins do.
func TestEveryErrorOfOperationsBillingAndStoreHasAClass(t *testing.T) {
	name := domains.MustParseName(shop)
	for title, c := range map[string]struct {
		fault string
		call  func(t *testing.T, w *outside.World) error
		class registrars.Class
		// unreadable is true if the reply cannot be read.
		unreadable bool
	}{
		"operations does not know the template": {call: func(t *testing.T, w *outside.World) error {
			_, err := w.OperationsActivities().ActivateSubscription(t.Context(), activities.ActivateSubscriptionInput{
				AccountID: w.Operations.AddExistingAccount(0), SubscriptionID: 5, Template: 999,
			})
			return err
		}, class: registrars.ClassNotFound},
		"operations refuses": {call: func(t *testing.T, w *outside.World) error {
			id := w.Operations.AddExistingAccount(0)
			_, err := w.OperationsClient.AddDomainRequest(t.Context(), 1, name)
			if err == nil {
				t.Error("a request without a subscription was taken")
			}
			_, _ = w.OperationsActivities().ActivateSubscription(t.Context(), activities.ActivateSubscriptionInput{
				AccountID: id, SubscriptionID: 5, Template: outside.HostingTemplate,
			})
			_, err = w.OperationsActivities().AddDomainRequest(t.Context(), activities.AddDomainRequestInput{SubscriptionID: 5, Domain: name})
			return err
		}, class: registrars.ClassRejected},
		"operations is asked for nothing": {call: func(t *testing.T, w *outside.World) error {
			_, err := w.OperationsActivities().BindServicesToDomain(t.Context(), activities.BindServicesInput{})
			return err
		}, class: registrars.ClassInvalid},
		"operations is away":     {fault: "operations:*:cut-before", call: readAccount, class: registrars.ClassTemporary},
		"operations is busy":     {fault: "operations:*:http-error=503", call: readAccount, class: registrars.ClassTemporary},
		"operations is too busy": {fault: "operations:*:rate-limit", call: bind, class: registrars.ClassTemporary},
		"operations garbles":     {fault: "operations:*:malformed", call: readAccount, class: registrars.ClassTemporary, unreadable: true},
		"operations faults":      {fault: "operations:*:fault", call: readAccount, class: registrars.ClassTemporary},
		// The same after a call that changes something.
		"operations leaves unknown":   {fault: "operations:*:cut-before", call: bind, class: registrars.ClassOutcomeUnknown},
		"a proxy leaves unknown":      {fault: "operations:*:http-error=502", call: bind, class: registrars.ClassOutcomeUnknown},
		"operations garbles a change": {fault: "operations:*:malformed", call: bind, class: registrars.ClassOutcomeUnknown, unreadable: true},
		"operations faults a change":  {fault: "operations:*:fault", call: bind, class: registrars.ClassOutcomeUnknown},
		"billing is away":             {fault: "billing:*:cut-before", call: addToBilling, class: registrars.ClassTemporary},
		"billing garbles":             {fault: "billing:*:malformed", call: addToBilling, class: registrars.ClassTemporary, unreadable: true},
		"billing faults":              {fault: "billing:*:fault", call: addToBilling, class: registrars.ClassRejected},
		"billing garbles a change":    {fault: "billing:DomainSubscrWithIDAdd_API:malformed", call: addToBilling, class: registrars.ClassOutcomeUnknown, unreadable: true},
		"billing refuses": {call: func(t *testing.T, w *outside.World) error {
			input := billingInput()
			input.SubscriptionID = 0
			_, err := w.BillingActivities().AddDomainSubscription(t.Context(), input)
			return err
		}, class: registrars.ClassInvalid},
		"the store has no such order": {call: func(t *testing.T, w *outside.World) error {
			_, err := w.OperationsActivities().AddAccount(t.Context(), activities.AddAccountInput{OrderNumber: "none", AccountID: 5})
			return err
		}, class: registrars.ClassNotFound},
		"the store is away": {call: func(t *testing.T, w *outside.World) error {
			if err := w.Store.Close(); err != nil {
				t.Error(err)
			}
			_, err := (&activities.Orders{Store: w.Store}).RecordOutcome(t.Context(), activities.RecordOutcomeInput{State: "done"})
			return err
		}, class: registrars.ClassTemporary},
	} {
		t.Run(title, func(t *testing.T) {
			w := outside.New(t, outside.Options{})
			if c.fault != "" {
				w.Fault(t, c.fault)
			}
			err := c.call(t, w)
			wantClass(t, err, c.class)
			if _, trouble := failure(t, err); trouble.Unreadable != c.unreadable {
				t.Errorf("unreadable: %t", trouble.Unreadable)
			}
		})
	}
}

func readAccount(t *testing.T, w *outside.World) error {
	_, err := w.OperationsActivities().ReadAccount(t.Context(), activities.ReadAccountInput{AccountID: w.Operations.AddExistingAccount(0)})
	return err
}

func bind(t *testing.T, w *outside.World) error {
	_, err := w.OperationsActivities().BindServicesToDomain(t.Context(), activities.BindServicesInput{DomainID: 1, SubscriptionID: 2})
	return err
}

func addToBilling(t *testing.T, w *outside.World) error {
	_, err := w.BillingActivities().AddDomainSubscription(t.Context(), billingInput())
	return err
}
