package assembly

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"domainprovisioning/config"
	"domainprovisioning/internal/frontend"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	standin "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
	"domainprovisioning/vault"
	"domainprovisioning/workflows"
)

// together is an assembly on a migrated database, with a recording Temporal and a
// registrar with two accounts.
type together struct {
	*Assembly

	frontend *frontend.Frontend
	temporal client.Client
	netim    *standin.Server
	log      *outside.Output
}

func assembled(t *testing.T, changes ...func(*config.Config)) *together {
	t.Helper()
	noSettings(t)
	m := &together{frontend: frontend.New(t), log: &outside.Output{}}
	t.Setenv("TEMPORAL_ADDRESS", m.frontend.Address)
	cfg := exampleConfig(t)
	account := cfg.Registrars["netim-main"]
	m.netim = standin.New(standin.Options{Login: account.Login, Password: string(account.Password), TLDs: map[string]standin.TLD{"example": {}}})
	server := httptest.NewServer(m.netim)
	t.Cleanup(server.Close)
	account.URL = server.URL + standin.Path
	cfg.Registrars = map[string]config.Registrar{"netim-main": account, "a-second": account}
	cfg.Gateway.Address = "127.0.0.1:0"
	for _, change := range changes {
		change(&cfg)
	}
	log := slog.New(slog.NewTextHandler(m.log, nil))
	made, err := New(t.Context(), cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	m.Assembly = made
	t.Cleanup(func() { made.Close(context.WithoutCancel(t.Context())) })
	if _, err := made.Store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m.temporal, err = DialTemporal(t.Context(), quiet(), &vault.Codec{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.temporal.Close)
	return m
}

// plain is an account whose registrar has neither a list nor a queue and withdraws
// nothing.
type plain struct{ registrars.Registrar }

func TestADatabaseWithoutMigrationsIsRefused(t *testing.T) {
	cfg := exampleConfig(t)
	if _, err := Open(t.Context(), cfg, quiet()); err == nil || !strings.Contains(err.Error(), "run `starter migrate`") {
		t.Fatalf("got %v", err)
	}
	made, err := New(t.Context(), cfg, quiet())
	if err != nil {
		t.Fatal(err)
	}
	_, err = made.Store.Migrate(t.Context())
	made.Close(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	opened, err := Open(t.Context(), cfg, quiet())
	if err != nil {
		t.Fatal(err)
	}
	opened.Close(context.WithoutCancel(t.Context()))
	if err := opened.Store.Ping(t.Context()); err == nil {
		t.Error("the store is open after Close")
	}
}

// Each kind of call has its own queue, so that an account that hangs does not hold up
// others.
func TestTheQueuesOfAWorker(t *testing.T) {
	m := assembled(t)
	workers := m.Workers(m.temporal, func(err error) { t.Errorf("a worker cannot go on: %v", err) })
	if err := workers.Start(); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"activities of domain-provisioning", "activities of registrar-a-second", "activities of registrar-netim-main", "workflows of domain-provisioning",
	}
	deadline := time.Now().Add(20 * time.Second)
	for !slices.Equal(m.frontend.Polled(), want) && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond) // the SDK's pollers are goroutines and report nothing
	}
	workers.Stop()
	if got := m.frontend.Polled(); !slices.Equal(got, want) {
		t.Errorf("polled %q", got)
	}
}

func TestAWorkerThatCannotStartSaysSo(t *testing.T) {
	m := assembled(t)
	elsewhere, err := Connect(t.Context(), client.Options{HostPort: m.frontend.Address, Namespace: "elsewhere", Logger: TemporalLog(quiet())}, m.Codec)
	if err != nil {
		t.Fatal(err)
	}
	defer elsewhere.Close()
	err = m.Workers(elsewhere, func(error) {}).Start()
	if err == nil || !strings.HasPrefix(err.Error(), "assembly: start worker: ") || len(m.frontend.Polled()) != 0 {
		t.Errorf("got %v; polled %v", err, m.frontend.Polled())
	}
	err = m.Workers(elsewhere.Client, func(error) {}).Start()
	if err == nil || !strings.Contains(err.Error(), "through the codec") || len(m.frontend.Polled()) != 0 {
		t.Errorf("without the codec: %v; polled %v", err, m.frontend.Polled())
	}
}

func TestTheWatchesFollowTheConfiguration(t *testing.T) {
	m := assembled(t, func(c *config.Config) {
		account := c.Registrars["a-second"]
		account.WatchEvery = 20 * time.Minute
		c.Registrars["a-second"] = account
	})
	m.Accounts["quiet"] = plain{m.Accounts["netim-main"]}
	if err := m.EnsureWatches(t.Context(), m.temporal); err != nil {
		t.Fatal(err)
	}
	if got := m.frontend.Schedules(); !slices.Equal(got, []string{
		"pending-operations/a-second", "pending-operations/netim-main", "portfolio-walk/a-second", "portfolio-walk/netim-main", "portfolio-walk/quiet",
	}) {
		t.Fatalf("watches %q", got)
	}
	every := func(id string) (interval, jitter time.Duration) {
		spec := m.frontend.Schedule(id).GetSpec()
		return spec.GetInterval()[0].GetInterval().AsDuration(), spec.GetJitter().AsDuration()
	}
	if interval, jitter := every("pending-operations/a-second"); interval != 20*time.Minute || jitter != 2*time.Minute {
		t.Errorf("every %s, give or take %s", interval, jitter)
	}
	schedule := m.frontend.Schedule("pending-operations/netim-main")
	var input workflows.WatchInput
	action := schedule.GetAction().GetStartWorkflow()
	if err := converter.GetDefaultDataConverter().FromPayloads(action.GetInput(), &input); err != nil || input.Registrar != "netim-main" ||
		action.GetTaskQueue().GetName() != workflows.TaskQueue || schedule.GetPolicies().GetOverlapPolicy() != enumspb.SCHEDULE_OVERLAP_POLICY_SKIP ||
		schedule.GetPolicies().GetCatchupWindow().AsDuration() != time.Minute {
		t.Errorf("it starts %+v with %+v, %v", action, input, err)
	}
	// A new interval is applied to the existing watch; a person's pause stays.
	m.frontend.Pause("pending-operations/a-second")
	account := m.Config.Registrars["a-second"]
	account.WatchEvery = 30 * time.Minute
	m.Config.Registrars["a-second"] = account
	if err := m.EnsureWatches(t.Context(), m.temporal); err != nil {
		t.Fatal(err)
	}
	if interval, _ := every("pending-operations/a-second"); interval != 30*time.Minute || !m.frontend.Schedule("pending-operations/a-second").GetState().GetPaused() {
		t.Errorf("every %s, %+v", interval, m.frontend.Schedule("pending-operations/a-second").GetState())
	}
	m.frontend.SchedulesAway(true)
	if err := m.EnsureWatches(t.Context(), m.temporal); err == nil || !strings.HasPrefix(err.Error(), "assembly: watch of a-second: ") {
		t.Errorf("got %v", err)
	}
}

