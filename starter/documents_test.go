package main

import (
	"path/filepath"
	"strings"
	"testing"

	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	standnetim "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
)

// TestEveryDocumentConformsToTheSchema runs every command with --json, at home and over the
// gateway where it serves the command: each prints exactly one document, as the schema says.
func TestEveryDocumentConformsToTheSchema(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		schema := newSchemas(t)
		run := func(definition, input, command string, succeeds bool) string {
			t.Helper()
			got := h.start(input, strings.Fields(command+" --json")...)
			if (got.err == nil) != succeeds {
				t.Fatalf("%s: %v\n%s", command, got.err, got.out)
			}
			schema.conforms(definition, got.out)
			return got.out
		}
		broken := writeFile(t, outside.Alter(t, outside.DomainOnly, `"planId": 5`, `"planId": 99`))
		run("order --dry-run", outside.NewCustomer, "order --dry-run "+broken+" -", false)
		run("order", outside.NewCustomer, "order "+broken+" - /nowhere/x.json", false)
		run("order", outside.HostingOnly, "order -", true)
		h.shows(messages.Running, nil)
		run("status", "", "status shop.example DP00000002 nobody.example", false)
		run("list", "", "list", true)
		run("list", "", "list --state failed", true)
		h.parked()
		run("order", outside.NewCustomer, "order --watch -", false)
		for line := range strings.Lines(h.start("", "watch", "--json", "shop.example", "nobody.example").out) {
			schema.conforms("watch", line)
		}
		for _, command := range []string{"retry", "extend --until 2027-01-24T12:00:00Z", "skip --step 6", "confirm", "cancel --yes", "amend --name-servers ns1.dns.example,ns2.dns.example"} {
			name, _, _ := strings.Cut(command, " ")
			reason := " --reason x"
			if name == "confirm" {
				reason = ""
			}
			run(name, "", command+reason+" shop.example DP00000002 --dry-run", name != "cancel" && name != "amend")
			h.temporal.Refuse("not now")
			h.start("", strings.Fields(command+reason+" shop.example --json")...)
		}
		run("retry", "", "retry --reason x --for balance --registrar nobody --yes", true)
		run("retry", "", "retry --reason x shop.example", false)
		run("confirm", "", "confirm shop.example", true)
		run("audit", "", "audit shop.example DP00000002 --limit 1", true)
		run("operations --state", "", "operations --state loose", true)
		run("operations settle", "", "operations settle --reason x left/nowhere/0", false)
		run("inbox", "", "inbox", true)
		reference, err := h.store.KeepQuote(t.Context(), shopWorkflow, "registrant not eligible")
		if err != nil {
			t.Fatal(err)
		}
		run("quote", "", "quote "+reference, true)
		run("watch-status", "", "watch-status", true)
		run("drift", "", "drift", true)
		h.differs(t)
		run("drift", "", "drift --limit 1", true)
		run("drift repair", "", "drift repair held.example --dry-run", true)
		h.batchDocuments(run)
		h.domainDocuments(run)
		run("version", "", "version", true)
		// Errors of every kind, also before a command begins.
		for _, command := range []string{"list --state lost", "status", "frobnicate", "list --colour", "list --limit 1001", "drift --kind lost", "drift repair nobody.example --dry-run", "retry nobody.example --reason x", "operations cancel 4711 --reason x"} {
			run("error", "", command, false)
		}
		if h.over == "" {
			h.documentsAtHome(run)
			schema.conforms("registrar-password", h.changes(t, &changer{}, "another-password\n", true).out)
			h.gives("DP01/0/registration", store.Done, "Code-of-the-first-1")
			schema.conforms("auth-code", h.codeOf("kept.example", true).out)
		}
		// An operation at the registrar, in a house of its own.
		other := settled(t)
		if h.over != "" {
			other.over = other.gateway
		}
		*h = *other
		reference = h.pending(standnetim.Behaviour{Manual: true})
		run("operations", "", "operations", true)
		run("operations check", "", "operations check 4711 "+reference, false)
		if h.over == "" {
			for _, known := range []string{"4711", reference} {
				if _, err := h.store.Learn(t.Context(), "DP00000001/0/renewal", store.LedgerChange{State: store.Pending, Reference: known}); err != nil {
					t.Fatal(err)
				}
				run("restore-check", "", "restore-check", known == reference)
			}
		}
		run("operations cancel", "", "operations cancel --reason x "+reference, true)
		if h.over != "" {
			return
		}
		if unseen := schema.unseen(); len(unseen) > 0 {
			t.Errorf("no document of these was seen: %v", unseen)
		}
	})
}

