package workflows

import (
	"testing"
	"time"
)

func TestWhatARestoreHasMadeOfTheDate(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		before, after time.Time
		want          string
	}{
		{now.AddDate(0, 1, 0), time.Time{}, ""},
		{now.AddDate(0, -1, 0), now.AddDate(0, -1, 0), "restored, and not renewed: it expired on 2026-05-01; a renewal is an order of its own"},
		{now.AddDate(0, 1, 0), now.AddDate(0, 1, 0), "restored, and not renewed: it expires on 2026-07-01; a renewal is an order of its own"},
		{now.AddDate(0, -1, 0), now.AddDate(0, 11, 0), "renewed with the restore: it expires on 2027-05-01"},
		{time.Time{}, now.AddDate(0, 11, 0), "it expires on 2027-05-01"},
		{time.Time{}, now, "restored, and not renewed: it expired on 2026-06-01; a renewal is an order of its own"},
	} {
		if got := renewedWith(c.before, c.after, now); got != c.want {
			t.Errorf("from %s to %s: %q", c.before, c.after, got)
		}
	}
}
