package workflows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.temporal.io/sdk/temporal"

	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/operations"
	"domainprovisioning/registrars"
	standnetim "domainprovisioning/sandbox/standin/netim"
	"domainprovisioning/store"
)

// held makes the registrar account hold the domain, which expires in a month and has name
// servers of its own.
func held(t *testing.T) func(*outside.World) {
	return func(w *outside.World) {
		w.Register(t, shop)
		own, _ := w.Netim.Registration(shop)
		own.NameServers = []string{"ns1.mine.example", "ns2.mine.example"}
		w.Netim.AddRegistration(own)
	}
}

func adoptionOf(t *testing.T, order string, pairs ...string) string {
	t.Helper()
	return outside.Alter(t, order, append([]string{`"registration"`, `"adoption"`, `, "transferKey": ""`, ""}, pairs...)...)
}

// adopted is what an adoption by a new customer leaves: everything once, and nothing new at
// the registrar.
func adopted() outside.Effects {
	all := whole()
	all.Creates, all.Contacts = 0, 0
	return all
}

// nothingRequested checks that the registrar has not been asked for anything but reading.
func (r *run) nothingRequested(before standnetim.Registration) {
	r.t.Helper()
	rows, err := r.Store.LedgerRows(r.t.Context(), store.LedgerFilter{Domain: shop})
	if err != nil || len(rows) != 0 || len(r.Netim.Operations()) != 0 {
		r.t.Errorf("the ledger has %+v, %v; the registrar has %+v", rows, err, r.Netim.Operations())
	}
	after, there := r.Netim.Registration(shop)
	if !there || after.Owner != before.Owner || !after.Expires.Equal(before.Expires) || !slices.Equal(after.NameServers, before.NameServers) {
		r.t.Errorf("the registration was %+v and is %+v", before, after)
	}
}

func TestAnAdoptionMakesEverythingButTheRegistration(t *testing.T) {
	for name, c := range map[string]struct {
		order   string
		skipped []int
		effects outside.Effects
	}{
		"new customer":     {outside.NewCustomer, []int{10, 12}, adopted()},
		"existing account": {outside.ExistingCustomer, []int{1, 2, 10, 12}, adopted()},
		"without hosting": {outside.DomainOnly, []int{1, 2, 8, 9, 10, 12}, outside.Effects{
			Accounts: 1, Members: 1, Subscriptions: 1, Domains: 1, Registered: 1, Registrations: 1, BillingRows: 1,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, outside.Options{}, adoptionOf(t, c.order), held(t))
			before, _ := r.Netim.Registration(shop)
			balance := r.Netim.Balance()
			result := r.finish()
			r.want(c.effects)
			r.nothingRequested(before)
			if paid := balance - r.Netim.Balance(); paid != 0 {
				t.Errorf("%d was paid", paid)
			}
			var left []int
			for _, line := range r.progress().Steps {
				if line.State == messages.StepSkipped {
					left = append(left, line.Number)
				}
			}
			if !slices.Equal(left, c.skipped) {
				t.Errorf("steps %v are left out, want %v", left, c.skipped)
			}
			row := r.Billing.RowsOf(shop)[0]
			if !row.Expiration.Equal(before.Expires) || !row.NextBill.Equal(before.Expires) || !result.Expires.Equal(before.Expires) {
				t.Errorf("Billing has %s and %s, the result %s; the registrar %s", row.Expiration, row.NextBill, result.Expires, before.Expires)
			}
			if !slices.Equal(row.NameServers[:2], before.NameServers) {
				t.Errorf("Billing has the name servers %v", row.NameServers)
			}
			if notes := fmt.Sprint(r.progress().Notes); !strings.Contains(notes, "the domain keeps its name servers, ns1.mine.example, ns2.mine.example; those of the zone in Operations are ns1.dns.example, ns2.dns.example") {
				t.Errorf("notes %s", notes)
			}
		})
	}
}

