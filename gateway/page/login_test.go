package page_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/gateway"
	"domainprovisioning/gateway/page"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

func TestNothingIsShownWithoutALogin(t *testing.T) {
	o := begin(t)
	number := o.parked(messages.ReasonBalance, "no funds", messages.ActionRetry)
	b := o.anonymous()
	for _, path := range []string{"/desk", "/desk/", "/desk/orders", "/desk/orders/" + number, "/desk/orders/" + number + "/live", "/desk/orders/" + number + "/events",
		"/desk/orders/" + number + "/1/retry", "/desk/search?q=shop", "/desk/registrars", "/desk/inbox", "/desk/news", "/desk/figures", "/desk/nothing"} {
		got := b.get(path)
		if to := got.header.Get("Location"); got.status != http.StatusSeeOther || !strings.HasPrefix(to, "/desk/login?next=") {
			t.Errorf("%s: %d to %q", path, got.status, to)
		}
		got.lacks(t, "shop.example")
	}
	if got := b.post("/desk/orders/"+number+"/1/retry", "reason", "x"); got.status != http.StatusUnauthorized || len(o.acts()) != 0 {
		t.Errorf("a command: %d, %v", got.status, o.acts())
	}
	b.cookie = &http.Cookie{Name: "desk-session", Value: "dps_" + strings.Repeat("A", 52)}
	if got := b.get("/desk/"); got.status != http.StatusSeeOther {
		t.Errorf("an invented session: %d", got.status)
	}
}

// The desk shows the orders of all clients, so the key of one does not log in, however it comes.
func TestOnlyAKeyOfTheOperatorLogsIn(t *testing.T) {
	o := begin(t)
	b := o.anonymous()
	if got := b.post("/desk/login", "key", o.keys["shop"]); got.status != http.StatusForbidden || b.cookie != nil || !strings.Contains(got.body, "lacks the scope all") {
		t.Errorf("by its key: %d", got.status)
	}
	if _, err := o.Store.CreateDeskTicket(t.Context(), "shop", time.Minute); !errors.Is(err, store.ErrNotOperator) {
		t.Errorf("a ticket: %v", err)
	}
}

func TestALoginByKeyIsASessionInACookie(t *testing.T) {
	for name, c := range map[string]struct {
		secure       bool
		cookie, path string
	}{"plain": {false, "desk-session", "/"}, "tls": {true, "__Host-desk", "/"}} {
		t.Run(name, func(t *testing.T) {
			o := begin(t, func(options *gateway.Options) { options.DeskPage.Secure = c.secure })
			b := o.anonymous()
			if got := b.post("/desk/login", "key", "dpk_wrong"); got.status != http.StatusUnauthorized || b.cookie != nil {
				t.Errorf("a wrong key: %d", got.status)
			}
			got := b.post("/desk/login", "key", o.keys["reader"], "next", "/desk/orders?state=open")
			if got.status != http.StatusSeeOther || got.header.Get("Location") != "/desk/orders?state=open" {
				t.Fatalf("%d to %s", got.status, got.header.Get("Location"))
			}
			cookie := *b.cookie
			if cookie.Name != c.cookie || cookie.Path != c.path || cookie.Secure != c.secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Domain != "" {
				t.Errorf("the cookie is %v", cookie)
			}
			b.sees("/desk/", "reader")
			if strings.Contains(o.log.String(), o.keys["reader"]) || strings.Contains(o.log.String(), cookie.Value) {
				t.Error("the log holds a secret")
			}
			if !strings.Contains(o.log.String(), "caller=reader") {
				t.Error("the access log does not say who it was")
			}
			b.post("/desk/logout")
			b.cookie = &cookie
			if got := b.get("/desk/"); got.status != http.StatusSeeOther {
				t.Errorf("after logging out: %d", got.status)
			}
		})
	}
}

func TestASessionFollowsItsKeyAndItsTime(t *testing.T) {
	o := begin(t)
	idle, revoked := o.as("reader"), o.as("helper")
	if err := o.Store.RevokeAPIKey(t.Context(), "helper", "test"); err != nil {
		t.Fatal(err)
	}
	if got := revoked.get("/desk/"); got.status != http.StatusSeeOther {
		t.Errorf("with a revoked key: %d", got.status)
	}
	idle.sees("/desk/")
	o.clock.Advance(store.DeskIdle + time.Second)
	if got := idle.get("/desk/"); got.status != http.StatusSeeOther {
		t.Errorf("after an idle hour: %d", got.status)
	}
}

