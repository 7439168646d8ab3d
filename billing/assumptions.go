package billing

import (
	"strconv"
	"time"

	"domainprovisioning/wire/xmlrpc"
)

// This file holds what no public document settles (docs/protocols/billing.md,
// sections 11 and 12). If a live server disagrees, change it here.

// NoParent is sent as ParentID if the domain subscription has no hosting parent.
// Order items use the same value.
const NoParent = -1

// noNameServer is sent for an unused third or fourth name server, because
// positions are fixed.
const noNameServer = xmlrpc.Untyped("")

// DefaultMaxConcurrent stays within 20 % of the daemon's threads. Their number is
// not known; this assumes at least 20.
const DefaultMaxConcurrent = 4

// feeOnWire writes a Double as a <double> with two decimals. Replies hold
// floating- point numbers; no public request with a Double is known.
func feeOnWire(fee Fee) any { return xmlrpc.Fixed2(fee) }

// strDate writes a date of type Str as Unix time, in decimal digits in a string.
func strDate(t time.Time) any { return xmlrpc.Untyped(strconv.FormatInt(t.Unix(), 10)) }

// intDate writes a date of type Int as Unix time in a 32-bit int. Such dates end
// on 19 January 2038; validation refuses later ones.
func intDate(t time.Time) any { return t.Unix() }

// ExpirationDate returns start plus a number of years, in UTC, to the second; see Months. Status,
// service status and both dates are those of the new domain subscription, although the page
// describes them as the parent's.
func ExpirationDate(start time.Time, years int) time.Time { return Months(start, 12*years) }

// StartDate returns when a period of whole years began that ends on a day, or the day before: none
// ends on 29 February that began in a year without one.
func StartDate(end time.Time, years int) time.Time { return Months(end, -12*years) }

// Months returns start plus a number of months, which may be negative, in UTC. The server's
// arithmetic is not known; a day that the month lacks becomes its last one, so that no period is
// longer than was paid for.
func Months(start time.Time, months int) time.Time {
	start = start.UTC()
	end := start.AddDate(0, months, 0)
	if end.Day() != start.Day() {
		end = end.AddDate(0, 0, -end.Day())
	}
	return end
}

// statusRegistered is the DomainInfo.Status of a name that is taken: another
// DomainSubscrWithIDAdd_API is expected to fail then, and with any other status
// to add the name again (known only for the sister method).
const statusRegistered = "Registered"

// statusCancelled is the DomainInfo.Status of a name that has ended (documented).
const statusCancelled = "Cancelled"

// rules classify a fault by its decoded text, in lower case, because the fault
// codes are not known. It is not known either how a repeated subscription id is
// refused: the last rule is by analogy with Operations.
var rules = []struct {
	text string
	kind Kind
}{
	{"does not contain row with id", KindNotFound},
	{"is already used", KindAlreadyUsed},
	{"already exist", KindAlreadyUsed},
}
