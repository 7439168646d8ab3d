package billing

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"domainprovisioning/sandbox/standin/faults"
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
	return &system{Server: s, t: t, url: server.URL + "/RPC2"}
}

// execute posts one Execute; extra are further members of the struct.
func (s *system) execute(container, method string, values []string, extra ...string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0"?><methodCall><methodName>Execute</methodName><params><param><value><struct>`+
		`<member><name>Server</name><value>%s</value></member><member><name>Method</name><value>%s</value></member>`,
		container, method)
	for _, pair := range extra {
		name, value, _ := strings.Cut(pair, "=")
		fmt.Fprintf(&b, "<member><name>%s</name><value>%s</value></member>", name, value)
	}
	b.WriteString("<member><name>Params</name><value><array><data>")
	for _, v := range values {
		b.WriteString("<value>" + v + "</value>")
	}
	b.WriteString("</data></array></value></member></struct></value></param></params></methodCall>")
	reply, err := http.Post(s.url, "text/xml", strings.NewReader(b.String()))
	if err != nil {
		return "", err
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err == nil && reply.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", reply.StatusCode)
	}
	return string(body), err
}

func (s *system) ok(method string, values []string, extra ...string) string {
	s.t.Helper()
	body, err := s.execute("DOMAINGATE", method, values, extra...)
	if err != nil || strings.Contains(body, "<fault>") {
		s.t.Fatalf("%s: %v, %s %s", method, err, faultText(body), body)
	}
	return body
}

func (s *system) refused(text, method string, values []string, extra ...string) {
	s.t.Helper()
	body, err := s.execute("DOMAINGATE", method, values, extra...)
	if got := faultText(body); err != nil || !strings.Contains(got, text) {
		s.t.Errorf("%s: %v, %q; want a fault with %q", method, err, got, text)
	}
}

func faultText(body string) string {
	m := regexp.MustCompile(`(?s)<name>faultString</name>\s*<value>(?:<string>)?([^<]*)`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	text, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(strings.ReplaceAll(m[1], "&#xA;", "\n")), ""))
	if err != nil {
		return "not base64: " + m[1]
	}
	return string(text)
}

// good returns the 31 values in the sample column of docs/protocols/billing.md,
// section 6.
func good() []string {
	i := func(n int) string { return fmt.Sprintf("<i4>%d</i4>", n) }
	fee := func(text string) string { return "<double>" + text + "</double>" }
	return []string{
		i(700101), i(700102), i(30), i(50), "1767225600", "1798761600", i(500100), i(3), i(1),
		fee("0.00"), fee("12.50"), fee("12.50"), fee("0.00"), fee("0.00"), i(5), i(3), i(1),
		i(1767225600), i(1798761600), i(7), "shop.example", "reg-login", "reg-pw",
		"ns1.dns.example", "ns2.dns.example", "", "", i(900), i(900), i(900), i(901),
	}
}

// change replaces the value of a position, counted from 1 as the page does.
func change(position int, value string) []string {
	values := good()
	values[position-1] = value
	return values
}

func TestAddAndRead(t *testing.T) {
	s := newSystem(t, Options{})
	body := s.ok(DomainSubscrWithIDAdd, good(), "Lang=en", "methodName=Execute")
	if !regexp.MustCompile(`(?s)<array>.*<array>.*8001`).MatchString(body) {
		t.Errorf("Result[0][0] is not the id: %s", body)
	}
	row := s.Rows()[0]
	if row.DomainID != 8001 || row.SubscriptionID != 700101 || row.SubscriptionFee != 1250 || row.Years != 1 ||
		row.FullDomainName != "shop.example" || row.NameServers[1] != "ns2.dns.example" || row.Users != [4]int{900, 900, 900, 901} {
		t.Errorf("row %+v", row)
	}
	info := s.ok(DomainInfoGet, []string{"Shop.Example"})
	for _, want := range []string{"500100", "8001", "Registered  ", "External DNS", "1798761600", "ns1.dns.example "} {
		if !strings.Contains(info, want) {
			t.Errorf("%q is missing in %s", want, info)
		}
	}
	if n := strings.Count(info, "<value>"); n != 42 { // 39 positions, Result, its element, the struct
		t.Errorf("%d values", n)
	}
	if strings.Contains(info, "reg-pw") {
		t.Error("the registrar's password is kept")
	}
}

func TestDuplicates(t *testing.T) {
	s := newSystem(t, Options{})
	s.ok(DomainSubscrWithIDAdd, good())
	s.refused("Subscription with ID 700101 already exists", DomainSubscrWithIDAdd, change(21, "other.example"))
	s.refused("Domain 'shop.example' is already used.", DomainSubscrWithIDAdd, change(1, "<i4>700109</i4>"))
	s.AddExisting(Row{SubscriptionID: 5, FullDomainName: "old.example", Status: 70, AccountID: 9})
	s.ok(DomainSubscrWithIDAdd, func() []string { v := change(21, "old.example"); v[0] = "<i4>700110</i4>"; return v }())
	if rows := s.RowsOf("OLD.example"); len(rows) != 2 {
		t.Errorf("%d rows: another status must be added again", len(rows))
	}
	if info := s.ok(DomainInfoGet, []string{"old.example"}); !strings.Contains(info, "Registered") {
		t.Errorf("the registered row comes first: %s", info)
	}
}

