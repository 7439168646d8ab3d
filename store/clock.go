package store

import (
	"fmt"
	"strings"
	"time"
)

// All stored times come from the database's clock: ages, holds and claims compare times that
// several processes wrote, and a process may have a wrong clock or may have been suspended.
// The statements read the clock themselves, because a time that a process has read can be
// minutes old when its statement arrives.

// clock is the database's time in UTC, as an SQL expression that can be compared with stored
// times. It has microseconds on PostgreSQL and milliseconds on SQLite.
func (s *Store) clock() string { return s.clockAfter(0) }

// clockAfter is clock plus d, which may be negative.
func (s *Store) clockAfter(d time.Duration) string {
	switch at := s.now; {
	case at != nil:
		return s.literal(at().Add(d))
	case s.driver == sqliteDriver:
		// The form in which the driver stores a time.Time, because times are compared as text.
		return fmt.Sprintf(`(rtrim(rtrim(strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '%+.3f seconds'), '0'), '.') || ' +0000 UTC')`, d.Seconds())
	default:
		return fmt.Sprintf(`(clock_timestamp() AT TIME ZONE 'UTC' + interval '%d microseconds')`, d.Microseconds())
	}
}

// asOf is clockAfter, read once per statement, so that PostgreSQL can use an index. It is for
// statements that only select. A condition that excludes other processes reads the clock
// again, after it has waited for the row.
func (s *Store) asOf(d time.Duration) string { return "(SELECT " + s.clockAfter(d) + ")" }

// literal is a fixed time as an SQL expression.
func (s *Store) literal(at time.Time) string {
	at = at.UTC().Truncate(time.Microsecond)
	if s.driver == sqliteDriver {
		return "'" + at.String() + "'"
	}
	return "timestamp '" + at.Format("2006-01-02 15:04:05.999999") + "'"
}

// moment scans a time that comes from an expression rather than a column: SQLite returns it as
// text.
type moment struct{ time.Time }

// Scan implements sql.Scanner.
func (m *moment) Scan(value any) error {
	switch value := value.(type) {
	case time.Time:
		m.Time = value.UTC()
		return nil
	case string:
		at, err := time.Parse("2006-01-02 15:04:05.999999999", strings.TrimSuffix(value, " +0000 UTC"))
		m.Time = at
		return err
	}
	return fmt.Errorf("store: a time is a %T", value)
}
