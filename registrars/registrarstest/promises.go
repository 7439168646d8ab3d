package registrarstest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"domainprovisioning/registrars"
)

// soon is how long a call may go on after its context has ended.
const soon = 5 * time.Second

func describes(e *examination) {
	r, _ := e.subject.New(e.t)
	d := r.Describe()
	_, lists := r.(registrars.PendingLister)
	_, codes := r.(registrars.AuthCodeRules)
	for what, broken := range map[string]bool{
		"no name":                            d.Name == "",
		"no title":                           d.Title == "",
		"no kinds":                           len(d.Kinds) == 0,
		"it does not say where it reads":     d.Reads != registrars.ReadsRegistrar && d.Reads != registrars.ReadsOutside,
		"it does not say what duplicates do": d.Duplicates == "",
		"it renews without a guard":          d.Serves(registrars.Renewal) != (d.RenewalGuard == registrars.GuardNative || d.RenewalGuard == registrars.GuardCompared),
		"it has rules for auth codes and makes none": codes && !d.Serves(registrars.AuthCodeChange),
		"a transfer brings domains as they are, and it cannot set the rest": d.BareTransfers && slices.ContainsFunc(
			[]registrars.Kind{registrars.Transfer, registrars.OwnerChange, registrars.ContactChange, registrars.NameServerChange},
			func(k registrars.Kind) bool { return !d.Serves(k) }),
		"it lists and is synchronous":         lists && d.Synchronous,
		"no shortest interval for its list":   lists && d.ShortestPoll <= 0,
		"an interval, and nothing to ask for": d.ShortestPoll > 0 && d.Synchronous,
	} {
		if broken {
			e.find("%s", what)
		}
	}
	for _, kind := range d.Kinds {
		if !slices.Contains(registrars.Kinds(), kind) {
			e.find("%s is no kind", kind)
		}
	}
}

func serves(e *examination) {
	e.each(func(r registrars.Registrar, w World, kind registrars.Kind) {
		request := w.Request(kind, 1)
		if err := r.Check(e.t.Context(), request); err != nil {
			e.find("%s: Check: %v", kind, err)
			return
		}
		operation, err := r.Submit(e.t.Context(), request)
		if err != nil {
			e.find("%s: Submit: %v", kind, err)
			return
		}
		if operation.Status == registrars.StatusUnknown || operation.Status == registrars.StatusFailed {
			e.find("%s: Submit: status %s", kind, operation.Status)
		}
		if operation.Status == registrars.StatusPending && operation.Reference == "" {
			e.find("%s: Submit: pending without a reference", kind)
		}
		if n := w.Effects(kind, request.Domain); n != 1 {
			e.find("%s: %d effects", kind, n)
		}
	})
}

func refuses(e *examination) {
	r, w := e.subject.New(e.t)
	d := r.Describe()
	for _, kind := range append(registrars.Kinds(), "no-such-kind") {
		if d.Serves(kind) {
			continue
		}
		request := w.Request(d.Kinds[0], 1)
		request.Kind = kind
		before := w.Calls()
		if class := e.trouble(r, string(kind)+": Check", r.Check(e.t.Context(), request)); class != registrars.ClassInvalid {
			e.find("%s: Check: class %s", kind, class)
		}
		_, err := r.Submit(e.t.Context(), request)
		if class := e.trouble(r, string(kind)+": Submit", err); class != registrars.ClassInvalid {
			e.find("%s: Submit: class %s", kind, class)
		}
		if calls := w.Calls() - before; calls > 0 {
			e.find("%s: %d calls", kind, calls)
		}
	}
}

func looksOnly(e *examination) {
	e.each(func(r registrars.Registrar, w World, kind registrars.Kind) {
		request := w.Request(kind, 1)
		for range 2 {
			_ = r.Check(e.t.Context(), request)
			finding, err := r.Find(e.t.Context(), request)
			if err == nil && settles(finding) {
				e.find("%s: found before it was submitted: %s", kind, finding.State)
			}
		}
		if n := w.Effects(kind, request.Domain); n != 0 {
			e.find("%s: %d effects", kind, n)
		}
	})
}

func findsWhatWasLost(e *examination) {
	for _, fault := range []Fault{CutAfter, Malformed} {
		e.each(func(r registrars.Registrar, w World, kind registrars.Kind) {
			request := w.Request(kind, 1)
			if !w.Break(kind, fault) {
				return
			}
			_, err := r.Submit(e.t.Context(), request)
			if class := e.trouble(r, string(kind)+": "+string(fault), err); class != registrars.ClassOutcomeUnknown {
				e.find("%s: %s: class %s", kind, fault, class)
			}
			if n := w.Effects(kind, request.Domain); n != 1 {
				e.find("%s: %s: %d effects", kind, fault, n)
			}
			finding, err := r.Find(e.t.Context(), request)
			if err != nil {
				e.find("%s: %s: Find: %v", kind, fault, err)
			}
			if finding.State == registrars.FoundNothing && !harmless(kind) {
				e.find("%s: %s: Find says that there is nothing, and a second request would follow", kind, fault)
			}
		})
	}
}

func findsNothing(e *examination) {
	e.each(func(r registrars.Registrar, w World, kind registrars.Kind) {
		request := w.Request(kind, 1)
		if !w.Break(kind, CutBefore) {
			return
		}
		_, err := r.Submit(e.t.Context(), request)
		e.noRefusal(string(kind), err)
		switch class := e.trouble(r, string(kind), err); class {
		case registrars.ClassOutcomeUnknown, registrars.ClassTemporary:
		default:
			e.find("%s: class %s", kind, class)
		}
		if n := w.Effects(kind, request.Domain); n != 0 {
			e.find("%s: %d effects: it was sent again", kind, n)
		}
		finding, err := r.Find(e.t.Context(), request)
		if err != nil {
			e.find("%s: Find: %v", kind, err)
		}
		if settles(finding) {
			e.find("%s: Find says %s", kind, finding.State)
		}
	})
}

