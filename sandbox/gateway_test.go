package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/intake/inbox"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// caller is a client that talks to the gateway over HTTP.
type caller struct {
	t        testing.TB
	url, key string
}

// client starts the gateway of the fixture, with its relay.
func (f *fixture) client() caller {
	f.t.Helper()
	served, err := f.serve(f.t.Context(), "")
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(served.stop)
	return caller{f.t, served.url(), served.key}
}

func (c caller) send(method, path string, body []byte, header http.Header) (status int, answer []byte) {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if header == nil {
		header = http.Header{"Authorization": {"Bearer " + c.key}, "Content-Type": {"application/json"}}
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	if answer, err = io.ReadAll(response.Body); err != nil {
		c.t.Fatal(err)
	}
	return response.StatusCode, answer
}

// want makes a request and reads its answer, which must have the status.
func (c caller) want(status int, method, path string, body []byte, into any) {
	c.t.Helper()
	got, answer := c.send(method, path, body, nil)
	if got != status {
		c.t.Fatalf("%s %s: %d %s, want %d", method, path, got, answer, status)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			c.t.Fatalf("%v in %s", err, answer)
		}
	}
}

// callback signs and sends a callback as if it came from the account's registrar.
func (f *fixture) callback(c caller, event, claim string) (known bool) {
	f.t.Helper()
	webhook, err := assembly.Webhook(string(f.Config.Registrars[netimAccount].CallbackSecret))
	if err != nil {
		f.t.Fatal(err)
	}
	body := fmt.Appendf(nil, `{"type":"registrar.operation","data":{"domain":"shop.example","status":%q}}`, claim)
	status, answer := c.send(http.MethodPost, "/v1/registrars/"+netimAccount+"/callbacks", body, webhook.Sign(event, time.Now(), body))
	var taken gateway.Taken
	if err := json.Unmarshal(answer, &taken); status != http.StatusOK || err != nil {
		f.t.Fatalf("%d %s", status, answer)
	}
	return taken.Known
}

// inboxIs waits until each event in the inbox has reached the expected state.
func (f *fixture) inboxIs(want map[string]store.ConfirmationState) {
	f.t.Helper()
	f.eventually(fmt.Sprintf("the inbox is %v", want), func() bool {
		rows, err := f.Store.Confirmations(f.t.Context(), store.ConfirmationFilter{})
		if err != nil {
			f.t.Fatal(err)
		}
		for _, row := range rows {
			if want[row.EventID] != row.State {
				return false
			}
		}
		return len(rows) == len(want)
	})
}

// jsonShop is an order in JSON for the domain of shop.xml.
func jsonShop(t testing.TB) []byte {
	t.Helper()
	return alter(t, ownNameServers(t), `"bücher"`, `"shop"`)
}

func ownNameServers(t testing.TB) []byte {
	t.Helper()
	content, err := os.ReadFile("orders/own-name-servers.json")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestAnOrderOverHTTPIsConfirmedByItsCallback(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	c := f.client()
	var placed desk.Placed
	c.want(http.StatusCreated, http.MethodPost, "/v1/orders", jsonShop(t), &placed)
	f.until(shopWorkflow, messages.Waiting)
	f.eventually("Temporal lists it as waiting", func() bool {
		var page desk.Page
		c.want(http.StatusOK, http.MethodGet, "/v1/orders?state=waiting&domain=shop.example", nil, &page)
		return len(page.Orders) == 1 && page.Orders[0].Number == placed.Number
	})
	if err := f.world.netim.Complete("shop.example"); err != nil {
		t.Fatal(err)
	}
	events := c.events(placed.Number)
	f.callback(c, "event-1", "done")
	result := f.finish(shopWorkflow)
	if result.OrderNumber != placed.Key {
		t.Errorf("got %+v", result)
	}
	last := ""
	for event := range events {
		last = event
	}
	if last != "end" {
		t.Errorf("the last event is %q", last)
	}
	var order gateway.Order
	c.want(http.StatusOK, http.MethodGet, "/v1/orders/"+placed.Number, nil, &order)
	if order.Units[0].Progress.State != messages.Done || order.Units[0].State != "done" {
		t.Errorf("got %+v", order.Units[0])
	}
	if e := f.effects("shop.example"); e.creates != 1 || e.registrations != 1 || e.billingRows != 1 || e.accounts != 1 {
		t.Errorf("effects %+v", e)
	}
}

// events follows an order until its stream ends, and sends the name of each event to the
// channel.
func (c caller) events(number string) <-chan string {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.url+"/v1/orders/"+number+"/events", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	events := make(chan string, 100)
	go func() {
		defer close(events)
		defer response.Body.Close()
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				events <- name
			}
		}
	}()
	return events
}

