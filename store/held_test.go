package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// changeOf accepts an order of an operation for a domain at an account.
func changeOf(t *testing.T, s *store.Store, account, operation, name string) string {
	t.Helper()
	order := acceptance("", name, "{}")
	order.Units[0].Registrar = account
	order.Units[0].Start = func(string, map[store.IDRequest]int) (string, []byte, error) {
		return operation + "/" + name, []byte("{}"), nil
	}
	return must[store.Accepted](t)(s.AcceptOrder(t.Context(), order)).Number
}

// What an order has set is held as it was ordered: a reading that began before, or a registrar that
// still tells the old name servers, changes nothing, so no repair undoes the order.
func TestAReadingFromBeforeAnOrderIsNotHeldAfterIt(t *testing.T) {
	ordered := []string{"ns1.new.example", "ns2.new.example"}
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		holdRead(t, s, c, "a.example", "b.example", "c.example")
		end := func(operation, name string, state store.UnitState) messages.Held {
			t.Helper()
			err := s.EndUnit(t.Context(), store.Ending{OrderNumber: changeOf(t, s, driftAccount, operation, name), State: state, NameServers: ordered})
			if err != nil {
				t.Fatal(err)
			}
			round := must[store.Domain](t)(s.Domain(t.Context(), name)).HeldRound
			for range 2 {
				err := s.RecordLife(t.Context(), store.LifeChange{
					Name: name, Registrar: driftAccount, Round: round, State: messages.LifeActive, Since: c.now(), Read: true,
					Held: &messages.Held{NameServers: []string{"ns1.late.example"}, Owner: "C1", Lock: new(true)},
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			return *must[store.Domain](t)(s.Domain(t.Context(), name)).Held
		}
		if held := end("name-server-change", "a.example", store.UnitDone); !slices.Equal(held.NameServers, ordered) || held.Owner != "C1" || held.Lock == nil {
			t.Errorf("after the order: %+v", held)
		}
		if held := end("name-server-change", "b.example", store.UnitFailed); !slices.Equal(held.NameServers, []string{"ns1.dns.example"}) || held.Lock == nil {
			t.Errorf("after one that failed: %+v", held)
		}
		// One that brings the domain begins anew, with what it has set.
		brings := acceptance("", "c.example", "{}")
		brings.Units[0].Registrar = driftAccount
		brings.Units[0].Sells = func(map[store.IDRequest]int) store.Sells { return store.Sells{TLD: "example"} }
		number := must[store.Accepted](t)(s.AcceptOrder(t.Context(), brings)).Number
		if err := s.EndUnit(t.Context(), store.Ending{OrderNumber: number, State: store.UnitDone, NameServers: ordered}); err != nil {
			t.Fatal(err)
		}
		if domain := must[store.Domain](t)(s.Domain(t.Context(), "c.example")); domain.OrderNumber != number || !slices.Equal(domain.Held.NameServers, ordered) || domain.Held.Owner != "" {
			t.Errorf("registered: %+v", domain)
		}
	})
}

// An order that has ended for a domain that has moved, or that nobody holds, holds nothing.
func TestAnOrderElsewhereChangesNothingThatIsHeld(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		holdRead(t, s, c, "a.example")
		for _, name := range []string{"a.example", "x.example"} {
			number := changeOf(t, s, "another-account", "name-server-change", name)
			err := s.EndUnit(t.Context(), store.Ending{OrderNumber: number, State: store.UnitDone, NameServers: []string{"ns1.new.example"}})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if held := must[store.Domain](t)(s.Domain(t.Context(), "a.example")).Held; !slices.Equal(held.NameServers, []string{"ns1.dns.example"}) {
			t.Errorf("it holds %+v", held)
		}
	})
}

// Of two that change what is held at the same time, each change counts.
func TestWhatIsHeldIsChangedByOneAtATime(t *testing.T) {
	s := open(t, postgrestest.URL(t), nil)
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), []store.NewDomain{{Name: "a.example", Registrar: driftAccount}}); err != nil {
		t.Fatal(err)
	}
	err := s.RecordLife(t.Context(), store.LifeChange{
		Name: "a.example", Registrar: driftAccount, Round: must[store.Domain](t)(s.Domain(t.Context(), "a.example")).HeldRound, State: messages.LifeActive, Since: time.Now(), Read: true,
		Held: &messages.Held{NameServers: []string{"ns1.dns.example"}, Owner: "C1", Lock: new(true)},
	})
	if err != nil {
		t.Fatal(err)
	}
	number := changeOf(t, s, driftAccount, "name-server-change", "a.example")
	release, err := s.Hold(t.Context(), `SELECT 1 FROM domains WHERE name = 'a.example' FOR UPDATE`)
	if err != nil {
		t.Fatal(err)
	}
	changes := []func(context.Context) error{
		func(ctx context.Context) error {
			return s.AcceptTheirs(ctx, store.Fact{Domain: "a.example", Kind: messages.DiffersOwner})
		},
		func(ctx context.Context) error {
			return s.EndUnit(ctx, store.Ending{OrderNumber: number, State: store.UnitDone, NameServers: []string{"ns1.new.example"}})
		},
		func(ctx context.Context) error {
			return s.AcceptTheirs(ctx, store.Fact{Domain: "a.example", Kind: messages.DiffersLock})
		},
	}
	ended := make(chan error, len(changes))
	for _, change := range changes {
		go func() { ended <- change(t.Context()) }()
	}
	waitForLocks(t, s, len(changes))
	if err := release(); err != nil {
		t.Fatal(err)
	}
	for range changes {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	held := must[store.Domain](t)(s.Domain(t.Context(), "a.example")).Held
	if held.Owner != "" || held.Lock != nil || !slices.Equal(held.NameServers, []string{"ns1.new.example"}) {
		t.Errorf("it holds %+v", held)
	}
}
