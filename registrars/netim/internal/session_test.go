package internal

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// peer is a transport that answers without a network. Like a transport that a caller
// may supply, it reports nothing to httptrace.
type peer func(function string, r *http.Request) (status int, body string, err error)

func (p peer) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body, err := p(strings.Trim(r.Header.Get("SOAPAction"), `"`), r)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader(body)),
	}, nil
}

func clientOf(p peer) *Client {
	return NewClient(Config{
		URL: "https://api.example/2.0/", Login: "RESELL1", Password: "s3cret",
		Timeout: 5 * time.Second, MaxReplyBytes: 1 << 20, Now: time.Now, HTTPClient: &http.Client{Transport: p},
	})
}

func answered(function, value string) string {
	return fmt.Sprintf("<Envelope><Body><%sResponse><x>%s</x></%sResponse></Body></Envelope>", function, value, function)
}

func refused(text string) string {
	return "<Envelope><Body><Fault><faultcode>x</faultcode><faultstring>" + text + "</faultstring></Fault></Body></Envelope>"
}

// sessions answers sessionOpen with session-1, session-2, ... and every other
// function in the newest session; older ones have ended.
type sessions struct {
	lock   sync.Mutex
	opened int
	called int
}

func (s *sessions) serve(function string, r *http.Request) (int, string, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, "", err
	}
	if function == functionOpen {
		s.opened++
		return 200, answered(function, fmt.Sprintf("session-%d", s.opened)), nil
	}
	s.called++
	if !strings.Contains(string(body), fmt.Sprintf(">session-%d<", s.opened)) {
		return 500, refused("E02 : Session expired"), nil
	}
	return 200, answered(function, "yes"), nil
}

func (s *sessions) endAll() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.opened++
}

func TestOneSessionForAll(t *testing.T) {
	const callers, rounds = 8, 20
	s := &sessions{}
	client := clientOf(s.serve)
	var calls sync.WaitGroup
	for range callers {
		calls.Go(func() {
			for range rounds {
				if value, err := client.Call(t.Context(), "hello"); err != nil || value.Text() != "yes" {
					t.Errorf("%q, %v", value.Text(), err)
				}
			}
		})
	}
	calls.Wait()
	if s.opened != 1 || s.called != callers*rounds {
		t.Errorf("%d sessions, %d calls", s.opened, s.called)
	}
	s.endAll()
	for range callers {
		calls.Go(func() {
			if _, err := client.Call(t.Context(), "hello"); err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	// One because the server ended all, one because of the callers.
	if s.opened != 3 {
		t.Errorf("%d sessions", s.opened-1)
	}
}

func TestNextCallerOpensTheSession(t *testing.T) {
	s := &sessions{}
	broken := true
	client := clientOf(func(function string, r *http.Request) (int, string, error) {
		if broken {
			broken = false
			return 0, "", errors.New("a text of the peer")
		}
		return s.serve(function, r)
	})
	_, err := client.Call(t.Context(), "hello")
	if _, ok := errors.AsType[*SessionError](err); !ok || strings.Contains(err.Error(), "a text of the peer") {
		t.Errorf("%v", err)
	}
	if _, err := client.Call(t.Context(), "hello"); err != nil {
		t.Error(err)
	}
}

func TestWaitingForTheSessionEnds(t *testing.T) {
	client := clientOf(func(string, *http.Request) (int, string, error) { return 502, "", nil })
	unlock, err := client.lockSession(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = client.Call(ctx, "hello")
	transport, ok := errors.AsType[*TransportError](err)
	if !ok || transport.Sent || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := client.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestSilentTransport: a client that cannot tell whether something was sent may have
// sent it.
func TestSilentTransport(t *testing.T) {
	for name, cause := range map[string]error{
		"cut": io.ErrUnexpectedEOF, "time-out": context.DeadlineExceeded, "cancelled": context.Canceled,
	} {
		client := clientOf(func(function string, r *http.Request) (int, string, error) {
			if function == functionOpen {
				return 200, answered(function, "session-1"), nil
			}
			return 0, "", fmt.Errorf("quoted: %w", cause)
		})
		_, err := client.Call(t.Context(), "hello")
		transport, ok := errors.AsType[*TransportError](err)
		if !ok || !transport.Sent || !errors.Is(err, cause) || strings.Contains(err.Error(), "quoted") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFaultCodes(t *testing.T) {
	for text, want := range map[string]string{
		"E13 : Province : Invalid value": "E13", " E15-M1502 : no": "E15-M1502", "E1 : short": "x", "anything": "x", "": "x",
	} {
		client := clientOf(func(function string, r *http.Request) (int, string, error) {
			if function == functionOpen {
				return 200, answered(function, "session-1"), nil
			}
			return 500, refused(text), nil
		})
		_, err := client.Call(t.Context(), "hello")
		if fault, ok := errors.AsType[*Fault](err); !ok || fault.Code != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestFaultShowsNoSecret(t *testing.T) {
	client := clientOf(func(function string, r *http.Request) (int, string, error) {
		if function == functionOpen {
			return 200, answered(function, "session-1"), nil
		}
		return 500, refused("E42 : s3cret in session-1, or " + base64.StdEncoding.EncodeToString([]byte("user:s3cret"))), nil
	})
	_, err := client.Call(t.Context(), "hello")
	if fault, ok := errors.AsType[*Fault](err); !ok || fault.Text != "E42 : [redacted] in [redacted], or [redacted]" {
		t.Errorf("%#v", err)
	}
}
