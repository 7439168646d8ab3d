package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
	"domainprovisioning/store"
)

// hookKey makes a key of a client that manages its endpoints and places orders.
func (f *fixture) hookKey(client string) string {
	f.t.Helper()
	_, secret, err := f.Store.CreateAPIKey(f.t.Context(), client, client, []store.Scope{store.ScopeHooks, store.ScopePlace}, "test")
	if err != nil {
		f.t.Fatal(err)
	}
	return secret.Reveal()
}

func (f *fixture) addHook(key, body string) desk.MadeHook {
	f.t.Helper()
	got := f.send(http.MethodPost, "/v1/hooks", key, body)
	if got.status != http.StatusCreated {
		f.t.Fatalf("%d %s", got.status, got.body)
	}
	var made desk.MadeHook
	got.decode(f.t, &made)
	if got.header.Get("Location") != "/v1/hooks/"+made.ID {
		f.t.Errorf("Location %q", got.header.Get("Location"))
	}
	return made
}

func TestAClientManagesItsEndpoints(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		key := f.hookKey("till")
		made := f.addHook(key, `{"url": "https://orders.example/news", "events": ["order.done", "order.attention"]}`)
		if !strings.HasPrefix(made.Secret, "whsec_") || made.Client != "till" {
			t.Errorf("made %+v", made)
		}
		path := "/v1/hooks/" + made.ID
		get := func(want int) (hook store.Hook) {
			t.Helper()
			got := f.send(http.MethodGet, path, key, "")
			if got.status != want {
				t.Fatalf("%d %s", got.status, got.body)
			}
			if want == http.StatusOK {
				got.decode(t, &hook)
			}
			if strings.Contains(got.body, made.Secret) {
				t.Error("the secret is shown again")
			}
			return hook
		}
		get(http.StatusOK)
		if got := f.send(http.MethodPatch, path, key, `{"events": ["*"]}`); got.status != http.StatusOK || strings.Join(get(http.StatusOK).Events, " ") != "*" {
			t.Errorf("change: %d %s", got.status, got.body)
		}
		var rotated desk.MadeHook
		f.send(http.MethodPost, path+"/rotate", key, "").decode(t, &rotated)
		if rotated.Secret == made.Secret || rotated.OldSecretUntil == nil {
			t.Errorf("rotated %+v", rotated)
		}
		f.send(http.MethodPost, "/v1/orders", key, outside.NewCustomer)
		f.order(outside.HostingOnly) // another client's
		var sent desk.SentEvent
		f.send(http.MethodPost, path+"/test", key, "").decode(t, &sent)
		var list gateway.Deliveries
		f.send(http.MethodGet, path+"/deliveries", key, "").decode(t, &list)
		types := map[string]int{}
		for _, one := range list.Deliveries {
			types[string(one.Type)+" "+one.Label]++
		}
		if len(list.Deliveries) != 2 || types["order.accepted DP00000001"] != 1 || types["hook.test "] != 1 {
			t.Errorf("deliveries: %v", types)
		}
		f.send(http.MethodGet, path+"/deliveries?state=waiting&limit=1&event="+sent.EventID, key, "").decode(t, &list)
		if len(list.Deliveries) != 1 || list.Deliveries[0].EventID != sent.EventID {
			t.Errorf("deliveries: %+v", list)
		}
		var resent desk.Resent
		f.send(http.MethodPost, path+"/resend", key, `{"order": "DP00000001"}`).decode(t, &resent)
		if resent.Events != 1 {
			t.Errorf("resent %+v", resent)
		}
		if got := f.send(http.MethodPost, path+"/enable", key, ""); got.status != http.StatusOK {
			t.Errorf("enable: %d %s", got.status, got.body)
		}
		if got := f.send(http.MethodDelete, path, key, ""); got.status != http.StatusNoContent || got.body != "" {
			t.Errorf("remove: %d %s", got.status, got.body)
		}
		get(http.StatusNotFound)
	})
}

