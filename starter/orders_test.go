package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

func TestAnOrderIsPlaced(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order -", "order DP00000001 accepted\n  item 1  shop.example  workflow "+shopWorkflow+"\n")
		h.prints(outside.NewCustomer, "order -", "order DP00000001 was accepted before; nothing is done twice\n  item 1  shop.example  running  workflow "+shopWorkflow+"\n")
		h.prints(outside.HostingOnly, "order -", "order DP00000002 accepted\n  item 0  hosting  workflow hosting-provisioning/DP00000002/0\n")
		if got := strings.Join(h.temporal.Started(), " "); got != shopWorkflow+" hosting-provisioning/DP00000002/0" || h.units() != "shop.example open, hosting open" {
			t.Errorf("started %s; the store has %s", got, h.units())
		}
		var placed []placedOrder
		if err := json.Unmarshal([]byte(h.prints(outside.NewCustomer, "--json order -")), &placed); err != nil || len(placed) != 1 ||
			placed[0].File != "-" || placed[0].Order != "DP00000001" || !placed[0].Existing || len(placed[0].Units) != 1 {
			t.Errorf("%+v, %v", placed, err)
		}
	})
}

// Some of several orders are accepted; the others are named with all reasons.
func TestOrdersThatCannotBePlaced(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		dir := t.TempDir()
		write := func(name, text string) string {
			t.Helper()
			file := filepath.Join(dir, name)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return file
		}
		good, broken := write("good.json", outside.NewCustomer), write("broken.json", outside.Alter(t, outside.DomainOnly, `"planId": 5`, `"planId": 99`))
		got := h.start("", "order", "/nowhere/order.json", broken, good)
		if got.out != "order DP00000001 accepted\n  item 1  shop.example  workflow "+shopWorkflow+"\n" || got.err == nil {
			t.Fatalf("printed %q, %v", got.out, got.err)
		}
		for _, want := range []string{"/nowhere/order.json: open /nowhere/order.json: no such file", broken + ": ", "planId 99"} {
			if !strings.Contains(got.err.Error(), want) {
				t.Errorf("%q is not in %v", want, got.err)
			}
		}
		if h.units() != "shop.example open" || len(h.temporal.Started()) != 1 {
			t.Errorf("the store has %s, %d starts", h.units(), len(h.temporal.Started()))
		}
		h.fails("", "order --watch --dry-run -", "[dry-run watch]")
		var placed []placedOrder
		got = h.start("", "order", "--json", broken, good)
		if err := json.Unmarshal([]byte(got.out), &placed); err != nil || len(placed) != 2 || placed[1].Order != "DP00000001" || placed[1].Error != nil ||
			placed[0].Error == nil || placed[0].Error.Code != "refused" || len(placed[0].Error.Problems) == 0 || placed[0].Error.Problems[0].Field != "/items/0/planId" {
			t.Errorf("%s, %v", got.out, err)
		}
	})
}

func TestADryRunPlacesNothing(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order --dry-run -", "- would be accepted\n", "item 1  registration of shop.example at netim-main  workflow "+shopWorkflow,
			"  1 Add account\n      operations  pem.addAccount\n        account_id           (account id, reserved when the order is placed)\n",
			" 10 Registrar confirms the registration  (waits; asks the registrar when there is news)\n", "[redacted]")
		h.prints(outside.HostingOnly, "order --dry-run -", "item 0  hosting  workflow hosting-provisioning/(number)/0", "  3 Activate domain subscription  (the order has no domain)\n")
		got := h.fails(outside.Alter(t, outside.NewCustomer, `"country": "us", `, ""), "order --dry-run -", "-: the order would be refused")
		if !strings.HasPrefix(got.out, "- would be refused\n  ") || !strings.Contains(got.out, "customer.contact.country is missing") {
			t.Errorf("printed %s", got.out)
		}
		h.fails("", "order --dry-run /nowhere/order.json", "no such file")
		if h.units() != "" || len(h.temporal.Started()) != 0 {
			t.Errorf("the store has %s, %d starts", h.units(), len(h.temporal.Started()))
		}
		h.prints(outside.NewCustomer, "order -")
		h.prints(outside.NewCustomer, "order --dry-run -", "- repeats order DP00000001; nothing would be done twice\n")
		var plans []rehearsedOrder
		if err := json.Unmarshal([]byte(h.prints(outside.NewCustomer, "--json order --dry-run -")), &plans); err != nil || len(plans) != 1 ||
			!plans[0].Plan.Accepted || plans[0].Plan.Existing != "DP00000001" {
			t.Errorf("%+v, %v", plans, err)
		}
	})
}

func TestTheChecklistOfAnOrder(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order -")
		h.parked()
		for _, argument := range []string{"DP00000001", "shop.example", "SHOP.example."} {
			h.prints("", "status "+argument, "DP00000001", "shop.example", "Submit registration to the registrar", "balance", "the account lacks funds", "retry")
		}
		got := h.fails("", "status --json shop.example DP00000009", "there is no order DP00000009")
		var shown []shownOrder
		if err := json.Unmarshal([]byte(got.out), &shown); err != nil || len(shown) != 2 || shown[0].Order != "DP00000001" ||
			shown[0].Units[0].State != messages.NeedsAttention || shown[0].Units[0].Progress.Attention.Reason != messages.ReasonBalance ||
			shown[1].Order != "DP00000009" || shown[1].Error.Code != "not-found" {
			t.Errorf("%s, %v", got.out, err)
		}
		h.fails("", "status DP00000009", "there is no order DP00000009; `starter list` shows all orders")
		// The orders before the unknown one are shown anyway.
		if got := h.fails("", "status shop.example nobody.example", "there is no order nobody.example"); !strings.Contains(got.out, "DP00000001") {
			t.Errorf("printed %s", got.out)
		}
		h.temporal.End(t, shopWorkflow, enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED)
		h.prints("", "status shop.example", "its workflow was terminated in Temporal", "starter close DP00000001")
	})
}

