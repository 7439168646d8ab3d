package page_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

func TestTheOverviewSaysWhoIsNeededAndWhatToDo(t *testing.T) {
	o := begin(t)
	b := o.as("helper")
	b.sees("/desk/", "Nothing needs a person.", "Late watches", outside.Account)
	number := o.parked(messages.ReasonBalance, "the account lacks 12.00 EUR", messages.ActionRetry, messages.ActionCancel, messages.ActionSettle)
	o.clock.Advance(3 * time.Hour)
	b = o.as("helper")
	got := b.sees("/desk/", number, "shop.example", "balance", "the account lacks 12.00 EUR", messages.ReasonBalance.Advice(), "3 h 0 min",
		`href="/desk/orders/local:`+number+`/1/retry"`, "<b>1</b> <span>attention</span>")
	got.lacks(t, "/1/cancel", "/1/settle", "/1/amend") // lacking the scope, a form of its own, not allowed now
	o.as("chief").sees("/desk/", "/1/cancel")
	o.as("reader").sees("/desk/", "shop.example").lacks(t, "/1/retry")
	// One that does not answer is shown all the same.
	o.Temporal.SetDown(true)
	b.sees("/desk/", "shop.example", messages.ReasonBalance.Advice(), "No worker answers", "Temporal does not answer")
	o.Temporal.SetDown(false)
	if got := o.as("feeder").get("/desk/"); got.status != http.StatusForbidden || strings.Contains(got.body, "shop.example") {
		t.Errorf("without the scope read: %d", got.status)
	}
}

func TestLooseEndsAreShownUntilTheyAreSettled(t *testing.T) {
	o := begin(t)
	number := o.parked(messages.ReasonBalance, "no funds", messages.ActionRetry)
	if err := o.Store.CloseUnit(t.Context(), number, 1, store.UnitCancelled, "account 1048576 <b>stays</b>"); err != nil {
		t.Fatal(err)
	}
	b := o.as("helper")
	b.sees("/desk/", "account 1048576 &lt;b&gt;stays&lt;/b&gt;", "/desk/loose-ends/settle?id=left%2f"+number+"%2f1")
	o.as("reader").sees("/desk/", "account 1048576").lacks(t, "/desk/loose-ends/settle")
	path := "/desk/loose-ends/settle"
	if got := o.as("reader").post(path, "id", "left/"+number+"/1", "reason", "x"); got.status != http.StatusForbidden {
		t.Errorf("without the scope: %d", got.status)
	}
	b.sees(path+"?id=left/"+number+"/1", `value="left/`+number+`/1"`)
	if got := b.post(path, "id", "left/"+number+"/1", "reason", " "); got.status != http.StatusConflict {
		t.Errorf("without a reason: %d", got.status)
	}
	if got := b.post(path, "id", "left/"+number+"/1", "reason", "removed by hand"); got.status != http.StatusSeeOther {
		t.Errorf("%d %s", got.status, got.body)
	}
	b.sees("/desk/").lacks(t, "account 1048576")
	if acts := o.acts(); !slices.Contains(acts, "desk/helper desk settle accepted") || !slices.Contains(acts, "desk/reader desk settle refused") {
		t.Errorf("acts: %v", acts)
	}
}

func TestTheListHasTheFiltersOfTheDesk(t *testing.T) {
	o := begin(t)
	number := o.parked(messages.ReasonBalance, "no funds", messages.ActionRetry)
	for range 60 {
		o.clock.Advance(time.Second)
		o.Place(t, outside.Alter(t, outside.DomainOnly, `"shop"`, `"more`+o.clock.Now().Format("150405")+`"`))
	}
	b := o.as("reader")
	first := b.sees("/desk/orders?text=more", "more080100.example", `rel="next"`)
	first.lacks(t, ">shop.example<", "more080001.example")
	_, rest, _ := strings.Cut(first.body, `<a class="button" href="`)
	next, _, _ := strings.Cut(rest, `"`)
	b.sees(strings.ReplaceAll(next, "&amp;", "&"), "more080001.example", "First page").lacks(t, "more080100.example", `rel="next"`)
	b.sees("/desk/orders?state=attention&reason=balance&registrar="+outside.Account+"&step=6&olderThan=30s", number).lacks(t, "more0801")
	b.sees("/desk/orders?state=cancelled", "No order fits.")
	for _, query := range []string{"state=lost", "olderThan=soon", "step=x", "cursor=x"} {
		if got := b.get("/desk/orders?" + query); got.status != http.StatusBadRequest {
			t.Errorf("%s: %d", query, got.status)
		}
	}
}

