package store_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/store"
)

func act(order, reason string) store.Act {
	return store.Act{
		Actor: "anna", Client: "desk", Key: "desk-2026", Via: "api", Command: "retry", OrderNumber: order, Item: 1, Reason: reason,
		Outcome: store.ActAccepted, Detail: "d", Before: strings.Repeat("ab", 32), After: strings.Repeat("cd", 32),
	}
}

func record(t *testing.T, s *store.Store, act store.Act) store.Act {
	t.Helper()
	recorded, err := s.RecordAct(t.Context(), act)
	if err != nil {
		t.Fatal(err)
	}
	return recorded
}

func verify(t *testing.T, s *store.Store, known *store.ActHead) store.ActsVerified {
	t.Helper()
	found, err := s.VerifyActs(t.Context(), known)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestActsAreKeptInTheirOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *clock) {
		if found := verify(t, s, nil); found.Checked != 0 || found.Broken != 0 || found.Head.Number != 0 {
			t.Errorf("an empty record: %+v", found)
		}
		began := c.now()
		var want []store.Act
		for n := range 5 {
			want = append(want, record(t, s, act(fmt.Sprintf("SO-%d", n%2), fmt.Sprintf("reason %d é \"quoted\" <&>\n\x00\xff", n))))
			c.advance(time.Minute + time.Microsecond)
		}
		got, err := s.Acts(t.Context(), store.ActFilter{})
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("got %+v, %v\nwant %+v", got, err, want)
		}
		if got[0].Number != 1 || got[4].Number != 5 || got[4].Previous != got[3].Hash || got[1].Hash == got[3].Hash || !got[1].At.Equal(began.Add(time.Minute+time.Microsecond)) {
			t.Errorf("got %+v", got)
		}
		for _, k := range []struct {
			filter store.ActFilter
			want   []store.Act
		}{
			{store.ActFilter{OrderNumber: "SO-1"}, []store.Act{want[1], want[3]}},
			{store.ActFilter{Since: want[3].At}, want[3:]},
			{store.ActFilter{Since: want[1].At.In(time.FixedZone("elsewhere", 3600)), OrderNumber: "SO-0", Limit: 1}, want[2:3]},
			{store.ActFilter{After: 2, Limit: 2}, want[2:4]},
			{store.ActFilter{Latest: true, Limit: 2}, want[3:]},
			{store.ActFilter{OrderNumber: "SO-9"}, nil},
		} {
			if got, err := s.Acts(t.Context(), k.filter); err != nil || !slices.Equal(got, k.want) || got == nil {
				t.Errorf("%+v: %+v, %v", k.filter, got, err)
			}
		}
		last := want[4]
		if found := verify(t, s, &store.ActHead{Number: last.Number, Hash: last.Hash}); found != (store.ActsVerified{Checked: 5, Head: store.ActHead{Number: 5, Hash: last.Hash}}) {
			t.Errorf("got %+v", found)
		}
	})
}

// Several processes record at once, with the database's own clock.
func TestConcurrentActsMakeOneChain(t *testing.T) {
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "store.db") },
		"postgres": func(t *testing.T) string { return postgrestest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			address := url(t)
			const each = 20
			processes := []*store.Store{open(t, address, nil), open(t, address, nil), open(t, address, nil)}
			var group sync.WaitGroup
			for n, s := range processes {
				for range 2 {
					group.Go(func() {
						for range each {
							if _, err := s.RecordAct(t.Context(), act(fmt.Sprintf("SO-%d", n), "at once")); err != nil {
								t.Error(err)
							}
						}
					})
				}
			}
			group.Wait()
			want := 2 * each * len(processes)
			if found := verify(t, processes[0], nil); found.Checked != want || found.Broken != 0 || found.Head.Number != int64(want) {
				t.Errorf("got %+v, want %d acts", found, want)
			}
		})
	}
}

