package realtimeregister

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"domainprovisioning/sandbox/standin/faults"
)

func TestWhoMayCall(t *testing.T) {
	f := begin(t)
	for authorization, want := range map[string]int{"ApiKey secret": 200, "ApiKey other": 401, "Basic c2VjcmV0": 401, "secret": 401, "": 401} {
		if r := f.with("GET", "tlds/sync/info", "", authorization, ""); r.status != want || want == 401 && r.kind() != "AuthenticationError" {
			t.Errorf("%q: %d %v", authorization, r.status, r.body)
		}
	}
	if r := f.with("POST", "domains/shop.sync", create, "ApiKey secret", "text/plain"); r.status != 400 || r.kind() != "InvalidMessage" {
		t.Errorf("got %+v", r)
	}
	f.want(403, "AuthorizationError", "GET", "customers/another/credit", "")
	f.want(404, "", "GET", "nowhere", "")
	f.want(404, "", "PUT", "domains/shop.sync", create)
}

// TestAtOnceAndLater: .sync answers 201, and .async 202 with the number of a
// process.
func TestAtOnceAndLater(t *testing.T) {
	f := begin(t, func(o *Options) { o.Behaviour.PendingFor = time.Minute })
	now := f.want(201, "", "POST", "domains/shop.sync", create)
	if now.process != "" || now.body["expiryDate"] != "2027-03-02T08:00:00Z" || fmt.Sprint(now.body["status"]) != "[OK ADD_PERIOD]" {
		t.Errorf("got %+v", now)
	}
	later := f.want(202, "", "POST", "domains/shop.async", create)
	if later.process == "" || len(later.body) != 1 || later.body["domainName"] != "shop.async" {
		t.Errorf("got %+v", later)
	}
	f.want(400, "ObjectDoesNotExist", "GET", "domains/shop.async", "")
	if p := f.want(200, "", "GET", "processes/"+later.process, ""); p.body["status"] != "RUNNING" || fmt.Sprint(p.body["reservation"]) != "map[EUR:899]" {
		t.Errorf("got %v", p.body)
	}
	f.now = f.now.Add(time.Minute)
	if p := f.want(200, "", "GET", "processes/"+later.process, ""); p.body["status"] != "COMPLETED" || fmt.Sprint(p.body["transaction"]) != "map[EUR:899]" {
		t.Errorf("got %v", p.body)
	}
	d := f.want(200, "", "GET", "domains/shop.async", "")
	if d.body["registrant"] != "shop-1001" || d.body["expiryDate"] != "2027-03-02T08:01:00Z" || d.body["authcode"] == "" {
		t.Errorf("got %v", d.body)
	}
	if balance, held := f.Balance(); balance != 10_000_00-2*899 || held != 0 {
		t.Errorf("balance %d, %d held", balance, held)
	}
}

