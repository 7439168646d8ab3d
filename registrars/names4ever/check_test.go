package names4ever_test

import (
	"context"
	"strings"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/names4ever"
	standin "domainprovisioning/sandbox/standin/names4ever"
)

// The rules before sending, in the wording of docs/protocols/names4ever.md, section 5.
// Rules that a request of the contract cannot break are tested with Operation.Check.
func TestRulesBeforeSending(t *testing.T) {
	type change = func(*registrars.Request)
	owner := func(edit func(*domains.Contact)) change {
		return func(r *registrars.Request) {
			c := jane()
			edit(&c)
			r.Contacts[registrars.Owner] = registrars.Contact{Details: c}
		}
	}
	admin := func(edit func(*domains.Contact)) change {
		return func(r *registrars.Request) {
			c := jane()
			edit(&c)
			r.Contacts[registrars.Admin] = registrars.Contact{Details: c}
		}
	}
	servers := func(hosts ...string) change {
		return func(r *registrars.Request) { r.NameServers = hosts }
	}
	for _, c := range []struct {
		name        string
		kind        registrars.Kind
		change      change
		field, rule string // "": any rule
		intake      bool   // Check refuses it, too
	}{
		{"no name", registrars.Registration, func(r *registrars.Request) { r.Domain = domains.Name{} }, "domain", "fqdn is required", true},
		{"no organisation", registrars.Registration, owner(func(c *domains.Contact) { *c = domains.Contact{} }), "owner.organisation", "organization is required", true},
		{"no owner", registrars.Registration, func(r *registrars.Request) { delete(r.Contacts, registrars.Owner) }, "owner.organisation", "organization is required", false},
		{"no password", registrars.Registration, func(r *registrars.Request) { r.DomainPassword = domains.Secret{} }, "domainPassword", "domain password is required; later changes need it", false},
		{"no password to delete", registrars.Deletion, func(r *registrars.Request) { r.DomainPassword = domains.Secret{} }, "domainPassword", "domain password is required; later changes need it", false},
		{"no name server", registrars.Registration, servers(), "nameServers", "1 to 4 name servers are required, got 0", false},
		{"five name servers", registrars.Registration, servers("a.x.example", "b.x.example", "c.x.example", "d.x.example", "e.x.example"), "nameServers", "1 to 4 name servers are required, got 5", true},
		{"five name servers to change", registrars.NameServerChange, servers("a.x.example", "b.x.example", "c.x.example", "d.x.example", "e.x.example"), "nameServers", "1 to 4 name servers are required, got 5", true},
		{"no admin", registrars.Registration, func(r *registrars.Request) { delete(r.Contacts, registrars.Admin) }, "admin", "an admin contact is required", false},
		{"no years", registrars.Registration, func(r *registrars.Request) { r.Years = 0 }, "years", "registration-period is counted in years and must be at least 1", true},
		{"negative years", registrars.Registration, func(r *registrars.Request) { r.Years = -1 }, "years", "registration-period is counted in years and must be at least 1", true},
		{"no change", registrars.ContactChange, func(r *registrars.Request) { r.Contacts = nil }, "domain", "modify-domain changes nothing", false},
		{"country", registrars.Registration, admin(func(c *domains.Contact) { c.Country = "XX" }), "admin.country", "", true},
		{"continent", registrars.Registration, admin(func(c *domains.Contact) { c.Country = "EU" }), "admin.country", "", true},
		{"telephone", registrars.Registration, admin(func(c *domains.Contact) { c.Phone.Number = "123" }), "admin.phone", "", true},
		{"incomplete contact", registrars.ContactChange, admin(func(c *domains.Contact) { c.City = " " }), "admin.city", "required", true},
		{"no key", registrars.Deletion, func(r *registrars.Request) { r.Key = "" }, "key", "required", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.SetRDAPAvailable(false)
			r := request(c.kind)
			c.change(&r)
			_, err := w.Submit(ctx, r)
			e := failed(t, err, registrars.ClassInvalid)
			if e.Field != c.field || e.Rule == "" || c.rule != "" && e.Rule != c.rule {
				t.Errorf("field %q, rule %q; want %q, %q", e.Field, e.Rule, c.field, c.rule)
			}
			if err := w.Check(ctx, r); (err != nil) != c.intake {
				t.Errorf("Check says %v", err)
			}
			if w.Calls(standin.AddDomain)+w.Calls(standin.ModifyDomain)+w.Calls(standin.DeleteDomain) != 0 {
				t.Error("something was sent")
			}
		})
	}
}

