package objects

import (
	"context"
	"time"

	"domainprovisioning/domains"
)

// Command is one command to a registry: one of the types below.
type Command interface {
	about() (call string, changes bool)
}

// CallOf is the name by which errors, logs and figures know a command.
func CallOf(command Command) string {
	call, _ := command.about()
	return call
}

// Changes reports whether a command changes anything.
func Changes(command Command) bool {
	_, changes := command.about()
	return changes
}

// Transaction is one command with what belongs to its sending.
type Transaction struct {
	Command Command
	// ID is our id of it, 3 to 64 characters; "" for one that nobody asks for.
	ID string
	// Claim, if not nil, is asked when nothing but the write is left to do.
	Claim func(context.Context) error
}

// Offers is what a registry offers beside domains.
type Offers struct {
	Contacts, Hosts bool // objects of their own
	DNSSEC, Grace   bool // RFC 5910 and RFC 3915
	Fees, Launch    bool // RFC 8748 and RFC 8334
	// OtherFees says that prices are told in a way that we do not know: a draft of RFC 8748.
	OtherFees bool
}

// Greeting is how a registry introduces itself: its name, its languages, and the URIs of what it
// offers, by whether we use it.
type Greeting struct {
	Server                  string
	Languages, Used, Unused []string
}

// CheckDomains asks whether names can be registered and, with Fees, what commands cost.
type CheckDomains struct {
	Names []string
	Fees  []FeeQuestion
	// Phase is the launch phase that is asked about; "" is general availability.
	Phase string
}

// FeeQuestion asks what a command costs. Years is 0 for one without a period.
type FeeQuestion struct {
	Command string
	Years   int
}

// The commands that cost something, as RFC 8748 names them.
const (
	FeeCreate   = "create"
	FeeRenew    = "renew"
	FeeTransfer = "transfer"
	FeeRestore  = "restore"
)

// Paying is what a command is made for: its currency and its amount in decimal form.
type Paying struct{ Currency, Amount string }

// InfoDomain reads a domain.
type InfoDomain struct{ Name string }

// CreateDomain registers a name.
type CreateDomain struct {
	Name        string
	Years       int
	NameServers []Host
	// AsAttributes writes name servers as attributes of the domain, not as objects.
	AsAttributes bool
	Registrant   string
	Contacts     []ContactRef
	AuthInfo     domains.Secret
	Phase        string
	Pays         *Paying
}

// RenewDomain adds years to a domain that expires on a day.
type RenewDomain struct {
	Name    string
	Expires time.Time
	Years   int
	Pays    *Paying
}

// TransferDomain requests a transfer, reads how it stands, or withdraws it.
type TransferDomain struct {
	Name     string
	Op       string
	AuthInfo domains.Secret
	Pays     *Paying
}

// The operations of TransferDomain.
const (
	TransferRequest = "request"
	TransferQuery   = "query"
	TransferCancel  = "cancel"
)

// DeleteDomain deletes a domain.
type DeleteDomain struct{ Name string }

// UpdateDomain changes a domain. What is not given stays.
type UpdateDomain struct {
	Name         string
	Add, Remove  Part
	AsAttributes bool
	Registrant   string
	AuthInfo     domains.Secret
	DNSSEC       *DNSSEC
	Restore      *Restore
	Pays         *Paying
}

// Part is what an update adds or removes.
type Part struct {
	NameServers []Host
	Contacts    []ContactRef
	Statuses    []string
}

// Empty reports whether there is nothing to add or remove.
func (p Part) Empty() bool { return len(p.NameServers)+len(p.Contacts)+len(p.Statuses) == 0 }

// DNSSEC is the change of a delegation's signature (RFC 5910). Either DS or Keys are used.
type DNSSEC struct {
	RemoveAll bool
	DS        []domains.DS
	Keys      []domains.DNSKEY
}

// Restore takes a domain out of redemption (RFC 3915): the request, or its report.
type Restore struct{ Report *Report }

// Report is the report of a restore.
type Report struct {
	Before, After     string
	Deleted, Restored time.Time
	Reason            string
	Statements        []string // two
}

// CheckContacts asks which handles are free.
type CheckContacts struct{ Handles []string }

// InfoContact reads a contact.
type InfoContact struct{ Handle string }

// CreateContact creates a contact.
type CreateContact struct {
	Contact  Contact
	AuthInfo domains.Secret
}

// CheckHosts asks which host names are free.
type CheckHosts struct{ Names []string }

// InfoHost reads a host.
type InfoHost struct{ Name string }

// CreateHost creates a host.
type CreateHost struct{ Host Host }

// Poll reads the oldest message of the queue.
type Poll struct{}

// Acknowledge removes a message from the queue.
type Acknowledge struct{ ID string }

func (CheckDomains) about() (string, bool) { return "domain:check", false }
func (InfoDomain) about() (string, bool)   { return "domain:info", false }
func (CreateDomain) about() (string, bool) { return "domain:create", true }
func (RenewDomain) about() (string, bool)  { return "domain:renew", true }
func (t TransferDomain) about() (string, bool) {
	if t.Op == TransferRequest {
		return "domain:transfer", true
	}
	return "domain:transfer/" + t.Op, t.Op != TransferQuery
}
func (DeleteDomain) about() (string, bool) { return "domain:delete", true }
func (u UpdateDomain) about() (string, bool) { //nolint:unparam // as all of them
	switch {
	case u.Restore == nil:
		return "domain:update", true
	case u.Restore.Report == nil:
		return "domain:restore", true
	}
	return "domain:restore/report", true
}
func (CheckContacts) about() (string, bool) { return "contact:check", false }
func (InfoContact) about() (string, bool)   { return "contact:info", false }
func (CreateContact) about() (string, bool) { return "contact:create", true }
func (CheckHosts) about() (string, bool)    { return "host:check", false }
func (InfoHost) about() (string, bool)      { return "host:info", false }
func (CreateHost) about() (string, bool)    { return "host:create", true }
func (Poll) about() (string, bool)          { return "poll", false }

// An acknowledgement may be repeated.
func (Acknowledge) about() (string, bool) { return "poll/ack", false }
