package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"domainprovisioning/store"
)

// accepted stores an order that makes the account, and returns the id of the account.
func accepted(t *testing.T, s *store.Store, number, domain string) (account int) {
	t.Helper()
	order := acceptance(number, domain, number)
	order.Units[0].Start = func(_ string, ids map[store.IDRequest]int) (string, []byte, error) {
		account = ids[store.IDRequest{Kind: store.AccountID, Item: -1}]
		return "domain-provisioning/" + domain, fmt.Appendf(nil, `{"accountId":%d,"domainSubscriptionId":%d}`,
			account, ids[store.IDRequest{Kind: store.DomainSubscriptionID, Item: 0}]), nil
	}
	if _, err := s.AcceptOrder(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	return account
}

func TestAStepOfAnUndoIsRecordedOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		accepted(t, s, "SO-1", "shop.example")
		key := store.UndoKey{OrderNumber: "SO-1", Item: 0, What: "account"}
		first, err := s.BeginUndo(t.Context(), key, "account 7")
		if err != nil || first.State != store.UndoIntended || first.Object != "account 7" || !first.At.Equal(c.now()) || first.Calls != 0 {
			t.Fatalf("got %+v, %v", first, err)
		}
		c.advance(time.Minute)
		again, err := s.BeginUndo(t.Context(), key, "account 8")
		if err != nil || again.Object != "account 7" || !again.At.Equal(first.At) || again.Age() != time.Minute {
			t.Errorf("begun again: %+v, %v", again, err)
		}
		if err := s.CallUndo(t.Context(), again); err != nil {
			t.Fatal(err)
		}
		// Who looked before the call may not call any more.
		if err := s.CallUndo(t.Context(), first); !errors.Is(err, store.ErrMovedOn) {
			t.Errorf("a call after another: %v", err)
		}
		failed, err := s.EndUndo(t.Context(), key, store.UndoCouldNot, "refused")
		if err != nil || failed.State != store.UndoCouldNot || failed.Note != "refused" || failed.Calls != 1 || failed.Final() {
			t.Errorf("could not: %+v, %v", failed, err)
		}
		if err := s.CallUndo(t.Context(), failed); err != nil {
			t.Errorf("it may be tried again: %v", err)
		}
		done, err := s.EndUndo(t.Context(), key, store.Undone, "")
		if err != nil || done.State != store.Undone || done.Calls != 2 || done.Note != "" || !done.Final() {
			t.Errorf("undone: %+v, %v", done, err)
		}
		// The first end stays, whatever a slower try says.
		late, err := s.EndUndo(t.Context(), key, store.UndoKept, "late")
		if err != nil || late.State != store.Undone || late.Note != "" {
			t.Errorf("ended twice: %+v, %v", late, err)
		}
		if err := s.CallUndo(t.Context(), late); !errors.Is(err, store.ErrMovedOn) {
			t.Errorf("a call after the end: %v", err)
		}
		steps, err := s.UndoSteps(t.Context(), "SO-1")
		if err != nil || len(steps) != 1 || steps[0].UndoKey != key || steps[0].State != store.Undone {
			t.Errorf("listed: %+v, %v", steps, err)
		}
		if _, err := s.EndUndo(t.Context(), store.UndoKey{OrderNumber: "SO-1", What: "members"}, store.Undone, ""); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("one that was not begun: %v", err)
		}
	})
}

func TestTheUnitsThatWorkOnAnAccount(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		account := accepted(t, s, "SO-1", "shop.example")
		if other := accepted(t, s, "SO-10", "other.example"); other == account {
			t.Fatal("two orders have one account")
		}
		// The database's clock may step back a little.
		c.advance(-time.Hour)
		// An order for the existing account, one for an account whose number begins alike, and
		// one whose plan has the number elsewhere.
		for number, plan := range map[string]string{
			"SO-2": `{"accountId":%d,"hostingSubscriptionId":5}`, "SO-3": `{"accountId":%d0}`,
			"SO-4": `{"accountId":1,"unit":{"accountId":%d}}`,
		} {
			order := acceptance(number, number+".example", number)
			if number == "SO-2" {
				order.Client = "till"
			}
			order.Units[0].Start = func(string, map[store.IDRequest]int) (string, []byte, error) {
				return number, fmt.Appendf(nil, plan, account), nil
			}
			if _, err := s.AcceptOrder(t.Context(), order); err != nil {
				t.Fatal(err)
			}
		}
		units, err := s.UnitsOfAccount(t.Context(), "SO-1", account)
		if err != nil || len(units) != 2 {
			t.Fatalf("got %+v, %v", units, err)
		}
		if u := units[0]; u.OrderNumber != "SO-1" || u.Domain != "shop.example" || u.State != store.UnitOpen || u.DomainSubscriptionID == 0 || u.OtherClient {
			t.Errorf("the order itself: %+v", u)
		}
		if u := units[1]; u.OrderNumber != "till:SO-2" || u.HostingSubscriptionID != 5 || !u.OtherClient {
			t.Errorf("the other: %+v", u)
		}
		for _, test := range []struct {
			number string
			kind   store.IDKind
			id     int
			want   bool
		}{
			{"SO-1", store.AccountID, account, true}, {"SO-10", store.AccountID, account, false},
			{"SO-1", store.DomainSubscriptionID, units[0].DomainSubscriptionID, true},
			{"SO-1", store.HostingSubscriptionID, units[0].DomainSubscriptionID, false},
			{"SO-1", store.AccountID, 1, false},
		} {
			if got, err := s.Reserved(t.Context(), test.number, test.kind, test.id); err != nil || got != test.want {
				t.Errorf("%+v: %t, %v", test, got, err)
			}
		}
	})
}
