package orders

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// document returns a minimal order with additional top-level fields.
func document(more string) string {
	return `{"vendorAccountId":1,"items":[{"id":0,"planId":20,"periodId":36}],"customer":{"accountId":5}` + more + `}`
}

// itemDocument returns an order with one item that has additional fields.
func itemDocument(more string) string {
	return `{"vendorAccountId":1,"items":[{"id":0,"planId":20,"periodId":36` + more + `}],"customer":{"accountId":5}}`
}

func TestTestdataRoundTrips(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples in testdata: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			o := mustReadJSON(t, string(text))
			roundTrip(t, o)
			// The samples are written as WriteJSON does, so that they show its form.
			if got := mustWriteJSON(t, o); got != string(text) {
				t.Errorf("WriteJSON differs from the sample:\n%s", got)
			}
		})
	}
}

// TestWorkedSample: the worked order of the wire protocol and its JSON sample
// are the same order.
func TestWorkedSample(t *testing.T) {
	text, err := os.ReadFile("testdata/worked.json")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := mustReadJSON(t, string(text)), mustRead(t, worked()); !reflect.DeepEqual(got, want) {
		t.Errorf("JSON gives %v, the list %v", got, want)
	}
}

func TestReadJSONFaults(t *testing.T) {
	tests := []struct {
		name string
		text string
		rule int
		want string
	}{
		{"not an object", `[]`, RuleJSONType, "the order must be an object"},
		{"unknown field", document(`,"colour":1`), RuleJSONUnknown, "colour is an unknown field"},
		{"wrong case", document(`,"Number":"1"`), RuleJSONUnknown, "Number is an unknown field"},
		{"odd name", document(`,"a/b~c":"1"`), RuleJSONUnknown, "a/b~c is an unknown field"},
		{"unknown field of an item", itemDocument(`,"tld":"x"`), RuleJSONUnknown, "items[0].tld is an unknown field"},
		{"unknown field of a contact", strings.Replace(document(""), `"accountId":5`, `"accountId":5,"contact":{"title":"x"}`, 1),
			RuleJSONUnknown, "customer.contact.title is an unknown field"},
		{"unknown role", itemDocument(`,"operation":"registration","domain":"a","transferKey":"","contacts":{"boss":1}`),
			RuleJSONUnknown, "items[0].contacts.boss is an unknown field"},
		{"duplicate key", document(`,"number":"1","number":"2"`), RuleJSONDuplicate, "number is given twice"},
		{"duplicate key of an item", itemDocument(`,"id":1`), RuleJSONDuplicate, "items[0].id is given twice"},
		{"duplicate key in a resource", itemDocument(`,"apsDefaults":{"mail":{"a":[{"b":1,"b":2}]}}`), RuleJSONDuplicate,
			"items[0].apsDefaults.mail.a[0].b is given twice"},
		{"number", document(`,"number":"SO 1"`), RuleNumber, "number must be 1 to 64 letters, digits, dots, hyphens or underscores"},
		{"long number", document(`,"number":"` + strings.Repeat("1", 65) + `"`), RuleNumber, "number must be 1 to 64 letters, digits, dots, hyphens or underscores"},
		{"number's type", document(`,"number":1`), RuleJSONType, "number must be a string"},
		{"no vendor", `{"items":[],"customer":{"accountId":5}}`, RuleJSONMissing, "vendorAccountId is missing"},
		{"no items", `{"vendorAccountId":1,"customer":{"accountId":5}}`, RuleJSONMissing, "items is missing"},
		{"items' type", `{"vendorAccountId":1,"items":{},"customer":{"accountId":5}}`, RuleJSONType, "items must be an array"},
		{"item's type", `{"vendorAccountId":1,"items":[7],"customer":{"accountId":5}}`, RuleJSONType, "items[0] must be an object"},
		{"item without plan", `{"vendorAccountId":1,"items":[{"id":0,"periodId":1}],"customer":{"accountId":5}}`, RuleJSONMissing, "items[0].planId is missing"},
		{"fraction", strings.Replace(document(""), `"id":0`, `"id":0.0`, 1), RuleID, "items[0].id must be a whole number of 0 or more"},
		{"text id", strings.Replace(document(""), `"id":0`, `"id":"0"`, 1), RuleID, "items[0].id must be a whole number of 0 or more"},
		{"too large", strings.Replace(document(""), `"id":0`, `"id":3000000000`, 1), RuleID, "items[0].id must be a whole number of 0 or more"},
		{"negative vendor", strings.Replace(document(""), `Id":1`, `Id":-1`, 1), RuleID, "vendorAccountId must be a whole number of 0 or more"},
		{"parent", itemDocument(`,"parentId":-2`), RuleID, "items[0].parentId must be -1 or the id of an item"},
		{"domain's type", itemDocument(`,"domain":7`), RuleJSONType, "items[0].domain must be a string"},
		{"parameter's type", itemDocument(`,"parameters":{"Gift":1}`), RuleJSONType, "items[0].parameters.Gift must be a string"},
		{"parameters' type", itemDocument(`,"parameters":[]`), RuleJSONType, "items[0].parameters must be an object"},
		{"apsDefaults' type", itemDocument(`,"apsDefaults":[]`), RuleJSONType, "items[0].apsDefaults must be an object"},
		{"reserved parameter", itemDocument(`,"parameters":{"DomainID":"x"}`), RuleJSONReserved, "items[0].parameters.DomainID has a field of its own"},
		{"reserved slot", strings.Replace(document(""), `"accountId":5`, `"accountId":5,"slots":{"LoginID":"x"}`, 1), RuleJSONReserved,
			"customer.slots.LoginID has a field of its own"},
		{"name with =", itemDocument(`,"parameters":{"a=b":"x"}`), RuleSlotName, `items[0].parameters.a=b must not hold "=" or outer blanks in its name`},
		{"slot name with =", document(`,"payment":{"a=b":"x"}`), RuleSlotName, `payment.a=b must not hold "=" or outer blanks in its name`},
		{"five name servers", itemDocument(`,"operation":"registration","domain":"a","transferKey":"","nameServers":["a.example","b.example","c.example","d.example","e.example"]`),
			RuleJSONType, "items[0].nameServers must hold at most 4 name servers"},
		{"name server's type", itemDocument(`,"nameServers":[7]`), RuleJSONType, "items[0].nameServers[0] must be a string"},
		{"parameter order", itemDocument(`,"domain":"a","parameterOrder":["DomainID","DomainID"]`), RuleJSONOrder, "items[0].parameterOrder must hold each name once"},
		{"slot order", strings.Replace(document(""), `"accountId":5`, `"accountId":5,"slotOrder":["X"]`, 1), RuleJSONOrder, "customer.slotOrder must hold each name once"},
		{"group order", document(`,"groupOrder":[3]`), RuleJSONOrder, "groupOrder must hold the id of each item with parameters once"},
		{"payment's type", document(`,"payment":"PayToolID=1"`), RuleJSONType, "payment must be an object"},
		{"customer's type", `{"vendorAccountId":1,"items":[],"customer":"Jane"}`, RuleJSONType, "customer must be an object"},
		{"contact's type", document(`,"additionalContacts":["Jo"]`), RuleJSONType, "additionalContacts[0] must be an object"},
		{"contact's id", document(`,"additionalContacts":[{"id":"900"}]`), RuleID, "additionalContacts[0].id must be a whole number of 0 or more"},
		{"trailing", document(`,"trailing":[1]`), RuleLeftOver, "1 value left over after the additional contacts section"},
		{"trailing's type", document(`,"trailing":[1.5]`), RuleJSONType, "trailing[0] must be a string or a whole number"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadJSON(strings.NewReader(test.text))
			wantMessages(t, err, test.want)
			if got := rules(faultsOf(t, err)); !slices.Equal(got, []int{test.rule}) {
				t.Errorf("rules %v, want %d", got, test.rule)
			}
		})
	}
}

