package messages

import (
	"cmp"
	"slices"
	"time"
)

// LifeState says where a domain is in its life.
type LifeState string

// The states. Those from renew-grace to pending-delete are told by the registrar, or follow from
// the periods that the registrar or the configuration names; what nobody tells is unknown.
const (
	LifeNew           LifeState = "new"            // nobody has looked yet
	LifeActive        LifeState = "active"         // registered, and not expired
	LifeRenewGrace    LifeState = "renew-grace"    // expired, and can still be renewed
	LifeRedemption    LifeState = "redemption"     // deleted, and can be restored
	LifePendingDelete LifeState = "pending-delete" // nothing helps any more
	LifeUnknown       LifeState = "unknown"        // expired, or not active, and nobody tells in which phase
	LifeMissing       LifeState = "missing"        // the registrar account does not have it, and nobody has said why
	LifeGone          LifeState = "gone"           // its registration has ended
	LifeTransferred   LifeState = "transferred-away"
)

// LifeStates lists every state.
func LifeStates() []LifeState {
	return []LifeState{
		LifeNew, LifeActive, LifeRenewGrace, LifeRedemption, LifePendingDelete, LifeUnknown, LifeMissing, LifeGone, LifeTransferred,
	}
}

// Ended reports whether a domain has left for good.
func (s LifeState) Ended() bool { return s == LifeGone || s == LifeTransferred }

// Expired reports whether the registration may have run out while the domain may still be kept; an
// unknown state says so only of a domain whose date has passed.
func (s LifeState) Expired() bool {
	return s == LifeRenewGrace || s == LifeRedemption || s == LifePendingDelete || s == LifeUnknown
}

// RenewalMode says who renews a domain.
type RenewalMode string

// The modes.
const (
	// RenewalByRegistrar: the registrar renews it by itself, as its account is set.
	RenewalByRegistrar RenewalMode = "registrar"
	// RenewalByUs: an order is placed before it expires.
	RenewalByUs RenewalMode = "us"
	// RenewalByNobody: it expires, unless an order system or a person orders a renewal.
	RenewalByNobody RenewalMode = "none"
)

// RenewalModes lists every mode.
func RenewalModes() []RenewalMode {
	return []RenewalMode{RenewalByRegistrar, RenewalByUs, RenewalByNobody}
}

// Valid reports whether it is a mode.
func (m RenewalMode) Valid() bool { return slices.Contains(RenewalModes(), m) }

// Look is the signal that something about a domain may have changed: its life reads it again.
type Look struct {
	// Why is shown to people: an order that has ended, a difference that was found.
	Why string `json:"why,omitempty"`
}

// LookAgain is the signal Look.
func LookAgain() Signal[Look] { return Signal[Look]{Name: "look"} }

// ChangeRenewal is a person's command that a domain is renewed in another way from now on. It
// changes nothing at the registrar: whether that renews by itself is a setting of the domain there.
type ChangeRenewal struct {
	Mode   RenewalMode `json:"mode"` // us or none
	Actor  string      `json:"actor"`
	Reason string      `json:"reason"`

	Sent
}

// MarkLeft is a person's statement that a domain has left for good, of one that the registrar
// account does not have.
type MarkLeft struct {
	// State is LifeTransferred or LifeGone; "" is LifeTransferred.
	State  LifeState `json:"state,omitempty"`
	Actor  string    `json:"actor"`
	Reason string    `json:"reason"`

	Sent
}

// As is the state that a domain has left in.
func (m MarkLeft) As() LifeState { return cmp.Or(m.State, LifeTransferred) }

// ChangeRenewalMode is the update ChangeRenewal.
func ChangeRenewalMode() Update[ChangeRenewal, Life] {
	return Update[ChangeRenewal, Life]{Name: "change-renewal"}
}

// MarkDomainLeft is the update MarkLeft. It ends the life.
func MarkDomainLeft() Update[MarkLeft, Life] {
	return Update[MarkLeft, Life]{Name: "mark-left"}
}

// ReadLife is the query for how a domain stands.
func ReadLife() Query[Life] { return Query[Life]{Name: "life"} }

// Life is how a domain stands, as its workflow knows it. It holds no personal data.
type Life struct {
	Domain  string      `json:"domain"`
	State   LifeState   `json:"state"`
	Since   time.Time   `json:"since"`
	Expires time.Time   `json:"expires,omitzero"` // UTC; zero if the registrar does not tell
	Renewal RenewalMode `json:"renewal"`
	// Next is what happens at NextAt.
	Next   string    `json:"next,omitempty"`
	NextAt time.Time `json:"nextAt,omitzero"`
	// Attention says why a person is needed; "" if none is.
	Attention LifeReason `json:"attention,omitempty"`
}

// Renewed reports whether a domain that was to expire on one date has been renewed, by the date that
// is told now. Registrars tell one date in different time zones.
func Renewed(before, now time.Time) bool { return now.After(before.Add(7 * 24 * time.Hour)) }

// LifeReason says why a domain needs a person.
type LifeReason string

// The reasons.
const (
	// NotRenewed: it expires soon or has expired, and its renewal is not carried out.
	NotRenewed LifeReason = "not-renewed"
	// RenewalBlocked: an open order of another kind keeps its renewal from being placed.
	RenewalBlocked LifeReason = "renewal-blocked"
	// RenewalRefused: its renewal was refused when it was ordered.
	RenewalRefused LifeReason = "renewal-refused"
	// HasExpired: nobody has renewed it.
	HasExpired LifeReason = "expired"
	// NoDate: it is to be renewed by us, and the registrar does not tell when it expires.
	NoDate LifeReason = "no-date"
	// NotRead: the registrar has not told for a while how the domain stands.
	NotRead LifeReason = "not-read"
	// NotInAccount: the registrar account does not have it: transferred away, or deleted.
	NotInAccount LifeReason = "missing"
)

// NotRenewed reports whether the domain needs a person because its renewal was not carried out.
func (r LifeReason) NotRenewed() bool {
	return r == NotRenewed || r == RenewalBlocked || r == RenewalRefused || r == HasExpired
}

// LifeReasons lists every reason.
func LifeReasons() []LifeReason {
	return []LifeReason{NotRenewed, RenewalBlocked, RenewalRefused, HasExpired, NoDate, NotRead, NotInAccount}
}

// Held is a domain as the registrar had it when we last changed or accepted it: what it is
// compared with from then on. Nil pointers and empty fields are what the registrar does not tell.
type Held struct {
	NameServers []string `json:"nameServers,omitempty"`
	Owner       string   `json:"owner,omitempty"` // the registrar's id of the owner's contact
	Lock        *bool    `json:"lock,omitempty"`
	Privacy     *bool    `json:"privacy,omitempty"`
	Signed      *bool    `json:"signed,omitempty"`
	AutoRenewal *bool    `json:"autoRenewal,omitempty"`
}
