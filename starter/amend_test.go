package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// amendable is an order that waits for its cure, and says that it can be amended.
func (h *house) amendable() {
	h.t.Helper()
	h.temporal.Show(h.t, shopWorkflow, string(messages.NeedsAttention), messages.Progress{
		OrderNumber: "DP00000001", Domain: "shop.example", State: messages.NeedsAttention, Step: 6, Actions: []messages.Action{"retry", "amend"}, Amendable: messages.Changes(),
		Attention: &messages.Attention{Step: 6, Reason: messages.ReasonInvalid, Since: time.Now(), Actions: []messages.Action{"retry", "amend"}},
	})
}

func (h *house) file(content string) string {
	h.t.Helper()
	file := filepath.Join(h.t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return file
}

func TestAnOrderIsAmended(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order -")
		h.amendable()
		correction := h.file(`{"contacts": {"owner": {"city": "Newtown"}}}`)
		h.prints("", "amend shop.example "+correction+" --dry-run", "order DP00000001 shop.example would change contacts\n", "nothing was done\n")
		if _, err := h.store.RevisedDocument(t.Context(), "DP00000001", 1); err == nil || len(h.sent()) != 0 {
			t.Errorf("a dry run has amended it: %v, sent %v", err, h.sent())
		}
		for range 2 {
			h.prints("", "amend shop.example "+correction+" --id k1 --reason moved", "order DP00000001 shop.example: amend is done\n")
		}
		sent := one[messages.Amend](h)
		if sent.Revision != 1 || !slices.Equal(sent.Changes, []messages.Change{messages.ChangeContacts}) || !strings.HasSuffix(sent.Reason, "moved") {
			t.Errorf("sent %+v", sent)
		}
		other := h.fails(`{"contacts": {"owner": {"city": "Oldtown"}}}`, "amend shop.example - --id k1 --reason moved", "used")
		if strings.Contains(other.err.Error(), "Oldtown") || len(h.sent()) != 1 {
			t.Errorf("another amendment under the same id: %v, sent %v", other.err, h.sent())
		}
		h.prints("", "audit shop.example", " amend ", "accepted", "moved")
	})
}

func TestTheUsualAmendmentsAreFlags(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order -")
		h.amendable()
		var results []taken
		got := h.prints("", "amend shop.example --name-servers ns1.dns.example,ns2.dns.example --reason moved --json")
		if err := json.Unmarshal([]byte(got), &results); err != nil || len(results) != 1 || results[0].Outcome != accepted || results[0].Revision != 1 ||
			!slices.Equal(results[0].Changes, []messages.Change{messages.ChangeNameServers}) {
			t.Errorf("%s, %v", got, err)
		}
		// A registration has no transfer key, so this one is refused, and shown nowhere.
		key := h.fails("s3cret-key\n", "amend shop.example --transfer-key-file - --reason new", "transferKey")
		if text := key.out + key.errOut + key.err.Error(); strings.Contains(text, "s3cret-key") {
			t.Errorf("the key is shown: %s", text)
		}
		if len(h.sent()) != 1 {
			t.Errorf("sent %v", h.sent())
		}
	})
}

func TestAnAmendmentThatIsRefusedChangesNothing(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order -")
		h.amendable()
		broken := h.file(`{"contacts": {"owner": {"country": "nowhere"}}, "domain": "other"}`)
		for _, flags := range []string{" --dry-run", " --reason x"} {
			got := h.fails("", "amend shop.example "+broken+flags, "domain")
			if !strings.Contains(got.err.Error(), "contacts.owner.country") {
				t.Errorf("not all reasons: %v", got.err)
			}
		}
		h.fails("{", "amend shop.example - --reason x", "- is not JSON")
		h.fails("", "amend shop.example /nowhere/file --reason x", "no such file")
		h.fails("", "amend shop.example - ", "--reason must say")
		h.fails("", "amend - --for invalid --reason x", "--yes is required with a filter")
		h.fails(" \n", "amend shop.example --transfer-key-file - --reason x", "is empty")
		h.fails("k", "amend --for auth --yes --transfer-key-file - --reason x", "goes with one order")
		h.parked() // it says that it can only be retried
		h.fails("", "amend shop.example "+h.file(`{"planId": 6}`)+" --reason x", "amend is not allowed now")
		if err := h.store.CloseUnit(t.Context(), "DP00000001", 1, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		h.fails("", "amend shop.example "+h.file(`{"planId": 6}`)+" --reason x", "order DP00000001 is done, and takes no command")
		if len(h.sent()) != 0 {
			t.Errorf("sent %v", h.sent())
		}
	})
}
