package registrars

import (
	"slices"
	"time"
)

// Descriptor says who a plug-in is and what it can do. The capability matrix in
// docs/registrars.md is generated from it.
type Descriptor struct {
	// Name is the plug-in's short name, such as "netim": lower case, fixed, the
	// prefix of its errors and the value of `plugin` in the configuration.
	Name string
	// Title is the registrar's name for people.
	Title string
	// Kinds lists the kinds of request that Submit serves.
	Kinds []Kind
	// Synchronous says that an answer to Submit is final: nothing is ever pending,
	// and Operation has nothing to ask for.
	Synchronous bool
	// ShortestPoll is the smallest interval at which the registrar wants to be
	// asked for pending operations; an account with a shorter watch_every is refused.
	// Zero: there is nothing to ask for.
	ShortestPoll time.Duration
	// Reads says where ReadDomain and Find look.
	Reads Reading
	// RenewalGuard says how a renewal is kept from happening twice.
	RenewalGuard Guard
	// Duplicates says what a second request does while the first is under way, in the
	// registrar's documentation; "not known" where it is silent.
	Duplicates string
	// DomainPassword says that each domain has a password of its own, which every
	// request needs.
	DomainPassword bool
	// OwnersApart says that the contact of an owner is an object of its own: the same
	// person as owner and in another role is two contacts.
	OwnersApart bool
	// Sessions is how many sessions an account may hold at a time; zero means that
	// there are none. A process uses one at the most; see the interface Sessions.
	Sessions int
	// Assumptions names what rests on inference and not on the registrar's
	// documentation.
	Assumptions []string
}

// Serves reports whether the plug-in takes requests of the kind.
func (d Descriptor) Serves(kind Kind) bool { return slices.Contains(d.Kinds, kind) }

// Reading says where the state of a domain is read.
type Reading string

// The places. ReadsOutside is RDAP and DNS: what the registrar does not tell, the
// registry does.
const (
	ReadsRegistrar Reading = "registrar"
	ReadsOutside   Reading = "outside"
)

// Guard says how a renewal is kept from happening twice.
type Guard string

// The guards.
const (
	GuardNative   Guard = "native"   // the registrar takes the expected expiry date
	GuardCompared Guard = "compared" // the plug-in compares expiry dates before and after
	GuardNone     Guard = "none"     // renewals are not served
)
