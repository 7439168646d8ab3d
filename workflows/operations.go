package workflows

import (
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// Program is the signature of the workflows that carry orders.
type Program = func(workflow.Context, ProvisioningInput) (*ProvisioningResult, error)

// operation says how an operation type of an order is carried out.
type operation struct {
	program  Program
	idPrefix string
	kind     registrars.Kind
}

// operations are the operation types by what carries them out.
func operations() map[orders.OperationType]operation {
	return map[orders.OperationType]operation{
		orders.Registration:     {DomainProvisioning, "domain-provisioning", registrars.Registration},
		orders.Transfer:         {DomainTransfer, "domain-transfer", registrars.Transfer},
		orders.Renewal:          {DomainRenewal, "domain-renewal", registrars.Renewal},
		orders.OwnerChange:      {OwnerChange, "owner-change", registrars.OwnerChange},
		orders.ContactChange:    {ContactChange, "contact-change", registrars.ContactChange},
		orders.NameServerChange: {NameServerChange, "name-server-change", registrars.NameServerChange},
		orders.SettingsChange:   {SettingsChange, "settings-change", ""},
	}
}

// ProgramOf returns the workflow that carries a unit of work.
func ProgramOf(unit orders.Provisioning) Program {
	if unit.Domain == nil {
		return DomainProvisioning
	}
	return operations()[unit.Operation].program
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
