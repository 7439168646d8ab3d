package realtimeregister

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"time"
)

// Form is the form of the digest that is encoded in Base64.
type Form int

// The forms. It is not certain which one the vendor uses.
const (
	Raw      Form = iota // the 32 bytes
	Hex                  // 64 hexadecimal characters
	BlankHex             // a blank, followed by the 64 characters
)

// Webhook says where and how notifications are pushed.
type Webhook struct {
	URL, Key string
	Form     Form
	// Client makes the requests; nil means one with a time-out of 10 s.
	Client *http.Client
	// Wait waits between attempts; nil means real time. It returns early if the context
	// ends.
	Wait func(ctx context.Context, d time.Duration)
}

// Pauses returns the pauses after each failed attempt.
func Pauses() []time.Duration {
	return []time.Duration{10 * time.Second, 30 * time.Second, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute}
}

// Delivery is one attempt to deliver a webhook.
type Delivery struct {
	Notification int64
	Status       int // 0: no answer
}

// Sign returns the header Signature for a body.
func Sign(key string, body []byte, form Form) string {
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = mac.Write(body)
	digest := mac.Sum(nil)
	switch form {
	case Hex:
		digest = []byte(hex.EncodeToString(digest))
	case BlankHex:
		digest = []byte(" " + hex.EncodeToString(digest))
	}
	return base64.StdEncoding.EncodeToString(digest)
}

// pusher is the state of the webhook delivery.
type pusher struct {
	webhook    Webhook
	news       chan struct{} // something to push, or a reason to try again
	stalled    bool
	alarms     int
	deliveries []Delivery
}

func newPusher(w Webhook) pusher {
	if w.Client == nil {
		w.Client = &http.Client{Timeout: 10 * time.Second}
	}
	if w.Wait == nil {
		w.Wait = wait
	}
	return pusher{webhook: w, news: make(chan struct{}, 1)}
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (p *pusher) wake() {
	select {
	case p.news <- struct{}{}:
	default:
	}
}

// SetWebhook sets the notification rule, as somebody would in the portal. Push must
// not be running yet.
func (s *Server) SetWebhook(w Webhook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.push = newPusher(w)
}

// Push delivers notifications one after another until the context ends. A notification
// that cannot be delivered blocks all later ones.
func (s *Server) Push(ctx context.Context) {
	for ctx.Err() == nil {
		if n := s.nextToPush(); n != nil && s.deliver(ctx, n) {
			continue
		}
		select {
		case <-ctx.Done():
		case <-s.push.news:
		}
	}
}

// nextToPush returns the oldest undelivered notification, or nil while the queue is
// stalled.
func (s *Server) nextToPush() *notification {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.push.stalled || s.push.webhook.URL == "" {
		return nil
	}
	for _, n := range s.state.notifications {
		if n.delivered == nil {
			return n
		}
	}
	return nil
}

// deliver makes the attempts, and stalls the queue if the last one fails.
func (s *Server) deliver(ctx context.Context, n *notification) bool {
	pauses := Pauses()
	for attempt := 0; ; attempt++ {
		if s.attempt(ctx, n) {
			return true
		}
		if attempt == len(pauses) || ctx.Err() != nil {
			break
		}
		s.push.webhook.Wait(ctx, pauses[attempt])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() == nil {
		s.push.stalled = true
		s.push.alarms++
	}
	return false
}

func (s *Server) attempt(ctx context.Context, n *notification) bool {
	s.mu.Lock()
	body := encode(n.document())
	s.mu.Unlock()
	status := s.post(ctx, body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.push.deliveries = append(s.push.deliveries, Delivery{n.id, status})
	if status != http.StatusOK && status != http.StatusCreated && status != http.StatusAccepted {
		return false
	}
	now := s.options.Now()
	n.delivered = &now
	return true
}

func (s *Server) post(ctx context.Context, body []byte) int {
	w := s.push.webhook
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return 0
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Signature", Sign(w.Key, body, w.Form))
	response, err := w.Client.Do(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// Resume restarts a stalled queue, as somebody would in the portal.
func (s *Server) Resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.push.stalled = false
	s.push.wake()
}

// Stalled reports whether the queue of webhooks is stalled, and how many alarms were
// mailed about it.
func (s *Server) Stalled() (stalled bool, alarms int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.push.stalled, s.push.alarms
}

// Deliveries lists the attempts to deliver webhooks.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Delivery(nil), s.push.deliveries...)
}
