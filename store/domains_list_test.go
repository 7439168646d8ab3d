package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// portfolio holds domains of several accounts, clients and states.
func portfolio(t *testing.T, s *store.Store, c *clock) {
	t.Helper()
	day := 24 * time.Hour
	for n, each := range []struct {
		name, registrar, client string
		account                 int
		state                   messages.LifeState
		expires                 int // in days; 0 is not known
		attention               messages.LifeReason
	}{
		{"a.example", "netim-main", "shop", 1, messages.LifeActive, 200, ""},
		{"b.example", "netim-main", "till", 2, messages.LifeActive, 10, ""},
		{"c.example", "other", "shop", 1, messages.LifeRenewGrace, -5, messages.HasExpired},
		{"d.example", "other", "shop", 3, messages.LifeMissing, 10, messages.NotInAccount},
		{"e.example", "netim-main", "till", 1, messages.LifeGone, -50, ""},
		{"x_y.example", "netim-main", "shop", 4, messages.LifeNew, 0, ""},
	} {
		domain := imported(each.name)
		domain.Registrar, domain.Client, domain.Sells.Account = each.registrar, each.client, each.account
		_, err := s.Import(t.Context(), []store.NewDomain{domain})
		if err == nil && each.state != messages.LifeNew {
			change := store.LifeChange{Name: each.name, Registrar: each.registrar, Round: 1, State: each.state, Since: c.now(), Attention: each.attention, Read: true}
			if each.expires != 0 {
				change.Expires = c.now().Add(time.Duration(each.expires) * day)
			}
			c.advance(-time.Duration(n) * time.Minute)
			err = s.RecordLife(t.Context(), change)
			c.advance(time.Duration(n) * time.Minute)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestDomainsAreListed(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		portfolio(t, s, c)
		soon := c.now().Add(30 * 24 * time.Hour)
		for want, filter := range map[string]store.DomainFilter{
			"a b c d x_y": {},
			"c b d":       {ExpiringBefore: soon},
			"c d":         {ExpiringBefore: soon, Registrar: "other"},
			"b":           {ExpiringBefore: soon, Client: "till", State: messages.LifeActive, Account: 2},
			"a b":         {State: messages.LifeActive},
			"e":           {State: messages.LifeGone},
			"a b x_y":     {Registrar: "netim-main"},
			"a c d x_y":   {Client: "shop"},
			"a c":         {Account: 1},
			"d c":         {Attention: true},
			"c":           {Reason: messages.HasExpired},
			"d":           {Attention: true, Account: 3, Registrar: "other"},
			"x_y":         {Text: "X_"},
			"":            {Text: "%"},
		} {
			// All at once, and page by page.
			for _, limit := range []int{0, 1, 2} {
				filter.Limit, filter.After = limit, nil
				var names []string
				for pages := 0; ; pages++ {
					rows, err := s.Domains(t.Context(), filter)
					if err != nil || pages > 10 {
						t.Fatal(pages, err)
					}
					for _, row := range rows {
						names = append(names, strings.TrimSuffix(row.Name, ".example"))
					}
					if limit == 0 || len(rows) < limit {
						break
					}
					last := filter.Cursor(rows[len(rows)-1])
					filter.After = &last
				}
				if got := strings.Join(names, " "); got != want {
					t.Errorf("%+v lists %q, want %q", filter, got, want)
				}
			}
		}
		counts, err := s.CountDomains(t.Context())
		if err != nil || fmt.Sprint(counts) != fmt.Sprint(map[messages.LifeState]int{
			"active": 2, "renew-grace": 1, "missing": 1, "gone": 1, "new": 1, "redemption": 0, "pending-delete": 0, "unknown": 0, "transferred-away": 0,
		}) {
			t.Errorf("counted %v, %v", counts, err)
		}
		reasons, err := s.CountDomainAttention(t.Context())
		if err != nil || reasons[messages.HasExpired] != 1 || reasons[messages.NotInAccount] != 1 || reasons[messages.NotRead] != 0 || len(reasons) != len(messages.LifeReasons()) {
			t.Errorf("counted %v, %v", reasons, err)
		}
	})
}

func TestNoMoreDomainsAreListedThanThereMayBe(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		for piece := range 3 {
			var domains []store.NewDomain
			for n := range 400 {
				domains = append(domains, imported(fmt.Sprintf("n%d-%d.example", piece, n)))
			}
			if added, err := s.Import(t.Context(), domains); err != nil || len(added) != 400 {
				t.Fatal(len(added), err)
			}
		}
		for limit, want := range map[int]int{0: 100, 1000: 1000, 5000: store.MostListed} {
			if rows, err := s.Domains(t.Context(), store.DomainFilter{Limit: limit}); err != nil || len(rows) != want {
				t.Errorf("%d rows for a limit of %d, %v", len(rows), limit, err)
			}
		}
	})
}
