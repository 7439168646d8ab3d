package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/registrars"
)

// DomainRestore takes a domain of the account back out of redemption. It renews nothing: where
// the registry's restore does not include that, the domain may have expired, which the result
// says, and a renewal is an order of its own.
func DomainRestore(ctx workflow.Context, input UnitInput) (*UnitResult, error) {
	return carry(ctx, input, (*unitRun).restoreSteps)
}

func (u *unitRun) restoreSteps() []step {
	last := append(u.settingSteps(), step{title: "Verify at the registrar", run: u.verifyRestored, reads: true})
	return slices.Concat(readStep(u.readRedemption), u.requestSteps(), last)
}

// readRedemption reads the domain before it is restored. Whether it is in redemption is not judged
// here but when it is to be restored, because an earlier run may have restored it.
func (u *unitRun) readRedemption(ctx workflow.Context) (outcome, error) {
	err := workflow.ExecuteActivity(registrarCall(ctx, u.domain.Registrar, u.summary("Read the domain at %s", u.domain.Registrar)),
		calls.Registrar.ReadDomain,
		activities.ReadDomainInput{Registrar: u.domain.Registrar, Domain: u.domain.Name, RestoreUnder: u.domain.TLD}).Get(ctx, &u.before)
	if err != nil {
		return outcome{}, err
	}
	includes := "whether a restore includes a renewal is not known"
	switch told := u.before.RestoreIncludesRenewal; {
	case told == nil:
	case *told:
		includes = "a restore includes a renewal"
	default:
		includes = "a restore includes no renewal, which is an order of its own"
	}
	if u.before.Expires.IsZero() {
		return done("it is %s; %s", u.before.Word, includes), nil
	}
	return done("it is %s and expires on %s; %s", u.before.Word, u.before.Expires.Format(time.DateOnly), includes), nil
}

// verifyRestored reads the restored domain back, and says whether it still has to be renewed.
func (u *unitRun) verifyRestored(ctx workflow.Context) (outcome, error) {
	verified, err := u.verifyDomain(ctx)
	if err != nil {
		return outcome{}, err
	}
	before := u.before.Expires
	if u.before.Active {
		before = time.Time{} // an earlier run had restored it already
	}
	if note := renewedWith(before, u.expires, workflow.Now(ctx)); note != "" {
		u.notes = append(u.notes, note)
		verified.note += "; " + note
	}
	return verified, nil
}

// renewedWith says what a restore has made of the expiry date; "" if that is not known.
func renewedWith(before, after, now time.Time) string {
	const further = "; a renewal is an order of its own"
	day := after.Format(time.DateOnly)
	switch {
	case after.IsZero():
		return ""
	case !now.Before(after):
		return "restored, and not renewed: it expired on " + day + further
	case before.IsZero():
		return "it expires on " + day
	case registrars.RenewedSince(before, after):
		return "renewed with the restore: it expires on " + day
	}
	return "restored, and not renewed: it expires on " + day + further
}
