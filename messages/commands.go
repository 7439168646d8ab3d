package messages

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Action is something that a person can do about an order. What Attention.Actions lists is
// accepted, and what it does not list is refused with the reason.
type Action string

// The actions. Each but ActionConfirm, ActionSettle, ActionResume and ActionClose is an
// update of the workflow, or a choice that goes with the update retry.
const (
	ActionRetry   Action = "retry"   // try the step again, after the cause was corrected elsewhere
	ActionAmend   Action = "amend"   // replace what the order said, and try again
	ActionCancel  Action = "cancel"  // give the order up, and take back what it made
	ActionExtend  Action = "extend"  // wait longer before a person is told
	ActionSkip    Action = "skip"    // leave the step out
	ActionConfirm Action = "confirm" // tell the order to ask the registrar
	// ActionConfirmByHand: state what the registrar has done, where it cannot be asked.
	ActionConfirmByHand Action = "confirm-by-hand"
	// ActionTakeOver and the next two are choices that go with a retry.
	ActionTakeOver     Action = "take-over"     // Retry.AllowTakeover
	ActionNothingThere Action = "nothing-there" // Retry.NothingThere
	ActionAcceptPrice  Action = "accept-price"  // Retry.AcceptPrice
	// ActionSettle: say how a request that may have been paid twice was cleared up.
	ActionSettle Action = "settle"
	// ActionResume and ActionClose are for an order whose workflow does not run.
	ActionResume Action = "resume" // start it again, by retry
	ActionClose  Action = "close"  // give it up as it is
)

// Actions lists every action.
func Actions() []Action {
	return []Action{
		ActionRetry, ActionAmend, ActionCancel, ActionExtend, ActionSkip, ActionConfirm, ActionConfirmByHand,
		ActionTakeOver, ActionNothingThere, ActionAcceptPrice, ActionSettle, ActionResume, ActionClose,
	}
}

// Sent is what the desk adds to a command.
type Sent struct {
	// Recorded: the desk has recorded the command as an act.
	Recorded bool `json:"recorded,omitempty"`
	// NotAfter is when the workflow begins to refuse the command; zero sets no limit. Temporal
	// keeps an update that no worker answers, and hands it to the first one that comes: without a
	// limit it would be carried out when whoever gave it has long done something else.
	NotAfter time.Time `json:"notAfter,omitzero"`
}

// LastsUntil returns NotAfter.
func (s Sent) LastsUntil() time.Time { return s.NotAfter }

// CommandLasts is how long after it was given a command may be carried out.
const CommandLasts = 5 * time.Minute

// Retry is a person's command to go on after the cause of a permanent error was corrected.
type Retry struct {
	Actor  string `json:"actor"`
	Reason string `json:"reason"`
	// AllowTakeover permits step 11 to replace a domain of another account. The
	// person has checked that the other account has lost the name.
	AllowTakeover bool `json:"allowTakeover,omitempty"`
	// NothingThere permits submitting a request again whose outcome the registrar cannot
	// tell. The person has looked there and has found nothing of it.
	NothingThere bool `json:"nothingThere,omitempty"`
	// AcceptPrice is the registrar's price that the person accepts, such as "250.00EUR", for an
	// order that is parked for ReasonPrice. The request is made at exactly this price.
	AcceptPrice string `json:"acceptPrice,omitempty"`

	Sent
}

// Amend is a person's command to go on with a corrected order. The corrected data are in the
// store, sealed, under the number of the revision: the command holds none.
type Amend struct {
	Actor    string `json:"actor"`
	Reason   string `json:"reason"`
	Revision int    `json:"revision"`
	// Base is the revision that was amended.
	Base int `json:"base,omitempty"`
	// Changes names what differs from the revision that the order has now.
	Changes []Change `json:"changes"`

	Sent
}

// Change is a part of an order that an amendment replaces.
type Change string

