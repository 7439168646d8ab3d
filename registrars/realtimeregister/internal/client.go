// Package internal speaks the REST API v2 of Realtime Register: JSON over HTTP.
package internal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"domainprovisioning/wire/exchange"
)

// The values of direction in calls of Config.Dump.
const (
	DumpRequest = "request"
	DumpReply   = "reply"
)

// Config configures a Client. It must be complete: the plug-in fills in the defaults.
type Config struct {
	// URL is the base, before /v2/, and ends with a slash.
	URL, APIKey string
	// WriteTimeout and ReadTimeout are the time-outs of one exchange, including the last
	// byte.
	WriteTimeout, ReadTimeout time.Duration
	MaxReplyBytes             int64
	RequestsPerSecond         float64
	HTTPClient                *http.Client // nil: our own
	Dump                      func(direction string, document []byte)
	Now                       func() time.Time
}

// Client calls the API. It is safe for concurrent use.
type Client struct {
	config Config
	http   *http.Client
	pace   *rate.Limiter
}

// NewClient returns a client. It makes no call.
func NewClient(config Config) *Client {
	return &Client{
		config: config, http: exchange.CallClient(config.HTTPClient),
		pace: rate.NewLimiter(rate.Limit(config.RequestsPerSecond), max(1, int(config.RequestsPerSecond))),
	}
}

// Call is one request.
type Call struct {
	Method string
	// Path is the path after /v2/, with its parts escaped, and the query.
	Path string
	// Body is marshalled to JSON; nil means no body.
	Body any
	// Writes says that the call changes something, so it may take longer.
	Writes bool
}

// Answer is an answer of the API that is not an error.
type Answer struct {
	Status int
	// Process is the number of the process, from the header or else the body; "" if
	// neither has it.
	Process string
	body    []byte
}

// Do makes the call, once.
//
// Errors: *APIError for an error with a type of the API, *exchange.StatusError for a
// status without one, *exchange.TransportError, *MalformedError.
func (c *Client) Do(ctx context.Context, call Call) (Answer, error) {
	timeout := c.config.ReadTimeout
	if call.Writes {
		timeout = c.config.WriteTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var body []byte
	if call.Body != nil {
		var err error
		if body, err = json.Marshal(call.Body); err != nil {
			return Answer{}, &exchange.TransportError{Sent: false, Err: errors.New("the request cannot be written")}
		}
	}
	if err := c.pace.Wait(ctx); err != nil {
		// The caller has given up, or its turn would have come too late.
		cause := ctx.Err()
		if cause == nil {
			cause = context.DeadlineExceeded
		}
		return Answer{}, &exchange.TransportError{Sent: false, Err: cause}
	}
	request, err := http.NewRequestWithContext(ctx, call.Method, c.config.URL+"v2/"+call.Path, bytes.NewReader(body))
	if err != nil {
		return Answer{}, &exchange.TransportError{Sent: false, Err: errors.New("the URL is not valid")}
	}
	request.Header.Set("Authorization", "ApiKey "+c.config.APIKey)
	request.Header.Set("Accept", "application/json")
	if call.Method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
	}
	c.dump(DumpRequest, call.Method+" /v2/"+call.Path, body)
	reply, err := exchange.Do(c.http, request, c.config.MaxReplyBytes, c.config.Now(), func(int) bool { return true })
	if errors.Is(err, exchange.ErrTooLarge) {
		err = &MalformedError{"it is too large"}
	}
	if err != nil {
		c.note(err)
		return Answer{}, err
	}
	c.dump(DumpReply, strconv.Itoa(reply.Status), reply.Body)
	if reply.Status < 200 || reply.Status > 299 {
		return Answer{}, c.failure(reply, body)
	}
	answer := Answer{Status: reply.Status, body: reply.Body}
	if len(bytes.TrimSpace(reply.Body)) > 0 && !isObject(reply.Body) {
		return Answer{}, &MalformedError{"it is no JSON object"}
	}
	answer.Process = processID(reply.Header.Get(headerProcess), reply.Body)
	return answer, nil
}

// Scrub removes our key from a text of the registrar.
func (c *Client) Scrub(text string) string { return exchange.Secrets{c.config.APIKey}.Scrub(text) }

// failure converts an answer that is an error.
func (c *Client) failure(reply exchange.Reply, sent []byte) error {
	wait := exchange.RetryAfter(reply.Header, c.config.Now())
	var document errorDocument
	if _, err := lenient(reply.Body, &document); err != nil || !plainType.MatchString(document.Type) {
		return &exchange.StatusError{Status: reply.Status, RetryAfter: wait}
	}
	secrets := append(exchange.Secrets{c.config.APIKey}, authCodes(sent)...)
	return document.read(reply.Status, wait, string(sent), secrets.Scrub)
}

// authCodes returns the auth codes in a document that was sent.
func authCodes(document []byte) []string {
	var tree any
	if json.Unmarshal(document, &tree) != nil {
		return nil
	}
	var codes []string
	eachAuthCode(tree, func(code string) string {
		codes = append(codes, code)
		return code
	})
	return codes
}

// Read unmarshals the body of an answer into target, or returns a *MalformedError.
func (a Answer) Read(target any) error {
	if err := json.Unmarshal(a.body, target); err != nil {
		return &MalformedError{"a member has another type"}
	}
	return nil
}

// Empty reports whether the answer has no body.
func (a Answer) Empty() bool { return len(bytes.TrimSpace(a.body)) == 0 }

func isObject(body []byte) bool {
	trimmed := bytes.TrimSpace(body)
	return len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(trimmed)
}

// processID returns the number in the header, or else the member processId of the
// body.
func processID(header string, body []byte) string {
	if id := strings.TrimSpace(header); IsID(id) {
		return id
	}
	var document struct {
		ProcessID json.Number `json:"processId"`
	}
	if json.Unmarshal(body, &document) == nil && IsID(document.ProcessID.String()) {
		return document.ProcessID.String()
	}
	return ""
}

func (c *Client) dump(direction, head string, document []byte) {
	if c.config.Dump != nil {
		c.config.Dump(direction, append([]byte(head+"\n"), redacted(document)...))
	}
}

// note dumps a note in place of a reply that did not come.
func (c *Client) note(err error) {
	if c.config.Dump != nil {
		c.config.Dump(DumpReply, []byte("// "+err.Error()))
	}
}

// redacted removes auth codes from a document. An unreadable document cannot be
// redacted, so it is not shown.
func redacted(document []byte) []byte {
	if len(bytes.TrimSpace(document)) == 0 {
		return nil
	}
	var tree any
	if json.Unmarshal(document, &tree) != nil {
		return []byte("// not JSON")
	}
	eachAuthCode(tree, func(string) string { return exchange.Hidden })
	shown, err := json.Marshal(tree)
	if err != nil {
		return []byte("// not JSON")
	}
	return shown
}

// eachAuthCode replaces the auth codes in a document by what change returns for each.
func eachAuthCode(node any, change func(code string) string) {
	switch node := node.(type) {
	case map[string]any:
		for key, value := range node {
			if text, ok := value.(string); ok && text != "" && strings.EqualFold(key, "authcode") {
				node[key] = change(text)
				continue
			}
			eachAuthCode(value, change)
		}
	case []any:
		for _, item := range node {
			eachAuthCode(item, change)
		}
	}
}
