package registrarstest

import (
	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// CancelWorld is the World of a plug-in that withdraws pending operations.
type CancelWorld interface {
	World
	// HoldFast is Hold, but the registrar refuses to withdraw the requests.
	HoldFast(name domains.Name)
	// Withdraws reports whether the registrar lets requests of the kind be withdrawn. It refuses
	// for any other.
	Withdraws(kind registrars.Kind) bool
}

// cancels examines a Canceller: what is withdrawn ends as cancelled, and what the registrar
// refuses to withdraw goes on.
func cancels(e *examination) {
	e.each(func(r registrars.Registrar, w World, kind registrars.Kind) {
		canceller, ok := r.(registrars.Canceller)
		if !ok {
			return
		}
		world, ok := w.(CancelWorld)
		if !ok {
			e.find("it withdraws operations, but its World does not refuse to")
			return
		}
		if !world.Withdraws(kind) {
			return
		}
		request := world.Request(kind, 1)
		if !world.Hold(request.Domain) {
			e.find("it withdraws operations, but nothing is ever pending")
			return
		}
		submitted, err := r.Submit(e.t.Context(), request)
		if err != nil || submitted.Status != registrars.StatusPending {
			e.find("%s: Submit: %s, %v", kind, submitted.Status, err)
			return
		}
		if err := canceller.Cancel(e.t.Context(), submitted.Reference); err != nil {
			e.find("%s: Cancel: %v", kind, err)
		}
		e.reads(r, submitted.Reference, registrars.StatusCancelled)
		// Twice is harmless.
		if err := canceller.Cancel(e.t.Context(), submitted.Reference); err != nil {
			if class := e.trouble(r, string(kind)+": Cancel twice", err); class != registrars.ClassRejected {
				e.find("%s: Cancel twice: class %s", kind, class)
			}
		}
		e.reads(r, submitted.Reference, registrars.StatusCancelled)
		if finding, err := r.Find(e.t.Context(), request); err == nil && settles(finding) {
			e.find("%s: it is found after it was withdrawn: %s", kind, finding.State)
		}
	})
	refusesToCancel(e)
}

func refusesToCancel(e *examination) {
	e.each(func(r registrars.Registrar, w World, kind registrars.Kind) {
		canceller, ok := r.(registrars.Canceller)
		world, refuses := w.(CancelWorld)
		if !ok || !refuses {
			return
		}
		request := world.Request(kind, 1)
		world.HoldFast(request.Domain)
		submitted, err := r.Submit(e.t.Context(), request)
		if err != nil || submitted.Status != registrars.StatusPending {
			e.find("%s: Submit: %s, %v", kind, submitted.Status, err)
			return
		}
		if class := e.trouble(r, string(kind)+": a refused Cancel", canceller.Cancel(e.t.Context(), submitted.Reference)); class != registrars.ClassRejected {
			e.find("%s: a refused Cancel: class %s", kind, class)
		}
		e.reads(r, submitted.Reference, registrars.StatusPending)
		if err := world.Finish(request.Domain); err != nil {
			e.find("%s: %v", kind, err)
		}
		e.reads(r, submitted.Reference, registrars.StatusDone)
	})
}

// reads checks the status of an operation.
func (e *examination) reads(r registrars.Registrar, reference string, want registrars.Status) {
	if asked, err := r.Operation(e.t.Context(), reference); err != nil || asked.Status != want {
		e.find("Operation: %s, %v, want %s", asked.Status, err, want)
	}
}
