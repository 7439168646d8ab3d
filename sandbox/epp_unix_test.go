//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"sync"
	"syscall"
	"testing"

	"domainprovisioning/messages"
	"domainprovisioning/workflows"
)

// A worker is killed when the registry has carried out a registration, and before it hears the
// answer. The next one looks, and registers nothing again.
func TestAWorkerThatDiesWhileItRegistersAtEPP(t *testing.T) {
	t.Parallel()
	started, died := make(chan *haltable, 1), make(chan struct{})
	var once sync.Once
	options := worldOptions{manual: true, eppFrame: func(direction string, frame []byte) {
		if direction == "response" && bytes.Contains(frame, []byte("creData")) && bytes.Contains(frame, []byte(gallery)) {
			once.Do(func() { (<-started).signal(syscall.SIGKILL); close(died) })
		}
	}}
	p := beginProductionIn(t, options)
	p.want("applied", "migrate")
	p.want("accepted", "order", "orders/epp-1-registration.json")
	ledger := p.ledger()
	unit, err := ledger.Unit(t.Context(), "SO-1040", 1)
	if err != nil {
		t.Fatal(err)
	}
	var order workflows.UnitInput
	if err := json.Unmarshal([]byte(unit.Plan), &order); err != nil {
		t.Fatal(err)
	}
	started <- p.startWorker("dying worker", nil)
	p.happens("the worker dies", died)
	p.startWorker("next worker", nil)
	p.recorded(ledger, order, messages.Waiting)
	if n := p.world.epp.Calls("domain.create"); n != 1 {
		t.Errorf("%d requests", n)
	}
	if err := p.world.epp.Complete(gallery); err != nil {
		t.Fatal(err)
	}
	p.want("confirmation", "confirm", gallery)
	p.recorded(ledger, order, messages.Done)
	if n, rows, contacts := p.world.epp.Count("create", gallery), len(p.world.billing.RowsOf(gallery)), len(p.world.epp.Contacts()); n != 1 || rows != 1 || contacts != 1 {
		t.Errorf("%d registrations, %d rows in Billing, %d contacts", n, rows, contacts)
	}
}
