package xmlrpc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/wire/xmlrpc"
)

func echo(_ context.Context, method string, params []any) (any, error) {
	return xmlrpc.Struct{"method": method, "params": params}, nil
}

func newClient(t *testing.T, config xmlrpc.Config) *xmlrpc.Client {
	t.Helper()
	client, err := xmlrpc.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func TestCallOverHTTP(t *testing.T) {
	var header http.Header
	var length int64
	handler := &xmlrpc.Handler{Serve: echo}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header, length = r.Header.Clone(), r.ContentLength
		handler.ServeHTTP(w, r)
	}))
	defer server.Close()
	password := strings.Repeat("long password ", 20)
	client := newClient(t, xmlrpc.Config{URL: server.URL + "/RPC2", User: "staff", Password: password})
	got, err := client.Call(t.Context(), "pem.x", xmlrpc.Struct{"a": 1}, "b")
	want := xmlrpc.Struct{"method": "pem.x", "params": []any{xmlrpc.Struct{"a": 1}, "b"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v %v", got, err)
	}
	if header.Get("Content-Type") != "text/xml" || length <= 0 {
		t.Errorf("Content-Type %q, Content-Length %d", header.Get("Content-Type"), length)
	}
	request := http.Request{Header: header}
	if user, pass, ok := request.BasicAuth(); !ok || user != "staff" || pass != password {
		t.Error("the credentials did not arrive")
	}
}

func TestFaultOverHTTP(t *testing.T) {
	server := httptest.NewServer(&xmlrpc.Handler{Serve: func(context.Context, string, []any) (any, error) {
		return nil, &xmlrpc.Fault{Code: 3, Text: "no such thing"}
	}})
	defer server.Close()
	_, err := newClient(t, xmlrpc.Config{URL: server.URL}).Call(t.Context(), "m")
	fault, ok := errors.AsType[*xmlrpc.Fault](err)
	if !ok || fault.Code != 3 || fault.Text != "no such thing" {
		t.Errorf("got %v", err)
	}
	if xmlrpc.NotSent(err) || xmlrpc.OutcomeUnknown(err) {
		t.Error("a fault is an answer")
	}
}

// TestFailures covers every way in which a call can fail, and what each says about the
// server.
func TestFailures(t *testing.T) {
	const secret = "s3cret-text"
	hang := make(chan struct{})
	defer close(hang)
	tests := []struct {
		name             string
		serve            http.HandlerFunc
		limits           xmlrpc.Limits
		notSent, unknown bool
		as               any
	}{
		{"refused by status", status(401), xmlrpc.Limits{}, false, false, new(*xmlrpc.StatusError)},
		{"not found", status(404), xmlrpc.Limits{}, false, false, new(*xmlrpc.StatusError)},
		{"server error", status(500), xmlrpc.Limits{}, false, true, new(*xmlrpc.StatusError)},
		{"bad gateway", status(502), xmlrpc.Limits{}, false, true, new(*xmlrpc.StatusError)},
		{"created is not a reply", status(201), xmlrpc.Limits{}, false, true, new(*xmlrpc.StatusError)},
		{
			"redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/"+secret, http.StatusFound) },
			xmlrpc.Limits{}, false, true, new(*xmlrpc.StatusError),
		},
		{
			"unreadable", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>"+secret) },
			xmlrpc.Limits{}, false, true, new(*xmlrpc.MalformedError),
		},
		{
			"too large", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", 2000)) },
			xmlrpc.Limits{MaxBytes: 1000}, false, true, new(*xmlrpc.MalformedError),
		},
		{
			"cut before the reply", func(w http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body); hijack(w).Close() },
			xmlrpc.Limits{}, false, true, new(*xmlrpc.TransportError),
		},
		{
			"cut inside the reply", func(w http.ResponseWriter, _ *http.Request) {
				conn := hijack(w)
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<methodResponse>"+secret)
				conn.Close()
			}, xmlrpc.Limits{}, false, true, new(*xmlrpc.TransportError),
		},
		{
			"not HTTP", func(w http.ResponseWriter, _ *http.Request) {
				conn := hijack(w)
				_, _ = io.WriteString(conn, secret+"\r\n\r\n")
				conn.Close()
			}, xmlrpc.Limits{}, false, true, new(*xmlrpc.TransportError),
		},
		{
			"time-out", func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.ReadAll(r.Body)
				select {
				case <-hang:
				case <-r.Context().Done():
				}
			}, xmlrpc.Limits{}, false, true, new(*xmlrpc.TransportError),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(test.serve)
			defer server.Close()
			timeout := 10 * time.Second
			if test.name == "time-out" {
				timeout = 50 * time.Millisecond
			}
			client := newClient(t, xmlrpc.Config{URL: server.URL, Limits: test.limits, Timeout: timeout, User: "u", Password: secret})
			_, err := client.Call(t.Context(), "m", secret)
			check(t, err, test.notSent, test.unknown, test.as)
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error shows what it must not: %v", err)
			}
			if test.name == "time-out" && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestFailuresBeforeSending(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	listener.Close()
	secure := httptest.NewTLSServer(&xmlrpc.Handler{Serve: echo})
	secure.Config.ErrorLog = nil
	defer secure.Close()
	plain := httptest.NewServer(&xmlrpc.Handler{Serve: echo})
	defer plain.Close()

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name, url string
		ctx       context.Context
		param     any
		as        any
	}{
		{"refused connection", "http://" + closed, t.Context(), "x", new(*xmlrpc.TransportError)},
		{"certificate of unknown authority", secure.URL, t.Context(), "x", new(*xmlrpc.TransportError)},
		{"plain server behind https", strings.Replace(plain.URL, "http:", "https:", 1), t.Context(), "x", new(*xmlrpc.TransportError)},
		{"cancelled before", plain.URL, cancelled, "x", new(*xmlrpc.TransportError)},
		{"value that cannot be written", plain.URL, t.Context(), "\x00", new(*xmlrpc.RequestError)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := newClient(t, xmlrpc.Config{URL: test.url}).Call(test.ctx, "m", test.param)
			check(t, err, true, false, test.as)
		})
	}

	t.Run("a server of its own authority", func(t *testing.T) {
		pool := secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		if _, err := newClient(t, xmlrpc.Config{URL: secure.URL, RootCAs: pool}).Call(t.Context(), "m"); err != nil {
			t.Error(err)
		}
	})
	t.Run("a transport that reports nothing", func(t *testing.T) {
		silent := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("broken") })}
		_, err := newClient(t, xmlrpc.Config{URL: plain.URL, HTTPClient: silent}).Call(t.Context(), "m")
		check(t, err, false, true, new(*xmlrpc.TransportError))
	})
}

