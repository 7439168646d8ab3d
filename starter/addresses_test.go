package main

import (
	"testing"
	"time"

	"domainprovisioning/assembly"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
)

// An order whose key is the number of another client's order, too, is watched, asked about and
// commanded by its address, on the database and over the gateway. Its number alone is refused.
func TestAnOrderWhoseKeyIsAnothersNumberIsReached(t *testing.T) {
	h := settled(t)
	numbered := outside.Alter(t, outside.DomainOnly, `"vendorAccountId"`, `"number": "SO-1001", "vendorAccountId"`)
	h.prints(numbered, "order -")
	h.over = h.gateway
	h.prints(outside.Alter(t, numbered, `"shop"`, `"store"`), "order -")
	const workflow = "domain-provisioning/shop.example"
	for _, over := range []string{"", h.gateway} {
		h.over = over
		h.temporal.Show(t, workflow, string(messages.NeedsAttention), messages.Progress{
			OrderNumber: "SO-1001", Domain: "shop.example", State: messages.NeedsAttention, Step: 6, Steps: []messages.StepProgress{},
			Attention: &messages.Attention{Step: 6, Reason: messages.ReasonBalance, Message: "no funds", Since: time.Now(), Actions: []messages.Action{messages.ActionRetry}},
			Actions:   []messages.Action{messages.ActionRetry},
		})
		if got := h.start("", "watch", "local:SO-1001"); got.err == nil || got.err.Error() != "order SO-1001 needs a person: balance" {
			t.Errorf("watch over %q: %v\n%s", over, got.err, got.out)
		}
		h.prints("", "retry local:SO-1001 --reason paid", "SO-1001")
		h.prints("", "audit local:SO-1001", "retry", "paid")
		h.fails("", "retry SO-1001 --reason paid", "local:SO-1001")
	}
	updates := h.temporal.Updates()
	for _, update := range updates {
		if id := update.GetWorkflowExecution().GetWorkflowId(); id != workflow {
			t.Errorf("a command went to %s", id)
		}
	}
	if len(updates) != 2 {
		t.Errorf("%d commands were given", len(updates))
	}
}

// A watched order that was just placed is found among those of all clients.
func TestAnOrderIsWatchedThoughAnotherHasItsNumber(t *testing.T) {
	h := settled(t)
	numbered := outside.Alter(t, outside.DomainOnly, `"vendorAccountId"`, `"number": "SO-1001", "vendorAccountId"`)
	h.over = h.gateway
	h.prints(numbered, "order -")
	h.over = ""
	second := outside.Alter(t, numbered, `"shop"`, `"store"`)
	h.prints(second, "order -")
	h.temporal.Show(t, "domain-provisioning/store.example", string(messages.NeedsAttention), messages.Progress{
		OrderNumber: "SO-1001", State: messages.NeedsAttention, Step: 6, Steps: []messages.StepProgress{}, Attention: &messages.Attention{Step: 6, Reason: messages.ReasonBalance},
	})
	if got := h.start(second, "order", "-", "--watch"); assembly.ExitCodeOf(got.err) != assembly.ExitParked {
		t.Errorf("%v\n%s", got.err, got.out)
	}
}
