package main

import (
	"time"

	"domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/sandbox/standin/realtimeregister"
)

// registry is what years do to a domain at a registrar, beside what we ask of it.
type registry interface {
	// put makes the account hold a domain until a day. auto has it renewed automatically.
	put(domain string, expires time.Time, auto bool)
	// stands says until when the account holds it; held is false if it does not.
	stands(domain string) (expires time.Time, auto, held bool)
	// renew adds a year, without being asked by us.
	renew(domain string)
	expire(domain string)
	redeem(domain string) // put it into redemption
	redeemed(domain string) bool
	release(domain string) // put it into pending delete
	remove(domain string)
	// paid counts the renewals and restores that we have paid for.
	paid(domain string) (renewals, restores int)
}

// The phases after an expiry at both registrars.
const (
	graceDays      = 60
	redemptionDays = 60
	pendingDays    = 5
)

// pass is what a day does to a domain. A domain that was restored and not renewed has its grace
// period once more.
func pass(r registry, domain string, now time.Time, since map[string]time.Time) {
	expires, auto, held := r.stands(domain)
	if !held || now.Before(expires) {
		delete(since, domain)
		return
	}
	if auto {
		r.renew(domain)
		return
	}
	from, known := since[domain]
	if !known {
		from = expires
		since[domain] = from
		r.expire(domain)
	}
	const whole = graceDays + redemptionDays
	switch days := int(now.Sub(from).Hours() / 24); {
	case days >= whole+pendingDays:
		r.remove(domain)
	case days >= whole:
		r.release(domain)
	case days >= graceDays && !r.redeemed(domain):
		if _, was := since["redeemed/"+domain]; was { // and was restored
			delete(since, "redeemed/"+domain)
			since[domain] = now
			r.expire(domain)
			return
		}
		since["redeemed/"+domain] = now
		r.redeem(domain)
	}
}

type netimRegistry struct{ *netim.Server }

func (r netimRegistry) put(domain string, expires time.Time, auto bool) {
	renews := "0"
	if auto {
		renews = "1"
	}
	r.AddRegistration(netim.Registration{
		Domain: domain, Owner: netimLogin, Created: expires.AddDate(-1, 0, 0), Expires: expires,
		NameServers: []string{"ns1.dns.example", "ns2.dns.example"}, Preferences: map[string]string{"auto_renew": renews},
	})
}

func (r netimRegistry) stands(domain string) (time.Time, bool, bool) {
	held, ok := r.Registration(domain)
	return held.Expires, held.Preferences["auto_renew"] == "1", ok
}

func (r netimRegistry) renew(domain string) {
	held, _ := r.Registration(domain)
	r.put(domain, held.Expires.AddDate(1, 0, 0), held.Preferences["auto_renew"] == "1")
}

func (r netimRegistry) expire(string) {} // its status follows from the date

func (r netimRegistry) redeem(domain string) { r.SetStatus(domain, netim.StatusQuarantine) }

func (r netimRegistry) redeemed(domain string) bool {
	return r.Status(domain) == netim.StatusQuarantine
}

func (r netimRegistry) release(domain string) { r.SetStatus(domain, netim.StatusDeleted) }

func (r netimRegistry) remove(domain string) { r.RemoveRegistration(domain) }

func (r netimRegistry) paid(domain string) (renewals, restores int) {
	effects := r.Effects(domain)
	return len(effects.Renewals), effects.Restorations
}

type realtimeRegistry struct{ *realtimeregister.Server }

func (r realtimeRegistry) put(domain string, expires time.Time, auto bool) {
	r.AddDomain(realtimeregister.Domain{
		Name: domain, Registrant: "old-contact", Created: expires.AddDate(-1, 0, 0), Expires: expires, AutoRenew: auto,
		Contacts:    map[string]string{"ADMIN": "old-contact", "TECH": "old-contact", "BILLING": "old-contact"},
		NameServers: []string{"ns1.dns.example", "ns2.dns.example"},
	})
}

func (r realtimeRegistry) stands(domain string) (time.Time, bool, bool) {
	held, ok := r.Domain(domain)
	return held.Expires, held.AutoRenew, ok
}

func (r realtimeRegistry) renew(domain string) {
	held, _ := r.Domain(domain)
	r.put(domain, held.Expires.AddDate(1, 0, 0), held.AutoRenew)
}

func (r realtimeRegistry) expire(domain string) { r.SetPhase(domain, realtimeregister.Expired) }

func (r realtimeRegistry) redeem(domain string) { r.SetPhase(domain, realtimeregister.Redemption) }

func (r realtimeRegistry) redeemed(domain string) bool { return r.Redeemable(domain) }

func (r realtimeRegistry) release(domain string) {
	r.SetPhase(domain, realtimeregister.PendingDelete)
}

func (r realtimeRegistry) remove(domain string) { r.RemoveDomain(domain) }

func (r realtimeRegistry) paid(domain string) (renewals, restores int) {
	return r.Count("renew", domain), r.Count("restore", domain)
}
