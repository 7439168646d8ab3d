package assembly_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/domains"
	"domainprovisioning/intake"
	"domainprovisioning/intake/rehearsal"
	"domainprovisioning/internal/outside"
	"domainprovisioning/operations"
	names4everplugin "domainprovisioning/registrars/names4ever"
	standbilling "domainprovisioning/sandbox/standin/billing"
	standcalls "domainprovisioning/sandbox/standin/calls"
	standnames4ever "domainprovisioning/sandbox/standin/names4ever"
	standnetim "domainprovisioning/sandbox/standin/netim"
	standoperations "domainprovisioning/sandbox/standin/operations"
	standrealtime "domainprovisioning/sandbox/standin/realtimeregister"
	"domainprovisioning/store"
	"domainprovisioning/vault"
)

// The plans of the world. Each top-level domain has rules of its own.
const (
	planNetim    = 5  // example: a year, or two by period 2
	planLimited  = 6  // the same, for 12.00 EUR at most
	planLong     = 7  // long: registered for two years or three, and sold for one too
	planPlain    = 8  // plain: neither lock nor privacy, automatic renewal, DNSSEC
	planUnsold   = 9  // unsold: Netim does not sell it
	planFields   = 10 // au: needs a parameter
	planKeyless  = 11 // keyless: transfers without a key
	planRealtime = 12 // sync: the usual at Realtime Register
	planProperty = 13 // props: properties, and companies of two countries
	planPersons  = 14 // persons: no companies, at least three name servers
	planLanguage = 15 // lang: names of two languages
	planASCII    = 16 // ascii: three to ten ASCII letters, one address a host
	planFixed    = 17 // fixed: no transfer, no DNSSEC, no privacy, no lock
	planClassic  = 18 // classic: Names4Ever
	planHosting  = 20
)

const (
	knownAccount = 500100
	oddAccount   = 500200 // of somebody whose data no registrar takes
	expires      = "2027-05-01"
)

// soldBy says which plan sells what, by which registrar account.
var soldBy = []struct {
	plan           int
	tld, registrar string
}{
	{planNetim, "example", "netim"}, {planLimited, "example", "netim"}, {planLong, "long", "netim"}, {planPlain, "plain", "netim"},
	{planUnsold, "unsold", "netim"}, {planFields, "au", "netim"}, {planKeyless, "keyless", "netim"},
	{planRealtime, "sync", "realtime"}, {planProperty, "props", "realtime"}, {planPersons, "persons", "realtime"},
	{planLanguage, "lang", "realtime"}, {planASCII, "ascii", "realtime"}, {planFixed, "fixed", "realtime"},
	{planClassic, "classic", "names4ever"},
}

