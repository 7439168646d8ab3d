package operations_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/operations"
	"domainprovisioning/wire/xmlrpc"
)

type client = operations.Client

// TestCalls: each row is one call, with its exact request, a reply, and what is read
// from it.
func TestCalls(t *testing.T) {
	servers := domains.NameServers{"ns1.dns.example", "ns2.dns.example"}
	member := operations.Member{MemberID: 900, UserID: 901, AccountID: 500100, Login: "jana", Contact: plainContact()}
	parking := operations.HostingParking
	tests := []struct {
		request, reply string
		call           func(context.Context, *client) (any, error)
		want           any
	}{
		{"addAccount", "addAccount", func(ctx context.Context, c *client) (any, error) {
			return c.AddAccount(ctx, operations.AddAccountParams{
				AccountID: 500100, AccountType: operations.AccountCustomer, SubscriptionID: 1, ParentAccountID: 1001,
				BrandedDomainName: "brand.example", Contact: fullContact(), Locale: "en", Note: "order 7",
			})
		}, 500100},
		{"addAccountMinimal", "addAccount", func(ctx context.Context, c *client) (any, error) {
			return c.AddAccount(ctx, operations.AddAccountParams{Contact: plainContact()})
		}, 500100},
		{"addAccountMember", "addAccountMember", func(ctx context.Context, c *client) (any, error) {
			return c.AddAccountMember(ctx, operations.AddAccountMemberParams{
				AccountID: 500100, UserID: 900, Contact: plainContact(),
				Auth: operations.Auth{Login: "jana", Password: domains.NewSecret("p&ss")},
			})
		}, 900},
		{"addAccountMemberExternal", "addAccountMember", func(ctx context.Context, c *client) (any, error) {
			return c.AddAccountMember(ctx, operations.AddAccountMemberParams{
				AccountID:        500100,
				ExternalIdentity: operations.ExternalIdentity{SystemName: "shop", IdentityKey: domains.NewSecret("k1")},
			})
		}, 900},
		{"activateSubscription", "activateSubscription", func(ctx context.Context, c *client) (any, error) {
			return c.ActivateSubscription(ctx, operations.ActivateSubscriptionParams{SubscriptionID: 700101, AccountID: 500100, ServiceTemplateID: 12})
		}, 700101},
		{"activateSubscription", "empty_result", func(ctx context.Context, c *client) (any, error) {
			return c.ActivateSubscription(ctx, operations.ActivateSubscriptionParams{SubscriptionID: 700101, AccountID: 500100, ServiceTemplateID: 12})
		}, 700101},
		{"activateSubscriptionFull", "activateSubscription", func(ctx context.Context, c *client) (any, error) {
			return c.ActivateSubscription(ctx, operations.ActivateSubscriptionParams{
				Name: "Hosting", AccountID: 500100, ServiceTemplateID: 12,
				ResourceLimits: []operations.ResourceLimit{{ResourceID: 5, Limit: operations.Unlimited}, {ResourceID: 6, Limit: 8 << 30}},
				Parameters:     []operations.Parameter{{Name: "domain_name", Value: "shop.example"}},
			})
		}, 700101},
		{"addDomainRequest", "addDomainRequest", func(ctx context.Context, c *client) (any, error) {
			return c.AddDomainRequest(ctx, 700101, shop)
		}, operations.DomainRequest{NameServers: servers, ZoneExisted: false}},
		{"addDomainRequest", "addDomainRequestExisting", func(ctx context.Context, c *client) (any, error) {
			return c.AddDomainRequest(ctx, 700101, shop)
		}, operations.DomainRequest{NameServers: servers, ZoneExisted: true}},
		{"removeDomainRequest", "ok", func(ctx context.Context, c *client) (any, error) {
			return nil, c.RemoveDomainRequest(ctx, 700101, shop)
		}, nil},
		{"getNameServers", "getNameServers", func(ctx context.Context, c *client) (any, error) {
			return c.GetNameServers(ctx, 700101, shop)
		}, servers},
		{"getNameServers", "getNameServersBare", func(ctx context.Context, c *client) (any, error) {
			return c.GetNameServers(ctx, 700101, shop)
		}, servers},
		{"addDomainStep7", "addDomain", func(ctx context.Context, c *client) (any, error) {
			return c.AddDomain(ctx, operations.AddDomainParams{SubscriptionID: 700101, DomainID: 8123, DomainName: shop})
		}, 8123},
		{"addDomainStep7", "ok", func(ctx context.Context, c *client) (any, error) {
			return c.AddDomain(ctx, operations.AddDomainParams{SubscriptionID: 700101, DomainID: 8123, DomainName: shop})
		}, 8123},
		{"addDomainStep11", "addDomain", func(ctx context.Context, c *client) (any, error) {
			return c.AddDomain(ctx, operations.AddDomainParams{
				SubscriptionID: 700101, DomainName: shop, Force: true, RegistrarStatus: operations.RegistrarStatusRegistered,
			})
		}, 8123},
		{"addDomainParked", "addDomain", func(ctx context.Context, c *client) (any, error) {
			return c.AddDomain(ctx, operations.AddDomainParams{
				SubscriptionID: 700101, DomainName: shop, RegistrarStatus: operations.RegistrarStatusUnset,
				HostingType: &parking, Parking: &operations.Parking{Type: 1, Path: "https://other.example/"},
			})
		}, 8123},
		{"bindServicesToDomain", "ok", func(ctx context.Context, c *client) (any, error) {
			return c.BindServicesToDomain(ctx, 8123, 700102)
		}, false},
		{"bindServicesToDomain", "error_already_bound", func(ctx context.Context, c *client) (any, error) {
			return c.BindServicesToDomain(ctx, 8123, 700102)
		}, true},
		{"getAccountInfo", "getAccountInfo", func(ctx context.Context, c *client) (any, error) {
			return c.GetAccountInfo(ctx, 500100)
		}, operations.Account{ID: 500100, Type: operations.AccountCustomer, ParentAccountID: 1001, Contact: fullContact(), Note: "order 7"}},
		{"getAccountMembers", "getAccountMembers", func(ctx context.Context, c *client) (any, error) {
			return c.GetAccountMembers(ctx, 500100)
		}, []operations.Member{member, {MemberID: 902, UserID: 902, AccountID: 500100, Login: "petr"}}},
		{"getAccountMembers", "ok", func(ctx context.Context, c *client) (any, error) {
			return c.GetAccountMembers(ctx, 500100)
		}, []operations.Member{}},
		{"getAccountMemberByLogin", "getMember", func(ctx context.Context, c *client) (any, error) {
			return c.GetAccountMemberByLogin(ctx, "jana")
		}, member},
		{"getMemberFullInfo", "getMember", func(ctx context.Context, c *client) (any, error) {
			return c.GetMemberFullInfo(ctx, 900)
		}, member},
		{"getSubscription", "getSubscription", func(ctx context.Context, c *client) (any, error) {
			return c.GetSubscription(ctx, 700101)
		}, operations.Subscription{ID: 700101, Name: "Domain", OwnerID: 500100, ServiceTemplateID: 12, Active: true}},
		{"getAccountSubscriptions", "getAccountSubscriptions", func(ctx context.Context, c *client) (any, error) {
			return c.GetAccountSubscriptions(ctx, 500100)
		}, []operations.Subscription{{ID: 700101, Name: "Domain"}, {ID: 700102}, {ID: 700103}}},
		{"getDomainByName", "getDomainByName", func(ctx context.Context, c *client) (any, error) {
			return c.GetDomainByName(ctx, shop)
		}, operations.Domain{ID: 8123, Name: shop, AccountID: 500100, SubscriptionID: 700101, RegistrarStatus: operations.RegistrarStatusRegistered}},
		{"getDomainByName", "getDomainByNameBrief", func(ctx context.Context, c *client) (any, error) {
			return c.GetDomainByName(ctx, shop)
		}, operations.Domain{ID: 8123, Name: shop, RegistrarStatus: operations.RegistrarStatusUnset}},
		{"removeAccount", "ok", func(ctx context.Context, c *client) (any, error) { return nil, c.RemoveAccount(ctx, 500100) }, nil},
		{"removeAccountMember", "ok", func(ctx context.Context, c *client) (any, error) { return nil, c.RemoveAccountMember(ctx, 900) }, nil},
		{"removeSubscription", "ok", func(ctx context.Context, c *client) (any, error) { return nil, c.RemoveSubscription(ctx, 700101) }, nil},
		{"removeDomain", "ok", func(ctx context.Context, c *client) (any, error) { return nil, c.RemoveDomain(ctx, 8123) }, nil},
	}
	for _, test := range tests {
		t.Run(test.request+" gets "+test.reply, func(t *testing.T) {
			c, request := serve(t, test.reply)
			got, err := test.call(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %#v, want %#v", got, test.want)
			}
			if want := oneLine(fixture(t, test.request+".request")); oneLine(*request) != want {
				t.Errorf("sent\n%s\nwant\n%s", *request, want)
			}
		})
	}
}

