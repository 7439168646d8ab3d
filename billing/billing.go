// Package billing is the client of the Billing XML-RPC API: one general method,
// Execute, that carries a container, a method and positional values. One method of
// Client is one call; nothing is repeated or looked up implicitly.
//
// Quirks of the API (docs/protocols/billing.md) that this package hides or names:
//
//	Result[0]      every result is in an array with one element
//	faults         are the ordinary errors; their text is base64, not always UTF-8
//	blanks         at the ends of strings; trimmed
//	31 values      of DomainSubscrWithIDAdd_API, although its page counts 30
//	Str dates      #5 and #6 are Unix time in a string, #18 and #19 an int
//	years          the subscription period has no unit: it is always years
//	name servers   are read with 100 characters but written with 40
//	duplicates     a name that is not "Registered" is added a second time
//
// Facts that no vendor page states are in assumptions.go.
package billing

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/wire/xmlrpc"
)

// The containers (the member Server of Execute).
const (
	ServerCore       = "BM"
	ServerDomainGate = "DOMAINGATE"
	ServerPEMGate    = "PEMGATE"
)

// The methods of DOMAINGATE that this package knows.
const (
	methodAddWithID = "DomainSubscrWithIDAdd_API"
	methodAdd       = "DomainSubscrAdd_API"
	methodInfoGet   = "DomainInfoGet_API"
)

// NullInt is how Billing writes an Int that is NULL.
const NullInt = -2147483648

// Config says how to reach Billing.
type Config struct {
	// URL is the server's URL, such as "https://billing.example:5224/RPC2"; older
	// installations use http. User and password in the URL are refused.
	URL string
	// Username and Password are sent as members of the Execute struct; they are usually
	// empty.
	Username string
	Password domains.Secret
	// Lang is the language of messages, two letters such as "en"; empty means the
	// server's.
	Lang string
	// Timeout is the time-out of a call; 0 means xmlrpc.DefaultTimeout.
	Timeout time.Duration
	// MaxReplyBytes limits the size of a reply; 0 means xmlrpc.DefaultMaxBytes.
	MaxReplyBytes int64
	// MaxConcurrent limits simultaneous calls; 0 means DefaultMaxConcurrent. Above
	// about 20 % of the daemon's Threads setting, billing components may stall.
	MaxConcurrent int
	// RootCAs verifies the server's certificate; nil means the system's.
	RootCAs *x509.CertPool
	// HTTPClient replaces the client built from the fields above.
	HTTPClient *http.Client
	// Dump, for debugging, receives requests and replies. The credentials of Billing
	// and of the registrar are hidden; personal data is not.
	Dump func(direction string, document []byte)
}

// Client calls Billing. It is safe for concurrent use. The errors of all its
// methods: *InvalidError (nothing was sent), *Error (a fault), and those of
// xmlrpc.Client.Call, wrapped.
type Client struct {
	rpc      *xmlrpc.Client
	username string
	password domains.Secret
	lang     string
	slots    chan struct{}
}

// New checks the configuration. Its errors contain neither URL nor password.
func New(config Config) (*Client, error) {
	if config.Username == "" && !config.Password.IsZero() {
		return nil, errors.New("billing: a password without a username")
	}
	if config.Lang != "" && (len(config.Lang) != 2 || strings.Trim(config.Lang, "abcdefghijklmnopqrstuvwxyz") != "") {
		return nil, errors.New("billing: Lang must be two lower-case letters")
	}
	if config.MaxConcurrent < 0 {
		return nil, errors.New("billing: MaxConcurrent must not be negative")
	}
	if config.MaxConcurrent == 0 {
		config.MaxConcurrent = DefaultMaxConcurrent
	}
	rpc, err := xmlrpc.NewClient(xmlrpc.Config{
		URL:        config.URL,
		Timeout:    config.Timeout,
		Limits:     xmlrpc.Limits{MaxBytes: config.MaxReplyBytes},
		RootCAs:    config.RootCAs,
		HTTPClient: config.HTTPClient,
		Dump:       config.Dump,
		Redact:     redact,
	})
	if err != nil {
		return nil, fmt.Errorf("billing: %w", err)
	}
	return &Client{
		rpc: rpc, username: config.Username, password: config.Password, lang: config.Lang,
		slots: make(chan struct{}, config.MaxConcurrent),
	}, nil
}

// CloseIdleConnections closes kept-alive connections.
func (c *Client) CloseIdleConnections() { c.rpc.CloseIdleConnections() }

