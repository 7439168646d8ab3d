package epp

import (
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp/internal/objects"
)

// TestWhatAMessageIsAbout: what has no object is about the account and bears the registry's words,
// without our password; what has one bears none, because they may be about a person.
func TestWhatAMessageIsAbout(t *testing.T) {
	const text, password = "Jane, the-password is old.", "the-password"
	start := time.Date(2026, 12, 1, 2, 0, 0, 0, time.UTC)
	done, refused := &objects.Action{Done: true, Server: "SV-1"}, &objects.Action{Server: "SV-2"}
	for name, c := range map[string]struct {
		message objects.Message
		account registrars.AccountMatter
		domain  string
		claim   string
	}{
		"nothing":                    {objects.Message{}, registrars.AccountOther, "", "message"},
		"a change of nothing":        {objects.Message{Change: &objects.Change{Operation: "update"}}, registrars.AccountOther, "", "changed/update"},
		"maintenance":                {objects.Message{Maintenance: &objects.Maintenance{Start: start}}, registrars.AccountMaintenance, "", "maintenance/2026-12-01T02:00Z"},
		"maintenance at no time":     {objects.Message{Maintenance: &objects.Maintenance{}}, registrars.AccountMaintenance, "", "maintenance"},
		"a domain":                   {objects.Message{Object: objects.ObjectDomain, Domain: "a.example"}, "", "a.example", "domain"},
		"the end of a pending one":   {objects.Message{Object: objects.ObjectDomain, Domain: "a.example", Action: done}, "", "a.example", "pending-action/done"},
		"a domain that is none":      {objects.Message{Object: objects.ObjectDomain, Domain: "a b", Action: refused}, "", "", "pending-action/refused"},
		"a domain without name":      {objects.Message{Object: objects.ObjectDomain}, "", "", "domain"},
		"a contact":                  {objects.Message{Object: objects.ObjectContact}, "", "", "contact"},
		"a contact that was made":    {objects.Message{Object: objects.ObjectContact, Action: done}, "", "", "contact/done"},
		"a contact that was not":     {objects.Message{Object: objects.ObjectContact, Action: &objects.Action{Server: "SV-3"}}, "", "", "contact/refused"},
		"a contact that was moved":   {objects.Message{Object: objects.ObjectContact, Transfer: &objects.Transfer{Status: "serverApproved"}}, "", "", "contact/transfer/serverApproved"},
		"a host that was changed":    {objects.Message{Object: objects.ObjectHost, Change: &objects.Change{Operation: "delete"}}, "", "", "host/changed/delete"},
		"a host, and maintenance":    {objects.Message{Object: objects.ObjectHost, Maintenance: &objects.Maintenance{}}, "", "", "host"},
		"a status that is no word":   {objects.Message{Object: objects.ObjectHost, Transfer: &objects.Transfer{Status: "for Jane"}}, "", "", "host/transfer/" + plain("for Jane")},
		"a domain as well, a word":   {objects.Message{Object: objects.ObjectDomain, Domain: "a.example", Transfer: &objects.Transfer{Status: "pending"}}, "", "a.example", "transfer/pending"},
		"a grace period of a domain": {objects.Message{Object: objects.ObjectDomain, Domain: "a.example", Grace: []string{"addPeriod"}}, "", "a.example", "grace/addPeriod"},
	} {
		e := &EPP{password: domains.NewSecret(password), refused: map[string]bool{}}
		c.message.ID, c.message.Text = "1", text
		want := registrars.Notice{ID: "1", Account: c.account, Claim: c.claim}
		if c.domain != "" {
			want.Domain = domains.MustParseName(c.domain)
		}
		if c.account != "" {
			want.Text = "Jane, [redacted] is old."
		}
		if got := e.messageNotice(&c.message); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
		// Of a domain alone it is remembered that a transaction was refused.
		if ofDomain := c.message.Action == refused; e.refused["SV-2"] != ofDomain || e.refused["SV-3"] {
			t.Errorf("%s: refused are %v", name, e.refused)
		}
	}
}
