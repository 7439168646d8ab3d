package desk

import (
	"context"
	"slices"
	"sync"
	"time"

	"domainprovisioning/intake"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// Standing is a unit of work with its checklist; nil while no worker answers for it.
type Standing struct {
	Unit

	Progress *messages.Progress
}

// Allowed lists what a person may do about the unit now; nothing while no worker answers.
func (s Standing) Allowed() []messages.Action {
	if s.Progress == nil {
		return nil
	}
	return allowed(*s.Progress)
}

// atOnce bounds how many workflows one question asks at once.
const atOnce = 8

// Stand asks for the progress of each unit. The state of each is what its workflow tells now.
func (d *Desk) Stand(ctx context.Context, found []Unit) []Standing {
	all := make([]Standing, len(found))
	var group sync.WaitGroup
	tokens := make(chan struct{}, atOnce)
	for n, unit := range found {
		group.Go(func() {
			tokens <- struct{}{}
			defer func() { <-tokens }()
			all[n].Unit = unit
			if progress, err := d.Progress(ctx, unit); err == nil {
				all[n].Unit, all[n].Progress = unit.With(progress), &progress
			}
		})
	}
	group.Wait()
	return all
}

// Overview is what somebody looks at first.
type Overview struct {
	// Needs are the orders that need a person, those of the longest standing first; More says
	// that there are others.
	Needs []Standing
	More  bool
	// Open counts the open orders by state.
	Open      map[messages.State]int
	Late      []Watch
	News      []Watch // the registrars that have written about their accounts
	LooseEnds []LooseEnd
	Backlog   store.Backlog
	// Note is that of a Page.
	Note string
}

// mostNeeds is how many orders an overview asks about: each answer is a question to a workflow.
const mostNeeds = 50

// Overview tells what needs a person, and how the orders stand.
func (d *Desk) Overview(ctx context.Context) (Overview, error) {
	page, err := d.List(ctx, Filter{State: string(messages.NeedsAttention), Limit: mostNeeds})
	if err != nil {
		return Overview{}, err
	}
	view := Overview{More: page.Next != "", Note: page.Note}
	// The time left is for the rest of the answer: who does not answer is shown without message.
	asking, cancel := context.WithTimeout(ctx, overviewTimeout)
	view.Needs = d.Stand(asking, page.Orders)
	cancel()
	view.Needs = slices.DeleteFunc(view.Needs, func(s Standing) bool { return s.State != messages.NeedsAttention }) // cured meanwhile
	slices.SortStableFunc(view.Needs, func(a, b Standing) int { return begun(a.Unit).Compare(begun(b.Unit)) })
	if view.Open, err = d.Store.CountByState(ctx); err != nil {
		return view, err
	}
	watches, err := d.Watches(ctx)
	if err != nil {
		return view, err
	}
	for _, watch := range watches {
		if watch.Late {
			view.Late = append(view.Late, watch)
		}
		if watch.News > 0 {
			view.News = append(view.News, watch)
		}
	}
	if view.LooseEnds, err = d.LooseEnds(ctx, store.LooseEndFilter{}); err != nil {
		return view, err
	}
	view.Backlog, err = d.Waiting(ctx)
	return view, err
}

// overviewTimeout bounds the questions to the workflows of an overview.
const overviewTimeout = 5 * time.Second

// begun is when a unit's state began, as far as that is known.
func begun(unit Unit) time.Time {
	if unit.Since == nil {
		return unit.CreatedAt
	}
	return *unit.Since
}

// Waiting counts what is stored and has not reached its workflow yet.
func (d *Desk) Waiting(ctx context.Context) (store.Backlog, error) {
	return d.Store.Backlog(ctx, intake.RematchFor)
}
