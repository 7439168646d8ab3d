package main

import (
	"strings"
	"testing"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// differs makes the name servers of a domain that is held differ, and lets the account have one
// that nobody holds.
func (h *house) differs(t *testing.T) {
	t.Helper()
	_, err := h.store.Import(t.Context(), []store.NewDomain{{Name: "held.example", Registrar: "netim-main", Client: store.LocalClient}})
	if err != nil {
		t.Fatal(err)
	}
	walk, err := h.store.BeginWalk(t.Context(), "netim-main")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = h.store.RecordDrift(t.Context(), store.Judged{
		Account: "netim-main", Round: walk.Round, Domains: []string{"held.example", "unknown.example"}, Kinds: messages.Differences(),
		Facts: []store.Fact{
			{Domain: "held.example", Kind: messages.DiffersNameServers, Ours: "ns1.dns.example", Theirs: "ns1.other.example"},
			{Domain: "held.example", Kind: messages.DiffersBillingExpiry, Ours: "2027-03-02", Theirs: "2026-03-02"},
			{Domain: "unknown.example", Kind: messages.DiffersUnknown},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDriftIsListedAndSettled(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints("", "drift", "nothing differs")
		h.differs(t)
		h.prints("", "drift", "held.example     billing-expiry  medium    0m     2027-03-02       2026-03-02         netim-main", "unknown.example  unknown-domain")
		if got := h.prints("", "drift --severity medium --limit 1", "there are more: --cursor "); strings.Contains(got, "name-servers") {
			t.Errorf("got %s", got)
		}
		h.prints("", "drift repair held.example --dry-run",
			"billing-expiry: by a person: set the expiration date of its subscription in Billing from 2026-03-02 to 2027-03-02",
			"name-servers: order a name-server-change to ns1.dns.example\n")
		h.prints("", "drift repair held.example --fact name-servers --accept --reason agreed", "hold what the registrar has: ns1.other.example instead of ns1.dns.example: accepted")
		h.prints("", "drift --domain held.example", "billing-expiry")
		facts, err := h.store.Facts(t.Context(), store.FactFilter{Domain: "held.example"})
		if err != nil || len(facts) != 1 {
			t.Errorf("left %+v, %v", facts, err)
		}
		acts, err := h.store.Acts(t.Context(), store.ActFilter{OrderNumber: store.DomainSubject + "held.example"})
		if err != nil || len(acts) != 1 || acts[0].Command != "drift-repair" || !strings.HasSuffix(acts[0].Reason, "agreed") || !strings.HasPrefix(acts[0].Detail, `name-servers: accept; ours "ns1.`) {
			t.Errorf("recorded %+v, %v", acts, err)
		}
	})
}
