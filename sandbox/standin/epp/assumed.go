package epp

import "time"

// Assumptions (docs/protocols/epp.md, section 5), which no RFC confirms: what RFC 5730 to 5734
// and the extensions leave to the server.
const (
	serverID       = "Registry stand-in"
	otherRegistrar = "registrar2"
	roidSuffix     = "STANDIN"
	unknownCode    = 1999 // for faults.UnknownStatus
	mostFailures   = 3    // logins with a wrong password before the connection ends
	mostYears      = 10
	mostServers    = 13
	mostLabel      = 63
	moneyUnit      = "EUR"

	defaultPrice   = 10_00
	defaultRestore = 40_00
	defaultPremium = "premium"
	standardClass  = "standard"

	addGrace       = 5 * 24 * time.Hour
	renewGrace     = 5 * 24 * time.Hour
	transferGrace  = 5 * 24 * time.Hour
	autoRenewGrace = 45 * 24 * time.Hour
	redemption     = 30 * 24 * time.Hour
	afterwards     = 5 * 24 * time.Hour // pendingDelete after redemption
)
