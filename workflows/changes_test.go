package workflows_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	standnetim "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// expiry is when the domain of these tests expires.
var expiry = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// owned puts the shop's domain into the account.
func owned(w *outside.World) {
	w.Netim.AddRegistration(standnetim.Registration{
		Domain: shop, Created: expiry.AddDate(-1, 0, 0), Expires: expiry,
		NameServers: []string{"ns1.old.example", "ns2.old.example"},
	})
}

// change is an order about the shop's domain for an existing account.
func change(fields string) string {
	return `{"vendorAccountId": 1, "items": [{"id": 0, "planId": 5, "periodId": 1, "parentId": -1, "domain": "shop", ` + fields +
		`}], "customer": {"accountId": 500100}}`
}

const newOwner = `"additionalContacts": [{"id": 900, "login": "nora@shop.example", "contact": {
  "firstName": "Nora", "lastName": "Newowner", "address1": "2 Side Street", "city": "Sampleton", "postalCode": "10001",
  "country": "us", "state": "NY", "email": "nora@shop.example", "phone": {"countryCode": "1", "areaCode": "212", "number": "5550101"}}}]`

func withNewOwner(order string) string { return strings.TrimSuffix(order, "}") + ", " + newOwner + "}" }

func (r *run) wantOperations(want map[string]int) {
	r.t.Helper()
	if got := r.operations(); !maps.Equal(got, want) {
		r.t.Errorf("operations at the registrar: %v, want %v", got, want)
	}
}

func (r *run) expires() time.Time {
	r.t.Helper()
	registration, ok := r.Netim.Registration(shop)
	if !ok {
		r.t.Fatal("the domain is not registered")
	}
	return registration.Expires
}

func TestARenewalAddsOnePeriod(t *testing.T) {
	r := begin(t, outside.Options{}, change(`"operation": "renewal", "transferKey": "", "expires": "2026-06-01"`), owned)
	result := r.finish()
	r.wantOperations(map[string]int{"domainRenew": 1})
	if want := expiry.AddDate(1, 0, 0); !r.expires().Equal(want) || !result.Expires.Equal(want) || len(result.Differences) > 0 {
		t.Errorf("it expires on %s, result %+v", r.expires(), result)
	}
	r.want(outside.Effects{Accounts: 1, Members: 1, Registrations: 1})
}

// The order's date may use another calendar. The registrar's date decides, also when a
// try looks for the result of a lost answer.
func TestARenewalTakesTheRegistrarsDate(t *testing.T) {
	for _, ordered := range []string{"2026-05-30", "2026-05-31", "2026-06-02"} {
		r := begin(t, outside.Options{}, change(`"operation": "renewal", "transferKey": "", "expires": "`+ordered+`"`), owned)
		r.Fault(t, "netim:domainRenew:cut-after")
		result := r.finish()
		r.wantOperations(map[string]int{"domainRenew": 1})
		if want := expiry.AddDate(1, 0, 0); !result.Expires.Equal(want) || len(result.Differences) > 0 {
			t.Errorf("%s: result %+v", ordered, result)
		}
		if row := r.operation(registrars.Renewal); row.Guard != expiry.Format(time.RFC3339) {
			t.Errorf("%s: guarded by %s", ordered, row.Guard)
		}
		if notes := r.progress().Notes; len(notes) != 1 || !strings.Contains(notes[0], ordered) {
			t.Errorf("%s: notes %q", ordered, notes)
		}
	}
}

func TestADomainThatWasRenewedAlreadyIsLeftAlone(t *testing.T) {
	renewed := func(w *outside.World) {
		w.Netim.AddRegistration(standnetim.Registration{Domain: shop, Expires: expiry.AddDate(1, 0, 0)})
	}
	r := begin(t, outside.Options{}, change(`"operation": "renewal", "transferKey": "", "expires": "2026-06-01"`), renewed)
	result := r.finish()
	r.wantOperations(map[string]int{})
	if !strings.Contains(result.Unchanged, "renewed already") {
		t.Errorf("result %+v", result)
	}
	if got := step(r.progress(), 2); !strings.HasPrefix(got, "skipped: renewed already") {
		t.Errorf("step 2 is %s", got)
	}
}

// A renewal of what another order has renewed waits for a person, who sees both dates.
func TestASecondRenewalWithoutItsDateIsAskedAbout(t *testing.T) {
	for name, c := range map[string]struct {
		fields string
		parks  bool
	}{
		"without a date":            {`"operation": "renewal", "transferKey": ""`, true},
		"from the registrar's date": {`"operation": "renewal", "transferKey": "", "expires": "2026-06-01"`, false},
	} {
		r := begin(t, outside.Options{}, change(c.fields), owned)
		r.input.RenewedBefore = &workflows.EarlierRenewal{OrderNumber: "A-1", At: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)}
		if c.parks {
			r.after(time.Hour, func() {
				attention := r.progress().Attention
				if attention == nil || attention.Reason != messages.ReasonInvalid || !strings.Contains(attention.Message, "order A-1 renewed the domain on 2026-01-05; it expires on 2026-06-01") {
					t.Errorf("%s: attention %+v", name, attention)
				}
				r.wantOperations(map[string]int{})
				r.retry(messages.Retry{Actor: "ann", Reason: "it is meant"})
			})
		}
		r.finish()
		r.wantOperations(map[string]int{"domainRenew": 1})
	}
}

