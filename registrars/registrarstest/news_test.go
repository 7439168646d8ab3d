package registrarstest_test

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/registrarstest"
)

const (
	courierKey = "courier-key"
	// nothing takes the matter of the account away.
	nothing registrars.AccountMatter = "nothing"
)

// courier is notes with news: the smallest registrar that sends callbacks and has a
// queue.
type courier struct {
	*notes
	queue []registrars.Notice
	// believes accepts callbacks without checking their signature.
	believes bool
	// forgets removes news from the queue when it is read.
	forgets bool
	// renumbers gives a callback a different id from the one in the queue.
	renumbers bool
	// write makes the text of news about the account; nil: as it should be.
	write func(string) string
	// chatty gives news about a domain a text.
	chatty bool
	// about is the matter of news about the account instead of funds.
	about registrars.AccountMatter
	// confuse gives news about a domain a matter of the account.
	confuse bool
}

func sign(body []byte) string {
	mac := hmac.New(sha256.New, []byte(courierKey))
	_, _ = mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// DecodeCallback implements registrars.CallbackDecoder.
func (c *courier) DecodeCallback(callback registrars.Callback) (registrars.Notice, error) {
	var notice registrars.Notice
	switch {
	case callback.Method != http.MethodPost:
		return notice, fmt.Errorf("notes: %w", registrars.ErrCallbackMethod)
	case !c.believes && !hmac.Equal([]byte(sign(callback.Body)), []byte(callback.Header.Get("X-Signature"))):
		return notice, fmt.Errorf("notes: %w", registrars.ErrCallbackSignature)
	}
	var news struct {
		ID     string       `json:"id"`
		Domain domains.Name `json:"domain"`
	}
	if json.Unmarshal(callback.Body, &news) != nil || news.ID == "" {
		return notice, fmt.Errorf("notes: %w", registrars.ErrCallbackMalformed)
	}
	if c.renumbers {
		news.ID += "-pushed"
	}
	return registrars.Notice{ID: news.ID, Domain: news.Domain, Claim: "noted"}, nil
}

// NextNotice implements registrars.NoticeQueue.
func (c *courier) NextNotice(context.Context) (registrars.Notice, bool, error) {
	if len(c.queue) == 0 {
		return registrars.Notice{}, false, nil
	}
	next := c.queue[0]
	if c.chatty {
		next.Text = "noted"
	}
	if c.confuse {
		next.Account = registrars.AccountOther
	}
	if c.forgets {
		c.queue = c.queue[1:]
	}
	return next, true, nil
}

// AcknowledgeNotice implements registrars.NoticeQueue.
func (c *courier) AcknowledgeNotice(_ context.Context, id string) error {
	if id == "" {
		return trouble("acknowledge", registrars.ClassInvalid, "id")
	}
	if len(c.queue) > 0 && c.queue[0].ID == id {
		c.queue = c.queue[1:]
	}
	return nil
}

// courierWorld is the registrar outside of courier.
type courierWorld struct {
	world
	*courier
}

func (w courierWorld) Request(kind registrars.Kind, number int) registrars.Request {
	return w.world.Request(kind, number)
}

func (w courierWorld) Announce(number int) domains.Name {
	name := domains.MustParseName(fmt.Sprintf("d%d.example", number))
	w.courier.queue = append(w.courier.queue, registrars.Notice{ID: fmt.Sprint(number), Domain: name, Claim: "noted"})
	return name
}

func (w courierWorld) AnnounceAccount(length int) {
	write := registrars.NoticeText
	if w.courier.write != nil {
		write = w.courier.write
	}
	matter := cmp.Or(w.courier.about, registrars.AccountFunds)
	if matter == nothing {
		matter = ""
	}
	w.courier.queue = append(w.courier.queue, registrars.Notice{ID: fmt.Sprint("account-", length), Account: matter, Claim: "billed", Text: write(strings.Repeat("€", length/3+1))})
}

func (w courierWorld) Sign(body []byte) registrars.Callback {
	return registrars.Callback{Method: http.MethodPost, Header: http.Header{"X-Signature": {sign(body)}}, Body: body}
}

func (w courierWorld) Callback(number int) (registrars.Callback, domains.Name) {
	name := w.Announce(number)
	return w.Sign(fmt.Appendf(nil, `{"id": "%d", "domain": "%s"}`, number, name)), name
}

func (w courierWorld) Break(kind registrars.Kind, fault registrarstest.Fault) bool {
	return w.world.Break(kind, fault)
}
func (w courierWorld) Calls() int                     { return w.world.Calls() }
func (w courierWorld) Hold(name domains.Name) bool    { return w.world.Hold(name) }
func (w courierWorld) Finish(name domains.Name) error { return w.world.Finish(name) }
func (w courierWorld) Arrived(kind registrars.Kind, name domains.Name) (registrars.Request, bool) {
	return w.world.Arrived(kind, name)
}
func (w courierWorld) Effects(kind registrars.Kind, name domains.Name) int {
	return w.world.Effects(kind, name)
}

func courierSubject(change func(*courier)) registrarstest.Subject {
	return registrarstest.Subject{NotCarried: nothingElse, New: func(testing.TB) (registrars.Registrar, registrarstest.World) {
		c := &courier{notes: newNotes()}
		change(c)
		return c, courierWorld{world{c.notes}, c}
	}}
}

func TestASmallPluginWithNewsPasses(t *testing.T) {
	registrarstest.Run(t, courierSubject(func(*courier) {}))
}

func TestTheSuiteFindsWhatAPluginBreaksWithNews(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*courier)
		want   string
	}{
		"it believes everybody":               {func(c *courier) { c.believes = true }, "a changed body"},
		"it forgets what it has shown":        {func(c *courier) { c.forgets = true }, "read again before it is acknowledged"},
		"its callbacks have ids of their own": {func(c *courier) { c.renumbers = true }, "by callback"},
		"it writes of domains":                {func(c *courier) { c.chatty = true }, "it has a text, and is not about the account"},
		"it takes domains for the account":    {func(c *courier) { c.confuse = true }, "it is about the account, and about an operation or a domain"},
		"it says nothing of what it is about": {func(c *courier) { c.about = nothing }, "it has a text, and is not about the account"},
		"news about no matter is lost":        {func(c *courier) { c.about = nothing }, "news about the account is lost"},
		"it has matters of its own":           {func(c *courier) { c.about = "weather" }, `the matter "weather" of the account is none of`},
		"it drops what is written":            {func(c *courier) { c.write = func(string) string { return "" } }, "news about the account is lost"},
		"it hands on whole books":             {func(c *courier) { c.write = func(text string) string { return text } }, "its text has"},
		"it cuts a character": {func(c *courier) {
			c.write = func(text string) string { return text[:min(len(text), registrars.MaxNoticeText)] }
		}, "is not UTF-8"},
	} {
		if found := strings.Join(registrarstest.Findings(t, courierSubject(c.change)), "\n"); !strings.Contains(found, c.want) {
			t.Errorf("%s: found %q, want %q", name, found, c.want)
		}
	}
	// A plug-in that takes news needs a world that makes some.
	silent := registrarstest.Subject{NotCarried: nothingElse, New: func(testing.TB) (registrars.Registrar, registrarstest.World) {
		c := &courier{notes: newNotes()}
		return c, world{c.notes}
	}}
	found := strings.Join(registrarstest.Findings(t, silent), "\n")
	for _, want := range []string{"it decodes callbacks: true; its world makes some: false", "it has a queue: true; its world puts news into one: false"} {
		if !strings.Contains(found, want) {
			t.Errorf("found %q, want %q", found, want)
		}
	}
}
