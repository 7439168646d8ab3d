package main

import (
	"context"
	"strings"
	"sync"
	"testing"

	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/sandbox/standin/names4ever"
	"domainprovisioning/store"
)

const (
	kiosk         = "kiosk.classic"
	kioskWorkflow = "domain-provisioning/kiosk.classic"
	kioskKey      = "SO-1010/0/registration"
)

func (f *fixture) wantKiosk(adds int) {
	f.t.Helper()
	if n := f.world.names4ever.Count(names4ever.AddDomain, kiosk); n != adds {
		f.t.Errorf("%d add-domain at Names4Ever, want %d", n, adds)
	}
	registration, ok := f.world.names4ever.Registration(kiosk)
	if !ok || !registration.PasswordSet {
		f.t.Errorf("registered %v: %+v", ok, registration)
	}
	if rows := f.world.billing.RowsOf(kiosk); len(rows) != 1 {
		f.t.Errorf("%d rows in Billing", len(rows))
	}
	if accounts, domains := f.world.operations.Accounts(), f.world.operations.Domains(); len(accounts) != 1 || len(domains) != 1 {
		f.t.Errorf("%d accounts, %d domains in Operations", len(accounts), len(domains))
	}
}

// TestNames4Ever runs the scenarios of a registration at a registrar that answers at once
// and cannot be queried: RDAP and DNS show what happened to a request whose answer was
// lost.
func TestNames4Ever(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults      []string
		calls       int // add-domain requests that were sent
		submissions int
	}{
		"registered-at-once":   {nil, 1, 1},
		"submit-answer-lost":   {[]string{"names4ever:add-domain:cut-after"}, 1, 1},
		"malformed-answer":     {[]string{"names4ever:add-domain:malformed"}, 1, 1},
		"submit-never-arrived": {[]string{"names4ever:add-domain:cut-before"}, 2, 2},
		"registrar-down":       {[]string{"names4ever:add-domain:http-error=503*2"}, 3, 3},
		"rdap-down-for-a-look": {[]string{"names4ever:add-domain:cut-after", "names4ever:rdap:http-error=503*2@1"}, 1, 1},
		"operations-answer-lost": {[]string{
			"operations:pem.addAccount:cut-after", "operations:pem.addDomain:cut-after", "operations:pem.activateSubscription:cut-after",
		}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var options worldOptions
			for _, text := range c.faults {
				options.faults = append(options.faults, fault(t, text))
			}
			f := begin(t, options)
			f.place(example(t, "names4ever-1-registration.json"))
			if result := f.finish(kioskWorkflow); len(result.Differences) > 0 {
				t.Errorf("differences %v", result.Differences)
			}
			f.wantKiosk(1)
			if n := f.world.names4ever.Calls(names4ever.AddDomain); n != c.calls {
				t.Errorf("%d requests were sent, want %d", n, c.calls)
			}
			if row := f.ledger(kioskKey); row.State != store.Done || row.Submissions != c.submissions {
				t.Errorf("the ledger has %+v", row)
			}
		})
	}
}

// TestNames4EverNameWasTakenMeanwhile: the request is lost on its way, and somebody else
// registers the name. It is not ours, and a person decides.
func TestNames4EverNameWasTakenMeanwhile(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{faults: []faults.Fault{fault(t, "names4ever:add-domain:cut-before")}})
	f.place(example(t, "names4ever-1-registration.json"))
	f.eventually("the request was lost", func() bool { return f.ledgerState(kioskKey) == store.Unknown })
	f.world.names4ever.AddTaken(kiosk)
	progress := f.until(kioskWorkflow, messages.NeedsAttention)
	if progress.Attention.Reason != messages.ReasonConflict {
		t.Errorf("attention %+v", progress.Attention)
	}
	if n := f.world.names4ever.Calls(names4ever.AddDomain); n != 1 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestNames4EverDoubleClick(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{})
	order := example(t, "names4ever-1-registration.json")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := f.intake.Place(context.WithoutCancel(t.Context()), order); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	f.finish(kioskWorkflow)
	f.wantKiosk(1)
}

// TestNames4EverChangesNeedThePasswordThatWasKept: it is generated before the
// registration, sealed in the store, used for the change, and appears nowhere else.
func TestNames4EverChangesNeedThePasswordThatWasKept(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{faults: []faults.Fault{fault(t, "names4ever:modify-domain:cut-after")}})
	f.place(example(t, "names4ever-1-registration.json"))
	f.finish(kioskWorkflow)
	f.world.operations.AddExistingAccount(seededAccount)
	id := f.place(example(t, "names4ever-2-name-server-change.json")).Units[0].WorkflowID
	if result := f.finish(id); len(result.Differences) > 0 {
		t.Errorf("differences %v", result.Differences)
	}
	if r, _ := f.world.names4ever.Registration(kiosk); strings.Join(r.NameServers, " ") != "ns1.mine.example ns2.mine.example" {
		t.Errorf("name servers %v", r.NameServers)
	}
	if n := f.world.names4ever.Count(names4ever.ModifyDomain, kiosk); n != 1 {
		t.Errorf("%d changes", n)
	}
	secret, err := f.Store.Secret(t.Context(), "registrar/"+names4everAccount+"/"+kiosk+"/password")
	if err != nil || secret.IsZero() {
		t.Fatalf("the password: %v", err)
	}
	for _, text := range []string{f.historyText(kioskWorkflow), f.historyText(id), f.log.String(), f.databaseText()} {
		if strings.Contains(text, secret.Reveal()) {
			t.Error("the domain's password is in history, log or database")
		}
	}
}

// TestNames4EverServesNoRenewal: the order is refused when it comes, with the registrar's
// name.
func TestNames4EverServesNoRenewal(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{})
	for operation, document := range map[string]string{
		"renewal": `{"vendorAccountId": 1, "items": [{"id": 0, "planId": 8, "periodId": 1, "parentId": -1, "operation": "renewal",
			"domain": "kiosk", "transferKey": ""}], "customer": {"accountId": 500100}}`,
		"transfer": `{"vendorAccountId": 1, "items": [{"id": 0, "planId": 8, "periodId": 1, "parentId": -1, "operation": "transfer",
			"domain": "kiosk", "transferKey": "key"}], "customer": {"accountId": 500100}}`,
	} {
		_, err := f.intake.Place(t.Context(), []byte(document))
		if err == nil || !strings.Contains(err.Error(), `registrar account "names4ever-sandbox" (Names4Ever) does not serve a `+operation) {
			t.Errorf("%s: got %v", operation, err)
		}
	}
	if n := f.world.names4ever.Calls(""); n != 0 {
		t.Errorf("%d calls", n)
	}
}
