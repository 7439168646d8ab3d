package netim_test

import (
	"regexp"
	"strings"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim"
	"domainprovisioning/registrars/registrarstest"
	standin "domainprovisioning/sandbox/standin/netim"
)

func TestCreateContact(t *testing.T) {
	s := newServer(t)
	n := plugin(t, s)
	s.on("contactCreate", reply(t, "contactCreate"))
	for fixture, contact := range map[string]registrars.Contact{
		"contactCreate-organisation": organisation(),
		"contactCreate-person":       {Role: registrars.Tech, Details: person()},
	} {
		handle, err := n.CreateContact(t.Context(), contact)
		if err != nil || handle != "ZK1234" {
			t.Errorf("%s: %q, %v", fixture, handle, err)
		}
		s.golden("contactCreate", fixture)
	}
}

func TestCreateContactFails(t *testing.T) {
	s := newServer(t)
	n := plugin(t, s)
	for name, test := range map[string]struct {
		answer answer
		class  registrars.Class
		code   string
	}{
		"refused":    {fault(t, "E13", "E13 : Province : Invalid value"), registrars.ClassInvalid, "E13"},
		"quotes":     {fault(t, "E13", "E13 : Dupont : Invalid value"), registrars.ClassInvalid, "E13"},
		"cut":        {cut, registrars.ClassOutcomeUnknown, ""},
		"no id":      {raw(200, "<Envelope><Body><contactCreateResponse><idContact/></contactCreateResponse></Body></Envelope>"), registrars.ClassOutcomeUnknown, ""},
		"not funds":  {fault(t, "E42", "E42 : balance of the address"), registrars.ClassRejected, "E42"},
		"SOAP fault": {fault(t, "Server.Busy", "?"), registrars.ClassOutcomeUnknown, "Server.Busy"},
	} {
		t.Run(name, func(t *testing.T) {
			before := s.count("contactCreate")
			s.on("contactCreate", test.answer)
			_, err := n.CreateContact(t.Context(), registrars.Contact{Role: registrars.Admin, Details: person()})
			failed(t, err, test.class, test.code)
			if s.count("contactCreate") != before+1 {
				t.Error("not sent exactly once")
			}
		})
	}
}

func TestContactLimits(t *testing.T) {
	s := newServer(t)
	n := plugin(t, s)
	long := func(n int) string { return strings.Repeat("x", n) }
	for field, change := range map[string]func(*registrars.Contact){
		"firstName":     func(c *registrars.Contact) { c.Details.MiddleName = long(26) },
		"lastName":      func(c *registrars.Contact) { c.Details.LastName = long(31) },
		"organisation":  func(c *registrars.Contact) { c.Details.Organisation = long(101) },
		"address1":      func(c *registrars.Contact) { c.Details.Address1 = long(81) },
		"address2":      func(c *registrars.Contact) { c.Details.Address2 = long(81) },
		"postalCode":    func(c *registrars.Contact) { c.Details.PostalCode = long(11) },
		"state":         func(c *registrars.Contact) { c.Details.Country, c.Details.State = "IT", long(6) },
		"city":          func(c *registrars.Contact) { c.Details.City = long(31) },
		"country":       func(c *registrars.Contact) { c.Details.Country = "FRA" },
		"phone":         func(c *registrars.Contact) { c.Details.Phone.Number = strings.Repeat("1", 30) },
		"fax":           func(c *registrars.Contact) { c.Details.Fax.Number = strings.Repeat("1", 30) },
		"email":         func(c *registrars.Contact) { c.Details.Email = long(120) + "@x.example" },
		"vatNumber":     func(c *registrars.Contact) { c.Extra = map[string]string{"vatNumber": long(21)} },
		"phone.number":  func(c *registrars.Contact) { c.Details.Phone.Number = "ext." },
		"phone.country": func(c *registrars.Contact) { c.Details.Phone.CountryCode = "" },
	} {
		contact := registrars.Contact{Role: registrars.Owner, Details: person()}
		change(&contact)
		if field == "phone.country" {
			field = "phone.countryCode"
		}
		_, err := n.CreateContact(t.Context(), contact)
		e := failed(t, err, registrars.ClassInvalid, "")
		if e.Field != "owner."+field || e.Rule == "" || strings.Contains(err.Error(), "xxxxxx") {
			t.Errorf("%s: %v", field, err)
		}
	}
	for rule, change := range map[string]func(*domains.Contact){
		"Latin":    func(d *domains.Contact) { d.LastName = "Иванов" },
		"letters":  func(d *domains.Contact) { d.FirstName = "Jean 2" },
		"province": func(d *domains.Contact) { d.Country, d.State = "US", "" },
		"required": func(d *domains.Contact) { d.Email = "" },
	} {
		details := person()
		change(&details)
		_, err := registrarstest.Find(t.Context(), n, registrars.Contact{Role: registrars.Owner, Details: details})
		if e := failed(t, err, registrars.ClassInvalid, ""); !strings.Contains(e.Rule, rule) {
			t.Errorf("%s: %v", rule, err)
		}
	}
	if len(s.actions) != 0 {
		t.Errorf("sent: %v", s.actions)
	}
	// Limits count characters, not bytes.
	s.on("contactCreate", reply(t, "contactCreate"))
	contact := registrars.Contact{Role: registrars.Owner, Details: person()}
	contact.Details.LastName = strings.Repeat("é", 30)
	if _, err := n.CreateContact(t.Context(), contact); err != nil {
		t.Error(err)
	}
}

