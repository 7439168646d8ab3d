package gateway_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

func TestAnOrderIsStoredAndStarted(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		got := f.order(outside.NewCustomer)
		var placed desk.Placed
		got.decode(t, &placed)
		if got.status != http.StatusCreated || placed.Number != "DP00000001" || placed.Existing || placed.Waiting || len(placed.Units) != 1 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		unit := placed.Units[0]
		if unit.Domain != "shop.example" || unit.Operation != "registration" || unit.Registrar != outside.Account || !unit.Started ||
			unit.WebUI != "https://ui.example/namespaces/default/workflows/domain-provisioning%2Fshop.example" {
			t.Errorf("got %+v", unit)
		}
		if got.header.Get("Location") != "/v1/orders/DP00000001" || len(f.Temporal.Starts()) != 1 {
			t.Errorf("Location %q, %d starts", got.header.Get("Location"), len(f.Temporal.Starts()))
		}
		again := f.order(outside.NewCustomer)
		again.decode(t, &placed)
		if again.status != http.StatusOK || !placed.Existing || placed.Number != "DP00000001" || f.count() != 1 || len(f.Temporal.Starts()) != 1 {
			t.Errorf("%d %s, %d orders, %d starts", again.status, again.body, f.count(), len(f.Temporal.Starts()))
		}
		for _, personal := range []string{"Jane", "jane@", "Main Street", "5550100", "pass-phrase", f.place} {
			if strings.Contains(got.body+f.log.String(), personal) {
				t.Errorf("%q is in the answer or in the log", personal)
			}
		}
	})
}

// Scenario temporal-down-at-intake.
func TestWhileTemporalIsAwayAnOrderIsAcceptedAndStartedLater(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.Temporal.SetDown(true)
		got := f.order(outside.NewCustomer)
		var placed desk.Placed
		got.decode(t, &placed)
		if got.status != http.StatusAccepted || !placed.Waiting || placed.Units[0].Started {
			t.Fatalf("%d %s", got.status, got.body)
		}
		var stands gateway.Order
		f.get("/v1/orders/"+placed.Number).decode(t, &stands)
		if stands.Units[0].Progress == nil || !strings.Contains(strings.Join(stands.Units[0].Progress.Notes, ""), "started as soon as Temporal") {
			t.Errorf("it stands %+v", stands.Units[0])
		}
		f.Temporal.SetDown(false)
		for range 2 {
			if _, err := f.relay.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if len(f.Temporal.Starts()) != 1 || f.count() != 1 {
			t.Errorf("%d starts of %d orders", len(f.Temporal.Starts()), f.count())
		}
	})
}

// Scenario double-click.
func TestFiftyClientsAtOnceAreOneOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		const clients = 50
		statuses := make([]int, clients)
		numbers := make([]string, clients)
		var group sync.WaitGroup
		for n := range clients {
			group.Go(func() {
				got := f.order(outside.NewCustomer)
				var placed desk.Placed
				got.decode(t, &placed)
				statuses[n], numbers[n] = got.status, placed.Number
			})
		}
		group.Wait()
		created := 0
		for n := range clients {
			if statuses[n] == http.StatusCreated {
				created++
			} else if statuses[n] != http.StatusOK {
				t.Errorf("status %d", statuses[n])
			}
			if numbers[n] != numbers[0] {
				t.Errorf("orders %s and %s", numbers[0], numbers[n])
			}
		}
		ids := map[string]bool{}
		for _, start := range f.Temporal.Starts() {
			ids[start.Options.ID] = true
		}
		if created != 1 || f.count() != 1 || len(ids) != 1 {
			t.Errorf("%d created, %d orders, %d workflows", created, f.count(), len(ids))
		}
	})
}

// Scenario database-down.
func TestWhileTheStoreIsAwayNothingIsTaken(t *testing.T) {
	f := begin(t, outside.Options{})
	if err := f.Store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, got := range []reply{
		f.order(outside.NewCustomer), f.get("/v1/orders"), f.callback(f.signed("e1", `{"type":"registrar.operation","data":{"domain":"shop.example"}}`)),
	} {
		if p := got.problem(t); got.status != http.StatusServiceUnavailable || p.Type != "urn:domainprovisioning:problem:store-away" || got.header.Get("Retry-After") == "" {
			t.Errorf("%d %s", got.status, got.body)
		}
		if strings.Contains(got.body, "sql") {
			t.Errorf("the answer says how the store works: %s", got.body)
		}
	}
	if ready := f.send(http.MethodGet, "/readyz", "", ""); ready.status != http.StatusServiceUnavailable || !strings.Contains(ready.body, `"database":"unreachable"`) {
		t.Errorf("%d %s", ready.status, ready.body)
	}
	if len(f.Temporal.Starts()) != 0 {
		t.Error("something was started")
	}
}

