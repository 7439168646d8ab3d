package realtimeregister_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister"
	standin "domainprovisioning/sandbox/standin/realtimeregister"
)

// TestRulesThatNeedNoQuestion: they name field and rule before any call.
func TestRulesThatNeedNoQuestion(t *testing.T) {
	s := newServer(t)
	many := func(n int) domains.NameServers {
		var list domains.NameServers
		for i := range n {
			list = append(list, "ns"+string(rune('a'+i))+".shop.example")
		}
		return list
	}
	zero, off := 0, false
	ds := domains.DS{KeyTag: 1, Algorithm: 13, DigestType: 2, Digest: "ab"}
	key := domains.DNSKEY{Flags: 257, Protocol: 3, Algorithm: 13, PublicKey: "a2V5"}
	withDS := func(change func(*domains.DS)) func(*registrars.Request) {
		return func(r *registrars.Request) {
			one := ds
			change(&one)
			r.Settings.DNSSEC = &domains.DNSSEC{Sign: true, DS: []domains.DS{one}}
		}
	}
	withKey := func(change func(*domains.DNSKEY)) func(*registrars.Request) {
		return func(r *registrars.Request) {
			one := key
			change(&one)
			r.Settings.DNSSEC = &domains.DNSSEC{Sign: true, Key: &one}
		}
	}
	for name, c := range map[string]struct {
		kind   registrars.Kind
		change func(*registrars.Request)
		field  string
	}{
		"no such kind":    {"no-such-kind", func(*registrars.Request) {}, "kind"},
		"no domain":       {registrars.Registration, func(r *registrars.Request) { r.Domain = domains.Name{} }, "domain"},
		"another TLD":     {registrars.Registration, func(r *registrars.Request) { r.TLD = "com" }, "tld"},
		"no years":        {registrars.Renewal, func(r *registrars.Request) { r.Years = 0 }, "years"},
		"long auth code":  {registrars.Transfer, func(r *registrars.Request) { r.AuthCode = domains.NewSecret(strings.Repeat("x", 65)) }, "authCode"},
		"one name server": {registrars.Registration, func(r *registrars.Request) { r.NameServers = many(1) }, "nameServers"},
		"eleven":          {registrars.Registration, func(r *registrars.Request) { r.NameServers = many(11) }, "nameServers"},
		"no host":         {registrars.Registration, func(r *registrars.Request) { r.NameServers = domains.NameServers{"ns1.shop.example", "ns 2"} }, "nameServers"},
		"too short":       {registrars.Registration, func(r *registrars.Request) { r.NameServers = domains.NameServers{"ns1.shop.example", "a.b"} }, "nameServers.1"},
		"the same twice": {registrars.Registration, func(r *registrars.Request) {
			r.NameServers = domains.NameServers{"ns1.shop.example", "ns1.shop.example"}
		}, "nameServers"},
		"no lock":    {registrars.LockChange, func(r *registrars.Request) { r.Settings.Lock = nil }, "settings.lock"},
		"no privacy": {registrars.PrivacyChange, func(r *registrars.Request) { r.Settings.Privacy = nil }, "settings.privacy"},
		"no DNSSEC":  {registrars.DNSSECChange, func(r *registrars.Request) { r.Settings.DNSSEC = nil }, "settings.dnssec"},
		"key and DS": {registrars.DNSSECChange, func(r *registrars.Request) {
			r.Settings.DNSSEC = &domains.DNSSEC{Sign: true, Key: &key, DS: []domains.DS{ds}}
		}, "settings.dnssec"},
		"key, not signed":   {registrars.DNSSECChange, func(r *registrars.Request) { r.Settings.DNSSEC = &domains.DNSSEC{Key: &key} }, "settings.dnssec.sign"},
		"flags":             {registrars.DNSSECChange, withKey(func(k *domains.DNSKEY) { k.Flags = 1 }), "settings.dnssec.key.flags"},
		"protocol":          {registrars.DNSSECChange, withKey(func(k *domains.DNSKEY) { k.Protocol = 4 }), "settings.dnssec.key.protocol"},
		"algorithm of key":  {registrars.DNSSECChange, withKey(func(k *domains.DNSKEY) { k.Algorithm = 9 }), "settings.dnssec.key.algorithm"},
		"no base64":         {registrars.DNSSECChange, withKey(func(k *domains.DNSKEY) { k.PublicKey = "?" }), "settings.dnssec.key.publicKey"},
		"key tag":           {registrars.DNSSECChange, withDS(func(d *domains.DS) { d.KeyTag = 65536 }), "settings.dnssec.ds[0].keyTag"},
		"algorithm of DS":   {registrars.DNSSECChange, withDS(func(d *domains.DS) { d.Algorithm = 1 }), "settings.dnssec.ds[0].algorithm"},
		"digest type":       {registrars.DNSSECChange, withDS(func(d *domains.DS) { d.DigestType = 3 }), "settings.dnssec.ds[0].digestType"},
		"digest":            {registrars.DNSSECChange, withDS(func(d *domains.DS) { d.Digest = "xyz" }), "settings.dnssec.ds[0].digest"},
		"no template":       {registrars.ZoneReset, func(r *registrars.Request) { r.Settings.ZoneTemplate = nil }, "settings.zoneTemplate"},
		"template 0":        {registrars.ZoneReset, func(r *registrars.Request) { r.Settings.ZoneTemplate = &zero }, "settings.zoneTemplate"},
		"a lock twice over": {registrars.AutoRenewalChange, func(r *registrars.Request) { r.Settings = domains.Settings{Lock: &off} }, "settings.autoRenewal"},
	} {
		request := shopRequest(c.kind)
		c.change(&request)
		err := s.plugin().Check(t.Context(), request)
		if e := wantClass(t, err, registrars.ClassInvalid); e.Field != c.field || e.Rule == "" {
			t.Errorf("%s: field %q, rule %q; want %q", name, e.Field, e.Rule, c.field)
		}
	}
}

