package realtimeregister_test

import (
	"reflect"
	"strings"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/registrarstest"
)

// oddMembers are members of a process that have another type than documented.
var oddMembers = []string{
	`"error": "text"`, `"error": []`, `"error": null`, `"error": {"message": 5, "type": []}`, `"command": []`, `"command": "x"`, `"command": null`,
	`"resumeTypes": "CANCEL"`, `"resumeTypes": [1]`, `"statusDetail": {}`, `"user": 7`, `"customer": []`, `"reservation": "none"`,
	`"billables": {}`, `"createdDate": 5`, `"transaction": []`,
}

// TestAnOddMemberIsAsIfItWereNotThere, and the process beside it is read as well.
func TestAnOddMemberIsAsIfItWereNotThere(t *testing.T) {
	for _, odd := range oddMembers {
		s := newServer(t)
		s.on(processList, text(200, processes(
			`{"id": 7, "status": "RUNNING", "type": "domain", "action": "create", "identifier": "shop.example", `+odd+`}`, process(8, "RUNNING", "renew", ""))))
		s.on("GET processes/7", text(200, `{"id": 7, "status": "FAILED", "type": "domain", "action": "create", "identifier": "shop.example", `+odd+`}`))
		got, err := s.plugin().PendingOperations(t.Context())
		want := registrars.Pending{Operations: []registrars.Operation{
			{Reference: "7", Kind: registrars.Registration, Domain: domains.MustParseName("shop.example"), Status: registrars.StatusPending, Word: "RUNNING"},
			{Reference: "8", Kind: registrars.Renewal, Domain: domains.MustParseName("shop.example"), Status: registrars.StatusPending, Word: "RUNNING"},
		}}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", odd, got, err)
		}
		if failed, err := s.plugin().Operation(t.Context(), "7"); err != nil || failed.Status != registrars.StatusFailed || failed.Reason != "" {
			t.Errorf("%s: a failed process: %+v, %v", odd, failed, err)
		}
	}
}

// TestAProcessThatCannotBeRead is listed beside the others, with its number where it has one
// and without any value.
func TestAProcessThatCannotBeRead(t *testing.T) {
	for item, want := range map[string]registrars.Unreadable{
		`{"status": "RUNNING"}`:                {Rule: "id is not a number"},
		`{"id": {}, "status": "RUNNING"}`:      {Rule: "id is not a number"},
		`{"id": "secret", "status": "NEW"}`:    {Rule: "id is not a number"},
		`{"id": 7.5, "status": "NEW"}`:         {Rule: "id is not a number"},
		`"secret"`:                             {Rule: "id is not a number"},
		`null`:                                 {Rule: "id is not a number"},
		`[]`:                                   {Rule: "id is not a number"},
		`{"id": 7}`:                            {Reference: "7", Rule: "status is not a text"},
		`{"id": "7", "status": ["RUNNING"]}`:   {Reference: "7", Rule: "status is not a text"},
		`{"id": 7, "status": 3, "error": "x"}`: {Reference: "7", Rule: "status is not a text"},
	} {
		s := newServer(t)
		s.on(processList, text(200, processes(process(8, "RUNNING", "renew", ""), item, process(9, "SUSPENDED", "create", ""))))
		got, err := s.plugin().PendingOperations(t.Context())
		if err != nil || len(got.Operations) != 2 || got.Operations[1].Reference != "9" || !reflect.DeepEqual(got.Unreadable, []registrars.Unreadable{want}) {
			t.Errorf("%s: %+v, %v", item, got, err)
		}
	}
}