// TestRequestsThatBreakARule are refused with the right type, and leave nothing
// behind.
func TestRequestsThatBreakARule(t *testing.T) {
	f := begin(t, func(o *Options) {
		o.TLDs["strict"] = TLD{Without: []string{"RENEW", "PRIVACY_PROTECT"}, RequiredContacts: []string{"ADMIN"}, ForbiddenContacts: []string{"BILLING"}, MinNameServers: 3}
	})
	f.AddDomain(Domain{Name: "ours.sync", NameServers: []string{"ns1.old.example", "ns2.old.example"}, Locks: []string{"CLIENT_RENEW_PROHIBITED"}})
	f.AddDomain(Domain{Name: "ours.strict"})
	f.AddDomain(Domain{Name: "open.sync"})
	with := func(old, changed string) string { return strings.Replace(create, old, changed, 1) }
	for name, c := range map[string]struct{ kind, path, body string }{
		"no JSON":              {"InvalidMessage", "domains/shop.sync", "<x/>"},
		"an unknown field":     {"UnrecognizedPropertyException", "domains/shop.sync", with(`"ns"`, `"nameservers"`)},
		"an unknown member":    {"UnrecognizedPropertyException", "domains/shop.sync", with(`"role": "TECH"`, `"role": "TECH", "name": "x"`)},
		"another type":         {"UnrecognizedPropertyException", "domains/shop.sync", with(`"period": 12`, `"period": "12"`)},
		"no registrant":        {"ConstraintViolationException", "domains/shop.sync", with(`"registrant": "shop-1001", `, "")},
		"a null registrant":    {"ConstraintViolationException", "domains/shop.sync", with(`"shop-1001"`, `null`)},
		"a strange handle":     {"ConstraintViolationException", "domains/shop.sync", with(`"shop-1001"`, `"a b"`)},
		"no such contact":      {"ObjectDoesNotExist", "domains/shop.sync", with(`"shop-1001"`, `"nobody"`)},
		"no such tech contact": {"ObjectDoesNotExist", "domains/shop.sync", with(`"shop-tech"`, `"nobody"`)},
		"another role":         {"ConstraintViolationException", "domains/shop.sync", with(`TECH`, `OWNER`)},
		"years":                {"ConstraintViolationException", "domains/shop.sync", with(`"period": 12`, `"period": 1`)},
		"a bad host":           {"ConstraintViolationException", "domains/shop.sync", with(`ns1.shop.example`, `ns_1`)},
		"one host":             {"ValidationError", "domains/shop.sync", with(`"ns1.shop.example", `, ``)},
		"capital letters":      {"ConstraintViolationException", "domains/SHOP.sync", create},
		"not sold":             {"UnsupportedTld", "domains/shop.unsold", create},
		"taken":                {"ObjectExists", "domains/ours.sync", create},
		"no DS at creation":    {"UnrecognizedPropertyException", "domains/shop.sync", with(`"period"`, `"dsData": [], "period"`)},
		"too few hosts":        {"ValidationError", "domains/shop.strict", create},
		"no admin":             {"ValidationError", "domains/shop.strict", create},
		"no renewals":          {"ValidationError", "domains/ours.strict/renew", `{"period": 12}`},
		"no privacy":           {"ValidationError", "domains/ours.strict/update", `{"privacyProtect": true}`},
		"locked":               {"ObjectStatusProhibitsOperation", "domains/ours.sync/renew", `{"period": 12}`},
		"not ours":             {"ObjectDoesNotExist", "domains/theirs.sync/renew", `{"period": 12}`},
		"ns and zone":          {"ValidationError", "domains/ours.sync/update", `{"ns": [], "zone": {"dnssec": true}}`},
		"keys and DS":          {"ValidationError", "domains/ours.sync/update", `{"keyData": [], "dsData": []}`},
		"nothing":              {"ValidationError", "domains/ours.sync/update", `{}`},
		"a zone's members":     {"UnrecognizedPropertyException", "domains/ours.sync/update", `{"zone": {"records": []}}`},
		"no such template":     {"ObjectDoesNotExist", "domains/ours.sync/update", `{"zone": {"template": "none"}}`},
		"a status is missing":  {"ValidationError", "domains/ours.strict/update", `{"status": []}`},
		"a status of theirs":   {"ValidationError", "domains/ours.sync/update", `{"status": ["SERVER_HOLD", "CLIENT_RENEW_PROHIBITED"]}`},
		"a key":                {"ConstraintViolationException", "domains/ours.sync/update", `{"keyData": [{"protocol": 3, "flags": 1, "algorithm": 13, "publicKey": "a2V5"}]}`},
		"a digest":             {"ConstraintViolationException", "domains/ours.sync/update", `{"dsData": [{"keyTag": 1, "algorithm": 13, "digestType": 2, "digest": "x"}]}`},
		"no period":            {"ConstraintViolationException", "domains/open.sync/renew", `{}`},
	} {
		if r := f.call("POST", c.path, c.body); r.status != 400 || r.kind() != c.kind {
			t.Errorf("%s: %d %v, want %s", name, r.status, r.body, c.kind)
		}
	}
	if n := len(f.Processes()); n != 0 {
		t.Errorf("%d processes", n)
	}
}

