package exchange

import (
	"context"
	"errors"
	"net/http"
)

// Observer is told that an exchange begins, and what it returns is told how it has ended. It
// learns the host, and neither path nor query nor body: they may hold personal data. It cannot
// change the request, so that nothing of ours leaves with it.
type Observer func(ctx context.Context, method, host string) (ended func(End))

// End is how an exchange has ended.
type End struct {
	Status  int    // of HTTP; 0 if no answer came
	Trouble string // why there is no answer that can be used, in a word of ours; "" if there is one
}

type observerKey struct{}

// WithObserver makes exchanges tell the observer.
func WithObserver(ctx context.Context, observer Observer) context.Context {
	return context.WithValue(ctx, observerKey{}, observer)
}

// Begin tells the observer of the request's context that it is sent, if there is one. The function
// that it returns must be called once, with how the exchange has ended. Do calls both.
func Begin(request *http.Request) (ended func(End)) {
	observer, _ := request.Context().Value(observerKey{}).(Observer)
	if observer == nil {
		return func(End) {}
	}
	return observer(request.Context(), request.Method, request.URL.Host)
}

// endOf says how an exchange by Do has ended.
func endOf(reply Reply, err error) End {
	end := End{Status: reply.Status}
	if status, answered := errors.AsType[*StatusError](err); answered {
		return End{Status: status.Status, Trouble: "status"}
	}
	transport, broken := errors.AsType[*TransportError](err)
	switch {
	case err == nil:
	case !broken:
		end.Trouble = "too large"
	case transport.Sent:
		end.Trouble = "no reply"
	default:
		end.Trouble = "not sent"
	}
	return end
}