// TestALostAnswerNeverAddsASecondPeriod: the repeated try compares with the expiry date
// that the first try saw.
func TestALostAnswerNeverAddsASecondPeriod(t *testing.T) {
	r := begin(t, outside.Options{}, change(`"operation": "renewal", "transferKey": ""`), owned)
	r.Fault(t, "netim:domainRenew:cut-after")
	r.finish()
	r.wantOperations(map[string]int{"domainRenew": 1})
	if got := r.operation(registrars.Renewal); got.State != store.Done || got.Submissions != 1 || got.Guard == "" {
		t.Errorf("the ledger has %+v", got)
	}
	if want := expiry.AddDate(1, 0, 0); !r.expires().Equal(want) {
		t.Errorf("it expires on %s", r.expires())
	}
}

func TestARenewalThatNeverArrivedIsAskedAnew(t *testing.T) {
	r := begin(t, outside.Options{}, change(`"operation": "renewal", "transferKey": ""`), owned)
	r.Fault(t, "netim:domainRenew:cut-before")
	r.finish()
	r.wantOperations(map[string]int{"domainRenew": 1})
	if got := r.operation(registrars.Renewal); got.State != store.Done || got.Submissions != 2 {
		t.Errorf("the ledger has %+v", got)
	}
}

func TestATransferEndsWithANewAuthCode(t *testing.T) {
	order := outside.Alter(t, outside.NewCustomer, `"registration"`, `"transfer"`, `"transferKey": ""`,
		`"transferKey": "secret-key-1", "settings": {"lock": true}`)
	elsewhere := func(w *outside.World) { w.Netim.AddTaken(shop, "secret-key-1") }
	r := begin(t, manual(), order, elsewhere)
	r.after(3*day, func() {
		r.complete()
		r.confirm("transferred")
	})
	// Here the auth code and the lock are pending as well.
	r.after(4*day, func() { r.complete(); r.confirm("code") })
	r.after(5*day, func() { r.complete(); r.confirm("lock") })
	r.finish()
	r.wantOperations(map[string]int{"domainTransferIn": 1, "domainAuthid": 1, "domainSetPreference.registrar_lock": 1})
	effects := whole()
	effects.Creates = 0
	r.want(effects)
	if got := r.operation(registrars.AuthCodeChange); got.State != store.Done || got.Submissions != 1 {
		t.Errorf("the ledger has %+v", got)
	}
	if code, _ := r.Netim.Registration(shop); code.AuthID == "secret-key-1" || code.AuthID == "" {
		t.Error("the auth code is the old one")
	}
}

// TestATransferNeedsNoNewAuthCodeWhereThereAreNone: the step is shown as skipped, and the
// registrar is not asked for an auth code that it cannot issue.
func TestATransferNeedsNoNewAuthCodeWhereThereAreNone(t *testing.T) {
	order := outside.Alter(t, outside.NewCustomer, `"registration"`, `"transfer"`, `"transferKey": ""`, `"transferKey": "of-no-use"`)
	options := manual()
	options.NoAuthCodes = true
	r := begin(t, options, order, func(w *outside.World) { w.Netim.AddTaken(shop, "") })
	r.after(3*day, func() { r.complete(); r.confirm("transferred") })
	r.finish()
	r.wantOperations(map[string]int{"domainTransferIn": 1})
	if got := step(r.progress(), 14); got != "skipped: the top-level domain has no auth codes" {
		t.Errorf("step 14 is %s", got)
	}
	effects := whole()
	effects.Creates = 0
	r.want(effects)
	if rows, err := r.Store.OpenRows(t.Context(), outside.Account); err != nil || len(rows) > 0 {
		t.Errorf("the ledger has %+v, %v", rows, err)
	}
}

func TestAnOwnerChangeThatNobodyAgreesToEndsAsCancelled(t *testing.T) {
	r := begin(t, manual(), withNewOwner(change(`"operation": "owner-change", "contacts": {"owner": 900}`)), owned)
	r.after(5*day+time.Hour, func() {
		if err := r.Netim.Cancel(shop); err != nil {
			t.Error(err)
		}
		r.confirm("cancelled")
	})
	if err := r.execute(); err != nil {
		t.Fatal(err)
	}
	if progress := r.progress(); progress.State != messages.Cancelled {
		t.Errorf("the order is %s", progress.State)
	}
	r.closed(store.UnitCancelled)
	r.wantOperations(map[string]int{"domainTransferOwner": 1})
}

