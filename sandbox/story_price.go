package main

import (
	"fmt"
	"strings"

	"domainprovisioning/messages"
)

// priceAboveLimit: the plan allows 12.00 EUR. One name costs more when it is ordered. The
// other becomes a premium name before it is paid for; a person accepts its price, at first
// with a slip of the pen.
func priceAboveLimit() scenario {
	const (
		dear, rising     = "dear.example", "rising.example"
		ordinary, higher = 10_00, 250_00
		slip, price      = "205.00EUR", "250.00EUR"
	)
	var before int // the balance, in hundredths
	return scenario{
		name: "price-above-limit", help: "names that cost more than their plan allows: refused, or parked until a person accepts the price",
		story: &story{
			orders: []ordered{
				{file: "scenarios/price-above-limit-1.json", refused: "the price of 250.00 EUR is above the plan's limit of 12.00 EUR"},
				{file: "scenarios/price-above-limit-2.json"},
			},
			before: func(w *world) {
				w.netim.SetPremium(dear, higher)
				w.netim.RaisePrice(rising, ordinary, 1, higher)
				before = w.netim.Balance()
			},
			person: whenNeeded(func(w *world, attention messages.Attention) (*deed, error) {
				switch {
				case attention.Reason != messages.ReasonPrice:
					return nil, fmt.Errorf("the order needs attention because of %s: %s", attention.Reason, attention.Message)
				case len(w.netim.Operations()) != 0 || w.netim.Balance() != before:
					return nil, fmt.Errorf("bought before anybody has accepted the price: %d operations", len(w.netim.Operations()))
				case strings.Contains(attention.Message, "limit of 12.00 EUR"):
					return retries(messages.Retry{Reason: "a mistake", AcceptPrice: slip}, "--accept-price "+slip), nil
				case strings.Contains(attention.Message, "the price is 250.00 EUR, and 205.00 EUR was accepted"):
					return retries(messages.Retry{Reason: "agreed with the customer", AcceptPrice: price}, "--accept-price "+price), nil
				}
				return nil, fmt.Errorf("the amounts are not shown: %s", attention.Message)
			}),
			counts: func(w *world) []count {
				_, registered := w.netim.Registration(rising)
				return []count{
					effect("registrations of "+dear, w.netim.Creates(dear), 0),
					effect("registrations of "+rising, w.netim.Creates(rising), 1),
					effect(rising+" is registered", registered, true),
					effect("paid, in hundredths", before-w.netim.Balance(), higher),
					effect("domains in Billing", len(w.billing.RowsOf(dear))+len(w.billing.RowsOf(rising)), 1),
				}
			},
		},
	}
}
