package workflows

import (
	"strings"

	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// A name server below the ordered name can be registered only once the registrar has the
// domain, and the domain can be delegated to it only once it is registered. So a domain
// that is new here is first delegated to the system's name servers, those of step 5. Its
// hosts follow when it is registered and recorded, and then the name servers that were
// ordered. For a domain that is here already the hosts come before the change. One that a transfer
// brings as it is keeps the name servers that it had until then.

// ordered returns the hosts below the name of a domain.
func ordered(domain *orders.DomainOrder) domains.Hosts {
	if domain == nil {
		return nil
	}
	return domain.Hosts
}

// hostSteps registers the hosts; none is ordered in most cases.
func (u *unitRun) hostSteps() []step {
	if len(u.hosts) == 0 {
		return nil
	}
	return []step{{title: registersHosts, run: u.registerHosts}}
}

// registersHosts is the title of the step that makes them.
const registersHosts = "Register hosts below the domain"

// delegationSteps delegates a domain that is new here once it is registered: to its hosts, which
// are made before, and wherever a transfer has brought it as it is.
func (u *unitRun) delegationSteps() []step {
	if len(u.hosts) == 0 && !u.input.BareTransfer {
		return nil
	}
	r := &request{kind: registrars.NameServerChange}
	if u.input.BareTransfer {
		r.settings = u.signing()
	}
	return append(u.hostSteps(), u.requestStep("Name server change", r, false))
}

func (u *unitRun) registerHosts(ctx workflow.Context) (outcome, error) {
	u.atRegistrar(ctx)
	var registered activities.RegisterHostsResult
	err := workflow.ExecuteActivity(registrarCall(ctx, u.domain.Registrar, u.line()), calls.Registrar.RegisterHosts,
		activities.RegisterHostsInput{Registrar: u.domain.Registrar, Domain: u.domain.Name, Hosts: u.hosts}).Get(ctx, &registered)
	return done("%s", strings.Join(u.hosts.Names(), ", ")), err
}

// delegatedTo returns the name servers of a request.
func (u *unitRun) delegatedTo(kind registrars.Kind) domains.NameServers {
	if kind != registrars.NameServerChange && u.firstServers != nil {
		return u.firstServers
	}
	return u.nameServers
}
