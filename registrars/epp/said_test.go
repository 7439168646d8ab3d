package epp_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp"
	standin "domainprovisioning/sandbox/standin/epp"
	"domainprovisioning/sandbox/standin/faults"
)

// drain takes all news of a plug-in, as the watch does.
func drain(t *testing.T, e *epp.EPP) (all []registrars.Notice) {
	t.Helper()
	for {
		notice, found, err := e.NextNotice(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !found {
			return all
		}
		all = append(all, notice)
		if err := e.AcknowledgeNotice(t.Context(), notice.ID); err != nil {
			t.Fatal(err)
		}
	}
}

var expiring = standin.Warning{Type: "password", Level: "warning", Name: "pw", ExDate: "2027-01-31T12:00:00.0Z", Text: "Your password expires soon."}

// TestWhatALoginSays, in all forms that an event has.
func TestWhatALoginSays(t *testing.T) {
	t.Parallel()
	const cipher = "TLS_RSA_WITH_AES_128_CBC_SHA"
	for _, c := range []struct {
		warning     standin.Warning
		claim, text string
	}{
		{expiring, "login/password/2027-01-31", "Your password expires soon."},
		{standin.Warning{Type: "certificate", Level: "error", ExDate: "2026-02-28T24:00:00", Text: " It  has\nexpired. "}, "login/certificate/error/2026-03-01", "It has expired."},
		{standin.Warning{Type: "certificate", Level: "warning", ExDate: "12027-01-31T00:00:00Z", Text: "far"}, "login/certificate", "far"},
		{standin.Warning{Type: "cipher", Level: "warning", Value: cipher}, "login/cipher", cipher},
		{standin.Warning{Type: "tlsProtocol", Level: "error", Value: "TLSv1.1", Text: "TLS 1.2 is required."}, "login/tlsProtocol/error", "TLS 1.2 is required."},
		{standin.Warning{Type: "newPW", Level: "error", Text: "It was used before."}, "login/newPW/error", "It was used before."},
		{standin.Warning{Type: "stat", Level: "warning", Name: "failedLogins", Value: "100", Duration: "P1D"}, "login/stat/failedLogins", "failedLogins 100 P1D"},
		{standin.Warning{Type: "custom", Level: "warning", Name: "two words", Text: "x"}, "login/custom", "x"},
		{standin.Warning{Type: "custom", Level: "error", Name: strings.Repeat("n", 40), Text: "x"}, "login/custom/" + strings.Repeat("n", 27), "x"},
		// What breaks the schema is taken as far as it can be read.
		{standin.Warning{Type: "smell", Level: "hint", Text: "odd"}, "login/smell", "odd"},
		{standin.Warning{Type: "<b>", ExDate: "soon"}, "login/other", ""},
	} {
		w := newWorld(t, "registry", func(o *standin.Options, _ *epp.Config) {
			if c.warning.Level == "" || c.warning.Level == "hint" {
				o.Frame = func(string, []byte) {}
			}
		})
		w.standin.WarnAtLogin(c.warning)
		got := drain(t, w.plugin)
		account := registrars.AccountAccess
		if kind, _, _ := strings.Cut(strings.TrimPrefix(c.claim, "login/"), "/"); slices.Contains([]string{"stat", "custom", "smell", "other"}, kind) {
			account = registrars.AccountOther
		}
		if len(got) != 1 || got[0].Account != account || got[0].Claim != c.claim || got[0].Text != c.text || got[0].Domain != (domains.Name{}) || got[0].Reference != "" {
			t.Errorf("%+v: %+v", c.warning, got)
		}
	}
}

// TestOneWarningIsOneNotice, whatever the number of sessions and processes that are told, until
// something else is said.
func TestOneWarningIsOneNotice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "registry", func(o *standin.Options, c *epp.Config) {
		c.Sessions, o.MostSessions, o.Delay = 4, 50, 20*time.Millisecond
	})
	w.standin.WarnAtLogin(expiring)
	for until := time.Now().Add(time.Minute); w.standin.Calls("login") < 4; { // until four commands were under way at once
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() { _, _ = w.plugin.ReadDomain(t.Context(), domains.MustParseName("a.registry")) })
		}
		group.Wait()
		if time.Now().After(until) {
			t.Fatal("four sessions never open at once")
		}
	}
	w.standin.AnnounceText("Your credit is low.")
	before := w.Calls()
	got := drain(t, w.plugin)
	if len(got) != 2 || got[0].Claim != "login/password/2027-01-31" || got[1].Claim != "message" || got[1].Text != "Your credit is low. 100.00 EUR" {
		t.Fatalf("%+v", got)
	}
	// The warning costs nothing; the queue costs one command, and two for its message.
	if n := w.Calls() - before; n != 3 {
		t.Errorf("%d commands", n)
	}
	// Another process, of which the registry says the days that are left.
	sooner := expiring
	sooner.Text = "Your password expires tomorrow."
	w.standin.WarnAtLogin(sooner)
	again := drain(t, w.another())
	if len(again) != 1 || again[0].ID != got[0].ID {
		t.Errorf("%+v is not %s", again, got[0].ID)
	}
	// Each other fact is another notice.
	ids := []string{got[0].ID}
	for _, change := range []func(*standin.Warning){
		func(w *standin.Warning) { w.Type = "certificate" }, func(w *standin.Warning) { w.Level = "error" }, func(w *standin.Warning) { w.Name = "other" },
		func(w *standin.Warning) { w.ExDate = "2027-01-31T12:00:01.0Z" }, func(w *standin.Warning) { w.Type, w.Value = "cipher", "weak" },
		func(w *standin.Warning) { w.Type, w.Value = "cipher", "weaker" }, func(w *standin.Warning) { w.Type, w.Value = "tlsProtocol", "weak" },
	} {
		changed := expiring
		change(&changed)
		w.standin.WarnAtLogin(changed, changed)
		news := drain(t, w.another())
		if len(news) != 1 || slices.Contains(ids, news[0].ID) {
			t.Errorf("%+v: %+v", changed, news)
			continue
		}
		ids = append(ids, news[0].ID)
	}
}

