package store_test

import (
	"testing"

	"domainprovisioning/store"
)

// TestTheAcceptedPriceIsThatOfTheNewestSubmission.
func TestTheAcceptedPriceIsThatOfTheNewestSubmission(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		accepting := intention(key)
		accepting.AcceptedPrice = "250.00 EUR"
		row, _, err := s.Intend(t.Context(), accepting)
		if err != nil || row.AcceptedPrice != "250.00 EUR" {
			t.Fatalf("got %+v, %v", row, err)
		}
		if row, err = s.Learn(t.Context(), key, store.LedgerChange{State: store.Unknown, Submission: 1}); err != nil || row.AcceptedPrice != "250.00 EUR" {
			t.Errorf("after a lost answer: %+v, %v", row, err)
		}
		c.advance(settle)
		if row, err = s.LedgerRow(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		if row, err = s.BeginAgain(t.Context(), row, store.Again{Settle: settle, AcceptedPrice: "260.00 EUR"}); err != nil || row.AcceptedPrice != "260.00 EUR" {
			t.Errorf("accepted anew: %+v, %v", row, err)
		}
		if row, err = s.Learn(t.Context(), key, store.LedgerChange{State: store.Refused, Submission: 2}); err != nil {
			t.Fatal(err)
		}
		if row, err = s.BeginAgain(t.Context(), row, store.Again{}); err != nil || row.AcceptedPrice != "" {
			t.Errorf("within the limit again: %+v, %v", row, err)
		}
		// A restored database gets it from the history.
		seeded := store.LedgerRow{Key: "SO-1/0/renewal", Account: "a", Kind: "renewal", Domain: "b.example", State: store.Unknown, AcceptedPrice: "9.00 EUR"}
		if err := s.SeedRow(t.Context(), seeded); err != nil {
			t.Fatal(err)
		}
		there, err := s.LedgerRow(t.Context(), seeded.Key)
		if err != nil || there.AcceptedPrice != "9.00 EUR" {
			t.Errorf("seeded %+v, %v", there, err)
		}
		revised := there
		revised.State, revised.AcceptedPrice = store.Done, "10.00 EUR"
		if err := s.ReviseRow(t.Context(), there, revised); err != nil {
			t.Fatal(err)
		}
		if there, err = s.LedgerRow(t.Context(), seeded.Key); err != nil || there.AcceptedPrice != "10.00 EUR" || there.State != store.Done {
			t.Errorf("revised %+v, %v", there, err)
		}
	})
}
