package frames

import (
	"strings"
	"time"
)

// readMoment reads xs:dateTime and xs:date. A time without a zone is in UTC, which EPP requires.
// One with 24:00:00 is the beginning of the next day, which Go's parser refuses. What cannot be
// read, such as a year of five digits, is zero: not known. A day keeps its date whatever its zone,
// because a renewal names it without one.
func readMoment(text string) time.Time {
	text = strings.TrimSpace(text)
	next := 0
	if before, after, found := strings.Cut(text, "T24:00:00"); found {
		text, next = before+"T00:00:00"+after, 1
	}
	if read, err := time.Parse("2006-01-02Z07:00", text); err == nil {
		return time.Date(read.Year(), read.Month(), read.Day(), 0, 0, 0, 0, time.UTC)
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateOnly} {
		if read, err := time.Parse(layout, text); err == nil {
			return read.UTC().AddDate(0, 0, next)
		}
	}
	return time.Time{}
}
