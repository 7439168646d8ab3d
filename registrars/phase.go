package registrars

import (
	"context"
	"time"
)

// Phase is where a domain is in its life at the registry.
type Phase string

// The phases. PhaseUnknown stands for a registrar that does not tell, and for every word that a
// plug-in does not know: nothing may be concluded from it.
const (
	PhaseUnknown Phase = ""
	// PhaseActive is that of a domain within the period that is paid for.
	PhaseActive Phase = "active"
	// PhaseRenewGrace is that of a domain that has expired, or was renewed automatically, and
	// can still be renewed.
	PhaseRenewGrace Phase = "renew-grace"
	// PhaseRedemption is that of a deleted domain that can be restored (see Restore).
	PhaseRedemption Phase = "redemption"
	// PhasePendingDelete is that of a domain that nothing brings back.
	PhasePendingDelete Phase = "pending-delete"
)

// Phases says how long the phases last under a registry suffix. Of each duration, nil means that
// it is not known, and 0 that there is none. Units are already resolved: what a registrar
// gives in a unit that is not certain is nil.
type Phases struct {
	// AddGrace is for how long a registration can be given back without being paid for.
	AddGrace *time.Duration
	// RenewGrace is for how long after its expiry a domain can be renewed at the ordinary price.
	RenewGrace *time.Duration
	// Redemption is for how long a deleted domain can be restored, and PendingDelete how long
	// it is still held after that.
	Redemption, PendingDelete *time.Duration
	// EarliestRenewal is how long before its expiry a domain can be renewed at the earliest.
	EarliestRenewal *time.Duration
	// RestoreIncludesRenewal says whether a restore adds a year; nil means that it is not
	// known. Without it the date may have passed, and a renewal is a request of its own.
	RestoreIncludesRenewal *bool
}

// PhaseTeller is for a registrar that knows how long the phases of a registry last. Asking
// changes nothing and may be repeated freely.
type PhaseTeller interface {
	// Phases returns what the registrar says of a registry suffix, such as "com.au". Its error
	// is of ClassRejected for a suffix that is not sold.
	Phases(ctx context.Context, tld string) (Phases, error)
}

// FoundRestored judges a restore by the domain's phase: in redemption nothing was done, and a
// domain that can be renewed was taken out of it.
func FoundRestored(phase Phase) FindingState {
	switch phase {
	case PhaseRedemption:
		return FoundNothing
	case PhaseActive, PhaseRenewGrace:
		return FoundObject
	}
	return Unclear
}

// Unrestorable refuses a restore of a domain that is not in redemption, whose status is word.
func (r Request) Unrestorable(phase Phase, word string) *Broken {
	switch phase {
	case PhaseRedemption:
		return nil
	case PhaseUnknown:
		if word == "" {
			word = "none"
		}
		return &Broken{"domain", "must be in redemption, and the registrar does not say that it is (status " + word + ")"}
	case PhasePendingDelete:
		return &Broken{"domain", "must be in redemption, and is about to be released: it cannot be restored any more"}
	}
	return &Broken{"domain", "must be in redemption, and is " + map[Phase]string{PhaseActive: "registered", PhaseRenewGrace: "expired or renewed automatically: order a renewal"}[phase]}
}
