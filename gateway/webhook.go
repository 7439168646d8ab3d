package gateway

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/store"
)

// Webhook reads callbacks by the Standard Webhooks specification (standardwebhooks.com,
// version 1.0). It is for registrars whose news come by mail or through a script of the
// operator. The id, timestamp and body are signed with HMAC-SHA256.
type Webhook struct {
	// secrets are the accepted keys. The first one signs.
	secrets [][]byte
}

// The three headers, and the largest accepted difference between a timestamp and now.
const (
	headerID        = "Webhook-Id"
	headerTimestamp = "Webhook-Timestamp"
	headerSignature = "Webhook-Signature"

	webhookWindow = 5 * time.Minute
	secretPrefix  = "whsec_"
	// maxSignatures bounds how many signatures of one callback are compared.
	maxSignatures = 10
)

// NewWebhook takes one or two secrets, each whsec_ followed by 24 to 64 bytes in base64.
func NewWebhook(secrets ...domains.Secret) (*Webhook, error) {
	var w Webhook
	for _, secret := range secrets {
		if secret.IsZero() {
			continue
		}
		encoded, ok := strings.CutPrefix(secret.Reveal(), secretPrefix)
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil || len(key) < 24 || len(key) > 64 {
			return nil, errors.New("must be whsec_ and 24 to 64 bytes in base64; `starter callback secret` generates one")
		}
		w.secrets = append(w.secrets, key)
	}
	if len(w.secrets) == 0 {
		return nil, errors.New("needs a secret")
	}
	return &w, nil
}

// NewWebhookSecret returns a secret of 32 random bytes.
func NewWebhookSecret() string {
	return store.NewWebhookSecret().Reveal()
}

// WebhookEvent is the body of such a callback.
type WebhookEvent struct {
	Type      string    `json:"type" jsonschema:"enum=registrar.operation,description=Always registrar.operation"`
	Timestamp time.Time `json:"timestamp,omitzero" jsonschema:"description=When it happened"`
	Data      struct {
		Domain    string `json:"domain,omitempty" jsonschema:"description=The domain name; this or reference is required"`
		Reference string `json:"reference,omitempty" jsonschema:"description=The registrar's id of the operation"`
		Status    string `json:"status,omitempty" jsonschema:"maxLength=60,description=The claimed outcome; recorded\\, not believed"`
	} `json:"data"`
}

// EventType is the only type of event.
const EventType = "registrar.operation"

// Sign returns the headers of a callback.
func (w *Webhook) Sign(id string, at time.Time, body []byte) http.Header {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	header.Set(headerID, id)
	header.Set(headerTimestamp, timestamp)
	header.Set(headerSignature, "v1,"+base64.StdEncoding.EncodeToString(sign(w.secrets[0], id, timestamp, body)))
	return header
}

func sign(key []byte, id, timestamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%s.%s.", id, timestamp)
	_, _ = mac.Write(body)
	return mac.Sum(nil)
}

// DecodeCallback verifies a callback and reads its notice. The errors are those of
// registrars.CallbackDecoder.
func (w *Webhook) DecodeCallback(callback registrars.Callback) (registrars.Notice, error) {
	if callback.Method != http.MethodPost {
		// The specification signs the body, so a query would not be signed.
		return registrars.Notice{}, registrars.ErrCallbackMethod
	}
	id, timestamp := callback.Header.Get(headerID), callback.Header.Get(headerTimestamp)
	if id == "" || !w.signed(callback.Header.Values(headerSignature), id, timestamp, callback.Body) {
		return registrars.Notice{}, registrars.ErrCallbackSignature
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return registrars.Notice{}, registrars.ErrCallbackStale
	}
	if age := callback.ReceivedAt.Sub(time.Unix(seconds, 0)); age > webhookWindow || age < -webhookWindow {
		return registrars.Notice{}, registrars.ErrCallbackStale
	}
	return readEvent(id, callback.Body)
}

// signed compares every signature with that of every secret and never stops early.
func (w *Webhook) signed(headers []string, id, timestamp string, body []byte) bool {
	expected := make([][]byte, len(w.secrets))
	for i, key := range w.secrets {
		expected[i] = sign(key, id, timestamp, body)
	}
	found, compared := 0, 0
	for one := range strings.FieldsSeq(strings.Join(headers, " ")) {
		encoded, ok := strings.CutPrefix(one, "v1,")
		if !ok || compared == maxSignatures {
			continue // another version, such as v1a, is for another kind of key
		}
		compared++
		signature, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			continue
		}
		for _, right := range expected {
			if hmac.Equal(signature, right) {
				found++
			}
		}
	}
	return found > 0
}

// readEvent reads a body whose signature was verified. It ignores unknown fields, which
// later versions may add.
func readEvent(id string, body []byte) (registrars.Notice, error) {
	var event WebhookEvent
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(&event); err != nil || event.Type != EventType {
		return registrars.Notice{}, registrars.ErrCallbackMalformed
	}
	notice := registrars.Notice{ID: id, Reference: event.Data.Reference, Claim: plainWord(event.Data.Status)}
	if event.Data.Domain != "" {
		name, err := domains.ParseName(event.Data.Domain)
		if err != nil {
			return registrars.Notice{}, registrars.ErrCallbackMalformed
		}
		notice.Domain = name
	}
	if notice.Domain.IsZero() && notice.Reference == "" {
		return registrars.Notice{}, registrars.ErrCallbackMalformed
	}
	return notice, nil
}

// plainWord reduces a claim to letters, digits and a few signs, because people see it.
func plainWord(text string) string {
	kept := strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == ' ', c == '-', c == '_', c == '.':
			return c
		}
		return -1
	}, text)
	return kept[:min(len(kept), maxClaim)]
}
