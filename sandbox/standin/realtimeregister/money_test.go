package realtimeregister

import (
	"fmt"
	"testing"
)

// TestPremiumNames: the check tells their price, and they are charged as a product of their
// own that must be acknowledged.
func TestPremiumNames(t *testing.T) {
	f := begin(t)
	f.SetPremium("gold.sync", 123_00)
	if r := f.want(200, "", "GET", "domains/gold.sync/check", ""); fmt.Sprint(r.body) != "map[available:true currency:EUR premium:true price:12300]" {
		t.Errorf("free: %v", r.body)
	}
	f.want(400, "BillableAcknowledgmentNeededException", "POST", "domains/gold.sync", create)
	if n := len(f.Processes()); n != 0 {
		t.Errorf("%d processes", n)
	}
	f.AddElsewhere("gold.sync", "code", false)
	if r := f.want(200, "", "GET", "domains/gold.sync/check", ""); r.body["available"] != false || r.body["premium"] != true {
		t.Errorf("taken: %v", r.body)
	}
	f.SetPrice("plain.sync", 5_00)
	if r := f.want(200, "", "POST", "domains/plain.sync?quote=true", create); fmt.Sprint(r.body["quote"].(map[string]any)["total"]) != "500" {
		t.Errorf("own price: %v", r.body)
	}
}

func TestPriceList(t *testing.T) {
	f := begin(t, func(o *Options) { o.TLDs = map[string]TLD{"sync": {Price: 7_00, TradePrice: 3_00}} })
	r := f.want(200, "", "GET", "customers/shopreseller/pricelist", "")
	var lines []string
	for _, line := range r.body["prices"].([]any) {
		l := line.(map[string]any)
		lines = append(lines, fmt.Sprint(l["product"], " ", l["action"], " ", l["price"], " ", l["currency"]))
	}
	want := "[domain_sync CREATE 700 EUR domain_sync RENEW 700 EUR domain_sync TRANSFER 700 EUR domain_sync REGISTRANT_CHANGE 300 EUR domain_sync PRIVACY_PROTECT 0 EUR domain_sync RESTORE 4000 EUR]"
	if fmt.Sprint(lines) != want {
		t.Errorf("got %v", lines)
	}
	if r := f.want(200, "", "GET", "customers/shopreseller/pricelist?currency=USD", ""); len(r.body["prices"].([]any)) != 0 {
		t.Errorf("got %v", r.body)
	}
	f.want(403, "AuthorizationError", "GET", "customers/other/pricelist", "")
}

// TestAmountsOfTheCredit are whole numbers of cents.
func TestAmountsOfTheCredit(t *testing.T) {
	f := begin(t)
	for _, account := range f.want(200, "", "GET", "customers/shopreseller/credit", "").body["accounts"].([]any) {
		for _, member := range []string{"balance", "reservation", "locked"} {
			if _, ok := account.(map[string]any)[member].(float64); !ok {
				t.Errorf("%s of %v", member, account)
			}
		}
	}
}
