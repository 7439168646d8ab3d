package workflows

import "time"

// Pace is a calendar whose days pass faster, so that years can be seen in a minute. Nil is the
// ordinary one.
type Pace struct {
	// Origin is when both calendars agree, and Factor how many times as fast this one is.
	Origin time.Time `json:"origin"`
	Factor int       `json:"factor"`
}

// at is the time of the calendar at a time of Temporal's clock.
func (p *Pace) at(now time.Time) time.Time {
	if p == nil {
		return now.UTC()
	}
	return p.Origin.UTC().Add(now.Sub(p.Origin) * time.Duration(p.Factor))
}

// At is the time of the calendar at a time of the clock on the wall.
func (p *Pace) At(now time.Time) time.Time { return p.at(now) }

// temporal is the time of Temporal's clock at a time of the calendar.
func (p *Pace) temporal(at time.Time) time.Time {
	if p == nil {
		return at
	}
	return p.Origin.Add(p.real(at.Sub(p.Origin)))
}

// Real is how long a duration of the calendar takes.
func (p *Pace) Real(d time.Duration) time.Duration { return p.real(d) }

// real is how long a duration of the calendar takes.
func (p *Pace) real(d time.Duration) time.Duration {
	if p == nil {
		return d
	}
	return d / time.Duration(p.Factor)
}