func TestTheWayBackStaysOnTheDesk(t *testing.T) {
	o := begin(t)
	for _, next := range []string{"https://evil.example/desk/", "//evil.example/desk/", "/\\evil.example", "/v1/orders", "javascript:alert(1)", "/desk/\r\nx: y", ""} {
		if got := o.anonymous().post("/desk/login", "key", o.keys["reader"], "next", next); got.header.Get("Location") != "/desk/" {
			t.Errorf("%q leads to %q", next, got.header.Get("Location"))
		}
	}
}

func TestATicketLogsInOnceByAPost(t *testing.T) {
	o := begin(t)
	ticket, err := o.Store.CreateDeskTicket(t.Context(), "reader", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	link := "/desk/login?ticket=" + ticket.Reveal()
	for range 2 { // looking at it uses nothing up
		got := o.anonymous().sees(link, "data-send", ticket.Reveal(), "<button")
		if got.header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("Referrer-Policy: %s", got.header.Get("Referrer-Policy"))
		}
	}
	b := o.anonymous()
	if got := b.post("/desk/login", "ticket", ticket.Reveal()); got.status != http.StatusSeeOther {
		t.Fatalf("%d", got.status)
	}
	b.sees("/desk/", "reader")
	if got := o.anonymous().post("/desk/login", "ticket", ticket.Reveal()); got.status != http.StatusUnauthorized {
		t.Errorf("the second time: %d", got.status)
	}
	if strings.Contains(o.log.String(), ticket.Reveal()) {
		t.Error("the log holds the ticket")
	}
}

func TestLoginAttemptsAreLimited(t *testing.T) {
	o := begin(t, func(options *gateway.Options) { options.RequestsPerSecond, options.Burst = 0.001, 3 })
	b := o.anonymous()
	for n := range 4 {
		got := b.post("/desk/login", "key", "dpk_wrong")
		if want := map[bool]int{false: http.StatusUnauthorized, true: http.StatusTooManyRequests}[n == 3]; got.status != want {
			t.Errorf("attempt %d: %d", n+1, got.status)
		}
	}
}

func TestAUserIsBelievedFromTheProxyAlone(t *testing.T) {
	trusting := func(networks ...string) func(*gateway.Options) {
		return func(options *gateway.Options) {
			options.DeskPage.Proxy = page.Proxy{
				UserHeader: "X-Forwarded-User", Scopes: []store.Scope{store.ScopeRead}, GroupsHeader: "X-Forwarded-Groups",
				Groups: map[string][]store.Scope{"support": {store.ScopeOperate}},
			}
			for _, network := range networks {
				options.DeskPage.Proxy.Trusted = append(options.DeskPage.Proxy.Trusted, netip.MustParsePrefix(network))
			}
		}
	}
	named := func(o *office, groups string, names ...string) *browser {
		b := o.anonymous()
		b.header["X-Forwarded-User"] = names
		if groups != "" {
			b.header.Set("X-Forwarded-Groups", groups)
		}
		return b
	}
	o := begin(t, trusting("127.0.0.0/8"))
	number := o.parked(messages.ReasonBalance, "no funds", messages.ActionRetry)
	order := "/desk/orders/" + number
	named(o, "", "anna@shop").sees(order, "user:anna@shop").lacks(t, ">Retry<", "Log out")
	member := named(o, "sales, support", "anna@shop")
	member.sees(order, ">Retry<")
	id := member.formID(order + "/1/retry")
	if got := member.post(order+"/1/retry", "id", id, "reason", "paid in"); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.body)
	}
	if acts := o.acts(); !slices.Contains(acts, "desk/anna@shop desk retry accepted") {
		t.Errorf("acts: %v", acts)
	}
	if log := o.log.String(); strings.Contains(log, "anna") || !strings.Contains(log, "caller=desk-users") {
		t.Errorf("the log names a person, or nobody:\n%s", log)
	}
	for what, b := range map[string]*browser{
		"two users": named(o, "", "anna", "ben"), "an empty name": named(o, "", ""), "a long name": named(o, "", strings.Repeat("x", 81)), "no user but a group": named(o, "support"),
	} {
		if got := b.get("/desk/"); got.status != http.StatusForbidden {
			t.Errorf("%s: %d", what, got.status)
		}
	}
	if got := o.anonymous().get("/desk/"); got.status != http.StatusSeeOther {
		t.Errorf("without a name: %d", got.status)
	}
	elsewhere := begin(t, trusting("192.0.2.0/24"))
	if got := named(elsewhere, "", "anna").get("/desk/"); got.status != http.StatusForbidden {
		t.Errorf("from elsewhere: %d", got.status)
	}
	if got := named(elsewhere, "", "anna").post("/desk/login", "key", elsewhere.keys["chief"]); got.status != http.StatusForbidden {
		t.Errorf("a login from elsewhere: %d", got.status)
	}
	logged := elsewhere.as("chief")
	logged.header.Set("X-Forwarded-User", "anna")
	if got := logged.get("/desk/"); got.status != http.StatusForbidden {
		t.Errorf("from elsewhere, with a session: %d", got.status)
	}
	off := begin(t)
	if got := named(off, "", "anna").get("/desk/"); got.status != http.StatusSeeOther {
		t.Errorf("without such a proxy: %d", got.status)
	}
}