// recorded returns the state of the accounts' schedules in the store.
func (m *together) recorded(t *testing.T) map[string]store.ScheduleState {
	t.Helper()
	watches, err := m.Store.Watches(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]store.ScheduleState{}
	for _, watch := range watches {
		states[watch.Account] = watch.Schedule
	}
	return states
}

// Trouble with one account does not keep a worker from checking the others.
func TestAWorkerLooksAfterTheWatches(t *testing.T) {
	m := assembled(t)
	if err := m.EnsureWatches(t.Context(), m.temporal); err != nil {
		t.Fatal(err)
	}
	m.frontend.Pause("pending-operations/a-second")
	m.frontend.Delete("pending-operations/netim-main")
	for _, name := range []string{"a-second", "netim-main"} {
		if err := m.GuardWatch(t.Context(), m.temporal, name); err != nil {
			t.Fatal(err)
		}
	}
	states := m.recorded(t)
	if states["a-second"] != store.SchedulePaused || states["netim-main"] != store.ScheduleRuns || len(m.frontend.Schedules()) != 4 {
		t.Errorf("recorded %v, schedules %v", states, m.frontend.Schedules())
	}
	for _, want := range []string{"is paused: orders whose confirmations are lost wait forever", "was missing and has been created again"} {
		if !strings.Contains(m.log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, m.log)
		}
	}
	m.frontend.SchedulesAway(true)
	if err := m.GuardWatch(t.Context(), m.temporal, "a-second"); err == nil {
		t.Error("a watch that could not be checked")
	}
	if got := m.recorded(t); got["a-second"] != store.SchedulePaused {
		t.Errorf("recorded %v", got)
	}
}

func TestOpenOrdersWhoseAccountIsGoneAreNamed(t *testing.T) {
	m := assembled(t)
	for _, name := range []string{"shop", "store"} {
		if _, err := m.Intake(m.temporal).Place(t.Context(), []byte(outside.Alter(t, outside.DomainOnly, `"shop"`, `"`+name+`"`))); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.WarnOfAccounts(t.Context()); err != nil || strings.Contains(m.log.String(), "lacks a registrar account") {
		t.Errorf("%v; the log says %s", err, m.log)
	}
	delete(m.Accounts, "netim-main")
	if err := m.WarnOfAccounts(t.Context()); err != nil || !strings.Contains(m.log.String(), "registrar=netim-main orders=2") {
		t.Errorf("%v; the log says %s", err, m.log)
	}
}

func TestOnlySomeRegistrarsWithdraw(t *testing.T) {
	m := assembled(t)
	m.Accounts["quiet"] = plain{m.Accounts["netim-main"]}
	for account, want := range map[string]string{
		"quiet": `registrar account "quiet" cannot withdraw operations`, "nowhere": `registrar account "nowhere" cannot withdraw operations`,
		"netim-main": "cancelOpe",
	} {
		if err := m.CancelOperation(t.Context(), account, "4711"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", account, err)
		}
	}
}

// stubborn is an account whose session does not end.
type stubborn struct{ registrars.Registrar }

func (stubborn) Close(context.Context) error { return errors.New("the registrar is away") }

func TestClosingGoesOnAfterARegistrarThatIsAway(t *testing.T) {
	m := assembled(t)
	if _, err := m.Accounts["netim-main"].(registrars.PendingLister).PendingOperations(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.Accounts["a-second"] = stubborn{m.Accounts["a-second"]}
	m.Assembly.Close(t.Context())
	if !strings.Contains(m.log.String(), "closing the registrar's session failed") || !strings.Contains(m.log.String(), "registrar=a-second") {
		t.Errorf("the log says %s", m.log)
	}
	if err := m.Store.Ping(t.Context()); err == nil {
		t.Error("the store is open still")
	}
}

// TestActivitiesKnowUntilWhenARegistrationCanBeGivenBack: from the configuration of the account.
func TestActivitiesKnowUntilWhenARegistrationCanBeGivenBack(t *testing.T) {
	m := assembled(t, func(cfg *config.Config) {
		account := cfg.Registrars["a-second"]
		account.RefundDays = 5
		cfg.Registrars["a-second"] = account
	})
	for account, want := range map[string]int{"netim-main": 0, "a-second": 5} {
		if got := m.RegistrarActivities(account, m.temporal).RefundDays; got != want {
			t.Errorf("%s: %d days, want %d", account, got, want)
		}
	}
}