// world is the product with an account at every registrar, over HTTP, and without Temporal.
type world struct {
	intake    *intake.Intake
	rehearsal *rehearsal.Rehearsal
	temporal  *outside.Temporal
	store     *store.Store
	rows      *sql.DB

	operations *standoperations.Server
	billing    *standbilling.Server
	netim      *standnetim.Server
	realtime   *standrealtime.Server
	names4ever *standnames4ever.Server
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		temporal: &outside.Temporal{},
		operations: standoperations.New(standoperations.Options{Templates: map[int]standoperations.Kind{
			10: standoperations.Domain, 20: standoperations.Hosting,
		}}),
		billing: standbilling.New(standbilling.Options{}),
		netim: standnetim.New(standnetim.Options{Login: "SB001", Password: "x", TLDs: map[string]standnetim.TLD{
			"example": {}, "long": {PeriodCreate: "2-3"}, "au": {}, "keyless": {NoEppCode: true},
			"plain": {NoRegistrarLock: true, NoWhoisPrivacy: true, NoAutorenew: true, NoDNSSEC: true},
		}}),
		realtime: standrealtime.New(standrealtime.Options{Customer: "shopreseller", APIKey: "x", TLDs: map[string]standrealtime.TLD{
			"sync": {},
			"props": {
				OrganizationRequired: true, Countries: []string{"US", "NL"}, Properties: []standrealtime.Property{
					{Name: "taxNumber", Type: "Integer", Mandatory: true}, {Name: "founded", Type: "Date"},
					{Name: "legalForm", Values: map[string]string{"LTD": "Limited", "SOLE": "Sole trader"}},
				},
			},
			"persons": {OrganizationForbidden: true, MinNameServers: 3},
			"lang":    {Languages: []string{"DE", "FR"}},
			"ascii":   {NoIDN: true, MinLength: 3, MaxLength: 10, MaxHostAddresses: 1},
			"fixed":   {CreatePeriods: []int{12}, RenewPeriods: []int{12}, Without: []string{"TRANSFER", "PRIVACY_PROTECT"}, DNSSECRecords: -1, Statuses: []string{"CLIENT_HOLD"}},
		}}),
		names4ever: standnames4ever.New(standnames4ever.Options{Login: "4711", Password: "x", PlanID: "7"}),
	}
	database := filepath.Join(t.TempDir(), "application.db")
	cfg := w.configuration(t, "sqlite:"+database+"?synchronous=off")
	a, err := assembly.New(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(context.WithoutCancel(t.Context())) })
	if _, err := a.Store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w.rows, err = sql.Open("sqlite", database); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.rows.Close() })
	w.store, w.rehearsal = a.Store, a.Desk(w.temporal).Rehearsal
	w.intake = w.rehearsal.Intake
	w.populate(t, a)
	return w
}

// configuration is what a company would write into its file.
func (w *world) configuration(t *testing.T, database string) config.Config {
	t.Helper()
	serve := func(handler http.Handler) string {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		return server.URL
	}
	socket, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	go func() { _ = w.names4ever.ServeDNS(socket) }()

	cfg := config.Defaults()
	cfg.Database.URL, cfg.Database.SealingKey = config.Secret(database), "k"
	cfg.Database.SealingKeys = map[string]config.Secret{"k": config.Secret(vault.GenerateKey())}
	cfg.Operations.URL, cfg.Billing.URL = serve(w.operations)+"/RPC2", serve(w.billing)+"/RPC2"
	outer := serve(w.names4ever)
	account := func(plugin, url, login string, settings config.Registrar) config.Registrar {
		settings.Plugin, settings.URL, settings.Login, settings.Password = plugin, url, login, "x"
		settings.BillingLogin, settings.BillingPassword = login, "x"
		settings.Timeout, settings.Settle, settings.PendingDeadline = 10*time.Second, time.Second, time.Hour
		settings.CallsAtOnce, settings.CallsPerSecond = 50, 1e4
		return settings
	}
	cfg.Registrars = map[string]config.Registrar{
		"netim":    account("netim", serve(w.netim)+standnetim.Path, "SB001", config.Registrar{}),
		"realtime": account("realtimeregister", serve(w.realtime), "shopreseller", config.Registrar{}),
		"names4ever": account("names4ever", outer+standnames4ever.Path, "4711", config.Registrar{
			Settings: &names4everplugin.Settings{
				PlanID: "7", RDAPURL: outer + standnames4ever.RDAPPath + "/", DNSServer: socket.LocalAddr().String(),
			},
		}),
	}
	for _, sold := range soldBy {
		plan := config.DomainPlan{
			Plan: sold.plan, TLD: sold.tld, Registrar: sold.registrar, Years: 1, Periods: map[int]int{1: 1, 2: 2}, Template: 10,
			Billing: config.BillingPlan{Plan: 3, SubscriptionFee: "12.50", RenewalFee: "12.50", RefundDays: 5, PeriodType: 3, Period: 1, RegistrarID: 7},
		}
		switch sold.plan {
		case planLimited:
			plan.PriceLimit = config.PriceLimit{Currency: "EUR", Registration: "12.00", Renewal: "12.00", Restore: "9.00", Transfer: "12.00", OwnerChange: "12.00"}
		case planFields:
			plan.RequiredFields = []string{"R_ID"}
		case planKeyless:
			plan.AllowEmptyTransferKey = true
		}
		cfg.Plans.Domains = append(cfg.Plans.Domains, plan)
	}
	cfg.Plans.Hosting = []config.HostingPlan{{Plan: planHosting, Template: 20}}
	return cfg
}

