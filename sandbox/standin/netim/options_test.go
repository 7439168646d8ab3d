package netim

import "testing"

// TestFeaturesOfExtensions: a zero TLD offers everything, and an order for a
// feature that an extension lacks is refused without an operation.
func TestFeaturesOfExtensions(t *testing.T) {
	s := newSystem(t, Options{TLDs: map[string]TLD{
		"full": {}, "bare": {
			NoEppCode: true, NoRegistrarLock: true, NoAutorenew: true, NoWhoisPrivacy: true, NoDNSSEC: true,
			NoImmediateDelete: true, HasTrusteeService: true, HasLocalContactService: true,
			PeriodRenew: "1-3", Price: 12_00, TradePrice: 7_50,
		},
	}}).open()
	full, bare := s.ok("domainTldInfo", "tld=full"), s.ok("domainTldInfo", "tld=bare")
	for member, want := range map[string][2]string{
		"HasEppCode": {"1", "0"}, "HasRegistrarLock": {"1", "0"}, "HasAutorenew": {"1", "0"}, "HasWhoisPrivacy": {"1", "0"},
		"HasDnsSec": {"1", "0"}, "HasImmediateDelete": {"1", "0"},
		"HasTrusteeService": {"0", "1"}, "HasLocalContactService": {"0", "1"},
		"PeriodRenew": {"1-10", "1-3"}, "Fee4Renewal": {"0.00", "12.00"}, "Fee4Trade": {"0.00", "7.50"},
	} {
		if got := [2]string{get(full, member), get(bare, member)}; got != want {
			t.Errorf("%s: %v, want %v", member, got, want)
		}
	}
	owner := s.contact("1")
	for _, domain := range []string{"a.full", "a.bare"} {
		s.AddRegistration(Registration{Domain: domain, Owner: owner})
		for _, order := range [][]string{
			{"domainSetPreference", "codePref=registrar_lock", "value=1"},
			{"domainSetPreference", "codePref=auto_renew", "value=1"},
			{"domainSetPreference", "codePref=whois_privacy", "value=1"},
			{"domainSetDNSsec", "value=1"},
			{"domainSetDNSSecExt", "flags=257", "protocol=3", "algo=13", "pubKey=QQ=="},
			{"domainDelete", "typeDelete=NOW"},
		} {
			parts := append([]string{"domain=" + domain}, order[1:]...)
			if domain == "a.full" {
				s.ok(order[0], parts...)
			} else {
				s.refused("E99 : Not offered", order[0], parts...)
			}
		}
	}
	if s.Count("domainDelete", "a.full") != 1 || len(s.Operations()) != 6 {
		t.Errorf("operations %+v", s.Operations())
	}
	// Without auth codes any key is accepted.
	s.AddTaken("b.bare", "KEY")
	s.ok("domainTransferIn", append([]string{"authID="}, create("b.bare", owner)...)...)
	if _, ok := s.Registration("b.bare"); !ok {
		t.Error("not transferred")
	}
}

// TestHardLimit: an order must not bring the balance below the limit; free orders
// always pass.
func TestHardLimit(t *testing.T) {
	s := newSystem(t, Options{}).open()
	s.AddRegistration(Registration{Domain: "a.example", Owner: s.contact("1")})
	a := "domain=a.example"
	s.SetBalance(15_00)
	s.SetHardLimit(5_01)
	if body := s.ok("queryResellerAccount"); get(body, "BALANCE_AMOUNT") != "15.00" || get(body, "BALANCE_HARD_LIMIT") != "5.01" {
		t.Errorf("account: %s", body)
	}
	s.refused("E99 : Insufficient funds", "domainRenew", a, "duration=1")
	s.ok("domainZoneInit", a, "numTemplate=2")
	s.SetHardLimit(-5_00)
	s.ok("domainRenew", a, "duration=2")
	if s.Balance() != -5_00 {
		t.Errorf("balance %d", s.Balance())
	}
	s.ok("domainAuthID", a, "sendtoregistrant=0")
	got := s.Effects("a.example")
	if len(got.Renewals) != 1 || got.Renewals[0] != 2 || len(got.ZoneInits) != 1 || len(got.AuthCodes) != 1 {
		t.Errorf("effects %+v", got)
	}
}

// TestDNSSECIsShown: domainInfo shows what is signed, and with what.
func TestDNSSECIsShown(t *testing.T) {
	s := newSystem(t, Options{}).open()
	s.AddRegistration(Registration{Domain: "a.example", Owner: s.contact("1")})
	a := "domain=a.example"
	if body := s.ok("domainInfo", a); get(body, "IsSigned") != "0" {
		t.Errorf("unsigned: %s", body)
	}
	if body := s.ok("domainSetDNSsec", a, "value=1"); get(body, "TYPE") != "domainSetDNSSEC" {
		t.Errorf("code: %s", body)
	}
	if body := s.ok("domainInfo", a); get(body, "IsSigned") != "1" {
		t.Errorf("signed: %s", body)
	}
	if body := s.ok("domainSetDNSSecExt", a, "flags=257", "protocol=3", "algo=13", "pubKey=QQ=="); get(body, "TYPE") != "domainSetDNSSECExt" {
		t.Errorf("code: %s", body)
	}
	if r, _ := s.Registration("a.example"); !r.Signed || r.DNSSEC["pubKey"] != "QQ==" || r.DNSSEC["algo"] != "13" {
		t.Errorf("registration %+v", r)
	}
	s.ok("domainSetDNSsec", a, "value=0")
	if r, _ := s.Registration("a.example"); r.Signed || len(r.DNSSEC) != 0 || s.Effects("a.example").Signatures != 3 {
		t.Errorf("registration %+v", r)
	}
}