// TestWhatFindConcludesFromAListWithAnOddItem: it may be ours, so there is never nothing; and
// what can be read still counts.
func TestWhatFindConcludesFromAListWithAnOddItem(t *testing.T) {
	missing := failing(400, "ObjectDoesNotExist")
	const here = `"status": ["OK"], "expiryDate": "2027-01-02T03:04:05Z"`
	for _, odd := range []string{
		`{"id": 7, "status": 5, "type": "domain", "action": "create", "identifier": "shop.example"}`,
		`{"status": "RUNNING", "type": "domain", "action": "create", "identifier": "shop.example"}`,
		`{"id": 7, "status": "RUNNING", "type": "domain", "action": "create", "identifier": 5}`,
		`{"id": 7, "status": "RUNNING", "type": "domain", "action": [], "identifier": "shop.example"}`,
		`{"id": 7, "status": "RUNNING", "type": 1, "action": "create", "identifier": "shop.example"}`,
		`{"id": 7, "status": "RUNNING", "type": "domain", "action": "update", "identifier": "shop.example", "command": "x"}`,
		`"text"`, `null`,
	} {
		for kind, c := range map[registrars.Kind]struct {
			domain answer
			want   registrars.FindingState
		}{
			registrars.Registration:   {missing, registrars.Unclear},
			registrars.Transfer:       {missing, registrars.Unclear},
			registrars.Renewal:        {domainWith(here), registrars.Unclear},
			registrars.AuthCodeChange: {domainWith(here), registrars.Unclear},
			registrars.Deletion:       {missing, registrars.FoundObject}, // the domain proves it
		} {
			s := newServer(t)
			s.on(processList, text(200, processes(odd)))
			s.on(domainCall, c.domain)
			s.on("GET domains/shop.example/transfer", missing)
			if got, err := s.plugin().Find(t.Context(), shopRequest(kind)); err != nil || got.State != c.want {
				t.Errorf("%s beside %s: %s, %v", kind, odd, got.State, err)
			}
		}
		s := newServer(t)
		s.on(processList, text(200, processes(odd, process(9, "SUSPENDED", "create", ""))))
		if got, err := s.plugin().Find(t.Context(), shopRequest(registrars.Registration)); err != nil || got.State != registrars.FoundOperation || got.Operation.Reference != "9" {
			t.Errorf("the open process beside %s: %+v, %v", odd, got, err)
		}
	}
}

// TestWhatFindConcludesBesideAFinishedOddItem: it may have brought the domain, which is not seen
// yet. To the other kinds the domain shows what was done.
func TestWhatFindConcludesBesideAFinishedOddItem(t *testing.T) {
	missing := failing(400, "ObjectDoesNotExist")
	here := domainWith(`"status": ["OK"], "expiryDate": "2027-01-02T03:04:05Z", "registrant": "old", "ns": ["ns1.old.example"]`)
	item := func(members string) string {
		return `{"id": 7, "status": "COMPLETED", "identifier": "shop.example", ` + members + `}`
	}
	const (
		update = `"type": "domain", "action": "update", "command": "x"`
		gone   = `"type": "domain", "action": "delete"`
	)
	obscure := []string{
		`"type": "domain", "action": ["create"]`, `"type": "domain"`, `"type": 1, "action": "create"`, `"action": "create"`, `"type": "domain", "action": "adopt"`,
		`"type": 1, "action": "delete"`, `"type": 1, "action": "update"`,
	}
	find := func(kind registrars.Kind, domain answer, want registrars.FindingState, list ...string) {
		t.Helper()
		s := newServer(t)
		s.on(processList, text(200, processes(list...)))
		s.on(domainCall, domain)
		s.on("GET domains/shop.example/transfer", missing)
		if got, err := s.plugin().Find(t.Context(), shopRequest(kind)); err != nil || got.State != want {
			t.Errorf("%s beside %s: %s, %v; want %s", kind, list, got.State, err, want)
		}
	}
	for _, kind := range []registrars.Kind{registrars.Registration, registrars.Transfer} {
		for _, odd := range obscure {
			find(kind, missing, registrars.Unclear, item(odd))
			find(kind, missing, registrars.Unclear, item(odd), item(gone))
			find(kind, missing, registrars.FoundNothing, item(gone), item(odd)) // it was here, and was deleted since
			find(kind, missing, registrars.FoundNothing, strings.Replace(item(odd), "COMPLETED", "FAILED", 1))
			find(kind, here, registrars.FoundObject, item(odd))
		}
		find(kind, missing, registrars.FoundNothing, item(update)) // it brings nothing
	}
	for _, odd := range append(obscure, update) {
		for _, kind := range []registrars.Kind{registrars.Renewal, registrars.OwnerChange, registrars.NameServerChange, registrars.Deletion} {
			find(kind, here, registrars.FoundNothing, item(odd))
		}
		for _, kind := range []registrars.Kind{registrars.AuthCodeChange, registrars.ZoneReset} { // no domain shows these
			find(kind, here, registrars.Unclear, item(odd))
		}
	}
}

// TestAnOddTransferIsNotNone.
func TestAnOddTransferIsNotNone(t *testing.T) {
	for _, odd := range []string{`"status": 5, "type": "IN", "processId": 9`, `"status": "pending", "type": [], "processId": 9`, `"status": "pending", "type": "IN", "processId": {}`} {
		s := newServer(t)
		s.on(processList, text(200, noProcesses))
		s.on("GET domains/shop.example/transfer", text(200, `{`+odd+`}`))
		s.on(domainCall, failing(400, "ObjectDoesNotExist"))
		if got, err := s.plugin().Find(t.Context(), shopRequest(registrars.Transfer)); err != nil || got.State != registrars.Unclear {
			t.Errorf("%s: %+v, %v", odd, got, err)
		}
	}
}