// populate makes what was there before: customers, domains, prices, and an open order.
func (w *world) populate(t *testing.T, a *assembly.Assembly) {
	t.Helper()
	day, err := time.Parse(time.DateOnly, expires)
	if err != nil {
		t.Fatal(err)
	}
	w.operations.AddExistingAccount(knownAccount)
	w.addOddCustomer(t, a.Operations)
	w.operations.AddExistingDomain("theirs.example", 500777)
	for _, name := range []string{"mine.example", "theirs.example", "dearer.example", "silver.example"} {
		w.netim.AddRegistration(standnetim.Registration{
			Domain: name, Created: day.AddDate(-2, 0, 0), Expires: day, NameServers: []string{"ns1.dns.example", "ns2.dns.example"},
		})
	}
	w.netim.AddRegistration(standnetim.Registration{Domain: "gone.example", Created: day.AddDate(-2, 0, 0), Expires: day})
	w.netim.SetStatus("gone.example", standnetim.StatusQuarantine)
	w.netim.AddTaken("taken.example", "KEY-9")
	w.netim.AddTaken("taken.keyless", "")
	w.netim.SetPrice("gone.example", 10_00)
	w.netim.SetPrice("dear.example", 12_01)
	w.netim.SetPrice("dearer.example", 13_00)
	w.netim.SetPrice("taken.example", 12_50)
	w.netim.SetPremium("golden.example", 250_00)
	w.netim.SetPremium("silver.example", 250_00)
	for _, name := range []string{"mine.sync", "mine.fixed"} {
		w.realtime.AddDomain(standrealtime.Domain{
			Name: name, Created: day.AddDate(-2, 0, 0), Expires: day, NameServers: []string{"ns1.dns.example", "ns2.dns.example"},
		})
	}
	w.realtime.AddDomain(standrealtime.Domain{Name: "gone.sync", Created: day.AddDate(-2, 0, 0), Expires: day})
	w.realtime.SetPhase("gone.sync", standrealtime.Redemption)
	w.realtime.AddElsewhere("taken.sync", "KEY-9", false)
	w.realtime.AddElsewhere("taken.fixed", "KEY-9", false)
	w.realtime.SetPremium("golden.sync", 250_00)
	w.names4ever.AddTaken("taken.classic")
	w.placeOpenOrder(t)
}

func (w *world) placeOpenOrder(t *testing.T) {
	t.Helper()
	open := newOrder()
	open.number = "OPEN-1"
	open.do(param(1, "DomainID", "open"), customer("LoginID", "open@shop.example"))
	if _, err := w.intake.Place(t.Context(), []byte(open.json(t))); err != nil {
		t.Fatal(err)
	}
}

// effects is everything that an order may leave, as one text.
func (w *world) effects(t *testing.T) string {
	t.Helper()
	domains := 0
	for _, sold := range soldBy {
		for name := range strings.FieldsSeq("shop mine taken golden store") {
			if _, there := w.realtime.Domain(name + "." + sold.tld); there {
				domains++
			}
		}
	}
	o := w.operations
	text := fmt.Sprint("operations ", len(o.Accounts()), len(o.Members()), len(o.Subscriptions()), len(o.Domains()), len(o.Requests()), len(o.Bindings()), len(o.Zones()),
		"; billing ", len(w.billing.Rows()),
		"; netim ", len(w.netim.Registrations()), len(w.netim.Operations()), len(w.netim.Contacts()), len(w.netim.Hosts()), w.netim.Balance(),
		"; realtime ", domains, len(w.realtime.Contacts()), len(w.realtime.Processes()), len(w.realtime.Hosts()),
		"; names4ever ", len(w.names4ever.Registrations()),
		"; temporal ", len(w.temporal.Starts()), len(w.temporal.Signals()))
	money, reserved := w.realtime.Balance()
	return text + fmt.Sprint("; money ", money, reserved) + "; " + w.stored(t)
}