// TestUpdatesChangeWhatIsSent and nothing else.
func TestUpdatesChangeWhatIsSent(t *testing.T) {
	f := begin(t)
	f.AddTemplate("shop-template")
	f.AddDomain(Domain{Name: "ours.sync", Registrant: "old", NameServers: []string{"ns1.old.example", "ns2.old.example"}, AuthCode: "old-code"})
	update := func(body string) Domain {
		t.Helper()
		f.want(200, "", "POST", "domains/ours.sync/update", body)
		d, _ := f.Domain("ours.sync")
		return d
	}
	before, _ := f.Domain("ours.sync")
	if d := update(`{"registrant": "shop-1001", "designatedAgent": "NONE"}`); d.Registrant != "shop-1001" || d.AuthCode != before.AuthCode {
		t.Errorf("got %+v", d)
	}
	if d := update(`{"contacts": [{"role": "ADMIN", "handle": "shop-tech"}]}`); fmt.Sprint(d.Contacts) != "map[ADMIN:shop-tech]" {
		t.Errorf("got %+v", d)
	}
	first := update(`{"authcode": ""}`).AuthCode
	if second := update(`{"authcode": ""}`).AuthCode; first == before.AuthCode || second == first {
		t.Errorf("codes %q, %q, %q", before.AuthCode, first, second)
	}
	if d := update(`{"authcode": "chosen"}`); d.AuthCode != "chosen" {
		t.Errorf("got %+v", d)
	}
	if d := update(`{"status": ["OK", "CLIENT_TRANSFER_PROHIBITED"]}`); fmt.Sprint(d.Locks) != "[CLIENT_TRANSFER_PROHIBITED]" {
		t.Errorf("got %+v", d)
	}
	if d := update(`{"status": []}`); len(d.Locks) != 0 {
		t.Errorf("got %+v", d)
	}
	if d := update(`{"zone": {"template": "shop-template", "dnssec": true}}`); !d.Zone || !d.Signed || d.Template != "shop-template" || d.NameServers[0] != ownNameServers[0] {
		t.Errorf("got %+v", d)
	}
	if d := update(`{"ns": ["ns1.new.example", "ns2.new.example"]}`); d.Zone || d.NameServers[0] != "ns1.new.example" {
		t.Errorf("got %+v", d)
	}
	if d := update(`{"dsData": [{"keyTag": 1, "algorithm": 13, "digestType": 2, "digest": "ab"}]}`); len(d.DS) != 1 || len(d.Keys) != 0 {
		t.Errorf("got %+v", d)
	}
	if d := update(`{"keyData": [{"protocol": 3, "flags": 257, "algorithm": 13, "publicKey": "a2V5"}]}`); len(d.DS) != 0 || len(d.Keys) != 1 {
		t.Errorf("got %+v", d)
	}
	if d := update(`{"keyData": [], "autoRenew": true, "privacyProtect": true}`); len(d.Keys) != 0 || !d.AutoRenew || !d.Privacy {
		t.Errorf("got %+v", d)
	}
	if n := f.Count("update:*", "ours.sync"); n != 12 {
		t.Errorf("%d updates", n)
	}
	if n := f.Count("update:authcode", "ours.sync"); n != 3 {
		t.Errorf("%d updates of the code", n)
	}
}

