package store_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// imported is a domain to import.
func imported(name string) store.NewDomain {
	return store.NewDomain{
		Name: name, Registrar: "netim-main", Client: "shop", Sells: store.Sells{TLD: "example", Plan: 5, Period: -1, Account: 7, Renewal: messages.RenewalByUs},
	}
}

// hold imports domains, all of which must be new.
func hold(t *testing.T, s *store.Store, names ...string) {
	t.Helper()
	wanted := make([]store.NewDomain, len(names))
	for n, name := range names {
		wanted[n] = imported(name)
	}
	if added, err := s.Import(t.Context(), wanted); err != nil || !slices.Equal(added, names) {
		t.Fatalf("added %v, %v", added, err)
	}
}

func domainRow(t *testing.T, s *store.Store, name string) store.Domain {
	t.Helper()
	row, err := s.Domain(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// claimed are the names of the domains whose lives are to be told now.
func claimed(t *testing.T, s *store.Store) []store.Domain {
	t.Helper()
	rows, err := s.ClaimLooks(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func namesOf(rows []store.Domain) string {
	names := make([]string, len(rows))
	for n, row := range rows {
		names[n] = row.Name
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// bringing is an order that brings a domain.
func bringing(number, domain string) store.Acceptance {
	order := acceptance(number, domain, number)
	order.Client = "till"
	order.Units[0].Sells = func(ids map[store.IDRequest]int) store.Sells {
		return store.Sells{TLD: "example", Vendor: 1, Plan: 6, Period: 2, Account: 9, DomainSubscription: ids[store.IDRequest{Kind: store.DomainSubscriptionID, Item: 0}], Renewal: messages.RenewalByNobody}
	}
	return order
}

func TestAnImportHoldsWhatNobodyHas(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		expires := c.now().Add(1000 * time.Hour).UTC()
		first := imported("a.example")
		first.Expires = expires
		later := imported("b.example")
		later.LookAfter = time.Hour
		if _, err := s.AcceptOrder(t.Context(), bringing("SO-1", "open.example")); err != nil {
			t.Fatal(err)
		}
		wanted := []store.NewDomain{first, later, imported("open.example"), imported("a.example")}
		known, err := s.KnownDomains(t.Context(), []string{"a.example", "open.example"})
		if err != nil || len(known.Held)+len(known.Left) != 0 || !known.Open["open.example"] || len(known.Open) != 1 {
			t.Errorf("known %+v, %v", known, err)
		}
		added, err := s.Import(t.Context(), wanted)
		if err != nil || strings.Join(added, " ") != "a.example b.example" {
			t.Fatalf("added %v, %v", added, err)
		}
		row := domainRow(t, s, "a.example")
		if row.State != messages.LifeNew || row.Expires == nil || !row.Expires.Equal(expires) || row.Sells != first.Sells || row.AccountID != 7 || row.Client != "shop" ||
			row.OrderNumber != "" || !row.CreatedAt.Equal(c.now()) || row.CreatedAt.Location() != time.UTC {
			t.Errorf("got %+v", row)
		}
		if _, err := s.Domain(t.Context(), "open.example"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("what an open order will bring is held: %v", err)
		}
		// A repeat changes nothing, not even with other values.
		other := imported("a.example")
		other.Registrar, other.Sells.Plan = "other", 9
		if added, err := s.Import(t.Context(), []store.NewDomain{other, later}); err != nil || len(added) != 0 || domainRow(t, s, "a.example").Registrar != "netim-main" {
			t.Errorf("added %v, %v", added, err)
		}
		if got := namesOf(claimed(t, s)); got != "a.example" {
			t.Errorf("to be looked at: %s", got)
		}
		c.advance(time.Hour)
		if got := namesOf(claimed(t, s)); got != "a.example b.example" {
			t.Errorf("an hour later: %s", got)
		}
		if _, err := s.Import(t.Context(), nil); err != nil {
			t.Error(err)
		}
	})
}

// What had left comes again as a new domain, by an import or by an order.
func TestADomainThatHadLeftComesAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		hold(t, s, "a.example", "b.example")
		for _, name := range []string{"a.example", "b.example"} {
			err := s.RecordLife(t.Context(), store.LifeChange{
				Name: name, Registrar: "netim-main", Round: 1, State: messages.LifeGone, Since: c.now(), Word: "DELETED", Expires: c.now(), Read: true, Remind: []int{30}, Held: &messages.Held{Owner: "C1"},
			})
			if row := domainRow(t, s, name); err != nil || row.EndedAt == nil || row.Reminded == "" {
				t.Fatalf("%+v, %v", row, err)
			}
		}
		known, err := s.KnownDomains(t.Context(), []string{"a.example", "c.example"})
		if err != nil || !known.Left["a.example"] || len(known.Left) != 1 || len(known.Held) != 0 {
			t.Errorf("known %+v, %v", known, err)
		}
		claimed(t, s)
		c.advance(time.Second)
		again := imported("a.example")
		again.Registrar = "other"
		if added, err := s.Import(t.Context(), []store.NewDomain{again}); err != nil || len(added) != 1 {
			t.Fatalf("added %v, %v", added, err)
		}
		if _, err := s.AcceptOrder(t.Context(), bringing("SO-1", "b.example")); err != nil {
			t.Fatal(err)
		}
		if err := s.CloseUnit(t.Context(), "till:SO-1", 0, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		for name, registrar := range map[string]string{"a.example": "other", "b.example": "netim-main"} {
			row := domainRow(t, s, name)
			if row.Registrar != registrar || row.State != messages.LifeNew || row.EndedAt != nil || row.Expires != nil || row.ReadAt != nil || row.Held != nil || row.Word != "" || row.Reminded != "" ||
				!row.StateSince.Equal(c.now()) || !row.CreatedAt.Equal(c.now()) {
				t.Errorf("got %+v", row)
			}
		}
		if got := namesOf(claimed(t, s)); got != "a.example b.example" {
			t.Errorf("to be looked at: %s", got)
		}
	})
}

// An order that brings a domain makes it held when it is done, another one has its life look,
// however it ends, and one that was given up brings nothing.
func TestWhatOrdersDoToDomains(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		run := func(order store.Acceptance, state store.UnitState) {
			t.Helper()
			accepted, err := s.AcceptOrder(t.Context(), order)
			if err == nil {
				err = s.CloseUnit(t.Context(), accepted.Number, 0, state, "")
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		run(bringing("SO-1", "shop.example"), store.UnitCancelled)
		changing := func(number string) store.Acceptance {
			change := acceptance(number, "shop.example", number)
			change.Units[0].Start = func(string, map[store.IDRequest]int) (string, []byte, error) {
				return "contact-change/shop.example", []byte("{}"), nil
			}
			return change
		}
		run(changing("SO-2"), store.UnitDone) // brings none
		if _, err := s.Domain(t.Context(), "shop.example"); !errors.Is(err, store.ErrNotFound) || len(claimed(t, s)) != 0 {
			t.Fatalf("got %v", err)
		}
		run(bringing("SO-3", "shop.example"), store.UnitDone)
		row := domainRow(t, s, "shop.example")
		if row.OrderNumber != "till:SO-3" || row.Client != "till" || row.Sells.Plan != 6 || row.Sells.Vendor != 1 || row.Sells.DomainSubscription == 0 || row.AccountID != 9 ||
			row.Renewal != messages.RenewalByNobody || row.Registrar != "netim-main" {
			t.Errorf("got %+v", row)
		}
		for n, state := range []store.UnitState{"", store.UnitDone, store.UnitFailed, store.UnitCancelled} {
			if state != "" {
				c.advance(time.Hour)
				run(changing("change-"+string(state)), state)
			}
			looks := claimed(t, s)
			if len(looks) != 1 || looks[0].OrderNumber != "till:SO-3" {
				t.Errorf("after %q: %+v", state, looks)
				continue
			}
			if err := s.Told(t.Context(), looks[0]); err != nil {
				t.Error(err)
			}
			if left := claimed(t, s); len(left) != 0 {
				t.Errorf("told, and to be told again: %d %+v", n, left)
			}
		}
	})
}

func TestWhoRenewsIsRecorded(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		hold(t, s, "a.example")
		if err := s.ChangeRenewal(t.Context(), "a.example", messages.RenewalByNobody); err != nil {
			t.Fatal(err)
		}
		want := imported("a.example").Sells
		want.Renewal = messages.RenewalByNobody
		if row := domainRow(t, s, "a.example"); row.Sells != want {
			t.Errorf("got %+v", row.Sells)
		}
		if err := s.ChangeRenewal(t.Context(), "b.example", messages.RenewalByUs); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

// Two imports of the same domains add each once.
func TestImportsMeet(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		var wanted []store.NewDomain
		for _, letter := range "abcdefghijklmnopqrst" {
			wanted = append(wanted, imported(string(letter)+".example"))
		}
		var mu sync.Mutex
		var all []string
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				added, err := s.Import(t.Context(), wanted)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				all = append(all, added...)
			})
		}
		group.Wait()
		slices.Sort(all)
		if len(all) != len(wanted) || len(slices.Compact(all)) != len(wanted) {
			t.Errorf("added %v", all)
		}
	})
}

