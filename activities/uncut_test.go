package activities_test

import (
	"context"
	"testing"
	"time"

	"go.temporal.io/sdk/interceptor"

	"domainprovisioning/activities"
)

// ending is an activity that looks at its context.
type ending struct {
	interceptor.ActivityInboundInterceptorBase

	seen func(ctx context.Context)
}

func (e *ending) ExecuteActivity(ctx context.Context, _ *interceptor.ExecuteActivityInput) (any, error) {
	e.seen(ctx)
	return "done", nil
}

func TestACallOfACancelledOrderComesToItsEndWithinItsDeadline(t *testing.T) {
	deadline := time.Now().Add(time.Hour)
	for name, ends := range map[string]bool{"with a deadline": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			if ends {
				ctx, cancel = context.WithDeadline(t.Context(), deadline)
			}
			cancel()
			next := &ending{seen: func(ctx context.Context) {
				got, ok := ctx.Deadline()
				if ctx.Err() != nil || !ok || ends && !got.Equal(deadline) || !ends && time.Until(got) > 3*time.Minute {
					t.Errorf("%v, deadline %v", ctx.Err(), got)
				}
			}}
			answer, err := (&activities.Uncut{}).InterceptActivity(ctx, next).ExecuteActivity(ctx, nil)
			if answer != "done" || err != nil {
				t.Errorf("got %v, %v", answer, err)
			}
		})
	}
}
