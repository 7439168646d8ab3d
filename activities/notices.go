package activities

import (
	"context"

	"go.temporal.io/sdk/activity"

	"domainprovisioning/registrars"
)

// Inbox stores the news of a registrar and delivers it. Take returns nil only if the notice
// is stored. The same notice may come again.
type Inbox interface {
	Take(ctx context.Context, account string, notice registrars.Notice) error
}

// mostNotices is how many notices one round takes out of a registrar's queue. The rest is
// left for the next round.
const mostNotices = 200

// drainNotices takes the news out of the registrar's queue, if it has one. Each notice is
// stored before it is acknowledged, so that none is lost. Trouble with the queue does not
// keep the round from reading the list of pending operations.
func (r *Registrar) drainNotices(ctx context.Context, result *SweepPendingOperationsResult) {
	queue, ok := r.Registrar.(registrars.NoticeQueue)
	if !ok || r.Inbox == nil {
		return
	}
	last := ""
	for range mostNotices {
		activity.RecordHeartbeat(ctx, *result)
		notice, found, err := queue.NextNotice(ctx)
		result.Calls++
		if err != nil {
			r.queueTrouble(ctx, "the queue of news could not be read", "", err, result)
			return
		}
		if !found {
			return
		}
		if notice.ID == last {
			// It was acknowledged and came again, so going on would never end.
			r.queueTrouble(ctx, "the registrar gives a notice again that was acknowledged", notice.ID, nil, result)
			return
		}
		last = notice.ID
		if err := r.Inbox.Take(ctx, r.Account, notice); err != nil {
			r.queueTrouble(ctx, "a notice could not be stored and is not acknowledged", notice.ID, err, result)
			return
		}
		result.Notices++
		err = queue.AcknowledgeNotice(ctx, notice.ID)
		result.Calls++
		if err != nil {
			r.queueTrouble(ctx, "a notice could not be acknowledged; it will come again", notice.ID, err, result)
			return
		}
	}
}

func (r *Registrar) queueTrouble(ctx context.Context, what, notice string, err error, result *SweepPendingOperationsResult) {
	result.QueueFailed = true
	r.Log.WarnContext(ctx, what+"; the next round tries again", "registrar", r.Account, "notice", notice, "error", err)
}
