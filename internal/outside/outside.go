// Package outside is the world of a test: the stand-ins of Operations, Billing and the
// registrar behind real HTTP, the real clients that call them, a real store on SQLite,
// and the intake that fills it. Only the connection to Temporal is a mock, which records
// its calls; see Temporal.
package outside

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/billing"
	"domainprovisioning/domains"
	"domainprovisioning/intake"
	"domainprovisioning/operations"
	"domainprovisioning/orders"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim"
	standbilling "domainprovisioning/sandbox/standin/billing"
	"domainprovisioning/sandbox/standin/faults"
	standnetim "domainprovisioning/sandbox/standin/netim"
	standoperations "domainprovisioning/sandbox/standin/operations"
	"domainprovisioning/store"
	"domainprovisioning/vault"
)

// Names and numbers of the world.
const (
	Account         = "netim-1" // the registrar account
	DomainTemplate  = 10        // service template of domain subscriptions
	HostingTemplate = 20        // and of hosting subscriptions
	DomainPlan      = 5         // sells names under .example, for a year
	TwoYearPlan     = 6         // the same for two years
	LimitedPlan     = 8         // the same for a year, at a price of at most PriceLimit
	StrayPlan       = 7         // refers to a registrar account that is not configured
	HostingPlan     = 20
	Customer        = 500100 // the account of the order ExistingCustomer
	PriceLimit      = 12_00  // of each request, in hundredths
	// Settle is short, so that looking again takes almost no time.
	Settle = 50 * time.Millisecond
)

// NewCustomer orders hosting and a domain with it.
const NewCustomer = `{
  "vendorAccountId": 1,
  "items": [
    {"id": 0, "planId": 20, "periodId": 36, "parentId": -1},
    {"id": 1, "planId": 5, "periodId": 1, "parentId": 0, "operation": "registration", "domain": "shop", "transferKey": ""}
  ],
  "customer": {"login": "jane@shop.example", "password": "a-long-pass-phrase", "currency": "EUR", "contact": {
    "organisation": "Example Shop Ltd", "firstName": "Jane", "lastName": "Example",
    "address1": "1 Main Street", "city": "Sampleton", "postalCode": "10001", "country": "us", "state": "NY",
    "email": "jane@shop.example", "phone": {"countryCode": "1", "areaCode": "212", "number": "5550100"}
  }}
}`

// ExistingCustomer orders the same for the account Customer.
const ExistingCustomer = `{
  "vendorAccountId": 1,
  "items": [
    {"id": 0, "planId": 20, "periodId": 36, "parentId": -1},
    {"id": 1, "planId": 5, "periodId": 1, "parentId": 0, "operation": "registration", "domain": "shop", "transferKey": ""}
  ],
  "customer": {"accountId": 500100}
}`

// DomainOnly orders a domain for the account Customer.
const DomainOnly = `{
  "vendorAccountId": 1,
  "items": [{"id": 0, "planId": 5, "periodId": 1, "parentId": -1, "operation": "registration", "domain": "shop", "transferKey": ""}],
  "customer": {"accountId": 500100}
}`

// HostingOnly orders hosting for the account Customer.
const HostingOnly = `{
  "vendorAccountId": 1,
  "items": [{"id": 0, "planId": 20, "periodId": 36, "parentId": -1}],
  "customer": {"accountId": 500100}
}`

// Options say how the world behaves.
type Options struct {
	// Operations holds options beyond templates and clock: name servers, UserIDOffset.
	Operations standoperations.Options
	// NoAuthCodes makes the top-level domain one without auth codes.
	NoAuthCodes bool
	// Registration says how registrations end; by default they succeed at once.
	Registration standnetim.Behaviour
	// Now is the clock of store and stand-ins; nil is time.Now.
	Now func() time.Time
	// PendingDeadline of the registrar account; 0 leaves it to the workflow.
	PendingDeadline time.Duration
	// AskOperations makes the intake ask Operations, where the account Customer exists.
	AskOperations bool
	// Database is the URL of an empty database; "" uses a new SQLite file.
	Database string
}

// World is everything outside the workflows.
type World struct {
	Operations *standoperations.Server
	Billing    *standbilling.Server
	Netim      *standnetim.Server

	OperationsClient *operations.Client
	BillingClient    *billing.Client
	Registrar        *netim.Netim
	// Double is what a workflow's run calls instead of Registrar, for answers that the stand-in
	// does not give; nil in most tests.
	Double registrars.Registrar
	// RefundDays is as in the configuration of a registrar account.
	RefundDays int
	Store      *store.Store
	Intake     *intake.Intake
	Temporal   *Temporal

	// OperationsURL and the path of the database, for a second client of either.
	OperationsURL, Database string

	now     func() time.Time
	servers []*httptest.Server
}

