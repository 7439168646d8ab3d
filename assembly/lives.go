package assembly

import (
	"context"
	"fmt"
	"strings"

	"go.temporal.io/sdk/client"

	"domainprovisioning/activities"
	"domainprovisioning/config"
	"domainprovisioning/desk"
	"domainprovisioning/messages"
	"domainprovisioning/portfolio"
	"domainprovisioning/registrars"
)

// lives returns the activities about the lives of domains.
func (a *Assembly) lives(temporalClient client.Client) *activities.Lives {
	return &activities.Lives{
		Store: a.Store, Policy: a.lifePolicy, Paced: a.Pace != nil,
		Renewals: &portfolio.Renewals{
			Intake: a.Intake(temporalClient), Temporal: temporalClient, Operations: a.Operations, Log: a.Log,
		},
	}
}

// lifePolicy is what the configuration says of domains under a suffix.
func (a *Assembly) lifePolicy(tld string) activities.LifePolicy {
	says := a.Config.Lifecycle
	phases := says.Phases[tld]
	return activities.LifePolicy{
		RenewBefore: says.RenewBefore, AttentionBefore: says.AttentionBefore, Remind: says.Remind,
		Phases: activities.LifePhases{
			RenewGrace: config.Lasts(phases.RenewGrace), Redemption: config.Lasts(phases.Redemption), PendingDelete: config.Lasts(phases.PendingDelete),
		},
	}
}

// callsOfLooks is how much of an account's calls_per_second the first looks at imported domains may
// take: a look is up to two calls, and the rest is for orders.
const callsOfLooks = 0.5

// Importer returns what brings domains that no order brings.
func (a *Assembly) Importer() *portfolio.Importer {
	i := &portfolio.Importer{
		Store: a.Store, Catalog: a.Catalog, Renewal: messages.RenewalMode(a.Config.Lifecycle.Renewal), Looks: map[string]float64{},
	}
	for name := range a.Accounts {
		i.Looks[name] = callsOfLooks / 2 * a.Config.Registrars[name].CallsPerSecond
	}
	return i
}

// DomainsOf lists the domains of a registrar account. Errors: *desk.NotAllowedError for an account that
// is not configured or whose registrar lists none, and in the list desk.ErrRegistrarAway.
func (a *Assembly) DomainsOf(ctx context.Context, account string) (portfolio.Source, error) {
	registrar, configured := a.Accounts[account]
	if !configured {
		return nil, &desk.NotAllowedError{Reason: fmt.Sprintf("%q is no registrar account of the configuration: it has %s", account, strings.Join(a.AccountNames(), ", "))}
	}
	lister, lists := registrar.(registrars.DomainLister)
	if !lists {
		return nil, &desk.NotAllowedError{Reason: fmt.Sprintf("the registrar of %s lists no domains: import a table", account)}
	}
	return func(yield func(portfolio.Row, error) bool) {
		for row, err := range portfolio.OfAccount(ctx, account, lister) {
			if !yield(row, registrarError(err)) {
				return
			}
		}
	}, nil
}
