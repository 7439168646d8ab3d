package portfolio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/portfolio"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// importer is one whose catalog sells .example at the account by one plan, and .twice by two.
func importer(t testing.TB, w *outside.World) *portfolio.Importer {
	t.Helper()
	plan := func(id int, tld string, periods map[int]int) orders.DomainPlan {
		return orders.DomainPlan{PlanID: id, TLD: tld, Registrar: outside.Account, Years: 1, Periods: periods, Template: 1, Billing: orders.BillingPlan{PlanID: 3, PeriodType: orders.PeriodYears, Period: 1, RegistrarID: 7}}
	}
	catalog, err := orders.NewCatalog(
		plan(5, "example", map[int]int{4: 1}), plan(6, "twice", nil), plan(7, "twice", map[int]int{1: 1, 2: 2}), plan(8, "com.au", nil),
	)
	if err != nil {
		t.Fatal(err)
	}
	return &portfolio.Importer{Store: w.Store, Catalog: catalog, Renewal: messages.RenewalByUs, Looks: map[string]float64{outside.Account: 0.1}}
}

// bring imports a table and returns the report and what became of each row.
func bring(t *testing.T, i *portfolio.Importer, table string, wanted portfolio.Wanted) (portfolio.ImportReport, []portfolio.Imported) {
	t.Helper()
	source, err := portfolio.OfTable(strings.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	var all []portfolio.Imported
	wanted.Each = func(each portfolio.Imported) error { all = append(all, each); return nil }
	report, err := i.Import(t.Context(), source, wanted)
	if err != nil {
		t.Fatal(err)
	}
	return report, all
}

func inWords(all []portfolio.Imported) string {
	var lines []string
	for _, each := range all {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%d %s %s %s %s", each.Line, each.Domain, each.Outcome, each.Column, each.Note)))
	}
	return strings.Join(lines, "\n")
}

const table = "\xef\xbb\xbfregistrar;domain;accountId;planId;periodId;renewal;expires;vendorAccountId;domainSubscription;hostingSubscription\r\n" +
	"netim-1;shop.example;500100;;;;2027-03-01;1;11;12\r\n" +
	"netim-1;Bücher.example;;;;none;;;;\r\n" +
	"\r\n" +
	"netim-1;a.twice;500100;;;;;;;\r\n" +
	"netim-1;b.twice;500100;7;2;;2027-03-01T10:00:00Z;;;\r\n" +
	"netim-1;a.com.au;500100;;;;;;;\r\n" +
	"netim-1;a.nowhere;500100;;;;;;;\r\n" +
	"netim-1;SHOP.example;;;;;;;;\r\n" +
	"elsewhere;c.example;;;;;;;;\r\n" +
	"netim-1;no name;;;;;;;;\r\n" +
	"netim-1;d.example;x;;;;;;;\r\n" +
	"netim-1;d.example;;6;;;;;;\r\n" +
	"netim-1;d.example;;5;9;;;;;\r\n" +
	"netim-1;d.twice;;;1;;;;;\r\n" +
	"netim-1;d.example;;;;registrar;;;;\r\n" +
	"netim-1;d.example;;;;;soon;;;\r\n" +
	";d.example;;;;;;;;\r\n" +
	"netim-1;;;;;;;;;\r\n" +
	"netim-1;d.example;;;;;;;;;x\r\n" +
	"netim-1;open.example;;;;;;;;\r\n" +
	"netim-1;left.example;500100;;;;;;;\r\n"

const becomes = `2 shop.example added
3 xn--bcher-kva.example added  the customer's account is not known: no order of ours can renew it
5 a.twice added  2 plans sell .twice at netim-1, and planId has to say which: no order of ours can renew it
6 b.twice added
7 a.com.au added
8 a.nowhere added  no plan sells .nowhere at netim-1: no order of ours can renew it
9 shop.example held
10 c.example unreadable registrar is no registrar account of the configuration
11  unreadable domain is no domain name
12 d.example unreadable accountId must be a whole number from 1 on
13 d.example unreadable planId is no plan that sells .example at netim-1
14 d.example unreadable periodId is no period of plan 5
15 d.twice unreadable periodId goes with a planId
16 d.example unreadable renewal must be us or none: whether the registrar renews it is read there
17 d.example unreadable expires must be a day such as 2027-03-01
18 d.example unreadable registrar is empty
19  unreadable domain is empty
20 d.example unreadable  has 11 cells, and the first line names 10 columns
21 open.example open
22 left.example again`

// A dry run says what an import would do, an import does it, and another one finds it done.
func TestATableIsImportedOnce(t *testing.T) {
	w := outside.New(t, outside.Options{})
	i := importer(t, w)
	w.Place(t, outside.Alter(t, outside.DomainOnly, `"shop"`, `"open"`))
	left := store.LifeChange{Name: "left.example", Registrar: outside.Account, Round: 1, State: messages.LifeGone, Since: time.Now()}
	if _, err := w.Store.Import(t.Context(), []store.NewDomain{{Name: left.Name, Registrar: left.Registrar}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Store.RecordLife(t.Context(), left); err != nil {
		t.Fatal(err)
	}
	planned, all := bring(t, i, table, portfolio.Wanted{DryRun: true})
	if got := inWords(all); got != becomes {
		t.Errorf("planned\n%s\nwant\n%s", got, becomes)
	}
	if rows, err := w.Store.Domains(t.Context(), store.DomainFilter{}); err != nil || len(rows) != 0 || !planned.DryRun {
		t.Fatalf("a dry run has made %+v, %v", rows, err)
	}
	done, all := bring(t, i, table, portfolio.Wanted{Client: "shop"})
	if got := inWords(all); got != becomes {
		t.Errorf("became\n%s\nwant\n%s", got, becomes)
	}
	planned.DryRun = false
	if fmt.Sprint(planned) != fmt.Sprint(done) || done.Domains != 20 || done.Added != 6 || done.Again != 1 || done.Held != 1 || done.Open != 1 || done.Unreadable != 11 ||
		done.WithoutPlan != 2 || done.WithoutAccount != 1 || len(done.Notable) != 14 || done.LookedAt != "1m0s" {
		t.Errorf("planned %+v, done %+v", planned, done)
	}
	for name, want := range map[string]store.Sells{
		"shop.example":          {TLD: "example", Vendor: 1, Plan: 5, Period: 4, Account: 500100, DomainSubscription: 11, HostingSubscription: 12, Renewal: messages.RenewalByUs},
		"xn--bcher-kva.example": {TLD: "example", Plan: 5, Period: 4, Renewal: messages.RenewalByNobody},
		"a.twice":               {TLD: "twice", Period: orders.NoPeriod, Account: 500100, Renewal: messages.RenewalByUs},
		"b.twice":               {TLD: "twice", Plan: 7, Period: 2, Account: 500100, Renewal: messages.RenewalByUs},
		"a.com.au":              {TLD: "com.au", Plan: 8, Period: orders.NoPeriod, Account: 500100, Renewal: messages.RenewalByUs},
		"left.example":          {TLD: "example", Plan: 5, Period: 4, Account: 500100, Renewal: messages.RenewalByUs},
	} {
		row, err := w.Store.Domain(t.Context(), name)
		if err != nil || row.Sells != want || row.Client != "shop" || row.EndedAt != nil || row.Registrar != outside.Account {
			t.Errorf("%s: %+v, %v", name, row, err)
		}
	}
	// The first looks are spread at the rate of the account: one in ten seconds.
	if due, err := w.Store.ClaimLooks(t.Context(), 100); err != nil || len(due) != 1 || due[0].Name != "shop.example" {
		t.Errorf("due at once: %+v, %v", due, err)
	}
	again, all := bring(t, i, table, portfolio.Wanted{})
	if again.Added+again.Again != 0 || again.Held != 8 || again.Unreadable != 11 || again.LookedAt != "" || strings.Contains(inWords(all), "added") {
		t.Errorf("again %+v", again)
	}
}

// The real plug-in lists the domains of an account, page by page.
func TestTheDomainsOfAnAccountAreImported(t *testing.T) {
	w := outside.New(t, outside.Options{})
	w.Register(t, "shop.example")
	w.Register(t, "other.example")
	i := importer(t, w)
	source := portfolio.OfAccount(t.Context(), outside.Account, w.Registrar)
	for n, want := range []string{"added 2, held 0", "added 0, held 2"} {
		report, err := i.Import(t.Context(), source, portfolio.Wanted{})
		if got := fmt.Sprintf("added %d, held %d", report.Added, report.Held); err != nil || got != want {
			t.Errorf("%d: %s, %v", n, got, err)
		}
	}
	row, err := w.Store.Domain(t.Context(), "shop.example")
	if err != nil || row.Expires == nil || row.Sells.Plan != 5 || row.Client != store.LocalClient {
		t.Errorf("got %+v, %v", row, err)
	}
	w.Fault(t, "netim:queryDomainList:malformed")
	if _, err := i.Import(t.Context(), source, portfolio.Wanted{}); err == nil {
		t.Error("a registrar that refuses is no error")
	}
}

// pages is an account that lists domains in pages, and breaks off after some.
type pages struct {
	registrars.DomainPage

	count, fails int
}

var errAway = errors.New("away")

func (p *pages) ListDomains(_ context.Context, from string) (registrars.DomainPage, error) {
	page := p.DomainPage
	number := len(from)
	if number == p.fails {
		return page, errAway
	}
	if number+1 < p.count {
		page.Next = from + "x"
	}
	return page, nil
}

func TestWhatAnAccountListsOddly(t *testing.T) {
	w := outside.New(t, outside.Options{})
	i := importer(t, w)
	listed := registrars.DomainPage{
		Domains:    []registrars.ListedDomain{{Domain: registrars.Domain{Name: name(t, "a.example")}}},
		Unreadable: []registrars.Unreadable{{Reference: "17", Rule: "has no name"}, {Rule: "is no object"}},
	}
	// The same domain on each page, and what cannot be read beside it.
	report, err := i.Import(t.Context(), portfolio.OfAccount(t.Context(), outside.Account, &pages{listed, 3, 2}), portfolio.Wanted{DryRun: true})
	if !errors.Is(err, errAway) || report.Added != 0 {
		t.Errorf("%+v, %v", report, err)
	}
	report, err = i.Import(t.Context(), portfolio.OfAccount(t.Context(), outside.Account, &pages{listed, 3, -1}), portfolio.Wanted{})
	if err != nil || report.Added != 1 || report.Held != 2 || report.Unreadable != 6 || report.Notable[0].Note != "17 has no name" {
		t.Errorf("%+v, %v", report, err)
	}
}

// What was done before an import broke off stays, and the next one goes on.
func TestAnImportThatBreaksOffGoesOn(t *testing.T) {
	w := outside.New(t, outside.Options{})
	i := importer(t, w)
	rows := func(count int, then error) portfolio.Source {
		return func(yield func(portfolio.Row, error) bool) {
			for n := range count {
				if !yield(portfolio.Row{Line: n + 2, Name: name(t, fmt.Sprintf("n%d.example", n)), Registrar: outside.Account, Account: 1}, nil) {
					return
				}
			}
			if then != nil {
				yield(portfolio.Row{}, then)
			}
		}
	}
	report, err := i.Import(t.Context(), rows(600, errAway), portfolio.Wanted{})
	if !errors.Is(err, errAway) || report.Added != 500 {
		t.Fatalf("%+v, %v", report, err)
	}
	if report, err = i.Import(t.Context(), rows(600, nil), portfolio.Wanted{}); err != nil || report.Added != 100 || report.Held != 500 {
		t.Fatalf("%+v, %v", report, err)
	}
	told := 0
	_, err = i.Import(t.Context(), rows(600, nil), portfolio.Wanted{Each: func(portfolio.Imported) error { told++; return errAway }})
	if !errors.Is(err, errAway) || told != 1 {
		t.Errorf("told %d, %v", told, err)
	}
}

func TestWhatIsNoTable(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "the table is empty",
		"domain,colour\n":            `line 1 names column 2 "colour", which is none of domain, registrar, accountId`,
		"domain,domain,registrar\n":  "line 1 names domain twice",
		"domain\n":                   "line 1 names no column registrar",
		"domain,registrar,\"x\nx,\n": "line 1 is not CSV",
	} {
		_, err := portfolio.OfTable(strings.NewReader(text))
		if _, ok := errors.AsType[*portfolio.InputError](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	if _, err := portfolio.OfTable(iotest{}); !errors.Is(err, errAway) {
		t.Errorf("got %v", err)
	}
	source, err := portfolio.OfTable(io.MultiReader(strings.NewReader("domain,registrar\na.example,\"x\"y\nb.example,netim-1\n"), iotest{}))
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	var last error
	for row, err := range source {
		seen, last = append(seen, fmt.Sprintf("%d %s %t", row.Line, row.Name, row.Unreadable != "")), err
	}
	if got := strings.Join(seen, ", "); !errors.Is(last, errAway) || !strings.HasPrefix(got, "2  true, 3 b.example false") {
		t.Errorf("%s, %v", got, last)
	}
}

// iotest is a file that cannot be read.
type iotest struct{}

func (iotest) Read([]byte) (int, error) { return 0, errAway }

// BenchmarkImport imports 100,000 domains.
func BenchmarkImport(b *testing.B) {
	const count = 100_000
	var text strings.Builder
	text.WriteString("domain,registrar,accountId\n")
	for n := range count {
		_, _ = fmt.Fprintf(&text, "shop-%d.example,%s,500100\n", n, outside.Account)
	}
	for b.Loop() {
		w := outside.New(b, outside.Options{})
		source, err := portfolio.OfTable(strings.NewReader(text.String()))
		if err != nil {
			b.Fatal(err)
		}
		report, err := importer(b, w).Import(b.Context(), source, portfolio.Wanted{})
		if err != nil || report.Added != count {
			b.Fatal(report, err)
		}
	}
}
