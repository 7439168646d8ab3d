package intake

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"domainprovisioning/billing"
	"domainprovisioning/intake/inbox"
	"domainprovisioning/orders"
	"domainprovisioning/wire/xmlrpc"
)

// Source is the form in which an order came.
type Source string

// These are all sources. SourceUnknown is for a document that has neither form.
const (
	SourceXMLRPC  Source = "xml-rpc"
	SourceJSON    Source = "json"
	SourceUnknown Source = "unknown"
)

// OrderMethods returns the names of the order method: today's and older ones
// (docs/protocols/orders.md, section 1).
func OrderMethods() []string {
	return []string{
		"PlaceOrderAndAuthorize_API",
		"CreateAccountAndPlaceOrder_API", "CreateAccountAndPlaceOrder",
		"PlaceOrderForAccount_API", "PlaceOrderForAccount",
	}
}

// Read reads an order document, which is an XML-RPC call of Execute or JSON. The first
// character tells which.
func (i *Intake) Read(document []byte) (*orders.Incoming, Source, error) {
	trimmed := bytes.TrimLeft(bytes.TrimPrefix(document, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case len(trimmed) == 0:
		return nil, SourceUnknown, errors.New("the order is empty")
	case trimmed[0] == '<':
		order, err := i.readCall(trimmed)
		return order, SourceXMLRPC, err
	case trimmed[0] == '{':
		order, err := i.Rules.ReadJSON(bytes.NewReader(trimmed))
		return order, SourceJSON, err
	default:
		return nil, SourceUnknown, errors.New("the order is neither an XML-RPC call nor a JSON object")
	}
}

func (i *Intake) readCall(document []byte) (*orders.Incoming, error) {
	method, params, err := xmlrpc.DecodeCall(document, xmlrpc.Limits{})
	if err != nil {
		return nil, err
	}
	if method != "Execute" {
		return nil, fmt.Errorf("methodName is %q and must be Execute", clip(method))
	}
	call, err := billing.ParseExecute(params)
	if err != nil {
		return nil, err
	}
	return i.readExecute(call)
}

func (i *Intake) readExecute(call billing.ExecuteCall) (*orders.Incoming, error) {
	if call.Server != "BM" {
		return nil, fmt.Errorf("Server is %q and must be BM", clip(call.Server)) //nolint:staticcheck // the wire's own name
	}
	if slices.Contains(OrderMethods(), call.Method) {
		return i.Rules.ReadList(call.Params)
	}
	return nil, fmt.Errorf("Method is %q and must be PlaceOrderAndAuthorize_API", clip(call.Method)) //nolint:staticcheck // the wire's own name
}

// clip shortens a part of a document that an error quotes.
func clip(text string) string { return inbox.Shorten(text, 60) }
