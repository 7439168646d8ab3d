package intake

import (
	"context"
	"fmt"

	"domainprovisioning/operations"
	"domainprovisioning/orders"
)

// askAboutSubscriptions refuses subscriptions that an order names and cannot use: unknown
// ones, those of another account, and those of another service template. What an order that
// was given up has left can be used this way.
func (i *Intake) askAboutSubscriptions(ctx context.Context, in *orders.Incoming, units []orders.Unit) {
	account, _ := in.Order.Customer.AccountID()
	ask := func(item, id, template int) {
		field := orders.ItemField(in.Order.Place(item), "subscriptionId")
		if id == 0 || in.Refused(field) || ctx.Err() != nil {
			return
		}
		found, err := i.Operations.GetSubscription(ctx, id)
		switch {
		case operations.IsNotFound(err):
			in.Refuse(orders.RuleSubscription, field, fmt.Sprintf("%d is not a subscription in Operations", id))
		case err != nil:
			i.unasked(ctx, err)
		case found.OwnerID != account:
			in.Refuse(orders.RuleSubscription, field, fmt.Sprintf("%d is not one of account %d", id, account))
		case found.ServiceTemplateID != 0 && found.ServiceTemplateID != template:
			in.Refuse(orders.RuleSubscription, field, fmt.Sprintf("%d is one of service template %d, and the plan's is %d", id, found.ServiceTemplateID, template))
		}
	}
	for _, unit := range units {
		if unit.Domain != nil {
			ask(unit.Item, unit.Domain.Subscription, unit.Domain.Template)
		}
		if unit.Hosting != nil {
			ask(unit.Hosting.Item, unit.Hosting.Subscription, unit.Hosting.Template)
		}
	}
}
