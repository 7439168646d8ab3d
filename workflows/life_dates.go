package workflows

import (
	"fmt"
	"slices"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
)

const day = 24 * time.Hour

// How often a life looks where no date says when.
const (
	// afterDate is how long after a date the registrar is read: it may act by another time zone.
	afterDate = day
	// expiredEvery is for a domain that has expired and may still be renewed, restored or deleted.
	expiredEvery = 7 * day
	// undatedEvery is for one whose registrar does not tell when it expires.
	undatedEvery = 30 * day
	// againAfter is after how long what was refused is asked again.
	againAfter = day
)

// date is something that happens at a time. reads says that the registrar is read then.
type date struct {
	at    time.Time
	what  string
	reads bool
}

// mode is who renews the domain as it stands. What the registrar does by itself, nobody else does
// as well.
func (l *life) mode() messages.RenewalMode {
	switch {
	case l.Automatic:
		return messages.RenewalByRegistrar
	case l.Intends == messages.RenewalByRegistrar && l.Told:
		return messages.RenewalByNobody // it was switched off there
	}
	return l.Intends
}

// take judges the domain by what the registrar tells.
func (l *life) take(read activities.ReadHoldingResult, now time.Time) {
	before, expired := l.State, l.Expires
	if read.Found {
		l.Phases = read.Phases.Or(l.Policy.Phases)
		l.Word, l.AbsentAt = read.Word, time.Time{}
		if l.Told = read.Held.AutoRenewal != nil; l.Told {
			l.Automatic = *read.Held.AutoRenewal
		}
		if !read.Expires.IsZero() {
			l.Expires = read.Expires
		}
		l.held = &read.Held
	}
	state := l.judge(read, now)
	switch state {
	case messages.LifeRedemption, messages.LifePendingDelete:
		l.Deleted = true
	case messages.LifeActive, messages.LifeRenewGrace:
		l.Deleted = false
	}
	if state != before {
		l.State, l.Since = state, now
		l.happened(now, string(before)+" to "+string(state))
	}
	if !expired.IsZero() && messages.Renewed(expired, l.Expires) {
		l.Asked = nil
		l.happened(now, "renewed, expires on "+l.Expires.Format(time.DateOnly))
	}
}

// judge says where a domain is in its life. The registrar's word comes first; where it tells no
// phase, the periods that it or the configuration names are counted from the expiry; and what
// nobody tells is unknown.
func (l *life) judge(read activities.ReadHoldingResult, now time.Time) messages.LifeState {
	running := l.Expires.IsZero() || l.Expires.After(now)
	if !read.Found {
		if !l.Deleted && (running || !l.released(now)) {
			return messages.LifeMissing
		}
		// One answer may be wrong, and nobody looks at a domain that is gone.
		if l.AbsentAt.IsZero() {
			l.AbsentAt = now
		}
		if now.Sub(l.AbsentAt) < againAfter/2 {
			return l.State
		}
		return messages.LifeGone
	}
	switch read.Phase {
	case registrars.PhaseRedemption:
		return messages.LifeRedemption
	case registrars.PhasePendingDelete:
		return messages.LifePendingDelete
	case registrars.PhaseActive, registrars.PhaseRenewGrace:
		if running { // also one that was renewed automatically and could be given back
			return messages.LifeActive
		}
		return messages.LifeRenewGrace
	}
	if running {
		if read.Active {
			return messages.LifeActive
		}
		return messages.LifeUnknown
	}
	return l.counted(now)
}

// counted is the phase of a domain that has expired, by the periods that are known.
func (l *life) counted(now time.Time) messages.LifeState {
	for _, end := range l.phaseEnds() {
		if now.Before(end.at) {
			return end.of
		}
	}
	return messages.LifeUnknown
}

// phaseEnd is when a phase ends.
type phaseEnd struct {
	of messages.LifeState
	at time.Time
}

// phaseEnds are the ends of the phases after the expiry, up to the first whose period is not known.
func (l *life) phaseEnds() []phaseEnd {
	var ends []phaseEnd
	end := l.Expires
	for _, phase := range []struct {
		of    messages.LifeState
		lasts *time.Duration
	}{
		{messages.LifeRenewGrace, l.Phases.RenewGrace}, {messages.LifeRedemption, l.Phases.Redemption},
		{messages.LifePendingDelete, l.Phases.PendingDelete},
	} {
		if phase.lasts == nil || l.Expires.IsZero() {
			break
		}
		end = end.Add(*phase.lasts)
		ends = append(ends, phaseEnd{phase.of, end})
	}
	return ends
}

// released reports whether the last phase is over, as far as all of them are known.
func (l *life) released(now time.Time) bool {
	ends := l.phaseEnds()
	return len(ends) == 3 && now.After(ends[2].at)
}

// renewable reports whether the domain can be renewed at the ordinary price.
func (l *life) renewable(now time.Time) bool {
	switch l.State {
	case messages.LifeActive, messages.LifeRenewGrace:
		return !l.Expires.IsZero()
	case messages.LifeUnknown: // on hold, say
		return l.Expires.After(now)
	}
	return false
}

// expired reports whether the registration has run out.
func (l *life) expired(now time.Time) bool {
	if l.State == messages.LifeUnknown {
		return !l.Expires.IsZero() && !l.Expires.After(now)
	}
	return l.State.Expired()
}

