package orders

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// shopOrder is the stored order that the tests amend: hosting with a registration.
const shopOrder = `{"vendorAccountId":1,"items":[
	{"id":0,"planId":20,"periodId":36},
	{"id":1,"planId":5,"periodId":1,"parentId":0,"operation":"registration","domain":"shop","transferKey":"",
	 "contacts":{"owner":900,"admin":901,"tech":901,"billing":12},
	 "nameServers":["ns1.dns.example","ns2.dns.example"],"settings":{"lock":true},"language":"de",
	 "parameters":{"taxId":"7","R_NAME":"Jo"},"apsDefaults":{"mail":{"a":1}}}],
	"customer":{"login":"jane","password":"hunter2-secret","currency":"EUR","contact":{"firstName":"Jane","lastName":"Example","address1":"1 High Street",
	 "address2":"Rear","city":"Sampleton","postalCode":"12345","country":"de","email":"jane@example.com",
	 "phone":{"countryCode":"49","areaCode":"89","number":"123456"},"fax":{"countryCode":"49","areaCode":"89","number":"123457"}},"slots":{"Favourite colour":"blue"}},
	"additionalContacts":[{"id":900,"login":"jo",` + userContact + `},{"id":901,"login":"mo",` + userContact + `}]}`

// transferOrder is a transfer for an existing account.
const transferOrder = `{"vendorAccountId":1,"items":[{"id":7,"planId":3,"operation":"transfer","domain":"shop.example","transferKey":"k-1"}],"customer":{"accountId":500100}}`

// stored is the document of an order as the store has it.
func stored(t testing.TB, order string) string {
	t.Helper()
	return mustWriteJSON(t, mustReadJSON(t, order))
}

func amend(t testing.TB, order string, item int, amendment string) *Amendment {
	t.Helper()
	a, err := Rules{}.Amend([]byte(stored(t, order)), item, []byte(amendment))
	if err != nil {
		t.Fatalf("%s: %v", amendment, err)
	}
	return a
}

