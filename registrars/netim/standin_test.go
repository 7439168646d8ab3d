package netim_test

import (
	"fmt"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim"
	"domainprovisioning/registrars/registrarstest"
	standin "domainprovisioning/sandbox/standin/netim"
)

// world is the plug-in and a registrar whose rules it must follow.
type world struct {
	*netim.Netim
	stand  *standin.Server
	t      *testing.T
	handle map[registrars.Role]string
	config netim.Config
}

var worldNow = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func newWorld(t *testing.T, o standin.Options) *world {
	t.Helper()
	o.Login, o.Password = "RESELL1", password
	o.Now = func() time.Time { return worldNow }
	w := &world{stand: standin.New(o), t: t, handle: map[registrars.Role]string{}}
	server := httptest.NewServer(w.stand)
	t.Cleanup(server.Close)
	config := configFor(server.URL + standin.Path)
	config.DomainBoundFields = []string{"BOUND"}
	w.config = config
	var err error
	if w.Netim, err = netim.New(config); err != nil {
		t.Fatal(err)
	}
	for _, role := range registrars.Roles() {
		w.handle[role] = w.contact(role)
	}
	w.stand.AddRegistration(standin.Registration{Domain: "shop.example", Owner: w.handle[registrars.Owner], AuthID: "OLD"})
	w.stand.AddElsewhere("away.example", "KEY-1")
	return w
}

func (w *world) contact(role registrars.Role) string {
	w.t.Helper()
	handle, err := w.CreateContact(w.t.Context(), registrars.Contact{Role: role, Details: person()})
	if err != nil {
		w.t.Fatal(err)
	}
	return handle
}

// request returns a request with contacts that exist; renewals have the expiry
// date.
func (w *world) request(kind registrars.Kind, domain string, settings domains.Settings) registrars.Request {
	r := ask(kind, settings)
	r.Domain = domains.MustParseName(domain)
	r.TLD = domain[strings.Index(domain, ".")+1:]
	r.Expires = worldNow.AddDate(1, 0, 0)
	r.Contacts = map[registrars.Role]registrars.Contact{}
	for role, handle := range w.handle {
		r.Contacts[role] = registrars.Contact{Role: role, Handle: handle}
	}
	return r
}

// do checks and submits a request, and expects the status.
func (w *world) do(r registrars.Request, want registrars.Status) registrars.Operation {
	w.t.Helper()
	if err := w.Check(w.t.Context(), r); err != nil {
		w.t.Fatalf("%s: %v", r.Kind, err)
	}
	operation, err := w.Submit(w.t.Context(), r)
	if err != nil || operation.Status != want {
		w.t.Fatalf("%s: %+v, %v", r.Kind, operation, err)
	}
	return operation
}

func (w *world) found(r registrars.Request, want registrars.FindingState) {
	w.t.Helper()
	if got, err := w.Find(w.t.Context(), r); err != nil || got.State != want {
		w.t.Errorf("%s: %+v, %v; want %s", r.Kind, got, err, want)
	}
}

