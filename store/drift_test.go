package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

const driftAccount = "netim-main"

// holdRead holds domains that their lives have read.
func holdRead(t *testing.T, s *store.Store, c *clock, names ...string) {
	t.Helper()
	domains := make([]store.NewDomain, len(names))
	for i, name := range names {
		domains[i] = store.NewDomain{Name: name, Registrar: driftAccount, Client: "shop"}
	}
	if _, err := s.Import(t.Context(), domains); err != nil {
		t.Fatal(err)
	}
	looks, err := s.ClaimLooks(t.Context(), len(names))
	if err != nil || len(looks) != len(names) {
		t.Fatalf("%d looks, %v", len(looks), err)
	}
	for _, look := range looks {
		err := errors.Join(s.Told(t.Context(), look), s.RecordLife(t.Context(), store.LifeChange{
			Name: look.Name, Registrar: driftAccount, Round: 1, State: messages.LifeActive, Since: c.now(), Expires: c.now().AddDate(1, 0, 0), Read: true,
			Held: &messages.Held{NameServers: []string{"ns1.dns.example"}, Owner: "C1"},
		}))
		if err != nil {
			t.Fatal(err)
		}
	}
	c.advance(time.Hour)
}

func beginWalk(t *testing.T, s *store.Store) store.Walk {
	t.Helper()
	walk, err := s.BeginWalk(t.Context(), driftAccount)
	if err != nil {
		t.Fatal(err)
	}
	return walk
}

// driftEvents lists the events about differences that an endpoint of a client, "" for all, was sent.
func driftEvents(t *testing.T, s *store.Store, hook string) []string {
	t.Helper()
	sent, err := s.Deliveries(t.Context(), store.DeliveryFilter{Hook: hook})
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, one := range sent {
		if one.Type == messages.NewsDrift {
			events = append(events, one.OrderNumber)
		}
	}
	return events
}

func listen(t *testing.T, s *store.Store, client string) string {
	t.Helper()
	hook, _, err := s.AddHook(t.Context(), store.NewHook{Client: client, URL: "https://shop.example/hook", Events: []string{"domain.drift"}})
	if err != nil {
		t.Fatal(err)
	}
	return hook.ID
}

func recordDrift(t *testing.T, s *store.Store, judged store.Judged) (fresh, gone int) {
	t.Helper()
	fresh, gone, err := s.RecordDrift(t.Context(), judged)
	if err != nil {
		t.Fatal(err)
	}
	return fresh, gone
}

func factsOf(t *testing.T, s *store.Store, filter store.FactFilter) []store.Fact {
	t.Helper()
	facts, err := s.Facts(t.Context(), filter)
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

func TestADifferenceIsToldOnceAndClearedWhenItIsGone(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		mine, others, all := listen(t, s, "shop"), listen(t, s, "other"), listen(t, s, "")
		holdRead(t, s, c, "a.example", "b.example")
		judged := store.Judged{
			Account: driftAccount, Round: beginWalk(t, s).Round, Domains: []string{"a.example", "b.example"}, Kinds: messages.ReadDifferences(),
			Facts: []store.Fact{{Domain: "a.example", Kind: messages.DiffersNameServers, Ours: "ns1.dns.example", Theirs: "ns1.other.example"}},
		}
		first := c.now().UTC()
		if fresh, gone := recordDrift(t, s, judged); fresh != 1 || gone != 0 {
			t.Errorf("%d are new, %d gone", fresh, gone)
		}
		c.advance(24 * time.Hour)
		judged.Round = beginWalk(t, s).Round
		judged.Facts[0].Theirs = "ns2.other.example"
		if fresh, gone := recordDrift(t, s, judged); fresh != 0 || gone != 0 {
			t.Errorf("again: %d are new, %d gone", fresh, gone)
		}
		facts := factsOf(t, s, store.FactFilter{Client: "shop", Severity: messages.SeverityMedium})
		if len(facts) != 1 || facts[0].Theirs != "ns2.other.example" || !facts[0].FirstSeen.Equal(first) || !facts[0].LastSeen.Equal(c.now()) || facts[0].Client != "shop" {
			t.Errorf("got %+v", facts)
		}
		if found := factsOf(t, s, store.FactFilter{Client: "other"}); len(found) != 0 {
			t.Errorf("another client sees %+v", found)
		}
		counts, err := s.CountDrift(t.Context())
		if err != nil || counts[messages.SeverityMedium] != 1 || counts[messages.SeverityHigh] != 0 {
			t.Errorf("counted %v, %v", counts, err)
		}
		// What was not compared stays.
		c.advance(24 * time.Hour)
		judged.Round, judged.Facts = beginWalk(t, s).Round, nil
		elsewhere := judged
		elsewhere.Kinds = messages.ListedDifferences()
		unread := judged
		unread.Domains = []string{"b.example"}
		for _, other := range []store.Judged{elsewhere, unread} {
			if _, gone := recordDrift(t, s, other); gone != 0 {
				t.Errorf("%d are gone that were not compared", gone)
			}
		}
		if _, gone := recordDrift(t, s, judged); gone != 1 {
			t.Errorf("%d are gone", gone)
		}
		if found := factsOf(t, s, store.FactFilter{}); len(found) != 0 {
			t.Errorf("it still has %+v", found)
		}
		for hook, want := range map[string]int{mine: 1, others: 0, all: 1} {
			if events := driftEvents(t, s, hook); len(events) != want {
				t.Errorf("%s was sent %v, want %d", hook, events, want)
			}
		}
	})
}

