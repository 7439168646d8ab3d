package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// Program is the signature of the workflows that carry orders.
type Program = func(workflow.Context, ProvisioningInput) (*ProvisioningResult, error)

// operation says how an operation type of an order is carried out.
type operation struct {
	// name is the type of the workflow in Temporal, for ever.
	name     string
	program  Program
	idPrefix string
	kind     registrars.Kind
	steps    func(*provisioning) []step
}

// operations are the operation types by what carries them out.
func operations() map[orders.OperationType]operation {
	return map[orders.OperationType]operation{
		orders.Registration:     {"DomainProvisioning", DomainProvisioning, "domain-provisioning", registrars.Registration, (*provisioning).provisioningSteps},
		orders.Transfer:         {"DomainTransfer", DomainTransfer, "domain-transfer", registrars.Transfer, (*provisioning).transferSteps},
		orders.Renewal:          {"DomainRenewal", DomainRenewal, "domain-renewal", registrars.Renewal, (*provisioning).renewalSteps},
		orders.OwnerChange:      {"OwnerChange", OwnerChange, "owner-change", registrars.OwnerChange, (*provisioning).changeSteps},
		orders.ContactChange:    {"ContactChange", ContactChange, "contact-change", registrars.ContactChange, (*provisioning).changeSteps},
		orders.NameServerChange: {"NameServerChange", NameServerChange, "name-server-change", registrars.NameServerChange, (*provisioning).nameServerSteps},
		orders.SettingsChange:   {"SettingsChange", SettingsChange, "settings-change", "", (*provisioning).settingsSteps},
	}
}

// ProgramNames lists the types of the workflows that carry orders.
func ProgramNames() []string {
	all := operations()
	names := make([]string, 0, len(all))
	for _, o := range all {
		names = append(names, o.name)
	}
	slices.Sort(names)
	return names
}

// ProgramOf returns the workflow that carries a unit of work.
func ProgramOf(unit orders.Provisioning) Program {
	if unit.Domain == nil {
		return DomainProvisioning
	}
	return operations()[unit.Operation].program
}

// Titles lists the steps that a unit of work runs through, in their order: the lines of
// its checklist.
func Titles(input ProvisioningInput) []string {
	steps := (*provisioning).provisioningSteps
	if input.Unit.Domain != nil {
		steps = operations()[input.Unit.Operation].steps
	}
	p := &provisioning{
		input: input, domain: input.Unit.Domain, hosting: input.Unit.Hosting, main: &request{kind: mainKind(input.Unit)},
	}
	all := steps(p)
	titles := make([]string, len(all))
	for n, step := range all {
		titles[n] = step.title
	}
	return titles
}

// KindsOf lists the requests that a unit of work makes to the registrar, besides
// the new auth code after a transfer.
func KindsOf(unit orders.Provisioning) []registrars.Kind {
	if unit.Domain == nil {
		return nil
	}
	kinds := registrars.SettingKinds(unit.Domain.Settings)
	if main := mainKind(unit); main != "" {
		kinds = append([]registrars.Kind{main}, kinds...)
	}
	return kinds
}

// mainKind is the request that the operation is named after. Hosting without a
// domain shows the steps of a registration as skipped.
func mainKind(unit orders.Provisioning) registrars.Kind {
	if unit.Domain == nil {
		return registrars.Registration
	}
	return operations()[unit.Operation].kind
}

func idPrefix(t orders.OperationType) string { return operations()[t].idPrefix }
