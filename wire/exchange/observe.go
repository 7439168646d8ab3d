package exchange

import (
	"context"
	"errors"
	"net/http"
)

// Call is what an exchange is about. It names the host, and neither path nor query nor body: they
// may hold personal data.
type Call struct {
	// Protocol is "" for HTTP, or else the protocol in small letters, such as "epp".
	Protocol string
	// Method is the method of HTTP, or the command of another protocol, such as "create".
	Method string
	Host   string // with the port, where one is given
}

// Observer is told that an exchange begins, and what it returns is told how it has ended. It
// cannot change the request, so that nothing of ours leaves with it.
type Observer func(ctx context.Context, call Call) (ended func(End))

// End is how an exchange has ended. Whether it went well is said by Trouble alone: 1000 is a success
// in EPP, and the same range of codes means other things elsewhere. An answer that refuses what was
// asked, in the terms of the API, is no trouble.
type End struct {
	Status  int    // the code of the answer, in the terms of the call's protocol; 0 if no answer came
	Trouble string // why there is no answer that can be used, in a word of ours; "" if there is one
}

type observerKey struct{}

// WithObserver makes exchanges tell the observer.
func WithObserver(ctx context.Context, observer Observer) context.Context {
	return context.WithValue(ctx, observerKey{}, observer)
}

// Begin is BeginCall for a request of HTTP. Do calls it, and what it returns.
func Begin(request *http.Request) (ended func(End)) {
	return BeginCall(request.Context(), Call{Method: request.Method, Host: request.URL.Host})
}

// BeginCall tells the observer of the context that an exchange begins, if there is one. It is for a
// client that speaks another protocol than HTTP. The function that it returns must be called once,
// with how the exchange has ended; see EndOf.
func BeginCall(ctx context.Context, call Call) (ended func(End)) {
	observer, _ := ctx.Value(observerKey{}).(Observer)
	if observer == nil {
		return func(End) {}
	}
	return observer(ctx, call)
}

// EndOf says how an exchange has ended, by the code of its answer, if there is one, and the error
// of the client: nil if the answer can be used, whatever it says.
func EndOf(code int, err error) End {
	end := End{Status: code}
	if status, answered := errors.AsType[*StatusError](err); answered {
		return End{Status: status.Status, Trouble: "status"}
	}
	transport, broken := errors.AsType[*TransportError](err)
	switch {
	case err == nil:
	case errors.Is(err, ErrTooLarge):
		end.Trouble = "too large"
	case !broken:
		end.Trouble = "unreadable"
	case transport.Sent:
		end.Trouble = "no reply"
	default:
		end.Trouble = "not sent"
	}
	return end
}
