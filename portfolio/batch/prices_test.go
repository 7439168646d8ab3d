package batch_test

import (
	"fmt"
	"strings"
	"testing"

	"domainprovisioning/internal/outside"
	"domainprovisioning/portfolio/batch"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

func euros(amount int64) *registrars.Price {
	return &registrars.Price{Cents: amount * 100, Currency: "EUR"}
}

// many are lines for so many names of a plan.
func many(t testing.TB, count, plan int) []string {
	t.Helper()
	all := make([]string, count)
	for n := range all {
		all[n] = order(t, fmt.Sprintf("n%d", n), `"planId": 5`, fmt.Sprintf(`"planId": %d`, plan))
	}
	return all
}

// The price of a plan without a limit is asked once for all lines that have it.
func TestPricesAreSummedAndLimitedBeforeAnythingIsStored(t *testing.T) {
	h := begin(t, outside.Options{})
	for n := range 40 {
		h.Netim.SetPrice(fmt.Sprintf("n%d.example", n), 10_00)
	}
	limited := many(t, 40, outside.LimitedPlan)
	unlimited := many(t, 40, outside.DomainPlan)
	asked := h.Netim.Calls("queryDomainPrice")
	if report := h.take(batch.Wanted{DryRun: true}, lines(unlimited...)); len(report.Costs) != 1 || report.Costs[0] != *euros(400) || report.Unpriced != nil {
		t.Errorf("got %+v", report)
	}
	if now := h.Netim.Calls("queryDomainPrice"); now != asked+1 {
		t.Errorf("%d questions for one price", now-asked)
	}
	// A limit of a plan counts, not the price of today.
	if report := h.take(batch.Wanted{DryRun: true}, lines(limited...)); report.Costs[0] != *euros(480) {
		t.Errorf("got %+v", report)
	}
	h.refused(batch.Wanted{Limit: euros(399)}, lines(unlimited...), "the lines may cost 400.00 EUR, which is above the limit of 399.00 EUR")
	h.refused(batch.Wanted{Limit: euros(479), Mode: batch.Good}, lines(limited...), "480.00 EUR")
	h.refused(batch.Wanted{Limit: &registrars.Price{Cents: 1e6, Currency: "USD"}}, lines(unlimited...), "lines may cost 400.00 EUR, which a limit of 10000.00 USD does not bound")
	report := h.take(batch.Wanted{Limit: euros(400)}, lines(unlimited...))
	if report.Batch.CostCents != 400_00 || report.Batch.CostCurrency != "EUR" || report.Batch.LimitCents != 400_00 {
		t.Errorf("got %+v", report.Batch)
	}
	// A price that has risen since is not paid.
	h.Netim.SetPrice("n7.example", 10_01)
	h.drain()
	found, err := h.Store.BatchLines(t.Context(), report.Batch.ID, store.LineRefused, 0, 10)
	if err != nil || len(found) != 1 || found[0].Domain != "n7.example" || !strings.Contains(found[0].Reasons[0].Message, "10.01 EUR is above") {
		t.Errorf("got %+v, %v", found, err)
	}
	for _, start := range h.Temporal.Starts() {
		if limit := start.Input.Unit.Domain.PriceLimits; limit == nil || int64(*limit.Registration) != 10_00 || limit.Currency != "EUR" {
			t.Fatalf("%s may cost %+v later", start.Input.Unit.Domain.Name, limit)
		}
	}
	if n := len(h.Temporal.Starts()); n != 39 {
		t.Errorf("%d workflows", n)
	}
}

// Without a limit of the batch an order is like any other.
func TestABatchWithoutALimitBoundsNoOrder(t *testing.T) {
	h := begin(t, outside.Options{})
	h.take(batch.Wanted{}, lines(many(t, 2, outside.DomainPlan)...))
	h.Netim.SetPrice("n1.example", 99_00)
	h.drain()
	starts := h.Temporal.Starts()
	if len(starts) != 2 || starts[0].Input.Unit.Domain.PriceLimits != nil {
		t.Errorf("got %+v", starts)
	}
}

func TestAPriceThatNobodyTells(t *testing.T) {
	h := begin(t, outside.Options{})
	h.Fault(t, "netim:queryDomainPrice:http-error=503*always")
	all := many(t, 3, outside.DomainPlan)
	h.refused(batch.Wanted{Limit: euros(1000)}, lines(all...), "nobody can tell what 3 lines cost")
	report := h.take(batch.Wanted{Limit: euros(1000), AcceptUnpriced: true}, lines(all...))
	if len(report.Unpriced) != 3 || report.Batch.Unpriced != 3 || report.Batch.CostCents != 0 {
		t.Errorf("got %+v", report)
	}
}