func TestARefusedOrderNamesEveryFieldAndRule(t *testing.T) {
	f := begin(t, outside.Options{})
	broken := outside.Alter(t, outside.NewCustomer, `"domain": "shop"`, `"domain": "sh op"`, `"country": "us", `, "", `"vendorAccountId": 1`, `"vendorAccountId": "x"`)
	got := f.order(broken)
	p := got.problem(t)
	found := map[string]string{}
	for _, fault := range p.Errors {
		found[fault.Pointer] = fault.Detail
	}
	if got.status != http.StatusUnprocessableEntity || p.Type != "urn:domainprovisioning:problem:order-refused" || len(p.Errors) != 3 ||
		!strings.Contains(found["/items/1/domain"], "holds a blank at character 3") || !strings.Contains(found["/vendorAccountId"], "vendorAccountId must") ||
		!strings.Contains(fmt.Sprint(found), "customer.contact.country is missing") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if f.count() != 0 || len(f.Temporal.Starts()) != 0 {
		t.Error("something was stored or started")
	}
}

func TestBadOrders(t *testing.T) {
	f := begin(t, outside.Options{})
	f.order(outside.NewCustomer)
	numbered := outside.Alter(t, outside.DomainOnly, `"vendorAccountId"`, `"number": "A-1", "vendorAccountId"`, `"domain": "shop"`, `"domain": "other"`)
	f.order(numbered)
	for name, c := range map[string]struct {
		body    string
		headers []string
		status  int
		kind    string
		detail  string
	}{
		"nothing":        {" ", nil, 400, "malformed", "empty"},
		"no JSON":        {"{", nil, 400, "malformed", "not JSON"},
		"an array":       {"[]", nil, 422, "order-refused", "must be an object"},
		"XML":            {"<methodCall/>", nil, 400, "malformed", "not JSON"},
		"deeply nested":  {strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40), nil, 400, "malformed", "deeper"},
		"two documents":  {outside.NewCustomer + "{}", nil, 400, "malformed", "data follows"},
		"too large":      {`{"number":"` + strings.Repeat("x", 1<<20) + `"}`, nil, 413, "too-large", "1048576 bytes"},
		"another type":   {outside.NewCustomer, []string{"Content-Type", "text/plain"}, 415, "media-type", "application/json"},
		"unknown plan":   {strings.Replace(outside.DomainOnly, `"planId": 5`, `"planId": 99`, 1), nil, 422, "order-refused", "planId 99 is not in the plan catalog"},
		"no such TLD":    {strings.Replace(outside.DomainOnly, `"planId": 5`, `"planId": 7`, 1), nil, 422, "order-refused", `"nowhere", which is not configured`},
		"domain is open": {outside.DomainOnly, nil, 409, "domain-open", "shop.example is in open order DP00000001"},
		"number is used": {strings.Replace(numbered, `"other"`, `"another"`, 1), nil, 409, "number-taken", "A-1"},
		"empty key":      {outside.HostingOnly, []string{"Idempotency-Key", ""}, 400, "bad-parameter", "Idempotency-Key"},
		"long key":       {outside.HostingOnly, []string{"Idempotency-Key", strings.Repeat("k", 201)}, 400, "bad-parameter", "Idempotency-Key"},
		"odd key":        {outside.HostingOnly, []string{"Idempotency-Key", "a b"}, 400, "bad-parameter", "Idempotency-Key"},
	} {
		got := f.order(c.body, c.headers...)
		p := got.problem(t)
		if got.status != c.status || p.Type != "urn:domainprovisioning:problem:"+c.kind || !strings.Contains(got.body, strings.ReplaceAll(c.detail, `"`, `\"`)) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if f.count() != 2 {
		t.Errorf("%d orders", f.count())
	}
}

