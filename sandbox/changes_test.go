package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"domainprovisioning/assembly"
	"domainprovisioning/config"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/store"
)

// example reads an order from sandbox/orders.
func example(t testing.TB, name string) []byte {
	t.Helper()
	document, err := os.ReadFile(filepath.Join("orders", name))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// seeded is a world that contains what the examples change.
func seeded(t *testing.T, options worldOptions, changes ...func(*config.Config)) *fixture {
	t.Helper()
	f := begin(t, options, changes...)
	f.world.seed(time.Now())
	return f
}

// wantOperations counts the operations at the registrar by their codes.
func (f *fixture) wantOperations(want map[string]int) {
	f.t.Helper()
	got := map[string]int{}
	for _, operation := range f.world.netim.Operations() {
		got[operation.Code]++
	}
	if !maps.Equal(got, want) {
		f.t.Errorf("operations at the registrar: %v, want %v", got, want)
	}
}

func (f *fixture) ledger(key string) store.LedgerRow {
	f.t.Helper()
	row, err := f.Store.LedgerRow(f.t.Context(), key)
	if err != nil {
		f.t.Fatal(err)
	}
	return row
}

func TestTransfer(t *testing.T) {
	t.Parallel()
	f := seeded(t, worldOptions{manual: true})
	id := f.place(example(t, "transfer.json")).Units[0].WorkflowID
	for _, step := range []int{10, 14, 15} { // the transfer, the new auth code, the lock
		f.eventually(fmt.Sprintf("the order waits in step %d", step), func() bool {
			progress := f.progress(id)
			return progress.State == messages.Waiting && progress.Step == step
		})
		if err := f.world.netim.Complete(seededTransfer); err != nil {
			t.Fatal(err)
		}
		f.watch()
	}
	if result := f.finish(id); len(result.Differences) > 0 {
		t.Errorf("differences %v", result.Differences)
	}
	f.wantOperations(map[string]int{"domainTransferIn": 1, "domainAuthid": 1, "domainSetPreference.registrar_lock": 1})
	registration, _ := f.world.netim.Registration(seededTransfer)
	if registration.AuthID == seededTransferKey || registration.AuthID == "" {
		t.Error("the domain still has the auth code that its old registrar knows")
	}
	for _, text := range []string{f.historyText(id), f.log.String(), f.databaseText()} {
		if strings.Contains(text, seededTransferKey) {
			t.Error("the transfer key is in history, log or database")
		}
	}
	// It keeps the rest of its period: Billing gets the registrar's date, not a year from
	// now.
	rows := f.world.billing.RowsOf(seededTransfer)
	if len(rows) != 1 || !rows[0].Expiration.Equal(yearInBilling(registration.Expires.Truncate(24*time.Hour))) {
		t.Errorf("Billing has %+v, the registrar %s", rows, registration.Expires)
	}
}

// TestTransferAnswerLost: neither the transfer nor the new auth code is requested twice.
func TestTransferAnswerLost(t *testing.T) {
	t.Parallel()
	f := seeded(t, worldOptions{manual: true, faults: []faults.Fault{fault(t, "netim:domainTransferIn:cut-after"), fault(t, "netim:domainAuthID:cut-after")}})
	id := f.place(example(t, "transfer.json")).Units[0].WorkflowID
	for _, step := range []int{10, 14, 15} {
		f.eventually(fmt.Sprintf("the order waits in step %d", step), func() bool {
			progress := f.progress(id)
			return progress.State == messages.Waiting && progress.Step == step
		})
		if err := f.world.netim.Complete(seededTransfer); err != nil {
			t.Fatal(err)
		}
		f.watch()
	}
	f.finish(id)
	f.wantOperations(map[string]int{"domainTransferIn": 1, "domainAuthid": 1, "domainSetPreference.registrar_lock": 1})
}

func TestRenewal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault       string
		submissions int
	}{
		"answered": {"", 1}, "answer lost": {"netim:domainRenew:cut-after", 1}, "never arrived": {"netim:domainRenew:cut-before", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var options worldOptions
			if c.fault != "" {
				options.faults = []faults.Fault{fault(t, c.fault)}
			}
			f := seeded(t, options)
			before, _ := f.world.netim.Registration("renewed.example")
			placed := f.place(example(t, "renewal.json"))
			result := f.finish(placed.Units[0].WorkflowID)
			after, _ := f.world.netim.Registration("renewed.example")
			if want := before.Expires.AddDate(1, 0, 0); !after.Expires.Equal(want) || !result.Expires.Equal(want) {
				t.Errorf("expired %s, expires %s, result %s", before.Expires, after.Expires, result.Expires)
			}
			f.wantOperations(map[string]int{"domainRenew": 1})
			row := f.ledger(placed.Number + "/0/renewal")
			if row.State != store.Done || row.Submissions != c.submissions || row.Guard == "" {
				t.Errorf("the ledger has %+v", row)
			}
		})
	}
}