// TestALockedDomainCanBeUnlocked, but nothing else can be done to it.
func TestALockedDomainCanBeUnlocked(t *testing.T) {
	f := begin(t)
	f.AddDomain(Domain{Name: "ours.sync", NameServers: []string{"ns1.old.example", "ns2.old.example"}, Locks: []string{"CLIENT_UPDATE_PROHIBITED"}})
	f.want(400, "ObjectStatusProhibitsOperation", "POST", "domains/ours.sync/update", `{"autoRenew": true}`)
	f.want(400, "ObjectStatusProhibitsOperation", "POST", "domains/ours.sync/update", `{"status": ["CLIENT_UPDATE_PROHIBITED"]}`)
	f.want(200, "", "POST", "domains/ours.sync/update", `{"status": []}`)
	f.want(200, "", "POST", "domains/ours.sync/update", `{"autoRenew": true}`)
	f.SetStatuses("ours.sync", "SERVER_DELETE_PROHIBITED")
	f.want(400, "ObjectStatusProhibitsOperation", "DELETE", "domains/ours.sync", "")
	f.SetStatuses("ours.sync")
	f.want(200, "", "DELETE", "domains/ours.sync", "")
	f.want(400, "ObjectDoesNotExist", "GET", "domains/ours.sync", "")
}

func TestTransfers(t *testing.T) {
	f := begin(t, func(o *Options) { o.TLDs["open"] = TLD{NoAuthCode: true} })
	f.AddElsewhere("moving.sync", "code", false)
	f.AddElsewhere("locked.sync", "code", true)
	f.AddElsewhere("moving.open", "", false)
	with := func(code string) string {
		return strings.Replace(create, `"period": 12`, `"authcode": "`+code+`"`, 1)
	}
	f.want(400, "AuthCodeInvalidError", "POST", "domains/moving.sync/transfer", with("wrong"))
	f.want(400, "ObjectStatusProhibitsOperation", "POST", "domains/locked.sync/transfer", with("code"))
	f.want(400, "ObjectDoesNotExist", "POST", "domains/free.sync/transfer", with("code"))
	f.want(400, "ValidationError", "POST", "domains/moving.open/transfer", with("code"))
	f.want(400, "ObjectDoesNotExist", "GET", "domains/moving.sync/transfer", "")
	done := f.want(200, "", "POST", "domains/moving.sync/transfer", with("code"))
	if done.body["status"] != "completed" || done.body["type"] != "IN" || done.body["processId"] == nil {
		t.Errorf("got %v", done.body)
	}
	if d, ok := f.Domain("moving.sync"); !ok || !d.Expires.Equal(f.now.AddDate(1, 3, 0)) {
		t.Errorf("got %+v", d)
	}
	f.want(400, "ObjectExists", "POST", "domains/moving.sync/transfer", with("code"))
	f.SetBehaviour("moving.open", Behaviour{Manual: true})
	f.want(202, "", "POST", "domains/moving.open/transfer", strings.Replace(create, `"period": 12, `, "", 1))
	for _, c := range []struct {
		end  func() error
		want string
	}{{func() error { return nil }, "pendingfoa"}, {func() error { return f.Fail("moving.open", "no") }, "failed"}} {
		if err := c.end(); err != nil {
			t.Fatal(err)
		}
		if r := f.want(200, "", "GET", "domains/moving.open/transfer", ""); r.body["status"] != c.want {
			t.Errorf("got %v, want %s", r.body, c.want)
		}
	}
}