// TestACountIsOneNotice, and so is who has failed: the id follows from neither.
func TestACountIsOneNotice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "registry", plain)
	var ids []string
	for n := range 3 {
		w.standin.WarnAtLogin(
			standin.Warning{Type: "stat", Level: "warning", Name: "failedLogins", Value: fmt.Sprint(n), Duration: "P1D"},
			standin.Warning{Type: "custom", Level: "warning", Name: "user", Value: fmt.Sprintf("jane%d", n)},
		)
		for _, notice := range drain(t, w.another()) {
			ids = append(ids, notice.ID)
		}
	}
	if len(ids) != 6 || ids[0] == ids[1] || !slices.Equal(ids[:2], ids[2:4]) || !slices.Equal(ids[:2], ids[4:]) {
		t.Errorf("%q", ids)
	}
}

// TestTheQueueHasItsTurn at a registry that ends the session before each command, and says something
// else at each login: all messages come, each after one notice of a login at most.
func TestTheQueueHasItsTurn(t *testing.T) {
	t.Parallel()
	const messages = 5
	w := newWorld(t, "registry", plain)
	for range messages {
		w.standin.AnnounceText("Your credit is low.")
	}
	said := 0
	say := func() {
		var all []standin.Warning
		for range 3 {
			said++
			all = append(all, standin.Warning{Type: "custom", Level: "warning", Name: fmt.Sprint("n", said), Text: "x"})
		}
		w.standin.WarnAtLogin(all...)
	}
	say()
	var claims []string
	for ended := false; len(claims) < 4*messages && w.standin.QueueLength() > 0; say() {
		polls := w.standin.Calls("poll.req")
		if !ended {
			w.standin.Faults.Add(faults.Fault{Method: "poll.req", Kind: faults.SessionExpired})
		}
		notice, found, err := w.plugin.NextNotice(t.Context())
		if err != nil || !found {
			t.Fatalf("%t, %v after %q", found, err, claims)
		}
		if ended = w.standin.Calls("poll.req") == polls; ended { // the session will be: nothing was asked
			if again, _, err := w.plugin.NextNotice(t.Context()); err != nil || again != notice {
				t.Errorf("not acknowledged, and not the same again: %+v, %v", again, err)
			}
		}
		claims = append(claims, notice.Claim)
		if err := w.plugin.AcknowledgeNotice(t.Context(), notice.ID); err != nil {
			t.Fatal(err)
		}
	}
	if w.standin.QueueLength() != 0 {
		t.Errorf("%d messages wait after %q", w.standin.QueueLength(), claims)
	}
	for i := 1; i < len(claims); i++ {
		if claims[i] != "message" && claims[i-1] != "message" {
			t.Errorf("two notices of logins in a row: %q", claims)
		}
	}
	if logins := w.standin.Calls("login"); logins < messages {
		t.Errorf("%d logins", logins)
	}
}

