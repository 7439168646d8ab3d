package realtimeregister

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// listed returns a member of the entities of a list.
func (f *fixture) listed(path, query, member string) string {
	f.t.Helper()
	r := f.want(200, "", "GET", path+"?"+query, "")
	var values []string
	entities, _ := r.body["entities"].([]any)
	for _, one := range entities {
		values = append(values, fmt.Sprint(one.(map[string]any)[member]))
	}
	return strings.Join(values, " ")
}

// TestTheListOfDomains has filters with operators, a search, and a choice of members.
func TestTheListOfDomains(t *testing.T) {
	f := begin(t)
	for n, name := range []string{"b.sync", "a.sync", "xn--c.async"} {
		f.AddDomain(Domain{
			Name: name, Registrant: "shop-1001", Contacts: map[string]string{"ADMIN": []string{"shop-tech", "shop-1001", "shop-1001"}[n]},
			NameServers: []string{fmt.Sprintf("ns%d.dns.example", n), "ns9.dns.example"}, Created: f.now.AddDate(-1, n, 0), AutoRenew: n == 1,
		})
	}
	f.AddHost("ns1.b.sync", "192.0.2.1")
	for query, want := range map[string]string{
		"":                                    "a.sync b.sync xn--c.async",
		"order=-domainName":                   "xn--c.async b.sync a.sync",
		"order=autoRenew&order=-domainName":   "xn--c.async b.sync a.sync",
		"limit=1&offset=1":                    "b.sync",
		"domainName=a.sync":                   "a.sync",
		"domainName:ne=a.sync":                "b.sync xn--c.async",
		"domainName:like=%25.sync":            "a.sync b.sync",
		"domainName:like=sync":                "",
		"domainName:not_like=%25.sync":        "xn--c.async",
		"domainName:in=a.sync,b.sync":         "a.sync b.sync",
		"domainName:not_in=a.sync,b.sync":     "xn--c.async",
		"expiryDate:gt=2026-04-02T08:00:00Z":  "xn--c.async",
		"expiryDate:lte=2026-04-02T08:00:00Z": "a.sync b.sync",
		"expiryDate:gte=2026-04-02T08:00:00Z&expiryDate:lt=2026-05-01T00:00:00Z": "a.sync",
		"ns=ns1.dns.example":    "a.sync",
		"ns:ne=ns1.dns.example": "b.sync xn--c.async",
		"ns:ne=ns9.dns.example": "",
		"childHosts:not_null=":  "b.sync",
		"childHosts:null=":      "a.sync xn--c.async",
		"admin=shop-1001":       "a.sync xn--c.async",
		"admin:like=%25tech":    "b.sync",
		"autoRenew=true":        "a.sync",
		"status=OK":             "a.sync b.sync xn--c.async",
		"q=NS2.dns":             "xn--c.async",
		"q=nowhere":             "",
		"export=true":           "a.sync b.sync xn--c.async",
	} {
		if got := f.listed("domains", query, "domainName"); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	for query, want := range map[string][]string{
		"fields=status,ns": {"domainName", "ns", "status"}, "fields=status&fields=ns": {"domainName", "ns", "status"},
		"export=true": {"domainName"}, "export=true&fields=autoRenew": {"autoRenew", "domainName"},
	} {
		one := f.want(200, "", "GET", "domains/?"+query, "").body["entities"].([]any)[0].(map[string]any)
		var got []string
		for name := range one {
			got = append(got, name)
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	if r := f.want(200, "", "GET", "domains?limit=2", ""); fmt.Sprint(r.body["pagination"]) != "map[limit:2 offset:0 total:3]" {
		t.Errorf("got %v", r.body["pagination"])
	}
	if r := f.want(200, "", "GET", "domains?no-total=true", ""); fmt.Sprint(r.body["pagination"]) != "map[limit:10 offset:0]" {
		t.Errorf("got %v", r.body["pagination"])
	}
	f.want(400, "ValidationError", "GET", "domains?export=true&limit=5", "")
	f.want(400, "ValidationError", "GET", "domains?password=x", "")
	f.want(400, "ValidationError", "GET", "domains?order=password", "")
	f.want(400, "ValidationError", "GET", "domains?domainName:not_gt=x", "")
	f.want(400, "ConstraintViolationException", "GET", "domains?export=perhaps", "")
}

func TestTheListsOfContactsAndNotifications(t *testing.T) {
	f := begin(t)
	if got := f.listed("customers/shopreseller/contacts", "handle:like="+url.QueryEscape("%-1001"), "email"); got != "shop-1001@contact.example" {
		t.Errorf("got %q", got)
	}
	f.want(403, "AuthorizationError", "GET", "customers/other/contacts", "")
	f.want(201, "", "POST", "domains/a.sync", create)
	f.want(202, "", "POST", "domains/b.async", create)
	const path = "customers/shopreseller/notifications"
	f.want(200, "", "POST", path+"/5001/ack", "")
	for query, want := range map[string]string{
		"": "5001 5002", "acknowledgeDate:null=": "5002", "processIdentifier=a.sync": "5001", "order=-id&limit=1": "5002", "id:gt=5001": "5002",
	} {
		if got := f.listed(path, query, "id"); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	if r := f.want(200, "", "GET", path+"/5001", ""); r.body["acknowledgeDate"] == nil || r.body["processIdentifier"] != "a.sync" {
		t.Errorf("got %v", r.body)
	}
	f.want(400, "ObjectDoesNotExist", "GET", path+"/7", "")
	f.want(400, "ValidationError", "GET", path+"?process=70012345", "") // it cannot be filtered by
}

func TestPlannedMaintenance(t *testing.T) {
	begins := time.Date(2026, 4, 1, 2, 0, 0, 0, time.UTC)
	f := begin(t, func(o *Options) {
		o.Downtime = []Downtime{{ID: 3, Start: begins, End: begins.Add(time.Hour), Reason: "upgrade", Provider: "Mockup", TLDs: []string{"sync"}}}
	})
	r := f.want(200, "", "GET", "providers/downtime", "")
	if got := fmt.Sprint(r.body["entities"]); got != "[map[endDate:2026-04-01T03:00:00Z id:3 provider:map[name:Mockup tlds:[sync]] reason:upgrade startDate:2026-04-01T02:00:00Z]]" {
		t.Errorf("got %v", got)
	}
}

// TestAGarbledProcess cannot be read in a list, and can by its number.
func TestAGarbledProcess(t *testing.T) {
	f := begin(t)
	f.SetBehaviour("a.async", Behaviour{Manual: true})
	number := f.want(202, "", "POST", "domains/a.async", create).process
	f.want(202, "", "POST", "domains/b.async", create)
	if err := f.Garble("a.async"); err != nil {
		t.Fatal(err)
	}
	if got := f.listed("processes", "status=SUSPENDED", "status"); got != "[]" {
		t.Errorf("got %q", got)
	}
	if got := f.listed("processes", "identifier=b.async", "status"); got != "COMPLETED" {
		t.Errorf("got %q", got)
	}
	if r := f.want(200, "", "GET", "processes/"+number, ""); r.body["status"] != "SUSPENDED" {
		t.Errorf("got %v", r.body)
	}
	if err := f.Complete("a.async"); err != nil {
		t.Fatal(err)
	}
	if got := f.listed("processes", "identifier=a.async", "status"); got != "COMPLETED" {
		t.Errorf("got %q", got)
	}
	if got := f.listed("processes", "identifier=a.async", "action"); got != "[]" {
		t.Errorf("got %q", got)
	}
	if r := f.want(200, "", "GET", "processes/"+number, ""); r.body["action"] != "create" {
		t.Errorf("got %v", r.body)
	}
}
