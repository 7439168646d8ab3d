package activities

import (
	"time"

	"domainprovisioning/messages"
	"domainprovisioning/registrars"
)

// ReadLifeInput names a domain.
type ReadLifeInput struct {
	Domain string `json:"domain"`
	// Paced says that the life goes by a calendar of its own.
	Paced bool `json:"paced,omitempty"`
}

// ReadLifeResult is what we know of a domain.
type ReadLifeResult struct {
	// Held is false for a domain that is not held any more: its life is over.
	Held      bool                 `json:"held"`
	Registrar string               `json:"registrar,omitempty"` // the account that holds it
	Round     int64                `json:"round,omitempty"`     // how often it was brought
	TLD       string               `json:"tld,omitempty"`
	Renewal   messages.RenewalMode `json:"renewal,omitempty"` // what is intended
	Policy    LifePolicy           `json:"policy,omitzero"`
	// Renews is the open order that renews the domain; "" without one. Parked says why that needs
	// a person.
	Renews string          `json:"renews,omitempty"`
	Parked messages.Reason `json:"parked,omitempty"`
	// Known is what an earlier run of the life has recorded.
	Known KnownLife `json:"known,omitzero"`
}

// KnownLife is what is recorded of a domain.
type KnownLife struct {
	State   messages.LifeState `json:"state,omitempty"`
	Since   time.Time          `json:"since,omitzero"`
	Expires time.Time          `json:"expires,omitzero"`
	Read    bool               `json:"read,omitempty"` // the registrar was read before
}

// LifePolicy is what the configuration says of the lives of domains.
type LifePolicy struct {
	// RenewBefore is how long before its expiry a domain is renewed, and AttentionBefore how long
	// before it a person is needed if that is not carried out.
	RenewBefore     time.Duration `json:"renewBefore"`
	AttentionBefore time.Duration `json:"attentionBefore"`
	// Remind are the days before the expiry on which those who listen are told.
	Remind []int `json:"remind,omitempty"`
	// Phases are those of the domain's suffix where its registrar does not tell them.
	Phases LifePhases `json:"phases,omitzero"`
}

// LifePhases says how long the phases after the expiry last; nil is not known.
type LifePhases struct {
	RenewGrace    *time.Duration `json:"renewGrace,omitempty"`
	Redemption    *time.Duration `json:"redemption,omitempty"`
	PendingDelete *time.Duration `json:"pendingDelete,omitempty"`
}

// Or fills what is not known from another source.
func (p LifePhases) Or(other LifePhases) LifePhases {
	for _, each := range []struct{ to, from **time.Duration }{
		{&p.RenewGrace, &other.RenewGrace}, {&p.Redemption, &other.Redemption}, {&p.PendingDelete, &other.PendingDelete},
	} {
		if *each.to == nil {
			*each.to = *each.from
		}
	}
	return p
}

// ReadHoldingInput names a domain at a registrar account.
type ReadHoldingInput struct {
	Registrar string `json:"registrar"`
	Domain    string `json:"domain"`
	TLD       string `json:"tld,omitempty"`
}

// ReadHoldingResult is a domain as the registrar has it.
type ReadHoldingResult struct {
	// Found is false if the account does not have the domain. Hidden says that the registrar cannot
	// be asked: nothing was read, and nothing may be concluded.
	Found   bool             `json:"found,omitempty"`
	Hidden  bool             `json:"hidden,omitempty"`
	Active  bool             `json:"active,omitempty"`
	Word    string           `json:"word,omitempty"`
	Expires time.Time        `json:"expires,omitzero"`
	Phase   registrars.Phase `json:"phase,omitempty"`
	Phases  LifePhases       `json:"phases,omitzero"`
	Held    messages.Held    `json:"held,omitzero"`
}

// RecordLifeInput is how a domain stands.
type RecordLifeInput struct {
	Domain    string               `json:"domain"`
	Registrar string               `json:"registrar"`
	Round     int64                `json:"round"`
	State     messages.LifeState   `json:"state"`
	Since     time.Time            `json:"since"`
	Word      string               `json:"word,omitempty"`
	Expires   time.Time            `json:"expires,omitzero"`
	Renewal   messages.RenewalMode `json:"renewal"`
	Next      string               `json:"next,omitempty"`
	// NextAt is by Temporal's clock, also for a life that goes by a calendar of its own.
	NextAt    time.Time           `json:"nextAt,omitzero"`
	Attention messages.LifeReason `json:"attention,omitempty"`
	// Held is the domain as the registrar was read; nil says that it was not.
	Held   *messages.Held `json:"held,omitempty"`
	Remind []int          `json:"remind,omitempty"`
}

// RecordLifeResult is empty.
type RecordLifeResult struct{}

// PlaceRenewalInput asks for the renewal of a domain.
type PlaceRenewalInput struct {
	Domain  string    `json:"domain"`
	Expires time.Time `json:"expires"` // UTC, before the renewal
}

// RenewalOutcome says what became of a renewal that was to be placed.
type RenewalOutcome string

// The outcomes.
const (
	RenewalPlaced  RenewalOutcome = "placed"  // its order is open
	RenewalOver    RenewalOutcome = "over"    // its order has ended
	RenewalBlocked RenewalOutcome = "blocked" // an open order of another kind keeps it from being placed
	RenewalRefused RenewalOutcome = "refused" // nothing was stored
	RenewalUnpaid  RenewalOutcome = "unpaid"  // the customer's hosting is terminated, so it is not wanted
)

// PlaceRenewalResult says what became of it. Detail is for people, without personal data.
type PlaceRenewalResult struct {
	Outcome RenewalOutcome  `json:"outcome"`
	Order   string          `json:"order,omitempty"`
	Detail  string          `json:"detail,omitempty"`
	Parked  messages.Reason `json:"parked,omitempty"` // why the order needs a person
}

// RecordRenewalInput is a person's command about who renews a domain.
type RecordRenewalInput struct {
	Domain  string                 `json:"domain"`
	Command messages.ChangeRenewal `json:"command"`
	// Source is unique to the command.
	Source string `json:"source"`
}

// RecordLeftInput is a person's statement that a domain has left for good.
type RecordLeftInput struct {
	Domain    string            `json:"domain"`
	Round     int64             `json:"round"`
	Registrar string            `json:"registrar"`
	At        time.Time         `json:"at"`
	Command   messages.MarkLeft `json:"command"`
	Source    string            `json:"source"`
}
