package activities

import (
	"context"
	"errors"
	"reflect"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"domainprovisioning/registrars"
)

// Measured is a worker interceptor around every try of a call, in either lane: the one place
// where calls are counted and timed. It is the outermost one, so that it sees what the others
// make of an error.
type Measured struct {
	interceptor.WorkerInterceptorBase

	// System names the system that a call goes to.
	System func(call string) string
	// Saw is told each try, when it has ended.
	Saw func(Try)
}

// Try is one try of a call. None of its words can be filled from outside.
type Try struct {
	System string
	Call   string // the name of the activity
	// Changes says that the call may change something outside. Whether it had to is not known.
	Changes bool
	// Outcome is ok, the class of the error, or one of the outcomes below.
	Outcome string
	Took    time.Duration
	// Round says that it was a round of the watch.
	Round bool
}

// Outcomes of a try that are no classes of errors.
const (
	OutcomeOK        = "ok"
	OutcomeNotTried  = "not-tried" // the fast lane is closed to the call
	OutcomeNoAnswer  = "no-answer" // in the time of the fast lane
	OutcomeCancelled = "cancelled"
	OutcomePanic     = "panic"
)

// Outcomes lists every outcome of a try.
func Outcomes() []string {
	classes := registrars.Classes()
	all := make([]string, 0, len(classes)+5)
	for _, class := range classes {
		all = append(all, string(class))
	}
	return append(all, OutcomeOK, OutcomeNotTried, OutcomeNoAnswer, OutcomeCancelled, OutcomePanic)
}

// Systems of calls that do not go to a registrar.
const (
	SystemOperations = "operations"
	SystemBilling    = "billing"
	SystemStore      = "store"
)

// SystemOf names the system that a call of the general worker goes to.
func SystemOf(call string) string {
	for system, calls := range map[string]reflect.Type{
		SystemOperations: reflect.TypeFor[*Operations](), SystemBilling: reflect.TypeFor[*Billing](),
	} {
		if _, its := calls.MethodByName(call); its {
			return system
		}
	}
	return SystemStore
}

// changing are the calls that may change something in an outside system. Those of the store
// write our own books.
var changing = map[string]bool{
	"AddAccount": true, "AddAccountMember": true, "ActivateSubscription": true, "AddDomainRequest": true,
	"CreateDomain": true, "RegisterDomain": true, "BindServicesToDomain": true, "TakeBack": true,
	"AddDomainSubscription": true,
	"SubmitRequest":         true, "RegisterHosts": true, "WithdrawRequest": true,

	"ReadAccount": false, "GetNameServers": false, "FindRecord": false,
	"ConfirmRequest": false, "RecordByHand": false, "ReadDomain": false, "VerifyDomain": false, "ReturnableUntil": false,
	"SweepPendingOperations": false, "CheckOperation": false,
	"ReadHolding": false, "PlaceRenewal": true,
	"BeginWalk": false, "WalkPage": false, "WalkMissing": false, "WalkPart": false, "EndWalk": false,
	"ReadLife": false, "RecordLife": false, "RecordRenewal": false, "RecordLeft": false,
	"Admit": false, "GiveUp": false, "ReadPlan": false, "RecordOutcome": false, "RecordAct": false, "RecordState": false,
}

const roundCall = "SweepPendingOperations"

// InterceptActivity implements interceptor.WorkerInterceptor.
func (m *Measured) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &measured{interceptor.ActivityInboundInterceptorBase{Next: next}, m}
}

type measured struct {
	interceptor.ActivityInboundInterceptorBase

	of *Measured
}

// ExecuteActivity implements interceptor.ActivityInboundInterceptor.
func (m *measured) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	began := time.Now()
	call := activity.GetInfo(ctx).ActivityType.Name
	outcome := OutcomePanic
	defer func() { // a panic goes on
		m.of.Saw(Try{
			System: m.of.System(call), Call: call, Changes: changing[call], Outcome: outcome,
			Took: time.Since(began), Round: call == roundCall,
		})
	}()
	result, err := m.Next.ExecuteActivity(ctx, in)
	outcome = outcomeOf(err)
	return result, err
}

// outcomeOf says how a try ended, in a word of Outcomes.
func outcomeOf(err error) string {
	if err == nil {
		return OutcomeOK
	}
	if errors.Is(err, context.Canceled) || temporal.IsCanceledError(err) {
		return OutcomeCancelled
	}
	failure, ours := errors.AsType[*temporal.ApplicationError](err)
	if !ours {
		return string(registrars.ClassTemporary)
	}
	if failure.Message() == errPanicked.Error() { // which Quotes has made of the panic
		return OutcomePanic
	}
	switch failure.Type() {
	case NotTried:
		return OutcomeNotTried
	case NoAnswer:
		return OutcomeNoAnswer
	}
	for _, class := range registrars.Classes() {
		if failure.Type() == string(class) {
			return failure.Type()
		}
	}
	return string(registrars.ClassTemporary)
}
