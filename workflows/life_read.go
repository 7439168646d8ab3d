package workflows

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
)

// readStore reads what we know of the domain.
func (l *life) readStore(ctx workflow.Context) error {
	commands := l.commands
	read, err := quickly(ctx, "Read what is known of "+l.input.Domain, lifeCalls.ReadLife, activities.ReadLifeInput{
		Domain: l.input.Domain, Paced: l.pace != nil,
	})
	if err != nil {
		return err
	}
	if l.over = !read.Held; l.over {
		return nil
	}
	if read.Registrar != l.Registrar {
		l.happened(l.now(ctx), "moved from "+l.Registrar+" to "+read.Registrar)
		l.Registrar = read.Registrar
		if err := workflow.UpsertTypedSearchAttributes(ctx, RegistrarKey.ValueSet(l.Registrar)); err != nil {
			return err
		}
	}
	if l.commands == commands { // else a command has come since, and counts
		l.Intends = read.Renewal
	}
	l.TLD, l.Policy = read.TLD, read.Policy
	if l.fresh || l.Round != read.Round {
		// What is known of an earlier time says nothing of this one.
		l.CarriedLife = CarriedLife{
			Registrar: l.Registrar, Round: read.Round, TLD: l.TLD, Intends: l.Intends, Policy: l.Policy, Happened: l.Happened,
			State: read.Known.State, Since: read.Known.Since, Expires: read.Known.Expires,
			Deleted: read.Known.State == messages.LifeRedemption || read.Known.State == messages.LifePendingDelete,
		}
		if l.Since.IsZero() || l.State == messages.LifeNew {
			l.Since = l.now(ctx)
		}
	}
	if l.Asked != nil && read.Renews == "" && l.Asked.Outcome == activities.RenewalPlaced {
		l.Asked.Outcome = activities.RenewalOver
	} else if l.Asked != nil {
		l.Asked.Parked = read.Parked
	}
	return nil
}

// readRegistrar reads the domain at the registrar. One that refuses to tell is asked again
// tomorrow, and shown; one that does not answer is asked until it does, or until the domain has
// moved to another account, or has left.
func (l *life) readRegistrar(ctx workflow.Context) error {
	began := l.now(ctx)
	for !l.over {
		reading, cancel := workflow.WithCancel(ctx)
		asked := workflow.ExecuteActivity(registrarCall(reading, l.Registrar, fmt.Sprintf("Read %s at %s", l.input.Domain, l.Registrar)),
			calls.Registrar.ReadHolding, activities.ReadHoldingInput{Registrar: l.Registrar, Domain: l.input.Domain, TLD: l.TLD})
		answered, err := l.hear(ctx, asked, began)
		if err == nil && answered {
			err = l.readBy(ctx, asked)
		}
		cancel() // nobody waits for an answer that has not come
		if err != nil || answered {
			return err
		}
	}
	return nil
}

// hear waits for the answer of a registrar, and acts meanwhile on what is told. It reports false if
// the domain has left, or is held by another account: nobody wants the answer then.
func (l *life) hear(ctx workflow.Context, asked workflow.Future, began time.Time) (answered bool, err error) {
	at, round := l.Registrar, l.Round
	for {
		if err := workflow.Await(ctx, func() bool { return asked.IsReady() || l.looks.Len() > 0 }); err != nil {
			return false, err
		}
		if asked.IsReady() {
			return true, nil
		}
		l.drain()
		if err := l.readStore(ctx); err != nil {
			return false, err
		}
		l.woken = true // what was told may be newer than the answer
		if l.over || l.Registrar != at || l.Round != round {
			return false, nil
		}
		if l.now(ctx).Sub(began) > afterDate {
			l.Unread, l.Attention = unanswered, messages.NotRead
			if err := l.tell(ctx); err != nil {
				return false, err
			}
		}
	}
}

// readBy takes the answer of a registrar.
func (l *life) readBy(ctx workflow.Context, asked workflow.Future) error {
	var read activities.ReadHoldingResult
	err := asked.Get(ctx, &read)
	now := l.now(ctx)
	if failure, refused := errors.AsType[*temporal.ApplicationError](err); refused {
		l.Unread, l.ReadAt = failure.Type(), now
		return nil
	}
	if err != nil {
		return err
	}
	l.Unread, l.ReadAt = "", now
	if read.Hidden {
		l.Unread = hidden
		return nil
	}
	l.take(read, now)
	return nil
}

// unanswered is why a registrar could not be read that has not answered for a day.
const unanswered = "unanswered"

// hidden is why a registrar could not be read that cannot be asked, while nobody else tells either.
const hidden = "hidden"
