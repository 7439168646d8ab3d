package main

import (
	"path/filepath"
	"testing"

	"domainprovisioning/internal/outside"
)

// An order of a client of the gateway is lost with the database. The command line places it again as
// restore-check says, and the client's repeat is that order.
func TestALostOrderIsPlacedAgainAsRestoreCheckSays(t *testing.T) {
	h := settled(t)
	numbered := outside.Alter(t, outside.DomainOnly, `"vendorAccountId"`, `"number": "SO-1001", "vendorAccountId"`)
	unnumbered := outside.Alter(t, outside.DomainOnly, `"shop"`, `"store"`)
	h.over = h.gateway
	h.prints(numbered, "order -", "order SO-1001 accepted")
	h.prints(unnumbered, "order -", "order DP00000002 accepted")
	h.over = ""
	started := len(h.temporal.Started())
	t.Setenv("DP_DATABASE_URL", "sqlite:"+filepath.Join(t.TempDir(), "restored.db"))
	h.prints("", "migrate")

	for arguments, want := range map[string]string{
		"order - - --as shop:SO-1001":                  "--as takes one FILE",
		"order - --client shop":                        "--client needs --as",
		"order - --as shop:SO-1001 --dry-run":          "none of the others can be",
		"order - --as shop:SO-1001 --gateway http://x": "run it without --gateway",
		"order - --as SO-1001":                         "Temporal has no workflow",
		"order - --as shop:SO-1002":                    "the document is that of order SO-1001",
	} {
		h.fails(numbered, arguments, want)
	}
	h.prints(numbered, "order - --as shop:SO-1001", "order SO-1001 accepted", "domain-provisioning/shop.example")
	h.prints(unnumbered, "order - --as DP00000002 --client shop", "order DP00000002 accepted")
	h.prints(numbered, "order - --as shop:SO-1001", "nothing is done twice")
	h.prints("", "list --json --domain shop.example", `"key": "shop:SO-1001"`, `"client": "shop"`)
	h.prints("", "list --json --domain store.example", `"key": "DP00000002"`, `"client": "shop"`)
	if got := len(h.temporal.Started()); got != started {
		t.Errorf("%d workflows were started again", got-started)
	}
}
