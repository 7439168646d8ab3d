package session_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/registrars/epp/internal/objects"
	"domainprovisioning/registrars/epp/internal/session"
	"domainprovisioning/sandbox/standin/epp"
)

// TestOurCertificateIsRefused is told apart from a registry that cannot be reached, with either
// version of TLS, and no second connection is tried.
func TestOurCertificateIsRefused(t *testing.T) {
	made, stranger := authority(t), authority(t)
	server, client := pair(t, made.Server, made.ServerKey), pair(t, stranger.Client, stranger.ClientKey)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for name, shown := range map[string][]tls.Certificate{"none": nil, "one of another authority": {client}} {
			address, connections := listen(t, &tls.Config{
				Certificates: []tls.Certificate{server}, MinVersion: version, MaxVersion: version,
				ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trust(made).RootCAs,
			}, nil)
			pool := (&registry{Server: epp.New(epp.Options{Certificates: made}), address: address}).pool(func(c *session.Config) { c.TLS.Certificates = shown })
			_, err := create(pool, "a.registry")
			refused, ok := errors.AsType[*objects.CertificateError](unsent(t, err))
			if !ok || refused.Alert == "" || connections.Load() != 1 {
				t.Errorf("%s, %s: %v after %d connections", tls.VersionName(version), name, err, connections.Load())
			}
		}
	}
}

// authority makes the certificates of a registry.
func authority(t *testing.T) *epp.Certificates {
	t.Helper()
	made, err := epp.NewCertificates(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func pair(t *testing.T, certificate, key []byte) tls.Certificate {
	t.Helper()
	made, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// listen makes handshakes, writes what there is to write, and counts the connections.
func listen(t *testing.T, config *tls.Config, frame []byte) (string, *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var connections atomic.Int64
	go func() {
		for {
			connection, err := l.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			go func() {
				if secured := tls.Server(connection, config); secured.Handshake() == nil {
					_, _ = secured.Write(frame)
				}
				_, _ = io.Copy(io.Discard, connection) // closed with something unread, the alert could be lost
				_ = connection.Close()
			}()
		}
	}()
	return l.Addr().String(), &connections
}
