package intake_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

func adoptionOf(t *testing.T, order string, pairs ...string) string {
	t.Helper()
	return outside.Alter(t, order, append([]string{`"registration"`, `"adoption"`, `, "transferKey": ""`, ""}, pairs...)...)
}

// What can be known about an adoption is said when it comes, and nothing is made.
func TestAnAdoptionIsRefusedForWhatTheRegistrarAndOperationsSay(t *testing.T) {
	held := func(w *outside.World) { w.Register(t, "shop.example") }
	of := func(account int) func(*outside.World) {
		return func(w *outside.World) {
			held(w)
			w.Operations.AddExistingDomain("shop.example", account)
		}
	}
	for name, c := range map[string]struct {
		order   string
		prepare func(*outside.World)
		want    []string // reasons, each after its pointer
	}{
		"not in the account": {adoptionOf(t, outside.NewCustomer), func(*outside.World) {},
			[]string{"/items/1/domain items[1].domain breaks a rule: must be in the registrar account already, and it is not: " +
				"order a registration, or a transfer if another registrar has it (registrar account netim-1)"}},
		"expired": {adoptionOf(t, outside.NewCustomer), func(w *outside.World) {
			held(w)
			expired, _ := w.Netim.Registration("shop.example")
			expired.Expires = expired.Created
			w.Netim.AddRegistration(expired)
		}, []string{`/items/1/domain items[1].domain breaks a rule: must be registered, and the registrar has it in status "EXPIRED"`}},
		"one name server": {adoptionOf(t, outside.NewCustomer), func(w *outside.World) {
			held(w)
			single, _ := w.Netim.Registration("shop.example")
			single.NameServers = single.NameServers[:1]
			w.Netim.AddRegistration(single)
		}, []string{"/items/1/domain items[1].domain breaks a rule: must have 2 name servers for Billing, and the registrar has it with 1"}},
		"another date": {adoptionOf(t, outside.NewCustomer, `"domain": "shop"`, `"domain": "shop", "expires": "2031-01-01"`), held,
			[]string{"/items/1/expires items[1].expires breaks a rule: must be the registrar's date, 20"}},
		"of another customer": {adoptionOf(t, outside.DomainOnly), of(500_777),
			[]string{"/items/0/domain items[0].domain exists in Operations under account 500777: order the adoption for that account"}},
		"of a customer, for a new one": {adoptionOf(t, outside.NewCustomer), of(outside.Customer),
			[]string{"/items/1/domain items[1].domain exists in Operations under account 500100"}},
		"all at once": {adoptionOf(t, outside.DomainOnly, `"domain": "shop"`, `"domain": "shop", "nameServers": ["ns1.a.example", "ns2.a.example"], "transferKey": "k"`),
			func(w *outside.World) { w.Operations.AddExistingDomain("shop.example", 500_777) },
			[]string{"/items/0/domain items[0].domain breaks a rule: must be in", "/items/0/domain items[0].domain exists in",
				"/items/0/nameServers/0 items[0].nameServers[0] can be set only", "/items/0/transferKey items[0].transferKey is for a transfer only"}},
		"there, and its customer's": {adoptionOf(t, outside.NewCustomer), held, nil},
		"left by an earlier order":  {adoptionOf(t, outside.DomainOnly), of(outside.Customer), nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := outside.New(t, outside.Options{AskOperations: true})
			c.prepare(w)
			before := w.Effects("shop.example")
			_, err := w.Intake.Place(t.Context(), []byte(c.order))
			if c.want == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			refusal, ok := errors.AsType[*intake.Refusal](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			var got []string
			for n, reason := range refusal.Reasons {
				got = append(got, refusal.Pointers[n]+" "+reason)
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.EqualFunc(got, c.want, strings.HasPrefix) {
				t.Errorf("reasons\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if after := w.Effects("shop.example"); after != before || len(w.Temporal.Starts()) != 0 {
				t.Errorf("effects %s, before %s", after, before)
			}
		})
	}
}

// outsider is a registrar whose domains are read by RDAP and DNS.
type outsider struct{ registrars.Registrar }

func (o outsider) Describe() registrars.Descriptor {
	d := o.Registrar.Describe()
	d.Title, d.Reads = "Outsider", registrars.ReadsOutside
	return d
}

// RDAP shows that a name is registered, but not in whose account.
func TestNothingIsAdoptedWhereTheRegistrarDoesNotTellWhatItHas(t *testing.T) {
	w := outside.New(t, outside.Options{})
	w.Register(t, "shop.example")
	w.Intake.Accounts[outside.Account] = intake.Account{Registrar: outsider{w.Registrar}}
	_, err := w.Intake.Place(t.Context(), []byte(adoptionOf(t, outside.NewCustomer)))
	refusal, ok := errors.AsType[*intake.Refusal](err)
	if !ok || fmt.Sprint(refusal.Pointers) != "[/items/1/operation]" ||
		!strings.Contains(refusal.Error(), `registrar account "netim-1" (Outsider) does not tell which domains it has`) {
		t.Errorf("got %v", err)
	}
}

// A question without an answer refuses nothing: the workflow asks again.
func TestAnAdoptionIsAcceptedIfNobodyAnswers(t *testing.T) {
	for _, fault := range []string{"netim:domainInfo:http-error=503*always", "operations:pem.getDomainByName:http-error=503*always"} {
		w := outside.New(t, outside.Options{AskOperations: true})
		w.Register(t, "shop.example")
		w.Fault(t, fault)
		if placed := w.Place(t, adoptionOf(t, outside.NewCustomer)); !placed.Units[0].Started || placed.Units[0].WorkflowID != "domain-adoption/shop.example" {
			t.Errorf("%s: %+v", fault, placed)
		}
	}
}

// A domain is in one open order, whatever is ordered.
func TestADomainOfAnOpenOrderIsNotAdopted(t *testing.T) {
	w := outside.New(t, outside.Options{})
	first := w.Place(t, outside.NewCustomer)
	w.Register(t, "shop.example")
	_, err := w.Intake.Place(t.Context(), []byte(adoptionOf(t, outside.NewCustomer)))
	if open, ok := errors.AsType[*store.DomainOpenError](err); !ok || open.OrderNumber != first.Number {
		t.Errorf("got %v", err)
	}
}
