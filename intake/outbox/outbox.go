// Package outbox delivers news about orders to the endpoints that want them, by the Standard
// Webhooks specification (https://www.standardwebhooks.com). The store writes an event in the
// transaction of what it tells; this room sends it until the endpoint has taken it, or for three
// days. An event may arrive more than once, always under the same id; those of an order arrive
// in their order.
package outbox

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"golang.org/x/sync/semaphore"

	"domainprovisioning/domains"
	"domainprovisioning/store"
	"domainprovisioning/wire/exchange"
)

// Outcome says what became of a try, for metrics.
type Outcome string

// The outcomes.
const (
	Sent    Outcome = "sent"
	Refused Outcome = "refused" // an answer other than 2xx
	Failed  Outcome = "failed"  // no answer
)

// Outcomes lists every outcome.
func Outcomes() []Outcome { return []Outcome{Sent, Refused, Failed} }

const (
	// every is how often a relay looks for events that are due.
	every = time.Second
	// sendTimeout bounds a try. hold is how long a process holds the events that it has taken:
	// longer than all tries of a batch, which are made side by side.
	sendTimeout = 15 * time.Second
	hold        = time.Minute
	// batch is how many events of different orders an endpoint gets at once, and while it fails
	// it gets one. mostAtOnce bounds all of a process.
	batch      = 8
	mostAtOnce = 64
	// storeTimeout bounds a call to the store.
	storeTimeout = 10 * time.Second
	// dropEvery and dropAtOnce say how often, and how many at once, old deliveries are removed.
	dropEvery  = 10 * time.Minute
	dropAtOnce = 1000
	// answerRead is how much of an answer is read, so that its connection can be used again.
	answerRead = 16 << 10
)

// Outbox delivers. Any number of processes may run one: the store lets only one of them hold an
// event at a time.
type Outbox struct {
	store    *store.Store
	client   *http.Client
	private  []string
	log      *slog.Logger
	measure  func(Outcome)
	sending  *semaphore.Weighted
	busy     map[string]bool // endpoints that are being sent to
	mu       sync.Mutex
	troubled bool          // the store did not answer the last time
	resting  time.Duration // how long rest lasts
}

// New returns an outbox. private lists the hosts that may be told news without being on the
// Internet. measure is told the outcome of each try; it may be nil.
func New(s *store.Store, private []string, measure func(Outcome), log *slog.Logger) *Outbox {
	trusted := make([]*url.URL, len(private))
	for i, host := range private {
		trusted[i] = &url.URL{Host: hostOf(host)}
	}
	client := exchange.PublicClient(nil, trusted...)
	// A redirected POST becomes a GET, and leads where nobody has checked.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if measure == nil {
		measure = func(Outcome) {}
	}
	return &Outbox{
		store: s, client: client, private: private, measure: measure, log: log,
		sending: semaphore.NewWeighted(mostAtOnce), busy: map[string]bool{}, resting: pause,
	}
}

// Run delivers until the context ends, and waits for what is being sent.
func (o *Outbox) Run(ctx context.Context) {
	var lanes sync.WaitGroup
	defer lanes.Wait()
	dropped := time.Time{}
	for ctx.Err() == nil {
		if err := o.Round(ctx, &lanes); ctx.Err() == nil {
			if err != nil && !o.troubled {
				o.log.WarnContext(ctx, "outbox: news cannot be delivered for now; it goes on trying", "error", err)
			}
			o.troubled = err != nil
		}
		if time.Since(dropped) >= dropEvery {
			dropped = time.Now()
			o.drop(ctx)
		}
		select {
		case <-ctx.Done():
		case <-time.After(every/2 + rand.N(every)): //nolint:gosec // spreads load, keeps no secret
		}
	}
}

// Round begins to send what is due, endpoint by endpoint side by side, so that none waits for
// another one that hangs. It does not wait for the end of the deliveries: lanes does.
func (o *Outbox) Round(ctx context.Context, lanes *sync.WaitGroup) error {
	asking, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	due, err := o.store.DueHooks(asking)
	for _, hook := range due {
		if !o.enter(hook.ID) {
			continue
		}
		lanes.Go(func() {
			defer o.leave(hook.ID)
			for n := 0; ; n++ {
				more, found := o.deliver(ctx, hook)
				if n == 0 && !found {
					o.rest(ctx)
				}
				if !more {
					return
				}
				hook.Failing = false
			}
		})
	}
	return err
}

func (o *Outbox) enter(hook string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy[hook] {
		return false
	}
	o.busy[hook] = true
	return true
}

func (o *Outbox) leave(hook string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.busy, hook)
}

// rest keeps an endpoint's lane for a while after it has found nothing to send: what is due waits
// for the events before it, and to look costs a statement that writes.
func (o *Outbox) rest(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(o.resting):
	}
}

// deliver sends an endpoint a batch, and reports whether there may be more for it now, and whether
// there was anything.
func (o *Outbox) deliver(ctx context.Context, hook store.DueHook) (more, found bool) {
	limit := batch
	if hook.Failing {
		limit = 1
	}
	claiming, cancel := context.WithTimeout(ctx, storeTimeout)
	events, err := o.store.ClaimNews(claiming, hook.ID, hold, limit)
	cancel()
	if err != nil {
		if ctx.Err() == nil {
			o.log.WarnContext(ctx, "outbox: news could not be taken", "hook", hook.ID, "error", err)
		}
		return false, false
	}
	var sends sync.WaitGroup
	defer sends.Wait()
	good := make([]bool, len(events))
	for i, event := range events {
		if o.sending.Acquire(ctx, 1) != nil {
			return false, true // what is held is sent by another process, or later
		}
		sends.Go(func() {
			defer o.sending.Release(1)
			good[i] = o.send(ctx, hook, event)
		})
	}
	sends.Wait()
	for _, one := range good {
		if !one {
			return false, true
		}
	}
	return len(events) > 0, len(events) > 0 // the next ones of the same orders
}

