package realtimeregister

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// billable is a charge; amount and total are in cents.
type billable struct {
	Product    string `json:"product"`
	Action     string `json:"action"`
	Quantity   int    `json:"quantity"`
	Amount     int64  `json:"amount"`
	Refundable bool   `json:"refundable"`
	Total      int64  `json:"total"`
}

// ownPrice is the price of a single domain.
type ownPrice struct {
	cents   int64
	premium bool
}

// SetPrice sets what a domain costs, in cents: one year of it, its transfer, its restore
// and its change of holder.
func (s *Server) SetPrice(domain string, cents int64) {
	defer s.look()()
	s.state.prices[domain] = ownPrice{cents, false}
}

// SetPremium makes a name a premium one, with a price as SetPrice sets it.
func (s *Server) SetPremium(domain string, cents int64) {
	defer s.look()()
	s.state.prices[domain] = ownPrice{cents, true}
}

// premium reports whether a name is a premium one: by SetPremium, or because it is among
// those that the test system treats so.
func (s *Server) premium(name string) bool {
	return s.state.prices[name].premium || strings.Contains(name, ".premium.")
}

// price returns what a domain costs: its own price, or that of a premium name, or the usual
// one.
func (s *Server) price(name string, usual int64) int64 {
	if s.premium(name) {
		usual = premiumPrice
	}
	return s.own(name, usual)
}

// own returns the domain's own price, or else the usual one.
func (s *Server) own(name string, usual int64) int64 {
	if own, ok := s.state.prices[name]; ok {
		return own.cents
	}
	return usual
}

// product returns the product under which a domain is charged.
func (s *Server) product(name string) string {
	word := "domain_" + name[strings.LastIndexByte(name, '.')+1:]
	if s.premium(name) {
		word += "_premium"
	}
	return word
}

// charge returns the charge for a period, priced by the year.
func (s *Server) charge(name string, t TLD, action string, months int) billable {
	return billable{Product: s.product(name), Action: action, Quantity: max(1, months/12), Amount: s.price(name, t.price()), Refundable: true}
}

// priceList lists what domains cost. It knows neither premium names nor a domain of its own
// price.
func (s *Server) priceList(c *call) (answer, *problem) {
	var prices []map[string]any
	for _, tld := range slices.Sorted(maps.Keys(s.options.TLDs)) {
		t := s.options.TLDs[tld]
		for _, line := range []struct {
			action string
			cents  int64
		}{{"CREATE", t.price()}, {"RENEW", t.price()}, {"TRANSFER", t.price()}, {"REGISTRANT_CHANGE", t.TradePrice}, {"PRIVACY_PROTECT", t.PrivacyPrice}, {"RESTORE", t.restorePrice()}} {
			prices = append(prices, map[string]any{"product": "domain_" + tld, "action": line.action, "currency": "EUR", "price": line.cents})
		}
	}
	if wanted := c.query["currency"]; len(wanted) > 0 && wanted[0] != "EUR" {
		prices = []map[string]any{} // all prices here are in EUR
	}
	return answer{status: http.StatusOK, body: map[string]any{"prices": prices, "priceChanges": []any{}, "promos": []any{}}}, nil
}

// chargesOf omits charges of nothing.
func chargesOf(billables []billable) []billable {
	var charges []billable
	for _, b := range billables {
		if b.Total = int64(b.Quantity) * b.Amount; b.Total > 0 {
			charges = append(charges, b)
		}
	}
	return charges
}

func totalOf(billables []billable) int64 {
	var total int64
	for _, b := range billables {
		total += b.Total
	}
	return total
}

// quoteOf returns a quote, which has neither currency nor list if the call
// costs nothing.
func quoteOf(charges []billable) map[string]any {
	quote := map[string]any{"total": totalOf(charges)}
	if len(charges) > 0 {
		quote["currency"], quote["billables"] = "EUR", charges
	}
	return quote
}

// acknowledged is a charge that a request acknowledges. A quoted charge may be sent back in
// full.
type acknowledged struct {
	Product    string `json:"product"`
	Action     string `json:"action"`
	Quantity   *int   `json:"quantity"` // the most; 1 if it is absent
	Amount     int64  `json:"amount"`
	Refundable bool   `json:"refundable"`
	Total      int64  `json:"total"`
}

func (a acknowledged) covers(charge billable) bool {
	most := 1
	if a.Quantity != nil {
		most = *a.Quantity
	}
	return a.Product == charge.Product && a.Action == charge.Action && most >= charge.Quantity
}

// affordable checks that the charges are acknowledged, and that there is enough
// credit.
func (s *Server) affordable(f fields, t TLD, charges []billable) *problem {
	given, refused := read[[]acknowledged](f, "billables")
	if refused != nil {
		return refused
	}
	for _, charge := range charges {
		needed := t.Acknowledge || charge.Action == "PRIVACY_PROTECT" || charge.Action == "RESTORE" || strings.HasSuffix(charge.Product, "_premium")
		if needed && !slices.ContainsFunc(given, func(a acknowledged) bool { return a.covers(charge) }) {
			refused := bad("BillableAcknowledgmentNeededException", "Acknowledge the charges")
			refused.members["quote"] = quoteOf(charges)
			return refused
		}
	}
	if total := totalOf(charges); total > 0 && s.state.balance-s.reserved() < total {
		return bad("InsufficientCreditException", "Insufficient credit")
	}
	return nil
}

func (s *Server) credit(*call) (answer, *problem) {
	return answer{status: http.StatusOK, body: map[string]any{"accounts": []map[string]any{
		{"currency": "EUR", "balance": s.state.balance, "reservation": s.reserved(), "locked": 0},
		{"currency": "USD", "balance": 0, "reservation": 0, "locked": 0},
	}}}, nil
}
