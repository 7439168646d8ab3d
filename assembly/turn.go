package assembly

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"domainprovisioning/intake"
	"domainprovisioning/workflows"
)

// How often a worker asks whether its build gets work, and how often it says that it does not.
const (
	turnEvery   = time.Minute
	turnTimeout = 10 * time.Second
	turnSaid    = 10 * time.Minute
)

// notTurnError says that the workers poll, and that Temporal gives them nothing.
type notTurnError struct {
	build intake.Build
	given []intake.Build
}

func (e *notTurnError) Error() string {
	given := make([]string, len(e.given))
	for n, build := range e.given {
		given[n] = buildWords(build)
	}
	return fmt.Sprintf("assembly: Temporal gives no work to workers of %s, but to those of %s; make the build current, or start workers of that one",
		buildWords(e.build), strings.Join(given, " and "))
}

func buildWords(build intake.Build) string {
	if build == (intake.Build{}) {
		return "no version"
	}
	return "build " + build.ID + " of " + build.Deployment
}

// Turn asks Temporal once whether the build of these workers gets work, and returns nil or a
// *notTurnError, which Idle returns from then on; any other error says that nobody answered. It is
// asked of workers without a version too: they get nothing once a build is current.
func (w *Workers) Turn(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, turnTimeout)
	defer cancel()
	queue, err := w.temporal.DescribeTaskQueue(ctx, workflows.TaskQueue, enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	if err != nil {
		return err
	}
	if given := intake.GivenWork(queue); !slices.Contains(given, w.build) {
		err = &notTurnError{w.build, given}
	}
	w.state.Lock()
	w.idle = err
	w.state.Unlock()
	w.metrics.GetsWork(w.build.ID, err == nil)
	return err
}

// Idle returns why the workers get no work, as Temporal said last.
func (w *Workers) Idle() error {
	w.state.Lock()
	defer w.state.Unlock()
	return w.idle
}

// GuardTurn asks whether the build gets work, at once and then every minute until the context ends,
// and logs every ten minutes that it does not. Workers that poll and get nothing look healthy, and
// if they are the only ones, every order stands still.
func (w *Workers) GuardTurn(ctx context.Context) {
	var said time.Time
	for ctx.Err() == nil {
		before := w.Idle()
		err := w.Turn(ctx)
		_, answered := errors.AsType[*notTurnError](err)
		switch idle := w.Idle(); {
		case ctx.Err() != nil:
		case err != nil && !answered:
			w.log.DebugContext(ctx, "whether this build gets work could not be asked; it is asked again", "error", err)
		case idle != nil && time.Since(said) >= turnSaid:
			said = time.Now()
			w.log.WarnContext(ctx, "these workers get no work", "error", idle)
		case idle == nil && before != nil:
			said = time.Time{}
			w.log.InfoContext(ctx, "these workers get work now")
		}
		select {
		case <-ctx.Done():
		case <-time.After(turnEvery):
		}
	}
}
