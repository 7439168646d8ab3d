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
	Currency string `json:"currency"`
	// Total is nil if the quote does not say it: that is no price of 0.
	Total     *int64     `json:"total"`
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

// UnmarshalJSON implements json.Unmarshaler.
func (a *HostAddress) UnmarshalJSON(raw []byte) error {
	*a = HostAddress{}
	_, err := lenient(raw, a)
	return err
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
	// Odd are the members of which nothing is known.
	Odd Odd `json:"-"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (d *Domain) UnmarshalJSON(raw []byte) (err error) {
	*d = Domain{}
	d.Odd, err = lenient(raw, d)
	return err
}

// DomainList is a page of domains.
type DomainList struct {
	// Domains has every item of the page; one that is no object is empty.
	Domains []Domain
}

// UnmarshalJSON implements json.Unmarshaler.
func (l *DomainList) UnmarshalJSON(raw []byte) error {
	*l = DomainList{}
	return entities(raw, func(domain Domain) { l.Domains = append(l.Domains, domain) })
}

// Check is the answer to an availability check.
type Check struct {
	Available *bool  `json:"available"`
	Reason    string `json:"reason"`
	Premium   bool   `json:"premium"`
	// Currency and Price, in cents, are those of a premium name.
	Currency string `json:"currency"`
	Price    *int64 `json:"price"`
	// Odd are the members of which nothing is known.
	Odd Odd `json:"-"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *Check) UnmarshalJSON(raw []byte) (err error) {
	*c = Check{}
	c.Odd, err = lenient(raw, c)
	return err
}

// ListPrice is a line of the price list, in cents.
type ListPrice struct {
	Product  string `json:"product"`
	Action   string `json:"action"`
	Currency string `json:"currency"`
	Price    *int64 `json:"price"`
}

// PriceList is the answer to customers/pricelist. A line that cannot be read is left out: what
// it would have priced has no price.
type PriceList struct{ Prices []ListPrice }

// UnmarshalJSON implements json.Unmarshaler.
func (l *PriceList) UnmarshalJSON(raw []byte) error {
	*l = PriceList{}
	return listed(raw, "prices", func(line ListPrice) { l.Prices = append(l.Prices, line) })
}

// listed reads a list that is a member of a document, without the items that cannot be read.
func listed[T any](document []byte, member string, keep func(T)) error {
	raw := members(document)[member]
	if _, ok := items(raw, keep); !ok && !isNull(raw) {
		return &MalformedError{member + " is not a list"}
	}
	return nil
}

// Transfer is the result of a transfer, and its present state.
type Transfer struct {
	DomainName string      `json:"domainName"`
	Status     string      `json:"status"`
	Type       string      `json:"type"`
	ProcessID  json.Number `json:"processId"`
	// Odd are the members of which nothing is known.
	Odd Odd `json:"-"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Transfer) UnmarshalJSON(raw []byte) (err error) {
	*t = Transfer{}
	t.Odd, err = lenient(raw, t)
	return err
}

// Account is what is left in one currency, in cents.
type Account struct {
	Currency    string `json:"currency"`
	Balance     *int64 `json:"balance"`
	Reservation int64  `json:"reservation"`
}

// Credit is the answer to customers/credit, without the accounts that cannot be read.
type Credit struct{ Accounts []Account }

// UnmarshalJSON implements json.Unmarshaler.
func (c *Credit) UnmarshalJSON(raw []byte) error {
	*c = Credit{}
	return listed(raw, "accounts", func(account Account) { c.Accounts = append(c.Accounts, account) })
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
	// Odd are the members of which nothing is known.
	Odd Odd `json:"-"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *KeptContact) UnmarshalJSON(raw []byte) (err error) {
	*c = KeptContact{}
	c.Odd, err = lenient(raw, c)
	return err
}

// Notification is a piece of news. A member of an unexpected type is left out.
type Notification struct {
	ID                json.Number `json:"id"`
	Process           json.Number `json:"process"`
	ProcessType       string      `json:"processType"`
	ProcessIdentifier string      `json:"processIdentifier"`
	DomainName        string      `json:"domainName"`
	HostName          string      `json:"hostName"`
	NotificationType  string      `json:"notificationType"`
	EventType         string      `json:"eventType"`
	SubjectStatus     string      `json:"subjectStatus"`
	Message           string      `json:"message"`
	// Odd are the members of which nothing is known.
	Odd Odd `json:"-"`
}

// The types of notifications that may be about the account.
const (
	PlainNotification   = "Notification"
	BillingNotification = "BillingNotification"
)

// AboutNothing reports whether no member names a process or an object, not even one that cannot be read.
func (n Notification) AboutNothing() bool {
	named := n.Process.String() + n.ProcessType + n.ProcessIdentifier + n.DomainName + n.HostName
	return named == "" && !n.Odd["process"] && !n.Odd["processType"] && !n.Odd["processIdentifier"] && !n.Odd["domainName"] && !n.Odd["hostName"]
}

// ReadNotification reads the readable members; ok is false if there is not even an
// id.
func ReadNotification(document []byte) (n Notification, ok bool) {
	odd, err := lenient(document, &n)
	n.Odd = odd
	return n, err == nil && IsID(n.ID.String())
}
