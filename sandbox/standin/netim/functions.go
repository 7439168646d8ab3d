package netim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"domainprovisioning/sandbox/standin/faults"
)

// part is a part of a request, or a member of a struct; kind is its XML Schema type or one
// of our structs. described is its name in the WSDL.
type part struct{ name, kind, described string }

// function is a row of the table that drives binding, replies and the WSDL.
type function struct {
	name         string
	parts        []part
	child, reply string // name and type of the reply's child; empty: no result
	serve        func(c *call) (any, *fault)
}

const (
	kindString = "xsd:string"
	kindInt    = "xsd:int"
	kindMap    = "ns2:Map"
	kindAny    = "xsd:anyType"
	kindStruct = "SOAP-ENC:Struct"
	kindOp     = "ns1:StructOperationResponse"
)

// call is one request with its parts bound.
type call struct {
	args    map[string]*node
	session *session // nil for functions that open one
	fault   faults.Kind
}

func (c *call) string(name string) string { return c.args[name].value() }

func (c *call) int(name string) (int, *fault) {
	n, err := strconv.Atoi(c.string(name))
	if err != nil {
		return 0, invalid(name)
	}
	return n, nil
}

// bind assigns the parts of a request as PHP's SoapServer does: by name in any order if at
// least one name is known, and otherwise by position. Missing parts are null, surplus ones
// are refused where position counts (docs/protocols/netim.md, section 2).
func (f *function) bind(sent []*node) (map[string]*node, *fault) {
	byName := map[string]*node{}
	for _, n := range sent {
		if byName[n.name] == nil {
			byName[n.name] = n
		}
	}
	out := map[string]*node{}
	for _, p := range f.parts {
		if n := byName[p.described]; n != nil {
			out[p.name] = n
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	if len(sent) > len(f.parts) {
		return nil, &fault{codeClient, "Error cannot find parameter"}
	}
	for i, n := range sent {
		out[f.parts[i].name] = n
	}
	return out, nil
}

// rename gives the parts other names in the WSDL than those that clients have been seen to
// send, except the session's.
func (f *function) rename() {
	for i := range f.parts {
		if p := &f.parts[i]; p.name != partSession {
			p.described = fmt.Sprintf("own%d%s", i, p.name)
		}
	}
}

const partSession = "IDSession"

// parts parses a list such as "domain ns1 duration:int"; the type is string unless
// given.
func parts(list string) []part {
	words := strings.Fields(list)
	out := make([]part, 0, len(words))
	for _, word := range words {
		name, kind, _ := strings.Cut(word, ":")
		switch kind {
		case "":
			kind = kindString
		case "int":
			kind = kindInt
		case "any":
			kind = kindAny
		case "Map":
			kind = kindMap
		default:
			kind = "ns1:" + kind
		}
		out = append(out, part{name, kind, name})
	}
	return out
}

const fiveNS = " ns1 ns2 ns3 ns4 ns5"

// table lists the functions in the order of docs/protocols/netim.md, sections 3 and 4,
// with the names of the children from docs/protocols/netim.md, section 6.
func (s *Server) table() []function {
	return []function{
		{"sessionOpen", parts("idReseller password language"), "IDSession", kindString, s.sessionOpen},
		{"login", parts("idReseller password language version"), "IDSession", kindString, s.sessionOpen},
		{"sessionClose", parts("IDSession"), "", "", s.sessionClose},
		{"sessionInfo", parts("IDSession"), "return", "ns1:StructSessionInfo", s.sessionInfo},
		{"sessionSetPreference", parts("IDSession type value"), "", "", s.sessionSetPreference},
		{"hello", parts("IDSession"), "return", kindString, s.hello},
		{"queryResellerAccount", parts("IDSession"), "return", "ns1:StructQueryResellerAccount", s.queryResellerAccount},
		{"contactCreate", parts("IDSession contact:StructContact"), "idContact", kindString, s.contactCreate},
		{"contactInfo", parts("IDSession idContact"), "contact", "ns1:StructContactReturn", s.contactInfo},
		{"contactUpdate", parts("IDSession idContact contact:StructContact"), "return", kindOp, s.contactUpdate},
		{"contactOwnerUpdate", parts("IDSession idContact contact:StructContact"), "return", kindOp, s.contactOwnerUpdate},
		{"queryContactList", parts("IDSession filter field"), "queryContactListReturn", "ns1:StructContactListArray", s.queryContactList},
		{"domainCheck", parts("IDSession domain"), "domainCheckResponseReturn", "ns1:ArrayStructDomainCheckResponse", s.domainCheck},
		{"domainInfo", parts("IDSession domain"), "return", "ns1:StructDomainInfo", s.domainInfo},
		{"domainTldInfo", parts("IDSession tld"), "return", "ns1:StructDomainTldInfo", s.domainTldInfo},
		{"domainCreate", parts("IDSession domain idOwner idAdmin idTech idBilling" + fiveNS + " duration:int templateDNS:int"), "return", kindOp, s.domainCreate},
		{"domainTransferIn", parts("IDSession domain authID idOwner idAdmin idTech idBilling" + fiveNS), "return", kindOp, s.domainTransferIn},
		{"domainTransferOwner", parts("IDSession domain idOwner"), "return", kindOp, s.domainTransferOwner},
		{"domainChangeContact", parts("IDSession domain idAdmin idTech idBilling"), "return", kindOp, s.domainChangeContact},
		{"domainChangeDNS", parts("IDSession domain" + fiveNS), "return", kindOp, s.domainChangeDNS},
		{"domainRenew", parts("IDSession domain duration:int"), "return", kindOp, s.domainRenew},
		{"domainAuthID", parts("IDSession domain sendtoregistrant:int"), "return", kindOp, s.domainAuthID},
		{"domainDelete", parts("IDSession domain typeDelete"), "return", kindOp, s.domainDelete},
		{"domainRestore", parts("IDSession domain"), "return", kindOp, s.domainRestore},
		{"domainSetDNSsec", parts("IDSession domain value:int"), "return", kindOp, s.domainSetDNSsec},
		{"domainSetDNSSecExt", parts("IDSession domain DSRecords:any flags:int protocol:int algo:int pubKey"), "return", kindOp, s.domainSetDNSSecExt},
		{"domainZoneInit", parts("IDSession domain numTemplate:int"), "return", kindOp, s.domainZoneInit},
		{"queryDomainPrice", parts("IDSession domain authID"), "queryDomainPriceReturn", "ns1:StructQueryDomainPrice", s.queryDomainPrice},
		{"domainSetPreference", parts("IDSession domain codePref value"), "return", kindOp, s.domainSetPreference},
		{"queryDomainList", parts("IDSession filter"), "queryDomainListReturn", "ns1:StructDomainListArray", s.queryDomainList},
		{"hostCreate", parts("IDSession host ipv4:ArrayOfString ipv6:ArrayOfString"), "return", kindOp, s.hostCreate},
		{"queryHostList", parts("IDSession filter"), "queryHostListReturn", "ns1:StructHostListArray", s.queryHostList},
		{"queryOpe", parts("IDSession idOpe:int"), "return", kindOp, s.queryOpe},
		{"queryOpePending", parts("IDSession"), "return", "ns1:StructQueryOpePendingArray", s.queryOpePending},
		{"queryOpeList", parts("IDSession tld"), "queryOpeListReturn", kindStruct, s.queryOpeList},
		{"cancelOpe", parts("IDSession idOpe:int"), "", "", s.cancelOpe},
	}
}

// applies keeps faults away from functions that cannot show them.
func (s *Server) applies(kind faults.Kind, method string) bool {
	f := s.functions[strings.ToLower(method)]
	opens := f != nil && f.parts[0].name != partSession
	switch kind {
	case faults.SessionExpired:
		return f != nil && !opens
	case faults.TooManySessions:
		return opens
	case faults.UnknownStatus:
		return f != nil && f.reply == kindOp
	case faults.DNSNotReady:
		return f != nil && slices.Contains([]string{"domainCreate", "domainTransferIn", "domainChangeDNS"}, f.name)
	default:
		return true
	}
}
