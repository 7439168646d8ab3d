package activities

import (
	"context"

	"go.temporal.io/sdk/activity"

	"domainprovisioning/operations"
)

// Tries is part of the input of a call that leaves something behind.
type Tries struct {
	// Tried says that the call may have been made before, in the fast lane of this workflow task or
	// of a lost one, and may have taken effect.
	Tried bool `json:"tried,omitempty"`
}

// MarkTried says that the call may have been made before.
func (t *Tries) MarkTried() { t.Tried = true }

// repeats reports whether a try follows another one, which may have taken effect whatever
// it has heard of it. given stands for Temporal's answer in tests. A worker that was killed
// leaves no error behind, so the number of the attempt decides and not what the last one
// said. What a person sends anew is a first try: there the answer "it exists" is the sign.
//
// A try in the fast lane may follow another one unseen, see mayRepeat. Where the answer "it
// exists" tells as much, that needs no look before it.
func (t Tries) repeats(ctx context.Context, given func(context.Context) bool) bool {
	if given != nil {
		return given(ctx)
	}
	return t.Tried || activity.IsActivity(ctx) && activity.GetInfo(ctx).Attempt > 1
}

// mayRepeat reports whether another try may have gone before this one, seen or not. In the fast
// lane none is seen: a worker that dies in the middle of a workflow task takes the results of its
// local calls with it, and the next worker makes them all again.
func (t Tries) mayRepeat(ctx context.Context, given func(context.Context) bool) bool {
	return t.repeats(ctx, given) || given == nil && activity.IsActivity(ctx) && activity.GetInfo(ctx).IsLocalActivity
}

// look tells whether what a call makes is there already and ours. What has our id and
// belongs to somebody else is an error, a conflict.
type look func(ctx context.Context) (there bool, err error)

// once makes a call under a reserved id, and leaves its effect once.
//
// A first try just makes the call. One that follows another looks first, and makes the call
// only where nothing is there; a look that Operations refuses to answer is no reason to stand
// still, because the reserved id guards the call. When the answer is that the thing exists,
// by an error reply or by a fault, either looks: ours is success. taken is what follows where
// the look then finds nothing, because it is not by the id that it looks; nil leaves it at the
// answer.
func (o *Operations) once(ctx context.Context, tries Tries, look look, call func() error, taken error) error {
	if tries.repeats(ctx, o.Repeats) {
		there, err := look(ctx)
		if there || err != nil && !operations.IsRefused(err) {
			return err
		}
	}
	err := call()
	if !operations.IsExists(err) {
		return err
	}
	there, trouble := look(ctx)
	switch {
	case trouble != nil:
		return trouble
	case there:
		return nil
	case taken != nil:
		return taken
	default:
		return err
	}
}

// takeAway makes a call that removes a thing. Removing the same thing twice does no harm,
// because its id is never used again, so a call whose outcome is not known is simply tried
// again by the next try, which looks first. When the answer is that the thing does not exist,
// by an error reply or by a fault, a look decides; missing then says that nothing is there. A
// look that was refused leaves it at the answer.
func takeAway(
	ctx context.Context, look func(context.Context) (finding, error), call func(context.Context) error,
) (missing bool, err error) {
	err = call(ctx)
	if !operations.SaysNotFound(err) {
		return false, err
	}
	found, trouble := look(ctx)
	switch {
	case trouble != nil:
		return false, trouble
	case found.there && !found.blind:
		return false, err
	}
	return true, nil
}
