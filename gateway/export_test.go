package gateway

import (
	"crypto/tls"
	"log/slog"
	"time"
)

// Certificate is what a server with TLS has of its files.
type Certificate struct{ c *certificate }

// NewCertificate is that of a server with these files.
func NewCertificate(certFile, keyFile string, log *slog.Logger, expires func(time.Time)) Certificate {
	return Certificate{&certificate{certFile: certFile, keyFile: keyFile, log: log, expires: expires}}
}

// Get is the certificate that a new connection is served with.
func (c Certificate) Get() (*tls.Certificate, error) { return c.c.get(nil) }

// Wait lets the time pass after which the files are looked at again.
func (c Certificate) Wait() { c.c.looked = c.c.looked.Add(-certificateEvery) }