func TestAnIdempotencyKey(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		once := []string{"Idempotency-Key", "click-1"}
		refused := f.order(strings.Replace(outside.DomainOnly, `"planId": 5`, `"planId": 99`, 1), once...)
		if refused.status != http.StatusUnprocessableEntity {
			t.Fatalf("%d %s", refused.status, refused.body)
		}
		first := f.order(outside.DomainOnly, once...)
		if first.status != http.StatusCreated {
			t.Fatalf("a refused order has used the key up: %d %s", first.status, first.body)
		}
		// The order ends; its repeat is still the same request and not a new order. The
		// answer shows the current state, and that it is repeated.
		if err := f.Store.CloseUnit(t.Context(), "DP00000001", 0, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		replayed := func(got reply) bool {
			return got.status == first.status && got.header.Get("Idempotent-Replayed") == "true" && strings.Contains(got.body, `"state":"done"`)
		}
		if again := f.order(outside.DomainOnly, once...); !replayed(again) || first.header.Get("Idempotent-Replayed") != "" {
			t.Errorf("%d %s, first %d %s", again.status, again.body, first.status, first.body)
		}
		other := f.order(strings.Replace(outside.DomainOnly, `"shop"`, `"other"`, 1), once...)
		if p := other.problem(t); other.status != http.StatusUnprocessableEntity || p.Type != "urn:domainprovisioning:problem:idempotency-key-reused" {
			t.Errorf("%d %s", other.status, other.body)
		}
		// Another caller uses the same key, and the same order comes under a new key.
		if got := f.send(http.MethodPost, "/v1/orders", f.keyOf("till"), outside.HostingOnly, once...); got.status != http.StatusCreated {
			t.Errorf("another caller's key: %d %s", got.status, got.body)
		}
		// An order that is known by its number comes with a key of its own.
		numbered := outside.Alter(t, outside.HostingOnly, `"vendorAccountId"`, `"number": "A-1", "vendorAccountId"`)
		f.order(numbered)
		existing := f.order(numbered, "Idempotency-Key", "click-2")
		if again := f.order(numbered, "Idempotency-Key", "click-2"); existing.status != http.StatusOK || again.status != http.StatusOK || again.body != existing.body {
			t.Errorf("%d %s, then %d %s", existing.status, existing.body, again.status, again.body)
		}
		// Under another key that has not been used it is a known order, which tells how it stands.
		if err := f.Store.CloseUnit(t.Context(), "shop:A-1", 0, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		known := f.order(numbered, "Idempotency-Key", "click-3")
		if known.status != http.StatusOK || known.header.Get("Idempotent-Replayed") != "" || !strings.Contains(known.body, `"state":"done"`) {
			t.Errorf("a new key for an order that is done: %d %s", known.status, known.body)
		}
		if f.count() != 3 {
			t.Errorf("%d orders", f.count())
		}
		// The client has changed its API key.
		_, next, err := f.Store.CreateAPIKey(t.Context(), "shop-2", "shop", store.Scopes(), "test")
		if err != nil {
			t.Fatal(err)
		}
		if got := f.send(http.MethodPost, "/v1/orders", next.Reveal(), outside.DomainOnly, once...); !replayed(got) {
			t.Errorf("after a change of API keys: %d %s", got.status, got.body)
		}
	})
}

// The repeat comes while the first request is in progress. It is told so, and later gets
// the first answer.
func TestARepeatOfWhatIsUnderWayIsToldSo(t *testing.T) {
	f := begin(t, outside.Options{})
	once := []string{"Idempotency-Key", "k"}
	inStart, goOn := make(chan struct{}), make(chan struct{})
	f.Temporal.OnStart(func() { close(inStart); <-goOn })
	first := make(chan reply, 1)
	go func() { first <- f.in(t).order(outside.DomainOnly, once...) }()
	select {
	case <-inStart:
	case answered := <-first:
		t.Fatalf("it was not started: %d %s", answered.status, answered.body)
	}
	// The order's unit is just being started, so its repeat does not ask Temporal.
	during := f.order(outside.DomainOnly, once...)
	close(goOn)
	if during.status != http.StatusConflict || during.problem(t).Type != "urn:domainprovisioning:problem:under-way" || during.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", during.status, during.body)
	}
	answered := <-first
	if again := f.order(outside.DomainOnly, once...); answered.status != http.StatusCreated || again.status != answered.status || again.body != answered.body {
		t.Errorf("%d %s, then %d %s", answered.status, answered.body, again.status, again.body)
	}
}

// An id of odd bytes is an order that does not exist, not trouble of the store.
func TestOddBytesAreNoTrouble(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		for path, status := range map[string]int{
			"/v1/orders/%00": 404, "/v1/orders/%ff": 404, "/v1/orders/a%00.example": 404, "/v1/orders?registrar=%00": 200,
			"/v1/orders?registrar=%ff": 200, "/v1/orders?domain=%00.example": 400,
			"/v1/orders?cursor=" + base64.RawURLEncoding.EncodeToString([]byte(`{"OrderNumber":"\u0000"}`)): 400,
		} {
			if got := f.get(path); got.status != status {
				t.Errorf("%s: %d %s", path, got.status, got.body)
			}
		}
	})
}