// What we do not hold is nobody's but the operator's, and the first walk over an account does not
// tell of each.
func TestAnUnknownDomainIsTheOperators(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		mine, all := listen(t, s, "shop"), listen(t, s, "")
		holdRead(t, s, c, "a.example")
		unknown := func(round int64, quiet bool, names ...string) store.Judged {
			judged := store.Judged{Account: driftAccount, Round: round, Domains: names, Kinds: messages.ListedDifferences(), Quiet: quiet}
			for _, name := range names {
				judged.Facts = append(judged.Facts, store.Fact{Domain: name, Kind: messages.DiffersUnknown, Theirs: "expires 2027-01-02"})
			}
			return judged
		}
		first := beginWalk(t, s).Round
		recordDrift(t, s, unknown(first, true, "x.example", "y.example"))
		if err := s.EndWalk(t.Context(), driftAccount, first, true); err != nil {
			t.Fatal(err)
		}
		second := beginWalk(t, s).Round
		recordDrift(t, s, unknown(second, false, "x.example", "z.example"))
		if facts := factsOf(t, s, store.FactFilter{Kind: messages.DiffersUnknown}); len(facts) != 3 {
			t.Errorf("before its end a walk has cleared: %+v", facts)
		}
		// A walk whose list was not read to its end clears nothing that it did not have.
		if err := s.EndWalk(t.Context(), driftAccount, second, false); err != nil {
			t.Fatal(err)
		}
		if facts := factsOf(t, s, store.FactFilter{}); len(facts) != 3 {
			t.Errorf("got %+v", facts)
		}
		third := beginWalk(t, s).Round
		recordDrift(t, s, unknown(third, false, "x.example", "z.example"))
		if err := s.EndWalk(t.Context(), driftAccount, third, true); err != nil {
			t.Fatal(err)
		}
		facts := factsOf(t, s, store.FactFilter{})
		if len(facts) != 2 || facts[0].Domain != "x.example" || facts[1].Domain != "z.example" || facts[0].Client != "" {
			t.Errorf("got %+v", facts)
		}
		if found := factsOf(t, s, store.FactFilter{Client: "shop"}); len(found) != 0 {
			t.Errorf("a client sees %+v", found)
		}
		if events := driftEvents(t, s, mine); len(events) != 0 {
			t.Errorf("a client was told %v", events)
		}
		if events := driftEvents(t, s, all); !slices.Equal(events, []string{"account/" + driftAccount}) {
			t.Errorf("the operator was told %v", events)
		}
	})
}

func TestAWalkFindsWhatTheListLacks(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		holdRead(t, s, c, "a.example", "b.example", "c.example")
		walk := beginWalk(t, s)
		c.advance(time.Minute)
		held, err := s.MarkSeen(t.Context(), driftAccount, walk.Round, []string{"a.example", "x.example"})
		if err != nil || len(held) != 1 || held[0].Name != "a.example" || held[0].Held.Owner != "C1" {
			t.Fatalf("held %+v, %v", held, err)
		}
		holdRead(t, s, c, "d.example") // since it began
		missing, err := s.Unseen(t.Context(), driftAccount, walk.Round, *walk.BeganAt, "", 10)
		if err != nil || len(missing) != 2 || missing[0].Name != "b.example" || missing[1].Name != "c.example" {
			t.Errorf("missing %+v, %v", missing, err)
		}
		if rest, err := s.Unseen(t.Context(), driftAccount, walk.Round, *walk.BeganAt, "b.example", 1); err != nil || len(rest) != 1 || rest[0].Name != "c.example" {
			t.Errorf("the next page is %+v, %v", rest, err)
		}
		if count, err := s.CountHeld(t.Context(), driftAccount); err != nil || count != 4 {
			t.Errorf("%d held, %v", count, err)
		}
		beginWalk(t, s)
		if err := s.EndWalk(t.Context(), driftAccount, walk.Round, true); !errors.Is(err, store.ErrWalkOvertaken) {
			t.Errorf("an overtaken walk ends with %v", err)
		}
		if _, err := s.WalkOf(t.Context(), driftAccount, walk.Round); !errors.Is(err, store.ErrWalkOvertaken) {
			t.Errorf("an overtaken walk goes on with %v", err)
		}
	})
}

