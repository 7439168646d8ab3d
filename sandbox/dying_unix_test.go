//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/messages"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// between stands between a worker and the systems that it calls in its fast lane. Something can
// be made to happen when a call has taken effect and its answer is on the way.
type between struct {
	// alter changes what is sent; nil changes nothing.
	alter func(sent []byte) []byte

	mu   sync.Mutex
	call string // of the XML-RPC method; "": none
	of   string // a value among its parameters
	then func()
}

// front returns the address of a system through b.
func (b *between) front(t *testing.T, system string) string {
	t.Helper()
	to, err := url.Parse(system)
	if err != nil {
		t.Fatal(err)
	}
	root := &url.URL{Scheme: to.Scheme, Host: to.Host}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, err := io.ReadAll(r.Body)
		if err != nil {
			return // the caller is dead
		}
		if b.alter != nil {
			sent = b.alter(sent) // to the same length
		}
		r.Body = io.NopCloser(bytes.NewReader(sent))
		(&httputil.ReverseProxy{
			Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(root) },
			ModifyResponse: func(*http.Response) error { b.answered(sent); return nil },
			ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		}).ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	to.Host = proxy.Listener.Addr().String()
	return to.String()
}

func (b *between) answered(sent []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.call != "" && bytes.Contains(sent, []byte(">"+b.call+"<")) && bytes.Contains(sent, []byte(">"+b.of+"<")) {
		b.call = ""
		b.then()
	}
}

// when makes something happen once, after the effect of a call with a value among its parameters.
// It returns a channel that is closed then.
func (b *between) when(call, of string, then func()) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	happened := make(chan struct{})
	b.call, b.of, b.then = call, of, func() { then(); close(happened) }
	return happened
}

// throughBetween starts production with its calls to Operations and Billing led through b.
func throughBetween(t *testing.T, b *between) *production {
	t.Helper()
	p := beginProduction(t, func(cfg *config.Config) {
		cfg.Operations.URL, cfg.Billing.URL = b.front(t, cfg.Operations.URL), b.front(t, cfg.Billing.URL)
	})
	p.want("applied", "migrate")
	return p
}

// orderOf places the n-th order, and returns what its workflow begins with.
func (p *production) orderOf(ledger *store.Store, n int) workflows.UnitInput {
	p.t.Helper()
	name := fmt.Sprintf("shop%d", n)
	p.want("accepted", "order", p.file(alter(p.t, shop(p.t), "DomainID=shop", "DomainID="+name, "jane@shop", name+"@shop")))
	rows, err := ledger.Units(p.t.Context(), store.UnitFilter{Domain: name + ".example"})
	if err != nil || len(rows) != 1 {
		p.t.Fatalf("%+v, %v", rows, err)
	}
	var input workflows.UnitInput
	if err := json.Unmarshal([]byte(rows[0].Plan), &input); err != nil {
		p.t.Fatal(err)
	}
	return input
}

func (p *production) happens(what string, happened <-chan struct{}) {
	p.t.Helper()
	select {
	case <-happened:
	case <-time.After(patience):
		p.t.Fatalf("it does not happen that %s", what)
	}
}

// death is a call after whose effect a worker dies, before the worker hears the answer.
type death struct {
	call string
	of   func(workflows.UnitInput) string // a value among its parameters
	// confirmed: the call follows the registrar's confirmation.
	confirmed bool
}

// dies starts a worker that carries an order, and dies.
func (p *production) dies(b *between, ledger *store.Store, order workflows.UnitInput, death death) {
	p.t.Helper()
	worker := make(chan *haltable, 1)
	var killed <-chan struct{}
	arm := func() {
		killed = b.when(death.call, death.of(order), func() { (<-worker).signal(syscall.SIGKILL) })
	}
	if !death.confirmed {
		arm()
	}
	worker <- p.startWorker("dying worker", nil)
	if death.confirmed {
		p.recorded(ledger, order, messages.Waiting)
		arm()
		p.confirmed(order)
	}
	p.happens(fmt.Sprintf("the worker dies after %s of %s", death.call, domainOf(order)), killed)
}

