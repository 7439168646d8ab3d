package netim

// ownPrice is the price of a single domain.
type ownPrice struct {
	hundredths int
	premium    bool
	// next replaces the price after so many more answers of queryDomainPrice.
	next  *ownPrice
	after int
}

// SetPrice sets what a domain costs, in hundredths: one year of it, its transfer, its
// trade and its restore.
func (s *Server) SetPrice(domain string, hundredths int) {
	defer s.look()()
	s.state.prices[domain] = &ownPrice{hundredths: hundredths}
}

// SetPremium makes a name a premium one, with a price as SetPrice sets it.
func (s *Server) SetPremium(domain string, hundredths int) {
	defer s.look()()
	s.state.prices[domain] = &ownPrice{hundredths: hundredths, premium: true}
}

// RaisePrice sets a price that becomes that of a premium name after so many answers of
// queryDomainPrice.
func (s *Server) RaisePrice(domain string, hundredths, answers, premium int) {
	defer s.look()()
	s.state.prices[domain] = &ownPrice{
		hundredths: hundredths, after: answers, next: &ownPrice{hundredths: premium, premium: true},
	}
}

func (s *Server) premium(name string) bool {
	own := s.state.prices[name]
	return own != nil && own.premium
}

// price returns the price of a year, and of a transfer, in hundredths.
func (s *Server) price(name string, tld TLD) int { return s.priceOr(name, tld.Price) }

func (s *Server) tradePrice(name string, tld TLD) int { return s.priceOr(name, tld.TradePrice) }

func (s *Server) restorePrice(name string, tld TLD) int {
	if tld.RestorePrice > 0 {
		return s.priceOr(name, tld.RestorePrice)
	}
	return s.price(name, tld)
}

func (s *Server) priceOr(name string, usual int) int {
	if own := s.state.prices[name]; own != nil {
		return own.hundredths
	}
	return usual
}

func (s *Server) queryDomainPrice(c *call) (any, *fault) {
	name, tld, sold, ok := s.split(c.string("domain"))
	if !ok || !sold {
		return nil, invalid("domain")
	}
	year := amount(s.price(name, tld))
	answer := structure{"StructQueryDomainPrice", []field{
		{"FeeCurrency", "EUR"}, {"Fee4Registration", year}, {"Fee4Renewal", year}, {"Fee4Transfer", year},
		{"Fee4Trade", amount(s.tradePrice(name, tld))}, {"Fee4TransferTrade", year}, {"Fee4Restore", amount(s.restorePrice(name, tld))},
		{"Fee4TrusteeService", "0.00"}, {"Fee4LocalContactService", "0.00"}, {"IsPremium", yes(s.premium(name))},
	}}
	if own := s.state.prices[name]; own != nil && own.next != nil {
		if own.after--; own.after <= 0 {
			s.state.prices[name] = own.next
		}
	}
	return answer, nil
}