func TestFindContacts(t *testing.T) {
	same, other := reply(t, "contactInfo", "LASTNAME", "O'Neill-Kent"), reply(t, "contactInfo", "LASTNAME", "Else")
	gone := fault(t, "E42", "E42 : no such contact")
	s := newServer(t)
	n := plugin(t, s)
	s.on("queryContactList", reply(t, "queryContactList"))
	s.on("contactInfo", same)
	handle, err := registrarstest.Find(t.Context(), n, organisation())
	if err != nil || handle != "ID-G" {
		t.Errorf("%q, %v", handle, err)
	}
	s.golden("queryContactList", "queryContactList")
	s.golden("contactInfo", "contactInfo")

	s.on("contactInfo", other, gone, same)
	if handle, err = registrarstest.Find(t.Context(), n, organisation()); err != nil || handle != "ID-E" {
		t.Errorf("%q, %v", handle, err)
	}
	s.on("contactInfo", other)
	before := s.count("contactInfo")
	if handle, err = registrarstest.Find(t.Context(), n, organisation()); err != nil || handle != "" || s.count("contactInfo") != before+5 {
		t.Errorf("%q, %v, %d", handle, err, s.count("contactInfo"))
	}
	// A contact with another role, or another answer to the registry, is a different one.
	s.on("contactInfo", same)
	admin, extra := organisation(), organisation()
	admin.Role, extra.Extra = registrars.Admin, map[string]string{"R_ID": "4712", "R_TYPE": "ACN", "companyNumber": "ACN 4711"}
	for _, contact := range []registrars.Contact{admin, extra} {
		if handle, err = registrarstest.Find(t.Context(), n, contact); err != nil || handle != "" {
			t.Errorf("%q, %v", handle, err)
		}
	}
}

// TestAContactIsFoundInEveryForm: as a struct, as a SOAP-ENC:Struct, as a Map, or by
// reference, each with the additional fields in another form.
func TestAContactIsFoundInEveryForm(t *testing.T) {
	const types = ` xsi:type="xsd:string"`
	whole := fill(read(t, "contactInfo.reply.xml"), "LASTNAME", "O'Neill-Kent")
	member := regexp.MustCompile(`<(\w+) xsi:type="xsd:\w+">(.*)</\w+>`)
	bare := regexp.MustCompile(`(?s)<item>\s*<key[^>]*>(\w+)</key>\s*<value[^>]*>(\w+)</value>\s*</item>`)
	fields, extra, _ := strings.Cut(whole, "<additional")
	for name, body := range map[string]string{
		"SOAP-ENC:Struct": strings.NewReplacer("ns1:StructContactReturn", "SOAP-ENC:Struct", "ns2:Map", "SOAP-ENC:Struct").
			Replace(bare.ReplaceAllString(whole, "<$1"+types+">$2</$1>")),
		"Map": strings.Replace(strings.Replace(member.ReplaceAllString(fields, "<item><key"+types+">$1</key><value"+types+">$2</value></item>"),
			"ns1:StructContactReturn", "ns2:Map", 1)+"<item><key>additional</key><value"+extra, "</additional>", "</value></item>", 1),
		"reference": strings.NewReplacer(`<contact xsi`, `<contact href="#id0"/></ns1:contactInfoResponse><multiRef id="id0" xsi`,
			"</contact>", "</multiRef>", "</ns1:contactInfoResponse>", "").Replace(whole),
	} {
		if body == whole || name != "reference" && strings.Contains(body, "StructContactReturn") {
			t.Fatalf("%s: the same as ever", name)
		}
		s := newServer(t)
		s.on("queryContactList", reply(t, "queryContactList"))
		s.on("contactInfo", raw(200, body))
		if handle, err := registrarstest.Find(t.Context(), plugin(t, s), organisation()); err != nil || handle != "ID-G" {
			t.Errorf("%s: %q, %v\n%s", name, handle, err, body)
		}
		other := organisation()
		other.Extra = map[string]string{"R_ID": "4712", "R_TYPE": "ACN", "companyNumber": "ACN 4711"}
		if handle, err := registrarstest.Find(t.Context(), plugin(t, s), other); err != nil || handle != "" {
			t.Errorf("%s, another value: %q, %v", name, handle, err)
		}
	}
}

