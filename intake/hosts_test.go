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

// plain is a registrar that registers no hosts below a domain and takes no language.
type plain struct{ registrars.Registrar }

func (plain) Check(_ context.Context, request registrars.Request) error {
	return errors.Join(request.UnkeptHosts().In("plain", "check"), request.UntakenLanguage().In("plain", "check"))
}

const hostsOfShop = `"transferKey": "", "language": "FRE", "nameServers": ["ns1.dns.example", {"host": "ns2.shop.example", "addresses": ["192.0.2.2"]}]`

// TestWhatARegistrarCannotServeIsSaidWhenTheOrderComes, at the name server and at the language.
func TestWhatARegistrarCannotServeIsSaidWhenTheOrderComes(t *testing.T) {
	w := outside.New(t, outside.Options{})
	account := w.Intake.Accounts[outside.Account]
	account.Registrar = plain{account.Registrar}
	w.Intake.Accounts[outside.Account] = account
	_, err := w.Intake.Place(t.Context(), []byte(outside.Alter(t, outside.NewCustomer, `"transferKey": ""`, hostsOfShop)))
	refusal, ok := errors.AsType[*intake.Refusal](err)
	if !ok || !slices.Equal(refusal.Pointers, []string{"/items/1/nameServers/1", "/items/1/language"}) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{
		"items[1].nameServers[1] breaks a rule: is below the domain, and hosts with addresses cannot be registered at this registrar",
		"items[1].language breaks a rule: no code of a language can be given at this registrar",
	} {
		if !strings.Contains(refusal.Error(), want) {
			t.Errorf("%q lacks %q", refusal, want)
		}
	}
	if len(w.Temporal.Starts()) != 0 || w.Operations.Calls("") != 0 {
		t.Error("something was made for a refused order")
	}
}

// TestHostsAndAddressesReachTheWorkflow of a registrar that registers hosts.
func TestHostsAndAddressesReachTheWorkflow(t *testing.T) {
	w := outside.New(t, outside.Options{})
	w.Place(t, outside.Alter(t, outside.NewCustomer, `"transferKey": ""`, strings.Replace(hostsOfShop, `"language": "FRE", `, "", 1)))
	domain := w.Temporal.Starts()[0].Input.Unit.Domain
	if len(domain.Hosts) != 1 || domain.Hosts[0].Name != "ns2.shop.example" || domain.Hosts[0].Addresses[0].String() != "192.0.2.2" || len(domain.NameServers) != 2 {
		t.Errorf("got %+v", domain)
	}
}
