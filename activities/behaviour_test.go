package activities_test

import (
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
)

// One row a class, one column a property: what Temporal does with each error.
func TestEveryClassHasItsBehaviour(t *testing.T) {
	table := map[registrars.Class]struct {
		retried bool
		delay   time.Duration
		benign  bool
	}{
		registrars.ClassInvalid:        {},
		registrars.ClassUnavailable:    {},
		registrars.ClassRejected:       {},
		registrars.ClassConflict:       {},
		registrars.ClassAuth:           {},
		registrars.ClassBalance:        {},
		registrars.ClassNotFound:       {},
		registrars.ClassRateLimited:    {retried: true, delay: time.Minute, benign: true},
		registrars.ClassTemporary:      {retried: true},
		registrars.ClassOutcomeUnknown: {retried: true},
	}
	if len(table) != len(registrars.Classes()) {
		t.Errorf("the table has %d classes, there are %d", len(table), len(registrars.Classes()))
	}
	w := outside.New(t, outside.Options{})
	for _, class := range registrars.Classes() {
		want, ok := table[class]
		if !ok {
			t.Errorf("class %s is not in the table", class)
		}
		r := w.RegistrarActivities(&scripted{domainError: ofClass(class)}, nil)
		_, err := r.VerifyDomain(t.Context(), activities.VerifyDomainInput{})
		application, trouble := failure(t, err)
		benign := application.Category() == temporal.ApplicationErrorCategoryBenign
		if application.NonRetryable() == want.retried || application.NextRetryDelay() != want.delay || benign != want.benign {
			t.Errorf("%s: retried %t after %s, benign %t; want %+v", class,
				!application.NonRetryable(), application.NextRetryDelay(), benign, want)
		}
		if application.Type() != string(class) || trouble.Class != class || trouble.Detail != "Jane Example, 1 Main Street" {
			t.Errorf("%s: type %q, trouble %+v", class, application.Type(), trouble)
		}
		if strings.Contains(application.Message(), "Jane") || !strings.Contains(application.Message(), "scripted: create: "+string(class)) {
			t.Errorf("%s: message %q", class, application.Message())
		}
	}
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

// What the real clients return for what the stand-ins do.
func TestEveryErrorOfOperationsBillingAndStoreHasAClass(t *testing.T) {
	name := domains.MustParseName(shop)
	for title, c := range map[string]struct {
		fault string
		call  func(t *testing.T, w *outside.World) error
		class registrars.Class
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
		"operations is away": {fault: "operations:*:cut-before", call: readAccount, class: registrars.ClassTemporary},
		"operations is busy": {fault: "operations:*:http-error=503", call: readAccount, class: registrars.ClassTemporary},
		"operations garbles": {fault: "operations:*:malformed", call: readAccount, class: registrars.ClassTemporary},
		"billing is away":    {fault: "billing:*:cut-before", call: addToBilling, class: registrars.ClassTemporary},
		"billing garbles":    {fault: "billing:*:malformed", call: addToBilling, class: registrars.ClassTemporary},
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
			wantClass(t, c.call(t, w), c.class)
		})
	}
}

func readAccount(t *testing.T, w *outside.World) error {
	_, err := w.OperationsActivities().ReadAccount(t.Context(), activities.ReadAccountInput{AccountID: w.Operations.AddExistingAccount(0)})
	return err
}

func addToBilling(t *testing.T, w *outside.World) error {
	_, err := w.BillingActivities().AddDomainSubscription(t.Context(), billingInput())
	return err
}
