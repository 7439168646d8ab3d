package billing_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/billing"
	"domainprovisioning/domains"
	"domainprovisioning/wire/xmlrpc"
)

func TestDomainSubscrWithIDAdd(t *testing.T) {
	c, request := serve(t, "addWithID", billing.Config{})
	id, err := c.DomainSubscrWithIDAdd(t.Context(), subscription())
	if err != nil || id != 8123 {
		t.Errorf("got %d %v", id, err)
	}
	if want := oneLine(fixture(t, "addWithID.request")); oneLine(*request) != want {
		t.Errorf("sent\n%s\nwant\n%s", *request, want)
	}
	_, params, err := xmlrpc.DecodeCall([]byte(*request), xmlrpc.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	call, err := billing.ParseExecute(params)
	if err != nil || len(call.Params) != 31 {
		t.Errorf("%d parameters, %v", len(call.Params), err)
	}
}

func TestUnusableRepliesOfAdd(t *testing.T) {
	for _, reply := range []string{"empty", "emptyItem", "text", "two", "zeroID", "message", "noResult", "notAStruct", "html"} {
		c, _ := serve(t, reply, billing.Config{})
		_, err := c.DomainSubscrWithIDAdd(t.Context(), subscription())
		if !billing.OutcomeUnknown(err) || billing.NotSent(err) || !unreadable(err) {
			t.Errorf("%s: got %v", reply, err)
		}
	}
}

func TestNameServersBeyondFour(t *testing.T) {
	var s billing.DomainSubscription
	s.SetNameServers(domains.NameServers{"a.x", "b.x", "c.x", "d.x", "e.x"})
	if got := []string{s.PrimaryNameServer, s.SecondaryNameServer, s.ThirdNameServer, s.FourthNameServer}; !slices.Equal(got, []string{"a.x", "b.x", "c.x", "d.x"}) {
		t.Errorf("got %v", got)
	}
	s.SetNameServers(domains.NameServers{"a.x"})
	if s.SecondaryNameServer != "" || s.FourthNameServer != "" {
		t.Error("old name servers stay")
	}
}

// The rows of the table in docs/protocols/billing.md, section 6, and the project's own
// checks.
func TestRejections(t *testing.T) {
	date := func(change func(*billing.DomainSubscription, time.Time)) func(*billing.DomainSubscription) {
		return func(s *billing.DomainSubscription) { change(s, time.Unix(1767225600, 5)) }
	}
	const ids = " must be between 1 and 2147483647"
	tests := []struct {
		want   string
		change func(*billing.DomainSubscription)
	}{
		{"Status 20 is not one of 10, 15, 30, 40, 50, 60, 70, 80", func(s *billing.DomainSubscription) { s.Status = 20 }},
		{"ServStatus 15 is not one of 10, 20, 30, 40, 50, 60, 70, 80, 90", func(s *billing.DomainSubscription) { s.ServStatus = 15 }},
		{"ServStatus 100 is not one of 10, 20, 30, 40, 50, 60, 70, 80, 90", func(s *billing.DomainSubscription) { s.ServStatus = 100 }},
		{
			"BillingPeriodType 1 is not one of 2 (months), 3 (years), 4 (statement cycle)",
			func(s *billing.DomainSubscription) { s.BillingPeriodType = 1 },
		},
		{"startDate must be Unix time", date(func(s *billing.DomainSubscription, at time.Time) { s.StartDate = at })},
		{"startDate must be Unix time", func(s *billing.DomainSubscription) { s.StartDate = time.Time{} }},
		{"ExpirationDate must be Unix time", date(func(s *billing.DomainSubscription, at time.Time) { s.ExpirationDate = at })},
		{"LastBillDate must be Unix time", date(func(s *billing.DomainSubscription, at time.Time) { s.LastBillDate = at })},
		{"NextBillDate must be Unix time", func(s *billing.DomainSubscription) { s.NextBillDate = time.Time{} }},
		{
			"NextBillDate is after 19 January 2038, which an Int cannot hold",
			func(s *billing.DomainSubscription) { s.NextBillDate = time.Unix(1<<31, 0) },
		},
		{"ExpirationDate is not startDate plus 2 years", func(s *billing.DomainSubscription) { s.SubscriptionPeriod = 2 }},
		{"ExpirationDate is not startDate plus 1 years", func(s *billing.DomainSubscription) { s.ExpirationDate = s.ExpirationDate.Add(time.Second) }},
		{"SubscriptionPeriod is counted in years and must be at least 1", func(s *billing.DomainSubscription) { s.SubscriptionPeriod = 0 }},
		{"SubscriptionPeriod is counted in years and must be at most 100", func(s *billing.DomainSubscription) { s.SubscriptionPeriod = 101 }},
		{"SetupFee must have the form 00.00", func(s *billing.DomainSubscription) { s.SetupFee = -1 }},
		{"SubscriptionFee must have the form 00.00", func(s *billing.DomainSubscription) { s.SubscriptionFee = -1 }},
		{"RenewalFee must have the form 00.00", func(s *billing.DomainSubscription) { s.RenewalFee = -1 }},
		{"TransferFee must have the form 00.00", func(s *billing.DomainSubscription) { s.TransferFee = -1 }},
		{"NonRefundableAmt must have the form 00.00", func(s *billing.DomainSubscription) { s.NonRefundableAmt = -1 }},
		{
			"FullDomainName must be name and TLD without www, at most 255 characters",
			func(s *billing.DomainSubscription) { s.FullDomainName = domains.MustParseName("www.shop.example") },
		},
		{
			"FullDomainName must be name and TLD without www, at most 255 characters",
			func(s *billing.DomainSubscription) { s.FullDomainName = domains.Name{} },
		},
		{"PrimaryNameServer and SecondaryNameServer are mandatory", func(s *billing.DomainSubscription) { s.PrimaryNameServer = "" }},
		{"PrimaryNameServer and SecondaryNameServer are mandatory", func(s *billing.DomainSubscription) { s.SecondaryNameServer = "" }},
		{"FourthNameServer given without ThirdNameServer", func(s *billing.DomainSubscription) { s.FourthNameServer = "ns4.dns.example" }},
		{"ThirdNameServer is longer than 40 characters", func(s *billing.DomainSubscription) { s.ThirdNameServer = strings.Repeat("n", 41) }},
		{"Login is longer than 40 characters", func(s *billing.DomainSubscription) { s.Login = strings.Repeat("q", 41) }},
		{"Password is longer than 32 characters", func(s *billing.DomainSubscription) { s.Password = domains.NewSecret(strings.Repeat("q", 33)) }},
		{"SubscriptionID" + ids, func(s *billing.DomainSubscription) { s.SubscriptionID = 0 }},
		{"AccountID" + ids, func(s *billing.DomainSubscription) { s.AccountID = -1 }},
		{"PlanID" + ids, func(s *billing.DomainSubscription) { s.PlanID = 1 << 31 }},
		{"RegistrarID" + ids, func(s *billing.DomainSubscription) { s.RegistrarID = 0 }},
		{"TechUsersID" + ids, func(s *billing.DomainSubscription) { s.TechUsersID = 0 }},
		{"BillingPeriod" + ids, func(s *billing.DomainSubscription) { s.BillingPeriod = 0 }},
		{"ParentID must be a subscription id or -1", func(s *billing.DomainSubscription) { s.ParentID = 0 }},
		{"RefundPeriod must be between 0 and 2147483647", func(s *billing.DomainSubscription) { s.RefundPeriod = -1 }},
	}
	c, request := serve(t, "addWithID", billing.Config{})
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			s := subscription()
			test.change(&s)
			_, err := c.DomainSubscrWithIDAdd(t.Context(), s)
			invalid, ok := errors.AsType[*billing.InvalidError](err)
			if !ok || !slices.Equal(invalid.Problems, []string{test.want}) {
				t.Fatalf("got %v", err)
			}
			if !billing.NotSent(err) || strings.Contains(err.Error(), "qqq") {
				t.Errorf("got %v", err)
			}
		})
	}
	if *request != "" {
		t.Error("a refused subscription was sent")
	}
	var all billing.DomainSubscription
	if invalid, ok := errors.AsType[*billing.InvalidError](all.Validate()); !ok || len(invalid.Problems) < 15 {
		t.Errorf("got %v", all.Validate())
	}
}

