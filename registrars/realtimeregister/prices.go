package realtimeregister

import (
	"context"
	"sync"
	"time"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister/internal"
)

// priceCache holds the price list of the account.
type priceCache struct {
	lock sync.Mutex
	list []internal.ListPrice
	at   time.Time
}

// prices reads the price list, which is cached for a short while.
func (r *RealtimeRegister) prices(ctx context.Context) ([]internal.ListPrice, error) {
	r.listed.lock.Lock()
	list, fresh := r.listed.list, r.now().Sub(r.listed.at) < internal.PricesLifetime
	r.listed.lock.Unlock()
	if fresh {
		return list, nil
	}
	var answer internal.PriceList
	if err := r.read(ctx, namePrices, internal.Path("customers", r.customer, "pricelist"), &answer); err != nil {
		return nil, err
	}
	r.listed.lock.Lock()
	defer r.listed.lock.Unlock()
	r.listed.list, r.listed.at = answer.Prices, r.now()
	return answer.Prices, nil
}

const namePrices = "customers/pricelist"

// priced lists the actions of the price list by kind.
var priced = map[registrars.Kind]string{
	registrars.Registration: "CREATE", registrars.Transfer: "TRANSFER", registrars.Renewal: "RENEW", registrars.Restore: "RESTORE", registrars.OwnerChange: "REGISTRANT_CHANGE",
}

// checkListed judges an order that arrives, as far as prices can be looked up: that of a
// premium name stands in the answer about the name, and others in the price list.
func (r *RealtimeRegister) checkListed(ctx context.Context, request registrars.Request, name internal.Check) error {
	if !request.Limited() && !name.Premium {
		return nil
	}
	call, cents, currency := nameCheck, name.Price, name.Currency
	if !name.Premium {
		list, err := r.prices(ctx)
		if err != nil {
			return err
		}
		call = namePrices
		cents, currency = listed(list, internal.Product(suffix(request)), priced[request.Kind])
	}
	offer := registrars.Offer{Premium: name.Premium}
	known := cents != nil && *cents >= 0 && plainCurrency.MatchString(currency)
	if !known && request.Limited() {
		return errs.NoPrice(call, nil)
	}
	if known {
		offer.Price = registrars.Price{Cents: internal.TotalOf(*cents, request.Kind.HasPeriod(), request.Years), Currency: currency}
	}
	return errs.TooDear(call, request.TooDear(offer))
}

// listed finds a price in the list; it is nil if the list lacks it.
func listed(list []internal.ListPrice, product, action string) (cents *int64, currency string) {
	for _, line := range list {
		if line.Product == product && line.Action == action {
			return line.Price, line.Currency
		}
	}
	return nil, ""
}
