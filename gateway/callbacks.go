package gateway

import (
	"errors"
	"net/http"

	"domainprovisioning/messages"
	"domainprovisioning/registrars"
)

// Taken is the answer to a callback that is in the inbox.
type Taken struct {
	// Known is true if the event had arrived before. Nothing is done twice.
	Known bool `json:"known"`
}

// callback is /v1/registrars/{account}/callbacks. The answer 200 means only that the
// event is in the inbox. Its claim is checked later, so that a registrar whose queue
// stalls on any other answer never gets one because of it.
func (g *Gateway) callback(w http.ResponseWriter, r *http.Request) error {
	account := r.PathValue("account")
	decoder, configured := g.Decoders[account]
	if !configured || decoder == nil {
		g.Metrics.Callbacks.WithLabelValues("", "unknown").Inc()
		return newProblem(http.StatusNotFound, "no-such-account", "No callbacks are accepted here",
			"there is no such registrar account, or it has no callback_secret")
	}
	outcome := func(word string) { g.Metrics.Callbacks.WithLabelValues(account, word).Inc() }
	body, err := readAll(w, r, registrars.MaxCallback)
	if err != nil {
		outcome("malformed")
		return err
	}
	notice, err := decoder.DecodeCallback(registrars.Callback{
		Method: r.Method, Header: r.Header, Query: r.URL.Query(), Body: body, ReceivedAt: g.Now(),
	})
	if err == nil && !saneNotice(notice) {
		err = registrars.ErrCallbackMalformed
	}
	if err != nil {
		p, word := problemOfCallback(err)
		outcome(word)
		if p.Status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", otherMethod(r.Method))
		}
		return p
	}
	fresh, err := g.Desk.Intake.Inbox().TakeNotice(r.Context(), account, messages.FromCallback, notice)
	if err != nil {
		outcome("failed")
		return err
	}
	if !fresh {
		outcome("known")
		return g.answer(w, r, http.StatusOK, Taken{Known: true})
	}
	outcome("stored")
	g.Nudge()
	return g.answer(w, r, http.StatusOK, Taken{})
}

// otherMethod returns the method for callbacks that a request did not use.
func otherMethod(used string) string {
	if used == http.MethodGet {
		return http.MethodPost
	}
	return http.MethodGet
}

// maxNoticeID is the maximum length of an event's id, in bytes.
const maxNoticeID = 200

// saneNotice checks that a decoder keeps its promise, because its notice goes into the
// inbox.
func saneNotice(notice registrars.Notice) bool {
	if notice.ID == "" || len(notice.ID) > maxNoticeID || len(notice.Reference) > maxToken {
		return false
	}
	for _, text := range []string{notice.ID, notice.Reference} {
		for _, c := range text {
			if c <= ' ' || c > '~' {
				return false
			}
		}
	}
	return true
}

// problemOfCallback returns the answer to a refused callback. It does not reveal what the
// signature should have been.
func problemOfCallback(err error) (*Problem, string) {
	switch {
	case errors.Is(err, registrars.ErrCallbackSignature):
		return newProblem(http.StatusUnauthorized, "signature", "The callback's signature is not valid",
			registrars.ErrCallbackSignature.Error()), "signature"
	case errors.Is(err, registrars.ErrCallbackStale):
		return newProblem(http.StatusBadRequest, "stale", "The callback is too old, or too new",
			registrars.ErrCallbackStale.Error()), "stale"
	case errors.Is(err, registrars.ErrCallbackMethod):
		return newProblem(http.StatusMethodNotAllowed, "method", "The method is not served here",
			registrars.ErrCallbackMethod.Error()), "malformed"
	default:
		return newProblem(http.StatusBadRequest, "malformed", "The callback cannot be read",
			registrars.ErrCallbackMalformed.Error()), "malformed"
	}
}
