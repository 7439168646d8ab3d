package realtimeregister_test

import (
	"testing"

	"domainprovisioning/registrars"
	standin "domainprovisioning/sandbox/standin/realtimeregister"
)

// The unit of the add grace period is in conflict: days are small numbers, seconds large ones, and
// what is neither is not known.
func TestTheAddGracePeriodIsInDays(t *testing.T) {
	for period, want := range map[int64]struct {
		days  int
		known bool
	}{
		0: {0, false}, 5: {5, true}, 60: {60, true}, 61: {0, false}, 999: {0, false},
		1000: {0, true}, 5 * 86400: {5, true}, 5*86400 + 3600: {5, true}, 60 * 86400: {60, true}, 61 * 86400: {0, false}, -1: {0, false},
	} {
		w := newWorld(t, "sync", func(o *standin.Options) { o.TLDs["sync"] = standin.TLD{AddGrace: period} })
		if days, known, err := w.plugin.AddGrace(t.Context(), ".SYNC"); days != want.days || known != want.known || err != nil {
			t.Errorf("%d: %d, %t, %v", period, days, known, err)
		}
	}
	w := newWorld(t, "sync")
	_, _, err := w.plugin.AddGrace(t.Context(), "unsold")
	wantClass(t, err, registrars.ClassRejected)
}