// TestAWarningThatWasTakenIsNotSaidAgain in the same process on the same day, and what is new is.
func TestAWarningThatWasTakenIsNotSaidAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "registry", plain)
	w.standin.WarnAtLogin(expiring)
	first := drain(t, w.plugin)
	if len(first) != 1 || w.plugin.AcknowledgeNotice(t.Context(), first[0].ID) != nil { // it may be repeated
		t.Fatalf("%+v", first)
	}
	login := func() {
		if err := w.plugin.ChangePassword(t.Context(), domains.NewSecret(worldPassword)); err != nil {
			t.Fatal(err)
		}
	}
	login()
	if again := drain(t, w.plugin); len(again) != 0 {
		t.Errorf("%+v", again)
	}
	// It still stands a day later, which the inbox is told.
	w.ahead.Store(int64(25 * time.Hour))
	login()
	if again := drain(t, w.plugin); len(again) != 1 || again[0].ID != first[0].ID {
		t.Errorf("%+v", again)
	}
	w.standin.WarnAtLogin(expiring, standin.Warning{Type: "cipher", Level: "warning", Value: "weak"})
	login()
	if news := drain(t, w.plugin); len(news) != 1 || news[0].Claim != "login/cipher" {
		t.Errorf("%+v", news)
	}
	// However much a registry says, what waits is bounded, and so is what is remembered: what was
	// forgotten is the same notice again.
	var many []standin.Warning
	for n := range 700 {
		many = append(many, standin.Warning{Type: "custom", Level: "warning", Name: fmt.Sprint(n), Text: "x"})
	}
	seen, waited := map[string]bool{}, 0
	for at := 0; at < len(many); at += 40 {
		w.standin.WarnAtLogin(many[at:min(at+40, len(many))]...)
		login()
		for _, notice := range drain(t, w.plugin) {
			seen[notice.ID] = true
		}
	}
	w.standin.WarnAtLogin(many...)
	login()
	for _, notice := range drain(t, w.plugin) {
		if waited++; !seen[notice.ID] {
			t.Errorf("%s is new", notice.ID)
		}
	}
	if len(seen) != 700 || waited == 0 || waited > 50 {
		t.Errorf("%d were seen, %d waited", len(seen), waited)
	}
}

// TestARefusedLoginSaysWhy: the person who has to log in by other means needs it most.
func TestARefusedLoginSaysWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "registry", func(_ *standin.Options, c *epp.Config) { c.Password = domains.NewSecret("expired-password") })
	w.standin.WarnAtLogin(standin.Warning{Type: "password", Level: "error", ExDate: "2026-01-31T00:00:00.0Z", Text: "expired-password is no more."})
	notice, found, err := w.plugin.NextNotice(t.Context())
	if err != nil || !found || notice.Claim != "login/password/error/2026-01-31" || !strings.HasSuffix(notice.Text, " is no more.") || strings.Contains(notice.Text, "expired-password") {
		t.Fatalf("%+v, %t, %v", notice, found, err)
	}
	logins := w.standin.Calls("login")
	if err := w.plugin.AcknowledgeNotice(t.Context(), notice.ID); err != nil || w.standin.Calls("login") != logins {
		t.Errorf("%v after %d logins", err, w.standin.Calls("login"))
	}
	_, _, err = w.plugin.NextNotice(t.Context())
	wantClass(t, err, registrars.ClassAuth)
}

// TestNothingIsSaidWithoutTheExtension that login has not named.
func TestNothingIsSaidWithoutTheExtension(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "registry", func(_ *standin.Options, c *epp.Config) {
		c.Without = []string{"urn:ietf:params:xml:ns:epp:loginSec-1.0"}
	})
	w.standin.WarnAtLogin(expiring)
	if got := drain(t, w.plugin); len(got) != 0 || w.standin.Calls("login") != 1 {
		t.Errorf("%+v after %d logins", got, w.standin.Calls("login"))
	}
}

// TestNewsOfTheAccountQuotesNoPassword, neither the one of the account nor the one that replaces it.
func TestNewsOfTheAccountQuotesNoPassword(t *testing.T) {
	t.Parallel()
	const next = "next-password-1"
	w := newWorld(t, "registry", plain)
	said := "You have sent " + worldPassword + " and " + next + "."
	w.standin.WarnAtLogin(standin.Warning{Type: "custom", Level: "warning", Name: next, Value: worldPassword, Text: said}, standin.Warning{Type: "newPW", Level: "error", Value: next})
	w.standin.AnnounceText("Your password is " + worldPassword)
	if err := w.plugin.ChangePassword(t.Context(), domains.NewSecret(next)); err != nil {
		t.Fatal(err)
	}
	w.standin.WarnAtLogin()
	w.config.Password = domains.NewSecret(next)
	all := slices.Clone(drainEvents(t, w.plugin))
	w.standin.AnnounceText("Your password is " + next)
	all = append(all, drain(t, w.another())...)
	if len(all) != 4 {
		t.Fatalf("%+v", all)
	}
	for _, notice := range all[:2] {
		if text := fmt.Sprint(notice); strings.Contains(text, worldPassword) || strings.Contains(text, next) {
			t.Errorf("a password is in %s", text)
		}
	}
	if strings.Contains(all[3].Text, next) || !strings.HasPrefix(all[3].Text, "Your password is ") {
		t.Errorf("%+v", all[3])
	}
}

// drainEvents takes what the logins of a plug-in have said until now, and asks for no message.
func drainEvents(t *testing.T, e *epp.EPP) (all []registrars.Notice) {
	t.Helper()
	for range 2 {
		notice, found, err := e.NextNotice(t.Context())
		if err != nil || !found || e.AcknowledgeNotice(t.Context(), notice.ID) != nil {
			t.Fatalf("%+v, %t, %v", notice, found, err)
		}
		all = append(all, notice)
	}
	return all
}