// TestADomainWithOddMembers shows the others, and what cannot be read proves nothing.
func TestADomainWithOddMembers(t *testing.T) {
	for kind, members := range map[registrars.Kind][]string{
		registrars.Registration:      {`"status": "OK"`, `"status": [5]`},
		registrars.Renewal:           {`"status": ["OK"], "expiryDate": 5`},
		registrars.OwnerChange:       {`"status": ["OK"], "registrant": {}`},
		registrars.ContactChange:     {`"status": ["OK"], "contacts": [{"role": "ADMIN", "handle": "shop-1001"}, 5]`, `"status": ["OK"], "contacts": {}`},
		registrars.NameServerChange:  {`"status": ["OK"], "ns": ["ns1.shop.example", 5]`, `"status": ["OK"], "ns": "none"`, `"status": [5], "ns": []`},
		registrars.Deletion:          {`"status": "OK"`},
		registrars.LockChange:        {`"status": ["OK", 5]`},
		registrars.PrivacyChange:     {`"status": ["OK"], "privacyProtect": "no"`},
		registrars.AutoRenewalChange: {`"status": ["OK"], "autoRenew": 0`},
		registrars.DNSSECChange:      {`"status": ["OK"], "zone": []`, `"status": ["OK"], "keyData": {}`, `"status": ["OK"], "dsData": [{"keyTag": "x"}]`},
	} {
		for _, odd := range members {
			s := newServer(t)
			s.on(processList, text(200, noProcesses))
			s.on("GET domains/shop.example/transfer", failing(400, "ObjectDoesNotExist"))
			s.on(domainCall, domainWith(odd+`, "createdDate": "2026-01-02T03:04:05Z", "premium": "no"`))
			if got, err := s.plugin().Find(t.Context(), shopRequest(kind)); err != nil || got.State != registrars.Unclear {
				t.Errorf("%s by %s: %s, %v", kind, odd, got.State, err)
			}
			if got, err := s.plugin().ReadDomain(t.Context(), domains.MustParseName("shop.example")); err != nil || got.Created.IsZero() {
				t.Errorf("%s: %+v, %v", odd, got, err)
			}
		}
	}
}

// TestNoListIsMadeFromWhatCannotBeRead: it would take away what stands in the odd member.
func TestNoListIsMadeFromWhatCannotBeRead(t *testing.T) {
	for kind, odd := range map[registrars.Kind]string{
		registrars.LockChange: `"status": ["OK", 5]`, registrars.DNSSECChange: `"status": ["OK"], "zone": "x"`, registrars.ZoneReset: `"status": ["OK"], "zone": 1`,
	} {
		s := sold(t)
		s.on(domainCall, domainWith(odd))
		_, err := s.plugin().Submit(t.Context(), shopRequest(kind))
		wantClass(t, err, registrars.ClassTemporary)
		if s.count(updateCall) != 0 {
			t.Errorf("%s: it was sent", kind)
		}
	}
	s := sold(t) // no status at all
	s.on(domainCall, domainWith(`"ns": []`))
	_, err := s.plugin().Submit(t.Context(), shopRequest(registrars.LockChange))
	wantClass(t, err, registrars.ClassTemporary)
}

// TestAnOddContactIsNotOurs: its unreadable member may be what tells it from ours.
func TestAnOddContactIsNotOurs(t *testing.T) {
	w := newWorld(t, "sync")
	contact := jane(registrars.Admin)
	handle, err := w.plugin.CreateContact(t.Context(), contact)
	if err != nil {
		t.Fatal(err)
	}
	const kept = `{"name": "Jane Holder", "addressLine": ["1 Holderstreet"], "postalCode": "10001", "city": "Sampleton", "state": "NY",
		"country": "US", "email": "jane@holder.example", "voice": "+1.2125550100", "properties": []`
	for members, want := range map[string]string{`, "brand": 5`: handle, `, "organization": 5`: "", `, "fax": {}`: ""} {
		s := newServer(t)
		s.on("GET customers/shopreseller/contacts/"+handle, text(200, kept+members+"}"))
		s.on("GET customers/shopreseller/contacts/"+handle+"-2", failing(400, "ObjectDoesNotExist"))
		if got, err := registrarstest.Find(t.Context(), s.plugin(), contact); err != nil || got != want {
			t.Errorf("%s: %q, %v", members, got, err)
		}
	}
}

