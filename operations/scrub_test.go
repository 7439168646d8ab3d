package operations_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/operations"
	"domainprovisioning/wire/xmlrpc"
)

// Operations may quote the whole request in its error, as it came or in base64: neither the new
// member's password nor our own is in what is left, and the rest is.
func TestAnErrorThatQuotesTheRequestShowsNoSecret(t *testing.T) {
	const password, ours = `N3w "pass" <word>&more`, "our own s3cret"
	as := map[string]func(request string) (reply []byte, err error){
		"an error reply": func(request string) ([]byte, error) {
			return xmlrpc.EncodeResponse(xmlrpc.Struct{
				"status": -1, "error_code": 12, "module_id": "APS: " + password, "error_message": "not accepted: " + request,
				"properties": xmlrpc.Struct{"sent": request},
			})
		},
		"a fault": func(request string) ([]byte, error) { return xmlrpc.EncodeFault(12, "not accepted: "+request), nil },
		"a fault in base64": func(request string) ([]byte, error) {
			return xmlrpc.EncodeFault(12, base64.StdEncoding.EncodeToString([]byte("not accepted: "+request))), nil
		},
		"a reply that cannot be read": func(request string) ([]byte, error) { return []byte(request), nil },
	}
	for name, reply := range as {
		t.Run(name, func(t *testing.T) {
			quoted := ""
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				quoted = string(body) + " " + r.Header.Get("Authorization")
				answer, err := reply(quoted)
				if err != nil {
					t.Error(err)
				}
				_, _ = w.Write(answer)
			}))
			defer server.Close()
			client, err := operations.New(operations.Config{URL: server.URL, Login: "provider", Password: domains.NewSecret(ours)})
			if err != nil {
				t.Fatal(err)
			}
			defer client.CloseIdleConnections()
			_, err = client.AddAccountMember(t.Context(), operations.AddAccountMemberParams{
				AccountID: 1, Contact: plainContact(), Auth: operations.Auth{Login: "l", Password: domains.NewSecret(password)},
			})
			if err == nil {
				t.Fatal("it is no error")
			}
			said := err.Error()
			if refused, ok := errors.AsType[*operations.Error](err); ok {
				said += refused.Message + fmt.Sprint(refused.Properties)
			}
			if fault, ok := errors.AsType[*operations.FaultError](err); ok {
				said += fault.Text
			}
			basic := strings.TrimPrefix(quoted[strings.LastIndex(quoted, " ")+1:], "Basic ")
			for _, never := range []string{password, "N3w", "&lt;word&gt;", ours, basic, basic[8:20]} {
				if strings.Contains(said, never) {
					t.Errorf("%q is in %q", never, said)
				}
			}
			if !strings.Contains(quoted, "N3w") {
				t.Errorf("the request was %q", quoted)
			}
			if name != "a reply that cannot be read" && (!strings.Contains(said, "not accepted") || !strings.Contains(said, "[redacted]")) {
				t.Errorf("left is %q", said)
			}
		})
	}
}
