package example_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/registrarstest"
	"domainprovisioning/registrars/registrarstest/example"
	standin "domainprovisioning/sandbox/standin/example"
	"domainprovisioning/sandbox/standin/faults"
)

const (
	login = "4711"
	key   = "example-key"
)

// world is the stand-in as the suite's World.
type world struct {
	*standin.Server

	plugin registrars.Registrar
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{Server: standin.New(standin.Options{Login: login, Key: key})}
	server := httptest.NewUnstartedServer(w.Server)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	server.Start()
	t.Cleanup(server.Close)
	var err error
	w.plugin, err = example.Plugin().Settings().Open(account(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func account(url string) registrars.Account {
	return registrars.Account{URL: url, Login: login, Password: domains.NewSecret(key), Timeout: 10 * time.Second}
}

func TestConformance(t *testing.T) {
	registrarstest.Run(t, registrarstest.Subject{
		New: func(t testing.TB) (registrars.Registrar, registrarstest.World) {
			w := newWorld(t)
			return w.plugin, w
		},
		Secrets:    []string{key, "123456789"},
		NotCarried: notCarried(), Joined: joined(),
	})
}

// notCarried and joined say what becomes of fields that the API has not, as docs/adding-a-registrar.md
// shows.
func notCarried() map[string]string {
	return map[string]string{
		"admin.*":     "an order has a holder and no other contact",
		"tech.*":      "an order has a holder and no other contact",
		"billing.*":   "an order has a holder and no other contact",
		"owner.title": "a holder has no field for a title", "owner.state": "a holder has no field for a state",
		"owner.fax": "a holder has no field for a fax", "owner.*.extension": "a number has no extension",
		"language": "an order has no field for a language",
	}
}

func joined() [][]string {
	return [][]string{{"firstName", "middleName", "lastName"}, {"address1", "address2"}}
}

// Request implements registrarstest.World.
func (w *world) Request(kind registrars.Kind, number int) registrars.Request {
	request := registrarstest.Request(kind, number, "boutique")
	if kind != registrars.Registration {
		w.AddName(request.Domain.String(), "ours", "ns1.old.example", "ns2.old.example")
		return request
	}
	owner := request.Contacts[registrars.Owner]
	owner.Extra = map[string]string{"taxId": "123456789", "profession": "Juggler"}
	request.Contacts[registrars.Owner] = owner
	return request
}

func typeOf(kind registrars.Kind) string {
	if kind == registrars.Registration {
		return "register"
	}
	return "delegate"
}

// Effects implements registrarstest.World.
func (w *world) Effects(kind registrars.Kind, name domains.Name) int {
	return w.Count(typeOf(kind), name.String())
}

// Arrived implements registrarstest.World from the newest order.
func (w *world) Arrived(kind registrars.Kind, name domains.Name) (registrars.Request, bool) {
	for _, o := range slices.Backward(w.Orders()) {
		if o.Type != typeOf(kind) || o.Name != name.String() {
			continue
		}
		return registrars.Request{Years: o.Years, NameServers: o.Servers, Contacts: map[registrars.Role]registrars.Contact{
			registrars.Owner: {Extra: o.Extra, Details: domains.Contact{
				FirstName: o.Holder["name"], Organisation: o.Holder["organisation"], Address1: o.Holder["street"],
				PostalCode: o.Holder["postalCode"], City: o.Holder["city"], Country: o.Holder["country"],
				Phone: domains.Phone{Number: o.Holder["phone"]}, Email: o.Holder["email"],
			}},
		}}, true
	}
	return registrars.Request{}, false
}

// Break implements registrarstest.World. It has no fault for ended sessions, because
// there are no sessions.
func (w *world) Break(_ registrars.Kind, fault registrarstest.Fault) bool {
	kind, ok := map[registrarstest.Fault]faults.Kind{
		registrarstest.CutBefore: faults.CutBefore, registrarstest.CutAfter: faults.CutAfter, registrarstest.Malformed: faults.Malformed,
		registrarstest.HTTPError: faults.HTTPError, registrarstest.RateLimited: faults.RateLimit, registrarstest.UnknownStatus: faults.UnknownStatus,
	}[fault]
	if ok {
		w.Faults.Add(faults.Fault{Method: "orders.create", Kind: kind})
	}
	return ok
}

// Calls implements registrarstest.World.
func (w *world) Calls() int { return w.Server.Calls("") }

// Hold implements registrarstest.World.
func (w *world) Hold(name domains.Name) bool {
	w.Server.Hold(name.String())
	return true
}

// Finish implements registrarstest.World.
func (w *world) Finish(name domains.Name) error { return w.Complete(name.String()) }

// Garble implements registrarstest.GarblingWorld.
func (w *world) Garble(name domains.Name) error { return w.Server.Garble(name.String()) }

// class checks the class and the field of an error.
func class(t *testing.T, err error, want registrars.Class, field string) {
	t.Helper()
	if e, ok := registrars.AsError(err); !ok || e.Class != want || e.Field != field {
		t.Errorf("got %v, want %s of %q", err, want, field)
	}
}

// TestRefusalsHaveAClass: each refusal by its word, with its field if the registrar names
// one.
func TestRefusalsHaveAClass(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*world, *registrars.Request)
		class  registrars.Class
		field  string
	}{
		"taken meanwhile": {func(w *world, r *registrars.Request) { w.AddName(r.Domain.String(), "taken") }, registrars.ClassUnavailable, ""},
		"not sold": {func(_ *world, r *registrars.Request) {
			r.Domain, r.TLD = domains.MustParseName("d1.unsold"), "unsold"
		}, registrars.ClassRejected, ""},
		"a holder whom the registry refuses": {func(w *world, _ *registrars.Request) { w.RefuseHolder("olga@holder.example") }, registrars.ClassInvalid, "owner"},
		"no tax id": {func(_ *world, r *registrars.Request) {
			owner := r.Contacts[registrars.Owner]
			owner.Extra = nil
			r.Contacts[registrars.Owner] = owner
		}, registrars.ClassInvalid, "owner.extra"},
		"too many years": {func(_ *world, r *registrars.Request) { r.Years = 11 }, registrars.ClassInvalid, "years"},
		"no owner":       {func(_ *world, r *registrars.Request) { r.Contacts = nil }, registrars.ClassInvalid, "owner"},
		"no key":         {func(_ *world, r *registrars.Request) { r.Key = "" }, registrars.ClassInvalid, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			request := w.Request(registrars.Registration, 1)
			c.change(w, &request)
			_, err := w.plugin.Submit(t.Context(), request)
			class(t, err, c.class, c.field)
			if orders := w.Orders(); len(orders) != 0 {
				t.Errorf("orders %+v", orders)
			}
		})
	}
}

