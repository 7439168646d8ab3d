package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/interceptor"
)

// Uncut lets calls come to their end although their order is being cancelled: a call that is
// cut short may take effect after the undo has looked for it. Each call ends by its own
// time-out all the same. It is for the worker whose activities call Operations, Billing and the
// store; a registrar's activities decide by themselves.
type Uncut struct {
	interceptor.WorkerInterceptorBase
}

// InterceptActivity implements interceptor.WorkerInterceptor.
func (*Uncut) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &uncut{interceptor.ActivityInboundInterceptorBase{Next: next}}
}

type uncut struct {
	interceptor.ActivityInboundInterceptorBase
}

// longestCall bounds a call whose activity has no deadline, which none of ours lacks.
const longestCall = 2 * time.Minute

// ExecuteActivity implements interceptor.ActivityInboundInterceptor.
func (u *uncut) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(longestCall)
	}
	toTheEnd, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadline)
	defer cancel()
	return u.Next.ExecuteActivity(toTheEnd, in)
}
