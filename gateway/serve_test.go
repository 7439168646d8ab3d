package gateway_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
	"domainprovisioning/internal/selfsigned"
	"domainprovisioning/messages"
)

// serve runs a separate server for the gateway and stops it at the end.
func (f *fixture) serve(change func(*gateway.Server)) (address string, stop func() error) {
	f.t.Helper()
	listener, err := new(net.ListenConfig).Listen(f.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		f.t.Fatal(err)
	}
	server := &gateway.Server{Gateway: f.gateway, StopTimeout: 5 * time.Second}
	change(server)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, listener) }()
	stop = func() error {
		cancel()
		return <-ended
	}
	return listener.Addr().String(), stop
}

func dial(t testing.TB, address string) net.Conn {
	t.Helper()
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	if err := connection.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return connection
}

// A client that sends a byte now and then cannot hold a connection forever: neither in
// the headers, nor in the body, nor between two requests.
func TestSlowClientsAreLetGo(t *testing.T) {
	f := begin(t, outside.Options{})
	address, stop := f.serve(func(s *gateway.Server) {
		s.HeaderTimeout, s.BodyTimeout, s.IdleTimeout = 100*time.Millisecond, 200*time.Millisecond, 100*time.Millisecond
	})
	defer stop()
	for name, begin := range map[string]string{
		"in the headers": "POST /v1/orders HTTP/1.1\r\nHost: x\r\nX-Slow",
		"in the body": "POST /v1/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + f.place +
			"\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
		"between requests": "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		connection := dial(t, address)
		if _, err := io.WriteString(connection, begin); err != nil {
			t.Fatal(err)
		}
		_, err := io.ReadAll(connection)
		if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
			t.Errorf("%s: the connection is still open after a minute", name)
		}
	}
	if f.count() != 0 {
		t.Error("half an order was accepted")
	}
}

func TestHeadersHaveALimit(t *testing.T) {
	f := begin(t, outside.Options{})
	address, stop := f.serve(func(*gateway.Server) {})
	defer stop()
	connection := dial(t, address)
	_, _ = fmt.Fprintf(connection, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Large: %s\r\n\r\n", strings.Repeat("x", 64<<10))
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d", answer.StatusCode)
	}
}

// A stop lets a running request finish, accepts no new one, and ends event streams.
func TestAStopIsGraceful(t *testing.T) {
	f := begin(t, outside.Options{})
	inStart, goOn := make(chan struct{}), make(chan struct{})
	f.order(outside.HostingOnly)
	f.Temporal.Show("hosting-provisioning/DP00000001/0", messages.Progress{OrderNumber: "DP00000001", State: messages.Running})
	address, stop := f.serve(func(*gateway.Server) {})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/v1/orders/DP00000001/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+f.read)
	stream, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	f.Temporal.OnStart(func() { close(inStart); <-goOn })
	placed := make(chan reply, 1)
	go func() {
		inner := f.in(t)
		inner.url = "http://" + address
		placed <- inner.order(outside.DomainOnly)
	}()
	<-inStart
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	if _, err := io.ReadAll(stream.Body); err != nil {
		t.Errorf("the event stream: %v", err)
	}
	close(goOn)
	if got := <-placed; got.status != http.StatusCreated {
		t.Errorf("the request under way: %d %s", got.status, got.body)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stopped with %v", err)
	}
	if _, err := new(net.Dialer).DialContext(t.Context(), "tcp", address); err == nil {
		t.Error("it still listens")
	}
}

func TestTLSByFiles(t *testing.T) {
	f := begin(t, outside.Options{})
	certFile, keyFile := selfsigned.Write(t, t.TempDir(), 7, selfsigned.Life{Until: time.Now().Add(time.Hour)})
	expires := make(chan time.Time, 10)
	address, stop := f.serve(func(s *gateway.Server) {
		s.CertFile, s.KeyFile, s.Expires = certFile, keyFile, func(at time.Time) { expires <- at }
	})
	defer stop()
	content, err := os.ReadFile(certFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(content)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	answer, err := client.Get("https://" + address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || answer.TLS.PeerCertificates[0].SerialNumber.Int64() != 7 {
		t.Errorf("status %d", answer.StatusCode)
	}
	if at := <-expires; !at.Equal(answer.TLS.PeerCertificates[0].NotAfter) || len(expires) > 0 {
		t.Errorf("it expires at %s, and %d more", at, len(expires))
	}
	old := &tls.Config{RootCAs: roots, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	if connection, err := (&tls.Dialer{Config: old}).DialContext(t.Context(), "tcp", address); err == nil {
		connection.Close()
		t.Error("TLS 1.1 was accepted")
	}
}

func TestAMissingCertificateIsNamedBeforeItServes(t *testing.T) {
	f := begin(t, outside.Options{})
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	err = (&gateway.Server{Gateway: f.gateway, CertFile: "/nowhere/cert.pem", KeyFile: "/nowhere/key.pem"}).Serve(t.Context(), listener)
	if err == nil || !strings.Contains(err.Error(), "tls_cert_file") {
		t.Errorf("got %v", err)
	}
}

// TestTheEndOfTheCertificateIsToldWhenItIsRead: at first, and after a change of the files; not while they
// are the same, or cannot be read. The chain of the second ends before its own.
func TestTheEndOfTheCertificateIsToldWhenItIsRead(t *testing.T) {
	dir, now := t.TempDir(), time.Now().UTC().Truncate(time.Second)
	first, second, chain := now.Add(time.Hour), now.Add(3*time.Hour), now.Add(2*time.Hour)
	certFile, keyFile := selfsigned.Write(t, dir, 1, selfsigned.Life{From: now, Until: first})
	var told []time.Time
	served := gateway.NewCertificate(certFile, keyFile, slog.New(slog.DiscardHandler), func(at time.Time) { told = append(told, at) })
	serves := func(serial int64, ends ...time.Time) {
		t.Helper()
		pair, err := served.Get()
		if err != nil || pair.Leaf.SerialNumber.Int64() != serial || !slices.EqualFunc(told, ends, time.Time.Equal) {
			t.Fatalf("serves %+v, %v, and told %s", pair, err, told)
		}
		served.Wait()
	}
	// Written within one tick of the file system's clock, files would look the same.
	changed := func(after time.Duration) {
		t.Helper()
		if err := os.Chtimes(keyFile, time.Time{}, now.Add(after)); err != nil {
			t.Fatal(err)
		}
	}
	serves(1, first)
	serves(1, first)
	if err := os.WriteFile(keyFile, []byte("half of a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	changed(time.Hour)
	serves(1, first)
	selfsigned.Write(t, dir, 2, selfsigned.Life{From: now, Until: second}, selfsigned.Life{From: now, Until: chain})
	changed(2 * time.Hour)
	serves(2, first, chain)
	serves(2, first, chain)
}
