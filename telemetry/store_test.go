package telemetry_test

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"domainprovisioning/internal/outside"
	"domainprovisioning/internal/postgrestest"
	"domainprovisioning/messages"
	"domainprovisioning/store"
	"domainprovisioning/telemetry"
)

// standing is the metrics of a store with one order, and their clock.
type standing struct {
	*outside.World

	metrics *telemetry.Metrics
	log     outside.Output
	now     time.Time
	number  string
}

func stands(t *testing.T, database string) *standing {
	t.Helper()
	s := &standing{World: outside.New(t, outside.Options{Database: database, AskOperations: true}), metrics: telemetry.New(), now: time.Now()}
	placed, err := s.Intake.Place(t.Context(), []byte(outside.NewCustomer))
	if err != nil {
		t.Fatal(err)
	}
	s.number = placed.Number
	s.metrics.ReadStore(&telemetry.Standing{
		Store: s.Store, WatchEvery: map[string]time.Duration{outside.Account: 10 * time.Minute},
		Log: slog.New(slog.NewTextHandler(&s.log, nil)), Now: func() time.Time { return s.now },
	})
	return s
}

func (s *standing) tell(t *testing.T, state messages.State, reason string) {
	t.Helper()
	now := time.Now()
	units, err := s.Store.Units(t.Context(), store.UnitFilter{OrderNumber: s.number})
	if err != nil || len(units) != 1 {
		t.Fatalf("%+v, %v", units, err)
	}
	if err := s.Store.RecordState(t.Context(), store.StateChange{OrderNumber: s.number, Item: units[0].Item, At: now, State: state, Step: 6, Reason: reason}); err != nil {
		t.Fatal(err)
	}
}

// What the store knows is read at most every ten seconds, however often it is asked for, and a
// reason that nobody knows is no label.
func TestTheStoreIsReadSeldom(t *testing.T) {
	for name, database := range map[string]string{"sqlite": "", "postgres": "postgres"} {
		t.Run(name, func(t *testing.T) {
			if database != "" {
				database = postgrestest.URL(t)
			}
			s := stands(t, database)
			const order = `domainprovisioning_open_orders{reason="REASON",registrar="netim-1",state="STATE",type="registration"} 1`
			line := func(state, reason string) string {
				return strings.NewReplacer("STATE", state, "REASON", reason).Replace(order)
			}
			has(t, scrape(t, s.metrics), line("running", ""), "domainprovisioning_store_readable 1",
				`domainprovisioning_open_orders_oldest_seconds{state="attention"} 0`, `domainprovisioning_backlog{kind="orders"} 0`, `domainprovisioning_backlog{kind="news"} 0`, "domainprovisioning_webhook_endpoints_disabled 0",
				`domainprovisioning_backlog_oldest_seconds{kind="confirmations"} 0`, `domainprovisioning_unknown_outcomes{registrar="netim-1"} 0`,
				`domainprovisioning_unknown_outcomes_oldest_seconds{registrar="netim-1"} 0`, `domainprovisioning_watch_interval_seconds{registrar="netim-1"} 600`,
				`domainprovisioning_stopped_orders{run="stuck"} 0`, `domainprovisioning_loose_ends{kind="left"} 0`)
			has(t, scrape(t, s.metrics), `domainprovisioning_drift{severity="high"} 0`, `domainprovisioning_account_notices{matter="access",registrar="netim-1"} 0`)
			if err := s.Store.ExpectWalks(t.Context(), outside.Account, 24*time.Hour); err != nil {
				t.Fatal(err)
			}
			for _, news := range []store.Confirmation{
				{EventID: "e1", Account: outside.Account, Matter: "access"}, {EventID: "e2", Account: outside.Account, Matter: "access"},
				{EventID: "e1", Account: outside.Account, Matter: "access"}, {EventID: "e3", Account: outside.Account, Matter: "funds"}, {EventID: "e4", Account: "gone-1", Matter: "other"},
			} {
				if _, _, err := s.Store.TakeAccountNews(t.Context(), news, ""); err != nil {
					t.Fatal(err)
				}
			}
			s.tell(t, messages.NeedsAttention, "balance")
			s.now = s.now.Add(9 * time.Second)
			has(t, scrape(t, s.metrics), line("running", ""))
			s.now = s.now.Add(time.Second)
			has(t, scrape(t, s.metrics), `domainprovisioning_walk_interval_seconds{registrar="netim-1"} 86400`, line("attention", "balance"),
				`domainprovisioning_account_notices{matter="access",registrar="netim-1"} 2`, `domainprovisioning_account_notices{matter="funds",registrar="netim-1"} 1`,
				`domainprovisioning_account_notices{matter="maintenance",registrar="netim-1"} 0`, `domainprovisioning_account_notices{matter="other",registrar="gone-1"} 1`)
			s.tell(t, messages.NeedsAttention, "registration-failed")
			s.now = s.now.Add(10 * time.Second)
			has(t, scrape(t, s.metrics), line("attention", "registration-failed"))
			s.tell(t, messages.NeedsAttention, "jane@shop.example is unhappy")
			s.now = s.now.Add(10 * time.Second)
			got := scrape(t, s.metrics)
			has(t, got, line("attention", "other"))
			for _, never := range []string{"shop.example", s.number, "unhappy"} {
				if strings.Contains(got, never) {
					t.Errorf("the metrics hold %s", never)
				}
			}
		})
	}
}

// Without the store its metrics are absent, rather than old, and that is said; the others stay.
func TestAStoreThatCannotBeReadIsSaidSo(t *testing.T) {
	s := stands(t, "sqlite:"+filepath.Join(t.TempDir(), "store.db"))
	if err := s.Store.Close(); err != nil {
		t.Fatal(err)
	}
	got := scrape(t, s.metrics)
	has(t, got, "domainprovisioning_store_readable 0", `domainprovisioning_watch_interval_seconds{registrar="netim-1"} 600`)
	if strings.Contains(got, "domainprovisioning_open_orders") || !strings.Contains(got, "go_goroutines") {
		t.Errorf("got %s", got)
	}
	if !strings.Contains(s.log.String(), "could not be read for metrics") {
		t.Errorf("the log says %s", s.log.String())
	}
}
