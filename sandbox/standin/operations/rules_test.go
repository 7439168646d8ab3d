package operations

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

func TestFraming(t *testing.T) {
	s := newSystem(t, Options{})
	for _, params := range []string{
		"", "<param><value><i4>1</i4></value></param>",
		"<param><value><struct></struct></value></param><param><value><struct></struct></value></param>",
	} {
		if _, body, _ := s.post("pem.getAccountInfo", params); !strings.Contains(body, "Exactly one") {
			t.Errorf("%q: %s", params, body)
		}
	}
	if _, body, _ := s.post("pem.unheardOf", "<param><value><struct></struct></value></param>"); !strings.Contains(body, "<fault>") {
		t.Errorf("unknown method: %s", body)
	}
	if _, body, _ := s.post("pem.addAccount", "<param"); !strings.Contains(body, "<fault>") {
		t.Errorf("broken document: %s", body)
	}
	s.refused("Transaction 'tx1' does not exist", "getAccountInfo", "txn_id=tx1")
	s.refused("no argument surplus", "getAccountMemberByLogin", "login=x", "surplus=i:1")
	s.refused("must be an int", "getAccountInfo", "account_id=500")
	for path, want := range map[string]int{"/RPC2": 405, "/": 404} {
		reply, err := http.Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		reply.Body.Close()
		if reply.StatusCode != want {
			t.Errorf("GET %s: %d, want %d", path, reply.StatusCode, want)
		}
	}
}

func TestBasic(t *testing.T) {
	s := newSystem(t, Options{User: "staff", Password: "pw"})
	if status, _, _ := s.post("pem.getAccountInfo", ""); status != 401 {
		t.Errorf("status %d without credentials", status)
	}
	s.url = strings.Replace(s.url, "http://", "http://staff:pw@", 1)
	if status, _, _ := s.post("pem.getAccountInfo", ""); status != 200 {
		t.Errorf("status %d with credentials", status)
	}
	if len(s.Log()) != 1 {
		t.Errorf("log %+v: an unauthorized call is no call", s.Log())
	}
}

func TestAccountRules(t *testing.T) {
	s := newSystem(t, Options{})
	body := s.refused("EITHER external_info OR person", "addAccount", contactPairs()[1:]...)
	if value(body, "module_id") != "OpenAPI" || value(body, "extype_id") != "21" || strings.Contains(body, "error_code") {
		t.Errorf("identity: %s", body)
	}
	external := "external_info=" + structOf("any=1")
	s.refused("EITHER", "addAccount", with(contactPairs(), external)...)
	s.ok("addAccount", external, "account_id=i:501")
	for name, replaced := range map[string]string{
		"upper-case country": "address=" + structOf("street_name=R", "zipcode=1", "city=T", "country=NL", "state=S"),
		"empty city":         "address=" + structOf("street_name=R", "zipcode=1", "city= ", "country=nl", "state=S"),
		"unknown member":     "person=" + structOf("first_name=A", "last_name=M", "nick=X"),
		"empty optional":     "person=" + structOf("first_name=A", "last_name=M", "company_name="),
		"no area code":       "phone=" + structOf("country_code=31", "phone_num=2"),
		"empty mail":         "email=",
	} {
		pairs := contactPairs()
		for i := range pairs {
			if strings.HasPrefix(replaced, pairs[i][:5]) {
				pairs[i] = replaced
			}
		}
		if body, _ := s.try("addAccount", pairs...); value(body, "status") != "-1" {
			t.Errorf("%s: %s", name, body)
		}
	}
	s.refused("account_type", "addAccount", with(contactPairs(), "account_type=A")...)
	s.refused("Account #99 does not exist", "addAccount", with(contactPairs(), "parent_account_id=i:99")...)
	s.refused("Account #501 already exists", "addAccount", with(contactPairs(), "account_id=i:501")...)
	made := number(t, s.ok("addAccount", with(contactPairs(), "account_type=R", "note=vip", "parent_account_id=i:501")...), "account_id")
	if made < firstID {
		t.Errorf("generated id %d", made)
	}
	info := s.ok("getAccountInfo", "account_id=i:"+value(s.ok("addAccount", contactPairs()...), "account_id"))
	if value(info, "account_type") != "C" || value(info, "last_name") != "Muster" || value(info, "parent_account_id") != "1" {
		t.Errorf("info %s", info)
	}
	s.refused("does not exist", "getAccountInfo", "account_id=i:12")
}

