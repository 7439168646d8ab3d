package store

import (
	"bytes"
	"context"
	"encoding/json"

	"domainprovisioning/messages"
	"domainprovisioning/orders"
)

// brings reports whether a unit brings its domain, by what the id of its workflow begins with.
func (p Unit) brings() bool {
	program := p.program()
	return p.Domain != "" && (program == "domain-provisioning" || program == "domain-transfer" || program == "domain-adoption")
}

// keeps reports whether a unit that is done shows that the account has its domain again, whatever
// was thought of it.
func (p Unit) keeps() bool { return p.Renews() || p.program() == "domain-restore" }

// soldBefore is what a unit sells that was accepted by a version which did not note it. Of an order
// that was erased, vendor, plan and period are not known any more. Who renews is not known either: as
// before, whoever orders it.
func (s *Store) soldBefore(ctx context.Context, q querier, unit Unit) (Sells, error) {
	var plan struct {
		Unit struct {
			Domain struct {
				TLD string `json:"tld"`
			} `json:"domain"`
		} `json:"unit"`
		Account int `json:"accountId"`
		Domain  int `json:"domainSubscriptionId"`
		Hosting int `json:"hostingSubscriptionId"`
	}
	// What cannot be read keeps no order from ending.
	_ = json.Unmarshal([]byte(unit.Plan), &plan)
	sells := Sells{
		TLD: plan.Unit.Domain.TLD, Period: orders.NoPeriod, Account: plan.Account, DomainSubscription: plan.Domain,
		HostingSubscription: plan.Hosting, Renewal: messages.RenewalByNobody,
	}
	var row sealedDocument
	err := q.GetContext(ctx, &row, `SELECT o.number, o.document, o.erased_at, COALESCE(k.wrapped, '') AS wrapped
		FROM orders o`+withDataKey+` WHERE o.number = $1`, unit.OrderNumber)
	if err != nil {
		return Sells{}, notFound("order "+unit.OrderNumber, err)
	}
	var order *orders.Order
	document, err := s.openOrders(row, sealedOrder(unit.OrderNumber))
	if err == nil {
		order, err = orders.ReadStored(bytes.NewReader(document))
	}
	if err == nil {
		if item, found := order.Item(unit.Item); found {
			sells.Vendor, sells.Plan, sells.Period = order.VendorAccountID, item.PlanID, item.PlanPeriodID
		}
	}
	return sells, nil
}