// The domains that have waited longest come first, and those that differ come in every round.
func TestEachDomainHasItsTurn(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		holdRead(t, s, c, "a.example", "b.example", "c.example")
		var turns []string
		for range 3 {
			round := beginWalk(t, s).Round
			next, err := s.ToCompare(t.Context(), driftAccount, round, c.now(), false, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, domain := range next {
				turns = append(turns, domain.Name)
			}
			if err := s.MarkCompared(t.Context(), driftAccount, round, []string{next[0].Name, next[1].Name}); err != nil {
				t.Fatal(err)
			}
		}
		if want := "[a.example b.example c.example a.example b.example a.example]"; fmt.Sprint(turns) != want {
			t.Errorf("the turns are %v", turns)
		}
		round := beginWalk(t, s).Round
		recordDrift(t, s, store.Judged{
			Account: driftAccount, Round: round, Domains: []string{"b.example"}, Kinds: messages.BillingDifferences(),
			Facts: []store.Fact{{Domain: "b.example", Kind: messages.DiffersBillingMissing}},
		})
		again, err := s.ToCompare(t.Context(), driftAccount, beginWalk(t, s).Round, c.now(), true, 10)
		if err != nil || len(again) != 1 || again[0].Name != "b.example" {
			t.Errorf("again %+v, %v", again, err)
		}
	})
}

// A reading does not take over what somebody has changed behind our back; an order of ours that
// changes it does, and so does a person who accepts it.
func TestWhatIsHeldIsKept(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		holdRead(t, s, c, "a.example")
		read := func(nameServer, owner string) messages.Held {
			t.Helper()
			err := s.RecordLife(t.Context(), store.LifeChange{
				Name: "a.example", Registrar: driftAccount, Round: 1, State: messages.LifeActive, Since: c.now(), Read: true,
				Held: &messages.Held{NameServers: []string{nameServer}, Owner: owner, Lock: new(true)},
			})
			if err != nil {
				t.Fatal(err)
			}
			domain, err := s.Domain(t.Context(), "a.example")
			if err != nil {
				t.Fatal(err)
			}
			return *domain.Held
		}
		if held := read("ns1.other.example", "C2"); held.NameServers[0] != "ns1.dns.example" || held.Owner != "C1" || !*held.Lock {
			t.Errorf("after a reading: %+v", held)
		}
		order := acceptance("", "a.example", "{}")
		order.Units[0].Start = func(string, map[store.IDRequest]int) (string, []byte, error) {
			return "name-server-change/a.example", nil, nil
		}
		accepted, err := s.AcceptOrder(t.Context(), order)
		if err != nil {
			t.Fatal(err)
		}
		if under, err := s.Unjudged(t.Context(), []string{"a.example"}, c.now()); err != nil || !under["a.example"] {
			t.Errorf("a domain with an open order is judged: %v, %v", under, err)
		}
		if err := s.CloseUnit(t.Context(), accepted.Number, accepted.Units[0].Item, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		if held := read("ns1.new.example", "C2"); held.NameServers[0] != "ns1.new.example" || held.Owner != "C1" {
			t.Errorf("after an order: %+v", held)
		}
		if err := s.AcceptTheirs(t.Context(), store.Fact{Domain: "a.example", Kind: messages.DiffersOwner}); err != nil {
			t.Fatal(err)
		}
		if under, err := s.Unjudged(t.Context(), []string{"a.example"}, c.now()); err != nil || !under["a.example"] {
			t.Errorf("a domain that is to be read is judged: %v, %v", under, err)
		}
		if held := read("ns1.third.example", "C2"); held.NameServers[0] != "ns1.new.example" || held.Owner != "C2" {
			t.Errorf("after it was accepted: %+v", held)
		}
	})
}