func TestReadJSONErrors(t *testing.T) {
	many := func(n int, elem string) string { return strings.TrimSuffix(strings.Repeat(elem+",", n), ",") }
	tests := []struct {
		name string
		text string
		want error
	}{
		{"too large", `{"number":"` + strings.Repeat("x", MaxJSONSize) + `"}`, ErrTooLarge},
		{"too deep", strings.Repeat("[", MaxJSONDepth+1) + strings.Repeat("]", MaxJSONDepth+1), ErrTooDeep},
		{"trailing data", document("") + "{}", ErrTrailingData},
		{"trailing garbage", document("") + " x", ErrTrailingData},
		{"not UTF-8", "{\"number\":\"\xff\"}", ErrNotText},
		{"items", `{"vendorAccountId":1,"items":[` + many(MaxItems+1, "{}") + `]}`, ErrTooManyItems},
		{"contacts", document(`,"additionalContacts":[` + many(MaxContacts+1, "{}") + `]`), ErrTooManyContacts},
		{"long text", itemDocument(`,"domain":"` + strings.Repeat("x", MaxTextLength+1) + `"`), ErrTextTooLong},
	}
	for _, test := range tests {
		if _, err := ReadJSON(strings.NewReader(test.text)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	for _, text := range []string{"", "  ", "{", `{"number":}`, `{"a" 1}`, "nul", `{"password":"s3cret`} {
		_, err := ReadJSON(strings.NewReader(text))
		if err == nil || !strings.HasPrefix(err.Error(), "orders: ") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v", text, err)
		}
	}
	broken := errors.New("connection reset")
	if _, err := ReadJSON(readerFunc(func([]byte) (int, error) { return 0, broken })); !errors.Is(err, broken) {
		t.Errorf("read error: %v", err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestWriteJSONErrors(t *testing.T) {
	o := mustRead(t, worked())
	broken := errors.New("disk full")
	if err := WriteJSON(writerFunc(func([]byte) (int, error) { return 0, broken }), o); !errors.Is(err, broken) {
		t.Errorf("write error: %v", err)
	}
	for range 20 {
		o.Payment = append(o.Payment, NewParameter(strings.Repeat("x", 1+len(o.Payment)), strings.Repeat("y", MaxTextLength-100)))
	}
	if err := WriteJSON(writerFunc(func(p []byte) (int, error) { return len(p), nil }), o); !errors.Is(err, ErrTooLarge) {
		t.Errorf("large document: %v", err)
	}
}

// TestAPSValueForms: a resource is embedded if reading it returns the same
// bytes, and otherwise kept as text.
func TestAPSValueForms(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 20) + "1" + strings.Repeat("}", 20)
	for value, embedded := range map[string]bool{
		`{"plan":"a=b","html":"<b>&amp;</b>","n":1.50}`: true,
		`{ "plan": 1 }`: false,
		`{"a":1,"a":2}`: false,
		deep:            false,
	} {
		o := mustRead(t, sections{items: []string{"20=36=0=-1"}, groups: []group{{0, []string{"aps_defaults_x=" + value}}}, contact: existing}.list())
		roundTrip(t, o)
		document := mustWriteJSON(t, o)
		if got := strings.Contains(document, `"x": {`); got != embedded {
			t.Errorf("%s: embedded is %v", value, got)
		}
	}
}

// TestReadJSONTrims: in JSON, blanks around names and name servers are trimmed
// as in the list.
func TestReadJSONTrims(t *testing.T) {
	o := mustReadJSON(t, itemDocument(`,"operation":"transfer","domain":"shop","transferKey":" k ","nameServers":[" a.example","b.example "],"parameters":{" Gift ":" 1 "}`))
	if item := o.Items[0]; item.text("PrimaryNSID") != "a.example" || item.text("Gift") != " 1 " || item.text("TransferKey") != " k " {
		t.Errorf("parameters %v", item.given)
	}
	roundTrip(t, o)
}