func TestQuotesAndAcknowledgements(t *testing.T) {
	f := begin(t, func(o *Options) {
		o.TLDs["strict"] = TLD{Acknowledge: true, Price: 1000, PrivacyPrice: 300, TradePrice: 500}
	})
	quote := f.want(200, "", "POST", "domains/shop.strict?quote=true", strings.Replace(create, `"privacyProtect": false`, `"privacyProtect": true`, 1))
	if quote.body["command"] != "CreateDomainCommand" || fmt.Sprint(quote.body["quote"].(map[string]any)["total"]) != "1300" {
		t.Errorf("got %v", quote.body)
	}
	if n := len(f.Processes()); n != 0 {
		t.Fatalf("a quote made %d processes", n)
	}
	refused := f.want(400, "BillableAcknowledgmentNeededException", "POST", "domains/shop.strict", create)
	if fmt.Sprint(refused.body["quote"].(map[string]any)["total"]) != "1000" {
		t.Errorf("got %v", refused.body)
	}
	with := func(billable string) string {
		return strings.Replace(create, `"period": 12`, `"period": 24, "billables": [`+billable+`]`, 1)
	}
	f.want(400, "BillableAcknowledgmentNeededException", "POST", "domains/shop.strict", with(`{"product": "domain_strict", "action": "CREATE"}`))
	f.want(400, "BillableAcknowledgmentNeededException", "POST", "domains/shop.strict", with(`{"product": "domain_strict", "action": "RENEW", "quantity": 2}`))
	f.want(400, "UnrecognizedPropertyException", "POST", "domains/shop.strict", with(`{"product": "domain_strict", "action": "CREATE", "quantity": 2, "price": 1000}`))
	f.want(201, "", "POST", "domains/shop.strict", with(`{"product": "domain_strict", "action": "CREATE", "quantity": 2, "amount": 1000, "refundable": true, "total": 2000}`))
	if balance, _ := f.Balance(); balance != 10_000_00-2000 {
		t.Errorf("balance %d", balance)
	}
	free := f.want(200, "", "POST", "domains/shop.strict/update?quote=true", `{"autoRenew": true}`)
	if total := free.body["quote"].(map[string]any); len(total) != 1 || fmt.Sprint(total["total"]) != "0" {
		t.Errorf("got %v", free.body)
	}
	f.want(400, "BillableAcknowledgmentNeededException", "POST", "domains/shop.strict/update", `{"registrant": "shop-tech"}`)
	f.SetBalance(400)
	f.want(400, "InsufficientCreditException", "POST", "domains/shop.strict/update",
		`{"registrant": "shop-tech", "billables": [{"product": "domain_strict", "action": "REGISTRANT_CHANGE"}]}`)
	premium := f.want(200, "", "GET", "domains/shop.premium.sync/check", "")
	if premium.body["premium"] != true || premium.body["price"] == nil {
		t.Errorf("got %v", premium.body)
	}
}

func TestLists(t *testing.T) {
	f := begin(t)
	for n := range 12 {
		f.want(202, "", "POST", fmt.Sprintf("domains/d%d.async", n), create)
		f.SetBehaviour(fmt.Sprintf("e%d.async", n), Behaviour{Manual: true})
		f.want(202, "", "POST", fmt.Sprintf("domains/e%d.async", n), create)
		f.now = f.now.Add(time.Second)
	}
	for query, want := range map[string]int{
		"": 10, "?limit=1000": 24, "?limit=5&offset=22": 2, "?limit=0": 0, "?status=SUSPENDED&limit=100": 12, "?status:eq=SUSPENDED": 10,
		"?status:in=SUSPENDED,COMPLETED&limit=100": 24, "?status:not_in=COMPLETED,FAILED&limit=100": 12, "?status:ne=COMPLETED&limit=100": 12,
		"?identifier:eq=d3.async&type:eq=domain": 1, "?action=renew": 0,
	} {
		r := f.want(200, "", "GET", "processes/"+query, "")
		list, _ := r.body["entities"].([]any)
		if len(list) != want {
			t.Errorf("%s: %d, want %d", query, len(list), want)
		}
		if _, there := r.body["entities"]; there == (query == "?limit=0") {
			t.Errorf("%s: %v", query, r.body)
		}
	}
	newest := f.want(200, "", "GET", "processes?order=-createdDate&limit=1", "").body["entities"].([]any)[0].(map[string]any)
	oldest := f.want(200, "", "GET", "processes?order=id&limit=1", "").body["entities"].([]any)[0].(map[string]any)
	if newest["identifier"] != "e11.async" || oldest["identifier"] != "d0.async" {
		t.Errorf("newest %v, oldest %v", newest["identifier"], oldest["identifier"])
	}
	f.want(400, "ConstraintViolationException", "GET", "processes?limit=1001", "")
	f.want(400, "ValidationError", "GET", "processes?process=7", "")
	f.want(400, "ValidationError", "GET", "processes?status:around=7", "")
}

