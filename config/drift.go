package config

import "time"

// Drift says how what we hold is compared with what the registrar accounts have.
type Drift struct {
	// Every is how often each account is walked over; 0 is never.
	Every time.Duration `yaml:"every"`
	// ReadDays is in how many days each domain is compared as a whole once.
	ReadDays int `yaml:"read_days"`
}

const (
	shortestWalk = time.Hour
	longestWalk  = 7 * day
	mostReadDays = 366
)

func (v *validator) drift(d Drift) {
	if d.Every != 0 {
		v.between("drift.every", d.Every, shortestWalk, longestWalk)
	}
	if d.ReadDays < 1 || d.ReadDays > mostReadDays {
		v.add("drift.read_days", "is %d and must be between 1 and %d", d.ReadDays, mostReadDays)
	}
}
