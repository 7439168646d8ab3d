package messages

import "slices"

// Reason says why an order needs a person, as a code for lists, alarms and tests.
// docs/operating.md says what to do about each of them.
type Reason string

// Reasons to park an order: a step has failed with an error that no further try helps. The
// reason is the class of that error. A retry runs the step again after a person has
// corrected the cause.
const (
	// ReasonInvalid: a value breaks a rule of a plug-in or of an outside system. Cured where the
	// value comes from: the order, the account or the plan.
	ReasonInvalid Reason = "invalid"
	// ReasonUnavailable: the registrar says that the name is taken. Cured by agreeing on another with the customer.
	ReasonUnavailable Reason = "unavailable"
	// ReasonRejected: refused by policy, or for more than a day for a reason that should have
	// passed. Cured at the system that refused.
	ReasonRejected Reason = "rejected"
	// ReasonConflict: an id or a name belongs to somebody else in an outside system. Cured there,
	// or by a permission to take the name over.
	ReasonConflict Reason = "conflict"
	// ReasonAuth: a login or a right is refused. Cured in the configuration.
	ReasonAuth Reason = "auth"
	// ReasonBalance: the registrar account lacks funds. Cured by paying in.
	ReasonBalance Reason = "balance"
	// ReasonPrice: the registrar's price is above what the plan allows, or is not the one that was
	// accepted. Cured by accepting it, by another limit in the plan for later orders, or not at all.
	ReasonPrice Reason = "price"
	// ReasonNotFound: something that must exist in an outside system does not. Cured there.
	ReasonNotFound Reason = "not-found"
	// ReasonOutcomeUnknown: for more than a day nobody could tell whether a paid call took
	// effect. Cured by looking at the registrar.
	ReasonOutcomeUnknown Reason = "outcome-unknown"
)

// RequestEnded is the reason to park an order whose request the registrar has failed or
// cancelled: the kind of the request followed by "failed" or "cancelled". Cured by a retry,
// which submits a new request, or by the registrar's support.
func RequestEnded(kind, how string) Reason { return Reason(kind + "-" + how) }

// Reasons that do not stop the order.
const (
	// ReasonDeadlinePassed: a request has been pending for longer than the account's deadline.
	// Cured by the registrar; the order goes on waiting.
	ReasonDeadlinePassed Reason = "deadline-passed"
	// ReasonPerhapsPaidTwice: two submissions of one request may have reached the registrar.
	// Raised by the ledger, cured by settling it.
	ReasonPerhapsPaidTwice Reason = PerhapsPaidTwice
)

// Trying is the reason for a call that has been failing for a long time, by the class of its
// last error. It ends when a try succeeds.
func Trying(class string) Reason { return Reason("trying: " + class) }

// Reasons in the workflow itself, which does not go on and cannot say so. The relay raises
// them when it compares open orders with Temporal.
const (
	// ReasonTerminated: a person has terminated the workflow in Temporal. Cured by placing the
	// order again, or by closing it.
	ReasonTerminated Reason = "terminated"
	// ReasonDeleted: Temporal has no run of it. Cured like a terminated one.
	ReasonDeleted Reason = "deleted"
	// ReasonFailed: the run has failed without recording that. Cured like a terminated one.
	ReasonFailed Reason = "failed"
	// ReasonTimedOut: the run had been given a time-out. Cured like a terminated one.
	ReasonTimedOut Reason = "timed-out"
	// ReasonEnded: the run has ended without recording that. Cured by closing the order.
	ReasonEnded Reason = "ended"
	// ReasonPaused: the workflow, or its call, is paused in Temporal. Cured there.
	ReasonPaused Reason = "paused"
	// ReasonStuck: no worker can go on with it. Cured by one whose version and keys fit.
	ReasonStuck Reason = "stuck"
	// ReasonUnserved: it waits for a worker that nobody runs. Cured by one whose configuration has
	// the registrar account, and whose build is current.
	ReasonUnserved Reason = "unserved"
	// ReasonForeign: another order's workflow runs under its id. Cured when that has ended.
	ReasonForeign Reason = "foreign"
)

// ParkingReasons lists the reasons to park an order that are error classes.
func ParkingReasons() []Reason {
	return []Reason{
		ReasonInvalid, ReasonUnavailable, ReasonRejected, ReasonConflict, ReasonAuth, ReasonBalance, ReasonPrice, ReasonNotFound, ReasonOutcomeUnknown,
	}
}

// StoppedReasons lists the reasons in the workflow itself.
func StoppedReasons() []Reason {
	return []Reason{
		ReasonTerminated, ReasonDeleted, ReasonFailed, ReasonTimedOut, ReasonEnded, ReasonPaused, ReasonStuck, ReasonUnserved, ReasonForeign,
	}
}

// Reasons lists all constant reasons. Those of RequestEnded and Trying are composed of kinds
// and classes.
func Reasons() []Reason {
	return slices.Concat(ParkingReasons(), []Reason{ReasonDeadlinePassed, ReasonPerhapsPaidTwice}, StoppedReasons())
}

// Source says where a confirmation comes from.
type Source string

// The sources.
const (
	// FromWatch is a round of the watch, which reads all pending operations.
	FromWatch Source = "watch"
	// FromCallback is a callback of the registrar over HTTP.
	FromCallback Source = "callback"
	// FromQueue is the registrar's queue of news.
	FromQueue Source = "queue"
	// FromOperator is a person.
	FromOperator Source = "operator"
	// FromLedger is our own ledger of paid calls; nobody else can use this source. Its claims
	// PerhapsPaidTwice and Settled are believed, because they are about the ledger and not
	// about the registrar.
	FromLedger Source = "ledger"
)

// The claims of the ledger.
const (
	// PerhapsPaidTwice: two submissions of one request may have reached the registrar. The
	// reference holds the numbers of both operations.
	PerhapsPaidTwice = "perhaps-paid-twice"
	// Settled: a person has settled such a case.
	Settled = "settled"
)
