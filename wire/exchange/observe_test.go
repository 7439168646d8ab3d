package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"domainprovisioning/wire/exchange"
)

// TestTheObserverLearnsOfEachExchangeOnce: of one by HTTP and of one by another protocol, and
// neither learns more than the host.
func TestTheObserverLearnsOfEachExchangeOnce(t *testing.T) {
	var told []string
	ctx := exchange.WithObserver(t.Context(), func(_ context.Context, call exchange.Call) func(exchange.End) {
		told = append(told, fmt.Sprintf("%+v", call))
		return func(end exchange.End) { told = append(told, fmt.Sprintf("%+v", end)) }
	})
	answer := http.StatusOK
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(answer) }))
	defer peer.Close()
	host := peer.Listener.Addr().String()
	for _, answer = range []int{http.StatusOK, http.StatusBadGateway} {
		_, _ = do(ctx, t, peer.URL+"/contacts/jane?email=jane@shop.example")
	}
	exchange.BeginCall(ctx, exchange.Call{Protocol: "epp", Method: "create", Host: "epp.example:700"})(exchange.EndOf(1000, nil))
	want := []string{
		"{Protocol: Method:POST Host:" + host + "}", "{Status:200 Trouble:}",
		"{Protocol: Method:POST Host:" + host + "}", "{Status:502 Trouble:status}",
		"{Protocol:epp Method:create Host:epp.example:700}", "{Status:1000 Trouble:}",
	}
	if !slices.Equal(told, want) {
		t.Errorf("told\n%q, want\n%q", told, want)
	}
}

func TestACallThatNobodyObservesEndsAllTheSame(t *testing.T) {
	exchange.BeginCall(t.Context(), exchange.Call{Protocol: "epp", Method: "create"})(exchange.End{Status: 1000})
}

func TestHowAnExchangeHasEnded(t *testing.T) {
	for _, c := range []struct {
		code int
		err  error
		want exchange.End
	}{
		{1000, nil, exchange.End{Status: 1000}}, {2302, nil, exchange.End{Status: 2302}},
		{0, &exchange.StatusError{Status: 503}, exchange.End{Status: 503, Trouble: "status"}},
		{0, &exchange.TransportError{Sent: true, Err: io.ErrUnexpectedEOF}, exchange.End{Trouble: "no reply"}},
		{0, fmt.Errorf("epp: login: %w", &exchange.TransportError{Err: io.ErrUnexpectedEOF}), exchange.End{Trouble: "not sent"}},
		{0, exchange.ErrTooLarge, exchange.End{Trouble: "too large"}},
		{2500, errors.New("epp: the answer is of another command"), exchange.End{Status: 2500, Trouble: "unreadable"}},
	} {
		if got := exchange.EndOf(c.code, c.err); got != c.want {
			t.Errorf("%d, %v: got %+v, want %+v", c.code, c.err, got, c.want)
		}
	}
}
