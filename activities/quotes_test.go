package activities_test

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"domainprovisioning/activities"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	"domainprovisioning/vault"
)

// keptQuotes is a keeper that remembers, or is away.
type keptQuotes struct {
	texts map[string]string // by reference
	away  bool
}

func (k *keptQuotes) KeepQuote(_ context.Context, workflowID, text string) (string, error) {
	if k.away {
		return "", errors.New("the store is away")
	}
	k.texts["q-1"] = text
	return "q-1", nil
}

// A call that fails; how is asked of its input.
func complain(_ context.Context, how string) error {
	long := strings.Repeat("Jane Example ", 1<<12)
	switch how {
	case "panics":
		panic(long)
	case "ours":
		return activities.Refuse(registrars.ClassInvalid, "the plan has no price")
	case "long and ours":
		return activities.Refuse(registrars.ClassInvalid, "%s", strings.Repeat("no price; ", 1<<12))
	case "silent":
		return activities.Fail(&registrars.Error{Class: registrars.ClassTemporary, Call: "create"})
	}
	return activities.Fail(&registrars.Error{Class: registrars.Class(how), Call: "create", Detail: long})
}

// TestWhatSystemsSayReachesNoHistory runs a call in both lanes, and measures the failure as Temporal
// gets it.
func TestWhatSystemsSayReachesNoHistory(t *testing.T) {
	for how, want := range map[string]struct {
		class  registrars.Class
		quoted bool
		says   string
	}{
		string(registrars.ClassInvalid):        {registrars.ClassInvalid, true, "create"},
		string(registrars.ClassTemporary):      {registrars.ClassTemporary, true, "create"},
		string(registrars.ClassOutcomeUnknown): {registrars.ClassOutcomeUnknown, true, "create"},
		"panics":                               {registrars.ClassTemporary, true, "panicked"},
		"ours":                                 {registrars.ClassInvalid, false, "the plan has no price"},
		"long and ours":                        {registrars.ClassInvalid, false, "no price"},
		"silent":                               {registrars.ClassTemporary, false, "create"},
	} {
		for _, away := range []bool{false, true} {
			keeper, log := &keptQuotes{texts: map[string]string{}, away: away}, &outside.Output{}
			var suite testsuite.WorkflowTestSuite
			suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
			env := suite.NewTestActivityEnvironment()
			env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{
				&activities.Quotes{Keeper: keeper, Log: slog.New(slog.NewTextHandler(log, nil))},
			}})
			env.RegisterActivity(complain)
			_, err := env.ExecuteActivity(complain, how)
			failure, ours := errors.AsType[*temporal.ApplicationError](err)
			if !ours {
				t.Errorf("%s: %v", how, err)
				continue
			}
			encoded := temporal.GetDefaultFailureConverter().ErrorToFailure(failure)
			if size := encoded.Size(); size > 2<<10 {
				t.Errorf("%s: the failure has %d bytes", how, size)
			}
			if strings.Contains(encoded.String(), "Jane") || strings.Contains(log.String(), "Jane") {
				t.Errorf("%s: the text is in the history or the log", how)
			}
			var trouble activities.Trouble
			if err := failure.Details(&trouble); err != nil || trouble.Class != want.class || failure.Type() != string(want.class) || trouble.Detail != "" {
				t.Errorf("%s: %+v, %v", how, trouble, err)
			}
			if got := trouble.Reference != ""; got != (want.quoted && !away) {
				t.Errorf("%s: reference %q, store away %v", how, trouble.Reference, away)
			}
			if want.quoted && !away && len(keeper.texts["q-1"]) != 13<<12 {
				t.Errorf("%s: kept %d bytes", how, len(keeper.texts["q-1"]))
			}
			if !strings.Contains(failure.Message(), want.says) {
				t.Errorf("%s: the message is %q", how, failure.Message())
			}
			if again := activities.BehaviourOf(want.class).Retry; failure.NonRetryable() == again {
				t.Errorf("%s: tried again %v", how, !failure.NonRetryable())
			}
		}
	}
}

