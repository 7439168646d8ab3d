package activities

import (
	"context"
	"errors"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// Lives holds the activities about the lives of domains.
type Lives struct {
	Store *store.Store
	// Policy returns what the configuration says of a suffix.
	Policy func(tld string) LifePolicy
	// Renewals places the orders that renew domains.
	Renewals Renewals
	// Paced allows lives that go by a calendar of their own, as only the sandbox has them.
	Paced bool
}

// Renewals places the order that renews a domain, once for a date: the same call finds the order
// that an earlier one has placed.
type Renewals interface {
	PlaceRenewal(ctx context.Context, domain store.Domain, expires time.Time) (PlaceRenewalResult, error)
}

// ReadLife reads what we know of a domain. One that is not held any more is no error.
func (l *Lives) ReadLife(ctx context.Context, in ReadLifeInput) (ReadLifeResult, error) {
	if in.Paced && !l.Paced {
		return ReadLifeResult{}, refuse(registrars.ClassInvalid, "activities: the life of %s goes by a calendar of its own, which is for the sandbox", in.Domain)
	}
	domain, err := l.Store.Domain(ctx, in.Domain)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return ReadLifeResult{}, nil
	case err != nil:
		return ReadLifeResult{}, fail(err)
	case domain.EndedAt != nil:
		return ReadLifeResult{}, nil
	}
	open, err := l.Store.OpenOf(ctx, in.Domain)
	if err != nil {
		return ReadLifeResult{}, fail(err)
	}
	result := ReadLifeResult{
		Held: true, Registrar: domain.Registrar, Round: domain.HeldRound, TLD: domain.Sells.TLD, Renewal: domain.Sells.Renewal, Policy: l.Policy(domain.Sells.TLD),
		Known: KnownLife{State: domain.State, Since: domain.StateSince, Read: domain.ReadAt != nil},
	}
	if domain.Expires != nil {
		result.Known.Expires = *domain.Expires
	}
	for _, unit := range open {
		if unit.Renews() {
			result.Renews, result.Parked = unit.OrderNumber, parked(unit)
		}
	}
	return result, nil
}

// parked says why an open unit needs a person; "" if it needs none.
func parked(unit store.Unit) messages.Reason {
	if unit.Shown != messages.NeedsAttention {
		return ""
	}
	return messages.Reason(unit.Reason)
}

// RecordLife records how a domain stands.
func (l *Lives) RecordLife(ctx context.Context, in RecordLifeInput) (RecordLifeResult, error) {
	err := l.Store.RecordLife(ctx, store.LifeChange{
		Name: in.Domain, Registrar: in.Registrar, Round: in.Round, State: in.State, Since: in.Since, Word: in.Word, Expires: in.Expires, Renewal: in.Renewal,
		Next: in.Next, NextAt: in.NextAt, Attention: in.Attention, Held: in.Held, Read: in.Held != nil, Remind: in.Remind,
	})
	if errors.Is(err, store.ErrNotFound) {
		return RecordLifeResult{}, nil
	}
	return RecordLifeResult{}, fail(err)
}

// PlaceRenewal orders the renewal of a domain, if nobody has, and says how that stands.
func (l *Lives) PlaceRenewal(ctx context.Context, in PlaceRenewalInput) (PlaceRenewalResult, error) {
	domain, err := l.Store.Domain(ctx, in.Domain)
	if err != nil {
		return PlaceRenewalResult{}, fail(err)
	}
	result, err := l.Renewals.PlaceRenewal(ctx, domain, in.Expires)
	return result, fail(err)
}

// RecordRenewal records a command about who renews a domain, and goes by it. A repeat records
// nothing.
func (l *Lives) RecordRenewal(ctx context.Context, in RecordRenewalInput) (RecordLifeResult, error) {
	var err error
	if !in.Command.Recorded {
		err = l.act(ctx, in.Domain, "change-renewal", string(in.Command.Mode), in.Command.Actor, in.Command.Reason, in.Source)
	}
	if err == nil {
		err = l.Store.ChangeRenewal(ctx, in.Domain, in.Command.Mode)
	}
	return RecordLifeResult{}, fail(err)
}

