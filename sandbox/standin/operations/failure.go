package operations

import (
	"encoding/base64"
	"fmt"
	"strconv"

	"domainprovisioning/wire/xmlrpc"
)

// failure is an error answer: a normal reply with status -1
// (docs/protocols/operations.md, section 5).
type failure struct {
	module     string
	extype     int
	code       int
	hasCode    bool // errors of the OpenAPI module lack error_code
	text       string
	properties xmlrpc.Struct
}

func (f *failure) reply() xmlrpc.Struct {
	reply := xmlrpc.Struct{
		"status": -1, "module_id": f.module, "extype_id": f.extype, "error_message": f.text,
	}
	if f.hasCode {
		reply["error_code"] = f.code
	}
	if f.properties != nil {
		reply["properties"] = f.properties
	}
	return reply
}

// fault returns the failure as a fault; see Options.RaiseFaults.
func (f *failure) fault() *xmlrpc.Fault {
	return &xmlrpc.Fault{Code: f.code, Text: base64.StdEncoding.EncodeToString([]byte(f.text))}
}

// The error identities of docs/protocols/operations.md, section 6, that are documented or
// observed.

func subscriptionUnknown(id int) *failure {
	return &failure{
		module: "ResourceManagement", extype: 200, code: 2006, hasCode: true,
		text:       fmt.Sprintf("Subscription #%d does not exist.", id),
		properties: xmlrpc.Struct{"sub_id": strconv.Itoa(id)},
	}
}

func subscriptionTaken(id int) *failure {
	return &failure{
		module: "ResourceManagement", extype: 205, code: 2007, hasCode: true,
		text:       fmt.Sprintf("Subscription #%d already exists.", id),
		properties: xmlrpc.Struct{"sub_id": strconv.Itoa(id)},
	}
}

func transactionUnknown(id string) *failure {
	return &failure{module: "OpenAPI", extype: 2001, text: fmt.Sprintf("Transaction '%s' does not exist.", id)}
}

func accountArguments() *failure {
	const reason = "EITHER external_info OR person, address, phone, [fax], [locale], email must be given"
	return &failure{
		module: "OpenAPI", extype: 21, text: "Wrong set of arguments: " + reason + ".",
		properties: xmlrpc.Struct{"reason": reason},
	}
}

func memberArguments() *failure {
	return &failure{
		module: "Common", extype: 2, code: 0, hasCode: true,
		text: "Wrong set of arguments: EITHER external_identity OR auth, person, address, phone, [fax], email must be given.",
	}
}

// refusal is the answer to a call that is refused with a text, for the faults that ask for it.
func (s *Server) refusal(text string) []byte {
	refused := &failure{module: "Common", extype: 1, text: text}
	if s.options.RaiseFaults {
		return xmlrpc.EncodeFault(refused.fault().Code, refused.fault().Text)
	}
	body, err := xmlrpc.EncodeResponse(refused.reply())
	if err != nil {
		panic(err) // a bug in this package
	}
	return body
}