// send makes one try and records it.
func (o *Outbox) send(ctx context.Context, hook store.DueHook, event store.Delivery) bool {
	answer := o.post(ctx, hook, event)
	if ctx.Err() != nil && answer.status == 0 {
		return false // the process stops; the event is sent again
	}
	recording, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	if answer.status >= 200 && answer.status < 300 {
		o.measure(Sent)
		if err := o.store.Delivered(recording, hook.ID, event.EventID, answer.status); err != nil {
			o.log.WarnContext(ctx, "outbox: a delivery could not be recorded; it is sent again", "hook", hook.ID, "event", event.EventID, "error", err)
			return false
		}
		return true
	}
	outcome := Failed
	if answer.status != 0 {
		outcome = Refused
	}
	o.measure(outcome)
	disabled, expired, err := o.store.DeliveryFailed(recording, store.FailedDelivery{
		Hook: hook.ID, EventID: event.EventID, Status: answer.status, Trouble: answer.trouble,
		Again: max(Backoff(event.Attempts), answer.retryAfter), Pause: max(pause, answer.retryAfter), Gone: answer.status == http.StatusGone,
	})
	switch {
	case err != nil:
		o.log.WarnContext(ctx, "outbox: a failed delivery could not be recorded", "hook", hook.ID, "event", event.EventID, "error", err)
	case disabled:
		o.log.ErrorContext(ctx, "outbox: an endpoint is disabled, and is told nothing more: mend it, and enable it with `starter hooks enable`",
			"hook", hook.ID, "status", answer.status, "trouble", answer.trouble)
	case expired:
		o.log.ErrorContext(ctx, "outbox: an event is given up; `starter hooks resend` sends it again", "hook", hook.ID, "event", event.EventID)
	}
	return false
}

// pause is how long an endpoint is left alone after a failure.
const pause = 5 * time.Second

// Backoff returns how long after a try that failed an event is sent again, by how often it was
// sent: about as the Standard Webhooks specification recommends. Up to a fifth is added by
// chance, so that an endpoint that comes back is not asked for everything at once.
func Backoff(attempts int) time.Duration {
	steps := []time.Duration{
		5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 6 * time.Hour,
	}
	step := steps[min(max(attempts, 1), len(steps))-1]
	return step + rand.N(step/5) //nolint:gosec // spreads load, keeps no secret
}

// answer is what came of a try.
type answer struct {
	status     int // 0: no answer
	trouble    string
	retryAfter time.Duration
}

func (o *Outbox) post(ctx context.Context, hook store.DueHook, event store.Delivery) answer {
	if err := CheckURL(hook.URL, o.private); err != nil {
		return answer{trouble: err.Error()} // the configuration allowed it once
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, strings.NewReader(event.Body))
	if err != nil {
		return answer{trouble: "the address cannot be used"}
	}
	request.Header, err = Sign(hook.Secrets, event.EventID, time.Now(), []byte(event.Body))
	if err != nil {
		return answer{trouble: err.Error()}
	}
	ended := exchange.Begin(request)
	response, err := o.client.Do(request)
	if err != nil {
		ended(exchange.End{Trouble: "no reply"})
		return answer{trouble: troubleOf(err)}
	}
	// What an endpoint says may quote anything, so only the status is kept.
	_, _ = io.CopyN(io.Discard, response.Body, answerRead)
	_ = response.Body.Close()
	ended(exchange.End{Status: response.StatusCode})
	got := answer{status: response.StatusCode}
	if got.status < 200 || got.status >= 300 {
		got.trouble = "answered " + strconv.Itoa(got.status) + " " + http.StatusText(got.status)
		if got.status >= 300 && got.status < 400 {
			got.trouble += "; redirects are not followed"
		}
		got.retryAfter = exchange.RetryAfter(response.Header, time.Now())
	}
	return got
}

// troubleOf says in general why there was no answer: an error of the network may name more than
// a list should show.
func troubleOf(err error) string {
	switch {
	case errors.Is(err, exchange.ErrNotPublic):
		return exchange.ErrNotPublic.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer within " + sendTimeout.String()
	}
	return exchange.SafeCause(err).Error()
}

// userAgent names us.
const userAgent = "domainprovisioning"

// Sign returns the headers of an event. Each secret signs; whoever knows one of them can verify.
func Sign(secrets []domains.Secret, id string, at time.Time, body []byte) (http.Header, error) {
	var signatures []string
	for _, secret := range secrets {
		webhook, err := standardwebhooks.NewWebhook(secret.Reveal())
		if err != nil {
			return nil, errors.New("outbox: a secret of the endpoint cannot be read")
		}
		signature, err := webhook.Sign(id, at, body)
		if err != nil {
			return nil, errors.New("outbox: the event cannot be signed")
		}
		signatures = append(signatures, signature)
	}
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	header.Set("User-Agent", userAgent)
	header.Set(standardwebhooks.HeaderWebhookID, id)
	header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return header, nil
}

// drop removes what is kept for long enough: deliveries that are over, and what outside systems
// have said.
func (o *Outbox) drop(ctx context.Context) {
	for _, drop := range []func(context.Context, int) (bool, error){o.store.DropNews, o.store.DropQuotes} {
		for more := true; more && ctx.Err() == nil; {
			dropping, cancel := context.WithTimeout(ctx, storeTimeout)
			var err error
			more, err = drop(dropping, dropAtOnce)
			cancel()
			if err != nil && ctx.Err() == nil {
				o.log.WarnContext(ctx, "outbox: what is old could not be removed", "error", err)
			}
			more = more && err == nil
		}
	}
}
