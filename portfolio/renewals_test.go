package portfolio_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/operations"
	"domainprovisioning/orders"
	"domainprovisioning/portfolio"
	"domainprovisioning/store"
)

const shop = "shop.example"

// holding is a world whose registrar account and store hold shop.example, and the date on which it
// expires.
func holding(t *testing.T, options outside.Options) (*outside.World, *portfolio.Renewals, store.Domain, time.Time) {
	t.Helper()
	w := outside.New(t, options)
	w.Operations.AddExistingAccount(outside.Customer)
	w.Register(t, shop)
	expires, err := w.Registrar.ReadDomain(t.Context(), name(t, shop))
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Store.Import(t.Context(), []store.NewDomain{{
		Name: shop, Registrar: outside.Account, Sells: store.Sells{
			TLD: "example", Vendor: 1, Plan: outside.DomainPlan, Period: orders.NoPeriod, Account: outside.Customer, Renewal: messages.RenewalByUs,
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	row, err := w.Store.Domain(t.Context(), shop)
	if err != nil {
		t.Fatal(err)
	}
	renewals := &portfolio.Renewals{Intake: w.Intake, Temporal: w.Temporal, Operations: w.OperationsClient, Log: slog.New(slog.DiscardHandler)}
	return w, renewals, row, expires.Expires
}

// The renewal of a date is one order, whoever asks how often, also after the plan has changed.
func TestARenewalIsOrderedOnceForADate(t *testing.T) {
	w, renewals, row, expires := holding(t, outside.Options{})
	for n := range 3 {
		result, err := renewals.PlaceRenewal(t.Context(), row, expires)
		if err != nil || result.Outcome != activities.RenewalPlaced || result.Order == "" {
			t.Fatalf("%+v, %v", result, err)
		}
		if n == 1 {
			row.Sells.Plan = outside.TwoYearPlan
		}
	}
	starts := w.Temporal.Starts()
	if len(starts) != 1 || starts[0].Options.ID != "domain-renewal/"+shop || !starts[0].Input.Unit.Domain.Expires.Equal(expires.Truncate(24*time.Hour)) {
		t.Fatalf("%+v", starts)
	}
	if err := w.Store.CloseUnit(t.Context(), starts[0].Input.OrderNumber, 0, store.UnitCancelled, ""); err != nil {
		t.Fatal(err)
	}
	result, err := renewals.PlaceRenewal(t.Context(), row, expires)
	if err != nil || result.Outcome != activities.RenewalOver || len(w.Temporal.Starts()) != 1 {
		t.Fatalf("what was given up: %+v, %v, %d starts", result, err, len(w.Temporal.Starts()))
	}
}

// A renewal may go on beside a change that keeps the domain, and beside nothing else.
func TestARenewalStandsBesideAChangeThatKeepsTheDomain(t *testing.T) {
	change := `{"vendorAccountId": 1, "items": [{"id": 0, "planId": 5, "periodId": 1, "parentId": -1, "operation": "name-server-change",
		"domain": "shop", "transferKey": "", "nameServers": ["ns1.other.example", "ns2.other.example"]}], "customer": {"accountId": 500100}}`
	for operation, outcome := range map[string]activities.RenewalOutcome{
		change: activities.RenewalPlaced,
		outside.Alter(t, outside.DomainOnly, `"registration"`, `"renewal"`): activities.RenewalBlocked,
	} {
		w, renewals, row, expires := holding(t, outside.Options{})
		w.Place(t, operation)
		result, err := renewals.PlaceRenewal(t.Context(), row, expires)
		if err != nil || result.Outcome != outcome {
			t.Errorf("beside %s: %+v, %v", operation, result, err)
		}
		if outcome != activities.RenewalPlaced {
			continue
		}
		open, err := w.Store.OpenOf(t.Context(), shop)
		if err != nil || len(open) != 2 {
			t.Errorf("%d open units, %v", len(open), err)
		}
		if _, err := w.Intake.Place(t.Context(), []byte(outside.Alter(t, change, "ns1.other", "ns3.other"))); err == nil {
			t.Error("a second change was accepted beside them")
		}
	}
}

// What cannot be ordered is said, and leaves nothing.
func TestARenewalThatCannotBeOrdered(t *testing.T) {
	t.Run("without a plan", func(t *testing.T) {
		w, renewals, row, expires := holding(t, outside.Options{})
		row.Sells.Plan = 0
		result, err := renewals.PlaceRenewal(t.Context(), row, expires)
		if err != nil || result.Outcome != activities.RenewalRefused || len(w.Temporal.Starts()) != 0 {
			t.Fatalf("%+v, %v", result, err)
		}
	})
	t.Run("not in the account", func(t *testing.T) {
		w, renewals, row, expires := holding(t, outside.Options{})
		if err := w.Netim.TransferOut(shop, ""); err != nil {
			t.Fatal(err)
		}
		result, err := renewals.PlaceRenewal(t.Context(), row, expires)
		if err != nil || result.Outcome != activities.RenewalRefused || !strings.Contains(result.Detail, "not in this account") {
			t.Fatalf("%+v, %v", result, err)
		}
	})
	t.Run("hosting terminated", func(t *testing.T) {
		w, renewals, row, expires := holding(t, outside.Options{})
		subscription, err := w.OperationsClient.ActivateSubscription(t.Context(), operations.ActivateSubscriptionParams{
			AccountID: outside.Customer, ServiceTemplateID: outside.HostingTemplate,
		})
		if err != nil {
			t.Fatal(err)
		}
		row.Sells.HostingSubscription = subscription
		if result, err := renewals.PlaceRenewal(t.Context(), row, expires.AddDate(-1, 0, 0)); err != nil || result.Outcome == activities.RenewalUnpaid {
			t.Fatalf("while it is there: %+v, %v", result, err)
		}
		if err := w.OperationsClient.RemoveSubscription(t.Context(), subscription); err != nil {
			t.Fatal(err)
		}
		result, err := renewals.PlaceRenewal(t.Context(), row, expires)
		if err != nil || result.Outcome != activities.RenewalUnpaid {
			t.Fatalf("%+v, %v", result, err)
		}
	})
}

// An order that is parked for want of funds is tried again whenever it is asked for, and one that
// is parked for another reason is not.
func TestARenewalThatLacksFundsIsTriedAgain(t *testing.T) {
	for _, reason := range []messages.Reason{messages.ReasonBalance, messages.ReasonRejected} {
		w, renewals, row, expires := holding(t, outside.Options{})
		placed, err := renewals.PlaceRenewal(t.Context(), row, expires)
		if err != nil {
			t.Fatal(err)
		}
		err = w.Store.RecordState(t.Context(), store.StateChange{
			OrderNumber: placed.Order, At: time.Now().Add(time.Minute), State: messages.NeedsAttention, Step: 2, Reason: string(reason),
		})
		if err != nil {
			t.Fatal(err)
		}
		again, err := renewals.PlaceRenewal(t.Context(), row, expires)
		if err != nil || again.Outcome != activities.RenewalPlaced || again.Parked != reason {
			t.Fatalf("%+v, %v", again, err)
		}
		want := 0
		if reason == messages.ReasonBalance {
			want = 1
		}
		if commands := w.Temporal.Commands(); len(commands) != want {
			t.Errorf("%s: %d commands", reason, len(commands))
		}
	}
}

// Operations cannot be asked for now: nothing is ordered, and the call is tried again.
func TestARenewalWaitsForOperations(t *testing.T) {
	w, renewals, row, expires := holding(t, outside.Options{})
	row.Sells.HostingSubscription = 7
	w.Fault(t, "operations:pem.getSubscription:http-error=503*always")
	if result, err := renewals.PlaceRenewal(t.Context(), row, expires); err == nil || len(w.Temporal.Starts()) != 0 {
		t.Fatalf("%+v, %v", result, err)
	}
}
