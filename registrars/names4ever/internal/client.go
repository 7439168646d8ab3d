// Package internal speaks the Pirin XML of Names4Ever: one document out, one back.
// It also looks at domains from outside, through RDAP and DNS.
package internal

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"time"

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
	URL, ContentType        string
	Login, Password, PlanID string
	Timeout                 time.Duration // of one exchange, including the last byte
	MaxReplyBytes           int64
	HTTPClient              *http.Client // nil: our own
	Dump                    func(direction string, document []byte)
	Now                     func() time.Time
}

// Client calls the API. It is safe for concurrent use.
type Client struct {
	config Config
	http   *http.Client
}

// NewClient returns a client. It makes no call.
func NewClient(config Config) *Client {
	return &Client{config: config, http: exchange.CallClient(config.HTTPClient)}
}

// Exchange sends one document with one operation, once, and reads its reply.
//
// Errors: *TransportError, *StatusError, *MalformedError. Only a TransportError whose
// Sent is false promises that nothing happened.
func (c *Client) Exchange(ctx context.Context, id string, operation Operation) (*Reply, error) {
	document := request{
		Version: version, ID: id, Operations: []Operation{operation},
		Reseller: reseller{ID: c.config.Login, Password: c.config.Password, PlanID: c.config.PlanID},
	}
	body, err := document.encode()
	if err != nil {
		return nil, &TransportError{Sent: false, Err: err}
	}
	c.dumpRequest(document)
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	reply, err := c.ask(ctx, body, id, c.scrubber(operation))
	if err != nil {
		// An unreadable reply cannot be redacted either.
		c.dump(DumpReply, []byte("<!-- "+err.Error()+" -->"))
		return nil, err
	}
	return reply, nil
}

func (c *Client) ask(ctx context.Context, body []byte, id string, scrub func(string) string) (*Reply, error) {
	raw, err := c.post(ctx, body)
	if err != nil {
		return nil, err
	}
	document, err := decode(raw)
	switch {
	case err != nil:
		return nil, err
	case document.RequestID != id:
		return nil, &MalformedError{"it answers another request"}
	}
	c.dumpReply(document, scrub)
	return newReply(document, scrub), nil
}

// scrubber returns a function that removes our passwords from a text, in case the
// server quotes the request.
func (c *Client) scrubber(operation Operation) func(string) string {
	return exchange.Secrets{c.config.Password, operation.Password}.Scrub
}

func (c *Client) post(ctx context.Context, body []byte) ([]byte, error) {
	call, err := http.NewRequestWithContext(ctx, http.MethodPost, c.config.URL, bytes.NewReader(body))
	if err != nil {
		return nil, &TransportError{Sent: false, Err: errors.New("the URL is not valid")}
	}
	call.Header.Set("Content-Type", c.config.ContentType)
	reply, err := exchange.Do(c.http, call, c.config.MaxReplyBytes, c.config.Now(), carriesDocument)
	if errors.Is(err, exchange.ErrTooLarge) {
		err = &MalformedError{"it is too large"}
	}
	return reply.Body, err
}

func carriesDocument(status int) bool { return status == http.StatusOK }

func (c *Client) dump(direction string, document []byte) {
	if c.config.Dump != nil {
		c.config.Dump(direction, document)
	}
}

func (c *Client) dumpRequest(document request) {
	if c.config.Dump == nil {
		return
	}
	if shown, err := document.redacted().encode(); err == nil {
		c.dump(DumpRequest, shown)
	}
}

// dumpReply dumps the parts of a reply that were understood.
func (c *Client) dumpReply(document *response, scrub func(string) string) {
	if c.config.Dump == nil {
		return
	}
	shown := response{Version: scrub(document.Version), RequestID: document.RequestID, Statuses: scrubbed(document.Statuses, scrub)}
	for _, d := range document.Domains {
		shown.Domains = append(shown.Domains, domain{FQDN: scrub(d.FQDN), Statuses: scrubbed(d.Statuses, scrub)})
	}
	if text, err := xml.Marshal(shown); err == nil {
		c.dump(DumpReply, text)
	}
}

func scrubbed(statuses []status, scrub func(string) string) []status {
	shown := make([]status, 0, len(statuses))
	for _, s := range statuses {
		shown = append(shown, status{Code: scrub(s.Code), Description: []string{scrub(s.description())}})
	}
	return shown
}
