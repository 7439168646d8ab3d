package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"domainprovisioning/intake/restore"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// restored stops the product and starts it again on another state of its database. put is
// called in between with the path of the database.
func (f *fixture) restored(put func(path string)) *system {
	f.t.Helper()
	f.stop(context.Background())
	put(strings.TrimSuffix(strings.TrimPrefix(string(f.Config.Database.URL), "sqlite:"), "?synchronous=off"))
	s, err := startSystem(f.t.Context(), f.world, f.Config, f.temporal, f.Log)
	if err != nil {
		f.t.Fatal(err)
	}
	return s
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
	f.system = f.restored(func(path string) {
		for _, suffix := range []string{"-wal", "-shm"} {
			_ = os.Remove(path + suffix)
		}
		if err := os.WriteFile(path, backup, 0o600); err != nil {
			t.Fatal(err)
		}
	})
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
