package gateway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// callbackRequest is a callback that is not sent yet.
type callbackRequest struct {
	path   string
	method string
	header http.Header
	body   string
}

func (f *fixture) signed(event, body string) callbackRequest {
	return callbackRequest{
		path: "/v1/registrars/" + outside.Account + "/callbacks", method: http.MethodPost,
		header: f.webhook.Sign(event, f.now(), []byte(body)), body: body,
	}
}

func (f *fixture) now() time.Time { return time.Now() }

func (f *fixture) callback(c callbackRequest) reply {
	f.t.Helper()
	var headers []string
	for name := range c.header {
		headers = append(headers, name, c.header.Get(name))
	}
	return f.send(c.method, c.path, "", c.body, headers...)
}

const done = `{"type":"registrar.operation","timestamp":"2026-01-02T03:04:05Z","data":{"domain":"shop.example","reference":"101","status":"done"}}`

func (f *fixture) inbox() []store.Confirmation {
	f.t.Helper()
	rows, err := f.Store.Confirmations(f.t.Context(), store.ConfirmationFilter{})
	if err != nil {
		f.t.Fatal(err)
	}
	return rows
}

func TestASignedCallbackIsStoredAndDelivered(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.order(outside.NewCustomer)
		for n, want := range []string{`{"known":false}`, `{"known":true}`, `{"known":true}`} {
			got := f.callback(f.signed("event-1", done))
			if got.status != http.StatusOK || strings.TrimSpace(got.body) != want {
				t.Errorf("delivery %d: %d %s", n, got.status, got.body)
			}
		}
		for range 2 {
			if _, err := f.relay.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		rows := f.inbox()
		if len(rows) != 1 || rows[0].EventID != outside.Account+"/event-1" || rows[0].State != store.Delivered || rows[0].Claim != "done" {
			t.Errorf("the inbox has %+v", rows)
		}
		if signals := f.Temporal.Signals(); len(signals) != 1 || signals[0].Confirmation.Source != "callback" {
			t.Errorf("signals %+v", signals)
		}
	})
}

// Scenario callback-first: before its order, while Temporal is away, before its start.
func TestACallbackBeforeItsOrder(t *testing.T) {
	f := begin(t, outside.Options{})
	if got := f.callback(f.signed("early", done)); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if _, err := f.relay.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rows := f.inbox(); rows[0].State != store.Unmatched {
		t.Errorf("the inbox has %+v", rows)
	}
	f.order(outside.NewCustomer)
	if matched, err := f.Store.Rematch(t.Context(), time.Hour, time.Hour); err != nil || matched != 1 {
		t.Errorf("%d matched, %v", matched, err)
	}
	if _, err := f.relay.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if signals := f.Temporal.Signals(); len(signals) != 1 {
		t.Errorf("%d signals", len(signals))
	}
}

