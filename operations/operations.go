// Package operations is the client of the Operations XML-RPC API (pem.*), which manages
// accounts, staff members, subscriptions, domain requests and domains. One method of
// Client is one call; nothing is repeated or looked up implicitly, because only the
// caller knows what a repetition costs.
//
// Quirks of the API that the methods below hide or name (docs/protocols/operations.md):
//
//	one struct       every call carries exactly one struct, which may be empty
//	no nil           optional parameters are left out
//	error replies    a reply with status other than 0 promises that nothing changed
//	faults           unlike error replies, they leave the outcome unknown, whatever they say
//	nil              in a reply, a nil member is treated as absent
//	zone_created     inverted: 0 means that a zone was created
//	force            addDomain with force may delete another customer's domain
//	user_id          the user_id of addAccountMember is treated as the member id
//
// Facts that no vendor page states are in assumptions.go.
package operations

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/wire/xmlrpc"
)

// Config says how to reach Operations.
type Config struct {
	// URL is the server's URL, such as "https://operations.example:8440/RPC2". Without a
	// path, DefaultPath is used; a path of "/" is kept. User and password in the URL are
	// refused.
	URL string
	// Login and Password are those of a staff member, for servers that require HTTP Basic
	// authentication. If both are empty, none is sent.
	Login    string
	Password domains.Secret
	// Timeout is the time-out of a call; 0 means xmlrpc.DefaultTimeout.
	// activateSubscription is slow.
	Timeout time.Duration
	// MaxReplyBytes limits the size of a reply; 0 means xmlrpc.DefaultMaxBytes.
	MaxReplyBytes int64
	// RootCAs verifies the server's certificate, which is self-signed by default; nil
	// means the system's.
	RootCAs *x509.CertPool
	// HTTPClient replaces the client built from the fields above.
	HTTPClient *http.Client
	// Dump, for debugging, receives requests and replies with passwords hidden. Personal
	// data is not hidden.
	Dump func(direction string, document []byte)
}

// Client calls Operations. It is safe for concurrent use. The errors of all its
// methods: *InvalidError (nothing was sent), *Error (an error reply: nothing
// changed), *FaultError, and those of xmlrpc.Client.Call, wrapped.
type Client struct{ rpc *xmlrpc.Client }

// New checks the configuration. Its errors contain neither URL nor password.
func New(config Config) (*Client, error) {
	target := config.URL
	if parsed, err := url.Parse(target); err == nil && parsed.Host != "" && parsed.Path == "" {
		parsed.Path = DefaultPath
		target = parsed.String()
	}
	if config.Login != "" && config.Password.IsZero() {
		return nil, errors.New("operations: a login without a password")
	}
	rpc, err := xmlrpc.NewClient(xmlrpc.Config{
		URL:        target,
		User:       config.Login,
		Password:   config.Password.Reveal(),
		Timeout:    config.Timeout,
		Limits:     xmlrpc.Limits{MaxBytes: config.MaxReplyBytes},
		RootCAs:    config.RootCAs,
		HTTPClient: config.HTTPClient,
		Dump:       config.Dump,
	})
	if err != nil {
		return nil, fmt.Errorf("operations: %w", err)
	}
	return &Client{rpc: rpc}, nil
}

// CloseIdleConnections closes kept-alive connections.
func (c *Client) CloseIdleConnections() { c.rpc.CloseIdleConnections() }
