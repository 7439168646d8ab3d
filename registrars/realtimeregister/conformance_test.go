package realtimeregister_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister"
	"domainprovisioning/registrars/registrarstest"
	"domainprovisioning/sandbox/standin/faults"
	standin "domainprovisioning/sandbox/standin/realtimeregister"
)

// TestConformance runs twice, because the test system has a top-level domain that
// answers at once, and one that does not.
func TestConformance(t *testing.T) {
	for _, tld := range []string{"sync", "async"} {
		t.Run(tld, func(t *testing.T) {
			registrarstest.Run(t, registrarstest.Subject{
				New: func(t testing.TB) (registrars.Registrar, registrarstest.World) {
					w := newWorld(t, tld)
					return w.plugin, w
				},
				Secrets:    []string{worldKey, worldAuthCode, worldHook},
				NotCarried: notCarried(), Joined: [][]string{{"firstName", "middleName", "lastName"}}, Language: "GER",
			})
		})
	}
}

// notCarried lists what the API has no member for.
func notCarried() map[string]string {
	return map[string]string{"*.title": "a contact has no member for a title", "*.extension": "a number has no extension"}
}

const (
	worldKey      = "conformance-api-key"
	worldAuthCode = "conformance-auth-code"
	worldHook     = "conformance-hook-key"
)

// world is the stand-in, and a plug-in that calls it.
type world struct {
	t       testing.TB
	tld     string
	asks    bool // the registry asks for properties
	standin *standin.Server
	plugin  *realtimeregister.RealtimeRegister
	url     string
	calls   atomic.Int64
	hook    chan registrars.Callback
}

// newWorld starts a world; changes modify the options of the stand-in.
func newWorld(t testing.TB, tld string, changes ...func(*standin.Options)) *world {
	t.Helper()
	options := standin.Options{
		Customer: "shopreseller", APIKey: worldKey,
		TLDs: map[string]standin.TLD{
			"sync": {
				Provider: "SyncRegistry", Acknowledge: true, TradePrice: 500, PrivacyPrice: 300, Properties: worldProperties(), Languages: []string{"FRE", "GER"},
			},
			"async": {Provider: "AsyncRegistry", Async: true, Properties: worldProperties(), Languages: []string{"FRE", "GER"}},
		},
	}
	w := &world{t: t, tld: tld, hook: make(chan registrars.Callback, 10)}
	receiver := httptest.NewServer(http.HandlerFunc(w.receive))
	t.Cleanup(receiver.Close)
	options.Webhook = standin.Webhook{URL: receiver.URL, Key: worldHook}
	for _, change := range changes {
		change(&options)
	}
	w.asks = len(options.TLDs[tld].Properties) > 0
	w.standin = standin.New(options)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.calls.Add(1)
		w.standin.ServeHTTP(rw, r)
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	server.Start()
	t.Cleanup(server.Close)
	w.url = server.URL
	w.plugin = w.another(func(*realtimeregister.Config) {})
	for _, role := range []string{"owner", "admin", "tech", "billing"} {
		w.standin.AddContact("old-" + role)
	}
	w.standin.AddTemplate("template-3")
	w.standin.AddTemplate("template-7")
	return w
}

