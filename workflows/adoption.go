package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// DomainAdoption is the model for a domain that the registrar account has already, because
// of a support case, a move from another system, or a registration that was completed after
// its order had ended. Nothing is requested for it, and nothing is paid.
func DomainAdoption(ctx workflow.Context, input UnitInput) (*UnitResult, error) {
	return carry(ctx, input, (*unitRun).adoptionSteps)
}

func (u *unitRun) adoptionSteps() []step {
	model := u.modelWith(
		readStep(u.readAdopted)[0],
		step{title: "Registrar confirms", reads: true, run: func(workflow.Context) (outcome, error) {
			return skipped("nothing was requested: the registrar has the domain"), nil
		}},
	)
	return append(append(model, u.billingSteps()...), u.lastSteps()...)
}

// adopts reports whether the unit is an adoption.
func (u *unitRun) adopts() bool { return u.domain != nil && u.input.Unit.Type == orders.Adoption }

// readAdopted reads the domain, which must be registered. What the registrar has counts from
// here on, as if it had confirmed a request with it.
func (u *unitRun) readAdopted(ctx workflow.Context) (outcome, error) {
	read, err := u.readDomain(ctx)
	if err != nil {
		return outcome{}, err
	}
	if !u.before.Active {
		return outcome{}, permanent(registrars.ClassConflict, "the registrar has the domain in status \""+u.before.Word+
			"\", and only a registered one can be adopted; wait until that has changed, then retry, or cancel the order")
	}
	ordered := u.domain.Expires
	expires, broken := registrars.AdoptedExpiry(u.before.Expires, ordered)
	if broken != nil {
		return outcome{}, permanent(registrars.ClassInvalid, broken.Field+" of the order: "+broken.Rule+
			"; find out why, then retry, or cancel this order and place another")
	}
	if !ordered.IsZero() && !registrars.SameDay(ordered, expires) {
		u.notes = append(u.notes, "the order expects "+ordered.Format(time.DateOnly)+"; the registrar's date counts: "+
			expires.Format(time.DateOnly))
	}
	u.main.state.Expires, u.main.confirmedAt = expires, workflow.Now(ctx)
	if own := u.before.NameServers; len(own) > 0 {
		if !own.Same(u.nameServers) {
			u.notes = append(u.notes, "the domain keeps its name servers, "+list(own)+"; those of the zone in Operations are "+list(u.nameServers))
		}
		u.nameServers = own
	}
	return read, nil
}

// verifyAdopted adapts the comparison: what the registrar does not tell was not ordered
// either, and the holder was not sent there.
func (u *unitRun) verifyAdopted(verify *activities.VerifyDomainInput) {
	verify.NameServers = u.before.NameServers
	if u.input.Contacts.Owner.Source != activities.FromAccount {
		verify.Holder = u.orderedHolder()
	}
}