// TestAnAmendmentReplacesWhatItSays and nothing else: the document of the amended order is that
// of the order that was ordered so in the first place.
func TestAnAmendmentReplacesWhatItSays(t *testing.T) {
	for name, c := range map[string]struct {
		order     string
		item      int
		amendment string
		want      []string // replacements in the order
	}{
		"nothing":             {shopOrder, 1, `{}`, nil},
		"the system's":        {shopOrder, 1, `{"nameServers":null}`, []string{`"nameServers":["ns1.dns.example","ns2.dns.example"],`, ``}},
		"other servers":       {shopOrder, 1, `{"nameServers":["ns3.dns.example","ns4.dns.example"]}`, []string{`ns1.`, `ns3.`, `ns2.`, `ns4.`}},
		"settings":            {shopOrder, 1, `{"settings":{"lock":false}}`, []string{`{"lock":true}`, `{"lock":false}`}},
		"no settings":         {shopOrder, 1, `{"settings":null}`, []string{`"settings":{"lock":true},`, ``}},
		"language":            {shopOrder, 1, `{"language":"fr"}`, []string{`"language":"de"`, `"language":"fr"`}},
		"no language":         {shopOrder, 1, `{"language":null}`, []string{`"language":"de",`, ``}},
		"plan":                {shopOrder, 1, `{"planId":6,"periodId":2}`, []string{`"planId":5,"periodId":1`, `"planId":6,"periodId":2`}},
		"the plan's period":   {shopOrder, 1, `{"periodId":null}`, []string{`"periodId":1,`, ``}},
		"hosting":             {shopOrder, 1, `{"hosting":{"planId":21,"periodId":12}}`, []string{`"planId":20,"periodId":36`, `"planId":21,"periodId":12`}},
		"hosting alone":       {shopOrder, 0, `{"planId":21}`, []string{`"planId":20`, `"planId":21`}},
		"a parameter":         {shopOrder, 1, `{"parameters":{"taxId":"8"}}`, []string{`"taxId":"7"`, `"taxId":"8"`}},
		"one more parameter":  {shopOrder, 1, `{"parameters":{"R_ID":"9"}}`, []string{`"R_NAME":"Jo"`, `"R_NAME":"Jo","R_ID":"9"`}},
		"a parameter less":    {shopOrder, 1, `{"parameters":{"taxId":null}}`, []string{`"taxId":"7",`, ``}},
		"no parameters":       {shopOrder, 1, `{"parameters":null}`, []string{`"parameters":{"taxId":"7","R_NAME":"Jo"},`, ``}},
		"password":            {shopOrder, 1, `{"customer":{"password":"other"}}`, []string{`hunter2-secret`, `other`}},
		"a customer's fields": {shopOrder, 1, `{"customer":{"login":"j2","contact":{"city":"Town","phone":{"number":"99887766"}}}}`, []string{`"login":"jane"`, `"login":"j2"`, `"city":"Sampleton","postalCode":"12345","country":"de","email":"jane@`, `"city":"Town","postalCode":"12345","country":"de","email":"jane@`, `"number":"123456"},"fax"`, `"number":"99887766"},"fax"`}},
		"without a fax":       {shopOrder, 1, `{"customer":{"contact":{"fax":null,"address2":null}}}`, []string{`,"fax":{"countryCode":"49","areaCode":"89","number":"123457"}`, ``, `"address2":"Rear",`, ``}},
		"a contact of its own": {shopOrder, 1, `{"contacts":{"owner":{"firstName":"Flo","organisation":"Flo Ltd"}}}`, []string{
			`"login":"jo",` + userContact, `"login":"jo",` + strings.Replace(userContact, `"firstName":"Jo"`, `"firstName":"Flo","organisation":"Flo Ltd"`, 1)}},
		"transfer key": {transferOrder, 7, `{"transferKey":"k-2"}`, []string{`k-1`, `k-2`}},
		"expiry": {strings.Replace(transferOrder, `"operation":"transfer","domain":"shop.example","transferKey":"k-1"`, `"operation":"renewal","domain":"shop","transferKey":"","expires":"2026-03-01"`, 1), 7,
			`{"expires":"2026-04-01"}`, []string{`2026-03-01`, `2026-04-01`}},
	} {
		a := amend(t, c.order, c.item, c.amendment)
		if err := a.Err(); err != nil || !a.Readable() {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := c.order
		for n := 0; n < len(c.want); n += 2 {
			if !strings.Contains(want, c.want[n]) {
				t.Fatalf("%s: the order lacks %s", name, c.want[n])
			}
			want = strings.Replace(want, c.want[n], c.want[n+1], 1)
		}
		if got, want := mustWriteJSON(t, a.Order), stored(t, want); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
		roundTrip(t, a.Order)
		if got := mustWriteJSON(t, a.Stored.Order); got != stored(t, c.order) {
			t.Errorf("%s: the stored order has changed", name)
		}
	}
}

// TestAnOrderOfTheListIsAmended: its parameters keep their order, whatever it was.
func TestAnOrderOfTheListIsAmended(t *testing.T) {
	s := oneDomain("P_REASON=1", "DomainID=shop", "SecondaryNSID=b.example", "TransferKey=", "R_NAME=Jo", "OrderOperationType=10", "PrimaryNSID=a.example")
	document := mustWriteJSON(t, mustRead(t, s.list()))
	a, err := Rules{}.Amend([]byte(document), 0, []byte(`{"nameServers":["c.example","d.example"],"parameters":{"P_REASON":"2","E_NAME":"x"},"language":"de"}`))
	if err != nil || a.Err() != nil {
		t.Fatal(err, a.Err())
	}
	s.groups[0].params = []string{"P_REASON=2", "DomainID=shop", "SecondaryNSID=d.example", "TransferKey=", "R_NAME=Jo", "OrderOperationType=10", "PrimaryNSID=c.example",
		"DomainLanguage=de", "E_NAME=x"}
	if want := mustRead(t, s.list()); !reflect.DeepEqual(a.Order, want) {
		t.Errorf("got\n%s\nwant\n%s", mustWriteJSON(t, a.Order), mustWriteJSON(t, want))
	}
	roundTrip(t, a.Order)
}

// TestWhoseContactIsAmended: a contact that others use too stays, and the role gets its own.
func TestWhoseContactIsAmended(t *testing.T) {
	customerOwner := strings.Replace(shopOrder, `"owner":900,`, ``, 1)
	complete := userContact[len(`"contact":`):]
	for name, c := range map[string]struct {
		order, role, data, wantData string
		item, wantID                int
	}{
		"its own":             {order: shopOrder, item: 1, role: "owner", data: `{"city":"Town"}`, wantID: 900, wantData: strings.Replace(complete, "Sampleton", "Town", 1)},
		"shared by two roles": {order: shopOrder, item: 1, role: "tech", data: `{"city":"Town"}`, wantID: 1, wantData: strings.Replace(complete, "Sampleton", "Town", 1)},
		"the customer": {order: customerOwner, item: 1, role: "owner", data: `{"city":"Town","fax":null}`, wantID: 1,
			wantData: `{"firstName":"Jane","lastName":"Example","address1":"1 High Street","address2":"Rear","city":"Town","postalCode":"12345","country":"de","email":"jane@example.com","phone":{"countryCode":"49","areaCode":"89","number":"123456"}}`},
		"an existing user":    {order: shopOrder, item: 1, role: "billing", data: complete, wantID: 1, wantData: complete},
		"an existing account": {order: transferOrder, item: 7, role: "owner", data: complete, wantID: 1, wantData: complete},
	} {
		a := amend(t, c.order, c.item, `{"contacts":{"`+c.role+`":`+c.data+`}}`)
		if err := a.Err(); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		item, _ := a.Order.Item(c.item)
		before, _ := a.Stored.Order.Item(c.item)
		for role, id := range item.roles.All() {
			old := *before.roles.Of(role)
			if string(role) == c.role && (*id == nil || **id != c.wantID) || string(role) != c.role && !reflect.DeepEqual(*id, old) {
				t.Errorf("%s: %s is %v, was %v", name, role, *id, old)
			}
		}
		contact, _ := a.Order.AdditionalContact(c.wantID)
		want := mustReadJSON(t,
			`{"vendorAccountId":1,"items":[{"id":0,"planId":1}],"customer":{"accountId":5},"additionalContacts":[{"id":1,"contact":`+c.wantData+`}]}`)
		if contact.contact != want.AdditionalContacts[0].contact {
			t.Errorf("%s: other data", name)
		}
		if made := c.wantID == 1; made && (contact.login != "" || contact.password != "" || a.makes(1)) || !made && contact.login != "jo" {
			t.Errorf("%s: a login where none should be, or none", name)
		}
		// The customer and the contacts that others use are as they were.
		a.Order.Items, a.Order.AdditionalContacts = a.Stored.Order.Items, slices.DeleteFunc(a.Order.AdditionalContacts, func(x AdditionalContact) bool { return x.ID == c.wantID })
		a.Stored.Order.AdditionalContacts = slices.DeleteFunc(a.Stored.Order.AdditionalContacts, func(x AdditionalContact) bool { return x.ID == c.wantID })
		if got, want := mustWriteJSON(t, a.Order), mustWriteJSON(t, a.Stored.Order); got != want {
			t.Errorf("%s: something else has changed:\n%s", name, got)
		}
	}
}

// TestAContactThatAnAmendmentMadeIsAmendedAgain in its place, still without a login.
func TestAContactThatAnAmendmentMadeIsAmendedAgain(t *testing.T) {
	first := amend(t, shopOrder, 1, `{"contacts":{"admin":{"city":"Town"},"tech":{"city":"Village"}}}`)
	if err := first.Err(); err != nil || len(first.Order.AdditionalContacts) != 4 {
		t.Fatal(err, first.Order)
	}
	again, err := Rules{}.Amend([]byte(mustWriteJSON(t, first.Order)), 1, []byte(`{"contacts":{"tech":{"postalCode":"54321"}}}`))
	if err != nil || again.Err() != nil {
		t.Fatal(err, again.Err())
	}
	contact, _ := again.Order.AdditionalContact(2)
	if got := contact.Contact(); len(again.Order.AdditionalContacts) != 4 || got.City != "Village" || got.PostalCode != "54321" {
		t.Errorf("got %v", again.Order)
	}
	roundTrip(t, again.Order)
}

// TestAnAmendmentThatIsRefused names every fault, in its own words and with its own pointers.
func TestAnAmendmentThatIsRefused(t *testing.T) {
	const cannot = " cannot be amended: cancel the order and place another"
	for name, c := range map[string]struct {
		order     string
		item      int
		amendment string
		want      []string // pointer, message
	}{
		"no object":     {shopOrder, 1, `[]`, []string{"", "the amendment must be an object"}},
		"unknown":       {shopOrder, 1, `{"colour":1}`, []string{"/colour", "colour is an unknown field"}},
		"what is fixed": {shopOrder, 1, `{"domain":"a","operation":"renewal","id":3,"parentId":-1}`, []string{"/id", "id" + cannot, "/parentId", "parentId" + cannot, "/operation", "operation" + cannot, "/domain", "domain" + cannot}},
		"the account":   {shopOrder, 1, `{"customer":{"accountId":3,"slots":{}}}`, []string{"/customer/accountId", "customer.accountId" + cannot, "/customer/slots", "customer.slots is an unknown field"}},
		"existing":      {transferOrder, 7, `{"customer":{"login":"x"}}`, []string{"/customer", "customer is an existing account: correct it in Operations, then retry"}},
		"twice":         {shopOrder, 1, `{"planId":6,"planId":7,"customer":{"login":"a","login":"b"}}`, []string{"/planId", "planId is given twice", "/customer/login", "customer.login is given twice"}},
		"a parameter": {shopOrder, 1, `{"parameters":{"taxId":null,"taxId ":"1","DomainID":"x","n":5}}`, []string{
			"/parameters/taxId", "parameters.taxId is given twice", "/parameters/DomainID", "parameters.DomainID has a field of its own", "/parameters/n", "parameters.n must be a string"}},
		"one server": {shopOrder, 1, `{"nameServers":["a.example",null,"b.example"]}`, []string{"/nameServers/1", "nameServers[1] is missing: name servers need a secondary"}},
		"types": {shopOrder, 1, `{"planId":"6","hosting":{"periodId":-1,"x":1},"nameServers":"a","settings":[],"language":5,"contacts":{"owner":7,"boss":{}}}`, []string{
			"/hosting/x", "hosting.x is an unknown field", "/hosting/periodId", "hosting.periodId must be a whole number of 0 or more",
			"/planId", "planId must be a whole number of 0 or more", "/contacts/boss", "contacts.boss is an unknown field", "/contacts/owner", "contacts.owner must be an object",
			"/nameServers", "nameServers must be an array", "/settings", "settings must be an object", "/language", "language must be a string"}},
		"values": {shopOrder, 1, `{"customer":{"password":"","contact":{"email":null}},"contacts":{"owner":{"phone":{"number":"1"}},"tech":{"country":"xx"}},"nameServers":["a_b","ns2.dns.example"],"transferKey":"k","settings":{"zoneTemplate":-1}}`, []string{
			"/transferKey", "transferKey must be empty for registration and renewal", "/nameServers/0", `nameServers[0] "a_b" `,
			"/settings/zoneTemplate", "settings.zoneTemplate ", "/customer/password", "customer.password is missing", "/customer/contact/email", "customer.contact.email is missing",
			"/contacts/owner/phone/areaCode", "contacts.owner.phone.areaCode is missing", "/contacts/tech/country", "contacts.tech.country "}},
		"null where it must be": {shopOrder, 1, `{"transferKey":null,"planId":null,"customer":null,"contacts":{"owner":null}}`, []string{
			"/planId", "planId must be", "/transferKey", "transferKey must be sent", "/contacts/owner", "contacts.owner must be an object", "/customer", "customer must be an object"}},
		"of a domain":          {shopOrder, 0, `{"language":"de","hosting":{"planId":1}}`, []string{"/hosting", "hosting cannot be amended: no hosting is ordered with item 0", "/language", "language is for a domain, and item 0 is hosting"}},
		"another's expiry":     {shopOrder, 1, `{"expires":"2026-01-01"}`, []string{"/expires", "expires is for a renewal or an adoption only"}},
		"an incomplete person": {transferOrder, 7, `{"contacts":{"tech":{"firstName":"Jo","lastName":"Example","address1":"1","city":"S","country":"de","email":"a@b.example"}}}`, []string{"/contacts/tech/postalCode", "contacts.tech.postalCode is missing", "/contacts/tech/phone/countryCode", "contacts.tech.phone.countryCode is missing", "/contacts/tech/phone/number", "contacts.tech.phone.number is missing"}},
		"a contact of no use": {strings.Replace(transferOrder, `"operation":"transfer","domain":"shop.example","transferKey":"k-1"`, `"operation":"renewal","domain":"shop","transferKey":""`, 1), 7, `{"contacts":{"owner":{}}}`,
			[]string{"/contacts/owner", "contacts.owner cannot be amended: for the operation renewal, the registrar gets no such contact"}},
	} {
		a := amend(t, c.order, c.item, c.amendment)
		faults := faultsOf(t, a.Err())
		var pointers []string
		for n, fault := range faults {
			pointers = append(pointers, fault.Path)
			if 2*n+1 < len(c.want) && !strings.HasPrefix(fault.Message, c.want[2*n+1]) {
				t.Errorf("%s: got %q, want %q", name, fault.Message, c.want[2*n+1])
			}
		}
		var want []string
		for n := 0; n < len(c.want); n += 2 {
			want = append(want, c.want[n])
		}
		if !slices.Equal(pointers, want) {
			t.Errorf("%s: got %q, %q, want %q", name, pointers, messages(faults), want)
		}
		for _, message := range messages(faults) {
			if strings.Contains(message, "hunter2") || strings.Contains(message, "jane") {
				t.Errorf("%s: %s", name, message)
			}
		}
	}
}

// TestWhatWasAcceptedUnderOlderRulesStaysAmendable: only the amendment is judged.
func TestWhatWasAcceptedUnderOlderRulesStaysAmendable(t *testing.T) {
	old := stored(t, shopOrder)
	for _, bad := range [][2]string{{`"jane@example.com"`, `"no address"`}, {`"ns2.dns.example"`, `"ns1.dns.example"`}, {`"language": "de"`, `"language": "not a code"`}} {
		if !strings.Contains(old, bad[0]) {
			t.Fatal(bad)
		}
		old = strings.Replace(old, bad[0], bad[1], 1)
	}
	old = strings.Replace(old, `"billing": 12`, `"billing": 901`, 1)
	old = strings.ReplaceAll(old, `"jo@example.com"`, `"no address either"`)
	if _, err := ReadJSON(strings.NewReader(old)); len(faultsOf(t, err)) < 3 {
		t.Fatalf("the order is accepted today: %v", err)
	}
	for amendment, want := range map[string][]string{
		`{"planId":6}`: nil,
		`{"contacts":{"owner":{"city":"Town"}},"customer":{"contact":{"city":"Town"}}}`: nil,
		`{"customer":{"contact":{"email":"still none"}}}`:                               {"customer.contact.email must be an e-mail address such as name@example.com"},
		`{"nameServers":["a.example","a.example"]}`:                                     {"nameServers[1] a.example is given twice: name servers must be different"},
		`{"language":null,"nameServers":null}`:                                          nil,
		// A copy of what was accepted is no fault of the amendment either.
		`{"contacts":{"billing":{"city":"Town"}}}`:           nil,
		`{"contacts":{"billing":{"email":"still no mail"}}}`: {"contacts.billing.email must be an e-mail address such as name@example.com"},
		// What the amendment breaks elsewhere counts.
		`{"customer":{"contact":{"country":"us"}}}`: {"customer.contact.state is missing"},
	} {
		a, err := Rules{}.Amend([]byte(old), 1, []byte(amendment))
		if err != nil {
			t.Fatal(err)
		}
		got := messages(faultsOf(t, a.Err()))
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", amendment, got, want)
		}
	}
}

