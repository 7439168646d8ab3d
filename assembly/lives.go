package assembly

import (
	"go.temporal.io/sdk/client"

	"domainprovisioning/activities"
	"domainprovisioning/config"
	"domainprovisioning/portfolio"
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
