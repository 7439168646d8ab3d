package epp_test

import (
	"fmt"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/sandbox/standin/epp"
)

func secDNS(command, content string) string {
	return fmt.Sprintf(`<secDNS:%s xmlns:secDNS="%s">%s</secDNS:%s>`, command, nsSecDNS, content, command)
}

func dsOf(tag int) string {
	return fmt.Sprintf(`<secDNS:dsData><secDNS:keyTag>%d</secDNS:keyTag><secDNS:alg>13</secDNS:alg><secDNS:digestType>1</secDNS:digestType>`+
		`<secDNS:digest>49fd46e6c4b45c55d4ac69cbd3cd34ac1afe51de</secDNS:digest></secDNS:dsData>`, tag)
}

const keyOf = `<secDNS:keyData><secDNS:flags>257</secDNS:flags><secDNS:protocol>3</secDNS:protocol><secDNS:alg>13</secDNS:alg><secDNS:pubKey>AQPJ////4Q==</secDNS:pubKey></secDNS:keyData>`

func TestRecordsOfDNSSEC(t *testing.T) {
	s := start(t, epp.Options{})
	c := s.enter()
	c.want(2306, createFrame("shop.registry", secDNS("create", keyOf)), "this zone takes DS records")
	c.want(2001, createFrame("shop.registry", secDNS("create", dsOf(1)+keyOf)))
	c.want(2001, createFrame("shop.registry", secDNS("create", "")))
	c.want(2102, createFrame("shop.registry", secDNS("create", "<secDNS:maxSigLife>1</secDNS:maxSigLife>"+dsOf(1))))
	c.want(2306, createFrame("shop.registry", secDNS("create", dsOf(1)+dsOf(1))))
	c.want(2005, createFrame("shop.registry", secDNS("create", `<secDNS:dsData><secDNS:keyTag>1</secDNS:keyTag><secDNS:alg>13</secDNS:alg><secDNS:digestType>2</secDNS:digestType><secDNS:digest>49FD</secDNS:digest></secDNS:dsData>`)))
	c.want(1000, createFrame("shop.registry", secDNS("create", dsOf(1)+dsOf(2))))
	update := func(content string) string { return updateFrame("shop.registry", "", content) }
	rem := func(content string) string { return "<secDNS:rem>" + content + "</secDNS:rem>" }
	add := func(content string) string { return "<secDNS:add>" + content + "</secDNS:add>" }
	c.want(2303, update(secDNS("update", rem(dsOf(3)))))
	c.want(2306, update(secDNS("update", add(dsOf(2)))))
	c.want(2001, update(secDNS("update", add(dsOf(3))+rem(dsOf(1)))))
	c.want(2306, update(secDNS("update", rem("<secDNS:all>false</secDNS:all>"))))
	c.want(2102, update(`<secDNS:update xmlns:secDNS="`+nsSecDNS+`" urgent="true">`+add(dsOf(3))+"</secDNS:update>"))
	c.want(2003, update(secDNS("update", "")))
	if s.Count("update:secDNS", "shop.registry") != 0 {
		t.Error("a refusal has counted")
	}
	c.want(1000, update(secDNS("update", rem(dsOf(1))+add(dsOf(3)))))
	c.want(1000, named("info", "shop.registry"), `<secDNS:infData`, "<secDNS:keyTag>2</secDNS:keyTag>", "<secDNS:keyTag>3</secDNS:keyTag>")
	d, _ := s.Domain("shop.registry")
	if want := (domains.DS{KeyTag: 3, Algorithm: 13, DigestType: 1, Digest: "49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE"}); len(d.DS) != 2 || d.DS[1] != want {
		t.Errorf("%+v", d.DS)
	}
	c.want(1000, update(secDNS("update", rem("<secDNS:all>true</secDNS:all>"))))
	if d, _ := s.Domain("shop.registry"); len(d.DS) != 0 || s.Count("update:secDNS", "shop.registry") != 2 {
		t.Errorf("%+v", d)
	}
}

func TestKeysOfDNSSEC(t *testing.T) {
	s := start(t, epp.Options{Zones: map[string]epp.Zone{"keys": {KeyData: true}}})
	c := s.enter()
	c.want(2306, createFrame("shop.keys", secDNS("create", dsOf(1))), "this zone takes keys")
	c.want(1000, createFrame("shop.keys", secDNS("create", keyOf)))
	c.want(1000, named("info", "shop.keys"), "<secDNS:pubKey>AQPJ////4Q==</secDNS:pubKey>")
	if d, _ := s.Domain("shop.keys"); len(d.Keys) != 1 || d.Keys[0] != (domains.DNSKEY{Flags: 257, Protocol: 3, Algorithm: 13, PublicKey: "AQPJ////4Q=="}) {
		t.Errorf("%+v", d.Keys)
	}
	c.want(1000, updateFrame("shop.keys", "", secDNS("update", "<secDNS:rem>"+keyOf+"</secDNS:rem>")))
	if d, _ := s.Domain("shop.keys"); len(d.Keys) != 0 {
		t.Errorf("%+v", d.Keys)
	}
}
