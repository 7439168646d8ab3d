package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/assembly"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// crowd is a number of orders that wait at the registrar, real workflows in the embedded
// server, carried by a worker in a process of its own.
type crowd struct {
	*fixture

	worker measured
	placed int
}

// ahead is how many orders are placed before those placed earlier wait: enough to keep the
// worker busy, and so few that it has them all in its cache.
const ahead = 100

// gather starts the world, and the worker apart from it.
func gather(t testing.TB) *crowd {
	t.Helper()
	f := begin(t, worldOptions{manual: true})
	f.workers.Stop()
	return &crowd{fixture: f, worker: startMeasured(t, f)}
}

// workflow is the workflow of the n-th order.
func (c *crowd) workflow(n int) string { return "domain-provisioning/" + crowdDomain(n) }

func crowdDomain(n int) string { return fmt.Sprintf("shop%d.example", n) }

// lay places more orders, as many as it gets to in the time, and returns when all of them wait.
func (c *crowd) lay(orders int, within time.Duration) {
	c.t.Helper()
	began := time.Now()
	for end := c.placed + orders; c.placed < end && time.Since(began) < within; {
		batch := min(ahead, end-c.placed)
		together(c.t, batch, func(n int) error {
			n += c.placed
			order := alter(c.t, shop(c.t), "DomainID=shop", fmt.Sprintf("DomainID=shop%d", n), "jane@shop", fmt.Sprintf("jane%d@shop", n))
			_, err := c.intake.Place(c.t.Context(), order)
			return err
		})
		c.placed += batch
		c.untilMost(fmt.Sprintf("%d orders wait", c.placed-ahead), func() bool { return len(c.world.operations.Bindings()) >= c.placed-ahead })
	}
	c.untilMost(fmt.Sprintf("%d orders wait", c.placed), func() bool { return len(c.world.operations.Bindings()) >= c.placed })
}

// untilMost is eventually for what many orders do: it asks less often, and has more patience.
func (c *crowd) untilMost(what string, condition func() bool) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 10*patience)
	defer cancel()
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-ctx.Done():
			c.t.Fatalf("gave up waiting until %s", what)
		case <-ticker.C:
		}
	}
}

// restart kills the worker and starts another. It returns how long after that an order answers
// what it waits for, and how long after that a round of the watch has ended.
func (c *crowd) restart() (answered, watched time.Duration) {
	c.t.Helper()
	c.worker.stop()
	began := time.Now()
	c.worker = startMeasured(c.t, c.fixture)
	if progress := c.progress(c.workflow(c.placed / 2)); progress.State != messages.Waiting {
		c.t.Errorf("the order is %s", progress.State)
	}
	answered = time.Since(began)
	c.watch()
	return answered, time.Since(began)
}

// confirm lets the registrar finish that many orders, and its callbacks arrive at once. It
// returns how long it takes until all are stored, until their workflows have them, and until all
// those orders have ended.
func (c *crowd) confirm(gateway caller, orders int) (stored, delivered, ended time.Duration) {
	c.t.Helper()
	for n := range orders {
		if err := c.world.netim.Complete(crowdDomain(n)); err != nil {
			c.t.Fatal(err)
		}
	}
	webhook, err := assembly.Webhook(string(c.Config.Registrars[netimAccount].CallbackSecret))
	if err != nil {
		c.t.Fatal(err)
	}
	began := time.Now()
	together(c.t, orders, func(n int) error {
		body := fmt.Appendf(nil, `{"type":"registrar.operation","data":{"domain":%q,"status":"done"}}`, crowdDomain(n))
		status, answer := gateway.send(http.MethodPost, "/v1/registrars/"+netimAccount+"/callbacks", body, webhook.Sign(fmt.Sprint("event-", n), time.Now(), body))
		if status != http.StatusOK {
			return fmt.Errorf("%d %s", status, answer)
		}
		return nil
	})
	stored = time.Since(began)
	c.untilMost("all confirmations are delivered", func() bool {
		backlog, err := c.Store.Backlog(c.t.Context(), time.Hour)
		if err != nil {
			c.t.Fatal(err)
		}
		return backlog.Undelivered == 0
	})
	delivered = time.Since(began)
	c.untilMost(fmt.Sprintf("%d orders have ended", orders), func() bool {
		done, err := c.Store.Units(c.t.Context(), store.UnitFilter{Shown: messages.Done, Limit: orders})
		if err != nil {
			c.t.Fatal(err)
		}
		return len(done) >= orders
	})
	return stored, delivered, time.Since(began)
}

// together does something a number of times, by inFlight callers.
func together(t testing.TB, times int, do func(n int) error) {
	t.Helper()
	var next atomic.Int64
	errs := make([]error, inFlight)
	var group sync.WaitGroup
	for caller := range inFlight {
		group.Go(func() {
			for n := int(next.Add(1)) - 1; n < times && errs[caller] == nil; n = int(next.Add(1)) - 1 {
				errs[caller] = do(n)
			}
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}
