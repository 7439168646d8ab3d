//go:build unix

package main

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"go.temporal.io/sdk/client"

	"domainprovisioning/config"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/store"
)

// A worker dies in a workflow task whose calls took effect, and the order is cancelled before
// another worker takes over. Nothing in Temporal tells what the lost task has made, and all of it is
// taken back, or kept because Billing has it.
func TestAnOrderIsCancelledAfterItsTaskWasLost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		death

		removals string
	}{
		"in the first task":      {death{"pem.activateSubscription", subscriptionOf, false}, "subscription 1048576, account 1048576"},
		"after Billing was told": {death{"DomainSubscrWithIDAdd_API", domainOf, true}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &between{}
			p := throughBetween(t, b)
			ledger := p.ledger()
			order := p.orderOf(ledger, 1)
			p.dies(b, ledger, order, c.death)
			temporal := p.temporal()
			if err := temporal.CancelWorkflow(t.Context(), "domain-provisioning/"+domainOf(order), ""); err != nil {
				t.Fatal(err)
			}
			p.startWorker("second worker", nil)
			p.recorded(ledger, order, messages.Cancelled)
			if got := strings.Join(p.world.operations.Removals(), ", "); got != c.removals {
				t.Errorf("removed %q, want %q", got, c.removals)
			}
			ends, err := ledger.LooseEnds(t.Context(), store.LooseEndFilter{Kind: store.Left})
			if err != nil || (len(ends) > 0) != c.confirmed {
				t.Errorf("it leaves %+v, %v", ends, err)
			}
		})
	}
}

// An order is cancelled in Temporal while its last workflow task is under way. Temporal refuses what
// that brings, but the store has the order as done: that counts, and nothing is taken back.
func TestACancellationInTheLastTaskComesTooLate(t *testing.T) {
	t.Parallel()
	b := &between{}
	f := begin(t, worldOptions{manual: true}, func(cfg *config.Config) { cfg.Billing.URL = b.front(t, cfg.Billing.URL) })
	placed := f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	cancelled := b.when("DomainSubscrWithIDAdd_API", "shop.example", func() {
		if err := f.temporal.CancelWorkflow(t.Context(), shopWorkflow, ""); err != nil {
			t.Error(err)
		}
	})
	f.completes()
	<-cancelled
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
	unit, err := f.Store.Unit(t.Context(), placed.Number, 1)
	if err != nil || unit.State != store.UnitDone || len(f.world.operations.Removals()) != 0 {
		t.Errorf("the store says %s, %v; removed %v", unit.State, err, f.world.operations.Removals())
	}
	if notes := strings.Join(f.progress(shopWorkflow).Notes, "\n"); !strings.Contains(notes, "Temporal gave the order up when it was done already") {
		t.Errorf("notes %q", notes)
	}
}

// Hosting without a domain is one workflow task. A signal arrives in it, so Temporal refuses its
// end, and the task is made again for an order that the store has as done.
func TestATaskThatIsTheWholeOrderIsMadeAgain(t *testing.T) {
	t.Parallel()
	b := &between{}
	f := begin(t, worldOptions{}, func(cfg *config.Config) { cfg.Operations.URL = b.front(t, cfg.Operations.URL) })
	f.world.operations.AddExistingAccount(outside.Customer)
	placed := make(chan string, 1)
	signalled := b.when("pem.activateSubscription", strconv.Itoa(outside.Customer), func() {
		err := f.temporal.SignalWorkflow(t.Context(), <-placed, "", messages.Confirmed().Name, messages.Confirmation{EventID: "e", Source: "test"})
		if err != nil {
			t.Error(err)
		}
	})
	workflowID := f.place([]byte(outside.HostingOnly)).Units[0].WorkflowID
	placed <- workflowID
	<-signalled
	f.finish(workflowID)
	if n := len(f.world.operations.Subscriptions()); n != 1 {
		t.Errorf("%d subscriptions", n)
	}
}

// Billing is not done with the row that a lost task has added. The next worker finds it at a later
// time, has no time for a local try, and knows it for the order's own.
func TestABillingRowOfALostTaskIsKnownInTheOrdinaryLane(t *testing.T) {
	t.Parallel()
	b := &between{alter: func(sent []byte) []byte {
		if bytes.Contains(sent, []byte("DomainSubscrWithIDAdd_API")) {
			return bytes.Replace(sent, []byte(">30<"), []byte(">10<"), 1) // the status is ordered and not active
		}
		return sent
	}}
	p := throughBetween(t, b)
	ledger := p.ledger()
	order := p.orderOf(ledger, 1)
	p.dies(b, ledger, order, death{"DomainSubscrWithIDAdd_API", domainOf, true})
	p.world.operations.Faults.Add(fault(t, "operations:pem.getDomainByName:delay=850ms"))
	p.startWorker("second worker", nil)
	p.recorded(ledger, order, messages.Done)
	p.once(order)
}

// Operations answers every call in 350 ms. Nothing is in trouble, so no call is made twice.
func TestAHealthyCallIsMadeOnce(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true, faults: []faults.Fault{fault(t, "operations:*:delay=350ms*always")}})
	f.place(shop(t))
	for _, line := range f.until(shopWorkflow, messages.Waiting).Steps {
		if strings.Contains(line.Note, "first try failed") {
			t.Errorf("step %d: %s", line.Number, line.Note)
		}
	}
	for method, calls := range map[string]int{
		"pem.addAccount": 1, "pem.addAccountMember": 1, "pem.activateSubscription": 2, "pem.addDomainRequest": 1, "pem.addDomain": 1, "pem.bindServicesToDomain": 1,
	} {
		if n := f.world.operations.Calls(method); n != calls {
			t.Errorf("%s: %d calls", method, n)
		}
	}
}

// temporal returns a client of the namespace that the binaries use.
func (p *production) temporal() client.Client {
	p.t.Helper()
	c, err := dial(p.t.Context(), server.HostPort(), p.variable("TEMPORAL_NAMESPACE"), p.histories, discardLog())
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(c.Close)
	return c
}
