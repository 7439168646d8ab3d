package gateway_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	standnetim "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
)

// holds imports a domain of a client and records how it stands.
func (f *fixture) holds(name, client string, state messages.LifeState, expires time.Time) {
	f.t.Helper()
	_, err := f.Store.Import(f.t.Context(), []store.NewDomain{{
		Name: name, Registrar: outside.Account, Client: client,
		Sells: store.Sells{TLD: "example", Vendor: 1, Plan: outside.DomainPlan, Period: 1, Account: outside.Customer, Renewal: messages.RenewalByUs},
	}})
	change := store.LifeChange{Name: name, Registrar: outside.Account, Round: 1, State: state, Since: expires.AddDate(-1, 0, 0), Expires: expires, Renewal: messages.RenewalByUs}
	if state == messages.LifeMissing {
		change.Attention = messages.NotInAccount
	}
	if err = errors.Join(err, f.Store.RecordLife(f.t.Context(), change)); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) domains(key, query string) string {
	f.t.Helper()
	var page desk.DomainPage
	got := f.send(http.MethodGet, "/v1/domains"+query, key, "")
	got.decode(f.t, &page)
	var names []string
	for _, each := range page.Domains {
		names = append(names, strings.TrimSuffix(each.Name, ".example"))
	}
	if got.status != http.StatusOK {
		f.t.Errorf("%s: %d %s", query, got.status, got.body)
	}
	if page.Next != "" {
		names = append(names, "...")
	}
	return strings.Join(names, " ")
}

func TestDomainsAreListedAndExported(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		soon := time.Now().AddDate(0, 0, 10)
		f.holds("a.example", "shop", messages.LifeActive, soon.AddDate(1, 0, 0))
		f.holds("b.example", "till", messages.LifeMissing, soon)
		f.holds("c.example", "shop", messages.LifeRedemption, soon.AddDate(0, -1, 0))
		f.holds("d.example", "shop", messages.LifeGone, soon)
		for query, want := range map[string]string{
			"": "a b c", "?expiringBefore=30d": "c b", "?expiringBefore=" + soon.AddDate(2, 0, 0).Format(time.DateOnly): "c b a", "?state=gone": "d", "?attention=true": "b", "?reason=missing": "b",
			"?registrar=" + outside.Account: "a b c", "?registrar=other": "", "?accountId=500100&text=A.": "a", "?limit=2": "a b ...",
		} {
			if got := f.domains(f.all, query); got != want {
				t.Errorf("%s: listed %q, want %q", query, got, want)
			}
		}
		if got := f.domains(f.read, ""); got != "a c" { // a key of the client shop
			t.Errorf("listed %q", got)
		}
		for _, got := range []reply{
			f.send(http.MethodGet, "/v1/domains?format=csv&state=redemption", f.all, ""), f.send(http.MethodGet, "/v1/domains?state=redemption", f.all, "", "Accept", "text/csv"),
		} {
			rows, err := csv.NewReader(strings.NewReader(got.body)).ReadAll()
			if err != nil || len(rows) != 2 || rows[1][0] != "c.example" || rows[1][3] != "redemption" {
				t.Errorf("%d %v, %v", got.status, rows, err)
			}
		}
		for _, query := range []string{"expiringBefore=soon", "accountId=x", "accountId=0", "attention=perhaps", "limit=0", "format=xml", "format=csv&limit=5", "state=lost", "reason=x", "cursor=x", "colour=red"} {
			if got := f.getAll("/v1/domains?" + query); got.status != http.StatusBadRequest || !strings.HasSuffix(got.problem(t).Type, "bad-parameter") {
				t.Errorf("%s: %d %s", query, got.status, got.body)
			}
		}
		if got := f.send(http.MethodGet, "/v1/domains", f.place, ""); got.status != http.StatusForbidden {
			t.Errorf("without the scope: %d", got.status)
		}
	})
}

// A list of many pages is exported whole.
func TestAllPagesAreExported(t *testing.T) {
	f := begin(t, outside.Options{})
	const count = store.MostListed + 5
	for from := 0; from < count; from += 300 {
		var some []store.NewDomain
		for n := from; n < min(from+300, count); n++ {
			some = append(some, store.NewDomain{Name: fmt.Sprintf("n%d.example", n), Registrar: outside.Account})
		}
		if _, err := f.Store.Import(t.Context(), some); err != nil {
			t.Fatal(err)
		}
	}
	if got := f.getAll("/v1/domains?format=csv"); strings.Count(got.body, "\n") != count+1 {
		t.Errorf("%d lines", strings.Count(got.body, "\n"))
	}
}

