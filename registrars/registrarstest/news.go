package registrarstest

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// CallingWorld is the World of a plug-in that is a registrars.CallbackDecoder.
type CallingWorld interface {
	// Callback makes something happen to a domain, and returns the signed callback that the
	// registrar sends about it. Each number is about another domain.
	Callback(number int) (registrars.Callback, domains.Name)
	// Sign returns a callback with this body, signed as the registrar does.
	Sign(body []byte) registrars.Callback
}

// QueueingWorld is the World of a plug-in that is a registrars.NoticeQueue.
type QueueingWorld interface {
	// Announce makes something happen to a domain that the registrar puts into its queue as
	// news. Each number is about another domain. The queue is empty before.
	Announce(number int) domains.Name
}

// AccountWorld is the QueueingWorld of a plug-in whose registrar also writes about the account
// itself.
type AccountWorld interface {
	// AnnounceAccount puts news about the account, with a text of this many bytes or more, into the
	// registrar's queue.
	AnnounceAccount(length int)
}

// provesCallbacks examines registrars.CallbackDecoder.
func provesCallbacks(e *examination) {
	r, w := e.subject.New(e.t)
	decoder, decodes := r.(registrars.CallbackDecoder)
	calling, calls := w.(CallingWorld)
	if !decodes || !calls {
		if decodes != calls {
			e.find("it decodes callbacks: %t; its world makes some: %t", decodes, calls)
		}
		return
	}
	callback, name := calling.Callback(1)
	before := w.Calls()
	notice, err := decoder.DecodeCallback(callback)
	if err != nil {
		e.find("an honest callback: %v", err)
	}
	e.notice(notice, name)
	if again, err := decoder.DecodeCallback(callback); err != nil || again != notice {
		e.find("the same callback is another notice: %v, %v", again, err)
	}
	refused := func(what string, changed registrars.Callback, want error) {
		got, err := decoder.DecodeCallback(changed)
		if !errors.Is(err, want) || got != (registrars.Notice{}) {
			e.find("%s: %v and notice %q, want %v", what, err, got.ID, want)
		}
		if err != nil && !strings.HasPrefix(err.Error(), r.Describe().Name+": ") {
			e.find("%s: the error does not begin with the plug-in's name: %v", what, err)
		}
		for _, secret := range e.subject.Secrets {
			if err != nil && strings.Contains(err.Error(), secret) {
				e.find("%s: the error holds a secret", what)
			}
		}
	}
	tampered := callback
	tampered.Body = bytes.Replace(callback.Body, []byte(name.String()), []byte("other."+name.TLD()), 1)
	refused("a changed body", tampered, registrars.ErrCallbackSignature)
	tampered.Body = append(slices.Clone(callback.Body), ' ')
	refused("a blank more", tampered, registrars.ErrCallbackSignature)
	tampered.Body = nil
	refused("no body", tampered, registrars.ErrCallbackSignature)
	unsigned := callback
	unsigned.Header = http.Header{}
	refused("no signature", unsigned, registrars.ErrCallbackSignature)
	get := callback
	get.Method = http.MethodGet
	refused("another method", get, registrars.ErrCallbackMethod)
	for _, body := range []string{"", "null", "[]", `"text"`, "{", "<xml/>", "{}", "\xff\xfe"} {
		signed := calling.Sign([]byte(body))
		// Either it is refused, or it is taken as news about nothing, where a refusal would hold up
		// the news behind it.
		taken, err := decoder.DecodeCallback(signed)
		if err != nil {
			refused("signed "+body, signed, registrars.ErrCallbackMalformed)
			continue
		}
		again, err := decoder.DecodeCallback(signed)
		if err != nil || again != taken || taken.ID == "" || taken != (registrars.Notice{ID: taken.ID}) {
			e.find("signed %s: the notice %+v, then %+v, %v; want the id alone, twice the same", body, taken, again, err)
		}
	}
	if calls := w.Calls() - before; calls > 0 {
		e.find("decoding made %d calls", calls)
	}
}

