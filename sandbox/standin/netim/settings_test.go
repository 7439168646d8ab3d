package netim

import "testing"

func TestContactUpdates(t *testing.T) {
	s := newSystem(t, Options{}).open()
	owner, other := s.contact("1"), s.contact("0")
	update := func(function, id, contact string) (int, string, error) {
		return s.soap(function, elements("IDSession="+s.session, "idContact="+id)+contact)
	}
	for _, c := range []struct{ function, id, isOwner, code string }{
		{"contactUpdate", other, "0", "contactUpdate"}, {"contactOwnerUpdate", owner, "1", "contactOwnerUpdate"},
	} {
		status, body, err := update(c.function, c.id, contactXML(c.isOwner, "city=Elsewhere"))
		if err != nil || status != 200 || get(body, "TYPE") != c.code || get(body, "STATUS") != Done {
			t.Errorf("%s: %d %v %s", c.function, status, err, body)
		}
	}
	for _, c := range s.Contacts() {
		if c.Fields["city"] != "Elsewhere" {
			t.Errorf("%+v", c)
		}
	}
	status, body, err := update("contactUpdate", owner, contactXML("1"))
	s.wantFault("E13 : idContact", status, body, err)
	status, body, err = update("contactOwnerUpdate", owner, contactXML("0"))
	s.wantFault("E13 : isOwner", status, body, err)
	status, body, err = update("contactOwnerUpdate", owner, contactXML("1", "city="))
	s.wantFault("E13 : city", status, body, err)
}

func TestDomainSettingsRules(t *testing.T) {
	s := newSystem(t, Options{TLDs: map[string]TLD{"example": {Price: 10_00}, "bare": {NoDNSSEC: true, NoRegistrarLock: true}}}).open()
	owner := s.contact("1")
	s.AddRegistration(Registration{Domain: "a.example", Owner: owner, AuthID: "K"})
	s.AddRegistration(Registration{Domain: "a.bare", Owner: owner})
	a := "domain=a.example"
	s.refused("E13 : typeDelete", "domainDelete", a, "typeDelete=LATER")
	s.refused("E13 : value", "domainSetDNSsec", a, "value=2")
	s.refused("E99 : ", "domainSetDNSsec", "domain=a.bare", "value=1")
	s.refused("E99 : ", "domainSetPreference", "domain=a.bare", "codePref=registrar_lock", "value=1")
	s.refused("E13 : pubKey", "domainSetDNSSecExt", a, "flags=257", "protocol=3", "algo=13", "pubKey=")
	s.refused("E13 : algo", "domainSetDNSSecExt", a, "flags=257", "protocol=3", "algo=300", "pubKey=QQ==")
	s.refused("E13 : numTemplate", "domainZoneInit", a, "numTemplate=0")
	s.refused("E13 : domain", "queryDomainPrice", "domain=a.unsold")
	s.SetPrice("a.example", 77_50)
	if body := s.ok("queryDomainPrice", a); get(body, "Fee4Renewal") != "77.50" || get(body, "FeeCurrency") != "EUR" {
		t.Errorf("price: %s", body)
	}
	s.SetBalance(-1_05)
	if body := s.ok("queryResellerAccount"); get(body, "BALANCE_AMOUNT") != "-1.05" {
		t.Errorf("account: %s", body)
	}
	s.refused("E99 : Insufficient funds", "domainRenew", a, "duration=1")
	s.ok("domainSetPreference", a, "codePref=registrar_lock", "value=1")
	if s.TransferOut("a.example", "K") == nil || s.TransferOut("none.example", "K") == nil {
		t.Error("a locked or unknown domain left")
	}
	s.ok("domainSetPreference", a, "codePref=registrar_lock", "value=0")
	if s.TransferOut("a.example", "no") == nil || s.TransferOut("a.example", "K") != nil {
		t.Error("the key does not decide")
	}
	s.clock.pass(366 * 24 * 60 * 60 * 1e9)
	s.open()
	if info := s.ok("domainInfo", "domain=a.bare"); get(info, "status") != "EXPIRED" {
		t.Errorf("info: %s", info)
	}
}