// renewsFrom is when its renewal is due; zero if that is not ours.
func (l *life) renewsFrom(now time.Time) time.Time {
	if l.mode() != messages.RenewalByUs || !l.renewable(now) {
		return time.Time{}
	}
	return l.Expires.Add(-l.Policy.RenewBefore)
}

// askAgain is when the renewal is asked for again: what was refused or blocked, and what is parked
// for want of funds, because a payment tells nobody. Zero is never: an order that goes on needs no
// question, and one that a person has given up gets none.
func (l *life) askAgain() time.Time {
	if l.Asked == nil {
		return time.Time{}
	}
	switch l.Asked.Outcome {
	case activities.RenewalBlocked, activities.RenewalRefused, activities.RenewalUnpaid:
		return l.Asked.At.Add(againAfter)
	case activities.RenewalPlaced:
		if l.Asked.Parked == messages.ReasonBalance {
			return l.Asked.At.Add(againAfter)
		}
	}
	return time.Time{}
}

// renewalDue reports whether the renewal is to be asked for now.
func (l *life) renewalDue(now time.Time) bool {
	from := l.renewsFrom(now)
	if from.IsZero() || now.Before(from) || l.Unread != "" {
		return false
	}
	again := l.askAgain()
	return l.Asked == nil || !again.IsZero() && !now.Before(again)
}

// dates are all that matter to the domain as it stands, those that have passed too.
func (l *life) dates(now time.Time) []date {
	var dates []date
	add := func(at time.Time, reads bool, what string) {
		if !at.IsZero() {
			dates = append(dates, date{at, what, reads})
		}
	}
	if l.Unread != "" {
		add(l.ReadAt.Add(againAfter), true, "ask the registrar again")
	}
	if from := l.renewsFrom(now); !from.IsZero() {
		add(from, false, "order its renewal")
		add(l.askAgain(), false, "ask for its renewal again")
		add(l.Expires.Add(-l.Policy.AttentionBefore), false, "see whether it is renewed")
	}
	switch {
	case l.State == messages.LifeMissing:
		add(l.ReadAt.Add(expiredEvery), true, "see whether the account has it again")
	case !l.AbsentAt.IsZero():
		add(l.ReadAt.Add(againAfter), true, "see whether it is really gone")
	case l.expired(now):
		for _, end := range l.phaseEnds() {
			add(end.at.Add(afterDate), true, "see what follows "+string(end.of))
		}
		add(l.ReadAt.Add(expiredEvery), true, "see what becomes of it")
	case l.Expires.IsZero():
		add(l.ReadAt.Add(undatedEvery), true, "see whether it is still there")
	default:
		if l.State == messages.LifeUnknown {
			add(l.ReadAt.Add(expiredEvery), true, "see what its status has become")
		}
		for _, days := range l.Policy.Remind {
			add(l.Expires.AddDate(0, 0, -days), false, fmt.Sprintf("remind that it expires in %d days", days))
		}
		add(l.Expires.Add(afterDate), true, "see whether it was renewed")
	}
	return dates
}

// readDue reports whether a date has passed at which the registrar is read.
func (l *life) readDue(now time.Time) bool {
	return slices.ContainsFunc(l.dates(now), func(d date) bool { return d.reads && !d.at.After(now) && d.at.After(l.ReadAt) })
}

// nextDate is the first date after now; zero if there is none.
func (l *life) nextDate(now time.Time) date {
	var next date
	for _, d := range l.dates(now) {
		if d.at.After(now) && (next.at.IsZero() || d.at.Before(next.at)) {
			next = d
		}
	}
	return next
}

// reminders are those that are due: the one that is nearest to the expiry, because those before it
// have had their time.
func (l *life) reminders(now time.Time) []int {
	if l.State != messages.LifeActive && l.State != messages.LifeUnknown || !l.Expires.After(now) {
		return nil
	}
	nearest := 0
	for _, days := range l.Policy.Remind {
		if !l.Expires.AddDate(0, 0, -days).After(now) && (nearest == 0 || days < nearest) {
			nearest = days
		}
	}
	if nearest == 0 {
		return nil
	}
	return []int{nearest}
}

// attention says why the domain needs a person; "" if it needs none.
func (l *life) attention(now time.Time) messages.LifeReason {
	ours := l.mode() == messages.RenewalByUs
	soon := !l.Expires.IsZero() && !now.Before(l.Expires.Add(-l.Policy.AttentionBefore))
	switch {
	case l.State.Ended():
		return ""
	case l.State == messages.LifeMissing:
		return messages.NotInAccount
	case l.Unread != "" && l.Unread != hidden:
		return messages.NotRead
	case l.expired(now) && l.mode() != messages.RenewalByNobody && !l.unpaid():
		return messages.HasExpired
	case ours && l.Expires.IsZero() && !l.ReadAt.IsZero():
		return messages.NoDate
	case !ours || !soon || l.unpaid():
		return ""
	case l.Asked != nil && l.Asked.Outcome == activities.RenewalBlocked:
		return messages.RenewalBlocked
	case l.Asked != nil && l.Asked.Outcome == activities.RenewalRefused:
		return messages.RenewalRefused
	}
	return messages.NotRenewed
}

// unpaid reports whether the customer's hosting is terminated, so that the domain is left to expire.
func (l *life) unpaid() bool { return l.Asked != nil && l.Asked.Outcome == activities.RenewalUnpaid }
