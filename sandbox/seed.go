package main

import (
	"time"

	"domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/sandbox/standin/realtimeregister"
)

// What the example orders need: the customer that they are for, domains that they change,
// and one that they transfer from elsewhere.
const (
	seededAccount     = 500100
	seededTransfer    = "moving.example"
	seededTransferKey = "TRANSFER-KEY-1"
	redeemed          = "redeemed" // of three top-level domains: it has expired and can be restored

	realtimeTransfer    = "moving.async"
	realtimeTransferKey = "TRANSFER-KEY-2"
	realtimeTemplate    = "template-7"

	eppTransfer    = "moving.later"
	eppTransferKey = "TRANSFER-KEY-4"
)

func seededDomains() []string {
	return []string{"renewed.example", "sold.example", "delegated.example", "managed.example", "secured.example", "adopted.example", redeemed + ".example"}
}

// seed creates all of this.
func (w *world) seed(now time.Time) {
	w.operations.AddExistingAccount(seededAccount)
	created := now.AddDate(0, -11, 0).UTC().Truncate(24 * time.Hour)
	for _, name := range seededDomains() {
		w.netim.AddRegistration(netim.Registration{
			Domain: name, Owner: netimLogin, Created: created, Expires: created.AddDate(1, 0, 0),
			NameServers: []string{"ns1.dns.example", "ns2.dns.example"},
		})
	}
	w.netim.Expire(redeemed + ".example")
	w.netim.SetStatus(redeemed+".example", netim.StatusQuarantine)
	w.netim.AddTaken(seededTransfer, seededTransferKey)
	w.seedRealtime(created)
	w.seedEPP(created)
}

// seedRealtime creates the same at Realtime Register. One domain has its zone there, so
// that it can be signed and filled from a template.
func (w *world) seedRealtime(created time.Time) {
	w.realtime.AddContact("old-contact")
	w.realtime.AddTemplate(realtimeTemplate)
	for _, name := range []string{"renewed.async", "sold.async", "managed.async", "delegated.sync", "secured.sync", "adopted.async", redeemed + ".async"} {
		w.realtime.AddDomain(realtimeregister.Domain{
			Name: name, Registrant: "old-contact", Created: created, Expires: created.AddDate(1, 0, 0),
			Contacts:    map[string]string{"ADMIN": "old-contact", "TECH": "old-contact", "BILLING": "old-contact"},
			NameServers: []string{"ns1.dns.example", "ns2.dns.example"}, Zone: name == "secured.sync",
		})
	}
	w.realtime.AddElsewhere(realtimeTransfer, realtimeTransferKey, false)
	w.realtime.SetPhase(redeemed+".async", realtimeregister.Expired)
	w.realtime.SetPhase(redeemed+".async", realtimeregister.Redemption)
}
