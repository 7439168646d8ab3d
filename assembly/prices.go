package assembly

import (
	"fmt"

	"domainprovisioning/config"
	"domainprovisioning/orders"
)

// limitKeys are the amounts of a price_limit by their keys.
func limitKeys(limit config.PriceLimit, to *orders.PriceLimits) []struct {
	key, value string
	to         **orders.Fee
} {
	return []struct {
		key, value string
		to         **orders.Fee
	}{
		{"registration", limit.Registration, &to.Registration}, {"renewal", limit.Renewal, &to.Renewal}, {"restore", limit.Restore, &to.Restore},
		{"transfer", limit.Transfer, &to.Transfer}, {"owner_change", limit.OwnerChange, &to.OwnerChange},
	}
}

// priceLimits reads a plan's price_limit; nil if it has none.
func priceLimits(limit config.PriceLimit) (limits *orders.PriceLimits, mistakes []error) {
	if limit == (config.PriceLimit{}) {
		return nil, nil
	}
	limits = &orders.PriceLimits{Currency: limit.Currency}
	for _, amount := range limitKeys(limit, limits) {
		if amount.value == "" {
			continue
		}
		fee, err := orders.ParseFee(amount.value)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("%s: %w", amount.key, err))
		}
		*amount.to = &fee
	}
	return limits, mistakes
}

// untold returns a mistake for each limit of a plan whose registrar tells no price: nobody
// could keep to it.
func untold(cfg config.Config) []error {
	var mistakes []error
	known := plugins()
	for i, plan := range cfg.Plans.Domains {
		plugin, ok := known[cfg.Registrars[plan.Registrar].Plugin]
		if !ok || plugin.Type.Describe().Prices {
			continue
		}
		for _, amount := range limitKeys(plan.PriceLimit, &orders.PriceLimits{}) {
			if amount.value != "" {
				mistakes = append(mistakes, fmt.Errorf("config: plans.domains[%d].price_limit.%s: plan %d is sold by registrar account %q, and %s tells no price before a request",
					i, amount.key, plan.Plan, plan.Registrar, plugin.Type.Describe().Title))
			}
		}
	}
	return mistakes
}