func TestAcceptedEdges(t *testing.T) {
	for name, change := range map[string]func(*billing.DomainSubscription){
		"no parent":             func(s *billing.DomainSubscription) { s.ParentID = billing.NoParent },
		"last second of an Int": func(s *billing.DomainSubscription) { s.NextBillDate = time.Unix(1<<31-1, 0) },
		"four name servers": func(s *billing.DomainSubscription) {
			s.SetNameServers(domains.NameServers{"a.x", "b.x", "c.x", strings.Repeat("d", 38) + ".x"})
		},
		"no credentials": func(s *billing.DomainSubscription) { s.Login, s.Password = "", domains.Secret{} },
		"expiration beyond 2038 is a string": func(s *billing.DomainSubscription) {
			s.SubscriptionPeriod, s.ExpirationDate = 20, billing.ExpirationDate(s.StartDate, 20)
		},
		"another time zone": func(s *billing.DomainSubscription) {
			s.StartDate = s.StartDate.In(time.FixedZone("", -7*3600))
		},
	} {
		s := subscription()
		change(&s)
		if err := s.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestExpirationDate(t *testing.T) {
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 12, 30, 1, 0, time.UTC) }
	tests := []struct {
		start time.Time
		years int
		want  time.Time
	}{
		{day(2026, 1, 1), 1, day(2027, 1, 1)},
		{day(2024, 2, 29), 1, day(2025, 2, 28)},
		{day(2024, 2, 29), 4, day(2028, 2, 29)},
		{day(2023, 2, 28), 1, day(2024, 2, 28)},
		{day(2023, 3, 1), 1, day(2024, 3, 1)},
		{day(2026, 12, 31), 10, day(2036, 12, 31)},
		// It is already 29 February in UTC, but still the 28th in the time's own zone.
		{time.Date(2024, 2, 28, 23, 0, 0, 0, time.FixedZone("", -3*3600)), 1, time.Date(2025, 2, 28, 2, 0, 0, 0, time.UTC)},
	}
	for _, test := range tests {
		if got := billing.ExpirationDate(test.start, test.years); !got.Equal(test.want) || got.Location() != time.UTC {
			t.Errorf("%v plus %d years: got %v, want %v", test.start, test.years, got, test.want)
		}
	}
	if got := billing.ExpirationDate(time.Unix(1767225600, 0), 1).Unix(); got != 1798761600 {
		t.Errorf("the documented sample: got %d", got)
	}
}

