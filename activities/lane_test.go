package activities_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/interceptor"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"domainprovisioning/activities"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	standbilling "domainprovisioning/sandbox/standin/billing"
)

// locally makes a call in the fast lane. Call must be a function with a name.
func locally(lane *activities.FastLane, call any, args ...any) error {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestActivityEnvironment()
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{lane, &activities.Uncut{}}})
	_, err := env.ExecuteLocalActivity(call, args...)
	return err
}

// A call in the fast lane; what it does is asked of its input.
func ask(_ context.Context, how string) error {
	switch how {
	case "panics":
		panic("Jane Example")
	case "strange":
		return errors.New("Jane Example")
	case "":
		return nil
	}
	return activities.Fail(&registrars.Error{Class: registrars.Class(how), Call: "ask", Detail: "Jane Example", Rule: "a rule"})
}

// The history shows the message of a local failure as it is, so it names the call and the class
// alone. What a person needs in order to correct a permanent refusal is in the details, which a
// codec covers; a failure that is tried again says it in the ordinary lane.
func TestTheFailureOfALocalCallSaysCallAndClassOnly(t *testing.T) {
	for how, want := range map[string]struct {
		class   registrars.Class
		details bool
	}{
		string(registrars.ClassInvalid):        {registrars.ClassInvalid, true},
		string(registrars.ClassConflict):       {registrars.ClassConflict, true},
		string(registrars.ClassTemporary):      {registrars.ClassTemporary, false},
		string(registrars.ClassRateLimited):    {registrars.ClassRateLimited, false},
		string(registrars.ClassOutcomeUnknown): {registrars.ClassOutcomeUnknown, false},
		"strange":                              {registrars.ClassTemporary, false},
		"panics":                               {registrars.ClassTemporary, false},
	} {
		t.Run(how, func(t *testing.T) {
			err := locally(&activities.FastLane{}, ask, how)
			failure, ok := errors.AsType[*temporal.ApplicationError](err)
			if !ok || failure.Type() != string(want.class) || failure.Message() != "ask: "+string(want.class) || failure.NonRetryable() != want.details {
				t.Fatalf("got %v", err)
			}
			var trouble activities.Trouble
			if failure.HasDetails() != want.details || want.details && failure.Details(&trouble) != nil {
				t.Fatalf("details: %t", failure.HasDetails())
			}
			if want.details && (trouble.Detail != "Jane Example" || !strings.Contains(trouble.Message, "a rule") || strings.Contains(trouble.Message, "Jane")) {
				t.Errorf("got %+v", trouble)
			}
		})
	}
	if err := locally(&activities.FastLane{}, ask, ""); err != nil {
		t.Error(err)
	}
}

// slow is a call that runs out of time. Whether it was made is asked here: what the SDK says of a
// refusal that comes after its time is that the time was over.
type slow struct{ made bool }

func (s *slow) call(ctx context.Context) error {
	s.made = true
	<-ctx.Done()
	return ctx.Err()
}

// ends tells when a call has come to its end, for which the SDK does not wait.
type ends struct {
	interceptor.WorkerInterceptorBase
	interceptor.ActivityInboundInterceptorBase

	ended chan struct{}
}

func (e *ends) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &ends{ActivityInboundInterceptorBase: interceptor.ActivityInboundInterceptorBase{Next: next}, ended: e.ended}
}

func (e *ends) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	defer func() { e.ended <- struct{}{} }()
	return e.Next.ExecuteActivity(ctx, in)
}

// A call that runs out of time again and again is left to the ordinary lane for a minute. Then
// one try shows whether that is over. Other calls are not concerned.
func TestTheFastLaneClosesToASlowCall(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	lane := &activities.FastLane{Now: func() time.Time { return now }}
	call := func() (notTried bool) {
		var suite testsuite.WorkflowTestSuite
		suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
		env := suite.NewTestActivityEnvironment()
		env.SetTestTimeout(time.Millisecond) // the time of a local call
		end := &ends{ended: make(chan struct{}, 1)}
		env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{end, lane, &activities.Uncut{}}})
		var slow slow
		_, err := env.ExecuteLocalActivity(slow.call)
		<-end.ended
		if failure, told := errors.AsType[*temporal.ApplicationError](err); told && !slow.made && failure.Type() != activities.NotTried {
			t.Errorf("got %v", err)
		}
		return !slow.made
	}
	wants := func(when string, tries int, closed bool) {
		t.Helper()
		for range tries {
			if call() {
				t.Errorf("%s: not tried", when)
			}
		}
		if closed && !call() {
			t.Errorf("%s: tried", when)
		}
	}
	wants("at first", 3, true)
	now = now.Add(59 * time.Second)
	wants("before the minute is over", 0, true)
	if err := locally(lane, ask, ""); err != nil {
		t.Errorf("another call: %v", err)
	}
	now = now.Add(time.Second)
	wants("a minute later", 1, true)
	now = now.Add(time.Minute)
	wants("once more", 1, true)
}

// A worker that died in the middle of a workflow task leaves no trace, so the first try that
// anybody knows of may be a repeat: what Billing is not done with is not added again, and a
// domain that is registered already stays as it is. What has ended in Billing is no earlier try.
func TestALocalCallMayBeARepeat(t *testing.T) {
	in := billingInput()
	for status, rows := range map[string]int{"Submitting": 1, "Cancelled": 2} {
		t.Run(status, func(t *testing.T) {
			w := outside.New(t, outside.Options{})
			w.Billing.AddExisting(standbilling.Row{
				SubscriptionID: 9, AccountID: in.AccountID, FullDomainName: shop, Status: 10, DomainStatus: status, Start: in.RegisteredAt,
			})
			if err := locally(&activities.FastLane{}, w.BillingActivities().AddDomainSubscription, in); err != nil {
				t.Fatal(err)
			}
			if n := len(w.Billing.RowsOf(shop)); n != rows {
				t.Errorf("%d rows, want %d", n, rows)
			}
		})
	}
}
