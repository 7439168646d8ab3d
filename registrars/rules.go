package registrars

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"domainprovisioning/domains"
)

// Broken is a rule that a request breaks: Field and Rule of an Error of ClassInvalid. The
// rules in this file apply to every registrar that treats periods, name servers and
// settings as the contract does; plug-ins add their own. Nil means that no rule is broken.
type Broken struct{ Field, Rule string }

// In returns the *Error for a plug-in's call with a request that breaks the rule, or nil
// if no rule is broken.
func (b *Broken) In(registrar, call string) error {
	if b == nil {
		return nil
	}
	return &Error{Registrar: registrar, Call: call, Class: ClassInvalid, Field: b.Field, Rule: b.Rule}
}

// Unsound checks what a request must have as soon as an order is accepted.
func (r Request) Unsound() *Broken {
	tld, err := domains.ParseTLD(r.Suffix())
	switch {
	case r.Domain.IsZero() && !r.Nameless():
		return &Broken{"domain", "required"}
	case err != nil || !r.Nameless() && !strings.HasSuffix(r.Domain.String(), "."+tld):
		return &Broken{"tld", "must be the end of the domain"}
	case r.Kind.HasPeriod() && r.Years < 1:
		return &Broken{"years", "at least 1"}
	}
	return nil
}

// Nameless reports whether only the rest of the request is to be checked: the order's name is
// refused already, or its transfer is to bring the domain here before. Check then asks nothing
// about the name.
func (r Request) Nameless() bool { return r.Ordered && r.Domain.IsZero() && r.TLD != "" }

const ruleFewServers = "at least 2"

// Incomplete checks what may be missing while an order is being accepted, but not when the
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

// Incomparable checks the fields that Find compares. The request was already sent, so
// there is no point in checking the rest of it again.
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

// ServerCount checks the number of name servers, of which there may be none while an order
// is being accepted.
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

// Servers checks the number of name servers, their form, and that they all differ. There
// may be none while an order is being accepted.
func (r Request) Servers(most int) *Broken {
	if broken := r.ServerCount(most); broken != nil {
		return broken
	}
	for i, host := range r.NameServers {
		if _, err := domains.ParseHost(host); err != nil {
			return &Broken{"nameServers", "a host name each"}
		}
		if r.NameServers[:i].Contains(host) {
			return &Broken{"nameServers", "all different"}
		}
	}
	return nil
}

// Breaches are all rules that a part of a request breaks.
type Breaches []*Broken

// Add adds a rule that is broken, unless it is nil.
func (b *Breaches) Add(broken *Broken) {
	if broken != nil {
		*b = append(*b, broken)
	}
}

// In returns one error for all of them, or nil; see Broken.In.
func (b Breaches) In(registrar, call string) error {
	all := make([]error, len(b))
	for n, broken := range b {
		all[n] = broken.In(registrar, call)
	}
	return Join(all...)
}

// AtMost checks the length of a text in characters, and says what it is. It returns the
// rule, or "".
func AtMost(most int, text string) string {
	if length := utf8.RuneCountInString(text); length > most {
		return fmt.Sprintf("at most %d characters, and it has %d", most, length)
	}
	return ""
}

// UnkeptHosts refuses hosts below the domain. It is for a plug-in that is no HostKeeper.
func (r Request) UnkeptHosts() *Broken {
	for i, host := range r.NameServers {
		if r.Hosts.Contains(host) {
			return HostBroken(i, "is below the domain, and hosts with addresses cannot be registered at this registrar")
		}
	}
	return nil
}

// HostBroken names a rule that one of the name servers breaks.
func HostBroken(at int, rule string) *Broken { return &Broken{fmt.Sprintf("nameServers.%d", at), rule} }

// UntakenLanguage refuses a language code. It is for a registrar that takes none.
func (r Request) UntakenLanguage() *Broken {
	if r.Kind == Registration && r.Language != "" {
		return &Broken{"language", "no code of a language can be given at this registrar"}
	}
	return nil
}