func TestWatchingAnOrderUntilItHasEnded(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order -")
		h.shows(messages.Done, nil)
		if err := h.store.CloseUnit(t.Context(), "DP00000001", 1, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		h.prints("", "watch shop.example", "done")
		h.prints(outside.Alter(t, outside.HostingOnly, `"periodId": 36`, `"periodId": 12`), "order -")
		if err := h.store.CloseUnit(t.Context(), "DP00000002", 0, store.UnitFailed, ""); err != nil {
			t.Fatal(err)
		}
		got := h.fails("", "watch DP00000002 --json", "order DP00000002 is failed")
		var changes []shownOrder
		for line := range strings.Lines(got.out) {
			var change shownOrder
			if err := json.Unmarshal([]byte(line), &change); err != nil {
				t.Fatalf("%s, %v", line, err)
			}
			changes = append(changes, change)
		}
		if len(changes) != 2 || changes[0].Units[0].State != messages.Failed || changes[1].Order != "DP00000002" || changes[1].Error.Code != "failed" {
			t.Errorf("%s", got.out)
		}
		h.fails("", "watch nobody.example", "there is no order nobody.example")
		// All are shown, and those that are not done are named.
		got = h.fails("", "watch nobody.example shop.example DP00000002", "order DP00000002 is failed")
		if !strings.Contains(got.out, "DP00000001") || !strings.Contains(got.err.Error(), "there is no order nobody.example") {
			t.Errorf("%s, %v", got.out, got.err)
		}
	})
}

func TestOrdersAreListed(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order -")
		h.prints(outside.HostingOnly, "order -")
		since := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
		err := h.store.RecordState(t.Context(), store.StateChange{
			OrderNumber: "DP00000001", Item: 1, At: time.Now(), State: messages.NeedsAttention, Step: 6, Reason: "balance", Since: since,
		})
		if err != nil {
			t.Fatal(err)
		}
		list := h.prints("", "list")
		lines := strings.Split(strings.TrimSpace(list), "\n")
		if len(lines) != 3 || strings.Join(strings.Fields(lines[0]), " ") != "ORDER ITEM DOMAIN OPERATION REGISTRAR STATE STEP REASON SINCE" ||
			!strings.HasPrefix(strings.Join(strings.Fields(lines[1]), " "), "DP00000002 0 - - - running 1 - 20") ||
			strings.Join(strings.Fields(lines[2]), " ") != "DP00000001 1 shop.example registration netim-main attention 6 balance 2026-05-06 07:08:09" {
			t.Errorf("listed\n%s", list)
		}
		for _, command := range []string{
			"list --state attention", "list --domain SHOP.example", "list --registrar netim-main --state open", "list --reason balance",
			"list --text DP00000001", "list --text hop", "list --older-than 24h",
		} {
			if got := h.prints("", command, "DP00000001"); strings.Contains(got, "DP00000002") {
				t.Errorf("%s: %s", command, got)
			}
		}
		first := h.prints("", "list --limit 1", "DP00000002", "more with --cursor ")
		_, cursor, _ := strings.Cut(strings.TrimSpace(first), "--cursor ")
		if rest := h.prints("", "list --limit 1 --cursor "+cursor, "DP00000001"); strings.Contains(rest, "more with") {
			t.Errorf("the last page says\n%s", rest)
		}
		var page desk.Page
		if err := json.Unmarshal([]byte(h.prints("", "list --json --state done")), &page); err != nil || page.Orders == nil || len(page.Orders) != 0 {
			t.Errorf("%+v, %v", page, err)
		}
		h.fails("", "list --older-than -1h", "olderThan must be an age such as 48h")
		h.fails("", "list --limit 1001", "limit must be 1 to 1000")
		h.fails("", "list --cursor x", "cursor must come from the previous page")
		h.fails("", "list --domain a..b", "domain must be a domain name")
	})
}

// The list and the record of acts come from the store, so they work while Temporal is away.
func TestListsWorkWhileTemporalIsAway(t *testing.T) {
	s := opened(t) // Temporal is away
	_, err := s.AcceptOrder(t.Context(), store.Acceptance{
		Fingerprint: "f", Source: "json", Document: []byte("{}"),
		Units: []store.NewUnit{{
			Domain: "shop.example", Registrar: "netim-main",
			Start: func(string, map[store.IDRequest]int) (string, []byte, error) {
				return shopWorkflow, []byte("{}"), nil
			},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := start(t, "", "list")
	if got.err != nil || !strings.Contains(got.out, "running, not started") || !strings.Contains(got.out, "\nTemporal does not answer: ") {
		t.Errorf("%v, %s%s", got.err, got.out, got.errOut)
	}
	var page desk.Page
	if got := start(t, "", "list", "--json"); json.Unmarshal([]byte(got.out), &page) != nil || len(page.Orders) != 1 || page.Note == "" {
		t.Errorf("%v, %s", got.err, got.out)
	}
	if got := start(t, "", "audit", "shop.example"); got.err != nil || got.out != "no acts\n" {
		t.Errorf("%v, %s", got.err, got.out)
	}
}