// TestAHostOfAListWithAnOddItem may be in progress.
func TestAHostOfAListWithAnOddItem(t *testing.T) {
	const name = "ns1.shop.example"
	for odd, want := range map[string]registrars.FindingState{
		`{"id": 7, "status": 5, "type": "host", "identifier": "ns1.shop.example"}`: registrars.Unclear,
		`{"id": 7, "status": "RUNNING", "type": "host", "identifier": 5}`:          registrars.Unclear,
		`7`: registrars.Unclear,
		`{"id": 7, "status": "RUNNING", "type": 5, "identifier": "ns1.shop.example"}`: registrars.FoundOperation,
		`{"id": 7, "status": 5, "type": "host", "identifier": "ns2.shop.example"}`:    registrars.FoundNothing,
	} {
		s := newServer(t)
		s.on("GET hosts/"+name, failing(400, "ObjectDoesNotExist"))
		s.on(processList, text(200, processes(odd)))
		if got, err := s.plugin().FindHost(t.Context(), name); err != nil || got.State != want {
			t.Errorf("%s: %+v, %v", odd, got, err)
		}
	}
}

// TestOddTLDDataForbidNothing: the registrar applies its rules itself.
func TestOddTLDDataForbidNothing(t *testing.T) {
	s := newServer(t)
	s.on("GET tlds/example/info", text(200, `{"provider": "reg", "metadata": {"createDomainPeriods": "12", "nameservers": [], "domainSyntax": 5,
		"registrant": {"organizationRequired": "no", "allowedCountries": {}}, "adminContacts": "x", "featuresAvailable": {}, "addGracePeriod": "5", "redemptionPeriod": 30.5, "restoreIncludesRenew": "yes",
		"contactProperties": [5, {"name": "vat", "type": 7, "mandatory": true}], "transferRequiresAuthcode": "yes", "hosts": []}}`))
	s.on("GET domains/shop.example/check", text(200, `{"available": true}`))
	request := shopRequest(registrars.Registration)
	owner := jane(registrars.Owner)
	owner.Extra = map[string]string{"vat": "1", "other": "2"} // the unreadable property may ask for it
	request.Contacts = map[registrars.Role]registrars.Contact{registrars.Owner: owner}
	if err := s.plugin().Check(t.Context(), request); err != nil {
		t.Error(err)
	}
	delete(owner.Extra, "vat")
	wantClass(t, s.plugin().Check(t.Context(), request), registrars.ClassInvalid)
	if phases, err := s.plugin().Phases(t.Context(), "example"); err != nil || phases != (registrars.Phases{}) {
		t.Errorf("%+v %v", phases, err)
	}
}

// TestPropertiesWithoutARegistry would be lost silently.
func TestPropertiesWithoutARegistry(t *testing.T) {
	s := newServer(t)
	s.on("GET tlds/example/info", text(200, `{"provider": 5, "metadata": {"contactProperties": [{"name": "vat"}]}}`))
	owner := jane(registrars.Owner)
	owner.Extra, owner.Domain = map[string]string{"vat": "1"}, domains.MustParseName("shop.example")
	_, err := s.plugin().CreateContact(t.Context(), owner)
	wantClass(t, err, registrars.ClassTemporary)
}

// TestOddLinesOfMoney hide no others, and price nothing.
func TestOddLinesOfMoney(t *testing.T) {
	s := sold(t)
	s.on("GET domains/shop.example/check", text(200, `{"available": true}`))
	request := shopRequest(registrars.Registration)
	request.Contacts = nil
	request.PriceLimit = &registrars.Price{Cents: 1000, Currency: "EUR"}
	line := `{"product": "domain_example", "action": "CREATE", "currency": "EUR", "price": 899}`
	for list, ok := range map[string]bool{
		`[5, null, {"product": [], "price": "x"}, ` + line + `]`: true,
		`[` + strings.Replace(line, "899", `"899"`, 1) + `]`:     false,
	} {
		s.on("GET customers/shopreseller/pricelist", text(200, `{"prices": `+list+`, "promos": 5}`))
		if err := s.plugin().Check(t.Context(), request); (err == nil) != ok {
			t.Errorf("%s: %v", list, err)
		}
	}
}

// TestAnErrorIsItsType, whatever its other members are.
func TestAnErrorIsItsType(t *testing.T) {
	s := newServer(t)
	s.on(domainCall, text(400, `{"type": "ObjectDoesNotExist", "message": {}, "violations": "none", "property": 5, "billables": "x", "endDate": []}`))
	_, err := s.plugin().ReadDomain(t.Context(), domains.MustParseName("shop.example"))
	wantClass(t, err, registrars.ClassNotFound)
}