// TestAKeyThatIsRefused: a refused key concerns the account, not the request.
func TestAKeyThatIsRefused(t *testing.T) {
	w := newWorld(t)
	server := httptest.NewServer(w.Server)
	t.Cleanup(server.Close)
	wrong := account(server.URL)
	wrong.Password = domains.NewSecret("another")
	plugin, err := example.Plugin().Settings().Open(wrong)
	if err != nil {
		t.Fatal(err)
	}
	class(t, plugin.Check(t.Context(), w.Request(registrars.Registration, 1)), registrars.ClassAuth, "")
}

// TestAProxySaysNothing: a 4xx status without a word of the API is not a refusal.
func TestAProxySaysNothing(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<html>forbidden</html>", http.StatusForbidden)
	}))
	t.Cleanup(server.Close)
	plugin, err := example.Plugin().Settings().Open(account(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	request := newWorld(t).Request(registrars.Registration, 1)
	_, err = plugin.Submit(t.Context(), request)
	class(t, err, registrars.ClassOutcomeUnknown, "")
	class(t, plugin.Check(t.Context(), request), registrars.ClassTemporary, "")
}

// TestWhatIsKnownWhenTheOrderComes: the name is, contacts and name servers are not.
func TestWhatIsKnownWhenTheOrderComes(t *testing.T) {
	w := newWorld(t)
	request := registrars.Request{Kind: registrars.Registration, Domain: domains.MustParseName("new.boutique"), TLD: "boutique", Years: 1}
	if err := w.plugin.Check(t.Context(), request); err != nil {
		t.Error(err)
	}
	w.AddName("new.boutique", "taken")
	class(t, w.plugin.Check(t.Context(), request), registrars.ClassUnavailable, "domain")
	request.Kind, request.Years = registrars.NameServerChange, 0
	class(t, w.plugin.Check(t.Context(), request), registrars.ClassInvalid, "domain")
}

// TestTheOrderBearsWhatWasAsked, and the channel of the settings.
func TestTheOrderBearsWhatWasAsked(t *testing.T) {
	w := newWorld(t)
	server := httptest.NewServer(w.Server)
	t.Cleanup(server.Close)
	plugin, err := (&example.Settings{Channel: "shop"}).Open(account(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	request := w.Request(registrars.Registration, 1)
	if _, err := plugin.Submit(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	placed := w.Orders()[0]
	if placed.Channel != "shop" || placed.Token != request.Key || placed.Years != 1 || placed.Extra["taxId"] != "123456789" ||
		placed.Holder["name"] != "Olga Odile Holder" || placed.Holder["country"] != "US" || placed.Holder["phone"] != "+12125550100" || len(placed.Servers) != 5 {
		t.Errorf("placed %+v", placed)
	}
	domain, err := plugin.ReadDomain(t.Context(), request.Domain)
	if err != nil || !domain.Active || domain.Expires.IsZero() || !request.NameServers.Same(domain.NameServers) {
		t.Errorf("read %+v, %v", domain, err)
	}
	_, err = plugin.ReadDomain(t.Context(), domains.MustParseName("another.boutique"))
	class(t, err, registrars.ClassNotFound, "")
}

// TestARepeatWithTheTokenIsTheSameOrder: the second guard, behind the claim. After a
// refusal the token may be used again.
func TestARepeatWithTheTokenIsTheSameOrder(t *testing.T) {
	w := newWorld(t)
	request := w.Request(registrars.Registration, 1)
	w.Hold(request.Domain)
	first, err := w.plugin.Submit(t.Context(), request)
	if err != nil || first.Status != registrars.StatusPending {
		t.Fatalf("%+v, %v", first, err)
	}
	if again, err := w.plugin.Submit(t.Context(), request); err != nil || again.Reference != first.Reference || len(w.Orders()) != 1 {
		t.Errorf("%+v, %v; %d orders", again, err, len(w.Orders()))
	}
	if err := w.Refuse(request.Domain.String(), "the registry has closed"); err != nil {
		t.Fatal(err)
	}
	if asked, err := w.plugin.Operation(t.Context(), first.Reference); err != nil || asked.Status != registrars.StatusFailed || asked.Reason == "" {
		t.Errorf("%+v, %v", asked, err)
	}
	if finding, err := w.plugin.Find(t.Context(), request); err != nil || finding.State != registrars.FoundNothing {
		t.Errorf("%+v, %v", finding, err)
	}
	if again, err := w.plugin.Submit(t.Context(), request); err != nil || again.Reference == first.Reference {
		t.Errorf("%+v, %v", again, err)
	}
	_, err = w.plugin.Operation(t.Context(), "7099")
	class(t, err, registrars.ClassNotFound, "")
	_, err = w.plugin.Operation(t.Context(), "../names/d1.boutique")
	class(t, err, registrars.ClassInvalid, "reference")
}

// TestFindDoesNotGuess about a name that is ours or taken, if no order has the token.
func TestFindDoesNotGuess(t *testing.T) {
	for _, state := range []string{"ours", "taken", "open", "odd"} {
		w := newWorld(t)
		request := w.Request(registrars.Registration, 1)
		w.AddName(request.Domain.String(), state)
		if finding, err := w.plugin.Find(t.Context(), request); err != nil || finding.State != registrars.Unclear {
			t.Errorf("%s: %+v, %v", state, finding, err)
		}
	}
}

// TestAListThatIsNoneIsNoEmptyList: FoundNothing only if the registrar said so.
func TestAListThatIsNoneIsNoEmptyList(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"state":"free"}`)) }))
	t.Cleanup(server.Close)
	plugin, err := example.Plugin().Settings().Open(account(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	_, err = plugin.Find(t.Context(), newWorld(t).Request(registrars.Registration, 1))
	class(t, err, registrars.ClassTemporary, "")
	if _, err := plugin.(registrars.PendingLister).PendingOperations(t.Context()); err == nil {
		t.Error("nothing is pending")
	}
}

// TestAClaimThatIsRefusedIsTheCause, and the questions before it need none.
func TestAClaimThatIsRefusedIsTheCause(t *testing.T) {
	w := newWorld(t)
	request := w.Request(registrars.Registration, 1)
	overtaken := errors.New("overtaken")
	request.Claim = func(context.Context) error { return overtaken }
	if err := w.plugin.Check(t.Context(), request); err != nil {
		t.Error(err)
	}
	_, err := w.plugin.Submit(t.Context(), request)
	class(t, err, registrars.ClassTemporary, "")
	if !errors.Is(err, overtaken) || w.Server.Calls("orders.create") != 0 {
		t.Errorf("%v after %d calls", err, w.Server.Calls("orders.create"))
	}
}

func TestMistakesInTheAccountAreNamedAtOnce(t *testing.T) {
	_, err := (&example.Settings{Channel: "Shop 1"}).Open(registrars.Account{URL: "http://api.example/"})
	for _, want := range []string{"example: ", "url must be https", "login is missing", "password is missing", "example.channel must have"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}
