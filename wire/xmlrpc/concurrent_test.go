package xmlrpc_test

import (
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/wire/xmlrpc"
)

// TestConcurrentCalls: many callers share one client. Each gets its own answer,
// and connections are kept alive instead of being opened for each call.
func TestConcurrentCalls(t *testing.T) {
	var opened atomic.Int32
	server := httptest.NewUnstartedServer(&xmlrpc.Handler{Serve: func(_ context.Context, _ string, params []any) (any, error) {
		return params[0], nil
	}})
	server.Listener = &countingListener{Listener: server.Listener, opened: &opened}
	server.Start()
	defer server.Close()
	client := newClient(t, xmlrpc.Config{URL: server.URL})
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			for i := range 20 {
				sent := fmt.Sprintf("%d/%d", worker, i)
				if got, err := client.Call(t.Context(), "echo", sent); err != nil || got != sent {
					t.Errorf("%s: got %v %v", sent, got, err)
					return
				}
			}
		})
	}
	group.Wait()
	if n := opened.Load(); n > 32 {
		t.Errorf("%d connections for 320 calls of 16 callers", n)
	}
}

type countingListener struct {
	net.Listener
	opened *atomic.Int32
}

func (l *countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.opened.Add(1)
	}
	return conn, err
}

// TestCallersDeadline: the caller's own deadline applies if it is shorter than
// the client's.
func TestCallersDeadline(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(&xmlrpc.Handler{Serve: func(ctx context.Context, _ string, _ []any) (any, error) {
		select {
		case <-release:
		case <-ctx.Done():
		}
		return "late", nil
	}})
	defer server.Close()
	defer close(release)
	client := newClient(t, xmlrpc.Config{URL: server.URL})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	_, err := client.Call(ctx, "m")
	check(t, err, false, true, new(*xmlrpc.TransportError))
}

func ExampleHandler() {
	server := httptest.NewServer(&xmlrpc.Handler{Serve: func(_ context.Context, method string, params []any) (any, error) {
		if method != "sum" {
			return nil, &xmlrpc.Fault{Code: 1, Text: "unknown method"}
		}
		total := 0
		for _, param := range params {
			n, _ := xmlrpc.AsInt(param)
			total += n
		}
		return total, nil
	}})
	defer server.Close()
	client, err := xmlrpc.NewClient(xmlrpc.Config{URL: server.URL})
	if err != nil {
		panic(err)
	}
	fmt.Println(client.Call(context.Background(), "sum", 1, xmlrpc.Untyped("2")))
	fmt.Println(client.Call(context.Background(), "other"))
	// Output:
	// 3 <nil>
	// <nil> xmlrpc: fault 1
}

func ExampleEncodeCall() {
	document, err := xmlrpc.EncodeCall("Execute", xmlrpc.Ordered{
		{Name: "Server", Value: xmlrpc.Untyped("BM")},
		{Name: "Params", Value: []any{700101, xmlrpc.Fixed2(1250), nil}},
		{Name: "Lang", Value: nil},
	})
	fmt.Println(string(document), err)
	// Output:
	// <?xml version="1.0" encoding="UTF-8"?>
	// <methodCall><methodName>Execute</methodName><params><param><value><struct><member><name>Server</name><value>BM</value></member><member><name>Params</name><value><array><data><value><i4>700101</i4></value><value><double>12.50</double></value></data></array></value></member></struct></value></param></params></methodCall>
	//  <nil>
}
