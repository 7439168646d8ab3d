package billing

import (
	"strconv"
	"time"

	"domainprovisioning/wire/xmlrpc"
)

// This file holds what no public statement settles (docs/protocols/billing.md,
// sections 11 and 12). When a live server disagrees, this is the place to change.

// NoParent is sent as ParentID when the domain subscription has no hosting
// parent, as order items do.
const NoParent = -1

// noNameServer is sent for the unused third and fourth name server: positions
// are fixed, so something must be there.
const noNameServer = xmlrpc.Untyped("")

// DefaultMaxConcurrent keeps below 20 % of the daemon's threads. Their number is
// not known; this assumes at least 20.
const DefaultMaxConcurrent = 4

// feeOnWire: a Double is a <double> with two decimals. Replies hold floating-
// point numbers; no public request with a Double is known.
func feeOnWire(fee Fee) any { return xmlrpc.Fixed2(fee) }

// strDate: a date of type Str is Unix time in decimal digits in a string.
func strDate(t time.Time) any { return xmlrpc.Untyped(strconv.FormatInt(t.Unix(), 10)) }

// intDate: a date of type Int is Unix time as a 32-bit int, so it ends on 19
// January 2038; validation refuses later ones.
func intDate(t time.Time) any { return t.Unix() }

// ExpirationDate returns start plus a number of years, in UTC, to the second.
// The server's arithmetic is not known; 29 February becomes 28 February in a
// year without one, so that no period runs longer than it was paid for. Status,
// service status and both dates are those of the new domain subscription,
// although the page words them as the parent's.
func ExpirationDate(start time.Time, years int) time.Time {
	start = start.UTC()
	end := start.AddDate(years, 0, 0)
	if end.Day() != start.Day() {
		end = end.AddDate(0, 0, -end.Day())
	}
	return end
}

// statusRegistered is the text of DomainInfo.Status at which a name counts as
// taken: a further DomainSubscrWithIDAdd_API is expected to fail, and in any
// other status to add the name again (known for the sister method only).
const statusRegistered = "Registered"

// rules classify a fault by its decoded text, in lower case, because the fault
// codes are not known. How the repetition of a subscription id is refused is not
// known either: the last rule is by analogy with Operations.
var rules = []struct {
	text string
	kind Kind
}{
	{"does not contain row with id", KindNotFound},
	{"is already used", KindAlreadyUsed},
	{"already exist", KindAlreadyUsed},
}
