package netim

import (
	"fmt"
	"strings"
)

// locationMark is the placeholder for the server's address.
const locationMark = "@location@"

// wsdl describes the functions of the table. No public copy of the real text is
// known; the style (RPC, encoded) and the names are from docs/protocols/netim.md,
// sections 2, 6 and 7.
func wsdl(table []function) string {
	var messages, operations, bindings strings.Builder
	for _, f := range table {
		fmt.Fprintf(&messages, "<message name=%q>", f.name+"Request")
		for _, p := range f.parts {
			fmt.Fprintf(&messages, "<part name=%q type=%q/>", p.described, p.kind)
		}
		fmt.Fprintf(&messages, "</message>\n<message name=%q>", f.name+"Response")
		if f.child != "" {
			fmt.Fprintf(&messages, "<part name=%q type=%q/>", f.child, f.reply)
		}
		messages.WriteString("</message>\n")
		fmt.Fprintf(&operations, "<operation name=%q><input message=%q/><output message=%q/></operation>\n",
			f.name, "ns1:"+f.name+"Request", "ns1:"+f.name+"Response")
		const body = `<soap:body use="encoded" namespace="` + serviceNS + `" encodingStyle="` + encodingNS + `"/>`
		fmt.Fprintf(&bindings,
			"<operation name=%q><soap:operation soapAction=%q/><input>%s</input><output>%s</output></operation>\n",
			f.name, f.name, body, body)
	}
	return `<?xml version="1.0" encoding="UTF-8"?>
<definitions name="DRS" targetNamespace="` + serviceNS + `" xmlns="http://schemas.xmlsoap.org/wsdl/"` +
		` xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"` +
		` xmlns:SOAP-ENC="` + encodingNS + `" xmlns:xsd="` + schemaNS + `" xmlns:ns1="` + serviceNS +
		`" xmlns:ns2="` + mapNS + `">
<types><xsd:schema targetNamespace="` + serviceNS + `">
<xsd:import namespace="` + encodingNS + `"/>
` + schema() + `</xsd:schema></types>
` + messages.String() + `<portType name="DRSPortType">
` + operations.String() + `</portType>
<binding name="DRSBinding" type="ns1:DRSPortType"><soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
` + bindings.String() + `</binding>
<service name="DRS"><port name="DRSPort" binding="ns1:DRSBinding"><soap:address location="` + locationMark + `"/></port></service>
</definitions>
`
}

// structTypes lists the structs with their members, in the form of parts.
func structTypes() [][2]string {
	var fields strings.Builder
	for _, f := range contactFields {
		fields.WriteString(" " + f.name)
		if f.name == "isOwner" {
			fields.WriteString(":int")
		}
	}
	contact := fields.String()
	return [][2]string{
		{"StructContact", contact + " additional:Map"},
		{"StructContactReturn", "idContact" + contact + " additional:Map"},
		{"StructContactList", "idContact firstName lastName bodyName"},
		{"StructOperationResponse", "ID_OPE:int STATUS MESSAGE TYPE DATE"},
		{"StructQueryOpePending", "id_ope code_ope date_ope data_ope"},
		{"StructSessionInfo", "IDSession timeLogin:int timeLastActivity:int lang sync:int"},
		{"StructDomainCheckResponse", "domain result reason"},
		{"StructDSRecord", "key:int type:int digest"},
		{"StructQueryDomainPrice", "FeeCurrency Fee4Registration Fee4Renewal Fee4Transfer Fee4Trade Fee4TransferTrade" +
			" Fee4Restore Fee4TrusteeService Fee4LocalContactService IsPremium:int"},
		{"StructHostList", "name ipv4:ArrayOfString ipv6:ArrayOfString"},
		{"StructDomainList", "domain dateCreate dateExpiration"},
		{"StructDomainInfo", "domain dateCreate dateExpiration dateMinRenew dateMaxRenew dateMaxRestore status" +
			" idOwner idAdmin idTech idBilling domainIsLock:int whoisPrivacy:int autoRenew:int ns:ArrayOfString" +
			" IsSigned:int HasDNS4Service:int authID DNSSEC:Map"},
		{"StructQueryResellerAccount", "BALANCE_AMOUNT BALANCE_LOW_LIMIT BALANCE_HARD_LIMIT DOMAIN_AUTO_RENEW" +
			" HOSTING_AUTO_RENEW DEFAULT_OWNER DEFAULT_BILLING DEFAULT_TECH DEFAULT_ADMIN PREMIUM_PROCESSING" +
			" DEFAULT_DNS_1 DEFAULT_DNS_2 DEFAULT_DNS_3 DEFAULT_DNS_4 DEFAULT_DNS_5 DEFAULT_DNS_TEMPLATE:Map"},
		{"StructDomainTldInfo", "tld Country Extensions PeriodCreate PeriodRenew DelaiRenewBeforeExpiration:int" +
			" DelaiRenewAfterExpiration:int DelaiRestoreAfterDelete:int HasEppCode:int HasRegistrarLock:int" +
			" HasAutorenew:int HasWhoisPrivacy:int HasMultipleCheck:int HasImmediateDelete:int HasTrusteeService:int" +
			" HasLocalContactService:int HasZonecheck:int HasDnsSec:int FeeCurrency Fee4Registration Fee4Renewal" +
			" Fee4Transfer Fee4Trade Informations"},
	}
}

func schema() string {
	var b strings.Builder
	for _, s := range structTypes() {
		fmt.Fprintf(&b, "<xsd:complexType name=%q><xsd:all>", s[0])
		optional := ""
		if strings.HasPrefix(s[0], "StructContact") {
			// PHP's SoapClient refuses to send a struct without one of its other members.
			optional = ` minOccurs="0"`
		}
		for _, p := range parts(s[1]) {
			fmt.Fprintf(&b, "<xsd:element name=%q type=%q%s/>", p.name, p.kind, optional)
		}
		b.WriteString("</xsd:all></xsd:complexType>\n")
	}
	for _, item := range []string{
		"StructContactList", "StructQueryOpePending", "StructDomainList", "StructHostList",
	} {
		arrayType(&b, item+"Array", "ns1:"+item)
	}
	arrayType(&b, "ArrayStructDomainCheckResponse", "ns1:StructDomainCheckResponse")
	arrayType(&b, "ArrayOfString", kindString)
	return b.String()
}

func arrayType(b *strings.Builder, name, item string) {
	fmt.Fprintf(b, `<xsd:complexType name=%q><xsd:complexContent><xsd:restriction base="SOAP-ENC:Array">`+
		`<xsd:attribute ref="SOAP-ENC:arrayType" wsdl:arrayType="%s[]"/>`+
		"</xsd:restriction></xsd:complexContent></xsd:complexType>\n", name, item)
}
