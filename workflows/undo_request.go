package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// undoChange is the undo of a change of a setting: it is withdrawn if it is pending.
func (u *unitRun) undoChange(r *request, line messages.StepProgress) step {
	if r.state.Status == registrars.StatusDone || line.State == messages.StepDone {
		return u.keep(r.what(), "the registrar has carried it out")
	}
	return u.withdraws(r, false)
}

// undoRequest is the undo of the request that was ordered, and of the registration if it is to
// be given back.
func (u *unitRun) undoRequest(r *request) []step {
	if !r.handed && r.state.Status == "" && !u.again && !u.reset {
		return nil // the registrar has nothing of it
	}
	steps := []step{u.withdraws(r, true)}
	if u.givenUp != nil && u.givenUp.DeleteRegistration && u.input.Unit.Type == orders.Registration {
		steps = append(steps, u.deletes(r))
	}
	return steps
}

// withdraws takes a request back at the registrar. If that is not possible and it is the
// order's own, its end is waited for: what the registrar carries out must not happen unseen.
func (u *unitRun) withdraws(r *request, waits bool) step {
	expects := "cancelled at the registrar if it allows that, else its end is waited for"
	if r.state.Status == registrars.StatusDone {
		expects = "kept: the registrar has carried it out"
	}
	thing := r.what() + " at the registrar"
	return step{title: "Undo: " + thing, thing: thing, request: r, expects: expects, optional: true, run: func(ctx workflow.Context) (outcome, error) {
		if r.state.Status != registrars.StatusDone {
			withdrawn, err := u.withdrawAtRegistrar(ctx, r, waits)
			if err != nil {
				return outcome{}, err
			}
			if withdrawn != "" {
				return u.became(messages.UndoDone, withdrawn), nil
			}
		}
		if r.state.Status != registrars.StatusDone {
			return u.became(messages.UndoKept, "operation "+r.state.Reference+" goes on at the registrar, which does not withdraw it"), nil
		}
		return u.kept(ctx, r)
	}}
}

// withdrawAtRegistrar returns how the request was withdrawn, or "" if the registrar carries it out.
func (u *unitRun) withdrawAtRegistrar(ctx workflow.Context, r *request, waits bool) (string, error) {
	if r.over() && r.look == notAsked {
		return "the registrar has not carried it out: " + string(r.state.Status), nil
	}
	var result activities.WithdrawRequestResult
	err := workflow.ExecuteActivity(registrarCall(ctx, u.domain.Registrar, u.summary("Withdraw the %s", r.what())),
		calls.Registrar.WithdrawRequest, activities.WithdrawRequestInput{
			Registrar: u.domain.Registrar, Key: activities.RequestKey(u.input.OrderNumber, u.input.Unit.Item, r.kind),
		}).Get(ctx, &result)
	if err != nil {
		return "", err
	}
	result.State.OwnerHandle = r.state.OwnerHandle
	r.state, r.look, r.handed = result.State, notAsked, true
	switch {
	case result.Withdrawn:
		return withNote("withdrawn at the registrar", result.Note), nil
	case r.over():
		return "the registrar has not carried it out: " + string(r.state.Status), nil
	case r.state.Status == registrars.StatusDone:
		if r.confirmedAt = r.state.Finished; r.confirmedAt.IsZero() {
			r.confirmedAt = workflow.Now(ctx)
		}
		return "", nil
	case !waits:
		return "", nil
	}
	u.notes = append(u.notes, withNote("the registrar does not withdraw the "+r.what()+"; its end is waited for", result.Note))
	if r.submittedAt.IsZero() {
		r.submittedAt = workflow.Now(ctx)
	}
	if err := u.awaitEnd(ctx, r); err != nil && !r.over() {
		return "", err
	}
	u.cured("news of the registrar", "", "")
	if r.over() {
		return "the registrar has not carried it out: " + string(r.state.Status), nil
	}
	return "", nil
}

func withNote(text, note string) string {
	if note == "" {
		return text
	}
	return text + " (" + note + ")"
}

// kept says that the registrar has carried the request out, and until when a registration can
// be given back.
func (u *unitRun) kept(ctx workflow.Context, r *request) (outcome, error) {
	if r.kind != registrars.Registration {
		return u.became(messages.UndoKept, "the registrar has carried it out, and it cannot be taken back"), nil
	}
	until, err := u.returnableUntil(ctx, r)
	if err != nil {
		return outcome{}, err
	}
	note := "the registration stays in the registrar account"
	switch {
	case u.givenUp.DeleteRegistration:
		note += " until it is deleted"
	case until.Until.IsZero():
		note += "; whether it can be given back is not known"
	default:
		note += fmt.Sprintf("; it could be given back until %s, by %s", until.Until.Format(time.DateOnly), until.Source)
	}
	return u.became(messages.UndoKept, note), nil
}

func (u *unitRun) returnableUntil(ctx workflow.Context, r *request) (activities.ReturnableUntilResult, error) {
	var until activities.ReturnableUntilResult
	err := workflow.ExecuteActivity(registrarCall(ctx, u.domain.Registrar, u.summary("Ask until when it can be given back")),
		calls.Registrar.ReturnableUntil, activities.ReturnableUntilInput{
			Registrar: u.domain.Registrar, TLD: u.domain.TLD, Domain: u.domain.Name, ConfirmedAt: r.confirmedAt,
		}).Get(ctx, &until)
	return until, err
}

// deletes gives a confirmed registration back, within the time in which that is possible. It
// goes through the ledger like any paid request.
func (u *unitRun) deletes(registration *request) step {
	r := &request{kind: registrars.Deletion}
	return step{title: "Undo: deletion of the registration", thing: "deletion of the registration", request: r, optional: true,
		expects: "deleted, if it can still be given back", run: func(ctx workflow.Context) (outcome, error) {
			if registration.state.Status != registrars.StatusDone {
				return u.became(messages.UndoNothing, "there is no registration"), nil
			}
			until, err := u.returnableUntil(ctx, registration)
			switch {
			case err != nil:
				return outcome{}, err
			case until.Until.IsZero():
				return u.became(messages.UndoKept, "kept: whether it can be given back is not known"), nil
			case !workflow.Now(ctx).Before(until.Until) && r.state.Status == "":
				return u.became(messages.UndoKept, "kept: it could be given back until "+until.Until.Format(time.DateOnly)), nil
			}
			r.giveBack = until.Until
			if err := u.carryOut(ctx, r); err != nil {
				return outcome{}, err
			}
			return u.became(messages.UndoDone, "deleted at the registrar"), nil
		}}
}
