package intake_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/store"
)

// call is an order as the order system sends it.
func call(t *testing.T) string {
	t.Helper()
	document, err := os.ReadFile("../sandbox/orders/shop.xml")
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}

func TestBothFormsAreReadByTheirFirstCharacter(t *testing.T) {
	in := &intake.Intake{}
	for name, c := range map[string]struct {
		document string
		source   intake.Source
	}{
		"xml-rpc":                    {call(t), intake.SourceXMLRPC},
		"xml-rpc after blanks":       {"\n\t " + call(t), intake.SourceXMLRPC},
		"json":                       {outside.NewCustomer, intake.SourceJSON},
		"json after blanks":          {" \r\n" + outside.NewCustomer, intake.SourceJSON},
		"json with byte order mark":  {"\xef\xbb\xbf" + outside.NewCustomer, intake.SourceJSON},
		"the order method of before": {strings.Replace(call(t), "PlaceOrderAndAuthorize_API", "CreateAccountAndPlaceOrder_API", 1), intake.SourceXMLRPC},
		"and the oldest":             {strings.Replace(call(t), "PlaceOrderAndAuthorize_API", "PlaceOrderForAccount", 1), intake.SourceXMLRPC},
	} {
		read, source, err := in.Read([]byte(c.document))
		if err != nil || read.Err() != nil || source != c.source || len(read.Order.Items) != 2 || read.Order.Items[1].DomainLabel() != "shop" {
			t.Errorf("%s: got %v from %s, %v", name, read, source, err)
		}
	}
}

func TestWhatIsNoOrderIsRefusedAndTheRefusalIsNotedWithoutPersonalData(t *testing.T) {
	xml := call(t)
	cases := map[string]struct {
		document string
		want     string
	}{
		"nothing":         {"", "the order is empty"},
		"blanks":          {" \n\t", "the order is empty"},
		"a text":          {"hello", "neither an XML-RPC call nor a JSON object"},
		"a list":          {"[]", "neither an XML-RPC call nor a JSON object"},
		"half a call":     {xml[:len(xml)/2], "xmlrpc"},
		"another call":    {strings.Replace(xml, ">Execute<", ">system.listMethods<", 1), `methodName is "system.listMethods" and must be Execute`},
		"another server":  {strings.Replace(xml, ">BM<", ">DOMAINGATE<", 1), `Server is "DOMAINGATE" and must be BM`},
		"another method":  {strings.Replace(xml, "PlaceOrderAndAuthorize_API", "GetOrder_API", 1), `Method is "GetOrder_API"`},
		"an endless name": {strings.Replace(xml, "PlaceOrderAndAuthorize_API", strings.Repeat("x", 5000), 1), strings.Repeat("x", 60) + `..."`},
		"no list":         {strings.Replace(xml, ">Params<", ">Parameters<", 1), "billing"},
		"half an object":  {outside.NewCustomer[:200], "JSON"},
		"unknown field":   {strings.Replace(outside.NewCustomer, `"items"`, `"itemz"`, 1), "itemz"},
		"renewal":         {strings.Replace(outside.NewCustomer, `"registration"`, `"renewal"`, 1), "customer.accountId is missing: a renewal is for a domain of an existing account"},
		"unknown plan":    {strings.Replace(outside.NewCustomer, `"planId": 5`, `"planId": 99`, 1), "items[1].planId 99 is not in the plan catalog"},
		"no registrar":    {strings.Replace(outside.NewCustomer, `"planId": 5`, `"planId": 7`, 1), `items[1].planId names registrar account "nowhere", which is not configured`},
		"no country":      {strings.Replace(outside.NewCustomer, `"country": "us", `, "", 1), "customer.contact.country is missing"},
	}
	w := outside.New(t, outside.Options{})
	for name, c := range cases {
		_, err := w.Intake.Place(t.Context(), []byte(c.document))
		refusal, ok := errors.AsType[*intake.Refusal](err)
		if !ok || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
			continue
		}
		for _, personal := range []string{"Jane", "jane@", "Main Street", "5550100", "pass-phrase"} {
			if strings.Contains(strings.Join(refusal.Reasons, "\n"), personal) {
				t.Errorf("%s: %q is in %q", name, personal, refusal.Reasons)
			}
		}
	}
	rows, err := w.Store.Units(t.Context(), store.UnitFilter{})
	refusals, _ := w.Store.Refusals(t.Context())
	if err != nil || len(rows) != 0 || refusals != len(cases) || len(w.Temporal.Starts()) != 0 {
		t.Errorf("%d orders and %d refusals are stored, %d started, %v", len(rows), refusals, len(w.Temporal.Starts()), err)
	}
	if effects := w.Effects("shop.example"); effects != (outside.Effects{}) {
		t.Errorf("effects %+v", effects)
	}
}

func TestARefusalListsItsReasonsALine(t *testing.T) {
	cause := errors.New("cause")
	one := &intake.Refusal{Reasons: []string{"a"}, Err: cause}
	two := &intake.Refusal{Reasons: []string{"a", "b"}}
	if one.Error() != "order refused: a" || two.Error() != "order refused for 2 reasons:\n  a\n  b" || !errors.Is(one, cause) {
		t.Errorf("%q and %q", one, two)
	}
}
