package registrars

import "time"

// AdoptedExpiry is when a domain expires that an order adopts: by the registrar's date, or by
// the order's if the registrar tells none. Zero means not given. Two dates must agree, as far
// as two calendars do (ToleratedDays); then the registrar's counts.
func AdoptedExpiry(registrar, ordered time.Time) (time.Time, *Broken) {
	switch {
	case registrar.IsZero() && ordered.IsZero():
		return time.Time{}, &Broken{"expires", "required: the registrar does not say when the domain expires"}
	case registrar.IsZero():
		return ordered, nil
	case !ordered.IsZero() && !NearlySameDay(registrar, ordered):
		return time.Time{}, &Broken{"expires", "must be the registrar's date, " + registrar.Format(time.DateOnly)}
	}
	return registrar, nil
}
