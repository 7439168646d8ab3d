package registrars

import (
	"slices"
	"time"
)

// Descriptor names a plug-in and says what it can do. The capability matrix in
// docs/registrars.md is generated from it.
type Descriptor struct {
	// Name is the plug-in's short name, such as "netim": lower case, fixed, the
	// prefix of its errors and the value of `plugin` in the configuration.
	Name string
	// Title is the registrar's name for people.
	Title string
	// Kinds lists the kinds of request that Submit serves.
	Kinds []Kind
	// Synchronous says that the answer to Submit is final: nothing is ever pending,
	// so Operation has nothing to read.
	Synchronous bool
	// ShortestPoll is the shortest interval at which pending operations may be
	// polled; an account with a shorter watch_every is refused. Zero means that there
	// is nothing to poll.
	ShortestPoll time.Duration
	// Reads says where ReadDomain and Find look.
	Reads        Reading
	RenewalGuard Guard
	// Duplicates says what a second request does while the first is in progress,
	// according to the registrar's documentation; "not known" if that is silent.
	Duplicates string
	// Prices says that the registrar tells what a request costs before it is made, so that
	// Check and Submit can keep to Request.PriceLimit.
	Prices bool
	// TakesAuthCodes says that the auth code of a domain is made by us: Request.NewAuthCode.
	TakesAuthCodes bool
	// BareTransfers says that a transfer brings the domain as it is. Its contacts and name servers
	// are set by requests of their own, when the domain is here: an OwnerChange, a ContactChange and
	// a NameServerChange, which Kinds must have. Check gets the contacts and name servers with the
	// transfer too, and with the later requests as soon as an order comes; see Request.Nameless.
	// The NameServerChange says how the zone there is signed (Settings.DNSSEC), and sets that too.
	BareTransfers bool
	// DomainPassword says that each domain has its own password, which every request
	// needs.
	DomainPassword bool
	// OwnersApart says that owner contacts are separate objects: a person who is the
	// owner and has another role too needs two contacts.
	OwnersApart bool
	// Sessions is how many sessions an account may hold at a time; zero means that
	// the registrar has no sessions. A process uses at most one; see the interface
	// Sessions.
	Sessions int
	// Assumptions lists what we infer because the registrar's documentation does not
	// say it.
	Assumptions []string
}

// Serves reports whether the plug-in takes requests of the kind.
func (d Descriptor) Serves(kind Kind) bool { return slices.Contains(d.Kinds, kind) }

// Adopts reports whether a domain that the account holds already can be brought under a
// customer. That needs ReadDomain to ask the registrar: RDAP and DNS show that a name is
// registered, but not in whose account.
func (d Descriptor) Adopts() bool { return d.Reads == ReadsRegistrar }

// Reading says where ReadDomain and Find read the state of a domain.
type Reading string

// The places. ReadsOutside means RDAP and DNS: the registry tells what the
// registrar does not.
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
