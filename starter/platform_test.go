package main

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/domains"
	"domainprovisioning/intake/restore"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	standnetim "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
)

// pending returns the reference of a renewal of shop.example that the registrar has not
// finished. In the ledger it belongs to the order DP00000001, which waits for it.
func (h *house) pending(behaviour standnetim.Behaviour) string {
	h.t.Helper()
	name, err := domains.ParseName("shop.example")
	if err != nil {
		h.t.Fatal(err)
	}
	expires := time.Now().UTC().AddDate(0, 1, 0).Truncate(24 * time.Hour)
	h.netim.AddRegistration(standnetim.Registration{
		Domain: name.String(), Created: expires.AddDate(-1, 0, 0), Expires: expires, NameServers: []string{"ns1.dns.example", "ns2.dns.example"},
	})
	h.netim.SetBehaviour(name.String(), behaviour)
	h.prints(outside.Alter(h.t, outside.DomainOnly, `"registration"`, `"renewal"`), "order -")
	const key = "DP00000001/0/renewal"
	if _, _, err := h.store.Intend(h.t.Context(), store.Intention{
		Key: key, Account: "netim-main", Kind: string(registrars.Renewal), Domain: name.String(), WorkflowID: h.temporal.Started()[0],
	}); err != nil {
		h.t.Fatal(err)
	}
	operation, err := h.assembly.Accounts["netim-main"].Submit(h.t.Context(), registrars.Request{
		Key: key, Submission: 1, Kind: registrars.Renewal, Domain: name, TLD: "example", Years: 1, Expires: expires,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.store.Learn(h.t.Context(), key, store.LedgerChange{State: store.Pending, Reference: operation.Reference}); err != nil {
		h.t.Fatal(err)
	}
	return operation.Reference
}

// What cannot be read stands beneath the list, and in the same document.
func TestWhatCannotBeReadOfARegistrarsList(t *testing.T) {
	h := settled(t)
	reference := h.pending(standnetim.Behaviour{Manual: true})
	odd := []store.Unreadable{{Rule: "no number"}, {Rule: "no number"}, {Reference: "9", Rule: "no status"}}
	if _, err := h.store.RecordUnreadable(t.Context(), "netim-main", odd); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Learn(t.Context(), "DP00000001/0/renewal", store.LedgerChange{State: store.Submitted, Word: "IN_DOUBT"}); err != nil {
		t.Fatal(err)
	}
	h.prints("", "operations", " submitted (IN_DOUBT) ")
	const lines = "2 items of the list of netim-main cannot be read for 0m: no number\noperation 9 of the list of netim-main cannot be read for 0m: no status\n"
	if listed := h.prints("", "operations"); !strings.Contains(listed, reference) || !strings.HasSuffix(listed, lines) {
		t.Errorf("listed\n%s", listed)
	}
	for _, arguments := range []string{"operations --domain shop.example", "operations --registrar elsewhere"} {
		if listed := h.prints("", arguments); strings.Contains(listed, "cannot be read") {
			t.Errorf("%s listed\n%s", arguments, listed)
		}
	}
	var listed []struct {
		Reference, State, Registrar, Rule string
		Items                             int
	}
	if err := json.Unmarshal([]byte(h.prints("", "operations --json")), &listed); err != nil || len(listed) != 3 ||
		listed[0].State != "submitted" || listed[1].State != "unreadable" || listed[1].Items != 2 || listed[2].Reference != "9" || listed[2].Rule != "no status" {
		t.Errorf("listed %+v, %v", listed, err)
	}
}

func TestWhatARegistrarHasNotFinished(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints("", "operations", "no operations\n")
		reference := h.pending(standnetim.Behaviour{Manual: true})
		listed := h.prints("", "operations --registrar netim-main")
		if !regexp.MustCompile(`(?m)^REFERENCE +STATE +AGE +KIND +DOMAIN +ORDER +REGISTRAR +ACCEPTED PRICE\n` + reference + ` +pending +0m +renewal +shop.example +DP00000001 +netim-main +-\n$`).MatchString(listed) {
			t.Errorf("listed\n%s", listed)
		}
		h.prints("", "operations check "+reference, "operation "+reference+" of shop.example: pending\n")
		if len(h.temporal.Signals()) != 0 {
			t.Error("an order was told of what is not finished")
		}
		if err := h.netim.Complete("shop.example"); err != nil {
			t.Fatal(err)
		}
		h.prints("", "operations check "+reference, "operation "+reference+" of shop.example: done, was pending\n")
		signals := h.temporal.Signals()
		if len(signals) != 1 || signals[0].GetWorkflowExecution().GetWorkflowId() != h.temporal.Started()[0] {
			t.Errorf("signals %v", signals)
		}
		h.prints("", "operations", "no operations\n")
		var lines []struct{ Reference, State, Order string }
		if err := json.Unmarshal([]byte(h.prints("", "operations --all --domain shop.example --json")), &lines); err != nil || len(lines) != 1 ||
			lines[0].Reference != reference || lines[0].State != "done" || lines[0].Order != "DP00000001" {
			t.Errorf("%+v, %v", lines, err)
		}
		var checked []checkedOperation
		if err := json.Unmarshal([]byte(h.prints("", "operations check --json "+reference)), &checked); err != nil || len(checked) != 1 ||
			checked[0].Before != "done" || checked[0].State != "done" || checked[0].Order != "DP00000001" {
			t.Errorf("%+v, %v", checked, err)
		}
		h.fails("", "operations cancel --reason x "+reference, "operation "+reference+" is done already")
		h.fails("", "operations check 4711", "the ledger has no operation 4711; `starter operations --all` lists them")
		h.fails("", "operations check "+reference+" --registrar elsewhere", "the ledger has no operation "+reference)
	})
}

