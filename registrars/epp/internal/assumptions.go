// Package internal holds what the plug-in assumes where the RFCs leave something to the registry.
package internal

import "time"

// ShortestPoll is the shortest interval at which the queue may be read.
const ShortestPoll = time.Minute

// The waits after answers that should pass, of which the registry does not say when.
const (
	BusyWait     = 15 * time.Minute // a change or a transfer of the domain is under way
	SessionsWait = time.Minute      // as many sessions as it allows
)

// VisibleWithin is how long after its answer a registry may not show yet what it has accepted: until
// then, what does not show has not failed.
const VisibleWithin = 5 * time.Minute

// StandardClass is the class of a fee that is no premium price. RFC 8748, section 3.7, leaves the
// classes to the registry, and gives this one as the usual word.
const StandardClass = "standard"

// Assumptions lists what we infer because the RFCs leave it to the registry.
func Assumptions() []string {
	return []string{
		"what a registry has accepted shows within five minutes, as a status or as done",
		"after that, a pending action that shows in no status any more has ended, and the domain shows how",
		"a fee class other than `standard` is a premium price; a command that is listed without a fee is free",
		"a change of the registrant costs nothing, unless the registry or `prices` tells a price for update",
		"a transfer that is neither pending nor done was refused",
		"a deletion with the grace status redemptionPeriod or pendingDelete is carried out; one with the status pendingDelete alone is pending where the registry offers RFC 3915",
		"a domain in redemption was deleted when it was last updated, which a restore report says",
		"an id of a message is used for one message only",
		"internal failures (2400, 2500) prove nothing about what was carried out",
	}
}
