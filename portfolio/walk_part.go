package portfolio

import (
	"context"
	"errors"
	"fmt"

	"domainprovisioning/activities"
	"domainprovisioning/billing"
	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/operations"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// inARow is after how many failures in a row a system is taken to be away.
const inARow = 3

// Part implements activities.Walker. A domain that alone cannot be read is passed over until all
// others had their turn; if several in a row cannot, the system is away, and the part is tried
// again from there.
func (w *Walk) Part(ctx context.Context, in activities.WalkPartInput) (activities.WalkPartResult, error) {
	var result activities.WalkPartResult
	walk, err := w.Store.WalkOf(ctx, w.Account, in.Round)
	if err != nil {
		return result, err
	}
	rows, err := w.turn(ctx, walk, in.Again)
	if err != nil || len(rows) == 0 {
		result.Empty = err == nil
		return result, err
	}
	var failed []string // the last ones
	var trouble error
	answered := false
	for _, row := range rows {
		found, err := w.read(ctx, row, in.Listed, &result.WalkCounts)
		if err == nil {
			err = w.compared(ctx, walk, row.Name, found, &result.WalkCounts)
			if err != nil {
				return result, err
			}
			if err := w.pass(ctx, walk, failed, &result.WalkCounts); err != nil {
				return result, err
			}
			failed, trouble, answered = nil, nil, true
		} else if failed, trouble = append(failed, row.Name), err; len(failed) == inARow || registrars.ClassOf(err) == registrars.ClassRateLimited {
			return result, err
		}
		if err := w.wait(ctx); err != nil {
			return result, err
		}
	}
	if answered {
		return result, w.pass(ctx, walk, failed, &result.WalkCounts)
	}
	return result, trouble
}

// turn returns the domains whose turn it is, without those that something is under way for.
func (w *Walk) turn(ctx context.Context, walk store.Walk, again bool) ([]store.Domain, error) {
	rows, err := w.Store.ToCompare(ctx, w.Account, walk.Round, again, 4*partSize)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = row.Name
	}
	under, err := w.Store.Unjudged(ctx, names, walk.ReadAt.Time)
	if err != nil {
		return nil, err
	}
	free := rows[:0]
	for _, row := range rows {
		if !under[row.Name] && len(free) < partSize {
			free = append(free, row)
		}
	}
	return free, nil
}

// compared records what was found for a domain.
func (w *Walk) compared(ctx context.Context, walk store.Walk, name string, found wholly, counts *activities.WalkCounts) error {
	if len(found.kinds) > 0 {
		one := findings{kinds: found.kinds}
		one.add(name, found.Compared)
		part, err := w.record(ctx, walk, one)
		counts.Add(part)
		if err != nil {
			return err
		}
	}
	return w.Store.MarkCompared(ctx, w.Account, walk.Round, []string{name})
}

// pass passes over domains that could not be read.
func (w *Walk) pass(ctx context.Context, walk store.Walk, names []string, counts *activities.WalkCounts) error {
	if len(names) == 0 {
		return nil
	}
	counts.Passed += len(names)
	w.Log.WarnContext(ctx, "domains could not be compared and are passed over in this round", "registrar", w.Account, "domains", names)
	return w.Store.MarkCompared(ctx, w.Account, walk.Round, names)
}

// wholly is what was found for a domain, and in which kinds it was compared.
type wholly struct {
	Compared

	kinds []messages.Difference
}

func (f *wholly) add(found Compared, kinds []messages.Difference) {
	f.Facts, f.Look = append(f.Facts, found.Facts...), f.Look || found.Look
	f.kinds = append(f.kinds, kinds...)
}

// read reads a domain everywhere.
func (w *Walk) read(ctx context.Context, held store.Domain, listed bool, counts *activities.WalkCounts) (wholly, error) {
	var found wholly
	name, err := domains.ParseName(held.Name)
	if err != nil {
		return found, fmt.Errorf("portfolio: a domain that is held has no domain name: %w", err)
	}
	if !listed {
		counts.Calls++
		if err := w.readRegistrar(ctx, name, held, &found); err != nil {
			return found, err
		}
	}
	if held.AccountID == 0 {
		return found, nil // an import whose customer is not known to the platform
	}
	if w.Billing != nil {
		counts.Platform++
		info, err := w.Billing.DomainInfoGet(ctx, name)
		switch {
		case billing.IsNotFound(err):
			found.add(CompareBilling(held, nil), messages.BillingDifferences())
		case err != nil:
			return found, err
		default:
			found.add(CompareBilling(held, &info), messages.BillingDifferences())
		}
	}
	if w.Operations != nil {
		counts.Platform++
		domain, err := w.Operations.GetDomainByName(ctx, name)
		switch {
		case operations.IsNotFound(err):
			found.add(CompareOperations(held, nil), messages.OperationsDifferences())
		case err != nil:
			return found, err
		default:
			found.add(CompareOperations(held, &domain), messages.OperationsDifferences())
		}
	}
	return found, nil
}

// readRegistrar reads a domain at the registrar. What can be read from outside only, and is not
// there, may not be published: only a registry that says so has no such name.
func (w *Walk) readRegistrar(ctx context.Context, name domains.Name, held store.Domain, found *wholly) error {
	kinds := append(messages.ListedDifferences(), messages.ReadDifferences()...)
	domain, err := w.Registrar.ReadDomain(ctx, name)
	outside := w.Registrar.Describe().Reads == registrars.ReadsOutside
	refusal, refused := errors.AsType[*registrars.Error](err)
	switch {
	case err == nil:
		found.add(Compare(held, registrars.ListedDomain{Domain: domain, Whole: true}), kinds)
	case refused && refusal.Class == registrars.ClassNotFound:
		found.add(Missing(held), messages.ListedDifferences())
	case outside && refused && !activities.BehaviourOf(refusal.Class).Retry:
	default:
		return err
	}
	return nil
}
