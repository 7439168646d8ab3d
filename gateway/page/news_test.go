package page_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/intake/inbox"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

func TestTheNewsShowsEndpointsAndTheirDeliveries(t *testing.T) {
	o := begin(t)
	add := func(client, address string) store.Hook {
		t.Helper()
		hook, _, err := o.Store.AddHook(t.Context(), store.NewHook{Client: client, URL: address, Events: []string{"*"}})
		if err != nil {
			t.Fatal(err)
		}
		return hook
	}
	o.as("reader").sees("/desk/news", "Nobody is told")
	own, other := add("chief", "https://own.example/news?token=very-secret"), add("shop", "https://other.example/")
	if _, err := o.Store.TestHook(t.Context(), own.ID); err != nil {
		t.Fatal(err)
	}
	events, err := o.Store.ClaimNews(t.Context(), own.ID, 0, 1)
	if err != nil || len(events) != 1 {
		t.Fatalf("%v, %v", events, err)
	}
	disabled, _, err := o.Store.DeliveryFailed(t.Context(), store.FailedDelivery{Hook: own.ID, EventID: events[0].EventID, Status: 410, Trouble: "answered 410 <Gone>", Gone: true})
	if err != nil || !disabled {
		t.Fatalf("%v, %v", disabled, err)
	}
	o.as("reader").sees("/desk/news", "own.example", "other.example", "it wants no more", "hook.test", "answered 410 &lt;Gone&gt;").
		lacks(t, "very-secret", "Enable", "Send again")
	chief := o.as("chief")
	chief.sees("/desk/news", "/desk/news/"+own.ID+"/enable", "/desk/news/"+other.ID+"/test")
	if got := o.as("helper").post("/desk/news/" + own.ID + "/enable"); got.status != http.StatusForbidden {
		t.Errorf("without the scope: %d", got.status)
	}
	if got := chief.post("/desk/news/" + own.ID + "/frobnicate"); got.status != http.StatusNotFound {
		t.Errorf("no such command: %d", got.status)
	}
	for command, says := range map[string]string{"enable": "is told news again", "test": "test event is on its way", "resend": "1 event is sent again"} {
		if command != "enable" { // whatever comes first
			if _, err := o.Store.EnableHook(t.Context(), own.ID); err != nil {
				t.Fatal(err)
			}
		}
		if got := chief.post("/desk/news/"+own.ID+"/"+command, "event", events[0].EventID); got.status != http.StatusOK || !strings.Contains(got.body, says) {
			t.Errorf("%s: %d %s", command, got.status, got.body)
		}
	}
	chief.sees("/desk/news?endpoint="+other.ID, "Nothing fits.")
	if got := chief.get("/desk/news?state=lost"); got.status != http.StatusBadRequest {
		t.Errorf("%d", got.status)
	}
}

func TestWhatARegistrarHasWrittenIsShownToThoseWhoOperate(t *testing.T) {
	o := begin(t)
	o.as("reader").sees("/desk/").lacks(t, "News about accounts")
	in := inbox.Queued{Inbox: o.Intake.Inbox()}
	if err := in.Take(t.Context(), outside.Account, registrars.Notice{ID: "1", Account: registrars.AccountAccess, Claim: "login/password/2027-01-31", Text: "no <b>password</b> soon"}); err != nil {
		t.Fatal(err)
	}
	const path = "/desk/inbox?state=account"
	o.as("reader").sees(path, "the account itself: access", "last seen", "login/password/2027-01-31", "written: q-").lacks(t, "soon", "/said")
	for _, page := range []string{"/desk/", "/desk/registrars"} {
		o.as("reader").sees(page, "/desk/inbox?state=account&amp;registrar="+outside.Account)
	}
	o.as("helper").sees(path, "/desk/inbox/said").lacks(t, "soon")
	rows, err := o.Store.Confirmations(t.Context(), store.ConfirmationFilter{State: store.AccountNews})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%+v, %v", rows, err)
	}
	if got := o.as("reader").post("/desk/inbox/said", "quote", rows[0].Quote); got.status != http.StatusForbidden {
		t.Errorf("without the scope: %d", got.status)
	}
	if got := o.as("helper").post("/desk/inbox/said?state=account", "quote", rows[0].Quote); got.status != http.StatusOK ||
		!strings.Contains(got.body, "The registrar has written: no &lt;b&gt;password&lt;/b&gt; soon") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if acts := o.acts(); !slices.Contains(acts, "desk/helper desk quote accepted") {
		t.Errorf("the look is not recorded: %q", acts)
	}
	if got := o.as("helper").post("/desk/inbox/said", "quote", "q-nothing"); got.status != http.StatusNotFound || !strings.Contains(got.body, "no longer kept") || !strings.Contains(got.body, "login/password/2027-01-31") {
		t.Errorf("of a text that is gone: %d %s", got.status, got.body)
	}
}

func TestWhatASystemHasSaidIsShownToThoseWhoOperate(t *testing.T) {
	o := begin(t)
	reference, err := o.Store.KeepQuote(t.Context(), shopWorkflow, "no <b>passport</b>")
	if err != nil {
		t.Fatal(err)
	}
	number := o.parked(messages.ReasonBalance, "no funds", messages.ActionRetry)
	o.Temporal.Show(shopWorkflow, messages.Progress{
		OrderNumber: number, Domain: "shop.example", Registrar: outside.Account, State: messages.NeedsAttention, Step: 6, Steps: []messages.StepProgress{},
		Attention: &messages.Attention{Step: 6, Reason: messages.ReasonBalance, Message: "no funds", Reference: reference, Since: o.clock.Now(), Actions: []messages.Action{messages.ActionRetry}},
		Actions:   []messages.Action{messages.ActionRetry},
	})
	path := "/desk/orders/local:" + number
	o.as("helper").sees(path, "no funds", path+"/1/said").lacks(t, "passport")
	if got := o.as("helper").post(path + "/1/said"); got.status != http.StatusOK || !strings.Contains(got.body, "The system has said: no &lt;b&gt;passport&lt;/b&gt;") {
		t.Errorf("%d %s", got.status, got.body)
	}
	o.as("reader").sees(path, "no funds").lacks(t, "passport", "/said")
	if got := o.as("reader").post(path + "/1/said"); got.status != http.StatusForbidden || strings.Contains(got.body, "passport") {
		t.Errorf("without the scope: %d", got.status)
	}
	if acts := o.acts(); !slices.Contains(acts, "desk/helper desk quote accepted") {
		t.Errorf("the look is not recorded: %q", acts)
	}
}
