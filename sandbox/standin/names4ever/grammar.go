package names4ever

import (
	"encoding/xml"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"domainprovisioning/domains"
	"domainprovisioning/sandbox/standin/calls"
)

const version = "1.0"

// request is the derived grammar (docs/protocols/names4ever.md, section 4).
type request struct {
	XMLName    xml.Name    `xml:"request"`
	Version    string      `xml:"version,attr"`
	ID         string      `xml:"id,attr"`
	Reseller   reseller    `xml:"reseller"`
	Operations []operation `xml:",any"`
}

type reseller struct {
	ID       string `xml:"id,attr"`
	Password string `xml:"password"`
	PlanID   string `xml:"plan-id"`
}

type operation struct {
	XMLName      xml.Name
	FQDN         string       `xml:"fqdn,attr"`
	Password     string       `xml:"password"`
	Organization string       `xml:"organization"`
	NameServers  []nameServer `xml:"ns"`
	Contacts     []Contact    `xml:"contact"`
	Period       string       `xml:"registration-period"`
	Unknown      []struct {
		XMLName xml.Name
	} `xml:",any"`
}

type nameServer struct {
	Priority string `xml:"priority,attr"`
	FQDN     string `xml:"fqdn,attr"`
	IP       string `xml:"ip"`
}

// Contact is a contact as it was sent, in the forms of the API. It is made up in tests, but
// elsewhere it is personal data.
type Contact struct {
	Type         string `xml:"type,attr"`
	FirstName    string `xml:"first-name"`
	LastName     string `xml:"last-name"`
	Organization string `xml:"organization"`
	Street       string `xml:"address>street"`
	City         string `xml:"address>city"`
	State        string `xml:"address>state"`
	PostalCode   string `xml:"address>postalcode"`
	Country      string `xml:"address>country"`
	Voice        string `xml:"voice"`
	Fax          string `xml:"fax"`
	Email        string `xml:"email"`
}

type response struct {
	XMLName   xml.Name `xml:"response"`
	Version   string   `xml:"version,attr"`
	RequestID string   `xml:"requestid,attr"`
	Status    status   `xml:"status"`
	Domains   []domain `xml:"domain"`
}

type domain struct {
	FQDN   string `xml:"fqdn,attr"`
	Status status `xml:"status"`
}

type status struct {
	Code        int    `xml:"code,attr"`
	Description string `xml:"description"`
}

func success(text string) status { return status{0, text} }

// refusal is a status other than success.
type refusal status

func refuse(code int, text string) *refusal { return &refusal{code, text} }

// reply refuses a whole request.
func (r *refusal) reply(id string) calls.Reply {
	return response{Version: version, RequestID: id, Status: status(*r)}.reply(calls.Refused)
}

func (r response) reply(outcome string) calls.Reply {
	body, err := xml.Marshal(r)
	if err != nil {
		return calls.Reply{Status: 500, Outcome: calls.Refused}
	}
	return calls.Reply{Body: append([]byte("<?xml version='1.0' ?>\n"), body...), Outcome: outcome}
}

// parse reads a request, and refuses one that does not follow the grammar.
func parse(document []byte) (request, *refusal) {
	var asked request
	if err := xml.Unmarshal(document, &asked); err != nil { //nolint:gosec // a size-limited document is what a server reads
		return request{}, refuse(CodeDocument, "Not a request")
	}
	switch {
	case !strings.HasPrefix(string(document), "<?xml"):
		return asked, refuse(CodeDocument, "The header is missing")
	case asked.Version != version:
		return asked, refuse(CodeDocument, "Unknown version")
	case asked.ID == "":
		return asked, refuse(CodeDocument, "The id is missing")
	case len(asked.Operations) == 0:
		return asked, refuse(CodeDocument, "No operation")
	}
	for _, o := range asked.Operations {
		if !slices.Contains([]string{AddDomain, ModifyDomain, DeleteDomain}, o.XMLName.Local) || len(o.Unknown) > 0 {
			return asked, refuse(CodeDocument, "Unknown element")
		}
	}
	return asked, nil
}

func (o operation) years() (int, *refusal) {
	years, err := strconv.Atoi(o.Period)
	if err != nil || years < 1 {
		return 0, refuse(CodeInvalid, "registration-period must be at least 1")
	}
	return years, nil
}

var (
	threeLetters = regexp.MustCompile(`^[A-Z]{3}$`)
	// voiceForm is the form of telephone numbers, known only for country code 1.
	voiceForm = regexp.MustCompile(`^\+(1 \(\d{3}\) \d{3}-\d{4}|([2-9]\d{0,2}) .*\d)$`)
)

// check checks the rules for name servers and contacts.
func (o operation) check() *refusal {
	if len(o.NameServers) > 4 {
		return refuse(CodeInvalid, "1 to 4 name servers are required")
	}
	for i, ns := range o.NameServers {
		if ns.Priority != strconv.Itoa(i+1) {
			return refuse(CodeInvalid, "priorities must be sequential from 1")
		}
		if _, err := domains.ParseHost(ns.FQDN); err != nil {
			return refuse(CodeInvalid, "name server is not a host name")
		}
		if _, err := netip.ParseAddr(ns.IP); ns.IP != "" && err != nil {
			return refuse(CodeInvalid, "ip is not an IP address")
		}
	}
	seen := map[string]bool{}
	for _, c := range o.Contacts {
		switch {
		case !slices.Contains([]string{"admin", "tech", "billing"}, c.Type), seen[c.Type]:
			return refuse(CodeInvalid, "contact type is unknown or given twice")
		case slices.Contains([]string{c.FirstName, c.LastName, c.Street, c.City, c.PostalCode, c.Email}, ""):
			return refuse(CodeInvalid, "contact is incomplete")
		case !threeLetters.MatchString(c.Country):
			return refuse(CodeInvalid, "country must have three letters")
		case !voiceForm.MatchString(c.Voice):
			return refuse(CodeInvalid, "voice has another form")
		}
		seen[c.Type] = true
	}
	return nil
}

func (o operation) hosts() []string {
	hosts := make([]string, 0, len(o.NameServers))
	for _, ns := range o.NameServers {
		hosts = append(hosts, strings.ToLower(ns.FQDN))
	}
	return hosts
}

func (o operation) types() []string {
	types := make([]string, 0, len(o.Contacts))
	for _, c := range o.Contacts {
		types = append(types, c.Type)
	}
	return types
}

// email is that of the admin contact.
func (o operation) email() string {
	for _, c := range o.Contacts {
		if c.Type == "admin" {
			return c.Email
		}
	}
	return ""
}