// strict is a registry with rules of every kind.
func strict(o *standin.Options) {
	o.TLDs["strict"] = standin.TLD{
		Provider: "strict-registry", CreatePeriods: []int{24}, RenewPeriods: []int{12, 36}, MinNameServers: 3, MaxNameServers: 4,
		RequiredContacts: []string{"ADMIN"}, ForbiddenContacts: []string{"BILLING"}, OrganizationRequired: true, Countries: []string{"US", "DE"},
		Properties: []standin.Property{
			{Name: "companyNumber", Mandatory: true}, {Name: "kind", Values: map[string]string{"A": "association", "C": "company"}},
			{Name: "founded", Type: "Date"}, {Name: "staff", Type: "Integer"},
		},
		Without: []string{"TRANSFER", "PRIVACY_PROTECT"}, DNSSECRecords: 1, Statuses: []string{"CLIENT_HOLD"},
	}
}

func strictRequest(kind registrars.Kind) registrars.Request {
	owner := jane(registrars.Owner)
	owner.Details.Organisation, owner.Extra = "Example Ltd", map[string]string{"companyNumber": "12345", "kind": "C"}
	yes := true
	request := registrars.Request{
		Key: "SO-1/0/x", Kind: kind, Domain: domains.MustParseName("shop.strict"), TLD: "strict", Years: 2,
		NameServers: domains.NameServers{"ns1.shop.example", "ns2.shop.example", "ns3.shop.example"}, Contacts: map[registrars.Role]registrars.Contact{},
	}
	for _, role := range kind.Roles() {
		request.Contacts[role] = jane(role)
	}
	if _, ok := request.Contacts[registrars.Owner]; ok {
		request.Contacts[registrars.Owner] = owner
	}
	request.Settings.Lock, request.Settings.Privacy = &yes, &yes
	return request
}