// TestAnAnswerWhileTemporalWasAwayIsRepeatedTruthfully: the repeat gets the status of the
// first answer and the current state of the order.
func TestAnAnswerWhileTemporalWasAwayIsRepeatedTruthfully(t *testing.T) {
	f := begin(t, outside.Options{})
	f.Temporal.SetDown(true)
	first := f.order(outside.DomainOnly, "Idempotency-Key", "k")
	f.Temporal.SetDown(false)
	if _, err := f.relay.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if again := f.order(outside.DomainOnly, "Idempotency-Key", "k"); first.status != http.StatusAccepted || again.status != first.status ||
		!strings.Contains(first.body, `"started":false`) || !strings.Contains(again.body, `"started":true`) {
		t.Errorf("%d %s, first %d %s", again.status, again.body, first.status, first.body)
	}
}

func TestOrdersAreListedInPages(t *testing.T) {
	f := begin(t, outside.Options{})
	for n := range 5 {
		f.order(outside.Alter(t, outside.DomainOnly, `"domain": "shop"`, fmt.Sprintf(`"domain": "shop%d"`, n)))
	}
	var seen []string
	path := "/v1/orders?limit=2&registrar=" + outside.Account
	for cursor := ""; ; {
		got := f.get(path + "&cursor=" + cursor)
		if cursor == "" {
			got = f.get(path)
		}
		var page desk.Page
		got.decode(t, &page)
		for _, unit := range page.Orders {
			seen = append(seen, unit.Domain)
		}
		if page.Next == "" {
			break
		}
		cursor = url.QueryEscape(page.Next)
	}
	if got := strings.Join(seen, " "); got != "shop4.example shop3.example shop2.example shop1.example shop0.example" {
		t.Errorf("seen %s", got)
	}
	for query, count := range map[string]int{
		"": 5, "step=1": 5, "step=2": 0, "reason=balance": 0, "text=OP3": 1, "text=DP00000002": 1, "olderThan=24h": 0, "state=running": 5, "domain=shop3.example": 1, "domain=SHOP3.example.": 1, "state=open": 5, "state=done": 0, "registrar=none": 0,
	} {
		var page desk.Page
		f.get("/v1/orders?"+query).decode(t, &page)
		if len(page.Orders) != count || page.Orders == nil {
			t.Errorf("%s: %d orders, want %d", query, len(page.Orders), count)
		}
	}
	for query, field := range map[string]string{
		"limit=0": "limit", "limit=1001": "limit", "limit=x": "limit", "state=odd": "state", "domain=a..b": "domain", "cursor=%21": "cursor",
		"sort=up": "unknown", "step=x": "step", "step=0": "step", "olderThan=old": "olderThan", "olderThan=-1h": "olderThan", "olderThan=0s": "olderThan", "reason=%00": "reason", "text=%ff": "text", "state=open&state=done": "state",
	} {
		if got := f.get("/v1/orders?" + query); got.status != http.StatusBadRequest || !strings.Contains(got.problem(t).Detail, field) {
			t.Errorf("%s: %d %s", query, got.status, got.body)
		}
	}
}

func TestHowAnOrderStands(t *testing.T) {
	f := begin(t, outside.Options{})
	f.order(outside.NewCustomer)
	f.Temporal.Show("domain-provisioning/shop.example", messages.Progress{
		OrderNumber: "DP00000001", State: messages.NeedsAttention, Step: 6,
		Attention: &messages.Attention{Step: 6, Reason: messages.ReasonBalance, Actions: []messages.Action{"retry"}},
	})
	for _, id := range []string{"DP00000001", "shop.example", "SHOP.example"} {
		var order gateway.Order
		got := f.get("/v1/orders/" + id)
		got.decode(t, &order)
		if got.status != http.StatusOK || order.Number != "DP00000001" || order.Units[0].Progress.Attention.Reason != messages.ReasonBalance ||
			order.Units[0].State != messages.NeedsAttention || order.Units[0].Reason != "balance" || order.Units[0].Step != 6 {
			t.Errorf("%s: %d %s", id, got.status, got.body)
		}
	}
	for _, id := range []string{"DP00000009", "other.example", "a..b", "%00", strings.Repeat("x", 300), "..%2F..%2Fetc"} {
		if got := f.get("/v1/orders/" + id); got.status != http.StatusNotFound || got.problem(t).Type == "" {
			t.Errorf("%s: %d %s", id, got.status, got.body)
		}
	}
	f.Temporal.SetDown(true)
	var order gateway.Order
	got := f.get("/v1/orders/DP00000001")
	got.decode(t, &order)
	if got.status != http.StatusOK || !order.Units[0].Unanswered || order.Units[0].Progress != nil || order.Units[0].State != messages.Running {
		t.Errorf("while nobody answers: %d %s", got.status, got.body)
	}
	var page desk.Page
	if f.get("/v1/orders").decode(t, &page); len(page.Orders) != 1 || !strings.Contains(page.Note, "Temporal does not answer") {
		t.Errorf("the list while Temporal is away: %+v", page)
	}
}

