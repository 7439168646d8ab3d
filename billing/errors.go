package billing

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"domainprovisioning/wire/xmlrpc"
)

// Kind is what a fault means to the caller.
type Kind string

// The kinds of faults.
const (
	KindNotFound    Kind = "not found"
	KindAlreadyUsed Kind = "already used" // the name is in Billing or at the registrar, or the id is taken
	KindOther       Kind = "other"
)

// ErrNotInBilling says that Billing does not know a domain name.
var ErrNotInBilling = errors.New("billing: the name is not in Billing")

// Error is a fault, Billing's ordinary way to report an error.
type Error struct {
	Method  string
	Code    int    // its meaning is not known
	Message string // decoded; may contain personal data
	Kind    Kind
}

// Error leaves out the message, which may quote what was sent. It is in Message, for
// the person who repairs the order.
func (e *Error) Error() string {
	return fmt.Sprintf("billing: %s: %s (fault %d)", e.Method, e.Kind, e.Code)
}

func newError(method string, fault *xmlrpc.Fault) *Error {
	message, ok := xmlrpc.DecodeBase64Text(fault.Text)
	if !ok {
		message = strings.TrimSpace(fault.Text)
	}
	e := &Error{Method: method, Code: fault.Code, Message: message, Kind: KindOther}
	for _, rule := range rules {
		if strings.Contains(strings.ToLower(message), rule.text) {
			e.Kind = rule.kind
			break
		}
	}
	return e
}

// InvalidError says that parameters broke the API's rules, or cannot be encoded at all.
// Nothing was sent. It lists every problem, but no secret or personal value.
type InvalidError struct {
	Method   string
	Problems []string
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("billing: %s: %s", e.Method, strings.Join(e.Problems, "; "))
}

// IsAlreadyUsed reports whether err is a fault of KindAlreadyUsed. The cause may be an
// earlier try: call DomainInfoGet and compare.
func IsAlreadyUsed(err error) bool { return isKind(err, KindAlreadyUsed) }

// IsNotFound reports whether err is a fault of KindNotFound, or ErrNotInBilling.
func IsNotFound(err error) bool {
	return isKind(err, KindNotFound) || errors.Is(err, ErrNotInBilling)
}

func isKind(err error, kind Kind) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == kind
}

// OutcomeUnknown reports whether the call may have taken effect: a lost or unreadable
// reply, or a status such as 502. Call DomainInfoGet, which itself has no effect,
// before repeating.
func OutcomeUnknown(err error) bool { return xmlrpc.OutcomeUnknown(err) }

// NotSent reports whether err means that nothing reached Billing.
func NotSent(err error) bool {
	_, invalid := errors.AsType[*InvalidError](err)
	return invalid || xmlrpc.NotSent(err)
}

// Denied reports whether Billing refused our login or address: HTTP status 401 or
// 403. It passes only when our configuration or the server's is corrected.
func Denied(err error) bool {
	e, ok := errors.AsType[*xmlrpc.StatusError](err)
	return ok && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden)
}
