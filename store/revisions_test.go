package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// shop places the order that the tests amend.
func shop(t *testing.T, s *store.Store) {
	t.Helper()
	if _, err := s.AcceptOrder(t.Context(), acceptance("SO-1", "shop.example", "as placed")); err != nil {
		t.Fatal(err)
	}
}

// revised is a revision of the shop's order.
func revised(base int, document, command string) store.Revision {
	return store.Revision{
		OrderNumber: "SO-1", Base: base, Command: command, Amendment: []byte(`{"planId": 6}`), Document: []byte(document),
		Changes: []messages.Change{messages.ChangeContacts, messages.ChangeYears}, Actor: "jane", Reason: "a typing error",
	}
}

func addRevision(t *testing.T, s *store.Store, revision store.Revision) store.Revision {
	t.Helper()
	stored, err := s.AddRevision(t.Context(), revision)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func TestARevisionIsSealedAndCountsWhenAUnitGoesByIt(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		shop(t, s)
		latest := func(want int) {
			t.Helper()
			if got, err := s.LatestRevision(t.Context(), "SO-1"); got != want || err != nil {
				t.Errorf("revision %d, %v; want %d", got, err, want)
			}
		}
		reads := func(revision int, want string) {
			t.Helper()
			if got, err := s.RevisedDocument(t.Context(), "SO-1", revision); string(got) != want || err != nil {
				t.Errorf("revision %d is %q, %v; want %q", revision, got, err, want)
			}
		}
		take := func(revision int) {
			t.Helper()
			if err := s.TakeRevision(t.Context(), "SO-1", 0, revision); err != nil {
				t.Fatal(err)
			}
		}
		for n, document := range []string{"first", "second"} {
			if got := addRevision(t, s, revised(0, document, "")); got.Number != n+1 {
				t.Errorf("%s is revision %d", document, got.Number)
			}
		}
		reads(0, "as placed")
		reads(1, "first")
		reads(2, "second")
		latest(0)
		take(2)
		latest(2)
		take(1) // never back
		latest(2)
		for _, unknown := range []struct {
			number   string
			revision int
		}{{"SO-1", 3}, {"SO-9", 0}, {"SO-9", 1}} {
			if _, err := s.RevisedDocument(t.Context(), unknown.number, unknown.revision); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%+v: %v", unknown, err)
			}
		}
		// A sealed document opens at its own place only.
		if err := s.Raw(`UPDATE order_revisions SET document = (SELECT document FROM orders) WHERE revision = 1`); err != nil {
			t.Fatal(err)
		}
		if document, err := s.RevisedDocument(t.Context(), "SO-1", 1); err == nil {
			t.Errorf("the document of the order opens as its revision: %s", document)
		}
	})
}

func TestACommandBringsOneRevision(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		shop(t, s)
		want := addRevision(t, s, revised(0, "first", "desk/k1"))
		if err := s.TakeRevision(t.Context(), "SO-1", 0, want.Number); err != nil {
			t.Fatal(err)
		}
		// A repeat is found although the order goes by a newer revision than its base.
		again := addRevision(t, s, revised(0, "what would be made of it now", "desk/k1"))
		want.Document = nil
		if !reflect.DeepEqual(again, want) {
			t.Errorf("got %+v, want %+v", again, want)
		}
		found, err := s.FindRevision(t.Context(), revised(0, "", "desk/k1"))
		if err != nil || !reflect.DeepEqual(found, want) {
			t.Errorf("found %+v, %v", found, err)
		}
		if document, err := s.RevisedDocument(t.Context(), "SO-1", 1); string(document) != "first" || err != nil {
			t.Errorf("it is %q now, %v", document, err)
		}
		other := revised(1, "second", "desk/k1")
		other.Amendment = []byte(`{"planId": 7}`)
		if _, err := s.AddRevision(t.Context(), other); !errors.Is(err, store.ErrCommandReused) {
			t.Errorf("another amendment of the same command: %v", err)
		}
		for _, unknown := range []store.Revision{revised(0, "", ""), revised(0, "", "desk/k2"), {OrderNumber: "SO-1", Item: 1, Command: "desk/k1"}} {
			if _, err := s.FindRevision(t.Context(), unknown); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%+v: %v", unknown, err)
			}
		}
	})
}

func TestARevisionIsMadeOfTheNewestOne(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		shop(t, s)
		addRevision(t, s, revised(0, "first", "a"))
		if err := s.TakeRevision(t.Context(), "SO-1", 0, 1); err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddRevision(t.Context(), revised(0, "without what the first says", "b")); !errors.Is(err, store.ErrRevisionStale) {
			t.Errorf("got %v", err)
		}
		if _, err := s.RevisedDocument(t.Context(), "SO-1", 2); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("it was stored: %v", err)
		}
		if got := addRevision(t, s, revised(1, "second", "b")); got.Number != 2 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestRevisionsAtOnceHaveNumbersOfTheirOwn(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		shop(t, s)
		const callers = 6
		numbers, errs := make([]int, callers), make([]error, callers)
		var group sync.WaitGroup
		for n := range callers {
			group.Go(func() {
				// Each command is given twice.
				stored, err := s.AddRevision(t.Context(), revised(0, "x", fmt.Sprint(n/2)))
				numbers[n], errs[n] = stored.Number, err
			})
		}
		group.Wait()
		distinct := map[int]bool{}
		for n := range callers {
			if errs[n] != nil || numbers[n] != numbers[n^1] {
				t.Errorf("caller %d: revision %d and %d, %v", n, numbers[n], numbers[n^1], errs[n])
			}
			distinct[numbers[n]] = true
		}
		if len(distinct) != callers/2 {
			t.Errorf("the numbers are %v", numbers)
		}
	})
}

func TestARunIsAdmitted(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		shop(t, s)
		const workflow = "domain-provisioning/shop.example"
		admit := func(number, workflow, run string, want store.Admission) {
			t.Helper()
			if got, err := s.AdmitRun(t.Context(), number, 0, workflow, run); got != want || err != nil {
				t.Errorf("%s: got %+v, %v; want %+v", run, got, err, want)
			}
		}
		admit("SO-1", workflow, "run-1", store.Admission{State: store.UnitOpen, Runs: 1})
		admit("SO-1", workflow, "run-1", store.Admission{State: store.UnitOpen, Runs: 1}) // a repeat
		addRevision(t, s, revised(0, "first", ""))
		if err := s.TakeRevision(t.Context(), "SO-1", 0, 1); err != nil {
			t.Fatal(err)
		}
		admit("SO-1", workflow, "run-2", store.Admission{State: store.UnitOpen, Runs: 2, Revision: 1})
		admit("SO-1", "domain-provisioning/other.example", "run-3", store.Admission{})
		admit("SO-9", workflow, "run-3", store.Admission{})
		if err := s.CloseUnit(t.Context(), "SO-1", 0, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		admit("SO-1", workflow, "run-3", store.Admission{State: store.UnitDone, Runs: 2, Revision: 1})
		admit("SO-1", workflow, "run-2", store.Admission{State: store.UnitDone, Runs: 2, Revision: 1, Last: true})
	})
}
