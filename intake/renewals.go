package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"domainprovisioning/orders"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// renewals are those of the ordered names that other orders have carried out, by item.
type renewals struct {
	latest map[int]string // the order of the latest, however old
	within map[int]*workflows.EarlierRenewal
}

// earlierRenewals are the renewals of the ordered names that other orders have carried out
// within their periods, by item. Another one is perhaps a mistake: whoever ordered it under
// another number, in another form or days later may not know of the first.
func (i *Intake) earlierRenewals(ctx context.Context, in *orders.Incoming, units []orders.Unit) (renewals, error) {
	found := renewals{map[int]string{}, map[int]*workflows.EarlierRenewal{}}
	for _, unit := range units {
		if unit.Domain == nil || unit.Type != orders.Renewal || unit.Domain.Name.IsZero() {
			continue
		}
		last, err := i.Store.LastRenewal(ctx, workflows.WorkflowID(keyOf(ctx, in.Order), unit))
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return found, err
		}
		found.latest[unit.Item] = last.OrderNumber
		if last.Age >= period(last) {
			continue
		}
		earlier := cmp.Or(callerOf(ctx).name(last.Client, last.Label, last.OrderNumber), "of another client")
		found.within[unit.Item] = &workflows.EarlierRenewal{OrderNumber: earlier, At: last.At}
		if field := orders.ItemField(in.Order.Place(unit.Item), "expires"); unit.Domain.Expires.IsZero() {
			in.Note(orders.RuleExpires, field, fmt.Sprintf("is not given, and order %s renewed %s on %s: a person must say whether it is meant once more",
				earlier, unit.Domain.Name, last.At.Format(time.DateOnly)))
		}
	}
	return found, nil
}

// period is for how long a renewal has renewed its name. A year is taken for a plan that
// cannot be read.
func period(last store.CarriedOut) time.Duration {
	var input workflows.UnitInput
	years := 1
	if json.Unmarshal([]byte(last.Plan), &input) == nil && input.Unit.Domain != nil {
		years = max(1, input.Unit.Domain.Years)
	}
	return time.Duration(years) * 365 * 24 * time.Hour
}
