package session

import (
	"errors"
	"net"
	"slices"
	"strings"

	"domainprovisioning/registrars/epp/internal/objects"
	"domainprovisioning/wire/exchange"
)

// unsent is the error of a session that was not opened: whatever broke, the command was not sent.
func unsent(err error) error {
	if broken, ok := errors.AsType[*exchange.TransportError](err); ok {
		return &exchange.TransportError{Sent: false, Err: broken.Err}
	}
	if malformed, ok := errors.AsType[*objects.MalformedError](err); ok {
		return &exchange.TransportError{Sent: false, Err: malformed}
	}
	return err
}

// refusal is the error of a connection that the registry has ended because of our certificate, or
// nil. With TLS 1.3 the alert follows the handshake, and so comes with the first read (RFC 8446,
// section 4.4.2.4). crypto/tls keeps the type of alerts to itself outside of QUIC: the text, which is
// its own and none of the peer's, tells them apart.
func refusal(err error, shown bool) error {
	alert, ok := errors.AsType[*net.OpError](err)
	if !ok || alert.Op != "remote error" || alert.Err == nil {
		return nil
	}
	text := strings.TrimPrefix(alert.Err.Error(), "tls: ")
	if slices.Contains(certificateAlerts, text) || !shown && text == handshakeFailure {
		return &objects.CertificateError{Alert: text}
	}
	return nil
}

// handshakeFailure is what TLS 1.2 has for a certificate that is demanded and not shown (RFC 5246,
// section 7.4.6); who shows one is told something else with it.
const handshakeFailure = "handshake failure"

// certificateAlerts are the alerts about the certificate of the one who receives them (RFC 8446,
// section 6.2), in the words of crypto/tls.
var certificateAlerts = []string{
	"bad certificate", "unsupported certificate", "revoked certificate", "expired certificate", "unknown certificate",
	"unknown certificate authority", "access denied", "certificate required",
}
