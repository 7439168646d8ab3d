package store

import (
	"path/filepath"
	"testing"
	"time"

	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/vault"
)

// TestTheDatabasesClockComparesWithWhatTheDriversStore covers moments before and after
// now, with and without a fraction, each stored both by the driver and by the expression.
func TestTheDatabasesClockComparesWithWhatTheDriversStore(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "clock.db") },
		"postgres": postgrestest.URL,
	} {
		t.Run(name, func(t *testing.T) {
			sealer, err := vault.NewSealer([]vault.Key{{ID: "k", Material: make([]byte, vault.KeyBytes)}})
			if err != nil {
				t.Fatal(err)
			}
			s, err := Open(t.Context(), Options{URL: url(t), Sealer: sealer, Ranges: DefaultRanges()})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if _, err := s.db.ExecContext(t.Context(), `CREATE TABLE moments (at timestamp NOT NULL)`); err != nil {
				t.Fatal(err)
			}
			// is compares the stored moment with an expression, and reads it back.
			is := func(than string) (before, after bool, at time.Time) {
				t.Helper()
				row := s.db.QueryRowContext(t.Context(), `SELECT CASE WHEN at < `+than+` THEN 1 ELSE 0 END, CASE WHEN at > `+than+` THEN 1 ELSE 0 END, at FROM moments`)
				var b, a int
				if err := row.Scan(&b, &a, &at); err != nil {
					t.Fatal(err)
				}
				return b == 1, a == 1, at
			}
			second := time.Now().UTC().Truncate(time.Second)
			for _, fraction := range []time.Duration{0, time.Microsecond, 120 * time.Millisecond, 123456 * time.Microsecond, 999999 * time.Microsecond} {
				for _, by := range []time.Duration{-24 * time.Hour, -2 * time.Second, 3 * time.Minute, 24 * time.Hour} {
					want := second.Add(fraction + by)
					if _, err := s.db.ExecContext(t.Context(), `DELETE FROM moments`); err != nil {
						t.Fatal(err)
					}
					if _, err := s.db.ExecContext(t.Context(), `INSERT INTO moments VALUES ($1)`, want); err != nil {
						t.Fatal(err)
					}
					if before, after, at := is(s.clock()); before != (by < 0) || after != (by > 0) || !at.Equal(want) {
						t.Errorf("%v from now: before %v, after %v, %v", by, before, after, at)
					}
					// Half a minute to either side of the moment.
					if before, _, _ := is(s.clockAfter(by + 30*time.Second)); !before {
						t.Errorf("%v is not before %v", by, by+30*time.Second)
					}
					if _, after, _ := is(s.clockAfter(by - 30*time.Second)); !after {
						t.Errorf("%v is not after %v", by, by-30*time.Second)
					}
				}
			}
			for _, by := range []time.Duration{-20 * time.Minute, 0, 1500 * time.Millisecond} {
				if _, err := s.db.ExecContext(t.Context(), `UPDATE moments SET at = `+s.clockAfter(by)); err != nil {
					t.Fatal(err)
				}
				_, _, at := is(s.clock())
				if off := at.Sub(time.Now().Add(by)).Abs(); off > time.Minute || at.UTC().Location() != time.UTC {
					t.Errorf("%v from now reads as %v", by, at)
				}
				var earlier, later int
				if err := s.db.QueryRowContext(t.Context(), `SELECT COUNT(CASE WHEN at >= $1 THEN 1 END), COUNT(CASE WHEN at <= $2 THEN 1 END) FROM moments`,
					at.UTC().Add(-time.Millisecond), at.UTC().Add(time.Millisecond)).Scan(&earlier, &later); err != nil || earlier != 1 || later != 1 {
					t.Errorf("%v from now does not compare with what the driver sends: %d, %d, %v", by, earlier, later, err)
				}
			}
		})
	}
}
