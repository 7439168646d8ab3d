package exchange

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// TransportError says that no reply came. If Sent is false, nothing has left; if Sent is
// true, the server may have carried out the request.
type TransportError struct {
	Sent bool
	Err  error
}

func (e *TransportError) Error() string {
	if e.Sent {
		return fmt.Sprintf("no reply: %v", e.Err)
	}
	return fmt.Sprintf("not sent: %v", e.Err)
}

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// StatusError is an HTTP status that carries no answer from the API.
type StatusError struct {
	Status     int
	RetryAfter time.Duration // zero if the server does not say
}

func (e *StatusError) Error() string { return fmt.Sprintf("HTTP status %d", e.Status) }

// ErrTooLarge says that the reply was larger than allowed.
var ErrTooLarge = errors.New("it is too large")

// HTTPClient copies a client, or makes one with our limits if given is nil, and removes its
// cookies. It limits neither the time of a whole exchange, which the context does, nor the
// size of a body, which Do does.
func HTTPClient(given *http.Client) *http.Client {
	if given != nil {
		copied := *given
		copied.Jar = nil
		return &copied
	}
	return &http.Client{Transport: &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		// The calls of an order come in bursts. If a connection is kept for longer, the server may
		// close it just when a paid call is sent.
		IdleConnTimeout: 4 * time.Second,
		// As many as are busy at once: with the default of 2, all other calls of a burst would
		// each dial and shake hands.
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    32,
		MaxResponseHeaderBytes: 64 << 10,
		// A compressed reply would escape the size limit.
		DisableCompression: true,
		// One request per connection at a time: a request that must not be sent is stopped by
		// closing its connection, which other requests would share with HTTP/2.
		Protocols: http1(),
	}}
}

func http1() *http.Protocols {
	only := &http.Protocols{}
	only.SetHTTP1(true)
	return only
}

// CallClient is HTTPClient without redirects, because a redirected POST would be repeated as
// a GET.
func CallClient(given *http.Client) *http.Client {
	client := HTTPClient(given)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

// Reply is an answer whose body has been read.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends a request once and reads its answer, at most limit bytes. A status that carries
// no answer from the API (carries says which do) is a *StatusError. If the context has a
// claim (WithClaim), Do asks it before anything is sent; its refusal is the cause of a
// *TransportError whose Sent is false. If it has an observer (WithObserver), Do tells it.
//
// Errors: *TransportError, *StatusError, ErrTooLarge.
func Do(client *http.Client, request *http.Request, limit int64, now time.Time, carries func(status int) bool) (Reply, error) {
	ended := Begin(request)
	reply, err := do(client, request, limit, now, carries)
	ended(EndOf(reply.Status, err))
	return reply, err
}

func do(client *http.Client, request *http.Request, limit int64, now time.Time, carries func(status int) bool) (Reply, error) {
	if err := request.Context().Err(); err != nil {
		return Reply{}, &TransportError{Sent: false, Err: err}
	}
	ctx, sent := Track(request.Context())
	var asked gate
	if asked.claim = claimOf(ctx); asked.claim != nil {
		var err error
		if ctx, err = asked.guard(ctx, client.Transport); err != nil {
			return Reply{}, &TransportError{Sent: false, Err: err}
		}
	}
	response, err := client.Do(request.WithContext(ctx)) //nolint:gosec // the URL is the configuration's
	if refusal := asked.refused(); err != nil && refusal != nil {
		return Reply{}, &TransportError{Sent: false, Err: refusal}
	}
	if err != nil {
		return Reply{}, &TransportError{Sent: sent.MaybeSent(), Err: SafeCause(err)}
	}
	defer func() { _ = response.Body.Close() }()
	if !carries(response.StatusCode) {
		return Reply{}, &StatusError{Status: response.StatusCode, RetryAfter: RetryAfter(response.Header, now)}
	}
	body, err := ReadBody(response.Body, response.ContentLength, limit)
	if errors.Is(err, ErrTooLarge) {
		return Reply{}, err
	}
	if err != nil {
		return Reply{}, &TransportError{Sent: true, Err: SafeCause(err)}
	}
	return Reply{Status: response.StatusCode, Header: response.Header, Body: body}, nil
}

// LongestWait is the longest wait that a Retry-After may ask for; a longer one is a mistake.
const LongestWait = time.Hour

// RetryAfter reads the Retry-After header, which holds seconds or a date. It returns zero if
// there is neither, and for the past.
func RetryAfter(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	var wait time.Duration
	if seconds, err := strconv.Atoi(text); err == nil {
		wait = time.Duration(min(seconds, int(LongestWait/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), LongestWait)
}

// CheckURL checks the URL of an API whose requests hold credentials: https, or plain http on
// this machine, and without user or password. The error, such as "must be https", says what
// is wrong but does not contain the URL.
func CheckURL(raw string) (*url.URL, error) {
	target, err := url.Parse(raw)
	switch {
	case err != nil || target.Hostname() == "":
		return nil, errors.New("is not valid")
	case target.User != nil:
		return nil, errors.New("must not hold user or password")
	case target.Scheme == "https":
		return target, nil
	case target.Scheme != "http":
		return nil, errors.New("must be https")
	}
	if ip := net.ParseIP(target.Hostname()); target.Hostname() == "localhost" || ip.IsLoopback() {
		return target, nil
	}
	return nil, errors.New("must be https, except for this machine: credentials are sent with it")
}
