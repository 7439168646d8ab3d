package main

import (
	"strings"
	"testing"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

func TestAnOrderIsErased(t *testing.T) {
	h := settled(t)
	h.prints(outside.NewCustomer, "order -")
	h.fails("", "erase --reason asked", "--order or --account")
	h.fails("", "erase --order DP00000001 --yes", "--reason must say")
	h.fails("", "erase --order nowhere --yes --reason asked", "no such order")
	h.fails("", "erase --order DP00000001 --yes --reason asked", "nothing was erased: open: DP00000001")
	if err := h.store.CloseUnit(t.Context(), "DP00000001", 1, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	h.prints("", "erase --order DP00000001 --dry-run", "order DP00000001 shop.example\n", "nothing was erased\n")
	h.fails("", "erase --order DP00000001 --reason asked", "nobody can be asked")
	if _, err := h.store.OrderDocument(t.Context(), "DP00000001"); err != nil {
		t.Fatalf("it is not erased yet: %v", err)
	}
	units, err := h.store.Units(t.Context(), store.UnitFilter{OrderNumber: "DP00000001"})
	if err != nil {
		t.Fatal(err)
	}
	_, account, _ := strings.Cut(units[0].Plan, `"accountId":`)
	account, _, _ = strings.Cut(account, ",")
	for range 2 { // a repeat does no harm
		h.prints("", "erase --account "+account+" --yes --reason asked --actor erna", "order DP00000001 was erased on ")
	}
	h.prints("", "audit DP00000001", " erase ", "erna: asked", "accepted")
	h.temporal.Show(t, shopWorkflow, string(messages.Done), messages.Progress{OrderNumber: "DP00000001", Domain: "shop.example", State: messages.Done})
	h.prints("", "status DP00000001", "erased on ")
	h.prints("", "list", "shop.example")
}
