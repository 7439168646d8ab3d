package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// suffixForm is that of a suffix in ASCII form.
var suffixForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// Lifecycle says what is done for domains in the years after their orders.
type Lifecycle struct {
	// Renewal is who renews a domain that its registrar does not renew by itself: us or none.
	Renewal string `yaml:"renewal"`
	// RenewBefore is how long before its expiry a domain is renewed, and AttentionBefore how long
	// before it a person is needed if that has not happened.
	RenewBefore     time.Duration `yaml:"renew_before"`
	AttentionBefore time.Duration `yaml:"attention_before"`
	// Remind are the days before an expiry on which it is told.
	Remind []int `yaml:"remind"`
	// Phases are those after the expiry, by suffix, where the registrar does not tell them.
	Phases map[string]Phases `yaml:"phases"`
}

// Phases says how long the phases after the expiry last; "" is not known, and 0s none.
type Phases struct {
	RenewGrace    string `yaml:"renew_grace"`
	Redemption    string `yaml:"redemption"`
	PendingDelete string `yaml:"pending_delete"`
}

// Lasts is a period of Phases; nil is not known.
func Lasts(period string) *time.Duration {
	lasts, err := time.ParseDuration(period)
	if err != nil {
		return nil
	}
	return &lasts
}

const (
	// mostReminders bounds what a domain costs in a year; longestRemind is a year.
	mostReminders = 12
	longestRemind = 366
	// longestPhase is more than any registry gives.
	longestPhase = 366 * day
)

func (v *validator) lifecycle(l Lifecycle) {
	if l.Renewal != "us" && l.Renewal != "none" {
		v.add("lifecycle.renewal", "must be us or none")
	}
	v.between("lifecycle.renew_before", l.RenewBefore, day, longestRemind*day)
	v.between("lifecycle.attention_before", l.AttentionBefore, 0, l.RenewBefore)
	if len(l.Remind) > mostReminders {
		v.add("lifecycle.remind", "has %d days, and may have %d", len(l.Remind), mostReminders)
	}
	for i, days := range l.Remind {
		if days < 1 || days > longestRemind {
			v.add("lifecycle.remind", "has %d as entry %d, which must be within 1 and %d", days, i+1, longestRemind)
		}
		if slices.Contains(l.Remind[:i], days) {
			v.add("lifecycle.remind", "has %d twice", days)
		}
	}
	for _, suffix := range slices.Sorted(maps.Keys(l.Phases)) {
		key := "lifecycle.phases." + suffix
		if !suffixForm.MatchString(suffix) {
			v.add(key, "is not named after a suffix in ASCII form, such as com.au")
			continue
		}
		phases := l.Phases[suffix]
		for _, each := range []struct{ name, period string }{
			{"renew_grace", phases.RenewGrace}, {"redemption", phases.Redemption}, {"pending_delete", phases.PendingDelete},
		} {
			switch lasts := Lasts(each.period); {
			case strings.TrimSpace(each.period) == "":
			case lasts == nil:
				v.add(key+"."+each.name, "must be a duration, such as 720h")
			default:
				v.between(key+"."+each.name, *lasts, 0, longestPhase)
			}
		}
	}
}
