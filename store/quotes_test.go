package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"domainprovisioning/store"
)

func TestWhatSystemsSayIsSealedOnceAndForATime(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		keep := func(workflow, text string) string {
			t.Helper()
			reference, err := s.KeepQuote(t.Context(), workflow, text)
			if err != nil {
				t.Fatal(err)
			}
			return reference
		}
		first := keep("domain-provisioning/shop.example", "Jane Example is not eligible")
		if again := keep("domain-provisioning/shop.example", "Jane Example is not eligible"); again != first {
			t.Errorf("the same text is %s and %s", first, again)
		}
		if other := keep("domain-provisioning/other.example", "Jane Example is not eligible"); other == first {
			t.Error("two workflows share a text")
		}
		if text, err := s.Quote(t.Context(), first, ""); err != nil || text != "Jane Example is not eligible" {
			t.Errorf("%q, %v", text, err)
		}
		if _, err := s.Quote(t.Context(), "q-nothing", ""); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v", err)
		}
		long := keep("domain-provisioning/long.example", strings.Repeat("ä", 1<<16))
		if text, err := s.Quote(t.Context(), long, ""); err != nil || len(text) > 64<<10 || strings.Trim(text, "ä") != "" {
			t.Errorf("%d bytes, %v", len(text), err)
		}
		// A system that says something else at each try fills no table.
		kept := 0
		for n := range 150 {
			if _, err := s.KeepQuote(t.Context(), "domain-provisioning/chatty.example", fmt.Sprintf("at %d", n)); err == nil {
				kept++
			} else if !errors.Is(err, store.ErrNotFound) {
				t.Fatal(err)
			}
		}
		if kept != 100 {
			t.Errorf("%d texts of one workflow are kept", kept)
		}
		c.advance(store.QuotesKept - time.Hour)
		if _, err := s.DropQuotes(t.Context(), 1000); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Quote(t.Context(), first, ""); err != nil {
			t.Errorf("dropped too early: %v", err)
		}
		c.advance(2 * time.Hour)
		if more, err := s.DropQuotes(t.Context(), 50); !more || err != nil {
			t.Errorf("more %v, %v", more, err)
		}
		if more, err := s.DropQuotes(t.Context(), 1000); more || err != nil {
			t.Errorf("more %v, %v", more, err)
		}
		if _, err := s.Quote(t.Context(), first, ""); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

// A domain is ordered anew, by another client too, and is told the same. What was said about one
// order is neither shown nor erased with the other.
func TestWhatIsSaidAboutAnOrderStaysWithIt(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		var references []string
		for n, client := range []string{"till", "web"} {
			order := acceptance("1001", "shop.example", fmt.Sprint(n))
			order.Client = client
			must[store.Accepted](t)(s.AcceptOrder(t.Context(), order))
			references = append(references, must[string](t)(s.KeepQuote(t.Context(), workflow, "the contact is not valid")))
			if err := s.CloseUnit(t.Context(), client+":1001", 0, store.UnitCancelled, ""); err != nil {
				t.Fatal(err)
			}
			c.advance(time.Second)
		}
		for n, client := range []string{"till", "web"} {
			for m, reference := range references {
				if _, err := s.Quote(t.Context(), reference, client); (err == nil) != (n == m) {
					t.Errorf("%s reads what was said about order %d: %v", client, m, err)
				}
			}
		}
		must[time.Time](t)(s.Erase(t.Context(), store.Erasing{Number: "till:1001"}))
		if text, err := s.Quote(t.Context(), references[1], "web"); err != nil || text == "" {
			t.Errorf("after the other order was erased: %q, %v", text, err)
		}
	})
}
