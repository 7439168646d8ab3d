package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// takeAmendment takes the data of an amendment, if one was sent.
func (u *unitRun) takeAmendment(ctx workflow.Context) error {
	command := u.commands.amend
	if command == nil {
		return nil
	}
	u.commands.amend = nil
	plan, err := u.readPlan(ctx, command.Revision)
	if err != nil {
		return err
	}
	if len(plan.Refused) > 0 {
		return refusedPlan(command.Revision, plan.Refused)
	}
	u.revision, u.planRefused = command.Revision, nil
	u.input.Contacts = plan.Contacts
	u.follow(plan.Unit)
	changes := make([]string, len(command.Changes))
	for n, change := range command.Changes {
		changes[n] = string(change)
	}
	u.notes = append(u.notes, fmt.Sprintf("amended by %s, revision %d (%s): %s", command.Actor, command.Revision, strings.Join(changes, ", "), command.Reason))
	if u.domain != nil && u.input.NewAccount && !u.isOpen(1) && slices.Contains(command.Changes, messages.ChangeCustomer) {
		u.notes = append(u.notes, "the account in Operations keeps the customer's data with which it was made")
	}
	u.noteOwner(command.Changes)
	u.cured("amend", command.Actor, command.Reason)
	return nil
}

// planAgain takes up what was corrected in the catalog since the order was planned.
func (u *unitRun) planAgain(ctx workflow.Context) {
	if u.givenUp != nil || workflow.GetVersion(ctx, "plan-read-again", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return
	}
	plan, err := u.readPlan(ctx, u.revision)
	switch {
	case err != nil:
		return // the order goes on with the plan that it has
	case len(plan.Refused) > 0 && len(u.planRefused) > 0:
		u.planRefused = plan.Refused
	case len(plan.Refused) > 0:
		u.notes = append(u.notes, "the catalog would refuse the order now; it keeps the plan that it has: "+strings.Join(plan.Refused, "; "))
	default:
		if len(u.planRefused) > 0 {
			u.input.Contacts, u.planRefused = plan.Contacts, nil
		}
		u.follow(plan.Unit)
	}
}

// refusedPlan is the trouble of a revision that the configuration refuses.
func refusedPlan(revision int, reasons []string) error {
	return permanent(registrars.ClassInvalid, fmt.Sprintf("the worker's configuration refuses revision %d of the order: %s",
		revision, strings.Join(reasons, "; ")))
}

func (u *unitRun) readPlan(ctx workflow.Context, revision int) (activities.ReadPlanResult, error) {
	return callStore(ctx, u, "Read the plan of the order", calls.Orders.ReadPlan, activities.ReadPlanInput{
		OrderNumber: u.input.OrderNumber, Item: u.input.Unit.Item, Revision: revision,
	})
}

// follow replaces what the order says and what has still to be used. Which domain it is, and
// at which registrar account, never changes: that would be another order.
func (u *unitRun) follow(plan orders.Unit) {
	if plan.Type != u.input.Unit.Type || (plan.Domain == nil) != (u.domain == nil) || (plan.Hosting == nil) != (u.hosting == nil) {
		u.notes = append(u.notes, "the catalog would make another order of it now; it keeps the plan that it has")
		return
	}
	if u.hosting != nil && u.refuseChange(messages.ChangeHostingTemplate) == "" {
		hosting := *u.hosting
		hosting.Template, hosting.APSDefaults = plan.Hosting.Template, plan.Hosting.APSDefaults
		u.hosting = &hosting
	}
	if u.domain == nil {
		return
	}
	if plan.Domain.Registrar != u.domain.Registrar || plan.Domain.TLD != u.domain.TLD || plan.Domain.Name != u.domain.Name {
		u.notes = append(u.notes, "the plan now names another registrar account or top-level domain; the order keeps those that it has")
		return
	}
	now := *u.domain
	take := func(change messages.Change, replace func()) {
		if u.refuseChange(change) == "" {
			replace()
		}
	}
	take(messages.ChangeYears, func() { now.Years = plan.Domain.Years })
	take(messages.ChangeLanguage, func() { now.Language = plan.Domain.Language })
	take(messages.ChangeExpires, func() { now.Expires = plan.Domain.Expires })
	take(messages.ChangePriceLimit, func() { now.PriceLimits = plan.Domain.PriceLimits })
	take(messages.ChangeDomainTemplate, func() { now.Template, now.APSDefaults = plan.Domain.Template, plan.Domain.APSDefaults })
	take(messages.ChangeBilling, func() { now.Billing = plan.Domain.Billing })
	take(messages.ChangeNameServers, func() { now.NameServers, now.Hosts = plan.Domain.NameServers, plan.Domain.Hosts })
	u.domain = &now
	if u.refuseChange(messages.ChangeNameServers) == "" {
		if len(u.hosts) > 0 {
			u.hosts = now.Hosts
		}
		u.chooseServers()
	}
	u.followSettings(plan.Domain.Settings)
}

// followSettings replaces the settings that have still to be made. One that was made stays.
func (u *unitRun) followSettings(ordered domains.Settings) {
	for _, s := range u.plan {
		if s.request == nil || s.request.kind.SettingField() == "" {
			continue
		}
		kind := s.request.kind
		if s.request.setsOpen() {
			s.request.settings = only(ordered, kind)
			u.domain.Settings = s.request.settings.Over(u.domain.Settings)
		} else if !only(ordered, kind).Same(only(u.domain.Settings, kind)) {
			u.notes = append(u.notes, kind.SettingField()+" was set already and stays as it is")
		}
	}
}

// setsOpen reports whether the request changes a setting and has still to be made.
func (r *request) setsOpen() bool {
	return r != nil && r.kind.SettingField() != "" && (r.state.Status == "" && !r.handed || r.ended() != nil)
}

// chooseServers says what the domain is delegated to: the customer's own name servers win
// over those of the zone, because they are what was ordered.
func (u *unitRun) chooseServers() {
	u.firstServers = nil
	switch own := u.domain.NameServers; {
	case len(own) == 0:
		u.nameServers = u.systemServers
	case len(u.hosts) > 0 && u.systemServers != nil && !u.input.BareTransfer:
		u.nameServers, u.firstServers = own, u.systemServers
	default:
		u.nameServers = own
	}
}

// servers describes the choice, for step 5.
func (u *unitRun) servers() outcome {
	switch {
	case u.firstServers != nil:
		return done("%s, until the customer's own are registered: %s", list(u.firstServers), list(u.nameServers))
	case u.input.BareTransfer:
		return done("%s, once the domain is here", list(u.nameServers))
	case len(u.domain.NameServers) > 0:
		return done("the customer's own: %s", list(u.nameServers))
	}
	return done("%s", list(u.nameServers))
}