// New returns a world that ends with the test.
func New(t testing.TB, options Options) *World {
	t.Helper()
	w, err := Open(context.Background(), t.TempDir(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// Open returns a world with its database in dir, for examples. Close ends it.
func Open(ctx context.Context, dir string, options Options) (*World, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	o := options.Operations
	o.Now = options.Now
	o.Templates = map[int]standoperations.Kind{
		DomainTemplate: standoperations.Domain, HostingTemplate: standoperations.Hosting,
	}
	w := &World{
		Operations: standoperations.New(o),
		Billing:    standbilling.New(standbilling.Options{Now: options.Now}),
		Netim: standnetim.New(standnetim.Options{
			Login: "SB001", Password: "registrar-password", Behaviour: options.Registration, Now: options.Now,
			TLDs: map[string]standnetim.TLD{"example": {PeriodCreate: "1-10", NoEppCode: options.NoAuthCodes}},
		}),
		Temporal: &Temporal{},
		now:      options.Now,
	}
	if err := w.connect(); err != nil {
		w.Close()
		return nil, err
	}
	var err error
	if w.Store, err = w.openStore(ctx, dir, options.Database); err != nil {
		w.Close()
		return nil, err
	}
	catalog, err := catalog()
	if err != nil {
		w.Close()
		return nil, err
	}
	w.Intake = &intake.Intake{
		Store: w.Store, Temporal: w.Temporal, Catalog: catalog, Log: slog.New(slog.DiscardHandler),
		Accounts: map[string]intake.Account{Account: {Registrar: w.Registrar, PendingDeadline: options.PendingDeadline}},
	}
	if options.AskOperations {
		w.Operations.AddExistingAccount(Customer)
		w.Intake.Operations = w.OperationsClient
	}
	return w, nil
}

// Close stops the servers and closes the store.
func (w *World) Close() {
	for _, server := range w.servers {
		server.CloseClientConnections()
		server.Close()
	}
	if w.Store != nil {
		_ = w.Store.Close()
	}
}

func (w *World) serve(handler http.Handler) string {
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	server.Start()
	w.servers = append(w.servers, server)
	return server.URL
}

func (w *World) connect() error {
	w.OperationsURL = w.serve(w.Operations) + "/RPC2"
	var err error
	if w.OperationsClient, err = operations.New(operations.Config{URL: w.OperationsURL}); err != nil {
		return err
	}
	if w.BillingClient, err = billing.New(billing.Config{URL: w.serve(w.Billing) + "/RPC2"}); err != nil {
		return err
	}
	w.Registrar, err = netim.New(netim.Config{
		URL: w.serve(w.Netim) + standnetim.Path, Login: "SB001", Password: domains.NewSecret("registrar-password"),
	})
	return err
}

// migrated is an empty database with all migrations, created once and copied.
var migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "outside")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "empty.db")
	sealer, err := newSealer()
	if err != nil {
		return nil, err
	}
	s, err := store.Open(context.Background(), store.Options{URL: "sqlite:" + path, Sealer: sealer, Ranges: store.DefaultRanges()})
	if err != nil {
		return nil, err
	}
	if _, err := s.Migrate(context.Background()); err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// newSealer returns the one sealer of the process: the copied database has keys that it has wrapped.
var newSealer = sync.OnceValues(func() (*vault.Sealer, error) {
	material, err := base64.StdEncoding.DecodeString(vault.GenerateKey())
	if err != nil {
		return nil, err
	}
	return vault.NewSealer([]vault.Key{{ID: "test", Material: material}})
})

func (w *World) openStore(ctx context.Context, dir, url string) (*store.Store, error) {
	if url != "" {
		return openEmpty(ctx, url, w.now)
	}
	empty, err := migrated()
	if err != nil {
		return nil, err
	}
	w.Database = filepath.Join(dir, "application.db")
	if err := os.WriteFile(w.Database, empty, 0o600); err != nil {
		return nil, err
	}
	sealer, err := newSealer()
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, store.Options{
		URL: "sqlite:" + w.Database, Sealer: sealer, Ranges: store.DefaultRanges(), Now: w.now,
	})
}

