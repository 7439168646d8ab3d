package activities

import (
	"context"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"

	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// mostInTurn limits the operations that a round reads one by one while the registrar's list is
// readable in part only: nearly all of ours may be missing from it. The others have their turn in
// the next rounds.
const mostInTurn = 200

// reportUnreadable records what cannot be read of the registrar's list, and logs it when it is
// not what the round before has found. Trouble with the record does not stop the round.
func (r *Registrar) reportUnreadable(ctx context.Context, items []registrars.Unreadable, result *SweepPendingOperationsResult) {
	result.Unreadable = len(items)
	found := make([]store.Unreadable, len(items))
	var references, rules []string
	for i, item := range items {
		if i >= mostRecorded {
			item.Reference = ""
		}
		found[i] = store.Unreadable{Account: r.Account, Reference: item.Reference, Rule: item.Rule, Items: 1}
		if item.Reference != "" && len(references) < mostNamed {
			references = append(references, item.Reference)
		}
		if !slices.Contains(rules, item.Rule) {
			rules = append(rules, item.Rule)
		}
	}
	news, err := r.Ledger.RecordUnreadable(ctx, r.Account, found)
	switch {
	case err != nil:
		r.Log.WarnContext(ctx, "what cannot be read of the registrar's list could not be recorded", "registrar", r.Account, "items", len(items), "error", err)
	case news && len(items) == 0:
		r.Log.InfoContext(ctx, "the registrar's list can be read in full again", "registrar", r.Account)
	case news:
		r.Log.WarnContext(ctx, "items of the registrar's list cannot be read; `starter operations` lists them, and those of ours are read one by one",
			"registrar", r.Account, "items", len(items), "rules", rules, "references", references)
	}
}

const (
	// mostRecorded limits the items that are recorded by their reference; the others are counted,
	// by what is wrong with them.
	mostRecorded = 500
	// mostNamed limits the references in a line of the log.
	mostNamed = 20
)

// readInTurn is followUp for an operation that is not in a list of which some could not be read,
// or that no list would show.
// Its turn passes once the registrar has answered, with an error as well, so that one that cannot be
// read holds up no other.
func (r *Registrar) readInTurn(ctx context.Context, row store.LedgerRow, _ *pendingList, result *SweepPendingOperationsResult) error {
	activity.RecordHeartbeat(ctx, *result)
	_, err := r.followUp(ctx, row, "seen by the watch", result)
	if away(err) {
		return err
	}
	if marked := r.Ledger.MarkChecked(ctx, row.Key); err == nil {
		err = marked
	}
	return err
}

// away reports whether an error is that of a registrar that has said nothing of an operation: it was
// not reached, or wants no calls now. One that cannot tell has a code, and a reply that cannot be
// read may never be readable.
func away(err error) bool {
	failed, ok := registrars.AsError(err)
	if !ok {
		return false
	}
	return failed.Class == registrars.ClassRateLimited || BehaviourOf(failed.Class).Retry && failed.Code == "" && !unreadable(err)
}

// lastRead is when an operation was last read by its reference; zero if it never was.
func lastRead(row store.LedgerRow) time.Time {
	if row.CheckedAt == nil {
		return time.Time{}
	}
	return *row.CheckedAt
}
