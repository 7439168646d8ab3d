package activities_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"domainprovisioning/activities"
	"domainprovisioning/billing"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	standbilling "domainprovisioning/sandbox/standin/billing"
	"domainprovisioning/wire/xmlrpc"
)

// If Billing has recorded a name but has not finished it, the next try does not add it a
// second time. Another customer's row does not count, nor does an older one, and a first
// try does not take a row that it cannot have created for its own.
func TestARepeatKnowsWhatBillingIsNotDoneWith(t *testing.T) {
	in := billingInput()
	ours := standbilling.Row{SubscriptionID: 9, AccountID: in.AccountID, FullDomainName: shop, Status: 10, DomainStatus: "Submitting", Start: in.RegisteredAt}
	older, others := ours, ours
	older.Start = in.RegisteredAt.AddDate(-1, 0, 0)
	others.AccountID = 7
	for name, c := range map[string]struct {
		row     standbilling.Row
		repeats bool
		rows    int
	}{
		"ours, a repeat":    {ours, true, 1},
		"ours, a first try": {ours, false, 2},
		"older":             {older, true, 2},
		"another's":         {others, true, 2},
	} {
		t.Run(name, func(t *testing.T) {
			w := outside.New(t, outside.Options{})
			id := w.Billing.AddExisting(c.row)
			b := w.BillingActivities()
			b.Repeats = func(context.Context) bool { return c.repeats }
			got, err := b.AddDomainSubscription(t.Context(), in)
			if err != nil || got.Existing != (c.rows == 1) || got.Existing && got.DomainID != id {
				t.Errorf("got %+v, %v", got, err)
			}
			if n := len(w.Billing.RowsOf(shop)); n != c.rows {
				t.Errorf("%d rows", n)
			}
		})
	}
}

// If Billing says that the name or the id is in use, the name is read again. If it is
// ours, that is success; if not, a person decides at once.
func TestWhatBillingSaysIsInUseIsLookedFor(t *testing.T) {
	row := func(account int, status string) any {
		return billing.ItemResult(account, 1, 8123, shop, "example", status, "External DNS", 1, 1772702430, 1804238430,
			"ns1.dns.example", "ns2.dns.example", "", "", "", "", "", "", "", "", "")
	}
	fault := func(text string) any { return &xmlrpc.Fault{Code: 1, Text: billing.EncodeFaultText(text)} }
	unknown := fault("Table Domain does not contain row with ID 1.")
	for name, c := range map[string]struct {
		first, add, second any
		class              registrars.Class
	}{
		"ours":                     {unknown, fault("Domain 'shop.example' is already used."), row(500100, "Registered"), ""},
		"ours, said of the id":     {unknown, fault("Subscription with ID 1048576 already exists."), row(500100, "Registered"), ""},
		"another account's":        {unknown, fault("Domain 'shop.example' is already used."), row(7, "Registered"), registrars.ClassConflict},
		"nobody's":                 {unknown, fault("Domain 'shop.example' is already used."), unknown, registrars.ClassConflict},
		"somebody's who has ended": {unknown, fault("Subscription with ID 1048576 already exists."), row(500100, "Terminated"), registrars.ClassConflict},
		"not to be read":           {unknown, fault("Domain 'shop.example' is already used."), billing.ItemResult(1), registrars.ClassTemporary},
		"refused for a reason":     {unknown, fault("Plan 3 is not active."), nil, registrars.ClassRejected},
	} {
		t.Run(name, func(t *testing.T) {
			readings, adds := 0, 0
			server := httptest.NewServer(&xmlrpc.Handler{Serve: func(_ context.Context, _ string, params []any) (any, error) {
				call, err := billing.ParseExecute(params)
				if err != nil {
					return nil, err
				}
				reply := c.add
				switch {
				case call.Method != standbilling.DomainInfoGet:
					adds++
				case readings == 0:
					reply = c.first
					readings++
				default:
					reply = c.second
					readings++
				}
				if fault, ok := reply.(*xmlrpc.Fault); ok {
					return nil, fault
				}
				return reply, nil
			}})
			defer server.Close()
			client, err := billing.New(billing.Config{URL: server.URL})
			if err != nil {
				t.Fatal(err)
			}
			defer client.CloseIdleConnections()
			got, err := (&activities.Billing{Client: client}).AddDomainSubscription(t.Context(), billingInput())
			if c.class != "" {
				wantClass(t, err, c.class)
			} else if err != nil || !got.Existing || got.DomainID != 8123 {
				t.Errorf("got %+v, %v", got, err)
			}
			if want := map[bool]int{true: 1, false: 2}[c.second == nil]; adds != 1 || readings != want {
				t.Errorf("%d adds, %d readings", adds, readings)
			}
		})
	}
}