// TestSessionsAreInEnglish: the language of the configuration is that of contacts only,
// because the words of other sessions are not known.
func TestSessionsAreInEnglish(t *testing.T) {
	s := newServer(t)
	config := configFor(s.URL + "/2.0/")
	config.Language = "fr"
	n, err := netim.New(config)
	if err != nil {
		t.Fatal(err)
	}
	s.on("contactCreate", reply(t, "contactCreate"))
	if _, err := n.CreateContact(t.Context(), organisation()); err != nil {
		t.Fatal(err)
	}
	s.golden("sessionOpen", "sessionOpen")
	if body := s.bodies["contactCreate"][0]; !strings.Contains(body, `<language xsi:type="xsd:string">FR</language>`) {
		t.Errorf("%s", body)
	}
}

func TestFindContactsWithoutList(t *testing.T) {
	const empty = "<Envelope><Body><queryContactListResponse><r/></queryContactListResponse></Body></Envelope>"
	s := newServer(t)
	n := plugin(t, s)
	for _, answer := range []answer{fault(t, "E42", "E42 : no contacts"), raw(200, empty)} {
		s.on("queryContactList", answer)
		if handle, err := registrarstest.Find(t.Context(), n, organisation()); err != nil || handle != "" {
			t.Errorf("%q, %v", handle, err)
		}
	}
	for _, answer := range []answer{cut, raw(200, "?"), raw(200, strings.ReplaceAll(empty, "<r/>", "<r>none</r>"))} {
		s.on("queryContactList", answer)
		_, err := registrarstest.Find(t.Context(), n, organisation())
		failed(t, err, registrars.ClassTemporary, "")
	}
	s.on("queryContactList", reply(t, "queryContactList"))
	s.on("contactInfo", cut)
	_, err := registrarstest.Find(t.Context(), n, organisation())
	failed(t, err, registrars.ClassTemporary, "")
	// The registry's field is nested by domain, so it cannot be compared.
	nested := strings.ReplaceAll(read(t, "contactInfo.reply.xml"), `<value xsi:type="xsd:string">4711</value>`,
		`<value><item><key>shop.example</key><value>4711</value></item></value>`)
	s.on("contactInfo", raw(200, fill(nested, "LASTNAME", "O'Neill-Kent")))
	if handle, err := registrarstest.Find(t.Context(), n, organisation()); err != nil || handle != "" {
		t.Errorf("%q, %v", handle, err)
	}
}

// TestContactsAreFoundTogether: one list per e-mail address, and each of its contacts is
// read at most once.
func TestContactsAreFoundTogether(t *testing.T) {
	w := newWorld(t, standin.Options{})
	contacts := []registrars.Contact{
		{Role: registrars.Tech, Details: person()}, {Role: registrars.Owner, Details: person()},
		organisation(), {Role: registrars.Admin, Details: person()},
	}
	lists, read := w.stand.Calls("queryContactList"), w.stand.Calls("contactInfo")
	handles, err := w.FindContacts(t.Context(), contacts)
	if err != nil || handles[2] != "" || handles[0] == "" || handles[1] == "" || handles[0] == handles[1] || handles[3] != handles[0] {
		t.Errorf("%q, %v", handles, err)
	}
	lists, read = w.stand.Calls("queryContactList")-lists, w.stand.Calls("contactInfo")-read
	if lists != 2 || read > len(registrars.Roles()) {
		t.Errorf("%d lists, %d contacts read", lists, read)
	}
	if handles, err := w.FindContacts(t.Context(), nil); err != nil || len(handles) != 0 {
		t.Errorf("%q, %v", handles, err)
	}
}

// TestAContactThatWasJustMadeIsNotAskedFor: whether it is an owner's contact is known; a
// contact of another process is read once.
func TestAContactThatWasJustMadeIsNotAskedFor(t *testing.T) {
	w := newWorld(t, standin.Options{})
	before := w.stand.Calls("contactInfo")
	request := w.request(registrars.Registration, "free.example", domains.Settings{})
	for range 2 {
		if err := w.Check(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
	if asked := w.stand.Calls("contactInfo") - before; asked != 0 {
		t.Errorf("asked %d times for contacts that were just made", asked)
	}
	other, err := netim.New(w.config)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := other.Check(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
	if asked, want := w.stand.Calls("contactInfo")-before, len(registrars.Roles()); asked != want {
		t.Errorf("asked %d times, want %d", asked, want)
	}
}

// TestFundsAreAskedForWhenAllIsThere: at intake no money is spent yet.
func TestFundsAreAskedForWhenAllIsThere(t *testing.T) {
	w := newWorld(t, standin.Options{Balance: -1})
	request := w.request(registrars.Registration, "free.example", domains.Settings{})
	early := request
	early.Contacts, early.NameServers = nil, nil
	if err := w.Check(t.Context(), early); err != nil || w.stand.Calls("queryDomainPrice") != 0 {
		t.Errorf("%v, %d questions", err, w.stand.Calls("queryDomainPrice"))
	}
	failed(t, w.Check(t.Context(), request), registrars.ClassBalance, "")
}
