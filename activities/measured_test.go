package activities_test

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"testing"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"domainprovisioning/activities"
	"domainprovisioning/registrars"
)

// Both lanes are counted, whatever becomes of the call, in words that no answer can fill.
func TestEveryTryIsMeasured(t *testing.T) {
	for how, want := range map[string]string{
		"":                                     activities.OutcomeOK,
		string(registrars.ClassInvalid):        "invalid",
		string(registrars.ClassTemporary):      "temporary",
		string(registrars.ClassOutcomeUnknown): "outcome-unknown",
		"strange":                              "temporary",
		"cancelled":                            activities.OutcomeCancelled,
		"panics":                               activities.OutcomePanic,
	} {
		for _, local := range []bool{true, false} {
			var tries []activities.Try
			measured := &activities.Measured{
				System: func(call string) string { return "system of " + call }, Saw: func(try activities.Try) { tries = append(tries, try) },
			}
			var suite testsuite.WorkflowTestSuite
			suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
			env := suite.NewTestActivityEnvironment()
			env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{measured, &activities.Attempts{}, &activities.FastLane{}}})
			called := askOr
			var err error
			if local {
				_, err = env.ExecuteLocalActivity(called, how)
			} else {
				env.RegisterActivityWithOptions(called, activity.RegisterOptions{Name: "askOr"})
				_, err = env.ExecuteActivity("askOr", how)
			}
			want := want
			if local && (how == "panics" || how == "cancelled") {
				want = "temporary" // the fast lane makes a plain error of it, and the ordinary lane says more
			}
			if (err == nil) != (how == "") || len(tries) != 1 {
				t.Errorf("%q, local %t: %v, tries %+v", how, local, err, tries)
				continue
			}
			if got := tries[0]; got.Outcome != want || got.Call != "askOr" || got.System != "system of askOr" || got.Took < 0 || got.Changes || got.Round ||
				!slices.Contains(activities.Outcomes(), got.Outcome) {
				t.Errorf("%q, local %t: %+v, want %s", how, local, got, want)
			}
		}
	}
}

func askOr(ctx context.Context, how string) error {
	if how == "cancelled" {
		return errors.Join(errors.New("Jane Example"), context.Canceled)
	}
	return ask(ctx, how)
}

// A new activity must be told to be one that changes something outside, or one that does not.
func TestEveryCallIsKnownToChangeOrNotAndHasASystem(t *testing.T) {
	known := activities.Changing()
	for system, calls := range map[string][]reflect.Type{
		activities.SystemOperations: {reflect.TypeFor[*activities.Operations]()},
		activities.SystemBilling:    {reflect.TypeFor[*activities.Billing]()},
		activities.SystemStore:      {reflect.TypeFor[*activities.Orders](), reflect.TypeFor[*activities.Lives]()},
		"":                          {reflect.TypeFor[*activities.Registrar](), reflect.TypeFor[*activities.Walks]()},
	} {
		for _, of := range calls {
			for method := range of.Methods() {
				name := method.Name
				if _, ok := known[name]; !ok {
					t.Errorf("%s is not said to change or to read", name)
				}
				delete(known, name)
				if got := activities.SystemOf(name); system != "" && got != system {
					t.Errorf("%s goes to %s, want %s", name, got, system)
				}
			}
		}
	}
	for name := range known {
		t.Errorf("there is no call %s", name)
	}
}
