package registrars

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"domainprovisioning/domains"
)

// Notice is news that a registrar sends by itself, or keeps in a queue. It is a
// hint to look and never proof: whoever takes it asks the registrar.
type Notice struct {
	// ID is the registrar's id of the event, 1 to 200 visible ASCII characters and
	// unique within the account: a second notice with the same id is the same event,
	// whichever way it came.
	ID string
	// Reference is the operation it is about, as Operation.Reference; "" when the
	// registrar does not say.
	Reference string
	// Domain is the domain it is about; zero when the registrar does not say. A notice
	// with neither Reference nor Domain is about nothing that we asked for.
	Domain domains.Name
	// Claim is what it says became of the operation, in a word of the registrar's; it
	// is recorded and shown, not believed. It holds no personal data.
	Claim string
}

// Callback is an HTTP request that a registrar sent, as it came.
type Callback struct {
	Method string
	Header http.Header
	Query  url.Values
	// Body is the whole body, at most MaxCallback bytes.
	Body []byte
	// ReceivedAt is when it came, by our clock.
	ReceivedAt time.Time
}

// MaxCallback is the size of a callback's body, in bytes.
const MaxCallback = 256 << 10

// What is wrong with a callback. CallbackDecoder wraps one of them.
var (
	// ErrCallbackSignature: it is not signed, or by nobody who has a key of ours.
	ErrCallbackSignature = errors.New("the signature is missing or wrong")
	// ErrCallbackStale: it was signed too long ago, or in the future.
	ErrCallbackStale = errors.New("the timestamp is missing or outside the window")
	// ErrCallbackMalformed: it is signed, and cannot be read.
	ErrCallbackMalformed = errors.New("the callback cannot be read")
	// ErrCallbackMethod: callbacks do not come by this HTTP method.
	ErrCallbackMethod = errors.New("callbacks do not come by this method")
)

// CallbackDecoder is for a registrar that calls us. DecodeCallback proves that the
// callback comes from the registrar, over the raw bytes and in constant time, before
// it reads any of it. It makes no call. An error wraps one of the ErrCallback values
// and holds nothing of the callback.
//
// A plug-in whose account has no key for callbacks refuses all of them with
// ErrCallbackSignature.
type CallbackDecoder interface {
	DecodeCallback(callback Callback) (Notice, error)
}

// NoticeQueue is for a registrar that keeps its news in a queue. There is one reader
// an account. A notice is acknowledged after it has been stored, never before, so it
// may be read twice.
type NoticeQueue interface {
	// NextNotice returns the oldest notice that is not acknowledged; found is false
	// when there is none. A notice that cannot be understood is returned with its ID
	// alone, so that it does not block the queue.
	NextNotice(ctx context.Context) (notice Notice, found bool, err error)
	// AcknowledgeNotice removes a notice from the queue. It may be repeated.
	AcknowledgeNotice(ctx context.Context, id string) error
}