func TestCallbacksThatAreNotTaken(t *testing.T) {
	f := begin(t, outside.Options{})
	f.order(outside.NewCustomer)
	other, err := gateway.NewWebhook(domains.NewSecret(gateway.NewWebhookSecret()))
	if err != nil {
		t.Fatal(err)
	}
	change := func(change func(*callbackRequest)) callbackRequest {
		c := f.signed("event-1", done)
		change(&c)
		return c
	}
	resigned := func(at time.Time, body string) callbackRequest {
		return change(func(c *callbackRequest) {
			c.header, c.body = f.webhook.Sign("event-1", at, []byte(body)), body
		})
	}
	for name, c := range map[string]struct {
		request callbackRequest
		status  int
	}{
		"tampered body":      {change(func(c *callbackRequest) { c.body = strings.Replace(c.body, "shop", "shoq", 1) }), 401},
		"tampered id":        {change(func(c *callbackRequest) { c.header.Set("Webhook-Id", "event-2") }), 401},
		"tampered timestamp": {change(func(c *callbackRequest) { c.header.Set("Webhook-Timestamp", "1") }), 401},
		"without signature":  {change(func(c *callbackRequest) { c.header.Del("Webhook-Signature") }), 401},
		"without id":         {change(func(c *callbackRequest) { c.header.Del("Webhook-Id") }), 401},
		"unsigned":           {change(func(c *callbackRequest) { c.header = http.Header{} }), 401},
		"another version": {change(func(c *callbackRequest) {
			c.header.Set("Webhook-Signature", "v1a,"+c.header.Get("Webhook-Signature")[3:])
		}), 401},
		"another's secret":    {change(func(c *callbackRequest) { c.header = other.Sign("event-1", time.Now(), []byte(done)) }), 401},
		"no base64":           {change(func(c *callbackRequest) { c.header.Set("Webhook-Signature", "v1,%%%") }), 401},
		"too old":             {resigned(time.Now().Add(-6*time.Minute), done), 400},
		"from the future":     {resigned(time.Now().Add(6*time.Minute), done), 400},
		"no JSON":             {resigned(time.Now(), "{"), 400},
		"another event":       {resigned(time.Now(), `{"type":"user.created","data":{"domain":"shop.example"}}`), 400},
		"about nothing":       {resigned(time.Now(), `{"type":"registrar.operation","data":{"status":"done"}}`), 400},
		"no domain name":      {resigned(time.Now(), `{"type":"registrar.operation","data":{"domain":"a b"}}`), 400},
		"odd reference":       {resigned(time.Now(), `{"type":"registrar.operation","data":{"reference":"a b"}}`), 400},
		"too large":           {change(func(c *callbackRequest) { c.body = strings.Repeat("x", registrars.MaxCallback+1) }), 413},
		"unknown account":     {change(func(c *callbackRequest) { c.path = "/v1/registrars/nobody/callbacks" }), 404},
		"without a secret":    {change(func(c *callbackRequest) { c.path = "/v1/registrars/silent/callbacks" }), 404},
		"GET is not its form": {change(func(c *callbackRequest) { c.method = http.MethodGet }), 405},
		"PUT is nobody's":     {change(func(c *callbackRequest) { c.method = http.MethodPut }), 405},
	} {
		got := f.callback(c.request)
		p := got.problem(t)
		if got.status != c.status || (got.status == http.StatusMethodNotAllowed && got.header.Get("Allow") == "") {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if signature := c.request.header.Get("Webhook-Signature"); len(signature) > 10 && strings.Contains(got.body+f.log.String(), signature[3:]) ||
			strings.Contains(got.body+f.log.String(), webhookSecret) || strings.Contains(p.Detail, "shop") {
			t.Errorf("%s: a secret or the body is in the answer or the log", name)
		}
	}
	if rows := f.inbox(); len(rows) != 0 {
		t.Errorf("the inbox has %+v", rows)
	}
}

// The sender changes to a new secret: both are accepted, and it may sign with both.
func TestSecretsRotate(t *testing.T) {
	f := begin(t, outside.Options{})
	old, err := gateway.NewWebhook(domains.NewSecret(oldSecret))
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := gateway.NewWebhook(domains.NewSecret(gateway.NewWebhookSecret()))
	if err != nil {
		t.Fatal(err)
	}
	c := f.signed("by-old", done)
	c.header = old.Sign("by-old", time.Now(), []byte(done))
	if got := f.callback(c); got.status != http.StatusOK {
		t.Errorf("the old secret: %d %s", got.status, got.body)
	}
	at := time.Now()
	c.header = f.webhook.Sign("by-both", at, []byte(done))
	foreign := stranger.Sign("by-both", at, []byte(done)).Get("Webhook-Signature")
	c.header.Set("Webhook-Signature", foreign+" v1a,x "+c.header.Get("Webhook-Signature"))
	if got := f.callback(c); got.status != http.StatusOK {
		t.Errorf("several signatures: %d %s", got.status, got.body)
	}
	if rows := f.inbox(); len(rows) != 2 {
		t.Errorf("the inbox has %+v", rows)
	}
}

// This is the example of the Standard Webhooks specification.
func TestTheExampleOfTheSpecification(t *testing.T) {
	webhook, err := gateway.NewWebhook(domains.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
	if err != nil {
		t.Fatal(err)
	}
	header := webhook.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if got := header.Get("Webhook-Signature"); got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("got %s", got)
	}
}

func TestWebhookSecretsAreChecked(t *testing.T) {
	for name, secret := range map[string]string{
		"none": "", "no prefix": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "no base64": "whsec_%", "too short": "whsec_aHVudGVyMg==",
	} {
		if _, err := gateway.NewWebhook(domains.NewSecret(secret)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// The notice of a decoder that breaks its promise does not reach the inbox.
type oddDecoder struct{ notice registrars.Notice }

func (d oddDecoder) DecodeCallback(registrars.Callback) (registrars.Notice, error) {
	return d.notice, nil
}

func TestADecoderIsHeldToItsPromise(t *testing.T) {
	for name, c := range map[string]struct {
		notice registrars.Notice
		status int
	}{
		"no id":         {registrars.Notice{Reference: "1"}, 400},
		"a long id":     {registrars.Notice{ID: strings.Repeat("x", 201)}, 400},
		"a line in it":  {registrars.Notice{ID: "a\nb"}, 400},
		"odd reference": {registrars.Notice{ID: "a", Reference: "ü"}, 400},
		"sane":          {registrars.Notice{ID: "a", Reference: "1"}, 200},
	} {
		f := begin(t, outside.Options{}, func(o *gateway.Options) { o.Decoders["odd"] = oddDecoder{c.notice} })
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if got := f.send(method, "/v1/registrars/odd/callbacks", "", ""); got.status != c.status {
				t.Errorf("%s: %d %s", name, got.status, got.body)
			}
		}
	}
}

// What a registrar writes about its account by callback is in the inbox without its words, which are
// for those who operate for all clients.
func TestACallbackAboutTheAccountIsReadByReference(t *testing.T) {
	f := begin(t, outside.Options{}, func(o *gateway.Options) {
		o.Decoders["odd"] = oddDecoder{registrars.Notice{ID: "9", Account: registrars.AccountFunds, Claim: "WARNING", Text: "Jane, your balance is low."}}
	})
	for n, want := range []string{`{"known":false}`, `{"known":true}`} {
		if got := f.send(http.MethodPost, "/v1/registrars/odd/callbacks", "", ""); got.status != http.StatusOK || !strings.Contains(strings.ReplaceAll(got.body, " ", ""), want) {
			t.Errorf("time %d: %d %s", n, got.status, got.body)
		}
	}
	rows, err := f.Store.Confirmations(t.Context(), store.ConfirmationFilter{Account: "odd"})
	if err != nil || len(rows) != 1 || rows[0].Quote == "" {
		t.Fatalf("%+v, %v", rows, err)
	}
	got := f.getAll("/v1/inbox?state=account")
	var inbox gateway.Inbox
	if got.decode(t, &inbox); len(inbox.Reports) != 1 || inbox.Reports[0].Quote != rows[0].Quote || inbox.Reports[0].State != "account" || inbox.Reports[0].Matter != "funds" || inbox.Reports[0].SeenAt == nil || strings.Contains(got.body, "Jane") {
		t.Errorf("%s", got.body)
	}
	if got := f.getAll("/v1/quotes/" + rows[0].Quote); got.status != http.StatusOK || !strings.Contains(got.body, "Jane, your balance is low.") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func FuzzCallback(fuzz *testing.F) {
	f := begin(fuzz, outside.Options{})
	fuzz.Add("event-1", done)
	fuzz.Add("", "{")
	fuzz.Add("x y", `{"type":"registrar.operation","data":{"domain":"`+strings.Repeat("a.", 200)+`"}}`)
	fuzz.Fuzz(func(t *testing.T, event, body string) {
		header := f.webhook.Sign(event, time.Now(), []byte(body))
		for name := range header {
			if strings.ContainsFunc(header.Get(name), func(c rune) bool { return c < ' ' || c > '~' }) {
				t.Skip("not a header")
			}
		}
		got := f.in(t).callback(callbackRequest{"/v1/registrars/" + outside.Account + "/callbacks", http.MethodPost, header, body})
		switch got.status {
		case http.StatusOK, http.StatusBadRequest, http.StatusUnauthorized, http.StatusRequestEntityTooLarge:
		default:
			t.Errorf("status %d: %s", got.status, got.body)
		}
	})
}