// The registrar tells the handle of the holder. A remark says whether that is the order's.
func TestTheHolderOfAnAdoptedDomainIsComparedWithTheOrders(t *testing.T) {
	for name, c := range map[string]struct {
		owner, order string
		fault, want  string
	}{
		"the order's":               {owner: "(made)", order: outside.NewCustomer},
		"somebody else":             {owner: "OLD-1", order: outside.NewCustomer, want: "contact OLD-1, ordered: contact "},
		"not named by the order":    {owner: "OLD-1", order: outside.DomainOnly},
		"not told by the registrar": {order: outside.NewCustomer},
		"no contact there":          {owner: "OLD-1", order: outside.Alter(t, outside.NewCustomer, "jane@", "john@"), want: "contact OLD-1, ordered: somebody who is no contact there"},
		"against the registrar's rules": {owner: "OLD-1", order: outside.Alter(t, outside.NewCustomer, "1 Main Street", strings.Repeat("Main Street ", 30)),
			want: "contact OLD-1, which cannot be compared with the order's: invalid"},
		"an answer that is lost": {owner: "(made)", order: outside.NewCustomer, fault: "netim:queryContactList:malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, outside.Options{}, adoptionOf(t, c.order), func(w *outside.World) {
				w.Register(t, shop)
				made, err := w.Registrar.CreateContact(t.Context(), registrars.Contact{Role: registrars.Owner, Details: jane()})
				if err != nil {
					t.Fatal(err)
				}
				own, _ := w.Netim.Registration(shop)
				own.Owner = strings.ReplaceAll(c.owner, "(made)", made)
				w.Netim.AddRegistration(own)
			})
			if c.fault != "" {
				r.Fault(t, c.fault)
			}
			result := r.finish()
			if got := strings.Join(result.Differences, "; "); c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("differences %q, want %q", got, c.want)
			}
			if contacts := len(r.Netim.Contacts()); contacts != 1 {
				t.Errorf("%d contacts at the registrar, of which the order has made none", contacts)
			}
		})
	}
}

// What cannot be adopted parks at step 6, and a retry reads again.
func TestAnAdoptionWaitsForADomainThatIsThere(t *testing.T) {
	for name, c := range map[string]struct {
		expires string // of the order
		gone    func(*run)
		reason  messages.Reason
		text    string
	}{
		"not in the account": {
			gone: func(r *run) {
				if err := r.Netim.TransferOut(shop, ""); err != nil {
					r.t.Fatal(err)
				}
			},
			reason: messages.ReasonNotFound,
		},
		"not registered": {
			gone: func(r *run) {
				expired, _ := r.Netim.Registration(shop)
				expired.Expires = expired.Created
				r.Netim.AddRegistration(expired)
			},
			reason: messages.ReasonConflict, text: `in status "EXPIRED"`,
		},
		"renewed meanwhile": {
			expires: "2026-04-01",
			gone: func(r *run) {
				renewed, _ := r.Netim.Registration(shop)
				renewed.Expires = renewed.Expires.AddDate(1, 0, 0)
				r.Netim.AddRegistration(renewed)
			},
			reason: messages.ReasonInvalid, text: "expires of the order: must be the registrar's date, 2027-04-02",
		},
	} {
		t.Run(name, func(t *testing.T) {
			order := adoptionOf(t, outside.NewCustomer)
			if c.expires != "" {
				order = outside.Alter(t, order, `"domain": "shop"`, `"domain": "shop", "expires": "`+c.expires+`"`)
			}
			r := begin(t, outside.Options{}, order, held(t))
			before, _ := r.Netim.Registration(shop)
			c.gone(r)
			r.after(day, func() {
				if progress := r.parked(6, c.reason); !strings.Contains(progress.Attention.Message, c.text) {
					t.Errorf("it says %q, want %q", progress.Attention.Message, c.text)
				}
				r.Netim.AddRegistration(before)
				r.retry(messages.Retry{Actor: "operator"})
			})
			r.finish()
			r.want(adopted())
			r.nothingRequested(before)
			if c.expires != "" && !strings.Contains(fmt.Sprint(r.progress().Notes), "the order expects 2026-04-01; the registrar's date counts: 2026-04-02") {
				t.Errorf("notes %v", r.progress().Notes)
			}
		})
	}
}