func TestADomainIsShownToItsClient(t *testing.T) {
	f := begin(t, outside.Options{})
	f.holds("shop.example", "shop", messages.LifeActive, time.Now().AddDate(1, 0, 0))
	f.Temporal.ShowLife(messages.Life{Domain: "shop.example", State: messages.LifeActive, Renewal: messages.RenewalByUs, Since: time.Now()})
	f.Register(t, "shop.example")
	var placed desk.Placed
	f.order(outside.Alter(t, outside.DomainOnly, `"registration"`, `"renewal"`)).decode(t, &placed)
	var whole desk.WholeDomain
	got := f.get("/v1/domains/SHOP.example")
	got.decode(t, &whole)
	if whole.Life == nil || whole.State != messages.LifeActive || len(whole.Orders) != 1 || whole.Orders[0].Number != placed.Number || whole.Plan != outside.DomainPlan {
		t.Errorf("%d %s", got.status, got.body)
	}
	for key, path := range map[string]string{f.keyOf("till"): "shop.example", f.read: "other.example", f.all: "no_name"} {
		got := f.send(http.MethodGet, "/v1/domains/"+path, key, "")
		if p := got.problem(t); got.status != http.StatusNotFound || !strings.HasSuffix(p.Type, "no-such-domain") {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

func TestCommandsAboutADomain(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.holds("shop.example", "shop", messages.LifeRedemption, time.Now().AddDate(0, -2, 0))
		f.Register(t, "shop.example")
		f.Netim.SetStatus("shop.example", standnetim.StatusQuarantine)
		command := func(key, name, body string, want int, headers ...string) reply {
			t.Helper()
			got := f.send(http.MethodPost, "/v1/domains/shop.example/commands/"+name, key, body, headers...)
			if got.status != want {
				t.Errorf("%s %s: %d %s, want %d", name, body, got.status, got.body, want)
			}
			return got
		}
		for range 2 {
			got := command(f.operate, "renewal", `{"mode": "none", "reason": "by telephone"}`, 200, "Idempotency-Key", "once")
			if !strings.Contains(got.body, "change-renewal is done") {
				t.Errorf("got %s", got.body)
			}
		}
		command(f.operate, "renewal", `{"mode": "us", "reason": "by telephone"}`, 200, "Idempotency-Key", "once")
		command(f.operate, "left", `{"state": "gone", "reason": "it was deleted"}`, 200)
		command(f.operate, "left", `{"reason": "it has moved"}`, 200)
		given := f.Temporal.Commands()
		if len(given) != 4 || !strings.HasPrefix(given[0].UpdateID, "api/shop/once/") || given[2].Args[0].(messages.MarkLeft).State != messages.LifeGone || given[3].Args[0].(messages.MarkLeft).Actor != "api/desk" {
			t.Errorf("gave %+v", given)
		}
		command(f.operate, "look", `{"reason": "the customer asks"}`, 200)
		if rows, err := f.Store.ClaimLooks(t.Context(), 10); err != nil || len(rows) != 1 {
			t.Errorf("to be told: %+v, %v", rows, err)
		}
		for range 2 {
			var placed desk.Placed
			command(f.operate, "restore", `{"acceptPrice": "80.00EUR", "reason": "the customer pays"}`, 200).decode(t, &placed)
			if len(placed.Units) != 1 || placed.Units[0].Operation != "restore" {
				t.Errorf("placed %+v", placed)
			}
		}
		if f.count() != 1 || len(f.Temporal.Starts()) != 1 {
			t.Errorf("%d orders, %d workflows", f.count(), len(f.Temporal.Starts()))
		}
		f.Temporal.Refuse("domain-life/shop.example", "mode must be us or none")
		if p := command(f.operate, "renewal", `{"mode": "registrar", "reason": "x"}`, 409).problem(t); !strings.HasSuffix(p.Type, "not-allowed") || p.Detail != "mode must be us or none" {
			t.Errorf("got %+v", p)
		}
		command(f.operate, "renewal", `{"mode": "us"}`, 400)
		command(f.operate, "left", `{"reason": "x", "colour": "red"}`, 400)
		command(f.operate, "restore", `{"acceptPrice": "80", "reason": "x"}`, 400)
		f.holds("plain.example", "shop", messages.LifeActive, time.Now())
		f.Register(t, "plain.example")
		if got := f.send(http.MethodPost, "/v1/domains/plain.example/commands/restore", f.operate, `{"acceptPrice": "80.00EUR", "reason": "x"}`); got.status != 422 || !strings.HasSuffix(got.problem(t).Type, "order-refused") {
			t.Errorf("got %d %s", got.status, got.body)
		}
		command(f.operate, "sell", `{"reason": "x"}`, 404)
		command(f.read, "look", `{"reason": "x"}`, 403)
		command(f.keyOf("till"), "look", `{"reason": "x"}`, 404)
		f.Temporal.Refuse("domain-life/shop.example", "")
		f.Temporal.SetDown(true)
		if p := command(f.operate, "renewal", `{"mode": "us", "reason": "x"}`, 503).problem(t); !strings.HasSuffix(p.Type, "command-unanswered") || p.Command == "" || p.Until == nil {
			t.Errorf("got %+v", p)
		}
	})
}
