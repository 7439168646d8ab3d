package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"domainprovisioning/activities"
	"domainprovisioning/registrars"
)

// WalkInput names the registrar account to walk over.
type WalkInput struct {
	Registrar string `json:"registrar"`
	// Carried is how far the run before this one has come.
	Carried *CarriedWalk `json:"carried,omitempty"`
}

// CarriedWalk is how far a walk has come.
type CarriedWalk struct {
	Plan activities.BeginWalkResult `json:"plan"`
	// From is where the next page of the list begins, and Listed that the list was read to its end.
	From   string `json:"from,omitempty"`
	Listed bool   `json:"listed,omitempty"`
	// Partly: the list has names and dates only. Unreadable counts its items that cannot be read.
	Partly     bool `json:"partly,omitempty"`
	Unreadable int  `json:"unreadable,omitempty"`
	// Again and Turns are the parts that are done: of domains that differ, and of those in turn.
	Again int `json:"again,omitempty"`
	Turns int `json:"turns,omitempty"`
	// Answered: some domain could be read. Troubled counts those in a row that could not since.
	Answered bool `json:"answered,omitempty"`
	Troubled int  `json:"troubled,omitempty"`
	activities.WalkCounts
}

// PortfolioWalk is one walk over a registrar account: it compares what we hold with the account's
// list, page by page, and then a part of the domains as a whole, in small parts spread over the
// day. A page or a part is an activity, so a worker that dies costs that one; a run that grows long
// is followed by another one. A walk that breaks off clears nothing that it has not compared.
func PortfolioWalk(ctx workflow.Context, input WalkInput) (*activities.WalkCounts, error) {
	w := &walk{input: input}
	if input.Carried != nil {
		w.CarriedWalk = *input.Carried
	} else if err := w.begin(ctx); err != nil {
		return nil, err
	}
	for _, stage := range []func(workflow.Context) error{w.list, w.again, w.turns} {
		if err := stage(ctx); err != nil {
			return nil, err
		}
	}
	if w.Troubled > 0 && !w.Answered {
		return nil, w.away() // an account of few domains is through with them before awayAfter
	}
	err := workflow.ExecuteActivity(walkCall(ctx, w.input.Registrar, "End the walk over "+input.Registrar), walkCalls.EndWalk,
		activities.EndWalkInput{Registrar: input.Registrar, Round: w.Plan.Round, Listed: w.Listed && w.Unreadable == 0}).Get(ctx, nil)
	if err != nil {
		return nil, err
	}
	return &w.WalkCounts, nil
}

// walk is the state of a run.
type walk struct {
	CarriedWalk

	input WalkInput
}

// walkCalls names the activities of walks, as calls does the others.
var walkCalls *activities.Walks

func (w *walk) begin(ctx workflow.Context) error {
	return workflow.ExecuteActivity(walkCall(ctx, w.input.Registrar, "Begin a walk over "+w.input.Registrar), walkCalls.BeginWalk,
		activities.BeginWalkInput{Registrar: w.input.Registrar}).Get(ctx, &w.Plan)
}

// list compares the account's list, page by page, and then what it lacks.
func (w *walk) list(ctx workflow.Context) error {
	if !w.Plan.Lists || w.Listed {
		return nil
	}
	for !w.Listed {
		var page activities.WalkPageResult
		err := workflow.ExecuteActivity(walkCall(ctx, w.input.Registrar, "Compare a page of the list of "+w.input.Registrar), walkCalls.WalkPage,
			activities.WalkPageInput{Registrar: w.input.Registrar, Round: w.Plan.Round, From: w.From}).Get(ctx, &page)
		if err != nil {
			return err
		}
		w.Add(page.WalkCounts)
		w.From, w.Listed = page.Next, page.Next == ""
		w.Partly, w.Unreadable = w.Partly || page.Partly, w.Unreadable+page.Unreadable
		if !w.Listed && workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return w.anew(ctx)
		}
	}
	var missing activities.WalkCounts
	err := workflow.ExecuteActivity(walkCall(ctx, w.input.Registrar, "Judge what the list of "+w.input.Registrar+" lacks"), walkCalls.WalkMissing,
		activities.WalkMissingInput{Registrar: w.input.Registrar, Round: w.Plan.Round, Unreadable: w.Unreadable}).Get(ctx, &missing)
	w.Add(missing)
	return err
}

// again compares the domains again that differ, so that they are shown no longer than they do: as
// many as have their turn in a round.
func (w *walk) again(ctx workflow.Context) error { return w.parts(ctx, &w.Again, true) }

// turns compares the domains whose turn it is.
func (w *walk) turns(ctx workflow.Context) error { return w.parts(ctx, &w.Turns, false) }

// awayAfter is after how many domains in a row that trouble has kept from being read a system is
// away: at three in a part and the longest pauses, after more than an hour.
const awayAfter = 24

// away ends a walk. The domains that were tried have had their turn, so the next walk begins behind
// them, and that this one was not good shows in the metrics.
func (w *walk) away() error {
	return temporal.NewNonRetryableApplicationError(
		fmt.Sprintf("workflows: %d domains of %s in a row could not be read: the registrar, Billing or Operations is away", w.Troubled, w.input.Registrar),
		string(registrars.ClassTemporary), nil)
}

func (w *walk) parts(ctx workflow.Context, done *int, again bool) error {
	for *done < w.Plan.Parts {
		var part activities.WalkPartResult
		err := workflow.ExecuteActivity(walkCall(ctx, w.input.Registrar, "Compare domains of "+w.input.Registrar), walkCalls.WalkPart,
			activities.WalkPartInput{Registrar: w.input.Registrar, Round: w.Plan.Round, Listed: w.Listed && !w.Partly, Again: again, Troubled: w.Troubled}).Get(ctx, &part)
		if err != nil {
			return err
		}
		w.Add(part.WalkCounts)
		w.Answered, w.Troubled = w.Answered || part.Answered, part.Troubled
		if w.Troubled >= awayAfter {
			return w.away()
		}
		*done++
		if part.Empty {
			*done = w.Plan.Parts
		}
		if *done == w.Plan.Parts {
			break
		}
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return w.anew(ctx)
		}
		if again && part.Troubled == 0 {
			continue // there are few
		}
		err = workflow.NewTimerWithOptions(ctx, w.Plan.Pause, workflow.TimerOptions{Summary: "Until the next domains are compared"}).Get(ctx, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) anew(ctx workflow.Context) error {
	carried := w.CarriedWalk
	return workflow.NewContinueAsNewError(ctx, PortfolioWalk, WalkInput{Registrar: w.input.Registrar, Carried: &carried})
}

// walkCall is a call of the walk over a registrar account: a page of its list, or some reads. It is
// repeated for as long as it takes, within what the registrar allows.
func walkCall(ctx workflow.Context, account, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           RegistrarTaskQueue(account),
		StartToCloseTimeout: 30 * time.Minute,
		HeartbeatTimeout:    heartbeatTimeout,
		Summary:             summary,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: time.Minute, BackoffCoefficient: 2, MaximumInterval: time.Hour,
		},
	})
}

// WalkID is the id of the schedule of the walk over an account, and the prefix of the ids of its runs.
func WalkID(account string) string { return "portfolio-walk/" + account }
