package xmlrpc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"domainprovisioning/wire/xmlrpc"
)

func TestHandler(t *testing.T) {
	call := func(method string) string {
		return "<methodCall><methodName>" + method + "</methodName><params/></methodCall>"
	}
	tests := []struct {
		name, verb, body string
		status           int
		contains         string
		reported         bool
	}{
		{"a call", http.MethodPost, call("ok"), 200, "<string>done</string>", false},
		{"a fault", http.MethodPost, call("fault"), 200, "<i4>4</i4>", false},
		{"a wrapped fault", http.MethodPost, call("wrapped"), 200, "<i4>5</i4>", false},
		{"an error stays inside", http.MethodPost, call("error"), 200, "internal error", true},
		{"nil is an error", http.MethodPost, call("nil"), 200, "internal error", true},
		{"unreadable", http.MethodPost, "<methodCall>", 200, "-32700", true},
		{"too deep", http.MethodPost, "<methodCall><methodName>m</methodName><params><param>" + strings.Repeat("<value><array><data>", 40), 200, "-32700", true},
		{"too large", http.MethodPost, strings.Repeat("x", 3000), 413, "too large", false},
		{"GET", http.MethodGet, "", 405, "POST only", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			reported := false
			handler := &xmlrpc.Handler{
				Limits: xmlrpc.Limits{MaxBytes: 2000},
				Serve: func(_ context.Context, method string, _ []any) (any, error) {
					switch method {
					case "fault":
						return nil, &xmlrpc.Fault{Code: 4, Text: "t"}
					case "wrapped":
						return nil, fmt.Errorf("x: %w", &xmlrpc.Fault{Code: 5})
					case "error":
						return nil, errors.New("inner secret")
					case "nil":
						return nil, nil
					}
					return "done", nil
				},
				OnError: func(string, error) { reported = true },
			}
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, httptest.NewRequest(test.verb, "/RPC2", strings.NewReader(test.body)))
			body := recorder.Body.String()
			if recorder.Code != test.status || !strings.Contains(body, test.contains) || strings.Contains(body, "secret") {
				t.Errorf("got %d %s", recorder.Code, body)
			}
			if reported != test.reported {
				t.Errorf("reported %v", reported)
			}
		})
	}
}

// Without a Content-Length, the size is known only while reading.
func TestHandlerLimitsChunkedBodies(t *testing.T) {
	server := httptest.NewServer(&xmlrpc.Handler{Serve: echo, Limits: xmlrpc.Limits{MaxBytes: 1000}})
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, io.MultiReader(strings.NewReader(strings.Repeat("x", 5000))))
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d", response.StatusCode)
	}
}
