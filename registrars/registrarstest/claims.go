package registrarstest

import (
	"context"
	"errors"

	"domainprovisioning/registrars"
)

// claims examines when a plug-in asks whether it may send: before each exchange that
// carries the request, after its sessions, quotes and reads.
func claims(e *examination) {
	for _, fault := range []Fault{"", SessionExpired} {
		e.each(func(r registrars.Registrar, w World, kind registrars.Kind) {
			request := w.Request(kind, 1)
			if fault != "" && !w.Break(kind, fault) {
				return
			}
			var calls []int
			request.Claim = func(context.Context) error {
				calls = append(calls, w.Calls())
				if n := w.Effects(kind, request.Domain); n != 0 {
					e.find("%s: it was asked for after %d effects", kind, n)
				}
				return nil
			}
			if _, err := r.Submit(e.t.Context(), request); err != nil {
				e.find("%s: %v", kind, err)
			}
			want := 1
			if fault == SessionExpired {
				want = 2 // the repeat in the new session may come much later
			}
			if len(calls) != want {
				e.find("%s: asked %d times, want %d", kind, len(calls), want)
				return
			}
			// The calls after the last claim are the request itself, and the reads that a plug-in
			// needs to understand the answer.
			if after := w.Calls() - calls[want-1]; after < 1 {
				e.find("%s: asked after the request", kind)
			}
		})
	}
}

var errOvertaken = errors.New("registrarstest: overtaken")

// keepsToItsClaim examines a request whose claim is refused: both at once and for the
// repeat after an ended session.
func keepsToItsClaim(e *examination) {
	for _, fault := range []Fault{"", SessionExpired} {
		e.each(func(r registrars.Registrar, w World, kind registrars.Kind) {
			request := w.Request(kind, 1)
			if fault != "" && !w.Break(kind, fault) {
				return
			}
			allowed := 0
			if fault == SessionExpired {
				allowed = 1
			}
			request.Claim = func(context.Context) error {
				if allowed--; allowed >= 0 {
					return nil
				}
				return errOvertaken
			}
			_, err := r.Submit(e.t.Context(), request)
			if class := e.trouble(r, string(kind), err); class != registrars.ClassTemporary || !errors.Is(err, errOvertaken) {
				e.find("%s: class %s: %v", kind, class, err)
			}
			if n := w.Effects(kind, request.Domain); n != 0 {
				e.find("%s: %d effects", kind, n)
			}
		})
	}
}
