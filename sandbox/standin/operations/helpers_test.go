package operations

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

type system struct {
	*Server
	t   *testing.T
	url string
}

func newSystem(t *testing.T, o Options) *system {
	t.Helper()
	s := New(o)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return &system{Server: s, t: t, url: server.URL}
}

// members converts "name=value" pairs: i:5 is an int, b:1 a boolean, <...> XML
// as it is, and anything else an untyped string.
func members(pairs ...string) string {
	var b strings.Builder
	for _, pair := range pairs {
		name, content, _ := strings.Cut(pair, "=")
		switch {
		case strings.HasPrefix(content, "i:"):
			content = "<i4>" + content[2:] + "</i4>"
		case strings.HasPrefix(content, "n:"):
			content = "<int>" + content[2:] + "</int>"
		case strings.HasPrefix(content, "b:"):
			content = "<boolean>" + content[2:] + "</boolean>"
		}
		fmt.Fprintf(&b, "<member><name>%s</name><value>%s</value></member>", name, content)
	}
	return b.String()
}

func structOf(pairs ...string) string { return "<struct>" + members(pairs...) + "</struct>" }

func (s *system) post(method, params string) (int, string, error) {
	document := `<?xml version="1.0"?><methodCall><methodName>` + method + "</methodName><params>" +
		params + "</params></methodCall>"
	reply, err := http.Post(s.url+"/RPC2", "text/xml", strings.NewReader(document))
	if err != nil {
		return 0, "", err
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	return reply.StatusCode, string(body), err
}

// try calls a pem method with one struct.
func (s *system) try(method string, pairs ...string) (string, error) {
	status, body, err := s.post("pem."+method, "<param><value>"+structOf(pairs...)+"</value></param>")
	if err == nil && status != 200 {
		err = fmt.Errorf("status %d", status)
	}
	return body, err
}

// ok calls a method and expects success.
func (s *system) ok(method string, pairs ...string) string {
	s.t.Helper()
	body, err := s.try(method, pairs...)
	if err != nil || value(body, "status") != "0" {
		s.t.Fatalf("%s: %v, %s", method, err, body)
	}
	return body
}

// refused calls a method and expects an error answer with the text.
func (s *system) refused(text, method string, pairs ...string) string {
	s.t.Helper()
	body, err := s.try(method, pairs...)
	if err != nil || value(body, "status") != "-1" || !strings.Contains(value(body, "error_message"), text) {
		s.t.Errorf("%s: %v, %s; want refusal with %q", method, err, body, text)
	}
	return body
}

// value finds the first member of a name in a reply and strips its type.
func value(body, name string) string {
	m := regexp.MustCompile(`<name>` + name + `</name>\s*<value>(?:<\w+>)?([^<]*)`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return strings.NewReplacer("&apos;", "'", "&#39;", "'", "&quot;", `"`).Replace(m[1])
}

func number(t *testing.T, body, name string) int {
	t.Helper()
	n, err := strconv.Atoi(value(body, name))
	if err != nil {
		t.Fatalf("%s in %s: %v", name, body, err)
	}
	return n
}

func contactPairs() []string {
	return []string{
		"person=" + structOf("first_name=Ada", "last_name=Muster"),
		"address=" + structOf("street_name=Road 1", "zipcode=1000", "city=Town", "country=nl", "state=NH"),
		"phone=" + structOf("country_code=31", "area_code=", "phone_num=201234", "ext_num="),
		"email=ada@customer.example",
	}
}

func with(base []string, pairs ...string) []string {
	return append(append([]string{}, base...), pairs...)
}

// customer creates an account 500 with a member 900 and the subscriptions 701
// (domain) and 702 (hosting).
func (s *system) customer() {
	s.t.Helper()
	s.ok("addAccount", with(contactPairs(), "account_id=i:500")...)
	s.ok("addAccountMember", with(contactPairs(), "account_id=i:500", "user_id=i:900",
		"auth="+structOf("login=ada", "password=pw"))...)
	s.ok("activateSubscription", "account_id=i:500", "service_template_id=i:1", "subscription_id=i:701")
	s.ok("activateSubscription", "account_id=i:500", "service_template_id=i:2", "subscription_id=i:702")
}
