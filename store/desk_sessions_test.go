package store_test

import (
	"errors"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/store"
)

func deskKey(t *testing.T, s *store.Store, name string) store.APIKey {
	t.Helper()
	key, _, err := s.CreateAPIKey(t.Context(), name, "", []store.Scope{store.ScopeRead, store.ScopeAll}, "test")
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestASessionEndsWhenItIsOldIdleLeftOrItsKeyRevoked(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		key := deskKey(t, s, "anna")
		begin := func() domains.Secret {
			t.Helper()
			token, err := s.BeginDeskSession(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		stands := func(token domains.Secret, asked, want bool) {
			t.Helper()
			got, err := s.DeskSession(t.Context(), token, asked)
			if want && (err != nil || got.Name != "anna" || !got.May(store.ScopeRead)) || !want && !errors.Is(err, store.ErrNotLoggedIn) {
				t.Errorf("got %+v, %v", got, err)
			}
		}
		idle := begin()
		c.advance(store.DeskIdle / 2)
		stands(idle, false, true) // an event stream keeps no session alive
		c.advance(store.DeskIdle/2 + time.Second)
		stands(idle, true, false)
		old := begin()
		for range 12 {
			stands(old, true, true)
			c.advance(store.DeskIdle - time.Minute)
		}
		stands(old, true, true)
		c.advance(store.DeskSession - 12*(store.DeskIdle-time.Minute))
		stands(old, true, false)
		left, other := begin(), begin()
		if err := s.EndDeskSession(t.Context(), left); err != nil {
			t.Fatal(err)
		}
		stands(left, true, false)
		stands(other, true, true)
		if err := s.RevokeAPIKey(t.Context(), "anna", "test"); err != nil {
			t.Fatal(err)
		}
		stands(other, true, false)
		stands(domains.NewSecret("' OR 1=1"), true, false)
	})
}

func TestATicketLogsInOnceAndInTime(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		deskKey(t, s, "anna")
		create := func() domains.Secret {
			t.Helper()
			ticket, err := s.CreateDeskTicket(t.Context(), "anna", 10*time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			return ticket
		}
		refused := func(ticket domains.Secret) {
			t.Helper()
			if key, err := s.UseDeskTicket(t.Context(), ticket); !errors.Is(err, store.ErrNotLoggedIn) {
				t.Errorf("got %+v, %v", key, err)
			}
		}
		used := create()
		if key, err := s.UseDeskTicket(t.Context(), used); err != nil || key.Name != "anna" {
			t.Errorf("got %+v, %v", key, err)
		}
		refused(used)
		late, revoked := create(), create()
		c.advance(10 * time.Minute)
		refused(late)
		refused(revoked)
		revoked = create()
		if err := s.RevokeAPIKey(t.Context(), "anna", "test"); err != nil {
			t.Fatal(err)
		}
		refused(revoked)
		for _, name := range []string{"anna", "nobody"} {
			if _, err := s.CreateDeskTicket(t.Context(), name, time.Minute); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
