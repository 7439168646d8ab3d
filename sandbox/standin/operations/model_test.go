package operations

import (
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/sandbox/standin/faults"
)

const shop = "domain_name=shop.example"

func TestTwelveSteps(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	s := newSystem(t, Options{ZoneDelay: time.Minute, Now: func() time.Time { return now }})
	s.customer()
	body := s.ok("addDomainRequest", "subscription_id=i:701", shop)
	if value(body, "zone_created") != "0" {
		t.Errorf("zone_created is inverted: 0 is a new zone; got %s", body)
	}
	if body := s.ok("addDomainRequest", "subscription_id=n:701", shop); value(body, "zone_created") != "1" {
		t.Errorf("second request: %s", body)
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests after a repeat, want 1", n)
	}
	if s.ZoneServed("shop.example") {
		t.Error("the zone is served at once")
	}
	now = now.Add(time.Minute)
	if !s.ZoneServed("shop.example") || s.ZoneServed("other.example") {
		t.Error("the zone is not served after its delay, or an unknown one is")
	}
	if body := s.ok("getNameServers", "subscription_id=i:701", shop); !strings.Contains(body, "ns2.dns.example") {
		t.Errorf("name servers: %s", body)
	}
	domain := value(s.ok("addDomain", "subscription_id=i:701", shop, "force=b:0", "registrar_status=i:0"), "domain_id")
	if len(s.Requests()) != 0 {
		t.Error("the request outlived addDomain")
	}
	s.ok("bindServicesToDomain", "domain_id=i:"+domain, "subscription_id=i:702")
	s.refused("already", "bindServicesToDomain", "domain_id=i:"+domain, "subscription_id=i:702")
	again := s.ok("addDomain", "subscription_id=i:701", shop, "force=b:1", "registrar_status=i:2")
	if value(again, "domain_id") != domain {
		t.Errorf("step 11 changed the id %s: %s", domain, again)
	}
	got, _ := s.Domain("shop.example")
	if got.RegistrarStatus != 2 || got.AccountID != 500 || len(got.Bound) != 1 || got.Bound[0] != 702 {
		t.Errorf("domain %+v", got)
	}
	if len(s.Accounts()) != 1 || len(s.Members()) != 1 || len(s.Subscriptions()) != 2 ||
		len(s.Domains()) != 1 || len(s.Bindings()) != 1 || len(s.Zones()) != 1 {
		t.Error("not exactly one of each")
	}
}

func TestNameServersComeInBothForms(t *testing.T) {
	s := newSystem(t, Options{NameServers: []string{"a.ns.example", "b.ns.example"}})
	s.customer()
	var rows, plain bool
	for _, name := range []string{"a.example", "b.example", "c.example", "d.example"} {
		body := s.ok("addDomainRequest", "subscription_id=i:701", "domain_name="+name)
		isRow := strings.Contains(body, "<name>ns</name>")
		rows, plain = rows || isRow, plain || !isRow
		again := s.ok("getNameServers", "subscription_id=i:701", "domain_name="+name)
		if strings.Contains(again, "<name>ns</name>") != isRow {
			t.Errorf("%s changes its form", name)
		}
	}
	if !rows || !plain {
		t.Errorf("rows %v, plain %v; want both", rows, plain)
	}
}

// TestForceTable covers the table of docs/protocols/operations.md, section 9.6.
func TestForceTable(t *testing.T) {
	for _, c := range []struct {
		name, force string
		owner       int // of an existing domain
		refused     bool
		sameID      bool
		requests    int // remaining requests of ours and of another account
	}{
		{"nowhere, 0", "b:0", 0, false, false, 1},
		{"nowhere, 1", "b:1", 0, false, false, 0},
		{"nowhere, 1 as int", "i:1", 0, false, false, 0},
		{"ours, 0", "b:0", 500, true, true, 2},
		{"ours, 1", "n:1", 500, false, true, 0},
		{"another's, 0", "i:0", 600, true, true, 2},
		{"another's, 1", "b:1", 600, false, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSystem(t, Options{})
			s.customer()
			s.AddExistingAccount(600)
			s.ok("activateSubscription", "account_id=i:600", "service_template_id=i:1", "subscription_id=i:801")
			old := 0
			if c.owner != 0 {
				old = s.AddExistingDomain("Shop.Example.", c.owner)
			}
			s.ok("addDomainRequest", "subscription_id=i:701", shop)
			s.ok("addDomainRequest", "subscription_id=i:801", shop)
			args := []string{"subscription_id=i:701", shop, "force=" + c.force, "registrar_status=i:1"}
			if c.refused {
				s.refused("already exists", "addDomain", args...)
			} else {
				s.ok("addDomain", args...)
			}
			all := s.Domains()
			if len(all) != 1 || (all[0].ID == old) != c.sameID {
				t.Fatalf("domains %+v, was %d", all, old)
			}
			if !c.refused && (all[0].AccountID != 500 || all[0].RegistrarStatus != 1) {
				t.Errorf("domain %+v", all[0])
			}
			if n := len(s.Requests()); n != c.requests {
				t.Errorf("%d requests left, want %d", n, c.requests)
			}
		})
	}
}

