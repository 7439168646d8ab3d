package epp_test

import (
	"fmt"
	"strings"
	"testing"

	"domainprovisioning/sandbox/standin/epp"
)

func feeOf(command, content string) string {
	return fmt.Sprintf(`<fee:%s xmlns:fee="%s">%s</fee:%s>`, command, nsFee, content, command)
}

func TestFeesOfACheck(t *testing.T) {
	s := start(t, epp.Options{Zones: map[string]epp.Zone{"registry": {Prices: map[string]int64{"create": 12_34}}}})
	s.SetPremium("gold.registry", 500_00, 400_00, 90_00)
	s.SetPrice("sale.registry", "create", 1_00)
	c := s.enter()
	check := func(content string) string {
		return object("domain", "check", "<domain:name>shop.registry</domain:name><domain:name>gold.registry</domain:name><domain:name>sale.registry</domain:name><domain:name>a.elsewhere</domain:name>", feeOf("check", content))
	}
	reply := c.want(1000, check(`<fee:currency>EUR</fee:currency><fee:command name="create"><fee:period unit="y">2</fee:period></fee:command><fee:command name="renew"/><fee:command name="transfer"/><fee:command name="restore"/>`),
		"<fee:chkData", `<fee:cd avail="1"><fee:objID>shop.registry</fee:objID><fee:class>standard</fee:class><fee:command name="create" standard="1"><fee:period unit="y">2</fee:period><fee:fee>24.68</fee:fee></fee:command>`,
		"<fee:objID>gold.registry</fee:objID><fee:class>premium</fee:class>", `<fee:cd avail="0"><fee:objID>a.elsewhere</fee:objID>`)
	if got := strings.Join(texts(t, reply, "fee"), " "); got != "24.68 10.00 10.00 40.00 1000.00 400.00 400.00 90.00 2.00 10.00 10.00 40.00" {
		t.Errorf("fees %s", got)
	}
	c.want(2004, check(`<fee:currency>USD</fee:currency><fee:command name="create"/>`))
	c.want(1000, check(`<fee:command name="custom" customName="x"/>`), `<fee:cd avail="0"><fee:objID>shop.registry</fee:objID><fee:reason>`)
	c.want(2001, check(`<fee:command name="steal"/>`))
	c.want(2001, check(`<fee:currency>euro</fee:currency><fee:command name="create"/>`))
}

func TestWhatIsPaid(t *testing.T) {
	s := start(t, epp.Options{Balance: 100_00, Zones: map[string]epp.Zone{"registry": {}, "strict": {FeeRequired: true}}})
	s.SetPremium("gold.registry", 60_00, 50_00, 70_00)
	c := s.enter()
	c.want(2004, createFrame("shop.registry", feeOf("create", "<fee:fee>9.99</fee:fee>")), "the fee is 10.00")
	c.want(2004, createFrame("shop.registry", feeOf("create", "<fee:currency>USD</fee:currency><fee:fee>10.00</fee:fee>")))
	c.want(2004, createFrame("shop.registry", feeOf("create", "<fee:fee>10.00</fee:fee><fee:credit>-0.01</fee:credit>")))
	c.want(2001, createFrame("shop.registry", feeOf("create", "<fee:fee>-10.00</fee:fee>")))
	c.want(2103, createFrame("shop.registry", feeOf("renew", "<fee:fee>10.00</fee:fee>")), "not for this command")
	c.want(2003, createFrame("gold.registry"))
	c.want(2003, createFrame("shop.strict"))
	if s.Balance() != 100_00 || len(s.Domains()) != 0 {
		t.Fatalf("a refusal has cost something: %d", s.Balance())
	}
	c.want(1000, createFrame("shop.registry", feeOf("create", "<fee:currency>EUR</fee:currency><fee:fee>8.5</fee:fee><fee:fee>2.5</fee:fee>")),
		"<fee:creData", "<fee:currency>EUR</fee:currency><fee:fee>10.00</fee:fee><fee:balance>90.00</fee:balance>")
	c.want(1000, renewFrame("shop.registry", "2027-03-01", "1", feeOf("renew", "<fee:fee>10.00</fee:fee>")), "<fee:renData", "<fee:balance>80.00</fee:balance>")
	c.want(1000, createFrame("gold.registry", feeOf("create", "<fee:fee>60.00</fee:fee>")))
	c.want(1000, createFrame("shop.strict", feeOf("create", "<fee:fee>10.00</fee:fee>")))
	if d, _ := s.Domain("shop.registry"); d.Fee != "10.00" || s.Balance() != 10_00 {
		t.Errorf("fee %s, balance %d", d.Fee, s.Balance())
	}
	s.AddElsewhere("away.registry", "code", false)
	c.want(1000, transferFrame("request", "away.registry", "code", feeOf("transfer", "<fee:fee>10.00</fee:fee>")), "<fee:trnData")
	c.want(2104, createFrame("poor.registry"), "it costs 10.00")
	if s.Count("create", "poor.registry") != 0 {
		t.Error("it was made without money")
	}
	s.SetBalance(10_00)
	c.want(1000, createFrame("poor.registry"))
	s = start(t, epp.Options{Balance: -1})
	s.enter().want(2104, createFrame("poor.registry"))
}