// A kept-alive connection that the server closed is not a lost call.
func TestClosedIdleConnection(t *testing.T) {
	server := httptest.NewServer(&xmlrpc.Handler{Serve: echo})
	defer server.Close()
	client := newClient(t, xmlrpc.Config{URL: server.URL})
	if _, err := client.Call(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	server.Close()
	_, err := client.Call(t.Context(), "m")
	if _, ok := errors.AsType[*xmlrpc.TransportError](err); !ok {
		t.Errorf("got %v", err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, config := range map[string]xmlrpc.Config{
		"no URL":                {},
		"unreadable":            {URL: "http://[::1"},
		"other scheme":          {URL: "ftp://host/secret"},
		"no host":               {URL: "https:///RPC2"},
		"userinfo":              {URL: "https://u:secret@host/RPC2"},
		"negative time-out":     {URL: "https://host", Timeout: -1},
		"password without user": {URL: "https://host", Password: "secret"},
	} {
		if _, err := xmlrpc.NewClient(config); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestDumps(t *testing.T) {
	server := httptest.NewServer(&xmlrpc.Handler{Serve: func(_ context.Context, method string, _ []any) (any, error) {
		switch method {
		case "fault":
			return nil, &xmlrpc.Fault{Code: 1, Text: "visible"}
		default:
			return xmlrpc.Struct{"password": "hidden", "visible": "visible"}, nil
		}
	}})
	defer server.Close()
	var mu sync.Mutex
	dumped := map[string]string{}
	client := newClient(t, xmlrpc.Config{
		URL: server.URL, User: "staff", Password: "hidden",
		Dump: func(direction string, document []byte) {
			mu.Lock()
			defer mu.Unlock()
			dumped[direction] += string(document)
		},
		Redact: func(_ string, params []any) []any {
			if len(params) > 1 {
				params[1] = xmlrpc.Redacted
			}
			return params
		},
	})
	params := xmlrpc.Struct{
		"Password": "hidden", "visible": "visible",
		"auth":       xmlrpc.Struct{"login": "hidden", "password": "hidden"},
		"parameters": []any{xmlrpc.Struct{"var_name": "db_password", "var_value": "hidden"}},
		"ordered":    xmlrpc.Ordered{{Name: "PasswordID", Value: "hidden"}, {Name: "Name", Value: xmlrpc.Untyped("visible")}},
		"pair":       xmlrpc.Ordered{{Name: "Name", Value: "AuthCode"}, {Name: "Value", Value: "hidden"}},
	}
	if _, err := client.Call(t.Context(), "m", params, "hidden"); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Call(t.Context(), "fault"); err == nil {
		t.Fatal("no fault")
	}
	for direction, text := range dumped {
		if strings.Contains(text, "hidden") || !strings.Contains(text, "visible") || strings.Contains(text, "Basic ") {
			t.Errorf("%s: %s", direction, text)
		}
	}
	if len(dumped) != 2 || !strings.Contains(dumped[xmlrpc.DumpRequest], "var_name") {
		t.Errorf("got %v", dumped)
	}
	if params["Password"] != "hidden" || params["auth"].(xmlrpc.Struct)["password"] != "hidden" {
		t.Error("redaction changed what was sent")
	}
	server.Close()
	_, _ = client.Call(t.Context(), "m")
	if !strings.Contains(dumped[xmlrpc.DumpReply], "<!-- xmlrpc:") {
		t.Errorf("a failure leaves no note: %s", dumped[xmlrpc.DumpReply])
	}
}

func check(t *testing.T, err error, notSent, unknown bool, as any) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if !errors.As(err, as) {
		t.Errorf("got %T: %v", err, err)
	}
	if xmlrpc.NotSent(err) != notSent || xmlrpc.OutcomeUnknown(err) != unknown {
		t.Errorf("not sent %v, unknown %v: %v", xmlrpc.NotSent(err), xmlrpc.OutcomeUnknown(err), err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func hijack(w http.ResponseWriter) net.Conn {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	return conn
}

// A call that only reads has no outcome that could be unknown; the error keeps its
// cause.
func TestACallThatOnlyReadsChangesNothing(t *testing.T) {
	for _, cause := range []error{
		&xmlrpc.TransportError{Sent: true, Err: io.EOF}, &xmlrpc.StatusError{Status: 502}, &xmlrpc.MalformedError{Err: io.EOF},
	} {
		err := fmt.Errorf("wrapped: %w", &xmlrpc.ReadError{Err: cause})
		if !xmlrpc.OutcomeUnknown(cause) || xmlrpc.OutcomeUnknown(err) || !errors.Is(err, cause) || err.Error() != "wrapped: "+cause.Error() {
			t.Errorf("got %v", err)
		}
	}
}
