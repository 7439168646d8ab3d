package billing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/wire/xmlrpc"
)

// infoRequired is the number of values that a result of DomainInfoGet_API must have.
// The page counts 38, and a client reads 39. Those after position 20 are optional, and
// surplus ones are ignored.
const infoRequired = 21

// DomainInfo is what Billing's own database says about a domain. Billing returns it for
// expired and terminated subscriptions too. It has no WHOIS data. A NULL Int is read as
// 0, and a date of NULL or 0 as the zero time.
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

// Registered reports whether Billing treats the name as taken.
func (d DomainInfo) Registered() bool { return strings.EqualFold(d.Status, statusRegistered) }

// Cancelled reports whether the domain has ended in Billing, so that nobody is working on it.
func (d DomainInfo) Cancelled() bool { return strings.EqualFold(d.Status, statusCancelled) }

// Person is a contact of a domain. It is personal data, which printing never shows.
type Person struct {
	FirstName, MiddleName, LastName, Email, Phone, Fax string
}

// Format hides the person from every verb.
func (p Person) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(domains.Redacted)) }

// DomainInfoGet reads a domain. It returns ErrNotInBilling if Billing does not know the
// domain, which Billing says by a fault or by an empty result.
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
		return DomainInfo{}, malformed(methodInfoGet, "Result[0] is not a row of values")
	case len(values) < infoRequired:
		return DomainInfo{}, malformed(methodInfoGet, fmt.Sprintf("Result[0][%d] is missing: the row has %d values instead of %d", len(values), len(values), infoRequired))
	}
	row := &row{values: values}
	info := DomainInfo{
		AccountID:          row.id(0, "AccountID"),
		VendorID:           row.number(1, "VendorID"),
		DomainID:           row.id(2, "DomainID"),
		FullDomainName:     row.text(3, "FullDomainName"),
		DomainZoneID:       row.text(4, "DomainZoneID"),
		Status:             row.text(5, "Status"),
		RegistrationPeriod: row.number(7, "RegistrationPeriod"),
		StartDate:          row.date(8, "startDate"),
		ExpirationDate:     row.date(9, "ExpirationDate"),
		CompanyName:        row.lenient(14),
		Owner:              row.person(15),
		Admin:              row.person(21),
		Billing:            row.person(27),
		Tech:               row.person(33),
	}
	for position, name := range []string{"PrimaryNameServer", "SecondaryNameServer", "ThirdNameServer", "FourthNameServer"} {
		if host := row.text(10+position, name); host != "" {
			info.NameServers = append(info.NameServers, host)
		}
	}
	if info.Status == "" {
		// If it were treated as not registered, the name would be added a second time.
		row.fail(5, "Status", "is missing")
	}
	if row.trouble != "" {
		return DomainInfo{}, malformed(methodInfoGet, row.trouble)
	}
	return info, nil
}

// row reads positional values. An absent, nil or NULL value is read as the zero value.
// trouble is the first impossible value, named by its place.
type row struct {
	values  []any
	trouble string
}

func (r *row) fail(position int, name, wrong string) {
	if r.trouble == "" {
		r.trouble = fmt.Sprintf("Result[0][%d] (%s) %s", position, name, wrong)
	}
}

func (r *row) at(position int) any {
	if position >= len(r.values) {
		return nil
	}
	return r.values[position]
}

func (r *row) text(position int, name string) string {
	value, ok := xmlrpc.AsString(r.at(position))
	if !ok && r.at(position) != nil {
		r.fail(position, name, "is not a string")
	}
	return strings.TrimSpace(value)
}

// number reads an Int of 0 or more.
func (r *row) number(position int, name string) int {
	value, ok := xmlrpc.AsInt(r.at(position))
	switch {
	case r.at(position) == nil || value == NullInt:
		return 0
	case !ok:
		r.fail(position, name, "is not a number of 32 bits")
	case value < 0:
		r.fail(position, name, "is negative")
	}
	return max(value, 0)
}

// id reads an id that must be present.
func (r *row) id(position int, name string) int {
	id := r.number(position, name)
	if id == 0 {
		r.fail(position, name, "is missing")
	}
	return id
}

func (r *row) date(position int, name string) time.Time {
	seconds := r.number(position, name)
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

// lenient reads a value that nothing depends on, in the part where the page and known
// clients count differently: a value of another type is treated as absent.
func (r *row) lenient(position int) string {
	value, _ := xmlrpc.AsString(r.at(position))
	return strings.TrimSpace(value)
}

func (r *row) person(position int) Person {
	return Person{
		FirstName:  r.lenient(position),
		MiddleName: r.lenient(position + 1),
		LastName:   r.lenient(position + 2),
		Email:      r.lenient(position + 3),
		Phone:      r.lenient(position + 4),
		Fax:        r.lenient(position + 5),
	}
}
