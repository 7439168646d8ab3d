package registrars

import (
	"crypto/tls"
	"crypto/x509"
)

// FirstToEnd is the certificate of a chain that ends first: with it, who trusts the authority behind
// the chain cannot verify it any more. Certificates that cannot be read do not count; nil means that
// none can be.
func FirstToEnd(chain tls.Certificate) *x509.Certificate {
	var first *x509.Certificate
	for _, der := range chain.Certificate {
		if one, err := x509.ParseCertificate(der); err == nil && (first == nil || one.NotAfter.Before(first.NotAfter)) {
			first = one
		}
	}
	return first
}
