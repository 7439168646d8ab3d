package operations_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/operations"
	"domainprovisioning/wire/xmlrpc"
)

// platform is just enough of Operations to walk through the provisioning model:
// it holds accounts, subscriptions and domains, and enforces owners and force.
type platform struct {
	mu            sync.Mutex // held while a call is served, and by tests that look at the state
	nextID        int
	accounts      map[int]bool
	subscriptions map[int]int // id to account
	requests      map[string]int
	domains       map[string]*platformDomain
	bound         map[int]int
	cutNext       bool // the next call takes effect and its reply is lost
}

type platformDomain struct{ id, account, subscription, status int }

func newPlatform() *platform {
	return &platform{
		nextID: 1000, accounts: map[int]bool{}, subscriptions: map[int]int{}, requests: map[string]int{},
		domains: map[string]*platformDomain{}, bound: map[int]int{},
	}
}

func (p *platform) start(t *testing.T) *operations.Client {
	t.Helper()
	handler := &xmlrpc.Handler{Serve: p.serve}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.takeCut() {
			handler.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	c, err := operations.New(operations.Config{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func (p *platform) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cutNext = true
}

func (p *platform) takeCut() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	cut := p.cutNext
	p.cutNext = false
	return cut
}

func success(result xmlrpc.Struct) (any, error) {
	return xmlrpc.Struct{"status": 0, "result": result}, nil
}

func refusal(format string, args ...any) (any, error) {
	return xmlrpc.Struct{"status": -1, "error_message": fmt.Sprintf(format, args...)}, nil
}

func (p *platform) serve(_ context.Context, method string, params []any) (any, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	in := params[0].(xmlrpc.Struct)
	id := func(name string) int {
		if value, ok := in[name].(int); ok {
			return value
		}
		p.nextID++
		return p.nextID
	}
	name, _ := in["domain_name"].(string)
	switch method {
	case "pem.addAccount":
		account := id("account_id")
		if p.accounts[account] {
			return refusal("Account #%d already exists.", account)
		}
		p.accounts[account] = true
		return success(xmlrpc.Struct{"account_id": account})
	case "pem.addAccountMember":
		return success(xmlrpc.Struct{"user_id": id("user_id")})
	case "pem.activateSubscription":
		subscription := id("subscription_id")
		if _, taken := p.subscriptions[subscription]; taken {
			return refusal("Subscription #%d already exists.", subscription)
		}
		p.subscriptions[subscription] = in["account_id"].(int)
		return success(xmlrpc.Struct{"subscription_id": subscription})
	case "pem.getSubscription":
		owner, found := p.subscriptions[id("subscription_id")]
		if !found {
			return refusal("Subscription does not exist.")
		}
		return success(xmlrpc.Struct{"owner_id": owner, "is_active": true})
	case "pem.addDomainRequest":
		_, known := p.requests[name]
		p.requests[name] = id("subscription_id")
		return success(xmlrpc.Struct{"name_servers": []any{"ns1.dns.example", "ns2.dns.example"}, "zone_created": known})
	case "pem.getNameServers":
		return xmlrpc.Struct{"status": -1, "module_id": "OpenAPI", "extype_id": 21, "error_message": "wrong arguments"}, nil
	case "pem.getDomainByName":
		domain, found := p.domains[name]
		if !found {
			return refusal("Domain does not exist")
		}
		return success(xmlrpc.Struct{"domain_id": domain.id, "account_id": domain.account, "registrar_status": domain.status})
	case "pem.addDomain":
		return p.addDomain(in, name, id)
	case "pem.bindServicesToDomain":
		domain := in["domain_id"].(int)
		if p.bound[domain] != 0 {
			return refusal("The services are already provisioned")
		}
		p.bound[domain] = in["subscription_id"].(int)
		return xmlrpc.Struct{"status": 0}, nil
	}
	return nil, &xmlrpc.Fault{Code: 1, Text: "no such method"}
}

func (p *platform) addDomain(in xmlrpc.Struct, name string, id func(string) int) (any, error) {
	subscription := in["subscription_id"].(int)
	account, status := p.subscriptions[subscription], in["registrar_status"].(int)
	existing, found := p.domains[name]
	force := in["force"].(bool)
	switch {
	case found && !force:
		return refusal("Domain %s already exists", name)
	case found && existing.account == account:
		existing.status = status
	default:
		p.domains[name] = &platformDomain{id: id("domain_id"), account: account, subscription: subscription, status: status}
	}
	delete(p.requests, name)
	return success(xmlrpc.Struct{"domain_id": p.domains[name].id})
}

// TestProvisioningModel: the twelve steps for a new name, with a lost reply in
// step 3 and another in step 7, end with one account that has one domain,
// registered and bound once.
func TestProvisioningModel(t *testing.T) {
	p := newPlatform()
	c, ctx := p.start(t), t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	account, err := c.AddAccount(ctx, operations.AddAccountParams{AccountID: 500100, Contact: plainContact()})
	must(err)
	_, err = c.AddAccountMember(ctx, operations.AddAccountMemberParams{
		AccountID: account, Contact: plainContact(), Auth: operations.Auth{Login: "jana", Password: domains.NewSecret("p")},
	})
	must(err)

	activate := operations.ActivateSubscriptionParams{SubscriptionID: 700101, AccountID: account, ServiceTemplateID: 12}
	p.cut()
	if _, err = c.ActivateSubscription(ctx, activate); !operations.OutcomeUnknown(err) {
		t.Fatalf("a lost reply: got %v", err)
	}
	if _, err = c.ActivateSubscription(ctx, activate); !operations.IsExists(err) {
		t.Fatalf("the repetition: got %v", err)
	}
	subscription, err := c.GetSubscription(ctx, 700101)
	must(err)
	if subscription.OwnerID != account {
		t.Fatalf("owner %d", subscription.OwnerID)
	}

	request, err := c.AddDomainRequest(ctx, 700101, shop)
	must(err)
	if request.ZoneExisted || len(request.NameServers) != 2 {
		t.Errorf("got %+v", request)
	}
	if again, err := c.AddDomainRequest(ctx, 700101, shop); err != nil || !again.ZoneExisted || !again.NameServers.Same(request.NameServers) {
		t.Errorf("a repeated request: got %+v %v", again, err)
	}
	if _, err := c.GetNameServers(ctx, 700101, shop); !operations.IsArguments(err) {
		t.Errorf("the sign to use the servers of step 4: got %v", err)
	}

	if _, err := c.GetDomainByName(ctx, shop); !operations.IsNotFound(err) {
		t.Errorf("a request is no domain: got %v", err)
	}
	step7 := operations.AddDomainParams{SubscriptionID: 700101, DomainID: 8123, DomainName: shop}
	p.cut()
	if _, err = c.AddDomain(ctx, step7); !operations.OutcomeUnknown(err) {
		t.Fatalf("a lost reply: got %v", err)
	}
	if _, err = c.AddDomain(ctx, step7); !operations.IsExists(err) {
		t.Fatalf("the repetition meets its own domain: got %v", err)
	}
	found, err := c.GetDomainByName(ctx, shop)
	must(err)
	if found.ID != 8123 || found.AccountID != account || found.RegistrarStatus != operations.RegistrarStatusUndefined {
		t.Errorf("got %+v", found)
	}

	hosting, err := c.ActivateSubscription(ctx, operations.ActivateSubscriptionParams{AccountID: account, ServiceTemplateID: 13})
	must(err)
	already, err := c.BindServicesToDomain(ctx, found.ID, hosting)
	must(err)
	if already {
		t.Error("the first binding was called a repetition")
	}

	step11 := operations.AddDomainParams{SubscriptionID: 700101, DomainName: shop, Force: true, RegistrarStatus: operations.RegistrarStatusRegistered}
	for range 2 { // a repetition converges
		if id, err := c.AddDomain(ctx, step11); err != nil || id != 8123 {
			t.Errorf("step 11: got %d %v", id, err)
		}
	}
	if already, err = c.BindServicesToDomain(ctx, 8123, hosting); err != nil || !already {
		t.Errorf("step 12 after step 9: got %v %v", already, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if domain := p.domains["shop.example"]; len(p.accounts) != 1 || len(p.domains) != 1 || domain.status != 2 || p.bound[8123] != hosting {
		t.Errorf("the platform holds %v %v %v", p.accounts, domain, p.bound)
	}
}

// TestContactReadsBack: a contact that is read back equals the one that was
// sent.
func TestContactReadsBack(t *testing.T) {
	seen := xmlrpc.Struct{}
	server := httptest.NewServer(&xmlrpc.Handler{Serve: func(_ context.Context, method string, params []any) (any, error) {
		if method == "pem.addAccount" {
			seen = params[0].(xmlrpc.Struct)
		}
		seen["account_id"], seen["account_type"] = 1, "C"
		return success(seen)
	}})
	defer server.Close()
	c, err := operations.New(operations.Config{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	if empty, err := c.GetAccountInfo(t.Context(), 1); err != nil || empty.Contact != (domains.Contact{}) {
		t.Errorf("a reply without a contact gives one, or %v", err)
	}
	untidy := fullContact()
	untidy.Country, untidy.City, untidy.Phone.Number = " cz", " Praha ", "123 456-789"
	if _, err := c.AddAccount(t.Context(), operations.AddAccountParams{Contact: untidy}); err != nil {
		t.Fatal(err)
	}
	if account, err := c.GetAccountInfo(t.Context(), 1); err != nil || account.Contact != fullContact() {
		t.Errorf("sent %v, %v", seen, err)
	}
	// A country without postal codes and states: Operations is given something all the same,
	// and nobody else sees it.
	bare := fullContact()
	bare.Country, bare.PostalCode, bare.State = "QA", "", ""
	if _, err := c.AddAccount(t.Context(), operations.AddAccountParams{Contact: bare}); err != nil {
		t.Fatal(err)
	}
	if sent := seen["address"].(xmlrpc.Struct); sent["zipcode"] != "-" || sent["state"] != "-" {
		t.Errorf("sent %v", sent)
	}
	if account, err := c.GetAccountInfo(t.Context(), 1); err != nil || account.Contact != bare {
		t.Errorf("read %v, %v", account.Contact.PostalCode, err)
	}
	// What a country has is never made up, and what was sent for it is not taken away.
	seen["address"].(xmlrpc.Struct)["country"] = "us"
	if account, err := c.GetAccountInfo(t.Context(), 1); err != nil || account.Contact.State != "-" || account.Contact.PostalCode != "-" {
		t.Errorf("read %q, %v", account.Contact.State, err)
	}
	// The codes of a fax that nobody has are no fax.
	bare.Fax = domains.Phone{CountryCode: "974"}
	if _, err := c.AddAccount(t.Context(), operations.AddAccountParams{Contact: bare}); err != nil || seen["fax"] != nil {
		t.Errorf("sent %v, %v", seen["fax"], err)
	}
}

func ExampleClient_AddDomain() {
	server := httptest.NewServer(&xmlrpc.Handler{Serve: newPlatform().serve})
	defer server.Close()
	c, err := operations.New(operations.Config{URL: server.URL})
	if err != nil {
		panic(err)
	}
	defer c.CloseIdleConnections()
	p := operations.AddDomainParams{SubscriptionID: 700101, DomainID: 8123, DomainName: domains.MustParseName("shop.example")}
	id, err := c.AddDomain(context.Background(), p)
	fmt.Println(id, err)
	_, err = c.AddDomain(context.Background(), p)
	fmt.Println(operations.IsExists(err), operations.OutcomeUnknown(err))
	// Output:
	// 8123 <nil>
	// true false
}