func TestProcessesThatWait(t *testing.T) {
	f := begin(t)
	f.SetBehaviour("a.async", Behaviour{Manual: true})
	f.SetBehaviour("b.async", Behaviour{Manual: true, NoCancel: true})
	f.SetBehaviour("c.async", Behaviour{FailWith: "no"})
	f.SetBehaviour("d.sync", Behaviour{FailWith: "no"})
	a, b := f.want(202, "", "POST", "domains/a.async", create).process, f.want(202, "", "POST", "domains/b.async", create).process
	f.want(200, "", "POST", "processes/"+a+"/resend", "{}")
	f.want(204, "", "DELETE", "processes/"+a, "")
	f.want(400, "ObjectStatusProhibitsOperation", "DELETE", "processes/"+a, "")
	f.want(400, "ObjectStatusProhibitsOperation", "POST", "processes/"+a+"/resend", "{}")
	f.want(400, "ObjectStatusProhibitsOperation", "DELETE", "processes/"+b, "")
	f.want(400, "ObjectDoesNotExist", "GET", "processes/1", "")
	c := f.want(202, "", "POST", "domains/c.async", create).process
	if p := f.want(200, "", "GET", "processes/"+c, ""); p.body["status"] != "FAILED" || p.body["error"] == nil {
		t.Errorf("got %v", p.body)
	}
	f.want(400, "ProcessError", "POST", "domains/d.sync", create)
	if err := f.Complete("a.async"); err == nil {
		t.Error("a cancelled process was completed")
	}
	if err := f.Complete("c.async"); err != nil {
		t.Error(err)
	}
	if _, ok := f.Domain("c.async"); !ok {
		t.Error("a restarted process has no effect")
	}
	if err := f.Cancel("nothing.async"); err == nil {
		t.Error("nothing was cancelled")
	}
}

// TestARepeatShows: two registrations of a name are two processes but one domain.
func TestARepeatShows(t *testing.T) {
	f := begin(t)
	f.SetBehaviour("shop.async", Behaviour{Manual: true})
	f.want(202, "", "POST", "domains/shop.async", create)
	f.want(202, "", "POST", "domains/shop.async", create)
	if n := f.Count("create", "shop.async"); n != 2 {
		t.Errorf("%d registrations", n)
	}
	for range 2 {
		if err := f.Complete("shop.async"); err != nil {
			t.Fatal(err)
		}
	}
	words := map[string]int{}
	for _, p := range f.Processes() {
		words[p.Status]++
	}
	if words["COMPLETED"] != 1 || words["FAILED"] != 1 {
		t.Errorf("got %v", words)
	}
}

func TestFaultsOfItsOwn(t *testing.T) {
	f := begin(t)
	for n, c := range []struct {
		kind    faults.Kind
		status  string
		numbers bool
	}{{faults.InDoubt, "IN_DOUBT", true}, {faults.UnknownStatus, "POSTPONED", true}, {faults.NoProcessID, "COMPLETED", false}} {
		f.Faults.Add(faults.Fault{Kind: c.kind})
		name := fmt.Sprintf("d%d.sync", n)
		f.want(200, "", "GET", "tlds/sync/info", "")
		f.want(200, "", "POST", "domains/"+name+"?quote=true", create)
		if r := f.want(202, "", "POST", "domains/"+name, create); (r.process != "") != c.numbers {
			t.Errorf("%s: got %+v", c.kind, r)
		}
		if all := f.Processes(); all[len(all)-1].Status != c.status {
			t.Errorf("%s: got %+v", c.kind, all[len(all)-1])
		}
	}
	if err := f.Complete("d0.sync"); err != nil {
		t.Error(err)
	}
	if _, ok := f.Domain("d0.sync"); !ok {
		t.Error("what was in doubt cannot be completed")
	}
}

