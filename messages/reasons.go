package messages

import "slices"

// Reason is why an order needs a person, as a code for lists, alarms and tests. What to do
// about each stands in docs/operating.md.
type Reason string

// Reasons to park: a step has met an error that no further try helps. All but the last are
// the class of that error. A retry runs the step again, once a person has put the cause right.
const (
	// ReasonInvalid: a rule is broken, by the plug-in's word or an outside system's. Cured where
	// the value stands: the order, the account, the plan.
	ReasonInvalid Reason = "invalid"
	// ReasonUnavailable: the registrar says that the name is taken. Cured with the customer.
	ReasonUnavailable Reason = "unavailable"
	// ReasonRejected: refused by policy, or for longer than a day for a reason that should have
	// passed. Cured at the registrar.
	ReasonRejected Reason = "rejected"
	// ReasonConflict: an id or a name belongs to somebody else in an outside system. Cured there,
	// or by a permission to take the name over.
	ReasonConflict Reason = "conflict"
	// ReasonAuth: a login or a right is refused. Cured in the configuration.
	ReasonAuth Reason = "auth"
	// ReasonBalance: the registrar account lacks funds. Cured by paying in.
	ReasonBalance Reason = "balance"
	// ReasonNotFound: what must exist in an outside system does not. Cured there.
	ReasonNotFound Reason = "not-found"
	// ReasonOutcomeUnknown: nobody can say whether a paid call took effect, for longer than a day.
	// Cured by looking at the registrar.
	ReasonOutcomeUnknown Reason = "outcome-unknown"
)

// RequestEnded is the reason to park an order whose request the registrar has ended without
// success: the kind of request, and "failed" or "cancelled". Cured by a retry, which submits
// the request anew, or by the registrar's support.
func RequestEnded(kind, how string) Reason { return Reason(kind + "-" + how) }

// Reasons that stop nothing: the order goes on by itself.
const (
	// ReasonDeadlinePassed: a request is pending for longer than the account's deadline. Cured by
	// the registrar; the wait goes on.
	ReasonDeadlinePassed Reason = "deadline-passed"
	// ReasonPerhapsPaidTwice: two submissions of one request have reached the registrar. Raised by
	// the ledger, cured by settling it.
	ReasonPerhapsPaidTwice Reason = PerhapsPaidTwice
)

// Trying is the reason of a call that has been tried again for long, by the class of its last
// error. It is gone with the first try that succeeds.
func Trying(class string) Reason { return Reason("trying: " + class) }

// Reasons that lie in the workflow itself: it does not go on, and cannot say so. The relay
// raises them when it compares open orders with Temporal.
const (
	// ReasonTerminated: by a person, in Temporal. Cured by placing the order again, or closing it.
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
	// ReasonUnserved: its call waits for a worker that nobody runs. Cured by one whose
	// configuration has the registrar account.
	ReasonUnserved Reason = "unserved"
	// ReasonForeign: another order's workflow runs under its id. Cured when that has ended.
	ReasonForeign Reason = "foreign"
)

// ParkingReasons lists the reasons that are the class of an error that no further try helps.
func ParkingReasons() []Reason {
	return []Reason{
		ReasonInvalid, ReasonUnavailable, ReasonRejected, ReasonConflict, ReasonAuth, ReasonBalance, ReasonNotFound, ReasonOutcomeUnknown,
	}
}

// StoppedReasons lists the reasons that lie in the workflow itself.
func StoppedReasons() []Reason {
	return []Reason{
		ReasonTerminated, ReasonDeleted, ReasonFailed, ReasonTimedOut, ReasonEnded, ReasonPaused, ReasonStuck, ReasonUnserved, ReasonForeign,
	}
}

// Reasons lists all that have a name of their own. Those of RequestEnded and Trying are made
// of kinds and classes.
func Reasons() []Reason {
	return slices.Concat(ParkingReasons(), []Reason{ReasonDeadlinePassed, ReasonPerhapsPaidTwice}, StoppedReasons())
}

// Source is who says that something has become of an operation.
type Source string

// The sources.
const (
	// FromWatch is the round that asks for all pending operations.
	FromWatch Source = "watch"
	// FromCallback is the registrar, over HTTP.
	FromCallback Source = "callback"
	// FromQueue is the registrar, by the queue of news that it keeps.
	FromQueue Source = "queue"
	// FromOperator is a person.
	FromOperator Source = "operator"
	// FromLedger is our own ledger of paid calls, and nobody else can use it. Its claims
	// PerhapsPaidTwice and Settled are believed: they are about the ledger and not about the
	// registrar.
	FromLedger Source = "ledger"
)

// What the ledger claims.
const (
	// PerhapsPaidTwice: two submissions of one request have reached the registrar. The
	// reference holds the numbers of both operations.
	PerhapsPaidTwice = "perhaps-paid-twice"
	// Settled: a person has settled that.
	Settled = "settled"
)