func TestAPendingOperationIsWithdrawn(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		reference := h.pending(standnetim.Behaviour{Manual: true})
		h.prints("", "operations cancel --reason wrong "+reference, "operation "+reference+" of shop.example is being withdrawn; the order will be told\n")
		if operations := h.netim.Operations(); len(operations) != 1 || operations[0].Status != standnetim.Cancelled {
			t.Errorf("the registrar has %+v", operations)
		}
		// The registrar's answer decides: the ledger learns it when the registrar is asked.
		h.prints("", "operations check "+reference, "cancelled, was pending")
		// Both are in the record, the withdrawal with its reason.
		h.fails("", "operations cancel "+reference, "--reason must say")
		rows, err := h.store.Acts(t.Context(), store.ActFilter{OrderNumber: "DP00000001", Limit: 10})
		if err != nil || len(rows) != 2 || rows[0].Command != "withdraw" || !strings.HasSuffix(rows[0].Reason, "wrong") || rows[1].Command != "check" ||
			rows[0].Outcome != store.ActAccepted || rows[1].Outcome != store.ActAccepted {
			t.Errorf("acts %+v, %v", rows, err)
		}
	})
}

func TestARegistrarThatDoesNotWithdraw(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		reference := h.pending(standnetim.Behaviour{Manual: true, RefuseCancel: true})
		h.fails("", "operations cancel --reason wrong "+reference, "cancelOpe")
		h.prints("", "operations", reference, "pending")
	})
}

// Two accounts may use the same number.
func TestAReferenceOfSeveralAccounts(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		for _, account := range []string{"netim-main", "former"} {
			key := "DP00000001/0/" + account
			if _, _, err := h.store.Intend(t.Context(), store.Intention{Key: key, Account: account, Kind: "renewal", Domain: "shop.example", WorkflowID: "w"}); err != nil {
				t.Fatal(err)
			}
			if _, err := h.store.Learn(t.Context(), key, store.LedgerChange{State: store.Pending, Reference: "7"}); err != nil {
				t.Fatal(err)
			}
		}
		h.fails("", "operations check 7", "several registrar accounts have an operation 7; say which")
		h.fails("", "operations cancel 7 --reason x --registrar former", `registrar account "former" is not configured`)
	})
}

func TestARestoredDatabaseIsCompared(t *testing.T) {
	h := settled(t)
	h.prints("", "restore-check", "nothing differs\n")
	reference := h.pending(standnetim.Behaviour{Manual: true})
	h.prints("", "restore-check", "nothing differs\n")
	// This is the ledger as it was before the registrar's answer came.
	if _, err := h.store.Learn(t.Context(), "DP00000001/0/renewal", store.LedgerChange{State: store.Pending, Reference: "4711"}); err != nil {
		t.Fatal(err)
	}
	got := h.fails("", "restore-check", "the database differs from what exists; --apply corrects what it can")
	if want := "netim-main has an operation that the ledger does not know: " + reference + ", renewal of shop.example; find out whose it is\n"; got.out != want {
		t.Errorf("printed %q, want %q", got.out, want)
	}
	// What cannot be read may be one that the ledger lacks, so it is a difference too.
	if err := h.netim.Garble("shop.example"); err != nil {
		t.Fatal(err)
	}
	got = h.fails("", "restore-check", "the database differs from what exists; --apply corrects what it can")
	if want := "netim-main has an operation that cannot be read: -, id_ope is not a number; find out whose it is\n"; got.out != want {
		t.Errorf("printed %q, want %q", got.out, want)
	}
}

