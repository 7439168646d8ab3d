package operations

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"domainprovisioning/wire/xmlrpc"
)

// Kind is what an error reply means to the caller.
type Kind string

// The kinds of error replies.
const (
	KindExists      Kind = "exists"      // an id, login or name is taken; read the owner and compare
	KindNotFound    Kind = "not found"   // an account, subscription, template or domain does not exist
	KindArguments   Kind = "arguments"   // a wrong set of arguments, or an empty mandatory one
	KindDNSData     Kind = "dns data"    // the zone cannot hold the name
	KindUpgrade     Kind = "upgrade"     // the limits of the template do not allow it
	KindTransaction Kind = "transaction" // unknown or closed transaction, or request id taken
	KindOther       Kind = "other"
)

// Error is an error reply. It promises that the call changed nothing.
type Error struct {
	Method     string
	Code       int  // error_code
	HasCode    bool // errors of the OpenAPI module have none
	ExType     int  // exception type within the module; 0 if absent
	Module     string
	Message    string // error_message as received; may contain personal data
	Properties map[string]string
	Kind       Kind
}

// Error leaves out the server's message, which may quote what was sent. It is in
// Message, for the person who repairs the order.
func (e *Error) Error() string {
	code := "none"
	if e.HasCode {
		code = strconv.Itoa(e.Code)
	}
	return fmt.Sprintf("operations: %s: %s (module %q, code %s, extype %d)", e.Method, e.Kind, e.Module, code, e.ExType)
}

func newError(method string, reply xmlrpc.Struct) *Error {
	e := &Error{Method: method}
	e.Code, e.HasCode = xmlrpc.AsInt(reply["error_code"])
	e.ExType, _ = xmlrpc.AsInt(reply["extype_id"])
	e.Module, _ = xmlrpc.AsString(reply["module_id"])
	e.Message, _ = xmlrpc.AsString(reply["error_message"])
	if properties, ok := reply["properties"].(xmlrpc.Struct); ok {
		e.Properties = make(map[string]string, len(properties))
		for name, value := range properties {
			if text, ok := xmlrpc.AsString(value); ok {
				e.Properties[name] = text
			}
		}
	}
	e.Kind = classify(e)
	return e
}

// plainModule is the form of a module's name, which Error shows.
var plainModule = regexp.MustCompile(`^[A-Za-z0-9_. -]{0,60}$`)

// scrubbed removes what was sent and is secret from the texts of the reply, in case it quotes the
// request.
func (e *Error) scrubbed(scrub func(string) string) *Error {
	e.Message = scrub(e.Message)
	for name, value := range e.Properties {
		e.Properties[name] = scrub(value)
	}
	if !plainModule.MatchString(e.Module) || scrub(e.Module) != e.Module {
		e.Module = "not shown"
	}
	return e
}

func classify(e *Error) Kind {
	message := strings.ToLower(e.Message)
	for _, r := range rules {
		switch {
		case r.module != "" && (r.module != e.Module || r.exType != e.ExType):
		case r.code != 0 && (!e.HasCode || r.code != e.Code):
		case r.text != "" && !strings.Contains(message, r.text):
		default:
			return r.kind
		}
	}
	return KindOther
}

// FaultError is an XML-RPC fault. It is not known when Operations raises a fault
// instead of an error reply, so a fault leaves the outcome of a call that changes
// something unknown: read the state before repeating the call.
type FaultError struct {
	Method string
	Code   int
	Text   string // decoded if it was base64; may contain personal data
	Kind   Kind   // from the text alone; promises nothing
}

// Error leaves out the text, like Error.Error.
func (e *FaultError) Error() string {
	text := fmt.Sprintf("operations: %s: fault %d", e.Method, e.Code)
	if e.Kind != KindOther {
		text += ", " + string(e.Kind)
	}
	if !reads(e.Method) {
		text += ", the outcome is unknown"
	}
	return text
}

func newFaultError(method string, fault *xmlrpc.Fault) *FaultError {
	text, ok := xmlrpc.DecodeBase64Text(fault.Text)
	if !ok {
		text = strings.TrimSpace(fault.Text)
	}
	return &FaultError{Method: method, Code: fault.Code, Text: text, Kind: classify(&Error{Message: text})}
}

// InvalidError says that parameters broke the API's rules, or cannot be encoded at
// all. Nothing was sent. It lists every problem, but no value.
type InvalidError struct {
	Method   string
	Problems []string // "state must not be empty"
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("operations: %s: %s", e.Method, strings.Join(e.Problems, "; "))
}

// IsExists reports whether err is an error reply or a fault of KindExists. Either may
// be about something that belongs to somebody else: read it and compare.
func IsExists(err error) bool {
	fault, ok := errors.AsType[*FaultError](err)
	return isKind(err, KindExists) || ok && fault.Kind == KindExists
}

// IsNotFound reports whether err is an error reply of KindNotFound.
func IsNotFound(err error) bool { return isKind(err, KindNotFound) }

// SaysNotFound is like IsNotFound, but also accepts a fault of KindNotFound, which
// promises nothing: it is for callers for whom a mistake does no harm.
func SaysNotFound(err error) bool {
	fault, ok := errors.AsType[*FaultError](err)
	return IsNotFound(err) || ok && fault.Kind == KindNotFound
}

// IsRefused reports whether err is an error reply of any kind: Operations has read
// the call and changed nothing.
func IsRefused(err error) bool {
	_, ok := errors.AsType[*Error](err)
	return ok
}

// IsArguments reports whether err is an error reply of KindArguments. After
// GetNameServers it means: use the name servers that AddDomainRequest returned.
func IsArguments(err error) bool { return isKind(err, KindArguments) }

func isKind(err error, kind Kind) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == kind
}

// OutcomeUnknown reports whether the call may have taken effect: a lost or
// unreadable reply, a status such as 502, or a fault. A call that only reads has no
// effect.
func OutcomeUnknown(err error) bool {
	fault, ok := errors.AsType[*FaultError](err)
	return ok && !reads(fault.Method) || xmlrpc.OutcomeUnknown(err)
}

// NotSent reports whether err means that nothing reached Operations.
func NotSent(err error) bool {
	_, invalid := errors.AsType[*InvalidError](err)
	return invalid || xmlrpc.NotSent(err)
}

// Denied reports whether Operations refused our login or address: HTTP status 401 or
// 403. It passes only when our configuration or the server's is corrected.
func Denied(err error) bool {
	e, ok := errors.AsType[*xmlrpc.StatusError](err)
	return ok && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden)
}
