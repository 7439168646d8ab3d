package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/desk"
	"domainprovisioning/gateway"
	"domainprovisioning/sandbox/standin/epp"
	"domainprovisioning/store"
)

// TestWhatARegistryWritesAboutTheAccount reaches a person: a password that expires, of which every
// login warns, is in the inbox once, and a low balance with its words. Who only reads sees neither's
// words, and nothing else holds them.
func TestWhatARegistryWritesAboutTheAccount(t *testing.T) {
	t.Parallel()
	const expires, claim, low = "Jane, the password of the account expires in January.", "login/password/2027-01-31", "Your balance is below the limit of"
	f := atEPP(t, worldOptions{})
	f.world.epp.WarnAtLogin(epp.Warning{Type: "password", Level: "warning", ExDate: "2027-01-31T12:00:00.0Z", Text: expires})
	f.watchAt(eppAccount)
	for _, one := range eppFaults(t, "poll.req:session-expired") { // another session
		f.world.epp.Faults.Add(one)
	}
	f.watchAt(eppAccount)
	again := f.restored(func(string) {}) // another worker
	t.Cleanup(func() { again.stop(context.Background()) })
	f.system = again
	f.world.epp.AnnounceText(low)
	f.watchAt(eppAccount)
	f.watchAt(eppAccount)
	if n := f.world.epp.Calls("login"); n < 3 || f.world.epp.QueueLength() != 0 {
		t.Errorf("%d logins, %d messages wait", n, f.world.epp.QueueLength())
	}
	rows, err := f.Store.Confirmations(t.Context(), store.ConfirmationFilter{Account: eppAccount})
	if err != nil || len(rows) != 2 || rows[0].Claim != claim || rows[1].Claim != "message" || rows[0].State != store.AccountNews || rows[1].State != store.AccountNews || rows[0].Matter != "access" || rows[1].Matter != "other" {
		t.Fatalf("the inbox has %+v, %v", rows, err)
	}
	if log := f.log.String(); strings.Count(log, "a registrar has written about its account") != 2 || strings.Count(log, "matter=access claim="+claim) != 1 {
		t.Error("the log does not say once that it came")
	}
	if rows[0].SeenAt == nil || !rows[0].SeenAt.After(rows[0].ReceivedAt) {
		t.Errorf("the logins that have repeated the warning are not noted: %+v", rows[0])
	}
	f.says("inbox --state account", claim)
	f.says("quote "+rows[0].Quote, expires)
	f.says("watch-status --json", `"accountNews": 2`)

	c := f.client()
	callerWith := func(name string, scopes ...store.Scope) caller {
		_, key, err := f.Store.CreateAPIKey(t.Context(), name, sandboxKey, scopes, "test")
		if err != nil {
			t.Fatal(err)
		}
		return caller{t, c.url, key.Reveal()}
	}
	reader, helper := callerWith("reader", store.ScopeRead, store.ScopeAll), callerWith("helper", store.ScopeRead, store.ScopeOperate, store.ScopeAll)
	var listed gateway.Inbox
	reader.want(http.StatusOK, http.MethodGet, "/v1/inbox?state=account", nil, &listed)
	if len(listed.Reports) != 2 || listed.Reports[1].Quote != rows[1].Quote {
		t.Errorf("the gateway lists %+v", listed)
	}
	reader.want(http.StatusForbidden, http.MethodGet, "/v1/quotes/"+rows[1].Quote, nil, nil)
	var written desk.Quote
	helper.want(http.StatusOK, http.MethodGet, "/v1/quotes/"+rows[1].Quote, nil, &written)
	if written.Text != low+" 100.00 EUR" {
		t.Errorf("the registry has written %q", written.Text)
	}
	acts, err := f.Store.Acts(t.Context(), store.ActFilter{})
	if looked := func(act store.Act) bool { return act.Command == "quote" && act.Reason == rows[1].Quote }; err != nil || !slices.ContainsFunc(acts, looked) {
		t.Errorf("that somebody looked is not recorded: %+v, %v", acts, err)
	}
	page := string(reader.pages("/inbox?state=account")[0])
	if strings.Count(page, claim) != 1 || strings.Contains(page, "Jane") || strings.Contains(page, low) {
		t.Errorf("the desk shows %s", page)
	}
	for _, text := range []string{f.log.String(), f.databaseText()} {
		if strings.Contains(text, "Jane") || strings.Contains(text, low) {
			t.Error("what the registry has written is in the log or, in plain text, in the database")
		}
	}
}
