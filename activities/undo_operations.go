package activities

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/sdk/temporal"

	"domainprovisioning/operations"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// UndoLedger is what TakeBack needs of the store.
type UndoLedger interface {
	BeginUndo(ctx context.Context, key store.UndoKey, object string) (store.UndoStep, error)
	CallUndo(ctx context.Context, seen store.UndoStep) error
	EndUndo(ctx context.Context, key store.UndoKey, state store.UndoState, note string) (store.UndoStep, error)
	UndoSteps(ctx context.Context, orderNumber string) ([]store.UndoStep, error)
	Reserved(ctx context.Context, orderNumber string, kind store.IDKind, id int) (bool, error)
	UnitsOfAccount(ctx context.Context, orderNumber string, accountID int) ([]store.PlannedUnit, error)
}

// thing is something in Operations that may be taken back.
type thing struct {
	object  string // what people call it, such as "subscription 700101"
	removal operations.Removal
	// find looks for it, and decides whether it must stay.
	find func(ctx context.Context) (finding, error)
	// remove makes the call of the removal; nil if its parameters are not known.
	remove func(ctx context.Context) error
}

// finding is what a look has found.
type finding struct {
	there bool
	// blind says that the look was refused. The thing is taken to be there.
	blind bool
	keep  string // why it must stay; "" if it may go
	// hint is added for a person who has to remove it by hand.
	hint string
}

// TakeBack takes back one thing that an order has made in Operations, or may have made. It looks
// first, and removes only what this order made and nothing else uses. The ledger of undo guards
// the call: what is undone or kept is answered from it. A step that could not be taken back, or
// found nothing, may be tried again. A refusal is an answer; errors are only those that pass.
func (o *Operations) TakeBack(ctx context.Context, in TakeBackInput) (TakeBackResult, error) {
	thing, err := o.thing(in)
	if err != nil {
		return TakeBackResult{}, err
	}
	key := store.UndoKey{OrderNumber: in.OrderNumber, Item: in.Item, What: string(in.What)}
	step, err := o.Undo.BeginUndo(ctx, key, thing.object)
	if err != nil {
		return TakeBackResult{}, fail(err)
	}
	if !step.Final() {
		state, note, err := o.takeBack(ctx, thing, step)
		if err != nil {
			failure := fail(err)
			class, permanent := permanent(failure)
			if !permanent {
				return TakeBackResult{}, failure
			}
			state, note = store.UndoCouldNot, fmt.Sprintf("%s stays: %s: %s", thing.object, class, text(failure))
		}
		// What was done is recorded even if nobody waits for it any more.
		recording, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordFor)
		defer cancel()
		if step, err = o.Undo.EndUndo(recording, key, state, note); err != nil {
			return TakeBackResult{}, fail(err)
		}
	}
	return TakeBackResult{Outcome: TakeBackOutcome(step.State), Note: step.Note}, nil
}

// takeBack decides about a thing, and removes it if it may go.
func (o *Operations) takeBack(ctx context.Context, thing thing, step store.UndoStep) (store.UndoState, string, error) {
	// The row tells that the thing was there once.
	known := step.Calls > 0 || step.State == store.UndoCouldNot
	found, err := thing.find(ctx)
	switch {
	case err != nil:
		return "", "", err
	case !found.there && known:
		return store.Undone, "", nil
	case !found.there:
		return store.UndoNothing, thing.object + " is not there", nil
	case found.keep != "":
		return store.UndoKept, thing.object + " stays: " + found.keep, nil
	case thing.remove == nil:
		note := fmt.Sprintf("remove %s by hand; %s does it, whose parameters are not known", thing.object, thing.removal.Method)
		return store.UndoCouldNot, note + found.hint, nil
	}
	if err := o.Undo.CallUndo(ctx, step); err != nil {
		return "", "", err
	}
	missing, err := takeAway(ctx, thing.find, thing.remove)
	if missing && found.blind && !known {
		return store.UndoNothing, thing.object + " is not there", err
	}
	return store.Undone, "", err
}

// permanent returns the class of an error of an activity, and whether it is no use to retry.
func permanent(failure error) (registrars.Class, bool) {
	application, ok := errors.AsType[*temporal.ApplicationError](failure)
	if !ok {
		return registrars.ClassTemporary, false
	}
	return registrars.Class(application.Type()), application.NonRetryable()
}

// text is the message of an error of an activity, which has no personal data.
func text(failure error) string {
	if application, ok := errors.AsType[*temporal.ApplicationError](failure); ok {
		return application.Message()
	}
	return failure.Error()
}

// thing describes what the input names.
func (o *Operations) thing(in TakeBackInput) (thing, error) {
	subscription := fmt.Sprintf("subscription %d", in.SubscriptionID)
	switch in.What {
	case TakeBackServices:
		return thing{
			object:  fmt.Sprintf("the services of %s on %s", subscription, in.Domain),
			removal: operations.RemovalBy("pem.unbindServicesFromDomain"),
			find:    func(ctx context.Context) (finding, error) { return o.findServices(ctx, in) },
		}, nil
	case TakeBackDomain:
		return thing{
			object:  fmt.Sprintf("domain %s", in.Domain),
			removal: operations.RemovalBy("pem.removeDomain"),
			find:    func(ctx context.Context) (finding, error) { return o.findDomain(ctx, in) },
		}, nil
	case TakeBackDomainRequest:
		return thing{
			object:  fmt.Sprintf("the domain request for %s of %s", in.Domain, subscription),
			removal: operations.RemovalBy("pem.removeDomainRequest"),
			find:    func(ctx context.Context) (finding, error) { return o.findDomainRequest(ctx, in) },
			remove: func(ctx context.Context) error {
				return o.Client.RemoveDomainRequest(ctx, in.SubscriptionID, in.Domain)
			},
		}, nil
	case TakeBackHostingSubscription, TakeBackDomainSubscription:
		return thing{
			object:  subscription,
			removal: operations.RemovalBy("pem.removeSubscription"),
			find:    func(ctx context.Context) (finding, error) { return o.findOwnSubscription(ctx, in) },
			remove:  func(ctx context.Context) error { return o.Client.RemoveSubscription(ctx, in.SubscriptionID) },
		}, nil
	case TakeBackMembers:
		return thing{
			object:  fmt.Sprintf("%s of account %d", userNames(in.Users), in.AccountID),
			removal: operations.RemovalBy("pem.removeAccountMember"),
			find:    func(ctx context.Context) (finding, error) { return o.findOwnMembers(ctx, in) },
		}, nil
	case TakeBackAccount:
		return thing{
			object:  fmt.Sprintf("account %d", in.AccountID),
			removal: operations.RemovalBy("pem.removeAccount"),
			find:    func(ctx context.Context) (finding, error) { return o.findOwnAccount(ctx, in) },
			remove:  func(ctx context.Context) error { return o.Client.RemoveAccount(ctx, in.AccountID) },
		}, nil
	}
	return thing{}, refuse(registrars.ClassInvalid, "activities: nothing is known about taking back %q", in.What)
}
