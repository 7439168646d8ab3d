package registrars

import (
	"fmt"
	"strings"
	"time"

	"domainprovisioning/domains"
)

// Broken is a rule that a request breaks: Field and Rule of an Error of ClassInvalid. The
// rules of this file hold at every registrar that knows periods, name servers and
// settings as the contract does; plug-ins add their own. Nil means that nothing is
// broken.
type Broken struct{ Field, Rule string }

// In is the *Error of a plug-in's call with a request that breaks the rule; nil when
// nothing is broken.
func (b *Broken) In(registrar, call string) error {
	if b == nil {
		return nil
	}
	return &Error{Registrar: registrar, Call: call, Class: ClassInvalid, Field: b.Field, Rule: b.Rule}
}

// Unsound checks what a request must have when an order is taken in.
func (r Request) Unsound() *Broken {
	tld, err := domains.ParseTLD(r.Suffix())
	switch {
	case r.Domain.IsZero():
		return &Broken{"domain", "required"}
	case err != nil || !strings.HasSuffix(r.Domain.String(), "."+tld):
		return &Broken{"tld", "must be the end of the domain"}
	case r.Kind.HasPeriod() && r.Years < 1:
		return &Broken{"years", "at least 1"}
	}
	return nil
}

// ruleFewServers is the rule of domains.MinNameServers.
const ruleFewServers = "at least 2"

// Incomplete checks what may be missing while an order is taken in, and not when the
// request is submitted.
func (r Request) Incomplete() *Broken {
	switch {
	case r.Kind.Delegates() && len(r.NameServers) == 0:
		return &Broken{"nameServers", ruleFewServers}
	case r.Kind == Renewal && r.Expires.IsZero():
		// Without it Find could not tell a renewal from a repeat.
		return &Broken{"expires", "required: the guard against renewing twice"}
	}
	return nil
}

// Incomparable checks what Find compares with. What was sent is beyond repair, so the
// rest of the request is not checked again.
func (r Request) Incomparable() *Broken {
	switch {
	case r.Domain.IsZero():
		return &Broken{"domain", "required"}
	case r.Kind == Renewal && r.Expires.IsZero():
		return &Broken{"expires", "required: only the date tells whether it was renewed"}
	case r.Kind == NameServerChange && len(r.NameServers) == 0:
		return &Broken{"nameServers", ruleFewServers}
	}
	return nil
}

// ServerCount checks the number of name servers, which may be none while an order is
// taken in.
func (r Request) ServerCount(most int) *Broken {
	switch count := len(r.NameServers); {
	case count == 0:
		return nil
	case count < domains.MinNameServers:
		return &Broken{"nameServers", ruleFewServers}
	case count > most:
		return &Broken{"nameServers", fmt.Sprintf("at most %d", most)}
	}
	return nil
}

// Outdated compares the date of a renewal with the registrar's, which is zero when the
// registrar does not tell.
func (r Request) Outdated(expires time.Time) *Broken {
	switch {
	case expires.IsZero():
		return &Broken{"expires", "the registrar does not say when the domain expires"}
	case !SameDay(expires, r.Expires):
		return &Broken{"expires", "must be the registrar's date, " + expires.Format(time.DateOnly)}
	}
	return nil
}

// Unset checks that a request which changes a setting has its value.
func (r Request) Unset() *Broken {
	missing := false
	switch r.Kind {
	case LockChange, PrivacyChange, AutoRenewalChange:
		missing = r.Kind.Switch(r.Settings) == nil
	case DNSSECChange:
		missing = r.Settings.DNSSEC == nil
	case ZoneReset:
		if missing = r.Settings.ZoneTemplate == nil; !missing && *r.Settings.ZoneTemplate < 1 {
			return &Broken{r.Kind.SettingField(), "a number above 0"}
		}
	}
	if missing {
		return &Broken{r.Kind.SettingField(), "required"}
	}
	return nil
}
