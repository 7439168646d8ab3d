package orders

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
)

// A text that XML cannot carry is refused in every slot of both forms, with its field and
// place, and so is a line break in what is one line. The text is not quoted.
func TestTextsThatCannotTravel(t *testing.T) {
	for name, c := range map[string]struct {
		text, want string
		lines      bool // a text of several lines may hold it
	}{
		"a control character":       {"s3cret\x01x", "holds a character that cannot be sent: U+0001, at character 7", false},
		"an escape":                 {"\x1b[31m", "holds a character that cannot be sent: U+001B, at character 1", false},
		"no character":              {"aé\uffff", "holds a character that cannot be sent: U+FFFF, at character 3", false},
		"a line break":              {"s3cret\nx", "must be one line: it holds a line break, U+000A, at character 7", true},
		"a carriage return":         {"a\rb", "must be one line: it holds a line break, U+000D, at character 2", true},
		"a line separator":          {"a\u2028b", "must be one line: it holds a line break, U+2028, at character 2", true},
		"a next line":               {"a\u0085b", "must be one line: it holds a line break, U+0085, at character 2", true},
		"a tab, which is no break":  {"a\tb", "", true},
		"the last plane's last one": {"\U0010FFFD", "", true},
	} {
		for _, field := range personFields {
			if field.kind != plainText || field.slot == "CountryID" {
				continue
			}
			allowed := c.want == "" || c.lines && field.slot == "PostAddressID"
			list := newCustomer()
			at := slices.IndexFunc(list, func(slot string) bool { return strings.HasPrefix(slot, field.slot+"=") })
			if at < 0 {
				at, list = len(list), append(list, "")
			}
			list[at] = field.slot + "=" + c.text
			order := sections{items: []string{"20=36=0=-1"}, contact: list}
			_, err := ReadList(order.list())
			refusedFor(t, name+" in slot "+field.slot, err, "ContactData: "+field.slot+" "+c.want, "/customer/"+field.path, allowed)
		}
	}
	value, err := json.Marshal("s3cret\x01x")
	if err != nil {
		t.Fatal(err)
	}
	const problem = " holds a character that cannot be sent: U+0001, at character 7"
	for path, c := range map[string]struct{ document, want string }{
		"/customer/contact/city": {`{"vendorAccountId":1,"items":[{"id":0,"planId":20,"periodId":36}],"customer":{"contact":{"city":` + string(value) + `}}}`,
			"customer.contact.city" + problem},
		"/items/0/parameters/R_NAME": {itemDocument(`,"parameters":{"R_NAME":` + string(value) + `}`), "items[0].parameters.R_NAME" + problem},
		"/additionalContacts/0/contact/lastName": {document(`,"additionalContacts":[{"id":4000,"login":"x","contact":{"lastName":` + string(value) + `}}]`),
			"additionalContacts[0].contact.lastName" + problem},
		"/payment/Note": {document(`,"payment":{"Note":` + string(value) + `}`), "payment.Note" + problem},
	} {
		_, err := ReadJSON(strings.NewReader(c.document))
		refusedFor(t, path, err, c.want, path, false)
	}
	for path, broken := range map[string]string{
		`/items/0/parameters/a` + "\x01": itemDocument(`,"parameters":{"a\u0001":"x"}`), "/payment/a\x01": document(`,"payment":{"a\u0001":"x"}`),
	} {
		_, err := ReadJSON(strings.NewReader(broken))
		if faults, _ := errors.AsType[Faults](err); len(faults) != 1 || faults[0].Rule != RuleText || !strings.Contains(faults[0].Message, "U+0001") {
			t.Errorf("the name at %q: %v", path, err)
		}
	}
	// The resources of a service are JSON, which may have lines.
	if _, err := ReadList(oneDomain(registration("aps_defaults_x={\n}")...).list()); err != nil {
		t.Errorf("JSON of two lines: %v", err)
	}
}

// refusedFor wants RuleText with its text and pointer, or nothing of that rule.
func refusedFor(t *testing.T, what string, err error, want, path string, allowed bool) {
	t.Helper()
	faults, _ := errors.AsType[Faults](err)
	at := slices.IndexFunc(faults, func(f Fault) bool { return f.Rule == RuleText })
	switch {
	case allowed && at >= 0:
		t.Errorf("%s: %s", what, faults[at].Message)
	case allowed:
	case at < 0:
		t.Errorf("%s: not refused: %v", what, err)
	case faults[at].Message != want || faults[at].Path != path:
		t.Errorf("%s: got %q at %s; want %q at %s", what, faults[at].Message, faults[at].Path, want, path)
	}
	if err != nil && strings.Contains(err.Error(), "s3cret") {
		t.Errorf("%s: the text is quoted", what)
	}
}

// An order that has been accepted stays readable, whatever the rules are now.
func TestStoredOrdersStayReadable(t *testing.T) {
	for name, document := range map[string]string{
		"a name as it was typed":    itemDocument(`,"operation":"registration","domain":"a…b","transferKey":""`),
		"a name server of old":      itemDocument(`,"operation":"registration","domain":"shop","transferKey":"","nameServers":["ns1.dns.example"]`),
		"values after the sections": document(`,"trailing":[1,"accepted"]`),
		"a text that cannot travel": document(`,"additionalContacts":[{"id":4000,"contact":{"lastName":"a\u0001b"}}]`),
		"a name of two lines":       document(`,"additionalContacts":[{"id":4000,"contact":{"lastName":"a\nb"}}]`),
	} {
		if _, err := ReadJSON(strings.NewReader(document)); err == nil {
			t.Errorf("%s: it is accepted anew", name)
		}
		order, err := ReadStored(strings.NewReader(document))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var again strings.Builder
		if err := WriteJSON(&again, order); err != nil {
			t.Errorf("%s: it cannot be written: %v", name, err)
		}
	}
}

// Order systems send the parameters of name servers that nobody has filled in.
func TestEmptyNameServersAreNotGiven(t *testing.T) {
	for name, c := range map[string]struct {
		parameters []string
		want       string
	}{
		"none":     {[]string{"PrimaryNSID=", "SecondaryNSID=", "ThirdNSID=", "FourthNSID="}, ""},
		"two":      {[]string{"PrimaryNSID=ns1.dns.example", "SecondaryNSID=ns2.dns.example", "ThirdNSID=", "FourthNSID="}, "ns1.dns.example ns2.dns.example"},
		"a fourth": {[]string{"PrimaryNSID=ns1.dns.example", "SecondaryNSID=ns2.dns.example", "ThirdNSID=", "FourthNSID=ns4.dns.example"}, "FourthNSID is given without a third"},
		"no first": {[]string{"PrimaryNSID=", "SecondaryNSID=ns2.dns.example"}, "PrimaryNSID is missing: name servers need a primary"},
	} {
		order, err := ReadList(oneDomain(registration(c.parameters...)...).list())
		if err != nil {
			if !strings.HasSuffix(err.Error(), c.want) || c.want == "" {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		servers, err := order.Items[0].NameServers()
		if got := strings.Join(servers, " "); err != nil || got != c.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := ReadJSON(strings.NewReader(itemDocument(`,"operation":"name-server-change","domain":"shop","nameServers":["",""]`))); err == nil ||
		!strings.Contains(err.Error(), "needs name servers") {
		t.Errorf("a change to no name servers: %v", err)
	}
}
