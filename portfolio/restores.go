package portfolio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"domainprovisioning/intake"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// ErrUnsold means that no order can be made of what is known of a domain.
var ErrUnsold = errors.New("no plan or no customer's account is known for the domain: order it with them")

// RestoreKey is the key under which the restore of a domain is ordered by command, once for a date
// of expiry.
func RestoreKey(domain store.Domain) string {
	day := "since-" + domain.StateSince.UTC().Format(time.DateOnly)
	if domain.Expires != nil {
		day = domain.Expires.UTC().Format(time.DateOnly)
	}
	return fmt.Sprintf("restore/%s/%s", domain.Name, day)
}

// PlaceRestore orders that a domain is taken out of redemption, at a price of at most most, for the
// client whose domain it is; or it finds the order that was placed before. A lower limit of the plan
// stays. Errors: ErrUnsold, and those of intake.Place.
func PlaceRestore(ctx context.Context, in *intake.Intake, domain store.Domain, most registrars.Price) (intake.Placed, error) {
	if domain.Sells.Plan == 0 || domain.Sells.Account == 0 {
		return intake.Placed{}, ErrUnsold
	}
	document, err := orderOf(domain, map[string]any{"operation": orders.Restore})
	if err != nil {
		return intake.Placed{}, err
	}
	key := RestoreKey(domain)
	ctx = intake.WithBounds(intake.WithCaller(ctx, intake.Caller{Client: domain.Client}), []intake.Bound{{Kind: registrars.Restore, Most: most}})
	return in.PlaceJSON(ctx, document, &store.Idempotency{Client: store.RenewalKeys, Key: key, Request: key})
}
