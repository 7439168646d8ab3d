package main

import (
	"context"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/intake"
	"domainprovisioning/store"
)

// question is something that people, Prometheus, the relay or a worker ask the database. ask
// returns how much it was answered, which must be want.
type question struct {
	name string
	ask  func(ctx context.Context) (int, error)
	want int
}

// questions are all that are asked while many orders wait. They leave everything as it is.
func (r *register) questions() []question {
	d, s := r.Desk(r.temporal), r.Store
	list := func(filter desk.Filter) func(context.Context) (int, error) {
		return func(ctx context.Context) (int, error) {
			page, err := d.List(asOperator(ctx), filter)
			return len(page.Orders), err
		}
	}
	operations := func(filter store.LedgerFilter) func(context.Context) (int, error) {
		return func(ctx context.Context) (int, error) {
			found, err := d.Operations(asOperator(ctx), filter)
			return len(found), err
		}
	}
	page := func(rows int) int { return min(rows, 100) } // the default length of a list
	open := r.waiting + 1
	return []question{
		{"list", list(desk.Filter{}), page(open + r.over)},
		{"list --state attention", list(desk.Filter{State: "attention"}), page(r.attention)},
		{"list --state waiting", list(desk.Filter{State: "waiting"}), page(open - r.attention - r.unstarted)},
		{"list --state open", list(desk.Filter{State: "open"}), page(open)},
		{"list --state stopped", list(desk.Filter{State: "stopped"}), 0},
		{"list --reason deadline-passed", list(desk.Filter{Reason: "deadline-passed"}), page(r.attention)},
		{"list --registrar, of an account without orders", list(desk.Filter{Registrar: exampleAccount}), 0},
		{"list --older-than, where none is", list(desk.Filter{OlderThan: 1000 * time.Hour}), 0},
		{"list --text, found", list(desk.Filter{Text: "shop3.e"}), 1},
		{"list --text, not found", list(desk.Filter{Text: "nothing-like-it"}), 0},
		{"list --domain", list(desk.Filter{Domain: crowdDomain(3)}), 1},
		{"operations", operations(store.LedgerFilter{Open: true}), page(open - r.unstarted)},
		{"operations --registrar, of an account without orders", operations(store.LedgerFilter{Open: true, Account: exampleAccount}), 0},
		{"operations --domain", operations(store.LedgerFilter{Open: true, Domain: crowdDomain(3)}), 1},
		{"operations --all", operations(store.LedgerFilter{}), page(open - r.unstarted + r.over)},
		{"inbox", func(ctx context.Context) (int, error) {
			found, err := s.Confirmations(ctx, store.ConfirmationFilter{State: store.Unmatched})
			return len(found), err
		}, page(r.unmatched)},
		{"metrics", r.metrics, r.unstarted + r.received + r.unmatched},
		{"metrics: open orders by state, reason, registrar and type", r.standing, open},
		{"readiness", func(ctx context.Context) (int, error) {
			watches, err := s.Watches(ctx)
			if err == nil {
				err = s.CheckWritable(ctx)
			}
			return len(watches), err
		}, 1},
		{"relay: orders to start", func(ctx context.Context) (int, error) {
			units, err := s.ClaimUnstarted(ctx, 1)
			for _, unit := range units {
				err = s.ReleaseStart(ctx, unit.OrderNumber, unit.Item, 0)
			}
			return len(units), err
		}, min(r.unstarted, 1)},
		{"relay: confirmations to deliver", r.undelivered, min(r.received, 10)},
		{"relay: confirmations whose order has come", func(ctx context.Context) (int, error) {
			return s.Rematch(ctx, intake.RematchFor, 5*time.Minute)
		}, 0},
		{"relay: the same when it starts", func(ctx context.Context) (int, error) { return s.Rematch(ctx, intake.RematchFor, 0) }, 0},
		{"relay: runs to compare", func(ctx context.Context) (int, error) {
			units, err := s.ClaimRuns(ctx, 0, 100)
			return len(units), err
		}, page(open - r.unstarted)},
		{"worker: accounts of open orders", func(ctx context.Context) (int, error) {
			accounts, err := s.OpenAccounts(ctx)
			return accounts[netimAccount], err
		}, open},
	}
}

// metrics is what /metrics reads from the store, but for the open orders.
func (r *register) metrics(ctx context.Context) (int, error) {
	backlog, err := r.Store.Backlog(ctx, intake.RematchFor)
	if err == nil {
		_, err = r.Store.CountLooseEnds(ctx)
	}
	if err == nil {
		_, err = r.Store.CountStopped(ctx)
	}
	if err == nil {
		_, err = r.Store.Watches(ctx)
	}
	if err == nil {
		_, err = r.Store.CountUnreadable(ctx)
	}
	if err == nil {
		_, err = r.Store.CountUnknown(ctx)
	}
	return backlog.Unstarted + backlog.Undelivered + backlog.Unmatched, err
}

// standing is what the gauges of open orders are made of, read every ten seconds at most.
func (r *register) standing(ctx context.Context) (open int, err error) {
	counts, err := r.Store.CountOpen(ctx)
	for _, count := range counts {
		open += count.Count
	}
	return open, err
}

// undelivered is the relay's look for confirmations, and what it does if Temporal is away.
func (r *register) undelivered(ctx context.Context) (int, error) {
	accounts, err := r.Store.WaitingAccounts(ctx)
	if err != nil || len(accounts) != 1 {
		return 0, err
	}
	found, err := r.Store.ClaimConfirmations(ctx, accounts[0], 10)
	for _, confirmation := range found {
		if err := r.Store.Postpone(ctx, confirmation.EventID, "", 0); err != nil {
			return 0, err
		}
	}
	return len(found), err
}
