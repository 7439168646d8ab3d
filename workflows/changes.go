package workflows

import (
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// DomainRenewal renews a domain of the account. The expiry date is read before
// anything is asked: a domain that expires later than the order expects has been
// renewed already, and the order is done. A lost answer never adds a second period,
// because a repeat compares with the date that the first try saw.
func DomainRenewal(ctx workflow.Context, input ProvisioningInput) (*ProvisioningResult, error) {
	return carry(ctx, input, (*provisioning).renewalSteps)
}

// OwnerChange gives a domain another owner. Where both holders must agree and one
// does not answer, the registry cancels the request after some days: that is an
// ordinary end, and the order ends as cancelled.
func OwnerChange(ctx workflow.Context, input ProvisioningInput) (*ProvisioningResult, error) {
	return carry(ctx, input, (*provisioning).changeSteps)
}

// ContactChange replaces contacts other than the owner; those that the order does
// not name stay.
func ContactChange(ctx workflow.Context, input ProvisioningInput) (*ProvisioningResult, error) {
	return carry(ctx, input, (*provisioning).changeSteps)
}

// NameServerChange delegates a domain to other hosts.
func NameServerChange(ctx workflow.Context, input ProvisioningInput) (*ProvisioningResult, error) {
	return carry(ctx, input, (*provisioning).nameServerSteps)
}

// SettingsChange changes settings of a domain: DNSSEC, registrar lock, privacy,
// automatic renewal, the zone's template.
func SettingsChange(ctx workflow.Context, input ProvisioningInput) (*ProvisioningResult, error) {
	return carry(ctx, input, (*provisioning).settingsSteps)
}

func (p *provisioning) renewalSteps() []step {
	return slices.Concat([]step{{readStep, p.readExpiry, nil}}, p.requestSteps(), p.lastSteps())
}

func (p *provisioning) nameServerSteps() []step {
	p.nameServers = p.domain.NameServers
	return p.changeSteps()
}

func (p *provisioning) settingsSteps() []step {
	return slices.Concat([]step{{readStep, p.readDomain, nil}}, p.lastSteps())
}

func (p *provisioning) changeSteps() []step {
	return slices.Concat([]step{{readStep, p.readDomain, nil}}, p.requestSteps(), p.lastSteps())
}

// requestSteps hand over what was ordered and wait for it.
func (p *provisioning) requestSteps() []step {
	return []step{
		{"Submit the " + p.main.what() + " to the registrar", p.submitMain, p.main},
		{"Registrar confirms the " + p.main.what(), p.confirmMain, p.main},
	}
}

// lastSteps bring the settings about and read the whole back.
func (p *provisioning) lastSteps() []step {
	return append(p.settingSteps(), step{verifyStep, p.verifyDomain, nil})
}

// settingSteps are one step for each setting that was ordered.
func (p *provisioning) settingSteps() []step {
	kinds := registrars.SettingKinds(p.domainSettings())
	steps := make([]step, 0, len(kinds)+1)
	for _, kind := range kinds {
		r := &request{kind: kind, settings: only(p.domain.Settings, kind)}
		title := strings.ToUpper(r.what()[:1]) + r.what()[1:]
		if kind == registrars.DNSSECChange {
			title = "DNSSEC change"
		}
		steps = append(steps, step{title, func(ctx workflow.Context) (outcome, error) {
			err := p.carryOut(ctx, r)
			return p.requestDone(r), err
		}, r})
	}
	return steps
}

func (p *provisioning) domainSettings() domains.Settings {
	if p.domain == nil {
		return domains.Settings{}
	}
	return p.domain.Settings
}

// only keeps the one setting that a request of the kind is about.
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

func (p *provisioning) readDomain(ctx workflow.Context) (outcome, error) {
	err := workflow.ExecuteActivity(registrarCall(ctx, p.domain.Registrar, p.summary("Read the domain at %s", p.domain.Registrar)),
		calls.Registrar.ReadDomain,
		activities.ReadDomainInput{Registrar: p.domain.Registrar, Domain: p.domain.Name}).Get(ctx, &p.before)
	if err != nil {
		return outcome{}, err
	}
	if p.before.Expires.IsZero() {
		return done("it is %s", p.before.Word), nil
	}
	return done("it is %s and expires on %s", p.before.Word, p.before.Expires.Format(time.DateOnly)), nil
}

func (p *provisioning) readExpiry(ctx workflow.Context) (outcome, error) {
	read, err := p.readDomain(ctx)
	if err != nil {
		return outcome{}, err
	}
	if p.before.Expires.IsZero() {
		return outcome{}, permanent(registrars.ClassInvalid,
			"the registrar does not say when the domain expires, so a renewal could not be told from a second one")
	}
	p.main.expires = p.before.Expires
	ordered := p.domain.Expires
	switch {
	case ordered.IsZero() || sameDay(ordered, p.before.Expires):
		return read, nil
	case p.before.Expires.After(ordered.AddDate(0, 6, 0)):
		// A whole period, and not a registry that counts days otherwise.
		p.expires = p.before.Expires
		p.unchanged = "renewed already: it expires on " + p.before.Expires.Format(time.DateOnly)
		return done("%s", p.unchanged), nil
	default:
		return outcome{}, permanent(registrars.ClassInvalid, "the domain expires on "+p.before.Expires.Format(time.DateOnly)+
			", and the order expects "+ordered.Format(time.DateOnly)+"; find out why, then retry or cancel")
	}
}

// sameDay forgives a time of day: registrars give dates.
func sameDay(a, b time.Time) bool {
	return a.UTC().Format(time.DateOnly) == b.UTC().Format(time.DateOnly)
}

func (p *provisioning) submitMain(ctx workflow.Context) (outcome, error) {
	if p.domain == nil {
		return skipped(noDomain), nil
	}
	err := p.submit(ctx, p.main)
	if p.refusedByHolder(err) {
		return p.withdraw(), nil
	}
	if err != nil {
		return outcome{}, err
	}
	if p.main.state.Status == registrars.StatusDone {
		return done("done at once"), nil
	}
	return done("operation %s is %s", p.main.state.Reference, p.main.state.Status), nil
}

func (p *provisioning) confirmMain(ctx workflow.Context) (outcome, error) {
	if p.domain == nil {
		return skipped(noDomain), nil
	}
	if p.main.state.Status == registrars.StatusDone && !p.main.looking {
		return done("confirmed with the answer to the request"), nil
	}
	err := p.confirm(ctx, p.main)
	if p.refusedByHolder(err) {
		return p.withdraw(), nil
	}
	return p.requestDone(p.main), err
}

func (p *provisioning) requestDone(r *request) outcome {
	if r.state.Needless != "" {
		return skipped("%s", r.state.Needless)
	}
	if r.state.Reference == "" {
		return done("%s", r.state.Status)
	}
	return done("operation %s is %s", r.state.Reference, r.state.Word)
}

// refusedByHolder reports an owner change that the registry has cancelled because a
// holder did not agree in time.
func (p *provisioning) refusedByHolder(err error) bool {
	return err != nil && p.main.kind == registrars.OwnerChange && p.main.state.Status == registrars.StatusCancelled &&
		p.main.ended() != nil
}

func (p *provisioning) withdraw() outcome {
	p.withdrawn = true
	p.unchanged = "cancelled at the registrar: a holder did not agree in time"
	return done("%s", p.unchanged)
}