// An order that was accepted by a version before domains were held makes its domain held when it is
// done, with the plan of its document.
func TestAnOrderOfBeforeBringsItsDomain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		const document = `{"vendorAccountId": 3, "items": [{"id": 0, "planId": 5, "periodId": 1, "parentId": -1, "operation": "registration", "domain": "shop", "transferKey": ""}], "customer": {"accountId": 500100}}`
		const plan = `{"orderNumber": "SO-1", "unit": {"item": 0, "operation": "registration", "domain": {"name": "shop.example", "tld": "example"}}, "accountId": 500100, "domainSubscriptionId": 7, "hostingSubscriptionId": 8}`
		for number, cancelled := range map[string]bool{"SO-1": false, "SO-2": true} {
			domain := strings.ToLower(number) + ".example"
			order := acceptance(number, domain, document)
			order.Document = []byte(document)
			order.Units[0].Start = func(string, map[store.IDRequest]int) (string, []byte, error) {
				return "domain-provisioning/" + domain, []byte(plan), nil
			}
			must[store.Accepted](t)(s.AcceptOrder(t.Context(), order))
			state := store.UnitDone
			if cancelled {
				state = store.UnitCancelled
			}
			if err := s.CloseUnit(t.Context(), number, 0, state, ""); err != nil {
				t.Fatal(err)
			}
			row, err := s.Domain(t.Context(), domain)
			if cancelled {
				if !errors.Is(err, store.ErrNotFound) {
					t.Errorf("of a cancelled one: %+v, %v", row, err)
				}
				continue
			}
			want := store.Sells{TLD: "example", Vendor: 3, Plan: 5, Period: 1, Account: 500100, DomainSubscription: 7, HostingSubscription: 8, Renewal: messages.RenewalByNobody}
			if err != nil || row.Sells != want || row.State != messages.LifeNew || row.AccountID != 500100 {
				t.Errorf("got %+v, %v", row, err)
			}
		}
	})
}

