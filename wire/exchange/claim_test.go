package exchange_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/wire/exchange"
)

var errLapsed = errors.New("the claim has lapsed")

// post sends a request with a claim.
func post(t *testing.T, client *http.Client, url string, claim exchange.Claim) (exchange.Reply, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(exchange.WithClaim(t.Context(), claim), http.MethodPost, url, strings.NewReader("paid"))
	if err != nil {
		t.Fatal(err)
	}
	return exchange.Do(client, request, limit, time.Unix(0, 0), func(int) bool { return true })
}

// counted is a server that counts the bytes and the requests that reach it.
type counted struct {
	*httptest.Server

	requests, connections atomic.Int64
}

func count(t *testing.T, secured bool) *counted {
	t.Helper()
	c := &counted{}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.requests.Add(1)
		_, _ = io.Copy(w, r.Body)
	}))
	c.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			c.connections.Add(1)
		}
	}
	if secured {
		c.StartTLS()
	} else {
		c.Start()
	}
	t.Cleanup(c.Close)
	return c
}

// client trusts the server, and keeps its connections.
func (c *counted) client() *http.Client {
	client := exchange.CallClient(nil)
	if own, ok := c.Client().Transport.(*http.Transport); ok && c.TLS != nil {
		client.Transport.(*http.Transport).TLSClientConfig = own.TLSClientConfig.Clone()
	}
	return client
}

// TestAClaimThatIsRefusedSendsNothing on a new connection, nor on one that was used before,
// after which net/http tries another.
func TestAClaimThatIsRefusedSendsNothing(t *testing.T) {
	for name, secured := range map[string]bool{"http": false, "https": true} {
		t.Run(name, func(t *testing.T) {
			server := count(t, secured)
			client := server.client()
			asked := 0
			refuse := func(context.Context) error { asked++; return errLapsed }
			allow := func(context.Context) error { asked++; return nil }
			for _, reused := range []bool{false, true} {
				if reused {
					reply, err := post(t, client, server.URL, allow)
					if err != nil || string(reply.Body) != "paid" {
						t.Fatalf("%q, %v", reply.Body, err)
					}
				}
				asked = 0
				before := server.requests.Load()
				_, err := post(t, client, server.URL, refuse)
				broken, ok := errors.AsType[*exchange.TransportError](err)
				if !ok || broken.Sent || !errors.Is(err, errLapsed) {
					t.Errorf("reused %v: %v", reused, err)
				}
				if asked != 1 {
					t.Errorf("reused %v: asked %d times", reused, asked)
				}
				if sent := server.requests.Load() - before; sent != 0 {
					t.Errorf("reused %v: %d requests were sent", reused, sent)
				}
			}
		})
	}
}

// TestAClaimIsAskedOnceTheConnectionIsInHand: dialling and the handshake may take any time.
func TestAClaimIsAskedOnceTheConnectionIsInHand(t *testing.T) {
	server := count(t, true)
	var connections int64
	_, err := post(t, server.client(), server.URL, func(context.Context) error {
		connections = server.connections.Load()
		if server.requests.Load() != 0 {
			t.Error("the request had been sent")
		}
		return nil
	})
	if err != nil || connections != 1 || server.requests.Load() != 1 {
		t.Errorf("%d connections when it was asked, %d requests, %v", connections, server.requests.Load(), err)
	}
}

// TestAConnectionThatEndedMeanwhileAsksAgain: asking takes time, during which a connection
// may end. A request of which nothing was written moves to another connection, and the
// claim is asked again.
func TestAConnectionThatEndedMeanwhileAsksAgain(t *testing.T) {
	server := count(t, false)
	client := server.client()
	var dialled []net.Conn
	client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		dialled = append(dialled, conn)
		return conn, err
	}
	if _, err := post(t, client, server.URL, nil); err != nil {
		t.Fatal(err)
	}
	asked := 0
	_, err := post(t, client, server.URL, func(context.Context) error {
		if asked++; asked == 1 {
			return dialled[0].Close()
		}
		return nil
	})
	if err != nil || asked != 2 || server.requests.Load() != 2 {
		t.Errorf("asked %d times, %d requests with the one before, %v", asked, server.requests.Load(), err)
	}
}

// TestAnotherTransportAsksBeforeItBegins: such a transport does not say when it has a
// connection.
func TestAnotherTransportAsksBeforeItBegins(t *testing.T) {
	begun := false
	client := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		begun = true
		return nil, io.ErrUnexpectedEOF
	})}
	_, err := post(t, client, "http://127.0.0.1/", func(context.Context) error { return errLapsed })
	broken, ok := errors.AsType[*exchange.TransportError](err)
	if !ok || broken.Sent || !errors.Is(err, errLapsed) || begun {
		t.Errorf("begun %v, %v", begun, err)
	}
	if _, err = post(t, client, "http://127.0.0.1/", func(context.Context) error { return nil }); err == nil || !begun {
		t.Errorf("begun %v, %v", begun, err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestAClientSpeaksHTTP1: a connection that others share must not be closed.
func TestAClientSpeaksHTTP1(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	client := exchange.CallClient(nil)
	roots := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	transport := client.Transport.(*http.Transport)
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	reply, err := post(t, client, server.URL, nil)
	if err != nil || string(reply.Body) != "HTTP/1.1" {
		t.Errorf("%q, %v", reply.Body, err)
	}
}

// BenchmarkHandOver measures the time that remains between a claim and the first byte on
// the wire, while net/http hands the request to the goroutine that writes. It reports the
// 50th and 99th percentiles in microseconds.
func BenchmarkHandOver(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	b.Cleanup(server.Close)
	var claimed atomic.Int64
	left := make([]time.Duration, 0, b.N)
	began := time.Now()
	client := exchange.CallClient(nil)
	transport := client.Transport.(*http.Transport)
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &firstWrite{Conn: conn, told: func() {
			if at := claimed.Swap(0); at != 0 {
				left = append(left, time.Since(began)-time.Duration(at))
			}
		}}, err
	}
	for b.Loop() {
		ctx := exchange.WithClaim(b.Context(), func(context.Context) error {
			claimed.Store(int64(time.Since(began)))
			return nil
		})
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader("paid"))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := exchange.Do(client, request, limit, time.Unix(0, 0), func(int) bool { return true }); err != nil {
			b.Fatal(err)
		}
	}
	report(b, left)
}

type firstWrite struct {
	net.Conn

	told func()
}

func (c *firstWrite) Write(p []byte) (int, error) {
	c.told()
	return c.Conn.Write(p)
}

func report(b *testing.B, times []time.Duration) {
	b.Helper()
	if len(times) == 0 {
		b.Fatal("nothing was written")
	}
	slices.Sort(times)
	at := func(share float64) float64 {
		return float64(times[int(share*float64(len(times)-1))].Nanoseconds()) / 1000
	}
	b.ReportMetric(at(0.5), "p50-µs")
	b.ReportMetric(at(0.99), "p99-µs")
	b.ReportMetric(at(1), "max-µs")
}