func TestUndoLeavesNothing(t *testing.T) {
	s := newSystem(t, Options{})
	s.customer()
	s.ok("addDomainRequest", "subscription_id=i:701", shop)
	s.ok("removeDomainRequest", "subscription_id=i:701", shop)
	s.refused("does not exist", "removeDomainRequest", "subscription_id=i:701", shop)
	if len(s.Zones()) != 0 {
		t.Error("the zone outlived its only request")
	}
	id := value(s.ok("addDomain", "subscription_id=i:701", shop), "domain_id")
	s.ok("setDomainRegistrarStatus", "domain_id=i:"+id, "registrar_status=i:2")
	s.ok("bindServicesToDomain", "domain_id=i:"+id, "subscription_id=i:702")
	s.ok("unbindServicesFromDomain", "domain_id=i:"+id, "subscription_id=i:702")
	s.refused("not bound", "unbindServicesFromDomain", "domain_id=i:"+id, "subscription_id=i:702")
	s.refused("has subscriptions", "removeAccount", "account_id=i:500")
	s.ok("removeSubscription", "subscription_id=i:702")
	s.ok("removeSubscription", "subscription_id=i:701")
	if d, ok := s.Domain("shop.example"); !ok || d.SubscriptionID != 0 {
		t.Errorf("the domain must stay without a subscription: %+v", d)
	}
	s.refused("has domains", "removeAccount", "account_id=i:500")
	s.ok("removeDomain", "domain_id=i:"+id)
	s.ok("removeAccountMember", "member_id=i:900")
	s.ok("removeAccount", "account_id=i:500")
	if len(s.Accounts())+len(s.Members())+len(s.Subscriptions())+len(s.Domains())+len(s.Zones())+len(s.Requests()) != 0 {
		t.Error("something is left")
	}
	want := []string{
		"request shop.example", "services of 702 on shop.example", "subscription 702", "subscription 701", "domain shop.example",
		"member 900", "account 500",
	}
	if got := s.Removals(); !slices.Equal(got, want) {
		t.Errorf("removals %q", got)
	}
}

func TestFaultsAndEffects(t *testing.T) {
	for _, c := range []struct {
		kind    faults.Kind
		effects int
	}{
		{faults.CutBefore, 0}, {faults.CutAfter, 1}, {faults.HTTPError, 0}, {faults.RateLimit, 0}, {faults.Malformed, 1},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			s := newSystem(t, Options{})
			s.Faults.Add(faults.Fault{Method: "pem.addAccount", Kind: c.kind})
			body, err := s.try("addAccount", with(contactPairs(), "account_id=i:500")...)
			if err == nil && value(body, "status") != "" {
				t.Errorf("an answer came: %s", body)
			}
			if n := len(s.Accounts()); n != c.effects {
				t.Errorf("%d accounts, want %d", n, c.effects)
			}
			s.try("addAccount", with(contactPairs(), "account_id=i:500")...)
			if n := len(s.Accounts()); n != 1 || s.Calls("pem.addAccount") != 2 {
				t.Errorf("%d accounts after a repeat, %d calls", n, s.Calls("pem.addAccount"))
			}
			if log := s.Log(); log[0].Outcome != string(c.kind) {
				t.Errorf("log %+v", log)
			}
		})
	}
}