func TestEveryKindTakesEffectOnce(t *testing.T) {
	w := newWorld(t, standin.Options{})
	none := domains.Settings{}
	renewal := w.request(registrars.Renewal, "shop.example", none)
	w.found(renewal, registrars.FoundNothing)
	w.do(renewal, registrars.StatusDone)
	w.found(renewal, registrars.FoundObject)

	next := w.contact(registrars.Owner)
	trade := w.request(registrars.OwnerChange, "shop.example", none)
	trade.Contacts[registrars.Owner] = registrars.Contact{Role: registrars.Owner, Handle: next}
	w.found(trade, registrars.FoundNothing)
	w.do(trade, registrars.StatusPending)
	w.found(trade, registrars.FoundObject)

	contacts := w.request(registrars.ContactChange, "shop.example", none)
	contacts.Contacts[registrars.Billing] = registrars.Contact{Handle: "resell1"}
	w.found(contacts, registrars.FoundNothing)
	w.do(contacts, registrars.StatusDone)
	w.found(contacts, registrars.FoundObject)

	servers := w.request(registrars.NameServerChange, "shop.example", none)
	w.found(servers, registrars.FoundNothing)
	w.do(servers, registrars.StatusDone)
	w.found(servers, registrars.FoundObject)

	w.do(w.request(registrars.AuthCodeChange, "shop.example", none), registrars.StatusDone)
	w.do(w.request(registrars.ZoneReset, "shop.example", domains.Settings{ZoneTemplate: new(3)}), registrars.StatusDone)
	for _, r := range []registrars.Request{
		w.request(registrars.LockChange, "shop.example", domains.Settings{Lock: new(true)}),
		w.request(registrars.PrivacyChange, "shop.example", domains.Settings{Privacy: new(true)}),
		w.request(registrars.AutoRenewalChange, "shop.example", domains.Settings{AutoRenewal: new(true)}),
		w.request(registrars.DNSSECChange, "shop.example", domains.Settings{DNSSEC: &domains.DNSSEC{Sign: true}}),
	} {
		w.found(r, registrars.FoundNothing)
		w.do(r, registrars.StatusDone)
		w.found(r, registrars.FoundObject)
	}
	for _, d := range []domains.DNSSEC{{Sign: true, Key: dnskey()}, {Sign: true, DS: ds()}} {
		r := w.request(registrars.DNSSECChange, "shop.example", domains.Settings{DNSSEC: &d})
		w.found(r, registrars.Unclear)
		w.do(r, registrars.StatusDone)
		w.found(r, registrars.FoundObject)
	}
	domain, err := w.ReadDomain(t.Context(), shop)
	if err != nil || !*domain.Settings.Lock || !*domain.Settings.Privacy || !*domain.Settings.AutoRenewal || !domain.Settings.DNSSEC.Sign ||
		domain.Handles[registrars.Owner] != next || !domain.NameServers.Same(servers.NameServers) || domain.Expires.Year() != 2029 {
		t.Errorf("%+v, %v", domain, err)
	}
	if w.stand.TransferOut("shop.example", "OLD") == nil {
		t.Error("a locked domain left with an old code")
	}
	deletion := w.request(registrars.Deletion, "shop.example", none)
	w.found(deletion, registrars.FoundNothing)
	w.do(deletion, registrars.StatusDone)
	w.found(deletion, registrars.FoundObject)
	got := w.stand.Effects("shop.example")
	if len(got.AuthCodes) != 1 {
		t.Errorf("codes %v", got.AuthCodes)
	}
	got.AuthCodes = nil
	want := standin.Effects{
		Renewals: []int{2}, Preferences: []string{"registrar_lock=1", "whois_privacy=1", "auto_renew=1"}, ZoneInits: []int{3},
		OwnerChanges: 1, ContactChanges: 1, NameServerChanges: 1, Signatures: 3, Deletions: 1,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestTransferIn(t *testing.T) {
	w := newWorld(t, standin.Options{Behaviour: standin.Behaviour{Manual: true}})
	r := w.request(registrars.Transfer, "away.example", domains.Settings{})
	w.found(r, registrars.FoundNothing)
	w.stand.LockElsewhere("away.example", true)
	_, err := w.Submit(t.Context(), r)
	failed(t, err, registrars.ClassRejected, "E99")
	w.stand.LockElsewhere("away.example", false)
	operation := w.do(r, registrars.StatusPending)
	w.found(r, registrars.FoundOperation)
	// Failed, and then restarted by the registrar's support.
	if err := w.stand.Fail("away.example", "no answer"); err != nil {
		t.Fatal(err)
	}
	if got, err := w.Operation(t.Context(), operation.Reference); err != nil || got.Status != registrars.StatusFailed {
		t.Errorf("%+v, %v", got, err)
	}
	if err := w.stand.Complete("away.example"); err != nil {
		t.Fatal(err)
	}
	if got, err := w.Operation(t.Context(), operation.Reference); err != nil || got.Status != registrars.StatusDone || got.Kind != registrars.Transfer {
		t.Errorf("%+v, %v", got, err)
	}
	w.found(r, registrars.FoundObject)
	if n := w.stand.Count("domainTransferIn", "away.example"); n != 1 {
		t.Errorf("%d transfers", n)
	}
}

func TestCancel(t *testing.T) {
	w := newWorld(t, standin.Options{Behaviour: standin.Behaviour{Manual: true}})
	operation := w.do(w.request(registrars.OwnerChange, "shop.example", domains.Settings{}), registrars.StatusPending)
	if err := w.Cancel(t.Context(), operation.Reference); err != nil {
		t.Error(err)
	}
	if got, err := w.Operation(t.Context(), operation.Reference); err != nil || got.Status != registrars.StatusCancelled {
		t.Errorf("%+v, %v", got, err)
	}
	failed(t, w.Cancel(t.Context(), operation.Reference), registrars.ClassRejected, "E99")
	failed(t, w.Cancel(t.Context(), "999999"), registrars.ClassRejected, "E13")
	failed(t, w.Cancel(t.Context(), "none"), registrars.ClassInvalid, "")
	s := newServer(t)
	s.on("cancelOpe", cut)
	failed(t, plugin(t, s).Cancel(t.Context(), "77"), registrars.ClassOutcomeUnknown, "")
	// A trade that nobody answers.
	w.stand.SetBehaviour("shop.example", standin.Behaviour{CancelWith: "no answer within 5 days"})
	operation = w.do(w.request(registrars.OwnerChange, "shop.example", domains.Settings{}), registrars.StatusPending)
	if got, _ := w.Operation(t.Context(), operation.Reference); got.Status != registrars.StatusCancelled || w.stand.Effects("shop.example").OwnerChanges != 0 {
		t.Errorf("%+v", got)
	}
}

func TestCheckRefusesBeforeAnythingIsSpent(t *testing.T) {
	w := newWorld(t, standin.Options{TLDs: map[string]standin.TLD{
		"example": {Price: 10_00, PeriodRenew: "1-2", TradePrice: 5_00},
		"bare":    {NoEppCode: true, NoRegistrarLock: true, NoAutorenew: true, NoWhoisPrivacy: true, NoDNSSEC: true},
	}})
	type change = func(*registrars.Request)
	none := domains.Settings{}
	swap := func(role, with registrars.Role) change {
		return func(r *registrars.Request) { r.Contacts[role] = registrars.Contact{Handle: w.handle[with]} }
	}
	for name, test := range map[string]struct {
		request registrars.Request
		change  change
		class   registrars.Class
		field   string
	}{
		"renewal, period":      {w.request(registrars.Renewal, "shop.example", none), func(r *registrars.Request) { r.Years = 3 }, registrars.ClassInvalid, "years"},
		"renewal, not ours":    {w.request(registrars.Renewal, "free.example", none), nil, registrars.ClassInvalid, "domain"},
		"renewal, other date":  {w.request(registrars.Renewal, "shop.example", none), func(r *registrars.Request) { r.Expires = r.Expires.AddDate(1, 0, 0) }, registrars.ClassInvalid, "expires"},
		"transfer, ours":       {w.request(registrars.Transfer, "shop.example", none), nil, registrars.ClassInvalid, "domain"},
		"transfer, free":       {w.request(registrars.Transfer, "free.example", none), nil, registrars.ClassInvalid, "domain"},
		"transfer, no code":    {w.request(registrars.Transfer, "away.example", none), func(r *registrars.Request) { r.AuthCode = domains.Secret{} }, registrars.ClassInvalid, "authCode"},
		"same server twice":    {w.request(registrars.Transfer, "away.example", none), func(r *registrars.Request) { r.NameServers = domains.NameServers{"a.x.example", "A.x.example"} }, registrars.ClassInvalid, "nameServers"},
		"one server":           {w.request(registrars.NameServerChange, "shop.example", none), func(r *registrars.Request) { r.NameServers = r.NameServers[:1] }, registrars.ClassInvalid, "nameServers"},
		"owner made as other":  {w.request(registrars.OwnerChange, "shop.example", none), swap(registrars.Owner, registrars.Tech), registrars.ClassInvalid, "owner"},
		"other made as owner":  {w.request(registrars.ContactChange, "shop.example", none), swap(registrars.Tech, registrars.Owner), registrars.ClassInvalid, "tech"},
		"owner is reseller":    {w.request(registrars.OwnerChange, "shop.example", none), func(r *registrars.Request) { r.Contacts[registrars.Owner] = registrars.Contact{Handle: "RESELL1"} }, registrars.ClassInvalid, "owner"},
		"unknown contact":      {w.request(registrars.ContactChange, "shop.example", none), func(r *registrars.Request) { r.Contacts[registrars.Admin] = registrars.Contact{Handle: "CT99999"} }, registrars.ClassInvalid, "admin"},
		"no lock":              {w.request(registrars.LockChange, "a.bare", domains.Settings{Lock: new(true)}), nil, registrars.ClassInvalid, "settings.lock"},
		"no privacy":           {w.request(registrars.PrivacyChange, "a.bare", domains.Settings{Privacy: new(true)}), nil, registrars.ClassInvalid, "settings.privacy"},
		"no automatic renewal": {w.request(registrars.AutoRenewalChange, "a.bare", domains.Settings{AutoRenewal: new(true)}), nil, registrars.ClassInvalid, "settings.autoRenewal"},
		"no auth code":         {w.request(registrars.AuthCodeChange, "a.bare", none), nil, registrars.ClassInvalid, "kind"},
		"no DNSSEC":            {w.request(registrars.DNSSECChange, "a.bare", domains.Settings{DNSSEC: &domains.DNSSEC{Sign: true}}), nil, registrars.ClassInvalid, "settings.dnssec"},
		"restore, not ours":    {w.request(registrars.Restore, "free.example", none), nil, registrars.ClassInvalid, "domain"},
		"restore, not needed":  {w.request(registrars.Restore, "shop.example", none), nil, registrars.ClassInvalid, "domain"},
		"not sold":             {w.request(registrars.Renewal, "shop.unsold", none), nil, registrars.ClassRejected, "tld"},
	} {
		if test.change != nil {
			test.change(&test.request)
		}
		err := w.Check(t.Context(), test.request)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		e, _ := err.(*registrars.Error) //nolint:errorlint // the plug-in returns it bare
		if e.Class != test.class || e.Field != test.field || e.Rule == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Without the fields that are not known at intake.
	for _, kind := range registrars.Kinds() {
		r := w.request(kind, "shop.example", domains.Settings{
			Lock: new(true), Privacy: new(true), AutoRenewal: new(true), DNSSEC: &domains.DNSSEC{}, ZoneTemplate: new(1),
		})
		switch kind {
		case registrars.Registration:
			r.Domain = domains.MustParseName("free.example")
		case registrars.Transfer:
			r.Domain = domains.MustParseName("away.example")
		case registrars.Restore:
			w.stand.SetStatus("shop.example", standin.StatusQuarantine)
			defer w.stand.SetStatus("shop.example", "")
			r.Ordered = true // a person will accept the price
		}
		r.Contacts, r.NameServers, r.Expires = nil, nil, time.Time{}
		if err := w.Check(t.Context(), r); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if len(w.stand.Operations()) != 0 || w.stand.Calls("domainTldInfo") != 3 {
		t.Errorf("%d operations, %d questions for the TLD", len(w.stand.Operations()), w.stand.Calls("domainTldInfo"))
	}
}

func TestCheckFunds(t *testing.T) {
	for _, test := range []struct {
		kind   registrars.Kind
		domain string
		fee    int
	}{
		{registrars.Registration, "free.example", 20_00}, {registrars.Transfer, "away.example", 10_00},
		{registrars.Renewal, "shop.example", 20_00}, {registrars.OwnerChange, "shop.example", 5_00},
	} {
		w := newWorld(t, standin.Options{TLDs: map[string]standin.TLD{"example": {Price: 10_00, TradePrice: 5_00}}})
		r := w.request(test.kind, test.domain, domains.Settings{})
		w.stand.SetHardLimit(-3_00)
		w.stand.SetBalance(test.fee - 3_00)
		if err := w.Check(t.Context(), r); err != nil {
			t.Errorf("%s: %v", test.kind, err)
		}
		w.stand.SetBalance(test.fee - 3_01)
		told := w.fundsTold(t, r)
		if want := float64(test.fee-1) / 100; !slices.Equal(told, []float64{want}) {
			t.Errorf("%s: told of %v, want %v", test.kind, told, want)
		}
		e := failed(t, w.Check(t.Context(), r), registrars.ClassBalance, "")
		fee := map[int]string{20_00: "20.00 EUR", 10_00: "10.00 EUR", 5_00: "5.00 EUR"}[test.fee]
		left := map[int]string{20_00: "19.99 EUR", 10_00: "9.99 EUR", 5_00: "4.99 EUR"}[test.fee]
		if !strings.Contains(e.Rule, fee) || !strings.Contains(e.Rule, left) {
			t.Errorf("%s: %v", test.kind, e.Rule)
		}
		if len(w.stand.Operations()) != 0 {
			t.Error("something was spent")
		}
	}
}

// fundsTold returns what the plug-in tells of the account's funds during a check.
func (w *world) fundsTold(t *testing.T, r registrars.Request) (told []float64) {
	t.Helper()
	config := w.config
	config.Funds = func(spendable float64, currency string) {
		if currency != "EUR" {
			t.Errorf("the currency is %q", currency)
		}
		told = append(told, spendable)
	}
	telling, err := netim.New(config)
	if err != nil {
		t.Fatal(err)
	}
	failed(t, telling.Check(t.Context(), r), registrars.ClassBalance, "")
	return told
}

func TestDomainBoundFields(t *testing.T) {
	w := newWorld(t, standin.Options{})
	contact := organisation()
	contact.Domain, contact.Extra = shop, map[string]string{"BOUND": "7", "FREE": "8"}
	handle, err := w.CreateContact(t.Context(), contact)
	if err != nil {
		t.Fatal(err)
	}
	all := w.stand.Contacts()
	if got := all[len(all)-1].Additional; got["BOUND/shop.example"] != "7" || got["FREE"] != "8" || len(got) != 2 {
		t.Errorf("%v", got)
	}
	if found, err := registrarstest.Find(t.Context(), w, contact); err != nil || found != handle {
		t.Errorf("%q, %v", found, err)
	}
	contact.Domain = domains.MustParseName("other.example")
	if found, err := registrarstest.Find(t.Context(), w, contact); err != nil || found != "" {
		t.Errorf("told of another domain: %q, %v", found, err)
	}
}

// TestALongListOfPendingOperations is read whole, because the API has no pages: it is longer than
// any other reply may be.
func TestALongListOfPendingOperations(t *testing.T) {
	const pending = 45_000 // more than 200,000 elements, and more than 8 MiB
	w := newWorld(t, standin.Options{})
	names := make([]string, pending)
	for n := range names {
		names[n] = fmt.Sprintf("shop%d.example", n)
	}
	numbers := w.stand.AddPending("domainCreate", names...)
	list, err := w.PendingOperations(t.Context())
	if err != nil || len(list.Operations) != pending || len(list.Unreadable) != 0 {
		t.Fatalf("%d operations, %d unreadable, %v", len(list.Operations), len(list.Unreadable), err)
	}
	last := list.Operations[pending-1]
	if last.Reference != strconv.Itoa(numbers[pending-1]) || last.Domain.String() != names[pending-1] || last.Kind != registrars.Registration {
		t.Errorf("the last one is %+v", last)
	}
}
