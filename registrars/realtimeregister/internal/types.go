package internal

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// headerProcess is the header with the number of a process.
const headerProcess = "X-Process-Id"

// IsID reports whether a text is a number such as processes and notifications have.
func IsID(text string) bool {
	id, err := strconv.ParseInt(text, 10, 64)
	return err == nil && id > 0 && strconv.FormatInt(id, 10) == text
}

// Path joins the parts of a path and escapes each.
func Path(parts ...string) string {
	escaped := make([]string, len(parts))
	for i, part := range parts {
		escaped[i] = url.PathEscape(part)
	}
	return strings.Join(escaped, "/")
}

// Date reads a Timestamp. For anything else it returns the zero time.
func Date(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// Billable is a charge. When sent back as an acknowledgement, it has no amounts.
type Billable struct {
	Product  string `json:"product"`
	Action   string `json:"action"`
	Quantity int    `json:"quantity"`
}

// Quote is what a call would cost, in cents.
type Quote struct {
	Currency  string     `json:"currency"`
	Total     int64      `json:"total"`
	Billables []Billable `json:"billables"`
}

// ContactRef is a contact in a role.
type ContactRef struct {
	Role   string `json:"role"`
	Handle string `json:"handle"`
}

// Host is a host with its addresses; a list of them replaces all.
type Host struct {
	Addresses []HostAddress `json:"addresses"`
}

// HostAddress is an address of a host.
type HostAddress struct {
	Version string `json:"ipVersion"` // IPv4 or IPv6
	Address string `json:"address"`
}

// The versions of addresses.
const (
	IPv4 = "V4"
	IPv6 = "V6"
)

// Zone is the member zone of a domain.
type Zone struct {
	Template string `json:"template"`
	DNSSEC   bool   `json:"dnssec"`
}

// KeyData is a DNSKEY.
type KeyData struct {
	Protocol  int    `json:"protocol"`
	Flags     int    `json:"flags"`
	Algorithm int    `json:"algorithm"`
	PublicKey string `json:"publicKey"`
}

// DSData is a DS record.
type DSData struct {
	KeyTag     int    `json:"keyTag"`
	Algorithm  int    `json:"algorithm"`
	DigestType int    `json:"digestType"`
	Digest     string `json:"digest"`
}

// Domain is a domain as the API returns it.
type Domain struct {
	DomainName     string       `json:"domainName"`
	Registrant     string       `json:"registrant"`
	PrivacyProtect *bool        `json:"privacyProtect"`
	AutoRenew      *bool        `json:"autoRenew"`
	Status         []string     `json:"status"`
	CreatedDate    string       `json:"createdDate"`
	ExpiryDate     string       `json:"expiryDate"`
	Premium        bool         `json:"premium"`
	NS             []string     `json:"ns"`
	Zone           *Zone        `json:"zone"`
	Contacts       []ContactRef `json:"contacts"`
	KeyData        []KeyData    `json:"keyData"`
	DSData         []DSData     `json:"dsData"`
}

// Check is the answer to an availability check.
type Check struct {
	Available *bool  `json:"available"`
	Reason    string `json:"reason"`
	Premium   bool   `json:"premium"`
	// Currency and Price, in cents, are those of a premium name.
	Currency string `json:"currency"`
	Price    *int64 `json:"price"`
}

// ListPrice is a line of the price list, in cents.
type ListPrice struct {
	Product  string `json:"product"`
	Action   string `json:"action"`
	Currency string `json:"currency"`
	Price    *int64 `json:"price"`
}

// Transfer is the result of a transfer, and its present state.
type Transfer struct {
	DomainName string      `json:"domainName"`
	Status     string      `json:"status"`
	Type       string      `json:"type"`
	ProcessID  json.Number `json:"processId"`
}

// Process is one process.
type Process struct {
	ID           json.Number                `json:"id"`
	Status       string                     `json:"status"`
	StatusDetail string                     `json:"statusDetail"`
	ResumeTypes  []string                   `json:"resumeTypes"`
	Type         string                     `json:"type"`
	Action       string                     `json:"action"`
	Identifier   string                     `json:"identifier"`
	Command      map[string]json.RawMessage `json:"command"`
	Error        struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	} `json:"error"`
}

// ProcessList is a page of processes.
type ProcessList struct {
	Entities   []Process `json:"entities"`
	Pagination struct {
		Total *int `json:"total"`
	} `json:"pagination"`
}

// Account is what is left in one currency, in cents.
type Account struct {
	Currency    string `json:"currency"`
	Balance     *int64 `json:"balance"`
	Reservation int64  `json:"reservation"`
}

// Contact is a contact, as sent and as read.
type Contact struct {
	Name         string   `json:"name"`
	Organization string   `json:"organization,omitempty"`
	AddressLine  []string `json:"addressLine"`
	PostalCode   string   `json:"postalCode"`
	City         string   `json:"city"`
	State        string   `json:"state,omitempty"`
	Country      string   `json:"country"`
	Email        string   `json:"email"`
	Voice        string   `json:"voice"`
	Fax          string   `json:"fax,omitempty"`
}

// KeptContact is a contact with its properties by registry.
type KeptContact struct {
	Contact
	Properties map[string]map[string]string `json:"properties"`
}

// Notification is a piece of news. Its members are read one by one, so that an
// unexpected one does not spoil the others.
type Notification struct {
	ID, Process                          json.Number
	ProcessType, ProcessIdentifier       string
	DomainName, EventType, SubjectStatus string
}

// ReadNotification reads the readable members; ok is false if there is not even an
// id.
func ReadNotification(document []byte) (n Notification, ok bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(document, &members) != nil {
		return n, false
	}
	for name, target := range map[string]any{
		"id": &n.ID, "process": &n.Process, "processType": &n.ProcessType, "processIdentifier": &n.ProcessIdentifier,
		"domainName": &n.DomainName, "eventType": &n.EventType, "subjectStatus": &n.SubjectStatus,
	} {
		// A member of an unexpected type is left out.
		_ = json.Unmarshal(members[name], target)
	}
	return n, IsID(n.ID.String())
}
