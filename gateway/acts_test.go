package gateway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/store"
)

func (f *fixture) acts(path string) desk.ActPage {
	f.t.Helper()
	var page desk.ActPage
	got := f.get(path)
	if got.status != http.StatusOK {
		f.t.Fatalf("%s: %d %s", path, got.status, got.body)
	}
	got.decode(f.t, &page)
	return page
}

func TestWhoDidWhatToAnOrder(t *testing.T) {
	f := begin(t, outside.Options{})
	f.order(outside.NewCustomer)
	f.order(outside.HostingOnly)
	if page := f.acts("/v1/orders/DP00000001/acts"); page.Acts == nil || len(page.Acts) != 0 {
		t.Errorf("nobody has done anything: %+v", page)
	}
	for path, key := range map[string]string{
		"DP00000001/confirm": f.operate, // accepted
		"DP00000002/confirm": f.operate, // refused: it has no domain
	} {
		f.send(http.MethodPost, "/v1/orders/"+path, key, `{"claim": "done"}`)
	}
	// A key without the scope, for an order and for none.
	for _, path := range []string{"shop.example/retry", "nobody.example/retry"} {
		if got := f.send(http.MethodPost, "/v1/orders/"+path, f.read, `{"reason": "let me"}`); got.status != http.StatusForbidden {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	f.send(http.MethodPost, "/v1/orders", f.read, outside.DomainOnly) // no act: no order is concerned
	page := f.acts("/v1/orders/shop.example/acts")
	if len(page.Acts) != 2 || page.Next != 0 {
		t.Fatalf("got %+v", page)
	}
	confirmed, refused := page.Acts[0], page.Acts[1]
	if confirmed.Command != "confirm" || confirmed.Outcome != store.ActAccepted || confirmed.Actor != "api/desk" || confirmed.Client != "shop" ||
		confirmed.Key != "desk" || confirmed.Via != "api" || confirmed.Item != 1 || confirmed.Reason != "done" {
		t.Errorf("confirmed: %+v", confirmed)
	}
	if refused.Command != "retry" || refused.Outcome != store.ActRefused || refused.Actor != "api/reader" || refused.Item != store.NoItem ||
		refused.Detail != "it lacks the scope operate" {
		t.Errorf("refused: %+v", refused)
	}
	if page := f.acts("/v1/orders/DP00000002/acts"); len(page.Acts) != 1 || page.Acts[0].Outcome != store.ActRefused || page.Acts[0].Detail != "the order has no domain to confirm" {
		t.Errorf("got %+v", page)
	}
	found, err := f.Store.VerifyActs(t.Context(), nil)
	if err != nil || found.Broken != 0 || found.Checked != 4 {
		t.Errorf("%+v, %v", found, err)
	}
	// Pages and filters.
	if page := f.acts("/v1/orders/shop.example/acts?limit=1"); len(page.Acts) != 1 || page.Next != page.Acts[0].Number || page.Acts[0].Command != "confirm" {
		t.Errorf("the first page is %+v", page)
	}
	if page := f.acts("/v1/orders/shop.example/acts?limit=1&latest=true"); len(page.Acts) != 1 || page.Acts[0].Command != "retry" {
		t.Errorf("the latest is %+v", page)
	}
	if page := f.acts("/v1/orders/shop.example/acts?since=" + time.Now().Add(time.Hour).UTC().Format(time.RFC3339)); len(page.Acts) != 0 {
		t.Errorf("since later: %+v", page)
	}
	for query, field := range map[string]string{
		"limit=0": "limit", "limit=1001": "limit", "after=x": "after", "after=-1": "after", "since=yesterday": "since", "latest=maybe": "latest",
		"order=DP00000002": "unknown", "limit=1&limit=2": "limit",
	} {
		if got := f.get("/v1/orders/shop.example/acts?" + query); got.status != http.StatusBadRequest || !strings.Contains(got.problem(t).Detail, field) {
			t.Errorf("%s: %d %s", query, got.status, got.body)
		}
	}
	if got := f.get("/v1/orders/DP00000009/acts"); got.status != http.StatusNotFound {
		t.Errorf("no such order: %d", got.status)
	}
	if got := f.send(http.MethodGet, "/v1/orders/DP00000001/acts", f.operate, ""); got.status != http.StatusForbidden {
		t.Errorf("without the scope: %d", got.status)
	}
}
