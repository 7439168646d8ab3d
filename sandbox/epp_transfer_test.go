package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/store"
)

// TestTransferAtEPP: the domain comes with the contacts and without the name servers that it had. The
// transfer and each of the requests that follow it are pending, and each has one effect, also if no
// answer arrives.
func TestTransferAtEPP(t *testing.T) {
	t.Parallel()
	for name, struck := range map[string][]faults.Fault{
		"answered": nil, "answers lost": eppFaults(t, "domain.transfer:cut-after", "domain.update:cut-after*5"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := atEPP(t, worldOptions{manual: true, faults: struck})
			id := f.place(example(t, "epp-2-transfer.json")).Units[0].WorkflowID
			f.transfersBare(id)
			if result := f.finish(id); len(result.Differences) > 0 {
				t.Errorf("differences %v", result.Differences)
			}
			for _, label := range bareTransfer {
				if n := f.world.epp.Count(label, eppTransfer); n != 1 {
					t.Errorf("%d of %s", n, label)
				}
			}
			d, held := f.world.epp.Domain(eppTransfer)
			if !held || !strings.HasPrefix(d.Registrant, "DP") || fmt.Sprint(d.NameServers) != "[ns1.dns.example ns2.dns.example]" ||
				!slices.Contains(d.Statuses, "clientTransferProhibited") || d.AuthInfo == eppTransferKey || len(d.AuthInfo) != 20 {
				t.Errorf("the domain is %+v", d)
			}
			for _, role := range []string{"admin", "tech", "billing"} {
				if !strings.HasPrefix(d.Contacts[role], "DP") {
					t.Errorf("its contact for %s is %s", role, d.Contacts[role])
				}
			}
			for _, row := range f.requests() {
				if row.State != store.Done || row.Submissions != 1 {
					t.Errorf("the ledger has %+v", row)
				}
			}
			for _, text := range []string{f.historyText(id), f.log.String(), f.databaseText()} {
				if strings.Contains(text, eppTransferKey) || strings.Contains(text, d.AuthInfo) {
					t.Error("an auth code is in history, log or database")
				}
			}
		})
	}
}

// bareTransfer is what is requested for a transfer that brings neither contacts nor name servers.
var bareTransfer = []string{"transfer", "update:authInfo", "update:registrant", "update:contact", "update:ns", "update:status"}

// transfersBare completes each request of a bare transfer once the order waits for it.
func (f *fixture) transfersBare(workflowID string) {
	f.t.Helper()
	for _, label := range bareTransfer {
		f.eventually("the order waits for "+label, func() bool {
			return f.world.epp.Count(label, eppTransfer) == 1 && f.progress(workflowID).State == messages.Waiting
		})
		if err := f.world.epp.Complete(eppTransfer); err != nil {
			f.t.Fatal(err)
		}
		f.watchAt(eppAccount)
	}
}

// requests are all rows of the ledger.
func (f *fixture) requests() []store.LedgerRow {
	f.t.Helper()
	rows, err := f.Store.LedgerRows(f.t.Context(), store.LedgerFilter{})
	if err != nil || len(rows) == 0 {
		f.t.Fatalf("the ledger has %+v, %v", rows, err)
	}
	return rows
}

// TestNewsThatFitsNoOrderAtEPP is kept for people, and taken out of the queue; what is about the
// account is told apart.
func TestNewsThatFitsNoOrderAtEPP(t *testing.T) {
	t.Parallel()
	f := atEPP(t, worldOptions{})
	f.world.epp.AnnounceMaintenance("M-1", time.Now().Add(time.Hour), time.Now().Add(2*time.Hour))
	f.world.epp.AnnounceChange("adopted.later", "update", "support", "a court's order")
	f.world.epp.AnnounceText("Your balance is low.")
	f.watchAt(eppAccount)
	rows, err := f.Store.Confirmations(t.Context(), store.ConfirmationFilter{})
	if err != nil || f.world.epp.QueueLength() != 0 {
		t.Errorf("%d messages wait, %v", f.world.epp.QueueLength(), err)
	}
	var told []string
	for _, row := range rows {
		claim, _, _ := strings.Cut(row.Claim, "/")
		told = append(told, fmt.Sprintf("%s %s(%s) %s", claim, row.Domain, row.Matter, row.State))
	}
	slices.Sort(told)
	if got := strings.Join(told, ", "); got != "changed adopted.later() unmatched, maintenance (maintenance) account, message (other) account" {
		t.Errorf("the inbox has %s", got)
	}
}