// unreadable reports whether an error says that waiting seldom helps.
func unreadable(err error) bool {
	marked, ok := errors.AsType[interface {
		error
		Unreadable() bool
	}](err)
	return ok && marked.Unreadable()
}

// TestMalformedReplies: after an unusable reply the server may have acted, unless the
// call only reads.
func TestMalformedReplies(t *testing.T) {
	addDomain := func(ctx context.Context, c *client) error {
		_, err := c.AddDomain(ctx, operations.AddDomainParams{SubscriptionID: 1, DomainName: shop})
		return err
	}
	getNameServers := func(ctx context.Context, c *client) error {
		_, err := c.GetNameServers(ctx, 1, shop)
		return err
	}
	tests := []struct {
		reply string
		call  func(context.Context, *client) error
	}{
		{"no_status", addDomain},
		{"empty_result", addDomain},
		{"scalar_result", addDomain},
		{"not_a_struct", addDomain},
		{"html", addDomain},
		{"bad_name_server", getNameServers},
		{"name_server_number", getNameServers},
		{"empty_result", getNameServers},
		{"bad_name_server", func(ctx context.Context, c *client) error {
			_, err := c.AddDomainRequest(ctx, 1, shop)
			return err
		}},
		{"ok", func(ctx context.Context, c *client) error {
			_, err := c.AddAccountMember(ctx, operations.AddAccountMemberParams{
				AccountID: 1, UserID: 2, Contact: plainContact(), Auth: operations.Auth{Login: "l", Password: domains.NewSecret("p")},
			})
			return err
		}},
		{"empty_result", func(ctx context.Context, c *client) error { _, err := c.GetAccountInfo(ctx, 1); return err }},
		{"no_member_id", func(ctx context.Context, c *client) error { _, err := c.GetAccountMembers(ctx, 1); return err }},
		{"scalar_result", func(ctx context.Context, c *client) error { _, err := c.GetAccountMembers(ctx, 1); return err }},
		{"empty_result", func(ctx context.Context, c *client) error { _, err := c.GetMemberFullInfo(ctx, 1); return err }},
		{"empty_result", func(ctx context.Context, c *client) error { _, err := c.GetSubscription(ctx, 1); return err }},
		{"no_member_id", func(ctx context.Context, c *client) error { _, err := c.GetAccountSubscriptions(ctx, 1); return err }},
		{"scalar_result", func(ctx context.Context, c *client) error { _, err := c.GetAccountSubscriptions(ctx, 1); return err }},
		{"empty_result", func(ctx context.Context, c *client) error { _, err := c.GetDomainByName(ctx, shop); return err }},
		{"other_domain", func(ctx context.Context, c *client) error { _, err := c.GetDomainByName(ctx, shop); return err }},
	}
	for _, test := range tests {
		t.Run(test.reply, func(t *testing.T) {
			c, _ := serve(t, test.reply)
			err := test.call(t.Context(), c)
			if err == nil || !strings.HasPrefix(err.Error(), "operations: pem.") || !unreadable(err) || operations.NotSent(err) {
				t.Fatalf("got %v", err)
			}
			if reads := strings.HasPrefix(err.Error(), "operations: pem.get"); operations.OutcomeUnknown(err) == reads {
				t.Errorf("outcome unknown: %t, of %v", operations.OutcomeUnknown(err), err)
			}
		})
	}
}

