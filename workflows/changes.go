package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// DomainRenewal renews a domain of the account. The expiry date is read before
// anything is requested: if the domain expires a period later than the order expects, it
// has already been renewed, and the order is done. A lost answer never adds a second
// period, because a repeated try compares with the date that the first try read.
func DomainRenewal(ctx workflow.Context, input UnitInput) (*UnitResult, error) {
	return carry(ctx, input, (*unitRun).renewalSteps)
}

// OwnerChange gives a domain to another owner. Where both holders must agree and one of
// them does not answer, the registry cancels the request after some days. That is a normal
// outcome: the order ends as cancelled.
func OwnerChange(ctx workflow.Context, input UnitInput) (*UnitResult, error) {
	return carry(ctx, input, (*unitRun).changeSteps)
}

// ContactChange replaces contacts other than the owner. Contacts that the order does not
// name stay as they are.
func ContactChange(ctx workflow.Context, input UnitInput) (*UnitResult, error) {
	return carry(ctx, input, (*unitRun).changeSteps)
}

// NameServerChange delegates a domain to other name servers.
func NameServerChange(ctx workflow.Context, input UnitInput) (*UnitResult, error) {
	return carry(ctx, input, (*unitRun).nameServerSteps)
}

// SettingsChange changes the settings of a domain: DNSSEC, registrar lock, privacy,
// automatic renewal and the template of its zone.
func SettingsChange(ctx workflow.Context, input UnitInput) (*UnitResult, error) {
	return carry(ctx, input, (*unitRun).settingsSteps)
}

// readStep reads the domain before anything is changed.
func readStep(run func(workflow.Context) (outcome, error)) []step {
	return []step{{title: "Read the domain at the registrar", run: run, reads: true}}
}

func (u *unitRun) renewalSteps() []step {
	return slices.Concat(readStep(u.readExpiry), u.requestSteps(), u.lastSteps())
}

func (u *unitRun) nameServerSteps() []step {
	u.nameServers = u.domain.NameServers
	return slices.Concat(readStep(u.readDomain), u.hostSteps(), u.requestSteps(), u.lastSteps())
}

func (u *unitRun) settingsSteps() []step {
	return slices.Concat(readStep(u.readDomain), u.lastSteps())
}

func (u *unitRun) changeSteps() []step {
	return slices.Concat(readStep(u.readDomain), u.requestSteps(), u.lastSteps())
}

// lastSteps change the settings that were ordered and read the domain back.
func (u *unitRun) lastSteps() []step {
	return append(u.settingSteps(), step{title: "Verify at the registrar", run: u.verifyDomain, reads: true})
}

// settingSteps returns one step per setting that was ordered.
func (u *unitRun) settingSteps() []step {
	kinds := registrars.SettingKinds(u.domainSettings())
	steps := make([]step, 0, len(kinds)+1)
	for _, kind := range kinds {
		r := &request{kind: kind, settings: only(u.domain.Settings, kind)}
		title := strings.ToUpper(r.what()[:1]) + r.what()[1:]
		if kind == registrars.DNSSECChange {
			title = "DNSSEC change"
		}
		steps = append(steps, u.requestStep(title, r, true))
	}
	return steps
}

func (u *unitRun) domainSettings() domains.Settings {
	if u.domain == nil {
		return domains.Settings{}
	}
	return u.domain.Settings
}

// only returns the one setting that a request of the kind changes.
func only(s domains.Settings, kind registrars.Kind) domains.Settings {
	switch kind {
	case registrars.ZoneReset:
		return domains.Settings{ZoneTemplate: s.ZoneTemplate}
	case registrars.DNSSECChange:
		return domains.Settings{DNSSEC: s.DNSSEC}
	case registrars.PrivacyChange:
		return domains.Settings{Privacy: s.Privacy}
	case registrars.AutoRenewalChange:
		return domains.Settings{AutoRenewal: s.AutoRenewal}
	default:
		return domains.Settings{Lock: s.Lock}
	}
}

func (u *unitRun) readDomain(ctx workflow.Context) (outcome, error) {
	err := workflow.ExecuteActivity(registrarCall(ctx, u.domain.Registrar, u.summary("Read the domain at %s", u.domain.Registrar)),
		calls.Registrar.ReadDomain,
		activities.ReadDomainInput{Registrar: u.domain.Registrar, Domain: u.domain.Name}).Get(ctx, &u.before)
	if err != nil {
		return outcome{}, err
	}
	if u.before.Expires.IsZero() {
		return done("it is %s", u.before.Word), nil
	}
	return done("it is %s and expires on %s", u.before.Word, u.before.Expires.Format(time.DateOnly)), nil
}

func (u *unitRun) readExpiry(ctx workflow.Context) (outcome, error) {
	read, err := u.readDomain(ctx)
	if err != nil {
		return outcome{}, err
	}
	if u.before.Expires.IsZero() {
		return outcome{}, permanent(registrars.ClassInvalid,
			"the registrar does not say when the domain expires, so a renewal could not be told from a second one")
	}
	u.main.expires = u.before.Expires
	ordered := u.domain.Expires
	if earlier := u.input.RenewedBefore; earlier != nil && ordered.IsZero() && !u.renewAgain {
		u.renewAgain = true // a retry says that it is meant
		return outcome{}, permanent(registrars.ClassInvalid, fmt.Sprintf("order %s renewed the domain on %s; it expires on %s, and this order "+
			"does not say from which date it renews: retry to renew it once more, or cancel",
			earlier.OrderNumber, earlier.At.Format(time.DateOnly), u.before.Expires.Format(time.DateOnly)))
	}
	switch {
	case ordered.IsZero() || registrars.SameDay(ordered, u.before.Expires):
		return read, nil
	case registrars.NearlySameDay(ordered, u.before.Expires) &&
		workflow.GetVersion(ctx, "expiry-of-another-calendar", workflow.DefaultVersion, 1) == 1:
		// The order uses another calendar. From here on only the registrar's date is used.
		u.notes = append(u.notes, "the order expects "+ordered.Format(time.DateOnly)+"; the registrar's date counts: "+
			u.before.Expires.Format(time.DateOnly))
		return read, nil
	case registrars.RenewedSince(ordered, u.before.Expires):
		u.expires = u.before.Expires
		u.unchanged = "renewed already: it expires on " + u.before.Expires.Format(time.DateOnly)
		return done("%s", u.unchanged), nil
	default:
		return outcome{}, permanent(registrars.ClassInvalid, "the domain expires on "+u.before.Expires.Format(time.DateOnly)+
			", and the order expects "+ordered.Format(time.DateOnly)+"; find out why, then retry or cancel")
	}
}
