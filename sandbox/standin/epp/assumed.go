package epp

import "time"

// Assumptions (docs/protocols/epp.md, section 5): what RFC 5730 to 5734 and the extensions leave to
// the server, or leave open.
//
// Codes:
//   - the syntax of a frame is judged before the order of commands, that before services and
//     extensions, and these before what a command says;
//   - a wrong curExpDate is 2306; a renewal beyond ten years 2105; a period of no whole years or of
//     more than ten 2004; a transfer that adds other than one year 2306;
//   - an update that changes nothing at all: 2003; empty parts beside others are no fault;
//   - what is not there cannot be removed and what is there not be added: 2306, and for records of
//     DNSSEC that are removed 2303; statuses that begin with "server" are not for a client: 2306;
//   - name servers as objects where the server has attributes, and the reverse: 2306; a host without
//     a needed address 2003, one with an address that is not needed 2306; an address that others
//     cannot reach 2306;
//   - a name outside our zones, or not directly below one: not available, and 2306 when created;
//   - a service or an extension that the login has not named: 2307 and 2103; an extension that does
//     not belong to the command: 2103; one that is there twice: 2306;
//   - a currency other than EUR: 2004, also in a check; a fee above the price is no fault, and the
//     price is taken; a premium name without the fee extension: 2003;
//   - a query of a transfer by who has no part in it: 2201; of one that never was: 2301;
//   - a new password that is too short: 2306, and the old one stays;
//   - loginSec with a password where pw is not its placeholder: 2306, and the reverse 2003;
//   - only the message at the head of the queue can be acknowledged; another one is 2303;
//   - a change that the registry refuses at once for reasons of its own: 2308;
//   - maxSigLife and urgent are 2102.
//
// Behaviour:
//   - a registrar that does not sponsor a domain, and has no authInfo of it, gets name, roid and clID;
//   - a status clientUpdateProhibited is removed only by an update that changes nothing but statuses;
//   - while one change of a domain is pending, every other one is 2304;
//   - money is taken when a change is accepted, and given back if it fails or is cancelled;
//   - renData of a renewal that is pending has the date as it is;
//   - a domain younger than five days is gone at once when it is deleted, with what it cost given
//     back; an older one is in redemption for thirty days and then pendingDelete for five, like in
//     generic top-level domains; it can be restored in the first time only, which does not renew it;
//   - a transfer leaves contacts, hosts and authInfo as they were, and adds a year up to ten from now;
//   - registrant and contacts may be absent; authInfo must have a password that is not empty;
//   - three wrong passwords end the connection;
//   - the form of the messages' texts, and that of maintenance, for which no schema was at hand.
const (
	serverID       = "Registry stand-in"
	otherRegistrar = "registrar2"
	otherContact   = "R2-CONTACT"
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
