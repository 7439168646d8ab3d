package internal

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// The assumptions about the life of a domain; see assumptions.go for the others.

// RestoreReason is the reason that every restore gives. One is required; assumed: any text is
// taken, because no rule for it is documented.
const RestoreReason = "restored at the customer's request"

// Longest periods that are believed. Assumed: no registry has longer ones, and a longer one is a
// number in a third unit.
const (
	LongestAddGrace = 60 * day
	LongestPhase    = 366 * day

	day = 24 * time.Hour
)

// Period is a period of the TLD data; nil if it is not known. The unit is in conflict
// (docs/protocols/realtime-register.md, section 16): the reference says seconds, its samples show
// days. Followed: a number below 1000 means days, and a higher one seconds, of which whole days
// count.
func Period(number *int64, longest time.Duration) *time.Duration {
	const leastSeconds = 1000
	if number == nil || *number < 0 {
		return nil
	}
	days := *number
	if days >= leastSeconds {
		days /= int64(day / time.Second)
	}
	if days > int64(longest/day) {
		return nil
	}
	return new(time.Duration(days) * day)
}

// Phase is where the statuses say that a domain is in its life.
type Phase int

// The phases. PhaseUnknown is that of a status that is not known, and of one that does not tell.
const (
	PhaseUnknown Phase = iota
	PhaseActive
	PhaseGrace
	PhaseRedemption
	PhasePendingDelete
)

// PhaseOf returns the phase that the statuses tell. The names are documented, the conclusions
// assumed: as at a registry, a domain in redemption is also pending deletion.
func PhaseOf(statuses []string) Phase {
	has := func(status string) bool { return slices.Contains(statuses, status) }
	var others []string
	for _, status := range statuses {
		switch {
		case has("REDEMPTION_PERIOD") && (status == "REDEMPTION_PERIOD" || status == "PENDING_DELETE" || status == "PENDING_RESTORE" || status == "EXPIRED"):
		case status == "PENDING_DELETE", status == "EXPIRED":
		default:
			others = append(others, status)
		}
	}
	if len(others) > 0 && !Active(others) {
		return PhaseUnknown
	}
	switch {
	case has("REDEMPTION_PERIOD"):
		return PhaseRedemption
	case has("PENDING_DELETE"):
		return PhasePendingDelete
	case has("EXPIRED"), has("AUTO_RENEW_PERIOD"):
		return PhaseGrace
	case len(others) > 0:
		return PhaseActive
	}
	return PhaseUnknown
}

// Restoring reports whether a restore of the domain is under way.
func Restoring(statuses []string) bool { return slices.Contains(statuses, "PENDING_RESTORE") }

var plainStatus = regexp.MustCompile(`^[A-Z][A-Z_]{0,59}$`)

// PlainWords joins the statuses that are plain words and so may be shown.
func PlainWords(statuses []string) string {
	var words []string
	for _, status := range statuses {
		if plainStatus.MatchString(status) {
			words = append(words, status)
		}
	}
	return strings.Join(words, ", ")
}
