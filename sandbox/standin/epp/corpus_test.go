package epp

import (
	"fmt"
	"strings"
)

// corpus returns frames that use everything that a client may send.
func corpus() []string {
	inner := func(content string) string { return `<epp xmlns="` + nsEPP + `">` + content + `</epp>` }
	of := func(space, verb, element, content, extension string) string {
		if extension != "" {
			extension = "<extension>" + extension + "</extension>"
		}
		return inner(fmt.Sprintf(`<command><%s><o:%s xmlns:o="%s">%s</o:%s></%s>%s<clTRID>CL-1</clTRID></command>`,
			verb, element, space, content, element, strings.Fields(verb)[0], extension))
	}
	d := func(verb, content string, extension ...string) string {
		return of(nsDomain, verb, verb, content, join(extension))
	}
	c := func(verb, content string) string { return of(nsContact, verb, verb, content, "") }
	h := func(verb, content string) string { return of(nsHost, verb, verb, content, "") }
	const ds = `<s:dsData><s:keyTag>12345</s:keyTag><s:alg>13</s:alg><s:digestType>1</s:digestType><s:digest>49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE</s:digest>`
	const key = `<s:keyData><s:flags>257</s:flags><s:protocol>3</s:protocol><s:alg>13</s:alg><s:pubKey>AQPJ////4Q==</s:pubKey></s:keyData>`
	sec := func(element, content string) string {
		return fmt.Sprintf(`<s:%s xmlns:s="%s">%s</s:%s>`, element, nsSecDNS, content, element)
	}
	fee := func(element, content string) string {
		return fmt.Sprintf(`<f:%s xmlns:f="%s">%s</f:%s>`, element, nsFee, content, element)
	}
	restore := func(op, content string) string {
		return fmt.Sprintf(`<r:update xmlns:r="%s"><r:restore op="%s">%s</r:restore></r:update>`, nsRGP, op, content)
	}
	login := func(more, extension string) string {
		return inner(`<command><login><clID>registrar1</clID><pw>password</pw>` + more + `<options><version>1.0</version><lang>en</lang></options><svcs><objURI>` +
			nsDomain + `</objURI><objURI>` + nsHost + `</objURI><svcExtension><extURI>` + nsLoginSec + `</extURI></svcExtension></svcs></login>` + extension + `<clTRID>CL-1</clTRID></command>`)
	}
	agent := func(content string) string {
		return `<extension><l:loginSec xmlns:l="` + nsLoginSec + `"><l:userAgent>` + content + `</l:userAgent><l:pw>a long password</l:pw><l:newPW>another one</l:newPW></l:loginSec></extension>`
	}
	const auth = `<o:authInfo><o:pw roid="A1-B">secret</o:pw></o:authInfo>`
	const postal = `<o:postalInfo type="int"><o:name>Ada</o:name><o:org>Engines</o:org><o:addr><o:street>1 Main Street</o:street><o:street>Floor 2</o:street><o:city>London</o:city><o:sp>LDN</o:sp><o:pc>W1A</o:pc><o:cc>GB</o:cc></o:addr></o:postalInfo>`
	const phones = `<o:voice x="12">+44.2079460000</o:voice><o:fax>+44.2079460001</o:fax><o:email>ada@contact.example</o:email>`
	const disclose = `<o:disclose flag="0"><o:name type="int"/><o:name type="loc"/><o:org type="int"/><o:addr type="int"/><o:voice/><o:fax/><o:email/></o:disclose>`
	const statuses = `<o:status s="clientDeleteProhibited" lang="en">because</o:status>`
	const part = `<o:ns><o:hostObj>ns1.elsewhere.example</o:hostObj><o:hostObj>ns2.elsewhere.example</o:hostObj></o:ns><o:contact type="tech">ADA-1</o:contact>` + statuses
	const attributes = `<o:ns><o:hostAttr><o:hostName>ns1.shop.registry</o:hostName><o:hostAddr ip="v4">192.0.2.1</o:hostAddr><o:hostAddr ip="v6">2001:db8::1</o:hostAddr></o:hostAttr><o:hostAttr><o:hostName>ns2.elsewhere.example</o:hostName></o:hostAttr></o:ns>`
	const name = `<o:name>shop.registry</o:name>`
	const amounts = `<f:currency>EUR</f:currency><f:fee description="a fee" refundable="1" grace-period="P5D" applied="immediate">10.00</f:fee><f:credit description="less">-1.00</f:credit>`
	return []string{
		inner("<hello/>"), inner("<command><logout/></command>"), inner(`<command><poll op="req"/><clTRID>CL-1</clTRID></command>`), inner(`<command><poll op="ack" msgID="12"/></command>`),
		login("", ""), login("<newPW>password2</newPW>", agent("<l:app>a</l:app><l:tech>b</l:tech><l:os>c</l:os>")), login("", agent("<l:tech>b</l:tech><l:os>c</l:os>")), login("", agent("<l:os>c</l:os>")),
		d("check", name+"<o:name>other.registry</o:name>", fee("check", `<f:currency>EUR</f:currency><f:command name="create" phase="open" subphase="x" standard="0"><f:period unit="y">1</f:period></f:command><f:command name="custom" customName="x"/>`)),
		d("create", name+`<o:period unit="y">2</o:period>`+attributes+`<o:registrant>ADA-1</o:registrant><o:contact type="admin">ADA-1</o:contact>`+auth, sec("create", "<s:maxSigLife>604800</s:maxSigLife>"+ds+key+"</s:dsData>"), fee("create", amounts)),
		d("create", name+`<o:ns><o:hostObj>ns1.elsewhere.example</o:hostObj></o:ns>`+auth, sec("create", key)),
		d("delete", name), d("info", `<o:name hosts="del">shop.registry</o:name>`+auth),
		d("renew", name+`<o:curExpDate>2027-03-01</o:curExpDate><o:period unit="m">12</o:period>`, fee("renew", amounts)),
		of(nsDomain, `transfer op="request"`, "transfer", name+`<o:period unit="y">1</o:period>`+auth, fee("transfer", amounts)),
		d("update", name+"<o:add>"+part+"</o:add><o:rem>"+part+"</o:rem><o:chg><o:registrant>ADA-2</o:registrant>"+auth+"</o:chg>",
			sec("update", "<s:rem>"+ds+"</s:dsData></s:rem><s:add>"+ds+"</s:dsData></s:add><s:chg><s:maxSigLife>1</s:maxSigLife></s:chg>")),
		d("update", name+"<o:chg><o:authInfo><o:null/></o:authInfo></o:chg>", sec("update", "<s:rem><s:all>true</s:all></s:rem>")),
		d("update", name+"<o:chg><o:registrant/></o:chg>", restore("request", "")),
		d("update", name, restore("report", `<r:report><r:preData>before</r:preData><r:postData>after</r:postData><r:delTime>2026-02-01T00:00:00.0Z</r:delTime><r:resTime>2026-03-01T24:00:00</r:resTime><r:resReason>error</r:resReason><r:statement>one</r:statement><r:statement>two</r:statement><r:other>more</r:other></r:report>`)),
		c("check", "<o:id>ADA-1</o:id><o:id>ADA-2</o:id>"), c("create", "<o:id>ADA-1</o:id>"+postal+phones+auth+disclose), c("delete", "<o:id>ADA-1</o:id>"), c("info", "<o:id>ADA-1</o:id>"+auth),
		of(nsContact, `transfer op="query"`, "transfer", "<o:id>ADA-1</o:id>"+auth, ""),
		c("update", "<o:id>ADA-1</o:id><o:add>"+statuses+"</o:add><o:rem>"+statuses+"</o:rem><o:chg>"+postal+phones+auth+disclose+"</o:chg>"),
		h("check", name), h("create", name+`<o:addr ip="v4">192.0.2.1</o:addr><o:addr ip="v6">2001:db8::1</o:addr>`), h("delete", name), h("info", name),
		h("update", name+`<o:add><o:addr>192.0.2.1</o:addr><o:status s="clientUpdateProhibited"/></o:add><o:rem><o:addr>192.0.2.2</o:addr></o:rem><o:chg>`+name+"</o:chg>"),
	}
}

func join(parts []string) string {
	whole := ""
	for _, part := range parts {
		whole += part
	}
	return whole
}
