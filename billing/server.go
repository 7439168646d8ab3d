package billing

import (
	"encoding/base64"
	"errors"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/wire/xmlrpc"
)

// executeMethod is the XML-RPC method that carries all others.
const executeMethod = "Execute"

// ExecuteCall is the envelope of an Execute call as a server reads it.
type ExecuteCall struct {
	Server   string
	Method   string
	Params   []any // positional
	Lang     string
	Username string
	Password domains.Secret
}

// ParseExecute reads the parameters of an XML-RPC call of the method Execute.
// Members that it does not know, such as a repeated methodName, are ignored.
func ParseExecute(params []any) (ExecuteCall, error) {
	if len(params) != 1 {
		return ExecuteCall{}, errors.New("billing: Execute takes one struct")
	}
	envelope, ok := params[0].(xmlrpc.Struct)
	if !ok {
		return ExecuteCall{}, errors.New("billing: Execute takes one struct")
	}
	text := func(member string) string {
		value, _ := xmlrpc.AsString(envelope[member])
		return strings.TrimSpace(value)
	}
	// An order that is placed within a transaction would have to wait for its end.
	if commit, given := envelope["AutoCommit"]; given {
		if text, ok := xmlrpc.AsString(commit); !ok || !strings.EqualFold(strings.TrimSpace(text), "yes") {
			return ExecuteCall{}, errors.New("billing: AutoCommit must be Yes, or left out: transactions are not offered")
		}
	}
	if text, isText := xmlrpc.AsString(envelope["TransactionID"]); envelope["TransactionID"] != nil && (!isText || text != "") {
		return ExecuteCall{}, errors.New("billing: TransactionID must be left out: transactions are not offered")
	}
	password, _ := xmlrpc.AsString(envelope["Password"])
	call := ExecuteCall{
		Server: text("Server"), Method: text("Method"), Lang: text("Lang"),
		Username: text("Username"), Password: domains.NewSecret(password),
	}
	if call.Server == "" {
		return ExecuteCall{}, errors.New("billing: Execute needs Server")
	}
	if call.Method == "" || strings.ContainsAny(call.Method, " \t\r\n") {
		return ExecuteCall{}, errors.New("billing: Execute needs Method, without white space")
	}
	if call.Params, ok = envelope["Params"].([]any); !ok {
		return ExecuteCall{}, errors.New("billing: Execute needs the array Params")
	}
	return call, nil
}

// ItemResult wraps positional values as the reply of Execute.
func ItemResult(values ...any) any {
	return xmlrpc.Struct{"Result": []any{append([]any{}, values...)}}
}

// EncodeFaultText encodes the text of a fault as Billing does: base64, with the
// line end that clients must strip.
func EncodeFaultText(text string) string {
	return base64.StdEncoding.EncodeToString([]byte(text)) + "\n"
}