// keepsNews examines registrars.NoticeQueue.
func keepsNews(e *examination) {
	r, w := e.subject.New(e.t)
	queue, queues := r.(registrars.NoticeQueue)
	world, announces := w.(QueueingWorld)
	if !queues || !announces {
		if queues != announces {
			e.find("it has a queue: %t; its world puts news into one: %t", queues, announces)
		}
		return
	}
	next := func() (registrars.Notice, bool) {
		notice, found, err := queue.NextNotice(e.t.Context())
		if err != nil {
			e.find("NextNotice: %v", err)
		}
		return notice, found
	}
	acknowledge := func(id string) {
		if err := queue.AcknowledgeNotice(e.t.Context(), id); err != nil {
			e.find("AcknowledgeNotice: %v", err)
		}
	}
	if _, found := next(); found {
		e.find("an empty queue returned a notice")
	}
	first, second := world.Announce(1), world.Announce(2)
	one, found := next()
	if again, _ := next(); !found || again != one {
		e.find("read again before it is acknowledged, the notice has changed: %v and %v", one, again)
	}
	e.notice(one, first)
	acknowledge(one.ID)
	two, found := next()
	if !found || two.ID == one.ID {
		e.find("after an acknowledgement the next one is %q, %t", two.ID, found)
	}
	e.notice(two, second)
	acknowledge(one.ID) // may be repeated
	if again, found := next(); !found || again != two {
		e.find("a repeated acknowledgement took another notice away")
	}
	acknowledge(two.ID)
	if _, found := next(); found {
		e.find("an acknowledged notice is still in the queue")
	}
	_ = e.trouble(r, "AcknowledgeNotice without an id", queue.AcknowledgeNotice(e.t.Context(), ""))
	if account, announces := w.(AccountWorld); announces {
		for _, length := range []int{20, 2 * registrars.MaxNoticeText} {
			account.AnnounceAccount(length)
			about, found := next()
			if !found || about.Account == "" || about.Claim == "" || len(about.Text) < min(length, registrars.MaxNoticeText-utf8.UTFMax) {
				e.find("news about the account is lost: found %t, matter %q, claim %q, %d bytes of text", found, about.Account, about.Claim, len(about.Text))
			}
			e.notice(about, domains.Name{})
			acknowledge(about.ID)
		}
	}
}

// agrees examines that a notice has the same id by callback and by queue, so that both
// are one event.
func agrees(e *examination) {
	r, w := e.subject.New(e.t)
	decoder, decodes := r.(registrars.CallbackDecoder)
	queue, queues := r.(registrars.NoticeQueue)
	calling, calls := w.(CallingWorld)
	if !decodes || !queues || !calls {
		return
	}
	callback, _ := calling.Callback(1)
	pushed, err := decoder.DecodeCallback(callback)
	if err != nil {
		e.find("an honest callback: %v", err)
		return
	}
	if queued, found, err := queue.NextNotice(e.t.Context()); err != nil || !found || queued.ID != pushed.ID || queued.Reference != pushed.Reference {
		e.find("by callback %v, by queue %v (%t, %v)", pushed, queued, found, err)
	}
}

// notice examines one notice.
func (e *examination) notice(n registrars.Notice, name domains.Name) {
	visible := func(text string) bool {
		return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
	}
	if n.ID == "" || len(n.ID) > 200 || !visible(n.ID) {
		e.find("the id %q has not 1 to 200 visible ASCII characters", n.ID)
	}
	if n.Domain != name {
		e.find("it is about %q, not about %s", n.Domain, name)
	}
	if len(n.Claim) > 40 || !visible(n.Claim) {
		e.find("the claim %q is no plain word", n.Claim)
	}
	if len(n.Text) > registrars.MaxNoticeText || !utf8.ValidString(n.Text) {
		e.find("its text has %d bytes, of at most %d, or is not UTF-8", len(n.Text), registrars.MaxNoticeText)
	}
	if n.Account != "" && !slices.Contains(registrars.AccountMatters(), n.Account) {
		e.find("the matter %q of the account is none of %q", n.Account, registrars.AccountMatters())
	}
	if n.Account != "" && (n.Reference != "" || n.Domain != (domains.Name{})) {
		e.find("it is about the account, and about an operation or a domain")
	}
	if n.Text != "" && n.Account == "" {
		e.find("it has a text, and is not about the account")
	}
	for _, secret := range e.subject.Secrets {
		if strings.Contains(n.Text, secret) {
			e.find("its text holds a secret")
		}
	}
}
