package page_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

const shopWorkflow = "domain-provisioning/shop.example"

// office is a gateway with its desk page, over real HTTP in a world of stand-ins.
type office struct {
	*outside.World

	t     *testing.T
	clock *outside.Clock
	url   string
	log   *outside.Output
	keys  map[string]string
}

func begin(t *testing.T, changes ...func(*gateway.Options)) *office {
	t.Helper()
	clock := outside.NewClock()
	o := &office{World: outside.New(t, outside.Options{Now: clock.Now}), t: t, clock: clock, log: &outside.Output{}, keys: map[string]string{}}
	log := slog.New(slog.NewTextHandler(o.log, nil))
	o.World.Intake.Log = log
	for name, scopes := range map[string][]store.Scope{
		"reader": {store.ScopeRead, store.ScopeAll}, "helper": {store.ScopeRead, store.ScopeOperate, store.ScopeAll}, "chief": store.Scopes(),
		"shop": {store.ScopePlace, store.ScopeRead}, "feeder": {store.ScopePlace, store.ScopeAll},
	} {
		_, secret, err := o.Store.CreateAPIKey(t.Context(), name, "", scopes, "test")
		if err != nil {
			t.Fatal(err)
		}
		o.keys[name] = secret.Reveal()
	}
	options := gateway.Options{
		Desk: &desk.Desk{
			Store: o.Store, Temporal: o.Temporal, Intake: o.World.Intake, WebUI: "https://ui.example/namespaces/default",
			WatchEvery: map[string]time.Duration{outside.Account: 10 * time.Minute},
		},
		Nudge: func() {}, Log: log, TemporalUp: func(context.Context) error { return nil },
		RequestsPerSecond: 1e6, Burst: 1e6, EventStreams: 8, RequestTimeout: 10 * time.Second, Now: clock.Now,
	}
	for _, change := range changes {
		change(&options)
	}
	server := httptest.NewServer(gateway.New(options))
	t.Cleanup(server.Close)
	o.url = server.URL
	return o
}

// browser keeps a session's cookie, and follows no redirection.
type browser struct {
	*office

	cookie *http.Cookie
	header http.Header
}

// shown is an answer.
type shown struct {
	status int
	header http.Header
	body   string
}

func (o *office) anonymous() *browser { return &browser{office: o, header: http.Header{}} }

// as logs in with a key.
func (o *office) as(name string) *browser {
	o.t.Helper()
	b := o.anonymous()
	if got := b.post("/desk/login", "key", o.keys[name]); got.status != http.StatusSeeOther || b.cookie == nil {
		o.t.Fatalf("%s: %d %s", name, got.status, got.body)
	}
	return b
}

func (b *browser) send(method, path string, form url.Values) shown {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header = b.header.Clone()
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if b.cookie != nil {
		request.AddCookie(b.cookie)
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, cookie := range answer.Cookies() {
		b.cookie = cookie
	}
	return shown{answer.StatusCode, answer.Header, string(content)}
}

func (b *browser) get(path string) shown { b.t.Helper(); return b.send(http.MethodGet, path, nil) }

// post sends a form; fields alternates names and values.
func (b *browser) post(path string, fields ...string) shown {
	b.t.Helper()
	form := url.Values{}
	for n := 0; n < len(fields); n += 2 {
		form.Set(fields[n], fields[n+1])
	}
	return b.send(http.MethodPost, path, form)
}

// sees gets a page that must hold these texts.
func (b *browser) sees(path string, texts ...string) shown {
	b.t.Helper()
	got := b.get(path)
	if got.status != http.StatusOK {
		b.t.Fatalf("%s: %d %s", path, got.status, got.body)
	}
	got.holds(b.t, texts...)
	return got
}

func (s shown) holds(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(s.body, text) {
			t.Errorf("the page lacks %q:\n%s", text, s.body)
		}
	}
}

func (s shown) lacks(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(s.body, text) {
			t.Errorf("the page holds %q:\n%s", text, s.body)
		}
	}
}

var idField = regexp.MustCompile(`name="id" value="([A-Z2-7]{26})"`)

// formID gets a form and returns its id.
func (b *browser) formID(path string) string {
	b.t.Helper()
	got := b.sees(path)
	match := idField.FindStringSubmatch(got.body)
	if match == nil {
		b.t.Fatalf("%s has no form: %s", path, got.body)
	}
	return match[1]
}

// parked places an order of a new customer and parks it at step 6.
func (o *office) parked(reason messages.Reason, message string, actions ...messages.Action) string {
	o.t.Helper()
	placed := o.Place(o.t, outside.NewCustomer)
	number := placed.Number
	since := o.clock.Now()
	o.Temporal.Show(shopWorkflow, messages.Progress{
		OrderNumber: number, Domain: "shop.example", Registrar: outside.Account, State: messages.NeedsAttention, Step: 6,
		Steps: []messages.StepProgress{
			{Number: 1, Title: "Create account", State: messages.StepDone, Note: "account 1048576", StartedAt: since, FinishedAt: since},
			{Number: 6, Title: "Register the domain", State: messages.StepParked, StartedAt: since},
		},
		Attention: &messages.Attention{Step: 6, Reason: reason, Message: message, Since: since, Actions: actions}, Actions: actions,
		Amendable: []messages.Change{messages.ChangeCustomer, messages.ChangeContacts, messages.ChangeNameServers, messages.ChangeTransferKey},
	})
	err := o.Store.RecordState(o.t.Context(), store.StateChange{
		OrderNumber: number, Item: placed.Units[0].Item, At: since, State: messages.NeedsAttention, Step: 6, Reason: string(reason),
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return number
}

// acts returns the record of acts, each as "actor via command outcome".
func (o *office) acts() []string {
	o.t.Helper()
	acts, err := o.Store.Acts(o.t.Context(), store.ActFilter{})
	if err != nil {
		o.t.Fatal(err)
	}
	var all []string
	for _, act := range acts {
		all = append(all, strings.Join([]string{act.Actor, act.Via, act.Command, string(act.Outcome)}, " "))
	}
	return all
}

// sprint prints a command with the names of its fields.
func sprint(command any) string { return fmt.Sprintf("%+v", command) }