// A worker is killed after each call that it makes in its fast lane: the effect is there, and
// nothing in Temporal knows of it nor of the calls before it in the same workflow task. The next
// worker makes them all again. Everything exists once. The last worker keeps one workflow in its
// cache, so that every order is replayed at each of its tasks.
func TestAWorkerThatDiesInAWorkflowTaskDoesNothingTwice(t *testing.T) {
	t.Parallel()
	b := &between{}
	p := throughBetween(t, b)
	ledger := p.ledger()
	deaths := []death{
		{"pem.addDomain", domainOf, true},
		{"DomainSubscrWithIDAdd_API", domainOf, true},
		{"pem.addAccount", accountOf, false},
		{"pem.addAccountMember", accountOf, false},
		{"pem.activateSubscription", subscriptionOf, false},
		{"pem.addDomainRequest", domainOf, false},
		{"pem.getNameServers", domainOf, false},
		{"pem.addDomain", domainOf, false},
		{"pem.activateSubscription", hostingOf, false},
		{"pem.bindServicesToDomain", hostingOf, false},
	}
	orders := make([]workflows.UnitInput, len(deaths))
	for n, death := range deaths {
		orders[n] = p.orderOf(ledger, n)
		p.dies(b, ledger, orders[n], death)
	}
	p.startWorker("last worker", []string{"DP_WORKER_WORKFLOW_CACHE=1"})
	for n, order := range orders {
		if !deaths[n].confirmed {
			p.recorded(ledger, order, messages.Waiting)
			p.confirmed(order)
		}
	}
	for _, order := range orders {
		p.recorded(ledger, order, messages.Done)
		p.once(order)
	}
	n := len(orders)
	if got := p.world.effects(""); got.accounts != n || got.members != n || got.subscriptions != 2*n || got.domains != n || got.registered != n || got.bindings != n {
		t.Errorf("for %d orders there are %+v", n, got)
	}
}

// A worker stands still in the middle of a workflow task until that has timed out. Another worker
// makes its local calls again, and what the first one brings in the end is refused by Temporal.
func TestAWorkflowTaskThatTimesOutDoesNothingTwice(t *testing.T) {
	t.Parallel()
	b := &between{}
	p := throughBetween(t, b)
	ledger := p.ledger()
	order := p.orderOf(ledger, 1)
	started := make(chan *haltable, 1)
	stopped := b.when("pem.addAccountMember", accountOf(order), func() {
		first := <-started
		first.signal(syscall.SIGSTOP)
		started <- first
	})
	started <- p.startWorker("first worker", nil)
	p.happens("the first worker stands still", stopped)
	p.startWorker("second worker", nil)
	p.recorded(ledger, order, messages.Waiting)
	(<-started).signal(syscall.SIGCONT)
	p.confirmed(order)
	p.recorded(ledger, order, messages.Done)
	p.once(order)
	want := whole()
	if got := p.world.effects(order.Unit.Domain.Name.String()); got != want {
		t.Errorf("effects\n got %+v\nwant %+v", got, want)
	}
}

func accountOf(i workflows.UnitInput) string { return strconv.Itoa(i.AccountID) }

func subscriptionOf(i workflows.UnitInput) string { return strconv.Itoa(i.DomainSubscriptionID) }

func hostingOf(i workflows.UnitInput) string { return strconv.Itoa(i.HostingSubscriptionID) }

func domainOf(i workflows.UnitInput) string { return i.Unit.Domain.Name.String() }

// confirmed lets the registrar finish the registration of an order, and say so.
func (p *production) confirmed(order workflows.UnitInput) {
	p.t.Helper()
	if err := p.world.netim.Complete(domainOf(order)); err != nil {
		p.t.Fatal(err)
	}
	// A round of the watch may have been first: then it is late.
	if out := p.want("confirmation", "confirm", domainOf(order)); !strings.Contains(out, "delivered") && !strings.Contains(out, "late") {
		p.t.Fatal(out)
	}
}

// recorded waits until the store has an order in a state. A workflow whose task was taken away
// answers nobody for ten seconds.
func (p *production) recorded(ledger *store.Store, order workflows.UnitInput, state messages.State) {
	p.t.Helper()
	p.eventually(func() string {
		unit, err := ledger.Unit(p.t.Context(), order.OrderNumber, order.Unit.Item)
		if err != nil {
			p.t.Fatal(err)
		}
		if unit.Shown == state || string(unit.State) == string(state) {
			return ""
		}
		return fmt.Sprintf("%s is %s and not %s", domainOf(order), unit.Shown, state)
	})
}

// once checks that an order was registered and recorded once.
func (p *production) once(order workflows.UnitInput) {
	p.t.Helper()
	if creates, rows := p.world.netim.Creates(domainOf(order)), len(p.world.billing.RowsOf(domainOf(order))); creates != 1 || rows != 1 {
		p.t.Errorf("%s: %d registrations, %d rows in Billing", domainOf(order), creates, rows)
	}
}
