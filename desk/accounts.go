package desk

import (
	"context"
	"maps"
	"slices"

	"domainprovisioning/store"
)

// Account is how a registrar account stands.
type Account struct {
	Registrar string
	// Configured is false for an account that only old operations name.
	Configured bool
	Watch      *Watch // nil: it has none
	// Pending counts the operations that the registrar has not finished, Unreadable the items of
	// its list that the last round could not read.
	Pending, Unreadable int
}

// Late reports whether the account is not asked as often as it should be.
func (a Account) Late() bool { return a.Watch != nil && a.Watch.Late }

// Accounts tells how each registrar account stands, by name: those of the configuration, and those
// that have unfinished operations. No plug-in tells the balance of its account.
func (d *Desk) Accounts(ctx context.Context) ([]Account, error) {
	pending, err := d.Store.CountPending(ctx)
	if err != nil {
		return nil, err
	}
	unreadable, err := d.Store.UnreadableOperations(ctx, "")
	if err != nil {
		return nil, err
	}
	watches, err := d.Watches(ctx)
	if err != nil {
		return nil, err
	}
	accounts := map[string]*Account{}
	of := func(name string) *Account {
		if accounts[name] == nil {
			accounts[name] = &Account{Registrar: name, Configured: d.Registrars != nil && d.Registrars.Has(name)}
		}
		return accounts[name]
	}
	if d.Registrars != nil {
		for _, name := range d.Registrars.Names() {
			of(name)
		}
	}
	for name, n := range pending {
		of(name).Pending = n
	}
	for _, item := range unreadable {
		of(item.Account).Unreadable += item.Items
	}
	for _, watch := range watches {
		of(watch.Registrar).Watch = &watch
	}
	all := make([]Account, 0, len(accounts))
	for _, name := range slices.Sorted(maps.Keys(accounts)) {
		all = append(all, *accounts[name])
	}
	return all, nil
}

// OrderOperations lists the operations of one order in the ledger, oldest first.
func (d *Desk) OrderOperations(ctx context.Context, unit Unit) ([]Operation, error) {
	if unit.Domain == "" {
		return nil, nil
	}
	all, err := d.Operations(ctx, store.LedgerFilter{Domain: unit.Domain, Limit: store.MostOperations})
	return slices.DeleteFunc(all, func(o Operation) bool { return o.Order != unit.Order }), err
}
