package operations_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/operations"
)

// answering returns a client whose every call is answered with a result, as XML.
func answering(t *testing.T, result string) *client {
	t.Helper()
	return replying(t, "<params><param><value><struct>"+member("status", "<i4>0</i4>")+member("result", result)+"</struct></value></param></params>")
}

func replying(t *testing.T, content string) *client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<methodResponse>"+content+"</methodResponse>")
	}))
	t.Cleanup(server.Close)
	c, err := operations.New(operations.Config{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func member(name, value string) string {
	return "<member><name>" + name + "</name><value>" + value + "</value></member>"
}

func structOf(members ...string) string { return "<struct>" + strings.Join(members, "") + "</struct>" }

func arrayOf(values ...string) string {
	return "<array><data><value>" + strings.Join(values, "</value><value>") + "</value></data></array>"
}

// The calls, each of which reads a result.
var (
	addAccount = func(ctx context.Context, c *client) error {
		_, err := c.AddAccount(ctx, operations.AddAccountParams{AccountID: 5, Contact: plainContact()})
		return err
	}
	addMember = func(ctx context.Context, c *client) error {
		_, err := c.AddAccountMember(ctx, operations.AddAccountMemberParams{
			AccountID: 5, UserID: 6, Contact: plainContact(), Auth: operations.Auth{Login: "jana", Password: domains.NewSecret("p")},
		})
		return err
	}
	activate = func(ctx context.Context, c *client) error {
		_, err := c.ActivateSubscription(ctx, operations.ActivateSubscriptionParams{SubscriptionID: 7, AccountID: 5, ServiceTemplateID: 2})
		return err
	}
	request  = func(ctx context.Context, c *client) error { _, err := c.AddDomainRequest(ctx, 7, shop); return err }
	register = func(ctx context.Context, c *client) error {
		_, err := c.AddDomain(ctx, operations.AddDomainParams{SubscriptionID: 7, DomainName: shop, Force: true})
		return err
	}
	bind       = func(ctx context.Context, c *client) error { _, err := c.BindServicesToDomain(ctx, 8, 9); return err }
	getServers = func(ctx context.Context, c *client) error { _, err := c.GetNameServers(ctx, 7, shop); return err }
	getAccount = func(ctx context.Context, c *client) error { _, err := c.GetAccountInfo(ctx, 5); return err }
	getMembers = func(ctx context.Context, c *client) error { _, err := c.GetAccountMembers(ctx, 5); return err }
	getLogin   = func(ctx context.Context, c *client) error {
		_, err := c.GetAccountMemberByLogin(ctx, "jana")
		return err
	}
	getMember        = func(ctx context.Context, c *client) error { _, err := c.GetMemberFullInfo(ctx, 6); return err }
	getSubscription  = func(ctx context.Context, c *client) error { _, err := c.GetSubscription(ctx, 7); return err }
	getSubscriptions = func(ctx context.Context, c *client) error { _, err := c.GetAccountSubscriptions(ctx, 5); return err }
	getDomain        = func(ctx context.Context, c *client) error { _, err := c.GetDomainByName(ctx, shop); return err }
)

const (
	null = "<nil/>"
	vast = "<i4>99999999999</i4>"
	less = "<i4>-424242</i4>"
)

// TestAnOddContactHidesNoMember: who they are counts.
func TestAnOddContactHidesNoMember(t *testing.T) {
	odd := structOf(member("member_id", "<i4>1</i4>"), member("login", "jana"), member("person", "Jana"), member("email", "jana@shop.example"))
	plain := structOf(member("member_id", "<i4>2</i4>"), member("email", "petr@shop.example"))
	got, err := answering(t, arrayOf(odd, plain)).GetAccountMembers(t.Context(), 5)
	if err != nil || len(got) != 2 || got[0].Login != "jana" || got[0].Contact != (domains.Contact{}) || got[1].Contact.Email != "petr@shop.example" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestUnreadableRepliesNameThePlace: the error of a reply that lacks a necessary value, or
// holds an impossible one, names the place but no value. After a call that changes something
// the outcome is unknown.
func TestUnreadableRepliesNameThePlace(t *testing.T) {
	account := member("account_type", "C")
	owner := member("owner_id", "<i4>5</i4>")
	for _, test := range []struct {
		result string
		call   func(context.Context, *client) error
		place  string
	}{
		{structOf(member("account_id", vast)), addAccount, "result.account_id"},
		{structOf(member("account_id", "99999999999")), addAccount, "result.account_id is not a number of 32 bits"},
		{structOf(member("account_id", less)), addAccount, "result.account_id is negative"},
		{structOf(member("account_id", "<i4>0</i4>")), addAccount, "result.account_id is missing"},
		{structOf(member("account_id", arrayOf())), addAccount, "result.account_id is not a number of 32 bits"},
		{arrayOf("<i4>5</i4>"), addAccount, "result is not a struct"},
		{structOf(member("user_id", null)), addMember, "result.user_id is missing"},
		{null, addMember, "result.user_id is missing"},
		{structOf(member("user_id", vast)), addMember, "result.user_id"},
		{structOf(member("subscription_id", "<double>7.5</double>")), activate, "result.subscription_id is not a number of 32 bits"},
		{structOf(member("domain_id", null)), register, "result.domain_id is missing"},
		{structOf(member("domain_id", vast)), register, "result.domain_id"},
		{structOf(member("anything", vast)), bind, "result.anything"},
		{structOf(member("name_servers", arrayOf("ns1.dns.example", null))), request, "result.name_servers[1] is not a host name"},
		{structOf(member("name_servers", arrayOf("ns1.dns.example", structOf(member("ns", null))))), request, "result.name_servers[1].ns is not a host name"},
		{structOf(member("name_servers", arrayOf("ns1.dns.example", "NS1.dns.example."))), request, "result.name_servers[1] is given twice"},
		{structOf(member("name_servers", "ns1.dns.example")), request, "result.name_servers is not an array"},
		{structOf(member("zone_created", "<i4>2</i4>")), request, "result.zone_created is not a boolean"},
		{structOf(member("name_servers", null)), getServers, "result.name_servers is missing or empty"},
		{arrayOf("ns1.dns.example", vast), getServers, "result[1]"},
		{"<array><data/></array>", getServers, "result is missing or empty"},
		{structOf(member("account_type", null)), getAccount, "result.account_type is missing"},
		{structOf(account, member("parent_account_id", vast)), getAccount, "result.parent_account_id"},
		{structOf(account, member("parent_account_id", less)), getAccount, "result.parent_account_id is negative"},
		{structOf(account, member("person", "Jana")), getAccount, "result.person is not a struct"},
		{structOf(account, member("person", structOf(member("last_name", arrayOf())))), getAccount, "result.person.last_name is not a string"},
		{structOf(account, member("phone", structOf(member("phone_num", "<boolean>1</boolean>")))), getAccount, "result.phone.phone_num is not a string"},
		{arrayOf(structOf(member("member_id", "<i4>1</i4>")), null), getMembers, "result[1] is missing"},
		{arrayOf(structOf(member("member_id", null))), getMembers, "result[0].member_id is missing"},
		{arrayOf("<i4>1</i4>"), getMembers, "result[0] is not a struct"},
		{structOf(member("members", arrayOf(structOf(member("member_id", less))))), getMembers, "result.members[0].member_id is negative"},
		{structOf(member("members", structOf())), getMembers, "result.members is not an array"},
		{structOf(member("member_id", null)), getLogin, "result.member_id is missing"},
		{structOf(member("member_id", "<i4>1</i4>"), member("login", "petr")), getLogin, "result.login is another one"},
		{structOf(member("member_id", "<i4>1</i4>"), member("account_id", "many")), getMember, "result.account_id is not a number of 32 bits"},
		{structOf(member("owner_id", null)), getSubscription, "result.owner_id is missing"},
		{structOf(owner, member("st_id", "x")), getSubscription, "result.st_id is not a number of 32 bits"},
		{structOf(owner, member("is_active", "yes")), getSubscription, "result.is_active is not a boolean"},
		{structOf(owner, member("subscription_id", "<i4>8</i4>")), getSubscription, "result.subscription_id is another one"},
		{arrayOf("<i4>7</i4>", null), getSubscriptions, "result[1] is missing"},
		{arrayOf("<i4>7</i4>", less), getSubscriptions, "result[1].subscription_id is negative"},
		{arrayOf("<i4>7</i4>", structOf()), getSubscriptions, "result[1] has no id"},
		{structOf(member("domain_id", null)), getDomain, "result.domain_id is missing"},
		{structOf(member("domain_id", "<i4>8</i4>"), member("account_id", less)), getDomain, "result.account_id is negative"},
		{structOf(member("domain_id", "<i4>8</i4>"), member("domain_name", "secret.example")), getDomain, "result.domain_name is another one"},
		{structOf(member("domain_id", "<i4>8</i4>"), member("registrar_status", "fine")), getDomain, "result.registrar_status is not a number of 32 bits"},
	} {
		err := test.call(t.Context(), answering(t, test.result))
		if err == nil || !strings.Contains(err.Error(), test.place) || !unreadable(err) || operations.NotSent(err) {
			t.Errorf("%s: got %v, want the place %s", test.result, err, test.place)
			continue
		}
		if reads := strings.HasPrefix(err.Error(), "operations: pem.get"); operations.OutcomeUnknown(err) == reads {
			t.Errorf("outcome unknown: %t, of %v", operations.OutcomeUnknown(err), err)
		}
		for _, value := range []string{"99999999999", "424242", "Jana", "petr", "many", "secret"} {
			if strings.Contains(err.Error(), value) {
				t.Errorf("the value %s is in %v", value, err)
			}
		}
	}
	for content, place := range map[string]string{
		"<params><param><value><struct>" + member("status", null) + "</struct></value></param></params>": "status is missing",
		"<params><param><value><struct>" + member("status", "ok") + "</struct></value></param></params>": "status is not a number of 32 bits",
		"<params><param><value>" + null + "</value></param></params>":                                    "the reply is not a struct",
		"<fault><value>" + null + "</value></fault>":                                                     "a fault is not a struct",
	} {
		if err := bind(t.Context(), replying(t, content)); !operations.OutcomeUnknown(err) || !unreadable(err) || !strings.Contains(err.Error(), place) {
			t.Errorf("%s: got %v", content, err)
		}
	}
}

// TestWhatIsNilInAReplyIsAbsent: values that nobody needs may be absent or nil, which is the
// same.
func TestWhatIsNilInAReplyIsAbsent(t *testing.T) {
	for _, test := range []struct {
		result string
		call   func(context.Context, *client) error
	}{
		{structOf(member("account_id", null)), addAccount}, // the id that was sent stands
		{null, activate},
		{null, bind},
		{structOf(member("name_servers", null), member("zone_created", null)), request},
		{structOf(member("account_type", "C"), member("person", null), member("parent_account_id", null), member("fax", structOf(member("ext_num", null)))), getAccount},
		{null, getMembers},
		{structOf(member("members", null)), getMembers},
		{structOf(member("member_id", "<i4>1</i4>"), member("account_id", null), member("login", null), member("auth", null)), getLogin},
		{structOf(member("owner_id", "<i4>5</i4>"), member("st_id", null), member("is_active", null)), getSubscription},
		{structOf(member("domain_id", "<i4>8</i4>"), member("subscription_id", null), member("registrar_status", null)), getDomain},
		{structOf(member("domain_id", "<i4>8</i4>"), member("subscription_id", "<i4>0</i4>")), getDomain}, // its subscription has ended
	} {
		if err := test.call(t.Context(), answering(t, test.result)); err != nil {
			t.Errorf("%s: %v", test.result, err)
		}
	}
}

// TestFaultsThatSaySomething: a fault promises nothing, so its text is no reason to believe
// that nothing was changed. A call that only reads has no outcome that could be unknown.
func TestFaultsThatSaySomething(t *testing.T) {
	fault := func(text string) string {
		return "<fault><value>" + structOf(member("faultCode", "<i4>3</i4>"), member("faultString", text)) + "</value></fault>"
	}
	for _, test := range []struct {
		text          string
		call          func(context.Context, *client) error
		exists, gone  bool
		unknown, fine bool
	}{
		{text: "Account #5 already exists.", call: addAccount, exists: true, unknown: true},
		{text: "Account #5 does not exist.", call: addMember, gone: true, unknown: true},
		{text: "QWNjb3VudCAjNSBhbHJlYWR5IGV4aXN0cy4=", call: addAccount, exists: true, unknown: true},
		{text: "Account #5 does not exist.", call: getAccount, gone: true},
		{text: "internal error", call: addAccount, unknown: true},
		{text: "internal error", call: getAccount},
		{text: "Services are already bound.", call: bind, fine: true},
		{text: "The binding already exists.", call: bind, fine: true},
		{text: "The task is already running.", call: bind, unknown: true},
		{text: "Transaction is already closed.", call: register, unknown: true},
	} {
		err := test.call(t.Context(), replying(t, fault(test.text)))
		if test.fine {
			if err != nil {
				t.Errorf("%s: %v", test.text, err)
			}
			continue
		}
		if err == nil || operations.IsExists(err) != test.exists || operations.SaysNotFound(err) != test.gone || operations.OutcomeUnknown(err) != test.unknown {
			t.Errorf("%s: got %v", test.text, err)
			continue
		}
		if operations.IsNotFound(err) || operations.IsRefused(err) || operations.NotSent(err) || unreadable(err) ||
			strings.Contains(err.Error(), "#5") || strings.Contains(err.Error(), "unknown") != test.unknown {
			t.Errorf("%s: got %v", test.text, err)
		}
	}
}

// TestWhatCannotBeWrittenIsInvalid: a value that cannot be encoded is refused like one that
// breaks a rule: the error names its place, and nothing is sent.
func TestWhatCannotBeWrittenIsInvalid(t *testing.T) {
	contact := plainContact()
	contact.LastName = "Nov\x01"
	_, err := answering(t, null).AddAccount(t.Context(), operations.AddAccountParams{AccountID: 5, Contact: contact})
	if _, ok := errors.AsType[*operations.InvalidError](err); !ok || !operations.NotSent(err) || operations.OutcomeUnknown(err) ||
		!strings.HasSuffix(err.Error(), "at person.last_name") || strings.Contains(err.Error(), "Nov") {
		t.Errorf("got %v", err)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// TestNoReplyBreaksAReader: whatever a reply contains, it is read or reported as unreadable.
func TestNoReplyBreaksAReader(t *testing.T) {
	odd := []string{
		null, vast, less, "<i4>0</i4>", "<boolean>1</boolean>", "<double>0.5</double>", "<base64>AA==</base64>",
		"<dateTime.iso8601>20260101T00:00:00</dateTime.iso8601>", "", "x", "<array><data/></array>", arrayOf(null), arrayOf("x", "<i4>1</i4>"), structOf(), structOf(member("ns", null)),
	}
	names := []string{
		"account_id", "user_id", "subscription_id", "domain_id", "member_id", "owner_id", "st_id", "is_active", "zone_created", "name_servers",
		"account_type", "parent_account_id", "person", "address", "phone", "fax", "email", "login", "auth", "domain_name", "registrar_status", "members",
	}
	results := append([]string{}, odd...)
	for _, name := range names {
		for _, value := range odd {
			row := structOf(member(name, value))
			results = append(results, row, arrayOf(row), structOf(member("members", arrayOf(row))))
		}
	}
	var answer string
	c, err := operations.New(operations.Config{URL: "http://operations.invalid", HTTPClient: &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
		document := "<methodResponse><params><param><value>" + structOf(member("status", "<i4>0</i4>"), member("result", answer)) + "</value></param></params></methodResponse>"
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(document))}, nil
	})}})
	if err != nil {
		t.Fatal(err)
	}
	for _, answer = range results {
		for _, call := range []func(context.Context, *client) error{
			addAccount, addMember, activate, request, register, bind, getServers, getAccount, getMembers, getLogin, getMember,
			getSubscription, getSubscriptions, getDomain,
		} {
			if err := call(t.Context(), c); err != nil && !unreadable(err) {
				t.Fatalf("%s: %v", answer, err)
			}
		}
	}
}
