package realtimeregister_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister"
	standin "domainprovisioning/sandbox/standin/realtimeregister"
)

// object writes a document of the API.
func object(value any) string {
	document, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(document)
}

// A domain that comes or goes between two pages shifts no other out of the list.
func TestTheListGoesOnAfterAName(t *testing.T) {
	const pages = 2
	w := newWorld(t, "sync")
	names := func(i int) string { return fmt.Sprintf("d%05d.sync", i) }
	for i := range pages*1000 + 1 {
		w.addDomain(names(i))
	}
	first, err := w.plugin.ListDomains(t.Context(), "")
	if err != nil || len(first.Domains) != 1000 || first.Next != names(999) {
		t.Fatalf("%d domains, next %q, %v", len(first.Domains), first.Next, err)
	}
	w.addDomain("a-new-one.sync")
	w.standin.RemoveDomain(names(0))
	w.standin.RemoveDomain(names(999)) // the page ended with it
	// What is unreadable at the end of a page is told of once, with the next one.
	w.standin.GarbleDomain(names(1999))
	seen, unreadable, from := 1000, 0, first.Next
	for from != "" {
		page, err := w.plugin.ListDomains(t.Context(), from)
		if err != nil {
			t.Fatal(err)
		}
		for _, listed := range page.Domains {
			name := names(seen)
			if seen == 1999 {
				name = names(2000)
			}
			if listed.Domain.Name.String() != name || !listed.Whole {
				t.Fatalf("%s is listed in place of %s", listed.Domain.Name, name)
			}
			seen++
		}
		unreadable += len(page.Unreadable)
		from = page.Next
	}
	if seen != pages*1000 || unreadable != 1 {
		t.Errorf("%d domains, %d unreadable", seen, unreadable)
	}
	if n := w.standin.Calls("domains.list"); n != 3 {
		t.Errorf("%d calls", n)
	}
}

// Pages that lead nowhere are no list.
func TestAListThatDoesNotGoOn(t *testing.T) {
	s := newServer(t)
	full := strings.TrimSuffix(strings.Repeat(`7,`, 1000), ",")
	for _, c := range []struct{ from, answer string }{
		{"", `{"entities": [` + full + `]}`}, {"b.example", `{"entities": [{"domainName": "b.example"}]}`}, {"", `{"entities": {}}`}, {"", `{}`},
	} {
		s.on("GET domains", text(200, c.answer))
		_, err := s.plugin().ListDomains(t.Context(), c.from)
		wantClass(t, err, registrars.ClassTemporary)
	}
	s.on("GET domains", text(200, `{"entities": [7, null, {"domainName": "b.example", "status": 5}, {"domainName": "-"}]}`))
	page, err := s.plugin().ListDomains(t.Context(), "a.example")
	if err != nil || len(page.Unreadable) != 3 || len(page.Domains) != 1 || page.Domains[0].Domain.Phase != registrars.PhaseUnknown {
		t.Errorf("%+v, %v", page, err)
	}
	query, err := url.ParseQuery(s.query("GET domains"))
	if err != nil || query.Get("domainName:gt") != "a.example" || query.Get("order") != "domainName" || query.Get("limit") != "1000" {
		t.Errorf("query %q, %v", s.query("GET domains"), err)
	}
}

func (w *world) addDomain(name string) { w.standin.AddDomain(standin.Domain{Name: name}) }

// BenchmarkListDomains reads a list of 100,000 domains in pages of 1,000. peak-MB is the most heap
// that is in use beside the pages of the server, garbage included.
func BenchmarkListDomains(b *testing.B) {
	const all, size = 100_000, 1000
	name := func(i int) string { return fmt.Sprintf("d%06d.example", i) }
	pages := make([]string, all/size+1)
	for n := range pages {
		page := make([]any, 0, size)
		for i := n * size; i < min((n+1)*size, all); i++ {
			page = append(page, map[string]any{
				"domainName": name(i), "registry": "Mockup", "customer": "shopreseller", "registrant": "shop-1001", "privacyProtect": false, "autoRenew": false,
				"autoRenewPeriod": 12, "premium": false, "gateway": false, "status": []string{"CLIENT_TRANSFER_PROHIBITED"}, "createdDate": "2025-01-02T03:04:05Z",
				"expiryDate": "2027-01-02T03:04:05Z", "authcode": "AUTH-000001", "ns": []string{"ns1.shop.example", "ns2.shop.example"},
				"contacts": []map[string]string{{"role": "ADMIN", "handle": "shop-1001"}, {"role": "TECH", "handle": "shop-tech"}},
			})
		}
		pages[n] = object(map[string]any{"entities": page, "pagination": map[string]any{"limit": size, "offset": 0}})
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next := 0
		if after := r.URL.Query().Get("domainName:gt"); after != "" {
			next, _ = strconv.Atoi(after[1:7])
			next++
		}
		_, _ = w.Write([]byte(pages[next/size]))
	}))
	b.Cleanup(server.Close)
	plugin, err := realtimeregister.New(realtimeregister.Config{
		URL: server.URL, Customer: "shopreseller", APIKey: domains.NewSecret(apiKey), Timeout: time.Minute, RequestsPerSecond: 10000,
	})
	if err != nil {
		b.Fatal(err)
	}
	heap := func() uint64 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	runtime.GC()
	before, peak := heap(), uint64(0)
	defer func() { b.ReportMetric(float64(peak)/1e6, "peak-MB") }()
	b.ReportAllocs()
	for b.Loop() {
		listed, from := 0, ""
		for {
			page, err := plugin.ListDomains(b.Context(), from)
			if err != nil {
				b.Fatal(err)
			}
			listed += len(page.Domains)
			peak = max(peak, heap()-min(before, heap()))
			if from = page.Next; from == "" {
				break
			}
		}
		if listed != all {
			b.Fatalf("%d domains", listed)
		}
	}
}
