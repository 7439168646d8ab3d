package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

func TestAParkedOrderGoesOn(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order -")
		h.parked()
		h.prints("", "retry shop.example --actor jane --reason paid-in --nothing-there --accept-price 250.00EUR", "order DP00000001 shop.example: retry is done\n")
		if got := h.prints("", "retry DP00000001 --reason again --json"); strings.Join(strings.Fields(got), "") !=
			`[{"order":"DP00000001","item":1,"domain":"shop.example","command":"retry","outcome":"accepted","step":6,"next":"retryisdone"}]` {
			t.Errorf("printed %s", got)
		}
		updates := h.temporal.Updates()
		if len(updates) != 2 || updates[0].GetRequest().GetInput().GetName() != "retry" ||
			updates[0].GetRequest().GetMeta().GetUpdateId() == updates[1].GetRequest().GetMeta().GetUpdateId() {
			t.Fatalf("updates %v", updates)
		}
		var first, second messages.Retry
		for i, into := range []*messages.Retry{&first, &second} {
			if err := converter.GetDefaultDataConverter().FromPayloads(updates[i].GetRequest().GetInput().GetArgs(), into); err != nil {
				t.Fatal(err)
			}
		}
		// Over a gateway the API key is the actor, and the reason names the person who
		// typed it.
		want := messages.Retry{Actor: "jane", Reason: "paid-in", NothingThere: true, AcceptPrice: "250.00EUR", Sent: messages.Sent{Recorded: true}}
		if h.over != "" {
			want.Actor, want.Reason = "api/shop", "jane: paid-in"
		}
		if outside.Timed(t, first) != want || second.Actor == "" || second.AllowTakeover || second.NothingThere || second.AcceptPrice != "" {
			t.Errorf("sent %+v and %+v", first, second)
		}
		h.temporal.Refuse("the order needs nobody: it is at step 7")
		h.fails("", "retry shop.example --reason x", "the order needs nobody: it is at step 7")
		h.temporal.Refuse("")
		h.temporal.End(t, shopWorkflow, enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED)
		h.prints("", "retry shop.example --reason x", "its workflow was ended in Temporal and is started again")
		if started := h.temporal.Started(); len(started) != 2 || len(h.temporal.Updates()) != 2 {
			t.Errorf("started %v, %d updates", started, len(h.temporal.Updates()))
		}
	})
}

func TestACommandThatRunsIntoARuleNamesTheField(t *testing.T) {
	h := settled(t)
	h.over = h.gateway
	h.prints(outside.NewCustomer, "order -")
	// The API key's gateway takes the actor and the reason together.
	h.fails("", "retry shop.example --actor jane --reason "+strings.Repeat("x", 1000), "reason must be at most 1000 bytes long")
	h.fails("", "confirm shop.example --event "+strings.Repeat("x", 5000), "eventId must be at most")
	if len(h.temporal.Updates())+len(h.temporal.Signals()) != 0 {
		t.Error("the workflow was told anyway")
	}
}

func TestOneOfSeveralUnitsIsNamed(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.Alter(t, outside.NewCustomer, `"transferKey": ""}`, `"transferKey": ""},
    {"id": 2, "planId": 5, "periodId": 1, "parentId": -1, "operation": "registration", "domain": "store", "transferKey": ""}`), "order -")
		for _, command := range []string{"confirm", "retry --reason x", "cancel --reason x --yes", "skip --reason x", "extend --reason x --until 2026-12-24T12:00:00Z"} {
			h.fails("", command+" DP00000001", "order DP00000001 has several units of work: name the domain, or --item")
			h.fails("", command+" DP00000001 --item 9", "order DP00000001 has no item 9")
			h.fails("", command+" DP00000009", "there is no order DP00000009")
		}
		h.prints("", "confirm DP00000001 --item 2", "delivered")
		h.prints("", "confirm store.example", "delivered")
		signals := h.temporal.Signals()
		if len(signals) != 2 || signals[0].GetWorkflowExecution().GetWorkflowId() != "domain-provisioning/store.example" || len(h.temporal.Updates()) != 0 {
			t.Errorf("signals %v", signals)
		}
	})
}

func TestAnOrderIsToldThatTheRegistrarMayHaveFinished(t *testing.T) {
	bothWays(t, func(t *testing.T, h *house) {
		h.prints(outside.NewCustomer, "order -")
		h.prints("", "confirm shop.example --event e1 --claim done --reference 77", "confirmation e1: delivered\n")
		if got := h.prints("", "confirm DP00000001 --event e1 --json"); !strings.Contains(got, `"next": "confirmation e1: delivered"`) || !strings.Contains(got, `"eventId": "e1"`) {
			t.Errorf("printed %s", got)
		}
		h.prints("", "confirm shop.example", "confirmation ", ": delivered\n")
		rows, err := h.store.Confirmations(t.Context(), store.ConfirmationFilter{Domain: "shop.example"})
		if err != nil || len(rows) != 2 || rows[0].EventID != "operator/DP00000001/1/e1" || rows[0].Claim != "done" || rows[0].Reference != "77" || len(h.temporal.Signals()) != 2 {
			t.Errorf("the inbox has %+v, %v; %d signals", rows, err, len(h.temporal.Signals()))
		}
		h.prints(outside.HostingOnly, "order -")
		h.fails("", "confirm DP00000002", "the order has no domain to confirm")
	})
}

