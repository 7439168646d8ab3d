package intake

import (
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"domainprovisioning/messages"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

const (
	// lookBatch bounds the lives that are told in a round. All of them must be told within the
	// store's hold, which is one minute.
	lookBatch = 100
	// overdueEvery is how often lives are looked for that have missed a date, and overdueAfter by
	// how much they must have: a worker may be away for a while.
	overdueEvery = 10 * time.Minute
	overdueAfter = 24 * time.Hour
	overdueBatch = 1000
)

// tellLives tells the lives of domains of which something has changed, and begins those of domains
// that are new. It returns how many it has claimed.
func (r *Relay) tellLives(ctx context.Context) (int, error) {
	claiming, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	rows, err := r.Intake.Store.ClaimLooks(claiming, lookBatch)
	if err != nil {
		return 0, err
	}
	for n, row := range rows {
		telling, cancel := context.WithTimeout(ctx, relayTimeout)
		err := r.Intake.tellLife(telling, row)
		cancel()
		switch {
		case r.lost(err):
			return n, err // they are due again when the hold has run out
		case err != nil:
			r.Log.WarnContext(ctx, "relay: the life of a domain could not be told to look; it is tried again", "domain", row.Name, "error", err)
		}
	}
	return len(rows), nil
}

// tellLife has the life of a domain look at it, and begins it if it does not run.
func (i *Intake) tellLife(ctx context.Context, domain store.Domain) error {
	_, err := i.Temporal.SignalWithStartWorkflow(ctx, workflows.LifeID(domain.Name), messages.LookAgain().Name, messages.Look{},
		client.StartWorkflowOptions{
			ID: workflows.LifeID(domain.Name), TaskQueue: workflows.TaskQueue,
			// A life that runs is told. One that was terminated, or has ended before the domain was
			// brought again, is followed by another, which reads all it needs from the store.
			WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
			TypedSearchAttributes: workflows.LifeSearchAttributes(domain.Name, domain.Sells.TLD, domain.Registrar),
			StaticSummary:         workflows.LifeSummary(domain.Name),
		}, workflows.DomainLife, workflows.LifeInput{Domain: domain.Name, Registrar: domain.Registrar, Pace: i.Pace})
	if err != nil {
		return fmt.Errorf("intake: look at %s: %w", domain.Name, err)
	}
	return i.Store.Told(ctx, domain)
}

// wakeOverdue looks for lives that have missed a date, because somebody has terminated or deleted
// their workflows, until the context ends.
func (r *Relay) wakeOverdue(ctx context.Context) {
	for ctx.Err() == nil {
		asking, cancel := context.WithTimeout(ctx, storeTimeout)
		count, err := r.Intake.Store.WakeOverdue(asking, overdueAfter, overdueBatch)
		cancel()
		switch {
		case err != nil && ctx.Err() == nil:
			r.Log.WarnContext(ctx, "relay: lives that have missed a date could not be looked for", "error", err)
		case count > 0:
			r.Log.WarnContext(ctx, "relay: lives of domains have missed a date and are begun again", "domains", count)
		}
		select {
		case <-ctx.Done():
		case <-time.After(overdueEvery):
		}
	}
}
