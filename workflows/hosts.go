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
// ordered. For a domain that is here already the hosts come before the change.

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
	return []step{{title: "Register hosts below the domain", run: u.registerHosts}}
}

// delegationSteps registers the hosts of a domain that is new here, and delegates it to them.
func (u *unitRun) delegationSteps() []step {
	if len(u.hosts) == 0 {
		return nil
	}
	r := &request{kind: registrars.NameServerChange}
	return append(u.hostSteps(), step{title: "Name server change", request: r, run: func(ctx workflow.Context) (outcome, error) {
		err := u.carryOut(ctx, r)
		return u.requestDone(r), err
	}})
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
