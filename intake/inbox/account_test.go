package inbox_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/intake/inbox"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// What a registrar writes about its account is in the inbox once, however often it comes, and its
// words are sealed: the inbox and the log have a reference.
func TestNewsAboutAnAccountIsKeptOnceWithItsText(t *testing.T) {
	w, log := outside.New(t, outside.Options{}), &outside.Output{}
	w.Place(t, outside.NewCustomer)
	in := inbox.Queued{Inbox: w.Intake.Inbox()}
	in.Inbox.Log = slog.New(slog.NewTextHandler(log, nil))
	warning := registrars.Notice{ID: "login/1", Account: registrars.AccountAccess, Claim: "login/password/2027-01-31", Text: "Jane Doe, your password expires in 3 days."}
	w.Temporal.SetDown(true) // it needs no workflow
	for _, text := range []string{warning.Text, warning.Text, "Jane Doe, your password expires in 2 days."} {
		warning.Text = text
		if err := in.Take(t.Context(), outside.Account, warning); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := w.Store.Confirmations(t.Context(), store.ConfirmationFilter{State: store.AccountNews})
	if err != nil || len(rows) != 1 || rows[0].EventID != outside.Account+"/login/1" || rows[0].Claim != warning.Claim || rows[0].HandledAt == nil {
		t.Fatalf("%+v, %v", rows, err)
	}
	if text, err := w.Store.Quote(t.Context(), rows[0].Quote, ""); err != nil || text != "Jane Doe, your password expires in 3 days." {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := w.Store.Quote(t.Context(), rows[0].Quote, "local"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a client without the scope all reads it: %v", err)
	}
	if said := log.String(); strings.Count(said, "a registrar has written about its account") != 1 || !strings.Contains(said, warning.Claim) ||
		!strings.Contains(said, "quote="+rows[0].Quote) || strings.Contains(said, "Jane") {
		t.Errorf("the log says %s", said)
	}
	if counts, err := w.Store.CountAccountNews(t.Context()); err != nil || len(counts) != 1 || counts[0] != (store.AccountNewsCount{Account: outside.Account, Matter: "access", Count: 1}) {
		t.Errorf("%v, %v", counts, err)
	}
}

// What is about the account is what the registrar's plug-in says: not what names no operation and no
// domain, of which no text is kept.
func TestOnlyWhatTheRegistrarSaysIsNewsAboutAnAccount(t *testing.T) {
	w := outside.New(t, outside.Options{})
	in := inbox.Queued{Inbox: w.Intake.Inbox()}
	for _, c := range []struct {
		notice registrars.Notice
		state  store.ConfirmationState
		matter string
		quoted bool
	}{
		{registrars.Notice{ID: "1", Domain: domains.MustParseName("stray.example"), Claim: "changed"}, store.Unmatched, "", false},
		{registrars.Notice{ID: "2", Reference: "4711", Claim: "done"}, store.Unmatched, "", false},
		{registrars.Notice{ID: "3"}, store.Unmatched, "", false},
		{registrars.Notice{ID: "4", Claim: "contact/changed", Text: "by Jane"}, store.Unmatched, "", false},
		{registrars.Notice{ID: "5", Account: registrars.AccountMaintenance, Claim: "maintenance"}, store.AccountNews, "maintenance", false},
		{registrars.Notice{ID: "6", Account: registrars.AccountOther, Text: "words alone"}, store.AccountNews, "other", true},
		{registrars.Notice{ID: "7", Account: registrars.AccountFunds}, store.AccountNews, "funds", false},
		{registrars.Notice{ID: "8", Account: "weather"}, store.AccountNews, "other", false},
	} {
		if err := in.Take(t.Context(), outside.Account, c.notice); err != nil {
			t.Fatal(err)
		}
		row, err := w.Store.Confirmation(t.Context(), outside.Account+"/"+c.notice.ID)
		if err != nil || row.State != c.state || row.Matter != c.matter || (row.Quote != "") != c.quoted {
			t.Errorf("%+v: %+v, %v", c.notice, row, err)
		}
	}
}

// However much a registrar writes, none of it holds up its queue.
func TestAnAccountMayHaveAnyNumberOfTexts(t *testing.T) {
	w := outside.New(t, outside.Options{})
	in := inbox.Queued{Inbox: w.Intake.Inbox()}
	const many = 120 // an order keeps a hundred
	for n := range many {
		id := strings.Repeat("x", n+1)
		if err := in.Take(t.Context(), outside.Account, registrars.Notice{ID: id, Account: registrars.AccountOther, Claim: "message", Text: id}); err != nil {
			t.Fatalf("message %d: %v", n, err)
		}
	}
	if counts, err := w.Store.CountAccountNews(t.Context()); err != nil || len(counts) != 1 || counts[0].Count != many {
		t.Errorf("%v, %v", counts, err)
	}
}
