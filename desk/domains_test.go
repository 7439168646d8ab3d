package desk_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/orders"
	"domainprovisioning/portfolio"
	standnetim "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
)

// registry is a desk in a world whose Temporal answers for lives.
type registry struct {
	*outside.World
	*desk.Desk

	t *testing.T
}

func portfolioOf(t *testing.T) *registry {
	t.Helper()
	clock := outside.NewClock()
	w := outside.New(t, outside.Options{Now: clock.Now})
	return &registry{w, &desk.Desk{Store: w.Store, Temporal: w.Temporal, Intake: w.Intake, WebUI: "https://ui.example/namespaces/default"}, t}
}

// holds imports a domain of a client and records how it stands.
func (r *registry) holds(name, client string, change store.LifeChange) {
	r.t.Helper()
	_, err := r.World.Store.Import(r.t.Context(), []store.NewDomain{{
		Name: name, Registrar: outside.Account, Client: client,
		Sells: store.Sells{TLD: "example", Vendor: 1, Plan: outside.DomainPlan, Period: 1, Account: outside.Customer, Renewal: messages.RenewalByUs},
	}})
	if change.Name, change.Registrar, change.Round = name, outside.Account, 1; err == nil && change.State != "" {
		err = r.World.Store.RecordLife(r.t.Context(), change)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// as is a context of a client's key.
func as(t *testing.T, client string) context.Context {
	t.Helper()
	return desk.WithBy(t.Context(), desk.By{Actor: "api/" + client, Client: client, Key: client, Via: "api"})
}

func listed(t *testing.T, page desk.DomainPage, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, each := range page.Domains {
		names = append(names, strings.TrimSuffix(each.Name, ".example"))
	}
	return strings.Join(names, " ")
}

var expiry = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

// A client sees the domains that it has brought, the operator all, and who is not known none.
func TestDomainsAreThoseOfTheCaller(t *testing.T) {
	r := portfolioOf(t)
	r.holds("a.example", "shop", store.LifeChange{State: messages.LifeActive, Expires: expiry})
	r.holds("b.example", "till", store.LifeChange{State: messages.LifeMissing, Attention: messages.NotInAccount})
	r.holds("c.example", "shop", store.LifeChange{State: messages.LifeGone})
	for want, ctx := range map[string]context.Context{"a": as(t, "shop"), "b": as(t, "till"), "a b": operator(t), "": t.Context()} {
		page, err := r.Domains(ctx, desk.DomainFilter{})
		if got := listed(t, page, err); got != want {
			t.Errorf("listed %q, want %q", got, want)
		}
		for _, name := range []string{"a", "b"} {
			_, err := r.Domain(ctx, name+".example")
			if sees := err == nil; sees != strings.Contains(want, name) || !sees && !errors.Is(err, desk.ErrNoDomain) {
				t.Errorf("%q reads %s: %v", want, name, err)
			}
			_, err = r.Look(ctx, name+".example", "jane", "x")
			if sees := err == nil; sees != strings.Contains(want, name) {
				t.Errorf("%q has %s looked at: %v", want, name, err)
			}
		}
	}
	for name, want := range map[string]error{"no name": desk.ErrNoDomain, "z.example": desk.ErrNoDomain, "C.EXAMPLE": nil} {
		if _, err := r.Domain(operator(t), name); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAListOfDomainsIsFiltered(t *testing.T) {
	r := portfolioOf(t)
	r.holds("a.example", "shop", store.LifeChange{State: messages.LifeActive, Expires: expiry})
	r.holds("b.example", "till", store.LifeChange{State: messages.LifeMissing, Expires: expiry.AddDate(0, -1, 0), Attention: messages.NotInAccount})
	r.holds("c.example", "shop", store.LifeChange{})
	for want, filter := range map[string]desk.DomainFilter{
		"b a": {ExpiringBefore: expiry.Add(time.Second)}, "b": {Attention: true}, "a": {State: messages.LifeActive}, "c": {Text: "C."}, "a b c": {Registrar: outside.Account, Account: outside.Customer}, "": {Reason: messages.NotRead},
	} {
		for _, limit := range []int{0, 1} {
			var got []string
			filter.Limit, filter.Cursor = limit, ""
			for pages := 0; pages == 0 || filter.Cursor != ""; pages++ {
				page, err := r.Domains(operator(t), filter)
				if names := listed(t, page, err); names != "" {
					got = append(got, names)
				}
				if filter.Cursor = page.Next; pages > 5 {
					t.Fatal("no end")
				}
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%+v: listed %q, want %q", filter, got, want)
			}
		}
	}
	for field, filter := range map[string]desk.DomainFilter{
		"limit": {Limit: 1001}, "state": {State: "lost"}, "reason": {Reason: "x"}, "cursor": {Cursor: "x"}, "text": {Text: "a\nb"}, "registrar": {Registrar: strings.Repeat("x", 300)}, "accountId": {Account: -1},
	} {
		_, err := r.Domains(operator(t), filter)
		if wrong, ok := errors.AsType[*desk.FilterError](err); !ok || wrong.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for text, want := range map[string]string{"2026-04-01": "2026-04-01 00:00", "30d": "2026-04-01 08:00", "0d": "2026-03-02 08:00", "2026-04-01T10:00:00+02:00": "2026-04-01 08:00", "soon": "", "-1d": "", "30h": "", "30d5": ""} {
		at, err := desk.ParseBefore(text, time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
		if (err == nil) != (want != "") || err == nil && at.Format("2006-01-02 15:04") != want {
			t.Errorf("%s: %v, %v", text, at, err)
		}
	}
}

func TestDomainsAreExported(t *testing.T) {
	r := portfolioOf(t)
	for n := range 5 {
		r.holds(fmt.Sprintf("%c.example", 'a'+n), "shop", store.LifeChange{State: messages.LifeActive, Expires: expiry})
	}
	var out strings.Builder
	err := desk.WriteDomains(&out, func(cursor string) (desk.DomainPage, error) {
		return r.Domains(operator(t), desk.DomainFilter{Cursor: cursor, Limit: 2})
	})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil || len(rows) != 6 || rows[0][0] != "domain" || rows[5][0] != "e.example" || rows[1][5] != "2026-04-01T00:00:00Z" || rows[1][12] != "5" || rows[1][13] != "1" || rows[1][14] != "500100" {
		t.Errorf("got %v, %v", rows, err)
	}
	if err := desk.WriteDomains(&out, func(string) (desk.DomainPage, error) { return desk.DomainPage{}, desk.ErrUnavailable }); !errors.Is(err, desk.ErrUnavailable) {
		t.Error(err)
	}
}

// Everything that is known of a domain is shown in one place.
func TestADomainIsShownWhole(t *testing.T) {
	r := portfolioOf(t)
	r.holds("shop.example", "shop", store.LifeChange{State: messages.LifeActive, Expires: expiry, Word: "ACTIVE", Held: &messages.Held{Owner: "C1"}, Next: "renew", NextAt: expiry})
	r.Register(t, "shop.example")
	renewal := r.World.Place(t, outside.Alter(t, outside.DomainOnly, `"registration"`, `"renewal"`))
	key := renewal.Number + "/0/renewal"
	if _, _, err := r.World.Store.Intend(t.Context(), store.Intention{Key: key, Account: outside.Account, Kind: "renewal", Domain: "shop.example", WorkflowID: "domain-renewal/shop.example"}); err != nil {
		t.Fatal(err)
	}
	show := func(ctx context.Context) desk.WholeDomain {
		t.Helper()
		whole, err := r.Domain(ctx, "Shop.Example")
		if err != nil {
			t.Fatal(err)
		}
		return whole
	}
	whole := show(operator(t))
	if whole.Plan != outside.DomainPlan || *whole.Period != 1 || whole.Has.Owner != "C1" || whole.Word != "ACTIVE" || len(whole.Orders) != 1 || whole.Orders[0].Operation != "renewal" ||
		len(whole.Operations) != 1 || whole.Operations[0].Key != key || whole.Life != nil || !strings.Contains(whole.Note, "not begun") || whole.WebUI != "https://ui.example/namespaces/default/workflows/domain-life%2Fshop.example" {
		t.Errorf("got %+v", whole)
	}
	r.World.Temporal.ShowLife(messages.Life{Domain: "shop.example", State: messages.LifeRenewGrace})
	if _, err := r.Look(operator(t), "shop.example", "jane", "the customer asks"); err != nil {
		t.Fatal(err)
	}
	whole = show(as(t, "shop"))
	// The order is another client's.
	if whole.Life == nil || whole.Life.State != messages.LifeRenewGrace || whole.Unanswered || len(whole.Orders)+len(whole.Operations) != 0 || len(whole.Acts) != 1 || whole.Acts[0].Command != "look" {
		t.Errorf("got %+v", whole)
	}
	r.World.Temporal.SetDown(true)
	if whole = show(operator(t)); !whole.Unanswered || whole.State != messages.LifeActive {
		t.Errorf("got %+v", whole)
	}
	r.World.Temporal.SetDown(false)
	temporal := r.Desk.Temporal
	r.Desk.Temporal = &recorded{Temporal: r.World.Temporal, statuses: map[string]enumspb.WorkflowExecutionStatus{
		"domain-life/shop.example": enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED,
	}}
	if whole = show(operator(t)); whole.Life != nil || !strings.Contains(whole.Note, "unpause it there") {
		t.Errorf("got %+v", whole)
	}
	r.Desk.Temporal = temporal
	r.World.Temporal.Terminate("domain-life/shop.example")
	if whole = show(operator(t)); whole.Life != nil || !strings.Contains(whole.Note, "terminated") {
		t.Errorf("got %+v", whole)
	}
}

func TestCommandsAboutADomain(t *testing.T) {
	r := portfolioOf(t)
	r.holds("shop.example", "shop", store.LifeChange{State: messages.LifeMissing})
	r.holds("gone.example", "shop", store.LifeChange{State: messages.LifeGone})
	ctx := anna(t)
	change := messages.ChangeRenewal{Mode: messages.RenewalByNobody, Actor: "jane", Reason: "by telephone"}
	for range 2 {
		life, err := r.ChangeRenewal(ctx, "shop.example", "once", change)
		if err != nil || life.Next != "change-renewal is done" {
			t.Fatalf("%+v, %v", life, err)
		}
	}
	if _, err := r.MarkLeft(ctx, "shop.example", "", messages.MarkLeft{State: messages.LifeGone, Actor: "jane", Reason: "by mail"}); err != nil {
		t.Fatal(err)
	}
	given := r.World.Temporal.Commands()
	sent, ok := given[0].Args[0].(messages.ChangeRenewal)
	if !ok || len(given) != 2 || given[0].WorkflowID != "domain-life/shop.example" || given[0].UpdateID != "once" || !sent.Recorded || sent.NotAfter.IsZero() || given[1].UpdateName != "mark-left" {
		t.Errorf("gave %+v", given)
	}
	refused := func(err error, want string) {
		t.Helper()
		if not, ok := errors.AsType[*desk.NotAllowedError](err); !ok || !strings.Contains(not.Reason, want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	_, err := r.ChangeRenewal(ctx, "gone.example", "", change)
	refused(err, "gone.example has left: it is gone since 2026-03-02")
	_, err = r.Look(ctx, "shop.example", "jane", " ")
	refused(err, "reason is missing")
	r.World.Temporal.Refuse("domain-life/shop.example", "mode must be us or none")
	_, err = r.ChangeRenewal(ctx, "shop.example", "", change)
	refused(err, "mode must be us or none")
	r.World.Temporal.SetDown(true)
	if _, err := r.ChangeRenewal(ctx, "shop.example", "lost", change); !errors.Is(err, desk.ErrUnavailable) {
		t.Errorf("got %v", err)
	} else if unanswered, ok := errors.AsType[*desk.UnansweredError](err); !ok || unanswered.Command != "lost" {
		t.Errorf("got %v", err)
	}
	r.World.Temporal.SetDown(false)
	// A life that does not run is begun again.
	rows, err := r.World.Store.ClaimLooks(t.Context(), 10)
	for _, row := range rows {
		err = errors.Join(err, r.World.Store.Told(t.Context(), row))
	}
	if err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	r.World.Temporal.Terminate("domain-life/shop.example")
	_, err = r.ChangeRenewal(ctx, "shop.example", "", change)
	refused(err, "is begun now")
	if rows, err := r.World.Store.ClaimLooks(t.Context(), 10); err != nil || len(rows) != 1 || rows[0].Name != "shop.example" {
		t.Errorf("to be told: %+v, %v", rows, err)
	}
	if got := told(t, r); got != "change-renewal accepted none, change-renewal accepted none, mark-left accepted gone, change-renewal refused gone.example has left: it is gone since 2026-03-02, "+
		"look refused reason is missing: say why, for the record, change-renewal refused mode must be us or none, change-renewal failed ?, change-renewal refused the life of the domain does not run, and is begun now: give the command again in a minute" {
		t.Errorf("recorded %s", got)
	}
}

// told are the acts that are recorded, in words.
func told(t *testing.T, r *registry) string {
	t.Helper()
	page, err := r.Acts(operator(t), "", store.ActFilter{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, act := range page.Acts {
		detail := act.Detail
		if act.Outcome == store.ActFailed {
			detail = "?" // it tells a time
		}
		if act.Command != "import" && !strings.HasPrefix(act.OrderNumber, "domain/") || act.Item != store.NoItem {
			t.Errorf("got %+v", act)
		}
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s", act.Command, act.Outcome, detail)))
	}
	return strings.Join(lines, ", ")
}

// A restore is ordered once for a date, at most at the price that was accepted.
func TestARestoreIsOrderedByCommand(t *testing.T) {
	r := portfolioOf(t)
	r.holds("shop.example", "shop", store.LifeChange{State: messages.LifeRedemption, Expires: expiry})
	r.Register(t, "shop.example")
	_, err := r.RestoreDomain(anna(t), "shop.example", "80.00EUR", "jane", "the customer pays")
	if err == nil || len(r.World.Temporal.Starts()) != 0 {
		t.Errorf("of a domain that is in no redemption: %v", err)
	}
	r.Netim.SetStatus("shop.example", standnetim.StatusQuarantine)
	for n := range 2 {
		placed, err := r.RestoreDomain(anna(t), "shop.example", "80.00EUR", "jane", "the customer pays")
		if err != nil || placed.Existing != (n == 1) || len(placed.Units) != 1 || placed.Units[0].Operation != "restore" || placed.Units[0].Client != "shop" {
			t.Fatalf("%+v, %v", placed, err)
		}
	}
	starts := r.World.Temporal.Starts()
	if len(starts) != 1 || starts[0].Options.ID != "domain-restore/shop.example" || starts[0].Input.Unit.Type != orders.Restore || starts[0].Input.Unit.Domain.PriceLimits.Currency != "EUR" ||
		*starts[0].Input.Unit.Domain.PriceLimits.Restore != 80_00 {
		t.Fatalf("started %+v", starts)
	}
	if err := r.World.Store.CloseUnit(t.Context(), starts[0].Input.OrderNumber, 0, store.UnitFailed, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := r.RestoreDomain(anna(t), "shop.example", "90.00EUR", "jane", "once more"); err == nil || !strings.Contains(err.Error(), "was ordered before, as DP00000001, which is failed") || len(r.World.Temporal.Starts()) != 1 {
		t.Errorf("of one that has failed: %v", err)
	}
	for _, price := range []string{"", "80", "0.00EUR", "dear"} {
		if _, err := r.RestoreDomain(anna(t), "shop.example", price, "jane", "x"); err == nil || !strings.HasPrefix(err.Error(), "acceptPrice must be") {
			t.Errorf("%q: %v", price, err)
		}
	}
	if _, err := r.World.Store.Import(t.Context(), []store.NewDomain{{Name: "bare.example", Registrar: outside.Account}}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.RestoreDomain(anna(t), "bare.example", "80.00EUR", "jane", "x"); err == nil || !strings.Contains(err.Error(), "no plan or no customer's account") {
		t.Errorf("got %v", err)
	}
}

func TestAnImportIsAnAct(t *testing.T) {
	r := portfolioOf(t)
	importer := &portfolio.Importer{Store: r.World.Store, Catalog: r.World.Intake.Catalog, Looks: map[string]float64{outside.Account: 1}}
	for _, dry := range []bool{true, false} {
		source, err := portfolio.OfTable(strings.NewReader("domain,registrar\na.example,netim-1\nb.example,elsewhere\n"))
		if err != nil {
			t.Fatal(err)
		}
		report, err := r.ImportDomains(anna(t), importer, source, "portfolio.csv", portfolio.Wanted{DryRun: dry})
		if err != nil || report.Added != 1 || report.Unreadable != 1 || report.WithoutPlan != 1 {
			t.Fatalf("%+v, %v", report, err)
		}
		if got := told(t, r); (got == "") != dry {
			t.Errorf("recorded %q", got)
		}
	}
	page, err := r.Acts(operator(t), "", store.ActFilter{})
	if err != nil || page.Acts[0].Reason != "portfolio.csv: 1 added, 0 of them had left; 0 held already, 0 in open orders, 1 unreadable" {
		t.Errorf("got %+v, %v", page.Acts, err)
	}
}