// Each kind of difference has its own sentence, and the exit code says that there is one.
func TestWhatARestoreCheckPrints(t *testing.T) {
	report := &restore.Report{
		Counters:   []restore.Counter{{Name: "order", Stored: 4, Seen: 9}, {Name: "account", Stored: 9, Seen: 9}},
		Rows:       []restore.Row{{Key: "DP00000009/0/registration", State: store.Submitted}},
		Ended:      []restore.Order{{Number: "DP00000002", WorkflowID: "w2", State: "done"}},
		Unknown:    []restore.Order{{Number: "DP00000009", WorkflowID: "w9", State: restore.Running}, {Number: "shop:SO-1", WorkflowID: "w1", State: restore.Running}, {Number: "DP00000008", WorkflowID: "w8", State: "completed"}},
		Missing:    []restore.Order{{Number: "DP00000003", WorkflowID: "w3", State: "no run"}},
		Unreadable: []restore.Unreadable{{Account: "netim-main", Rule: "no number"}},
		Unasked:    map[string]string{"netim-main": "connection refused"},
		Unlisted:   []string{"registry"},
	}
	const common = "the ledger lacks DP00000009/0/registration: submitted, operation -\n" +
		"order DP00000002 is open here and done in Temporal (w2)\n" +
		"order DP00000009 is not in the database, but running in Temporal (w9): place its document again with `starter order --as DP00000009 FILE`, or its next step finds no document; add --client NAME if it is not the command line's\n" +
		"order shop:SO-1 is not in the database, but running in Temporal (w1): place its document again with `starter order --as shop:SO-1 FILE`, or its next step finds no document\n" +
		"order DP00000008 is not in the database, but completed in Temporal (w8): it has ended, and nothing needs to be done\n" +
		"order DP00000003 is open here, but in Temporal: no run (w3); place it again, or close it\n" +
		"netim-main has an operation that cannot be read: -, no number; find out whose it is\n" +
		"netim-main could not be asked: connection refused\n" +
		"registry lists no pending operations, and nothing was compared with it: look there for what was requested since the backup; " +
		"its news that fits no order is shown by `starter inbox --state unmatched`\n"
	for applied, want := range map[bool]struct{ out, err string }{
		false: {"counter order is at 4, but 9 is in use\n" + common, "the database differs from what exists; --apply corrects what it can"},
		true:  {"counter order was moved from 4 past 9\n" + common, "the corrections were applied; run it again to see what is left"},
	} {
		var out strings.Builder
		err := (&starter{out: &out}).printReport(report, applied)
		if out.String() != want.out || err == nil || err.Error() != want.err {
			t.Errorf("applied %t: %v\n%s", applied, err, &out)
		}
		out.Reset()
		err = (&starter{out: &out, json: true}).printReport(report, applied)
		var document restore.Report
		if json.Unmarshal([]byte(out.String()), &document) != nil || len(document.Unknown) != 3 || err == nil {
			t.Errorf("applied %t: %v\n%s", applied, err, &out)
		}
	}
}

func TestAGatewayIsAskedWhetherItIsReady(t *testing.T) {
	h := settled(t)
	if err := h.store.RecordRound(t.Context(), "netim-main"); err != nil {
		t.Fatal(err)
	}
	h.prints("", "ready --strict "+h.gateway+"/", `"status":"ready"`, `"temporal":"ok"`)
	h.fails("", "ready http://127.0.0.1:1", "connection refused")
}

func TestAGatewayWithoutItsDatabaseIsNotReady(t *testing.T) {
	h := settled(t)
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	h.fails("", "ready "+h.gateway, `the gateway answers 503 Service Unavailable: {"status":"unavailable","database":"unreachable"`)
}

func TestAGatewayWithoutTemporalIsReadyUnlessAskedStrictly(t *testing.T) {
	h := settled(t)
	h.temporal.Stop()
	h.prints("", "ready "+h.gateway, `"status":"degraded"`, `"temporal":"unreachable"`)
	h.fails("", "ready --strict "+h.gateway, "503 Service Unavailable")
}

