package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/portfolio"
	standnetim "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
)

// portfolio holds kept.example, which is missing, and redeemed.example, which can be restored.
func (h *house) portfolio() {
	h.t.Helper()
	expires := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	for name, change := range map[string]store.LifeChange{
		"kept.example":     {State: messages.LifeMissing, Expires: expires, Attention: messages.NotInAccount, Next: "look", NextAt: expires, Word: "ACTIVE", Held: &messages.Held{NameServers: []string{"ns1.dns.example"}}},
		"redeemed.example": {State: messages.LifeRedemption, Expires: expires.AddDate(0, -6, 0)},
	} {
		change.Name, change.Registrar, change.Round, change.Since, change.Renewal, change.Read = name, "netim-main", 1, expires.AddDate(-1, 0, 0), messages.RenewalByUs, true
		_, err := h.store.Import(h.t.Context(), []store.NewDomain{{
			Name: name, Registrar: "netim-main", Client: "shop", Sells: store.Sells{TLD: "example", Vendor: 1, Plan: 5, Period: 1, Account: outside.Customer, Renewal: messages.RenewalByUs},
		}})
		if err == nil {
			err = h.store.RecordLife(h.t.Context(), change)
		}
		if err != nil {
			h.t.Fatal(err)
		}
	}
	h.netim.AddRegistration(standnetim.Registration{Domain: "redeemed.example", Created: expires.AddDate(-3, 0, 0), Expires: expires.AddDate(0, -6, 0)})
	h.netim.SetStatus("redeemed.example", standnetim.StatusQuarantine)
	if _, err := h.relay.Round(h.t.Context()); err != nil { // which begins their lives
		h.t.Fatal(err)
	}
	h.temporal.Show(h.t, "domain-life/kept.example", "", messages.Life{Domain: "kept.example", State: messages.LifeMissing, Since: expires.AddDate(-1, 0, 0)})
}

func TestDomainsAreListedShownAndCommanded(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.portfolio()
		h.prints("", "domains", "DOMAIN", "kept.example      netim-main  missing     2027-03-01  us", "look 2027-03-01", "redeemed.example", "shop")
		h.prints("", "domains --limit 1", "more with --cursor ")
		if got := h.prints("", "domains --attention --expiring-before 2027-04-01"); strings.Contains(got, "redeemed") || !strings.Contains(got, "kept") {
			t.Errorf("got %s", got)
		}
		if got := h.prints("", "domains --format csv --state redemption", "domain,registrar,client"); strings.Count(got, "\n") != 2 {
			t.Errorf("got %s", got)
		}
		if page := decoded[desk.DomainPage](t, h.prints("", "domains --format json --text KEPT")); len(page.Domains) != 1 || page.Domains[0].Plan != 5 {
			t.Errorf("got %+v", page)
		}
		h.prints("", "domain Kept.example", "kept.example at netim-main: missing since 2026-03-01", "attention  missing since", "plan 5, period 1, account 500100", "name servers ns1.dns.example", "workflow   missing since 2026-03-01, next -")
		h.prints("", "domain renewal --reason telephone --id once kept.example none", "next: change-renewal is done")
		h.prints("", "domain left --gone --reason mail kept.example", "kept.example has left")
		updates := h.temporal.Updates()
		if len(updates) != 2 || updates[0].GetWorkflowExecution().GetWorkflowId() != "domain-life/kept.example" || updates[1].GetRequest().GetInput().GetName() != "mark-left" {
			t.Errorf("gave %v", updates)
		}
		h.prints("", "domain look --reason asked kept.example", "kept.example: it is read at netim-main within a minute")
		h.prints("", "domain redeemed.example", "workflow   no worker answers")
		h.prints("", "domain restore --accept-price 80.00EUR --reason paid redeemed.example", "restores it; `starter status ")
		h.prints("", "domain restore --accept-price 80.00EUR --reason paid redeemed.example", "restores it already")
		h.prints("", "domain redeemed.example", "restore running", "restore by ", "paid")
		if units := h.units(); units != "redeemed.example open" {
			t.Errorf("placed %s", units)
		}
		h.temporal.Refuse("the domain is active")
		h.fails("", "domain left --reason x kept.example", "the domain is active")
		for command, code := range map[string]assembly.ExitCode{
			"domains --state lost": assembly.ExitUsage, "domains --reason x": assembly.ExitUsage, "domains --limit 0": assembly.ExitUsage, "domains --format xml": assembly.ExitUsage,
			"domains --format csv --limit 5": assembly.ExitUsage, "domains --expiring-before soon": assembly.ExitUsage, "domains --account-id 0": assembly.ExitUsage, "domains x": assembly.ExitUsage,
			"domain": assembly.ExitUsage, "domain nobody.example": assembly.ExitNotFound, "domain look --reason x nobody.example": assembly.ExitNotFound,
			"domain renewal --reason x kept.example registrar": assembly.ExitUsage, "domain renewal kept.example us": assembly.ExitUsage, "domain restore --reason x kept.example": assembly.ExitUsage,
			"domain restore --reason x --accept-price 80.00EUR kept.example": assembly.ExitRefused, "domain left --reason x kept.example": assembly.ExitRefused, "domains import": assembly.ExitUsage,
		} {
			if got := h.start("", strings.Fields(command)...); assembly.ExitCodeOf(got.err) != code {
				t.Errorf("%s: code %d, %v", command, assembly.ExitCodeOf(got.err), got.err)
			}
		}
	})
}