// Execute calls a method of a container with positional values and returns the one
// element of Result, with blanks trimmed from all strings: an array of values
// (ItemResult), an array of arrays (ListResult), or a struct with a text Status,
// which despite its documented name ErrorMessage means success. For an empty Result
// it returns nil; nil values in the element stay nil. Strings are best passed as
// xmlrpc.Untyped.
func (c *Client) Execute(ctx context.Context, server, method string, params ...any) (any, error) {
	if server == "" || method == "" || strings.ContainsAny(server+method, " \t\r\n") {
		return nil, &InvalidError{Method: method, Problems: []string{"Server and Method must be given without white space"}}
	}
	for i, param := range params {
		if param == nil { // it would be left out and shift the others
			return nil, &InvalidError{Method: method, Problems: []string{fmt.Sprintf("parameter %d is nil", i+1)}}
		}
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, failed(method, &xmlrpc.TransportError{Sent: false, Err: ctx.Err()})
	}
	value, err := c.rpc.Call(ctx, executeMethod, c.envelope(server, method, params))
	if fault, ok := errors.AsType[*xmlrpc.Fault](err); ok {
		return nil, newError(method, fault)
	}
	if unsendable, ok := errors.AsType[*xmlrpc.RequestError](err); ok {
		return nil, &InvalidError{Method: method, Problems: []string{unsendable.Err.Error()}}
	}
	if err != nil {
		return nil, failed(method, err)
	}
	reply, ok := value.(xmlrpc.Struct)
	if !ok {
		return nil, malformed(method, "the reply is not a struct")
	}
	result, ok := reply["Result"].([]any)
	switch {
	case reply["Result"] == nil:
		return nil, malformed(method, "Result is missing")
	case !ok:
		return nil, malformed(method, "Result is not an array")
	case len(result) == 0:
		return nil, nil
	case len(result) > 1:
		return nil, malformed(method, "Result has more than one element")
	case result[0] == nil:
		return nil, malformed(method, "Result[0] is missing")
	}
	return trim(result[0]), nil
}

func (c *Client) envelope(server, method string, params []any) xmlrpc.Ordered {
	if params == nil {
		params = []any{}
	}
	envelope := xmlrpc.Ordered{
		{Name: "Server", Value: xmlrpc.Untyped(server)},
		{Name: "Method", Value: xmlrpc.Untyped(method)},
		{Name: "Params", Value: params},
	}
	if c.lang != "" {
		envelope = append(envelope, xmlrpc.Member{Name: "Lang", Value: xmlrpc.Untyped(c.lang)})
	}
	if c.username != "" {
		envelope = append(envelope,
			xmlrpc.Member{Name: "Username", Value: xmlrpc.Untyped(c.username)},
			xmlrpc.Member{Name: "Password", Value: xmlrpc.Untyped(c.password.Reveal())})
	}
	return envelope
}

func trim(value any) any {
	switch v := value.(type) {
	case string:
		return strings.TrimSpace(v)
	case []any:
		for i := range v {
			v[i] = trim(v[i])
		}
	case xmlrpc.Struct:
		for name := range v {
			v[name] = trim(v[name])
		}
	}
	return value
}

// redact hides the secrets of an Execute that have no telling name: the user name,
// and the registrar's login and password among the positional values.
func redact(_ string, params []any) []any {
	if len(params) != 1 {
		return params
	}
	envelope, ok := params[0].(xmlrpc.Ordered)
	if !ok {
		return params
	}
	first := -1
	for _, member := range envelope {
		switch member.Value {
		case xmlrpc.Untyped(methodAddWithID):
			first = 21
		case xmlrpc.Untyped(methodAdd):
			first = 20
		}
	}
	for i, member := range envelope {
		if member.Name == "Username" {
			envelope[i].Value = xmlrpc.Redacted
		}
		if values, ok := member.Value.([]any); ok && member.Name == "Params" && first >= 0 {
			for position := first; position < min(first+2, len(values)); position++ {
				values[position] = xmlrpc.Redacted
			}
		}
	}
	return params
}

// failed adds the method to the error of a call without a usable reply.
func failed(method string, err error) error {
	if method == methodInfoGet {
		err = &xmlrpc.ReadError{Err: err}
	}
	return fmt.Errorf("billing: %s: %w", method, err)
}

// malformed is the error of an unusable reply: after a call that changes something,
// the outcome is unknown.
func malformed(method, reason string) error {
	return failed(method, &xmlrpc.MalformedError{Err: errors.New(reason)})
}
