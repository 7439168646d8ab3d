package realtimeregister

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// These tests hold what clients that are strict about types need.

func TestAContactIsKeptAndChanged(t *testing.T) {
	f := begin(t, func(o *Options) { o.TLDs["strict"] = TLD{Provider: "reg", Properties: []Property{{Name: "number"}}} })
	const contact = `{"customer": "shopreseller", "handle": "jane-1", "name": "Jane Holder", "addressLine": ["1 Street"], "postalCode": "1", "city": "C",
		"country": "US", "email": "j@x.example", "voice": "+1.2125550100", "fax": "+1.2125550101", "brand": "shop", "disclosedFields": ["email", "name"]}`
	const path = "customers/shopreseller/contacts/jane-1"
	f.want(400, "ConstraintViolationException", "POST", path, strings.Replace(contact, `"name"]`, `"birthday"]`, 1))
	f.want(201, "", "POST", path, contact)
	made := f.want(200, "", "GET", path, "")
	if made.body["createdDate"] != "2026-03-02T08:00:00Z" || made.body["brand"] != "shop" || fmt.Sprint(made.body["disclosedFields"]) != "[email name]" || made.body["updatedDate"] != nil {
		t.Errorf("got %v", made.body)
	}
	if r := f.want(200, "", "GET", "customers/shopreseller/contacts/shop-tech", ""); r.body["brand"] != "default" {
		t.Errorf("got %v", r.body)
	}
	f.now = f.now.Add(time.Hour)
	f.want(400, "ConstraintViolationException", "POST", path+"/update", `{"name": ""}`)
	f.want(400, "ConstraintViolationException", "POST", path+"/update", `{"voice": "0212"}`)
	f.want(200, "", "POST", path+"/update", `{"city": "D", "fax": "", "disclosedFields": []}`)
	changed := f.want(200, "", "GET", path, "")
	if changed.body["city"] != "D" || changed.body["fax"] != nil || changed.body["disclosedFields"] != nil || changed.body["name"] != "Jane Holder" ||
		changed.body["updatedDate"] != "2026-03-02T09:00:00Z" || changed.body["createdDate"] != "2026-03-02T08:00:00Z" {
		t.Errorf("got %v", changed.body)
	}
	f.want(400, "ObjectDoesNotExist", "POST", path+"/reg/update", `{"properties": {"number": "1"}}`)
	f.want(200, "", "POST", path+"/reg", `{"properties": {"number": "1"}}`)
	f.want(400, "ValidationError", "POST", path+"/reg/update", `{"properties": {"other": "1"}}`)
	f.want(200, "", "POST", path+"/reg/update", `{"properties": {"number": "2"}}`)
	if r := f.want(200, "", "GET", path, ""); fmt.Sprint(r.body["properties"]) != "map[reg:map[number:2]]" {
		t.Errorf("got %v", r.body)
	}
	f.want(201, "", "POST", "domains/shop.sync", strings.Replace(create, "shop-1001", "jane-1", 1))
	f.want(400, "ObjectStatusProhibitsOperation", "DELETE", path, "")
	f.want(200, "", "DELETE", "domains/shop.sync", "")
	f.want(204, "", "DELETE", path, "")
	f.want(400, "ObjectDoesNotExist", "GET", path, "")
}

// TestAZoneIsMade with a registration; the domain is delegated to it unless the request names
// name servers.
func TestAZoneIsMade(t *testing.T) {
	f := begin(t)
	f.AddTemplate("shop-template")
	without := strings.Replace(create, `"ns": ["ns1.shop.example", "ns2.shop.example"], `, `"zone": {"template": "shop-template", "dnssec": true}, `, 1)
	f.want(201, "", "POST", "domains/shop.sync", without)
	r := f.want(200, "", "GET", "domains/shop.sync", "")
	if got := fmt.Sprint(r.body["zone"], r.body["ns"]); got != "map[dnssec:true id:1 service:BASIC template:shop-template] [ns1.mockup.example ns2.mockup.example]" {
		t.Errorf("got %s", got)
	}
	f.want(201, "", "POST", "domains/other.sync", strings.Replace(create, `"ns"`, `"zone": {"service": "PREMIUM", "master": "192.0.2.1"}, "ns"`, 1))
	r = f.want(200, "", "GET", "domains/other.sync", "")
	if got := fmt.Sprint(r.body["zone"], r.body["ns"]); got != "map[dnssec:false id:2 master:192.0.2.1 service:PREMIUM] [ns1.shop.example ns2.shop.example]" {
		t.Errorf("got %s", got)
	}
	f.want(400, "ObjectDoesNotExist", "POST", "domains/third.sync", strings.Replace(without, "shop-template", "none", 1))
	f.want(400, "ConstraintViolationException", "POST", "domains/third.sync", strings.Replace(without, `"dnssec": true`, `"service": "FREE"`, 1))
	f.want(200, "", "POST", "domains/shop.sync/update", `{"zone": {"link": false}}`)
	if d, _ := f.Domain("shop.sync"); !d.Zone || d.Template != "" || !d.Signed {
		t.Errorf("got %+v", d)
	}
}