func TestOwnerChange(t *testing.T) {
	t.Parallel()
	f := seeded(t, worldOptions{manual: true})
	id := f.place(example(t, "owner-change.json")).Units[0].WorkflowID
	f.until(id, messages.Waiting)
	if err := f.world.netim.Complete("sold.example"); err != nil {
		t.Fatal(err)
	}
	f.watch()
	if result := f.finish(id); len(result.Differences) > 0 {
		t.Errorf("differences %v", result.Differences)
	}
	f.wantOperations(map[string]int{"domainTransferOwner": 1})
	if registration, _ := f.world.netim.Registration("sold.example"); registration.Owner == "" {
		t.Error("the owner is the old one")
	}
}

// TestOwnerChangeWithoutConsent: the registry cancels after five days, which is a normal
// outcome.
func TestOwnerChangeWithoutConsent(t *testing.T) {
	t.Parallel()
	f := seeded(t, worldOptions{manual: true})
	placed := f.place(example(t, "owner-change.json"))
	id := placed.Units[0].WorkflowID
	f.until(id, messages.Waiting)
	if err := f.world.netim.Cancel("sold.example"); err != nil {
		t.Fatal(err)
	}
	f.watch()
	f.until(id, messages.Cancelled)
	if result := f.finish(id); !strings.Contains(result.Unchanged, "did not agree") {
		t.Errorf("result %+v", result)
	}
	f.wantOperations(map[string]int{"domainTransferOwner": 1})
	// The name is free for another order.
	again := alter(t, example(t, "owner-change.json"), `"SO-1004"`, `"SO-2004"`)
	f.until(f.place(again).Units[0].WorkflowID, messages.Waiting)
}

func TestNameServerChange(t *testing.T) {
	t.Parallel()
	f := seeded(t, worldOptions{faults: []faults.Fault{fault(t, "netim:domainChangeDNS:cut-after")}})
	if result := f.finish(f.place(example(t, "name-server-change.json")).Units[0].WorkflowID); len(result.Differences) > 0 {
		t.Errorf("differences %v", result.Differences)
	}
	f.wantOperations(map[string]int{"domainChangeDNS": 1})
	if r, _ := f.world.netim.Registration("delegated.example"); fmt.Sprint(r.NameServers) != "[ns1.mine.example ns2.mine.example]" {
		t.Errorf("name servers %v", r.NameServers)
	}
}

func TestContactAndSettingsChange(t *testing.T) {
	t.Parallel()
	f := seeded(t, worldOptions{})
	f.finish(f.place(example(t, "contact-change.json")).Units[0].WorkflowID)
	if result := f.finish(f.place(example(t, "settings-change.json")).Units[0].WorkflowID); len(result.Differences) > 0 {
		t.Errorf("differences %v", result.Differences)
	}
	f.wantOperations(map[string]int{
		"domainChangeContact": 1, "domainSetDNSSEC": 1, "domainSetPreference.whois_privacy": 1,
		"domainSetPreference.auto_renew": 1, "domainSetPreference.registrar_lock": 1,
	})
}

// TestFailedThenDone: an order is parked because its operation failed. The registrar's
// support restarts the operation, the watch notices, and the order completes without a
// second request and without a person.
func TestFailedThenDone(t *testing.T) {
	t.Parallel()
	f := seeded(t, worldOptions{manual: true})
	f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	if err := f.world.netim.Fail("shop.example", "registry out of order"); err != nil {
		t.Fatal(err)
	}
	f.watch()
	f.until(shopWorkflow, messages.NeedsAttention)
	if err := f.world.netim.Complete("shop.example"); err != nil {
		t.Fatal(err)
	}
	// The watch would ask six hours later; a person may ask at once.
	row := f.ledger("DP00000001/1/registration")
	result, err := f.CheckOperation(t.Context(), f.temporal, netimAccount, row.Key)
	if err != nil || result.Before != "failed" || result.Now != "done" {
		t.Fatalf("got %+v, %v", result, err)
	}
	f.finish(shopWorkflow)
	want := whole()
	want.accounts++ // the seeded one
	want.members++
	f.want("shop.example", want)
}

