package realtimeregister

import (
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

// product returns the product under which a domain is charged.
func product(name string) string {
	word := "domain_" + name[strings.LastIndexByte(name, '.')+1:]
	if premium(name) {
		word += "_premium"
	}
	return word
}

// charge returns the charge for a period, priced by the year.
func (t TLD) charge(name, action string, months int) billable {
	price := t.price()
	if premium(name) {
		price = premiumPrice
	}
	return billable{Product: product(name), Action: action, Quantity: max(1, months/12), Amount: price, Refundable: true}
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

// affordable checks that the charges are acknowledged, and that there is enough
// credit.
func (s *Server) affordable(f fields, t TLD, charges []billable) *problem {
	given, refused := read[[]struct {
		Product  string `json:"product"`
		Action   string `json:"action"`
		Quantity *int   `json:"quantity"`
	}](f, "billables")
	if refused != nil {
		return refused
	}
	for _, charge := range charges {
		needed := t.Acknowledge || charge.Action == "PRIVACY_PROTECT" || strings.HasSuffix(charge.Product, "_premium")
		acknowledged := slices.ContainsFunc(given, func(b struct {
			Product  string `json:"product"`
			Action   string `json:"action"`
			Quantity *int   `json:"quantity"`
		}) bool {
			most := 1
			if b.Quantity != nil {
				most = *b.Quantity
			}
			return b.Product == charge.Product && b.Action == charge.Action && most >= charge.Quantity
		})
		if needed && !acknowledged {
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
		{"currency": "EUR", "balance": s.state.balance, "reservation": s.reserved(), "locked": false},
		{"currency": "USD", "balance": 0, "reservation": 0, "locked": false},
	}}}, nil
}