// A domain of another account stays as it is, whatever a person permits.
func TestAnAdoptionNeverTouchesADomainOfAnotherAccount(t *testing.T) {
	var other, id int
	r := begin(t, outside.Options{}, adoptionOf(t, outside.NewCustomer), held(t), func(w *outside.World) {
		other = w.Operations.AddExistingAccount(0)
		id = w.Operations.AddExistingDomain(shop, other)
	})
	before, _ := r.Netim.Registration(shop)
	r.after(day, func() {
		r.parked(7, messages.ReasonConflict)
		r.update(messages.Retry{Actor: "operator", AllowTakeover: true}, func(err error) {
			if err == nil || !strings.Contains(err.Error(), "an adoption takes no domain from another account") {
				t.Errorf("got %v", err)
			}
		})
		r.retry(messages.Retry{Actor: "operator"})
	})
	r.after(2*day, func() {
		r.parked(7, messages.ReasonConflict)
		r.CancelWorkflow()
	})
	if err := r.execute(); !temporal.IsCanceledError(err) {
		t.Errorf("got %v", err)
	}
	domain, there := r.Operations.Domain(shop)
	if !there || domain.ID != id || domain.AccountID != other || len(r.Billing.RowsOf(shop)) != 0 {
		t.Errorf("Operations has %+v, Billing %d rows", domain, len(r.Billing.RowsOf(shop)))
	}
	r.nothingRequested(before)
}

// Nor is one touched that another customer gets after step 7.
func TestAnAdoptionNeverTouchesADomainThatAnotherAccountGets(t *testing.T) {
	r := begin(t, outside.Options{}, adoptionOf(t, outside.NewCustomer), held(t))
	var other, id int
	r.when("RegisterDomain", 1, func() {
		other = r.Operations.AddExistingAccount(0)
		id = r.Operations.AddExistingDomain(shop, other)
	})
	r.after(day, func() {
		r.parked(11, messages.ReasonConflict)
		r.CancelWorkflow()
	})
	if err := r.execute(); !temporal.IsCanceledError(err) {
		t.Errorf("got %v", err)
	}
	if domain, there := r.Operations.Domain(shop); !there || domain.ID != id || domain.AccountID != other {
		t.Errorf("Operations has %+v", domain)
	}
}

// A domain of the same account that an earlier order has left is taken over; one that is
// registered under another subscription has been provisioned already.
func TestAnAdoptionAndADomainOfTheSameAccount(t *testing.T) {
	t.Run("left by an earlier order", func(t *testing.T) {
		r := begin(t, outside.Options{}, adoptionOf(t, outside.ExistingCustomer), held(t), func(w *outside.World) {
			w.Operations.AddExistingDomain(shop, outside.Customer)
		})
		r.Fault(t, "operations:pem.addDomain:cut-after*3")
		r.finish()
		r.want(adopted())
	})
	t.Run("provisioned already", func(t *testing.T) {
		const earlier = 77
		r := begin(t, outside.Options{}, adoptionOf(t, outside.DomainOnly), held(t), func(w *outside.World) { provision(t, w, earlier) })
		r.after(day, func() {
			r.parked(7, messages.ReasonConflict)
			r.CancelWorkflow()
		})
		if err := r.execute(); !temporal.IsCanceledError(err) {
			t.Errorf("got %v", err)
		}
		domain, _ := r.Operations.Domain(shop)
		if domain.SubscriptionID != earlier || len(r.Billing.RowsOf(shop)) != 0 {
			t.Errorf("Operations has %+v, Billing %d rows", domain, len(r.Billing.RowsOf(shop)))
		}
	})
}