func TestContactsAndProperties(t *testing.T) {
	f := begin(t, func(o *Options) {
		o.TLDs["strict"] = TLD{Provider: "reg", Properties: []Property{{Name: "number", Mandatory: true}, {Name: "kind", Values: map[string]string{"A": "a"}}}}
	})
	const contact = `{"name": "Jane Holder", "addressLine": ["1 Street"], "postalCode": "1", "city": "C", "country": "US", "email": "j@x.example", "voice": "+1.2125550100"}`
	with := func(old, changed string) string { return strings.Replace(contact, old, changed, 1) }
	const path = "customers/shopreseller/contacts/jane-1"
	f.want(400, "ConstraintViolationException", "POST", path, with(`+1.2125550100`, `0212`))
	f.want(400, "ConstraintViolationException", "POST", path, with(`"US"`, `"us"`))
	f.want(400, "ConstraintViolationException", "POST", path, with(`["1 Street"]`, `[]`))
	f.want(400, "ConstraintViolationException", "POST", path, with(`["1 Street"]`, `[""]`))
	f.want(400, "ConstraintViolationException", "POST", path, with(`"name": "Jane Holder", `, ``))
	f.want(400, "ConstraintViolationException", "POST", path, with(`"postalCode": "1"`, `"postalCode": "12345678901234567"`))
	f.want(400, "UnrecognizedPropertyException", "POST", path, with(`"city"`, `"town": "x", "city"`))
	f.want(400, "ConstraintViolationException", "POST", "customers/shopreseller/contacts/a", contact)
	f.want(400, "ObjectDoesNotExist", "GET", path, "")
	f.want(201, "", "POST", path, contact)
	f.want(400, "ObjectExists", "POST", path, contact)
	if r := f.want(200, "", "GET", path, ""); r.body["name"] != "Jane Holder" || r.body["handle"] != "jane-1" || r.body["properties"] != nil {
		t.Errorf("got %v", r.body)
	}
	registration := strings.Replace(create, "shop-1001", "jane-1", 1)
	f.want(400, "ValidationError", "POST", "domains/shop.strict", registration)
	f.want(400, "ObjectDoesNotExist", "POST", path+"/nowhere", `{"properties": {}}`)
	f.want(400, "ValidationError", "POST", path+"/reg", `{"properties": {"other": "1"}}`)
	f.want(400, "ValidationError", "POST", path+"/reg", `{"properties": {"kind": "B"}}`)
	f.want(200, "", "POST", path+"/reg", `{"properties": {"number": "7", "kind": "A"}}`)
	f.want(400, "ObjectExists", "POST", path+"/reg", `{"properties": {"number": "8"}}`)
	f.want(201, "", "POST", "domains/shop.strict", registration)
	if n := len(f.Contacts()); n != 3 {
		t.Errorf("%d contacts", n)
	}
}

// TestTheRegistryRefusesAHolder: no process begins, and another registrant is accepted.
func TestTheRegistryRefusesAHolder(t *testing.T) {
	f := begin(t)
	const contact = `{"name":"Jane","addressLine":["1 Main"],"postalCode":"1","city":"X","country":"US","email":"EMAIL","voice":"+1.1"}`
	const request = `{"customer":"shopreseller","registrant":"HOLDER","period":12}`
	for handle, email := range map[string]string{"jane-1": "jane@shop.example", "jane-2": "desk@shop.example"} {
		f.want(201, "", "POST", "customers/shopreseller/contacts/"+handle, strings.Replace(contact, "EMAIL", email, 1))
	}
	f.RefuseHolder("jane@shop.example")
	f.want(400, "ValidationError", "POST", "domains/shop.sync", strings.Replace(request, "HOLDER", "jane-1", 1))
	if all := f.Processes(); len(all) != 0 {
		t.Errorf("processes %+v", all)
	}
	f.want(201, "", "POST", "domains/shop.sync", strings.Replace(request, "HOLDER", "jane-2", 1))
}