func TestTheSearchGoesToTheOrderThatFits(t *testing.T) {
	o := begin(t)
	number := o.parked(messages.ReasonBalance, "no funds", messages.ActionRetry)
	other := o.Place(t, outside.Alter(t, outside.DomainOnly, `"shop"`, `"store"`)).Number
	if _, _, err := o.Store.Intend(t.Context(), store.Intention{Key: number + "/1/registration", Account: outside.Account, Kind: "registration", Domain: "shop.example", WorkflowID: shopWorkflow}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Store.Learn(t.Context(), number+"/1/registration", store.LedgerChange{State: store.Pending, Reference: "4711"}); err != nil {
		t.Fatal(err)
	}
	b := o.as("reader")
	for text, want := range map[string]string{number: number, "shop.example": number, "SHOP.example": number, "4711": number, "sto": other, "500100": other, "1048576": number} {
		if got := b.get("/desk/search?q=" + text); got.status != http.StatusSeeOther || got.header.Get("Location") != "/desk/orders/local:"+want {
			t.Errorf("%s: %d to %s, want %s", text, got.status, got.header.Get("Location"), want)
		}
	}
	b.sees("/desk/search?q=o", number, other, "part of the domain")
	b.sees("/desk/search?q=%3Cb%3Enothing%3C/b%3E", "Nothing fits", "&lt;b&gt;nothing&lt;/b&gt;").lacks(t, "<b>nothing")
	if got := b.get("/desk/search?q="); got.status != http.StatusBadRequest {
		t.Errorf("nothing: %d", got.status)
	}
}

func TestTheOrderShowsWhatIsKnownAboutIt(t *testing.T) {
	o := begin(t)
	number := o.parked(messages.ReasonRejected, `the registry said <img src=x onerror="alert(1)"> & more`, messages.ActionRetry)
	confirmation := outside.Confirmation("netim-1/77", "shop.example")
	confirmation.Reference = "4711"
	if _, err := o.Store.Receive(t.Context(), confirmation, time.Minute); err != nil {
		t.Fatal(err)
	}
	b := o.as("helper")
	got := b.sees("/desk/orders/"+number, "Create account", "account 1048576", "Needs a person: rejected", messages.ReasonRejected.Advice(),
		`&lt;img src=x onerror=&#34;alert(1)&#34;&gt; &amp; more`, "https://ui.example/namespaces/default/workflows/domain-provisioning%2Fshop.example",
		`data-events="/desk/orders/local:`+number+`/events"`, "about operation 4711", "The order was accepted", `<time datetime="2026-03-02T08:00:00Z">2026-03-02 08:00 UTC</time>`)
	got.lacks(t, "<img", "jane@shop.example", "Jane", "a-long-pass-phrase")
	part := b.sees("/desk/orders/"+number+"/live", "Create account", "/1/retry")
	part.lacks(t, "<html", "Log out")
	b.sees("/desk/orders/shop.example", number)
	if got := b.get("/desk/orders/none.example"); got.status != http.StatusNotFound {
		t.Errorf("an order that is not there: %d", got.status)
	}
	if err := o.Store.CloseUnit(t.Context(), number, 1, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	o.Temporal.End(shopWorkflow)
	b.sees("/desk/orders/"+number, "The order ended: done").lacks(t, "data-events", "/1/retry")
}

func TestTheOrderIsFollowedByASession(t *testing.T) {
	o := begin(t)
	number := o.parked(messages.ReasonBalance, "no funds", messages.ActionRetry)
	b := o.as("reader")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.url+"/desk/orders/"+number+"/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.AddCookie(b.cookie)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	head := make([]byte, 64)
	if _, err := answer.Body.Read(head); err != nil || answer.Header.Get("Content-Type") != "text/event-stream" || !strings.Contains(string(head), "event: progress") {
		t.Errorf("%s %q, %v", answer.Header.Get("Content-Type"), head, err)
	}
	if answer.Header.Get("Content-Security-Policy") == "" || answer.Header.Get("Cache-Control") != "no-store" {
		t.Error("the stream lacks the headers of a page")
	}
}

func TestContactDataIsShownOnDemandAndThatIsRecorded(t *testing.T) {
	o := begin(t)
	number := o.parked(messages.ReasonRejected, "x", messages.ActionAmend)
	path := "/desk/orders/" + number
	o.as("reader").sees(path).lacks(t, "Show contact data")
	if got := o.as("reader").post(path + "/1/contacts"); got.status != http.StatusForbidden || strings.Contains(got.body, "Jane") {
		t.Errorf("without the scope: %d", got.status)
	}
	b := o.as("helper")
	b.sees(path, "Show contact data")
	if got := b.get(path + "/1/contacts"); got.status == http.StatusOK {
		t.Errorf("by a mere look: %d", got.status)
	}
	got := b.post(path + "/1/contacts")
	got.holds(t, "Jane Example", "jane@shop.example", "Example Shop Ltd", "1 Main Street")
	got.lacks(t, "a-long-pass-phrase")
	want := []string{"desk/reader desk contacts refused", "desk/helper desk show-contacts accepted"}
	if acts := o.acts(); !slices.Equal(acts, want) {
		t.Errorf("acts: %v", acts)
	}
	b.sees(path).lacks(t, "Jane")

	if err := o.Store.CloseUnit(t.Context(), number, 1, store.UnitFailed, ""); err != nil {
		t.Fatal(err)
	}
	at, err := o.Store.Erase(t.Context(), store.Erasing{Number: number})
	if err != nil {
		t.Fatal(err)
	}
	b.post(path+"/1/contacts").holds(t, "was erased on "+at.Format(time.DateOnly), "<span>erased ")
}

func TestRegistrarsInboxAndFigures(t *testing.T) {
	o := begin(t)
	number := o.parked(messages.ReasonBalance, "no funds", messages.ActionRetry)
	key := number + "/1/registration"
	if _, _, err := o.Store.Intend(t.Context(), store.Intention{Key: key, Account: outside.Account, Kind: "registration", Domain: "shop.example", WorkflowID: shopWorkflow}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Store.Learn(t.Context(), key, store.LedgerChange{State: store.Pending, Reference: "4711", Word: "<Pending>"}); err != nil {
		t.Fatal(err)
	}
	if err := o.Store.RecordRound(t.Context(), outside.Account); err != nil {
		t.Fatal(err)
	}
	stray := outside.Confirmation("netim-1/78", "stray.example")
	if _, err := o.Store.Receive(t.Context(), stray, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := o.Store.Handle(t.Context(), stray.EventID, store.Unmatched, ""); err != nil {
		t.Fatal(err)
	}
	reader := o.as("reader")
	reader.sees("/desk/registrars", outside.Account, "4711", "&lt;Pending&gt;", "10m0s").lacks(t, "Ask now", "Withdraw")
	o.as("helper").sees("/desk/registrars", "Ask now", "/desk/operations/withdraw?registrar=netim-1&amp;reference=4711")
	reader.sees("/desk/inbox?state=unmatched", "stray.example", "matched by itself when an order for it comes", "<b>1</b> <span>fit no order yet")
	reader.sees("/desk/inbox?state=delivered", "Nothing fits.")
	if got := reader.get("/desk/inbox?state=lost"); got.status != http.StatusBadRequest {
		t.Errorf("%d", got.status)
	}
	o.clock.Advance(90 * time.Minute)
	reader = o.as("reader")
	if _, err := o.Store.Learn(t.Context(), key, store.LedgerChange{State: store.Done, Reference: "4711"}); err != nil {
		t.Fatal(err)
	}
	reader.sees("/desk/figures", `<rect class="open"`, ">2026-03-02</time></th><td>0</td><td>1</td><td>0</td><td>0</td>", outside.Account, "1 h 30 min")
	if err := o.Store.CloseUnit(t.Context(), number, 1, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	reader.sees("/desk/figures").lacks(t, `<rect class="done"`) // kept for some minutes
	o.clock.Advance(5 * time.Minute)
	reader.sees("/desk/figures", `<rect class="done"`)
}

func TestAPageSaysSoIfTheStoreIsAway(t *testing.T) {
	o := begin(t)
	b := o.as("reader")
	if err := o.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if got := b.get("/desk/orders"); got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
		t.Errorf("%d %v", got.status, got.header)
	}
}
