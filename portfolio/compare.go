package portfolio

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/billing"
	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/operations"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// Compared is what a comparison has found for a domain.
type Compared struct {
	Facts []store.Fact
	// Look says that its life should read it: it judges better than a list what has become of it.
	Look bool
}

func (c *Compared) differs(domain string, kind messages.Difference, ours, theirs string) {
	c.Facts = append(c.Facts, store.Fact{Domain: domain, Kind: kind, Severity: kind.Severity(), Ours: ours, Theirs: theirs})
}

// Compare compares a domain that is held with what the registrar lists. What the registrar does not
// tell, or we do not know, differs in nothing.
//
// One that expires later than we hold was renewed elsewhere: its life reads it and goes by the new
// date, and nobody is needed. So it is with small steps in that direction.
func Compare(held store.Domain, listed registrars.ListedDomain) Compared {
	var found Compared
	theirs := listed.Domain
	if held.Expires != nil && !theirs.Expires.IsZero() && !registrars.NearlySameDay(*held.Expires, theirs.Expires) {
		if theirs.Expires.After(*held.Expires) {
			found.Look = true
		} else {
			found.differs(held.Name, messages.DiffersExpiry, day(*held.Expires), day(theirs.Expires))
		}
	}
	if !listed.Whole {
		return found
	}
	if !theirs.Active && held.State == messages.LifeActive {
		found.differs(held.Name, messages.DiffersStatus, string(held.State), theirs.Word)
		found.Look = true
	}
	if held.Held == nil {
		return found
	}
	ours := *held.Held
	if a, b := sorted(ours.NameServers), sorted(theirs.NameServers); len(a) > 0 && len(b) > 0 && !slices.Equal(a, b) {
		found.differs(held.Name, messages.DiffersNameServers, strings.Join(a, " "), strings.Join(b, " "))
	}
	if owner := theirs.Handles[registrars.Owner]; ours.Owner != "" && owner != "" && owner != ours.Owner {
		found.differs(held.Name, messages.DiffersOwner, ours.Owner, owner)
	}
	var signed *bool
	if theirs.Settings.DNSSEC != nil {
		signed = &theirs.Settings.DNSSEC.Sign
	}
	for _, each := range []struct {
		kind         messages.Difference
		ours, theirs *bool
	}{
		{messages.DiffersDNSSEC, ours.Signed, signed},
		{messages.DiffersLock, ours.Lock, theirs.Settings.Lock},
		{messages.DiffersPrivacy, ours.Privacy, theirs.Settings.Privacy},
		{messages.DiffersAutoRenewal, ours.AutoRenewal, theirs.Settings.AutoRenewal},
	} {
		if each.ours != nil && each.theirs != nil && *each.ours != *each.theirs {
			found.differs(held.Name, each.kind, domains.OnOff(*each.ours), domains.OnOff(*each.theirs))
		}
	}
	return found
}

// Missing is a domain that is held, and that the account does not have. Its life judges what has
// become of it: one that was deleted after its expiry is gone, and needs nobody.
func Missing(held store.Domain) Compared {
	found := Compared{Look: true}
	if held.State != messages.LifeRedemption && held.State != messages.LifePendingDelete {
		found.differs(held.Name, messages.DiffersMissing, string(held.State), "")
	}
	return found
}

// Unknown is a domain that the account has, and that is not held there.
func Unknown(listed registrars.ListedDomain) store.Fact {
	var found Compared
	theirs := ""
	if !listed.Domain.Expires.IsZero() {
		theirs = "expires " + day(listed.Domain.Expires)
	}
	found.differs(listed.Domain.Name.String(), messages.DiffersUnknown, "", theirs)
	return found.Facts[0]
}

// CompareBilling compares a domain with its row in Billing; nil is that there is none. The date is
// compared with the registrar's, as we hold it. Its row belongs to the customer's account, if that
// is known.
func CompareBilling(held store.Domain, info *billing.DomainInfo) Compared {
	var found Compared
	switch {
	case info == nil:
		found.differs(held.Name, messages.DiffersBillingMissing, account(held.AccountID), "")
		return found
	case !info.Registered() && held.State == messages.LifeActive:
		found.differs(held.Name, messages.DiffersBillingStatus, string(held.State), info.Status)
	}
	if held.AccountID != 0 && info.AccountID != held.AccountID {
		found.differs(held.Name, messages.DiffersBillingAccount, account(held.AccountID), account(info.AccountID))
	}
	if held.Expires != nil && !info.ExpirationDate.IsZero() && !registrars.NearlySameDay(*held.Expires, info.ExpirationDate) {
		found.differs(held.Name, messages.DiffersBillingExpiry, day(*held.Expires), day(info.ExpirationDate))
	}
	return found
}

// CompareOperations compares a domain with the one in Operations; nil is that there is none. What
// Operations does not tell differs in nothing.
func CompareOperations(held store.Domain, domain *operations.Domain) Compared {
	var found Compared
	if domain == nil {
		found.differs(held.Name, messages.DiffersOperationsMissing, account(held.AccountID), "")
		return found
	}
	if status := domain.RegistrarStatus; held.State == messages.LifeActive &&
		status != operations.RegistrarStatusUnset && status != operations.RegistrarStatusRegistered {
		found.differs(held.Name, messages.DiffersOperationsStatus, strconv.Itoa(int(operations.RegistrarStatusRegistered)), strconv.Itoa(int(status)))
	}
	if held.AccountID != 0 && domain.AccountID != 0 && domain.AccountID != held.AccountID {
		found.differs(held.Name, messages.DiffersOperationsAccount, account(held.AccountID), account(domain.AccountID))
	}
	return found
}

func day(at time.Time) string { return at.UTC().Format(time.DateOnly) }

func account(id int) string {
	if id == 0 {
		return ""
	}
	return "account " + strconv.Itoa(id)
}

// sorted are host names in an order that does not matter to a zone.
func sorted(hosts []string) []string {
	hosts = slices.Clone(hosts)
	for i := range hosts {
		hosts[i] = strings.ToLower(strings.TrimSuffix(hosts[i], "."))
	}
	slices.Sort(hosts)
	return hosts
}
