// Package internal speaks Netim's SOAP API 2.0: envelopes, faults, and the
// session that all callers in a process share.
package internal

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"domainprovisioning/registrars"
	"domainprovisioning/wire/exchange"
)

// The values of direction in calls of Config.Dump.
const (
	DumpRequest = "request"
	DumpReply   = "reply"
)

// Config configures a Client. It must be complete: the plug-in fills in the
// defaults.
type Config struct {
	URL, Login, Password string
	Timeout              time.Duration // of one exchange, including the last byte
	MaxReplyBytes        int64         // of a whole list: listFactor times as much
	HTTPClient           *http.Client  // nil: our own
	Dump                 func(direction string, document []byte)
	Now                  func() time.Time
	Sessions             registrars.Sessions // nil: the client keeps its session to itself
	MostSessions         int                 // how many sessions Sessions may hold
}

// Client calls the API. It is safe for concurrent use.
type Client struct {
	config  Config
	http    *http.Client
	session session
}

// NewClient returns a client. It makes no call.
func NewClient(config Config) *Client {
	return &Client{config: config, http: exchange.CallClient(config.HTTPClient), session: session{lock: make(chan struct{}, 1)}}
}

// Call calls a function in the shared session, whose id it puts before the arguments,
// and returns the value of the reply. It opens the session if there is none. A
// fault that says that the session has ended proves that nothing was done: only
// then is the call repeated, once, in a new session.
//
// Errors: *Fault, *TransportError, *StatusError, *MalformedError; a *SessionError
// around one of these means that the call was not sent.
func (c *Client) Call(ctx context.Context, function string, arguments ...Value) (*Node, error) {
	value, err := c.inSession(ctx, function, arguments)
	if err == nil && value == nil {
		return nil, &MalformedError{"it holds no value"}
	}
	return value, err
}

// Do is like Call, for a function that returns nothing.
func (c *Client) Do(ctx context.Context, function string, arguments ...Value) error {
	_, err := c.inSession(ctx, function, arguments)
	return err
}

func (c *Client) inSession(ctx context.Context, function string, arguments []Value) (*Node, error) {
	defer c.enter()()
	id, generation, err := c.open(ctx, 0)
	if err != nil {
		return nil, err
	}
	value, err := c.exchange(ctx, function, withSession(id, arguments))
	if fault, ok := errors.AsType[*Fault](err); ok && SessionEnded(fault.Code) {
		if id, _, err = c.open(ctx, generation); err != nil {
			return nil, err
		}
		value, err = c.exchange(ctx, function, withSession(id, arguments))
	}
	return value, err
}

// exchange sends one call and reads its reply. The value is nil if the response
// is empty.
func (c *Client) exchange(ctx context.Context, function string, arguments []Value) (*Node, error) {
	c.dumpRequest(function, arguments)
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	status, raw, contentType, err := c.post(ctx, function, envelope(function, arguments))
	if err != nil {
		c.dumpNote(err)
		return nil, err
	}
	response, err := parse(raw, contentType, maxElements*factor(function))
	switch {
	case err == nil && response.Name == "Fault":
		fault := c.fault(response, arguments)
		c.dumpReply(&Node{Name: "Fault", Children: []*Node{
			{Name: "faultcode", text: fault.Code}, {Name: "faultstring", text: fault.Text},
		}}, function)
		return nil, fault
	case status != http.StatusOK:
		err = &StatusError{Status: status}
	case err == nil && !strings.EqualFold(response.Name, function+"Response"):
		err = &MalformedError{"it answers another function"}
	}
	if err != nil {
		c.dumpNote(err)
		return nil, err
	}
	c.dumpReply(response, function)
	if len(response.Children) == 0 {
		return nil, nil
	}
	// The name of the child varies with the function; there is only one child.
	return response.Children[0], nil
}

// fault reads a fault and removes our secrets from it, in case the server quotes
// the request.
func (c *Client) fault(n *Node, arguments []Value) *Fault {
	text := n.Field("faultstring")
	fault := &Fault{Text: c.scrub(text, arguments)}
	if match := faultCode.FindStringSubmatch(text); match != nil {
		fault.Code = match[1]
	} else if code := n.Field("faultcode"); plainCode.MatchString(code) && c.scrub(code, arguments) == code {
		fault.Code = code
		if match := faultCode.FindStringSubmatch(code); match != nil {
			fault.Code = match[1]
		}
	}
	return fault
}

// scrub removes the password, the session id and auth codes from a text.
func (c *Client) scrub(text string, arguments []Value) string {
	secrets := exchange.Secrets{c.config.Password}
	for _, argument := range arguments {
		if argument.secret {
			secrets = append(secrets, argument.Text)
		}
	}
	return secrets.Scrub(text)
}

// post returns the body of a reply with HTTP 200 or 500, the two that carry
// envelopes.
func (c *Client) post(ctx context.Context, function string, body []byte) (status int, raw []byte, contentType string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.config.URL, bytes.NewReader(body))
	if err != nil {
		return 0, nil, "", &TransportError{Sent: false, Err: errors.New("the URL is not valid")}
	}
	request.Header.Set("Content-Type", "text/xml; charset=utf-8")
	request.Header.Set("SOAPAction", soapAction(function))
	reply, err := exchange.Do(c.http, request, c.config.MaxReplyBytes*int64(factor(function)), c.config.Now(), carriesEnvelope)
	if errors.Is(err, exchange.ErrTooLarge) {
		err = &MalformedError{"it is too large"}
	}
	if err != nil {
		return 0, nil, "", err
	}
	return reply.Status, reply.Body, reply.Header.Get("Content-Type"), nil
}

func carriesEnvelope(status int) bool {
	return status == http.StatusOK || status == http.StatusInternalServerError
}

func (c *Client) dumpRequest(function string, arguments []Value) {
	if c.config.Dump == nil {
		return
	}
	shown := make([]Value, len(arguments))
	for i, argument := range arguments {
		if argument.secret {
			argument.Text = exchange.Hidden
		}
		shown[i] = argument
	}
	c.config.Dump(DumpRequest, envelope(function, shown))
}

func (c *Client) dumpReply(n *Node, function string) {
	if c.config.Dump == nil {
		return
	}
	var b bytes.Buffer
	// Every value that sessionOpen returns is a session id, whatever its name.
	n.write(&b, function == functionOpen && n.Name != "Fault")
	c.config.Dump(DumpReply, b.Bytes())
}

// dumpNote dumps a note in place of a reply that is unreadable and so cannot be
// redacted.
func (c *Client) dumpNote(err error) {
	if c.config.Dump != nil {
		c.config.Dump(DumpReply, []byte("<!-- "+err.Error()+" -->"))
	}
}
