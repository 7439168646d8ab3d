package billing_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"domainprovisioning/billing"
	"domainprovisioning/domains"
	"domainprovisioning/wire/xmlrpc"
)

func TestExecute(t *testing.T) {
	tests := []struct {
		reply string
		want  any
	}{
		{"addWithID", []any{8123}},
		{"list", []any{[]any{1, "a"}, []any{2, "b"}}},
		{"message", xmlrpc.Struct{"Status": "Operation done."}},
		{"empty", nil},
		{"emptyString", ""},
	}
	for _, test := range tests {
		t.Run(test.reply, func(t *testing.T) {
			c, request := serve(t, test.reply, billing.Config{})
			got, err := c.Execute(t.Context(), billing.ServerDomainGate, "DomainInfoGet_API", xmlrpc.Untyped("shop.example"))
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %#v %v", got, err)
			}
			if want := oneLine(fixture(t, "infoGet.request")); oneLine(*request) != want {
				t.Errorf("sent\n%s\nwant\n%s", *request, want)
			}
		})
	}
}

func TestCredentialsAndLanguage(t *testing.T) {
	var dumped strings.Builder
	c, request := serve(t, "info", billing.Config{
		Username: "api", Password: domains.NewSecret("b&ll"), Lang: "en",
		Dump: func(_ string, b []byte) { dumped.Write(b) },
	})
	if _, err := c.DomainInfoGet(t.Context(), shop); err != nil {
		t.Fatal(err)
	}
	if want := oneLine(fixture(t, "infoGetCredentials.request")); oneLine(*request) != want {
		t.Errorf("sent\n%s\nwant\n%s", *request, want)
	}
	if got := dumped.String(); strings.Contains(got, "b&amp;ll") || strings.Contains(got, ">api<") || !strings.Contains(got, "Registered") {
		t.Errorf("dumped %s", got)
	}
}

func TestDumpHidesTheRegistrarsCredentials(t *testing.T) {
	var dumped strings.Builder
	c, request := serve(t, "addWithID", billing.Config{Dump: func(_ string, b []byte) { dumped.Write(b) }})
	if _, err := c.DomainSubscrWithIDAdd(t.Context(), subscription()); err != nil {
		t.Fatal(err)
	}
	sister := make([]any, 30)
	for i := range sister {
		sister[i] = "visible"
	}
	sister[20], sister[21] = "reglogin", "regsecret"
	if _, err := c.Execute(t.Context(), billing.ServerDomainGate, "DomainSubscrAdd_API", sister...); err != nil {
		t.Fatal(err)
	}
	// Too few values must not break the redaction.
	if _, err := c.Execute(t.Context(), billing.ServerDomainGate, "DomainSubscrAdd_API", 1); err != nil {
		t.Fatal(err)
	}
	got := dumped.String()
	if strings.Contains(got, "reglogin") || strings.Contains(got, "regsecret") {
		t.Errorf("dumped %s", got)
	}
	if !strings.Contains(got, "shop.example") || !strings.Contains(got, "ns1.dns.example") || !strings.Contains(*request, "DomainSubscrAdd_API") {
		t.Errorf("dumped %s", got)
	}
}