func TestAnOwnerChangeWaitsForBothHolders(t *testing.T) {
	r := begin(t, manual(), withNewOwner(change(`"operation": "owner-change", "contacts": {"owner": 900}`)), owned)
	r.after(2*day, func() { r.complete(); r.confirm("done") })
	result := r.finish()
	r.wantOperations(map[string]int{"domainTransferOwner": 1})
	registration, _ := r.Netim.Registration(shop)
	if registration.Owner == "" || len(result.Differences) > 0 {
		t.Errorf("the owner is %q, differences %v", registration.Owner, result.Differences)
	}
	r.want(outside.Effects{Accounts: 1, Members: 1, Registrations: 1, Contacts: 1})
}

func TestANameServerChangeIsReadBack(t *testing.T) {
	r := begin(t, outside.Options{},
		change(`"operation": "name-server-change", "nameServers": ["ns1.new.example", "ns2.new.example"]`), owned)
	if result := r.finish(); len(result.Differences) > 0 {
		t.Errorf("differences %v", result.Differences)
	}
	r.wantOperations(map[string]int{"domainChangeDNS": 1})
	if registration, _ := r.Netim.Registration(shop); strings.Join(registration.NameServers, " ") != "ns1.new.example ns2.new.example" {
		t.Errorf("name servers %v", registration.NameServers)
	}
}

// What an order with name servers has set is held from then on; without them the first reading says what is held.
func TestNameServersThatWereOrderedAreHeld(t *testing.T) {
	const own = `, "nameServers": ["ns1.new.example", "ns2.new.example"]`
	held := func(w *outside.World) {
		owned(w)
		if _, err := w.Store.Import(t.Context(), []store.NewDomain{{Name: shop, Registrar: outside.Account}}); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		order   string
		prepare []func(*outside.World)
		want    string
	}{
		"a change":       {change(`"operation": "name-server-change"` + own), []func(*outside.World){held}, "ns1.new.example ns2.new.example"},
		"a registration": {strings.Replace(outside.NewCustomer, `"operation": "registration"`, `"operation": "registration"`+own, 1), nil, "ns1.new.example ns2.new.example"},
		"without":        {outside.NewCustomer, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, outside.Options{}, c.order, c.prepare...)
			r.finish()
			domain, err := r.Store.Domain(t.Context(), shop)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if domain.Held != nil {
				got = strings.Join(domain.Held.NameServers, " ")
			}
			if got != c.want {
				t.Errorf("held are %q, want %q", got, c.want)
			}
		})
	}
}

func TestAContactChangeKeepsTheContactsThatItDoesNotName(t *testing.T) {
	r := begin(t, outside.Options{}, withNewOwner(change(`"operation": "contact-change", "contacts": {"tech": 900}`)), owned)
	r.finish()
	r.wantOperations(map[string]int{"domainChangeContact": 1})
	registration, _ := r.Netim.Registration(shop)
	if registration.Admin != "SB001" || registration.Billing != "SB001" || registration.Tech == "SB001" || registration.Tech == "" {
		t.Errorf("contacts %+v", registration)
	}
}

func TestSettingsAreOneRequestEach(t *testing.T) {
	r := begin(t, outside.Options{}, change(`"operation": "settings-change", "settings":
		{"lock": true, "privacy": true, "autoRenewal": false, "dnssec": {"sign": true}, "zoneTemplate": 3}`), owned)
	if result := r.finish(); len(result.Differences) > 0 {
		t.Errorf("differences %v", result.Differences)
	}
	r.wantOperations(map[string]int{
		"domainZoneInit": 1, "domainSetDNSSEC": 1, "domainSetPreference.whois_privacy": 1,
		"domainSetPreference.auto_renew": 1, "domainSetPreference.registrar_lock": 1,
	})
}

// TestAChangeThatTheRegistrarFailsIsParkedAndAskedAnew: the same for all kinds.
func TestAChangeThatTheRegistrarFailsIsParkedAndAskedAnew(t *testing.T) {
	r := begin(t, manual(), change(`"operation": "name-server-change", "nameServers": ["ns1.new.example", "ns2.new.example"]`), owned)
	r.after(day, func() {
		if err := r.Netim.Fail(shop, "refused by the registry"); err != nil {
			t.Error(err)
		}
		r.confirm("failed")
	})
	r.after(2*day, func() {
		r.parked(3, messages.RequestEnded("name-server-change", "failed"))
		r.retry(messages.Retry{Actor: "op"})
	})
	r.after(3*day, func() { r.complete(); r.confirm("done") })
	r.finish()
	r.wantOperations(map[string]int{"domainChangeDNS": 2})
	if got := r.operation(registrars.NameServerChange); got.State != store.Done || got.Submissions != 2 || got.Reopened != 1 {
		t.Errorf("the ledger has %+v", got)
	}
}

func TestEachOperationHasAProgramAndAnIDOfItsOwn(t *testing.T) {
	r := begin(t, outside.Options{}, change(`"operation": "renewal", "transferKey": ""`), owned)
	if id := workflows.WorkflowID(r.input.OrderNumber, r.input.Unit); id != "domain-renewal/"+shop {
		t.Errorf("id %s", id)
	}
	r.finish()
}