func TestRateLimited(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{faults: []faults.Fault{fault(t, "netim:domainCreate:rate-limit=429")}})
	f.place(shop(t))
	f.eventually("the request waits for the registrar's pace", func() bool {
		return f.ledgerState("DP00000001/1/registration") == store.Refused
	})
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
	if row := f.ledger("DP00000001/1/registration"); row.State != store.Done {
		t.Errorf("the ledger has %+v", row)
	}
}

func (f *fixture) ledgerState(key string) store.LedgerState {
	row, err := f.Store.LedgerRow(f.t.Context(), key)
	if err != nil {
		return ""
	}
	return row.State
}

func TestMalformedAnswer(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{faults: []faults.Fault{fault(t, "netim:domainCreate:malformed")}})
	f.place(shop(t))
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
}

func TestSessionExpired(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{faults: []faults.Fault{fault(t, "netim:domainCreate:session-expired")}})
	f.place(shop(t))
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
}

// TestBadChangesAreRefusedBeforeAnythingIsSpent: the refusal names field, rule and
// registrar.
func TestBadChangesAreRefusedBeforeAnythingIsSpent(t *testing.T) {
	t.Parallel()
	f := seeded(t, worldOptions{}, func(cfg *config.Config) {
		for i := range cfg.Plans.Domains {
			if cfg.Plans.Domains[i].Plan == checkedPlan {
				cfg.Plans.Domains[i].RequiredFields = []string{"R_NAME"}
			}
		}
	})
	for name, c := range map[string]struct {
		document []byte
		want     []string
	}{
		"a field of the extension missing": {
			alter(t, shop(t), "5=1=1=0", "6=1=1=0"), []string{"item 1: R_NAME is missing: plan 6 at registrar account netim-sandbox requires it for a registration"},
		},
		"a transfer without a key": {
			alter(t, example(t, "transfer.json"), seededTransferKey, ""), []string{"transferKey is empty for a transfer"},
		},
		"a renewal of another's domain": {
			alter(t, example(t, "renewal.json"), `"renewed"`, `"stranger"`), []string{"netim", "domain"},
		},
		"one name server": {
			alter(t, example(t, "name-server-change.json"), `,`+"\n        \"ns2.mine.example\"", ""), []string{"nameServers[1] is missing: name servers need a secondary"},
		},
		"equal name servers": {
			alter(t, example(t, "name-server-change.json"), "ns2.mine.example", "NS1.mine.example."), []string{"name servers must be different"},
		},
		"settings that change nothing": {
			[]byte(`{"vendorAccountId": 1, "items": [{"id": 0, "planId": 5, "periodId": 1, "parentId": -1, "operation": "settings-change",
				"domain": "secured", "settings": {}}], "customer": {"accountId": 500100}}`), []string{"settings changes nothing"},
		},
	} {
		_, err := f.intake.Place(t.Context(), c.document)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", name, err, want)
			}
		}
	}
	f.wantOperations(map[string]int{})
	if rows, err := f.Store.Units(t.Context(), store.UnitFilter{}); err != nil || len(rows) > 0 {
		t.Errorf("stored %+v, %v", rows, err)
	}
}

// TestTwoWorkersHoldTwoSessions: a worker process uses at most one session per account,
// whatever it does at once.
func TestTwoWorkersHoldTwoSessions(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{})
	second, err := assembly.New(t.Context(), f.Config, f.Log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { second.Close(context.Background()) })
	workers := second.Workers(f.temporal, func(err error) { t.Error(err) })
	if err := workers.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(workers.Stop)
	const orders = 12
	most := 0
	var ids []string
	for n := range orders {
		order := alter(t, shop(t), "DomainID=shop", fmt.Sprintf("DomainID=shop%d", n), "jane@shop", fmt.Sprintf("jane%d@shop", n))
		ids = append(ids, f.place(order).Units[0].WorkflowID)
		most = max(most, len(f.world.netim.Sessions()))
	}
	for n, id := range ids {
		f.finish(id)
		most = max(most, len(f.world.netim.Sessions()))
		if creates := f.world.netim.Creates(fmt.Sprintf("shop%d.example", n)); creates != 1 {
			t.Errorf("%s: %d creates", id, creates)
		}
	}
	if most == 0 || most > 2 {
		t.Errorf("up to %d sessions for two workers", most)
	}
}