// TestWhyARequestHasFailedReachesNoHistory: the registrar's text about a failed request comes as a
// result and not as an error.
func TestWhyARequestHasFailedReachesNoHistory(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		keeper, log := &keptQuotes{texts: map[string]string{}}, &outside.Output{}
		var suite testsuite.WorkflowTestSuite
		suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
		env := suite.NewTestActivityEnvironment()
		env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{
			&activities.Quotes{Keeper: keeper, Sealed: sealed, Log: slog.New(slog.NewTextHandler(log, nil))},
		}})
		env.RegisterActivity(failedRequest)
		env.RegisterActivity(failedWithdrawal)
		for _, run := range []any{failedRequest, failedWithdrawal} {
			value, err := env.ExecuteActivity(run)
			var result struct {
				activities.RequestState

				State activities.RequestState
			}
			if err == nil {
				err = value.Get(&result)
			}
			if err != nil {
				t.Fatal(err)
			}
			state := result.RequestState
			if state.Key == "" {
				state = result.State
			}
			said := ""
			if sealed {
				said = "Jane Example is under 18"
			}
			if state.Quote != "q-1" || state.Said != said || state.Told+state.Reason != "" || keeper.texts["q-1"] != "Jane Example is under 18" {
				t.Errorf("sealed %v: %+v, kept %v", sealed, state, keeper.texts)
			}
		}
		if strings.Contains(log.String(), "Jane") {
			t.Error("the text is in the log")
		}
	}
}

func failedRequest(context.Context) (activities.RequestState, error) {
	return activities.RequestState{Key: "k", Status: registrars.StatusFailed, Told: "Jane Example is under 18"}, nil
}

func failedWithdrawal(ctx context.Context) (activities.WithdrawRequestResult, error) {
	state, err := failedRequest(ctx)
	return activities.WithdrawRequestResult{State: state}, err
}

// TestASealedHistoryHasTheBeginningOfWhatASystemSays: in the details alone, and so that the server,
// which allows the failure of an activity that is tried again 4 KB, keeps it.
func TestASealedHistoryHasTheBeginningOfWhatASystemSays(t *testing.T) {
	codec, err := vault.NewCodec([]vault.CodecKey{{ID: "h1", Material: make([]byte, vault.CodecKeyBytes)}}, true)
	if err != nil {
		t.Fatal(err)
	}
	noise := rand.New(rand.NewPCG(1, 2)) // it does not compress
	for name, c := range map[string]struct{ unit, begins string }{
		"words": {"Jane Example ", "Jane Example Jane"}, "markup": {"<Jane>&\x01\"", "<Jane>&\x01"}, "letters of two bytes": {"Jäne ", "Jäne J"}, "noise": {"", ""},
	} {
		said := strings.Repeat(c.unit, 1<<12)
		if c.unit == "" {
			var letters strings.Builder
			for range 1 << 12 {
				letters.WriteByte(byte(' ' + noise.IntN(95)))
			}
			said = letters.String()
		}
		var suite testsuite.WorkflowTestSuite
		suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
		env := suite.NewTestActivityEnvironment()
		log := &outside.Output{}
		keeper := &keptQuotes{texts: map[string]string{}}
		env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{
			&activities.Quotes{Keeper: keeper, Sealed: true, Log: slog.New(slog.NewTextHandler(log, nil))},
		}})
		complains := func(context.Context) error {
			return activities.Fail(&registrars.Error{Class: registrars.ClassTemporary, Call: strings.Repeat("create", 300), Detail: said})
		}
		env.RegisterActivityWithOptions(complains, activity.RegisterOptions{Name: "complains"})
		_, err := env.ExecuteActivity("complains")
		failure, ours := errors.AsType[*temporal.ApplicationError](err)
		if !ours {
			t.Fatalf("%s: %v", name, err)
		}
		var trouble activities.Trouble
		if err := failure.Details(&trouble); err != nil || trouble.Detail != "" || trouble.Reference == "" || !utf8.ValidString(trouble.Said) ||
			!strings.HasPrefix(trouble.Said, c.begins) || !strings.HasPrefix(said, strings.TrimSuffix(trouble.Said, " ...")) || len(trouble.Said) < 300 {
			t.Errorf("%s: %+v, %v", name, trouble, err)
		}
		if strings.Contains(failure.Message(), "Jane") || strings.Contains(log.String(), "Jane") {
			t.Errorf("%s: the text is in the message or the log", name)
		}
		if keeper.texts["q-1"] != said {
			t.Errorf("%s: the store has another text", name)
		}
		if size := codec.ForClients().Failure.ErrorToFailure(failure).Size(); size > 4000 {
			t.Errorf("%s: the failure has %d bytes", name, size)
		}
	}
}
