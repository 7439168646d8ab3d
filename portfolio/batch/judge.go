package batch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"domainprovisioning/intake"
	"domainprovisioning/orders"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// judge applies all rules that need nobody outside to each line. Its errors are those of
// the store and the context.
func (t *Taker) judge(ctx context.Context, client string, lines []*line) error {
	seen := seen{domains: map[string]int{}, numbers: map[string]int{}, logins: map[string]int{}}
	var domains, numbers []string
	for _, line := range lines {
		if err := ctx.Err(); err != nil {
			return err
		}
		inspected := t.inspect(line)
		if line.reasons != nil {
			continue
		}
		if line.again(seen, inspected); line.reasons == nil {
			line.domains = domainsOf(inspected)
			domains = append(domains, line.domains...)
			if line.label != "" {
				numbers = append(numbers, line.label)
			}
		}
	}
	open, taken, err := t.Store.KnownNames(ctx, client, domains, numbers)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if err := ctx.Err(); err != nil {
			return err
		}
		if line.reasons != nil || !taken[line.label] && line.login == "" && !line.in(open) {
			continue
		}
		// Most lines need no question of their own.
		err := t.Intake.AskStore(ctx, t.Intake.InspectJSON(line.document))
		if refusal, refused := errors.AsType[*intake.Refusal](err); refused {
			line.refuse(refusal)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// inspect reads a line and notes what is needed of it.
func (t *Taker) inspect(line *line) intake.Inspected {
	if line.reasons != nil {
		return intake.Inspected{}
	}
	inspected := t.Intake.InspectJSON(line.document)
	for _, unit := range inspected.Units {
		if unit.Domain != nil && line.account == "" {
			line.account, line.domain = unit.Domain.Registrar, unit.Domain.Name.String()
		}
	}
	if inspected.Refusal != nil {
		line.refuse(inspected.Refusal)
		return inspected
	}
	line.label = inspected.Order.Number
	if customer := &inspected.Order.Customer; !customer.IsExisting() {
		line.login = customer.Login()
	}
	line.costs = t.costsOf(inspected)
	return inspected
}

func (l *line) refuse(refusal *intake.Refusal) {
	l.reasons = reasonsOf(refusal)
	l.costs = nil
}

// seen are the lines that have what no second line may have.
type seen struct{ domains, numbers, logins map[string]int }

// again refuses a line that has what an earlier one has.
func (l *line) again(seen seen, inspected intake.Inspected) {
	once := func(lines map[string]int, value string, field orders.Field, rule string) {
		if value == "" {
			return
		}
		if first, known := lines[value]; known {
			l.reasons = append(l.reasons, store.LineReason{Pointer: field.Pointer(), Message: fmt.Sprintf(rule, value, first)})
		}
	}
	name := strings.ToLower(l.login)
	for _, unit := range inspected.Units {
		if unit.Domain != nil {
			once(seen.domains, unit.Domain.Name.String(), orders.ItemField(inspected.Order.Place(unit.Item), "domain"), "%s is ordered in line %d as well")
		}
	}
	once(seen.numbers, l.label, orders.NumberField(), "number %s is that of line %d as well")
	if name != "" {
		if first, known := seen.logins[name]; known { // a login may be an address
			l.reasons = append(l.reasons, store.LineReason{Pointer: orders.CustomerField("login").Pointer(), Message: fmt.Sprintf(
				"customer.login is that of the new customer of line %d as well: order for the account once it is there", first)})
		}
	}
	if l.reasons != nil {
		l.costs = nil
		return
	}
	for _, domain := range domainsOf(inspected) {
		seen.domains[domain] = l.number
	}
	if l.label != "" {
		seen.numbers[l.label] = l.number
	}
	if name != "" {
		seen.logins[name] = l.number
	}
}

// in reports whether a domain of the line is in an open order.
func (l *line) in(open map[string]bool) bool {
	return slices.ContainsFunc(l.domains, func(domain string) bool { return open[domain] })
}

func domainsOf(inspected intake.Inspected) []string {
	var names []string
	for _, unit := range inspected.Units {
		if unit.Domain != nil {
			names = append(names, unit.Domain.Name.String())
		}
	}
	return names
}

// costsOf are the requests of an order that cost something, with the limits of their plans.
func (t *Taker) costsOf(inspected intake.Inspected) []cost {
	var costs []cost
	for _, unit := range inspected.Units {
		for _, kind := range t.Intake.KindsOf(unit) {
			if !kind.HasPrice() {
				continue
			}
			each := cost{item: unit.Item, of: group{unit.Domain.Registrar, unit.Domain.TLD, kind, unit.Domain.Years}}
			if limit := workflows.PriceLimit(unit.Domain, kind); limit != nil {
				each.limit, each.price, each.known = limit, *limit, limit.Currency != ""
			}
			costs = append(costs, each)
		}
	}
	return costs
}