func TestTheAutoRenewPeriodIsKept(t *testing.T) {
	f := begin(t, func(o *Options) { o.TLDs["long"] = TLD{AutoRenewPeriods: []int{12, 24}} })
	f.AddDomain(Domain{Name: "ours.long"})
	for _, want := range []string{"12", "24"} {
		if r := f.want(200, "", "GET", "domains/ours.long", ""); fmt.Sprint(r.body["autoRenewPeriod"]) != want {
			t.Errorf("got %v, want %s", r.body["autoRenewPeriod"], want)
		}
		f.want(200, "", "POST", "domains/ours.long/update", `{"autoRenewPeriod": 24}`)
	}
	f.want(400, "ConstraintViolationException", "POST", "domains/ours.long/update", `{"autoRenewPeriod": 36}`)
}

func TestTLDDataAreComplete(t *testing.T) {
	metadata := begin(t).want(200, "", "GET", "tlds/sync/info", "").body["metadata"].(map[string]any)
	for _, required := range []string{
		"createDomainPeriods", "renewDomainPeriods", "autoRenewDomainPeriods", "nameservers", "registrant", "adminContacts", "techContacts", "billingContacts",
		"domainSyntax", "hosts", "transferFOA", "transferSupportsAuthcode", "transferRequiresAuthcode", "adjustableAuthCode", "customAuthcodeSupport",
		"creationRequiresPreValidation", "featuresAvailable", "registrantChangeApprovalRequired", "registrantChangeTransferLock", "renewalOnTransfer",
		"restoreIncludesRenew", "premiumSupport", "whoisExposure", "gdprCategory",
	} {
		if metadata[required] == nil {
			t.Errorf("%s is missing", required)
		}
	}
}

func TestADeletedDomainIsRestored(t *testing.T) {
	f := begin(t, func(o *Options) { o.TLDs["kept"] = TLD{Redemption: true, Async: true, RestorePrice: 50_00} })
	const path = "domains/ours.kept"
	f.AddDomain(Domain{Name: "ours.kept", NameServers: []string{"ns1.old.example", "ns2.old.example"}})
	const acknowledged = `{"reason": "by mistake", "billables": [{"product": "domain_kept", "action": "RESTORE", "quantity": 1}]}`
	f.want(400, "ObjectStatusProhibitsOperation", "POST", path+"/restore", acknowledged)
	f.want(202, "", "DELETE", path, "")
	f.want(400, "ObjectStatusProhibitsOperation", "POST", path+"/renew", `{"period": 12}`)
	f.want(400, "ConstraintViolationException", "POST", path+"/restore", `{}`)
	f.want(400, "BillableAcknowledgmentNeededException", "POST", path+"/restore", `{"reason": "by mistake"}`)
	if r := f.want(200, "", "POST", path+"/restore?quote=true", acknowledged); fmt.Sprint(r.body["quote"].(map[string]any)["total"]) != "5000" {
		t.Errorf("got %v", r.body)
	}
	f.SetBehaviour("ours.kept", Behaviour{Manual: true})
	if r := f.want(202, "", "POST", path+"/restore", acknowledged); r.process == "" || r.body["domainName"] != "ours.kept" || r.body["expiryDate"] == nil {
		t.Errorf("got %+v", r)
	}
	if r := f.want(200, "", "GET", path, ""); fmt.Sprint(r.body["status"]) != "[PENDING_DELETE REDEMPTION_PERIOD PENDING_RESTORE]" {
		t.Errorf("got %v", r.body["status"])
	}
	if err := f.Complete("ours.kept"); err != nil {
		t.Fatal(err)
	}
	if r := f.want(200, "", "GET", path, ""); fmt.Sprint(r.body["status"]) != "[OK]" {
		t.Errorf("got %v", r.body["status"])
	}
	if n := f.Count("restore", "ours.kept"); n != 1 {
		t.Errorf("%d restores", n)
	}
	f.want(400, "ObjectDoesNotExist", "POST", "domains/theirs.kept/restore", acknowledged)
}

