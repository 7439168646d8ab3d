package store_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// lifeNews are the events about domains for an endpoint, oldest first.
func lifeNews(t *testing.T, s *store.Store, hook store.Hook) string {
	t.Helper()
	return strings.Join(told(t, s, hook), ", ")
}

// What is new about a domain is told once, however often it is recorded.
func TestWhatIsNewAboutADomainIsToldOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		hold(t, s, "a.example")
		hook, foreign := addHook(t, s, "shop", "domain.*"), addHook(t, s, "till", "*")
		expires := c.now().Add(60 * 24 * time.Hour)
		count := 0
		record := func(want string, change store.LifeChange) {
			t.Helper()
			change.Name, change.Since, change.Renewal, change.Read = "a.example", c.now(), messages.RenewalByUs, true
			change.Registrar, change.Round = cmp.Or(change.Registrar, "netim-main"), cmp.Or(change.Round, 1)
			if change.State.Expired() {
				change.Since = change.Expires
			}
			for range 2 {
				if err := s.RecordLife(t.Context(), change); err != nil {
					t.Fatal(err)
				}
			}
			all := told(t, s, hook)
			got := make([]string, 0, len(all))
			for _, line := range all[count:] {
				kind, _, _ := strings.Cut(line, " ")
				got = append(got, strings.TrimPrefix(kind, "domain."))
			}
			slices.Sort(got) // what is told at one moment has no order
			if count = len(all); strings.Join(got, " ") != want {
				t.Errorf("%s: told %v, want %s", change.State, got, want)
			}
			c.advance(time.Hour)
		}
		active := store.LifeChange{State: messages.LifeActive, Expires: expires}
		record("", active)
		active.Remind = []int{60}
		record("expiring", active)
		active.Remind = []int{60, 30}
		record("expiring", active)
		active.Attention = messages.NotRenewed
		record("attention", active)
		active.Attention = messages.RenewalBlocked
		record("attention", active)
		active.Attention = ""
		record("", active)
		record("", store.LifeChange{State: messages.LifeActive, Expires: expires.Add(3 * time.Hour)}) // in another time zone
		active.Expires, active.Remind = expires.AddDate(1, 0, 0), []int{60}
		record("expiring renewed", active)
		record("attention expired", store.LifeChange{State: messages.LifeRenewGrace, Expires: active.Expires, Attention: messages.HasExpired})
		record("redemption", store.LifeChange{State: messages.LifeRedemption, Expires: active.Expires, Attention: messages.HasExpired})
		record("", store.LifeChange{State: messages.LifePendingDelete, Expires: active.Expires, Attention: messages.HasExpired})
		record("", store.LifeChange{State: messages.LifeGone, Registrar: "another"})              // of a life at another account
		record("", store.LifeChange{State: messages.LifeGone, Expires: active.Expires, Round: 7}) // or of another time
		record("", store.LifeChange{State: messages.LifePendingDelete, Expires: active.Expires, Attention: messages.HasExpired})
		record("left", store.LifeChange{State: messages.LifeGone, Expires: active.Expires})
		record("", store.LifeChange{State: messages.LifeActive, Expires: active.Expires}) // told late
		if row := domainRow(t, s, "a.example"); row.State != messages.LifeGone || row.EndedAt == nil {
			t.Errorf("got %+v", row)
		}
		if got := lifeNews(t, s, foreign); got != "" {
			t.Errorf("another client was told %s", got)
		}
		if err := s.RecordLife(t.Context(), store.LifeChange{Name: "b.example"}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

// What is recorded by several at once is told once.
func TestLivesThatMeetTellOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		hold(t, s, "a.example")
		hook := addHook(t, s, "", "domain.*")
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				err := s.RecordLife(t.Context(), store.LifeChange{
					Name: "a.example", Registrar: "netim-main", Round: 1, State: messages.LifeActive, Since: c.now(), Expires: c.now().Add(time.Hour), Remind: []int{30, 7},
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if got := told(t, s, hook); len(got) != 2 {
			t.Errorf("told %v", got)
		}
	})
}

