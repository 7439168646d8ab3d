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

// inARow is after how many domains in a row that trouble keeps from being read a part ends.
const inARow = 3

// Part implements activities.Walker. A domain that cannot be read is passed over until all others
// had their turn, whatever is the matter: no domain holds up the others. Trouble with several in a
// row ends the part, for trouble passes; how long it may go on is the workflow's.
func (w *Walk) Part(ctx context.Context, in activities.WalkPartInput) (activities.WalkPartResult, error) {
	result := activities.WalkPartResult{Troubled: in.Troubled}
	walk, err := w.Store.WalkOf(ctx, w.Account, in.Round)
	if err != nil {
		return result, err
	}
	rows, err := w.Store.ToCompare(ctx, w.Account, walk.Round, walk.ReadAt.Time, in.Again, partSize)
	if err != nil || len(rows) == 0 {
		result.Empty = err == nil
		return result, err
	}
	troubled := 0 // in a row, in this part
	for _, row := range rows {
		found, err := w.read(ctx, row, in.Listed, &result.WalkCounts)
		switch {
		case err == nil:
			if err := w.compared(ctx, walk, row.Name, found, &result.WalkCounts); err != nil {
				return result, err
			}
			result.Answered, result.Troubled, troubled = true, 0, 0
		case ctx.Err() != nil:
			return result, ctx.Err() // which says nothing of the domain
		default:
			if err := w.pass(ctx, walk, row.Name, err, &result.WalkCounts); err != nil {
				return result, err
			}
			if ofDomain(err) {
				break
			}
			result.Troubled++
			if troubled++; troubled == inARow || activities.ClassOf(err) == registrars.ClassRateLimited {
				return result, nil
			}
		}
		if err := w.wait(ctx); err != nil {
			return result, err
		}
	}
	return result, nil
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

// pass passes over a domain that cannot be read.
func (w *Walk) pass(ctx context.Context, walk store.Walk, name string, trouble error, counts *activities.WalkCounts) error {
	counts.Passed++
	w.Log.WarnContext(ctx, "a domain could not be compared and is passed over in this round", "registrar", w.Account, "domain", name, "error", trouble)
	return w.Store.MarkCompared(ctx, w.Account, walk.Round, []string{name})
}

// ofDomain reports whether an error is an answer about the domain that was asked for: it says nothing
// against the system that gave it. What does not pass and is about our account there is none.
func ofDomain(err error) bool {
	class := activities.ClassOf(err)
	return !activities.BehaviourOf(class).Retry && class != registrars.ClassAuth && class != registrars.ClassBalance
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
