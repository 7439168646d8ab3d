// Package objects is the model of a registry: domains, contacts, hosts, messages and the
// results of commands (RFC 5730 to 5733 and their extensions). It knows nothing of how they
// are written or carried: package frames writes them as XML, package session carries frames,
// and another transport could carry the same commands in another form.
package objects

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"domainprovisioning/domains"
)

// Domain is a domain as a registry shows it. All but the name may be missing: a registry shows
// less of a domain that another registrar sponsors, and thin ones have no contacts.
type Domain struct {
	Name, ROID  string
	Statuses    []string
	Registrant  string
	Contacts    []ContactRef
	NameServers []Host
	// Sponsor is the login of the registrar that has the domain.
	Sponsor string
	// UTC; zero: not told, or not readable.
	Created, Updated, Expires time.Time
	Grace                     []string // the statuses of RFC 3915
	// AuthInfo is shown to the sponsor alone, and not by every registry.
	AuthInfo domains.Secret
	DS       []domains.DS
	Keys     []domains.DNSKEY
	// UnreadableDNSSEC says that some of its keys or digests cannot be read.
	UnreadableDNSSEC bool
}

// Has reports whether the domain has a status.
func (d Domain) Has(status string) bool { return slices.Contains(d.Statuses, status) }

// In reports whether the domain is in a grace period of RFC 3915.
func (d Domain) In(grace string) bool { return slices.Contains(d.Grace, grace) }

// Contact returns the handle of a role; "" if there is none. The first one counts, because we
// give each role one contact.
func (d Domain) Contact(role string) string {
	for _, contact := range d.Contacts {
		if contact.Role == role {
			return contact.Handle
		}
	}
	return ""
}

// The statuses that matter here (RFC 5731, section 2.3).
const (
	OK                     = "ok"
	Inactive               = "inactive"
	PendingCreate          = "pendingCreate"
	PendingDelete          = "pendingDelete"
	PendingRenew           = "pendingRenew"
	PendingTransfer        = "pendingTransfer"
	PendingUpdate          = "pendingUpdate"
	ClientTransferProhibit = "clientTransferProhibited"
)

// Statuses lists every status of a domain that RFC 5731 knows. Another one is a new word.
func Statuses() []string {
	return []string{
		OK, Inactive, PendingCreate, PendingDelete, PendingRenew, PendingTransfer, PendingUpdate, ClientTransferProhibit,
		"clientDeleteProhibited", "clientHold", "clientRenewProhibited", "clientUpdateProhibited",
		"serverDeleteProhibited", "serverHold", "serverRenewProhibited", "serverTransferProhibited", "serverUpdateProhibited",
	}
}

// The grace periods of RFC 3915, section 3.1.
const (
	AddPeriod        = "addPeriod"
	AutoRenewPeriod  = "autoRenewPeriod"
	RenewPeriod      = "renewPeriod"
	TransferPeriod   = "transferPeriod"
	RedemptionPeriod = "redemptionPeriod"
	PendingRestore   = "pendingRestore"
	GraceDelete      = "pendingDelete"
)

// Graces lists every grace period of RFC 3915. Another one is a new word.
func Graces() []string {
	return []string{AddPeriod, AutoRenewPeriod, RenewPeriod, TransferPeriod, RedemptionPeriod, PendingRestore, GraceDelete}
}

// ContactRef is a contact of a domain in a role other than the holder.
type ContactRef struct{ Role, Handle string }

// Same compares roles and handles; registries write handles in either case.
func (c ContactRef) Same(other ContactRef) bool {
	return c.Role == other.Role && strings.EqualFold(c.Handle, other.Handle)
}

// The roles that a registry knows beside the registrant.
const (
	Admin   = "admin"
	Tech    = "tech"
	Billing = "billing"
)

// Contact is a contact object.
type Contact struct {
	Handle string
	// Postal is PostalInt or PostalLoc.
	Postal             string
	Name, Organisation string
	Streets            []string // at most three
	City, State        string
	PostalCode         string
	Country            string // ISO 3166-1 alpha-2
	Phone, Fax         Phone
	Email              string
	// Hidden asks the registry to disclose nothing of the contact.
	Hidden bool
	// Also is the same contact in the other form, where the registry keeps both.
	Also *Contact `json:",omitempty"`
	// Statuses and Sponsor are filled by a registry.
	Statuses []string
	Sponsor  string
}

// The forms of an address: PostalInt is of ASCII alone, PostalLoc of any letters.
const (
	PostalInt = "int"
	PostalLoc = "loc"
)

// Phone is a telephone number in the form +CC.NUMBER, with its extension.
type Phone struct{ Number, Extension string }

// Host is a name server, with its addresses where the registry keeps them.
type Host struct {
	Name      string
	Addresses []netip.Addr
}

// Transfer is how the newest transfer of a domain stands.
type Transfer struct {
	Domain, Status, Requester string
	Requested, Expires        time.Time
}

// The statuses of a transfer (RFC 5730, section 2.9.3.4).
const (
	TransferPending         = "pending"
	TransferClientApproved  = "clientApproved"
	TransferServerApproved  = "serverApproved"
	TransferClientRejected  = "clientRejected"
	TransferClientCancelled = "clientCancelled"
	TransferServerCancelled = "serverCancelled"
)

// Availability says whether an object can be created.
type Availability struct {
	Name   string
	Free   bool
	Reason string
}

// Fee is what a registry asks for a command (RFC 8748), in the decimal form of the registry.
type Fee struct {
	Domain, Command string
	Years           int
	Currency, Class string
	// Available is false if the registry does not tell, or does not sell it.
	Available bool
	// Amounts are the fees, Credits the negative amounts; both count.
	Amounts, Credits []string
}

// Message is a message of the registry's queue.
type Message struct {
	ID     string
	Count  int // messages in the queue, with this one
	Queued time.Time
	Text   string
	// Action is the end of a pending action, Transfer the news of a transfer, Change what another
	// has changed (RFC 8590), and Maintenance what is planned (RFC 9167). Nil: it is about
	// something else.
	Action      *Action
	Transfer    *Transfer
	Change      *Change
	Maintenance *Maintenance
	// Object is the kind of object that the message is about; "" if it is about none that we know.
	Object Object
	// Domain is the domain that the answer is about, if it is about one; also that of a notice about
	// a grace period, which is the domain itself.
	Domain string
	Grace  []string
}

// Object is a kind of object of a registry.
type Object string

// The objects.
const (
	ObjectDomain  Object = "domain"
	ObjectContact Object = "contact"
	ObjectHost    Object = "host"
)

// Action is the end of a pending action (panData).
type Action struct {
	Domain         string // "" if it is about a contact or a host
	Done           bool
	Client, Server string // the transaction that began it
}

// Change is what somebody else has changed (RFC 8590).
type Change struct{ Operation, Who, Reason string }

// Maintenance is a planned maintenance (RFC 9167).
type Maintenance struct {
	ID, Type   string
	Start, End time.Time
}
