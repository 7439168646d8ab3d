package portfolio_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/portfolio"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister"
	standbilling "domainprovisioning/sandbox/standin/billing"
	standnetim "domainprovisioning/sandbox/standin/netim"
	standrealtime "domainprovisioning/sandbox/standin/realtimeregister"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// walked is an account that is walked over, with the clock of all but the registrar.
type walked struct {
	*outside.World
	*portfolio.Walk

	t     testing.TB
	clock *outside.Clock
	hook  string
	// runs are the activities that a walk makes; a test may replace it.
	walker activities.Walker
}

// walkNetim walks over the account of the world, which is Netim's: one list of names and dates.
func walkNetim(t testing.TB, names ...string) *walked {
	t.Helper()
	w := newWalked(t)
	w.Walk.Registrar = w.World.Registrar
	for _, name := range names {
		w.atNetim(name, func(*standnetim.Registration) {})
	}
	w.hold(names...)
	return w
}

// walkRealtime walks over an account at Realtime Register: whole domains in pages.
func walkRealtime(t testing.TB, names ...string) (*walked, *standrealtime.Server) {
	t.Helper()
	w := newWalked(t)
	standin := standrealtime.New(standrealtime.Options{Now: w.clock.Now})
	server := httptest.NewServer(http.HandlerFunc(standin.ServeHTTP))
	t.Cleanup(server.Close)
	plugin, err := realtimeregister.New(realtimeregister.Config{URL: server.URL, Customer: "shopreseller", APIKey: domains.NewSecret("secret"), RequestsPerSecond: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	w.Walk.Registrar = plugin
	standin.AddContact("owner")
	for _, name := range names {
		standin.AddDomain(realtimeDomain(w, name))
	}
	w.hold(names...)
	return w, standin
}

func realtimeDomain(w *walked, name string) standrealtime.Domain {
	return standrealtime.Domain{
		Name: name, Registrant: "owner", NameServers: []string{"ns1.dns.example", "ns2.dns.example"}, Created: w.clock.Now(), Expires: w.clock.Now().AddDate(1, 0, 0),
	}
}

func newWalked(t testing.TB) *walked {
	t.Helper()
	w := &walked{t: t, clock: outside.NewClock()}
	w.World = outside.New(t, outside.Options{Now: w.clock.Now})
	w.Walk = &portfolio.Walk{
		Account: outside.Account, Store: w.World.Store, Billing: w.BillingClient, Operations: w.OperationsClient,
		Every: 24 * time.Hour, ReadDays: 1, Log: slog.New(slog.DiscardHandler),
	}
	w.walker = w.Walk
	hook, _, err := w.World.Store.AddHook(t.Context(), store.NewHook{URL: "https://shop.example/hook", Events: []string{"domain.drift"}})
	if err != nil {
		t.Fatal(err)
	}
	w.hook = hook.ID
	return w
}

// atNetim puts a domain into the account, or changes it there behind our back.
func (w *walked) atNetim(name string, change func(*standnetim.Registration)) {
	registration := standnetim.Registration{
		Domain: name, Owner: "SB1", NameServers: []string{"ns1.dns.example", "ns2.dns.example"}, AuthID: "key", Created: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC),
	}
	change(&registration)
	w.Netim.AddRegistration(registration)
}

// hold holds domains for a customer who has them in Billing and Operations, and has their lives
// read them.
func (w *walked) hold(names ...string) {
	w.t.Helper()
	rows := make([]store.NewDomain, len(names))
	for i, name := range names {
		rows[i] = store.NewDomain{Name: name, Registrar: outside.Account, Client: "shop", Sells: store.Sells{
			TLD: "example", Vendor: 1, Plan: outside.DomainPlan, Period: 1, Account: outside.Customer, Renewal: messages.RenewalByNobody,
		}}
		w.World.Billing.AddExisting(standbilling.Row{
			FullDomainName: name, AccountID: outside.Customer, Status: 30, DomainStatus: standbilling.Registered, Expiration: w.clock.Now().AddDate(1, 0, 0),
		})
		w.World.Operations.AddExistingDomain(name, outside.Customer)
	}
	if _, err := w.World.Store.Import(w.t.Context(), rows); err != nil {
		w.t.Fatal(err)
	}
	w.live()
	w.clock.Advance(time.Hour)
}

// live does what the lives of domains do that were told to look, and returns their names.
func (w *walked) live() []string {
	w.t.Helper()
	var names []string
	for {
		looks, err := w.World.Store.ClaimLooks(w.t.Context(), 1000)
		if err != nil {
			w.t.Fatal(err)
		}
		if len(looks) == 0 {
			slices.Sort(names)
			return names
		}
		for _, look := range looks {
			names = append(names, look.Name)
			w.look(look)
		}
	}
}

func (w *walked) look(look store.Domain) {
	w.t.Helper()
	acts := w.RegistrarActivities(w.Walk.Registrar, nil)
	read, err := acts.ReadHolding(w.t.Context(), activities.ReadHoldingInput{Registrar: outside.Account, Domain: look.Name})
	change := store.LifeChange{Name: look.Name, Registrar: outside.Account, Round: 1, State: messages.LifeMissing, Since: look.StateSince, Renewal: messages.RenewalByNobody}
	if look.Expires != nil {
		change.Expires = *look.Expires
	}
	if read.Found {
		change.State, change.Expires, change.Held, change.Read = messages.LifeActive, read.Expires, &read.Held, true
	}
	if err == nil {
		err = w.World.Store.RecordLife(w.t.Context(), change)
	}
	if err == nil {
		err = w.World.Store.Told(w.t.Context(), look)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// round makes a walk, as a workflow, on the next day.
func (w *walked) round() activities.WalkCounts {
	w.t.Helper()
	w.clock.Advance(24 * time.Hour)
	counts, err := w.try()
	if err != nil {
		w.t.Fatal(err)
	}
	return counts
}

func (w *walked) try() (counts activities.WalkCounts, err error) {
	w.t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterWorkflow(workflows.PortfolioWalk)
	env.RegisterActivity(&activities.Walks{Walker: w.walker})
	env.ExecuteWorkflow(workflows.PortfolioWalk, workflows.WalkInput{Registrar: outside.Account})
	if err := env.GetWorkflowError(); err != nil {
		return counts, err
	}
	return counts, env.GetWorkflowResult(&counts)
}

// facts are the differences that there are, each in a line.
func (w *walked) facts() string {
	w.t.Helper()
	facts, err := w.World.Store.Facts(w.t.Context(), store.FactFilter{Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	lines := make([]string, len(facts))
	for i, fact := range facts {
		lines[i] = fmt.Sprintf("%s %s %s|%s", fact.Domain, fact.Kind, fact.Ours, fact.Theirs)
	}
	return strings.Join(lines, "; ")
}

func (w *walked) told() int {
	w.t.Helper()
	sent, err := w.World.Store.Deliveries(w.t.Context(), store.DeliveryFilter{Hook: w.hook})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(sent)
}

func (w *walked) want(what, facts string, told int) {
	w.t.Helper()
	if got := w.facts(); got != facts {
		w.t.Errorf("%s: it has %q, want %q", what, got, facts)
	}
	if n := w.told(); n != told {
		w.t.Errorf("%s: %d events, want %d", what, n, told)
	}
}

const otherServers = "ns1.dns.example ns2.dns.example|ns1.other.example ns2.other.example"

// What is changed at the registrar behind our back is a difference that is told once, and gone when
// it is put back.
func TestAChangeBehindOurBackIsToldOnce(t *testing.T) {
	t.Run("Netim", func(t *testing.T) {
		w := walkNetim(t, "a.example", "b.example")
		w.round()
		w.want("untouched", "", 0)
		w.atNetim("a.example", func(r *standnetim.Registration) { r.NameServers = []string{"ns1.other.example", "ns2.other.example"} })
		for range 2 {
			w.round()
			w.want("changed", "a.example name-servers "+otherServers, 1)
		}
		w.atNetim("a.example", func(*standnetim.Registration) {})
		w.round()
		w.want("put back", "", 1)
		if looks := w.live(); len(looks) != 0 {
			t.Errorf("%v had to look", looks)
		}
	})
	t.Run("Realtime Register", func(t *testing.T) {
		w, standin := walkRealtime(t, "a.sync", "b.sync")
		before := standin.Calls("domains.get")
		if counts := w.round(); counts.Calls != 1 || counts.Domains != 4 || counts.Platform != 4 {
			t.Errorf("got %+v", counts)
		}
		w.want("untouched", "", 0)
		changed := realtimeDomain(w, "a.sync")
		was, _ := standin.Domain("a.sync")
		changed.Expires, changed.NameServers, changed.Locks = was.Expires, []string{"ns1.other.example", "ns2.other.example"}, nil
		standin.AddDomain(changed)
		for range 2 {
			w.round()
			w.want("changed", "a.sync name-servers "+otherServers, 1)
		}
		changed.NameServers = was.NameServers
		standin.AddDomain(changed)
		w.round()
		w.want("put back", "", 1)
		if n := standin.Calls("domains.get") - before; n != 0 {
			t.Errorf("%d domains were read one by one", n)
		}
	})
}

// A life that reads meanwhile does not take over what was changed.
func TestAReadingDoesNotHideADifference(t *testing.T) {
	w := walkNetim(t, "a.example")
	w.atNetim("a.example", func(r *standnetim.Registration) { r.NameServers = []string{"ns1.other.example", "ns2.other.example"} })
	if err := w.World.Store.LookAt(t.Context(), "a.example"); err != nil {
		t.Fatal(err)
	}
	w.live()
	w.round()
	w.want("after a reading", "a.example name-servers "+otherServers, 1)
}

func TestARenewalElsewhereNeedsNobody(t *testing.T) {
	w := walkNetim(t, "a.example")
	w.atNetim("a.example", func(r *standnetim.Registration) { r.Expires = w.clock.Now().AddDate(2, 0, 0) })
	w.round()
	if looks := w.live(); !slices.Equal(looks, []string{"a.example"}) {
		t.Errorf("%v had to look", looks)
	}
	w.round()
	row := w.World.Billing.RowsOf("a.example")[0]
	w.want("renewed", "a.example billing-expiry "+w.clock.Now().AddDate(2, 0, -2).Format(time.DateOnly)+"|"+row.Expiration.Format(time.DateOnly), 1)
}

// A domain that has left the account is told once, and its life is told to look; one that comes is
// the operator's to bring in.
func TestDomainsComeAndGo(t *testing.T) {
	w := walkNetim(t, "a.example", "b.example")
	w.round()
	if err := w.Netim.TransferOut("b.example", "key"); err != nil {
		t.Fatal(err)
	}
	w.atNetim("x.example", func(r *standnetim.Registration) { r.Created = w.clock.Now() })
	unknown := "; x.example unknown-domain |expires " + w.clock.Now().AddDate(1, 0, 0).Format(time.DateOnly)
	w.round()
	w.want("gone", "b.example missing-domain active|"+unknown, 2)
	if looks := w.live(); !slices.Equal(looks, []string{"b.example"}) {
		t.Errorf("%v had to look", looks)
	}
	w.round()
	w.want("still gone", "b.example missing-domain missing|"+unknown, 2)
	w.live()
	w.atNetim("b.example", func(*standnetim.Registration) {})
	if err := w.Netim.TransferOut("x.example", "key"); err != nil {
		t.Fatal(err)
	}
	w.round()
	w.want("back", "", 2)
}

// What Billing and Operations have is compared with the registrar's.
func TestThePlatformIsCompared(t *testing.T) {
	w := walkNetim(t, "a.example")
	if _, err := w.World.Store.Import(t.Context(), []store.NewDomain{{Name: "b.example", Registrar: outside.Account, Sells: store.Sells{Account: outside.Customer}}}); err != nil {
		t.Fatal(err)
	}
	w.atNetim("b.example", func(*standnetim.Registration) {})
	w.live()
	w.round()
	w.want("not on the platform", "b.example billing-missing account 500100|; b.example operations-missing account 500100|", 2)
}

// An order under way is no difference, nor is what it leads to.
func TestAnOpenOrderIsNoDifference(t *testing.T) {
	w := walkNetim(t, "a.example")
	placed := w.Place(t, strings.NewReplacer(`"operation": "registration", "domain": "shop"`, `"operation": "name-server-change", "domain": "a", "nameServers": ["ns1.other.example", "ns2.other.example"]`).
		Replace(`{"vendorAccountId": 1, "items": [{"id": 0, "planId": 5, "periodId": 1, "parentId": -1, "operation": "registration", "domain": "shop"}], "customer": {"accountId": 500100}}`))
	w.atNetim("a.example", func(r *standnetim.Registration) { r.NameServers = []string{"ns1.other.example", "ns2.other.example"} })
	w.round()
	w.want("under way", "", 0)
	if err := w.World.Store.CloseUnit(t.Context(), placed.Number, 0, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	w.round()
	w.want("done, and not read yet", "", 0)
	w.live()
	w.round()
	w.want("done", "", 0)
}

// dying breaks off walks at a page.
type dying struct {
	activities.Walker

	at string
}

func (d dying) Page(ctx context.Context, in activities.WalkPageInput) (activities.WalkPageResult, error) {
	if in.From == d.at {
		return activities.WalkPageResult{}, &registrars.Error{Registrar: "dying", Call: "list", Class: registrars.ClassAuth}
	}
	return d.Walker.Page(ctx, in)
}

// flaky fails at its first try of each page, after it has recorded everything.
type flaky struct {
	activities.Walker

	tried map[string]bool
}

func (f flaky) Page(ctx context.Context, in activities.WalkPageInput) (activities.WalkPageResult, error) {
	result, err := f.Walker.Page(ctx, in)
	if err == nil && !f.tried[in.From] {
		f.tried[in.From] = true
		return activities.WalkPageResult{}, &registrars.Error{Registrar: "flaky", Call: "list", Class: registrars.ClassTemporary}
	}
	return result, err
}

// A walk that dies goes on at its page; one that breaks off finds nothing missing, and clears
// nothing that it has not compared.
func TestAWalkThatBreaksOffClearsNothing(t *testing.T) {
	names := make([]string, 1102)
	for i := range names {
		names[i] = fmt.Sprintf("d%04d.sync", i)
	}
	w, standin := walkRealtime(t, names...)
	w.ReadDays = 300 // few are compared on the platform
	change := func(name string, servers ...string) {
		changed, _ := standin.Domain(name)
		changed.NameServers = servers
		standin.AddDomain(changed)
	}
	w.round()
	change("d0000.sync", "ns1.other.example", "ns2.other.example")
	change("d1050.sync", "ns1.other.example", "ns2.other.example")
	standin.RemoveDomain("d0500.sync")
	both := "d0000.sync name-servers " + otherServers + "; d0500.sync missing-domain active|; d1050.sync name-servers " + otherServers
	calls := standin.Calls("domains.list")
	w.walker = flaky{w.Walk, map[string]bool{}}
	w.round()
	w.want("after tries that died", both, 3)
	if n := standin.Calls("domains.list") - calls; n != 4 {
		t.Errorf("%d calls", n)
	}
	w.live()
	// The first page is put right, and the walk breaks off before the second.
	change("d0000.sync", "ns1.dns.example", "ns2.dns.example")
	change("d1050.sync", "ns1.dns.example", "ns2.dns.example")
	standin.RemoveDomain("d1060.sync")
	w.walker = dying{w.Walk, "d1000.sync"}
	w.clock.Advance(24 * time.Hour)
	if _, err := w.try(); err == nil {
		t.Fatal("it has not broken off")
	}
	left := "d0500.sync missing-domain active|; d1050.sync name-servers " + otherServers
	w.want("broken off", left, 3)
	if walks, err := w.World.Store.Walks(t.Context()); err != nil || walks[0].GoodRound != 2 || walks[0].Round < 3 {
		t.Errorf("the walks are %+v, %v", walks, err)
	}
	w.walker = w.Walk
	w.round()
	w.want("the next one", "d0500.sync missing-domain missing|; d1060.sync missing-domain active|", 4)
}

// A list that lacks much is not believed as long as the account has what it lacks.
func TestAnImplausibleListIsNotBelieved(t *testing.T) {
	names := make([]string, 30)
	for i := range names {
		names[i] = fmt.Sprintf("d%02d.example", i)
	}
	w := walkNetim(t, names...)
	w.Walk.Registrar = forgetful{w.World.Registrar}
	w.clock.Advance(24 * time.Hour)
	if _, err := w.try(); err == nil || !strings.Contains(err.Error(), "list of domains: invalid") {
		t.Errorf("got %v", err)
	}
	w.want("an empty list", "", 0)
	if looks := w.live(); len(looks) != 0 {
		t.Errorf("%v had to look", looks)
	}
	// They have left indeed.
	w.Walk.Registrar = w.World.Registrar
	for _, name := range names {
		if err := w.Netim.TransferOut(name, "key"); err != nil {
			t.Fatal(err)
		}
	}
	w.round()
	if n := strings.Count(w.facts(), "missing-domain"); n != 30 {
		t.Errorf("%d of 30 are missing", n)
	}
}

// forgetful is an account whose list is empty.
type forgetful struct{ registrars.Registrar }

func (forgetful) ListDomains(context.Context, string) (registrars.DomainPage, error) {
	return registrars.DomainPage{}, nil
}
