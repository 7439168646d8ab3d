package activities

import (
	"context"
	"errors"

	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// Walks holds the activities of the walk over one registrar account, which compares what we hold
// with what the account has. Each may be repeated: what it has recorded it records again.
type Walks struct{ Walker Walker }

// Walker walks over a registrar account.
type Walker interface {
	Begin(ctx context.Context) (BeginWalkResult, error)
	Page(ctx context.Context, in WalkPageInput) (WalkPageResult, error)
	Missing(ctx context.Context, in WalkMissingInput) (WalkCounts, error)
	Part(ctx context.Context, in WalkPartInput) (WalkPartResult, error)
	End(ctx context.Context, in EndWalkInput) error
}

// BeginWalk begins a walk, and says how it goes.
func (w *Walks) BeginWalk(ctx context.Context, _ BeginWalkInput) (BeginWalkResult, error) {
	result, err := w.Walker.Begin(ctx)
	return result, ofWalk(err)
}

// WalkPage reads a page of the account's list, and compares the domains in it.
func (w *Walks) WalkPage(ctx context.Context, in WalkPageInput) (WalkPageResult, error) {
	result, err := w.Walker.Page(ctx, in)
	return result, ofWalk(err)
}

// WalkMissing judges the domains that we hold and that the list did not have.
func (w *Walks) WalkMissing(ctx context.Context, in WalkMissingInput) (WalkCounts, error) {
	result, err := w.Walker.Missing(ctx, in)
	return result, ofWalk(err)
}

// WalkPart compares some domains as a whole: with the registrar, where its list does not show
// them so, with Billing and with Operations.
func (w *Walks) WalkPart(ctx context.Context, in WalkPartInput) (WalkPartResult, error) {
	result, err := w.Walker.Part(ctx, in)
	return result, ofWalk(err)
}

// EndWalk ends a walk that has come to its end.
func (w *Walks) EndWalk(ctx context.Context, in EndWalkInput) (EndWalkResult, error) {
	return EndWalkResult{}, ofWalk(w.Walker.End(ctx, in))
}

// ClassOf is the class of an error of any outside system. One that is none of theirs, of a peer that
// was not reached or of the context, is temporary.
func ClassOf(err error) registrars.Class {
	class, _, _ := classify(err)
	return class
}

// ofWalk is fail for a walk: one that was overtaken by another is over.
func ofWalk(err error) error {
	if errors.Is(err, store.ErrWalkOvertaken) {
		return refuse(registrars.ClassConflict, "activities: another walk over the account has begun")
	}
	return fail(err)
}
