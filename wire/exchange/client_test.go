package exchange_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"domainprovisioning/wire/exchange"
)

const limit = 64

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

func do(ctx context.Context, t *testing.T, url string) (exchange.Reply, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	return exchange.Do(exchange.CallClient(nil), request, limit, time.Unix(0, 0), func(status int) bool { return status == http.StatusOK })
}

func TestDoReadsAnAnswer(t *testing.T) {
	reply, err := do(t.Context(), t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Id", "7")
		_, _ = w.Write([]byte("done"))
	}))
	if err != nil || reply.Status != 200 || string(reply.Body) != "done" || reply.Header.Get("X-Id") != "7" {
		t.Errorf("got %+v, %v", reply, err)
	}
}

// TestWhatMayHaveBeenSent: a paid call depends on it.
func TestWhatMayHaveBeenSent(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	cut := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	short := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "20")
		_, _ = w.Write([]byte("half"))
	})
	for name, c := range map[string]struct {
		url  string
		ctx  context.Context
		sent bool
	}{
		"nobody listens": {closed.URL, t.Context(), false}, "cancelled before": {cut, ended, false},
		"cut before the answer": {cut, t.Context(), true}, "cut within the answer": {short, t.Context(), true},
	} {
		_, err := do(c.ctx, t, c.url)
		broken, ok := errors.AsType[*exchange.TransportError](err)
		if !ok || broken.Sent != c.sent || strings.Contains(err.Error(), c.url) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestABurstUsesItsConnectionsAgain, because with TLS a connection costs more than a
// call.
func TestABurstUsesItsConnectionsAgain(t *testing.T) {
	const atOnce, rounds = 8, 5
	var dialled, arrived atomic.Int64
	var all [rounds]chan struct{}
	for i := range all {
		all[i] = make(chan struct{})
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		// The calls of a round wait for one another, so that each has its own connection.
		n := arrived.Add(1)
		round := all[(n-1)/atOnce]
		if n%atOnce == 0 {
			close(round)
		}
		<-round
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			dialled.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	client := exchange.CallClient(nil)
	for range rounds {
		var group sync.WaitGroup
		for range atOnce {
			group.Go(func() {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
				if err == nil {
					_, err = exchange.Do(client, request, limit, time.Unix(0, 0), func(int) bool { return true })
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
	// A connection may come back to the pool a moment after its answer was read.
	if n := dialled.Load(); n > 2*atOnce {
		t.Errorf("%d connections for %d calls, %d at once", n, rounds*atOnce, atOnce)
	}
}

func TestDoRefusesWhatIsNoAnswer(t *testing.T) {
	_, err := do(t.Context(), t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "17")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	if status, ok := errors.AsType[*exchange.StatusError](err); !ok || status.Status != 503 || status.RetryAfter != 17*time.Second {
		t.Errorf("got %v", err)
	}
	_, err = do(t.Context(), t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(strings.Repeat("x", limit+1)))
	}))
	if !errors.Is(err, exchange.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	// A redirect is not followed: the target would get the request as a GET.
	followed := false
	target := serve(t, func(http.ResponseWriter, *http.Request) { followed = true })
	_, err = do(t.Context(), t, serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, http.StatusFound) }))
	if status, ok := errors.AsType[*exchange.StatusError](err); !ok || status.Status != 302 || followed {
		t.Errorf("got %v, followed %v", err, followed)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "30": 30 * time.Second, " 30 ": 30 * time.Second, "-5": 0, "soon": 0, "999999999": time.Hour,
		"Mon, 02 Mar 2026 08:01:00 GMT": time.Minute, "Mon, 02 Mar 2026 07:00:00 GMT": 0, "Tue, 03 Mar 2026 08:00:00 GMT": time.Hour,
	} {
		if got := exchange.RetryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestCheckURL(t *testing.T) {
	for raw, want := range map[string]string{
		"https://api.example/": "", "http://127.0.0.1:1/": "", "http://localhost/": "", "http://[::1]/": "",
		"http://api.example/": "must be https", "ftp://api.example/": "must be https", "https://": "is not valid",
		"https://user:secret@api.example/": "must not hold user or password", "https://api.example:port/": "is not valid",
	} {
		_, err := exchange.CheckURL(raw)
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestAClientKeepsWhatItWasGivenButCookiesAndRedirects(t *testing.T) {
	given := &http.Client{Timeout: time.Second}
	made := exchange.CallClient(given)
	if made == given || made.Timeout != time.Second || made.Jar != nil || made.CheckRedirect == nil || given.CheckRedirect != nil {
		t.Errorf("made %+v of %+v", made, given)
	}
}

// TestReadBodyBelievesNoAnnouncement: it only determines the initial size of the
// buffer.
func TestReadBodyBelievesNoAnnouncement(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("x", limit)
	for _, announced := range []int64{-1, 0, 3, limit} {
		got, err := exchange.ReadBody(strings.NewReader(body), announced, limit)
		if err != nil || string(got) != body {
			t.Errorf("announced %d: %d bytes, %v", announced, len(got), err)
		}
		if _, err := exchange.ReadBody(strings.NewReader(body+"x"), announced, limit); !errors.Is(err, exchange.ErrTooLarge) {
			t.Errorf("announced %d, one byte too many: %v", announced, err)
		}
	}
	if _, err := exchange.ReadBody(strings.NewReader(""), limit+1, limit); !errors.Is(err, exchange.ErrTooLarge) {
		t.Errorf("announced too many: %v", err)
	}
	if got, err := exchange.ReadBody(strings.NewReader("short"), 1<<40, 1<<41); err != nil || cap(got) > 1<<17 {
		t.Errorf("an announcement of 1 TiB took %d bytes, %v", cap(got), err)
	}
	if _, err := exchange.ReadBody(iotest.ErrReader(io.ErrUnexpectedEOF), -1, limit); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a broken body: %v", err)
	}
}