func TestOtherKindsAreRefusedBeforeAnythingIsSent(t *testing.T) {
	w := newWorld(t)
	served := w.Describe()
	for _, kind := range append(registrars.Kinds(), "nonsense") {
		if served.Serves(kind) {
			continue
		}
		r := request(kind)
		_, submitted := w.Submit(ctx, r)
		_, found := w.Find(ctx, r)
		for _, err := range []error{w.Check(ctx, r), submitted, found} {
			if e := failed(t, err, registrars.ClassInvalid); e.Field != "kind" {
				t.Errorf("%s: field %q", kind, e.Field)
			}
		}
	}
	if w.Calls("") != 0 {
		t.Error("something was sent")
	}
}

func TestCheckAtIntake(t *testing.T) {
	w := newWorld(t)
	bare := registrars.Request{Kind: registrars.Registration, Domain: shop, Years: 1}
	if err := w.Check(ctx, bare); err != nil {
		t.Error(err)
	}
	w.AddTaken("shop.example")
	failed(t, w.Check(ctx, bare), registrars.ClassUnavailable)
	for _, kind := range []registrars.Kind{registrars.NameServerChange, registrars.ContactChange, registrars.Deletion} {
		if err := w.Check(ctx, registrars.Request{Kind: kind, Domain: shop}); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if calls := w.Calls(standin.RDAP); calls != 2 {
		t.Errorf("%d questions to RDAP, want 2: only a registration has one", calls)
	}
	w.SetRDAPAvailable(false)
	if err := w.Check(ctx, bare); err != nil {
		t.Errorf("RDAP that is down is no objection: %v", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	failed(t, w.Check(ended, bare), registrars.ClassTemporary)
}

func TestNew(t *testing.T) {
	for name, change := range map[string]func(*names4ever.Config){
		"login":                             func(c *names4ever.Config) { c.Login = " " },
		"password":                          func(c *names4ever.Config) { c.Password = domains.Secret{} },
		"names4ever.plan_id is missing":     func(c *names4ever.Config) { c.PlanID = "" },
		"url must be https":                 func(c *names4ever.Config) { c.URL = "http://names4ever.example/" },
		"url is not valid":                  func(c *names4ever.Config) { c.URL = "::" },
		"user or":                           func(c *names4ever.Config) { c.URL = "https://1001:s3cret@names4ever.example/" },
		"names4ever.rdap_url must be https": func(c *names4ever.Config) { c.RDAPURL = "http://rdap.example/" },
		"negative":                          func(c *names4ever.Config) { c.Timeout = -1 },
		"names4ever.code_classes.5 must":    func(c *names4ever.Config) { c.CodeClasses = map[int]registrars.Class{5: "odd"} },
		"names4ever.code_classes.0 must":    func(c *names4ever.Config) { c.CodeClasses = map[int]registrars.Class{0: registrars.ClassRejected} },
	} {
		config := configFor("https://names4ever.example/PirinLink/Pirin.exe")
		change(&config)
		_, err := names4ever.New(config)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		hidesSecrets(t, name, err.Error())
	}
	config := configFor("https://names4ever.example/PirinLink/Pirin.exe")
	config.RDAPURL = ""
	described := plugin(t, config).Describe()
	if described.Name != "names4ever" || described.Title != "Names4Ever" || !described.Synchronous || !described.DomainPassword ||
		described.Reads != registrars.ReadsOutside || described.RenewalGuard != registrars.GuardNone ||
		described.Duplicates != "not known" || len(described.Kinds) != 4 || len(described.Assumptions) == 0 {
		t.Errorf("described %+v", described)
	}
}