// The changes. Each is possible until the step that uses it has been done.
const (
	ChangeCustomer        Change = "customer"        // data of the new customer
	ChangeContacts        Change = "contacts"        // of the domain
	ChangeTransferKey     Change = "transferKey"     //
	ChangeParameters      Change = "parameters"      // that the registrar or the services need
	ChangeNameServers     Change = "nameServers"     //
	ChangeYears           Change = "years"           //
	ChangeLanguage        Change = "language"        //
	ChangeExpires         Change = "expires"         // the expected expiry date
	ChangeSettings        Change = "settings"        //
	ChangePriceLimit      Change = "priceLimit"      // of the plan
	ChangeDomainTemplate  Change = "domainTemplate"  // of the plan
	ChangeHostingTemplate Change = "hostingTemplate" // of the plan
	ChangeBilling         Change = "billing"         // the plan's values for Billing
)

// Changes lists every change.
func Changes() []Change {
	return []Change{
		ChangeCustomer, ChangeContacts, ChangeTransferKey, ChangeParameters, ChangeNameServers, ChangeYears, ChangeLanguage,
		ChangeExpires, ChangeSettings, ChangePriceLimit, ChangeDomainTemplate, ChangeHostingTemplate, ChangeBilling,
	}
}

// Cancel is a person's command to give the order up. What it made is taken back, in reverse
// order and as far as that is possible.
type Cancel struct {
	Actor  string `json:"actor"`
	Reason string `json:"reason"`
	// Keep leaves everything as it is, and only lists it.
	Keep bool `json:"keep,omitempty"`
	// DeleteRegistration deletes a registration that the registrar has confirmed, as long as it
	// can be given back. Otherwise it is kept.
	DeleteRegistration bool `json:"deleteRegistration,omitempty"`

	Sent
}

// Extend is a person's command to wait longer for the registrar before a person is told.
type Extend struct {
	Actor  string    `json:"actor"`
	Reason string    `json:"reason"`
	Until  time.Time `json:"until"`

	Sent
}

// MostExtended is how far ahead Extend.Until may be.
const MostExtended = 366 * 24 * time.Hour

// Skip is a person's command to leave out the step that the order is at.
type Skip struct {
	Actor  string `json:"actor"`
	Reason string `json:"reason"`
	// Step is the number of the step that is meant, so that a late command hits no other.
	Step int `json:"step"`
	// BillingDomainID is the id under which the person has recorded the domain in Billing; for
	// that step only, which needs it.
	BillingDomainID int `json:"billingDomainId,omitempty"`

	Sent
}

// ConfirmByHand is a person's statement of what the registrar has done about a request, where
// the registrar cannot be asked or its answer stays unclear.
type ConfirmByHand struct {
	Actor string `json:"actor"`
	// Reason is the evidence: who at the registrar has said it, or what was seen there.
	Reason string `json:"reason"`
	// Outcome is done or refused.
	Outcome Outcome `json:"outcome"`
	// Expires is when the domain expires, if that is known.
	Expires time.Time `json:"expires,omitzero"`

	Sent
}

// Outcome is what a person says has become of a request.
type Outcome string

// The outcomes.
const (
	OutcomeDone    Outcome = "done"
	OutcomeRefused Outcome = "refused"
)

// Outcomes lists every outcome.
func Outcomes() []Outcome { return []Outcome{OutcomeDone, OutcomeRefused} }

// Answer says what happens after a command.
type Answer struct {
	// Step is the number of the step that the order is at.
	Step int `json:"step"`
	// Next says what happens now, for people.
	Next string `json:"next"`
}

// The updates that carry the commands. The result of each is an Answer.

// RetryStep carries a Retry.
func RetryStep() Update[Retry, Answer] { return Update[Retry, Answer]{Name: string(ActionRetry)} }

// AmendOrder carries an Amend.
func AmendOrder() Update[Amend, Answer] { return Update[Amend, Answer]{Name: string(ActionAmend)} }

// CancelOrder carries a Cancel.
func CancelOrder() Update[Cancel, Answer] {
	return Update[Cancel, Answer]{Name: string(ActionCancel)}
}