// A domain that was thought to be gone is held again when an order has kept it; one that was
// transferred away is not.
func TestADomainThatAnOrderHasKeptIsHeldAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		for domain, state := range map[string]messages.LifeState{"gone.example": messages.LifeGone, "away.example": messages.LifeTransferred} {
			hold(t, s, domain)
			err := s.RecordLife(t.Context(), store.LifeChange{Name: domain, Registrar: "netim-main", Round: 1, State: state, Since: c.now(), Renewal: messages.RenewalByUs})
			if err != nil {
				t.Fatal(err)
			}
			order := acceptance("SO-"+domain, domain, domain)
			order.Units[0].Start = func(string, map[store.IDRequest]int) (string, []byte, error) {
				return "domain-restore/" + domain, []byte("{}"), nil
			}
			must[store.Accepted](t)(s.AcceptOrder(t.Context(), order))
			if err := s.CloseUnit(t.Context(), "SO-"+domain, 0, store.UnitDone, ""); err != nil {
				t.Fatal(err)
			}
			row := domainRow(t, s, domain)
			if held := row.EndedAt == nil; held != (state == messages.LifeGone) || held && (row.HeldRound != 2 || row.State != messages.LifeNew) {
				t.Errorf("%s: got %+v", state, row)
			}
		}
	})
}
