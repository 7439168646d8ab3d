package portfolio_test

import (
	"fmt"
	"testing"
	"time"

	"domainprovisioning/billing"
	"domainprovisioning/domains"
	"domainprovisioning/messages"
	"domainprovisioning/operations"
	"domainprovisioning/portfolio"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

var expires = time.Date(2027, 3, 2, 12, 0, 0, 0, time.UTC)

// ours is a domain that is held, and theirs the same at the registrar.
func ours() store.Domain {
	at := expires
	return store.Domain{Name: shop, State: messages.LifeActive, Expires: &at, AccountID: 7, Held: &messages.Held{
		NameServers: []string{"ns1.dns.example", "ns2.dns.example"}, Owner: "C1",
		Lock: new(true), Privacy: new(false), Signed: new(false), AutoRenewal: new(false),
	}}
}

func theirs() registrars.ListedDomain {
	return registrars.ListedDomain{Whole: true, Domain: registrars.Domain{
		Name: domains.MustParseName(shop), Active: true, Word: "OK", Expires: expires,
		NameServers: domains.NameServers{"NS2.dns.example.", "ns1.dns.example"}, Handles: map[registrars.Role]string{registrars.Owner: "C1"},
		Settings: domains.Settings{Lock: new(true), Privacy: new(false), AutoRenewal: new(false), DNSSEC: &domains.DNSSEC{}},
	}}
}

// shown is what was found, in a line.
func shown(found portfolio.Compared) string {
	text := ""
	for _, fact := range found.Facts {
		text += fmt.Sprintf("%s %s: %s, %s; ", fact.Severity, fact.Kind, fact.Ours, fact.Theirs)
	}
	if found.Look {
		text += "look"
	}
	return text
}

func TestWhatDiffersAtARegistrar(t *testing.T) {
	type pair struct {
		ours   store.Domain
		theirs registrars.ListedDomain
	}
	for name, c := range map[string]struct {
		change func(*pair)
		want   string
	}{
		"nothing":                       {func(*pair) {}, ""},
		"another calendar":              {func(p *pair) { p.theirs.Domain.Expires = expires.AddDate(0, 0, -2) }, ""},
		"it expires earlier":            {func(p *pair) { p.theirs.Domain.Expires = expires.AddDate(0, 0, -3) }, "high expiry: 2027-03-02, 2027-02-27; "},
		"renewed elsewhere":             {func(p *pair) { p.theirs.Domain.Expires = expires.AddDate(1, 0, 0) }, "look"},
		"we do not know when":           {func(p *pair) { p.ours.Expires = nil }, ""},
		"they do not tell when":         {func(p *pair) { p.theirs.Domain.Expires = time.Time{} }, ""},
		"not active":                    {func(p *pair) { p.theirs.Domain.Active, p.theirs.Domain.Word = false, "HOLD" }, "high status: active, HOLD; look"},
		"expired, and its life says so": {func(p *pair) { p.theirs.Domain.Active, p.ours.State = false, messages.LifeRenewGrace }, ""},
		"name servers": {
			func(p *pair) {
				p.theirs.Domain.NameServers = domains.NameServers{"ns1.other.example", "ns1.dns.example"}
			},
			"medium name-servers: ns1.dns.example ns2.dns.example, ns1.dns.example ns1.other.example; ",
		},
		"name servers are not told": {func(p *pair) { p.theirs.Domain.NameServers = nil }, ""},
		"owner":                     {func(p *pair) { p.theirs.Domain.Handles[registrars.Owner] = "C2" }, "high owner: C1, C2; "},
		"owner is not told":         {func(p *pair) { p.theirs.Domain.Handles = nil }, ""},
		"lock":                      {func(p *pair) { p.theirs.Domain.Settings.Lock = new(false) }, "low lock: on, off; "},
		"privacy":                   {func(p *pair) { p.theirs.Domain.Settings.Privacy = new(true) }, "low privacy: off, on; "},
		"auto-renewal":              {func(p *pair) { p.theirs.Domain.Settings.AutoRenewal = new(true) }, "low auto-renewal: off, on; "},
		"DNSSEC":                    {func(p *pair) { p.theirs.Domain.Settings.DNSSEC.Sign = true }, "medium dnssec: off, on; "},
		"settings are not told":     {func(p *pair) { p.theirs.Domain.Settings = domains.Settings{} }, ""},
		"never read":                {func(p *pair) { p.ours.Held = nil; p.theirs.Domain.Handles[registrars.Owner] = "C2" }, ""},
		"a list of names and dates": {
			func(p *pair) {
				p.theirs = registrars.ListedDomain{Domain: registrars.Domain{Name: p.theirs.Domain.Name, Expires: expires.AddDate(-1, 0, 0)}}
			}, "high expiry: 2027-03-02, 2026-03-02; ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := pair{ours(), theirs()}
			c.change(&p)
			if got := shown(portfolio.Compare(p.ours, p.theirs)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhatOnlyOneSideHas(t *testing.T) {
	if got := shown(portfolio.Missing(ours())); got != "high missing-domain: active, ; look" {
		t.Errorf("got %q", got)
	}
	deleted := ours()
	deleted.State = messages.LifePendingDelete
	if got := shown(portfolio.Missing(deleted)); got != "look" {
		t.Errorf("one that was to be deleted: %q", got)
	}
	unknown := portfolio.Unknown(theirs())
	if unknown.Kind != messages.DiffersUnknown || unknown.Severity != messages.SeverityLow || unknown.Domain != shop || unknown.Theirs != "expires 2027-03-02" {
		t.Errorf("got %+v", unknown)
	}
}

func TestWhatDiffersOnThePlatform(t *testing.T) {
	row := func(change func(*billing.DomainInfo)) *billing.DomainInfo {
		info := billing.DomainInfo{AccountID: 7, Status: "Registered", ExpirationDate: expires}
		change(&info)
		return &info
	}
	entry := func(account int, status operations.RegistrarStatus) *operations.Domain {
		return &operations.Domain{AccountID: account, RegistrarStatus: status}
	}
	expired := ours()
	expired.State = messages.LifeRenewGrace
	for name, c := range map[string]struct {
		found portfolio.Compared
		want  string
	}{
		"Billing has none":            {portfolio.CompareBilling(ours(), nil), "medium billing-missing: account 7, ; "},
		"Billing agrees":              {portfolio.CompareBilling(ours(), row(func(*billing.DomainInfo) {})), ""},
		"Billing has another date":    {portfolio.CompareBilling(ours(), row(func(i *billing.DomainInfo) { i.ExpirationDate = expires.AddDate(-1, 0, 0) })), "medium billing-expiry: 2027-03-02, 2026-03-02; "},
		"Billing has none of a date":  {portfolio.CompareBilling(ours(), row(func(i *billing.DomainInfo) { i.ExpirationDate = time.Time{} })), ""},
		"Billing has it cancelled":    {portfolio.CompareBilling(ours(), row(func(i *billing.DomainInfo) { i.Status = "Cancelled" })), "medium billing-status: active, Cancelled; "},
		"expired in Billing, and so":  {portfolio.CompareBilling(expired, row(func(i *billing.DomainInfo) { i.Status = "Expired" })), ""},
		"another's in Billing":        {portfolio.CompareBilling(ours(), row(func(i *billing.DomainInfo) { i.AccountID = 8 })), "medium billing-account: account 7, account 8; "},
		"Operations has none":         {portfolio.CompareOperations(ours(), nil), "medium operations-missing: account 7, ; "},
		"Operations agrees":           {portfolio.CompareOperations(ours(), entry(7, operations.RegistrarStatusRegistered)), ""},
		"Operations does not tell":    {portfolio.CompareOperations(ours(), entry(0, operations.RegistrarStatusUnset)), ""},
		"not registered, it believes": {portfolio.CompareOperations(ours(), entry(7, operations.RegistrarStatusNotRegistered)), "medium operations-status: 2, 1; "},
		"another's in Operations":     {portfolio.CompareOperations(ours(), entry(8, operations.RegistrarStatusRegistered)), "medium operations-account: account 7, account 8; "},
	} {
		if got := shown(c.found); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
