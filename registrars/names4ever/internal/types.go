package internal

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"domainprovisioning/wire/exchange"
)

// The three operations of the interface.
const (
	AddDomain    = "add-domain"
	ModifyDomain = "modify-domain"
	DeleteDomain = "delete-domain"
)

// The three types of contact.
const (
	TypeAdmin   = "admin"
	TypeTech    = "tech"
	TypeBilling = "billing"
)

// header opens every document, as the manual writes it.
const header = "<?xml version='1.0' ?>\n"

// version is an attribute of requests and responses.
const version = "1.0"

// request is a whole document: the account and its operation.
type request struct {
	XMLName    xml.Name    `xml:"request"`
	Version    string      `xml:"version,attr"`
	ID         string      `xml:"id,attr"`
	Reseller   reseller    `xml:"reseller"`
	Operations []Operation `xml:",any"`
}

type reseller struct {
	ID       string `xml:"id,attr"`
	Password string `xml:"password"`
	PlanID   string `xml:"plan-id"`
}

// Operation is one add-domain, modify-domain or delete-domain. Check says which
// parts each operation has; the order is that of the client in use.
type Operation struct {
	XMLName      xml.Name     // its Local is the operation's name
	FQDN         string       `xml:"fqdn,attr"`
	Password     string       `xml:"password"` // the domain's password
	Organization string       `xml:"organization,omitempty"`
	NameServers  []NameServer `xml:"ns"`
	Contacts     []Contact    `xml:"contact"`
	Years        int          `xml:"registration-period,omitempty"`
}

// NewOperation returns an operation with only its name and its domain.
func NewOperation(name, fqdn string) Operation {
	return Operation{XMLName: xml.Name{Local: name}, FQDN: fqdn}
}

// Name returns the operation's name, such as add-domain.
func (o Operation) Name() string { return o.XMLName.Local }

// NameServer is a host with its place in the sequence.
type NameServer struct {
	Priority int    `xml:"priority,attr"`
	FQDN     string `xml:"fqdn,attr"`
	IP       string `xml:"ip,omitempty"` // without it the server resolves the host
}

// Contact is a contact of a domain. The registrant is not one of them: only its
// organisation is sent, outside the contacts.
type Contact struct {
	Type         string  `xml:"type,attr"`
	FirstName    string  `xml:"first-name"`
	LastName     string  `xml:"last-name"`
	Organization string  `xml:"organization,omitempty"`
	Address      Address `xml:"address"`
	Voice        string  `xml:"voice"`
	Fax          string  `xml:"fax,omitempty"`
	Email        string  `xml:"email"`
}

// Address is a postal address; Country has three letters.
type Address struct {
	Street     string `xml:"street"`
	City       string `xml:"city"`
	State      string `xml:"state"`
	PostalCode string `xml:"postalcode"`
	Country    string `xml:"country"`
}

func (r request) encode() ([]byte, error) {
	body, err := xml.Marshal(r)
	if err != nil {
		return nil, errors.New("the request cannot be written as XML")
	}
	return append([]byte(header), body...), nil
}

// redacted returns a copy of the request for a dump, without passwords.
func (r request) redacted() request {
	r.Reseller.Password = exchange.Hidden
	shown := make([]Operation, len(r.Operations))
	for i, operation := range r.Operations {
		operation.Password = exchange.Hidden
		shown[i] = operation
	}
	r.Operations = shown
	return r
}

// response is a reply as received. Elements and attributes that are not listed here
// are ignored.
type response struct {
	XMLName   xml.Name `xml:"response"`
	Version   string   `xml:"version,attr"`
	RequestID string   `xml:"requestid,attr"`
	Statuses  []status `xml:"status"`
	Domains   []domain `xml:"domain"`
}

type domain struct {
	FQDN     string   `xml:"fqdn,attr"`
	Statuses []status `xml:"status"`
}

type status struct {
	Code        string   `xml:"code,attr"`
	Description []string `xml:"description"`
	Text        string   `xml:",chardata"`
}

// encodingDeclared matches a declaration that names a character set.
var encodingDeclared = regexp.MustCompile(`^\s*<\?xml[^>]*\sencoding\s*=`)

// decode reads a reply. A document type is skipped and never fetched, so an entity
// that it declares is an error. Without a declared character set, bytes that are not
// UTF-8 become U+FFFD, because a damaged letter is better than a lost reply.
func decode(raw []byte) (*response, error) {
	raw = bytes.TrimPrefix(raw, []byte("\xEF\xBB\xBF"))
	if !encodingDeclared.Match(raw) {
		raw = bytes.ToValidUTF8(raw, []byte("\uFFFD"))
	}
	decoder := xml.NewDecoder(bytes.NewReader(raw))
	decoder.CharsetReader = func(label string, input io.Reader) (io.Reader, error) {
		charset, err := htmlindex.Get(label)
		if err != nil {
			return nil, errors.New("unknown character set")
		}
		return charset.NewDecoder().Reader(input), nil
	}
	var reply response
	if err := decoder.Decode(&reply); err != nil {
		// Errors of the parser quote the document.
		return nil, &MalformedError{"not the XML of a response"}
	}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return &reply, nil
		}
		if _, another := token.(xml.StartElement); err != nil || another {
			return nil, &MalformedError{"something follows the response"}
		}
	}
}

func (s status) description() string {
	text := s.Text
	if len(s.Description) > 0 {
		text = strings.Join(s.Description, " ")
	}
	return strings.Join(strings.Fields(text), " ")
}
