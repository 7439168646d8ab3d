package store_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/store"
)

func TestAWatchIsLateWithoutGoodRounds(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, clock *clock) {
		const every = 10 * time.Minute
		watch := func() store.Watch {
			t.Helper()
			watches, err := s.Watches(t.Context())
			if err != nil || len(watches) != 1 || watches[0].Account != "netim-main" {
				t.Fatalf("got %+v, %v", watches, err)
			}
			return watches[0]
		}
		schedule := func(state store.ScheduleState) {
			t.Helper()
			if err := s.RecordSchedule(t.Context(), "netim-main", state); err != nil {
				t.Fatal(err)
			}
		}
		schedule(store.ScheduleRuns)
		clock.advance(3 * every)
		if w := watch(); w.Late(every) || w.GoodAt != nil || w.Age() != 3*every {
			t.Errorf("a young one: %+v", w)
		}
		clock.advance(every)
		if !watch().Late(every) {
			t.Error("one without any round is not late")
		}
		if err := s.RecordRound(t.Context(), "netim-main"); err != nil {
			t.Fatal(err)
		}
		if w := watch(); w.Late(every) || w.Age() != 0 {
			t.Errorf("after a good round: %+v", w)
		}
		schedule(store.SchedulePaused)
		if !watch().Late(every) {
			t.Error("a paused one is not late")
		}
		schedule(store.ScheduleRuns)
		clock.advance(4 * every)
		if !watch().Late(every) {
			t.Error("one that has stood still is not late")
		}
	})
}

// TestADatabaseThatTakesNothingSaysSo covers a full disk and a read-only database.
func TestADatabaseThatTakesNothingSaysSo(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "store.db")
		s := open(t, "sqlite:"+path, nil)
		if err := errors.Join(s.CheckWritable(t.Context()), s.CheckRecordable(t.Context())); err != nil {
			t.Fatal(err)
		}
		// No more pages than there are, for every connection: to SQLite, this is a full disk.
		full, err := store.Open(t.Context(), store.Options{
			URL: "sqlite:" + path, Sealer: sealer(t, "k1"), Ranges: store.DefaultRanges(), MaxConnections: 1,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = full.Close() })
		if err := full.Raw("PRAGMA max_page_count = 1"); err != nil {
			t.Fatal(err)
		}
		if err := full.CheckRecordable(t.Context()); !errors.Is(err, store.ErrNotWritable) {
			t.Errorf("the record: got %v", err)
		}
		if err := full.CheckWritable(t.Context()); !errors.Is(err, store.ErrNotWritable) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("postgres", func(t *testing.T) {
		url := postgrestest.URL(t)
		s := open(t, url, nil)
		if err := errors.Join(s.CheckWritable(t.Context()), s.CheckRecordable(t.Context())); err != nil {
			t.Fatal(err)
		}
		if refusals, err := s.Refusals(t.Context()); err != nil || refusals != 0 {
			t.Errorf("it has left %d rows, %v", refusals, err)
		}
		// The error of PostgreSQL when its disk is full. To fill a real one, the test would need
		// its own disk.
		for _, statement := range []string{
			`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$`,
			`CREATE TRIGGER full_disk BEFORE INSERT ON refusals EXECUTE FUNCTION full_disk()`,
		} {
			if err := s.Raw(statement); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.CheckWritable(t.Context()); !errors.Is(err, store.ErrNotWritable) {
			t.Errorf("got %v", err)
		}
	})
}
