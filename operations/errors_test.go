package operations_test

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/operations"
)

func TestErrorReplies(t *testing.T) {
	tests := []struct {
		reply   string
		kind    operations.Kind
		code    int
		hasCode bool
		exType  int
		module  string
	}{
		{"error_subscription_not_found", operations.KindNotFound, 2006, true, 200, "ResourceManagement"},
		{"error_subscription_exists", operations.KindExists, 2007, true, 205, "ResourceManagement"},
		{"error_upgrade", operations.KindUpgrade, 2000, true, 270, "ResourceManagement"},
		{"error_arguments_openapi", operations.KindArguments, 0, false, 21, "OpenAPI"},
		{"error_arguments_common", operations.KindArguments, 0, true, 2, "Common"},
		{"error_transaction", operations.KindTransaction, 0, false, 2001, "OpenAPI"},
		{"error_dns_data", operations.KindDNSData, 0, false, 0, ""},
		{"error_domain_exists", operations.KindExists, 77, true, 9, "Domains"},
		{"error_text_not_found", operations.KindNotFound, 0, false, 0, ""},
		{"error_personal", operations.KindOther, 0, false, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.reply, func(t *testing.T) {
			c, _ := serve(t, test.reply)
			err := c.RemoveSubscription(t.Context(), 700101)
			e, ok := errors.AsType[*operations.Error](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			if e.Kind != test.kind || e.Code != test.code || e.HasCode != test.hasCode || e.ExType != test.exType || e.Module != test.module {
				t.Errorf("got %+v", *e)
			}
			if e.Method != "pem.removeSubscription" || e.Message == "" {
				t.Errorf("got %+v", *e)
			}
			if operations.OutcomeUnknown(err) || operations.NotSent(err) {
				t.Error("an error reply promises that nothing changed")
			}
			if operations.IsExists(err) != (test.kind == operations.KindExists) ||
				operations.IsNotFound(err) != (test.kind == operations.KindNotFound) ||
				operations.IsArguments(err) != (test.kind == operations.KindArguments) {
				t.Error("the helpers disagree with the kind")
			}
			if strings.Contains(err.Error(), "jana@") || len(err.Error()) > 350 {
				t.Errorf("got %v", err)
			}
		})
	}
	c, _ := serve(t, "error_subscription_not_found")
	e, _ := errors.AsType[*operations.Error](c.RemoveSubscription(t.Context(), 700101))
	if e.Properties["sub_id"] != "700101" {
		t.Errorf("properties %v", e.Properties)
	}
}

func TestFaults(t *testing.T) {
	for reply, text := range map[string]string{
		"fault_base64": "broken for jana@shop.example",
		"fault_raw":    "no such method",
	} {
		c, _ := serve(t, reply)
		err := c.RemoveSubscription(t.Context(), 1)
		fault, ok := errors.AsType[*operations.FaultError](err)
		if !ok || fault.Text != text {
			t.Errorf("%s: got %v", reply, err)
			continue
		}
		if !operations.OutcomeUnknown(err) || operations.NotSent(err) || strings.Contains(err.Error(), "jana@") {
			t.Errorf("%s: got %v", reply, err)
		}
	}
}

func TestTransportErrors(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	c, err := operations.New(operations.Config{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.RemoveDomain(t.Context(), 1); !operations.OutcomeUnknown(err) {
		t.Errorf("a bad gateway: got %v", err)
	}
	server.Close()
	c.CloseIdleConnections()
	if err := c.RemoveDomain(t.Context(), 1); !operations.NotSent(err) || operations.OutcomeUnknown(err) {
		t.Errorf("a closed port: got %v", err)
	}
}

// TestValidation: every call here is refused before a connection is made; the
// server is closed.
func TestValidation(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	c, err := operations.New(operations.Config{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	account := func(change func(*operations.AddAccountParams)) func(context.Context) error {
		p := operations.AddAccountParams{Contact: fullContact()}
		change(&p)
		return func(ctx context.Context) error { _, err := c.AddAccount(ctx, p); return err }
	}
	contact := func(change func(*domains.Contact)) func(context.Context) error {
		return account(func(p *operations.AddAccountParams) { change(&p.Contact) })
	}
	member := func(change func(*operations.AddAccountMemberParams)) func(context.Context) error {
		p := operations.AddAccountMemberParams{
			AccountID: 1, Contact: fullContact(), Auth: operations.Auth{Login: "l", Password: domains.NewSecret("p")},
		}
		change(&p)
		return func(ctx context.Context) error { _, err := c.AddAccountMember(ctx, p); return err }
	}
	subscription := func(change func(*operations.ActivateSubscriptionParams)) func(context.Context) error {
		p := operations.ActivateSubscriptionParams{AccountID: 1, ServiceTemplateID: 2}
		change(&p)
		return func(ctx context.Context) error { _, err := c.ActivateSubscription(ctx, p); return err }
	}
	domain := func(change func(*operations.AddDomainParams)) func(context.Context) error {
		p := operations.AddDomainParams{SubscriptionID: 1, DomainName: shop}
		change(&p)
		return func(ctx context.Context) error { _, err := c.AddDomain(ctx, p); return err }
	}
	hosting := func(h operations.HostingType) *operations.HostingType { return &h }
	const ids = " must be between 1 and 2147483647"
	tests := []struct {
		want string
		call func(context.Context) error
	}{
		{"account_id" + ids, account(func(p *operations.AddAccountParams) { p.AccountID = -1 })},
		{"subscription_id" + ids, account(func(p *operations.AddAccountParams) { p.SubscriptionID = math.MaxInt32 + 1 })},
		{"parent_account_id" + ids, account(func(p *operations.AddAccountParams) { p.ParentAccountID = -1 })},
		{"account_type must be C or R", account(func(p *operations.AddAccountParams) { p.AccountType = operations.AccountProvider })},
		{"note is longer than 255 characters", account(func(p *operations.AddAccountParams) { p.Note = strings.Repeat("ü", 256) })},
		{"person.first_name must not be empty", contact(func(p *domains.Contact) { p.FirstName = " " })},
		{"person.last_name must not be empty", contact(func(p *domains.Contact) { p.LastName = "" })},
		{"address.street_name must not be empty", contact(func(p *domains.Contact) { p.Address1 = "" })},
		{"address.zipcode must not be empty", contact(func(p *domains.Contact) { p.PostalCode = "" })},
		{"address.city must not be empty", contact(func(p *domains.Contact) { p.City = "" })},
		{"address.state must not be empty", contact(func(p *domains.Contact) { p.Country, p.State = "US", "" })},
		{"address.country must be two letters", contact(func(p *domains.Contact) { p.Country = "CZE" })},
		{"phone.country_code must not be empty", contact(func(p *domains.Contact) { p.Phone.CountryCode = "" })},
		{"phone.phone_num must not be empty", contact(func(p *domains.Contact) { p.Phone.Number = "ext" })},
		{"fax.country_code must not be empty", contact(func(p *domains.Contact) { p.Fax.CountryCode = "" })},
		{"email must not be empty", contact(func(p *domains.Contact) { p.Email = "" })},
		{"account_id" + ids, member(func(p *operations.AddAccountMemberParams) { p.AccountID = 0 })},
		{"user_id" + ids, member(func(p *operations.AddAccountMemberParams) { p.UserID = -5 })},
		{"auth.login must not be empty", member(func(p *operations.AddAccountMemberParams) { p.Auth.Login = "" })},
		{"auth.password must not be empty", member(func(p *operations.AddAccountMemberParams) { p.Auth.Password = domains.Secret{} })},
		{"external_identity must not come with auth, person, address, phone, fax or email", member(func(p *operations.AddAccountMemberParams) {
			p.ExternalIdentity = operations.ExternalIdentity{SystemName: "s", IdentityKey: domains.NewSecret("k")}
		})},
		{"external_identity.identity_key must not be empty", member(func(p *operations.AddAccountMemberParams) {
			*p = operations.AddAccountMemberParams{AccountID: 1, ExternalIdentity: operations.ExternalIdentity{SystemName: "s"}}
		})},
		{"account_id" + ids, subscription(func(p *operations.ActivateSubscriptionParams) { p.AccountID = 0 })},
		{"service_template_id" + ids, subscription(func(p *operations.ActivateSubscriptionParams) { p.ServiceTemplateID = 0 })},
		{"resource_limits.resource_id" + ids, subscription(func(p *operations.ActivateSubscriptionParams) {
			p.ResourceLimits = []operations.ResourceLimit{{}}
		})},
		{"resource_limits.resource_limit must be -1 or above", subscription(func(p *operations.ActivateSubscriptionParams) {
			p.ResourceLimits = []operations.ResourceLimit{{ResourceID: 1, Limit: -2}}
		})},
		{"parameters.var_name must not be empty", subscription(func(p *operations.ActivateSubscriptionParams) {
			p.Parameters = []operations.Parameter{{}}
		})},
		{"subscription_id" + ids, domain(func(p *operations.AddDomainParams) { p.SubscriptionID = 0 })},
		{"domain_id" + ids, domain(func(p *operations.AddDomainParams) { p.DomainID = -1 })},
		{"domain_name must not be empty", domain(func(p *operations.AddDomainParams) { p.DomainName = domains.Name{} })},
		{"registrar_status must be 0, 1 or 2", domain(func(p *operations.AddDomainParams) { p.RegistrarStatus = 3 })},
		{"hosting_type must be 0 or 2", domain(func(p *operations.AddDomainParams) { p.HostingType = hosting(1) })},
		{"domain_parking_type is only for hosting_type 2", domain(func(p *operations.AddDomainParams) { p.Parking = &operations.Parking{} })},
		{"domain_parking_type must be 0, 1, 2 or 3", domain(func(p *operations.AddDomainParams) {
			p.HostingType, p.Parking = hosting(operations.HostingParking), &operations.Parking{Type: 4}
		})},
		{"path must not be empty", domain(func(p *operations.AddDomainParams) {
			p.HostingType, p.Parking = hosting(operations.HostingParking), &operations.Parking{Type: 3}
		})},
		{"subscription_id" + ids, func(ctx context.Context) error { _, err := c.AddDomainRequest(ctx, 0, shop); return err }},
		{"domain_name must not be empty", func(ctx context.Context) error { return c.RemoveDomainRequest(ctx, 1, domains.Name{}) }},
		{"domain_name must not be empty", func(ctx context.Context) error { _, err := c.GetNameServers(ctx, 1, domains.Name{}); return err }},
		{"domain_name must not be empty", func(ctx context.Context) error { _, err := c.GetDomainByName(ctx, domains.Name{}); return err }},
		{"domain_id" + ids, func(ctx context.Context) error { return c.RemoveDomain(ctx, 0) }},
		{"subscription_id" + ids, func(ctx context.Context) error { _, err := c.BindServicesToDomain(ctx, 1, 0); return err }},
		{"domain_id" + ids, func(ctx context.Context) error { _, err := c.BindServicesToDomain(ctx, 0, 1); return err }},
		{"login must not be empty", func(ctx context.Context) error { _, err := c.GetAccountMemberByLogin(ctx, ""); return err }},
		{"account_id" + ids, func(ctx context.Context) error { _, err := c.GetAccountMembers(ctx, 0); return err }},
		{"account_id" + ids, func(ctx context.Context) error { _, err := c.GetAccountSubscriptions(ctx, 0); return err }},
		{"account_id" + ids, func(ctx context.Context) error { _, err := c.GetAccountInfo(ctx, 0); return err }},
		{"subscription_id" + ids, func(ctx context.Context) error { _, err := c.GetSubscription(ctx, 0); return err }},
		{"member_id" + ids, func(ctx context.Context) error { return c.RemoveAccountMember(ctx, 0) }},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			err := test.call(t.Context())
			invalid, ok := errors.AsType[*operations.InvalidError](err)
			if !ok || !slices.Contains(invalid.Problems, test.want) {
				t.Fatalf("got %v", err)
			}
			if !operations.NotSent(err) || strings.Contains(err.Error(), "Jana") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	c, _ := serve(t, "ok")
	_, err := c.AddAccount(t.Context(), operations.AddAccountParams{})
	invalid, ok := errors.AsType[*operations.InvalidError](err)
	if !ok || len(invalid.Problems) != 10 || !strings.HasPrefix(err.Error(), "operations: pem.addAccount: person.first_name") {
		t.Errorf("got %v", err)
	}
}
