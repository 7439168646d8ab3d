package billing_test

import (
	"context"
	"net/http/httptest"
	"reflect"
	"testing"

	"domainprovisioning/billing"
	"domainprovisioning/domains"
	"domainprovisioning/wire/xmlrpc"
)

// The server's side and the client understand each other.
func TestServerSide(t *testing.T) {
	var got billing.ExecuteCall
	server := httptest.NewServer(&xmlrpc.Handler{Serve: func(_ context.Context, method string, params []any) (any, error) {
		call, err := billing.ParseExecute(params)
		if err != nil || method != "Execute" {
			return nil, err
		}
		got = call
		if call.Method == "Fail_API" {
			return nil, &xmlrpc.Fault{Code: 9, Text: billing.EncodeFaultText("Doména is already used.")}
		}
		return billing.ItemResult(call.Params...), nil
	}})
	defer server.Close()
	c, err := billing.New(billing.Config{URL: server.URL, Username: "api", Password: domains.NewSecret(" p "), Lang: "en"})
	if err != nil {
		t.Fatal(err)
	}
	result, err := c.Execute(t.Context(), billing.ServerCore, "Echo_API", 1, xmlrpc.Untyped(""), xmlrpc.Fixed2(1250))
	if want := []any{1, "", 12.5}; err != nil || !reflect.DeepEqual(result, want) {
		t.Errorf("got %#v %v", result, err)
	}
	want := billing.ExecuteCall{
		Server: "BM", Method: "Echo_API", Params: []any{1, "", 12.5}, Lang: "en", Username: "api", Password: domains.NewSecret(" p "),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if _, err := c.Execute(t.Context(), billing.ServerPEMGate, "Fail_API"); !billing.IsAlreadyUsed(err) {
		t.Errorf("got %v", err)
	}
	if got.Params == nil || len(got.Params) != 0 {
		t.Errorf("a call without values: got %#v", got.Params)
	}
}

func TestParseExecuteRefuses(t *testing.T) {
	good := func(change func(xmlrpc.Struct)) []any {
		s := xmlrpc.Struct{"Server": "BM", "Method": "M_API", "Params": []any{}, "methodName": "Execute"}
		change(s)
		return []any{s}
	}
	if _, err := billing.ParseExecute(good(func(xmlrpc.Struct) {})); err != nil {
		t.Error(err)
	}
	for name, params := range map[string][]any{
		"no params":              nil,
		"two params":             {xmlrpc.Struct{}, xmlrpc.Struct{}},
		"no struct":              {"x"},
		"no server":              good(func(s xmlrpc.Struct) { delete(s, "Server") }),
		"no method":              good(func(s xmlrpc.Struct) { delete(s, "Method") }),
		"method with blanks":     good(func(s xmlrpc.Struct) { s["Method"] = "M API" }),
		"no values":              good(func(s xmlrpc.Struct) { delete(s, "Params") }),
		"values that are no row": good(func(s xmlrpc.Struct) { s["Params"] = "x" }),
	} {
		if _, err := billing.ParseExecute(params); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestEncodeFaultText(t *testing.T) {
	// The documented sample.
	if got := billing.EncodeFaultText("Table Domain does not contain row with ID 4711."); got != "VGFibGUgRG9tYWluIGRvZXMgbm90IGNvbnRhaW4gcm93IHdpdGggSUQgNDcxMS4=\n" {
		t.Errorf("got %q", got)
	}
}
