package registrars

import (
	"context"
	"time"

	"domainprovisioning/domains"
)

// Kind is what a request asks for.
type Kind string

// The kinds. Registration, Transfer, Renewal, Restore and OwnerChange may cost money.
const (
	// Registration registers a name for a number of years.
	Registration Kind = "registration"
	// Transfer brings a registered domain into this account.
	Transfer Kind = "transfer"
	// Renewal adds years to a domain of this account.
	Renewal Kind = "renewal"
	// Restore takes a domain of this account back out of redemption, for no number of years. It
	// is dear, and made only at a price that is limited or accepted; see Request.TooDear.
	Restore Kind = "restore"
	// OwnerChange gives a domain of this account a new owner ("trade").
	OwnerChange Kind = "owner-change"
	// ContactChange replaces the contacts other than the owner.
	ContactChange Kind = "contact-change"
	// NameServerChange delegates the domain to other hosts.
	NameServerChange Kind = "name-server-change"
	// AuthCodeChange makes a new auth code. Every request makes a new one.
	AuthCodeChange Kind = "auth-code-change"
	// Deletion deletes the domain.
	Deletion Kind = "deletion"
	// DNSSECChange and the kinds after it change one setting each, because a registrar takes
	// a separate request for each. Request.Settings holds the value.
	DNSSECChange      Kind = "dnssec-change"
	LockChange        Kind = "lock-change"
	PrivacyChange     Kind = "privacy-change"
	AutoRenewalChange Kind = "auto-renewal-change"
	// ZoneReset fills the zone on the registrar's own name servers from a template.
	ZoneReset Kind = "zone-reset"
)

// Kinds lists every kind, in the order of the capability matrix.
func Kinds() []Kind {
	return []Kind{
		Registration, Transfer, Renewal, Restore, OwnerChange, ContactChange, NameServerChange, AuthCodeChange, Deletion,
		DNSSECChange, LockChange, PrivacyChange, AutoRenewalChange, ZoneReset,
	}
}

// Roles lists the contacts that a request of the kind needs, the owner first.
func (k Kind) Roles() []Role {
	switch k {
	case Registration, Transfer:
		return Roles()
	case OwnerChange:
		return []Role{Owner}
	case ContactChange:
		return []Role{Admin, Tech, Billing}
	default:
		return nil
	}
}

// HasPeriod reports whether a request of the kind is for a number of years.
func (k Kind) HasPeriod() bool { return k == Registration || k == Renewal }

// Delegates reports whether a request of the kind sets name servers.
func (k Kind) Delegates() bool { return k == Registration || k == Transfer || k == NameServerChange }

// SetsAuthCode reports whether a domain gets a new auth code by a request of the kind.
func (k Kind) SetsAuthCode() bool { return k == Registration || k == AuthCodeChange }

// SettingField is the name that orders use for the setting that the kind changes; "" for a
// kind that changes none.
func (k Kind) SettingField() string {
	switch k {
	case DNSSECChange:
		return "settings.dnssec"
	case LockChange:
		return "settings.lock"
	case PrivacyChange:
		return "settings.privacy"
	case AutoRenewalChange:
		return "settings.autoRenewal"
	case ZoneReset:
		return "settings.zoneTemplate"
	}
	return ""
}

// Switch is the value of the setting that the kind turns on or off; nil for any other
// kind, and for a setting that is not given.
func (k Kind) Switch(s domains.Settings) *bool {
	switch k {
	case LockChange:
		return s.Lock
	case PrivacyChange:
		return s.Privacy
	case AutoRenewalChange:
		return s.AutoRenewal
	}
	return nil
}

// SameDay compares the days in UTC: few registrars give the time of day at which a domain
// expires.
func SameDay(a, b time.Time) bool { return Days(a, b) == 0 }

// Days is the number of calendar days between two times, in UTC; it is negative if to is
// before from.
func Days(from, to time.Time) int {
	const day = 24 * time.Hour
	return int(to.UTC().Truncate(day).Sub(from.UTC().Truncate(day)) / day)
}

// ToleratedDays is how many days apart two dates of one expiry may be when they come from
// two calendars, because of time zones and leap days.
const ToleratedDays = 2

// NearlySameDay compares dates that come from two calendars, within ToleratedDays.
func NearlySameDay(a, b time.Time) bool {
	return max(Days(a, b), Days(b, a)) <= ToleratedDays
}

