package xmlrpc_test

import (
	"context"
	"math"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/internal/pythontest"
	"domainprovisioning/wire/xmlrpc"
)

// TestPythonReadsAndWritesTheSame: every kind of value goes through Python's server and comes back
// as it was, and through Python's client to our server and back.
func TestPythonReadsAndWritesTheSame(t *testing.T) {
	var calls atomic.Int64
	own := httptest.NewServer(&xmlrpc.Handler{Serve: func(_ context.Context, _ string, params []any) (any, error) {
		calls.Add(1)
		return params, nil
	}})
	t.Cleanup(own.Close)
	values := map[string]any{
		"zero": 0, "negative": -1, "smallest": math.MinInt32, "largest": math.MaxInt32, "true": true, "false": false,
		"empty": "", "text": "a <b> & \"c\" 'd' ]]>", "letters": "Nováková \u5317\u4eac \U0001F600", "blanks": "  two  ", "lines": "one\ntwo\tthree",
		"double": 12.5, "small": -0.000001, "bytes": []byte{0, 1, 254, 255}, "no bytes": []byte{},
		"time": time.Date(2026, 2, 28, 23, 59, 59, 0, time.UTC), "list": []any{1, "a", []any{}, xmlrpc.Struct{}},
		"struct": xmlrpc.Struct{"": "no name", "a b": 1, "é": xmlrpc.Struct{"deep": []any{true}}},
	}
	for name, url := range map[string]string{
		"Python's server":            pythontest.Relay(t, ""),
		"Python's server and client": pythontest.Relay(t, own.URL),
	} {
		client, err := xmlrpc.NewClient(xmlrpc.Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.CloseIdleConnections)
		for kind, value := range values {
			got, err := client.Call(t.Context(), "echo.values", value, "after")
			if err != nil || !reflect.DeepEqual(got, []any{value, "after"}) {
				t.Errorf("%s: %s: sent %#v, got %#v, %v", name, kind, value, got, err)
			}
		}
		// An untyped value is a text, and one of two decimals a number.
		got, err := client.Call(t.Context(), "echo.values", xmlrpc.Untyped("x"), xmlrpc.Fixed2(1250))
		if err != nil || !reflect.DeepEqual(got, []any{"x", 12.5}) {
			t.Errorf("%s: untyped and fixed: %#v, %v", name, got, err)
		}
	}
	if n := int(calls.Load()); n != len(values)+1 {
		t.Errorf("%d calls of Python's client", n)
	}
}

// TestAFaultGoesThroughPython: its code and text arrive as they were sent.
func TestAFaultGoesThroughPython(t *testing.T) {
	own := httptest.NewServer(&xmlrpc.Handler{Serve: func(context.Context, string, []any) (any, error) {
		return nil, &xmlrpc.Fault{Code: -7, Text: "bm8gPG1vbmV5Pg==\n "}
	}})
	t.Cleanup(own.Close)
	client, err := xmlrpc.NewClient(xmlrpc.Config{URL: pythontest.Relay(t, own.URL)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	_, err = client.Call(t.Context(), "pay")
	fault, ok := err.(*xmlrpc.Fault) //nolint:errorlint // as the client returns it
	if !ok || fault.Code != -7 || strings.TrimSpace(fault.Text) != "bm8gPG1vbmV5Pg==" {
		t.Errorf("got %#v", err)
	}
}
