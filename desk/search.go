package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"domainprovisioning/domains"
	"domainprovisioning/orders"
	"domainprovisioning/store"
)

// Hit is a unit of work that a search has found, and by what.
type Hit struct {
	Unit

	By string // such as "order number"
}

// mostHits is how many units a search finds.
const mostHits = 100

// Search finds units of work by order number, domain, operation at a registrar, or the customer's
// account in Operations; and by a part of the domain, if none of these fits. The newest come
// first. Error: *FilterError.
func (d *Desk) Search(ctx context.Context, text string) ([]Hit, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxText || strings.ContainsFunc(text, unicode.IsControl) {
		return nil, &FilterError{"search", fmt.Sprintf("must be 1 to %d characters, none of them a control character", maxText)}
	}
	var hits []Hit
	known := map[string]bool{}
	add := func(by string, filter store.UnitFilter) error {
		filter.Limit, filter.Client = mostHits, cmp.Or(filter.Client, clientOf(ctx))
		rows, err := d.Store.Units(ctx, filter)
		for _, row := range rows {
			place := fmt.Sprintf("%s/%d", row.OrderNumber, row.Item)
			if len(hits) < mostHits && !known[place] {
				known[place] = true
				hits = append(hits, Hit{d.unit(row), by})
			}
		}
		return err
	}
	var errs []error
	if orders.ValidNumber(text) {
		errs = append(errs, add("order number", store.UnitFilter{Number: text}))
	}
	if of, number, ok := strings.Cut(text, ":"); ok && (clientOf(ctx) == "" || clientOf(ctx) == of) {
		errs = append(errs, add("order number", store.UnitFilter{Number: number, Client: of}))
	}
	name, nameErr := domains.ParseName(text)
	if nameErr == nil {
		errs = append(errs, add("domain", store.UnitFilter{Domain: name.String()}))
	}
	rows, err := d.Store.LedgerRows(ctx, store.LedgerFilter{Reference: text})
	errs = append(errs, err)
	for _, row := range rows {
		errs = append(errs, add("operation at "+row.Account, store.UnitFilter{OrderNumber: row.OrderNumber()}))
	}
	if account, err := strconv.Atoi(text); err == nil && account > 0 {
		errs = append(errs, add("customer's account", store.UnitFilter{Account: account}))
	}
	if len(hits) == 0 {
		errs = append(errs, add("part of the domain", store.UnitFilter{Text: strings.TrimRight(text, ".")}))
	}
	return hits, errors.Join(errs...)
}