// Request is one request to a registrar. Fields that its kind does not need are
// zero.
//
//	kind                needs in addition to Key, Kind, Domain and TLD
//	registration        Years, NameServers, Contacts (all roles)
//	transfer            AuthCode where the TLD has one, NameServers, Contacts (all roles)
//	renewal             Years, Expires
//	owner-change        Contacts (owner)
//	contact-change      Contacts (admin, tech, billing)
//	name-server-change  NameServers; Settings.DNSSEC too where a bare transfer has brought the domain:
//	                    the keys of its zone elsewhere must not stay when its servers change
//	dnssec-change       Settings.DNSSEC
//	lock-change         Settings.Lock, and so on for privacy and auto-renewal
//	zone-reset          Settings.ZoneTemplate
//
// At a registrar that asks for a password of the domain (Descriptor.DomainPassword)
// every request has DomainPassword.
type Request struct {
	// Key identifies the request permanently. It is derived from order and step, never
	// random, and never contains the number of the attempt.
	Key string
	// Submission is the number of the submission: 1 for the first, as the ledger counts them.
	// Key and Submission together identify one try towards the registrar, for a number of ours
	// that goes with it (EPP's clTRID). Find gets the number of the last one that was begun, and
	// Check that or 0. A plug-in must not branch on it: that a try is the second says nothing of
	// what became of the first.
	Submission int
	Kind       Kind
	Domain     domains.Name
	// TLD is the registry suffix that the plan sells, such as "com.au".
	TLD string
	// Years is the period of a registration or a renewal.
	Years int
	// Expires is when the domain expires before its renewal, in UTC. It is the guard against
	// renewing twice: a domain that expires later has been renewed.
	Expires time.Time
	// Ordered says that an order has just come, and Check is asked what is wrong with it.
	// Expires is then the date in the order, which the registrar's date will replace; it may
	// come from another calendar. Domain may be missing; see Nameless.
	Ordered bool
	// NameServers are the hosts to delegate the domain to, in this order.
	NameServers domains.NameServers
	// Hosts are those of NameServers that are below the domain, with their addresses. They are
	// given to Check when an order arrives. When the request is submitted, they exist; and a
	// registration or transfer, before which they cannot, comes with other name servers.
	Hosts domains.Hosts
	// Language is the registry's code of the language of an internationalised name, for a
	// registration; "" if none is given.
	Language string
	// Contacts are the contacts by role; see Kind.Roles. Other roles are ignored.
	Contacts map[Role]Contact
	// AuthCode is the transfer key, from the customer.
	AuthCode domains.Secret
	// NewAuthCode is the auth code that the domain gets by a registration or an AuthCodeChange
	// (Kind.SetsAuthCode), such as that after a transfer, at a registrar that takes it from us
	// (Descriptor.TakesAuthCodes). It is made and sealed in the store before the first try, so every
	// try sends the same one. If it is zero, the plug-in makes one that nobody else knows.
	NewAuthCode domains.Secret
	// DomainPassword is the domain's own password. It is generated and sealed in the store
	// before the first request, because later requests need it.
	DomainPassword domains.Secret
	// Settings holds the new value, for a request that changes a setting.
	Settings domains.Settings
	// PriceLimit is the most that the request may cost, in total. Nil allows any ordinary
	// price, no premium price, and no restore. AcceptedPrice is the price that a person has accepted: the
	// request is made at exactly this price or not at all. Check and Submit compare (see
	// TooDear); Submit does so before it calls Claim, and returns ClassPrice, or ClassTemporary
	// if the price of a limited request cannot be read. Both are nil for a plug-in without
	// Descriptor.Prices.
	PriceLimit, AcceptedPrice *Price
	// Claim says whether the request may still be sent. A process can be suspended at any
	// point while another one takes over its work, so Submit calls Claim once before each
	// exchange that carries the request, including the repeat in a new session, when nothing
	// but the write is left to do. If Claim returns an error, nothing is sent, and Submit
	// returns an error of ClassTemporary. Claim is never called for a session, a quote, a
	// price or a read. Nil allows everything.
	Claim func(ctx context.Context) error
}

// Suffix is the registry suffix that the plan names, or else the domain's last label.
func (r Request) Suffix() string {
	if r.TLD == "" {
		return r.Domain.TLD()
	}
	return r.TLD
}

// SettingKinds lists the requests that apply the settings, in a fixed order: the zone
// first, then DNSSEC, and the lock last, because a locked domain may refuse further
// changes.
func SettingKinds(s domains.Settings) []Kind {
	var kinds []Kind
	for _, setting := range []struct {
		given bool
		kind  Kind
	}{
		{s.ZoneTemplate != nil, ZoneReset}, {s.DNSSEC != nil, DNSSECChange}, {s.Privacy != nil, PrivacyChange},
		{s.AutoRenewal != nil, AutoRenewalChange}, {s.Lock != nil, LockChange},
	} {
		if setting.given {
			kinds = append(kinds, setting.kind)
		}
	}
	return kinds
}