// provision makes the domain one of the account Customer in Operations.
func provision(t *testing.T, w *outside.World, subscription int) {
	t.Helper()
	name, err := domains.ParseName(shop)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.OperationsClient.ActivateSubscription(t.Context(), operations.ActivateSubscriptionParams{
		SubscriptionID: subscription, AccountID: outside.Customer, ServiceTemplateID: outside.DomainTemplate,
	})
	if err == nil {
		_, err = w.OperationsClient.AddDomain(t.Context(), operations.AddDomainParams{
			SubscriptionID: subscription, DomainName: name, RegistrarStatus: operations.RegistrarStatusRegistered, Force: true,
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// jane is the customer of outside.NewCustomer.
func jane() domains.Contact {
	return domains.Contact{
		Organisation: "Example Shop Ltd", FirstName: "Jane", LastName: "Example", Address1: "1 Main Street", City: "Sampleton",
		PostalCode: "10001", Country: "us", State: "NY", Email: "jane@shop.example",
		Phone: domains.Phone{CountryCode: "1", AreaCode: "212", Number: "5550100"},
	}.Normalised()
}

// What exists at the registrar was there before, so a cancelled adoption neither takes it
// back nor lists it as left behind.
func TestACancelledAdoptionLeavesTheRegistrationAlone(t *testing.T) {
	for number, at := range []struct {
		activity string
		step     int
		left     string
	}{
		{"ReadDomain", 6, ""},
		{"RegisterDomain", 11, "domain in Operations (could-not"},
		{"VerifyDomain", 14, "record in Billing (kept: domain 8001 stands in Billing"},
	} {
		t.Run(fmt.Sprint(at.step), func(t *testing.T) {
			r := begin(t, outside.Options{}, adoptionOf(t, outside.NewCustomer), held(t))
			before, _ := r.Netim.Registration(shop)
			r.when(at.activity, 1, r.CancelWorkflow)
			if err := r.execute(); !temporal.IsCanceledError(err) {
				t.Errorf("%d: got %v", number, err)
			}
			r.nothingRequested(before)
			ends, err := r.Store.LooseEnds(t.Context(), store.LooseEndFilter{Kind: store.Left})
			left := ""
			if len(ends) == 1 {
				left = ends[0].Detail
			}
			if err != nil || (left == "") != (at.left == "") || !strings.Contains(left, at.left) || strings.Contains(left, "at the registrar") {
				t.Errorf("it leaves %+v, %v", ends, err)
			}
			// The name is free for another try.
			r.Place(t, outside.Alter(t, adoptionOf(t, outside.NewCustomer), "jane@", "john@"))
		})
	}
}

// The settings that an adoption orders are its last steps, and are requested through the ledger.
func TestAnAdoptionAppliesSettings(t *testing.T) {
	r := begin(t, outside.Options{}, adoptionOf(t, outside.DomainOnly, `"domain": "shop"`, `"domain": "shop", "settings": {"lock": true}`), held(t))
	if result := r.finish(); len(result.Differences) != 0 {
		t.Errorf("differences %v", result.Differences)
	}
	if got := r.operations(); len(got) != 1 || got["domainSetPreference.registrar_lock"] != 1 {
		t.Errorf("operations %v", got)
	}
}

// A lost answer of Operations or Billing is made good as in any other order.
func TestAnAdoptionSurvivesLostAnswers(t *testing.T) {
	for _, fault := range []string{
		"operations:pem.addAccount:cut-after", "operations:pem.activateSubscription:cut-after*2", "operations:pem.addDomain:cut-after*2",
		"billing:*:cut-after*2", "netim:domainInfo:cut-after",
	} {
		t.Run(fault, func(t *testing.T) {
			r := begin(t, outside.Options{}, adoptionOf(t, outside.NewCustomer), held(t))
			before, _ := r.Netim.Registration(shop)
			r.Fault(t, fault)
			r.finish()
			r.want(adopted())
			r.nothingRequested(before)
		})
	}
}
