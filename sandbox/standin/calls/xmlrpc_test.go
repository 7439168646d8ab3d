package calls

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/wire/xmlrpc"
)

func TestXMLRPC(t *testing.T) {
	var log Log
	handler := &XMLRPC{
		Log: &log, Faults: &faults.Injector{}, Now: time.Now,
		Name: func(method string, _ []any) string { return "named." + method },
		Serve: func(method string, params []any, raw []byte) (any, bool, error) {
			if !strings.Contains(string(raw), "<methodName>"+method) {
				t.Error("raw is not the document")
			}
			switch method {
			case "fault":
				return nil, true, &xmlrpc.Fault{Code: 7, Text: "why"}
			case "broken":
				return nil, false, errors.New("a detail that stays inside")
			case "refused":
				return xmlrpc.Struct{"status": -1}, true, nil
			}
			return len(params), false, nil
		},
	}
	s := httptest.NewServer(handler)
	defer s.Close()
	post := func(path, body string) (int, string) {
		reply, err := http.Post(s.URL+path, "text/xml", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer reply.Body.Close()
		text, _ := io.ReadAll(reply.Body)
		return reply.StatusCode, string(text)
	}
	document := func(method string) string {
		return "<methodCall><methodName>" + method + "</methodName><params><param><value>x</value></param></params></methodCall>"
	}
	for _, c := range []struct{ method, want, outcome string }{
		{"sum", "<param>", OK}, {"refused", "-1", Refused}, {"fault", "why", Refused}, {"broken", "internal error", Refused},
	} {
		status, body := post(Path, document(c.method))
		if status != 200 || !strings.Contains(body, c.want) || strings.Contains(body, "detail") {
			t.Errorf("%s: %d %s", c.method, status, body)
		}
		if all := log.All(); all[len(all)-1].Outcome != c.outcome || log.Count("named."+c.method) != 1 {
			t.Errorf("%s: log %+v", c.method, all)
		}
	}
	handler.Faults.Add(faults.Fault{Kind: faults.RaiseFault})
	if status, body := post(Path, document("sum")); status != 200 || !strings.Contains(body, "<fault>") || log.All()[4].Outcome != "fault" {
		t.Errorf("a fault after the effect: %d %s, %+v", status, body, log.All()[4])
	}
	if status, body := post(Path, "<methodCall>"); status != 200 || !strings.Contains(body, "-32700") {
		t.Errorf("unreadable: %d %s", status, body)
	}
	if status, _ := post("/other", document("sum")); status != 404 {
		t.Errorf("other path: %d", status)
	}
	if status, _ := post(Path, strings.Repeat("x", xmlrpc.DefaultMaxBytes+1)); status != 400 {
		t.Errorf("too large: %d", status)
	}
	if n := log.Count(""); n != 5 {
		t.Errorf("%d calls on record; an unreadable one has no method", n)
	}
}