func transportRefuses(e *examination) {
	for _, fault := range []Fault{HTTPError, RateLimited} {
		e.each(func(r registrars.Registrar, w World, kind registrars.Kind) {
			request := w.Request(kind, 1)
			if !w.Break(kind, fault) {
				return
			}
			_, err := r.Submit(e.t.Context(), request)
			class := e.trouble(r, string(kind)+": "+string(fault), err)
			e.noRefusal(string(kind)+": "+string(fault), err)
			switch {
			case class == registrars.ClassRateLimited || class == registrars.ClassOutcomeUnknown:
			case class == registrars.ClassTemporary && fault == HTTPError:
			default:
				e.find("%s: %s: class %s", kind, fault, class)
			}
			if n := w.Effects(kind, request.Domain); n != 0 {
				e.find("%s: %s: %d effects: it was sent again", kind, fault, n)
			}
		})
	}
}

func reopens(e *examination) {
	e.each(func(r registrars.Registrar, w World, kind registrars.Kind) {
		request := w.Request(kind, 1)
		if !w.Break(kind, SessionExpired) {
			return
		}
		if _, err := r.Submit(e.t.Context(), request); err != nil {
			e.find("%s: %v", kind, err)
		}
		if n := w.Effects(kind, request.Domain); n != 1 {
			e.find("%s: %d effects", kind, n)
		}
	})
}

func neverBelieves(e *examination) {
	e.each(func(r registrars.Registrar, w World, kind registrars.Kind) {
		request := w.Request(kind, 1)
		if !w.Break(kind, UnknownStatus) {
			return
		}
		operation, err := r.Submit(e.t.Context(), request)
		if err == nil && operation.Status == registrars.StatusPending {
			// Accepted without a status: the status is read by the reference.
			operation, err = r.Operation(e.t.Context(), operation.Reference)
		}
		if err == nil && operation.Status != registrars.StatusUnknown {
			e.find("%s: an unknown word became %s", kind, operation.Status)
		}
	})
}

// pends examines a request that stays pending. One without a list is found again by looking, and
// read by the reference that its answer, or the look, gave.
func pends(e *examination) {
	e.each(func(r registrars.Registrar, w World, kind registrars.Kind) {
		request := w.Request(kind, 1)
		if !w.Hold(request.Domain) {
			return
		}
		submitted, err := r.Submit(e.t.Context(), request)
		if err != nil || submitted.Status != registrars.StatusPending {
			e.find("%s: Submit: %s, %v", kind, submitted.Status, err)
			return
		}
		lister, lists := r.(registrars.PendingLister)
		if lists {
			pending, err := lister.PendingOperations(e.t.Context())
			if err != nil || !slices.ContainsFunc(pending.Operations, func(o registrars.Operation) bool {
				return o.Reference == submitted.Reference && o.Kind == kind && o.Domain == request.Domain
			}) {
				e.find("%s: the list lacks it: %d operations, %v", kind, len(pending.Operations), err)
			}
		}
		finding, err := r.Find(e.t.Context(), request)
		if found := finding.Operation.Reference; err != nil || finding.State != registrars.FoundOperation || found == "" || lists && found != submitted.Reference {
			e.find("%s: Find says %s, %v", kind, finding.State, err)
		}
		for _, reference := range []string{submitted.Reference, finding.Operation.Reference} {
			e.reads(r, reference, registrars.StatusPending)
		}
		if err := w.Finish(request.Domain); err != nil {
			e.find("%s: %v", kind, err)
		}
		for _, reference := range []string{submitted.Reference, finding.Operation.Reference} {
			e.reads(r, reference, registrars.StatusDone)
		}
	})
}

func ends(e *examination) {
	e.each(func(r registrars.Registrar, w World, kind registrars.Kind) {
		request := w.Request(kind, 1)
		ctx, cancel := context.WithCancel(e.t.Context())
		cancel()
		began := time.Now()
		_, err := r.Submit(ctx, request)
		e.trouble(r, string(kind)+": a context that has ended", err)
		if took := time.Since(began); took > soon {
			e.find("%s: it took %s", kind, took)
		}
	})
}

func concurs(e *examination) {
	const many = 8
	r, w := e.subject.New(e.t)
	kind := r.Describe().Kinds[0]
	requests := make([]registrars.Request, many)
	for n := range many {
		requests[n] = w.Request(kind, n+1)
	}
	errs := make([]error, many)
	var group sync.WaitGroup
	for n, request := range requests {
		group.Go(func() {
			if errs[n] = r.Check(e.t.Context(), request); errs[n] != nil {
				return
			}
			if _, errs[n] = r.Submit(e.t.Context(), request); errs[n] != nil {
				return
			}
			_, errs[n] = r.Find(e.t.Context(), request)
		})
	}
	group.Wait()
	for n, request := range requests {
		if errs[n] != nil {
			e.find("%d at once: %v", many, errs[n])
		}
		if effects := w.Effects(kind, request.Domain); effects != 1 {
			e.find("%d at once: %d effects", many, effects)
		}
	}
}

// noRefusal examines the error of a registrar that gave no answer, or only an HTTP
// status: such an error must not claim that the registrar looked at the request.
func (e *examination) noRefusal(what string, err error) {
	if classified, ok := errors.AsType[*registrars.Error](err); ok && classified.Refused {
		e.find("%s: a registrar that does not answer is treated as one that refuses", what)
	}
}