// Whoever changes the record in the database is found out, and by which act.
func TestWhatWasDoneToTheRecordIsFound(t *testing.T) {
	changes := map[string]string{
		"number": "number = 99", "at": "at = '2025-01-01 00:00:00'", "item": "item = 2", "hash": "hash = 'ff'", "previous": "previous = hash",
	}
	for _, column := range []string{"actor", "client", "api_key", "via", "command", "order_number", "reason", "outcome", "detail", "digest_before", "digest_after"} {
		changes[column] = column + " = " + column + " || 'x'"
	}
	// A text that moves from one field into the next makes another row.
	changes["two fields"] = "actor = actor || client, client = ''"
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		for n := range 4 {
			record(t, s, act("SO-1", fmt.Sprint("reason ", n)))
		}
		keep := func(statement string) {
			t.Helper()
			if err := s.Raw(statement); err != nil {
				t.Fatal(err)
			}
		}
		keep(`CREATE TABLE kept AS SELECT * FROM acts`)
		restore := func() { t.Helper(); keep(`DELETE FROM acts`); keep(`INSERT INTO acts SELECT * FROM kept`) }
		for _, name := range slices.Sorted(maps.Keys(changes)) {
			keep(`UPDATE acts SET ` + changes[name] + ` WHERE number = 2`)
			if found := verify(t, s, nil); found.Broken != 2 || found.Why == "" || found.Head.Number != 1 {
				t.Errorf("%s: %+v", name, found)
			}
			restore()
		}
		for number, statement := range map[int64]string{
			1: `DELETE FROM acts WHERE number = 1`, 3: `DELETE FROM acts WHERE number = 3`, 4: `DELETE FROM acts WHERE number = 4`,
		} {
			keep(statement)
			if found := verify(t, s, nil); found.Broken != number || !strings.Contains(found.Why, "missing") {
				t.Errorf("act %d was deleted: %+v", number, found)
			}
			restore()
		}
		if found := verify(t, s, nil); found.Broken != 0 || found.Checked != 4 {
			t.Fatalf("nothing was changed: %+v", found)
		}
	})
}

// The end of a record can be taken away so that what remains is whole. Only who keeps a head
// elsewhere sees that.
func TestARecordThatWasCutOffOrWrittenAnewIsFoundByItsHead(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ *clock) {
		var head store.ActHead
		for n := range 3 {
			last := record(t, s, act("SO-1", fmt.Sprint("reason ", n)))
			head = store.ActHead{Number: last.Number, Hash: last.Hash}
		}
		for _, statement := range []string{`DELETE FROM acts WHERE number = 3`, `UPDATE counters SET value = 2 WHERE name = 'act'`} {
			if err := s.Raw(statement); err != nil {
				t.Fatal(err)
			}
		}
		if found := verify(t, s, nil); found.Broken != 0 || found.Head.Number != 2 {
			t.Errorf("without a head: %+v", found)
		}
		if found := verify(t, s, &head); found.Broken != 3 || !strings.Contains(found.Why, "missing") {
			t.Errorf("cut off: %+v", found)
		}
		record(t, s, act("SO-1", "another third act"))
		if found := verify(t, s, &head); found.Broken != 3 || !strings.Contains(found.Why, "head") {
			t.Errorf("written anew: %+v", found)
		}
	})
}

// The record may be long: it is read in pages.
func TestALongRecordIsVerifiedWhole(t *testing.T) {
	s := open(t, "sqlite:"+filepath.Join(t.TempDir(), "store.db"), newClock())
	const many = 1003 // two pages and a bit
	for range many {
		record(t, s, act("SO-1", ""))
	}
	if found := verify(t, s, nil); found.Checked != many || found.Broken != 0 {
		t.Errorf("got %+v", found)
	}
	if err := s.Raw(`UPDATE acts SET reason = 'x' WHERE number = 1001`); err != nil {
		t.Fatal(err)
	}
	if found := verify(t, s, nil); found.Broken != 1001 {
		t.Errorf("got %+v", found)
	}
}
