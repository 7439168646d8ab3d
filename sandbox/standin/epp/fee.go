package epp

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// price returns the price of a command for a name in cents: of a year, or of a restore.
func (s *Server) price(name, command string) int64 {
	if own, ok := s.state.prices[name][command]; ok {
		return own
	}
	if price, ok := s.zone(name).Prices[command]; ok {
		return price
	}
	switch command {
	case "restore":
		return defaultRestore
	case "create", "renew", "transfer":
		return defaultPrice
	}
	return 0
}

func money(cents int64) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d", sign, cents/100, cents%100)
}

// bill judges what a command costs, and the fee that the client has agreed to. It takes nothing.
func (s *Server) bill(r *request, d *domain, command string, years int64) (price int64, refused *answer) {
	price = s.price(d.name, command) * years
	agreed := r.extensions[nsFee]
	switch {
	case agreed == nil && s.zone(d.name).FeeRequired:
		return 0, refuse(2003).because(&node{space: nsFee, local: "fee"}, "this zone demands the fee extension")
	case agreed == nil && s.state.premium[d.name]:
		return 0, refuse(2003).because(&node{space: nsFee, local: "fee"}, "a premium name demands the fee extension")
	}
	if agreed != nil {
		if unit := agreed.get("currency"); unit != nil && unit.text != moneyUnit {
			return 0, refuse(2004).because(unit, "the currency is %s", moneyUnit)
		}
		sum := new(big.Rat)
		for _, fee := range append(agreed.all("fee"), agreed.all("credit")...) {
			amount, ok := new(big.Rat).SetString(fee.text)
			if !ok {
				return 0, refuse(2005).because(fee, "is no amount")
			}
			sum.Add(sum, amount)
		}
		if sum.Cmp(big.NewRat(price, 100)) < 0 {
			return 0, refuse(2004).because(agreed.get("fee"), "the fee is %s", money(price))
		}
	}
	if price > s.state.balance {
		return 0, refuse(2104).because(nil, "it costs %s", money(price))
	}
	return price, nil
}

// agreedFee returns the fee that was sent with a command, with two decimals.
func agreedFee(r *request) string {
	agreed := r.extensions[nsFee]
	if agreed == nil {
		return ""
	}
	sum := new(big.Rat)
	for _, fee := range agreed.all("fee") {
		if amount, ok := new(big.Rat).SetString(fee.text); ok {
			sum.Add(sum, amount)
		}
	}
	return sum.FloatString(2)
}

// feeResult is the part of the answer for a client that sent the extension.
func (s *Server) feeResult(r *request, element string, price int64) string {
	if r.extensions[nsFee] == nil {
		return ""
	}
	return tag("fee:"+element, leafTag("fee:currency", moneyUnit)+leafTag("fee:fee", money(price))+
		leafTag("fee:balance", money(s.state.balance)), "xmlns:fee", nsFee)
}

// checkFees answers the extension of a check.
func (s *Server) checkFees(extension *node, names []string) (string, *answer) {
	if unit := extension.get("currency"); unit != nil && unit.text != moneyUnit {
		return "", refuse(2004).because(unit, "the currency is %s", moneyUnit)
	}
	content := each(names, func(name string) string { return s.feesOf(extension, name) })
	return tag("fee:chkData", leafTag("fee:currency", moneyUnit)+content, "xmlns:fee", nsFee), nil
}

func (s *Server) feesOf(extension *node, name string) string {
	class := standardClass
	if s.state.premium[name] {
		class = defaultPremium
	}
	var content strings.Builder
	content.WriteString(leafTag("fee:objID", name) + leafTag("fee:class", class))
	for _, command := range extension.all("command") {
		years, known := int64(1), true
		period := command.get("period")
		if period != nil {
			years, known = yearsOf(period)
		}
		kind := command.attr("name")
		known = known && s.registrable(name) && kind != "" && kind != "custom" && (kind != "restore" || years == 1)
		if !known {
			return tag("fee:cd", leafTag("fee:objID", name)+leafTag("fee:reason", "Not offered"), "avail", "0")
		}
		attributes := []string{"name", kind}
		for _, optional := range []string{"phase", "subphase"} {
			if value := command.attr(optional); value != "" {
				attributes = append(attributes, optional, value)
			}
		}
		if class == standardClass {
			attributes = append(attributes, "standard", "1")
		}
		content.WriteString(tag("fee:command",
			leafTag("fee:period", strconv.FormatInt(years, 10), "unit", "y")+leafTag("fee:fee", money(s.price(name, kind)*years)), attributes...))
	}
	return tag("fee:cd", content.String(), "avail", "1")
}