// RecordLeft records that a domain has left. A repeat records nothing.
func (l *Lives) RecordLeft(ctx context.Context, in RecordLeftInput) (RecordLifeResult, error) {
	domain, err := l.Store.Domain(ctx, in.Domain)
	if err != nil {
		return RecordLifeResult{}, fail(err)
	}
	if domain.HeldRound != in.Round {
		return RecordLifeResult{}, refuse(registrars.ClassConflict, "activities: %s was brought again by an order meanwhile", in.Domain)
	}
	if !in.Command.Recorded {
		if err := l.act(ctx, in.Domain, "mark-left", string(in.Command.As()), in.Command.Actor, in.Command.Reason, in.Source); err != nil {
			return RecordLifeResult{}, fail(err)
		}
	}
	change := store.LifeChange{
		Name: in.Domain, Registrar: in.Registrar, Round: in.Round, State: in.Command.As(), Since: in.At, Word: domain.Word, Renewal: messages.RenewalByNobody,
	}
	if domain.Expires != nil {
		change.Expires = *domain.Expires
	}
	return RecordLifeResult{}, fail(l.Store.RecordLife(ctx, change))
}

// act records a command that was given in Temporal, where the actor says who it is.
func (l *Lives) act(ctx context.Context, domain, command, detail, actor, reason, source string) error {
	_, err := l.Store.RecordAct(ctx, store.Act{
		Actor: actor, Via: "temporal", Command: command, OrderNumber: store.DomainSubject + domain, Item: store.NoItem,
		Reason: reason, Detail: detail, Outcome: store.ActAccepted, Source: source,
	})
	return err
}

// ReadHolding reads a domain of the account as it stands now, and how long the phases of its
// registry last. That the account does not have it is an answer. What can be read from outside
// only, and is not there, may not be published yet: only a registry that says so has no such name.
func (r *Registrar) ReadHolding(ctx context.Context, in ReadHoldingInput) (ReadHoldingResult, error) {
	name, err := domains.ParseName(in.Domain)
	if err != nil {
		return ReadHoldingResult{}, refuse(registrars.ClassInvalid, "activities: %q is no domain name", in.Domain)
	}
	domain, err := r.Registrar.ReadDomain(ctx, name)
	outside := r.Registrar.Describe().Reads == registrars.ReadsOutside
	switch class := registrars.ClassOf(err); {
	case err == nil:
	case class == registrars.ClassNotFound:
		return ReadHoldingResult{}, nil
	case outside && !BehaviourOf(class).Retry:
		return ReadHoldingResult{Hidden: true}, nil
	default:
		return ReadHoldingResult{}, fail(err)
	}
	result := ReadHoldingResult{
		Found: true, Active: domain.Active, Word: domain.Word, Expires: domain.Expires.UTC(), Phase: domain.Phase, Held: heldOf(domain),
	}
	if teller, tells := r.Registrar.(registrars.PhaseTeller); tells && in.TLD != "" {
		phases, err := teller.Phases(ctx, in.TLD)
		if err != nil && BehaviourOf(registrars.ClassOf(err)).Retry {
			return ReadHoldingResult{}, fail(err)
		}
		// A suffix that is not sold any more has no phases that anybody tells.
		result.Phases = LifePhases{RenewGrace: phases.RenewGrace, Redemption: phases.Redemption, PendingDelete: phases.PendingDelete}
	}
	return result, nil
}

// heldOf is what a domain is compared with from now on.
func heldOf(domain registrars.Domain) messages.Held {
	return messages.Held{
		NameServers: domain.NameServers, Owner: domain.Handles[registrars.Owner], Lock: domain.Settings.Lock, Privacy: domain.Settings.Privacy,
		Signed: signed(domain.Settings.DNSSEC), AutoRenewal: domain.Settings.AutoRenewal,
	}
}