// A callback that a script or a mail gateway sends reaches the inbox and the order once.
func TestACallbackIsSent(t *testing.T) {
	h := settled(t)
	h.prints(outside.NewCustomer, "order -")
	for range 2 {
		h.prints("", "callback sign netim-main --domain shop.example --event mail-1 --send --gateway "+h.gateway)
	}
	h.prints("", "callback sign netim-main --reference 4711 --status failed --send --gateway "+h.gateway)
	h.prints("", "inbox --state received", "shop.example", "4711")
	if _, err := h.relay.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if signals := h.temporal.Signals(); len(signals) != 1 || signals[0].GetWorkflowExecution().GetWorkflowId() != shopWorkflow {
		t.Errorf("signals %v", signals)
	}
	listed := h.prints("", "inbox --domain shop.example --state delivered")
	if !regexp.MustCompile(`(?m)^RECEIVED +STATE +SOURCE .*\n20\S+ \S+ +delivered +callback +netim-main +shop.example +- +- +done +- +- +\d +netim-main/mail-1\n$`).MatchString(listed) {
		t.Errorf("listed\n%s", listed)
	}
	var lines []struct{ Reference, Claim, State string }
	if err := json.Unmarshal([]byte(h.prints("", "inbox --json --state unmatched --registrar netim-main")), &lines); err != nil || len(lines) != 1 || lines[0].Reference != "4711" || lines[0].Claim != "failed" {
		t.Errorf("%+v, %v", lines, err)
	}
	h.fails("", "callback sign netim-main --send", "--domain or --reference is required")
	h.fails("", "callback sign netim-main --domain shop.example --send --gateway "+h.gateway+"/elsewhere", "the gateway answers 404 Not Found")
	// Without --gateway the address comes from the configuration.
	t.Setenv("DP_GATEWAY_ADDRESS", "127.0.0.1:8443")
	h.prints("", "callback sign netim-main --domain shop.example", "curl 'http://127.0.0.1:8443/v1/registrars/netim-main/callbacks'")
}

func TestTheWatchesOfAccountsAreShown(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		if err := errors.Join(h.store.RecordRound(t.Context(), "netim-main"), h.store.RecordSchedule(t.Context(), "netim-main", store.SchedulePaused)); err != nil {
			t.Fatal(err)
		}
		h.prints("", "watch-status", "netim-main  paused", "10m0s", "0m ago")
		var lines []desk.Watch
		if err := json.Unmarshal([]byte(h.prints("", "watch-status --json")), &lines); err != nil || len(lines) != 1 || lines[0].Schedule != "paused" ||
			lines[0].Every != "10m0s" || lines[0].LastRound == nil {
			t.Errorf("%+v, %v", lines, err)
		}
	})
}

func TestTheShellOffersOrders(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order -")
		h.prints(outside.HostingOnly, "order -")
		got := h.start("", "__complete", "status", "")
		// Each order is offered by its number, and by its domain if it has one.
		byNumber, byDomain := "DP00000002\trunning\nDP00000001\trunning registration shop.example\n", "shop.example\trunning registration\n"
		if want := byNumber + byDomain; got.err != nil || !strings.HasPrefix(got.out, want) {
			t.Errorf("offered %q, %v", got.out, got.err)
		}
	})
}

// The gateway as a program says where it serves, accepts orders, and ends when it is told
// to.
func TestServing(t *testing.T) {
	h := settled(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	log := &lines{said: make(chan string, 100)}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"serve"}, strings.NewReader(""), log, log) }()
	var address string
	for address == "" {
		select {
		case line := <-log.said:
			var entry struct{ Msg, Address string }
			if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "gateway serves" {
				address = entry.Address
			}
		case err := <-ended:
			t.Fatalf("ended with %v", err)
		}
	}
	h.over = "http://" + address
	h.prints(outside.NewCustomer, "order -", "order DP00000001 accepted")
	h.over = ""
	h.prints("", "ready http://"+address)
	stop()
	if err := <-ended; err != nil || h.units() != "shop.example open" || len(h.temporal.Started()) != 1 {
		t.Errorf("ended with %v; the store has %s", err, h.units())
	}
}

// lines passes on what is written, one line at a time.
type lines struct{ said chan string }

func (l *lines) Write(p []byte) (int, error) {
	select {
	case l.said <- string(p):
	default: // nobody reads any more
	}
	return len(p), nil
}

// TestTheAcceptedPriceIsShown with the operation that it is for.
func TestTheAcceptedPriceIsShown(t *testing.T) {
	h := settled(t)
	intention := store.Intention{
		Key: "DP00000001/1/registration", Account: "netim-main", Kind: "registration", Domain: "shop.example", WorkflowID: "w", AcceptedPrice: "250.00 EUR",
	}
	if _, _, err := h.store.Intend(t.Context(), intention); err != nil {
		t.Fatal(err)
	}
	h.prints("", "operations", "netim-main  250.00 EUR\n")
	if got := strings.Join(strings.Fields(h.prints("", "operations --json")), ""); !strings.Contains(got, `"acceptedPrice":"250.00EUR"`) {
		t.Errorf("printed %s", got)
	}
}