func TestAnOrderIsClosed(t *testing.T) {
	h := settled(t)
	h.prints(outside.NewCustomer, "order -")
	h.fails("", "close shop.example --reason x", "the workflow of order DP00000001 runs; use `starter cancel` instead")
	h.temporal.End(t, shopWorkflow, enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED)
	if h.units() != "shop.example open" {
		t.Fatalf("the store has %s", h.units())
	}
	h.prints("", "close shop.example --reason x", "order DP00000001 shop.example: the order ends as cancelled; what it made stays, and is listed\n")
	h.fails("", "close DP00000001 --reason x", "order DP00000001 is cancelled already")
	if h.units() != "shop.example cancelled" {
		t.Errorf("the store has %s", h.units())
	}
	h.prints("", "operations --state left", "left/DP00000001/1", "left behind what it had created")
	// The domain can be ordered again.
	h.prints(outside.Alter(t, outside.NewCustomer, "jane@", "john@"), "order -", "order DP00000002 accepted")
	h.temporal.End(t, shopWorkflow, enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED)
	var closed []taken
	if err := json.Unmarshal([]byte(h.prints("", "close shop.example --reason x --json")), &closed); err != nil || len(closed) != 1 || closed[0].Order != "DP00000002" ||
		closed[0].Outcome != accepted {
		t.Errorf("%+v, %v", closed, err)
	}
}

// While Temporal is away a gateway accepts and stores an order, and the line says that it
// starts later. Locally the command fails and says what is away.
func TestAnOrderWhileTemporalIsAway(t *testing.T) {
	h := settled(t)
	t.Setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
	h.fails(outside.NewCustomer, "order -", "temporal: 127.0.0.1:1 cannot be reached")
	if h.units() != "" {
		t.Errorf("the store has %s", h.units())
	}
	if _, err := h.assembly.Intake(away{}).Place(t.Context(), []byte(outside.NewCustomer)); err != nil {
		t.Fatal(err)
	}
	h.over = h.gateway
	h.prints("", "status shop.example", "its workflow is started as soon as Temporal can be reached")
}

func TestTheWayOverAGateway(t *testing.T) {
	h := settled(t)
	h.prints(outside.NewCustomer, "order -")
	key := os.Getenv(keyVariable)
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// The environment may name the gateway, and the key may be in a file.
	t.Setenv(gatewayVariable, h.gateway)
	t.Setenv(keyVariable, "")
	t.Setenv(keyVariable+"_FILE", file)
	t.Setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
	h.prints("", "list", "DP00000001")
	for want, change := range map[string]func(*testing.T){
		"the gateway needs an API key: set DOMAINPROVISIONING_API_KEY, or DOMAINPROVISIONING_API_KEY_FILE": func(t *testing.T) { t.Setenv(keyVariable+"_FILE", "") },
		"DOMAINPROVISIONING_API_KEY_FILE: open /nowhere/key":                                               func(t *testing.T) { t.Setenv(keyVariable+"_FILE", "/nowhere/key") },
		"--gateway: the gateway's address must be a URL such as https://gateway.example":                   func(t *testing.T) { t.Setenv(gatewayVariable, "gateway.example") },
		"connection refused": func(t *testing.T) { t.Setenv(gatewayVariable, "http://127.0.0.1:1") },
		"API key":            func(t *testing.T) { t.Setenv(keyVariable, "dpk_wrong") },
	} {
		t.Run(want, func(t *testing.T) {
			change(t)
			inner := *h
			inner.t = t
			got := inner.fails("", "list", want)
			if got.out != "" || strings.Contains(got.err.Error(), key) || strings.Contains(got.err.Error(), "dpk_wrong") {
				t.Errorf("printed %q and %v", got.out, got.err)
			}
		})
	}
}

// Nobody may believe that a command on the database went to a gateway.
func TestCommandsThatAGatewayDoesNotServe(t *testing.T) {
	h := settled(t)
	h.over = h.gateway
	for _, command := range []string{
		"close shop.example --reason x", "config check", "audit", "audit verify",
		"restore-check", "keys list", "keys create x --scope read", "keys revoke shop", "desk shop", "migrate", "serve",
		"registrar-password netim-main --yes --reason x",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // the server that starts anyway stops at once
		var out strings.Builder
		err := run(ctx, append([]string{"--gateway", h.gateway}, strings.Fields(command)...), strings.NewReader(""), &out, &out)
		if err == nil || !strings.Contains(err.Error(), "this command needs the database: run it without --gateway") {
			t.Errorf("%s: %v\n%s", command, err, &out)
		}
	}
}
