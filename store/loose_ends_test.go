package store_test

import (
	"strings"
	"testing"

	"domainprovisioning/store"
)

// TestWhatWasCarriedOutForAnEndedOrderSaysWhatToDo: a domain that is in the account now can be
// adopted; one that was there already needs nothing of the kind.
func TestWhatWasCarriedOutForAnEndedOrderSaysWhatToDo(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		for kind, adopts := range map[string]bool{"registration": true, "transfer": true, "renewal": false, "lock-change": false} {
			request := intention("A-1/0/" + kind)
			request.Kind = kind
			if _, _, err := s.Intend(t.Context(), request); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Learn(t.Context(), request.Key, store.LedgerChange{State: store.Done}); err != nil {
				t.Fatal(err)
			}
			if ended, err := s.MarkAbandoned(t.Context(), request.Key); err != nil || !ended {
				t.Fatalf("%t, %v", ended, err)
			}
			ends, err := s.LooseEnds(t.Context(), store.LooseEndFilter{Kind: store.Abandoned})
			if err != nil {
				t.Fatal(err)
			}
			for _, end := range ends {
				if strings.HasPrefix(end.Detail, kind) && strings.Contains(end.Detail, "adoption") != adopts {
					t.Errorf("%s: %s", kind, end.Detail)
				}
			}
		}
		if counts, err := s.CountLooseEnds(t.Context()); err != nil || counts[store.Abandoned] != 4 {
			t.Errorf("%v, %v", counts, err)
		}
	})
}
