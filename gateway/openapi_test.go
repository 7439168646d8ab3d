package gateway_test

import (
	"bytes"
	"flag"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"domainprovisioning/internal/outside"
	"domainprovisioning/orders"
)

var update = flag.Bool("update", false, "write docs/openapi.json")

const openAPIFile = "../docs/openapi.json"

// TestTheDescriptionIsThatOfTheCode keeps docs/openapi.json up to date.
func TestTheDescriptionIsThatOfTheCode(t *testing.T) {
	f := begin(t, outside.Options{})
	got := f.send(http.MethodGet, "/openapi.json", "", "")
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %s", got.status, got.header.Get("Content-Type"))
	}
	if *update {
		if err := os.WriteFile(openAPIFile, []byte(got.body), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	written, err := os.ReadFile(openAPIFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written, []byte(got.body)) {
		t.Errorf("%s is out of date; run `make docs`", openAPIFile)
	}
}

// schema compiles a schema of the description.
func schema(t testing.TB, name string) *jsonschema.Schema {
	t.Helper()
	d, err := described()
	if err != nil {
		t.Fatal(err)
	}
	return d.schema(t, "/components/schemas/"+name)
}

func conforms(t testing.TB, s *jsonschema.Schema, document string) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(value)
}

// Every document that the reader accepts conforms to the description, and a field that
// the reader does not know violates it.
func TestOrdersConformToTheDescription(t *testing.T) {
	s := schema(t, "OrderDocument")
	var files []string
	for _, pattern := range []string{"../sandbox/orders/*.json", "../orders/testdata/*.json"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 15 {
		t.Fatalf("only %d orders found", len(files))
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := conforms(t, s, string(content)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	for name, broken := range map[string]string{
		"unknown field":         strings.Replace(outside.DomainOnly, `"items"`, `"itemz"`, 1),
		"unknown field of item": strings.Replace(outside.DomainOnly, `"planId"`, `"plan"`, 1),
		"wrong type":            strings.Replace(outside.DomainOnly, `"planId": 5`, `"planId": "5"`, 1),
	} {
		if conforms(t, s, broken) == nil {
			t.Errorf("%s conforms", name)
		}
		if readable(broken) {
			t.Errorf("%s is read", name)
		}
	}
}

// The reader knows every field of the description.
func TestTheReaderKnowsEveryFieldOfTheDescription(t *testing.T) {
	phone := `{"countryCode": "1", "areaCode": "212", "number": "5550100", "extension": "7"}`
	contact := `{"firstName": "J", "middleName": "M", "lastName": "E", "organisation": "O", "address1": "1", "address2": "2", "postalCode": "1",
		"city": "C", "state": "S", "country": "us", "email": "j@shop.example", "phone": ` + phone + `, "fax": ` + phone + `}`
	person := `"promoCode": "p", "login": "l", "password": "p", "currency": "EUR", "fullyRegistered": true, "companyNameLatin": "c",
		"postalAddress": "p", "taxId": "t", "customerClass": "c", "banner": "b", "contact": ` + contact + `, "slots": {"ExtraID": "x"}`
	everything := `{"number": "A-1", "vendorAccountId": 1, "items": [
		{"id": 0, "planId": 20, "periodId": 36, "parentId": -1, "apsDefaults": {"mail": {"a": 1}}, "parameterOrder": ["aps_defaults_mail"]},
		{"id": 1, "planId": 5, "periodId": 1, "parentId": 0, "operation": "registration", "domain": "shop", "transferKey": "",
		 "nameServers": ["ns1.a.example", "ns2.a.example", null, null], "contacts": {"owner": 900, "admin": 900, "billing": 900, "tech": 900},
		 "settings": {"lock": true}, "parameters": {"R_ID": "1"}}], "groupOrder": [0, 1],
		"customer": {` + person + `}, "payment": {"PayToolID": "3"}, "additionalContacts": [{"id": 900, ` + person + `}]}`
	if err := conforms(t, schema(t, "OrderDocument"), everything); err != nil {
		t.Errorf("the description lacks something: %v", err)
	}
	if !readable(everything) {
		t.Error("the reader does not know all of it")
	}
	renewal := strings.NewReplacer(`"registration"`, `"renewal"`, `"transferKey": ""`, `"transferKey": "", "expires": "2026-12-31"`).Replace(outside.DomainOnly)
	if err := conforms(t, schema(t, "OrderDocument"), renewal); err != nil {
		t.Errorf("the description lacks expires: %v", err)
	}
	if !readable(renewal) {
		t.Error("the reader does not know all of a renewal")
	}
}

// readable reports whether the reader knows all that a document holds.
func readable(document string) bool {
	in, err := orders.Rules{}.ReadJSON(strings.NewReader(document))
	return err == nil && in.Readable()
}

// TestEveryProblemIsDescribed: the types of problems that the code makes are those of the
// description.
func TestEveryProblemIsDescribed(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]bool{}
	making := regexp.MustCompile(`(?:newProblem\([a-zA-Z.]+, |unavailable\()"([a-z-]+)"`)
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range making.FindAllStringSubmatch(string(content), -1) {
			made["urn:domainprovisioning:problem:"+match[1]] = true
		}
	}
	d, err := described()
	if err != nil {
		t.Fatal(err)
	}
	schemas := d.document["components"].(map[string]any)["schemas"].(map[string]any)
	known := map[string]bool{}
	for _, kind := range schemas["Problem"].(map[string]any)["properties"].(map[string]any)["type"].(map[string]any)["enum"].([]any) {
		known[kind.(string)] = true
	}
	if !maps.Equal(made, known) {
		t.Errorf("the code makes %v\nthe description has %v", slices.Sorted(maps.Keys(made)), slices.Sorted(maps.Keys(known)))
	}
}