// stored counts the rows of every table but that of refusals, and of the sessions that all
// orders share.
func (w *world) stored(t *testing.T) string {
	t.Helper()
	rows, err := w.rows.QueryContext(t.Context(), `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var parts []string
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			t.Fatal(err)
		}
		switch table {
		case "refusals", "registrar_sessions":
		case "counters": // by what was drawn, but for the numbers of refusals
			parts = append(parts, `SELECT 'counters', SUM(value) FROM counters WHERE name <> 'refusal'`)
		default:
			parts = append(parts, fmt.Sprintf("SELECT '%s', COUNT(*) FROM %s", table, table))
		}
	}
	if err := rows.Err(); err != nil || len(parts) < 10 {
		t.Fatalf("%d tables, %v", len(parts), err)
	}
	counts, err := w.rows.QueryContext(t.Context(), strings.Join(parts, " UNION ALL "))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = counts.Close() }()
	var text strings.Builder
	for counts.Next() {
		var table string
		var count int
		if err := counts.Scan(&table, &count); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&text, "%s %d ", table, count)
	}
	if err := counts.Err(); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// addOddCustomer adds an account and, to the known one, a user, whose city and name Netim does
// not take, and a user in a country that is none.
func (w *world) addOddCustomer(t *testing.T, client *operations.Client) {
	t.Helper()
	odd := domains.Contact{
		FirstName: "Odo", LastName: "Одд", Address1: "1 Long Street", City: strings.Repeat("Very", 8) + "ly", PostalCode: "10001", Country: "US", State: "NY",
		Phone: domains.Phone{CountryCode: "1", AreaCode: "212", Number: "5550100"}, Email: "odo@odd.example",
	}
	_, err := client.AddAccount(t.Context(), operations.AddAccountParams{AccountID: oddAccount, Contact: odd})
	if err != nil {
		t.Fatal(err)
	}
	british := odd
	british.FirstName, british.LastName, british.City, british.Country = "Jane", "Example", "London", "UK"
	for user, of := range map[int]struct {
		account int
		contact domains.Contact
	}{700: {knownAccount, odd}, 701: {oddAccount, odd}, 702: {knownAccount, british}} {
		if _, err := client.AddAccountMember(t.Context(), operations.AddAccountMemberParams{
			AccountID: of.account, UserID: user, Contact: of.contact, Auth: operations.Auth{Login: fmt.Sprintf("odd-%d", user), Password: domains.NewSecret("x")},
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// calls lists the methods that were called in the outside systems.
func (w *world) calls() []string {
	var all []string
	for _, log := range [][]standcalls.Call{w.billing.Log(), w.operations.Log(), w.netim.Log(), w.realtime.Log(), w.names4ever.Log()} {
		for _, one := range log {
			all = append(all, one.Method)
		}
	}
	return all
}

// wasOnlyAsked checks that the outside systems were only asked, since there were so many calls.
func (w *world) wasOnlyAsked(t *testing.T, since int) {
	t.Helper()
	questions := strings.Fields("pem.getAccountInfo pem.getAccountMemberByLogin pem.getMemberFullInfo pem.getDomainByName pem.getSubscription " +
		"sessionOpen domainCheck domainInfo domainTldInfo queryDomainPrice domains.check domains.get domains.renew.quote domains.restore.quote customers.credit tlds.info rdap")
	all := w.calls()
	others := slices.DeleteFunc(slices.Clone(all), func(method string) bool { return slices.Contains(questions, method) })
	slices.Sort(others)
	// The odd customers were made at the beginning.
	made := []string{"pem.addAccount", "pem.addAccountMember", "pem.addAccountMember", "pem.addAccountMember"}
	if len(all) <= since || !slices.Equal(others, made) {
		t.Errorf("%d calls, other than questions: %v", len(all)-since, others)
	}
}