func TestMemberRules(t *testing.T) {
	s := newSystem(t, Options{UserIDOffset: 10})
	s.ok("addAccount", with(contactPairs(), "account_id=i:500")...)
	auth := "auth=" + structOf("login=ada", "password=pw")
	body := s.refused("EITHER external_identity", "addAccountMember", with(contactPairs(), "account_id=i:500")...)
	if value(body, "module_id") != "Common" || value(body, "extype_id") != "2" || value(body, "error_code") != "0" {
		t.Errorf("identity: %s", body)
	}
	s.refused("Account #9 does not exist", "addAccountMember", with(contactPairs(), "account_id=i:9", auth)...)
	s.ok("addAccountMember", with(contactPairs(), "account_id=i:500", "user_id=i:900", auth)...)
	s.refused("User #900 already exists", "addAccountMember", with(contactPairs(), "account_id=i:500", "user_id=i:900",
		"auth="+structOf("login=other", "password=pw"))...)
	s.refused("login already exists", "addAccountMember", with(contactPairs(), "account_id=i:500", "user_id=i:901", auth)...)
	identity := "external_identity=" + structOf("system_name=crm", "identity_key=k1")
	s.refused("EITHER", "addAccountMember", "account_id=i:500", identity, auth)
	s.ok("addAccountMember", "account_id=i:500", "user_id=i:902", identity)
	found := s.ok("getAccountMemberByLogin", "login=ada")
	if value(found, "member_id") != "900" || value(found, "user_id") != "910" || value(found, "account_id") != "500" {
		t.Errorf("by login: %s", found)
	}
	if strings.Contains(found, "pw") {
		t.Error("a look-up gives the password away")
	}
	s.refused("does not exist", "getAccountMemberByLogin", "login=nobody")
	if list := s.ok("getAccountMembers", "account_id=i:500"); strings.Count(list, "member_id") != 2 {
		t.Errorf("members: %s", list)
	}
	if info := s.ok("getMemberFullInfo", "member_id=i:902"); value(info, "login") != "k1" {
		t.Errorf("info: %s", info)
	}
	s.refused("Member #1 does not exist", "removeAccountMember", "member_id=i:1")
}

func TestSubscriptionRules(t *testing.T) {
	s := newSystem(t, Options{Templates: map[int]Kind{1: Domain, 2: Hosting, 3: Inactive}})
	s.ok("addAccount", with(contactPairs(), "account_id=i:500")...)
	s.refused("no staff member", "activateSubscription", "account_id=i:500", "service_template_id=i:1")
	s.AddExistingAccount(600)
	s.refused("template #8 does not exist", "activateSubscription", "account_id=i:600", "service_template_id=i:8")
	s.refused("not active", "activateSubscription", "account_id=i:600", "service_template_id=i:3")
	s.refused("missing", "activateSubscription", "account_id=i:600")
	s.refused("parameters", "activateSubscription", "account_id=i:600", "service_template_id=i:1",
		"parameters=<array><data></data></array>")
	limits := "resource_limits=<array><data><value>" + structOf("resource_id=i:1", "resource_limit=i:-1") + "</value></data></array>"
	s.ok("activateSubscription", "account_id=i:600", "service_template_id=i:1", "subscription_id=i:701",
		"subscription_name=Domain", limits)
	s.refused("resource_limits", "activateSubscription", "account_id=i:600", "service_template_id=i:1", "resource_limits=i:1")
	taken := s.refused("Subscription #701 already exists", "activateSubscription", "account_id=i:600",
		"service_template_id=i:1", "subscription_id=i:701")
	if value(taken, "error_code") != "2007" || value(taken, "extype_id") != "205" {
		t.Errorf("identity: %s", taken)
	}
	unknown := s.refused("Subscription #5 does not exist", "getSubscription", "subscription_id=i:5")
	if value(unknown, "error_code") != "2006" || value(unknown, "sub_id") != "5" {
		t.Errorf("identity: %s", unknown)
	}
	info := s.ok("getSubscription", "subscription_id=i:701", "get_resources=b:1")
	if value(info, "owner_id") != "600" || value(info, "st_id") != "1" || value(info, "name") != "Domain" {
		t.Errorf("info: %s", info)
	}
	if list := s.ok("getAccountSubscriptions", "account_id=i:600"); strings.Count(list, "st_id") != 1 {
		t.Errorf("list: %s", list)
	}
}