// Scenario callback-first, over HTTP: it comes before the order, and before step 6 has
// returned. It is kept, and no round of the watch is needed.
func TestCallbackFirst(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	c := f.client()
	f.callback(c, "before-the-order", "done")
	f.inboxIs(map[string]store.ConfirmationState{netimAccount + "/before-the-order": store.Unmatched})
	c.want(http.StatusCreated, http.MethodPost, "/v1/orders", jsonShop(t), nil)
	f.until(shopWorkflow, messages.Waiting)
	// The relay compares unmatched events with the existing orders.
	f.inboxIs(map[string]store.ConfirmationState{netimAccount + "/before-the-order": store.Delivered})
	f.eventually("the registrar was asked", func() bool { return f.world.netim.Calls("queryOpe") == 1 })
	if err := f.world.netim.Complete("shop.example"); err != nil {
		t.Fatal(err)
	}
	f.callback(c, "after-it", "done")
	f.finish(shopWorkflow)
	if e := f.effects("shop.example"); e.creates != 1 || e.registrations != 1 {
		t.Errorf("effects %+v", e)
	}
}

// Scenario callback-twice-late-contradicting, over HTTP.
func TestCallbacksTwiceLateContradictingOverHTTP(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	c := f.client()
	f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	if f.callback(c, "event-1", "done") || !f.callback(c, "event-1", "done") {
		t.Error("a doubled delivery is not known, or the first one is")
	}
	f.eventually("the registrar was asked", func() bool { return f.world.netim.Calls("queryOpe") == 1 })
	if err := f.world.netim.Complete("shop.example"); err != nil {
		t.Fatal(err)
	}
	f.callback(c, "event-2", "rejected") // the registrar says otherwise, and decides
	f.finish(shopWorkflow)
	f.callback(c, "event-3", "rejected")
	f.inboxIs(map[string]store.ConfirmationState{
		netimAccount + "/event-1": store.Delivered, netimAccount + "/event-2": store.Delivered, netimAccount + "/event-3": store.Late,
	})
	if calls := f.world.netim.Calls("queryOpe"); calls != 2 {
		t.Errorf("the registrar was asked %d times", calls)
	}
	f.want("shop.example", whole())
}

func TestAParkedOrderGoesOnByHTTP(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	c := f.client()
	f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	path := "/v1/orders/shop.example/retry"
	c.want(http.StatusConflict, http.MethodPost, path, []byte(`{"reason": "trying"}`), nil) // there is nothing to retry
	if err := f.world.netim.Fail("shop.example", "not eligible"); err != nil {
		t.Fatal(err)
	}
	c.want(http.StatusOK, http.MethodPost, "/v1/orders/shop.example/confirm", nil, nil)
	f.until(shopWorkflow, messages.NeedsAttention)
	var result messages.Answer
	header := http.Header{"Authorization": {"Bearer " + c.key}, "Idempotency-Key": {"click-1"}}
	for range 2 { // a repeated command is one command
		status, answer := c.send(http.MethodPost, path, []byte(`{"reason": "eligible now"}`), header)
		if err := json.Unmarshal(answer, &result); status != http.StatusOK || err != nil || result.Step != 10 {
			t.Fatalf("%d %s", status, answer)
		}
	}
	if status, answer := c.send(http.MethodPost, path, []byte(`{"reason": "nothing there", "nothingThere": true}`), header); status != http.StatusUnprocessableEntity {
		t.Errorf("another command under the same key: %d %s", status, answer)
	}
	f.until(shopWorkflow, messages.Waiting)
	if err := f.world.netim.Complete("shop.example"); err != nil {
		t.Fatal(err)
	}
	f.callback(c, "event-1", "done")
	f.finish(shopWorkflow)
	if creates := f.world.netim.Creates("shop.example"); creates != 2 { // the failed one and the one that a person asked for
		t.Errorf("%d registrations were asked for", creates)
	}
}

