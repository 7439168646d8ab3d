package billing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/xmlrpc"
)

// infoRequired is the number of values that a result of DomainInfoGet_API must
// have. The page counts 38, a client reads 39; those after position 20 are
// optional and surplus ones are ignored.
const infoRequired = 21

// DomainInfo is what Billing's own database tells about a domain. It is answered
// for expired and terminated subscriptions as well, and holds no WHOIS data. An
// Int that is NULL is 0, a date that is NULL or 0 the zero time.
type DomainInfo struct {
	AccountID          int // owner
	VendorID           int
	DomainID           int
	FullDomainName     string
	DomainZoneID       string
	Status             string // "Registered", "Cancelled", "Submitting for Renew", ...
	RegistrationPeriod int
	StartDate          time.Time
	ExpirationDate     time.Time
	NameServers        []string // without the empty ones
	CompanyName        string   // of a personal account: first and last name
	Owner              Person
	Admin              Person
	Billing            Person
	Tech               Person
}

// Registered reports whether the name counts as taken in Billing.
func (d DomainInfo) Registered() bool { return strings.EqualFold(d.Status, statusRegistered) }

// Person is a contact of a domain: personal data, hidden from every print.
type Person struct {
	FirstName, MiddleName, LastName, Email, Phone, Fax string
}

// Format hides the person from every verb.
func (p Person) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(domains.Redacted)) }

// DomainInfoGet reads a domain; ErrNotInBilling when Billing does not know it,
// which it may say by a fault or by an empty result.
func (c *Client) DomainInfoGet(ctx context.Context, name domains.Name) (DomainInfo, error) {
	if name.IsZero() {
		return DomainInfo{}, &InvalidError{Method: methodInfoGet, Problems: []string{"FullDomainName must not be empty"}}
	}
	result, err := c.Execute(ctx, ServerDomainGate, methodInfoGet, xmlrpc.Untyped(name.String()))
	if isKind(err, KindNotFound) {
		return DomainInfo{}, ErrNotInBilling
	}
	if err != nil {
		return DomainInfo{}, err
	}
	values, ok := result.([]any)
	switch {
	case result == nil || result == "" || ok && len(values) == 0:
		return DomainInfo{}, ErrNotInBilling
	case !ok:
		return DomainInfo{}, malformed(methodInfoGet, "Result is not an array of values")
	case len(values) < infoRequired:
		return DomainInfo{}, malformed(methodInfoGet, fmt.Sprintf("Result has %d values instead of %d", len(values), infoRequired))
	}
	row := row(values)
	info := DomainInfo{
		AccountID:          row.number(0),
		VendorID:           row.number(1),
		DomainID:           row.number(2),
		FullDomainName:     row.text(3),
		DomainZoneID:       row.text(4),
		Status:             row.text(5),
		RegistrationPeriod: row.number(7),
		StartDate:          row.date(8),
		ExpirationDate:     row.date(9),
		CompanyName:        row.text(14),
		Owner:              row.person(15),
		Admin:              row.person(21),
		Billing:            row.person(27),
		Tech:               row.person(33),
	}
	for position := 10; position <= 13; position++ {
		if host := row.text(position); host != "" {
			info.NameServers = append(info.NameServers, host)
		}
	}
	if info.AccountID <= 0 || info.DomainID <= 0 {
		return DomainInfo{}, malformed(methodInfoGet, "Result has no AccountID or DomainID")
	}
	return info, nil
}

// row reads positional values leniently: what is missing or of another type is
// the zero value.
type row []any

func (r row) text(position int) string {
	if position >= len(r) {
		return ""
	}
	value, _ := xmlrpc.AsString(r[position])
	return strings.TrimSpace(value)
}

func (r row) number(position int) int {
	if position >= len(r) {
		return 0
	}
	value, _ := xmlrpc.AsInt(r[position])
	if value == NullInt {
		return 0
	}
	return value
}

func (r row) date(position int) time.Time {
	seconds := r.number(position)
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

func (r row) person(position int) Person {
	return Person{
		FirstName:  r.text(position),
		MiddleName: r.text(position + 1),
		LastName:   r.text(position + 2),
		Email:      r.text(position + 3),
		Phone:      r.text(position + 4),
		Fax:        r.text(position + 5),
	}
}