func TestAPortfolioIsImported(t *testing.T) {
	h := settled(t)
	for _, name := range []string{"a.example", "b.example"} {
		h.netim.AddRegistration(standnetim.Registration{Domain: name, Created: time.Now().AddDate(-1, 0, 0), Expires: time.Now().AddDate(1, 0, 0)})
	}
	h.prints("", "domains import --account netim-main --dry-run", "2 of 2 domains would be held; nothing was changed", "0 without a plan and 2 without a customer's account")
	if got := h.prints("", "domains"); strings.Contains(got, "a.example") {
		t.Errorf("a dry run has made %s", got)
	}
	h.prints("", "domains import --account netim-main --client shop", "a.example the customer's account is not known", "2 of 2 domains are held from now on", "each is read at its registrar within ")
	h.prints("", "domains import --account netim-main", "0 of 2 domains are held from now on", "2 are held already")
	h.prints("", "domains", "a.example", "shop")
	table := writeFile(t, "domain,registrar,accountId\nc.example,netim-main,500100\nd.example,netim-main,x\na.example,netim-main,\n")
	file := filepath.Join(t.TempDir(), "report.csv")
	got := h.fails("", "domains import --file "+table+" --report-file "+file, "1 of 3 domains cannot be read")
	if assembly.ExitCodeOf(got.err) != assembly.ExitRefused || !strings.Contains(got.out, "line 3: d.example column accountId: must be a whole number from 1 on") || !strings.Contains(got.out, "1 of 3 domains are held") {
		t.Errorf("%d: %s", assembly.ExitCodeOf(got.err), got.out)
	}
	const want = "line,domain,registrar,outcome,planId,column,note\n2,c.example,netim-main,added,5,,\n3,d.example,netim-main,unreadable,,accountId,must be a whole number from 1 on\n4,a.example,netim-main,held,,,\n"
	if content, err := os.ReadFile(file); err != nil || string(content) != want {
		t.Errorf("got %s, %v", content, err)
	}
	report := decoded[portfolio.ImportReport](t, h.start("domain,registrar\ne.example,netim-main\n", "domains", "import", "--file", "-", "--json").out)
	if report.Added != 1 || report.WithoutAccount != 1 {
		t.Errorf("got %+v", report)
	}
	h.prints("", "audit", "import", "from account netim-main: 2 added, 0 of them had left; 0 held already")
	for command, code := range map[string]assembly.ExitCode{
		"domains import --account nowhere": assembly.ExitRefused, "domains import --account netim-main --file -": assembly.ExitUsage,
		"domains import --file -": assembly.ExitRefused, "domains import --account netim-main --gateway http://127.0.0.1:1": assembly.ExitUsage,
	} {
		if got := h.start("", strings.Fields(command)...); assembly.ExitCodeOf(got.err) != code {
			t.Errorf("%s: code %d, %v", command, assembly.ExitCodeOf(got.err), got.err)
		}
	}
}