func TestCommandsAreChecked(t *testing.T) {
	f := begin(t, outside.Options{})
	f.order(outside.DomainOnly)
	two := outside.Alter(t, outside.DomainOnly, `"domain": "shop"`, `"domain": "one"`, `"items": [`,
		`"items": [{"id": 7, "planId": 5, "periodId": 1, "parentId": -1, "operation": "registration", "domain": "two", "transferKey": ""}, `)
	f.order(two)
	command := func(path, body string) reply { return f.send(http.MethodPost, "/v1/orders/"+path, f.operate, body) }
	for name, c := range map[string]struct {
		path, body string
		status     int
		want       string
	}{
		"unknown field":     {"DP00000001/retry", `{"reson": "x"}`, 400, "documented fields"},
		"wrong type":        {"DP00000001/retry", `{"reason": 7}`, 400, `"pointer":"/reason"`},
		"no object":         {"DP00000001/retry", `[]`, 400, "pointer"},
		"two objects":       {"DP00000001/confirm", `{}{}`, 400, "one JSON object"},
		"long price":        {"DP00000001/retry", `{"reason": "x", "acceptPrice": "` + strings.Repeat("1", 21) + `"}`, 400, `"pointer":"/acceptPrice"`},
		"too long":          {"DP00000001/retry", `{"reason": "` + strings.Repeat("x", 1001) + `"}`, 400, `"pointer":"/reason"`},
		"control character": {"DP00000001/confirm", `{"eventId": "a\u0007"}`, 400, `"pointer":"/eventId"`},
		"too large":         {"DP00000001/confirm", `{"eventId": "` + strings.Repeat("x", 70_000) + `"}`, 413, "65536"},
		"no such order":     {"DP00000099/confirm", ``, 404, "no-such-order"},
		"which unit":        {"DP00000002/confirm", ``, 409, "several-units"},
		"no such unit":      {"DP00000002/confirm", `{"domain": "three.example"}`, 404, "no-such-order"},
		"no such item":      {"DP00000002/confirm", `{"item": 9}`, 404, "no-such-order"},
	} {
		if got := command(c.path, c.body); got.status != c.status || !strings.Contains(got.body, c.want) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if signals := f.Temporal.Signals(); len(signals) != 0 {
		t.Errorf("%d signals", len(signals))
	}
	for _, c := range []struct{ path, body string }{
		{"DP00000001/confirm", `{"eventId": "e1", "claim": "done"}`}, {"DP00000001/confirm", `{"eventId": "e1"}`},
		// The same id for another order is another event.
		{"DP00000002/confirm", `{"domain": "TWO.example.", "eventId": "e1"}`}, {"DP00000002/confirm", `{"item": 0, "eventId": "e1"}`},
	} {
		var confirmed desk.Confirmed
		got := command(c.path, c.body)
		got.decode(t, &confirmed)
		if got.status != http.StatusOK || confirmed.State != "delivered" {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if signals := f.Temporal.Signals(); len(signals) != 3 || signals[1].WorkflowID != "domain-provisioning/two.example" ||
		signals[2].WorkflowID != "domain-provisioning/one.example" {
		t.Errorf("signals %+v", signals)
	}
}

// Nothing that was stored is lost if the caller goes away.
func TestAnOrderOutlivesItsCaller(t *testing.T) {
	f := begin(t, outside.Options{})
	ctx, leave := context.WithCancel(t.Context())
	f.Temporal.OnStart(leave)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.url+"/v1/orders", strings.NewReader(outside.NewCustomer))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+f.place)
	if answer, err := http.DefaultClient.Do(request); err == nil {
		answer.Body.Close()
	}
	if f.count() != 1 || len(f.Temporal.Starts()) != 1 {
		t.Errorf("%d orders, %d starts", f.count(), len(f.Temporal.Starts()))
	}
}