func TestTheLimitsOfAnAmendment(t *testing.T) {
	document := []byte(stored(t, shopOrder))
	for want, amendment := range map[error]string{
		ErrTooLarge:     `{"language":"` + strings.Repeat("x", MaxJSONSize) + `"}`,
		ErrTextTooLong:  `{"language":"` + strings.Repeat("x", MaxTextLength+1) + `"}`,
		ErrTooDeep:      `{"settings":` + strings.Repeat("[", MaxJSONDepth) + strings.Repeat("]", MaxJSONDepth) + `}`,
		ErrTrailingData: `{} {}`,
		ErrNotText:      "{\"language\":\"\xff\"}",
	} {
		if _, err := (Rules{}).Amend(document, 1, []byte(amendment)); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	var contacts []string
	for n := range MaxContacts - 2 {
		contacts = append(contacts, `{"id":`+strconv.Itoa(1000+n)+`,"login":"u`+strconv.Itoa(n)+`",`+userContact+`}`)
	}
	full := strings.Replace(shopOrder, `"additionalContacts":[`, `"additionalContacts":[`+strings.Join(contacts, ",")+",", 1)
	if _, err := (Rules{}).Amend([]byte(stored(t, full)), 1, []byte(`{"contacts":{"tech":{"city":"Town"}}}`)); !errors.Is(err, ErrTooManyContacts) {
		t.Errorf("got %v", err)
	}
	if _, err := (Rules{}).Amend(document, 5, []byte(`{}`)); err == nil || err.Error() != "orders: the order has no item 5" {
		t.Errorf("got %v", err)
	}
	if _, err := (Rules{}).Amend([]byte(`{"vendorAccountId":1}`), 5, []byte(`{}`)); err == nil {
		t.Error("an order without items is amended")
	}
}

// FuzzAmend: no amendment causes a panic, and what an accepted one makes survives its document.
func FuzzAmend(f *testing.F) {
	for _, seed := range []string{
		`{"customer":{"login":"x","contact":{"phone":null,"city":"y"}}}`, `{"contacts":{"tech":{"city":"Town"},"owner":{"fax":{"number":"1"}}}}`,
		`{"nameServers":["a.example",{"host":"b.example","addresses":["192.0.2.1"]}],"parameters":{"a":null,"b":"c"}}`, `{"planId":1,"periodId":null,"hosting":{"planId":2}}`,
		`{"settings":{"lock":false},"language":null,"transferKey":"","expires":"x"}`,
	} {
		f.Add(seed)
	}
	document := []byte(stored(f, shopOrder))
	f.Fuzz(func(t *testing.T, amendment string) {
		a, err := Rules{}.Amend(document, 1, []byte(amendment))
		if err != nil {
			if a != nil || !strings.HasPrefix(err.Error(), "orders: ") {
				t.Fatalf("%v, %v", a, err)
			}
			return
		}
		if a.Err() == nil {
			roundTrip(t, a.Order)
		}
	})
}