// A domain's phase shows in its statuses, and says what may be done.
func TestThePhasesOfADomain(t *testing.T) {
	f := begin(t, func(o *Options) { o.TLDs["year"] = TLD{RestoreIncludesRenew: true} })
	const acknowledged = `{"reason": "by mistake", "billables": [{"product": "domain_%s", "action": "RESTORE", "quantity": 1}]}`
	for _, tld := range []string{"sync", "year"} {
		path, restore := "domains/ours."+tld, fmt.Sprintf(acknowledged, tld)
		f.AddDomain(Domain{Name: "ours." + tld, NameServers: []string{"ns1.old.example", "ns2.old.example"}})
		for phase, want := range map[Phase]string{
			Active: "[OK]", Expired: "[EXPIRED]", AutoRenewed: "[AUTO_RENEW_PERIOD]", PendingDelete: "[PENDING_DELETE]", Redemption: "[PENDING_DELETE REDEMPTION_PERIOD]",
		} {
			f.SetPhase("ours."+tld, phase)
			if r := f.want(200, "", "GET", path, ""); fmt.Sprint(r.body["status"]) != want {
				t.Errorf("%s: %v", phase, r.body["status"])
			}
			if phase != Redemption {
				f.want(400, "ObjectStatusProhibitsOperation", "POST", path+"/restore", restore)
			}
		}
		f.SetPhase("ours."+tld, PendingDelete)
		f.want(400, "ObjectStatusProhibitsOperation", "POST", path+"/renew", `{"period": 12}`)
		// Restored, it has still expired unless a year is included.
		f.SetPhase("ours."+tld, Expired)
		f.SetPhase("ours."+tld, Redemption)
		before, _ := f.Domain("ours." + tld)
		f.want(200, "", "POST", path+"/restore", restore)
		after, _ := f.Domain("ours." + tld)
		status, years := "[EXPIRED]", 0
		if tld == "year" {
			status, years = "[OK]", 1
		}
		if r := f.want(200, "", "GET", path, ""); fmt.Sprint(r.body["status"]) != status || !after.Expires.Equal(before.Expires.AddDate(years, 0, 0)) {
			t.Errorf("%s: %v, from %s to %s", tld, r.body["status"], before.Expires, after.Expires)
		}
		f.want(200, "", "POST", path+"/renew", `{"period": 12}`)
		if r := f.want(200, "", "GET", path, ""); fmt.Sprint(r.body["status"]) != "[OK]" || f.Count("restore", "ours."+tld) != 1 {
			t.Errorf("%s: %v", tld, r.body["status"])
		}
	}
	f.GarbleDomain("ours.sync")
	if r := f.want(200, "", "GET", "domains", ""); !strings.Contains(fmt.Sprint(r.body["entities"]), "domainName:[]") {
		t.Errorf("%v", r.body)
	}
}

// TestTransferInformation is given of the latest transfer, or of the one with a number.
func TestTransferInformation(t *testing.T) {
	f := begin(t)
	f.AddElsewhere("moving.async", "code", false)
	body := strings.Replace(create, `"period": 12`, `"authcode": "code"`, 1)
	f.SetBehaviour("moving.async", Behaviour{Manual: true})
	first := f.want(202, "", "POST", "domains/moving.async/transfer", body).process
	if err := f.Fail("moving.async", "no"); err != nil {
		t.Fatal(err)
	}
	second := f.want(202, "", "POST", "domains/moving.async/transfer", body).process
	for path, want := range map[string]string{"": "pendingfoa", "/" + first: "failed", "/" + second: "pendingfoa"} {
		if r := f.want(200, "", "GET", "domains/moving.async/transfer"+path, ""); r.body["status"] != want {
			t.Errorf("%s: %v, want %s", path, r.body, want)
		}
	}
	f.want(400, "ObjectDoesNotExist", "GET", "domains/moving.async/transfer/1", "")
}

// TestARenewalTellsItsExpiry, done or accepted.
func TestARenewalTellsItsExpiry(t *testing.T) {
	f := begin(t)
	for name, status := range map[string]int{"ours.sync": 200, "ours.async": 202} {
		f.AddDomain(Domain{Name: name})
		if r := f.want(status, "", "POST", "domains/"+name+"/renew", `{"period": 12}`); r.body["domainName"] != name || r.body["expiryDate"] == nil {
			t.Errorf("got %+v", r)
		}
	}
}
