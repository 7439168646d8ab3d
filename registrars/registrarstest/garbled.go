package registrarstest

import (
	"slices"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// GarblingWorld is the World of a plug-in that lists pending operations.
type GarblingWorld interface {
	World
	// Garble makes the pending operation on a domain unreadable in the registrar's lists: its
	// item has not the form that it should have. It can still be read by its reference.
	Garble(name domains.Name) error
}

// garbling returns the world of a plug-in that lists, if it can garble an item.
func (e *examination) garbling(r registrars.Registrar, w World) (registrars.PendingLister, GarblingWorld, bool) {
	lister, lists := r.(registrars.PendingLister)
	world, garbles := w.(GarblingWorld)
	if lists && !garbles {
		e.find("it lists operations, but its World does not garble an item")
	}
	return lister, world, lists && garbles
}

// hidesNoOther: an item of the list that cannot be read stands beside the others, and is reported
// without what it says.
func hidesNoOther(e *examination) {
	e.each(func(r registrars.Registrar, w World, kind registrars.Kind) {
		lister, world, ok := e.garbling(r, w)
		if !ok {
			return
		}
		var references []string
		for number := range 3 {
			request := world.Request(kind, number+1)
			if !world.Hold(request.Domain) {
				return
			}
			submitted, err := r.Submit(e.t.Context(), request)
			if err != nil || submitted.Status != registrars.StatusPending {
				e.find("%s: Submit: %s, %v", kind, submitted.Status, err)
				return
			}
			references = append(references, submitted.Reference)
			if number == 1 {
				if err := world.Garble(request.Domain); err != nil {
					e.find("%s: %v", kind, err)
				}
			}
		}
		pending, err := lister.PendingOperations(e.t.Context())
		if err != nil {
			e.find("%s: one unreadable item makes the list unreadable: %v", kind, err)
			return
		}
		for i, reference := range references {
			listed := slices.ContainsFunc(pending.Operations, func(o registrars.Operation) bool { return o.Reference == reference })
			if listed != (i != 1) {
				e.find("%s: beside an unreadable item, operation %d is listed: %t", kind, i+1, listed)
			}
		}
		e.reports(kind, pending.Unreadable, references[1])
		e.reads(r, references[1], registrars.StatusPending)
	})
}

// reports examines what is said about the one unreadable item.
func (e *examination) reports(kind registrars.Kind, items []registrars.Unreadable, reference string) {
	if len(items) != 1 {
		e.find("%s: one item is unreadable, and %d are reported", kind, len(items))
		return
	}
	item := items[0]
	if item.Rule == "" || item.Reference != "" && item.Reference != reference {
		e.find("%s: an unreadable item is reported as %q, %q", kind, item.Reference, item.Rule)
	}
	for _, secret := range e.secrets() {
		if strings.Contains(item.Rule, secret) {
			e.find("%s: the report on an unreadable item holds a secret", kind)
		}
	}
}

// takesNothingForAbsent: while an item of the list that Find looks through cannot be read, it may
// be the request, so Find does not say that there is nothing: a second request would follow. It
// may have seen the request elsewhere. The same holds once the item has ended as done.
func takesNothingForAbsent(e *examination) {
	e.each(func(r registrars.Registrar, w World, kind registrars.Kind) {
		_, world, ok := e.garbling(r, w)
		if !ok {
			return
		}
		request := world.Request(kind, 1)
		if !world.Hold(request.Domain) || !world.Break(kind, CutAfter) {
			return
		}
		if _, err := r.Submit(e.t.Context(), request); err == nil {
			e.find("%s: the answer was lost, and Submit returns no error", kind)
		}
		if err := world.Garble(request.Domain); err != nil {
			e.find("%s: %v", kind, err)
			return
		}
		if finding, err := r.Find(e.t.Context(), request); err != nil || finding.State == registrars.FoundNothing {
			e.find("%s: the item of the request cannot be read, and Find says %s, %v", kind, finding.State, err)
		}
		if err := world.Finish(request.Domain); err != nil {
			e.find("%s: %v", kind, err)
		}
		if finding, err := r.Find(e.t.Context(), request); err != nil || finding.State == registrars.FoundNothing {
			e.find("%s: the item of the finished request cannot be read, and Find says %s, %v", kind, finding.State, err)
		}
		if n := world.Effects(kind, request.Domain); n != 1 {
			e.find("%s: %d effects", kind, n)
		}
	})
}
