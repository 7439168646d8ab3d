package epp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Certificates are those of a registry made for tests: an authority, the server's certificate for
// localhost and 127.0.0.1, and one for a client. All are in PEM.
type Certificates struct {
	CA, Server, ServerKey, Client, ClientKey []byte

	now       time.Time
	authority *x509.Certificate
	key       *ecdsa.PrivateKey
}

// ValidFor is how long certificates are valid, from an hour before they are made: longer than
// anybody warns before an end.
const ValidFor = 90 * 24 * time.Hour

// NewCertificates returns certificates that are valid for ValidFor.
func NewCertificates(now time.Time) (*Certificates, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("epp: a key: %w", err)
	}
	c := &Certificates{now: now, key: key}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Registry authority"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(ValidFor),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("epp: the authority: %w", err)
	}
	if c.authority, err = x509.ParseCertificate(der); err != nil {
		return nil, fmt.Errorf("epp: the authority: %w", err)
	}
	c.CA = encode("CERTIFICATE", der)
	if c.Server, c.ServerKey, err = c.issue(2, "localhost", now.Add(ValidFor), x509.ExtKeyUsageServerAuth); err != nil {
		return nil, err
	}
	c.Client, c.ClientKey, err = c.issue(3, "registrar", now.Add(ValidFor), x509.ExtKeyUsageClientAuth)
	return c, err
}

// ExpiredServer returns the same certificates with one of the server that has expired a minute
// before they were made.
func (c *Certificates) ExpiredServer() (*Certificates, error) {
	changed := *c
	var err error
	changed.Server, changed.ServerKey, err = c.issue(4, "localhost", c.now.Add(-time.Minute), x509.ExtKeyUsageServerAuth)
	return &changed, err
}

func (c *Certificates) issue(serial int64, name string, until time.Time, use x509.ExtKeyUsage) (certificate, private []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("epp: a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
		NotBefore: c.now.Add(-time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{use},
	}
	if use == x509.ExtKeyUsageServerAuth {
		template.DNSNames, template.IPAddresses = []string{name}, []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, c.authority, &key.PublicKey, c.key)
	if err != nil {
		return nil, nil, fmt.Errorf("epp: the certificate of %s: %w", name, err)
	}
	raw, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("epp: the key of %s: %w", name, err)
	}
	return encode("CERTIFICATE", der), encode("EC PRIVATE KEY", raw), nil
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// WriteTo writes what a client needs to a folder, the key readable by its owner alone.
func (c *Certificates) WriteTo(dir string) (caFile, certFile, keyFile string, err error) {
	caFile, certFile, keyFile = filepath.Join(dir, "ca.pem"), filepath.Join(dir, "client.pem"), filepath.Join(dir, "client.key")
	for _, file := range []struct {
		name    string
		content []byte
	}{{caFile, c.CA}, {certFile, c.Client}, {keyFile, c.ClientKey}} {
		if err := os.WriteFile(file.name, file.content, 0o600); err != nil {
			return "", "", "", fmt.Errorf("epp: %w", err)
		}
	}
	return caFile, certFile, keyFile, nil
}

func (c *Certificates) server(clients bool) (*tls.Config, error) {
	pair, err := tls.X509KeyPair(c.Server, c.ServerKey)
	if err != nil {
		return nil, fmt.Errorf("epp: the server's certificate: %w", err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	if clients {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		if !config.ClientCAs.AppendCertsFromPEM(c.CA) {
			return nil, errors.New("epp: the authority is no certificate")
		}
	}
	return config, nil
}
