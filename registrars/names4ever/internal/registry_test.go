package internal

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/wire/exchange"
)

// lists serves IANA's list with one top-level domain, and the RDAP server of
// that domain.
func lists(t *testing.T) *Registry {
	t.Helper()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		if r.URL.Path == "/rdap" {
			_, _ = io.WriteString(w, `{"errorCode":404,"title":"Not Found"}`)
		} else {
			_, _ = io.WriteString(w, `<html>Not Found</html>`)
		}
	}))
	t.Cleanup(elsewhere.Close)
	var web *httptest.Server
	web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/dns.json"):
			_, _ = io.WriteString(w, `{"version":"1.0","publication":"2026-01-01T00:00:00Z","services":[[["example"],["`+web.URL+`/rdap/"]]]}`)
		case r.URL.Path == "/rdap/domain/shop.example":
			w.Header().Set("Content-Type", "application/rdap+json")
			_, _ = io.WriteString(w, `{"objectClassName":"domain","ldhName":"SHOP.EXAMPLE","status":["redemption period"],
				"nameservers":[{"objectClassName":"nameserver","ldhName":"NS1.DNS.EXAMPLE."}],
				"events":[{"eventAction":"registration","eventDate":"2026-03-01T13:00:00+01:00"},{"eventAction":"expiration","eventDate":"soon"}]}`)
		case r.URL.Path == "/rdap/domain/units.example":
			_, _ = io.WriteString(w, `{"objectClassName":"domain","ldhName":"units.example",
				"events":[{"eventAction":"expiration","eventDate":"2027-03-01t12:00:00.5z"}],
				"entities":[{"objectClassName":"entity","roles":["registrant"],"vcardArray":["vcard",[["version",{},"text","4.0"],["fn",{},"text",""],
				["org",{},"text",["Example Wings ","Sales","Unit 7"]]]]}]}`)
		case r.URL.Path == "/rdap/domain/moved.example":
			http.Redirect(w, r, elsewhere.URL+"/page", http.StatusFound)
		case r.URL.Path == "/rdap/domain/handed-on.example":
			http.Redirect(w, r, elsewhere.URL+"/rdap", http.StatusFound)
		case r.URL.Path == "/rdap/domain/lured.example":
			http.Redirect(w, r, strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)+"/rdap", http.StatusFound)
		case r.URL.Path == "/rdap/domain/odd.example":
			_, _ = io.WriteString(w, `{"objectClassName":"domain","ldhName":"other.example"}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(web.Close)
	list, err := url.Parse(web.URL + "/rdap-list/")
	if err != nil {
		t.Fatal(err)
	}
	return NewRegistry(nil, list, nil, noDNS{})
}

type noDNS struct{ records []*net.NS }

func (d noDNS) LookupNS(_ context.Context, name string) ([]*net.NS, error) {
	if !strings.HasSuffix(name, ".") {
		return nil, errors.New("the search list would be used")
	}
	if d.records != nil {
		return d.records, nil
	}
	return nil, &net.DNSError{Name: name, Err: "no such host", IsNotFound: true}
}

func TestLookupByTheList(t *testing.T) {
	r := lists(t)
	var group sync.WaitGroup
	for range 8 { // the library's list is not safe for concurrent use
		group.Go(func() {
			entry, err := r.Lookup(t.Context(), "shop.example")
			if err != nil || !slices.Equal(entry.NameServers, []string{"ns1.dns.example"}) || !slices.Equal(entry.Status, []string{"redemption period"}) ||
				!entry.Created.Equal(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)) || entry.Created.Location() != time.UTC || !entry.Expires.IsZero() {
				t.Errorf("%+v, %v", entry, err)
			}
		})
	}
	group.Wait()
	if _, err := r.Lookup(t.Context(), "free.example"); !errors.Is(err, ErrNotRegistered) {
		t.Errorf("free: %v", err)
	}
	if _, err := r.Lookup(t.Context(), "shop.unlisted"); !errors.Is(err, ErrNoRDAP) {
		t.Errorf("not in the list: %v", err)
	}
	if _, err := r.Lookup(t.Context(), "odd.example"); err == nil || errors.Is(err, ErrNotRegistered) {
		t.Errorf("an answer about another name: %v", err)
	}
}

// TestUnitsAndSmallLetters: an organisation may come with its units, and a date with a small t
// and z.
func TestUnitsAndSmallLetters(t *testing.T) {
	entry, err := lists(t).Lookup(t.Context(), "units.example")
	if err != nil || entry.Organisation != "Example Wings" || !entry.Expires.Equal(time.Date(2027, 3, 1, 12, 0, 0, 5e8, time.UTC)) {
		t.Errorf("%+v, %v", entry, err)
	}
}

// TestOnlyTheRegistryKnowsThatANameIsFree: a page that was not found is no domain that was not
// found.
func TestOnlyTheRegistryKnowsThatANameIsFree(t *testing.T) {
	r := lists(t)
	for name, free := range map[string]bool{"handed-on.example": true, "moved.example": false, "lured.example": false} {
		if _, err := r.Lookup(t.Context(), name); err == nil || errors.Is(err, ErrNotRegistered) != free {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := r.Lookup(t.Context(), "lured.example"); !errors.Is(err, exchange.ErrNotPublic) {
		t.Errorf("a redirect to a host that nobody has configured, by http: %v", err)
	}
}

func TestDelegation(t *testing.T) {
	if _, err := lists(t).Delegation(t.Context(), "shop.example"); !errors.Is(err, ErrNotDelegated) {
		t.Errorf("not delegated: %v", err)
	}
	r := NewRegistry(nil, nil, nil, noDNS{[]*net.NS{{Host: "NS1.dns.example."}}})
	if hosts, err := r.Delegation(t.Context(), "shop.example"); err != nil || !slices.Equal(hosts, []string{"ns1.dns.example"}) {
		t.Errorf("%v, %v", hosts, err)
	}
}
