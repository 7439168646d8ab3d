package main

import (
	"strings"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"

	"domainprovisioning/assembly"
	"domainprovisioning/internal/outside"
	"domainprovisioning/store"
)

func TestAnOrderIsErased(t *testing.T) {
	h := settled(t)
	h.prints(outside.NewCustomer, "order -")
	left := func(want int) {
		t.Helper()
		if numbers, err := h.store.OrdersWithRuns(t.Context(), 10); err != nil || len(numbers) != want {
			t.Errorf("with runs: %q, %v", numbers, err)
		}
	}
	h.fails("", "erase --reason asked", "--order or --account")
	h.fails("", "erase --order DP00000001 --yes", "--reason must say")
	h.fails("", "erase --order nowhere --yes --reason asked", "no such order")
	h.fails("", "erase --order DP00000001 --yes --reason asked", "nothing was erased: open: DP00000001")
	if err := h.store.CloseUnit(t.Context(), "DP00000001", 1, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	// It had neither number nor key: for an hour an equal order would be taken for a new one.
	h.prints("", "erase --order DP00000001 --dry-run", "order DP00000001 shop.example: an equal order repeats it by its contents until 20", "nothing was erased\n")
	got := h.fails("", "erase --order DP00000001 --yes --reason asked", "nothing was erased: an equal order would be carried out again: DP00000001 until 20")
	if code := assembly.ExitCodeOf(got.err); code != assembly.ExitRefused {
		t.Errorf("code %d", code)
	}
	h.prints("", "erase --order DP00000001 --dry-run --although-repeatable", "order DP00000001 shop.example: an equal", "nothing was erased\n")
	h.fails("", "erase --order DP00000001 --reason asked --although-repeatable", "nobody can be asked")
	if _, err := h.store.OrderDocument(t.Context(), "DP00000001"); err != nil {
		t.Fatalf("it is not erased yet: %v", err)
	}
	units, err := h.store.Units(t.Context(), store.UnitFilter{OrderNumber: "DP00000001"})
	if err != nil {
		t.Fatal(err)
	}
	_, account, _ := strings.Cut(units[0].Plan, `"accountId":`)
	account, _, _ = strings.Cut(account, ",")
	erase := "erase --account " + account + " --yes --reason asked --actor erna --although-repeatable"
	// The erasure stands, whatever becomes of the runs.
	t.Setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
	got = h.fails("", erase, "runs are left in Temporal of DP00000001")
	if code := assembly.ExitCodeOf(got.err); code != assembly.ExitUnreachable || !strings.Contains(got.out, "order DP00000001 was erased on ") {
		t.Errorf("code %d: %s", code, got.out)
	}
	left(1)
	t.Setenv("TEMPORAL_ADDRESS", h.temporal.Address)
	if got := h.fails("", erase+" --json", "runs in Temporal have not ended yet of DP00000001"); !strings.Contains(got.out, `"runsLeft": true`) {
		t.Errorf("printed %s", got.out)
	}
	left(1)
	h.temporal.End(t, shopWorkflow, enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED)
	for range 2 { // a repeat does no harm
		h.prints("", erase, "order DP00000001 was erased on ")
	}
	left(0)
	if started := h.temporal.Started(); len(started) > 0 {
		t.Errorf("runs are left: %q", started)
	}
	h.prints("", "audit DP00000001", " erase ", "erna: asked", "accepted")
	h.prints("", "status DP00000001", "erased on ")
	h.prints("", "list", "shop.example")
}
