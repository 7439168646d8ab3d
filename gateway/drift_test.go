package gateway_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// differ lets a domain of each of two clients differ, and one that nobody holds.
func (f *fixture) differ() {
	f.t.Helper()
	_, err := f.Store.Import(f.t.Context(), []store.NewDomain{
		{Name: "of-till.example", Registrar: outside.Account, Client: "till"}, {Name: "of-web.example", Registrar: outside.Account, Client: "web"},
	})
	if err != nil {
		f.t.Fatal(err)
	}
	walk, err := f.Store.BeginWalk(f.t.Context(), outside.Account)
	if err != nil {
		f.t.Fatal(err)
	}
	_, _, err = f.Store.RecordDrift(f.t.Context(), store.Judged{
		Account: outside.Account, Round: walk.Round, Domains: []string{"of-till.example", "of-web.example", "of-nobody.example"}, Kinds: messages.Differences(),
		Facts: []store.Fact{
			{Domain: "of-till.example", Kind: messages.DiffersOwner, Ours: "C1", Theirs: "C2"},
			{Domain: "of-till.example", Kind: messages.DiffersLock, Ours: "on", Theirs: "off"},
			{Domain: "of-web.example", Kind: messages.DiffersLock, Ours: "on", Theirs: "off"},
			{Domain: "of-nobody.example", Kind: messages.DiffersUnknown},
		},
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// driftOf lists what a key sees, page by page.
func (f *fixture) driftOf(key, query string) string {
	f.t.Helper()
	var lines []string
	for cursor := ""; ; {
		var page desk.DriftPage
		f.send(http.MethodGet, "/v1/drift?limit=1&"+query+"&cursor="+url.QueryEscape(cursor), key, "").decode(f.t, &page)
		for _, line := range page.Drift {
			lines = append(lines, line.Domain+" "+string(line.Kind))
		}
		if cursor = page.Next; cursor == "" {
			return strings.Join(lines, ", ")
		}
	}
}

// A client sees and settles what differs of its own domains; what nobody holds is the operator's.
func TestDriftIsOfEachClient(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.differ()
		till, web := f.keyOf("till"), f.keyOf("web")
		for _, c := range []struct{ key, query, want string }{
			{till, "", "of-till.example lock, of-till.example owner"},
			{web, "", "of-web.example lock"},
			{f.all, "", "of-nobody.example unknown-domain, of-till.example lock, of-till.example owner, of-web.example lock"},
			{f.all, "severity=high", "of-till.example owner"},
			{f.all, "kind=lock&domain=of-web.example", "of-web.example lock"},
			{f.all, "registrar=former", ""},
		} {
			if got := f.driftOf(c.key, c.query); got != c.want {
				t.Errorf("%q: got %s, want %s", c.query, got, c.want)
			}
		}
		for path, want := range map[string]int{
			"/v1/drift?kind=lost": 400, "/v1/drift?severity=x": 400, "/v1/drift?cursor=x": 400, "/v1/drift?domain=-": 400, "/v1/drift?limit=1001": 400, "/v1/drift?x=1": 400,
			"/v1/domains/of-web.example/repair": 404, "/v1/domains/of-nobody.example/repair": 404, "/v1/domains/-/repair": 404,
			"/v1/domains/of-till.example/repair?fact=lost": 400, "/v1/domains/of-till.example/repair?accept=perhaps": 400,
		} {
			if got := f.send(http.MethodGet, path, till, ""); got.status != want {
				t.Errorf("%s: %d %s", path, got.status, got.body)
			}
		}
		var plan, done gateway.Repairs
		f.send(http.MethodGet, "/v1/domains/of-till.example/repair?accept=true&fact=owner", till, "").decode(t, &plan)
		if len(plan.Repairs) != 1 || plan.Repairs[0].Action != "accept" || plan.Repairs[0].Done != "" || plan.Repairs[0].Text != "hold what the registrar has: C2 instead of C1" {
			t.Errorf("planned %+v", plan)
		}
		for body, want := range map[string]int{
			`{"fact": "owner", "accept": true}`: 400, `{"accept": true, "reason": "x"}`: 400, `{"fact": "lost", "reason": "x"}`: 400,
		} {
			if got := f.send(http.MethodPost, "/v1/domains/of-till.example/repair", till, body); got.status != want {
				t.Errorf("%s: %d %s", body, got.status, got.body)
			}
		}
		if got := f.send(http.MethodPost, "/v1/domains/of-till.example/repair", web, `{"fact": "owner", "accept": true, "reason": "x"}`); got.status != 404 {
			t.Errorf("another client: %d %s", got.status, got.body)
		}
		// Without a kind, only what takes nothing from anybody is done: nothing here.
		f.send(http.MethodPost, "/v1/domains/of-till.example/repair", till, `{"reason": "x"}`).decode(t, &done)
		if len(done.Repairs) != 2 || done.Repairs[0].Done+done.Repairs[1].Done != "" {
			t.Errorf("done %+v", done)
		}
		f.send(http.MethodPost, "/v1/domains/of-till.example/repair", till, `{"fact": "owner", "accept": true, "reason": "agreed"}`).decode(t, &done)
		if len(done.Repairs) != 1 || done.Repairs[0].Done != "accepted" {
			t.Errorf("done %+v", done)
		}
		if got := f.driftOf(till, ""); got != "of-till.example lock" {
			t.Errorf("left %s", got)
		}
		acts, err := f.Store.Acts(t.Context(), store.ActFilter{OrderNumber: store.DomainSubject + "of-till.example"})
		if err != nil || len(acts) != 1 || acts[0].Actor != "api/till" || acts[0].Reason != "agreed" || acts[0].Outcome != store.ActAccepted {
			t.Errorf("recorded %+v, %v", acts, err)
		}
	})
}