func TestConfig(t *testing.T) {
	for name, config := range map[string]operations.Config{
		"no URL":                   {},
		"no host":                  {URL: "https://"},
		"other scheme":             {URL: "ftp://operations.example"},
		"userinfo":                 {URL: "https://u:secret@operations.example"},
		"login without a password": {URL: "https://operations.example", Login: "secret"},
		"password without a login": {URL: "https://operations.example", Password: domains.NewSecret("secret")},
		"negative time-out":        {URL: "https://operations.example", Timeout: -time.Second},
	} {
		_, err := operations.New(config)
		if err == nil || !strings.HasPrefix(err.Error(), "operations: ") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestPathAndAuthentication(t *testing.T) {
	var path, login, password string
	handler := &xmlrpc.Handler{Serve: func(context.Context, string, []any) (any, error) {
		return xmlrpc.Struct{"status": 0}, nil
	}}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.Path
		login, password, _ = r.BasicAuth()
		handler.ServeHTTP(w, r)
	}))
	defer server.Close()
	for given, want := range map[string]string{"": operations.DefaultPath, "/": "/", "/RPC": "/RPC"} {
		c, err := operations.New(operations.Config{
			URL: server.URL + given, Login: "staff", Password: domains.NewSecret("p"), HTTPClient: server.Client(),
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.RemoveDomain(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if path != want || login != "staff" || password != "p" {
			t.Errorf("%q: path %q, login %q", given, path, login)
		}
	}
	c, err := operations.New(operations.Config{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.RemoveDomain(t.Context(), 1); !operations.NotSent(err) {
		t.Errorf("an unverified certificate: got %v", err)
	}
}

func TestDumpHidesSecrets(t *testing.T) {
	server := httptest.NewServer(&xmlrpc.Handler{Serve: func(context.Context, string, []any) (any, error) {
		return xmlrpc.Struct{"status": 0, "result": xmlrpc.Struct{"user_id": 7}}, nil
	}})
	defer server.Close()
	var dumped strings.Builder
	c, err := operations.New(operations.Config{URL: server.URL, Dump: func(_ string, b []byte) { dumped.Write(b) }})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	_, err = c.AddAccountMember(t.Context(), operations.AddAccountMemberParams{
		AccountID: 1, Contact: plainContact(), Auth: operations.Auth{Login: "l", Password: domains.NewSecret("s3cret")},
	})
	if err != nil || strings.Contains(dumped.String(), "s3cret") || !strings.Contains(dumped.String(), "user_id") {
		t.Errorf("%v %s", err, dumped.String())
	}
}

// The table of removals is that of docs/protocols/operations.md, section 10: what is not known
// there is not called.
func TestRemovalsAreCalledOnlyWhereTheirParametersAreKnown(t *testing.T) {
	for method, want := range map[string]operations.Knowledge{
		"pem.removeDomainRequest": operations.Documented, "pem.removeSubscription": operations.Observed,
		"pem.removeAccount": operations.Observed, "pem.removeAccountMember": operations.NotKnown,
		"pem.removeDomain": operations.NotKnown, "pem.unbindServicesFromDomain": operations.NotKnown,
		"pem.removeEverything": operations.NotKnown,
	} {
		removal := operations.RemovalBy(method)
		if removal.Method != method || removal.Parameters != want || removal.Callable() != (want != operations.NotKnown) {
			t.Errorf("%s: %+v", method, removal)
		}
	}
}