// TestTheGatewayInProduction runs `starter serve` on PostgreSQL. The order comes while
// Temporal is away; the worker brings it there.
func TestTheGatewayInProduction(t *testing.T) {
	t.Parallel()
	p := beginProduction(t)
	p.want("applied", "migrate")
	key := strings.TrimSpace(p.want("dpk_", "keys", "create", "shop", "--client", "local", "--scope", "place,read"))
	lonely := *p
	lonely.environment = append(append([]string(nil), p.environment...), "TEMPORAL_ADDRESS=127.0.0.1:1")
	serve := lonely.command(t.Context(), "starter", "serve")
	log, err := serve.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = serve.Process.Kill() })
	lines := bufio.NewScanner(log)
	c := caller{t: t, key: key}
	for c.url == "" && lines.Scan() {
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "gateway serves" {
			c.url = "http://" + line.Address
		}
	}
	go func() {
		for lines.Scan() {
			continue // the log must be read, or the process blocks
		}
	}()
	var placed desk.Placed
	c.want(http.StatusAccepted, http.MethodPost, "/v1/orders", jsonShop(t), &placed)
	if !placed.Waiting {
		t.Errorf("got %+v", placed)
	}
	p.want("degraded", "ready", c.url)
	p.refused(assembly.ExitUnreachable, "503", "ready", c.url, "--strict")
	worker := p.command(t.Context(), "worker")
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = worker.Process.Kill() })
	p.until(placed.Number, messages.Waiting)
	if creates := p.world.netim.Creates("shop.example"); creates != 1 {
		t.Errorf("%d registrations", creates)
	}
	p.sameOverTheGateway(c, placed.Number)
	for _, process := range []*exec.Cmd{serve, worker} {
		if err := process.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := process.Wait(); err != nil {
			t.Errorf("%s ended with %v", process.Path, err)
		}
	}
}

// sameOverTheGateway runs commands on database and Temporal, and over a gateway that has
// both, and wants the same output.
func (p *production) sameOverTheGateway(lonely caller, number string) {
	p.t.Helper()
	key := strings.TrimSpace(p.want("dpk_", "keys", "create", "desk", "--client", "local", "--scope", "place,read,operate,all"))
	remote := *p
	remote.environment = append(append([]string(nil), p.environment...),
		"DOMAINPROVISIONING_GATEWAY="+lonely.url, "DOMAINPROVISIONING_API_KEY="+key,
		// Any command that runs locally fails.
		"DP_DATABASE_URL=postgres://nobody@127.0.0.1:1/none?sslmode=disable", "TEMPORAL_ADDRESS=127.0.0.1:1")
	for _, arguments := range [][]string{
		{"list"}, {"list", "--json", "--domain", "shop.example"}, {"list", "--limit", "0"}, {"list", "--registrar", "none"},
		{"status", "DP99999999"}, {"order", p.file(alter(p.t, shop(p.t), "5=1=1=0", "77=1=1=0"))},
	} {
		home := *p
		if arguments[0] == "list" { // the gateway's list says that its Temporal is away
			home.environment = append(append([]string(nil), p.environment...), "TEMPORAL_ADDRESS=127.0.0.1:1")
		}
		out, errOut, code := home.starter(arguments...)
		farOut, farErrOut, farCode := remote.starter(arguments...)
		// The gateway prints the title of a problem before its reason.
		farErrOut = strings.Replace(farErrOut, "The order is refused: ", "order refused: ", 1)
		if webUI := `"webUi"`; out != farOut && !strings.Contains(farOut, webUI) || errOut != farErrOut || code != farCode {
			p.t.Errorf("starter %s: exit code %d\n%s%sover the gateway: exit code %d\n%s%s",
				strings.Join(arguments, " "), code, out, errOut, farCode, farOut, farErrOut)
		}
	}
	remote.want("nothing is done twice", "order", p.file(jsonShop(p.t)))
	// This gateway has no Temporal; the worker's relay delivers what it has stored.
	remote.want("received", "confirm", number, "--event", "over-the-gateway")
	for deadline := time.Now().Add(patience); !strings.Contains(remote.want("over-the-gateway", "inbox"), "delivered"); {
		if time.Now().After(deadline) {
			p.t.Fatal("the confirmation is not delivered")
		}
	}
	remote.refused(assembly.ExitUsage, "run it without --gateway", "restore-check", "--gateway", lonely.url)
	badKey := remote
	badKey.environment = append(append([]string(nil), remote.environment...), "DOMAINPROVISIONING_API_KEY=hunter2")
	badKey.refused(assembly.ExitRefused, "The API key is not accepted", "list")
}

// A notice from a queue and the same notice by callback are one event.
func TestANoticeIsOneEventWhicheverWayItComes(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.place(shop(t))
	f.until(shopWorkflow, messages.Waiting)
	c := f.client()
	f.callback(c, "4711", "done")
	notice := registrars.Notice{ID: "4711", Claim: "done"}
	fresh, err := f.intake.Inbox().Take(context.WithoutCancel(t.Context()), inbox.Noticed(netimAccount, messages.FromQueue, notice))
	if err != nil || fresh {
		t.Errorf("%v, %v", fresh, err)
	}
}
