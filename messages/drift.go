package messages

import (
	"cmp"
	"slices"
	"strings"

	"domainprovisioning/domains"
)

// Difference is a kind of difference between what we hold of a domain and what a registrar
// account, Billing or Operations has. A domain has at most one of a kind at an account.
type Difference string

// The differences.
const (
	// DiffersMissing: ours, and the account does not have it.
	DiffersMissing Difference = "missing-domain"
	// DiffersUnknown: the account has it, and we do not hold it there.
	DiffersUnknown     Difference = "unknown-domain"
	DiffersExpiry      Difference = "expiry"
	DiffersStatus      Difference = "status" // not active at the registrar, and its life does not say why
	DiffersOwner       Difference = "owner"  // compared by the registrar's id of the contact
	DiffersNameServers Difference = "name-servers"
	DiffersDNSSEC      Difference = "dnssec"
	DiffersLock        Difference = "lock"
	DiffersPrivacy     Difference = "privacy"
	DiffersAutoRenewal Difference = "auto-renewal"

	// DiffersBillingMissing and those below: Billing against the registrar.
	DiffersBillingMissing Difference = "billing-missing"
	DiffersBillingExpiry  Difference = "billing-expiry"
	DiffersBillingStatus  Difference = "billing-status"
	DiffersBillingAccount Difference = "billing-account"

	// DiffersOperationsMissing and those below: Operations against the registrar.
	DiffersOperationsMissing Difference = "operations-missing"
	DiffersOperationsStatus  Difference = "operations-status"
	DiffersOperationsAccount Difference = "operations-account"
)

// ListedDifferences are those that a list of names and dates shows.
func ListedDifferences() []Difference {
	return []Difference{DiffersMissing, DiffersUnknown, DiffersExpiry}
}

// ReadDifferences are those that only the whole domain shows.
func ReadDifferences() []Difference {
	return []Difference{
		DiffersStatus, DiffersOwner, DiffersNameServers, DiffersDNSSEC, DiffersLock, DiffersPrivacy, DiffersAutoRenewal,
	}
}

// BillingDifferences are those that Billing's row of a domain shows.
func BillingDifferences() []Difference {
	return []Difference{DiffersBillingMissing, DiffersBillingExpiry, DiffersBillingStatus, DiffersBillingAccount}
}

// OperationsDifferences are those that Operations' domain shows.
func OperationsDifferences() []Difference {
	return []Difference{DiffersOperationsMissing, DiffersOperationsStatus, DiffersOperationsAccount}
}

// Differences lists every kind.
func Differences() []Difference {
	return slices.Concat(ListedDifferences(), ReadDifferences(), BillingDifferences(), OperationsDifferences())
}

// Severity says how much a difference matters.
type Severity string

// The severities.
const (
	SeverityHigh   Severity = "high"   // a domain may be lost
	SeverityMedium Severity = "medium" // it may not work, or is not paid for
	SeverityLow    Severity = "low"
)

// Severities lists every severity, the highest first.
func Severities() []Severity { return []Severity{SeverityHigh, SeverityMedium, SeverityLow} }

// Severity is that of a difference of a kind.
func (d Difference) Severity() Severity {
	switch d {
	case DiffersMissing, DiffersOwner, DiffersExpiry, DiffersStatus:
		return SeverityHigh
	case DiffersLock, DiffersPrivacy, DiffersAutoRenewal, DiffersUnknown:
		return SeverityLow
	}
	return SeverityMedium
}

// Or returns what is held, and from then on what is read where nothing is held yet.
func (h Held) Or(read Held) Held {
	if len(h.NameServers) == 0 {
		h.NameServers = read.NameServers
	}
	return Held{
		NameServers: h.NameServers, Owner: cmp.Or(h.Owner, read.Owner), Lock: cmp.Or(h.Lock, read.Lock), Privacy: cmp.Or(h.Privacy, read.Privacy),
		Signed: cmp.Or(h.Signed, read.Signed), AutoRenewal: cmp.Or(h.AutoRenewal, read.AutoRenewal),
	}
}

// Without returns what is held without some parts.
func (h Held) Without(parts []Difference) Held {
	for _, part := range parts {
		h = h.Accepting(part, "")
	}
	return h
}

// Accepting returns what is held with a part as a difference says that the registrar has it; "" is
// not known, and the next reading fills it.
func (h Held) Accepting(part Difference, theirs string) Held {
	on := map[string]*bool{domains.OnOff(true): new(true), domains.OnOff(false): new(false)}[theirs]
	switch part {
	case DiffersNameServers:
		if h.NameServers = nil; theirs != "" {
			h.NameServers = strings.Fields(theirs)
		}
	case DiffersOwner:
		h.Owner = theirs
	case DiffersDNSSEC:
		h.Signed = on
	case DiffersLock:
		h.Lock = on
	case DiffersPrivacy:
		h.Privacy = on
	case DiffersAutoRenewal:
		h.AutoRenewal = on
	}
	return h
}
