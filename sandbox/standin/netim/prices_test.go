package netim

import "testing"

// TestPremiumNames: the reason tells them, and the fees are theirs.
func TestPremiumNames(t *testing.T) {
	s := newSystem(t, Options{TLDs: map[string]TLD{"example": {Price: 10_00, TradePrice: 5_00}}})
	s.open()
	s.SetPremium("gold.example", 250_00)
	if body := s.ok("domainCheck", "domain=gold.example"); get(body, "result") != "AVAILABLE" || get(body, "reason") != "PREMIUM" {
		t.Errorf("free: %s", body)
	}
	s.AddTaken("gold.example", "K")
	if body := s.ok("domainCheck", "domain=gold.example"); get(body, "result") != "NOT AVAILABLE" || get(body, "reason") != "PREMIUM" {
		t.Errorf("taken: %s", body)
	}
	if body := s.ok("queryDomainPrice", "domain=gold.example"); get(body, "Fee4Registration") != "250.00" || get(body, "IsPremium") != "1" {
		t.Errorf("price: %s", body)
	}
	if body := s.ok("queryDomainPrice", "domain=plain.example"); get(body, "Fee4Trade") != "5.00" || get(body, "IsPremium") != "0" {
		t.Errorf("price: %s", body)
	}
}

// TestAPriceRises after so many answers about it.
func TestAPriceRises(t *testing.T) {
	s := newSystem(t, Options{})
	s.open()
	s.RaisePrice("rising.example", 10_00, 2, 250_00)
	for i, want := range []string{"10.00", "10.00", "250.00", "250.00"} {
		if body := s.ok("queryDomainPrice", "domain=rising.example"); get(body, "Fee4Transfer") != want {
			t.Errorf("answer %d: %s, want %s", i+1, get(body, "Fee4Transfer"), want)
		}
		s.ok("queryDomainPrice", "domain=other.example")
	}
}
