package activities

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
)

// Heartbeats is a worker interceptor that heartbeats for every activity that has
// a heartbeat time-out, every third of it, for as long as the activity runs. A
// call that takes minutes then shows that its worker lives, and the death of the
// worker is noticed within the time-out. A call that is over sooner costs nothing.
type Heartbeats struct {
	interceptor.WorkerInterceptorBase
}

// InterceptActivity implements interceptor.WorkerInterceptor.
func (*Heartbeats) InterceptActivity(
	_ context.Context, next interceptor.ActivityInboundInterceptor,
) interceptor.ActivityInboundInterceptor {
	return &heartbeating{ActivityInboundInterceptorBase: interceptor.ActivityInboundInterceptorBase{Next: next}}
}

type heartbeating struct {
	interceptor.ActivityInboundInterceptorBase
}

// ExecuteActivity implements interceptor.ActivityInboundInterceptor.
func (h *heartbeating) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	timeout := activity.GetInfo(ctx).HeartbeatTimeout
	if timeout == 0 {
		return h.Next.ExecuteActivity(ctx, in)
	}
	beat := &heartbeat{every: timeout / 3, record: func() { activity.RecordHeartbeat(ctx) }}
	beat.start()
	defer beat.stop()
	return h.Next.ExecuteActivity(ctx, in)
}

// heartbeat records at an interval until it is stopped. It needs no goroutine before
// the first interval has passed: most calls are over by then.
type heartbeat struct {
	every  time.Duration
	record func()
	timer  *time.Timer

	lock  sync.Mutex
	ended bool
}

func (b *heartbeat) start() {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.timer = time.AfterFunc(b.every, b.again)
}

func (b *heartbeat) again() {
	b.lock.Lock()
	defer b.lock.Unlock()
	if !b.ended {
		b.record()
		b.timer.Reset(b.every)
	}
}

// stop returns when nothing is recorded any more.
func (b *heartbeat) stop() {
	b.timer.Stop()
	b.lock.Lock()
	defer b.lock.Unlock()
	b.ended = true
}
