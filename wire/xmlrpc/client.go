package xmlrpc

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"domainprovisioning/wire/exchange"
)

// DefaultTimeout is the time-out of a call, from dialling to the last byte of the
// reply. It is the value that existing clients use for Operations, the slower of
// our peers.
const DefaultTimeout = 60 * time.Second

// The values of direction in calls of Config.Dump.
const (
	DumpRequest = "request"
	DumpReply   = "reply"
)

// Config configures a Client.
type Config struct {
	// URL is http or https with a host, and without user or password, because URLs
	// end up in logs.
	URL string
	// User and Password, if User is not empty, are sent as Basic authentication.
	User, Password string
	// Timeout is the time-out of a call; 0 means DefaultTimeout.
	Timeout time.Duration
	// Limits are the limits of a reply.
	Limits Limits
	// RootCAs verifies the server's certificate, for servers that use their own
	// authority; nil means the system's.
	RootCAs *x509.CertPool
	// HTTPClient replaces the client built from the fields above. Its redirect
	// policy is not used, because a redirected POST would be repeated as a GET.
	HTTPClient *http.Client
	// Dump, for debugging, receives every call and reply as XML, encoded again from
	// the redacted values; headers are never dumped. It may be called from several
	// goroutines.
	Dump func(direction string, document []byte)
	// Redact hides secrets that no name reveals, such as positional parameters. It
	// gets a deep copy, in which members with secret names are already hidden, and
	// may change it.
	Redact func(method string, params []any) []any
}

// Client calls one server. It is safe for concurrent use.
type Client struct {
	config Config
	http   *http.Client
}

// NewClient checks the configuration. Its errors do not contain the URL.
func NewClient(config Config) (*Client, error) {
	target, err := url.Parse(config.URL)
	switch {
	case err != nil:
		return nil, errors.New("xmlrpc: the URL is not valid")
	case target.User != nil:
		return nil, errors.New("xmlrpc: the URL must not hold user or password")
	case target.Scheme != "http" && target.Scheme != "https":
		return nil, errors.New("xmlrpc: the URL must be http or https")
	case target.Hostname() == "":
		return nil, errors.New("xmlrpc: the URL has no host")
	case config.Timeout < 0:
		return nil, errors.New("xmlrpc: the time-out must not be negative")
	case config.User == "" && config.Password != "":
		return nil, errors.New("xmlrpc: a password without a user")
	}
	if config.Timeout == 0 {
		config.Timeout = DefaultTimeout
	}
	config.Limits = config.Limits.withDefaults()
	client := config.HTTPClient
	if client == nil {
		client = &http.Client{Transport: newTransport(config.RootCAs)}
	}
	return &Client{config: config, http: exchange.CallClient(client)}, nil
}

// newTransport speaks only HTTP/1.1, as the servers do, and never decompresses a
// reply, because its size would escape the limit. It ignores proxies set in the
// environment, because both systems are in the provider's own network.
func newTransport(roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    32,
		IdleConnTimeout:        60 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true,
	}
}

// CloseIdleConnections closes kept-alive connections.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// Call sends one method call and returns the value of the reply. It never
// repeats a call. Errors: *RequestError, *TransportError, *StatusError,
// *MalformedError and *Fault; see NotSent and OutcomeUnknown.
func (c *Client) Call(ctx context.Context, method string, params ...any) (any, error) {
	body, err := EncodeCall(method, params...)
	if err != nil {
		return nil, &RequestError{err}
	}
	c.dumpCall(method, params)
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	reply, err := c.post(ctx, body)
	if err != nil {
		c.dumpNote(err.Error())
		return nil, err
	}
	value, err := DecodeResponse(reply, c.config.Limits)
	if fault, ok := errors.AsType[*Fault](err); ok {
		fault.Text = c.scrubFault(fault.Text, method, params)
		c.dump(DumpReply, EncodeFault(fault.Code, fault.Text))
		return nil, fault
	}
	if err != nil {
		// It may quote the reply.
		if text := c.Secrets(method, params...).Scrub(err.Error()); text != err.Error() {
			err = errors.New(text)
		}
		c.dumpNote(fmt.Sprintf("%d bytes: %v", len(reply), err))
		return nil, &MalformedError{err}
	}
	c.dumpReply(value)
	return value, nil
}

func (c *Client) post(ctx context.Context, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.config.URL, bytes.NewReader(body))
	if err != nil {
		return nil, &RequestError{errors.New("the URL is not valid")}
	}
	request.Header.Set("Content-Type", "text/xml")
	if c.config.User != "" {
		// SetBasicAuth never inserts a line break, which the servers would not accept.
		request.SetBasicAuth(c.config.User, c.config.Password)
	}
	reply, err := exchange.Do(c.http, request, c.config.Limits.MaxBytes, time.Now(), carriesReply)
	if broken, ok := errors.AsType[*exchange.TransportError](err); ok {
		return nil, (*TransportError)(broken)
	}
	if refused, ok := errors.AsType[*exchange.StatusError](err); ok {
		return nil, &StatusError{refused.Status}
	}
	if err != nil {
		return nil, &MalformedError{ErrTooLarge}
	}
	return reply.Body, nil
}

func carriesReply(status int) bool { return status == http.StatusOK }

func (c *Client) dump(direction string, document []byte) {
	if c.config.Dump != nil {
		c.config.Dump(direction, document)
	}
}

func (c *Client) dumpCall(method string, params []any) {
	if c.config.Dump == nil {
		return
	}
	if document, err := EncodeCall(method, c.redacted(method, params)...); err == nil {
		c.dump(DumpRequest, document)
	}
}

func (c *Client) dumpReply(value any) {
	if c.config.Dump == nil {
		return
	}
	if document, err := EncodeResponse(RedactMembers(value)); err == nil {
		c.dump(DumpReply, document)
	}
}

// dumpNote dumps a note in place of a reply that is unreadable and so cannot be
// redacted.
func (c *Client) dumpNote(note string) { c.dump(DumpReply, []byte("<!-- "+note+" -->")) }
