package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// Amended is the answer to an amendment that was accepted.
type Amended struct {
	// Revision is the number of the amended order; 0 after a mere check.
	Revision int               `json:"revision,omitempty" jsonschema:"description=Number of the revision of the order; absent after a mere check"`
	Changes  []messages.Change `json:"changes" jsonschema:"description=What differs from the revision by which the order went"`
	// Step is the step that the order is at, and Next says what happens now.
	Step  int      `json:"step,omitempty" jsonschema:"description=The step that the order is at"`
	Next  string   `json:"next,omitempty" jsonschema:"description=What happens now"`
	Notes []string `json:"notes,omitempty" jsonschema:"description=Remarks that refuse nothing"`
}

// Amend replaces what an order said and has still to be used; docs/orders.md has the fields of
// an amendment. The amended order is stored, sealed, before its workflow is told, and the
// workflow is told nothing but the number of the revision and the changes. The same id twice is
// one revision. Errors: *NotAllowedError, *intake.Refusal with pointers into the amendment, and
// ErrUnavailable if no worker answers.
func (d *Desk) Amend(ctx context.Context, unit Unit, id string, amendment []byte, actor, reason string) (Amended, error) {
	return commanded(ctx, d, unit, messages.ActionAmend, actor, reason, func() (Amended, error) {
		return d.amend(ctx, unit, store.Revision{
			OrderNumber: unit.Order, Item: unit.Item, Command: id, Amendment: amendment, Actor: actor, Reason: reason,
		})
	})
}

// CheckAmendment says what an amendment would change. It changes nothing. Errors are those of
// Amend.
func (d *Desk) CheckAmendment(ctx context.Context, unit Unit, amendment []byte) (Amended, error) {
	checked, err := d.checkAmendment(ctx, unit, amendment)
	return Amended{Changes: checked.Changes, Notes: checked.Notes}, err
}

func (d *Desk) amend(ctx context.Context, unit Unit, revision store.Revision) (Amended, error) {
	var notes []string
	stored, err := d.Store.FindRevision(ctx, revision)
	switch {
	case errors.Is(err, store.ErrNotFound):
		stored, notes, err = d.addRevision(ctx, unit, revision)
	case err == nil:
		err = d.checkRepeat(ctx, unit, stored)
	}
	if err != nil {
		return Amended{}, revisionError(err)
	}
	answer, err := send(ctx, d, unit, revision.Command, messages.AmendOrder(), messages.Amend{
		Actor: stored.Actor, Reason: stored.Reason, Sent: sent(), Revision: stored.Number, Base: stored.Base, Changes: stored.Changes,
	})
	if errors.Is(err, errNoRun) {
		err = &NotAllowedError{Reason: fmt.Sprintf("the workflow of order %s does not run: `starter retry %s` starts it again, and then it can be amended", unit.Number, unit.Order)}
	}
	if err != nil {
		return Amended{}, err
	}
	return Amended{Revision: stored.Number, Changes: stored.Changes, Step: answer.Step, Next: answer.Next, Notes: notes}, nil
}

func (d *Desk) addRevision(ctx context.Context, unit Unit, revision store.Revision) (store.Revision, []string, error) {
	checked, err := d.checkAmendment(ctx, unit, revision.Amendment)
	if err != nil {
		return store.Revision{}, nil, err
	}
	revision.Base, revision.Document, revision.Changes = checked.Base, checked.Document, checked.Changes
	stored, err := d.Store.AddRevision(ctx, revision)
	return stored, checked.Notes, err
}

// checkRepeat refuses to send a revision once more that was never taken, after the order was
// amended in another way: it lacks what that has changed.
func (d *Desk) checkRepeat(ctx context.Context, unit Unit, stored store.Revision) error {
	latest, err := d.Store.LatestRevision(ctx, unit.Order)
	if err != nil || latest == stored.Base {
		return err
	}
	progress, err := d.Progress(ctx, unit)
	if err == nil && progress.Revision < stored.Number {
		err = store.ErrRevisionStale
	}
	return err
}

// revisionError turns errors of the store that are the command's fault into refusals.
func revisionError(err error) error {
	switch {
	case errors.Is(err, store.ErrRevisionStale):
		return &NotAllowedError{Reason: "the order has been amended by another command meanwhile: look at it, and give the amendment again with a new id"}
	case errors.Is(err, store.ErrCommandReused):
		return &NotAllowedError{Reason: "the same id has been used for another amendment: give this one an id of its own"}
	}
	return err
}

// checkAmendment checks an amendment of an order that may be amended now.
func (d *Desk) checkAmendment(ctx context.Context, unit Unit, amendment []byte) (intake.Amended, error) {
	if !unit.Open() {
		return intake.Amended{}, &NotAllowedError{Reason: fmt.Sprintf("order %s is %s, and takes no command", unit.Number, unit.State)}
	}
	progress, err := d.Progress(ctx, unit)
	if err != nil {
		return intake.Amended{}, err
	}
	if !slices.Contains(allowed(progress), messages.ActionAmend) {
		return intake.Amended{}, &NotAllowedError{Reason: notNow(messages.ActionAmend, progress)}
	}
	row, err := d.Store.Unit(ctx, unit.Order, unit.Item)
	if err != nil {
		return intake.Amended{}, err
	}
	amended, err := d.Intake.Amend(ctx, row, progress.Revision, amendment)
	if err != nil {
		return amended, err
	}
	for _, change := range amended.Changes {
		if !slices.Contains(progress.Amendable, change) {
			return amended, &NotAllowedError{Reason: fmt.Sprintf("%s cannot be amended any more: it has been used already, or the registrar may have it", change)}
		}
	}
	return amended, nil
}

// allowed lists what a person may do now. What a run that does not go on told last no longer
// holds.
func allowed(progress messages.Progress) []messages.Action {
	if attention := progress.Attention; attention != nil && slices.Contains(store.StoppedStates(), store.RunState(attention.Reason)) {
		return attention.Actions
	}
	return progress.Actions
}

// notNow says why an action is not allowed, and what is.
func notNow(action messages.Action, progress messages.Progress) string {
	why := fmt.Sprintf("the order is %s at step %d", progress.State, progress.Step)
	switch {
	case progress.State.Closed():
		why = fmt.Sprintf("the order is %s, and takes no command", progress.State)
	case progress.Attention != nil:
		why = "the order needs attention because of " + string(progress.Attention.Reason)
	}
	return messages.NotAllowed(action, why, allowed(progress))
}
