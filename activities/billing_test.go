package activities_test

import (
	"strconv"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	standbilling "domainprovisioning/sandbox/standin/billing"
)

func itoa(n int) string { return strconv.Itoa(n) }

func billingInput() activities.AddDomainSubscriptionInput {
	return activities.AddDomainSubscriptionInput{
		SubscriptionID: 1048576, ParentID: 100000, AccountID: 500100, Registrar: outside.Account,
		Domain: domains.MustParseName(shop), Years: 2,
		Plan:        orders.BillingPlan{PlanID: 3, RefundDays: 5, PeriodType: orders.PeriodYears, Period: 1, RegistrarID: 7},
		NameServers: domains.NameServers{"ns1.dns.example", "ns2.dns.example"},
		OwnerID:     11, AdminID: 12, BillingID: 13, TechID: 14,
		RegisteredAt: time.Date(2026, 3, 5, 10, 20, 30, 999, time.FixedZone("", 3600)),
	}
}

func TestTheRegisteredDomainIsRecordedOnce(t *testing.T) {
	for _, kind := range []string{"", "cut-before", "cut-after", "malformed", "http-error=502"} {
		t.Run("answer "+kind, func(t *testing.T) {
			w := outside.New(t, outside.Options{})
			if kind != "" {
				w.Fault(t, "billing:DomainSubscrWithIDAdd_API:"+kind)
			}
			b := w.BillingActivities()
			var got activities.AddDomainSubscriptionResult
			for range 3 { // a repeat is harmless with and without a fault
				var err error
				if got, err = b.AddDomainSubscription(t.Context(), billingInput()); err != nil {
					wantClass(t, err, registrars.ClassOutcomeUnknown)
				}
			}
			rows := w.Billing.RowsOf(shop)
			if len(rows) != 1 || got.DomainID != rows[0].DomainID || !got.Existing {
				t.Fatalf("got %+v, rows %+v", got, rows)
			}
			start := time.Date(2026, 3, 5, 9, 20, 30, 0, time.UTC)
			row := rows[0]
			if !row.Start.Equal(start) || row.Expiration.Year() != 2028 || row.NextBill.Year() != 2027 || row.Years != 2 ||
				row.ParentID != 100000 || row.Users != [4]int{11, 12, 13, 14} || row.NameServers != [4]string{"ns1.dns.example", "ns2.dns.example"} {
				t.Errorf("the row is %+v", row)
			}
		})
	}
}

func TestARowOfAnotherAccountIsAConflictAndAnEndedOneIsNot(t *testing.T) {
	for name, c := range map[string]struct {
		row      standbilling.Row
		conflict bool
		rows     int
	}{
		"registered under another account": {standbilling.Row{SubscriptionID: 9, AccountID: 7, FullDomainName: shop, Status: 30}, true, 1},
		"registered under ours":            {standbilling.Row{SubscriptionID: 9, AccountID: 500100, FullDomainName: shop, Status: 30}, false, 1},
		"ended under another account":      {standbilling.Row{SubscriptionID: 9, AccountID: 7, FullDomainName: shop, Status: 60}, false, 2},
	} {
		t.Run(name, func(t *testing.T) {
			w := outside.New(t, outside.Options{})
			w.Billing.AddExisting(c.row)
			got, err := w.BillingActivities().AddDomainSubscription(t.Context(), billingInput())
			if c.conflict {
				wantClass(t, err, registrars.ClassConflict)
			} else if err != nil || got.DomainID == 0 {
				t.Errorf("got %+v, %v", got, err)
			}
			if n := len(w.Billing.RowsOf(shop)); n != c.rows {
				t.Errorf("%d rows", n)
			}
		})
	}
}

func TestTheFirstBillingPeriodEndsByThePlan(t *testing.T) {
	start := time.Date(2026, 3, 5, 9, 20, 30, 0, time.UTC)
	for _, c := range []struct {
		kind   orders.PeriodType
		period int
		want   time.Time
	}{
		{orders.PeriodMonths, 3, start.AddDate(0, 3, 0)},
		{orders.PeriodStatementCycle, 1, start.AddDate(0, 1, 0)},
	} {
		w := outside.New(t, outside.Options{})
		in := billingInput()
		in.ParentID = 0
		in.Plan.PeriodType, in.Plan.Period = c.kind, c.period
		if _, err := w.BillingActivities().AddDomainSubscription(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		if row := w.Billing.RowsOf(shop)[0]; !row.NextBill.Equal(c.want) || row.ParentID != -1 {
			t.Errorf("period type %d: next bill %s, want %s; parent %d", c.kind, row.NextBill, c.want, row.ParentID)
		}
	}
}
