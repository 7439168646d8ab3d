package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// Program is the signature of the workflows that carry orders.
type Program = func(workflow.Context, UnitInput) (*UnitResult, error)

// program is how one type of order is carried out.
type program struct {
	// name is the workflow type in Temporal. It must never change.
	name     string
	run      Program
	idPrefix string
	kind     registrars.Kind
	steps    func(*unitRun) []step
}

// programs says which program carries which type of order.
func programs() map[orders.Type]program {
	return map[orders.Type]program{
		orders.Registration:     {"DomainProvisioning", DomainProvisioning, "domain-provisioning", registrars.Registration, (*unitRun).registrationSteps},
		orders.Transfer:         {"DomainTransfer", DomainTransfer, "domain-transfer", registrars.Transfer, (*unitRun).transferSteps},
		orders.Renewal:          {"DomainRenewal", DomainRenewal, "domain-renewal", registrars.Renewal, (*unitRun).renewalSteps},
		orders.Restore:          {"DomainRestore", DomainRestore, "domain-restore", registrars.Restore, (*unitRun).restoreSteps},
		orders.OwnerChange:      {"OwnerChange", OwnerChange, "owner-change", registrars.OwnerChange, (*unitRun).changeSteps},
		orders.ContactChange:    {"ContactChange", ContactChange, "contact-change", registrars.ContactChange, (*unitRun).changeSteps},
		orders.NameServerChange: {"NameServerChange", NameServerChange, "name-server-change", registrars.NameServerChange, (*unitRun).nameServerSteps},
		orders.SettingsChange:   {"SettingsChange", SettingsChange, "settings-change", "", (*unitRun).settingsSteps},
		orders.Adoption:         {"DomainAdoption", DomainAdoption, "domain-adoption", "", (*unitRun).adoptionSteps},
	}
}

// ProgramNames lists the types of the workflows that carry orders.
func ProgramNames() []string {
	all := programs()
	names := make([]string, 0, len(all))
	for _, o := range all {
		names = append(names, o.name)
	}
	slices.Sort(names)
	return names
}

// ProgramOf returns the workflow that carries a unit of work.
func ProgramOf(unit orders.Unit) Program {
	if unit.Domain == nil {
		return DomainProvisioning
	}
	return programs()[unit.Type].run
}

// Titles lists the titles of the steps of a unit of work, in their order.
func Titles(input UnitInput) []string {
	steps := (*unitRun).registrationSteps
	if input.Unit.Domain != nil {
		steps = programs()[input.Unit.Type].steps
	}
	u := &unitRun{
		input: input, domain: input.Unit.Domain, hosting: input.Unit.Hosting, main: &request{kind: mainKind(input.Unit)},
		hosts: ordered(input.Unit.Domain),
	}
	all := steps(u)
	titles := make([]string, len(all))
	for n, step := range all {
		titles[n] = step.title
	}
	return titles
}

// KindsOf lists the kinds of request that a unit of work makes to the registrar, apart
// from the new auth code after a transfer. The one that was ordered comes first. bare is
// registrars.Descriptor.BareTransfers.
func KindsOf(unit orders.Unit, bare bool) []registrars.Kind {
	if unit.Domain == nil {
		return nil
	}
	kinds := registrars.SettingKinds(unit.Domain.Settings)
	switch {
	case bare && unit.Type == orders.Transfer:
		kinds = append(bareKinds(), kinds...)
	case unit.Type.Provisions() && len(unit.Domain.Hosts) > 0:
		kinds = append([]registrars.Kind{registrars.NameServerChange}, kinds...)
	}
	if main := mainKind(unit); main != "" {
		kinds = append([]registrars.Kind{main}, kinds...)
	}
	return kinds
}

// mainKind is the kind of request that the order is for. Hosting without a domain shows
// the steps of a registration as skipped.
func mainKind(unit orders.Unit) registrars.Kind {
	if unit.Domain == nil {
		return registrars.Registration
	}
	return programs()[unit.Type].kind
}

// TypeOfProgram returns the word for the type of order whose workflow ids begin like this, such
// as renewal for domain-renewal; hosting for an order without a domain, and "" if there is none.
func TypeOfProgram(prefix string) string {
	if prefix == hostingPrefix {
		return "hosting"
	}
	for t, o := range programs() {
		if o.idPrefix == prefix {
			return t.String()
		}
	}
	return ""
}

func idPrefix(t orders.Type) string { return programs()[t].idPrefix }
