package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"domainprovisioning/registrars"
)

// QuoteKeeper keeps what outside systems say, and returns a reference to it.
type QuoteKeeper interface {
	KeepQuote(ctx context.Context, workflowID, text string) (reference string, err error)
}

// Quotes is a worker interceptor that keeps what outside systems say out of histories, where it
// would stand in plain text and in front of everybody who reads them: it may quote a customer's
// data. The failure names the class and the call, and a reference to the text, which is sealed in
// the store. Where histories are sealed, the details of the failure have the beginning of the text
// too.
//
// It also keeps failures short: if one is larger than 4 KB, the server replaces the whole last
// failure of an activity that is tried again by "Failure exceeds size limit." (server 1.32.1),
// and nobody sees its class any more. And it turns a panic into an ordinary error: the SDK would
// put the text of a panic and its stack, which is longer than that, into the history.
type Quotes struct {
	interceptor.WorkerInterceptorBase

	Keeper QuoteKeeper
	// Sealed says that histories are sealed.
	Sealed bool
	Log    *slog.Logger
}

// InterceptActivity implements interceptor.WorkerInterceptor.
func (q *Quotes) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &quoting{interceptor.ActivityInboundInterceptorBase{Next: next}, q}
}

type quoting struct {
	interceptor.ActivityInboundInterceptorBase

	of *Quotes
}

const (
	// mostMessage bounds the message of a failure, in bytes, so that it, with what the SDK adds,
	// stays far below the 4 KB of the server.
	mostMessage = 1 << 10
	// mostSaid bounds the text in the details, in bytes as JSON, for the same reason.
	mostSaid = 2 << 10
	// keepTimeout bounds the keeping of a text.
	keepTimeout = 2 * time.Second
)

// ExecuteActivity implements interceptor.ActivityInboundInterceptor.
func (q *quoting) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (result any, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			// The text of a panic may quote anything; its stack does not.
			q.of.Log.ErrorContext(ctx, "an activity has panicked", "activity", activity.GetInfo(ctx).ActivityType.Name, "stack", string(debug.Stack()))
			err = q.brief(ctx, temporal.NewApplicationErrorWithOptions(errPanicked.Error(), string(registrars.ClassTemporary), temporal.ApplicationErrorOptions{
				Details: []any{Trouble{Class: registrars.ClassTemporary, Detail: fmt.Sprint(panicked), Unreadable: true}},
			}))
		}
	}()
	result, err = q.Next.ExecuteActivity(ctx, in)
	return q.briefly(ctx, result), q.brief(ctx, err)
}

// briefly is the result of an activity as a history may show it.
func (q *quoting) briefly(ctx context.Context, result any) any {
	switch result := result.(type) {
	case RequestState:
		return q.refer(ctx, result)
	case WithdrawRequestResult:
		result.State = q.refer(ctx, result.State)
		return result
	}
	return result
}

// refer replaces what a registrar has told by a reference to it.
func (q *quoting) refer(ctx context.Context, state RequestState) RequestState {
	if state.Told == "" {
		return state
	}
	state.Quote = q.keep(ctx, state.Told)
	if q.of.Sealed {
		state.Said = clipJSON(state.Told, mostSaid)
	}
	state.Told = ""
	return state
}

// brief is an error of an activity as a history may show it.
func (q *quoting) brief(ctx context.Context, err error) error {
	failure, ours := errors.AsType[*temporal.ApplicationError](err)
	if !ours {
		return err
	}
	var trouble Trouble
	if !failure.HasDetails() || failure.Details(&trouble) != nil {
		return err
	}
	message := clip(failure.Message(), mostMessage)
	switch {
	case trouble.Detail == "", trouble.Detail == failure.Message(): // our own text, which is the message
		trouble.Detail = ""
	default:
		trouble.Reference = q.keep(ctx, trouble.Detail)
		if q.of.Sealed {
			trouble.Said = clipJSON(trouble.Detail, mostSaid)
		}
		trouble.Detail = ""
	}
	return temporal.NewApplicationErrorWithOptions(message, failure.Type(), temporal.ApplicationErrorOptions{
		NonRetryable: failure.NonRetryable(), NextRetryDelay: failure.NextRetryDelay(), Category: failure.Category(), Details: []any{trouble},
	})
}

// keep seals a text and returns its reference, or "" if the store does not answer: then the
// class has to do. The same error comes again if the call is tried again.
func (q *quoting) keep(ctx context.Context, text string) string {
	keeping, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	info := activity.GetInfo(ctx)
	reference, err := q.of.Keeper.KeepQuote(keeping, info.WorkflowExecution.ID, text)
	if err != nil && keeping.Err() == nil {
		// Once more: that of a permanent refusal comes only once.
		reference, err = q.of.Keeper.KeepQuote(keeping, info.WorkflowExecution.ID, text)
	}
	if err != nil {
		q.of.Log.WarnContext(ctx, "what an outside system has said could not be kept", "activity", info.ActivityType.Name, "error", err)
		return ""
	}
	return reference
}

// clip cuts a text to a number of bytes, and says so.
func clip(text string, most int) string {
	const cut = " ..."
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most-len(cut)], "") + cut
}

// clipJSON is clip for a text that becomes JSON, in which a character may take six bytes.
func clipJSON(text string, most int) string {
	text = clip(text, most)
	for {
		encoded, err := json.Marshal(text)
		if err != nil {
			return ""
		}
		if len(encoded) <= most {
			return text
		}
		text = clip(text, len(text)*most/len(encoded))
	}
}