// TestAPeriodEndsOnADayOrBefore: 29 February is the end of no period of a year.
func TestAPeriodEndsOnADayOrBefore(t *testing.T) {
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 12, 30, 1, 0, time.UTC) }
	for _, c := range []struct {
		end   time.Time
		years int
		start time.Time
		early bool
	}{
		{day(2027, 1, 1), 1, day(2026, 1, 1), false},
		{day(2028, 2, 29), 1, day(2027, 2, 28), true},
		{day(2028, 2, 29), 4, day(2024, 2, 29), false},
		{day(2028, 3, 1), 1, day(2027, 3, 1), false},
	} {
		start := billing.StartDate(c.end, c.years)
		end, want := billing.ExpirationDate(start, c.years), c.end
		if c.early {
			want = want.AddDate(0, 0, -1)
		}
		if !start.Equal(c.start) || !end.Equal(want) {
			t.Errorf("%d years until %s: from %s until %s, want from %s until %s", c.years, c.end, start, end, c.start, want)
		}
	}
	for months, want := range map[int]time.Time{1: day(2026, 2, 28), 3: day(2026, 4, 30), 12: day(2027, 1, 31), -2: day(2025, 11, 30)} {
		if got := billing.Months(day(2026, 1, 31), months); !got.Equal(want) {
			t.Errorf("31 January and %d months: %s, want %s", months, got, want)
		}
	}
}

func TestFees(t *testing.T) {
	for text, want := range map[string]billing.Fee{"12.50": 1250, "12.5": 1250, "12": 1200, "0.00": 0, " 0.05 ": 5, "2147483647.99": 214748364799} { //nolint:gocritic // blanks are cut off
		if got, err := billing.ParseFee(text); err != nil || got != want {
			t.Errorf("%q: got %d %v", text, got, err)
		}
	}
	for _, text := range []string{"", ".", "12.", ".50", "-1.00", "+1", "1.005", "1e3", "1,50", "1.5.0", "x", "2147483648", "99999999999999999999"} {
		if got, err := billing.ParseFee(text); err == nil || err.Error() != "billing: a fee must have the form 00.00" {
			t.Errorf("%q: got %d %v", text, got, err)
		}
	}
	encoded, err := json.Marshal(map[string]billing.Fee{"fee": 1205})
	if err != nil || string(encoded) != `{"fee":"12.05"}` {
		t.Errorf("got %s %v", encoded, err)
	}
	var back map[string]billing.Fee
	if err := json.Unmarshal(encoded, &back); err != nil || !reflect.DeepEqual(back, map[string]billing.Fee{"fee": 1205}) {
		t.Errorf("got %v %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"fee":"1.005"}`), &back); err == nil {
		t.Error("a third decimal was accepted")
	}
}
