package activities

import (
	"slices"

	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// pendingList finds the pending operations of a registrar's list. An account may have 100,000 of
// them, so each stands in memory once.
type pendingList struct {
	operations  []registrars.Operation
	byReference map[string]*registrars.Operation
	byObject    map[object]*registrars.Operation // nil until somebody asks
	// partly says that some of the list could not be read. missing are then the rows that are not
	// in what could be read; see miss.
	partly  bool
	missing []store.LedgerRow
}

// object is what an operation is about.
type object struct{ kind, domain string }

func index(pending registrars.Pending) *pendingList {
	list := &pendingList{
		operations:  pending.Operations,
		byReference: make(map[string]*registrars.Operation, len(pending.Operations)),
		partly:      len(pending.Unreadable) > 0,
	}
	for i := range list.operations {
		operation := &list.operations[i]
		list.byReference[operation.Reference] = operation
	}
	return list
}

// about finds the pending operation of a kind on a domain. Few rounds ask: only a request whose
// answer was lost has no reference.
func (l *pendingList) about(kind, domain string) (*registrars.Operation, bool) {
	if l.byObject == nil {
		l.byObject = make(map[object]*registrars.Operation, len(l.operations))
		for i := range l.operations {
			operation := &l.operations[i]
			if operation.Kind != "" && !operation.Domain.IsZero() {
				l.byObject[object{string(operation.Kind), operation.Domain.String()}] = operation
			}
		}
	}
	operation, found := l.byObject[object{kind, domain}]
	return operation, found
}

// miss notes a row that is not in a list of which some could not be read. Nearly all of ours may
// be missing, and only some have their turn in a round: those that were read longest ago.
func (l *pendingList) miss(row store.LedgerRow) {
	if l.missing = append(l.missing, row); len(l.missing) >= 2*mostInTurn {
		l.missing = l.inTurn()
	}
}

// inTurn returns the missing rows that have their turn.
func (l *pendingList) inTurn() []store.LedgerRow {
	slices.SortStableFunc(l.missing, func(a, b store.LedgerRow) int { return lastRead(a).Compare(lastRead(b)) })
	return l.missing[:min(len(l.missing), mostInTurn)]
}
