package gateway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// A domain that is held for a client is brought by no order of another, and what was done about it
// for an earlier client is not told to the next.
func TestADomainStaysItsClients(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		till, web := f.keyOf("till"), f.keyOf("web")
		f.holds("shop.example", "till", messages.LifeActive, time.Now().AddDate(1, 0, 0))
		f.Register(t, "shop.example")
		if got := f.send(http.MethodPost, "/v1/domains/shop.example/commands/look", till, `{"reason": "a word of the till"}`); got.status != http.StatusOK {
			t.Fatalf("%d %s", got.status, got.body)
		}
		adoption := outside.Alter(t, outside.DomainOnly, `"registration"`, `"adoption"`)
		got := f.send(http.MethodPost, "/v1/orders", web, adoption)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "held for a customer of another client") || strings.Contains(got.body, "till") {
			t.Errorf("%d %s", got.status, got.body)
		}
		if err := f.Store.RecordLife(t.Context(), store.LifeChange{
			Name: "shop.example", Registrar: outside.Account, Round: 1, State: messages.LifeTransferred, Since: time.Now(), Renewal: messages.RenewalByNobody,
		}); err != nil {
			t.Fatal(err)
		}
		placed := f.send(http.MethodPost, "/v1/orders", web, adoption)
		var order desk.Placed
		placed.decode(t, &order)
		if placed.status >= http.StatusBadRequest {
			t.Fatalf("after it had left: %d %s", placed.status, placed.body)
		}
		if err := f.Store.CloseUnit(t.Context(), order.Key, 0, store.UnitDone, ""); err != nil {
			t.Fatal(err)
		}
		seen := f.send(http.MethodGet, "/v1/domains/shop.example", web, "")
		if seen.status != http.StatusOK || strings.Contains(seen.body, "a word of the till") {
			t.Errorf("%d %s", seen.status, seen.body)
		}
		if got := f.send(http.MethodGet, "/v1/domains/shop.example", till, ""); got.status != http.StatusNotFound {
			t.Errorf("%d %s", got.status, got.body)
		}
		for _, odd := range []string{"/v1/drift?registrar=%00", "/v1/drift?cursor=AP8gACAA", "/v1/domains?accountId=9223372036854775807", "/v1/domains?registrar=%ff"} {
			if got := f.getAll(odd); got.status != http.StatusBadRequest {
				t.Errorf("%s: %d %s", odd, got.status, got.body)
			}
		}
	})
}