func TestExecuteRefuses(t *testing.T) {
	c, request := serve(t, "info", billing.Config{})
	for name, call := range map[string]func() error{
		"no server":    func() error { _, err := c.Execute(t.Context(), "", "M"); return err },
		"no method":    func() error { _, err := c.Execute(t.Context(), "BM", ""); return err },
		"white space":  func() error { _, err := c.Execute(t.Context(), "BM", "A B"); return err },
		"nil":          func() error { _, err := c.Execute(t.Context(), "BM", "M", 1, nil); return err },
		"out of range": func() error { _, err := c.Execute(t.Context(), "BM", "M", 1<<40); return err },
		"no name":      func() error { _, err := c.DomainInfoGet(t.Context(), domains.Name{}); return err },
	} {
		if err := call(); !billing.NotSent(err) || billing.OutcomeUnknown(err) || !strings.HasPrefix(err.Error(), "billing: ") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if *request != "" {
		t.Error("a refused call was sent")
	}
}

func TestFaults(t *testing.T) {
	tests := []struct {
		reply, message string
		kind           billing.Kind
	}{
		{"faultNotFound", "Table Domain does not contain row with ID 4711.", billing.KindNotFound},
		{"faultAlreadyUsed", "Domain 'shop.example' is already used.", billing.KindAlreadyUsed},
		{"faultLatin2", "Doména škoda", billing.KindOther},
		{"faultCP1250", "Doména škoda", billing.KindOther},
		{"faultRaw", "Internal error for jana@shop.example", billing.KindOther},
	}
	for _, test := range tests {
		t.Run(test.reply, func(t *testing.T) {
			c, _ := serve(t, test.reply, billing.Config{})
			_, err := c.DomainSubscrWithIDAdd(t.Context(), subscription())
			e, ok := errors.AsType[*billing.Error](err)
			if !ok || e.Message != test.message || e.Kind != test.kind || e.Code != 1 || e.Method != "DomainSubscrWithIDAdd_API" {
				t.Fatalf("got %#v", err)
			}
			if billing.OutcomeUnknown(err) || billing.NotSent(err) || strings.Contains(err.Error(), "jana@") {
				t.Errorf("got %v", err)
			}
			if billing.IsAlreadyUsed(err) != (test.kind == billing.KindAlreadyUsed) || billing.IsNotFound(err) != (test.kind == billing.KindNotFound) {
				t.Error("the helpers disagree with the kind")
			}
		})
	}
}

func TestDomainInfoGet(t *testing.T) {
	person := func(name string) billing.Person {
		return billing.Person{FirstName: name, LastName: "Nov", Email: name + "@shop.example", Phone: "420 123"}
	}
	full := billing.DomainInfo{
		AccountID: 500100, VendorID: 1, DomainID: 8123, FullDomainName: "shop.example", DomainZoneID: "example",
		Status: "Registered", RegistrationPeriod: 1,
		StartDate: time.Unix(1767225600, 0).UTC(), ExpirationDate: time.Unix(1798761600, 0).UTC(),
		NameServers: []string{"ns1.dns.example", "ns2.dns.example"}, CompanyName: "Shop",
		Owner: person("jana"), Admin: person("adam"), Billing: person("bill"), Tech: person("tess"),
	}
	short := full
	short.VendorID, short.ExpirationDate, short.Status = 0, time.Time{}, "Cancelled"
	short.Admin, short.Billing, short.Tech = billing.Person{}, billing.Person{}, billing.Person{}
	for reply, want := range map[string]billing.DomainInfo{"info": full, "infoSurplus": full, "infoShort": short} {
		c, request := serve(t, reply, billing.Config{})
		got, err := c.DomainInfoGet(t.Context(), shop)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v", reply, err)
		}
		if got.Registered() != (reply != "infoShort") {
			t.Errorf("%s: registered %v", reply, got.Registered())
		}
		if oneLine(*request) != oneLine(fixture(t, "infoGet.request")) {
			t.Errorf("sent %s", *request)
		}
		if shown := fmt.Sprintf("%v %+v %#v", got, got, got); strings.Contains(shown, "jana") {
			t.Errorf("personal data is printed: %s", shown)
		}
	}
	for _, reply := range []string{"faultNotFound", "empty", "emptyItem", "emptyString"} {
		c, _ := serve(t, reply, billing.Config{})
		if _, err := c.DomainInfoGet(t.Context(), shop); !errors.Is(err, billing.ErrNotInBilling) || !billing.IsNotFound(err) {
			t.Errorf("%s: got %v", reply, err)
		}
	}
	for _, reply := range []string{"infoTooShort", "infoWithoutID", "text", "message", "two", "html"} {
		c, _ := serve(t, reply, billing.Config{})
		if _, err := c.DomainInfoGet(t.Context(), shop); !unreadable(err) || billing.OutcomeUnknown(err) || billing.IsNotFound(err) {
			t.Errorf("%s: got %v", reply, err)
		}
	}
	c, _ := serve(t, "faultRaw", billing.Config{})
	if _, err := c.DomainInfoGet(t.Context(), shop); err == nil || billing.IsNotFound(err) {
		t.Errorf("got %v", err)
	}
}

func TestConfig(t *testing.T) {
	for name, config := range map[string]billing.Config{
		"no URL":                      {},
		"other scheme":                {URL: "ftp://billing.example"},
		"userinfo":                    {URL: "https://u:secret@billing.example"},
		"password without a username": {URL: "https://billing.example", Password: domains.NewSecret("secret")},
		"long language":               {URL: "https://billing.example", Lang: "eng"},
		"upper-case language":         {URL: "https://billing.example", Lang: "EN"},
		"negative concurrency":        {URL: "https://billing.example", MaxConcurrent: -1},
		"negative time-out":           {URL: "https://billing.example", Timeout: -1},
	} {
		_, err := billing.New(config)
		if err == nil || !strings.HasPrefix(err.Error(), "billing: ") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestConcurrencyIsBounded: never more than MaxConcurrent calls are open, and a
// caller that gives up while it waits has sent nothing.
func TestConcurrencyIsBounded(t *testing.T) {
	var calls atomic.Int32
	entered, release := make(chan struct{}, 10), make(chan struct{})
	server := httptest.NewServer(&xmlrpc.Handler{Serve: func(context.Context, string, []any) (any, error) {
		calls.Add(1)
		entered <- struct{}{}
		<-release
		return billing.ItemResult(1), nil
	}})
	defer server.Close()
	c, err := billing.New(billing.Config{URL: server.URL, MaxConcurrent: 1})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := c.Execute(t.Context(), "BM", "M")
		done <- err
	}()
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Execute(ctx, "BM", "M"); !billing.NotSent(err) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if calls.Load() != 1 {
		t.Errorf("%d calls arrived", calls.Load())
	}
}

func TestLostReply(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGatewayTimeout) }))
	c, err := billing.New(billing.Config{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.DomainSubscrWithIDAdd(t.Context(), subscription()); !billing.OutcomeUnknown(err) {
		t.Errorf("got %v", err)
	}
	server.Close()
	c.CloseIdleConnections()
	if _, err := c.DomainSubscrWithIDAdd(t.Context(), subscription()); !billing.NotSent(err) || strings.Contains(err.Error(), "regsecret") {
		t.Errorf("got %v", err)
	}
}