func TestDomainRules(t *testing.T) {
	s := newSystem(t, Options{})
	s.customer()
	s.AddExistingAccount(600)
	s.refused("DNS Hosting", "addDomainRequest", "subscription_id=i:702", shop)
	s.refused("not a domain name", "addDomainRequest", "subscription_id=i:701", "domain_name=shop")
	s.refused("does not exist", "getNameServers", "subscription_id=i:701", shop)
	s.refused("does not exist", "getDomainByName", shop)
	s.refused("registrar_status", "addDomain", "subscription_id=i:701", shop, "registrar_status=i:3")
	s.refused("boolean", "addDomain", "subscription_id=i:701", shop, "force=i:2")
	s.refused("boolean", "addDomain", "subscription_id=i:701", shop, "force=1")
	s.refused("hosting_type", "addDomain", "subscription_id=i:701", shop, "hosting_type=i:1")
	s.refused("Subscription #1 does not exist", "addDomain", "subscription_id=i:1", shop)
	s.ok("addDomain", "subscription_id=i:701", shop, "domain_id=i:4000")
	s.refused("Domain #4000 already exists", "addDomain", "subscription_id=i:701", "domain_name=b.example", "domain_id=i:4000")
	info := s.ok("getDomainByName", "domain_name=SHOP.example")
	if value(info, "domain_id") != "4000" || value(info, "account_id") != "500" || value(info, "subscription_id") != "701" {
		t.Errorf("info: %s", info)
	}
	s.refused("no hosting services", "bindServicesToDomain", "domain_id=i:4000", "subscription_id=i:701")
	s.ok("activateSubscription", "account_id=i:600", "service_template_id=i:2", "subscription_id=i:802")
	s.refused("another account", "bindServicesToDomain", "domain_id=i:4000", "subscription_id=i:802")
	s.refused("Domain #1 does not exist", "bindServicesToDomain", "domain_id=i:1", "subscription_id=i:702")
	s.refused("missing", "setDomainRegistrarStatus", "domain_id=i:4000")
}

// TestErrorsAsFaults: with the option, the same refusals are sent as faults,
// and change nothing either.
func TestErrorsAsFaults(t *testing.T) {
	s := newSystem(t, Options{RaiseFaults: true})
	s.ok("addAccount", with(contactPairs(), "account_id=i:500")...)
	for text, pairs := range map[string][]string{
		"Account #500 already exists.": with(contactPairs(), "account_id=i:500"),
		"Account #99 does not exist.":  with(contactPairs(), "parent_account_id=i:99"),
	} {
		body, err := s.try("addAccount", pairs...)
		if err != nil || !strings.Contains(body, "<fault>") || !strings.Contains(body, base64.StdEncoding.EncodeToString([]byte(text))) {
			t.Errorf("%s: %s, %v", text, body, err)
		}
	}
	if n := len(s.Accounts()); n != 1 {
		t.Errorf("%d accounts", n)
	}
}
