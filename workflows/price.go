package workflows

import (
	"errors"

	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
)

// PriceLimit is the most that a request of the kind may cost by the plan of a domain; nil if
// the plan sets no limit for it.
func PriceLimit(domain *orders.DomainOrder, kind registrars.Kind) *registrars.Price {
	limits := domain.PriceLimits
	if limits == nil {
		return nil
	}
	most := map[registrars.Kind]*orders.Fee{
		registrars.Registration: limits.Registration, registrars.Renewal: limits.Renewal, registrars.Restore: limits.Restore,
		registrars.Transfer: limits.Transfer, registrars.OwnerChange: limits.OwnerChange,
	}[kind]
	if most == nil {
		return nil
	}
	return &registrars.Price{Cents: int64(*most), Currency: limits.Currency}
}

// LimitPrice sets the most that a request of the kind may cost. The limits of the plan itself,
// which other orders share, stay as they are.
func LimitPrice(domain *orders.DomainOrder, kind registrars.Kind, most registrars.Price) {
	limits := orders.PriceLimits{}
	if domain.PriceLimits != nil {
		limits = *domain.PriceLimits
	}
	limit := map[registrars.Kind]**orders.Fee{
		registrars.Registration: &limits.Registration, registrars.Renewal: &limits.Renewal, registrars.Restore: &limits.Restore,
		registrars.Transfer: &limits.Transfer, registrars.OwnerChange: &limits.OwnerChange,
	}[kind]
	if limit == nil {
		return
	}
	fee := orders.Fee(most.Cents)
	*limit, limits.Currency = &fee, most.Currency
	domain.PriceLimits = &limits
}

// validatePrice rejects a retry whose accepted price cannot be read.
func validatePrice(command messages.Retry) error {
	if command.AcceptPrice == "" {
		return nil
	}
	if _, err := registrars.ParsePrice(command.AcceptPrice); err != nil {
		return errors.New("acceptPrice must be an amount with two decimals and its currency, such as 250.00EUR")
	}
	return nil
}

// accept remembers the price that a person has accepted. It holds for the submissions that
// follow, until the registrar asks another price: then the order is parked again, and the
// next retry says anew what is accepted, or leaves the plan's limit to decide.
func (r *request) accept(attention messages.Reason, retry *messages.Retry) {
	if attention != messages.ReasonPrice {
		return
	}
	r.accepted = nil
	if price, err := registrars.ParsePrice(retry.AcceptPrice); err == nil { // the validator has read it
		r.accepted = &price
	}
}
