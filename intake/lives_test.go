package intake_test

import (
	"log/slog"
	"testing"
	"time"

	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// An order that brings a domain begins its life when it is done, one that changes it has the life
// look, and one that was given up brings none.
func TestOrdersBeginAndTellLives(t *testing.T) {
	w := outside.New(t, outside.Options{})
	w.Intake.Renewal = messages.RenewalByUs
	relay := intake.NewRelay(w.Intake, slog.New(slog.DiscardHandler))
	told := func(want int) {
		t.Helper()
		if _, err := relay.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := w.Temporal.Lives(); len(got) != want {
			t.Fatalf("%d lives were told, want %d: %+v", len(got), want, got)
		}
	}
	end := func(placed intake.Placed, state store.UnitState) {
		t.Helper()
		if err := w.Store.CloseUnit(t.Context(), placed.Number, placed.Units[0].Item, state, ""); err != nil {
			t.Fatal(err)
		}
	}
	end(w.Place(t, outside.Alter(t, outside.DomainOnly, `"shop"`, `"other"`)), store.UnitCancelled)
	placed := w.Place(t, outside.ExistingCustomer)
	told(0)
	end(placed, store.UnitDone)
	told(1)
	told(1) // once
	life := w.Temporal.Lives()[0]
	if life.Options.ID != "domain-life/shop.example" || life.Input.Registrar != outside.Account || life.Options.TaskQueue != workflows.TaskQueue {
		t.Errorf("got %+v", life)
	}
	row, err := w.Store.Domain(t.Context(), "shop.example")
	if err != nil {
		t.Fatal(err)
	}
	want := store.Sells{
		TLD: "example", Vendor: 1, Plan: outside.DomainPlan, Period: 1, Account: outside.Customer, Renewal: messages.RenewalByUs,
		DomainSubscription: row.Sells.DomainSubscription, HostingSubscription: row.Sells.HostingSubscription,
	}
	if row.Sells != want || want.DomainSubscription == 0 || want.HostingSubscription == 0 || row.OrderNumber != placed.Number || row.State != messages.LifeNew {
		t.Errorf("got %+v", row)
	}
	w.Register(t, "shop.example")
	renewal := w.Place(t, outside.Alter(t, outside.DomainOnly, `"registration"`, `"renewal"`))
	told(1)
	end(renewal, store.UnitFailed)
	told(2)
}

// While Temporal is away nothing is lost: the life is told afterwards.
func TestALifeIsToldAfterAnOutage(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	w := outside.New(t, outside.Options{Now: func() time.Time { return now }})
	relay := intake.NewRelay(w.Intake, slog.New(slog.DiscardHandler))
	if _, err := w.Store.Import(t.Context(), []store.NewDomain{{Name: "shop.example", Registrar: outside.Account}}); err != nil {
		t.Fatal(err)
	}
	w.Temporal.SetDown(true)
	if _, err := relay.Round(t.Context()); err == nil {
		t.Fatal("no error while Temporal is away")
	}
	w.Temporal.SetDown(false)
	now = now.Add(2 * time.Minute) // what was claimed is free again
	if _, err := relay.Round(t.Context()); err != nil || len(w.Temporal.Lives()) != 1 {
		t.Fatalf("%d lives, %v", len(w.Temporal.Lives()), err)
	}
}
