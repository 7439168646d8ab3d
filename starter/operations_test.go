package main

import (
	"encoding/json"
	"strings"
	"testing"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// What is asked and said about operations and the inbox is the same at home and over a gateway.
func TestTheInboxAndLooseEndsBothWays(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order -")
		for _, event := range []store.Confirmation{
			{EventID: "netim-main/e1", Source: messages.FromCallback, Account: "netim-main", Domain: "shop.example", Claim: "done"},
			{EventID: "netim-main/e2", Source: messages.FromCallback, Account: "netim-main", Reference: "4711"},
		} {
			if _, err := h.store.Receive(t.Context(), event, 0); err != nil {
				t.Fatal(err)
			}
		}
		h.prints("", "inbox", "shop.example", "4711", "received")
		var reports []desk.Report
		if err := json.Unmarshal([]byte(h.prints("", "inbox --domain shop.example --state received --registrar netim-main --json")), &reports); err != nil ||
			len(reports) != 1 || reports[0].EventID != "netim-main/e1" || reports[0].Claim != "done" {
			t.Errorf("%+v, %v", reports, err)
		}
		news := store.Confirmation{EventID: "netim-main/e3", Source: messages.FromQueue, Account: "netim-main", Claim: "message", Matter: "funds"}
		quote, _, err := h.store.TakeAccountNews(t.Context(), news, "Your balance is low.")
		if err != nil {
			t.Fatal(err)
		}
		news.EventID, news.Matter = "netim-main/e4", "access"
		if _, _, err := h.store.TakeAccountNews(t.Context(), news, ""); err != nil {
			t.Fatal(err)
		}
		h.prints("", "inbox --state account", "account", "netim-main", "LAST SEEN", "funds", "access", "message", quote)
		if err := json.Unmarshal([]byte(h.prints("", "inbox --state account --json")), &reports); err != nil || len(reports) != 2 || reports[0].Matter != "funds" ||
			reports[0].SeenAt == nil || !reports[0].SeenAt.Equal(reports[0].ReceivedAt) {
			t.Errorf("%+v, %v", reports, err)
		}
		h.prints("", "quote "+quote, "Your balance is low.")
		var watches []desk.Watch
		if err := json.Unmarshal([]byte(h.prints("", "watch-status --json")), &watches); err != nil || len(watches) == 0 || watches[0].News != 2 {
			t.Errorf("%+v, %v", watches, err)
		}
		h.prints("", "inbox --limit 1", "netim-main/e1")
		h.fails("", "inbox --limit 0", "--limit must be 1 to 1000")
		h.fails("", "operations --settled", "--settled goes with --state")
		h.prints("", "operations --state loose", "nothing needs to be settled")
		got := h.fails("", "operations settle left/nowhere/0 left/elsewhere/0 --reason x --json", "nothing has the id left/nowhere/0")
		var settled []settledEnd
		if err := json.Unmarshal([]byte(got.out), &settled); err != nil || len(settled) != 2 || settled[0].Error.Code != "not-found" || settled[1].ID != "left/elsewhere/0" ||
			assembly.ExitCodeOf(got.err) != assembly.ExitNotFound {
			t.Errorf("%s, %v", got.out, err)
		}
	})
}

// A key that may only read lists, and changes nothing.
func TestOperationsNeedTheScopeOfTheirKin(t *testing.T) {
	h := settled(t)
	reader := start(t, "", "keys", "create", "reader", "--scope", "read,all")
	t.Setenv(keyVariable, strings.TrimSpace(reader.out))
	h.over = h.gateway
	for _, command := range []string{"operations", "operations --state loose", "inbox", "watch-status"} {
		h.prints("", command)
	}
	for _, command := range []string{"operations check 1", "operations cancel 1 --reason x", "operations settle x --reason y"} {
		if got := h.fails("", command, "scope operate"); assembly.ExitCodeOf(got.err) != assembly.ExitRefused {
			t.Errorf("%s: %v", command, got.err)
		}
	}
}
