package page_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/intake"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// orderLinks are what leads to pages of orders: links, forms and what the script asks for.
var orderLinks = regexp.MustCompile(`(?:href|action|data-events|data-part)="(/desk/orders/[^"?]+)"`)

// An order whose key is the number of another client's order, too, is reached by everything on the
// desk that leads to it: lists, its page, its commands, operations, loose ends, news and the search.
func TestAnOrderWhoseKeyIsAnothersNumberIsReached(t *testing.T) {
	o := begin(t)
	order := func(client, name string) {
		t.Helper()
		document := outside.Alter(t, outside.DomainOnly, `"shop"`, `"`+name+`"`, `"vendorAccountId"`, `"number": "1001", "vendorAccountId"`)
		if _, err := o.World.Intake.Place(intake.WithCaller(t.Context(), intake.Caller{Client: client}), []byte(document)); err != nil {
			t.Fatal(err)
		}
	}
	hook, _, err := o.Store.AddHook(t.Context(), store.NewHook{URL: "https://own.example/news", Events: []string{"*"}})
	if err != nil {
		t.Fatal(err)
	}
	order("local", "of-local")
	order("till", "of-till")
	const workflow = "domain-provisioning/of-local.example"
	o.Temporal.Show(workflow, messages.Progress{
		OrderNumber: "1001", Domain: "of-local.example", Registrar: outside.Account, State: messages.NeedsAttention, Step: 6, Steps: []messages.StepProgress{},
		Attention: &messages.Attention{Step: 6, Reason: messages.ReasonBalance, Message: "no funds", Since: o.clock.Now(), Actions: []messages.Action{messages.ActionRetry, messages.ActionAmend}},
		Actions:   []messages.Action{messages.ActionRetry, messages.ActionAmend}, Amendable: []messages.Change{messages.ChangeContacts},
	})
	if err := o.Store.RecordState(t.Context(), store.StateChange{OrderNumber: "1001", Item: 0, State: messages.NeedsAttention, Step: 6, Reason: string(messages.ReasonBalance), At: o.clock.Now()}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := o.Store.Intend(t.Context(), store.Intention{Key: "1001/0/registration", Account: outside.Account, Kind: "registration", Domain: "of-local.example", WorkflowID: workflow}); err != nil {
		t.Fatal(err)
	}
	b := o.as("chief")
	const page = "/desk/orders/local:1001"
	for _, from := range []string{"/desk/", "/desk/orders?text=of-local", "/desk/registrars", "/desk/news", "/desk/news?order=local:1001", "/desk/search?q=1001", page, page + "/0/retry", page + "/0/amend"} {
		got := b.sees(from)
		led := 0
		for _, link := range orderLinks.FindAllStringSubmatch(got.body, -1) {
			switch {
			case strings.HasPrefix(link[1], "/desk/orders/local:1001"):
				led++
			case !strings.HasPrefix(link[1], "/desk/orders/till:1001"):
				t.Errorf("%s leads to %s", from, link[1])
			}
		}
		if led == 0 {
			t.Errorf("%s does not lead to the order:\n%s", from, got.body)
		}
	}
	b.sees(page+"/live", "of-local.example", "no funds")
	if got := b.get("/desk/search?q=of-local.example"); got.header.Get("Location") != page {
		t.Errorf("the search leads to %q", got.header.Get("Location"))
	}
	if got := b.post(page+"/0/retry", "id", strings.Repeat("A", 26), "reason", "paid in"); got.status != http.StatusOK || !slices.Contains(o.acts(), "desk/chief desk retry accepted") {
		t.Errorf("%d %s", got.status, got.body)
	}
	// Its loose end leads to it, before and after it was settled.
	if err := o.Store.CloseUnit(t.Context(), "1001", 0, store.UnitCancelled, "a zone"); err != nil {
		t.Fatal(err)
	}
	b.sees("/desk/", `href="`+page+`"`, "a zone")
	ends, err := o.Store.LooseEnds(t.Context(), store.LooseEndFilter{})
	if err != nil || len(ends) != 1 {
		t.Fatalf("%+v, %v", ends, err)
	}
	if got := b.post("/desk/loose-ends/settle", "id", ends[0].ID, "reason", "removed"); got.header.Get("Location") != page {
		t.Errorf("after settling: %d to %q", got.status, got.header.Get("Location"))
	}
	// What is typed is a number: the news of several orders of it are not mixed.
	if got := b.get("/desk/news?order=1001&endpoint=" + hook.ID); got.status != http.StatusConflict || !strings.Contains(got.body, "till:1001") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// A browser that was logged in before the upgrade holds a cookie for /desk, which it sends before
// those for /. Without TLS both had one name, and the login never took.
func TestABrowserFromBeforeTheUpgradeCanLogIn(t *testing.T) {
	o := begin(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	desk, err := url.Parse(o.url + "/desk/")
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(desk, []*http.Cookie{{Name: "desk", Value: "dps_" + strings.Repeat("A", 52), Path: "/desk", HttpOnly: true, SameSite: http.SameSiteStrictMode}})
	client := &http.Client{Jar: jar}
	ask := func(method, path string, form url.Values) (status int, at string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, o.url+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		return answer.StatusCode, answer.Request.URL.Path
	}
	if status, at := ask(http.MethodGet, "/desk/", nil); status != http.StatusOK || at != "/desk/login" {
		t.Errorf("the old session: %d at %s", status, at)
	}
	if status, at := ask(http.MethodPost, "/desk/login", url.Values{"key": {o.keys["reader"]}, "next": {"/desk/orders"}}); status != http.StatusOK || at != "/desk/orders" {
		t.Errorf("after the login: %d at %s", status, at)
	}
	if status, at := ask(http.MethodPost, "/desk/logout", nil); status != http.StatusOK || at != "/desk/login" {
		t.Errorf("after the logout: %d at %s", status, at)
	}
	if _, at := ask(http.MethodGet, "/desk/", nil); at != "/desk/login" {
		t.Errorf("the session goes on at %s", at)
	}
}
