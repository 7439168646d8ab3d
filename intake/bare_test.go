package intake_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
)

// bringsBare is a registrar whose transfers bring a domain as it is. It judges nothing of a
// transfer but the name, and of what follows the contacts and name servers.
type bringsBare struct {
	registrars.Registrar

	unserved registrars.Kind
	asked    map[registrars.Kind]registrars.Request
}

func (b *bringsBare) Describe() registrars.Descriptor {
	d := b.Registrar.Describe()
	d.BareTransfers = true
	d.Kinds = slices.DeleteFunc(slices.Clone(d.Kinds), func(k registrars.Kind) bool { return k == b.unserved })
	return d
}

func (b *bringsBare) Check(_ context.Context, request registrars.Request) error {
	b.asked[request.Kind] = request
	var broken registrars.Breaches
	switch request.Kind {
	case registrars.OwnerChange, registrars.ContactChange:
		for _, role := range request.Kind.Roles() {
			if contact := request.Contacts[role]; contact.Details.PostalCode == "10001" {
				broken.Add(contact.Breaks("postalCode", "another one"))
			}
		}
	case registrars.NameServerChange:
		broken.Add(request.ServerCount(3))
	}
	return broken.In("bare", "check")
}

// barely puts such a registrar behind the account.
func barely(w *outside.World, unserved registrars.Kind) *bringsBare {
	account := w.Intake.Accounts[outside.Account]
	registrar := &bringsBare{Registrar: account.Registrar, unserved: unserved, asked: map[registrars.Kind]registrars.Request{}}
	account.Registrar = registrar
	w.Intake.Accounts[outside.Account] = account
	return registrar
}

func transferOrder(t *testing.T, pairs ...string) string {
	t.Helper()
	return outside.Alter(t, outside.NewCustomer, append([]string{`"registration"`, `"transfer"`, `"transferKey": ""`, `"transferKey": "KEY-1"`}, pairs...)...)
}

// TestWhatFollowsATransferIsCheckedWhenTheOrderComes, as far as it can be without the domain.
func TestWhatFollowsATransferIsCheckedWhenTheOrderComes(t *testing.T) {
	w := outside.New(t, outside.Options{})
	registrar := barely(w, "")
	_, err := w.Intake.Place(t.Context(), []byte(transferOrder(t, `"KEY-1"`, `"KEY-1", "nameServers": ["ns1.dns.example", "ns2.dns.example", "ns3.dns.example", "ns4.dns.example"]`)))
	refusal, ok := errors.AsType[*intake.Refusal](err)
	if !ok || !slices.Equal(refusal.Pointers, []string{"/items/1/nameServers", "/customer/contact/postalCode"}) {
		t.Fatalf("got %v", err)
	}
	for _, kind := range []registrars.Kind{registrars.OwnerChange, registrars.ContactChange, registrars.NameServerChange} {
		if request, asked := registrar.asked[kind]; !asked || !request.Nameless() || len(request.Contacts) != len(kind.Roles()) {
			t.Errorf("%s: asked %t, about the name %q, with %d contacts", kind, asked, request.Domain, len(request.Contacts))
		}
	}
	if request := registrar.asked[registrars.Transfer]; request.Domain.String() != "shop.example" {
		t.Errorf("the transfer is of %q", request.Domain)
	}
	if len(w.Temporal.Starts()) != 0 {
		t.Error("a refused order was started")
	}
}

// TestATransferNeedsARegistrarThatSetsTheRest: nothing is paid where that cannot be done.
func TestATransferNeedsARegistrarThatSetsTheRest(t *testing.T) {
	for _, kind := range []registrars.Kind{registrars.OwnerChange, registrars.ContactChange, registrars.NameServerChange} {
		w := outside.New(t, outside.Options{})
		barely(w, kind)
		_, err := w.Intake.Place(t.Context(), []byte(transferOrder(t, "10001", "10002")))
		if refusal, ok := errors.AsType[*intake.Refusal](err); !ok || !strings.Contains(refusal.Error(), "does not serve a "+string(kind)) {
			t.Errorf("%s: got %v", kind, err)
		}
	}
}

// TestTheWorkflowKnowsThatADomainComesAsItIs, and a registration does not ask for it.
func TestTheWorkflowKnowsThatADomainComesAsItIs(t *testing.T) {
	for name, c := range map[string]struct {
		order  string
		barely bool
		want   bool
	}{
		"transfer":               {transferOrder(t, "10001", "10002"), true, true},
		"transfer at the others": {transferOrder(t, "10001", "10002"), false, false},
		"registration":           {outside.Alter(t, outside.NewCustomer, "10001", "10002"), true, false},
	} {
		w := outside.New(t, outside.Options{})
		w.Netim.AddElsewhere("shop.example", "KEY-1")
		if name == "registration" {
			w = outside.New(t, outside.Options{})
		}
		if c.barely {
			barely(w, "")
		}
		w.Place(t, c.order)
		if got := w.Temporal.Starts()[0].Input.BareTransfer; got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

// TestATransferSaysUntilWhenNameServersStay.
func TestATransferSaysUntilWhenNameServersStay(t *testing.T) {
	for _, bare := range []bool{true, false} {
		w := outside.New(t, outside.Options{})
		w.Netim.AddElsewhere("shop.example", "KEY-1")
		want := "is delegated to the system's name servers"
		if bare {
			barely(w, "")
			want = "keeps those that it has"
		}
		w.Place(t, transferOrder(t, "10001", "10002", `"KEY-1"`, `"KEY-1", "nameServers": ["ns1.dns.example", {"host": "ns2.shop.example", "addresses": ["192.0.2.2"]}]`))
		if notes := strings.Join(w.Temporal.Starts()[0].Input.Notes, "; "); !strings.Contains(notes, want) {
			t.Errorf("bare %t: notes %q", bare, notes)
		}
	}
}