// another returns another plug-in value for the account.
func (w *world) another(change func(*realtimeregister.Config)) *realtimeregister.RealtimeRegister {
	w.t.Helper()
	config := realtimeregister.Config{
		URL: w.url, Customer: "shopreseller", APIKey: domains.NewSecret(worldKey), Timeout: 10 * time.Second, RequestsPerSecond: 10000,
		WebhookKeys: []domains.Secret{domains.NewSecret(worldHook)},
	}
	change(&config)
	made, err := realtimeregister.New(config)
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

func jane(role registrars.Role) registrars.Contact {
	return registrars.Contact{Role: role, Details: domains.Contact{
		FirstName: "Jane", LastName: "Holder", Address1: "1 Holderstreet", City: "Sampleton", PostalCode: "10001",
		Country: "us", State: "NY", Email: "jane@holder.example", Phone: domains.Phone{CountryCode: "1", AreaCode: "212", Number: "5550100"},
	}}
}

// worldProperties are those that the registries of the world ask of a holder.
func worldProperties() []standin.Property {
	return []standin.Property{{Name: "taxId"}, {Name: "birthDate", Type: "Date"}}
}

func (w *world) Request(kind registrars.Kind, number int) registrars.Request {
	request := registrarstest.Request(kind, number, w.tld)
	for _, role := range kind.Roles() {
		contact := request.Contacts[role]
		contact.Domain = request.Domain
		if role == registrars.Owner && w.asks {
			contact.Extra = map[string]string{"taxId": "TAX-55", "birthDate": "1955-05-25"}
		}
		request.Contacts[role] = registrarstest.Keep(w.t, w.plugin, contact)
	}
	name, expires := request.Domain.String(), registrarstest.Expires()
	switch kind {
	case registrars.Registration:
	case registrars.Transfer:
		request.AuthCode = domains.NewSecret(worldAuthCode)
		w.standin.AddElsewhere(name, worldAuthCode, false)
	default:
		w.standin.AddDomain(standin.Domain{
			Name: name, Registrant: "old-owner", Zone: true, Created: expires.AddDate(-1, 0, 0), Expires: expires,
			Contacts: map[string]string{"ADMIN": "old-admin", "TECH": "old-tech", "BILLING": "old-billing"},
		})
	}
	if kind == registrars.Restore {
		w.standin.SetPhase(name, standin.Redemption)
	}
	return request
}

func (w *world) SetPhase(name domains.Name, phase registrars.Phase) bool {
	if phase == registrars.PhaseUnknown {
		w.standin.SetPhase(name.String(), standin.Active)
		w.standin.SetStatuses(name.String(), "DREAMING")
		return true
	}
	w.standin.SetPhase(name.String(), map[registrars.Phase]standin.Phase{
		registrars.PhaseActive: standin.Active, registrars.PhaseRenewGrace: standin.Expired, registrars.PhaseRedemption: standin.Redemption,
		registrars.PhasePendingDelete: standin.PendingDelete,
	}[phase])
	return true
}

func (w *world) GarbleDomain(name domains.Name) { w.standin.GarbleDomain(name.String()) }

// label is the stand-in's name for a change of the kind.
func label(kind registrars.Kind) string {
	return map[registrars.Kind]string{
		registrars.Registration: "create", registrars.Transfer: "transfer", registrars.Renewal: "renew", registrars.Restore: "restore", registrars.Deletion: "delete",
		registrars.OwnerChange: "update:registrant", registrars.ContactChange: "update:contacts", registrars.NameServerChange: "update:ns",
		registrars.AuthCodeChange: "update:authcode", registrars.DNSSECChange: "update:zone", registrars.ZoneReset: "update:zone",
		registrars.LockChange: "update:status", registrars.PrivacyChange: "update:privacyProtect", registrars.AutoRenewalChange: "update:autoRenew",
	}[kind]
}

// method is the call that makes a change of the kind.
func method(kind registrars.Kind) string {
	switch kind {
	case registrars.Registration, registrars.Transfer, registrars.Renewal, registrars.Restore, registrars.Deletion:
		return map[registrars.Kind]string{
			registrars.Registration: "domains.create", registrars.Transfer: "domains.transfer",
			registrars.Renewal: "domains.renew", registrars.Restore: "domains.restore", registrars.Deletion: "domains.delete",
		}[kind]
	}
	return "domains.update"
}

func (w *world) Effects(kind registrars.Kind, name domains.Name) int {
	return w.standin.Count(label(kind), name.String())
}

func (w *world) Break(kind registrars.Kind, fault registrarstest.Fault) bool {
	return w.breakCall(method(kind), fault)
}

func (w *world) breakCall(name string, fault registrarstest.Fault) bool {
	known, ok := map[registrarstest.Fault]faults.Kind{
		registrarstest.CutBefore: faults.CutBefore, registrarstest.CutAfter: faults.CutAfter, registrarstest.Malformed: faults.Malformed,
		registrarstest.HTTPError: faults.HTTPError, registrarstest.RateLimited: faults.RateLimit, registrarstest.UnknownStatus: faults.UnknownStatus,
	}[fault]
	if ok {
		w.standin.Faults.Add(faults.Fault{Method: name, Kind: known, Times: 1})
	}
	return ok
}

func (w *world) Hosts(name string) int { return w.standin.Count("host:create", name) }

func (w *world) BreakHost(fault registrarstest.Fault) bool { return w.breakCall("hosts.create", fault) }

func (w *world) Calls() int { return int(w.calls.Load()) }

func (w *world) Hold(name domains.Name) bool {
	w.standin.SetBehaviour(name.String(), standin.Behaviour{Manual: true})
	return true
}

func (w *world) HoldFast(name domains.Name) {
	w.standin.SetBehaviour(name.String(), standin.Behaviour{Manual: true, NoCancel: true})
}

func (w *world) Withdraws(registrars.Kind) bool { return true }

func (w *world) Finish(name domains.Name) error { return w.standin.Complete(name.String()) }

func (w *world) Garble(name domains.Name) error { return w.standin.Garble(name.String()) }

// Announce completes a registration, of which the registrar sends a notification.
func (w *world) Announce(number int) domains.Name {
	w.t.Helper()
	request := w.Request(registrars.Registration, number)
	w.Hold(request.Domain)
	if _, err := w.plugin.Submit(w.t.Context(), request); err != nil {
		w.t.Fatal(err)
	}
	if err := w.Finish(request.Domain); err != nil {
		w.t.Fatal(err)
	}
	return request.Domain
}

// AnnounceAccount has the registrar warn of the balance.
func (w *world) AnnounceAccount(length int) { w.standin.WarnOfBalance(strings.Repeat("é", length/2)) }

// Callback returns the webhook that the stand-in pushes.
func (w *world) Callback(number int) (registrars.Callback, domains.Name) {
	w.t.Helper()
	name := w.Announce(number)
	ctx, stop := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer stop()
	go w.standin.Push(ctx)
	select {
	case callback := <-w.hook:
		return callback, name
	case <-ctx.Done():
		w.t.Fatal("nothing was pushed")
		return registrars.Callback{}, name
	}
}

// Sign returns a signed callback with any body.
func (w *world) Sign(body []byte) registrars.Callback {
	return registrars.Callback{
		Method: http.MethodPost, Header: http.Header{"Signature": {standin.Sign(worldHook, body, standin.BlankHex)}}, Body: body, ReceivedAt: time.Now(),
	}
}

// receive is our end of the webhook.
func (w *world) receive(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		rw.WriteHeader(http.StatusBadRequest)
		return
	}
	w.hook <- registrars.Callback{Method: r.Method, Header: r.Header, Body: body, ReceivedAt: time.Now()}
}

// wantClass fails the test for an error of another class.
func wantClass(t testing.TB, err error, want registrars.Class) *registrars.Error {
	t.Helper()
	e, ok := errors.AsType[*registrars.Error](err)
	if !ok {
		t.Fatalf("got %v, want class %s", err, want)
	}
	if e.Class != want {
		t.Errorf("class %s, want %s: %v (%s)", e.Class, want, err, e.Detail)
	}
	return e
}

func (w *world) Price(_ registrars.Kind, name domains.Name, cents int64) string {
	w.standin.SetPrice(name.String(), cents)
	return "EUR"
}