// openEmpty opens a database and applies the migrations.
func openEmpty(ctx context.Context, url string, now func() time.Time) (*store.Store, error) {
	sealer, err := newSealer()
	if err != nil {
		return nil, err
	}
	opened, err := store.Open(ctx, store.Options{URL: url, Sealer: sealer, Ranges: store.DefaultRanges(), Now: now})
	if err != nil {
		return nil, err
	}
	if _, err := opened.Migrate(ctx); err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return opened, nil
}

func catalog() (*orders.Catalog, error) {
	fee, err := orders.ParseFee("12.50")
	if err != nil {
		return nil, err
	}
	plan := func(id, years int, registrar string) orders.DomainPlan {
		return orders.DomainPlan{
			PlanID: id, TLD: "example", Registrar: registrar, Years: years, Periods: map[int]int{1: years, 5: years}, Template: DomainTemplate,
			Billing: orders.BillingPlan{
				PlanID: 3, SubscriptionFee: fee, RenewalFee: fee, RefundDays: 5,
				PeriodType: orders.PeriodYears, Period: 1, RegistrarID: 7,
			},
		}
	}
	limited, limit := plan(LimitedPlan, 1, Account), orders.Fee(PriceLimit)
	limited.PriceLimits = &orders.PriceLimits{Registration: &limit, Renewal: &limit, Restore: &limit, Transfer: &limit, OwnerChange: &limit}
	return orders.NewCatalog(
		plan(DomainPlan, 1, Account), plan(TwoYearPlan, 2, Account), plan(StrayPlan, 1, "nowhere"), limited,
		orders.HostingPlan{PlanID: HostingPlan, Template: HostingTemplate},
	)
}

// Fault makes a stand-in misbehave; text is in the syntax of faults.Parse.
func (w *World) Fault(t testing.TB, text string) {
	t.Helper()
	fault, err := faults.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	switch fault.System {
	case "operations":
		w.Operations.Faults.Add(fault)
	case "billing":
		w.Billing.Faults.Add(fault)
	default:
		w.Netim.Faults.Add(fault)
	}
}

// Stored returns the source from which activities open stored orders.
func (w *World) Stored() activities.StoredOrders { return activities.StoredOrders{Store: w.Store} }

// OperationsActivities returns the activities that call Operations.
func (w *World) OperationsActivities() *activities.Operations {
	return &activities.Operations{Client: w.OperationsClient, Orders: w.Stored(), Undo: w.Store}
}

// BillingActivities returns the activities that call Billing.
func (w *World) BillingActivities() *activities.Billing {
	return &activities.Billing{Client: w.BillingClient, Logins: map[string]activities.RegistrarLogin{
		Account: {Login: "SB001", Password: domains.NewSecret("registrar-password")},
	}}
}

// RegistrarActivities returns the activities that call the registrar account, with the
// real plug-in or another one that the test provides.
func (w *World) RegistrarActivities(registrar registrars.Registrar, notifier activities.Notifier) *activities.Registrar {
	return &activities.Registrar{
		Account: Account, Registrar: registrar, Ledger: w.Store,
		Orders:   &activities.ContactBook{Client: w.OperationsClient, Orders: w.Stored()},
		Secrets:  w.Store,
		Notifier: notifier, Settle: Settle, GiveUp: time.Hour, RefundDays: w.RefundDays, Now: w.now,
		WorkflowID: func(context.Context) string { return "domain-provisioning/shop.example" },
		// The step has only just been scheduled.
		TriedFor: func(context.Context) time.Duration { return 0 },
		Log:      slog.New(slog.DiscardHandler),
	}
}

// Register makes the registrar account hold a domain.
func (w *World) Register(t testing.TB, name string) {
	t.Helper()
	created := w.now().UTC().AddDate(0, -11, 0).Truncate(24 * time.Hour)
	w.Netim.AddRegistration(standnetim.Registration{
		Domain: name, Created: created, Expires: created.AddDate(1, 0, 0), NameServers: []string{"ns1.dns.example", "ns2.dns.example"},
	})
}

// Alter replaces parts of an order. Each part must occur in it.
func Alter(t testing.TB, order string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(order, pairs[i]) {
			t.Fatalf("the order lacks %q", pairs[i])
		}
		order = strings.ReplaceAll(order, pairs[i], pairs[i+1])
	}
	return order
}

// Place places an order through the intake.
func (w *World) Place(t testing.TB, order string) intake.Placed {
	t.Helper()
	placed, err := w.Intake.Place(t.Context(), []byte(order))
	if err != nil {
		t.Fatal(err)
	}
	return placed
}