// batchDocuments runs the commands about batches.
func (h *house) batchDocuments(run func(definition, input, command string, succeeds bool) string) {
	h.t.Helper()
	run("batch", outside.InLines(h.t, "x1")+"{}\n", "batch -", false)
	made := decoded[desk.BatchReport](h.t, run("batch", outside.InLines(h.t, "x1", "x2"), "batch --label spring --max-price 100.00EUR --accept-unpriced -", true)).Batch.ID
	run("error", "", "batch --form csv -", false)
	run("error", "", "batch show batch_x", false)
	run("batch list", "", "batch list", true)
	for _, command := range []string{"pause", "resume", "cancel"} {
		run("batch "+command, "", "batch "+command+" --reason x "+made, true)
	}
	run("batch show", "", "batch show "+made, true)
	got := h.start("", "batch", "show", "--follow", "--json", made) // the bar is on the error output
	newSchemas(h.t).conforms("batch --follow", got.out)
	run("batch --follow", "", "batch show "+made, true)
	run("batch results", "", "batch results --out-file "+filepath.Join(h.t.TempDir(), "results.csv")+" "+made, true)
}

// domainDocuments runs the commands about domains.
func (h *house) domainDocuments(run func(definition, input, command string, succeeds bool) string) {
	h.t.Helper()
	h.temporal.Refuse("")
	defer h.temporal.Refuse("not now")
	h.portfolio()
	run("domains", "", "domains", true)
	run("domains", "", "domains --format json --attention", true)
	run("error", "", "domains --state lost", false)
	run("domain", "", "domain kept.example", true)
	run("error", "", "domain nobody.example", false)
	run("domain renewal", "", "domain renewal --reason x kept.example us", true)
	run("error", "", "domain renewal --reason x kept.example registrar", false)
	run("domain left", "", "domain left --gone --reason x kept.example", true)
	run("domain look", "", "domain look --reason x kept.example", true)
	run("domain restore", "", "domain restore --accept-price 80.00EUR --reason x redeemed.example", true)
}

// documentsAtHome runs the commands that a gateway does not serve.
func (h *house) documentsAtHome(run func(definition, input, command string, succeeds bool) string) {
	h.t.Helper()
	run("close", "", "close --reason x shop.example", false)
	run("audit", "", "audit --limit 2", true)
	run("audit verify", "", "audit verify", true)
	run("migrate", "", "migrate", true)
	run("key", "", "key", true)
	run("key list", "", "key list", true)
	if err := h.store.CheckHistoryKeys(h.t.Context(), nil, "gone"); err != nil {
		h.t.Fatal(err)
	}
	run("error", "", "key list", false) // no program starts without it
	run("key forget", "", "key forget gone --lost", true)
	run("reseal", "", "reseal", true)
	run("erase", "", "erase --order DP00000001 --dry-run", true)
	run("error", "", "erase --order DP00000001 --yes --reason x", false)
	run("keys create", "", "keys create till --scope place,read", true)
	run("error", "", "desk till", false) // it lacks the scope all
	h.start("", "keys", "create", "operator", "--scope", "read,all")
	run("desk", "", "desk operator", true)
	run("keys revoke", "", "keys revoke till", true)
	run("error", "", "desk till", false)
	run("keys list", "", "keys list", true)
	made := decoded[desk.MadeHook](h.t, run("hooks add", "", "hooks add https://orders.example/", true))
	run("hooks list", "", "hooks list", true)
	run("hooks change", "", "hooks change --event order.done "+made.ID, true)
	run("hooks rotate", "", "hooks rotate "+made.ID, true)
	run("hooks enable", "", "hooks enable "+made.ID, true)
	run("hooks test", "", "hooks test "+made.ID, true)
	run("hooks deliveries", "", "hooks deliveries", true)
	sent := decoded[desk.SentEvent](h.t, h.start("", "hooks", "test", "--json", made.ID).out)
	run("hooks resend", "", "hooks resend --event "+sent.EventID+" "+made.ID, true)
	run("hooks remove", "", "hooks remove "+made.ID, true)
	run("callback secret", "", "callback secret", true)
	run("callback sign", "", "callback sign netim-main --domain shop.example", true)
	run("callback sign --send", "", "callback sign netim-main --domain shop.example --send --gateway "+h.gateway, true)
	run("ready", "", "ready "+h.gateway, true)
	run("error", "", "ready http://127.0.0.1:1", false)
	run("domains import", "domain,registrar\nnew.example,netim-main\n", "domains import --file - --dry-run", true)
	run("error", "colour\n", "domains import --file -", false)
	run("config check", "", "config check", true)
	h.t.Setenv("DP_WORKER_ACTIVITIES", "many")
	run("error", "", "config check", false)
	run("error", "", "list", false)
	h.t.Setenv("DP_WORKER_ACTIVITIES", "100")
}
