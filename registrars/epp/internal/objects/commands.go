package objects

import (
	"context"
	"time"

	"domainprovisioning/domains"
)

// Command is one command to a registry. Each has a method Call, the name by which errors, logs
// and figures know it, and Changes, which says whether it changes anything.
type Command interface {
	Call() string
	Changes() bool
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

func (CheckDomains) Call() string { return "domain:check" }
func (InfoDomain) Call() string   { return "domain:info" }
func (CreateDomain) Call() string { return "domain:create" }
func (RenewDomain) Call() string  { return "domain:renew" }
func (t TransferDomain) Call() string {
	if t.Op == TransferRequest {
		return "domain:transfer"
	}
	return "domain:transfer/" + t.Op
}
func (DeleteDomain) Call() string { return "domain:delete" }
func (u UpdateDomain) Call() string {
	switch {
	case u.Restore == nil:
		return "domain:update"
	case u.Restore.Report == nil:
		return "domain:restore"
	}
	return "domain:restore/report"
}
func (CheckContacts) Call() string { return "contact:check" }
func (InfoContact) Call() string   { return "contact:info" }
func (CreateContact) Call() string { return "contact:create" }
func (CheckHosts) Call() string    { return "host:check" }
func (InfoHost) Call() string      { return "host:info" }
func (CreateHost) Call() string    { return "host:create" }
func (Poll) Call() string          { return "poll" }
func (Acknowledge) Call() string   { return "poll/ack" }

func (CheckDomains) Changes() bool     { return false }
func (InfoDomain) Changes() bool       { return false }
func (CreateDomain) Changes() bool     { return true }
func (RenewDomain) Changes() bool      { return true }
func (t TransferDomain) Changes() bool { return t.Op != TransferQuery }
func (DeleteDomain) Changes() bool     { return true }
func (UpdateDomain) Changes() bool     { return true }
func (CheckContacts) Changes() bool    { return false }
func (InfoContact) Changes() bool      { return false }
func (CreateContact) Changes() bool    { return true }
func (CheckHosts) Changes() bool       { return false }
func (InfoHost) Changes() bool         { return false }
func (CreateHost) Changes() bool       { return true }
func (Poll) Changes() bool             { return false }

// Changes is false: an acknowledgement may be repeated.
func (Acknowledge) Changes() bool { return false }