func TestNoClientSeesAnothersEndpoints(t *testing.T) {
	f := begin(t, outside.Options{})
	mine, other := f.hookKey("till"), f.hookKey("web")
	made := f.addHook(mine, `{"url": "https://orders.example/news"}`)
	path := "/v1/hooks/" + made.ID
	for _, c := range []struct{ method, path, body string }{
		{http.MethodGet, path, ""}, {http.MethodPatch, path, `{"events": ["*"]}`}, {http.MethodDelete, path, ""}, {http.MethodPost, path + "/rotate", ""},
		{http.MethodPost, path + "/enable", ""}, {http.MethodPost, path + "/test", ""}, {http.MethodGet, path + "/deliveries", ""},
		{http.MethodPost, path + "/resend", `{"order": "DP00000001"}`},
	} {
		if got := f.send(c.method, c.path, other, c.body); got.status != http.StatusNotFound || !strings.HasSuffix(got.problem(t).Type, "no-such-hook") {
			t.Errorf("%s %s: %d %s", c.method, c.path, got.status, got.body)
		}
		if got := f.send(c.method, c.path, f.read, c.body); got.status != http.StatusForbidden {
			t.Errorf("without the scope: %s %s: %d", c.method, c.path, got.status)
		}
	}
	var list gateway.Hooks
	f.send(http.MethodGet, "/v1/hooks", other, "").decode(t, &list)
	if list.Hooks == nil || len(list.Hooks) != 0 {
		t.Errorf("listed %+v", list)
	}
	if hook, err := f.Store.Hook(t.Context(), made.ID); err != nil || strings.Join(hook.Events, "") != "*" {
		t.Errorf("got %+v, %v", hook, err)
	}
}

func TestWrongEndpointsAreRefusedByField(t *testing.T) {
	f := begin(t, outside.Options{})
	key := f.hookKey("till")
	made := f.addHook(key, `{"url": "https://orders.example/news"}`)
	for body, want := range map[string]string{
		`{"url": "http://orders.example/"}`: "url must begin with https://",
		`{"url": "https://10.0.0.1/"}`:      "url must be a host on the Internet",
		`{"url": "https://localhost/"}`:     "url must be a host on the Internet",
		`{}`:                                "url must be an absolute address",
		`{"url": "https://orders.example/", "events": ["order.lost"]}`:               "events holds \"order.lost\"",
		`{"url": "https://orders.example/", "events": ["order.done", "order.done"]}`: "twice",
		`{"url": "https://orders.example/", "client": "web"}`:                        "documented fields only",
		`{"url": 7}`: "url must be a string",
		`{"url": "https://orders.example/` + strings.Repeat("x", maxCommandTest) + `"}`: "at most",
	} {
		got := f.send(http.MethodPost, "/v1/hooks", key, body)
		if problem := got.problem(t); got.status < 400 || got.status >= 500 || !strings.Contains(problem.Error(), want) {
			t.Errorf("%.80s: %d %s, want %q", body, got.status, problem.Error(), want)
		}
	}
	for query, want := range map[string]string{"state=lost": "state must be one of waiting, delivered, expired", "limit=0": "limit must be 1 to 1000", "from=1": "unknown parameter"} {
		got := f.send(http.MethodGet, "/v1/hooks/"+made.ID+"/deliveries?"+query, key, "")
		if problem := got.problem(t); got.status != http.StatusBadRequest || !strings.Contains(problem.Error(), want) {
			t.Errorf("%s: %d %s", query, got.status, got.body)
		}
	}
	for body, status := range map[string]int{`{}`: 400, `{"order": "1", "eventId": "e"}`: 400, `{"order": "none"}`: 409} {
		if got := f.send(http.MethodPost, "/v1/hooks/"+made.ID+"/resend", key, body); got.status != status {
			t.Errorf("resend %s: %d %s", body, got.status, got.body)
		}
	}
	for range store.MostHooks - 1 {
		f.addHook(key, `{"url": "https://orders.example/news"}`)
	}
	if got := f.send(http.MethodPost, "/v1/hooks", key, `{"url": "https://orders.example/news"}`); got.status != http.StatusConflict {
		t.Errorf("one too many: %d %s", got.status, got.body)
	}
}

// maxCommandTest makes a body too large.
const maxCommandTest = 64 << 10