func TestUnknownName(t *testing.T) {
	s := newSystem(t, Options{})
	s.refused("Table Domain does not contain row with ID", DomainInfoGet, []string{"shop.example"})
	empty := newSystem(t, Options{EmptyWhenUnknown: true})
	if body := empty.ok(DomainInfoGet, []string{"shop.example"}); strings.Contains(body, "<int>") || !strings.Contains(body, "Result") {
		t.Errorf("want an empty result: %s", body)
	}
}

func TestArguments(t *testing.T) {
	s := newSystem(t, Options{})
	for _, c := range []struct {
		values []string
		want   string
	}{
		{good()[:30], "takes 31 parameters, got 30"},
		{change(1, "<i4>0</i4>"), "SubscriptionID must be positive"},
		{change(1, "many"), "SubscriptionID must be Int"},
		{change(2, "<i4>0</i4>"), "ParentID"},
		{change(3, "<i4>31</i4>"), "Status 31 is not one of 10, 15, 30, 40, 50, 60, 70, 80"},
		{change(4, "<i4>15</i4>"), "ServStatus 15 is not one of"},
		{change(5, "<i4>1767225600</i4>"), "startDate must be Unix time"},
		{change(5, "2026-01-01"), "startDate must be Unix time"},
		{change(6, "1798761601"), "ExpirationDate is not startDate plus 1 years"},
		{change(9, "<i4>0</i4>"), "at least 1"},
		{change(10, "0.00"), "SetupFee must have the form 00.00"},
		{change(10, "<double>-1.00</double>"), "SetupFee must have the form 00.00"},
		{change(11, "<double>12.505</double>"), "SubscriptionFee must have the form 00.00"},
		{change(11, "<double>12.5</double>"), "A fee must have the form 00.00"},
		{change(15, "<i4>-1</i4>"), "RefundPeriod"},
		{change(16, "<i4>1</i4>"), "BillingPeriodType 1 is not one of 2 (months), 3 (years), 4 (statement cycle)"},
		{change(18, "<i4>-5</i4>"), "LastBillDate must be Unix time"},
		{change(19, "<i4>1767225599</i4>"), "NextBillDate lies before"},
		{change(21, "www.shop.example"), "without www"},
		{change(21, "shop"), "without www"},
		{change(22, strings.Repeat("x", 41)), "Login is longer than 40 characters"},
		{change(23, strings.Repeat("x", 33)), "Password is longer than 32 characters"},
		{change(24, ""), "mandatory"},
		{change(25, strings.Repeat("x", 41)), "SecondaryNameServer is longer than 40"},
		{change(27, "ns4.dns.example"), "without ThirdNameServer"},
		{change(31, "<i4>0</i4>"), "TechUsersID must be positive"},
	} {
		s.refused(c.want, DomainSubscrWithIDAdd, c.values)
	}
	if len(s.Rows()) != 0 {
		t.Errorf("rows after refusals: %d", len(s.Rows()))
	}
	s.ok(DomainSubscrWithIDAdd, change(2, "<int>-1</int>"))
	for _, log := range s.Log()[:26] {
		if log.Method != DomainSubscrWithIDAdd || log.Outcome != "refused" {
			t.Errorf("log %+v", log)
		}
	}
}

func TestLeapDay(t *testing.T) {
	for _, expires := range []string{"1740700800", "1740787200"} { // 28 February and 1 March 2025
		s := newSystem(t, Options{})
		values := change(5, "1709164800") // 29 February 2024
		values[5] = expires
		s.ok(DomainSubscrWithIDAdd, values)
	}
}

func TestEnvelope(t *testing.T) {
	s := newSystem(t, Options{Username: "api", Password: "pw"})
	s.refused("Access denied", DomainInfoGet, []string{"a.example"})
	s.refused("Access denied", DomainInfoGet, []string{"a.example"}, "Username=api", "Password=no")
	login := []string{"Username=api", "Password=pw"}
	s.refused("Lang must be two letters", DomainInfoGet, []string{"a.example"}, append(login, "Lang=english")...)
	s.refused("no transactions", DomainInfoGet, []string{"a.example"}, append(login, "AutoCommit=No")...)
	s.refused("is not known", "DomainSubscrAdd_API", nil, login...)
	s.refused("takes 1 parameter", DomainInfoGet, nil, login...)
	s.refused("must be Str", DomainInfoGet, []string{"<i4>1</i4>"}, login...)
	if body, _ := s.execute("BM", DomainInfoGet, []string{"a.example"}, login...); !strings.Contains(faultText(body), "BM") {
		t.Errorf("container BM: %s", body)
	}
	reply, err := http.Post(s.url, "text/xml", strings.NewReader("<methodCall><methodName>Other</methodName><params/></methodCall>"))
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	body, _ := io.ReadAll(reply.Body)
	if !strings.Contains(faultText(string(body)), "Unknown method Other") {
		t.Errorf("other method: %s", body)
	}
}

func TestFaultsAndEffects(t *testing.T) {
	for kind, effects := range map[faults.Kind]int{
		faults.CutBefore: 0, faults.CutAfter: 1, faults.HTTPError: 0, faults.Malformed: 1,
	} {
		s := newSystem(t, Options{})
		s.Faults.Add(faults.Fault{Method: DomainSubscrWithIDAdd, Kind: kind})
		body, err := s.execute("DOMAINGATE", DomainSubscrWithIDAdd, good())
		if err == nil && strings.Contains(body, "methodResponse") {
			t.Errorf("%s: an answer came: %s", kind, body)
		}
		if n := len(s.Rows()); n != effects || s.Calls(DomainSubscrWithIDAdd) != 1 {
			t.Errorf("%s: %d rows, want %d", kind, n, effects)
		}
	}
}