func TestAnotherSiteCannotSendAForm(t *testing.T) {
	o := begin(t)
	number := o.parked(messages.ReasonBalance, "no funds", messages.ActionRetry)
	path := "/desk/orders/" + number + "/1/retry"
	b := o.as("helper")
	id := b.formID(path)
	for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
		b.header.Set(header[0], header[1])
		if got := b.post(path, "id", id, "reason", "x"); got.status != http.StatusForbidden {
			t.Errorf("%v: %d", header, got.status)
		}
		b.header.Del(header[0])
	}
	for _, path := range []string{"/desk/login", "/desk/logout"} {
		b := o.anonymous()
		b.header.Set("Sec-Fetch-Site", "cross-site")
		if got := b.post(path, "key", o.keys["chief"]); got.status != http.StatusForbidden || b.cookie != nil {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	if len(o.Temporal.Commands()) != 0 || len(o.acts()) != 0 {
		t.Errorf("something was done: %v", o.acts())
	}
	b.header.Set("Origin", o.url)
	if got := b.post(path, "id", id, "reason", "x"); got.status != http.StatusOK || len(o.Temporal.Commands()) != 1 {
		t.Errorf("from the page itself: %d", got.status)
	}
	// A link on another site leads to the page itself, although the cookie is kept back at first.
	visitor := o.anonymous()
	visitor.header.Set("Sec-Fetch-Site", "cross-site")
	visitor.header.Set("Sec-Fetch-Mode", "navigate")
	visitor.sees("/desk/orders?state=open", `http-equiv="refresh" content="0; url=/desk/orders?state=open"`)
}

func TestEveryAnswerIsClosedToOthers(t *testing.T) {
	o := begin(t)
	number := o.parked(messages.ReasonBalance, "no funds", messages.ActionRetry)
	b := o.as("chief")
	for _, path := range []string{"/desk/", "/desk/orders", "/desk/orders/" + number, "/desk/orders/" + number + "/live", "/desk/orders/" + number + "/1/retry", "/desk/orders/" + number + "/1/amend",
		"/desk/search?q=none.example", "/desk/registrars", "/desk/inbox", "/desk/news", "/desk/figures", "/desk/nothing", "/desk/login", "/desk/loose-ends/settle?id=x", "/desk/operations/withdraw?reference=x"} {
		got := b.get(path)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
			"X-Content-Type-Options":  "nosniff", "Cache-Control": "no-store", "Content-Type": "text/html; charset=utf-8",
		} {
			if got.header.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, got.header.Get(name))
			}
		}
		for _, inline := range []string{"<style", " style=", "<script>", " onclick", "javascript:"} {
			got.lacks(t, inline)
		}
		if strings.Contains(path, "/live") {
			continue
		}
		got.holds(t, `<html lang="en">`, `<main id="main"`, `href="#main"`, "<title>")
	}
	for file, kind := range map[string]string{"desk.css": "text/css; charset=utf-8", "desk.js": "text/javascript; charset=utf-8", "desk.svg": "image/svg+xml"} {
		if got := o.anonymous().get("/desk/assets/" + file); got.status != http.StatusOK || got.header.Get("Content-Type") != kind {
			t.Errorf("%s: %d %s", file, got.status, got.header.Get("Content-Type"))
		}
	}
	for _, file := range []string{url.PathEscape("../page.go"), "%2e", "none.css"} {
		if got := o.anonymous().get("/desk/assets/" + file); got.status < 300 || strings.Contains(got.body, "desk.css") || strings.Contains(got.body, "package page") {
			t.Errorf("%s: %d %s", file, got.status, got.body)
		}
	}
}

func TestABroadcastOfTooManyRequestsIsSlowedDown(t *testing.T) {
	o := begin(t, func(options *gateway.Options) { options.RequestsPerSecond, options.Burst = 0.001, 2 })
	b := o.as("reader")
	var got []int
	for range 3 {
		got = append(got, b.get("/desk/orders").status)
	}
	if fmt.Sprint(got) != "[200 200 429]" {
		t.Errorf("answered %v", got)
	}
}
