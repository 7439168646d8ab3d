package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// At its end an order reads the domain back. If no request follows the one that was ordered, the
// registrar's answer that it is done comes with that reading, which saves a round trip. It counts
// if it is as ordered; otherwise, and if the order has been held up since, the domain is read
// again.

// freshReading is how old a reading may be when it is to count.
const freshReading = time.Minute

// verification is what the registrar should hold, if it has carried out the request at a time.
func (u *unitRun) verification(confirmedAt time.Time) activities.VerifyDomainInput {
	verify := activities.VerifyDomainInput{
		Registrar: u.domain.Registrar, Domain: u.domain.Name, NameServers: u.nameServers,
		OwnerHandle: u.main.state.OwnerHandle, Settings: u.domain.Settings,
	}
	switch u.main.kind {
	case registrars.Registration:
		// A registry may count from the day on which it received the request. The ledger may have
		// heard of the end before the workflow heard of the beginning.
		earliest := u.main.submittedAt
		if u.fast && confirmedAt.Before(earliest) {
			earliest, confirmedAt = confirmedAt, earliest
		}
		verify.Expires = confirmedAt.AddDate(u.domain.Years, 0, 0)
		verify.Earliest = earliest.AddDate(u.domain.Years, 0, 0)
	case registrars.Transfer:
		verify.Expires = u.main.state.Expires
		if u.input.BareTransfer {
			u.verifyBare(&verify)
		}
	case registrars.Restore:
		// Which date it has then depends on the registry: it is read, and not compared.
		verify.Restored = true
	case registrars.Renewal:
		verify.Expires = u.main.expires.AddDate(u.domain.Years, 0, 0)
	default:
		verify.Expires = u.before.Expires
	}
	if u.adopts() {
		u.verifyAdopted(&verify)
	}
	return verify
}

// readingWith is the verification to make with the answer to a request; nil if it has to wait for
// later requests, or is none of the order's own. The request names account and domain.
func (u *unitRun) readingWith(ctx workflow.Context, r *request) *activities.VerifyDomainInput {
	if !u.fast || r != u.main || u.givenUp != nil || len(u.hosts) > 0 {
		return nil
	}
	for _, s := range u.plan[u.current:] {
		if s.request != nil && s.request != r {
			return nil
		}
	}
	verify := u.verification(workflow.Now(ctx))
	verify.Registrar, verify.Domain = "", domains.Name{}
	if r.submittedAt.IsZero() {
		verify.Earliest = time.Time{}
	}
	return &verify
}

func (u *unitRun) verifyDomain(ctx workflow.Context) (outcome, error) {
	if u.domain == nil {
		return skipped(noDomain), nil
	}
	verified := u.main.state.Verified
	if verified == nil || u.main.readFor != u.revision || workflow.Now(ctx).Sub(verified.ReadAt) > freshReading {
		verified = &activities.VerifyDomainResult{}
		u.atRegistrar(ctx)
		err := workflow.ExecuteActivity(registrarCall(ctx, u.domain.Registrar, "Verify at "+u.domain.Registrar),
			calls.Registrar.VerifyDomain, u.verification(u.main.confirmedAt)).Get(ctx, verified)
		if err != nil {
			return outcome{}, err
		}
	}
	u.expires, u.differences = verified.Expires, verified.Differences
	u.notes = append(u.notes, verified.Notes...)
	if n := len(verified.Differences); n > 0 {
		u.notes = append(u.notes, verified.Differences...)
		return done("%d differences", n), nil
	}
	return done("as ordered"), nil
}