func TestRulesOfTheTopLevelDomain(t *testing.T) {
	w := newWorld(t, "sync", strict)
	w.standin.AddDomain(standin.Domain{Name: "shop.strict", NameServers: []string{"ns1.shop.example"}})
	if err := w.plugin.Check(t.Context(), func() registrars.Request {
		r := strictRequest(registrars.Registration)
		r.Domain = domains.MustParseName("free.strict")
		return r
	}()); err != nil {
		t.Fatalf("what keeps all rules is refused: %v", err)
	}
	owner := func(change func(*registrars.Contact)) func(*registrars.Request) {
		return func(r *registrars.Request) {
			contact := r.Contacts[registrars.Owner]
			contact.Extra = maps.Clone(contact.Extra)
			change(&contact)
			r.Contacts[registrars.Owner] = contact
		}
	}
	for name, c := range map[string]struct {
		kind   registrars.Kind
		change func(*registrars.Request)
		field  string
		rule   string
	}{
		"a year":           {registrars.Registration, func(r *registrars.Request) { r.Years = 1 }, "years", "12 months are none of [24]"},
		"two years more":   {registrars.Renewal, func(r *registrars.Request) { r.Years = 2 }, "years", "24 months are none of [12 36]"},
		"two name servers": {registrars.Registration, func(r *registrars.Request) { r.NameServers = r.NameServers[:2] }, "nameServers", "at least 3"},
		"five name servers": {registrars.Registration, func(r *registrars.Request) {
			r.NameServers = append(r.NameServers, "ns4.shop.example", "ns5.shop.example")
		}, "nameServers", "at most 4"},
		"no transfers":         {registrars.Transfer, func(*registrars.Request) {}, "kind", "not offered"},
		"no privacy":           {registrars.PrivacyChange, func(*registrars.Request) {}, "settings.privacy", "not offered"},
		"no lock":              {registrars.LockChange, func(*registrars.Request) {}, "settings.lock", "not offered"},
		"a person":             {registrars.OwnerChange, owner(func(c *registrars.Contact) { c.Details.Organisation = "" }), "owner.organisation", "required"},
		"from elsewhere":       {registrars.OwnerChange, owner(func(c *registrars.Contact) { c.Details.Country = "nl" }), "owner.country", "not one of those"},
		"no company number":    {registrars.OwnerChange, owner(func(c *registrars.Contact) { delete(c.Extra, "companyNumber") }), "owner.companyNumber", "required in this"},
		"a kind that is none":  {registrars.OwnerChange, owner(func(c *registrars.Contact) { c.Extra["kind"] = "X" }), "owner.kind", "one of A, C"},
		"a date that is none":  {registrars.OwnerChange, owner(func(c *registrars.Contact) { c.Extra["founded"] = "1.2.2003" }), "owner.founded", "a date"},
		"a number that is not": {registrars.OwnerChange, owner(func(c *registrars.Contact) { c.Extra["staff"] = "many" }), "owner.staff", "a whole number"},
		"not asked for":        {registrars.OwnerChange, owner(func(c *registrars.Contact) { c.Extra["shoeSize"] = "44" }), "owner.shoeSize", "not asked for"},
		"no mail address":      {registrars.OwnerChange, owner(func(c *registrars.Contact) { c.Details.Email = "" }), "owner.email", "required"},
		"two DS records": {registrars.DNSSECChange, func(r *registrars.Request) {
			ds := domains.DS{KeyTag: 1, Algorithm: 13, DigestType: 2, Digest: "ab"}
			r.Settings.DNSSEC = &domains.DNSSEC{Sign: true, DS: []domains.DS{ds, ds}}
		}, "settings.dnssec.ds", "at most 1 records"},
		"an old algorithm": {registrars.DNSSECChange, func(r *registrars.Request) {
			r.Settings.DNSSEC = &domains.DNSSEC{Sign: true, Key: &domains.DNSKEY{Flags: 257, Protocol: 3, Algorithm: 5, PublicKey: "a2V5"}}
		}, "settings.dnssec.key.algorithm", "one of [8 10 13 14 15 16] in this top-level domain"},
		"signed, and not here":    {registrars.DNSSECChange, func(r *registrars.Request) { r.Settings.DNSSEC = &domains.DNSSEC{Sign: true} }, "settings.dnssec", "the registrar does not serve the zone"},
		"a template, and no zone": {registrars.ZoneReset, func(r *registrars.Request) { n := 3; r.Settings.ZoneTemplate = &n }, "settings.zoneTemplate", "no zone"},
	} {
		request := strictRequest(c.kind)
		c.change(&request)
		err := w.plugin.Check(t.Context(), request)
		if e := wantClass(t, err, registrars.ClassInvalid); e.Field != c.field || !strings.Contains(e.Rule, c.rule) {
			t.Errorf("%s: field %q, rule %q; want %q, %q", name, e.Field, e.Rule, c.field, c.rule)
		}
		if strings.Contains(err.Error(), "Jane") || strings.Contains(err.Error(), "jane@") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := w.standin.Calls("tlds.info"); n != 1 {
		t.Errorf("the rules were read %d times within a day", n)
	}
}

// TestContactsThatTheRegistryHasNot: contacts that the registry does not have are
// left out.
func TestContactsThatTheRegistryHasNot(t *testing.T) {
	w := newWorld(t, "sync", strict)
	request := strictRequest(registrars.Registration)
	for role, contact := range request.Contacts {
		contact.Role, contact.Domain = role, request.Domain
		handle, err := w.plugin.CreateContact(t.Context(), contact)
		if err != nil {
			t.Fatal(err)
		}
		contact.Handle = handle
		request.Contacts[role] = contact
	}
	request.Settings = domains.Settings{}
	if _, err := w.plugin.Submit(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	d, _ := w.standin.Domain("shop.strict")
	if d.Contacts["BILLING"] != "" || d.Contacts["ADMIN"] == "" || d.AutoRenew || d.Privacy {
		t.Errorf("got %+v", d)
	}
	delete(request.Contacts, registrars.Admin)
	request.Domain = domains.MustParseName("second.strict")
	_, err := w.plugin.Submit(t.Context(), request)
	if e := wantClass(t, err, registrars.ClassInvalid); e.Field != "admin" {
		t.Errorf("got %v", err)
	}
}

func TestNames(t *testing.T) {
	w := newWorld(t, "sync")
	w.standin.AddDomain(standin.Domain{Name: "ours.sync"})
	w.standin.AddElsewhere("theirs.sync", "code", false)
	expires, yes := time.Now().UTC(), true
	for name, c := range map[string]struct {
		kind   registrars.Kind
		domain string
		tld    string
		class  registrars.Class
	}{
		"free":                     {registrars.Registration, "free.sync", "sync", ""},
		"ours already":             {registrars.Registration, "ours.sync", "sync", registrars.ClassUnavailable},
		"somebody's":               {registrars.Registration, "theirs.sync", "sync", registrars.ClassUnavailable},
		"premium":                  {registrars.Registration, "shop.premium.sync", "sync", registrars.ClassPrice},
		"not sold":                 {registrars.Registration, "shop.unsold", "unsold", registrars.ClassRejected},
		"to be brought here":       {registrars.Transfer, "theirs.sync", "sync", ""},
		"here already":             {registrars.Transfer, "ours.sync", "sync", registrars.ClassInvalid},
		"nobody's":                 {registrars.Transfer, "free.sync", "sync", registrars.ClassInvalid},
		"change of ours":           {registrars.NameServerChange, "ours.sync", "sync", ""},
		"change of somebody's":     {registrars.NameServerChange, "theirs.sync", "sync", registrars.ClassInvalid},
		"a lock to come later":     {registrars.LockChange, "theirs.sync", "sync", ""},
		"privacy to come later":    {registrars.PrivacyChange, "theirs.sync", "sync", ""},
		"deletion of somebody's":   {registrars.Deletion, "theirs.sync", "sync", registrars.ClassInvalid},
		"renewal from another day": {registrars.Renewal, "ours.sync", "sync", registrars.ClassInvalid},
	} {
		request := registrars.Request{
			Kind: c.kind, Domain: domains.MustParseName(c.domain), TLD: c.tld, Years: 1, AuthCode: domains.NewSecret("code"), Expires: expires.AddDate(0, 1, 0),
			Settings: domains.Settings{Lock: &yes, Privacy: &yes},
		}
		err := w.plugin.Check(t.Context(), request)
		if c.class == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		} else if c.class != "" {
			if err == nil {
				t.Errorf("%s: taken", name)
				continue
			}
			wantClass(t, err, c.class)
		}
	}
	if n := len(w.standin.Processes()); n != 0 {
		t.Errorf("checking made %d processes", n)
	}
}

// TestCredit: a request that the account cannot pay is refused with the reason,
// before contacts are created if that can be known, and otherwise by the
// registrar.
func TestCredit(t *testing.T) {
	w := newWorld(t, "async")
	request := w.Request(registrars.Renewal, 1)
	if err := w.plugin.Check(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	w.standin.SetBalance(899)
	if err := w.plugin.Check(t.Context(), request); err != nil {
		t.Errorf("the last money cannot be spent: %v", err)
	}
	w.standin.SetBalance(850)
	e := wantClass(t, w.plugin.Check(t.Context(), request), registrars.ClassBalance)
	if e.Rule != "the price of 8.99 EUR is more than the 8.50 EUR that the account may spend" {
		t.Errorf("rule %q", e.Rule)
	}
	if err := w.another(func(c *realtimeregister.Config) { c.CreditLimitCents = 49 }).Check(t.Context(), request); err != nil {
		t.Errorf("an account with credit: %v", err)
	}
	_, err := w.plugin.Submit(t.Context(), request)
	wantClass(t, err, registrars.ClassBalance)
	if n := w.standin.Count("renew", request.Domain.String()); n != 0 {
		t.Errorf("%d renewals", n)
	}
}

// TestMoneyThatIsHeldCannotBeSpent on something else.
func TestMoneyThatIsHeldCannotBeSpent(t *testing.T) {
	w := newWorld(t, "async")
	w.standin.SetBalance(1000)
	first := w.Request(registrars.Renewal, 1)
	w.Hold(first.Domain)
	if _, err := w.plugin.Submit(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	e := wantClass(t, w.plugin.Check(t.Context(), w.Request(registrars.Renewal, 2)), registrars.ClassBalance)
	if !strings.Contains(e.Rule, "the 1.01 EUR") {
		t.Errorf("rule %q", e.Rule)
	}
}

// TestCreditThatCannotBeSeen forbids nothing.
func TestCreditThatCannotBeSeen(t *testing.T) {
	for name, c := range map[string]struct {
		credit answer
		class  registrars.Class
		funds  string
	}{
		"another currency": {text(200, `{"accounts": [{"currency": "USD", "balance": 0}]}`), "", ""},
		"no balance":       {text(200, `{"accounts": [{"currency": "EUR"}]}`), "", ""},
		"no permission":    {failing(403, "AuthorizationError"), "", ""},
		"down":             {failing(500, "InternalSRSError"), registrars.ClassTemporary, ""},
		"too little":       {text(200, `{"accounts": [{"currency": "EUR", "balance": 1000, "reservation": 102}]}`), registrars.ClassBalance, "8.98 EUR"},
		"a debt":           {text(200, `{"accounts": [{"currency": "EUR", "balance": -5}]}`), registrars.ClassBalance, "-0.05 EUR"},
	} {
		s := sold(t)
		s.on(domainCall, failing(400, "ObjectDoesNotExist"))
		s.on("GET domains/shop.example/check", text(200, `{"available": true}`))
		s.on(createQuote, reply(t, 200, "create-quote"))
		s.on("GET customers/shopreseller/credit", c.credit)
		told := ""
		err := s.plugin(func(config *realtimeregister.Config) {
			config.Funds = func(spendable float64, currency string) { told += fmt.Sprintf("%.2f %s", spendable, currency) }
		}).Check(t.Context(), shopRequest(registrars.Registration))
		if told != c.funds {
			t.Errorf("%s: told of %q, want %q", name, told, c.funds)
		}
		if c.class == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		} else if c.class != "" {
			wantClass(t, err, c.class)
		}
	}
}

func TestAvailabilityThatCannotBeTold(t *testing.T) {
	s := sold(t)
	s.on("GET domains/shop.example/check", text(200, `{"reason": "who knows"}`))
	wantClass(t, s.plugin().Check(t.Context(), shopRequest(registrars.Registration)), registrars.ClassTemporary)
	s.on("GET domains/shop.example/check", text(200, `{"available": false, "reason": "reserved for Jane Holder"}`))
	err := s.plugin().Check(t.Context(), shopRequest(registrars.Registration))
	if e := wantClass(t, err, registrars.ClassUnavailable); strings.Contains(err.Error(), "Jane") || e.Detail == "" {
		t.Errorf("got %v", err)
	}
}
