package main

import (
	"context"
	"database/sql"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/intake/restore"
	"domainprovisioning/messages"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// restored stops the product and starts it again on another state of its database. put is
// called in between with the path of the database.
func (f *fixture) restored(put func(path string)) *system {
	f.t.Helper()
	for account := range f.WatchEvery() { // a schedule that was just made cannot be updated yet
		f.eventually("the watch of "+account+" answers", func() bool {
			_, err := f.temporal.ScheduleClient().GetHandle(f.t.Context(), workflows.WatchID(account)).Describe(f.t.Context())
			return err == nil
		})
	}
	f.stop(context.Background())
	put(strings.TrimSuffix(strings.TrimPrefix(string(f.Config.Database.URL), "sqlite:"), "?synchronous=off"))
	s, err := startSystem(f.t.Context(), f.world, f.Config, f.temporal, f.Log)
	if err != nil {
		f.t.Fatal(err)
	}
	return s
}

// backup copies the database while it is in use.
func (f *fixture) backup() []byte {
	f.t.Helper()
	db, err := sql.Open("sqlite", strings.TrimPrefix(string(f.Config.Database.URL), "sqlite:"))
	if err != nil {
		f.t.Fatal(err)
	}
	defer db.Close()
	path := filepath.Join(f.t.TempDir(), "backup.db")
	if _, err := db.ExecContext(f.t.Context(), "VACUUM INTO ?", path); err != nil {
		f.t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		f.t.Fatal(err)
	}
	return content
}

// backed puts a backup in the place of a database.
func backed(t *testing.T, backup []byte) func(path string) {
	return func(path string) {
		for _, suffix := range []string{"-wal", "-shm"} {
			_ = os.Remove(path + suffix)
		}
		if err := os.WriteFile(path, backup, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A database is restored from a backup that is older than recent events: two orders were
// placed, one of which was submitted and its answer recorded, one order was finished, and
// numbers and ids were issued. After the check, nothing is issued or paid twice.
func TestAnOlderDatabaseIsRestored(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.world.seed(time.Now())
	f.place(shop(t)) // it finishes after the backup
	f.until(shopWorkflow, messages.Waiting)
	var backup []byte
	f.system = f.restored(func(path string) {
		var err error
		if backup, err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	})
	numberless := alter(t, example(t, "own-name-servers.json"), `"number": "SO-1001",`, "")
	const later = "domain-provisioning/xn--bcher-kva.example"
	lost := f.place(numberless)
	f.until(later, messages.Waiting)
	renewal := f.place(example(t, "renewal.json")).Units[0].WorkflowID
	f.until(renewal, messages.Waiting)
	f.completes()
	f.finish(shopWorkflow)

	// No worker runs during the check.
	f.system = f.restored(backed(t, backup))
	f.workers.Stop()
	check := &restore.Check{Store: f.Store, Temporal: f.temporal, Data: f.Codec.ForClients().Data, Accounts: f.Accounts, Margin: 10}
	differs, err := check.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(differs.Unknown) != 2 || len(differs.Rows) != 2 || len(differs.Ended) != 1 || differs.Ended[0].State != "done" || len(differs.Missing) != 0 || differs.Clean() {
		t.Errorf("it differs by %+v", differs)
	}
	for _, row := range differs.Rows {
		if row.State != store.Pending || row.Reference == "" {
			t.Errorf("a row of %+v", row)
		}
	}
	if len(differs.Pending) != 2 { // the two that will be added as rows
		t.Errorf("pending %+v", differs.Pending)
	}
	check.Apply = true
	if _, err := check.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := check.Run(t.Context())
	if err != nil || len(left.Rows)+len(left.Ended)+len(left.Pending) != 0 || len(left.Unknown) != 2 {
		t.Errorf("it still differs by %+v, %v", left, err)
	}
	f.startWorkers()
	if err := f.workers.Start(); err != nil {
		t.Fatal(err)
	}

	// A new order gets numbers that nobody has.
	fresh := f.place(alter(t, numberless, `"bücher"`, `"fresh"`, `"login": "max@buecher.example"`, `"login": "fresh@shop.example"`))
	if fresh.Number <= lost.Number || fresh.AccountID() == lost.AccountID() {
		t.Errorf("a new order is %s with account %d; the lost one was %s with %d", fresh.Number, fresh.AccountID(), lost.Number, lost.AccountID())
	}
	// The lost orders are placed again under their numbers, and are resumed.
	again := f.place(alter(t, numberless, `"vendorAccountId"`, `"number": "`+lost.Number+`", "vendorAccountId"`))
	if again.Number != lost.Number {
		t.Errorf("placed again as %s", again.Number)
	}
	f.place(example(t, "renewal.json"))
	for _, domain := range []string{"xn--bcher-kva.example", "renewed.example"} {
		if err := f.world.netim.Complete(domain); err != nil {
			t.Fatal(err)
		}
	}
	f.watch()
	f.finish(later)
	f.finish(renewal)
	if n := f.world.netim.Creates("xn--bcher-kva.example"); n != 1 {
		t.Errorf("%d registrations", n)
	}
	if renewals := f.world.netim.Effects("renewed.example").Renewals; len(renewals) != 1 {
		t.Errorf("renewals %v", renewals)
	}
}

// Two orders of a client of the gateway are lost with the database: a registration with the
// client's number and a renewal without one. No gateway runs, so the command line places them again, under
// their keys; then their workflows find their documents, and nothing is paid twice.
func TestLostOrdersOfAClientAreRestored(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.world.seed(time.Now())
	_, key, err := f.Store.CreateAPIKey(t.Context(), "shop", "", []store.Scope{store.ScopePlace}, "test")
	if err != nil {
		t.Fatal(err)
	}
	backup := f.backup()
	registration, renewal := example(t, "own-name-servers.json"), alter(t, example(t, "renewal.json"), `"number": "SO-1003",`, "")
	served, err := f.serve(t.Context(), "unused")
	if err != nil {
		t.Fatal(err)
	}
	var placed [2]desk.Placed
	for n, document := range [][]byte{registration, renewal} {
		caller{t, served.url(), key.Reveal()}.want(http.StatusCreated, http.MethodPost, "/v1/orders", document, &placed[n])
	}
	served.stop()
	registers, renews := placed[0].Units[0].WorkflowID, placed[1].Units[0].WorkflowID
	f.until(registers, messages.Waiting)
	f.until(renews, messages.Waiting)

	f.system = f.restored(backed(t, backup))
	f.workers.Stop()
	check := &restore.Check{Store: f.Store, Temporal: f.temporal, Data: f.Codec.ForClients().Data, Accounts: f.Accounts, Margin: 10, Apply: true}
	report, err := check.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for _, order := range report.Unknown {
		keys[order.Number] = order.State == restore.Running
	}
	if len(keys) != 2 || !keys["shop:SO-1001"] || !keys[placed[1].Key] || len(report.Rows) != 2 {
		t.Fatalf("it differs by %+v", report)
	}
	for _, c := range []struct {
		document          []byte
		key, client, name string
	}{{registration, "shop:SO-1001", "", "SO-1001"}, {renewal, placed[1].Key, "shop", placed[1].Key}} {
		again, err := f.intake.PlaceLost(t.Context(), c.document, c.key, c.client)
		if err != nil {
			t.Fatal(err)
		}
		if again.Number != c.key || again.Label != c.name || again.Client != "shop" || again.Existing || !again.Units[0].Started {
			t.Errorf("placed again as %+v", again)
		}
	}
	f.startWorkers()
	if err := f.workers.Start(); err != nil {
		t.Fatal(err)
	}
	// The client sends its orders again, and they are the same.
	if served, err = f.serve(t.Context(), "unused"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(served.stop)
	for n, document := range [][]byte{registration, renewal} {
		var repeated desk.Placed
		caller{t, served.url(), key.Reveal()}.want(http.StatusOK, http.MethodPost, "/v1/orders", document, &repeated)
		if repeated.Key != placed[n].Key || !repeated.Existing {
			t.Errorf("the repeat of %s is %s", placed[n].Key, repeated.Key)
		}
	}
	for _, domain := range []string{"xn--bcher-kva.example", "renewed.example"} {
		if err := f.world.netim.Complete(domain); err != nil {
			t.Fatal(err)
		}
	}
	f.watch()
	f.finish(registers)
	f.finish(renews)
	f.eventually("no order is open or foreign", func() bool {
		open, err := f.Store.Units(t.Context(), store.UnitFilter{State: store.UnitOpen})
		return err == nil && len(open) == 0
	})
	if renewals := f.world.netim.Effects("renewed.example").Renewals; len(renewals) != 1 {
		t.Errorf("renewals %v", renewals)
	}
	if n := f.world.netim.Creates("xn--bcher-kva.example"); n != 1 {
		t.Errorf("%d registrations", n)
	}
}