// ExtendDeadline carries an Extend.
func ExtendDeadline() Update[Extend, Answer] {
	return Update[Extend, Answer]{Name: string(ActionExtend)}
}

// SkipStep carries a Skip.
func SkipStep() Update[Skip, Answer] { return Update[Skip, Answer]{Name: string(ActionSkip)} }

// ConfirmRequestByHand carries a ConfirmByHand.
func ConfirmRequestByHand() Update[ConfirmByHand, Answer] {
	return Update[ConfirmByHand, Answer]{Name: string(ActionConfirmByHand)}
}

// MostActor and MostReason limit the texts of a command, in bytes.
const (
	MostActor  = 100
	MostReason = 1000
)

// CheckBy checks who gives a command and why, as the validator of every command does.
func CheckBy(actor, reason string) error {
	switch {
	case strings.TrimSpace(actor) == "":
		return errors.New("actor is missing: say who gives the command")
	case strings.TrimSpace(reason) == "":
		return errors.New("reason is missing: say why, for the record")
	case len(actor) > MostActor || len(reason) > MostReason:
		return fmt.Errorf("actor takes at most %d bytes and reason at most %d", MostActor, MostReason)
	}
	return nil
}

// ReadUndo is the query for what a cancellation would do, or has done.
func ReadUndo() Query[[]UndoLine] { return Query[[]UndoLine]{Name: "undo"} }

// UndoLine is one thing that a cancelled order made, and what becomes of it.
type UndoLine struct {
	// Title names it, with its id.
	Title string    `json:"title"`
	State UndoState `json:"state"`
	// Note says why it is kept, or what a person has to do. It holds no personal data.
	Note string `json:"note,omitempty"`
}

// UndoState is what becomes of a thing.
type UndoState string

// The states.
const (
	UndoPlanned  UndoState = "planned"   // it is to be taken back
	UndoRunning  UndoState = "running"   //
	UndoDone     UndoState = "undone"    // it is gone
	UndoKept     UndoState = "kept"      // it stays, and the note says why
	UndoCouldNot UndoState = "could-not" // a person has to take it back
	UndoNothing  UndoState = "nothing"   // it was not there
)

// UndoStates lists every state.
func UndoStates() []UndoState {
	return []UndoState{UndoPlanned, UndoRunning, UndoDone, UndoKept, UndoCouldNot, UndoNothing}
}

// PastAttention is a reason why a person was needed, and how that ended.
type PastAttention struct {
	Step   int       `json:"step"`
	Reason Reason    `json:"reason"`
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until"`
	// Cure says how it ended, such as "retry by jane: paid in".
	Cure string `json:"cure"`
}

// NotAllowed is the sentence that refuses an action, and says what is allowed instead.
func NotAllowed(action Action, why string, allowed []Action) string {
	sentence := fmt.Sprintf("%s is not allowed now: %s", action, why)
	if len(allowed) == 0 {
		return sentence
	}
	words := make([]string, len(allowed))
	for n, one := range allowed {
		words[n] = string(one)
	}
	return sentence + ". Allowed: " + strings.Join(words, ", ")
}

// CommandLine is the command that does an action about an order, for people.
func CommandLine(action Action, order string) string {
	const reason = ` --reason "..."`
	switch action {
	case ActionTakeOver:
		return "starter retry " + order + " --take-over" + reason
	case ActionNothingThere:
		return "starter retry " + order + " --nothing-there" + reason
	case ActionAcceptPrice:
		return "starter retry " + order + " --accept-price 0.00EUR" + reason
	case ActionResume:
		return "starter retry " + order + reason
	case ActionAmend:
		return "starter amend " + order + " correction.json" + reason
	case ActionExtend:
		return "starter extend " + order + " 72h" + reason
	case ActionConfirm:
		return "starter confirm " + order
	case ActionConfirmByHand:
		return "starter confirm " + order + " --by-hand done" + reason
	case ActionSettle:
		return "starter operations settle ID" + reason
	default: // retry, cancel, skip, close
		return "starter " + string(action) + " " + order + reason
	}
}
