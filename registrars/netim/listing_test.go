package netim_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/netim"
	standin "domainprovisioning/sandbox/standin/netim"
)

// The list is one call for every domain of the account, whatever its status.
func TestAllDomainsAreListedInOneCall(t *testing.T) {
	w := newWorld(t, standin.Options{})
	w.stand.AddRegistration(standin.Registration{Domain: "gone.example"})
	w.stand.SetStatus("gone.example", standin.StatusDeleted)
	before := w.stand.Calls("queryDomainList")
	page, err := w.ListDomains(t.Context(), "")
	if err != nil || len(page.Domains) != len(w.stand.Registrations()) || page.Next != "" || w.stand.Calls("queryDomainList") != before+1 {
		t.Errorf("%+v, %v", page, err)
	}
	s := newServer(t)
	s.on("queryDomainList", func(w http.ResponseWriter) { _, _ = w.Write(domainList(0, "<x>text</x>")) })
	if _, err := plugin(t, s).ListDomains(t.Context(), ""); registrars.ClassOf(err) != registrars.ClassTemporary {
		t.Errorf("what is no list: %v", err)
	}
}

// domainList is a reply of queryDomainList.
func domainList(domains int, other string) []byte {
	var b bytes.Buffer
	b.WriteString(`<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body><d:queryDomainListResponse xmlns:d="urn:DRS"><queryDomainListReturn>` + other)
	for i := range domains {
		fmt.Fprintf(&b, `<item xsi:type="ns1:StructDomainList"><domain xsi:type="xsd:string">d%06d.example</domain><dateCreate xsi:type="xsd:string">2025-01-02</dateCreate>`+
			`<dateExpiration xsi:type="xsd:string">2027-01-02</dateExpiration></item>`, i)
	}
	b.WriteString(`</queryDomainListReturn></d:queryDomainListResponse></E:Body></E:Envelope>`)
	return b.Bytes()
}

// BenchmarkListDomains reads a list of 100,000 domains, which Netim gives in one answer.
func BenchmarkListDomains(b *testing.B) {
	const all = 100_000
	list := domainList(all, "")
	session := []byte(`<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body><d:sessionOpenResponse xmlns:d="urn:DRS"><IDSession>` +
		sessionID + `</IDSession></d:sessionOpenResponse></E:Body></E:Envelope>`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), "queryDomainList") {
			_, _ = w.Write(list)
			return
		}
		_, _ = w.Write(session)
	}))
	b.Cleanup(server.Close)
	n, err := netim.New(netim.Config{URL: server.URL, Login: "AB1234", Password: domains.NewSecret(password), Timeout: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(list)))
	for b.Loop() {
		page, err := n.ListDomains(b.Context(), "")
		if err != nil || len(page.Domains) != all || page.Next != "" {
			b.Fatalf("%d domains, %v", len(page.Domains), err)
		}
	}
}
