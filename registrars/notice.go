package registrars

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"domainprovisioning/domains"
)

// Notice is news that a registrar sends by itself or keeps in a queue. It is a hint
// to look, never proof: its receiver asks the registrar.
type Notice struct {
	// ID is the registrar's id of the event, 1 to 200 visible ASCII characters and
	// unique within the account: two notices with the same id are the same event, by
	// whichever way they came.
	ID string
	// Reference is the operation it is about, as Operation.Reference; "" if the
	// registrar does not say.
	Reference string
	// Domain is the domain it is about; zero if the registrar does not say. A notice
	// with neither Reference nor Domain is not about anything that we asked for.
	Domain domains.Name
	// Account says what of the account itself it is about, which a person has to see; "" if it is
	// about none. With it there is neither Reference nor Domain.
	Account AccountMatter
	// Claim is the outcome of the operation according to the notice, in the registrar's
	// word. It is recorded and shown, but not believed. It holds no personal data.
	Claim string
	// Text is what the registrar has written to people, as NoticeText makes it; only with Account. It
	// may hold personal data, and no secret that was sent. It is sealed, and stands in no list, log or
	// history: who has the scope operate reads it as a quote, and that is recorded.
	Text string
}

// AccountMatter is what of an account a notice is about.
type AccountMatter string

// The matters.
const (
	// AccountAccess: how we get in, such as a password or a certificate that expires.
	AccountAccess AccountMatter = "access"
	// AccountFunds: what is left to spend.
	AccountFunds AccountMatter = "funds"
	// AccountMaintenance: when the registrar will not answer.
	AccountMaintenance AccountMatter = "maintenance"
	// AccountOther: anything else that is written to us and not about an object.
	AccountOther AccountMatter = "other"
)

// AccountMatters lists every matter.
func AccountMatters() []AccountMatter {
	return []AccountMatter{AccountAccess, AccountFunds, AccountMaintenance, AccountOther}
}

// MaxNoticeText is the length of the longest Text of a notice, in bytes.
const MaxNoticeText = 8 << 10

// NoticeText makes the Text of a notice of what a registrar has written: valid UTF-8, cut
// before the character that would make it longer than MaxNoticeText.
func NoticeText(written string) string {
	return Cut(strings.ToValidUTF8(written, "\uFFFD"), MaxNoticeText)
}

// Cut cuts a text before the character that would make it longer than so many bytes.
func Cut(text string, most int) string {
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// Callback is an HTTP request from a registrar, as received.
type Callback struct {
	Method string
	Header http.Header
	Query  url.Values
	// Body is the whole body, at most MaxCallback bytes.
	Body []byte
	// ReceivedAt is when the callback arrived, by our clock.
	ReceivedAt time.Time
}

// MaxCallback is the largest body of a callback, in bytes.
const MaxCallback = 256 << 10

// The reasons to refuse a callback. Errors of CallbackDecoder wrap one of them.
var (
	// ErrCallbackSignature: it is not signed, or not with a key of ours.
	ErrCallbackSignature = errors.New("the signature is missing or wrong")
	// ErrCallbackStale: it was signed too long ago, or in the future.
	ErrCallbackStale = errors.New("the timestamp is missing or outside the window")
	// ErrCallbackMalformed: it is signed but unreadable.
	ErrCallbackMalformed = errors.New("the callback cannot be read")
	// ErrCallbackMethod: callbacks do not come by this HTTP method.
	ErrCallbackMethod = errors.New("callbacks do not come by this method")
)

// CallbackDecoder is for a registrar that calls us. DecodeCallback verifies that the
// callback comes from the registrar, over the raw bytes and in constant time, before
// it parses any of it. It makes no call. An error wraps one of the ErrCallback
// values and holds no part of the callback. Of a registrar whose later callbacks wait
// for this one to be taken, a signed callback that cannot be read is a notice with an ID
// alone, which follows from its bytes.
//
// A plug-in whose account has no key for callbacks refuses all of them with
// ErrCallbackSignature.
type CallbackDecoder interface {
	DecodeCallback(callback Callback) (Notice, error)
}

// NoticeQueue is for a registrar that keeps its news in a queue. There is one reader
// per account. A notice is acknowledged only after it has been stored, so it may be
// read twice.
type NoticeQueue interface {
	// NextNotice returns the oldest unacknowledged notice; found is false if there is
	// none. For a notice that it cannot understand it returns the ID alone, so that the
	// notice does not block the queue.
	NextNotice(ctx context.Context) (notice Notice, found bool, err error)
	// AcknowledgeNotice removes a notice from the queue. It may be repeated.
	AcknowledgeNotice(ctx context.Context, id string) error
}
