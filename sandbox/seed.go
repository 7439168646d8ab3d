package main

import (
	"time"

	"domainprovisioning/sandbox/standin/netim"
)

// What the example orders find in place: the customer that they are for, domains
// that they change, and one that they bring over from elsewhere.
const (
	seededAccount     = 500100
	seededTransfer    = "moving.example"
	seededTransferKey = "TRANSFER-KEY-1"
)

func seededDomains() []string {
	return []string{"renewed.example", "sold.example", "delegated.example", "managed.example", "secured.example"}
}

// seed puts it there.
func (w *world) seed(now time.Time) {
	w.operations.AddExistingAccount(seededAccount)
	created := now.AddDate(0, -11, 0).UTC().Truncate(24 * time.Hour)
	for _, name := range seededDomains() {
		w.netim.AddRegistration(netim.Registration{
			Domain: name, Created: created, Expires: created.AddDate(1, 0, 0),
			NameServers: []string{"ns1.dns.example", "ns2.dns.example"},
		})
	}
	w.netim.AddTaken(seededTransfer, seededTransferKey)
}