// LongAuthCode checks the length of an auth code.
func (r Request) LongAuthCode(most int) *Broken {
	if len(r.AuthCode.Reveal()) > most {
		return &Broken{"authCode", fmt.Sprintf("at most %d characters", most)}
	}
	return nil
}

// Missing names the fields that every registrar requires and the contact lacks.
func (c Contact) Missing() Breaches {
	var missing Breaches
	for _, field := range c.Details.Normalised().MissingFields() {
		missing.Add(c.Breaks(field, "required"))
	}
	return missing
}

// UntakenExtra refuses the additional fields of a contact, which would be lost without notice. It
// is for a registrar that takes none.
func (c Contact) UntakenExtra() Breaches {
	var untaken Breaches
	for _, field := range slices.Sorted(maps.Keys(c.Extra)) {
		if strings.TrimSpace(c.Extra[field]) != "" {
			untaken.Add(c.Breaks(field, "no additional field can be given at this registrar"))
		}
	}
	return untaken
}

// Breaks names a rule that a field of the contact breaks.
func (c Contact) Breaks(field, rule string) *Broken {
	return &Broken{string(c.Role) + "." + field, rule}
}

// Outdated compares the date of a renewal with the registrar's, which is zero if the
// registrar does not give it.
func (r Request) Outdated(expires time.Time) *Broken {
	switch {
	case expires.IsZero():
		return &Broken{"expires", "the registrar does not say when the domain expires"}
	case r.Ordered && (NearlySameDay(expires, r.Expires) || RenewedSince(r.Expires, expires)):
		// The order is carried out from the registrar's date, or ends as renewed already.
	case !SameDay(expires, r.Expires):
		return &Broken{"expires", "must be the registrar's date, " + expires.Format(time.DateOnly)}
	}
	return nil
}

// RenewedSince reports whether a domain that was to expire on one date, and now expires on
// another, has been renewed in between: the dates are more than another calendar apart.
func RenewedSince(before, now time.Time) bool { return now.After(before.AddDate(0, 6, 0)) }

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

// UnsoundDNSSEC checks a change of DNSSEC by the ranges of RFC 4034. A registrar may
// accept less.
func (r Request) UnsoundDNSSEC() *Broken {
	broken := func(field, rule string) *Broken { return &Broken{DNSSECChange.SettingField() + field, rule} }
	d := r.Settings.DNSSEC
	switch {
	case d.Key != nil && len(d.DS) > 0:
		return broken("", "takes key or ds, not both")
	case !d.Sign && (d.Key != nil || len(d.DS) > 0):
		return broken(".sign", "must be true with key or ds")
	}
	if key := d.Key; key != nil {
		switch raw, err := base64.StdEncoding.DecodeString(key.PublicKey); {
		case key.Flags < 0 || key.Flags > 65535:
			return broken(".key.flags", "0 to 65535")
		case key.Protocol < 0 || key.Protocol > 255:
			return broken(".key.protocol", "0 to 255")
		case key.Algorithm < 0 || key.Algorithm > 255:
			return broken(".key.algorithm", "0 to 255")
		case err != nil || len(raw) == 0:
			return broken(".key.publicKey", "base64")
		}
	}
	for i, ds := range d.DS {
		at := fmt.Sprintf(".ds[%d].", i)
		switch raw, err := hex.DecodeString(ds.Digest); {
		case ds.KeyTag < 0 || ds.KeyTag > 65535:
			return broken(at+"keyTag", "0 to 65535")
		case ds.Algorithm < 0 || ds.Algorithm > 255:
			return broken(at+"algorithm", "0 to 255")
		case ds.DigestType < 0 || ds.DigestType > 255:
			return broken(at+"digestType", "0 to 255")
		case err != nil || len(raw) == 0:
			return broken(at+"digest", "hexadecimal")
		}
	}
	return nil
}