func TestHowADomainStandsIsKept(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		hold(t, s, "a.example")
		began := c.now()
		held := &messages.Held{NameServers: []string{"ns1.example.net"}, Owner: "C1", Lock: new(true)}
		change := store.LifeChange{
			Name: "a.example", Registrar: "netim-main", Round: 1, State: messages.LifeActive, Since: began, Word: "ACTIVE", Expires: began.AddDate(1, 0, 0), Renewal: messages.RenewalByRegistrar,
			Next: "look", NextAt: began.AddDate(0, 1, 0), Attention: messages.NotRenewed, Held: held, Read: true,
		}
		if err := s.RecordLife(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Hour)
		change.Held, change.Read = nil, false
		if err := s.RecordLife(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		row := domainRow(t, s, "a.example")
		if fmt.Sprintf("%v %s %t", row.Held.NameServers, row.Held.Owner, *row.Held.Lock) != "[ns1.example.net] C1 true" || !row.ReadAt.Equal(began) || !row.AttentionSince.Equal(began) || row.Word != "ACTIVE" ||
			row.Renewal != messages.RenewalByRegistrar || row.Sells.Renewal != messages.RenewalByUs || row.Next != "look" || !row.NextAt.Equal(change.NextAt) || !row.StateSince.Equal(began) {
			t.Errorf("got %+v", row)
		}
		change.Attention = messages.HasExpired
		if err := s.RecordLife(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		if row := domainRow(t, s, "a.example"); !row.AttentionSince.Equal(c.now()) {
			t.Errorf("since %v", row.AttentionSince)
		}
	})
}

// Two relays never tell the same life, and what happens to a domain while it is told is told again.
func TestLivesAreToldByOneAndAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		hold(t, s, "a.example", "b.example", "c.example", "d.example")
		var mu sync.Mutex
		var all []store.Domain
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				rows, err := s.ClaimLooks(t.Context(), 2)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				all = append(all, rows...)
			})
		}
		group.Wait()
		all = append(all, claimed(t, s)...) // who met another one may have got fewer
		if got := namesOf(all); got != "a.example b.example c.example d.example" {
			t.Fatalf("claimed %s", got)
		}
		if err := s.LookAt(t.Context(), "a.example"); err != nil {
			t.Fatal(err)
		}
		for _, row := range all {
			if row.Name == "d.example" {
				continue // whoever has claimed it was killed
			}
			if err := s.Told(t.Context(), row); err != nil {
				t.Fatal(err)
			}
		}
		if got := namesOf(claimed(t, s)); got != "a.example" {
			t.Errorf("at once: %s", got)
		}
		c.advance(time.Minute)
		if got := namesOf(claimed(t, s)); got != "a.example d.example" {
			t.Errorf("after the hold: %s", got)
		}
	})
}

// Only a life that has missed a date by far is woken, and once.
func TestLivesThatHaveMissedADateAreWoken(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		hold(t, s, "a.example", "b.example", "c.example", "d.example")
		began := c.now()
		for name, next := range map[string]time.Time{"a.example": began.Add(time.Hour), "b.example": began.Add(48 * time.Hour), "c.example": {}, "d.example": began.Add(time.Hour)} {
			state := messages.LifeActive
			if name == "d.example" {
				state = messages.LifeTransferred
			}
			if err := s.RecordLife(t.Context(), store.LifeChange{Name: name, Registrar: "netim-main", Round: 1, State: state, Since: began, NextAt: next}); err != nil {
				t.Fatal(err)
			}
		}
		for _, row := range claimed(t, s) {
			if err := s.Told(t.Context(), row); err != nil {
				t.Fatal(err)
			}
		}
		wake := func(want int) {
			t.Helper()
			if count, err := s.WakeOverdue(t.Context(), 24*time.Hour, 10); err != nil || count != want {
				t.Errorf("woken %d, %v, want %d", count, err, want)
			}
		}
		c.advance(24 * time.Hour)
		wake(0)
		c.advance(2 * time.Hour)
		wake(1)
		wake(0)
		if got := namesOf(claimed(t, s)); got != "a.example" {
			t.Errorf("to be told: %s", got)
		}
	})
}
