// Package registrars is the contract between the provisioning system and the companies that
// register domains. Each plug-in below this folder implements Registrar for one API; optional
// abilities are separate interfaces, which callers find by type assertion.
//
// # What every plug-in promises
//
// Concurrency: all methods are safe for concurrent use. A plug-in that needs a session shares
// one and opens a new one when it has ended.
//
// Context: a method returns soon after its context ends. A call that was cut short this way
// may have reached the registrar; its error then has ClassOutcomeUnknown.
//
// Money: only Submit may cost money or create something that cannot be undone. Submit sends
// its request at most once. It never repeats the request by itself, not even after an error
// that looks harmless, with one exception: a refusal that proves that no operation was created
// (an expired session) may be followed by one more try. It calls Request.Claim before each
// try, as its last act before the bytes leave; exchange.WithClaim does this for HTTP.
//
// Errors: every error a method returns is, or wraps, an *Error with a Class. The class, not
// the text, decides what happens next; see the table above Class. Errors hold no credentials
// and no personal data.
//
// Answers: a word, status or structure that the plug-in does not know becomes StatusUnknown or
// ClassOutcomeUnknown, never success and never failure.
package registrars

import (
	"context"
	"net/netip"
	"time"

	"domainprovisioning/domains"
)

// Registrar is the core that every plug-in implements.
type Registrar interface {
	// Describe names the plug-in and declares what it can do. It makes no call.
	Describe() Descriptor

	// Check asks whether the request can be served, before anything is spent: whether the name
	// can be had, whether the registrar sells its top-level domain, and whether period, name
	// servers and contacts follow its rules. For a request that cannot be served it returns an
	// error of ClassInvalid, ClassUnavailable or ClassRejected that names the field and the rule.
	// For an order that has just come (Request.Ordered) it returns all such errors, joined (see
	// Join), and asks nothing about the name of a request that is Nameless. Check changes
	// nothing and may be repeated freely.
	Check(ctx context.Context, request Request) error

	// Submit hands the request to the registrar, once. The caller has checked it with Check. The
	// answer is the operation: done, pending, failed, or of unknown status. An error of
	// ClassOutcomeUnknown means that the request may or may not have arrived; the caller must
	// look with Find before it submits again. Any other error promises that no operation exists.
	Submit(ctx context.Context, request Request) (Operation, error)

	// Operation reads the state of an operation by its reference. It may do what the registrar
	// waits for, if that costs nothing and may be repeated, such as the report of a restore.
	Operation(ctx context.Context, reference string) (Operation, error)

	// Find looks for what a request with an unknown outcome may have left behind: a pending
	// operation, or the changed domain itself. It changes nothing and may be repeated freely.
	Find(ctx context.Context, request Request) (Finding, error)

	// ReadDomain reads a domain of this account. For a name that the account does not hold it
	// returns an error of ClassNotFound.
	ReadDomain(ctx context.Context, name domains.Name) (Domain, error)
}

// ContactKeeper is for a registrar that keeps contacts as separate objects, which must exist
// before a request refers to them by handle. A registrar without it takes contacts inline.
type ContactKeeper interface {
	// FindContacts looks for contacts equal to these, reading the registrar's list only once. The
	// handles are in the order of the contacts; "" without an error means that there is none. A
	// contact that cannot be read is never taken for one of these: a second contact costs
	// nothing, and a wrong holder does.
	FindContacts(ctx context.Context, contacts []Contact) (handles []string, err error)
	// CreateContact creates the contact. It costs nothing, but a repeat after a lost answer
	// leaves an orphan, so callers look with FindContacts first.
	CreateContact(ctx context.Context, contact Contact) (handle string, err error)
}

// HostKeeper is for a registrar that registers name servers below a domain of the account,
// with their addresses. Such a host can exist only once the domain is in the account, and
// must exist before the domain is delegated to it. A registrar without it refuses a Request
// with Hosts (see Request.UnkeptHosts).
type HostKeeper interface {
	// FindHost looks for a host by its name: FoundObject with the addresses that the registrar
	// has, FoundOperation while it is being made, FoundNothing, or Unclear. It changes nothing.
	FindHost(ctx context.Context, name string) (HeldHost, error)
	// CreateHost makes a host, which costs nothing. The answer is StatusDone or StatusPending.
	// Callers look with FindHost first and after every error; a repeat makes no second host.
	CreateHost(ctx context.Context, host domains.Host) (Status, error)
}

