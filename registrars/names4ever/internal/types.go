package internal

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
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

// version stands on requests and responses.
const version = "1.0"

// request is a whole document: who asks, and for what.
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

// Operation is one add-domain, modify-domain or delete-domain. Which of its parts
// an operation has stands in Check; the order is that of the client in use.
type Operation struct {
	XMLName      xml.Name     // its Local is the operation's name
	FQDN         string       `xml:"fqdn,attr"`
	Password     string       `xml:"password"` // of the domain
	Organization string       `xml:"organization,omitempty"`
	NameServers  []NameServer `xml:"ns"`
	Contacts     []Contact    `xml:"contact"`
	Years        int          `xml:"registration-period,omitempty"`
}

// NewOperation makes an operation with nothing but its name and its domain.
func NewOperation(name, fqdn string) Operation {
	return Operation{XMLName: xml.Name{Local: name}, FQDN: fqdn}
}

// Name is the operation's name.
func (o Operation) Name() string { return o.XMLName.Local }

// NameServer is a host with its place in the sequence.
type NameServer struct {
	Priority int    `xml:"priority,attr"`
	FQDN     string `xml:"fqdn,attr"`
	IP       string `xml:"ip,omitempty"` // without it the server resolves the host
}

// Contact is a contact of a domain. The registrant is none: only its organisation
// is sent, outside the contacts.
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

// redacted is the request for a dump.
func (r request) redacted() request {
	r.Reseller.Password = hidden
	shown := make([]Operation, len(r.Operations))
	for i, operation := range r.Operations {
		operation.Password = hidden
		shown[i] = operation
	}
	r.Operations = shown
	return r
}

// response is a reply as it comes. Elements and attributes that stand nowhere here
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

// encodingDeclared finds a declaration that names a character set.
var encodingDeclared = regexp.MustCompile(`^\s*<\?xml[^>]*\sencoding\s*=`)

// decode reads a reply. A document type is skipped and never fetched, so that an
// entity which it declares is an error. Without a declared character set, bytes that
// are not UTF-8 become U+FFFD: a damaged letter is better than a lost reply.
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