// HeldHost is what FindHost has found.
type HeldHost struct {
	State     FindingState
	Addresses []netip.Addr // for FoundObject
}

// Canceller can withdraw a pending operation. The registrar may refuse, depending on the
// operation's progress; the error is then of ClassRejected.
type Canceller interface {
	Cancel(ctx context.Context, reference string) error
}

// Role is what a contact is to a domain.
type Role = domains.Role

// The four roles.
const (
	Owner   = domains.Owner
	Admin   = domains.Admin
	Tech    = domains.Tech
	Billing = domains.Billing
)

// Roles lists the roles, the owner first.
func Roles() []Role { return domains.Roles() }

// Contact is a contact in a role. Handle is the registrar's id for it where it
// keeps contacts; Details are always filled.
type Contact struct {
	Role    Role
	Handle  string
	Details domains.Contact
	// Extra holds the fields that a registry requires in addition to the common ones, by the
	// names that the order uses (such as R_ID for .com.au). They belong to Domain: a registrar
	// that keeps contacts may store them per domain.
	Extra  map[string]string
	Domain domains.Name
}

// Status is where an operation stands.
type Status string

// The statuses. StatusUnknown stands for every word that a plug-in does not know: as far as we
// can tell, the operation is still open.
const (
	StatusPending   Status = "pending"
	StatusDone      Status = "done"
	StatusFailed    Status = "failed"
	StatusCancelled Status = "cancelled"
	StatusUnknown   Status = "unknown"
)

// Final reports whether the registrar has finished with the operation. A failed operation can
// still become done: the registrar's support may restart it by hand.
func (s Status) Final() bool {
	return s == StatusDone || s == StatusFailed || s == StatusCancelled
}

// Operation is a piece of work at the registrar.
type Operation struct {
	// Reference is the registrar's id of the operation. It may be empty if the answer was final
	// at once.
	Reference string
	// Kind is "" for an operation of a kind that we never ask for.
	Kind Kind
	// Domain is zero when the operation is not about a domain.
	Domain domains.Name
	Status Status
	// Word is the status in the registrar's own words, for people.
	Word string
	// Reason is the registrar's text, for people; it is not to be logged, because
	// registrars quote contact data in it.
	Reason string
}

// Finding is the result of Find: a state, and the operation that Find saw, if any.
type Finding struct {
	State     FindingState
	Operation Operation // filled for FoundOperation; Reference may be "" for FoundObject
}

// FindingState is the kind of a Finding.
type FindingState string

// The findings. Unclear is an honest "cannot tell": the caller looks again later, and in the
// end asks a person; it never submits again.
const (
	FoundOperation FindingState = "operation" // a pending operation fits the request
	FoundObject    FindingState = "object"    // the domain itself shows that the request was carried out
	FoundNothing   FindingState = "nothing"   // the registrar was asked and has no trace of it
	Unclear        FindingState = "unclear"
)

// FoundIf is FoundObject when the domain shows that the request was carried out, and
// FoundNothing when it shows that it was not.
func FoundIf(carriedOut bool) FindingState {
	if carriedOut {
		return FoundObject
	}
	return FoundNothing
}

// Found is the Finding of a request that the domain shows to be carried out. The word is the
// evidence, in the registrar's terms.
func (r Request) Found(word string) Finding {
	return Finding{State: FoundObject, Operation: Operation{Kind: r.Kind, Domain: r.Domain, Status: StatusDone, Word: word}}
}

// FoundRenewed judges a renewal by the domain's date, which is zero if the registrar does not
// give it.
func (r Request) FoundRenewed(expires time.Time) FindingState {
	switch {
	case expires.IsZero():
		return Unclear
	case SameDay(expires, r.Expires):
		return FoundNothing
	case expires.After(r.Expires):
		return FoundObject
	}
	return Unclear
}

// Domain is a domain as the registrar holds it. Fields that the registrar does not give are
// zero.
type Domain struct {
	Name        domains.Name
	NameServers domains.NameServers
	// Handles are the ids of its contacts, if the registrar keeps contacts.
	Handles map[Role]string
	Created time.Time // UTC
	Expires time.Time // UTC
	// Settings are those that the registrar lets us read.
	Settings domains.Settings
	// Word is the status in the registrar's own words.
	Word string
	// Active says that the domain is registered and neither pending, failed,
	// deleted nor gone. An unknown word is not active.
	Active bool
	// Phase is where it is in its life at the registry. An unknown word is PhaseUnknown.
	Phase Phase
}
